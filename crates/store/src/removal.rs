//! Deletion: hidden from every reader at once, the content destroyed when its time has come and no hold forbids it.

use corridor_domain::{Audience, PostId, Timestamp};
use diesel::dsl::{auto_type, exists, not};
use diesel::prelude::*;

use crate::posts::{PostRow, find};
use crate::schema::{activities, actors, deliveries, holds, home_entries, notifications, post_tags, posts, revisions};
use crate::stream_events::{self, StreamEvent};
use crate::{Result, Tx, conversations, pins};

/// Hides a post and every boost of it, and takes them out of feeds, notifications, counts and open streams. Its content goes at
/// `destroy_after`. `false` when it was hidden already.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such post.
pub fn hide(tx: &mut Tx<'_>, id: PostId, destroy_after: Timestamp) -> Result<bool> {
    let post = find(tx, id)?;
    if !hide_row(tx, &post, destroy_after)? {
        return Ok(false);
    }
    let boosts: Vec<PostRow> = posts::table
        .filter(posts::boost_of_id.eq(id.raw()))
        .filter(posts::deleted_at.is_null())
        .select(PostRow::as_select())
        .load(tx.conn)?;
    for boost in boosts {
        hide_row(tx, &boost, destroy_after)?;
    }
    // Whoever is told that a post is gone takes its boosts away with it: they need no events of their own.
    stream_events::append(tx, StreamEvent::Deleted(id))?;
    Ok(true)
}

fn hide_row(tx: &mut Tx<'_>, post: &PostRow, destroy_after: Timestamp) -> Result<bool> {
    let shown = posts::table.filter(posts::id.eq(post.id)).filter(posts::deleted_at.is_null());
    let hidden = diesel::update(shown)
        .set((posts::deleted_at.eq(tx.now().millis()), posts::destroy_after.eq(destroy_after.millis())))
        .execute(tx.conn)?;
    if hidden == 0 {
        return Ok(false);
    }
    diesel::delete(home_entries::table.filter(home_entries::post_id.eq(post.id))).execute(tx.conn)?;
    diesel::delete(notifications::table.filter(notifications::post_id.eq(post.id))).execute(tx.conn)?;
    pins::forget_post(tx, post.id)?;
    if post.audience == Audience::Named.code() {
        conversations::fall_back(tx, post)?;
    }
    if let Some(parent) = post.in_reply_to_id {
        diesel::update(posts::table.find(parent))
            .set(posts::replies_count.eq(posts::replies_count - 1))
            .execute(tx.conn)?;
    }
    if let Some(boosted) = post.boost_of_id {
        diesel::update(posts::table.find(boosted))
            .set(posts::boosts_count.eq(posts::boosts_count - 1))
            .execute(tx.conn)?;
        take_back_boost_notice(tx, post.author_id, boosted)?;
    }
    diesel::update(actors::table.find(post.author_id))
        .set(actors::posts_count.eq(actors::posts_count - 1))
        .execute(tx.conn)?;
    Ok(true)
}

/// The author of the boosted post was told of the boost by the post's number, not the boost's.
fn take_back_boost_notice(tx: &mut Tx<'_>, booster: i64, boosted: i64) -> Result<()> {
    /// The number of `NotificationKind::Boost`.
    const BOOST: i16 = 4;
    let notice = notifications::table
        .filter(notifications::post_id.eq(boosted))
        .filter(notifications::actor_id.eq(booster))
        .filter(notifications::kind.eq(BOOST));
    diesel::delete(notice).execute(tx.conn)?;
    Ok(())
}

#[auto_type]
pub(crate) fn is_held() -> _ {
    exists(
        holds::table
            .filter(holds::lifted_at.is_null())
            .filter(holds::post_id.eq(posts::id.nullable()).or(holds::actor_id.eq(posts::author_id.nullable()))),
    )
}

/// Destroys the content of deleted posts whose time has come, at most `limit` of them; those under a hold stay.
/// Rows, addresses and counts stay, so that what is said about a post can still be refused or answered.
///
/// # Errors
/// When the database fails.
pub fn destroy_due(tx: &mut Tx<'_>, limit: i64) -> Result<usize> {
    let now = tx.now().millis();
    let due: Vec<i64> = posts::table
        .filter(posts::deleted_at.is_not_null())
        .filter(posts::destroy_after.le(now))
        .filter(posts::destroyed_at.is_null())
        .filter(not(is_held()))
        .order(posts::destroy_after)
        .limit(limit)
        .select(posts::id)
        .load(tx.conn)?;
    destroy(tx, &due)?;
    Ok(due.len())
}

/// Destroys the content of these posts, of which nobody holds any.
///
/// # Errors
/// When the database fails.
pub(crate) fn destroy(tx: &mut Tx<'_>, ids: &[i64]) -> Result<()> {
    let now = tx.now().millis();
    let due = ids.to_vec();
    diesel::update(posts::table.filter(posts::id.eq_any(due.clone())))
        .set((
            posts::destroyed_at.eq(now),
            posts::title.eq(""),
            posts::content.eq(""),
            posts::source.eq(""),
            posts::summary.eq(""),
            posts::handling.eq(""),
        ))
        .execute(tx.conn)?;
    diesel::delete(revisions::table.filter(revisions::post_id.eq_any(due.clone()))).execute(tx.conn)?;
    diesel::delete(post_tags::table.filter(post_tags::post_id.eq_any(due.clone()))).execute(tx.conn)?;
    crate::media::discard_of(tx, &due)?;
    crate::polls::discard_of(tx, &due)?;
    empty_activities(tx, &due)
}

/// The bytes that were sent hold the content too. What is still to be sent (the deletion, say) keeps them.
fn empty_activities(tx: &mut Tx<'_>, due: &[i64]) -> Result<()> {
    const PENDING: i16 = 0;
    let waiting = exists(
        deliveries::table.filter(deliveries::activity_id.eq(activities::id)).filter(deliveries::state.eq(PENDING)),
    );
    let sent = activities::table
        .filter(activities::post_id.eq_any(due.iter().map(|id| Some(*id)).collect::<Vec<_>>()))
        .filter(activities::kind.eq_any(["Create", "Update"]))
        .filter(not(waiting));
    diesel::update(sent).set(activities::body.eq("")).execute(tx.conn)?;
    Ok(())
}
