//! The door of a group: joining, asking, leaving, and what follows when a department's last member has left.

use corridor_domain::group::{self, Door, Entry, GroupRole, Standing};
use corridor_domain::{ActorId, ActorKind, Event, FollowId, PeerState, Service, policy};
use corridor_store::actors::{self, ActorRow};
use corridor_store::follows::NewFollow;
use corridor_store::groups::{self, GroupRow};
use corridor_store::{Tx, follows, notifications as notices, outbox, peers};
use serde_json::json;

use super::{GroupView, find, handle, view};
use crate::operator::Operator;
use crate::{Ctx, Error, NotificationKind, Result, Settings, Viewer, audit, notifications};

/// Joins a group, or asks to.
///
/// # Errors
/// [`Error::NotFound`] when the viewer may not know of it, [`Error::Forbidden`] when only the invited may join.
pub async fn join(ctx: &Ctx, viewer: &Viewer, id: ActorId) -> Result<GroupView> {
    let (settings, who) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .write(move |tx| {
            write_join(tx, &settings, who, id)?;
            let (_, row) = find(tx, id)?;
            view(tx, &settings, Some(who), &row)
        })
        .await
}

/// Leaves a group, takes back the wish to join, or turns an invitation down.
///
/// # Errors
/// [`Error::Conflict`] when nobody would be left to run the group.
pub async fn leave(ctx: &Ctx, viewer: &Viewer, id: ActorId) -> Result<()> {
    let (settings, who) = (ctx.settings.clone(), viewer.id);
    ctx.store.write(move |tx| write_leave(tx, &settings, who, id)).await
}

/// Joins a group for a person of this node, or asks to: what they may do themselves, done for them.
///
/// # Errors
/// As [`join`]; [`Error::Invalid`] for a person of another node.
pub async fn join_for(ctx: &Ctx, by: &Operator, whom: ActorId, id: ActorId) -> Result<GroupView> {
    let (settings, by) = (ctx.settings.clone(), by.clone());
    ctx.store
        .write(move |tx| {
            demand_ours(tx, whom)?;
            write_join(tx, &settings, whom, id)?;
            let (actor, row) = find(tx, id)?;
            done_for(tx, &by, "group.join-for", &actor, whom)?;
            view(tx, &settings, Some(whom), &row)
        })
        .await
}

/// Leaves a group for a person of this node, as they may themselves.
///
/// # Errors
/// As [`leave`]; [`Error::Invalid`] for a person of another node.
pub async fn leave_for(ctx: &Ctx, by: &Operator, whom: ActorId, id: ActorId) -> Result<()> {
    let (settings, by) = (ctx.settings.clone(), by.clone());
    ctx.store
        .write(move |tx| {
            demand_ours(tx, whom)?;
            let (actor, _) = find(tx, id)?;
            write_leave(tx, &settings, whom, id)?;
            done_for(tx, &by, "group.leave-for", &actor, whom)
        })
        .await
}

fn demand_ours(tx: &mut Tx<'_>, whom: ActorId) -> Result<()> {
    let person = actors::find(tx, whom)?;
    if person.is_local() && person.actor_kind() == ActorKind::Person && !person.is_hidden() {
        return Ok(());
    }
    Err(Error::invalid("Only people of this node can be let join or leave from here"))
}

fn done_for(tx: &mut Tx<'_>, by: &Operator, action: &str, group: &ActorRow, whom: ActorId) -> Result<()> {
    let member = handle(&actors::find(tx, whom)?);
    audit::append(tx, &by.name(), action, &handle(group), &json!({ "member": member }))
}

/// Someone of ours comes to the door of a group, ours or a peer's. A peer's home node has the last word.
pub(crate) fn write_join(tx: &mut Tx<'_>, settings: &Settings, who: ActorId, id: ActorId) -> Result<()> {
    let (actor, row) = find(tx, id)?;
    let standing = groups::standing(tx, id, who)?;
    let entry = group::may_join(&row.facts(), standing)?;
    if !actor.is_local() {
        return ask_peer(tx, settings, who, &actor);
    }
    match entry {
        Entry::Joins => enter(tx, settings, &actor, who, GroupRole::Member)?,
        Entry::Asks => {
            let follow = follow_of(tx, settings, who, id, false);
            ask(tx, &follow, &actor)?;
        }
    }
    audit_roster(tx, who, if entry == Entry::Joins { "group.join" } else { "group.ask" }, &actor, who)
}

fn ask_peer(tx: &mut Tx<'_>, settings: &Settings, who: ActorId, actor: &ActorRow) -> Result<()> {
    let follow = follow_of(tx, settings, who, actor.actor_id(), false);
    follows::insert(tx, &follow)?;
    outbox::append(tx, &Event::FollowRequested { follow: follow.id })?;
    audit_roster(tx, who, "group.ask", actor, who)
}

fn follow_of(tx: &mut Tx<'_>, settings: &Settings, who: ActorId, group: ActorId, accepted: bool) -> NewFollow {
    let id = FollowId::new(tx.new_id());
    NewFollow {
        id,
        follower: who,
        followed: group,
        uri: settings.addresses.federation_url(&format!("/activities/{id}")),
        accepted,
        show_boosts: true,
        notify: false,
    }
}

fn ask(tx: &mut Tx<'_>, follow: &NewFollow, actor: &ActorRow) -> Result<()> {
    follows::insert(tx, follow)?;
    for facilitator in groups::facilitators_here(tx, actor.actor_id())? {
        notifications::add(tx, facilitator, NotificationKind::GroupRequest, follow.follower, None)?;
    }
    Ok(())
}

/// Takes someone into the roster of a group of ours: a member is a follower that is accepted.
pub(crate) fn enter(
    tx: &mut Tx<'_>,
    settings: &Settings,
    actor: &ActorRow,
    who: ActorId,
    role: GroupRole,
) -> Result<()> {
    let id = actor.actor_id();
    match follows::find_pair(tx, who, id)? {
        Some(asked) => {
            follows::accept(tx, asked.id())?;
            if !corridor_store::people::is_local(tx, who)? {
                outbox::append(tx, &Event::FollowAccepted { follow: asked.id() })?;
            }
        }
        None => {
            let follow = follow_of(tx, settings, who, id, true);
            follows::insert(tx, &follow)?;
        }
    }
    groups::set_member(tx, id, who, role)?;
    forget_request(tx, id, who)
}

/// Whoever was told that somebody asks needs to know it no longer.
pub(super) fn forget_request(tx: &mut Tx<'_>, id: ActorId, who: ActorId) -> Result<()> {
    for facilitator in groups::facilitators_here(tx, id)? {
        notices::take_back(tx, facilitator, &[NotificationKind::GroupRequest.code()], who, None)?;
    }
    Ok(())
}

/// Someone of a peer comes to the door of a group of ours, by a Follow that is not here yet.
pub(crate) fn joined_by_peer(tx: &mut Tx<'_>, who: &ActorRow, actor: &ActorRow, uri: &str) -> Result<()> {
    let id = actor.actor_id();
    let (_, row) = find(tx, id)?;
    let standing = groups::standing(tx, id, who.actor_id())?;
    let follow = NewFollow {
        id: FollowId::new(tx.new_id()),
        follower: who.actor_id(),
        followed: id,
        uri: uri.to_owned(),
        accepted: false,
        show_boosts: true,
        notify: false,
    };
    match group::may_join(&row.facts(), standing) {
        // Their node may not have what is said there: they would be members who hear nothing.
        Ok(_) if !may_have(tx, &row, who)? => {
            let (follower, uri) = (who.actor_id(), uri.to_owned());
            outbox::append(tx, &Event::FollowRejected { follower, followed: id, uri })?;
            return Ok(());
        }
        Ok(Entry::Asks) => ask(tx, &follow, actor)?,
        Ok(Entry::Joins) => {
            follows::insert(tx, &follow)?;
            follows::accept(tx, follow.id)?;
            groups::set_member(tx, id, who.actor_id(), GroupRole::Member)?;
            outbox::append(tx, &Event::FollowAccepted { follow: follow.id })?;
        }
        // A hidden group is not there for strangers: no answer tells otherwise.
        Err(_) if !group::may_see(row.door(), standing) => return Ok(()),
        Err(_) => {
            let (follower, uri) = (who.actor_id(), uri.to_owned());
            outbox::append(tx, &Event::FollowRejected { follower, followed: id, uri })?;
            return Ok(());
        }
    }
    audit_roster(tx, who.actor_id(), "group.come", actor, who.actor_id())
}

/// Whether somebody's node may have what is said in a group: it is allowed for groups, and the group's marking is within
/// its ceiling where the group is not open.
pub(crate) fn may_have(tx: &mut Tx<'_>, row: &GroupRow, who: &ActorRow) -> Result<bool> {
    let Some(peer) = who.peer() else { return Ok(true) };
    let peer = peers::find(tx, peer)?;
    let facts = row.facts();
    let is_served = peer.state == PeerState::Allowed && policy::may_use(&peer, Service::Groups).is_ok();
    Ok(is_served && (facts.door == Door::Open || facts.marking <= peer.ceiling))
}

/// Someone of ours leaves a group, takes back the wish to join, or turns an invitation down.
pub(crate) fn write_leave(tx: &mut Tx<'_>, settings: &Settings, who: ActorId, id: ActorId) -> Result<()> {
    let (actor, row) = find(tx, id)?;
    let standing = groups::standing(tx, id, who)?;
    if actor.is_local() {
        let (_, running) = groups::count_members(tx, id)?;
        if standing == Standing::Asked {
            forget_request(tx, id, who)?;
        } else {
            group::may_leave(&row.facts(), standing, u64::try_from(running).unwrap_or(0))?;
        }
    } else if let Some(follow) = follows::find_pair(tx, who, id)? {
        outbox::append(tx, &Event::FollowUndone { follower: who, followed: id, uri: follow.uri })?;
    } else if standing == Standing::Invited {
        outbox::append(tx, &Event::InvitationDeclined { group: id, whom: who })?;
    }
    end_membership(tx, settings, (&actor, &row), who)?;
    let action = if standing == Standing::Invited { "group.turn-down" } else { "group.leave" };
    audit_roster(tx, who, action, &actor, who)
}

/// Ends all that ties somebody to a group. When they were the last of their department in a private group, its copies
/// there are destroyed: ours at once, a peer's by asking it for a receipt (what is on its way there is cancelled here and
/// now).
pub(crate) fn end_membership(
    tx: &mut Tx<'_>,
    settings: &Settings,
    (actor, row): (&ActorRow, &GroupRow),
    who: ActorId,
) -> Result<()> {
    let id = actor.actor_id();
    groups::lock(tx, id)?;
    let was_member = groups::remove_member(tx, id, who)?;
    groups::uninvite(tx, id, who)?;
    follows::remove(tx, who, id)?;
    if was_member {
        groups::leave_home_feed(tx, id, who)?;
    }
    let peer = actors::find(tx, who)?.peer();
    if row.door() == Door::Open || groups::count_members_at(tx, id, peer)? > 0 {
        return Ok(());
    }
    if let Some(peer) = peer.filter(|_| actor.is_local()) {
        groups::cancel_deliveries(tx, id, peer)?;
    }
    match peer {
        _ if !was_member => {}
        Some(peer) if actor.is_local() => {
            let uri = settings.addresses.federation_url(&format!("/activities/{}", tx.new_id()));
            groups::ask_purge(tx, &uri, id, peer)?;
            outbox::append(tx, &Event::GroupCopiesRecalled { group: id, member: who, uri })?;
        }
        None if !actor.is_local() => {
            groups::destroy_copies(tx, id)?;
        }
        _ => {}
    }
    Ok(())
}

/// Writes into the audit what changed at a group's door.
pub(crate) fn audit_roster(tx: &mut Tx<'_>, by: ActorId, action: &str, group: &ActorRow, whom: ActorId) -> Result<()> {
    let (by, whom) = (actors::find(tx, by)?, actors::find(tx, whom)?);
    let name = format!("person:{}", handle(&by).trim_start_matches('@'));
    audit::append(tx, &name, action, &handle(group), &json!({ "member": handle(&whom) }))
}
