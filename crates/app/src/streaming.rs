//! Streaming: telling clients what happens while they are connected.
//!
//! Whatever a stream could tell is a row of the table `stream_events`, written in the transaction that made it happen
//! (decision 9). One task in each process, [`run`], reads the table while streams are open here and hands each event to
//! the streams that it could concern; each stream then asks, for its own reader, what of it is shown.

mod channel;
mod frames;
mod happening;
mod hub;
mod pump;

use std::sync::Arc;
use std::time::Duration;

use corridor_domain::{ActorId, TokenId};
use corridor_store::{oauth as tokens, stream_events};
use tokio::sync::{mpsc, watch};

use self::frames::Reading;
use self::happening::{Ears, Happening};
pub(crate) use self::hub::Hub;
use self::hub::{Channels, lock};
use crate::oauth::Auth;
use crate::{Ctx, Error, Result, Viewer, lists};

pub use self::channel::Channel;
pub use self::frames::{Frame, Told};
pub use self::hub::StreamCounts;
pub use self::pump::run;

/// Events that are looked up for a reader at a time.
const BATCH: usize = 16;
/// Channels that one connection has at most.
const MOST_CHANNELS: usize = 64;

/// Limits of streaming.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StreamSettings {
    /// Streams that one process serves at a time. None: nothing is streamed.
    pub most: usize,
    /// Streams that one person has open at a time on one process.
    pub most_of_person: usize,
    /// How often a silent stream shows that it is alive, and looks whether its token still counts.
    pub heartbeat: Duration,
    /// Events that wait for one reader; one more, and the reader is cut off.
    pub buffer: usize,
}

impl Default for StreamSettings {
    fn default() -> Self {
        Self { most: 1000, most_of_person: 16, heartbeat: Duration::from_secs(15), buffer: 256 }
    }
}

/// Why a stream was not opened.
#[derive(Debug, thiserror::Error)]
pub enum NotOpened {
    /// The person has as many open as one may have.
    #[error("You have {0} streams open already: close one of them first")]
    TooMany(usize),
    /// This process serves as many as it may, or is stopping.
    #[error("No more streams can be opened now: try again later")]
    Busy,
    /// What the use case said.
    #[error(transparent)]
    App(#[from] Error),
}

/// An open stream. Its place among the open ones is free again when it is dropped.
#[derive(Debug)]
pub struct Stream {
    ctx: Ctx,
    viewer: Viewer,
    ears: Ears,
    token: TokenId,
    id: u64,
    channels: Channels,
    queue: mpsc::Receiver<Arc<Happening>>,
    end: watch::Receiver<bool>,
}

/// Some of what happened, not yet looked up for the reader.
#[derive(Debug)]
pub struct Batch(Vec<Arc<Happening>>);

/// Opens a stream that tells of everything that is committed from now on. The caller has checked the token's scopes for
/// these channels.
///
/// # Errors
/// At the limits; with [`Error::NotFound`] for a list that isn't the viewer's.
pub async fn open(ctx: &Ctx, viewer: &Viewer, auth: &Auth, channels: Vec<Channel>) -> Result<Stream, NotOpened> {
    let ears = Ears { person: viewer.id, notifications: auth.scopes.covers("read:notifications") };
    let shared: Channels = Arc::default();
    let seat = ctx.streams.admit(ears, shared.clone(), &ctx.settings.streaming)?;
    let stream = Stream {
        ctx: ctx.clone(),
        viewer: viewer.clone(),
        ears,
        token: auth.token_id,
        id: seat.id,
        channels: shared,
        queue: seat.queue,
        end: seat.end,
    };
    for channel in channels {
        stream.add(channel).await?;
    }
    if ctx.streams.needs_place() {
        let end = ctx.store.read(|tx| Ok::<_, Error>(stream_events::end(tx)?)).await?;
        ctx.streams.begin(end);
    }
    Ok(stream)
}

/// How many streams are open on this process.
#[must_use]
pub fn counts(ctx: &Ctx) -> StreamCounts {
    ctx.streams.counts()
}

/// Ends all streams of this process and opens none any more: it is stopping.
pub fn close(ctx: &Ctx) {
    ctx.streams.close();
}

impl Stream {
    /// Tells of one more channel from now on; one that is told of already stays.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a list that isn't the viewer's; [`Error::Invalid`] when there are too many.
    pub async fn add(&self, channel: Channel) -> Result<()> {
        if let Channel::List(id) = channel {
            lists::show(&self.ctx, &self.viewer, id).await?;
        }
        let mut channels = lock(&self.channels);
        if channels.contains(&channel) {
            return Ok(());
        }
        if channels.len() >= MOST_CHANNELS {
            return Err(Error::invalid(format!("One connection can have {MOST_CHANNELS} streams at most")));
        }
        channels.push(channel);
        Ok(())
    }

    /// Tells of a channel no longer.
    pub fn remove(&self, channel: &Channel) {
        lock(&self.channels).retain(|other| other != channel);
    }

    /// Waits until something happened that could concern the reader. `None`: the stream has ended. Nothing is lost when
    /// the wait is given up.
    pub async fn next(&mut self) -> Option<Batch> {
        if *self.end.borrow() {
            return None;
        }
        let mut batch = Vec::new();
        tokio::select! {
            biased;
            _ = self.end.changed() => None,
            count = self.queue.recv_many(&mut batch, BATCH) => (count > 0).then_some(Batch(batch)),
        }
    }

    /// Waits until the stream is cut off or the process stops.
    pub async fn ended(&self) {
        // An error says that the hub has let go of this stream, which is its end too.
        let _ = self.end.clone().wait_for(|end| *end).await;
    }

    /// What the reader is shown of it now. `None`: the token has ended or the store fails, and so must the stream end;
    /// a client that comes again reads what it missed.
    pub async fn show(&self, batch: Batch) -> Option<Vec<Frame>> {
        let channels = lock(&self.channels).clone();
        let (settings, ears, token) = (self.ctx.settings.clone(), self.ears, self.token);
        let _turn = self.ctx.streams.turn().await;
        let shown = self
            .ctx
            .store
            .read(move |tx| Reading { settings: &settings, ears, token }.frames(tx, &batch.0, &channels))
            .await;
        shown.unwrap_or_else(|error| {
            tracing::warn!("a stream ends because nothing can be read for it: {error}");
            None
        })
    }

    /// Whether the token still counts, as far as the store says.
    pub async fn may_go_on(&self) -> bool {
        let token = self.token;
        let counts = self.ctx.store.read(move |tx| Ok::<_, Error>(tokens::is_active(tx, token)?)).await;
        // What can't be asked now is asked before anything is shown.
        counts.unwrap_or(true)
    }

    /// Whose it is.
    #[must_use]
    pub const fn reader(&self) -> ActorId {
        self.ears.person
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.ctx.streams.leave(self.id, self.ears.person);
    }
}
