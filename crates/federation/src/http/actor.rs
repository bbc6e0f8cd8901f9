//! `GET /actors/{id}` and `GET /actor`: our people, and the node itself.

use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::outgoing;
use corridor_app::unchanged::{self, Weigh};
use corridor_domain::ActorId;
use corridor_domain::policy::Door;
use serde_json::Value;

use super::authorise::authorise;
use super::negotiate;
use crate::Node;
use crate::error::Error;
use crate::objects::person;

/// A person of ours: to an allowed peer that has signed its request.
pub(super) async fn actor(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
) -> Result<HttpResponse, Error> {
    let id: ActorId = id.parse().map_err(|_| corridor_app::Error::NotFound("that"))?;
    // The page is named by the number that was asked for and asks for a sign-in first: whether anybody has that number,
    // and under which name, is told to nobody who merely follows the redirect.
    let page = node.ctx.settings.addresses.staff_url(&format!("/people/{id}"));
    if let Some(answer) = negotiate::not_for_peers(&request, &page) {
        return Ok(answer);
    }
    let peer = authorise(&request, &node, Door::SignedGet).await?;
    let key = format!("actor {id}");
    let answer = unchanged::value(&node.ctx, key, || describe(&node, id)).await?;
    if let Described::Hidden(_) = &*answer {
        outgoing::group_for_peer(&node.ctx, &peer, id).await?;
    }
    Ok(match &*answer {
        Described::Gone(document) => negotiate::gone(document.clone()),
        Described::Here(body) | Described::Hidden(body) => negotiate::answer(HttpResponse::Ok(), body.clone()),
    })
}

/// What a peer is shown of an actor: the same for each that it is shown to.
enum Described {
    Here(Bytes),
    /// A hidden group: shown to those alone who have to do with it.
    Hidden(Bytes),
    Gone(Value),
}

impl Weigh for Described {
    fn bytes(&self) -> usize {
        match self {
            Self::Here(body) | Self::Hidden(body) => body.len(),
            Self::Gone(_) => size_of::<Self>(),
        }
    }
}

async fn describe(node: &Node, id: ActorId) -> Result<Described, Error> {
    let actor = outgoing::actor_for_peer(&node.ctx, id).await?;
    let document = person::render(&actor);
    if actor.deleted {
        return Ok(Described::Gone(document));
    }
    let hidden = actor.group.is_some_and(|group| group.door == corridor_domain::group::Door::Hidden);
    let body = negotiate::text(document).into();
    Ok(if hidden { Described::Hidden(body) } else { Described::Here(body) })
}

/// The node's own actor. Served without a signature: two nodes that demand signed requests of each other would
/// otherwise fetch each other's key for ever (FEP-d556). It holds nothing but a name and keys.
pub(super) async fn instance(request: HttpRequest, node: web::Data<Node>) -> Result<HttpResponse, Error> {
    let about = node.ctx.settings.addresses.staff_url("/about");
    if let Some(answer) = negotiate::not_for_peers(&request, &about) {
        return Ok(answer);
    }
    let actor = outgoing::actor_for_peer(&node.ctx, node.instance).await?;
    Ok(negotiate::document(person::render(&actor)))
}
