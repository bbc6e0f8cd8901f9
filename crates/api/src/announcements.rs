//! Announcements: what those who run the node tell everyone on it.

use actix_web::{HttpResponse, web};
use corridor_app::announcements;
use serde_json::json;

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::entities::Announcement;
use crate::error::ApiResult;

/// Mounts the routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/v1/announcements", web::get().to(all))
        .route("/v1/announcements/{id}/dismiss", web::post().to(dismiss))
        .service(
            web::resource("/v1/announcements/{id}/reactions/{name}")
                .route(web::put().to(react))
                .route(web::delete().to(unreact)),
        );
}

async fn all(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let found = announcements::all(&api.ctx, viewer).await?;
    let links = &person.links(&api);
    Ok(HttpResponse::Ok().json(found.iter().map(|one| Announcement::of(one, links)).collect::<Vec<_>>()))
}

async fn dismiss(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:accounts")?;
    announcements::dismiss(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(json!({})))
}

async fn react(api: web::Data<Api>, person: Person, path: web::Path<(String, String)>) -> ApiResult {
    let viewer = person.needs("write:favourites")?;
    announcements::react(&api.ctx, viewer, path_id(&path.0)?, &path.1).await?;
    Ok(HttpResponse::Ok().json(json!({})))
}

async fn unreact(api: web::Data<Api>, person: Person, path: web::Path<(String, String)>) -> ApiResult {
    let viewer = person.needs("write:favourites")?;
    announcements::unreact(&api.ctx, viewer, path_id(&path.0)?, &path.1).await?;
    Ok(HttpResponse::Ok().json(json!({})))
}
