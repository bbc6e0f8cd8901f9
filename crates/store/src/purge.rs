//! Destroying what is held of a removed peer, a batch at a time. What must be remembered for ever stays: the addresses of
//! what was here, ids that were seen, tombstones, and the audit.

use corridor_domain::{ActorId, PeerId, PostId};
use diesel::dsl::{exists, not};
use diesel::prelude::*;

use crate::removal::{self, is_held};
use crate::schema::{
    account_notes, actor_keys, actors, bookmarks, connections, dismissed_suggestions, endorsements, favourites,
    former_names, holds, memberships, notification_senders, notifications, post_recipients, posts,
};
use crate::{Result, Tx};

/// What is left to purge of a peer, and what a hold keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Posts.
    pub posts: i64,
    /// People.
    pub people: i64,
    /// Posts and people that stay because of a hold.
    pub held: i64,
}

/// Counts what is left.
///
/// # Errors
/// When the database fails.
pub fn left(tx: &mut Tx<'_>, peer: PeerId) -> Result<Left> {
    let of_peer = || posts::table.filter(posts::peer_id.eq(peer.raw())).filter(posts::destroyed_at.is_null());
    let people = || actors::table.filter(actors::peer_id.eq(peer.raw())).filter(actors::inbox_uri.ne(""));
    let held_person =
        || exists(holds::table.filter(holds::lifted_at.is_null()).filter(holds::actor_id.eq(actors::id.nullable())));
    let held_posts: i64 = of_peer().filter(is_held()).count().get_result(tx.conn)?;
    let held_people: i64 = people().filter(held_person()).count().get_result(tx.conn)?;
    Ok(Left {
        posts: of_peer().filter(not(is_held())).count().get_result(tx.conn)?,
        people: people().filter(not(held_person())).count().get_result(tx.conn)?,
        held: held_posts + held_people,
    })
}

/// Destroys up to `limit` posts of a peer; says how many. Zero when none is left.
///
/// # Errors
/// When the database fails.
pub fn posts(tx: &mut Tx<'_>, peer: PeerId, limit: i64) -> Result<usize> {
    let now = tx.now();
    let batch: Vec<i64> = posts::table
        .filter(posts::peer_id.eq(peer.raw()))
        .filter(posts::destroyed_at.is_null())
        .filter(not(is_held()))
        .order(posts::id)
        .limit(limit)
        .select(posts::id)
        .load(tx.conn)?;
    for id in &batch {
        removal::hide(tx, PostId::new(*id), now)?;
    }
    removal::destroy(tx, &batch)?;
    diesel::delete(bookmarks::table.filter(bookmarks::post_id.eq_any(batch.clone()))).execute(tx.conn)?;
    diesel::delete(favourites::table.filter(favourites::post_id.eq_any(batch.clone()))).execute(tx.conn)?;
    diesel::delete(post_recipients::table.filter(post_recipients::post_id.eq_any(batch.clone()))).execute(tx.conn)?;
    Ok(batch.len())
}

/// Destroys what is known of up to `limit` people of a peer; says how many. Their addresses stay, so that the rows which
/// speak of them hold together.
///
/// # Errors
/// When the database fails.
pub fn people(tx: &mut Tx<'_>, peer: PeerId, limit: i64) -> Result<usize> {
    let held =
        exists(holds::table.filter(holds::lifted_at.is_null()).filter(holds::actor_id.eq(actors::id.nullable())));
    // An actor without an inbox is one of whom nothing is left.
    let batch: Vec<i64> = actors::table
        .filter(actors::peer_id.eq(peer.raw()))
        .filter(actors::inbox_uri.ne(""))
        .filter(not(held))
        .order(actors::id)
        .limit(limit)
        .select(actors::id)
        .load(tx.conn)?;
    for id in &batch {
        forget_person(tx, *id)?;
    }
    Ok(batch.len())
}

fn forget_person(tx: &mut Tx<'_>, id: i64) -> Result<()> {
    diesel::delete(notifications::table.filter(notifications::actor_id.eq(id))).execute(tx.conn)?;
    diesel::delete(memberships::table.filter(memberships::actor_id.eq(id).or(memberships::group_id.eq(id))))
        .execute(tx.conn)?;
    diesel::delete(notification_senders::table.filter(notification_senders::sender_id.eq(id))).execute(tx.conn)?;
    forget_favourites(tx, id)?;
    diesel::delete(connections::table.filter(connections::low_id.eq(id).or(connections::high_id.eq(id))))
        .execute(tx.conn)?;
    diesel::delete(account_notes::table.filter(account_notes::about_id.eq(id))).execute(tx.conn)?;
    diesel::delete(endorsements::table.filter(endorsements::endorsed_id.eq(id))).execute(tx.conn)?;
    diesel::delete(dismissed_suggestions::table.filter(dismissed_suggestions::dismissed_id.eq(id))).execute(tx.conn)?;
    diesel::delete(actor_keys::table.filter(actor_keys::actor_id.eq(id))).execute(tx.conn)?;
    diesel::delete(former_names::table.filter(former_names::actor_id.eq(id))).execute(tx.conn)?;
    crate::portraits::discard_of(tx, ActorId::new(id))?;
    let none: Option<&str> = None;
    let name = format!("purged-{id}");
    diesel::update(actors::table.find(id))
        .set((
            actors::username.eq(&name),
            actors::username_key.eq(&name),
            actors::display_name.eq(""),
            actors::summary.eq(""),
            actors::summary_source.eq(""),
            actors::role_title.eq(""),
            actors::url.eq(""),
            actors::fields.eq("[]"),
            actors::inbox_uri.eq(""),
            actors::shared_inbox_uri.eq(none),
            actors::outbox_uri.eq(none),
            actors::followers_uri.eq(none),
            actors::following_uri.eq(none),
            actors::featured_uri.eq(none),
            actors::fetched_at.eq(None::<i64>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Their favourites are counted with the posts that they favoured.
fn forget_favourites(tx: &mut Tx<'_>, id: i64) -> Result<()> {
    let liked: Vec<i64> =
        favourites::table.filter(favourites::actor_id.eq(id)).select(favourites::post_id).load(tx.conn)?;
    for part in liked.chunks(500) {
        diesel::update(posts::table.filter(posts::id.eq_any(part)))
            .set(posts::favourites_count.eq(posts::favourites_count - 1))
            .execute(tx.conn)?;
    }
    diesel::delete(favourites::table.filter(favourites::actor_id.eq(id))).execute(tx.conn)?;
    Ok(())
}
