//! Lists: the caller's, who is on them, and what they show.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::lists::{self, ListEdit, ListView};
use corridor_app::{Error, timelines};
use corridor_domain::ActorId;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, list, text};
use crate::entities::{Account, Empty, List, Status};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};
use crate::{Api, ApiError};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Lists")
        .get("/v1/lists", all, says("The caller's lists").needs("read:lists").gives::<Vec<List>>())
        .post(
            "/v1/lists",
            make,
            says("Makes one").needs("write:lists").takes::<ListParams>().requires(&["title"]).gives::<List>(),
        )
        .get("/v1/lists/{id}", show, says("One of them").needs("read:lists").gives::<List>())
        .put("/v1/lists/{id}", change, says("Changes it").needs("write:lists").takes::<ListParams>().gives::<List>())
        .delete("/v1/lists/{id}", delete, says("Deletes it").needs("write:lists").done())
        .get("/v1/lists/{id}/accounts", members, says("Who is on it").needs("read:lists").pages::<Account>())
        .post(
            "/v1/lists/{id}/accounts",
            add,
            says("Puts people on it").needs("write:lists").takes::<MembersParams>().requires(&["account_ids"]).done(),
        )
        .delete(
            "/v1/lists/{id}/accounts",
            remove,
            says("Takes people off it").needs("write:lists").takes::<MembersParams>().requires(&["account_ids"]).done(),
        )
        .get("/v1/timelines/list/{id}", timeline, says("What those on it wrote").needs("read:lists").pages::<Status>())
        .get(
            "/v1/accounts/{id}/lists",
            holding,
            says("The caller's lists that somebody is on").needs("read:lists").gives::<Vec<List>>(),
        )
}

#[derive(Debug, Deserialize, JsonSchema)]
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
    Ok(HttpResponse::Ok().json(Empty {}))
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

#[derive(Debug, Deserialize, JsonSchema)]
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
    Ok(HttpResponse::Ok().json(Empty {}))
}

async fn remove(api: web::Data<Api>, person: Person, id: web::Path<String>, who: Params<MembersParams>) -> ApiResult {
    let viewer = person.needs("write:lists")?;
    lists::remove(&api.ctx, viewer, path_id(&id)?, who.0.ids()?).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
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
