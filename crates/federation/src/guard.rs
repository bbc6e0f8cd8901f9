//! What the doors of a node remember between requests: how much each peer sends, which keys were asked for lately.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use corridor_app::throttle::Throttle;
use corridor_domain::{PeerId, Timestamp};
use tokio::sync::Semaphore;

use crate::signature::{KeyError, PublicKey};

/// A key is asked for anew at most this often.
const REFETCH: Duration = Duration::from_secs(300);
/// A key that was not to be had is not asked for again so soon.
const MISSED: Duration = Duration::from_secs(30);
/// Locks among which fetches of keys are spread.
const FLIGHTS: usize = 64;
/// Parsed keys that are kept.
const KEYS: u64 = 20_000;
/// What is waiting for a peer is looked at, when the peer speaks to us, at most this often.
const GREET: Duration = Duration::from_secs(2);
/// Unknown keys that requests which nobody has proven yet may cause to be fetched from one peer in a second.
const UNPROVEN_FETCHES: u32 = 20;
/// Whether a peer's keys are pinned is looked at, when the peer speaks or answers, at most this often.
const MEET: Duration = Duration::from_secs(600);
/// Threads that are fetched at a time.
const THREADS: usize = 8;

/// Shared by all workers of a node. Cloned freely.
#[derive(Debug, Clone)]
pub struct Guard(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    received: Mutex<HashMap<PeerId, Bucket>>,
    unproven: Mutex<HashMap<PeerId, Bucket>>,
    asked: moka::sync::Cache<String, ()>,
    missed: moka::sync::Cache<String, ()>,
    flights: Vec<tokio::sync::Mutex<()>>,
    greeted: moka::sync::Cache<PeerId, ()>,
    met: moka::sync::Cache<PeerId, ()>,
    keys: moka::sync::Cache<String, PublicKey>,
    threads: Arc<Semaphore>,
    names: Throttle<IpAddr>,
}

impl Default for Guard {
    fn default() -> Self {
        let once_per = |span| moka::sync::Cache::builder().max_capacity(KEYS).time_to_live(span).build();
        Self(Arc::new(Inner {
            received: Mutex::default(),
            unproven: Mutex::default(),
            asked: once_per(REFETCH),
            missed: once_per(MISSED),
            flights: (0..FLIGHTS).map(|_| tokio::sync::Mutex::new(())).collect(),
            met: moka::sync::Cache::builder().max_capacity(KEYS).time_to_live(MEET).build(),
            greeted: moka::sync::Cache::builder().max_capacity(KEYS).time_to_live(GREET).build(),
            keys: moka::sync::Cache::builder().max_capacity(KEYS).build(),
            threads: Arc::new(Semaphore::new(THREADS)),
            names: Throttle::default(),
        }))
    }
}

impl Guard {
    /// Counts an activity of a peer.
    ///
    /// # Errors
    /// With the seconds to wait, when it has sent too many.
    pub(crate) fn receive(&self, peer: PeerId, per_second: u32, now: Timestamp) -> Result<(), u64> {
        take(&self.0.received, peer, per_second, now)
    }

    /// Counts a fetch that someone who has proven nothing causes.
    ///
    /// # Errors
    /// With the seconds to wait, when there were too many.
    pub(crate) fn fetch_unproven(&self, peer: PeerId, now: Timestamp) -> Result<(), u64> {
        take(&self.0.unproven, peer, UNPROVEN_FETCHES, now)
    }

    /// Whether this actor's keys may be asked for once more; `true` once in five minutes.
    pub(crate) fn may_refetch(&self, actor_uri: &str) -> bool {
        self.0.asked.entry_by_ref(actor_uri).or_insert(()).is_fresh()
    }

    /// Whether a key was asked for in vain just now.
    pub(crate) fn missed(&self, key_id: &str) -> bool {
        self.0.missed.contains_key(key_id)
    }

    /// Notes that a key is not to be had.
    pub(crate) fn miss(&self, key_id: &str) {
        self.0.missed.insert(key_id.to_owned(), ());
    }

    /// Requests that need the same key wait here for the one that fetches it.
    pub(crate) async fn flight(&self, name: &str) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let sum: usize = name.bytes().fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(usize::from(byte)));
        match self.0.flights.get(sum % FLIGHTS) {
            Some(lock) => Some(lock.lock().await),
            None => None,
        }
    }

    /// Whether it is time to look whether something waits for a peer that has just spoken.
    pub(crate) fn greets(&self, peer: PeerId) -> bool {
        self.0.greeted.entry(peer).or_insert(()).is_fresh()
    }

    /// Whether it is time to look whether a peer that has just spoken or answered is known by its keys.
    pub(crate) fn meets(&self, peer: PeerId) -> bool {
        self.0.met.entry(peer).or_insert(()).is_fresh()
    }

    /// A stored key, parsed once.
    pub(crate) fn key(&self, pem: &str) -> Result<PublicKey, KeyError> {
        if let Some(key) = self.0.keys.get(pem) {
            return Ok(key);
        }
        let key = PublicKey::from_pem(pem)?;
        self.0.keys.insert(pem.to_owned(), key.clone());
        Ok(key)
    }

    /// Names that were asked for without a signature, by the address that asks.
    pub(crate) fn names(&self) -> &Throttle<IpAddr> {
        &self.0.names
    }

    /// A place among the threads that are being fetched, if there is one.
    pub(crate) fn thread(&self) -> Option<tokio::sync::OwnedSemaphorePermit> {
        self.0.threads.clone().try_acquire_owned().ok()
    }
}

/// A token bucket that holds ten seconds' worth.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    /// Thousandths of a token.
    level: u64,
    filled_at: Timestamp,
}

const BURST_SECONDS: u64 = 10;

fn take(buckets: &Mutex<HashMap<PeerId, Bucket>>, peer: PeerId, per_second: u32, now: Timestamp) -> Result<(), u64> {
    let rate = u64::from(per_second.max(1));
    let full = rate * BURST_SECONDS * 1000;
    let mut buckets = buckets.lock().unwrap_or_else(PoisonError::into_inner);
    // Only allowed peers get here, so the map stays small.
    let bucket = buckets.entry(peer).or_insert(Bucket { level: full, filled_at: now });
    let passed = u64::try_from(now.millis().saturating_sub(bucket.filled_at.millis())).unwrap_or(0);
    bucket.level = bucket.level.saturating_add(passed.saturating_mul(rate)).min(full);
    bucket.filled_at = now;
    if bucket.level < 1000 {
        return Err(1);
    }
    bucket.level -= 1000;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_may_burst_and_then_keeps_to_its_rate() {
        let guard = Guard::default();
        let (peer, other) = (PeerId::new(1), PeerId::new(2));
        let at = Timestamp::from_millis;
        let taken =
            |peer, from: i64, tries: u32| (0..tries).filter(|_| guard.receive(peer, 5, at(from)).is_ok()).count();
        assert_eq!(taken(peer, 0, 100), 50);
        assert_eq!(guard.receive(peer, 5, at(0)), Err(1));
        assert_eq!(taken(other, 0, 10), 10, "one peer's burst is not another's");
        assert_eq!(taken(peer, 1000, 100), 5);
        assert_eq!(taken(peer, 999_000, 100), 50);
        assert_eq!(taken(peer, 0, 100), 0, "a clock that goes back gives nothing");
    }

    #[test]
    fn a_key_is_asked_for_once_in_five_minutes() {
        let guard = Guard::default();
        assert!(guard.may_refetch("https://a.gov/actors/1"));
        assert!(!guard.may_refetch("https://a.gov/actors/1"));
        assert!(guard.may_refetch("https://a.gov/actors/2"));
    }
}
