//! Peers: the nodes that an administrator has allowed, and on what terms.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::authority::Authority;
use crate::{Marking, PeerId, Timestamp};

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
    /// On the allow-list, but outside the dates for which it is allowed: as suspended, until they come.
    OutOfTerm,
}

impl PeerState {
    /// The number that stands for it in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Allowed => 0,
            Self::Suspended => 1,
            Self::Removed => 2,
            Self::OutOfTerm => 3,
        }
    }

    /// The state of a stored number; an unknown one counts as removed.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        match code {
            0 => Self::Allowed,
            1 => Self::Suspended,
            3 => Self::OutOfTerm,
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
            Self::OutOfTerm => "out of term",
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
    /// What it is allowed for, and when.
    pub grant: Grant,
}

/// What a peer may be used for, beside being known at all: follows, profiles and the end of posts always may be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// Posts, boosts and favourites.
    Posts,
    /// The staff directory.
    Directory,
    /// Groups and what is written in them.
    Groups,
    /// People who move between departments.
    Moves,
}

impl Service {
    /// All services, in the order in which they are listed.
    pub const ALL: [Self; 4] = [Self::Posts, Self::Directory, Self::Groups, Self::Moves];

    /// The word on the command line and in a registry.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Posts => "posts",
            Self::Directory => "directory",
            Self::Groups => "groups",
            Self::Moves => "moves",
        }
    }

    const fn bit(self) -> i16 {
        match self {
            Self::Posts => 1,
            Self::Directory => 2,
            Self::Groups => 4,
            Self::Moves => 8,
        }
    }
}

impl FromStr for Service {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|service| service.word().eq_ignore_ascii_case(text.trim()))
            .ok_or_else(|| format!("“{}” is not a service: use posts, directory, groups or moves", text.trim()))
    }
}

/// A set of services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Services(i16);

impl Services {
    /// Every service.
    pub const ALL: Self = Self(15);
    /// No service.
    pub const NONE: Self = Self(0);

    /// The set of a stored number; bits that nobody knows count for nothing.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        Self(code & Self::ALL.0)
    }

    /// The number that stands for it in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        self.0
    }

    /// Whether a service is in the set.
    #[must_use]
    pub const fn has(self, service: Service) -> bool {
        self.0 & service.bit() != 0
    }

    /// What is in both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The services of the set, in their order.
    pub fn list(self) -> impl Iterator<Item = Service> {
        Service::ALL.into_iter().filter(move |service| self.has(*service))
    }
}

impl FromIterator<Service> for Services {
    fn from_iter<I: IntoIterator<Item = Service>>(services: I) -> Self {
        Self(services.into_iter().fold(0, |set, service| set | service.bit()))
    }
}

impl fmt::Display for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.list().map(Service::word).collect();
        f.write_str(if words.is_empty() { "nothing" } else { "" })?;
        f.write_str(&words.join(", "))
    }
}

/// For what and when a peer is allowed. The default is everything, without an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// What it may be used for.
    pub services: Services,
    /// Not before this moment.
    pub valid_from: Option<Timestamp>,
    /// From this moment on no longer.
    pub valid_until: Option<Timestamp>,
}

impl Default for Grant {
    fn default() -> Self {
        Self { services: Services::ALL, valid_from: None, valid_until: None }
    }
}

impl Grant {
    /// Whether its dates hold this moment.
    #[must_use]
    pub fn covers(&self, now: Timestamp) -> bool {
        self.valid_from.is_none_or(|from| from <= now) && self.valid_until.is_none_or(|until| now < until)
    }

    /// The state that counts at a moment for a peer whose stored state is `stored`: dates bind to the millisecond,
    /// however late the chore that stores the change. What an administrator decided stays.
    #[must_use]
    pub fn state_at(&self, stored: PeerState, now: Timestamp) -> PeerState {
        match stored {
            PeerState::Allowed | PeerState::OutOfTerm if self.covers(now) => PeerState::Allowed,
            PeerState::Allowed | PeerState::OutOfTerm => PeerState::OutOfTerm,
            decided => decided,
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn states_and_services_survive_storage() {
        for state in [PeerState::Allowed, PeerState::Suspended, PeerState::Removed, PeerState::OutOfTerm] {
            assert_eq!(PeerState::from_code(state.code()), state);
        }
        assert_eq!(PeerState::from_code(99), PeerState::Removed);
        for service in Service::ALL {
            assert_eq!(service.word().parse::<Service>().unwrap(), service);
            assert!(Services::ALL.has(service) && !Services::NONE.has(service));
        }
        assert_eq!(Services::from_code(-1), Services::ALL);
        assert_eq!(Services::ALL.to_string(), "posts, directory, groups, moves");
        assert_eq!(Services::NONE.to_string(), "nothing");
    }

    proptest! {
        #[test]
        fn dates_bind_whom_nobody_decided_about(from in prop::option::of(0_i64..9), until in prop::option::of(0_i64..9), now in 0_i64..9, code in 0_i16..4) {
            let at = |moment: Option<i64>| moment.map(Timestamp::from_millis);
            let grant = Grant { valid_from: at(from), valid_until: at(until), ..Grant::default() };
            let stored = PeerState::from_code(code);
            let state = grant.state_at(stored, Timestamp::from_millis(now));
            match stored {
                PeerState::Suspended | PeerState::Removed => prop_assert_eq!(state, stored),
                _ => {
                    let inside = from.is_none_or(|from| from <= now) && until.is_none_or(|until| now < until);
                    prop_assert_eq!(state == PeerState::Allowed, inside);
                }
            }
        }
    }
}
