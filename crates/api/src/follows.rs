//! Following: follow, unfollow, and the requests that wait for an answer.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::RelationshipView;
use corridor_app::follows::{self, FollowOptions};
use serde::Deserialize;

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag};
use crate::entities::{Account, Relationship};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};

/// Mounts the routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/v1/accounts/{id}/follow", web::post().to(follow))
        .route("/v1/accounts/{id}/unfollow", web::post().to(unfollow))
        .route("/v1/accounts/{id}/remove_from_followers", web::post().to(remove_follower))
        .route("/v1/follow_requests", web::get().to(requests))
        .route("/v1/follow_requests/{id}/authorize", web::post().to(authorize))
        .route("/v1/follow_requests/{id}/reject", web::post().to(reject));
}

#[derive(Debug, Deserialize)]
struct FollowParams {
    #[serde(default, deserialize_with = "flag")]
    reblogs: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    notify: Option<bool>,
}

async fn follow(api: web::Data<Api>, person: Person, id: web::Path<String>, params: Params<FollowParams>) -> ApiResult {
    let viewer = person.needs("write:follows")?;
    let options = FollowOptions { show_boosts: params.0.reblogs, notify: params.0.notify };
    answer(follows::follow(&api.ctx, viewer, path_id(&id)?, options).await?)
}

async fn unfollow(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:follows")?;
    answer(follows::unfollow(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn remove_follower(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:follows")?;
    answer(follows::remove_follower(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn requests(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    let viewer = person.needs("read:follows")?;
    let slice = follows::requests(&api.ctx, viewer, page.0.page(40, 80)).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |person| Account::of(person, links)))
}

async fn authorize(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:follows")?;
    answer(follows::accept_request(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn reject(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:follows")?;
    answer(follows::reject_request(&api.ctx, viewer, path_id(&id)?).await?)
}

fn answer(view: RelationshipView) -> ApiResult {
    Ok(HttpResponse::Ok().json(Relationship::of(&view)))
}
