//! Lists: the caller's, who is on them, and what they show.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::lists::{self, ListEdit, ListView};
use corridor_app::{Error, timelines};
use corridor_domain::ActorId;
use serde::Deserialize;
use serde_json::json;

use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, list, text};
use crate::entities::{Account, List};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::{Api, ApiError};

/// Mounts the routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/v1/lists").route(web::get().to(all)).route(web::post().to(make)))
        .service(
            web::resource("/v1/lists/{id}")
                .route(web::get().to(show))
                .route(web::put().to(change))
                .route(web::delete().to(delete)),
        )
        .service(
            web::resource("/v1/lists/{id}/accounts")
                .route(web::get().to(members))
                .route(web::post().to(add))
                .route(web::delete().to(remove)),
        )
        .route("/v1/timelines/list/{id}", web::get().to(timeline))
        .route("/v1/accounts/{id}/lists", web::get().to(holding));
}

#[derive(Debug, Deserialize)]
struct ListParams {
    #[serde(default, deserialize_with = "text")]
    title: Option<String>,
    #[serde(default, deserialize_with = "text")]
    replies_policy: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    exclusive: Option<bool>,
}

impl ListParams {
    fn edit(self) -> Result<ListEdit, ApiError> {
        let policy = self.replies_policy.as_deref().filter(|policy| !matches!(*policy, "" | "None"));
        let replies = policy.map(str::parse).transpose().map_err(Error::invalid)?;
        Ok(ListEdit { title: self.title, replies, exclusive: self.exclusive })
    }
}

fn answer(view: &ListView) -> ApiResult {
    Ok(HttpResponse::Ok().json(List::of(view)))
}

fn answer_all(views: &[ListView]) -> ApiResult {
    Ok(HttpResponse::Ok().json(views.iter().map(List::of).collect::<Vec<_>>()))
}

async fn all(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("read:lists")?;
    answer_all(&lists::all(&api.ctx, viewer).await?)
}

async fn make(api: web::Data<Api>, person: Person, params: Params<ListParams>) -> ApiResult {
    let viewer = person.needs("write:lists")?;
    answer(&lists::make(&api.ctx, viewer, params.0.edit()?).await?)
}

async fn show(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:lists")?;
    answer(&lists::show(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn change(api: web::Data<Api>, person: Person, id: web::Path<String>, params: Params<ListParams>) -> ApiResult {
    let viewer = person.needs("write:lists")?;
    let id = path_id(&id)?;
    answer(&lists::change(&api.ctx, viewer, id, params.0.edit()?).await?)
}

async fn delete(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:lists")?;
    lists::delete(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(json!({})))
}

async fn members(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    id: web::Path<String>,
    page: Params<PageParams>,
) -> ApiResult {
    let viewer = person.needs("read:lists")?;
    let page = if page.0.wants_all() { None } else { Some(page.0.page(40, 80)) };
    let slice = lists::members(&api.ctx, viewer, path_id(&id)?, page).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |person| Account::of(person, links)))
}

#[derive(Debug, Deserialize)]
struct MembersParams {
    #[serde(default, deserialize_with = "list")]
    account_ids: Vec<String>,
}

impl MembersParams {
    fn ids(&self) -> Result<Vec<ActorId>, ApiError> {
        self.account_ids.iter().map(|id| path_id(id)).collect()
    }
}

async fn add(api: web::Data<Api>, person: Person, id: web::Path<String>, who: Params<MembersParams>) -> ApiResult {
    let viewer = person.needs("write:lists")?;
    lists::add(&api.ctx, viewer, path_id(&id)?, who.0.ids()?).await?;
    Ok(HttpResponse::Ok().json(json!({})))
}

async fn remove(api: web::Data<Api>, person: Person, id: web::Path<String>, who: Params<MembersParams>) -> ApiResult {
    let viewer = person.needs("write:lists")?;
    lists::remove(&api.ctx, viewer, path_id(&id)?, who.0.ids()?).await?;
    Ok(HttpResponse::Ok().json(json!({})))
}

async fn timeline(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    id: web::Path<String>,
    page: Params<PageParams>,
) -> ApiResult {
    let viewer = person.needs("read:lists")?;
    let slice = timelines::list(&api.ctx, viewer, path_id(&id)?, page.0.page(20, 40)).await?;
    crate::timelines::statuses(&api, &request, &person, &slice)
}

async fn holding(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:lists")?;
    answer_all(&lists::holding(&api.ctx, viewer, path_id(&id)?).await?)
}
