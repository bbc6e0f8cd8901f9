//! WebFinger (RFC 7033) at the account domain: from a handle to the actor behind it.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::outgoing::{self, OutgoingActor};
use corridor_app::throttle::{self, Rate};
use corridor_app::unchanged::{self, Answer};
use corridor_domain::policy::Door;
use corridor_domain::text::Handle;
use serde::Deserialize;
use serde_json::{Value, json};

use super::authorise::authorise;
use super::client_address;
use crate::Node;
use crate::error::Error;

/// Longest resource that is looked at.
const RESOURCE_BYTES: usize = 2048;
const HOUR: Duration = Duration::from_secs(3600);
const TYPE: &str = "application/jrd+json; charset=utf-8";

#[derive(Debug, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    resource: String,
}

/// Answers for `acct:name@our-domain` and for our actors' addresses.
///
/// Stock servers do not sign this request, so by default it is answered unsigned, with no more than where the actor
/// is; a request that is signed must be an allowed peer's. A setting closes the door to the unsigned.
pub(super) async fn webfinger(
    request: HttpRequest,
    node: web::Data<Node>,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Error> {
    let signed =
        ["signature", "signature-input", "authorization"].iter().any(|name| request.headers().contains_key(*name));
    let answer = if signed || !node.limits.unsigned_webfinger {
        authorise(&request, &node, Door::WebFinger).await?;
        told(&node, &asked.resource).await?
    } else {
        told_unsigned(&node, &asked.resource, client_address(&request, &node)).await?
    };
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, TYPE)).body(answer.body.clone()))
}

/// Whoever guesses names misses most of them. Misses are counted by address; one who made too many is told nothing,
/// be the next name there or not.
async fn told_unsigned(node: &Node, resource: &str, from: Option<IpAddr>) -> Result<Arc<Answer>, Error> {
    let rate = Rate { tries: node.limits.webfinger_misses_per_hour, within: HOUR };
    node.guard.names().take(throttle::address(from), rate, node.ctx.now()).map_err(|seconds| {
        tracing::warn!(client.address = ?from, "an address has asked for too many names that nobody has");
        Error::TooMany(seconds)
    })?;
    let answer = told(node, resource).await;
    if !matches!(answer, Err(Error::NotFound)) {
        node.guard.names().give_back(&throttle::address(from), rate);
    }
    answer
}

/// What is told is the same for whoever may ask.
async fn told(node: &Node, resource: &str) -> Result<Arc<Answer>, Error> {
    unchanged::value(&node.ctx, format!("webfinger {resource}"), || describe(node, resource)).await
}

async fn describe(node: &Node, resource: &str) -> Result<Answer, Error> {
    let actor = find(node, resource).await?;
    let body =
        serde_json::to_vec(&document(node, &actor)).map_err(|error| corridor_app::Error::Internal(Box::new(error)))?;
    Ok(Answer { body: body.into(), headers: Vec::new() })
}

async fn find(node: &Node, resource: &str) -> Result<OutgoingActor, Error> {
    let absent = || Error::from(corridor_app::Error::NotFound("that"));
    if resource.is_empty() || resource.len() > RESOURCE_BYTES {
        return Err(corridor_app::Error::invalid("“resource” must name an account").into());
    }
    let addresses = &node.ctx.settings.addresses;
    let id = if let Some(acct) = resource.strip_prefix("acct:") {
        let handle = Handle::parse(acct).map_err(|_| absent())?;
        let host = handle.host.clone().ok_or_else(absent)?;
        if host != addresses.account_domain && host != addresses.federation_authority() {
            return Err(absent());
        }
        outgoing::actor_id_of_handle(&node.ctx, &handle).await?
    } else if resource == addresses.federation_url(corridor_app::instance::PATH) {
        node.instance
    } else {
        let number = resource.strip_prefix(&addresses.federation_url("/actors/")).ok_or_else(absent)?;
        number.parse().map_err(|_| absent())?
    };
    let actor = outgoing::actor_for_peer(&node.ctx, id).await?;
    if actor.deleted || actor.suspended { Err(absent()) } else { Ok(actor) }
}

/// Written by hand, since the library's type says `null` for a link that has no template.
fn document(node: &Node, actor: &OutgoingActor) -> Value {
    json!({
        "subject": format!("acct:{}@{}", actor.username, node.ctx.settings.addresses.account_domain),
        "aliases": [actor.uri, actor.url],
        "links": [
            { "rel": "self", "type": "application/activity+json", "href": actor.uri },
            { "rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": actor.url },
        ],
    })
}
