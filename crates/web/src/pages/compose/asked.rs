//! The poll of a form: what is asked, and for how long.

use std::time::Duration;

use corridor_app::polls::PollDraft;
use corridor_domain::poll::MAX_OPTIONS;

use crate::posted::Posted;
use crate::views::{Choice, ComposePoll};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// For how long a poll may be open, in seconds and words.
const LASTS: [(u64, &str); 6] = [
    (HOUR, "1 hour"),
    (6 * HOUR, "6 hours"),
    (DAY, "1 day"),
    (3 * DAY, "3 days"),
    (7 * DAY, "7 days"),
    (30 * DAY, "30 days"),
];

/// What a post is to ask.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    options: Vec<String>,
    lasts: Option<u64>,
    multiple: bool,
    hide_totals: bool,
}

impl Asked {
    pub(super) fn read(posted: &Posted) -> Self {
        Self {
            options: (1..=MAX_OPTIONS).map(|place| posted.one(&format!("poll-{place}")).to_owned()).collect(),
            lasts: posted.one("poll-lasts").parse().ok(),
            multiple: posted.one("poll-kind") == "several",
            hide_totals: posted.one("poll-hide") == "yes",
        }
    }

    /// `None` when no option was written.
    pub(super) fn draft(&self) -> Option<PollDraft> {
        if self.options.iter().all(|option| option.trim().is_empty()) {
            return None;
        }
        Some(PollDraft {
            options: self.options.clone(),
            lasts: Duration::from_secs(self.lasts.unwrap_or(DAY)),
            multiple: self.multiple,
            hide_totals: self.hide_totals,
        })
    }

    pub(super) fn show(&self) -> ComposePoll {
        let chosen = self.lasts.unwrap_or(DAY);
        ComposePoll {
            options: (1..=MAX_OPTIONS)
                .map(|place| (place, self.options.get(place - 1).cloned().unwrap_or_default()))
                .collect(),
            lasts: LASTS
                .iter()
                .map(|(seconds, words)| Choice {
                    value: seconds.to_string(),
                    label: (*words).to_owned(),
                    hint: String::new(),
                    chosen: *seconds == chosen,
                })
                .collect(),
            multiple: self.multiple,
            hide_totals: self.hide_totals,
        }
    }
}
