//! Follows: who follows whom, asked for and accepted, with the counts and home feeds that hang on it.

use corridor_domain::{ActorId, Audience, FollowId, Page};
use diesel::dsl::{auto_type, exists, not};
use diesel::prelude::*;

use crate::paging::load_page;
use crate::posts::PostKind;
use crate::schema::{actors, follows, home_entries, peers, post_recipients, posts};
use crate::{Result, Tx, dialect, endorsements, lists};

/// How many posts of someone newly followed are put into the follower's home feed.
const BACKFILL: i64 = 40;

/// A follow, asked for or accepted.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = follows)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct FollowRow {
    pub id: i64,
    pub follower_id: i64,
    pub followed_id: i64,
    pub uri: String,
    pub accepted: bool,
    pub show_boosts: bool,
    pub notify: bool,
    pub created_at: i64,
}

impl FollowRow {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> FollowId {
        FollowId::new(self.id)
    }

    /// Who follows.
    #[must_use]
    pub const fn follower(&self) -> ActorId {
        ActorId::new(self.follower_id)
    }

    /// Who is followed.
    #[must_use]
    pub const fn followed(&self) -> ActorId {
        ActorId::new(self.followed_id)
    }
}

/// A follow that begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFollow {
    /// Its number, from [`Tx::new_id`].
    pub id: FollowId,
    /// Who follows.
    pub follower: ActorId,
    /// Who is followed.
    pub followed: ActorId,
    /// The Follow's URI.
    pub uri: String,
    /// Accepted at once.
    pub accepted: bool,
    /// Boosts in the home feed.
    pub show_boosts: bool,
    /// A notification for each post.
    pub notify: bool,
}

/// Stores a follow; one that is accepted is counted and fills the follower's home feed.
///
/// # Errors
/// [`crate::Error::Conflict`] when this pair, or this URI, is there already.
pub fn insert(tx: &mut Tx<'_>, follow: &NewFollow) -> Result<()> {
    diesel::insert_into(follows::table)
        .values((
            follows::id.eq(follow.id.raw()),
            follows::follower_id.eq(follow.follower.raw()),
            follows::followed_id.eq(follow.followed.raw()),
            follows::uri.eq(&follow.uri),
            follows::accepted.eq(false),
            follows::show_boosts.eq(follow.show_boosts),
            follows::notify.eq(follow.notify),
            follows::created_at.eq(tx.now().millis()),
        ))
        .execute(tx.conn)?;
    if follow.accepted {
        accept(tx, follow.id)?;
    }
    Ok(())
}

/// Accepts a follow: counts it and fills the follower's home feed. `false` when it was accepted already.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such follow.
pub fn accept(tx: &mut Tx<'_>, id: FollowId) -> Result<bool> {
    let follow = find(tx, id)?;
    let pending = follows::table.filter(follows::id.eq(id.raw())).filter(follows::accepted.eq(false));
    if diesel::update(pending).set(follows::accepted.eq(true)).execute(tx.conn)? == 0 {
        return Ok(false);
    }
    count(tx, &follow, 1)?;
    backfill(tx, &follow)?;
    Ok(true)
}

fn count(tx: &mut Tx<'_>, follow: &FollowRow, by: i64) -> Result<()> {
    // Always the smaller number first: two people who follow each other must not wait for each other.
    let mut steps = [(follow.followed_id, true), (follow.follower_id, false)];
    steps.sort_unstable();
    for (actor, is_followed) in steps {
        let row = actors::table.find(actor);
        if is_followed {
            diesel::update(row).set(actors::followers_count.eq(actors::followers_count + by)).execute(tx.conn)?;
        } else {
            diesel::update(row).set(actors::following_count.eq(actors::following_count + by)).execute(tx.conn)?;
        }
    }
    Ok(())
}

/// The latest posts of someone newly followed come into the home feed; what may be read is asked when it is read.
fn backfill(tx: &mut Tx<'_>, follow: &FollowRow) -> Result<()> {
    let local: i64 = actors::table
        .filter(actors::id.eq(follow.follower_id))
        .filter(actors::peer_id.is_null())
        .count()
        .get_result(tx.conn)?;
    if local == 0 {
        return Ok(());
    }
    let open = [Audience::Department.code(), Audience::Network.code(), Audience::Followers.code()];
    let mut latest = posts::table
        .filter(posts::author_id.eq(follow.followed_id))
        .filter(posts::deleted_at.is_null())
        .filter(posts::audience.eq_any(open))
        .order(posts::id.desc())
        .limit(BACKFILL)
        .select(posts::id)
        .into_boxed();
    if !follow.show_boosts {
        latest = latest.filter(posts::kind.ne(PostKind::Boost.code()));
    }
    let latest: Vec<i64> = latest.load(tx.conn)?;
    dialect::insert_into_home(tx, follow.follower_id, &latest)
}

/// Ends a follow, asked for or accepted, empties the home feed of it, and takes them off the follower's lists and profile.
/// `None` when there was none.
///
/// # Errors
/// When the database fails.
pub fn remove(tx: &mut Tx<'_>, follower: ActorId, followed: ActorId) -> Result<Option<FollowRow>> {
    let Some(follow) = find_pair(tx, follower, followed)? else {
        return Ok(None);
    };
    if diesel::delete(follows::table.find(follow.id)).execute(tx.conn)? == 0 {
        return Ok(None);
    }
    lists::forget(tx, follower, followed)?;
    endorsements::remove(tx, follower, followed)?;
    if follow.accepted {
        count(tx, &follow, -1)?;
        empty_home(tx, &follow)?;
    }
    Ok(Some(follow))
}

fn empty_home(tx: &mut Tx<'_>, follow: &FollowRow) -> Result<()> {
    let to_reader = exists(
        post_recipients::table
            .filter(post_recipients::post_id.eq(posts::id))
            .filter(post_recipients::actor_id.eq(follow.follower_id)),
    );
    let theirs = posts::table.filter(posts::author_id.eq(follow.followed_id)).filter(not(to_reader)).select(posts::id);
    let entries = home_entries::table
        .filter(home_entries::owner_id.eq(follow.follower_id))
        .filter(home_entries::post_id.eq_any(theirs));
    diesel::delete(entries).execute(tx.conn)?;
    Ok(())
}

/// A follow by its number.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is none.
pub fn find(tx: &mut Tx<'_>, id: FollowId) -> Result<FollowRow> {
    Ok(follows::table.find(id.raw()).select(FollowRow::as_select()).first(tx.conn)?)
}

/// A follow by the Follow's URI.
///
/// # Errors
/// When the database fails.
pub fn find_by_uri(tx: &mut Tx<'_>, uri: &str) -> Result<Option<FollowRow>> {
    Ok(follows::table.filter(follows::uri.eq(uri)).select(FollowRow::as_select()).first(tx.conn).optional()?)
}

/// The follow of these two.
///
/// # Errors
/// When the database fails.
pub fn find_pair(tx: &mut Tx<'_>, follower: ActorId, followed: ActorId) -> Result<Option<FollowRow>> {
    Ok(follows::table
        .filter(follows::follower_id.eq(follower.raw()))
        .filter(follows::followed_id.eq(followed.raw()))
        .select(FollowRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Gives a follow another URI: the follower's node sent it anew.
///
/// # Errors
/// [`crate::Error::Conflict`] when another follow has that URI.
pub fn set_uri(tx: &mut Tx<'_>, id: FollowId, uri: &str) -> Result<()> {
    diesel::update(follows::table.find(id.raw())).set(follows::uri.eq(uri)).execute(tx.conn)?;
    Ok(())
}

/// Changes what a follower wants to see.
///
/// # Errors
/// When the database fails.
pub fn set_options(tx: &mut Tx<'_>, id: FollowId, show_boosts: bool, notify: bool) -> Result<()> {
    diesel::update(follows::table.find(id.raw()))
        .set((follows::show_boosts.eq(show_boosts), follows::notify.eq(notify)))
        .execute(tx.conn)?;
    Ok(())
}

/// All follows between `viewer` and `others`, either way.
///
/// # Errors
/// When the database fails.
pub fn between(tx: &mut Tx<'_>, viewer: ActorId, others: &[ActorId]) -> Result<Vec<FollowRow>> {
    let others: Vec<i64> = others.iter().map(|id| id.raw()).collect();
    let mut rows: Vec<FollowRow> = follows::table
        .filter(follows::follower_id.eq(viewer.raw()))
        .filter(follows::followed_id.eq_any(others.clone()))
        .select(FollowRow::as_select())
        .load(tx.conn)?;
    let back: Vec<FollowRow> = follows::table
        .filter(follows::followed_id.eq(viewer.raw()))
        .filter(follows::follower_id.eq_any(others))
        .select(FollowRow::as_select())
        .load(tx.conn)?;
    rows.extend(back);
    Ok(rows)
}

/// People of this node who want to be told of each post of `author`.
///
/// # Errors
/// When the database fails.
pub fn to_be_told(tx: &mut Tx<'_>, author: ActorId) -> Result<Vec<ActorId>> {
    let owners: Vec<i64> = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(author.raw()))
        .filter(follows::accepted.eq(true))
        .filter(follows::notify.eq(true))
        .filter(actors::peer_id.is_null())
        .select(follows::follower_id)
        .load(tx.conn)?;
    Ok(owners.into_iter().map(ActorId::new).collect())
}

/// Follows of `actor` by people of this node, asked for and accepted.
///
/// # Errors
/// When the database fails.
pub fn from_here(tx: &mut Tx<'_>, actor: ActorId) -> Result<Vec<FollowRow>> {
    Ok(follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(actor.raw()))
        .filter(actors::peer_id.is_null())
        .order(follows::id.asc())
        .select(FollowRow::as_select())
        .load(tx.conn)?)
}

#[auto_type]
fn is_shown() -> _ {
    actors::suspended_at
        .is_null()
        .and(actors::deleted_at.is_null())
        .and(actors::peer_id.is_null().or(is_of_allowed_peer()))
}

#[auto_type]
fn is_of_allowed_peer() -> _ {
    let allowed: i16 = corridor_domain::PeerState::Allowed.code();
    exists(peers::table.filter(peers::id.nullable().eq(actors::peer_id)).filter(peers::state.eq(allowed)))
}

/// Who follows `actor`: the follow's number and the follower. Requests instead, with `accepted` false.
///
/// # Errors
/// When the database fails.
pub fn followers(tx: &mut Tx<'_>, actor: ActorId, accepted: bool, page: &Page) -> Result<Vec<(i64, ActorId)>> {
    let query = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(actor.raw()))
        .filter(follows::accepted.eq(accepted))
        .filter(is_shown())
        .select((follows::id, follows::follower_id))
        .into_boxed();
    let rows: Vec<(i64, i64)> = load_page!(tx, query, follows::id, page);
    Ok(rows.into_iter().map(|(id, actor)| (id, ActorId::new(actor))).collect())
}

/// Whom `actor` follows: the follow's number and the followed.
///
/// # Errors
/// When the database fails.
pub fn following(tx: &mut Tx<'_>, actor: ActorId, page: &Page) -> Result<Vec<(i64, ActorId)>> {
    let query = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::followed_id)))
        .filter(follows::follower_id.eq(actor.raw()))
        .filter(follows::accepted.eq(true))
        .filter(is_shown())
        .select((follows::id, follows::followed_id))
        .into_boxed();
    let rows: Vec<(i64, i64)> = load_page!(tx, query, follows::id, page);
    Ok(rows.into_iter().map(|(id, actor)| (id, ActorId::new(actor))).collect())
}

#[cfg(test)]
mod tests;
