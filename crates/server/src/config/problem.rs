//! What is wrong with a configuration, and where it stands.

use std::fmt;
use std::path::PathBuf;

use serde::{Serialize, Serializer};

/// Where a setting's value comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody said otherwise.
    Default,
    /// A line of the configuration file.
    File {
        /// The file, as it was named.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// An environment variable.
    Env(String),
    /// It follows another setting.
    Follows(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Env(variable) => f.write_str(variable),
            Self::Follows(setting) => write!(f, "follows {setting}"),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Where; nowhere when something is missing.
    #[serde(rename = "where")]
    pub origin: Option<Origin>,
    /// `section.key`, when one setting is to blame.
    pub setting: Option<String>,
    /// What is wrong, and what to write instead.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(f, "{origin}: ")?;
        }
        if let Some(setting) = &self.setting {
            write!(f, "{setting} ")?;
        }
        f.write_str(&self.message)
    }
}

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// The known word closest to a mistyped one, if any is close.
pub(super) fn closest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|other| (distance(word, other), other))
        .filter(|(distance, other)| *distance <= 1 + other.chars().count() / 5)
        .min()
        .map(|(_, other)| other)
}

/// Letters to insert, drop or exchange to make one word the other.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (above, letter) in a.chars().enumerate() {
        let mut left = above + 1;
        let mut next = vec![left];
        for (pair, other) in row.windows(2).zip(b.chars()) {
            let [diagonal, up] = pair else { continue };
            left = (diagonal + usize::from(letter != other)).min(up + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_letters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn a_word_that_is_near_nothing_is_not_guessed() {
        assert_eq!(closest("max_charcters", ["max_characters", "default_audience"]), Some("max_characters"));
        assert_eq!(closest("colour", ["max_characters", "default_audience"]), None);
    }
}
