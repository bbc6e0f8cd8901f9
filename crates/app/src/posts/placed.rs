//! Posts in groups: where a new one belongs, and whether it may stand there.

use corridor_domain::text::{limits, line_within};
use corridor_domain::{ActorId, Audience, PostId};
use corridor_store::actors::ActorRow;
use corridor_store::groups::{self, GroupRow};
use corridor_store::posts::PostRow;
use corridor_store::{Tx, people};

use super::Draft;
use super::compose::Terms;
use crate::assemble::acct;
use crate::groups::{check_post, find};
use crate::{Error, NotificationKind, Result, notifications};

/// The group that a draft is for: the one it names, or that of the talk that it answers. An answer may leave a talk only
/// for fewer people.
pub(super) fn group_of(
    tx: &mut Tx<'_>,
    draft: &Draft,
    parent: Option<&PostRow>,
) -> Result<Option<(ActorRow, GroupRow)>> {
    let of_parent = match parent {
        Some(parent) if parent.audience()? == Audience::Group => parent.group_id.map(ActorId::new),
        _ => None,
    };
    let asked = draft.audience.unwrap_or(if of_parent.is_some() { Audience::Group } else { Audience::Department });
    let group = match (draft.group, of_parent) {
        (Some(_), None) if parent.is_some() => return Err(not_here()),
        (Some(named), Some(of_parent)) if named != of_parent => return Err(not_here()),
        (Some(named), _) => named,
        (None, Some(of_parent)) if asked == Audience::Group => of_parent,
        (None, Some(_)) if matches!(asked, Audience::Network | Audience::Followers) => {
            return Err(Error::invalid("An answer in a group stays in the group, or goes to named people"));
        }
        (None, Some(_)) => return Ok(None),
        (None, None) if draft.audience == Some(Audience::Group) => {
            return Err(Error::invalid("Say which group the post is for"));
        }
        (None, None) => return Ok(None),
    };
    if draft.group.is_some() && draft.audience.is_some_and(|audience| audience != Audience::Group) {
        return Err(Error::invalid("A post in a group is for the group: choose no other audience"));
    }
    find(tx, group).map(Some)
}

fn not_here() -> Error {
    Error::invalid("An answer belongs to the talk that it answers, and to no other group")
}

pub(super) fn title(title: &str) -> Result<String> {
    line_within(title, limits::TITLE_CHARS).map_err(|error| Error::invalid(format!("Title: {error}")))
}

/// Whether the post may stand where it is meant to.
pub(super) fn check(
    tx: &mut Tx<'_>,
    author: ActorId,
    draft: &Draft,
    terms: &Terms,
    (group, mentions): (Option<&(ActorRow, GroupRow)>, &[ActorId]),
) -> Result<()> {
    let Some((actor, row)) = group else {
        if draft.announcement || draft.question {
            return Err(Error::invalid("Only a post in a group can be an announcement or a question"));
        }
        return Ok(());
    };
    if draft.in_reply_to.is_some() && (draft.announcement || draft.question) {
        return Err(Error::invalid("Only the first post of a talk can be an announcement or a question"));
    }
    check_post(tx, row.id(), author, (terms.marking, draft.announcement))?;
    if row.door() != corridor_domain::group::Door::Open {
        everyone_named_is_in(tx, (actor, row), author, mentions)?;
    }
    Ok(())
}

/// Nobody is left out without a word: whom a post in a private group names is in it, as far as is known here.
fn everyone_named_is_in(
    tx: &mut Tx<'_>,
    (actor, row): (&ActorRow, &GroupRow),
    author: ActorId,
    mentions: &[ActorId],
) -> Result<()> {
    for person in people::whereabouts(tx, mentions)? {
        // Who of other departments is in a peer's group, its home alone knows.
        let unknown = !actor.is_local() && person.peer.is_some();
        if person.id != author && !unknown && !groups::standing(tx, row.id(), person.id)?.is_member() {
            let who = acct(&person.username, &person.host);
            return Err(Error::invalid(format!(
                "@{who} is not a member of the group and won't see it: take the name out"
            )));
        }
    }
    Ok(())
}

/// Every member here is told of an announcement.
pub(crate) fn tell_of_announcement(tx: &mut Tx<'_>, author: ActorId, group: ActorId, post: PostId) -> Result<()> {
    for member in groups::members(tx, group, i64::MAX)? {
        notifications::add(tx, member.actor, NotificationKind::Status, author, Some(post))?;
    }
    Ok(())
}
