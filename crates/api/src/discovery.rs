//! Meeting people: suggestions, the directory, familiar followers.

use actix_web::{HttpResponse, web};
use corridor_app::discovery::{self, Directory, SuggestionView};
use corridor_app::media::Links;
use corridor_domain::ActorId;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, list, number, text};
use crate::entities::Account;
use crate::error::ApiResult;

/// Mounts the routes; before those of accounts, since a fixed name comes before `{id}`.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/v1/accounts/familiar_followers", web::get().to(familiar_followers))
        .route("/v2/suggestions", web::get().to(suggestions))
        .route("/v1/suggestions", web::get().to(suggested_accounts))
        .route("/v1/suggestions/{id}", web::delete().to(dismiss))
        .route("/v1/directory", web::get().to(directory));
}

#[derive(Debug, Deserialize)]
struct Ids {
    #[serde(default, deserialize_with = "list")]
    id: Vec<String>,
}

/// <https://docs.joinmastodon.org/entities/FamiliarFollowers/>
async fn familiar_followers(api: web::Data<Api>, person: Person, ids: Params<Ids>) -> ApiResult {
    let viewer = person.needs("read:follows")?;
    let ids: Vec<ActorId> = ids.0.id.iter().take(40).filter_map(|id| id.parse().ok()).collect();
    let found = discovery::familiar_followers(&api.ctx, viewer, ids).await?;
    let links = &person.links(&api);
    let entity = |(id, people): &(ActorId, Vec<corridor_app::PersonView>)| {
        let accounts: Vec<Account> = people.iter().map(|person| Account::of(person, links)).collect();
        json!({ "id": id.to_string(), "accounts": accounts })
    };
    Ok(HttpResponse::Ok().json(found.iter().map(entity).collect::<Vec<_>>()))
}

#[derive(Debug, Deserialize)]
struct SuggestionsParams {
    #[serde(default, deserialize_with = "number")]
    limit: Option<i64>,
}

impl SuggestionsParams {
    fn limit(&self) -> usize {
        usize::try_from(self.limit.unwrap_or(40).clamp(1, 80)).unwrap_or(40)
    }
}

/// <https://docs.joinmastodon.org/entities/Suggestion/>
fn entity(links: &Links, suggestion: &SuggestionView) -> Value {
    let mut sources = Vec::new();
    if suggestion.ties.through > 0 {
        sources.push("friends_of_friends");
    }
    if suggestion.ties.groups > 0 {
        // Ours: Mastodon knows no groups.
        sources.push("same_groups");
    }
    let account = Account::of(&suggestion.person, links);
    // The older word has none that fits better.
    json!({ "source": "global", "sources": sources, "account": account })
}

async fn suggestions(api: web::Data<Api>, person: Person, params: Params<SuggestionsParams>) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let found = discovery::suggestions(&api.ctx, viewer, params.0.limit()).await?;
    let links = &person.links(&api);
    Ok(HttpResponse::Ok().json(found.iter().map(|one| entity(links, one)).collect::<Vec<_>>()))
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
    Ok(HttpResponse::Ok().json(json!({})))
}

#[derive(Debug, Deserialize)]
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
