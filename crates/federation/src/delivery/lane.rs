//! Lanes: one author's activities go one after the other, several authors' side by side.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use corridor_domain::Peer;
use corridor_store::deliveries::{self, Breaker, Outcome, State, Waiting};
use futures_util::StreamExt;
use tokio::sync::{mpsc, watch};

use super::backoff;
use super::send::{self, Verdict};
use crate::node::Node;

/// Tries after which a row that fails by itself, while the peer takes others, is set aside.
const TRIES: i32 = 5;
/// Outcomes written in one transaction at most.
const TOGETHER: usize = 64;

/// Sends rows of one peer, `window` lanes at a time, and writes down how each ended.
pub(super) async fn send_batch(
    node: &Node,
    peer: &Peer,
    breaker: Breaker,
    rows: Vec<Waiting>,
    window: usize,
    stopping: &watch::Receiver<bool>,
) {
    let mut lanes: BTreeMap<i64, Vec<Waiting>> = BTreeMap::new();
    // A probe sends one row and looks again.
    let take = if window == 1 && breaker.failures > 0 { 1 } else { rows.len() };
    for row in rows.into_iter().take(take) {
        lanes.entry(row.order_key).or_default().push(row);
    }
    let halt = AtomicBool::new(false);
    let (report, reports) = mpsc::unbounded_channel();
    let sending = async {
        futures_util::stream::iter(lanes.into_values())
            .map(|lane| send_lane(node, peer, &breaker, lane, &halt, stopping, report.clone()))
            .buffer_unordered(window)
            .collect::<Vec<()>>()
            .await;
        drop(report);
    };
    tokio::join!(sending, record(node, peer, breaker, reports));
}

async fn send_lane(
    node: &Node,
    peer: &Peer,
    breaker: &Breaker,
    lane: Vec<Waiting>,
    halt: &AtomicBool,
    stopping: &watch::Receiver<bool>,
    report: mpsc::UnboundedSender<(Outcome, Verdict)>,
) {
    for row in lane {
        if halt.load(Ordering::Relaxed) || *stopping.borrow() {
            return;
        }
        let verdict = send::deliver(node, peer, breaker.signature_form, &row).await;
        let goes_on = matches!(verdict, Verdict::Delivered { .. } | Verdict::Rejected { .. } | Verdict::Withheld(_));
        if matches!(verdict, Verdict::Failed { hard: true, .. }) {
            halt.store(true, Ordering::Relaxed);
        }
        let outcome = outcome_of(node, breaker, &row, &verdict);
        let set_aside = outcome.as_ref().is_some_and(|outcome| outcome.state == State::Rejected);
        if let Some(outcome) = outcome {
            // The receiver lives as long as the lanes do.
            let _ = report.send((outcome, verdict));
        }
        if !goes_on && !set_aside {
            return;
        }
    }
}

/// What is written down of a try; nothing when it was our own database that failed.
fn outcome_of(node: &Node, breaker: &Breaker, row: &Waiting, verdict: &Verdict) -> Option<Outcome> {
    let now = node.ctx.now();
    let outcome = |state, status, error: Option<String>, wait: Duration| {
        Some(Outcome { id: row.id, state, status, error, next_try_at: now + wait })
    };
    match verdict {
        Verdict::Delivered { status, .. } => outcome(State::Delivered, Some(*status), None, Duration::ZERO),
        Verdict::Rejected { status, reason } => outcome(State::Rejected, *status, Some(reason.clone()), Duration::ZERO),
        Verdict::Withheld(reason) => outcome(State::Cancelled, None, Some(reason.clone()), Duration::ZERO),
        Verdict::Failed { status, reason, retry_after, hard } => {
            let poison = !hard
                && row.attempts + 1 >= TRIES
                && breaker.last_success_at.is_some_and(|success| success > row.created_at);
            if poison {
                let reason = format!("set aside after {TRIES} tries while the peer took others: {reason}");
                return outcome(State::Rejected, *status, Some(reason), Duration::ZERO);
            }
            let limits = &node.limits;
            let usual =
                backoff::wait_after(row.attempts + 1, limits.backoff_first, limits.backoff_longest, rand::random());
            outcome(State::Pending, *status, Some(reason.clone()), retry_after.unwrap_or(usual))
        }
        Verdict::OwnTrouble => None,
    }
}

/// Writes outcomes down in groups: one sync to disk serves many answers.
async fn record(
    node: &Node,
    peer: &Peer,
    mut breaker: Breaker,
    mut reports: mpsc::UnboundedReceiver<(Outcome, Verdict)>,
) {
    let mut known_form = breaker.signature_form;
    let mut group = Vec::with_capacity(TOGETHER);
    while reports.recv_many(&mut group, TOGETHER).await > 0 {
        let mut trouble = None;
        for (_, verdict) in &group {
            (breaker, trouble) = judge(node, &breaker, verdict, trouble);
        }
        let outcomes: Vec<Outcome> = group.drain(..).map(|(outcome, _)| outcome).collect();
        // What was learned of the peer meanwhile stays, unless these answers taught something else.
        write_down(node, peer, (breaker, known_form), outcomes, trouble).await;
        known_form = breaker.signature_form;
    }
}

fn judge(node: &Node, breaker: &Breaker, verdict: &Verdict, before: Option<String>) -> (Breaker, Option<String>) {
    match verdict {
        Verdict::Delivered { form, .. } => (Breaker { signature_form: *form, ..backoff::after_success(breaker) }, None),
        Verdict::Rejected { reason, .. } => (backoff::after_success(breaker), Some(reason.clone())),
        Verdict::Failed { reason, retry_after, hard, .. } => {
            let limits = &node.limits;
            let usual =
                backoff::wait_after(breaker.failures + 1, limits.backoff_first, limits.backoff_longest, rand::random());
            let wait = retry_after.unwrap_or(usual);
            (backoff::after_failure(breaker, *hard, wait, node.ctx.now()), Some(reason.clone()))
        }
        Verdict::Withheld(_) | Verdict::OwnTrouble => (*breaker, before),
    }
}

async fn write_down(
    node: &Node,
    peer: &Peer,
    (breaker, known_form): (Breaker, i16),
    outcomes: Vec<Outcome>,
    trouble: Option<String>,
) {
    let (id, form) = (peer.id, breaker.signature_form);
    if let Some(reason) = &trouble {
        tracing::warn!(peer.host = %peer.authority, "delivery to {} failed: {reason}", peer.authority);
    }
    let written = node
        .ctx
        .store
        .write(move |tx| {
            deliveries::record(tx, &outcomes)?;
            deliveries::set_breaker(tx, id, &breaker, trouble.as_deref())?;
            if form == known_form { Ok(()) } else { deliveries::set_signature_form(tx, id, form) }
        })
        .await;
    if let Err(error) = written {
        // The rows stay pending and go again; the peer knows the activity's id and ignores the second one.
        tracing::warn!(peer.host = %peer.authority, "what {} answered can't be written down: {error}", peer.authority);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
