//! The allow-list as administrators page through it: who is on it now, and who once was.

use corridor_domain::{Page, Peer, PeerId, PeerState, Timestamp};
use corridor_store::{Tx, peers};

use super::digest;
use crate::operator::Operator;
use crate::{Ctx, Error, Result, Slice};

/// A peer, and since when.
#[derive(Debug, Clone)]
pub struct ListedPeer {
    /// The peer and its terms.
    pub peer: Peer,
    /// When it was first allowed.
    pub since: Timestamp,
    /// When its terms were last changed.
    pub changed_at: Timestamp,
    /// What identifies its domain without naming it: its SHA-256 in hexadecimal.
    pub digest: String,
}

/// The peers that are allowed now, the latest first.
///
/// # Errors
/// [`Error::Forbidden`] for a person who is no administrator.
pub async fn list_allowed(ctx: &Ctx, by: &Operator, page: Page) -> Result<Slice<ListedPeer>> {
    list(ctx, by, true, page).await
}

/// The peers that once were allowed and are not now, the latest first.
///
/// # Errors
/// [`Error::Forbidden`] for a person who is no administrator.
pub async fn list_others(ctx: &Ctx, by: &Operator, page: Page) -> Result<Slice<ListedPeer>> {
    list(ctx, by, false, page).await
}

/// A peer that is allowed now.
///
/// # Errors
/// [`Error::Forbidden`] for a person who is no administrator, [`Error::NotFound`] when it isn't.
pub async fn show_allowed(ctx: &Ctx, by: &Operator, id: PeerId) -> Result<ListedPeer> {
    show(ctx, by, true, id).await
}

/// A peer that once was allowed and is not now.
///
/// # Errors
/// [`Error::Forbidden`] for a person who is no administrator, [`Error::NotFound`] when it is or never was.
pub async fn show_other(ctx: &Ctx, by: &Operator, id: PeerId) -> Result<ListedPeer> {
    show(ctx, by, false, id).await
}

async fn list(ctx: &Ctx, by: &Operator, allowed: bool, page: Page) -> Result<Slice<ListedPeer>> {
    by.demand_administrator()?;
    let mut listed = ctx.store.read(move |tx| all(tx, allowed)).await?;
    listed.retain(|one| one.peer.id.raw() > page.above() && one.peer.id.raw() < page.below());
    listed.sort_unstable_by_key(|one| one.peer.id.raw());
    let limit = usize::try_from(page.limit).unwrap_or(0);
    if page.is_ascending() {
        listed.truncate(limit);
    } else {
        listed.drain(..listed.len().saturating_sub(limit));
    }
    listed.reverse();
    Ok(Slice::of(listed, |one| one.peer.id.raw()))
}

async fn show(ctx: &Ctx, by: &Operator, allowed: bool, id: PeerId) -> Result<ListedPeer> {
    by.demand_administrator()?;
    let listed = ctx.store.read(move |tx| all(tx, allowed)).await?;
    listed.into_iter().find(|one| one.peer.id == id).ok_or(Error::NotFound("that peer"))
}

/// There are as many as there are departments: which of them is allowed also depends on the dates of their terms.
fn all(tx: &mut Tx<'_>, allowed: bool) -> Result<Vec<ListedPeer>> {
    let dates = peers::dates(tx)?;
    let listed = |peer: Peer| {
        let (since, changed_at) = dates.get(&peer.id).copied()?;
        Some(ListedPeer { since, changed_at, digest: digest(&peer.account_domain), peer })
    };
    let of_these = peers::all(tx)?.into_iter().filter(|peer| (peer.state == PeerState::Allowed) == allowed);
    Ok(of_these.filter_map(listed).collect())
}
