//! The delivery queue as an administrator sees it: how far each peer lags, what was set aside, and what to do about it.

use corridor_domain::{Authority, DeliveryId, Peer, Timestamp};
use corridor_store::deliveries::{self, Listed, State};
use corridor_store::{Tx, outbox};

use crate::operator::Operator;
use crate::{Ctx, Error, Result, audit, peers};

/// How delivery to one peer stands.
#[derive(Debug, Clone)]
pub struct PeerQueue {
    /// The peer.
    pub peer: Peer,
    /// Activities that wait.
    pub pending: i64,
    /// Since when the oldest waits: the peer's lag.
    pub oldest_pending_at: Option<Timestamp>,
    /// Activities that were set aside.
    pub rejected: i64,
    /// Failures in a row.
    pub failures: i32,
    /// Nothing is tried before then.
    pub closed_until: Option<Timestamp>,
    /// When the peer last took something.
    pub last_success_at: Option<Timestamp>,
}

/// The whole queue.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Events that are not yet turned into deliveries.
    pub events_waiting: i64,
    /// Events that could not be told at all.
    pub events_set_aside: i64,
    /// One entry for each peer that was ever allowed.
    pub peers: Vec<PeerQueue>,
}

/// Which rows of a peer to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// What waits.
    Waiting,
    /// What was set aside.
    Rejected,
}

/// The queue, peer by peer.
///
/// # Errors
/// When the store can't answer.
pub async fn overview(ctx: &Ctx) -> Result<Queue> {
    ctx.store
        .read(|tx| {
            let (events_waiting, events_set_aside) = outbox::counts(tx)?;
            let all = corridor_store::peers::all(tx)?;
            let peers = all.into_iter().map(|peer| stand(tx, peer)).collect::<Result<_>>()?;
            Ok(Queue { events_waiting, events_set_aside, peers })
        })
        .await
}

fn stand(tx: &mut Tx<'_>, peer: Peer) -> Result<PeerQueue> {
    let (pending, oldest_pending_at) = deliveries::lag(tx, peer.id)?;
    let rejected = deliveries::count_rejected(tx, peer.id)?;
    let breaker = deliveries::breaker(tx, peer.id)?;
    Ok(PeerQueue {
        peer,
        pending,
        oldest_pending_at,
        rejected,
        failures: breaker.failures,
        closed_until: breaker.closed_until,
        last_success_at: breaker.last_success_at,
    })
}

/// Rows of one peer, oldest first, at most `limit`.
///
/// # Errors
/// [`Error::NotFound`] for a host that never was a peer.
pub async fn rows(ctx: &Ctx, authority: &Authority, which: Which, limit: i64) -> Result<Vec<Listed>> {
    let authority = authority.clone();
    let state = match which {
        Which::Waiting => State::Pending,
        Which::Rejected => State::Rejected,
    };
    ctx.store
        .read(move |tx| {
            let peer = known(tx, &authority)?;
            Ok(deliveries::list(tx, peer.id, state, limit)?)
        })
        .await
}

/// Puts rejected rows back in line (all, or one) and lets waiting ones go now; says how many.
///
/// # Errors
/// [`Error::NotFound`] for a host that never was a peer, [`Error::Forbidden`] for one that is not allowed now.
pub async fn retry(ctx: &Ctx, by: &Operator, authority: &Authority, only: Option<DeliveryId>) -> Result<usize> {
    peers::ask(ctx, corridor_domain::policy::Door::Delivery, authority).await?;
    act(ctx, by, authority, only, "queue.retry", deliveries::retry).await
}

/// Gives up rejected rows (all, or one row in any state); says how many.
///
/// # Errors
/// [`Error::NotFound`] for a host that never was a peer.
pub async fn drop_rows(ctx: &Ctx, by: &Operator, authority: &Authority, only: Option<DeliveryId>) -> Result<usize> {
    act(ctx, by, authority, only, "queue.drop", deliveries::drop_rows).await
}

/// Puts events back in line that could not be told; says how many.
///
/// # Errors
/// When the store can't answer.
pub async fn retry_events(ctx: &Ctx, by: &Operator) -> Result<usize> {
    let by = by.clone();
    ctx.store
        .write(move |tx| {
            let count = outbox::retry_set_aside(tx)?;
            audit::append(tx, &by.name(), "queue.retry-events", "", &serde_json::json!({ "events": count }))?;
            Ok(count)
        })
        .await
}

type Act = fn(&mut Tx<'_>, corridor_domain::PeerId, Option<DeliveryId>) -> corridor_store::Result<usize>;

async fn act(
    ctx: &Ctx,
    by: &Operator,
    authority: &Authority,
    only: Option<DeliveryId>,
    action: &'static str,
    change: Act,
) -> Result<usize> {
    let (by, authority) = (by.clone(), authority.clone());
    ctx.store
        .write(move |tx| {
            let peer = known(tx, &authority)?;
            let count = change(tx, peer.id, only)?;
            let detail = serde_json::json!({ "rows": count, "only": only });
            audit::append(tx, &by.name(), action, authority.as_str(), &detail)?;
            Ok(count)
        })
        .await
}

fn known(tx: &mut Tx<'_>, authority: &Authority) -> Result<Peer> {
    corridor_store::peers::find_by_authority(tx, authority)?.ok_or(Error::NotFound("that peer"))
}

/// How many events wait to be told: also a cheap way to see that the store answers.
///
/// # Errors
/// When the store can't answer.
pub async fn waiting(ctx: &Ctx) -> Result<i64> {
    ctx.store.read(|tx| Ok(outbox::counts(tx)?.0)).await
}
