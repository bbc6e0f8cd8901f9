//! Failed sign-ins with names that nobody here has, counted like those of people: else the lock would tell which names
//! exist. Kept in memory only; a restart forgets them, and nobody is locked out by that.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use corridor_domain::Timestamp;

use crate::secrets;

/// Names that are remembered at most, so that a flood of them fills no memory.
const NAMES: usize = 10_000;

#[derive(Debug, Clone, Copy)]
struct Tally {
    failures: i32,
    locked_until: Timestamp,
    last: Timestamp,
}

/// Names that nobody here has, by their hash: one that was mistyped may be a password.
#[derive(Debug, Default)]
pub(crate) struct Strangers(Mutex<HashMap<String, Tally>>);

impl Strangers {
    /// Until when `name` is locked, if it is.
    pub(crate) fn locked_until(&self, name: &str, now: Timestamp) -> Option<Timestamp> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.get(&key(name)).map(|tally| tally.locked_until).filter(|until| *until > now)
    }

    /// Counts a failure, as `corridor_store::accounts::count_failure` does for people.
    pub(crate) fn count_failure(&self, name: &str, now: Timestamp, lock_after: i32, lock_for: Duration) {
        let mut names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = key(name);
        if names.len() >= NAMES && !names.contains_key(&key) {
            make_room(&mut names);
        }
        let tally = names.entry(key).or_insert(Tally { failures: 0, locked_until: now, last: now });
        tally.failures += 1;
        tally.last = now;
        if tally.failures >= lock_after {
            *tally = Tally { failures: 0, locked_until: now + lock_for, last: now };
        }
    }
}

fn key(name: &str) -> String {
    secrets::hash(&name.to_lowercase())
}

/// Forgets the half that was not tried for the longest time.
fn make_room(names: &mut HashMap<String, Tally>) {
    let mut times: Vec<Timestamp> = names.values().map(|tally| tally.last).collect();
    times.sort_unstable();
    let middle = times.get(times.len() / 2).copied();
    names.retain(|_, tally| middle.is_some_and(|middle| tally.last > middle));
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_000_000);
    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn a_name_locks_like_a_persons_and_unlocks_by_itself() {
        let strangers = Strangers::default();
        for _ in 0..2 {
            strangers.count_failure("Nobody", NOW, 3, MINUTE);
            assert_eq!(strangers.locked_until("nobody", NOW), None);
        }
        strangers.count_failure("nobody", NOW, 3, MINUTE);
        assert_eq!(strangers.locked_until("NOBODY", NOW), Some(NOW + MINUTE));
        assert_eq!(strangers.locked_until("somebody", NOW), None);
        assert_eq!(strangers.locked_until("nobody", NOW + MINUTE), None);
    }

    #[test]
    fn a_flood_of_names_fills_no_memory() {
        let strangers = Strangers::default();
        for number in 0..NAMES + 10 {
            let at = NOW + Duration::from_millis(u64::try_from(number).unwrap_or(0));
            strangers.count_failure(&format!("name{number}"), at, 1, MINUTE);
        }
        let names = strangers.0.lock().unwrap_or_else(PoisonError::into_inner);
        assert!(names.len() <= NAMES, "{}", names.len());
        drop(names);
        let last = format!("name{}", NAMES + 9);
        assert!(strangers.locked_until(&last, NOW).is_some(), "the latest are remembered");
    }
}
