//! How much work something is: time of the processor, which waiting for one's turn on a busy machine does not add to.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// Runs something and says what it took of the processor on this thread.
pub fn work<T>(run: impl FnOnce() -> T) -> (T, Duration) {
    let start = spent();
    let outcome = run();
    (outcome, spent().saturating_sub(start))
}

fn spent() -> Duration {
    let spent = clock_gettime(ClockId::ThreadCPUTime);
    let seconds = Duration::from_secs(spent.tv_sec.try_into().unwrap_or_default());
    seconds + Duration::from_nanos(spent.tv_nsec.try_into().unwrap_or_default())
}
