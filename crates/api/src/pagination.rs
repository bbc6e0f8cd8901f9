//! Paging by `Link` headers, the way Mastodon clients follow it: absolute URLs, other parameters kept.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse};
use corridor_app::Slice;
use corridor_domain::Page;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Api;
use crate::body::{number, text};

/// The paging parameters of a list.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(crate) struct PageParams {
    #[serde(default, deserialize_with = "text")]
    max_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    since_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    min_id: Option<String>,
    #[serde(default, deserialize_with = "number")]
    limit: Option<i64>,
}

impl PageParams {
    /// Whether everything is asked for at once, where a list offers that: `limit=0`.
    pub(crate) fn wants_all(&self) -> bool {
        self.limit == Some(0)
    }

    /// The page asked for, with at most `most` entries and `usual` when nothing was said.
    ///
    /// A bound that is no number bounds nothing, as in Mastodon.
    pub(crate) fn page(&self, usual: i64, most: i64) -> Page {
        let id = |text: &Option<String>| text.as_deref().and_then(|text| text.trim().parse::<i64>().ok());
        Page {
            max_id: id(&self.max_id),
            since_id: id(&self.since_id),
            min_id: id(&self.min_id),
            limit: self.limit.unwrap_or(usual).clamp(1, most),
        }
    }
}

/// Answers with a list and the `Link` header that leads on.
pub(crate) fn answer<T, E: Serialize>(
    api: &Api,
    request: &HttpRequest,
    slice: &Slice<T>,
    entity: impl FnMut(&T) -> E,
) -> HttpResponse {
    let entities: Vec<E> = slice.items.iter().map(entity).collect();
    answer_with(api, request, slice, &entities)
}

/// As [`answer`], where a list is part of what is answered.
pub(crate) fn answer_with<T>(
    api: &Api,
    request: &HttpRequest,
    slice: &Slice<T>,
    whole: &impl Serialize,
) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if let (Some(first), Some(last)) = (slice.first, slice.last) {
        response.insert_header((header::LINK, link(api, request, first, last)));
    }
    response.json(whole)
}

fn link(api: &Api, request: &HttpRequest, first: i64, last: i64) -> String {
    let url = |name: &str, id: i64| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (key, value) in url::form_urlencoded::parse(request.query_string().as_bytes()) {
            if !matches!(key.as_ref(), "max_id" | "since_id" | "min_id") {
                query.append_pair(&key, &value);
            }
        }
        query.append_pair(name, &id.to_string());
        api.url(&format!("{}?{}", request.path().trim_end_matches('/'), query.finish()))
    };
    format!("<{}>; rel=\"next\", <{}>; rel=\"prev\"", url("max_id", last), url("min_id", first))
}
