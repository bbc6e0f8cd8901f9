//! The clock of a node: the system's, or one that a test moves by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use corridor_domain::Timestamp;

/// Tells the time; cloned freely, all clones tell the same.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    manual: Option<Arc<AtomicI64>>,
    offset: Arc<AtomicI64>,
}

impl Clock {
    /// The system's clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still until it is moved.
    #[must_use]
    pub fn manual(start: Timestamp) -> Self {
        Self { manual: Some(Arc::new(AtomicI64::new(start.millis()))), offset: Arc::default() }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let base = self.manual.as_ref().map_or_else(system_millis, |time| time.load(Ordering::SeqCst));
        Timestamp::from_millis(base + self.offset.load(Ordering::SeqCst))
    }

    /// Moves this clock and its clones forward.
    pub fn advance(&self, span: Duration) {
        self.offset.fetch_add(i64::try_from(span.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }

    /// Moves this clock and its clones back, as one is that was wrong and is set right.
    pub fn set_back(&self, span: Duration) {
        self.offset.fetch_sub(i64::try_from(span.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}

fn system_millis() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}
