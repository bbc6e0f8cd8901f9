//! Peers: the nodes that an administrator has allowed, and on what terms.

use serde::{Deserialize, Serialize};

use crate::authority::Authority;
use crate::{Marking, PeerId};

/// Whether a peer may be spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerState {
    /// On the allow-list.
    Allowed,
    /// On the allow-list, but held for now: nothing goes in or out, deliveries wait.
    Suspended,
    /// Was on the allow-list. What came from it is hidden, what was queued for it is cancelled.
    Removed,
}

impl PeerState {
    /// The number that stands for it in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Allowed => 0,
            Self::Suspended => 1,
            Self::Removed => 2,
        }
    }

    /// The state of a stored number; an unknown one counts as removed.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        match code {
            0 => Self::Allowed,
            1 => Self::Suspended,
            _ => Self::Removed,
        }
    }

    /// The word on the command line and on screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Suspended => "suspended",
            Self::Removed => "removed",
        }
    }
}

/// A peer and the terms on which it is spoken to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peer {
    /// Its number here.
    pub id: PeerId,
    /// Its federation address: exactly this host and port, no other.
    pub authority: Authority,
    /// The domain of its people's handles; mostly the same as `authority`.
    pub account_domain: Authority,
    /// Whether it may be spoken to.
    pub state: PeerState,
    /// The highest marking that may be sent to it or taken from it.
    pub ceiling: Marking,
    /// What an unmarked post from it counts as.
    pub default_marking: Marking,
    /// The department's name, as the administrator wrote it.
    pub department: String,
    /// The administrator's note.
    pub note: String,
    /// Whom to call.
    pub contact: String,
}
