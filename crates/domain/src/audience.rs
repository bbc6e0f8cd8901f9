//! Audience: who a post is meant for, in the five rings that every screen names in words.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Who a post is for. The order is not a ranking: rules about audiences live in [`crate::visibility`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// People of the author's own department. Never leaves the node.
    Department,
    /// Everyone on this node and on the peers that it allows.
    Network,
    /// The author's followers, here and on peers, and the people named.
    Followers,
    /// The members of one group.
    Group,
    /// The people named in the post.
    Named,
}

/// A text that names no audience.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not an audience: use department, network, followers, group or named")]
pub struct UnknownAudience(String);

impl Audience {
    /// All audiences, in the order in which a form offers them.
    pub const ALL: [Self; 5] = [Self::Department, Self::Network, Self::Followers, Self::Group, Self::Named];

    /// The number that stands for it in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Department => 0,
            Self::Network => 1,
            Self::Followers => 2,
            Self::Group => 3,
            Self::Named => 4,
        }
    }

    /// The audience of a stored number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|audience| audience.code() == code)
    }

    /// The word used in configuration, the client API and our JSON-LD context.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Department => "department",
            Self::Network => "network",
            Self::Followers => "followers",
            Self::Group => "group",
            Self::Named => "named",
        }
    }

    /// The words on screen.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Department => "My department",
            Self::Network => "The network",
            Self::Followers => "My followers",
            Self::Group => "A group",
            Self::Named => "Named people",
        }
    }
}

impl FromStr for Audience {
    type Err = UnknownAudience;
    fn from_str(text: &str) -> Result<Self, UnknownAudience> {
        Self::ALL
            .into_iter()
            .find(|audience| audience.word() == text)
            .ok_or_else(|| UnknownAudience(text.chars().take(40).collect()))
    }
}
