//! The one task of a process that reads what happened and hands it to the streams that are open here.

use std::sync::Arc;
use std::time::Duration;

use corridor_store::stream_events;
use corridor_store::{Listener, Signal};
use tokio::sync::watch;
use tokio::time::Instant;

use super::happening::Happening;
use crate::{Ctx, Error, Result};

/// How often it is asked whether PostgreSQL has told of something; costs one look at a socket.
const LISTEN: Duration = Duration::from_millis(50);
/// How often the table is read although nothing was told: for what another process wrote to SQLite, and for what was not
/// heard because a connection broke.
const POLL: Duration = Duration::from_secs(2);

/// Works until `stopping` says so. Rests, without asking the database anything, while nobody reads.
pub async fn run(ctx: Ctx, mut stopping: watch::Receiver<bool>) {
    let now = Instant::now();
    let mut pump = Pump { listener: ctx.store.listener(), listen_from: now, next_poll: now, ctx };
    while !*stopping.borrow() {
        if pump.ctx.streams.place().is_none() {
            if let Some(listener) = &mut pump.listener {
                listener.rest();
            }
            tokio::select! {
                () = pump.ctx.streams.woken() => pump.next_poll = Instant::now(),
                _ = stopping.changed() => {}
            }
            continue;
        }
        let is_due = tokio::select! {
            () = pump.ctx.store.wait_for(Signal::Streams) => true,
            () = pump.ctx.streams.woken() => true,
            () = tokio::time::sleep_until(pump.next_poll) => true,
            () = tokio::time::sleep(LISTEN), if pump.listener.is_some() => false,
            _ = stopping.changed() => continue,
        };
        let heard = pump.heard();
        if is_due || heard {
            pump.next_poll = Instant::now() + POLL;
            if let Err(error) = pump.pass().await {
                // The place stays, so nothing is missed.
                tracing::warn!("what happened can't be read for open streams now: {error}");
            }
        }
    }
}

struct Pump {
    ctx: Ctx,
    listener: Option<Listener>,
    /// Not before: a server that does not answer is not asked without pause.
    listen_from: Instant,
    next_poll: Instant,
}

impl Pump {
    fn heard(&mut self) -> bool {
        let Some(listener) = self.listener.as_mut().filter(|_| Instant::now() >= self.listen_from) else {
            return false;
        };
        listener.heard().unwrap_or_else(|error| {
            tracing::debug!("PostgreSQL can't be listened to now: {error}");
            self.listen_from = Instant::now() + POLL;
            false
        })
    }

    async fn pass(&self) -> Result<()> {
        let hub = &self.ctx.streams;
        let Some((round, place)) = hub.place() else { return Ok(()) };
        let readers = hub.clone();
        let (happenings, place) = self
            .ctx
            .store
            .read(move |tx| {
                let (mut events, place) = stream_events::since(tx, &place)?;
                // What happened twice in a row is shown once, as it is now.
                events.dedup();
                // Asked after the events were read: whoever came before one of them was written is among these.
                let home_readers = readers.home_readers();
                let mut happenings = Vec::new();
                for event in events {
                    happenings.extend(Happening::look_up(tx, event, &home_readers)?.map(Arc::new));
                }
                Ok::<_, Error>((happenings, place))
            })
            .await?;
        hub.advance(round, place);
        for happening in &happenings {
            hub.tell(happening);
        }
        Ok(())
    }
}
