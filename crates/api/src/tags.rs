//! Hashtags: showing and following them.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::{featured_tags, tags};

use crate::Api;
use crate::auth::Person;
use crate::body::Params;
use crate::entities::FoundTag;
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};

/// Mounts the routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/v1/tags/{name}", web::get().to(show))
        .route("/v1/tags/{name}/follow", web::post().to(follow))
        .route("/v1/tags/{name}/unfollow", web::post().to(unfollow))
        .route("/v1/tags/{name}/feature", web::post().to(feature))
        .route("/v1/tags/{name}/unfeature", web::post().to(unfeature))
        .route("/v1/followed_tags", web::get().to(followed));
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
