//! Meeting people: suggestions, the directory, familiar followers.

use actix_web::{HttpResponse, web};
use corridor_app::discovery::{self, Directory};
use corridor_domain::ActorId;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, list, number, text};
use crate::entities::{Account, Empty, FamiliarFollowers, Suggestion};
use crate::error::ApiResult;
use crate::routes::{Routes, says};

/// The routes. Before those of accounts, since a fixed name comes before `{id}`.
pub(crate) fn routes() -> Routes {
    Routes::of("Meeting people")
        .get(
            "/v1/accounts/familiar_followers",
            familiar_followers,
            says("Whom the caller follows of those who follow others")
                .needs("read:follows")
                .takes::<Ids>()
                .gives::<Vec<FamiliarFollowers>>(),
        )
        .get(
            "/v2/suggestions",
            suggestions,
            says("People to follow, and why")
                .needs("read:accounts")
                .takes::<SuggestionsParams>()
                .gives::<Vec<Suggestion>>(),
        )
        .get(
            "/v1/suggestions",
            suggested_accounts,
            says("People to follow").needs("read:accounts").takes::<SuggestionsParams>().gives::<Vec<Account>>(),
        )
        .delete("/v1/suggestions/{id}", dismiss, says("Suggests somebody no more").needs("write:accounts").done())
        .get(
            "/v1/directory",
            directory,
            says("People who want to be found")
                .needs("read:accounts")
                .takes::<DirectoryParams>()
                .gives::<Vec<Account>>(),
        )
}

#[derive(Debug, Deserialize, JsonSchema)]
struct Ids {
    #[serde(default, deserialize_with = "list")]
    id: Vec<String>,
}

async fn familiar_followers(api: web::Data<Api>, person: Person, ids: Params<Ids>) -> ApiResult {
    let viewer = person.needs("read:follows")?;
    let ids: Vec<ActorId> = ids.0.id.iter().take(40).filter_map(|id| id.parse().ok()).collect();
    let found = discovery::familiar_followers(&api.ctx, viewer, ids).await?;
    let links = &person.links(&api);
    let entities = found.iter().map(|(id, people)| FamiliarFollowers::of(*id, people, links));
    Ok(HttpResponse::Ok().json(entities.collect::<Vec<_>>()))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct SuggestionsParams {
    #[serde(default, deserialize_with = "number")]
    limit: Option<i64>,
}

impl SuggestionsParams {
    fn limit(&self) -> usize {
        usize::try_from(self.limit.unwrap_or(40).clamp(1, 80)).unwrap_or(40)
    }
}

async fn suggestions(api: web::Data<Api>, person: Person, params: Params<SuggestionsParams>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let found = discovery::suggestions(&api.ctx, viewer, params.0.limit()).await?;
    let links = &person.links(&api);
    Ok(HttpResponse::Ok().json(found.iter().map(|one| Suggestion::of(one, links)).collect::<Vec<_>>()))
}

async fn suggested_accounts(api: web::Data<Api>, person: Person, params: Params<SuggestionsParams>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let found = discovery::suggestions(&api.ctx, viewer, params.0.limit()).await?;
    let links = &person.links(&api);
    Ok(HttpResponse::Ok().json(found.iter().map(|one| Account::of(&one.person, links)).collect::<Vec<_>>()))
}

async fn dismiss(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    discovery::dismiss(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct DirectoryParams {
    #[serde(default, deserialize_with = "number")]
    offset: Option<i64>,
    #[serde(default, deserialize_with = "number")]
    limit: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    order: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    local: Option<bool>,
}

async fn directory(api: web::Data<Api>, person: Person, params: Params<DirectoryParams>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let Params(params) = params;
    let wanted = Directory {
        newest: params.order.as_deref() == Some("new"),
        local: params.local.unwrap_or(false),
        limit: params.limit.unwrap_or(40).clamp(1, 80),
        offset: params.offset.unwrap_or(0).max(0),
    };
    let found = discovery::directory(&api.ctx, viewer, wanted).await?;
    let links = &person.links(&api);
    Ok(HttpResponse::Ok().json(found.iter().map(|person| Account::of(person, links)).collect::<Vec<_>>()))
}
