//! Who is owed what leaves: the inboxes behind followers, recipients and earlier deliveries.

use corridor_domain::{ActivityId, ActorId, Page, Peer, PeerId, PostId};
use diesel::prelude::*;

use crate::deliveries::State;
use crate::posts::PostRow;
use crate::schema::{activities, actors, deliveries, follows, post_recipients, posts};
use crate::visibility::{leaves_to, served_to};
use crate::{Result, Tx};

/// An inbox of a peer: its shared one when it has one.
pub type Inbox = (PeerId, String);

type Row = (Option<i64>, Option<String>, String);

fn read(rows: Vec<Row>) -> Vec<Inbox> {
    rows.into_iter().filter_map(|(peer, shared, own)| Some((PeerId::new(peer?), shared.unwrap_or(own)))).collect()
}

/// The inboxes of the accepted followers of an actor that are elsewhere; shared ones once.
///
/// # Errors
/// When the database fails.
pub fn of_followers(tx: &mut Tx<'_>, actor: ActorId) -> Result<Vec<Inbox>> {
    let rows: Vec<Row> = follows::table
        .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
        .filter(follows::followed_id.eq(actor.raw()))
        .filter(follows::accepted.eq(true))
        .filter(actors::peer_id.is_not_null())
        .filter(actors::deleted_at.is_null())
        .select((actors::peer_id, actors::shared_inbox_uri, actors::inbox_uri))
        .distinct()
        .load(tx.conn)?;
    Ok(read(rows))
}

/// The inboxes of those elsewhere whom a post names or is addressed to.
///
/// # Errors
/// When the database fails.
pub fn of_recipients(tx: &mut Tx<'_>, post: PostId) -> Result<Vec<Inbox>> {
    let rows: Vec<Row> = post_recipients::table
        .inner_join(actors::table.on(actors::id.eq(post_recipients::actor_id)))
        .filter(post_recipients::post_id.eq(post.raw()))
        .filter(actors::peer_id.is_not_null())
        .filter(actors::deleted_at.is_null())
        .select((actors::peer_id, actors::shared_inbox_uri, actors::inbox_uri))
        .distinct()
        .load(tx.conn)?;
    Ok(read(rows))
}

/// The inbox of one actor; `None` for one of this node.
///
/// # Errors
/// When the database fails, or there is no such actor.
pub fn of_actor(tx: &mut Tx<'_>, actor: ActorId, personal: bool) -> Result<Option<Inbox>> {
    let (peer, shared, own): Row = actors::table
        .find(actor.raw())
        .select((actors::peer_id, actors::shared_inbox_uri, actors::inbox_uri))
        .first(tx.conn)?;
    let inbox = if personal { own } else { shared.unwrap_or(own) };
    Ok(peer.map(|peer| (PeerId::new(peer), inbox)))
}

/// The inboxes to which something about a post went, or is on its way: they may hold a copy.
///
/// # Errors
/// When the database fails.
pub fn that_were_told(tx: &mut Tx<'_>, post: PostId) -> Result<Vec<Inbox>> {
    let rows: Vec<(i64, String)> = deliveries::table
        .inner_join(activities::table.on(activities::id.eq(deliveries::activity_id)))
        .filter(activities::post_id.eq(post.raw()))
        .filter(deliveries::state.ne(State::Cancelled.code()))
        .select((deliveries::peer_id, deliveries::inbox_uri))
        .distinct()
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(peer, inbox)| (PeerId::new(peer), inbox)).collect())
}

/// The peers that were told that a post is gone, or are being told.
///
/// # Errors
/// When the database fails.
pub fn that_were_told_of_the_end(tx: &mut Tx<'_>, post: PostId) -> Result<Vec<PeerId>> {
    let peers: Vec<i64> = deliveries::table
        .inner_join(activities::table.on(activities::id.eq(deliveries::activity_id)))
        .filter(activities::post_id.eq(post.raw()))
        .filter(activities::kind.eq("Delete"))
        .filter(deliveries::state.ne(State::Cancelled.code()))
        .select(deliveries::peer_id)
        .distinct()
        .load(tx.conn)?;
    Ok(peers.into_iter().map(PeerId::new).collect())
}

/// The inboxes to which anything of an actor ever went.
///
/// # Errors
/// When the database fails.
pub fn that_know(tx: &mut Tx<'_>, actor: ActorId) -> Result<Vec<Inbox>> {
    let rows: Vec<(i64, String)> = deliveries::table
        .inner_join(activities::table.on(activities::id.eq(deliveries::activity_id)))
        .filter(activities::actor_id.eq(actor.raw()))
        .select((deliveries::peer_id, deliveries::inbox_uri))
        .distinct()
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(peer, inbox)| (PeerId::new(peer), inbox)).collect())
}

/// An inbox of every peer of which anyone is known here.
///
/// # Errors
/// When the database fails.
pub fn of_every_peer(tx: &mut Tx<'_>) -> Result<Vec<Inbox>> {
    let shared: Vec<Row> = actors::table
        .filter(actors::peer_id.is_not_null())
        .filter(actors::shared_inbox_uri.is_not_null())
        .filter(actors::deleted_at.is_null())
        .select((actors::peer_id, actors::shared_inbox_uri, actors::shared_inbox_uri.assume_not_null()))
        .distinct()
        .load(tx.conn)?;
    let own: Vec<Row> = actors::table
        .filter(actors::peer_id.is_not_null())
        .filter(actors::kind.eq(corridor_domain::ActorKind::Service.code()))
        .filter(actors::deleted_at.is_null())
        .select((actors::peer_id, actors::shared_inbox_uri, actors::inbox_uri))
        .load(tx.conn)?;
    Ok(read(shared.into_iter().chain(own).collect()))
}

/// Whether an activity was sent, or is on its way, to a peer.
///
/// # Errors
/// When the database fails.
pub fn was_sent(tx: &mut Tx<'_>, activity: ActivityId, peer: PeerId) -> Result<bool> {
    let sent: i64 = deliveries::table
        .filter(deliveries::activity_id.eq(activity.raw()))
        .filter(deliveries::peer_id.eq(peer.raw()))
        .filter(deliveries::state.ne(State::Cancelled.code()))
        .count()
        .get_result(tx.conn)?;
    Ok(sent > 0)
}

/// How many posts and boosts of an actor may leave to a peer.
///
/// # Errors
/// When the database fails.
pub fn count_posts_for(tx: &mut Tx<'_>, actor: ActorId, peer: &Peer) -> Result<i64> {
    Ok(posts::table
        .filter(posts::author_id.eq(actor.raw()))
        .filter(leaves_to(peer.id.raw()))
        .filter(posts::audience.eq_any(served_to(peer)))
        .count()
        .get_result(tx.conn)?)
}

/// Posts and boosts of an actor that may leave to a peer, newest first.
///
/// # Errors
/// When the database fails.
pub fn posts_for(tx: &mut Tx<'_>, actor: ActorId, peer: &Peer, page: &Page) -> Result<Vec<PostRow>> {
    Ok(posts::table
        .filter(posts::author_id.eq(actor.raw()))
        .filter(posts::id.lt(page.below()))
        .filter(leaves_to(peer.id.raw()))
        .filter(posts::audience.eq_any(served_to(peer)))
        .order(posts::id.desc())
        .limit(page.limit)
        .select(PostRow::as_select())
        .load(tx.conn)?)
}

/// The URIs of replies of this node to a post that may leave to a peer, oldest first.
///
/// # Errors
/// When the database fails.
pub fn replies_for(tx: &mut Tx<'_>, post: PostId, peer: &Peer) -> Result<Vec<String>> {
    Ok(posts::table
        .filter(posts::in_reply_to_id.eq(post.raw()))
        .filter(leaves_to(peer.id.raw()))
        .filter(posts::audience.eq_any(served_to(peer)))
        .order(posts::id)
        .limit(200)
        .select(posts::uri)
        .load(tx.conn)?)
}

/// The accepted followers of an actor that are people of a peer: how many, and a page of (follow id, URI).
///
/// # Errors
/// When the database fails.
pub fn followers_at(tx: &mut Tx<'_>, actor: ActorId, peer: PeerId, page: &Page) -> Result<(i64, Vec<(i64, String)>)> {
    let there = || {
        follows::table
            .inner_join(actors::table.on(actors::id.eq(follows::follower_id)))
            .filter(follows::followed_id.eq(actor.raw()))
            .filter(follows::accepted.eq(true))
            .filter(actors::peer_id.eq(peer.raw()))
    };
    let total = there().count().get_result(tx.conn)?;
    let rows = there()
        .filter(follows::id.lt(page.below()))
        .order(follows::id.desc())
        .limit(page.limit)
        .select((follows::id, actors::uri))
        .load(tx.conn)?;
    Ok((total, rows))
}

/// The people of a peer whom an actor follows: how many, and a page of (follow id, URI).
///
/// # Errors
/// When the database fails.
pub fn followed_at(tx: &mut Tx<'_>, actor: ActorId, peer: PeerId, page: &Page) -> Result<(i64, Vec<(i64, String)>)> {
    let there = || {
        follows::table
            .inner_join(actors::table.on(actors::id.eq(follows::followed_id)))
            .filter(follows::follower_id.eq(actor.raw()))
            .filter(follows::accepted.eq(true))
            .filter(actors::peer_id.eq(peer.raw()))
    };
    let total = there().count().get_result(tx.conn)?;
    let rows = there()
        .filter(follows::id.lt(page.below()))
        .order(follows::id.desc())
        .limit(page.limit)
        .select((follows::id, actors::uri))
        .load(tx.conn)?;
    Ok((total, rows))
}
