//! Offer: somebody asks somebody to connect, as the Activity Vocabulary has it for requests of friends: the object is a
//! Relationship between the two.

use corridor_app::inbound::{self, AnsweredOffer, Outcome};
use corridor_app::outgoing::ActorRef;
use corridor_domain::text::plain_text;
use serde_json::{Value, json};

use super::{Incoming, Rendered, rendered};
use crate::error::Error;
use crate::objects::read;

/// The vocabulary that the kind of a relationship is taken from.
const KINDS: &str = "http://purl.org/vocab/relationship/";
/// What we ask for.
const COLLEAGUE: &str = "http://purl.org/vocab/relationship/colleagueOf";
/// What is taken for the same: others may have only these.
const LIKEWISE: &[&str] = &["colleagueOf", "worksWith", "friendOf", "acquaintanceOf", "knowsOf"];

/// Someone of ours asks someone of a peer.
pub(super) fn build(asker: &ActorRef, uri: &str, asked: &str, note: &str) -> Rendered {
    let object = relationship(&asker.uri, asked);
    let mut rest = json!({ "to": [asked], "object": object });
    if let (false, Value::Object(rest)) = (note.is_empty(), &mut rest) {
        let html = read::escaped(note).replace('\n', "<br>");
        rest.insert("content".to_owned(), json!(html));
    }
    rendered(uri, "Offer", asker, rest)
}

fn relationship(asker: &str, asked: &str) -> Value {
    json!({ "type": "Relationship", "subject": asker, "relationship": COLLEAGUE, "object": asked })
}

/// Someone of ours connects with someone of a peer who asked.
pub(super) fn build_accept(asked: &ActorRef, uri: &str, asker: &str, fresh_uri: &str) -> Rendered {
    answer("Accept", asked, (uri, asker), fresh_uri)
}

/// Someone of ours ends it: with an Undo where they had asked, else with a Reject.
pub(super) fn build_end(actor: &ActorRef, uri: &str, other: &str, asked: bool, fresh_uri: &str) -> Rendered {
    if asked {
        super::undo::build(&build(actor, uri, other, ""), fresh_uri)
    } else {
        answer("Reject", actor, (uri, other), fresh_uri)
    }
}

fn answer(kind: &'static str, asked: &ActorRef, (uri, asker): (&str, &str), fresh_uri: &str) -> Rendered {
    let object = relationship(asker, &asked.uri);
    let offer = json!({ "id": uri, "type": "Offer", "actor": asker, "object": object });
    rendered(fresh_uri, kind, asked, json!({ "to": [asker], "object": offer }))
}

/// Someone of a peer asks someone of ours.
pub(super) async fn receive(incoming: Incoming<'_>) -> Result<Outcome, Error> {
    let object = incoming.object()?;
    // Other things are offered too: events, say.
    if !is_connection(object) {
        return incoming.ignore().await;
    }
    if read::id_of(object, "subject").is_none_or(|subject| subject != incoming.received.actor_uri) {
        return incoming.refuse("not_theirs", "nobody can offer a relationship in another's place").await;
    }
    let Some(asked) = read::id_of(object, "object").map(str::to_owned) else {
        return Err(Error::malformed("object", "“object” of the Relationship must say who is asked"));
    };
    let note = plain_text(read::text(incoming.activity, "content").unwrap_or_default());
    Ok(inbound::connection_offered(&incoming.node.ctx, incoming.received, asked, note).await?)
}

fn is_connection(object: &Value) -> bool {
    let kind = read::id_of(object, "relationship").and_then(|kind| kind.strip_prefix(KINDS));
    read::text(object, "type") == Some("Relationship") && kind.is_some_and(|kind| LIKEWISE.contains(&kind))
}

/// The Offer that an Accept or Reject answers; `None` when it answers something else.
pub(super) fn answered(object: &Value) -> Option<AnsweredOffer> {
    if read::text(object, "type") != Some("Offer") {
        return None;
    }
    let asker = read::id_of(object, "actor").map(str::to_owned);
    read::id(object).map(|uri| AnsweredOffer { uri: uri.to_owned(), asker })
}
