//! Fan-out: each event becomes activities with their exact bytes, mostly one, and one delivery for each inbox that is owed it.

use corridor_app::outgoing::{self, Prepared, Subject};
use corridor_domain::{ActivityId, Audience, Event};
use corridor_store::keys::{self, Key, KeyAlgorithm};
use corridor_store::outbox::{self, PendingEvent};
use corridor_store::{Error, Signal, Tx, activities, deliveries};
use serde_json::Value;
use tokio::sync::watch;

use crate::activities as wire;
use crate::node::Node;
use crate::proof;

/// Events taken in one transaction.
const BATCH: i64 = 64;

/// Tells events until told to stop.
pub(super) async fn run(node: Node, mut stopping: watch::Receiver<bool>) {
    while !*stopping.borrow() {
        match tell_next(&node).await {
            Ok(0) => super::next_turn(&node, Signal::Outbox, &mut stopping).await,
            Ok(_) => {}
            Err(error) => {
                tracing::warn!("the outbox can't be worked now: {error}");
                super::pause(super::POLL, &mut stopping).await;
            }
        }
    }
}

/// Tells the oldest waiting events; says how many there were.
pub(crate) async fn tell_next(node: &Node) -> Result<usize, Error> {
    let events = node.ctx.store.read(|tx| outbox::waiting(tx, BATCH)).await?;
    let count = events.len();
    if count == 0 {
        return Ok(0);
    }
    match tell_together(node, events.clone()).await {
        Ok(()) => Ok(count),
        Err(Error::Unavailable(reason)) => Err(Error::Unavailable(reason)),
        // One of them can't be told. Alone, it is found and set aside; the others go on.
        Err(_) => {
            for event in events {
                tell_alone(node, event).await?;
            }
            Ok(count)
        }
    }
}

async fn tell_together(node: &Node, events: Vec<PendingEvent>) -> Result<(), Error> {
    let shared = node.clone();
    node.ctx
        .store
        .write(move |tx| {
            for pending in &events {
                tell(tx, &shared, pending)?;
            }
            Ok(())
        })
        .await
}

async fn tell_alone(node: &Node, pending: PendingEvent) -> Result<(), Error> {
    let id = pending.id;
    match tell_together(node, vec![pending]).await {
        Err(Error::Unavailable(reason)) => Err(Error::Unavailable(reason)),
        Err(error) => {
            tracing::error!(event.id = id, "event {id} can't be told to peers and is set aside: {error}");
            let reason = error.to_string();
            node.ctx.store.write(move |tx| outbox::set_aside(tx, id, &reason)).await
        }
        Ok(()) => Ok(()),
    }
}

fn tell(tx: &mut Tx<'_>, node: &Node, pending: &PendingEvent) -> Result<(), Error> {
    if !outbox::done(tx, pending.id)? {
        return Ok(());
    }
    let event: &Event =
        pending.event.as_ref().ok_or_else(|| Error::Corrupt("an event of another version".to_owned()))?;
    for prepared in outgoing::prepare(tx, &node.ctx.settings, event)? {
        queue(tx, node, prepared)?;
    }
    Ok(())
}

/// What goes to the home of a group is handed on from there: a proof shows the others whose it is.
fn prove(tx: &mut Tx<'_>, prepared: &Prepared, body: &mut Value) -> Result<(), Error> {
    if !matches!(prepared.subject, Subject::Published(_) | Subject::Edited(_) | Subject::Deleted(_)) {
        return Ok(());
    }
    let now = tx.now();
    let signing = |key: &Key| key.algorithm == KeyAlgorithm::Ed25519 && key.valid_until.is_none();
    if let Some(key) = keys::of_actor(tx, prepared.actor)?.into_iter().find(signing) {
        proof::attach(body, &key, now);
    }
    Ok(())
}

fn queue(tx: &mut Tx<'_>, node: &Node, prepared: Prepared) -> Result<(), Error> {
    let id = ActivityId::new(tx.new_id());
    let fresh_uri = node.ctx.settings.addresses.federation_url(&format!("/activities/{id}"));
    let mut rendered = wire::render(&prepared.subject, &node.ctx.settings, &fresh_uri);
    if prepared.audience == Audience::Group {
        prove(tx, &prepared, &mut rendered.body)?;
    }
    let activity = activities::Activity {
        id,
        uri: rendered.uri,
        actor: prepared.actor,
        kind: rendered.kind.to_owned(),
        post: prepared.post,
        audience: prepared.audience,
        marking: prepared.marking,
        body: serde_json::to_string(&rendered.body)?,
        created_at: tx.now(),
    };
    if activities::insert(tx, &activity)? {
        let targets: Vec<_> = prepared.targets.into_iter().map(|target| (target.peer, target.inbox)).collect();
        deliveries::enqueue(tx, id, prepared.actor.raw(), &targets)?;
    }
    Ok(())
}
