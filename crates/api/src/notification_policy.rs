//! Whom the caller wants to be notified by, and who waits to be accepted.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::Error;
use corridor_app::media::Links;
use corridor_app::notifications::held::{self, Answer, PolicyView, RequestView};
use corridor_domain::ActorId;
use corridor_domain::notice::Verdict;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, list, text};
use crate::entities::{Account, Status};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::{Api, ApiError};

/// Senders that are decided about in one call.
const MOST_AT_ONCE: usize = 100;

/// Mounts the routes. Fixed names come before `{id}`, and all before those of single notifications.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/v2/notifications/policy")
                .route(web::get().to(policy))
                .route(web::patch().to(change_policy))
                // Mastodon takes both, and masto sends this one.
                .route(web::put().to(change_policy)),
        )
        .route("/v1/notifications/requests", web::get().to(all))
        .route("/v1/notifications/requests/merged", web::get().to(merged))
        .route("/v1/notifications/requests/accept", web::post().to(accept_all))
        .route("/v1/notifications/requests/dismiss", web::post().to(dismiss_all))
        .route("/v1/notifications/requests/{id}", web::get().to(show))
        .route("/v1/notifications/requests/{id}/accept", web::post().to(accept))
        .route("/v1/notifications/requests/{id}/dismiss", web::post().to(dismiss));
}

/// <https://docs.joinmastodon.org/entities/NotificationPolicy/>
fn policy_entity(view: &PolicyView) -> Value {
    json!({
        "for_not_following": view.policy.not_following.word(),
        "for_not_followers": view.policy.not_followers.word(),
        "for_new_accounts": view.policy.new_accounts.word(),
        "for_private_mentions": view.policy.private_mentions.word(),
        "for_limited_accounts": view.policy.limited_accounts.word(),
        "summary": {
            "pending_requests_count": view.waiting_people.min(100),
            "pending_notifications_count": view.waiting,
        },
    })
}

async fn policy(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("read:notifications")?;
    Ok(HttpResponse::Ok().json(policy_entity(&held::policy(&api.ctx, viewer).await?)))
}

#[derive(Debug, Deserialize)]
struct PolicyParams {
    #[serde(default, deserialize_with = "text")]
    for_not_following: Option<String>,
    #[serde(default, deserialize_with = "text")]
    for_not_followers: Option<String>,
    #[serde(default, deserialize_with = "text")]
    for_new_accounts: Option<String>,
    #[serde(default, deserialize_with = "text")]
    for_private_mentions: Option<String>,
    #[serde(default, deserialize_with = "text")]
    for_limited_accounts: Option<String>,
}

fn verdict(word: Option<&str>) -> Result<Option<Verdict>, ApiError> {
    let word = word.filter(|word| !word.is_empty() && *word != "None");
    Ok(word
        .map(|word| word.parse().map_err(|error| Error::invalid(format!("Validation failed: {error}"))))
        .transpose()?)
}

async fn change_policy(api: web::Data<Api>, person: Person, params: Params<PolicyParams>) -> ApiResult {
    let viewer = person.needs("write:notifications")?;
    let Params(params) = params;
    let not_following = verdict(params.for_not_following.as_deref())?;
    let not_followers = verdict(params.for_not_followers.as_deref())?;
    let new_accounts = verdict(params.for_new_accounts.as_deref())?;
    let private_mentions = verdict(params.for_private_mentions.as_deref())?;
    let limited_accounts = verdict(params.for_limited_accounts.as_deref())?;
    let decided = held::decide(&api.ctx, viewer, move |mut policy| {
        policy.not_following = not_following.unwrap_or(policy.not_following);
        policy.not_followers = not_followers.unwrap_or(policy.not_followers);
        policy.new_accounts = new_accounts.unwrap_or(policy.new_accounts);
        policy.private_mentions = private_mentions.unwrap_or(policy.private_mentions);
        policy.limited_accounts = limited_accounts.unwrap_or(policy.limited_accounts);
        policy
    });
    Ok(HttpResponse::Ok().json(policy_entity(&decided.await?)))
}

/// <https://docs.joinmastodon.org/entities/NotificationRequest/>
fn request_entity(view: &RequestView, links: &Links) -> Value {
    json!({
        "id": view.person.id.to_string(),
        "created_at": view.first_at.to_rfc3339(),
        "updated_at": view.last_at.to_rfc3339(),
        // Mastodon gives this number as a text.
        "notifications_count": view.count.to_string(),
        "account": Account::of(&view.person, links),
        "last_status": view.last_post.as_ref().map(|post| Status::of(post, links)),
    })
}

async fn all(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    let viewer = person.needs("read:notifications")?;
    let slice = held::requests(&api.ctx, viewer, page.0.page(40, 80)).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |one| request_entity(one, links)))
}

/// Accepting merges at once.
async fn merged(person: Person) -> ApiResult {
    person.needs("read:notifications")?;
    Ok(HttpResponse::Ok().json(json!({ "merged": true })))
}

async fn show(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:notifications")?;
    let found = held::request(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(request_entity(&found, &person.links(&api))))
}

async fn accept(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    one(&api, &person, &id, Answer::Accept).await
}

async fn dismiss(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    one(&api, &person, &id, Answer::Dismiss).await
}

async fn one(api: &Api, person: &Person, id: &str, answer: Answer) -> ApiResult {
    let viewer = person.needs("write:notifications")?;
    held::answer(&api.ctx, viewer, path_id(id)?, answer).await?;
    Ok(HttpResponse::Ok().json(json!({})))
}

#[derive(Debug, Deserialize)]
struct Ids {
    #[serde(default, deserialize_with = "list")]
    id: Vec<String>,
}

async fn accept_all(api: web::Data<Api>, person: Person, ids: Params<Ids>) -> ApiResult {
    several(&api, &person, &ids.0, Answer::Accept).await
}

async fn dismiss_all(api: web::Data<Api>, person: Person, ids: Params<Ids>) -> ApiResult {
    several(&api, &person, &ids.0, Answer::Dismiss).await
}

async fn several(api: &Api, person: &Person, ids: &Ids, answer: Answer) -> ApiResult {
    let viewer = person.needs("write:notifications")?;
    if ids.id.len() > MOST_AT_ONCE {
        return Err(Error::invalid(format!("At most {MOST_AT_ONCE} can be answered at once")).into());
    }
    let from: Vec<ActorId> = ids.id.iter().filter_map(|id| id.parse().ok()).collect();
    held::answer_all(&api.ctx, viewer, from, answer).await?;
    Ok(HttpResponse::Ok().json(json!({})))
}
