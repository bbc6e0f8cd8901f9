//! What groups of peers say of themselves, and what members elsewhere say in groups of ours; people list what they pin.

use corridor_domain::group::Standing;
use corridor_domain::{ActorId, ActorKind, Event, Service, policy};
use corridor_store::actors::{self, ActorRow};
use corridor_store::posts::{self, PostRow};
use corridor_store::{Tx, groups, outbox};

use super::arrival::{Arrival, apply};
use super::types::{Outcome, Received};
use crate::groups::{apply_answer, audit_roster, end_membership, find, write_join};
use crate::moves::is_in_place_of;
use crate::{Ctx, Error, NotificationKind, Result, notifications};

/// The group, of a peer, behind an actor that announces something; `None` for one that is no group.
///
/// # Errors
/// When the store fails.
pub async fn group_of(ctx: &Ctx, actor: ActorId) -> Result<Option<ActorId>> {
    ctx.store.read(move |tx| Ok(groups::find(tx, actor)?.map(|row| row.id()))).await
}

/// A group's own URI, and where it shows what is posted in it.
///
/// # Errors
/// When the store fails.
pub async fn outbox_of(ctx: &Ctx, group: ActorId) -> Result<Option<(String, String)>> {
    let actor = ctx.store.read(move |tx| Ok::<_, Error>(actors::find(tx, group)?)).await?;
    Ok(actor.outbox_uri.map(|outbox| (actor.uri, outbox)))
}

/// Whether a post is here as one of this group: what its home shares as a boost besides is known already.
///
/// # Errors
/// When the store fails.
pub async fn is_in_group(ctx: &Ctx, group: ActorId, post_uri: String) -> Result<bool> {
    let found = ctx.store.read(move |tx| Ok::<_, Error>(posts::find_by_uri(tx, &post_uri)?)).await?;
    Ok(found.is_some_and(|post| post.group_id == Some(group.raw())))
}

/// Whether a post stands in this group and is somebody else's: who ends it then is who runs the group.
///
/// # Errors
/// When the store fails.
pub async fn is_anothers_in(ctx: &Ctx, group: ActorId, post_uri: String, actor: ActorId) -> Result<bool> {
    let post = ctx.store.read(move |tx| in_group(tx, group, &post_uri)).await?;
    Ok(post.is_some_and(|post| post.author() != actor))
}

/// Someone is invited into a group of a peer; in place of an older account of theirs that was in it, they join at once.
///
/// # Errors
/// [`Error::Forbidden`] when somebody else than the group says so.
pub async fn invited(ctx: &Ctx, received: Received, whom_uri: String, in_place_of: Option<String>) -> Result<Outcome> {
    apply(ctx, received, move |tx, arrival| {
        speaking_group(arrival)?;
        let Some(whom) = actors::find_by_uri(tx, &whom_uri)?.filter(|row| row.is_local() && !row.is_hidden()) else {
            return Ok(Outcome::Ignored);
        };
        let group = arrival.actor.actor_id();
        if groups::standing(tx, group, whom.actor_id())?.is_member()
            || !groups::invite(tx, group, whom.actor_id(), None)?
        {
            return Ok(Outcome::Ignored);
        }
        if is_in_place_of(tx, whom.actor_id(), in_place_of.as_deref())? {
            write_join(tx, &arrival.settings, whom.actor_id(), group)?;
            return Ok(Outcome::Applied);
        }
        notifications::add(tx, whom.actor_id(), NotificationKind::GroupInvitation, group, None)?;
        Ok(Outcome::Applied)
    })
    .await
}

/// Someone of a peer turns down the invitation of a group of ours.
///
/// # Errors
/// When the store fails.
pub async fn invitation_declined(ctx: &Ctx, received: Received, group_uri: String) -> Result<Outcome> {
    apply(ctx, received, move |tx, arrival| {
        policy::may_use(&arrival.peer, Service::Groups)?;
        let whom = arrival.actor.actor_id();
        let Some(group) = actors::find_by_uri(tx, &group_uri)?.filter(ActorRow::is_local) else {
            return Ok(Outcome::Ignored);
        };
        if groups::standing(tx, group.actor_id(), whom)? != Standing::Invited {
            return Ok(Outcome::Ignored);
        }
        let (group, row) = find(tx, group.actor_id())?;
        end_membership(tx, &arrival.settings, (&group, &row), whom)?;
        audit_roster(tx, whom, "group.turn-down", &group, whom)?;
        Ok(Outcome::Applied)
    })
    .await
}

fn speaking_group(arrival: &Arrival) -> Result<()> {
    policy::may_use(&arrival.peer, Service::Groups)?;
    if arrival.actor.actor_kind() == ActorKind::Group {
        return Ok(());
    }
    Err(Error::forbidden("only the group itself can say this"))
}

/// What is added to a collection, or removed from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// URI of what is added or removed.
    pub object: String,
    /// URI of the collection, or of what the object belongs to.
    pub target: String,
    /// Added, not removed.
    pub added: bool,
    /// Who removes wants to be told when it is gone.
    pub asks_receipt: bool,
}

/// A group of a peer pins a post, removes one or a member, or says which reply answers a question; or a member elsewhere
/// says the last in a group of ours.
///
/// # Errors
/// [`Error::Forbidden`] when it is not theirs to say.
pub async fn listed(ctx: &Ctx, received: Received, listed: Listed) -> Result<Outcome> {
    let uri = received.activity_uri.clone();
    apply(ctx, received, move |tx, arrival| write_listed(tx, arrival, &uri, &listed)).await
}

fn write_listed(tx: &mut Tx<'_>, arrival: &Arrival, uri: &str, listed: &Listed) -> Result<Outcome> {
    let actor = &arrival.actor;
    if let Some(question) = posts::find_by_uri(tx, &listed.target)? {
        return answered(tx, arrival, listed, &question);
    }
    let is = |owned: &Option<String>| owned.as_deref() == Some(listed.target.as_str());
    if is(&actor.featured_uri) {
        return pinned(tx, arrival, listed);
    }
    if is(&actor.followers_uri) && !listed.added {
        return member_removed(tx, arrival, uri, listed);
    }
    if listed.target == actor.uri && !listed.added {
        return post_removed(tx, arrival, listed);
    }
    // A collection of one of ours: pinned posts, followers, a group's roster.
    if listed.target.starts_with(&arrival.settings.addresses.federation_url("/actors/")) {
        return Err(Error::forbidden("only its owner can change a collection"));
    }
    Ok(Outcome::Ignored)
}

fn pinned(tx: &mut Tx<'_>, arrival: &Arrival, listed: &Listed) -> Result<Outcome> {
    if arrival.actor.actor_kind() == ActorKind::Person {
        return super::pinned::write(tx, arrival, listed);
    }
    speaking_group(arrival)?;
    let group = arrival.actor.actor_id();
    let Some(post) = in_group(tx, group, &listed.object)? else { return Ok(Outcome::Ignored) };
    if listed.added {
        groups::pin(tx, group, post.id())?;
    } else {
        groups::unpin(tx, group, post.id())?;
    }
    Ok(Outcome::Applied)
}

/// A post that stands in this group.
pub(super) fn in_group(tx: &mut Tx<'_>, group: ActorId, uri: &str) -> Result<Option<PostRow>> {
    let post = posts::find_by_uri(tx, uri)?;
    Ok(post.filter(|post| post.group_id == Some(group.raw()) && !post.is_deleted()))
}

/// The roster is the home's. When nobody here is left in a private group, our copies go, and the home is told.
fn member_removed(tx: &mut Tx<'_>, arrival: &Arrival, uri: &str, listed: &Listed) -> Result<Outcome> {
    speaking_group(arrival)?;
    let group = arrival.actor.actor_id();
    let (actor, row) = find(tx, group)?;
    if let Some(member) = actors::find_by_uri(tx, &listed.object)?.filter(ActorRow::is_local) {
        end_membership(tx, &arrival.settings, (&actor, &row), member.actor_id())?;
    }
    if listed.asks_receipt && groups::count_members_at(tx, group, None)? == 0 {
        groups::destroy_copies(tx, group)?;
        outbox::append(tx, &Event::DeletionConfirmed { actor: group, uri: uri.to_owned() })?;
    }
    Ok(Outcome::Applied)
}

/// Who runs a group takes a post out of it: the copies here go. What our own people wrote stays theirs, out of the group.
fn post_removed(tx: &mut Tx<'_>, arrival: &Arrival, listed: &Listed) -> Result<Outcome> {
    speaking_group(arrival)?;
    let group = arrival.actor.actor_id();
    let Some(post) = in_group(tx, group, &listed.object)? else { return Ok(Outcome::Ignored) };
    groups::forget_post(tx, post.id())?;
    let destroy_after = tx.now() + arrival.settings.destroy_after;
    posts::hide(tx, post.id(), destroy_after)?;
    Ok(Outcome::Applied)
}

/// The group's home says which reply is the answer, or, to the home, who asked.
fn answered(tx: &mut Tx<'_>, arrival: &Arrival, listed: &Listed, question: &PostRow) -> Result<Outcome> {
    policy::may_use(&arrival.peer, Service::Groups)?;
    let actor = arrival.actor.actor_id();
    let home = crate::groups::home_of(tx, question)?;
    let may = match &home {
        Some(_) => question.author() == actor,
        None => question.group_id == Some(actor.raw()),
    };
    if !may {
        return Err(Error::forbidden("only who asked, or the group, can say which reply is the answer"));
    }
    let answer = if listed.added { posts::find_by_uri(tx, &listed.object)?.map(|post| post.id()) } else { None };
    if listed.added && answer.is_none() {
        return Ok(Outcome::Ignored);
    }
    apply_answer(tx, question, answer).map_err(Error::forbidden)?;
    if home.is_some() {
        outbox::append(tx, &Event::AnswerAccepted { by: actor, question: question.id(), answer })?;
    }
    Ok(Outcome::Applied)
}
