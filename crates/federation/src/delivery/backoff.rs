//! When a failed delivery is tried again, and when a peer is left alone: arithmetic only.

use std::time::Duration;

use corridor_domain::Timestamp;
use corridor_store::deliveries::Breaker;

/// Failures in a row after which a peer is left alone, so that one bad activity does not hold the others up.
const FAILURES_TO_CLOSE: i32 = 3;

/// The wait after so many failures: doubles from `first` to `longest`, spread by up to a fifth either way.
///
/// `spread` is a random number from 0 to 1, so that peers that fell together do not come back together.
#[must_use]
pub fn wait_after(failures: i32, first: Duration, longest: Duration, spread: f64) -> Duration {
    let doublings = u32::try_from(failures.saturating_sub(1)).unwrap_or(0).min(20);
    let plain = first.saturating_mul(1_u32 << doublings).min(longest);
    plain.mul_f64(0.8 + 0.4 * spread.clamp(0.0, 1.0))
}

/// The breaker after a success.
#[must_use]
pub fn after_success(breaker: &Breaker) -> Breaker {
    Breaker { failures: 0, closed_until: None, ..*breaker }
}

/// The breaker after a failure; `hard` when the peer could not be reached at all.
#[must_use]
pub fn after_failure(breaker: &Breaker, hard: bool, wait: Duration, now: Timestamp) -> Breaker {
    let failures = breaker.failures.saturating_add(1);
    let closes = hard || failures >= FAILURES_TO_CLOSE;
    Breaker { failures, closed_until: closes.then_some(now + wait), ..*breaker }
}

/// Whether a wait is over. One that ends later than any that is made now was written by a clock that was ahead, and has
/// been set right since: it would last until the clock is there again.
#[must_use]
pub fn is_over(until: Timestamp, longest: Duration, now: Timestamp) -> bool {
    let spread = longest + longest / 5;
    until <= now || until - now > spread.max(Duration::from_secs(super::send::LONGEST_RETRY_AFTER))
}

/// How many activities may be on their way to a peer now: none while it is left alone, one as a probe
/// after failures, else the whole window.
#[must_use]
pub fn window(breaker: &Breaker, full: usize, longest: Duration, now: Timestamp) -> usize {
    match breaker.closed_until {
        Some(until) if !is_over(until, longest, now) => 0,
        _ if breaker.failures >= FAILURES_TO_CLOSE || breaker.closed_until.is_some() => 1,
        _ => full,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: Duration = Duration::from_secs(5);
    const LONGEST: Duration = Duration::from_secs(3600);

    #[test]
    fn waits_double_to_an_hour_and_spread_by_a_fifth() {
        let seconds = |failures| wait_after(failures, FIRST, LONGEST, 0.5).as_secs_f64().round();
        assert_eq!([1, 2, 3, 4, 11, 400].map(seconds), [5.0, 10.0, 20.0, 40.0, 3600.0, 3600.0]);
        assert_eq!(wait_after(1, FIRST, LONGEST, 0.0), Duration::from_secs(4));
        assert_eq!(wait_after(1, FIRST, LONGEST, 1.0), Duration::from_secs(6));
    }

    #[test]
    fn a_wait_of_a_clock_that_was_ahead_is_over() {
        let now = Timestamp::from_millis(1_000_000_000_000);
        for (seconds, over) in [(0, true), (1, false), (3600, false), (4320, false), (4321, true), (31_536_000, true)] {
            assert_eq!(is_over(now + Duration::from_secs(seconds), LONGEST, now), over, "{seconds}");
        }
        assert!(!is_over(now + Duration::from_secs(3600), FIRST, now), "a peer may ask for an hour");
    }

    #[test]
    fn a_breaker_closes_probes_and_opens() {
        let now = Timestamp::from_millis(1_000_000);
        let mut breaker = Breaker::default();
        assert_eq!(window(&breaker, 8, LONGEST, now), 8);
        breaker = after_failure(&breaker, false, FIRST, now);
        assert_eq!(window(&breaker, 8, LONGEST, now), 8, "one bad answer is not an outage");
        breaker = after_failure(&breaker, true, FIRST, now);
        assert_eq!(window(&breaker, 8, LONGEST, now), 0);
        assert_eq!(window(&breaker, 8, LONGEST, now + FIRST), 1, "half open");
        assert_eq!(window(&after_success(&breaker), 8, LONGEST, now), 8);
    }
}
