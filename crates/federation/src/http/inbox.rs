//! `POST` to an inbox: every check in the order that costs least, one effect, and 202 only when it is on disk.

use std::time::Duration;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::inbound::{self, Outcome, Received};
use corridor_domain::ActorId;
use corridor_domain::policy::Door;
use futures_util::StreamExt;
use reqwest::Url;
use serde_json::{Map, Value};

use super::authorise::{Claim, Signer, log};
use crate::activities::{self, Incoming};
use crate::delivery;
use crate::error::Error;
use crate::fetch::{self, Budget};
use crate::node::Node;
use crate::objects::read;
use crate::strict;
use crate::synchronise;

/// Longest id that is stored.
const URI_BYTES: usize = 2048;
/// Longest type that is stored.
const TYPE_BYTES: usize = 100;

/// The inbox of all.
pub(super) async fn shared(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Payload,
) -> Result<HttpResponse, Error> {
    receive(request, &node, body, Owner::Everyone).await
}

/// The inbox of one person.
pub(super) async fn of_actor(
    request: HttpRequest,
    node: web::Data<Node>,
    id: web::Path<String>,
    body: web::Payload,
) -> Result<HttpResponse, Error> {
    let owner = id.parse().map_or(Owner::Nobody, Owner::Person);
    receive(request, &node, body, owner).await
}

/// The inbox of the node's own actor.
pub(super) async fn of_instance(
    request: HttpRequest,
    node: web::Data<Node>,
    body: web::Payload,
) -> Result<HttpResponse, Error> {
    let owner = Owner::Person(node.instance);
    receive(request, &node, body, owner).await
}

/// Whose inbox it is.
#[derive(Debug, Clone, Copy)]
enum Owner {
    Everyone,
    Person(ActorId),
    Nobody,
}

async fn receive(request: HttpRequest, node: &Node, body: web::Payload, owner: Owner) -> Result<HttpResponse, Error> {
    let mut claim = None;
    let outcome = pass(&request, node, body, owner, &mut claim).await;
    match outcome {
        Ok(outcome) => {
            tracing::debug!(?outcome, "an activity was received");
            Ok(HttpResponse::Accepted().finish())
        }
        Err(error) => {
            log(&request, node, claim.as_ref(), &error);
            Err(error)
        }
    }
}

async fn pass(
    request: &HttpRequest,
    node: &Node,
    body: web::Payload,
    owner: Owner,
    claim: &mut Option<Claim>,
) -> Result<Outcome, Error> {
    check_headers(request, node.limits.body_bytes)?;
    let body = read_body(body, node.limits.body_bytes, node.limits.body_timeout).await?;
    let claim = claim.insert(Claim::read(request, node, Door::Inbox).await?);
    let activity = Envelope::read(&body, node)?;
    for uri in [&activity.id, &activity.actor] {
        if Url::parse(uri).ok().and_then(|url| node.client.authority_of(&url).ok()).as_ref()
            != Some(&claim.peer.authority)
        {
            return Err(Error::forbidden(
                "id_elsewhere",
                "an activity's id and actor must lie on the host that signs it",
            ));
        }
    }
    let signer = match claim.prove(request, node, Some(&body)).await {
        // Someone who was never known here has left, and their key with them.
        Err(Error::NoKey(_)) if activity.is_own_end() && !is_known(node, &activity.actor).await? => {
            return Ok(Outcome::Ignored);
        }
        signer => signer?,
    };
    let received = received(activity, &signer, node).await?;
    node.guard.receive(signer.peer.id, node.limits.inbox_per_second, node.ctx.now()).map_err(Error::TooMany)?;
    check_owner(node, owner).await?;
    let outcome = apply(node, &signer, received).await?;
    synchronise::compare(node, request, &signer.peer, signer.actor);
    greet(node, &signer).await;
    Ok(outcome)
}

/// Whether an actor is known here and not gone.
async fn is_known(node: &Node, uri: &str) -> Result<bool, Error> {
    let uri = uri.to_owned();
    let found = node.ctx.store.read(move |tx| inbound::found_in(tx, &uri)).await?;
    Ok(found.is_some())
}

/// Type and size, by what the headers say.
fn check_headers(request: &HttpRequest, limit: usize) -> Result<(), Error> {
    let text = |name| request.headers().get(name).map(|value| value.to_str().unwrap_or("?"));
    if text(CONTENT_ENCODING).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity")) {
        return Err(Error::MediaType("send the body as it is, without a Content-Encoding"));
    }
    if !text(CONTENT_TYPE).is_some_and(|kind| fetch::is_activity(kind) || kind.trim() == "application/ld+json") {
        return Err(Error::MediaType("send application/activity+json"));
    }
    match text(CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok()) {
        Some(length) if length > u64::try_from(limit).unwrap_or(u64::MAX) => Err(Error::TooLarge(limit)),
        _ => Ok(()),
    }
}

/// The whole body, within its limit and its time.
pub(super) async fn read_body(mut body: web::Payload, limit: usize, patience: Duration) -> Result<Vec<u8>, Error> {
    let read = async {
        let mut bytes = Vec::new();
        while let Some(chunk) = body.next().await {
            let chunk =
                chunk.map_err(|error| Error::malformed("body_broken", format!("the body broke off: {error}")))?;
            if bytes.len().saturating_add(chunk.len()) > limit {
                return Err(Error::TooLarge(limit));
            }
            bytes.extend_from_slice(&chunk);
        }
        Ok(bytes)
    };
    tokio::time::timeout(patience, read).await.map_err(|_| Error::TooSlow)?
}

/// What every activity must have, each exactly once.
struct Envelope {
    id: String,
    actor: String,
    kind: String,
    value: Value,
}

impl Envelope {
    fn read(body: &[u8], node: &Node) -> Result<Self, Error> {
        let mut value =
            strict::parse(body, node.limits.json_depth).map_err(|error| Error::malformed("json", error.to_string()))?;
        let Value::Object(fields) = &mut value else {
            return Err(Error::malformed("json", "an activity is a JSON object"));
        };
        make_plain(fields);
        Ok(Self { id: uri(&value, "id")?, actor: uri(&value, "actor")?, kind: kind(&value)?, value })
    }

    /// An actor's own end, of which Mastodon tells every node there is.
    fn is_own_end(&self) -> bool {
        self.kind == "Delete" && read::id_of(&self.value, "object") == Some(&self.actor)
    }
}

/// A list of one says what that one says by itself, and an actor who stands there whole is the one that they say to be.
/// From here on everybody reads the same; whether it was they who signed is asked later.
fn make_plain(fields: &mut Map<String, Value>) {
    for name in ["type", "actor", "object"] {
        let Some(field) = fields.get_mut(name) else { continue };
        if let Value::Array(items) = field
            && let [one] = items.as_mut_slice()
        {
            *field = one.take();
        }
        if name == "actor"
            && let Some(id) = field.get_mut("id")
        {
            *field = id.take();
        }
    }
}

fn uri(value: &Value, name: &'static str) -> Result<String, Error> {
    let text = read::text(value, name)
        .filter(|text| text.len() <= URI_BYTES && text.bytes().all(|byte| byte.is_ascii_graphic()));
    let text = text.filter(|text| Url::parse(text).is_ok());
    text.map(str::to_owned).ok_or_else(|| Error::malformed("activity", format!("“{name}” must be one address")))
}

fn kind(value: &Value) -> Result<String, Error> {
    let plain = |kind: &&str| kind.len() <= TYPE_BYTES && kind.bytes().all(|byte| byte.is_ascii_graphic());
    let kind = read::text(value, "type").filter(plain);
    kind.map(str::to_owned).ok_or_else(|| Error::malformed("activity", "“type” must be one word"))
}

/// The activity of its proven sender. Only the actor's own key speaks for the actor.
async fn received(activity: Envelope, signer: &Signer, node: &Node) -> Result<(Received, Value), Error> {
    let received = Received {
        activity_uri: activity.id,
        peer: signer.peer.id,
        actor: signer.actor,
        actor_uri: signer.actor_uri.clone(),
        kind: activity.kind,
        raw: None,
    };
    if activity.actor == signer.actor_uri {
        return Ok((received, activity.value));
    }
    let reason = "an activity must be signed with its actor's own key";
    inbound::refused(&node.ctx, &received, reason).await?;
    Err(Error::forbidden("actor_mismatch", reason))
}

async fn check_owner(node: &Node, owner: Owner) -> Result<(), Error> {
    let id = match owner {
        Owner::Everyone => return Ok(()),
        Owner::Nobody => return Err(Error::NotFound),
        Owner::Person(id) => id,
    };
    let actor = node.ctx.store.read(move |tx| inbound::actor_in(tx, id)).await?;
    if actor.is_local && !actor.is_gone { Ok(()) } else { Err(Error::NotFound) }
}

async fn apply(node: &Node, signer: &Signer, (received, value): (Received, Value)) -> Result<Outcome, Error> {
    let incoming = Incoming { node, peer: &signer.peer, received, activity: &value, budget: Budget::new(node) };
    activities::receive(incoming).await
}

/// A peer that speaks is there again: what waits for it goes at once.
async fn greet(node: &Node, signer: &Signer) {
    if node.guard.greets(signer.peer.id)
        && let Err(error) = delivery::peer_is_back(node, signer.peer.id).await
    {
        tracing::warn!("the queue can't be looked at now: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_one_is_that_one_and_a_whole_actor_is_their_id() {
        let made_plain = |text: &str| {
            let mut value: Value = serde_json::from_str(text).unwrap_or_default();
            value.as_object_mut().map(make_plain);
            value.to_string()
        };
        for (sent, read) in [
            (r#"{"actor":["https://a.gov/1"]}"#, r#"{"actor":"https://a.gov/1"}"#),
            (r#"{"actor":{"id":"https://a.gov/1","type":"Person"}}"#, r#"{"actor":"https://a.gov/1"}"#),
            (r#"{"actor":[{"id":"https://a.gov/1"}]}"#, r#"{"actor":"https://a.gov/1"}"#),
            (r#"{"object":[{"id":"https://a.gov/2"}]}"#, r#"{"object":{"id":"https://a.gov/2"}}"#),
            (r#"{"type":["Create"]}"#, r#"{"type":"Create"}"#),
        ] {
            assert_eq!(made_plain(sent), read, "{sent}");
        }
        for same in [
            r#"{"actor":["https://a.gov/1","https://a.gov/2"]}"#,
            r#"{"actor":[]}"#,
            r#"{"id":["https://a.gov/1"]}"#,
            r#"{"actor":[["https://a.gov/1"]]}"#,
            r#"{"actor":{"name":"Ann"}}"#,
        ] {
            let once = made_plain(same);
            let value: Value = serde_json::from_str(&once).unwrap_or_default();
            let name = if same.contains("actor") { "actor" } else { "id" };
            assert!(uri(&value, name).is_err(), "{same} became {once}");
        }
    }

    #[test]
    fn an_address_is_one_plain_text() {
        let bad = [
            r#"{"id":["https://a.gov/1"]}"#,
            r#"{"id":{"id":"https://a.gov/1"}}"#,
            r#"{"id":null}"#,
            r#"{"id":"https://a.gov/\u0000"}"#,
            r#"{"id":"https://a.gov/ x"}"#,
            r#"{"id":"nothing"}"#,
            r"{}",
        ];
        for bad in bad {
            let value: Value = serde_json::from_str(bad).unwrap_or_default();
            assert_eq!(uri(&value, "id").map_err(|error| error.code()), Err("activity"), "{bad}");
        }
    }
}
