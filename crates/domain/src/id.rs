//! Identifiers: opaque, time-ordered 63-bit numbers, one newtype for each kind of thing.
//!
//! Mastodon clients sort ids by length and then as text, and page by them, so an id
//! must grow with time and stay a positive decimal number.

use std::fmt;
use std::str::FromStr;
use std::sync::atomic::{AtomicI64, Ordering};

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Milliseconds between the Unix epoch and the first moment an id can express (2024-01-01).
const ID_EPOCH: i64 = 1_704_067_200_000;
const PROCESS_BITS: u32 = 10;
const COUNTER_BITS: u32 = 12;

/// Makes ids: 41 bits of milliseconds, 10 bits that tell processes apart, 12 bits of counter.
///
/// Ids of one maker strictly grow, even when the clock goes back.
#[derive(Debug)]
pub struct IdMaker {
    process: i64,
    last: AtomicI64,
}

impl IdMaker {
    /// A maker for one process; `process` is cut to ten bits.
    #[must_use]
    pub fn new(process: u16) -> Self {
        Self { process: i64::from(process) & ((1 << PROCESS_BITS) - 1), last: AtomicI64::new(0) }
    }

    /// Makes only ids that lie above this one from now on, also while the clock lags behind it.
    pub fn begin_above(&self, id: i64) {
        // The next millisecond: within one, the bits that tell processes apart decide.
        let floor = ((id >> (PROCESS_BITS + COUNTER_BITS)) + 1) << COUNTER_BITS;
        self.last.fetch_max(floor, Ordering::SeqCst);
    }

    /// The next id, at or after `now`.
    pub fn next(&self, now: Timestamp) -> i64 {
        let wanted = (now.millis() - ID_EPOCH).max(1) << COUNTER_BITS;
        let previous = self
            .last
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |last| Some(wanted.max(last + 1)))
            .unwrap_or_else(|last| last);
        let slot = wanted.max(previous + 1);
        let (millis, counter) = (slot >> COUNTER_BITS, slot & ((1 << COUNTER_BITS) - 1));
        (millis << (PROCESS_BITS + COUNTER_BITS)) | (self.process << COUNTER_BITS) | counter
    }
}

/// The smallest id a maker could give at `moment`: used to page by date.
#[must_use]
pub fn first_id_at(moment: Timestamp) -> i64 {
    (moment.millis() - ID_EPOCH).max(0) << (PROCESS_BITS + COUNTER_BITS)
}

/// A text that is not an id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not an id: a positive decimal number is expected")]
pub struct NotAnId(String);

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(i64);

        impl $name {
            /// Wraps a number that came from the database or an [`IdMaker`].
            #[must_use]
            pub const fn new(raw: i64) -> Self { Self(raw) }
            /// The number, as stored.
            #[must_use]
            pub const fn raw(self) -> i64 { self.0 }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                match text.parse::<i64>() {
                    Ok(raw) if digits && raw > 0 => Ok(Self(raw)),
                    _ => Err(NotAnId(text.chars().take(40).collect())),
                }
            }
        }
    )+};
}

ids! {
    /// A person, group or service, of this node or of a peer.
    ActorId;
    /// A post or a boost.
    PostId;
    /// A peer: a node that this one may or did speak to.
    PeerId;
    /// A follow, pending or accepted.
    FollowId;
    /// A notification.
    NotificationId;
    /// A browser session.
    SessionId;
    /// An OAuth application.
    AppId;
    /// An OAuth access token.
    TokenId;
    /// An activity that this node sends.
    ActivityId;
    /// One activity on its way to one inbox.
    DeliveryId;
    /// A signing key.
    KeyId;
    /// A picture or file.
    MediaId;
    /// A list of people that somebody keeps.
    ListId;
    /// A filter of what somebody does not want to meet.
    FilterId;
    /// A keyword of a filter.
    FilterKeywordId;
    /// A single post in a filter.
    FilterPostId;
    /// A post that goes out later.
    ScheduledId;
    /// A thread of posts to named people, as one person has it.
    ConversationId;
    /// Something that everyone on the node is told.
    AnnouncementId;
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_grow_whatever_the_clock_does(clock in prop::collection::vec(1_704_067_200_000_i64..1_900_000_000_000, 2..200)) {
            let maker = IdMaker::new(7);
            let ids: Vec<i64> = clock.iter().map(|ms| maker.next(Timestamp::from_millis(*ms))).collect();
            prop_assert!(ids.windows(2).all(|pair| pair[0] < pair[1]));
            prop_assert!(ids.iter().all(|id| *id > 0));
        }
    }

    #[test]
    fn ids_begin_above_those_that_are_there() {
        let now = Timestamp::from_millis(1_790_000_000_000);
        for process in [0, 5, 1023] {
            let before = IdMaker::new(700).next(now + std::time::Duration::from_secs(365 * 86_400));
            let maker = IdMaker::new(process);
            maker.begin_above(before);
            assert!(maker.next(now) > before, "{process}");
            maker.begin_above(1);
            assert!(maker.next(now) > before, "{process}");
        }
    }

    #[test]
    fn two_processes_in_one_millisecond_do_not_meet() {
        let now = Timestamp::from_millis(1_790_000_000_000);
        assert_ne!(IdMaker::new(1).next(now), IdMaker::new(2).next(now));
    }

    #[test]
    fn ids_are_read_strictly() {
        assert_eq!("12".parse::<PostId>().unwrap().raw(), 12);
        for wrong in ["", "0", "-1", "+1", "1.0", " 1", "99999999999999999999", "abc"] {
            assert!(wrong.parse::<PostId>().is_err(), "{wrong} was taken for an id");
        }
    }
}
