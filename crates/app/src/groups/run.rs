//! Running a group of this node: answering requests, inviting, removing, giving roles.

use corridor_domain::group::{self, GroupRole};
use corridor_domain::{ActorId, Event};
use corridor_store::actors::{self, ActorRow};
use corridor_store::groups::{self, GroupRow};
use corridor_store::{Tx, follows, outbox, people};
use serde_json::json;

use super::make::find_ours;
use super::{door, handle, standing_of};
use crate::operator::Operator;
use crate::{Ctx, Error, NotificationKind, Result, Settings, audit, notifications};

/// Answers somebody's wish to join.
///
/// # Errors
/// For those who don't run the group; [`Error::Invalid`] when they haven't asked.
pub async fn decide(ctx: &Ctx, by: &Operator, id: ActorId, whom: ActorId, yes: bool) -> Result<()> {
    let (settings, by) = (ctx.settings.clone(), by.clone());
    ctx.store
        .write(move |tx| {
            let (actor, row) = find_ours(tx, id)?;
            let (mine, theirs) = (standing_of(tx, &row, &by)?, groups::standing(tx, id, whom)?);
            group::may_decide(&row.facts(), mine, theirs)?;
            if yes {
                door::enter(tx, &settings, &actor, whom, GroupRole::Member)?;
            } else {
                turn_away(tx, id, whom)?;
            }
            note(tx, &by, if yes { "group.approve" } else { "group.decline" }, &actor, whom)
        })
        .await
}

fn turn_away(tx: &mut Tx<'_>, id: ActorId, whom: ActorId) -> Result<()> {
    door::forget_request(tx, id, whom)?;
    let follow = follows::remove(tx, whom, id)?;
    if let Some(follow) = follow
        && !people::is_local(tx, whom)?
    {
        outbox::append(tx, &Event::FollowRejected { follower: whom, followed: id, uri: follow.uri })?;
    }
    Ok(())
}

/// Invites somebody, of this node or a peer. Who has asked already is let in.
///
/// # Errors
/// [`Error::Forbidden`] for those who may not invite; [`Error::Conflict`] for a member.
pub async fn invite(ctx: &Ctx, by: &Operator, id: ActorId, whom: ActorId) -> Result<()> {
    let (settings, by) = (ctx.settings.clone(), by.clone());
    ctx.store
        .write(move |tx| {
            let (actor, row) = find_ours(tx, id)?;
            let (mine, theirs) = (standing_of(tx, &row, &by)?, groups::standing(tx, id, whom)?);
            group::may_invite(&row.facts(), mine, theirs)?;
            people::find_shown(tx, &[whom])?.pop().ok_or(Error::NotFound("that person"))?;
            let person = actors::find(tx, whom)?;
            if !door::may_have(tx, &row, &person)? {
                let who = handle(&person);
                return Err(Error::invalid(format!(
                    "{who} can't be invited: their node may not have this group's posts"
                )));
            }
            if theirs == group::Standing::Asked {
                door::enter(tx, &settings, &actor, whom, GroupRole::Member)?;
            } else {
                write_invitation(tx, &by, id, whom)?;
            }
            note(tx, &by, "group.invite", &actor, whom)
        })
        .await
}

fn write_invitation(tx: &mut Tx<'_>, by: &Operator, id: ActorId, whom: ActorId) -> Result<()> {
    if !groups::invite(tx, id, whom, super::reader_of(by))? {
        return Ok(());
    }
    if people::is_local(tx, whom)? {
        notifications::add(tx, whom, NotificationKind::GroupInvitation, id, None)?;
        return Ok(());
    }
    Ok(outbox::append(tx, &Event::GroupInvited { group: id, whom, in_place_of: None })?)
}

/// Removes a member: from that instant nothing of the group reaches them, nor their department where they were its last.
///
/// # Errors
/// For those who don't run the group; [`Error::Invalid`] for oneself and those who are no members.
pub async fn remove(ctx: &Ctx, by: &Operator, id: ActorId, whom: ActorId) -> Result<()> {
    let (settings, by) = (ctx.settings.clone(), by.clone());
    ctx.store.write(move |tx| write_removal(tx, &settings, &by, id, whom)).await
}

fn write_removal(tx: &mut Tx<'_>, settings: &Settings, by: &Operator, id: ActorId, whom: ActorId) -> Result<()> {
    let (actor, row) = find_ours(tx, id)?;
    let (mine, theirs) = (standing_of(tx, &row, by)?, groups::standing(tx, id, whom)?);
    group::may_remove(&row.facts(), mine, theirs, super::reader_of(by) == Some(whom))?;
    let follow = follows::find_pair(tx, whom, id)?;
    if let Some(follow) = follow
        && !people::is_local(tx, whom)?
    {
        outbox::append(tx, &Event::FollowRejected { follower: whom, followed: id, uri: follow.uri })?;
    }
    door::end_membership(tx, settings, (&actor, &row), whom)?;
    note(tx, by, "group.remove", &actor, whom)
}

/// Gives a member a role. Who runs a group sits on its home node.
///
/// # Errors
/// For those who don't run the group; [`Error::Conflict`] when nobody would be left to run it.
pub async fn give_role(ctx: &Ctx, by: &Operator, id: ActorId, whom: ActorId, role: GroupRole) -> Result<()> {
    let by = by.clone();
    ctx.store
        .write(move |tx| {
            let (actor, row): (ActorRow, GroupRow) = find_ours(tx, id)?;
            groups::lock(tx, id)?;
            let (mine, theirs) = (standing_of(tx, &row, &by)?, groups::standing(tx, id, whom)?);
            let (_, running) = groups::count_members(tx, id)?;
            group::may_give_role(&row.facts(), mine, theirs, role, u64::try_from(running).unwrap_or(0))?;
            if role == GroupRole::Facilitator && !people::is_local(tx, whom)? {
                return Err(Error::invalid("Only people of the group's own department can be facilitators"));
            }
            groups::set_member(tx, id, whom, role)?;
            note(tx, &by, "group.role", &actor, whom)
        })
        .await
}

fn note(tx: &mut Tx<'_>, by: &Operator, action: &str, group: &ActorRow, whom: ActorId) -> Result<()> {
    let member = handle(&actors::find(tx, whom)?);
    audit::append(tx, &by.name(), action, &handle(group), &json!({ "member": member }))
}
