//! OAuth scopes: what a token may do, in the words of the Mastodon API.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A set of scopes. A wide scope covers the narrow ones: `read` covers `read:statuses`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scopes(BTreeSet<&'static str>);

/// A word that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a scope")]
pub struct UnknownScope(String);

/// What the deprecated scope `follow` stands for.
const FOLLOW: [&str; 6] = ["read:blocks", "write:blocks", "read:follows", "write:follows", "read:mutes", "write:mutes"];

impl Scopes {
    /// Every scope that exists.
    pub const ALL: &'static [&'static str] = &[
        "read",
        "read:accounts",
        "read:blocks",
        "read:bookmarks",
        "read:collections",
        "read:favourites",
        "read:filters",
        "read:follows",
        "read:lists",
        "read:mutes",
        "read:notifications",
        "read:search",
        "read:statuses",
        "write",
        "write:accounts",
        "write:blocks",
        "write:bookmarks",
        "write:collections",
        "write:conversations",
        "write:favourites",
        "write:filters",
        "write:follows",
        "write:lists",
        "write:media",
        "write:mutes",
        "write:notifications",
        "write:reports",
        "write:statuses",
        "follow",
        "push",
        "profile",
        "admin:read",
        "admin:read:accounts",
        "admin:read:reports",
        "admin:read:domain_allows",
        "admin:read:domain_blocks",
        "admin:read:ip_blocks",
        "admin:read:email_domain_blocks",
        "admin:read:canonical_email_blocks",
        "admin:write",
        "admin:write:accounts",
        "admin:write:reports",
        "admin:write:domain_allows",
        "admin:write:domain_blocks",
        "admin:write:ip_blocks",
        "admin:write:email_domain_blocks",
        "admin:write:canonical_email_blocks",
    ];

    /// `read` alone: what an application gets that asks for nothing.
    #[must_use]
    pub fn read() -> Self {
        Self(BTreeSet::from(["read"]))
    }

    /// Whether a token with these scopes may do what `needed` names.
    #[must_use]
    pub fn covers(&self, needed: &str) -> bool {
        if self.0.contains(needed) || (self.0.contains("follow") && FOLLOW.contains(&needed)) {
            return true;
        }
        // `admin:read:accounts` is covered by `admin:read`, `read:statuses` by `read`.
        needed.rsplit_once(':').is_some_and(|(wide, _)| wide != "admin" && self.0.contains(wide))
    }

    /// Whether all of these are covered by `other`.
    #[must_use]
    pub fn is_subset_of(&self, other: &Self) -> bool {
        self.0.iter().all(|scope| {
            other.covers(scope) || (*scope == "follow" && FOLLOW.iter().all(|narrow| other.covers(narrow)))
        })
    }

    /// These and those of another set.
    #[must_use]
    pub fn with(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).copied().collect())
    }

    /// The scopes, by name.
    pub fn iter(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<&str> = self.iter().collect();
        f.write_str(&words.join(" "))
    }
}

impl FromStr for Scopes {
    type Err = UnknownScope;
    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let known = |word: &str| {
            Self::ALL
                .iter()
                .copied()
                .find(|scope| *scope == word)
                .ok_or_else(|| UnknownScope(word.chars().take(40).collect()))
        };
        text.split_whitespace().map(known).collect::<Result<_, _>>().map(Self)
    }
}

impl TryFrom<String> for Scopes {
    type Error = UnknownScope;
    fn try_from(text: String) -> Result<Self, UnknownScope> {
        text.parse()
    }
}

impl From<Scopes> for String {
    fn from(scopes: Scopes) -> Self {
        scopes.to_string()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn scopes(text: &str) -> Scopes {
        text.parse().unwrap()
    }

    #[test]
    fn a_wide_scope_covers_the_narrow_ones_and_nothing_else() {
        assert!(scopes("read").covers("read:statuses"));
        assert!(!scopes("read:statuses").covers("read"));
        assert!(!scopes("read").covers("write:statuses"));
        assert!(!scopes("read write").covers("admin:read"));
        assert!(scopes("admin:read").covers("admin:read:accounts"));
        assert!(scopes("follow").covers("write:follows"));
        assert!(!scopes("follow").covers("write:statuses"));
    }

    #[test]
    fn subsets_are_by_what_is_covered() {
        assert!(scopes("read:statuses follow").is_subset_of(&scopes("read write")));
        assert!(!scopes("read write").is_subset_of(&scopes("read")));
        assert!("read nonsense".parse::<Scopes>().is_err());
        assert_eq!(scopes("write  read").to_string(), "read write");
    }
}
