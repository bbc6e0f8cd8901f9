//! Search, and the way to people of peers: `@name@host` with `resolve`.

use actix_web::{HttpResponse, web};
use corridor_app::search::{self, Query};
use serde::Deserialize;
use serde_json::json;

use crate::Api;
use crate::auth::Person;
use crate::body::{Params, flag, number, text};
use crate::entities::{Account, FoundTag, Status};
use crate::error::ApiResult;

/// Mounts the routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.route("/v2/search", web::get().to(find));
}

#[derive(Debug, Deserialize)]
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
    let links = &person.links(&api);
    Ok(HttpResponse::Ok().json(json!({
        "accounts": found.people.iter().map(|person| Account::of(person, links)).collect::<Vec<_>>(),
        "statuses": found.posts.iter().map(|post| Status::of(post, links)).collect::<Vec<_>>(),
        "hashtags": found.tags.iter().map(|tag| FoundTag::known(&tag.tag, &links.addresses)).collect::<Vec<_>>(),
    })))
}
