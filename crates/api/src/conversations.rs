//! Conversations: the caller's threads of posts to named people.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::conversations;

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::Params;
use crate::entities::{Conversation, Empty};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Conversations")
        .get("/v1/conversations", all, says("Threads for named people").needs("read:statuses").pages::<Conversation>())
        .delete("/v1/conversations/{id}", remove, says("Hides one from the caller").needs("write:conversations").done())
        .post(
            "/v1/conversations/{id}/read",
            read,
            says("Marks one as read").needs("write:conversations").gives::<Conversation>(),
        )
        .post(
            "/v1/conversations/{id}/unread",
            unread,
            says("Marks its last post as unread").needs("write:conversations").gives::<Conversation>(),
        )
}

async fn all(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    let slice = conversations::list(&api.ctx, viewer, page.0.page(20, 40)).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |one| Conversation::of(one, links)))
}

async fn read(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:conversations")?;
    let one = conversations::read(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Conversation::of(&one, &person.links(&api))))
}

/// Mastodon serves it without a page in its documents; masto calls it.
async fn unread(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:conversations")?;
    let one = conversations::unread(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Conversation::of(&one, &person.links(&api))))
}

async fn remove(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:conversations")?;
    conversations::remove(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
}
