//! What goes along when somebody moves: followers of this node with their lists and notes, connections, who keeps away from
//! them, groups, and their record.

use corridor_domain::group::{GroupRole, Standing};
use corridor_domain::{ActorId, Event};
use corridor_store::actors::{self, ActorRow};
use corridor_store::connections::{self, ConnectionState};
use corridor_store::lists::ListRow;
use corridor_store::{Tx, account_notes, blocks, follows, groups, lists, outbox, people};
use serde_json::json;

use super::handle_of;
use crate::connections::{connect, write_ask};
use crate::follows::{FollowOptions, turn_away, write_follow, write_unfollow};
use crate::groups::{end_membership, enter, find, may_have};
use crate::{Error, Result, Settings, audit};

/// Takes along what this node has of `old`: all of it in the caller's transaction.
pub(crate) fn carry_over(tx: &mut Tx<'_>, settings: &Settings, old: &ActorRow, new: &ActorRow) -> Result<()> {
    distances(tx, settings, old, new)?;
    followers(tx, settings, old, new)?;
    connected(tx, settings, old, new)?;
    notes(tx, old, new)?;
    memberships(tx, settings, old, new)?;
    if new.is_local() {
        record(tx, old, new)?;
    }
    Ok(())
}

/// Who keeps away from somebody keeps away from wherever they go.
fn distances(tx: &mut Tx<'_>, settings: &Settings, old: &ActorRow, new: &ActorRow) -> Result<()> {
    let to = new.actor_id();
    for blocker in blocks::blockers_here(tx, old.actor_id())? {
        if blocker == to {
            continue;
        }
        write_unfollow(tx, blocker, to)?;
        turn_away(tx, to, blocker)?;
        let uri = settings.addresses.federation_url(&format!("/activities/{}", tx.new_id()));
        if blocks::block(tx, blocker, to, &uri)? && !new.is_local() {
            outbox::append(tx, &Event::Blocked { blocker, blocked: to, uri })?;
        }
    }
    for (muter, their_notifications, ends_at) in blocks::muters(tx, old.actor_id())? {
        if muter != to && !blocks::between(tx, muter, to)?.muting {
            blocks::mute(tx, muter, to, their_notifications, ends_at)?;
        }
    }
    Ok(())
}

/// Whoever of this node follows the old account follows the new one in its place, or asks to.
fn followers(tx: &mut Tx<'_>, settings: &Settings, old: &ActorRow, new: &ActorRow) -> Result<()> {
    for follow in follows::from_here(tx, old.actor_id())? {
        let follower = follow.follower();
        let kept = lists::holding(tx, follower, old.actor_id())?;
        if follower != new.actor_id() && follows::find_pair(tx, follower, new.actor_id())?.is_none() {
            let options = FollowOptions { show_boosts: Some(follow.show_boosts), notify: Some(follow.notify) };
            match write_follow(tx, settings, follower, new.actor_id(), options) {
                // One of the two keeps away from the other: that stays so.
                Ok(()) | Err(Error::Forbidden(_) | Error::NotFound(_)) => {}
                Err(error) => return Err(error),
            }
        }
        list_anew(tx, follower, &kept, new.actor_id())?;
        // It takes the old account off the lists, too.
        write_unfollow(tx, follower, old.actor_id())?;
    }
    Ok(())
}

/// Whoever of this node is connected with the old account is with the new one, if that is of this node too; at another node
/// it is asked, which says why.
fn connected(tx: &mut Tx<'_>, settings: &Settings, old: &ActorRow, new: &ActorRow) -> Result<()> {
    let was_connected: Vec<ActorId> = connections::all_of(tx, old.actor_id())?
        .into_iter()
        .filter(|row| row.state == ConnectionState::Connected.code())
        .map(|row| row.other(old.actor_id()))
        .collect();
    crate::connections::forget(tx, old.actor_id())?;
    for other in was_connected {
        if other == new.actor_id() || !people::is_local(tx, other)? {
            continue;
        }
        let host = if old.is_local() { settings.addresses.account_domain.as_str() } else { old.host.as_str() };
        let note = format!("We were connected before you moved from {}@{host}.", old.username);
        match write_ask(tx, settings, other, new.actor_id(), &note) {
            // One of the two keeps away from the other, say: that stays so.
            Ok(()) | Err(Error::Forbidden(_) | Error::NotFound(_) | Error::Invalid(_) | Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
        if new.is_local()
            && let Some(request) = connections::find_pair(tx, other, new.actor_id())?
        {
            connect(tx, settings, &request)?;
        }
    }
    Ok(())
}

/// Who was on a list is on it with the new account, as soon as that is followed or asked to be.
fn list_anew(tx: &mut Tx<'_>, owner: ActorId, kept: &[ListRow], new: ActorId) -> Result<()> {
    if kept.is_empty() || follows::find_pair(tx, owner, new)?.is_none() {
        return Ok(());
    }
    let known = lists::holding(tx, owner, new)?;
    for list in kept.iter().filter(|list| !known.contains(list)) {
        lists::add(tx, list.id(), new)?;
    }
    Ok(())
}

/// What people have written down about somebody stays with them, unless they have written about the new account already.
fn notes(tx: &mut Tx<'_>, old: &ActorRow, new: &ActorRow) -> Result<()> {
    let to = new.actor_id();
    for (owner, note) in account_notes::about(tx, old.actor_id())? {
        if owner != to && account_notes::of(tx, owner, &[to])?.is_empty() {
            account_notes::set(tx, owner, to, &note)?;
        }
    }
    Ok(())
}

/// Memberships of groups at home here. Who runs a group stays its facilitator, until it is handed over.
fn memberships(tx: &mut Tx<'_>, settings: &Settings, old: &ActorRow, new: &ActorRow) -> Result<()> {
    let (from, to) = (old.actor_id(), new.actor_id());
    for id in groups::of_member(tx, from)? {
        let (group, row) = find(tx, id)?;
        let standing = groups::standing(tx, id, from)?;
        if !group.is_local() || !standing.is_member() || standing.is_facilitator() || !may_have(tx, &row, new)? {
            continue;
        }
        if new.is_local() {
            if !groups::standing(tx, id, to)?.is_member() {
                enter(tx, settings, &group, to, GroupRole::Member)?;
            }
        } else if matches!(groups::standing(tx, id, to)?, Standing::Stranger) && groups::invite(tx, id, to, None)? {
            outbox::append(tx, &Event::GroupInvited { group: id, whom: to, in_place_of: Some(from) })?;
        }
        if let Some(follow) = follows::find_pair(tx, from, id)?
            && !old.is_local()
        {
            outbox::append(tx, &Event::FollowRejected { follower: from, followed: id, uri: follow.uri })?;
        }
        end_membership(tx, settings, (&group, &row), from)?;
        let detail = json!({ "member": format!("@{}", handle_of(old)), "now": format!("@{}", handle_of(new)) });
        audit::append(tx, "system", "group.move", &format!("@{}", handle_of(&group)), &detail)?;
    }
    Ok(())
}

/// Fills what is empty in a directory record of this node from the older account's; what is there stays.
fn record(tx: &mut Tx<'_>, old: &ActorRow, new: &ActorRow) -> Result<()> {
    let mut row = actors::find(tx, new.actor_id())?;
    let before = row.clone();
    if row.display_name.is_empty() || row.display_name == row.username {
        row.display_name.clone_from(&old.display_name);
    }
    if row.role_title.is_empty() {
        row.role_title.clone_from(&old.role_title);
    }
    if row.summary.is_empty() {
        row.summary.clone_from(&old.summary);
        row.summary_source = corridor_domain::text::plain_text(&old.summary);
    }
    if matches!(row.fields.as_str(), "" | "[]") {
        row.fields.clone_from(&old.fields);
    }
    if row == before {
        return Ok(());
    }
    row.updated_at = tx.now().millis();
    actors::update(tx, &row)?;
    Ok(outbox::append(tx, &Event::PersonUpdated { actor: new.actor_id() })?)
}

/// Whether somebody of this node is invited in place of an older account of theirs: then they were in already.
pub(crate) fn is_in_place_of(tx: &mut Tx<'_>, whom: ActorId, older: Option<&str>) -> Result<bool> {
    let Some(older) = older else { return Ok(false) };
    Ok(corridor_store::moves::aliases(tx, whom)?.iter().any(|uri| uri == older))
}
