//! Notifications: what the caller is told, one by one.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::NotificationKind;
use corridor_app::notifications::{self, NotificationFilter};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, list, text};
use crate::entities::{Count, Empty, Notification};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};
use crate::{Api, ApiError};

/// The routes. Fixed names come before `{id}`.
pub(crate) fn routes() -> Routes {
    Routes::of("Notifications")
        .get(
            "/v1/notifications",
            all,
            says("The caller's notifications")
                .needs("read:notifications")
                .takes::<ListParams>()
                .pages::<Notification>(),
        )
        .get(
            "/v1/notifications/unread_count",
            unread_count,
            says("How many are unread").needs("read:notifications").gives::<Count>(),
        )
        .post("/v1/notifications/clear", clear, says("Removes all").needs("write:notifications").done())
        .get("/v1/notifications/{id}", show, says("One of them").needs("read:notifications").gives::<Notification>())
        .post("/v1/notifications/{id}/dismiss", dismiss, says("Removes it").needs("write:notifications").done())
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ListParams {
    #[serde(flatten)]
    page: PageParams,
    #[serde(flatten)]
    kinds: Kinds,
}

/// Which notifications are wanted.
#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct Kinds {
    #[serde(default, deserialize_with = "list")]
    types: Vec<String>,
    #[serde(default, deserialize_with = "list")]
    exclude_types: Vec<String>,
    #[serde(default, deserialize_with = "text")]
    account_id: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    include_filtered: Option<bool>,
}

impl Kinds {
    /// `None` when only kinds that don't exist here are asked for.
    pub(crate) fn filter(&self) -> Result<Option<NotificationFilter>, ApiError> {
        let only = kinds(&self.types);
        // Stock clients don't know what groups and connections tell; who does asks for it.
        let unasked = NotificationKind::OURS.into_iter().filter(|kind| !only.contains(kind));
        let except = kinds(&self.exclude_types).into_iter().chain(unasked).collect();
        let from = self.account_id.as_deref().map(path_id).transpose()?;
        let is_something = self.types.is_empty() || !only.is_empty();
        Ok(is_something.then_some(NotificationFilter {
            only,
            except,
            from,
            with_held: self.include_filtered == Some(true),
        }))
    }
}

async fn all(api: web::Data<Api>, request: HttpRequest, person: Person, params: Params<ListParams>) -> ApiResult {
    let viewer = person.needs("read:notifications")?;
    let Params(params) = params;
    let Some(filter) = params.kinds.filter()? else {
        return Ok(HttpResponse::Ok().json([(); 0]));
    };
    let slice = notifications::list(&api.ctx, viewer, filter, params.page.page(40, 80)).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |notification| Notification::of(notification, links)))
}

/// The kinds of these words; one that isn't known here names no notification.
pub(crate) fn kinds(words: &[String]) -> Vec<NotificationKind> {
    NotificationKind::ALL.into_iter().filter(|kind| words.iter().any(|word| word == kind.word())).collect()
}

async fn show(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:notifications")?;
    let notification = notifications::show(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Notification::of(&notification, &person.links(&api))))
}

async fn dismiss(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:notifications")?;
    notifications::dismiss(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
}

async fn clear(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("write:notifications")?;
    notifications::clear(&api.ctx, viewer).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
}

async fn unread_count(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("read:notifications")?;
    let count = notifications::unread_count(&api.ctx, viewer).await?;
    Ok(HttpResponse::Ok().json(Count { count }))
}
