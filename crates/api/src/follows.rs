//! Following: follow, unfollow, and the requests that wait for an answer.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::RelationshipView;
use corridor_app::follows::{self, FollowOptions};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag};
use crate::entities::{Account, Relationship};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Follows")
        .post(
            "/v1/accounts/{id}/follow",
            follow,
            says("Follows somebody, or asks to; joins a group")
                .needs("write:follows")
                .takes::<FollowParams>()
                .gives::<Relationship>(),
        )
        .post(
            "/v1/accounts/{id}/unfollow",
            unfollow,
            says("Follows them no more").needs("write:follows").gives::<Relationship>(),
        )
        .post(
            "/v1/accounts/{id}/remove_from_followers",
            remove_follower,
            says("Turns a follower away").needs("write:follows").gives::<Relationship>(),
        )
        .get(
            "/v1/follow_requests",
            requests,
            says("Who asks to follow the caller").needs("read:follows").pages::<Account>(),
        )
        .post(
            "/v1/follow_requests/{id}/authorize",
            authorize,
            says("Lets them").needs("write:follows").gives::<Relationship>(),
        )
        .post(
            "/v1/follow_requests/{id}/reject",
            reject,
            says("Turns them down").needs("write:follows").gives::<Relationship>(),
        )
}

#[derive(Debug, Deserialize, JsonSchema)]
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
