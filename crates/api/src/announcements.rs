//! Announcements: what those who run the node tell everyone on it.

use actix_web::{HttpResponse, web};
use corridor_app::announcements;

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::entities::{Announcement, Empty};
use crate::error::ApiResult;
use crate::routes::{Routes, says};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Announcements")
        .get(
            "/v1/announcements",
            all,
            says("What those who run the node tell everyone").needs("read:accounts").gives::<Vec<Announcement>>(),
        )
        .post("/v1/announcements/{id}/dismiss", dismiss, says("Marks one as read").needs("write:accounts").done())
        .put(
            "/v1/announcements/{id}/reactions/{name}",
            react,
            says("Adds an emoji to one").needs("write:favourites").done(),
        )
        .delete(
            "/v1/announcements/{id}/reactions/{name}",
            unreact,
            says("Takes an emoji back").needs("write:favourites").done(),
        )
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
    Ok(HttpResponse::Ok().json(Empty {}))
}

async fn react(api: web::Data<Api>, person: Person, path: web::Path<(String, String)>) -> ApiResult {
    let viewer = person.needs("write:favourites")?;
    announcements::react(&api.ctx, viewer, path_id(&path.0)?, &path.1).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
}

async fn unreact(api: web::Data<Api>, person: Person, path: web::Path<(String, String)>) -> ApiResult {
    let viewer = person.needs("write:favourites")?;
    announcements::unreact(&api.ctx, viewer, path_id(&path.0)?, &path.1).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
}
