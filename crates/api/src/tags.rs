//! Hashtags: showing and following them.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::{featured_tags, tags};

use crate::Api;
use crate::auth::Person;
use crate::body::Params;
use crate::entities::FoundTag;
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Tags")
        .get("/v1/tags/{name}", show, says("A hashtag").needs("read:statuses").gives::<FoundTag>())
        .post("/v1/tags/{name}/follow", follow, says("Follows it").needs("write:follows").gives::<FoundTag>())
        .post(
            "/v1/tags/{name}/unfollow",
            unfollow,
            says("Follows it no more").needs("write:follows").gives::<FoundTag>(),
        )
        .post(
            "/v1/tags/{name}/feature",
            feature,
            says("Shows it on the caller's profile").needs("write:accounts").gives::<FoundTag>(),
        )
        .post(
            "/v1/tags/{name}/unfeature",
            unfeature,
            says("Shows it no more").needs("write:accounts").gives::<FoundTag>(),
        )
        .get(
            "/v1/followed_tags",
            followed,
            says("The tags that the caller follows").needs("read:follows").pages::<FoundTag>(),
        )
}

fn answer(api: &Api, tag: &tags::FollowedTag) -> ApiResult {
    Ok(HttpResponse::Ok().json(FoundTag::known(tag, &api.ctx.settings.addresses)))
}

async fn show(api: web::Data<Api>, person: Person, name: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    answer(&api, &tags::show(&api.ctx, viewer, &name).await?)
}

async fn follow(api: web::Data<Api>, person: Person, name: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:follows")?;
    answer(&api, &tags::follow(&api.ctx, viewer, &name).await?)
}

async fn unfollow(api: web::Data<Api>, person: Person, name: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:follows")?;
    answer(&api, &tags::unfollow(&api.ctx, viewer, &name).await?)
}

async fn feature(api: web::Data<Api>, person: Person, name: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    answer(&api, &featured_tags::feature(&api.ctx, viewer, &name).await?)
}

async fn unfeature(api: web::Data<Api>, person: Person, name: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    answer(&api, &featured_tags::unfeature(&api.ctx, viewer, &name).await?)
}

async fn followed(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    let viewer = person.needs("read:follows")?;
    let slice = tags::followed(&api.ctx, viewer, page.0.page(100, 200)).await?;
    let addresses = &api.ctx.settings.addresses;
    Ok(pagination::answer(&api, &request, &slice, |tag| FoundTag::known(tag, addresses)))
}
