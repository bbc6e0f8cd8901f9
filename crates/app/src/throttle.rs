//! How often somebody may do something: guess names at WebFinger or passwords at sign-in, or call the client API.
//!
//! Kept in memory, by each process for itself; a restart forgets it. What must hold across processes is counted in the
//! database, as the lock of an account is.

use std::hash::Hash;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use corridor_domain::{Timestamp, network};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

/// Callers that are remembered at most; those that were not seen for the longest time are forgotten first.
const CALLERS: u64 = 20_000;

/// So many tries within so long: all of them at once, or spread evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub tries: u32,
    /// Within how long.
    pub within: Duration,
}

impl Rate {
    /// Microseconds after which one more try is due.
    fn step(self) -> i64 {
        let whole = i64::try_from(self.within.as_micros()).unwrap_or(i64::MAX / 4).min(i64::MAX / 4);
        (whole / i64::from(self.tries.max(1))).max(1)
    }

    fn span(self) -> i64 {
        self.step().saturating_mul(i64::from(self.tries.max(1)))
    }
}

/// What somebody has left after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    /// Tries that may follow at once.
    pub tries: u32,
    /// When all of them are there again, if none is made.
    pub whole_at: Timestamp,
}

/// Counts tries by who makes them. Cloned freely.
#[derive(Debug, Clone)]
pub struct Throttle<K: Hash + Eq + Send + Sync + 'static> {
    /// The moment, in microseconds, until which somebody has used up the tries; in the past for one who has all.
    used_until: Cache<K, Arc<Mutex<i64>>>,
}

impl<K: Hash + Eq + Send + Sync + 'static> Default for Throttle<K> {
    fn default() -> Self {
        let cache = Cache::builder().max_capacity(CALLERS).eviction_policy(EvictionPolicy::lru());
        Self { used_until: cache.build() }
    }
}

impl<K: Hash + Eq + Send + Sync + 'static> Throttle<K> {
    /// Takes one of somebody's tries.
    ///
    /// # Errors
    /// With the seconds to wait, when none is left.
    pub fn take(&self, by: K, rate: Rate, now: Timestamp) -> Result<Left, u64> {
        let now = micros(now);
        let entry = self.used_until.get_with(by, Arc::default);
        let mut used_until = entry.lock().unwrap_or_else(PoisonError::into_inner);
        // What lies further ahead than all tries reach was written by a clock that has been set back since: nobody knows
        // what was used, and nobody must be shut out for it.
        let is_known = *used_until <= now.saturating_add(rate.span());
        let next = if is_known { (*used_until).max(now) } else { now }.saturating_add(rate.step());
        let over = next.saturating_sub(now).saturating_sub(rate.span());
        if over > 0 {
            return Err(u64::try_from(over).unwrap_or(0).div_ceil(1_000_000).max(1));
        }
        *used_until = next;
        let spare = u32::try_from(-over / rate.step()).unwrap_or(u32::MAX);
        Ok(Left { tries: spare, whole_at: Timestamp::from_millis(next / 1000) })
    }

    /// Gives a try back that turned out to be none.
    pub fn give_back(&self, by: &K, rate: Rate) {
        if let Some(entry) = self.used_until.get(by) {
            let mut used_until = entry.lock().unwrap_or_else(PoisonError::into_inner);
            *used_until = used_until.saturating_sub(rate.step());
        }
    }
}

/// By which address a caller is counted. Those whose address is not known share one.
#[must_use]
pub fn address(from: Option<IpAddr>) -> IpAddr {
    from.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), network::counted_as)
}

fn micros(at: Timestamp) -> i64 {
    at.millis().saturating_mul(1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { tries: 5, within: Duration::from_secs(10) };
    const HERE: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    const THERE: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2)));

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    fn taken(throttle: &Throttle<IpAddr>, from: Option<IpAddr>, seconds: i64) -> usize {
        (0..100).filter(|_| throttle.take(address(from), RATE, at(seconds)).is_ok()).count()
    }

    #[test]
    fn an_address_has_so_many_tries_and_gets_them_back_evenly() {
        let throttle = Throttle::default();
        assert_eq!(taken(&throttle, HERE, 1000), 5);
        assert_eq!(throttle.take(address(HERE), RATE, at(1000)), Err(2), "one is back after two seconds");
        assert_eq!(taken(&throttle, THERE, 1000), 5, "one address's tries are not another's");
        assert_eq!(taken(&throttle, HERE, 1004), 2);
        assert_eq!(taken(&throttle, HERE, 9000), 5, "no more than all of them");
        assert_eq!(taken(&throttle, None, 1000), 5);
    }

    #[test]
    fn what_is_left_is_told() {
        let throttle = Throttle::default();
        let left = |tries, second| Ok(Left { tries, whole_at: at(second) });
        assert_eq!(throttle.take("amira", RATE, at(1000)), left(4, 1002));
        assert_eq!(throttle.take("amira", RATE, at(1000)), left(3, 1004));
        assert_eq!(throttle.take("amira", RATE, at(1004)), left(4, 1006));
    }

    #[test]
    fn what_was_no_try_costs_nothing() {
        let throttle = Throttle::default();
        for _ in 0..100 {
            assert!(throttle.take(address(HERE), RATE, at(1000)).is_ok());
            throttle.give_back(&address(HERE), RATE);
        }
        assert_eq!(taken(&throttle, HERE, 1000), 5);
    }

    #[test]
    fn a_clock_that_is_set_back_shuts_nobody_out() {
        let throttle = Throttle::default();
        assert_eq!(taken(&throttle, HERE, 1_000_000), 5);
        assert_eq!(taken(&throttle, HERE, 0), 5);
        assert_eq!(taken(&throttle, HERE, 9), 4);
        assert_eq!(taken(&throttle, HERE, 1_000_010), 5);
    }

    #[test]
    fn whoever_has_a_whole_ipv6_network_is_one() {
        let throttle = Throttle::default();
        let of = |last: u16| Some(IpAddr::from([0x2001, 0xdb8, 0, 1, 0, 0, 0, last]));
        let taken = (0..100).filter(|last| throttle.take(address(of(*last)), RATE, at(1000)).is_ok()).count();
        assert_eq!(taken, 5);
    }
}
