//! Actors and accounts: who acts, and what a local person may do on this node.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What kind of thing an actor is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A person.
    Person,
    /// A group with members.
    Group,
    /// A program, the node's own instance actor among them.
    Service,
}

impl ActorKind {
    /// The number that stands for it in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Person => 0,
            Self::Group => 1,
            Self::Service => 2,
        }
    }

    /// The kind of a stored number; an unknown one is a service, which may do the least.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        match code {
            0 => Self::Person,
            1 => Self::Group,
            _ => Self::Service,
        }
    }
}

/// What a local person may do on this node. Each role includes the ones above it, except the records officer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Reads, posts, follows.
    #[default]
    Member,
    /// Runs groups.
    Facilitator,
    /// Handles reports.
    Moderator,
    /// Runs the node.
    Administrator,
    /// Retention, subject access, freedom of information.
    RecordsOfficer,
}

/// A text that names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a role: use member, facilitator, moderator, administrator or records-officer")]
pub struct UnknownRole(String);

impl Role {
    /// All roles.
    pub const ALL: [Self; 5] =
        [Self::Member, Self::Facilitator, Self::Moderator, Self::Administrator, Self::RecordsOfficer];

    /// The number that stands for it in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Member => 0,
            Self::Facilitator => 1,
            Self::Moderator => 2,
            Self::Administrator => 3,
            Self::RecordsOfficer => 4,
        }
    }

    /// The role of a stored number; an unknown one is a plain member.
    #[must_use]
    pub fn from_code(code: i16) -> Self {
        Self::ALL.into_iter().find(|role| role.code() == code).unwrap_or(Self::Member)
    }

    /// The word used on the command line and on screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Facilitator => "facilitator",
            Self::Moderator => "moderator",
            Self::Administrator => "administrator",
            Self::RecordsOfficer => "records-officer",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .into_iter()
            .find(|role| role.word() == text)
            .ok_or_else(|| UnknownRole(text.chars().take(40).collect()))
    }
}
