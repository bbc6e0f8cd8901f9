//! What the handling of media remembers between requests: how much is decoded and fetched at a time.

use std::sync::Arc;

use corridor_domain::MediaId;
use tokio::sync::{Mutex, MutexGuard, Semaphore};

/// Locks among which fetches are spread.
const FLIGHTS: usize = 64;
/// Files that are fetched from peers at a time.
const FETCHES: usize = 8;

/// Shared by all clones of a context.
#[derive(Debug)]
pub(crate) struct MediaState {
    /// Decoding takes a core and much memory: only so many at once.
    pub(super) decoding: Arc<Semaphore>,
    /// Uploads that are made ready behind the scenes.
    pub(super) processing: Arc<Semaphore>,
    pub(super) fetching: Semaphore,
    flights: Vec<Mutex<()>>,
}

impl MediaState {
    pub(crate) fn new(cores: usize, processors: usize) -> Self {
        Self {
            decoding: Arc::new(Semaphore::new(cores)),
            processing: Arc::new(Semaphore::new(processors)),
            fetching: Semaphore::new(FETCHES),
            flights: (0..FLIGHTS).map(|_| Mutex::default()).collect(),
        }
    }

    /// Whoever holds this is the only one here who fetches this file.
    pub(super) async fn flight(&self, id: MediaId) -> Option<MutexGuard<'_, ()>> {
        let place = usize::try_from(id.raw()).unwrap_or(0) % FLIGHTS;
        match self.flights.get(place) {
            Some(lock) => Some(lock.lock().await),
            None => None,
        }
    }
}
