//! What groups do: they hand on what members post (FEP-1b12), invite, pin, say which reply is the answer, and have copies
//! destroyed.

use corridor_app::Settings;
use corridor_app::inbound::{self, Listed, Outcome};
use corridor_app::outgoing::{ActorRef, GroupRef, Subject};
use serde_json::{Value, json};

use super::{Incoming, Rendered, inner, pin, render, rendered};
use crate::error::Error;
use crate::objects::{PUBLIC, read};

/// Whom a group speaks to: its members, and in an open one everyone.
fn addressing(group: &GroupRef) -> (Vec<&str>, Vec<&str>) {
    let followers = group.actor.followers_uri.as_str();
    if group.open { (vec![PUBLIC], vec![followers]) } else { (vec![followers], Vec::new()) }
}

/// Something of ours, inside the group's Announce.
pub(super) fn build_relay(group: &GroupRef, subject: &Subject, settings: &Settings, fresh_uri: &str) -> Rendered {
    // The activity inside has an id of its own.
    let what = render(subject, settings, &format!("{fresh_uri}#activity"));
    announce(group, what.kind, inner(&what), fresh_uri)
}

/// Something of a peer's person, as it was sent, inside the group's Announce.
pub(super) fn build_relay_as_sent(group: &GroupRef, body: &str, fresh_uri: &str) -> Rendered {
    let what: Value = serde_json::from_str(body).unwrap_or_default();
    let kind = if read::text(&what, "type") == Some("Delete") { "Delete" } else { "Create" };
    announce(group, kind, what, fresh_uri)
}

fn announce(group: &GroupRef, kind: &str, what: Value, fresh_uri: &str) -> Rendered {
    let (to, cc) = addressing(group);
    let announced = rendered(fresh_uri, "Announce", &group.actor, json!({ "to": to, "cc": cc, "object": what }));
    // The end of a post is told whatever has become of its readers: the queue knows it by what is inside.
    if kind == "Delete" { Rendered { kind: "Delete", ..announced } } else { announced }
}

/// A new talk, for servers that understand a boost and no more.
pub(super) fn build_share(group: &GroupRef, post: &str, author: &str, fresh_uri: &str) -> Rendered {
    let (to, mut cc) = addressing(group);
    cc.push(author);
    rendered(fresh_uri, "Announce", &group.actor, json!({ "to": to, "cc": cc, "object": post }))
}

/// The last member of a peer is out of a private group: its copies shall be destroyed.
pub(super) fn build_recall(group: &GroupRef, uri: &str, member: &str) -> Rendered {
    let rest = json!({
        "to": [member], "object": member, "target": group.actor.followers_uri, "asksReceipt": true,
    });
    rendered(uri, "Remove", &group.actor, rest)
}

/// `origin` is the member in whose place they are invited, having moved.
pub(super) fn build_invitation(group: &GroupRef, whom: &str, origin: Option<&str>, fresh_uri: &str) -> Rendered {
    let mut rest = json!({ "to": [whom], "object": group.actor.uri, "target": whom });
    if let (Some(origin), Value::Object(rest)) = (origin, &mut rest) {
        rest.insert("origin".to_owned(), json!(origin));
    }
    rendered(fresh_uri, "Invite", &group.actor, rest)
}

/// Something of a post in the group: `target` says what it is added to or removed from.
pub(super) fn build_listed(
    (actor, group): (&ActorRef, &GroupRef),
    object: &str,
    target: &str,
    added: bool,
    fresh_uri: &str,
) -> Rendered {
    let (to, cc) = addressing(group);
    let to = if actor.uri == group.actor.uri { to } else { vec![group.actor.uri.as_str()] };
    let kind = if added { "Add" } else { "Remove" };
    let rest = json!({ "to": to, "cc": cc, "object": object, "target": target, "audience": group.actor.uri });
    rendered(fresh_uri, kind, actor, rest)
}

/// A group of a peer invites someone of ours.
pub(super) async fn receive_invitation(incoming: Incoming<'_>) -> Result<Outcome, Error> {
    // Invitations to other things, such as events, are none of ours.
    if incoming.object_id()? != incoming.received.actor_uri {
        return incoming.ignore().await;
    }
    let Some(whom) = read::id_of(incoming.activity, "target").map(str::to_owned) else {
        return Err(Error::malformed("activity", "“target” must say who is invited"));
    };
    let in_place_of = read::id_of(incoming.activity, "origin").map(str::to_owned);
    Ok(inbound::invited(&incoming.node.ctx, incoming.received, whom, in_place_of).await?)
}

/// Add or Remove: somebody changes a collection.
pub(super) async fn receive_listed(mut incoming: Incoming<'_>, added: bool) -> Result<Outcome, Error> {
    let object = incoming.object_id()?;
    let Some(target) = read::id_of(incoming.activity, "target").map(str::to_owned) else {
        return incoming.ignore().await;
    };
    if added {
        pin::fetch(&mut incoming, &object, &target).await?;
    }
    let asks_receipt = read::flag(incoming.activity, "asksReceipt");
    let listed = Listed { object, target, added, asks_receipt };
    Ok(inbound::listed(&incoming.node.ctx, incoming.received, listed).await?)
}
