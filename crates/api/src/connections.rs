//! Connections, which are ours: ask, answer, end, and who is connected with the caller.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::RelationshipView;
use corridor_app::connections::{self, Which};
use serde::Deserialize;

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, text};
use crate::entities::{Connection, Relationship};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};

/// Mounts the routes. Fixed names come before `{id}`.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/v1/connections", web::get().to(connected))
        .route("/v1/connections/requests", web::get().to(to_answer))
        .route("/v1/connections/waiting", web::get().to(waiting))
        .route("/v1/connections/requests/{id}/authorize", web::post().to(authorize))
        .route("/v1/connections/requests/{id}/reject", web::post().to(reject))
        .route("/v1/accounts/{id}/connect", web::post().to(connect))
        .route("/v1/accounts/{id}/disconnect", web::post().to(disconnect));
}

async fn connected(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    list(&api, &request, &person, Which::Connected, &page.0).await
}

async fn to_answer(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    list(&api, &request, &person, Which::ToAnswer, &page.0).await
}

async fn waiting(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    list(&api, &request, &person, Which::Waiting, &page.0).await
}

async fn list(api: &Api, request: &HttpRequest, person: &Person, which: Which, page: &PageParams) -> ApiResult {
    let viewer = person.needs("read:follows")?;
    let slice = connections::list(&api.ctx, viewer, which, page.page(40, 80)).await?;
    let links = &person.links(api);
    Ok(pagination::answer(api, request, &slice, |connection| Connection::of(connection, links)))
}

#[derive(Debug, Deserialize)]
struct ConnectParams {
    #[serde(default, deserialize_with = "text")]
    note: Option<String>,
}

async fn connect(
    api: web::Data<Api>,
    person: Person,
    id: web::Path<String>,
    params: Params<ConnectParams>,
) -> ApiResult {
    let viewer = person.needs("write:follows")?;
    let note = params.0.note.unwrap_or_default();
    answer(&connections::ask(&api.ctx, viewer, path_id(&id)?, &note).await?)
}

async fn disconnect(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:follows")?;
    answer(&connections::end(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn authorize(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:follows")?;
    answer(&connections::accept(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn reject(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:follows")?;
    answer(&connections::turn_down(&api.ctx, viewer, path_id(&id)?).await?)
}

fn answer(view: &RelationshipView) -> ApiResult {
    Ok(HttpResponse::Ok().json(Relationship::of(view)))
}
