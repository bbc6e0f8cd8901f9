//! Whom the caller wants to be notified by, and who waits to be accepted.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::Error;
use corridor_app::notifications::held::{self, Answer};
use corridor_domain::ActorId;
use corridor_domain::notice::Verdict;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, list, text};
use crate::entities::{Empty, Merged, NotificationPolicy, NotificationRequest};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};
use crate::{Api, ApiError};

/// Senders that are decided about in one call.
const MOST_AT_ONCE: usize = 100;

/// The routes. Fixed names come before `{id}`, and all before those of single notifications.
pub(crate) fn routes() -> Routes {
    Routes::of("Notification policy")
        .get(
            "/v2/notifications/policy",
            policy,
            says("Whom the caller wants to be notified by").needs("read:notifications").gives::<NotificationPolicy>(),
        )
        .patch(
            "/v2/notifications/policy",
            change_policy,
            says("Decides it").needs("write:notifications").takes::<PolicyParams>().gives::<NotificationPolicy>(),
        )
        .put(
            "/v2/notifications/policy",
            change_policy,
            says("Decides it, as some clients do")
                .needs("write:notifications")
                .takes::<PolicyParams>()
                .gives::<NotificationPolicy>(),
        )
        .get(
            "/v1/notifications/requests",
            all,
            says("Who is held back").needs("read:notifications").pages::<NotificationRequest>(),
        )
        .get(
            "/v1/notifications/requests/merged",
            merged,
            says("Whether what was accepted is there").needs("read:notifications").gives::<Merged>(),
        )
        .post(
            "/v1/notifications/requests/accept",
            accept_all,
            says("Accepts several").needs("write:notifications").takes::<Ids>().done(),
        )
        .post(
            "/v1/notifications/requests/dismiss",
            dismiss_all,
            says("Dismisses several").needs("write:notifications").takes::<Ids>().done(),
        )
        .get(
            "/v1/notifications/requests/{id}",
            show,
            says("One of them").needs("read:notifications").gives::<NotificationRequest>(),
        )
        .post("/v1/notifications/requests/{id}/accept", accept, says("Accepts one").needs("write:notifications").done())
        .post(
            "/v1/notifications/requests/{id}/dismiss",
            dismiss,
            says("Dismisses one").needs("write:notifications").done(),
        )
}

async fn policy(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("read:notifications")?;
    Ok(HttpResponse::Ok().json(NotificationPolicy::of(&held::policy(&api.ctx, viewer).await?)))
}

#[derive(Debug, Deserialize, JsonSchema)]
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
    Ok(HttpResponse::Ok().json(NotificationPolicy::of(&decided.await?)))
}

async fn all(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    let viewer = person.needs("read:notifications")?;
    let slice = held::requests(&api.ctx, viewer, page.0.page(40, 80)).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |one| NotificationRequest::of(one, links)))
}

/// Accepting merges at once.
async fn merged(person: Person) -> ApiResult {
    person.needs("read:notifications")?;
    Ok(HttpResponse::Ok().json(Merged { merged: true }))
}

async fn show(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:notifications")?;
    let found = held::request(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(NotificationRequest::of(&found, &person.links(&api))))
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
    Ok(HttpResponse::Ok().json(Empty {}))
}

#[derive(Debug, Deserialize, JsonSchema)]
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
    Ok(HttpResponse::Ok().json(Empty {}))
}
