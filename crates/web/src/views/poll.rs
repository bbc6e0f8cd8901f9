//! Polls as pages show them.

use super::{Choice, Moment};
use crate::words::Language;

/// A poll as one reader sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Poll {
    /// What can be chosen, in order.
    pub options: Vec<PollOption>,
    /// Several may be chosen.
    pub multiple: bool,
    /// The reader may vote: a form is shown, and no results before they have.
    pub open: bool,
    /// It is over.
    pub ended: bool,
    /// How many have chosen what is hidden until the end.
    pub hidden: bool,
    /// People who voted, or votes where that is not known.
    pub turnout: String,
    /// When it ends or has ended.
    pub ends: Option<Moment>,
    /// When its options were last changed, which made every vote before that void.
    pub reset: Option<Moment>,
}

/// An option of a poll.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PollOption {
    /// What is sent for it.
    pub value: usize,
    /// Plain text.
    pub title: String,
    /// `3 votes, 60%`; empty while that is hidden.
    pub votes: String,
    /// The reader has chosen it.
    pub chosen: bool,
}

impl PollOption {
    /// Votes in words, and their part of those who could have given one each.
    #[must_use]
    pub fn in_words(votes: u64, of: u64, language: Language) -> String {
        let words = language.say("count-votes").count("n", votes).to_string();
        let part = votes.saturating_mul(100).saturating_add(of / 2).checked_div(of);
        part.map_or(words.clone(), |part| format!("{words}, {part}%"))
    }
}

/// The poll of a form: `poll-1` to `poll-10`, `poll-lasts`, `poll-kind` and `poll-hide` are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComposePoll {
    /// The numbers of the options' fields, and what was typed there.
    pub options: Vec<(usize, String)>,
    /// For how long it is open.
    pub lasts: Vec<Choice>,
    /// Several may be chosen.
    pub multiple: bool,
    /// Results are hidden until the end.
    pub hide_totals: bool,
}

impl ComposePoll {
    /// Whether something was typed, so that it must be seen again.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.options.iter().any(|(_, text)| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn votes_are_told_in_words_and_parts() {
        assert_eq!(PollOption::in_words(0, 0, Language::English), "0 votes");
        assert_eq!(PollOption::in_words(1, 3, Language::English), "1 vote, 33%");
        assert_eq!(PollOption::in_words(3, 3, Language::Welsh), "3 pleidlais, 100%");
        assert_eq!(PollOption::in_words(2, 3, Language::English), "2 votes, 67%");
        assert_eq!(PollOption::in_words(u64::MAX, 1_000, Language::English).split(',').count(), 8);
    }
}
