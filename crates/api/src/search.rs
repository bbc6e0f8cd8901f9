//! Search, and the way to people of peers: `@name@host` with `resolve`.

use actix_web::{HttpResponse, web};
use corridor_app::search::{self, Query};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Api;
use crate::auth::Person;
use crate::body::{Params, flag, number, text};
use crate::entities::Search;
use crate::error::ApiResult;
use crate::routes::{Routes, says};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Search").get(
        "/v2/search",
        find,
        says("People, statuses and hashtags")
            .needs("read:search")
            .takes::<SearchParams>()
            .requires(&["q"])
            .gives::<Search>(),
    )
}

#[derive(Debug, Deserialize, JsonSchema)]
struct SearchParams {
    #[serde(default, deserialize_with = "text")]
    q: Option<String>,
    #[serde(default, rename = "type", deserialize_with = "text")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    resolve: Option<bool>,
    #[serde(default, deserialize_with = "number")]
    limit: Option<i64>,
    #[serde(default, deserialize_with = "number")]
    offset: Option<i64>,
}

async fn find(api: web::Data<Api>, person: Person, params: Params<SearchParams>) -> ApiResult {
    let viewer = person.needs("read:search")?;
    let Params(params) = params;
    let wanted = |kind: &str| match params.kind.as_deref() {
        None | Some("" | "None") => true,
        Some(only) => only == kind,
    };
    let query = Query {
        people: wanted("accounts"),
        posts: wanted("statuses"),
        tags: wanted("hashtags"),
        text: params.q.clone().unwrap_or_default(),
        resolve: params.resolve.unwrap_or(false),
        limit: params.limit.unwrap_or(20).clamp(1, 40),
        offset: params.offset.unwrap_or(0).max(0),
    };
    let found = search::search(&api.ctx, viewer, query).await?;
    Ok(HttpResponse::Ok().json(Search::of(&found, &person.links(&api))))
}
