//! The sender: one task for each peer that is owed something, so that a bad peer harms nobody else.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use corridor_domain::{Peer, PeerId, PeerState, Timestamp};
use corridor_store::deliveries::{self, Breaker, Waiting};
use corridor_store::{Error, Signal};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::{backoff, lane};
use crate::node::Node;

/// Rows taken at a time: bounds memory, and how long a change of policy may go unnoticed.
const BATCH: i64 = 128;
/// A peer's task ends after this long without work.
const IDLE: Duration = Duration::from_secs(30);

struct PeerTask {
    wake: Arc<Notify>,
    handle: JoinHandle<()>,
}

/// Keeps one task for each peer with waiting rows, until told to stop.
pub(super) async fn run(node: Node, mut stopping: watch::Receiver<bool>) {
    let mut tasks: HashMap<PeerId, PeerTask> = HashMap::new();
    while !*stopping.borrow() {
        match node.ctx.store.read(deliveries::peers_with_waiting).await {
            Ok(peers) => peers.into_iter().for_each(|peer| rouse(&mut tasks, &node, peer, &stopping)),
            Err(error) => tracing::warn!("the queue can't be read now: {error}"),
        }
        tasks.retain(|_, task| !task.handle.is_finished());
        super::next_turn(&node, Signal::Deliveries, &mut stopping).await;
    }
    for task in tasks.into_values() {
        // It sees the stop signal itself; a panic inside was logged when it happened.
        let _ = task.handle.await;
    }
}

fn rouse(tasks: &mut HashMap<PeerId, PeerTask>, node: &Node, peer: PeerId, stopping: &watch::Receiver<bool>) {
    if let Some(task) = tasks.get(&peer)
        && !task.handle.is_finished()
    {
        task.wake.notify_one();
        return;
    }
    let wake = Arc::new(Notify::new());
    let handle = tokio::spawn(serve_peer(node.clone(), peer, wake.clone(), stopping.clone()));
    tasks.insert(peer, PeerTask { wake, handle });
}

/// What to do next for a peer.
enum Next {
    /// Send these, this many at a time.
    Send(Box<Peer>, Breaker, Vec<Waiting>, usize),
    /// Nothing can go before then.
    Wait(Duration),
    /// Nothing waits.
    Idle,
}

async fn serve_peer(node: Node, peer: PeerId, wake: Arc<Notify>, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        let wait = match look(&node, peer).await {
            Ok(Next::Send(peer, breaker, rows, window)) => {
                lane::send_batch(&node, &peer, breaker, rows, window, &stopping).await;
                continue;
            }
            Ok(Next::Wait(span)) => span,
            Ok(Next::Idle) => IDLE,
            Err(error) => {
                tracing::warn!(peer.id = %peer, "the queue of peer {peer} can't be read now: {error}");
                Duration::from_secs(1)
            }
        };
        let woken = tokio::select! {
            () = wake.notified() => true,
            () = tokio::time::sleep(wait) => wait < IDLE,
            _ = stopping.changed() => false,
        };
        if !woken {
            return;
        }
    }
}

async fn look(node: &Node, id: PeerId) -> Result<Next, Error> {
    let (peer, breaker, rows) = node
        .ctx
        .store
        .read(move |tx| {
            let peer = corridor_app::peers::find_in(tx, id)?;
            Ok::<_, Error>((peer, deliveries::breaker(tx, id)?, deliveries::waiting(tx, id, BATCH)?))
        })
        .await?;
    if rows.is_empty() {
        return Ok(Next::Idle);
    }
    // A suspended peer's rows wait; those of a removed one were cancelled with its removal.
    if peer.state != PeerState::Allowed {
        return Ok(Next::Wait(IDLE / 2));
    }
    let (now, longest) = (node.ctx.now(), node.limits.backoff_longest);
    let window = backoff::window(&breaker, node.limits.window, longest, now);
    if window == 0 {
        return Ok(Next::Wait(breaker.closed_until.map_or(super::POLL, |until| at_least_a_little(until - now))));
    }
    let ready = first_of_each_author(&rows, longest, now);
    if ready.is_empty() {
        let soonest = rows.iter().map(|row| row.next_try_at).filter(|at| *at > now).min();
        return Ok(Next::Wait(soonest.map_or(super::POLL, |at| at_least_a_little(at - now))));
    }
    Ok(Next::Send(Box::new(peer), breaker, ready, window))
}

/// Not so short that a clock standing still makes a hot loop, not so long that a moved clock goes unseen.
fn at_least_a_little(span: Duration) -> Duration {
    span.clamp(Duration::from_millis(50), Duration::from_secs(15))
}

/// The rows that may go now. An author whose oldest row must wait holds back the later ones too.
fn first_of_each_author(rows: &[Waiting], longest: Duration, now: Timestamp) -> Vec<Waiting> {
    let mut held: Vec<i64> = Vec::new();
    let mut ready = Vec::new();
    for row in rows {
        if held.contains(&row.order_key) {
            continue;
        }
        if !backoff::is_over(row.next_try_at, longest, now) {
            held.push(row.order_key);
        } else {
            ready.push(row.clone());
        }
    }
    ready
}
