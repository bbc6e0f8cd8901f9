//! `GET /posts/{id}` and `GET /activities/{id}`: single things, shown only to a peer that may have them.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::outgoing;
use corridor_domain::PostId;
use corridor_domain::policy::Door;
use serde::Deserialize;
use serde_json::{Value, json};

use super::authorise::authorise;
use super::negotiate;
use crate::Node;
use crate::error::Error;
use crate::objects::note;

fn post_id(text: &str) -> Result<PostId, Error> {
    text.parse().map_err(|_| corridor_app::Error::NotFound("that").into())
}

/// A post. One that is not for this peer looks like one that is not there.
pub(super) async fn post(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Error> {
    let id = post_id(&id)?;
    // The page decides for itself who may read it, so the address alone tells nothing.
    let page = node.ctx.settings.addresses.staff_url(&format!("/@post/{id}"));
    if let Some(answer) = negotiate::not_for_peers(&request, &page) {
        return Ok(answer);
    }
    let peer = authorise(&request, &node, Door::SignedGet).await?;
    let post = outgoing::post_for_peer(&node.ctx, &peer, id).await?;
    if post.boost_of.is_some() {
        return Err(corridor_app::Error::NotFound("that").into());
    }
    Ok(if post.deleted {
        negotiate::gone(note::tombstone(&post))
    } else {
        negotiate::document(note::render(&post, &node.ctx.settings))
    })
}

/// The replies of our people to a post (FEP-7888).
pub(super) async fn replies(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Error> {
    let id = post_id(&id)?;
    if let Some(answer) = negotiate::not_for_peers(&request, &node.ctx.settings.addresses.staff_url("/")) {
        return Ok(answer);
    }
    let peer = authorise(&request, &node, Door::SignedGet).await?;
    let items = outgoing::replies_of(&node.ctx, &peer, id).await?;
    let uri = node.ctx.settings.addresses.federation_url(&format!("/posts/{id}/replies"));
    Ok(negotiate::document(json!({ "id": uri, "type": "Collection", "totalItems": items.len(), "items": items })))
}

/// Addresses on a page of a thread.
const PER_PAGE: i64 = 40;

#[derive(Debug, Deserialize)]
pub(super) struct Part {
    page: Option<String>,
    after: Option<i64>,
}

/// The thread that a post began, as far as the asking peer may know of it (FEP-7888, FEP-f228).
pub(super) async fn context(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
    part: web::Query<Part>,
) -> Result<HttpResponse, Error> {
    let id = post_id(&id)?;
    if let Some(answer) = negotiate::not_for_peers(&request, &node.ctx.settings.addresses.staff_url("/")) {
        return Ok(answer);
    }
    let peer = authorise(&request, &node, Door::SignedGet).await?;
    let (author, thread) =
        outgoing::thread_page(&node.ctx, &peer, id, (part.after.unwrap_or_default(), PER_PAGE)).await?;
    let uri = node.ctx.settings.addresses.federation_url(&format!("/posts/{id}/context"));
    if part.page.is_none() && part.after.is_none() {
        return Ok(negotiate::document(json!({
            "id": uri, "type": "OrderedCollection", "attributedTo": author, "totalItems": thread.total,
            "first": format!("{uri}?page=true"),
        })));
    }
    let here = part.after.map_or_else(|| format!("{uri}?page=true"), |after| format!("{uri}?page=true&after={after}"));
    let mut page = json!({
        "id": here, "type": "OrderedCollectionPage", "partOf": uri, "attributedTo": author,
        "totalItems": thread.total, "orderedItems": thread.items,
    });
    if let (Some(next), Value::Object(fields)) = (thread.next, &mut page) {
        fields.insert("next".to_owned(), json!(format!("{uri}?page=true&after={next}")));
    }
    Ok(negotiate::document(page))
}

/// An activity that was sent, with the exact bytes that were sent.
pub(super) async fn activity(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Error> {
    if let Some(answer) = negotiate::not_for_peers(&request, &node.ctx.settings.addresses.staff_url("/")) {
        return Ok(answer);
    }
    let peer = authorise(&request, &node, Door::SignedGet).await?;
    let uri = node.ctx.settings.addresses.federation_url(&format!("/activities/{id}"));
    let activity = outgoing::activity_for_peer(&node.ctx, &peer, uri).await?;
    Ok(negotiate::answer(HttpResponse::Ok(), activity.body))
}
