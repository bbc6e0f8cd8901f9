//! Groups: what makes an actor one, who is in it, and who stands at its door.

mod purges;
mod topics;

use corridor_domain::group::{Door, GroupFacts, GroupKind, GroupRole, Standing};
use corridor_domain::{ActorId, Marking, Page, PeerId, Timestamp};
use diesel::dsl::exists;
use diesel::prelude::*;

pub use self::purges::{ENDS, Purge, ask_purge, cancel_deliveries, confirm_purge, destroy_copies, is_purge, purges};
pub use self::topics::{
    Topic, WantedTalks, accept_answer, forget_post, keep_original, original, posts_for, set_topic, talks, topics_of,
};
use crate::outgoing::Inbox;
use crate::paging::load_page;
pub use crate::pins::{pin, pinned, pinned_for, unpin};
use crate::schema::{actors, follows, group_actors, group_invitations, home_entries, memberships, posts};
use crate::{Error, Result, Tx, dialect};

/// What makes an actor a group.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = group_actors, treat_none_as_null = true)]
pub struct GroupRow {
    /// The actor's number.
    pub actor_id: i64,
    /// See [`GroupKind`].
    pub kind: i16,
    /// See [`Door`].
    pub door: i16,
    /// No post in it is marked lower.
    pub marking: i16,
    /// Closed for good since.
    pub archived_at: Option<i64>,
}

impl GroupRow {
    /// The group's number.
    #[must_use]
    pub const fn id(&self) -> ActorId {
        ActorId::new(self.actor_id)
    }

    /// What it gathers people around.
    #[must_use]
    pub fn kind(&self) -> GroupKind {
        GroupKind::from_code(self.kind).unwrap_or(GroupKind::Social)
    }

    /// How people come in. One that this version doesn't know is the narrowest.
    #[must_use]
    pub fn door(&self) -> Door {
        Door::from_code(self.door).unwrap_or(Door::Hidden)
    }

    /// What the rules need to know of it.
    #[must_use]
    pub fn facts(&self) -> GroupFacts {
        GroupFacts {
            door: self.door(),
            marking: Marking::from_rank(self.marking),
            archived: self.archived_at.is_some(),
        }
    }
}

/// A member as the roster tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Member {
    /// Who.
    pub actor: ActorId,
    /// What they may do.
    pub role: GroupRole,
    /// Since when.
    pub joined_at: Timestamp,
}

/// Which groups are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wanted {
    /// Only those whose name or address has this text, in lower case; all when empty.
    pub text: String,
    /// Only this kind.
    pub kind: Option<GroupKind>,
    /// Only those that the reader is in.
    pub joined: bool,
}

/// Writes what makes an actor a group, anew where it is one already.
///
/// # Errors
/// When there is no such actor.
pub fn put(tx: &mut Tx<'_>, row: &GroupRow) -> Result<()> {
    let changed = diesel::update(group_actors::table.find(row.actor_id)).set(row).execute(tx.conn)?;
    if changed == 0 {
        diesel::insert_into(group_actors::table).values(row).execute(tx.conn)?;
    }
    Ok(())
}

/// A group; `None` when the actor is none.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, id: ActorId) -> Result<Option<GroupRow>> {
    Ok(group_actors::table.find(id.raw()).select(GroupRow::as_select()).first(tx.conn).optional()?)
}

/// Those of `ids` that are groups, in no order.
///
/// # Errors
/// When the database fails.
pub fn find_many(tx: &mut Tx<'_>, ids: &[ActorId]) -> Result<Vec<GroupRow>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    Ok(group_actors::table.filter(group_actors::actor_id.eq_any(ids)).select(GroupRow::as_select()).load(tx.conn)?)
}

/// The groups that a person of this node may know of, by number, newest first.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, reader: Option<ActorId>, wanted: &Wanted, page: &Page) -> Result<Vec<GroupRow>> {
    let me = reader.map_or(0, ActorId::raw);
    let is_member = || {
        exists(
            memberships::table
                .filter(memberships::group_id.eq(group_actors::actor_id))
                .filter(memberships::actor_id.eq(me)),
        )
    };
    let is_invited = exists(
        group_invitations::table
            .filter(group_invitations::group_id.eq(group_actors::actor_id))
            .filter(group_invitations::actor_id.eq(me)),
    );
    let mut query = group_actors::table
        .inner_join(actors::table.on(actors::id.eq(group_actors::actor_id)))
        .filter(actors::deleted_at.is_null())
        .filter(actors::suspended_at.is_null())
        .select(GroupRow::as_select())
        .into_boxed();
    if reader.is_some() {
        let shown = group_actors::door.ne(Door::Hidden.code());
        query = query.filter(shown.or(is_member()).or(is_invited));
    }
    if wanted.joined {
        query = query.filter(is_member());
    }
    if let Some(kind) = wanted.kind {
        query = query.filter(group_actors::kind.eq(kind.code()));
    }
    if !wanted.text.is_empty() {
        let pattern = format!("%{}%", dialect::literal(&wanted.text));
        query = query.filter(
            dialect::lower(actors::display_name)
                .like(pattern.clone())
                .escape('\\')
                .or(actors::username_key.like(pattern).escape('\\')),
        );
    }
    Ok(load_page!(tx, query, group_actors::actor_id, page))
}

/// How somebody stands to a group.
///
/// # Errors
/// When the database fails.
pub fn standing(tx: &mut Tx<'_>, group: ActorId, who: ActorId) -> Result<Standing> {
    let facilitates: Option<bool> =
        memberships::table.find((group.raw(), who.raw())).select(memberships::facilitator).first(tx.conn).optional()?;
    if let Some(facilitates) = facilitates {
        return Ok(Standing::In(if facilitates { GroupRole::Facilitator } else { GroupRole::Member }));
    }
    let invited: i64 = group_invitations::table
        .filter(group_invitations::group_id.eq(group.raw()))
        .filter(group_invitations::actor_id.eq(who.raw()))
        .count()
        .get_result(tx.conn)?;
    if invited > 0 {
        return Ok(Standing::Invited);
    }
    let asked: i64 = follows::table
        .filter(follows::follower_id.eq(who.raw()))
        .filter(follows::followed_id.eq(group.raw()))
        .filter(follows::accepted.eq(false))
        .count()
        .get_result(tx.conn)?;
    Ok(if asked > 0 { Standing::Asked } else { Standing::Stranger })
}

/// Writes a member into the roster, or gives one another role. An invitation is taken up with that.
///
/// # Errors
/// When the database fails.
pub fn set_member(tx: &mut Tx<'_>, group: ActorId, who: ActorId, role: GroupRole) -> Result<()> {
    let facilitator = role == GroupRole::Facilitator;
    let row = memberships::table.find((group.raw(), who.raw()));
    let changed = diesel::update(row).set(memberships::facilitator.eq(facilitator)).execute(tx.conn)?;
    if changed == 0 {
        let now = tx.now().millis();
        diesel::insert_into(memberships::table)
            .values((
                memberships::group_id.eq(group.raw()),
                memberships::actor_id.eq(who.raw()),
                memberships::facilitator.eq(facilitator),
                memberships::joined_at.eq(now),
            ))
            .execute(tx.conn)?;
    }
    uninvite(tx, group, who)?;
    Ok(())
}

/// Takes a member out of the roster; `false` when they weren't in it.
///
/// # Errors
/// When the database fails.
pub fn remove_member(tx: &mut Tx<'_>, group: ActorId, who: ActorId) -> Result<bool> {
    Ok(diesel::delete(memberships::table.find((group.raw(), who.raw()))).execute(tx.conn)? > 0)
}

/// Notes an invitation; `false` when there is one already.
///
/// # Errors
/// When the database fails.
pub fn invite(tx: &mut Tx<'_>, group: ActorId, who: ActorId, by: Option<ActorId>) -> Result<bool> {
    let known: i64 = group_invitations::table
        .filter(group_invitations::group_id.eq(group.raw()))
        .filter(group_invitations::actor_id.eq(who.raw()))
        .count()
        .get_result(tx.conn)?;
    if known > 0 {
        return Ok(false);
    }
    let now = tx.now().millis();
    diesel::insert_into(group_invitations::table)
        .values((
            group_invitations::group_id.eq(group.raw()),
            group_invitations::actor_id.eq(who.raw()),
            group_invitations::invited_by.eq(by.map(ActorId::raw)),
            group_invitations::created_at.eq(now),
        ))
        .execute(tx.conn)?;
    Ok(true)
}

/// Forgets an invitation; `false` when there was none.
///
/// # Errors
/// When the database fails.
pub fn uninvite(tx: &mut Tx<'_>, group: ActorId, who: ActorId) -> Result<bool> {
    Ok(diesel::delete(group_invitations::table.find((group.raw(), who.raw()))).execute(tx.conn)? > 0)
}

/// The roster, facilitators first, then by when they joined; at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn members(tx: &mut Tx<'_>, group: ActorId, limit: i64) -> Result<Vec<Member>> {
    let rows: Vec<(i64, bool, i64)> = memberships::table
        .filter(memberships::group_id.eq(group.raw()))
        .order((memberships::facilitator.desc(), memberships::joined_at, memberships::actor_id))
        .limit(limit)
        .select((memberships::actor_id, memberships::facilitator, memberships::joined_at))
        .load(tx.conn)?;
    let member = |(actor, facilitates, joined_at)| Member {
        actor: ActorId::new(actor),
        role: if facilitates { GroupRole::Facilitator } else { GroupRole::Member },
        joined_at: Timestamp::from_millis(joined_at),
    };
    Ok(rows.into_iter().map(member).collect())
}

/// How many members a group has, and how many of them run it.
///
/// # Errors
/// When the database fails.
pub fn count_members(tx: &mut Tx<'_>, group: ActorId) -> Result<(i64, i64)> {
    let of_group = || memberships::table.filter(memberships::group_id.eq(group.raw()));
    let all = of_group().count().get_result(tx.conn)?;
    let running = of_group().filter(memberships::facilitator.eq(true)).count().get_result(tx.conn)?;
    Ok((all, running))
}

/// Those who have asked to join, oldest first.
///
/// # Errors
/// When the database fails.
pub fn asking(tx: &mut Tx<'_>, group: ActorId, limit: i64) -> Result<Vec<ActorId>> {
    let ids: Vec<i64> = follows::table
        .filter(follows::followed_id.eq(group.raw()))
        .filter(follows::accepted.eq(false))
        .order(follows::id)
        .limit(limit)
        .select(follows::follower_id)
        .load(tx.conn)?;
    Ok(ids.into_iter().map(ActorId::new).collect())
}

/// The members of a group who run it and are of this node.
///
/// # Errors
/// When the database fails.
pub fn facilitators_here(tx: &mut Tx<'_>, group: ActorId) -> Result<Vec<ActorId>> {
    let ids: Vec<i64> = memberships::table
        .inner_join(actors::table.on(actors::id.eq(memberships::actor_id)))
        .filter(memberships::group_id.eq(group.raw()))
        .filter(memberships::facilitator.eq(true))
        .filter(actors::peer_id.is_null())
        .select(memberships::actor_id)
        .load(tx.conn)?;
    Ok(ids.into_iter().map(ActorId::new).collect())
}

/// The inboxes of the members of a group that are elsewhere; shared ones once.
///
/// # Errors
/// When the database fails.
pub fn inboxes_of_members(tx: &mut Tx<'_>, group: ActorId) -> Result<Vec<Inbox>> {
    let rows: Vec<(Option<i64>, Option<String>, String)> = memberships::table
        .inner_join(actors::table.on(actors::id.eq(memberships::actor_id)))
        .filter(memberships::group_id.eq(group.raw()))
        .filter(actors::peer_id.is_not_null())
        .filter(actors::deleted_at.is_null())
        .select((actors::peer_id, actors::shared_inbox_uri, actors::inbox_uri))
        .distinct()
        .load(tx.conn)?;
    let inbox =
        |(peer, shared, own): (Option<i64>, Option<String>, String)| Some((PeerId::new(peer?), shared.unwrap_or(own)));
    Ok(rows.into_iter().filter_map(inbox).collect())
}

/// How many members a group has at a peer; `None` asks about this node.
///
/// # Errors
/// When the database fails.
pub fn count_members_at(tx: &mut Tx<'_>, group: ActorId, peer: Option<PeerId>) -> Result<i64> {
    let mut query = memberships::table
        .inner_join(actors::table.on(actors::id.eq(memberships::actor_id)))
        .filter(memberships::group_id.eq(group.raw()))
        .count()
        .into_boxed();
    query = match peer {
        Some(peer) => query.filter(actors::peer_id.eq(peer.raw())),
        None => query.filter(actors::peer_id.is_null()),
    };
    Ok(query.get_result(tx.conn)?)
}

/// Whether a peer may know of a group: it is not hidden, or someone there is a member or was invited.
///
/// # Errors
/// When the database fails.
pub fn is_known_at(tx: &mut Tx<'_>, group: ActorId, peer: PeerId) -> Result<bool> {
    let Some(row) = find(tx, group)? else { return Ok(false) };
    Ok(row.door() != Door::Hidden || concerns(tx, group, peer)?)
}

/// Whether a group tells a peer its news: it is open, or someone there is a member or was invited.
///
/// # Errors
/// When the database fails.
pub fn is_told_at(tx: &mut Tx<'_>, group: ActorId, peer: PeerId) -> Result<bool> {
    let Some(row) = find(tx, group)? else { return Ok(false) };
    Ok(row.door() == Door::Open || concerns(tx, group, peer)?)
}

/// Whether someone at a peer is a member of a group, or holds an invitation.
fn concerns(tx: &mut Tx<'_>, group: ActorId, peer: PeerId) -> Result<bool> {
    if count_members_at(tx, group, Some(peer))? > 0 {
        return Ok(true);
    }
    let invited: i64 = group_invitations::table
        .inner_join(actors::table.on(actors::id.eq(group_invitations::actor_id)))
        .filter(group_invitations::group_id.eq(group.raw()))
        .filter(actors::peer_id.eq(peer.raw()))
        .count()
        .get_result(tx.conn)?;
    Ok(invited > 0)
}

/// The groups that somebody is in.
///
/// # Errors
/// When the database fails.
pub fn of_member(tx: &mut Tx<'_>, who: ActorId) -> Result<Vec<ActorId>> {
    let ids: Vec<i64> =
        memberships::table.filter(memberships::actor_id.eq(who.raw())).select(memberships::group_id).load(tx.conn)?;
    Ok(ids.into_iter().map(ActorId::new).collect())
}

/// The groups with which a person of this node may have to do, of these: those that are not hidden, or that they are in,
/// or are invited to.
///
/// # Errors
/// When the database fails.
pub fn seen_by(tx: &mut Tx<'_>, reader: ActorId, ids: &[ActorId]) -> Result<Vec<ActorId>> {
    let mut seen = Vec::new();
    for row in find_many(tx, ids)? {
        let standing = if row.door() == Door::Hidden { standing(tx, row.id(), reader)? } else { Standing::Stranger };
        if corridor_domain::group::may_see(row.door(), standing) {
            seen.push(row.id());
        }
    }
    Ok(seen)
}

/// Takes what others wrote in a group out of the home feed of someone who has left it.
///
/// # Errors
/// When the database fails.
pub fn leave_home_feed(tx: &mut Tx<'_>, group: ActorId, who: ActorId) -> Result<()> {
    let of_group =
        posts::table.filter(posts::group_id.eq(group.raw())).filter(posts::author_id.ne(who.raw())).select(posts::id);
    diesel::delete(
        home_entries::table.filter(home_entries::owner_id.eq(who.raw())).filter(home_entries::post_id.eq_any(of_group)),
    )
    .execute(tx.conn)?;
    Ok(())
}

/// Holds a group's roster against changes by others until the transaction ends.
///
/// # Errors
/// [`Error::NotFound`] when there is no such group.
pub fn lock(tx: &mut Tx<'_>, group: ActorId) -> Result<()> {
    let row = group_actors::table.find(group.raw());
    let held = diesel::update(row).set(group_actors::kind.eq(group_actors::kind)).execute(tx.conn)?;
    if held == 0 { Err(Error::NotFound) } else { Ok(()) }
}
