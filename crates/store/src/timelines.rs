//! Timelines: one keyset query each, with the visibility predicate in it.

use corridor_domain::list::RepliesPolicy;
use corridor_domain::{ActorId, Audience, Page, PeerId, PostId};
use diesel::dsl::{auto_type, exists, not};
use diesel::prelude::*;

use crate::domain_blocks::{boosts_blocked_domain, is_from_blocked_domain};
use crate::lists::{ListRow, answers_followed, answers_member, answers_nobody_else, has_member, is_kept_apart};
use crate::paging::load_page;
use crate::posts::{PostKind, PostRow};
use crate::schema::{blocks, bookmarks, favourites, home_entries, mutes, post_tags, posts};
use crate::visibility::{boosted, leaves_to, readable_by};
use crate::{Result, Tx};

/// Which of a person's posts are wanted.
#[derive(Debug, Clone, Default)]
pub struct OfAuthor {
    /// Leave out answers to others.
    pub exclude_replies: bool,
    /// Leave out boosts.
    pub exclude_boosts: bool,
    /// Only posts with pictures or files.
    pub only_media: bool,
    /// Only posts with this hashtag, in the form in which tags are compared.
    pub tagged: Option<String>,
}

/// Nobody whom the reader has blocked or mutes now, or of a domain that they keep away from, has written it, or what it
/// boosts.
#[auto_type]
pub(crate) fn is_wanted(reader: i64, now: i64) -> _ {
    let by_unwanted: by_unwanted = by_unwanted(reader, now);
    let boosts_unwanted: boosts_unwanted = boosts_unwanted(reader, now);
    let from_blocked_domain: is_from_blocked_domain = is_from_blocked_domain(reader);
    let boosts_blocked_domain: boosts_blocked_domain = boosts_blocked_domain(reader);
    not(by_unwanted).and(not(boosts_unwanted)).and(not(from_blocked_domain)).and(not(boosts_blocked_domain))
}

#[auto_type]
fn by_unwanted(reader: i64, now: i64) -> _ {
    let blocked = blocks::table.filter(blocks::blocker_id.eq(reader)).filter(blocks::blocked_id.eq(posts::author_id));
    let muted = mutes::table
        .filter(mutes::muter_id.eq(reader))
        .filter(mutes::muted_id.eq(posts::author_id))
        .filter(mutes::ends_at.is_null().or(mutes::ends_at.gt(now)));
    exists(blocked).or(exists(muted))
}

#[auto_type]
fn boosts_unwanted(reader: i64, now: i64) -> _ {
    let blocked = blocks::table
        .inner_join(boosted.on(boosted.field(posts::author_id).eq(blocks::blocked_id)))
        .filter(blocks::blocker_id.eq(reader))
        .filter(boosted.field(posts::id).nullable().eq(posts::boost_of_id));
    let muted = mutes::table
        .inner_join(boosted.on(boosted.field(posts::author_id).eq(mutes::muted_id)))
        .filter(mutes::muter_id.eq(reader))
        .filter(mutes::ends_at.is_null().or(mutes::ends_at.gt(now)))
        .filter(boosted.field(posts::id).nullable().eq(posts::boost_of_id));
    exists(blocked).or(exists(muted))
}

/// A person's home feed, without those whom they keep apart in a list.
///
/// # Errors
/// When the database fails.
pub fn home(tx: &mut Tx<'_>, reader: ActorId, page: &Page) -> Result<Vec<PostRow>> {
    let query = home_entries::table
        .inner_join(posts::table.on(posts::id.eq(home_entries::post_id)))
        .filter(home_entries::owner_id.eq(reader.raw()))
        .filter(readable_by(reader.raw()))
        .filter(is_wanted(reader.raw(), tx.now().millis()))
        .filter(not(is_kept_apart(reader.raw())))
        .select(PostRow::as_select())
        .into_boxed();
    Ok(load_page!(tx, query, home_entries::post_id, page))
}

/// What the members of a list wrote, of what came home to its owner. A group among them brings what is said in it.
///
/// # Errors
/// When the database fails.
pub fn of_list(tx: &mut Tx<'_>, list: &ListRow, page: &Page) -> Result<Vec<PostRow>> {
    let reader = list.owner_id;
    let query = home_entries::table
        .inner_join(posts::table.on(posts::id.eq(home_entries::post_id)))
        .filter(home_entries::owner_id.eq(reader))
        .filter(has_member(list.id))
        .filter(readable_by(reader))
        .filter(is_wanted(reader, tx.now().millis()))
        .select(PostRow::as_select())
        .into_boxed();
    let query = match list.replies() {
        RepliesPolicy::None => query.filter(answers_nobody_else(reader)),
        RepliesPolicy::List => query.filter(answers_nobody_else(reader).or(answers_member(list.id))),
        RepliesPolicy::Followed => query.filter(answers_nobody_else(reader).or(answers_followed(reader))),
    };
    Ok(load_page!(tx, query, home_entries::post_id, page))
}

/// Whether a list shows a post now, as [`of_list`] would.
///
/// # Errors
/// When the database fails.
pub fn is_in_list(tx: &mut Tx<'_>, list: &ListRow, post: PostId) -> Result<bool> {
    Ok(!of_list(tx, list, &only(post))?.is_empty())
}

/// The page of a timeline that pages by its posts' numbers which holds this post, where it shows it at all.
#[must_use]
pub const fn only(post: PostId) -> Page {
    Page {
        max_id: Some(post.raw().saturating_add(1)),
        since_id: Some(post.raw().saturating_sub(1)),
        min_id: None,
        limit: 1,
    }
}

/// Posts of one audience, neither replies nor boosts. `local`: only those written here, or only those of peers.
///
/// # Errors
/// When the database fails.
pub fn of_audience(
    tx: &mut Tx<'_>,
    audience: Audience,
    local: Option<bool>,
    reader: ActorId,
    page: &Page,
) -> Result<Vec<PostRow>> {
    let mut query = posts::table
        .filter(posts::audience.eq(audience.code()))
        .filter(posts::kind.ne(PostKind::Boost.code()))
        .filter(readable_by(reader.raw()))
        .filter(is_wanted(reader.raw(), tx.now().millis()))
        .select(PostRow::as_select())
        .into_boxed();
    if audience == Audience::Network {
        query = query.filter(posts::in_reply_to_id.is_null()).filter(posts::in_reply_to_uri.is_null());
    }
    match local {
        Some(true) => query = query.filter(posts::peer_id.is_null()),
        Some(false) => query = query.filter(posts::peer_id.is_not_null()),
        None => {}
    }
    Ok(load_page!(tx, query, posts::id, page))
}

/// One person's posts and boosts.
///
/// # Errors
/// When the database fails.
pub fn by_author(
    tx: &mut Tx<'_>,
    author: ActorId,
    wanted: &OfAuthor,
    reader: ActorId,
    page: &Page,
) -> Result<Vec<PostRow>> {
    let mut query = posts::table
        .filter(posts::author_id.eq(author.raw()))
        .filter(readable_by(reader.raw()))
        .select(PostRow::as_select())
        .into_boxed();
    if wanted.exclude_replies {
        query = query.filter(posts::in_reply_to_id.is_null()).filter(posts::in_reply_to_uri.is_null());
    }
    if wanted.exclude_boosts {
        query = query.filter(posts::kind.ne(PostKind::Boost.code()));
    }
    if wanted.only_media {
        query = query.filter(crate::media::is_illustrated());
    }
    if let Some(tag) = &wanted.tagged {
        let tagged = post_tags::table.filter(post_tags::post_id.eq(posts::id)).filter(post_tags::tag.eq(tag.clone()));
        query = query.filter(diesel::dsl::exists(tagged));
    }
    Ok(load_page!(tx, query, posts::id, page))
}

/// Posts with a hashtag, in the form in which tags are compared.
///
/// # Errors
/// When the database fails.
pub fn tagged(tx: &mut Tx<'_>, tag: &str, reader: ActorId, page: &Page) -> Result<Vec<PostRow>> {
    let query = post_tags::table
        .inner_join(posts::table.on(posts::id.eq(post_tags::post_id)))
        .filter(post_tags::tag.eq(tag))
        .filter(readable_by(reader.raw()))
        .filter(is_wanted(reader.raw(), tx.now().millis()))
        .select(PostRow::as_select())
        .into_boxed();
    Ok(load_page!(tx, query, post_tags::post_id, page))
}

/// What a person favourited, with the favourite's number.
///
/// # Errors
/// When the database fails.
pub fn favourites(tx: &mut Tx<'_>, reader: ActorId, page: &Page) -> Result<Vec<(i64, PostRow)>> {
    let query = favourites::table
        .inner_join(posts::table.on(posts::id.eq(favourites::post_id)))
        .filter(favourites::actor_id.eq(reader.raw()))
        .filter(readable_by(reader.raw()))
        .select((favourites::id, PostRow::as_select()))
        .into_boxed();
    Ok(load_page!(tx, query, favourites::id, page))
}

/// What a person bookmarked, with the bookmark's number.
///
/// # Errors
/// When the database fails.
pub fn bookmarks(tx: &mut Tx<'_>, reader: ActorId, page: &Page) -> Result<Vec<(i64, PostRow)>> {
    let query = bookmarks::table
        .inner_join(posts::table.on(posts::id.eq(bookmarks::post_id)))
        .filter(bookmarks::actor_id.eq(reader.raw()))
        .filter(readable_by(reader.raw()))
        .select((bookmarks::id, PostRow::as_select()))
        .into_boxed();
    Ok(load_page!(tx, query, bookmarks::id, page))
}

/// Who boosted a post: the boost's number and the person.
///
/// # Errors
/// When the database fails.
pub fn boosters(tx: &mut Tx<'_>, post: PostId, reader: ActorId, page: &Page) -> Result<Vec<(i64, ActorId)>> {
    let query = posts::table
        .filter(posts::boost_of_id.eq(post.raw()))
        .filter(readable_by(reader.raw()))
        .select((posts::id, posts::author_id))
        .into_boxed();
    let rows: Vec<(i64, i64)> = load_page!(tx, query, posts::id, page);
    Ok(rows.into_iter().map(|(id, actor)| (id, ActorId::new(actor))).collect())
}

/// A peer's view of a local person's posts, for their outbox: only what may leave to that peer.
///
/// # Errors
/// When the database fails.
pub fn outbox(tx: &mut Tx<'_>, author: ActorId, peer: PeerId, page: &Page) -> Result<Vec<PostRow>> {
    let query = posts::table
        .filter(posts::author_id.eq(author.raw()))
        .filter(leaves_to(peer.raw()))
        .select(PostRow::as_select())
        .into_boxed();
    Ok(load_page!(tx, query, posts::id, page))
}

/// How many of a local person's posts may leave to a peer.
///
/// # Errors
/// When the database fails.
pub fn outbox_count(tx: &mut Tx<'_>, author: ActorId, peer: PeerId) -> Result<i64> {
    Ok(posts::table
        .filter(posts::author_id.eq(author.raw()))
        .filter(leaves_to(peer.raw()))
        .count()
        .get_result(tx.conn)?)
}

/// Who of this node boosted a post.
///
/// # Errors
/// When the database fails.
pub fn local_boosters(tx: &mut Tx<'_>, post: PostId) -> Result<Vec<ActorId>> {
    let boosters: Vec<i64> = posts::table
        .filter(posts::boost_of_id.eq(post.raw()))
        .filter(posts::peer_id.is_null())
        .filter(posts::deleted_at.is_null())
        .select(posts::author_id)
        .load(tx.conn)?;
    Ok(boosters.into_iter().map(ActorId::new).collect())
}

#[cfg(test)]
mod tests;
