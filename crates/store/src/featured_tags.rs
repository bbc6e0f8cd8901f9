//! Hashtags that people of this node show on their profile, and how they use them.

use corridor_domain::{ActorId, Audience, Timestamp};
use diesel::dsl::{count_star, max};
use diesel::prelude::*;

use crate::schema::{featured_tags, post_tags, posts};
use crate::visibility::readable_by;
use crate::{Result, Tx};

/// How often somebody has used a tag, and when last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Use {
    /// Posts with it.
    pub posts: i64,
    /// When the last of them was published.
    pub last_at: Option<Timestamp>,
}

/// Shows a tag; its number. Who calls knows that it is not shown yet.
///
/// # Errors
/// [`crate::Error::Conflict`] when it is.
pub fn add(tx: &mut Tx<'_>, owner: ActorId, tag: &str) -> Result<i64> {
    let (id, now) = (tx.new_id(), tx.now().millis());
    diesel::insert_into(featured_tags::table)
        .values((
            featured_tags::id.eq(id),
            featured_tags::owner_id.eq(owner.raw()),
            featured_tags::tag.eq(tag),
            featured_tags::created_at.eq(now),
        ))
        .execute(tx.conn)?;
    Ok(id)
}

/// Shows a tag no longer; `false` when this person shows none of that number.
///
/// # Errors
/// When the database fails.
pub fn remove(tx: &mut Tx<'_>, owner: ActorId, id: i64) -> Result<bool> {
    let row = featured_tags::table.find(id).filter(featured_tags::owner_id.eq(owner.raw()));
    Ok(diesel::delete(row).execute(tx.conn)? > 0)
}

/// The tags that somebody shows, oldest first: number and tag.
///
/// # Errors
/// When the database fails.
pub fn of_person(tx: &mut Tx<'_>, owner: ActorId) -> Result<Vec<(i64, String)>> {
    Ok(featured_tags::table
        .filter(featured_tags::owner_id.eq(owner.raw()))
        .order(featured_tags::id.asc())
        .select((featured_tags::id, featured_tags::tag))
        .load(tx.conn)?)
}

/// How somebody has used a tag in posts for many, as far as `reader` may read them.
///
/// # Errors
/// When the database fails.
pub fn use_of(tx: &mut Tx<'_>, author: ActorId, tag: &str, reader: ActorId) -> Result<Use> {
    let open = [Audience::Department.code(), Audience::Network.code()];
    let (posts, last): (i64, Option<i64>) = post_tags::table
        .inner_join(posts::table.on(posts::id.eq(post_tags::post_id)))
        .filter(post_tags::tag.eq(tag))
        .filter(posts::author_id.eq(author.raw()))
        .filter(posts::audience.eq_any(open))
        .filter(readable_by(reader.raw()))
        .select((count_star(), max(posts::published_at)))
        .first(tx.conn)?;
    Ok(Use { posts, last_at: last.map(Timestamp::from_millis) })
}

/// The tags that somebody uses and does not show, the latest used first.
///
/// # Errors
/// When the database fails.
pub fn candidates(tx: &mut Tx<'_>, author: ActorId, limit: i64) -> Result<Vec<String>> {
    let shown: Vec<String> = of_person(tx, author)?.into_iter().map(|(_, tag)| tag).collect();
    let open = [Audience::Department.code(), Audience::Network.code()];
    Ok(post_tags::table
        .inner_join(posts::table.on(posts::id.eq(post_tags::post_id)))
        .filter(posts::author_id.eq(author.raw()))
        .filter(posts::deleted_at.is_null())
        .filter(posts::audience.eq_any(open))
        .filter(post_tags::tag.ne_all(shown))
        .group_by(post_tags::tag)
        .order((max(posts::id).desc(), post_tags::tag.asc()))
        .limit(limit)
        .select(post_tags::tag)
        .load(tx.conn)?)
}
