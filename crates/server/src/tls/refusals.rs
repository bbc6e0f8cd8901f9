//! Handshakes that came to nothing: told to the log, but not so often that anybody could fill it.

use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use openssl::error::ErrorStack;
use openssl::ex_data::Index;
use openssl::ssl::{Ssl, SslRef};

/// One line within this time; the others are counted in the next one.
const QUIET: Duration = Duration::from_secs(10);

/// Where a connection keeps how its handshake goes.
static ATTEMPT: LazyLock<Result<Index<Ssl, Attempt>, ErrorStack>> = LazyLock::new(Ssl::new_ex_index);

/// What was refused at one listener.
#[derive(Debug)]
pub(super) struct Refusals {
    listener: &'static str,
    told: Mutex<Told>,
}

#[derive(Debug, Default)]
struct Told {
    last: Option<Instant>,
    since: u64,
}

impl Refusals {
    pub(super) fn at(listener: &'static str) -> Arc<Self> {
        Arc::new(Self { listener, told: Mutex::default() })
    }

    /// Watches a handshake that begins.
    pub(super) fn watch(self: &Arc<Self>, ssl: &mut SslRef) {
        if let Ok(index) = &*ATTEMPT {
            ssl.set_ex_data(*index, Attempt { refusals: Arc::clone(self), outcome: Mutex::new(Outcome::Unfinished) });
        }
    }

    fn tell(&self, why: &str) {
        let Some(others) = self.told.lock().unwrap_or_else(PoisonError::into_inner).turn(Instant::now()) else {
            return;
        };
        let listener = self.listener;
        tracing::warn!(listener, others, "a connection was refused in the handshake: {why}");
    }
}

impl Told {
    /// Whether this one is told, and how many were not since the last that was.
    fn turn(&mut self, now: Instant) -> Option<u64> {
        if self.last.is_some_and(|last| now.duration_since(last) < QUIET) {
            self.since += 1;
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.since))
    }
}

enum Outcome {
    Unfinished,
    Refused(String),
    Done,
}

/// One handshake. OpenSSL has no word for its end, but it drops this with the connection.
struct Attempt {
    refusals: Arc<Refusals>,
    outcome: Mutex<Outcome>,
}

impl Attempt {
    fn set(&self, outcome: Outcome) {
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = outcome;
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        match &*self.outcome.lock().unwrap_or_else(PoisonError::into_inner) {
            Outcome::Done => {}
            Outcome::Refused(why) => self.refusals.tell(why),
            Outcome::Unfinished => self.refusals.tell("the caller showed no certificate, or went away"),
        }
    }
}

fn attempt(ssl: &SslRef) -> Option<&Attempt> {
    ssl.ex_data(*ATTEMPT.as_ref().ok()?)
}

/// A certificate was shown that won't do.
pub(super) fn refused(ssl: &SslRef, why: String) {
    if let Some(attempt) = attempt(ssl) {
        attempt.set(Outcome::Refused(why));
    }
}

/// The handshake is done: whatever ends the connection later is no refusal.
pub(crate) fn done(ssl: &SslRef) {
    if let Some(attempt) = attempt(ssl) {
        attempt.set(Outcome::Done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_refusals_is_counted_and_not_told() {
        let (mut told, start) = (Told::default(), Instant::now());
        assert_eq!(told.turn(start), Some(0));
        for second in 0..9 {
            assert_eq!(told.turn(start + Duration::from_secs(second)), None);
        }
        assert_eq!(told.turn(start + QUIET), Some(9));
        assert_eq!(told.turn(start + QUIET), None);
        assert_eq!(told.turn(start + QUIET * 2), Some(1));
    }
}
