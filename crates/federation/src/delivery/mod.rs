//! Delivery: from an event in the outbox to a 2xx of every peer that is owed it.
//!
//! `fanout` renders each event once and freezes its recipients; `worker` takes the rows peer by
//! peer, asks policy again, signs and sends. One process of a node does this at a time.

pub mod backoff;
mod fanout;
mod lane;
mod send;
mod worker;

use std::thread::JoinHandle;
use std::time::Duration;

use corridor_domain::PeerId;
use corridor_store::deliveries::{self, Lease};
use corridor_store::{Error, Signal};
use tokio::sync::watch;

use crate::node::Node;

/// How often a waiting process asks whether it may become the one that sends, and the sender looks
/// for work that another process of the node has queued.
const POLL: Duration = Duration::from_millis(500);

/// The running delivery of a node. Stops when told, or when dropped.
#[derive(Debug)]
pub struct Workers {
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl Workers {
    /// Lets what is on its way end, and stops. Blocks for at most a request's time.
    pub fn stop(mut self) {
        self.finish();
    }

    fn finish(&mut self) {
        // Nobody listens any more when the thread has ended by itself.
        let _ = self.stop.send(true);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("delivery ended with a panic");
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.finish();
    }
}

/// Starts delivery on a thread of its own, so that signing never holds a page up.
///
/// # Errors
/// When the thread or its runtime can't be made.
pub fn start(node: Node) -> std::io::Result<Workers> {
    let (stop, stopping) = watch::channel(false);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("corridor-delivery")
        .enable_all()
        .build()?;
    let thread = std::thread::Builder::new()
        .name("corridor-delivery-main".into())
        .spawn(move || runtime.block_on(run(node, stopping)))?;
    Ok(Workers { stop, thread: Some(thread) })
}

/// Tells that a peer has just spoken to us: what waits for it goes at once.
///
/// # Errors
/// When the database fails.
pub async fn peer_is_back(node: &Node, peer: PeerId) -> Result<(), Error> {
    let breaker = node.ctx.store.read(move |tx| deliveries::breaker(tx, peer)).await?;
    if breaker.closed_until.is_some() {
        node.ctx.store.write(move |tx| deliveries::retry_now(tx, peer)).await?;
    }
    Ok(())
}

async fn run(node: Node, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        let store = node.ctx.store.clone();
        match tokio::task::spawn_blocking(move || Lease::take(&store)).await {
            Ok(Ok(Some(lease))) => work(&node, lease, &mut stopping).await,
            Ok(Ok(None)) => {}
            Ok(Err(error)) => tracing::warn!("delivery can't reach the database: {error}"),
            Err(_) => return,
        }
        pause(POLL, &mut stopping).await;
    }
}

/// Works the queue until told to stop or the lease is lost.
async fn work(node: &Node, lease: Lease, stopping: &mut watch::Receiver<bool>) {
    let (end, ending) = watch::channel(false);
    let fanout = tokio::spawn(fanout::run(node.clone(), ending.clone()));
    let sender = tokio::spawn(worker::run(node.clone(), ending));
    keep(lease, stopping).await;
    let _ = end.send(true);
    for task in [fanout, sender] {
        if task.await.is_err() {
            tracing::error!("a delivery task ended unexpectedly");
        }
    }
}

async fn keep(mut lease: Lease, stopping: &mut watch::Receiver<bool>) {
    while !*stopping.borrow() {
        pause(POLL * 4, stopping).await;
        match tokio::task::spawn_blocking(move || lease.is_held().then_some(lease)).await {
            Ok(Some(kept)) => lease = kept,
            _ => {
                tracing::warn!("the right to deliver was lost; it will be asked for again");
                return;
            }
        }
    }
}

#[cfg(test)]
pub(crate) use fanout::tell_next;

/// Waits for `span`, or less when told to stop.
async fn pause(span: Duration, stopping: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = tokio::time::sleep(span) => {}
        _ = stopping.changed() => {}
    }
}

/// Waits for `signal`, for a poll's time at most, or less when told to stop.
async fn next_turn(node: &Node, signal: Signal, stopping: &mut watch::Receiver<bool>) {
    tokio::select! {
        () = node.ctx.store.wait_for(signal) => {}
        () = tokio::time::sleep(POLL) => {}
        _ = stopping.changed() => {}
    }
}
