//! Connections, which are ours: ask, answer, end, and who is connected with the caller.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::RelationshipView;
use corridor_app::connections::{self, Which};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, text};
use crate::entities::{Connection, Relationship};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};

/// The routes. Fixed names come before `{id}`.
pub(crate) fn routes() -> Routes {
    Routes::of("Connections")
        .get(
            "/v1/connections",
            connected,
            says("Whom the caller is connected to").needs("read:follows").pages::<Connection>(),
        )
        .get(
            "/v1/connections/requests",
            to_answer,
            says("Who asks to connect").needs("read:follows").pages::<Connection>(),
        )
        .get(
            "/v1/connections/waiting",
            waiting,
            says("Whom the caller has asked").needs("read:follows").pages::<Connection>(),
        )
        .post(
            "/v1/connections/requests/{id}/authorize",
            authorize,
            says("Connects").needs("write:follows").gives::<Relationship>(),
        )
        .post(
            "/v1/connections/requests/{id}/reject",
            reject,
            says("Turns somebody down").needs("write:follows").gives::<Relationship>(),
        )
        .post(
            "/v1/accounts/{id}/connect",
            connect,
            says("Asks to connect").needs("write:follows").takes::<ConnectParams>().gives::<Relationship>(),
        )
        .post(
            "/v1/accounts/{id}/disconnect",
            disconnect,
            says("Ends a connection, or takes the wish back").needs("write:follows").gives::<Relationship>(),
        )
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

#[derive(Debug, Deserialize, JsonSchema)]
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
