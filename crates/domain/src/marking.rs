//! Marking: how sensitive a text is said to be, as a rank in a scheme that is configuration.
//!
//! The Government Security Classifications Policy gives the default scheme. Ranks, not names,
//! are stored and compared, so a department can rename a level without touching its posts.

use serde::{Deserialize, Serialize};

/// A rank in the marking scheme: 0 is the lowest. A peer's ceiling is a marking too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Marking(i16);

impl Marking {
    /// The lowest rank, OFFICIAL in the default scheme.
    pub const LOWEST: Self = Self(0);

    /// A rank as stored.
    #[must_use]
    pub const fn from_rank(rank: i16) -> Self {
        Self(rank)
    }

    /// The rank, as stored.
    #[must_use]
    pub const fn rank(self) -> i16 {
        self.0
    }
}

/// One level of a scheme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarkingLevel {
    /// The words shown and sent, such as `OFFICIAL-SENSITIVE`.
    pub name: String,
    /// Whether a post of this level must say how it is to be handled.
    pub handling_required: bool,
}

/// The levels from lowest to highest, and which one a new post starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkingScheme {
    levels: Vec<MarkingLevel>,
    default: Marking,
}

/// Why a scheme or a marking was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MarkingError {
    /// A scheme needs at least one level.
    #[error("a marking scheme needs at least one level")]
    NoLevels,
    /// Two levels share a name.
    #[error("the marking {0} is listed twice")]
    Twice(String),
    /// The word names no level.
    #[error("“{given}” is not a marking here: use one of {known}")]
    Unknown {
        /// What was given, shortened.
        given: String,
        /// The names of the scheme.
        known: String,
    },
}

impl MarkingScheme {
    /// Builds a scheme from its levels, lowest first, and the name of the default.
    ///
    /// # Errors
    /// When there are no levels, a name stands twice, or the default is not among them.
    pub fn new(levels: Vec<MarkingLevel>, default: &str) -> Result<Self, MarkingError> {
        if levels.is_empty() {
            return Err(MarkingError::NoLevels);
        }
        for (index, level) in levels.iter().enumerate() {
            if levels.iter().skip(index + 1).any(|other| same_name(&other.name, &level.name)) {
                return Err(MarkingError::Twice(level.name.clone()));
            }
        }
        let mut scheme = Self { levels, default: Marking::LOWEST };
        scheme.default = scheme.parse(default)?;
        Ok(scheme)
    }

    /// The scheme of the Government Security Classifications Policy below SECRET.
    #[must_use]
    pub fn official() -> Self {
        let level = |name: &str, handling_required| MarkingLevel { name: name.to_owned(), handling_required };
        Self { levels: vec![level("OFFICIAL", false), level("OFFICIAL-SENSITIVE", true)], default: Marking::LOWEST }
    }

    /// What a new post starts with.
    #[must_use]
    pub fn default_marking(&self) -> Marking {
        self.default
    }

    /// The levels with their ranks, lowest first.
    pub fn levels(&self) -> impl Iterator<Item = (Marking, &MarkingLevel)> {
        self.levels.iter().enumerate().map(|(rank, level)| (Marking(i16::try_from(rank).unwrap_or(i16::MAX)), level))
    }

    /// The highest marking of the scheme.
    #[must_use]
    pub fn highest(&self) -> Marking {
        self.levels().map(|(marking, _)| marking).last().unwrap_or(Marking::LOWEST)
    }

    /// The level of a rank; a rank above the scheme counts as its highest, so nothing is shown lower than it is.
    #[must_use]
    pub fn level(&self, marking: Marking) -> &MarkingLevel {
        usize::try_from(marking.0)
            .ok()
            .and_then(|rank| self.levels.get(rank))
            .or_else(|| self.levels.last())
            .expect("a scheme has at least one level")
    }

    /// The name shown for a marking.
    #[must_use]
    pub fn name(&self, marking: Marking) -> &str {
        &self.level(marking).name
    }

    /// The marking of a name, in any case.
    ///
    /// # Errors
    /// When the scheme has no level of that name.
    pub fn parse(&self, name: &str) -> Result<Marking, MarkingError> {
        self.levels().find(|(_, level)| same_name(&level.name, name)).map(|(marking, _)| marking).ok_or_else(|| {
            let known: Vec<&str> = self.levels.iter().map(|level| level.name.as_str()).collect();
            MarkingError::Unknown { given: name.chars().take(40).collect(), known: known.join(", ") }
        })
    }
}

fn same_name(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_scheme_knows_its_names_and_never_shows_a_rank_lower() {
        let scheme = MarkingScheme::official();
        assert_eq!(scheme.parse("official-sensitive").unwrap(), scheme.highest());
        assert!(scheme.parse("official").unwrap() < scheme.highest());
        assert_eq!(scheme.name(Marking::from_rank(9)), "OFFICIAL-SENSITIVE");
        assert!(scheme.parse("SECRET").unwrap_err().to_string().contains("OFFICIAL, OFFICIAL-SENSITIVE"));
    }

    #[test]
    fn a_scheme_refuses_doubles_and_nothing() {
        let twice = vec![
            MarkingLevel { name: "A".into(), handling_required: false },
            MarkingLevel { name: "a".into(), handling_required: false },
        ];
        assert_eq!(MarkingScheme::new(twice, "A"), Err(MarkingError::Twice("A".into())));
        assert_eq!(MarkingScheme::new(vec![], "A"), Err(MarkingError::NoLevels));
    }
}
