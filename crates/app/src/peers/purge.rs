//! Destroying what is held of a peer that was removed: posts, people and media, in batches that can be broken off.

use corridor_domain::{Authority, Peer, PeerId, PeerState};
use corridor_store::{Tx, purge as store};
use serde::Serialize;
use serde_json::json;

pub use corridor_store::purge::Left;

use super::{held, known};
use crate::operator::Operator;
use crate::{Ctx, Error, Result, audit};

/// Posts or people destroyed in one transaction: few enough that nobody else waits long.
const BATCH: i64 = 100;

/// What was destroyed, and what a hold keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Purged {
    /// Posts, with their media.
    pub posts: usize,
    /// People.
    pub people: usize,
    /// Posts and people that stay because of a hold.
    pub held: i64,
}

/// What is still held of a peer, and what a hold keeps.
///
/// # Errors
/// [`Error::NotFound`] for a host that never was a peer, [`Error::Forbidden`] for who is no administrator.
pub async fn left(ctx: &Ctx, by: &Operator, authority: &Authority) -> Result<Left> {
    by.demand_administrator()?;
    let host = authority.clone();
    ctx.store
        .read(move |tx| {
            let peer = known(tx, &host)?;
            Ok(store::left(tx, peer.id)?)
        })
        .await
}

/// Destroys what is held of a removed peer. `progress` is told how much is done and how much there is. Broken off, it
/// goes on where it was when it is asked again. Tombstones, seen ids and the audit stay.
///
/// # Errors
/// [`Error::Conflict`] when the peer is not removed, or is allowed again meanwhile.
pub async fn purge(
    ctx: &Ctx,
    by: &Operator,
    authority: &Authority,
    mut progress: impl FnMut(usize, usize),
) -> Result<Purged> {
    by.demand_administrator()?;
    let host = authority.clone();
    let left = ctx
        .store
        .read(move |tx| {
            let peer = known(tx, &host)?;
            demand_removed(&peer)?;
            Ok::<_, Error>(store::left(tx, peer.id)?)
        })
        .await?;
    let all = usize::try_from(left.posts + left.people).unwrap_or(0);
    let mut done = Purged { posts: 0, people: 0, held: left.held };
    loop {
        let host = authority.clone();
        let posts = ctx
            .store
            .write(move |tx| {
                let peer = removed(tx, &host)?;
                Ok::<_, Error>(store::posts(tx, peer, BATCH)?)
            })
            .await?;
        done.posts += posts;
        progress(done.posts, all);
        if posts == 0 {
            break;
        }
    }
    loop {
        let host = authority.clone();
        let people = ctx
            .store
            .write(move |tx| {
                let peer = removed(tx, &host)?;
                Ok::<_, Error>(store::people(tx, peer, BATCH)?)
            })
            .await?;
        done.people += people;
        progress(done.posts + done.people, all);
        if people == 0 {
            break;
        }
    }
    let (who, host) = (by.name(), authority.clone());
    ctx.store
        .write(move |tx| {
            let detail = json!({ "posts": done.posts, "people": done.people, "held": done.held });
            audit::append(tx, &who, "peer.purge", host.as_str(), &detail)
        })
        .await?;
    Ok(done)
}

fn removed(tx: &mut Tx<'_>, authority: &Authority) -> Result<PeerId> {
    let peer = held(tx, authority)?;
    demand_removed(&peer)?;
    Ok(peer.id)
}

fn demand_removed(peer: &Peer) -> Result<()> {
    if peer.state == PeerState::Removed {
        return Ok(());
    }
    let (host, state) = (&peer.authority, peer.state.word());
    Err(Error::Conflict(format!("{host} is {state}: only what is held of a removed peer is purged")))
}
