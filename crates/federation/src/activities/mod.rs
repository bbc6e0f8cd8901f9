//! Activities: one file for each, holding both directions. `build` writes what happened here for peers; `receive`
//! checks whose word it is, fetches what is missing, and hands the effect to `app::inbound`.

mod accept;
mod announce;
mod block;
mod create;
mod delete;
mod flag;
mod follow;
mod group;
mod like;
mod move_;
mod offer;
mod pin;
mod reject;
mod relay;
mod undo;
mod update;
mod vote;

use corridor_app::Settings;
use corridor_app::inbound::{self, Outcome, Received};
use corridor_app::outgoing::{ActorRef, Subject};
use corridor_domain::{ActorId, Peer};
use serde_json::{Value, json};

use crate::error::Error;
use crate::fetch::{Budget, FetchError};
use crate::node::Node;
use crate::objects::{self, read};

/// An activity as it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Its id.
    pub uri: String,
    /// Its type.
    pub kind: &'static str,
    /// All of it.
    pub body: Value,
}

/// Writes down what there is to tell. `fresh_uri` is the id of an activity that has none yet.
#[must_use]
pub fn render(subject: &Subject, settings: &Settings, fresh_uri: &str) -> Rendered {
    match subject {
        Subject::Published(post) => create::build(post, settings, fresh_uri),
        Subject::Edited(post) => update::build_post(post, settings, fresh_uri),
        Subject::Deleted(post) => delete::build_post(post, fresh_uri),
        Subject::Withdrawn { actor, uri } => delete::build_withdrawal(actor, uri, fresh_uri),
        Subject::Boosted(boost) => announce::build(boost),
        Subject::BoostUndone(boost) => undo::build(&announce::build(boost), fresh_uri),
        Subject::Favourited { actor, uri, object, object_author } => like::build(actor, uri, object, object_author),
        Subject::FavouriteUndone { actor, uri, object, object_author } => {
            undo::build(&like::build(actor, uri, object, object_author), fresh_uri)
        }
        Subject::Voted { actor, uri, name, poll, poll_author } => {
            vote::build((actor, uri), name, (poll, poll_author), fresh_uri)
        }
        Subject::PostPinned { actor, featured, post, pinned } => pin::build(actor, featured, post, *pinned, fresh_uri),
        Subject::FollowRequested { actor, uri, object } => follow::build(actor, uri, object),
        Subject::FollowUndone { actor, uri, object } => undo::build(&follow::build(actor, uri, object), fresh_uri),
        Subject::FollowAccepted { actor, follow_uri, follower_uri } => {
            accept::build(actor, follow_uri, follower_uri, fresh_uri)
        }
        Subject::FollowRejected { actor, follow_uri, follower_uri } => {
            reject::build(actor, follow_uri, follower_uri, fresh_uri)
        }
        Subject::ConnectionOffered { actor, uri, object, note } => offer::build(actor, uri, object, note),
        Subject::ConnectionAccepted { actor, uri, asker } => offer::build_accept(actor, uri, asker, fresh_uri),
        Subject::ConnectionEnded { actor, uri, other, asked } => offer::build_end(actor, uri, other, *asked, fresh_uri),
        Subject::Blocked { actor, uri, object } => block::build(actor, uri, object),
        Subject::Unblocked { actor, uri, object } => undo::build(&block::build(actor, uri, object), fresh_uri),
        Subject::Reported { node, uri, target, posts, comment } => flag::build(node, uri, target, posts, comment),
        Subject::DeletionConfirmed { actor, uri, to } => accept::build_receipt(actor, uri, to, fresh_uri),
        Subject::Relayed { group, inner } => group::build_relay(group, inner, settings, fresh_uri),
        Subject::RelayedAsSent { group, body } => group::build_relay_as_sent(group, body, fresh_uri),
        Subject::GroupShared { group, post, author } => group::build_share(group, post, author, fresh_uri),
        Subject::GroupCopiesRecalled { group, uri, member } => group::build_recall(group, uri, member),
        Subject::GroupInvited { group, whom, in_place_of } => {
            group::build_invitation(group, whom, in_place_of.as_deref(), fresh_uri)
        }
        Subject::InvitationDeclined { actor, group } => reject::build_of_invitation(actor, group, fresh_uri),
        Subject::GroupPinned { group, featured, post, pinned } => {
            group::build_listed((&group.actor, group), post, featured, *pinned, fresh_uri)
        }
        Subject::GroupPostRemoved { group, post } => {
            group::build_listed((&group.actor, group), post, &group.actor.uri, false, fresh_uri)
        }
        Subject::AnswerAccepted { actor, group, question, answer } => {
            let object = answer.as_ref().unwrap_or(question);
            group::build_listed((actor, group), object, question, answer.is_some(), fresh_uri)
        }
        Subject::PersonUpdated(person) => update::build_person(person, fresh_uri),
        Subject::PersonMoved { actor, uri, target } => move_::build(actor, uri, target),
        Subject::PersonDeleted(person) => delete::build_person(person, fresh_uri),
    }
}

/// An activity with its context in front.
fn rendered(uri: &str, kind: &'static str, actor: &ActorRef, rest: Value) -> Rendered {
    let mut body = json!({ "id": uri, "type": kind, "actor": actor.uri });
    if let (Value::Object(body), Value::Object(rest)) = (&mut body, rest) {
        body.extend(rest);
    }
    Rendered { uri: uri.to_owned(), kind, body: objects::with_context(body) }
}

/// An activity inside another one, which has the context already.
fn inner(activity: &Rendered) -> Value {
    let mut body = activity.body.clone();
    if let Value::Object(fields) = &mut body {
        fields.remove("@context");
    }
    body
}

/// An activity whose sender is proven.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) node: &'a Node,
    pub(crate) peer: &'a Peer,
    pub(crate) received: Received,
    pub(crate) activity: &'a Value,
    pub(crate) budget: Budget,
}

/// The types that have an effect here. Each has an example in docs/FEDERATION.md.
pub(crate) const TAKEN: &[&str] = &[
    "Create", "Update", "Delete", "Follow", "Accept", "Reject", "Undo", "Announce", "Like", "Block", "Flag", "Invite",
    "Move", "Add", "Remove", "Offer",
];

/// Gives an activity its effect. One of a type that is not known is noted and has none.
pub(crate) async fn receive(incoming: Incoming<'_>) -> Result<Outcome, Error> {
    let kind = incoming.received.kind.as_str();
    // The list is what counts, so that nothing is taken that is left out of it.
    match TAKEN.iter().find(|known| **known == kind).copied().unwrap_or_default() {
        "Create" => create::receive(incoming).await,
        "Update" => update::receive(incoming).await,
        "Delete" => delete::receive(incoming).await,
        "Follow" => follow::receive(incoming).await,
        "Accept" => accept::receive(incoming).await,
        "Reject" => reject::receive(incoming).await,
        "Undo" => undo::receive(incoming).await,
        "Announce" => announce::receive(incoming).await,
        "Like" => like::receive(incoming).await,
        "Block" => block::receive(incoming).await,
        "Flag" => flag::receive(incoming).await,
        "Move" => move_::receive(incoming).await,
        "Offer" => offer::receive(incoming).await,
        "Invite" => group::receive_invitation(incoming).await,
        "Add" => group::receive_listed(incoming, true).await,
        "Remove" => group::receive_listed(incoming, false).await,
        _ => incoming.ignore().await,
    }
}

/// Takes in what the home of a group shows of it, as if it had just been handed on.
pub(crate) async fn take_in_relayed(
    node: &Node,
    peer: &Peer,
    received: Received,
    activity: &Value,
    group: ActorId,
) -> Result<Outcome, Error> {
    let incoming = Incoming { node, peer, received, activity, budget: Budget::new(node) };
    if !relay::is_activity(incoming.object()?) {
        return Ok(Outcome::Ignored);
    }
    relay::receive(incoming, group).await
}

impl Incoming<'_> {
    /// Notes the activity without an effect.
    async fn ignore(self) -> Result<Outcome, Error> {
        Ok(inbound::ignored(&self.node.ctx, self.received).await?)
    }

    /// Turns the activity away, and says so in the audit.
    async fn refuse<T>(&self, code: &'static str, reason: &str) -> Result<T, Error> {
        inbound::refused(&self.node.ctx, &self.received, reason).await?;
        Err(Error::forbidden(code, reason))
    }

    /// All of it as JSON, for a group of ours that may have to hand it on.
    fn keep_whole(&mut self) {
        self.received.raw = Some(self.activity.to_string());
    }

    /// Whether it may be for a group of ours: some actor of ours is addressed.
    fn names_ours(&self) -> bool {
        let ours = self.node.ctx.settings.addresses.federation_url("/actors/");
        let object = self.activity.get("object");
        [Some(self.activity), object].into_iter().flatten().any(|part| {
            ["to", "cc", "audience"].iter().any(|name| read::ids(part, name).iter().any(|uri| uri.starts_with(&ours)))
        })
    }

    /// The `object`, which every activity here must have.
    fn object(&self) -> Result<&Value, Error> {
        let object = self.activity.get("object").filter(|object| object.is_string() || object.is_object());
        object.ok_or_else(|| Error::malformed("activity", "“object” must be one address or one object"))
    }

    /// The id of the `object`.
    fn object_id(&self) -> Result<String, Error> {
        let id = read::id(self.object()?).map(str::to_owned);
        id.ok_or_else(|| Error::malformed("activity", "the object must have an id"))
    }
}

/// What a document that an activity points to can't be had for means for the activity.
fn not_fetched(error: FetchError) -> Error {
    match error {
        FetchError::App(error) => error.into(),
        error if error.is_passing() => {
            tracing::info!("what an activity points to can't be fetched now: {error}");
            Error::Unavailable
        }
        error => Error::malformed("object", format!("what the activity points to can't be had: {error}")),
    }
}

#[cfg(test)]
mod tests;
