//! Lists: which answers a list of people shows.

use std::str::FromStr;

/// Which of its members' answers to others a list shows. Answers to oneself and to the list's owner are always shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum RepliesPolicy {
    /// Those to members of the list.
    #[default]
    List,
    /// Those to anybody whom the owner follows.
    Followed,
    /// None.
    None,
}

/// A text that names no such policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a replies policy: use followed, list or none")]
pub struct UnknownPolicy(String);

impl RepliesPolicy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::List, Self::Followed, Self::None];

    /// The number in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::List => 0,
            Self::Followed => 1,
            Self::None => 2,
        }
    }

    /// The policy of a stored number; an unknown one shows least.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        match code {
            0 => Self::List,
            1 => Self::Followed,
            _ => Self::None,
        }
    }

    /// The word of the Mastodon API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Followed => "followed",
            Self::None => "none",
        }
    }
}

impl FromStr for RepliesPolicy {
    type Err = UnknownPolicy;
    fn from_str(text: &str) -> Result<Self, UnknownPolicy> {
        let found = Self::ALL.into_iter().find(|policy| policy.word() == text);
        found.ok_or_else(|| UnknownPolicy(text.chars().take(40).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_come_back() {
        for policy in RepliesPolicy::ALL {
            assert_eq!(policy.word().parse(), Ok(policy));
            assert_eq!(RepliesPolicy::from_code(policy.code()), policy);
        }
        assert!("all".parse::<RepliesPolicy>().is_err());
        assert_eq!(RepliesPolicy::from_code(9), RepliesPolicy::None);
    }
}
