//! Hashtags that people of this node follow: their posts come home, as far as the reader may see them.

use corridor_domain::{ActorId, Audience, Page};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::paging::load_page;
use crate::posts::{NewPost, PostKind};
use crate::schema::{follows, home_entries, memberships, post_recipients, post_tags, posts, tag_follows};
use crate::visibility::readable_by;
use crate::{Result, Tx, dialect};

/// How many posts of a newly followed tag are put into the home feed.
const BACKFILL: i64 = 40;

/// Follows a tag; `false` when it was followed.
///
/// # Errors
/// When the database fails.
pub fn follow(tx: &mut Tx<'_>, who: ActorId, tag: &str) -> Result<bool> {
    if is_followed(tx, who, tag)? {
        return Ok(false);
    }
    let (id, now) = (tx.new_id(), tx.now().millis());
    diesel::insert_into(tag_follows::table)
        .values((
            tag_follows::id.eq(id),
            tag_follows::actor_id.eq(who.raw()),
            tag_follows::tag.eq(tag),
            tag_follows::created_at.eq(now),
        ))
        .execute(tx.conn)?;
    let latest: Vec<i64> = post_tags::table
        .inner_join(posts::table.on(posts::id.eq(post_tags::post_id)))
        .filter(post_tags::tag.eq(tag))
        .filter(posts::audience.ne(Audience::Group.code()))
        .filter(readable_by(who.raw()))
        .order(post_tags::post_id.desc())
        .limit(BACKFILL)
        .select(post_tags::post_id)
        .load(tx.conn)?;
    dialect::insert_into_home(tx, who.raw(), &latest)?;
    Ok(true)
}

/// Follows a tag no longer: posts that are at home for no other reason leave it. `false` when it was not followed.
///
/// # Errors
/// When the database fails.
pub fn unfollow(tx: &mut Tx<'_>, who: ActorId, tag: &str) -> Result<bool> {
    let row = tag_follows::table.filter(tag_follows::actor_id.eq(who.raw())).filter(tag_follows::tag.eq(tag));
    if diesel::delete(row).execute(tx.conn)? == 0 {
        return Ok(false);
    }
    let follows_author = exists(
        follows::table.filter(follows::followed_id.eq(posts::author_id)).filter(follows::follower_id.eq(who.raw())),
    );
    let is_named = exists(
        post_recipients::table
            .filter(post_recipients::post_id.eq(posts::id))
            .filter(post_recipients::actor_id.eq(who.raw())),
    );
    let is_member = exists(
        memberships::table
            .filter(memberships::group_id.nullable().eq(posts::group_id))
            .filter(memberships::actor_id.eq(who.raw())),
    );
    let others: Vec<String> =
        tag_follows::table.filter(tag_follows::actor_id.eq(who.raw())).select(tag_follows::tag).load(tx.conn)?;
    let leaving: Vec<i64> = post_tags::table
        .inner_join(posts::table.on(posts::id.eq(post_tags::post_id)))
        .inner_join(home_entries::table.on(home_entries::post_id.eq(posts::id)))
        .filter(home_entries::owner_id.eq(who.raw()))
        .filter(post_tags::tag.eq(tag))
        .filter(posts::author_id.ne(who.raw()))
        .filter(not(follows_author))
        .filter(not(is_named))
        .filter(not(is_member))
        .select(posts::id)
        .load(tx.conn)?;
    let kept: Vec<i64> = post_tags::table
        .filter(post_tags::post_id.eq_any(&leaving))
        .filter(post_tags::tag.eq_any(&others))
        .select(post_tags::post_id)
        .load(tx.conn)?;
    let leaving: Vec<i64> = leaving.into_iter().filter(|post| !kept.contains(post)).collect();
    for part in leaving.chunks(500) {
        let rows = home_entries::table.filter(home_entries::owner_id.eq(who.raw()));
        diesel::delete(rows.filter(home_entries::post_id.eq_any(part))).execute(tx.conn)?;
    }
    Ok(true)
}

/// Whether somebody follows a tag.
///
/// # Errors
/// When the database fails.
pub fn is_followed(tx: &mut Tx<'_>, who: ActorId, tag: &str) -> Result<bool> {
    let row = tag_follows::table.filter(tag_follows::actor_id.eq(who.raw())).filter(tag_follows::tag.eq(tag));
    Ok(row.count().get_result::<i64>(tx.conn)? > 0)
}

/// The tags that somebody follows, latest first, with the number to page by.
///
/// # Errors
/// When the database fails.
pub fn of_person(tx: &mut Tx<'_>, who: ActorId, page: &Page) -> Result<Vec<(i64, String)>> {
    let query = tag_follows::table
        .filter(tag_follows::actor_id.eq(who.raw()))
        .select((tag_follows::id, tag_follows::tag))
        .into_boxed();
    Ok(load_page!(tx, query, tag_follows::id, page))
}

/// Puts a new post into the home feeds of those who follow one of its tags. What they may not read is left out when
/// the feed is read; what is for a group or for named people is nobody's by its tag.
pub(crate) fn enter_home_feeds(tx: &mut Tx<'_>, post: &NewPost) -> Result<()> {
    if post.tags.is_empty() || post.kind == PostKind::Boost || !is_for_many(post.audience) {
        return Ok(());
    }
    let owners: Vec<i64> = tag_follows::table
        .filter(tag_follows::tag.eq_any(&post.tags))
        .select(tag_follows::actor_id)
        .distinct()
        .load(tx.conn)?;
    dialect::insert_home_entries(tx, post.id.raw(), &owners)
}

const fn is_for_many(audience: Audience) -> bool {
    matches!(audience, Audience::Network | Audience::Department | Audience::Followers)
}
