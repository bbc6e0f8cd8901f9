//! Notifications in groups: what the caller is told, as one where many did the same.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::notifications::grouped::{self, GROUPED, GroupKey};
use corridor_app::{Error, NotificationKind};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::auth::Person;
use crate::body::{Params, list, text};
use crate::entities::{Account, Count, Empty, GroupedNotifications};
use crate::error::ApiResult;
use crate::notifications::{Kinds, kinds};
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};
use crate::{Api, ApiError};

/// The routes. Fixed names come before `{key}`.
pub(crate) fn routes() -> Routes {
    Routes::of("Notifications")
        .get(
            "/v2/notifications",
            all,
            says("The caller's notifications in groups")
                .needs("read:notifications")
                .takes::<GroupParams>()
                .paged_by_link()
                .gives::<GroupedNotifications>(),
        )
        .get(
            "/v2/notifications/unread_count",
            unread_count,
            says("How many groups are unread").needs("read:notifications").takes::<GroupParams>().gives::<Count>(),
        )
        .get(
            "/v2/notifications/{key}",
            show,
            says("One group").needs("read:notifications").gives::<GroupedNotifications>(),
        )
        .post("/v2/notifications/{key}/dismiss", dismiss, says("Removes it").needs("write:notifications").done())
        .get(
            "/v2/notifications/{key}/accounts",
            accounts,
            says("Who is in it").needs("read:notifications").pages::<Account>(),
        )
}

#[derive(Debug, Deserialize, JsonSchema)]
struct GroupParams {
    #[serde(flatten)]
    kinds: Kinds,
    #[serde(default, deserialize_with = "list")]
    grouped_types: Vec<String>,
    #[serde(default, deserialize_with = "text")]
    expand_accounts: Option<String>,
    #[serde(flatten)]
    page: PageParams,
}

impl GroupParams {
    /// What is told in groups: all that can be, where nothing is said.
    fn grouped(&self) -> Vec<NotificationKind> {
        if self.grouped_types.is_empty() {
            return GROUPED.to_vec();
        }
        kinds(&self.grouped_types).into_iter().filter(|kind| GROUPED.contains(kind)).collect()
    }

    /// Whether accounts are told in short.
    fn partial(&self) -> Result<bool, ApiError> {
        match self.expand_accounts.as_deref() {
            None | Some("" | "full") => Ok(false),
            Some("partial_avatars") => Ok(true),
            Some(_) => Err(Error::invalid("expand_accounts is full or partial_avatars").into()),
        }
    }
}

async fn all(api: web::Data<Api>, request: HttpRequest, person: Person, params: Params<GroupParams>) -> ApiResult {
    let viewer = person.needs("read:notifications")?;
    let Params(params) = params;
    let partial = params.partial()?;
    let links = &person.links(&api);
    // Only kinds that don't exist here were asked for.
    let Some(filter) = params.kinds.filter()? else {
        return Ok(HttpResponse::Ok().json(GroupedNotifications::default()));
    };
    let found = grouped::list(&api.ctx, viewer, filter, params.grouped(), params.page.page(40, 80)).await?;
    let whole = GroupedNotifications::of(&found, partial, links);
    Ok(pagination::answer_with(&api, &request, &found.groups, &whole))
}

fn key(text: &str) -> Result<GroupKey, ApiError> {
    Ok(text.parse::<GroupKey>()?)
}

async fn show(api: web::Data<Api>, person: Person, name: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:notifications")?;
    let found = grouped::show(&api.ctx, viewer, key(&name)?).await?;
    Ok(HttpResponse::Ok().json(GroupedNotifications::of(&found, false, &person.links(&api))))
}

async fn dismiss(api: web::Data<Api>, person: Person, name: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:notifications")?;
    grouped::dismiss(&api.ctx, viewer, key(&name)?).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
}

async fn accounts(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    name: web::Path<String>,
    page: Params<PageParams>,
) -> ApiResult {
    let viewer = person.needs("read:notifications")?;
    let slice = grouped::accounts(&api.ctx, viewer, key(&name)?, page.0.page(40, 80)).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |person| Account::of(person, links)))
}

async fn unread_count(api: web::Data<Api>, person: Person, params: Params<GroupParams>) -> ApiResult {
    let viewer = person.needs("read:notifications")?;
    let Params(params) = params;
    let most = params.page.page(100, 1000).limit;
    let count = match params.kinds.filter()? {
        Some(filter) => grouped::unread_count(&api.ctx, viewer, filter, params.grouped(), most).await?,
        None => 0,
    };
    Ok(HttpResponse::Ok().json(Count { count: i64::try_from(count).unwrap_or(i64::MAX) }))
}
