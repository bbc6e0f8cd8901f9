//! Search in posts and tags, limited to what the reader may see.
//!
//! Posts are searched by comparing texts, newest first, in the latest posts only, so that the cost has a bound on
//! both databases; an index of words can take this place behind the same functions.

use corridor_domain::{ActorId, Audience};
use diesel::dsl::{count_star, exists, not};
use diesel::prelude::*;

use crate::dialect::{literal, lower};
use crate::domain_blocks::is_from_blocked_domain;
use crate::posts::{PostKind, PostRow};
use crate::schema::{actors, post_tags, posts};
use crate::visibility::readable_by;
use crate::{Result, Tx};

/// How many of the latest posts are searched.
const DEPTH: i64 = 20_000;

/// Readable posts with every one of `words` in them, newest first: the reader's own, and those of people who let
/// themselves be searched; nothing from a domain that the reader keeps away from.
///
/// # Errors
/// When the database fails.
pub fn posts(tx: &mut Tx<'_>, words: &[String], reader: ActorId, limit: i64, offset: i64) -> Result<Vec<PostRow>> {
    let floor: Option<i64> =
        posts::table.order(posts::id.desc()).offset(DEPTH).select(posts::id).first(tx.conn).optional()?;
    let searchable = exists(actors::table.filter(actors::id.eq(posts::author_id)).filter(actors::indexable.eq(true)));
    let mut query = posts::table
        .filter(posts::id.gt(floor.unwrap_or(0)))
        .filter(posts::kind.ne(PostKind::Boost.code()))
        .filter(posts::author_id.eq(reader.raw()).or(searchable))
        .filter(not(is_from_blocked_domain(reader.raw())))
        .select(PostRow::as_select())
        .into_boxed();
    for word in words {
        let pattern = format!("%{}%", literal(&word.to_lowercase()));
        query = query.filter(
            lower(posts::content)
                .like(pattern.clone())
                .escape('\\')
                .or(lower(posts::summary).like(pattern.clone()).escape('\\'))
                .or(lower(posts::title).like(pattern).escape('\\')),
        );
    }
    Ok(query.filter(readable_by(reader.raw())).order(posts::id.desc()).limit(limit).offset(offset).load(tx.conn)?)
}

/// Hashtags that start with `front`, the most used first, with how many readable network and department posts
/// have them.
///
/// # Errors
/// When the database fails.
pub fn tags(tx: &mut Tx<'_>, front: &str, reader: ActorId, limit: i64, offset: i64) -> Result<Vec<(String, i64)>> {
    let open = [Audience::Department.code(), Audience::Network.code()];
    Ok(post_tags::table
        .inner_join(posts::table.on(posts::id.eq(post_tags::post_id)))
        .filter(post_tags::tag.like(format!("{}%", literal(front))).escape('\\'))
        .filter(posts::audience.eq_any(open))
        .filter(readable_by(reader.raw()))
        .group_by(post_tags::tag)
        .select((post_tags::tag, count_star()))
        .order((count_star().desc(), post_tags::tag))
        .limit(limit)
        .offset(offset)
        .load(tx.conn)?)
}
