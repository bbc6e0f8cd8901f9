//! The poll of a form: what is asked, and for how long.

use std::time::Duration;

use corridor_app::polls::PollDraft;
use corridor_domain::poll::MAX_OPTIONS;

use crate::posted::Posted;
use crate::views::{Choice, ComposePoll};
use crate::words::{Language, Said};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// For how long a poll may be open, in seconds.
const LASTS: [u64; 6] = [HOUR, 6 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY];

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

    pub(super) fn show(&self, language: Language) -> ComposePoll {
        let chosen = self.lasts.unwrap_or(DAY);
        ComposePoll {
            options: (1..=MAX_OPTIONS)
                .map(|place| (place, self.options.get(place - 1).cloned().unwrap_or_default()))
                .collect(),
            lasts: LASTS
                .iter()
                .map(|seconds| Choice {
                    value: seconds.to_string(),
                    label: lasts(*seconds, language).into(),
                    hint: String::new(),
                    chosen: *seconds == chosen,
                })
                .collect(),
            multiple: self.multiple,
            hide_totals: self.hide_totals,
        }
    }
}

/// `6 hours`, `3 days`.
fn lasts(seconds: u64, language: Language) -> Said {
    if seconds < DAY {
        language.say("count-hours").count("n", seconds / HOUR)
    } else {
        language.say("count-days").count("n", seconds / DAY)
    }
}
