//! Who reads streams in this process, and handing them what happened without ever waiting for one of them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use corridor_domain::ActorId;
use corridor_store::stream_events::Place;
use tokio::sync::{Notify, Semaphore, SemaphorePermit, mpsc, watch};

use super::channel::Channel;
use super::happening::{Ears, Happening};
use super::{NotOpened, StreamSettings};

/// The open streams of this process.
#[derive(Debug)]
pub(crate) struct Hub {
    state: Mutex<State>,
    woken: Notify,
    turns: Semaphore,
}

#[derive(Debug, Default)]
struct State {
    last: u64,
    readers: HashMap<u64, Reader>,
    /// Streams that are open: also those that were cut off until their connections are gone.
    of_person: HashMap<ActorId, usize>,
    open: usize,
    /// How far the table was read; `None` while nobody reads.
    place: Option<Place>,
    /// Counts how often reading began, so that what was read for earlier readers does not move the place of later ones.
    round: u64,
    cut_off: u64,
    closed: bool,
}

#[derive(Debug)]
struct Reader {
    ears: Ears,
    channels: Channels,
    queue: mpsc::Sender<Arc<Happening>>,
    end: watch::Sender<bool>,
}

/// What one stream tells of; shared with its connection, which changes it.
pub(super) type Channels = Arc<Mutex<Vec<Channel>>>;

/// What a new reader holds.
#[derive(Debug)]
pub(super) struct Seat {
    pub id: u64,
    pub queue: mpsc::Receiver<Arc<Happening>>,
    pub end: watch::Receiver<bool>,
}

/// How many streams are open, and how many were cut off since the process started because they did not keep up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StreamCounts {
    /// Open now.
    pub open: usize,
    /// Cut off.
    pub cut_off: u64,
}

/// What a thread left behind that panicked is still whole: nothing here is half done between two calls.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Hub {
    /// Without streams. `at_once`: how many may use the database at a time, whatever for.
    pub(crate) fn new(at_once: usize) -> Self {
        Self { state: Mutex::default(), woken: Notify::new(), turns: Semaphore::new(share(at_once)) }
    }

    /// A turn to look up what a stream shows. One post concerns thousands of streams at the same moment: were they all to
    /// wait for the database, whoever else wants something from it would come after them.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.turns.acquire().await.ok()
    }

    /// Lets a reader in.
    pub(super) fn admit(&self, ears: Ears, channels: Channels, limits: &StreamSettings) -> Result<Seat, NotOpened> {
        let mut state = lock(&self.state);
        let of_person = state.of_person.get(&ears.person).copied().unwrap_or(0);
        if of_person >= limits.most_of_person {
            return Err(NotOpened::TooMany(of_person));
        }
        if state.closed || state.open >= limits.most {
            return Err(NotOpened::Busy);
        }
        let (queue, receive) = mpsc::channel(limits.buffer.max(1));
        let (end, ending) = watch::channel(false);
        state.last += 1;
        state.open += 1;
        *state.of_person.entry(ears.person).or_default() += 1;
        let id = state.last;
        state.readers.insert(id, Reader { ears, channels, queue, end });
        Ok(Seat { id, queue: receive, end: ending })
    }

    /// Whether the place where reading begins is still to be found.
    pub(super) fn needs_place(&self) -> bool {
        lock(&self.state).place.is_none()
    }

    /// Begins to read at `place`, unless somebody else has begun.
    pub(super) fn begin(&self, place: Place) {
        let mut state = lock(&self.state);
        if state.place.is_none() {
            state.place = Some(place);
            state.round += 1;
        }
        drop(state);
        self.woken.notify_one();
    }

    /// A reader's connection is gone.
    pub(super) fn leave(&self, id: u64, person: ActorId) {
        let mut state = lock(&self.state);
        state.open = state.open.saturating_sub(1);
        if let Some(count) = state.of_person.get_mut(&person) {
            *count -= 1;
            if *count == 0 {
                state.of_person.remove(&person);
            }
        }
        state.readers.remove(&id);
        state.rest_without_readers();
    }

    /// Where to read on, and the round that this belongs to.
    pub(super) fn place(&self) -> Option<(u64, Place)> {
        let state = lock(&self.state);
        state.place.clone().map(|place| (state.round, place))
    }

    /// Notes how far was read.
    pub(super) fn advance(&self, round: u64, place: Place) {
        let mut state = lock(&self.state);
        if state.round == round && state.place.is_some() {
            state.place = Some(place);
        }
    }

    /// The people of channels that show home feeds.
    pub(super) fn home_readers(&self) -> Vec<ActorId> {
        let state = lock(&self.state);
        let at_home = state.readers.values().filter(|reader| lock(&reader.channels).iter().any(Channel::is_of_home));
        let mut people: Vec<ActorId> = at_home.map(|reader| reader.ears.person).collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// Waits until somebody begins to read or all is closed.
    pub(super) async fn woken(&self) {
        self.woken.notified().await;
    }

    /// Hands it to everyone whom it could concern. Whose buffer is full is cut off: nobody waits for them.
    pub(super) fn tell(&self, happening: &Arc<Happening>) {
        let mut state = lock(&self.state);
        let before = state.readers.len();
        state.readers.retain(|_, reader| {
            let concerns = happening.ends_access_of(reader.ears.person)
                || lock(&reader.channels).iter().any(|channel| happening.may_concern(reader.ears, channel));
            if !concerns || reader.queue.try_send(happening.clone()).is_ok() {
                return true;
            }
            reader.end.send_replace(true);
            false
        });
        let cut_off = before - state.readers.len();
        state.cut_off += u64::try_from(cut_off).unwrap_or(0);
        state.rest_without_readers();
    }

    /// Ends all streams and lets nobody in any more.
    pub(super) fn close(&self) {
        let mut state = lock(&self.state);
        state.closed = true;
        for reader in state.readers.values() {
            reader.end.send_replace(true);
        }
        state.readers.clear();
        state.rest_without_readers();
        drop(state);
        self.woken.notify_one();
    }

    pub(super) fn counts(&self) -> StreamCounts {
        let state = lock(&self.state);
        StreamCounts { open: state.open, cut_off: state.cut_off }
    }
}

/// Streams have half of the database at most.
const fn share(at_once: usize) -> usize {
    if at_once < 4 { 1 } else { at_once / 2 }
}

impl State {
    fn rest_without_readers(&mut self) {
        if self.readers.is_empty() {
            self.place = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_leave_room_at_the_database() {
        assert_eq!([1, 2, 3, 4, 8].map(share), [1, 1, 1, 2, 4]);
    }

    #[tokio::test]
    async fn a_turn_is_waited_for_and_comes_back() {
        let hub = Hub::new(4);
        let (first, second) = (hub.turn().await, hub.turn().await);
        assert!(first.is_some() && second.is_some() && hub.turns.try_acquire().is_err());
        drop(first);
        assert!(hub.turns.try_acquire().is_ok());
    }
}
