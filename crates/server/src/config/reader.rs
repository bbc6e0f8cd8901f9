//! Reads typed values out of the settings and gathers what is wrong with them.
//!
//! After a problem it goes on with a value that will do, so that all problems are found in one go; a
//! configuration with problems is never handed out.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use super::problem::{Origin, Problem};
use super::settings::{Setting, Settings, Value};

pub(super) struct Reader {
    pub settings: Settings,
    pub problems: Vec<Problem>,
    pub read: BTreeSet<&'static str>,
}

impl Reader {
    pub fn new(settings: Settings, problems: Vec<Problem>) -> Self {
        Self { settings, problems, read: BTreeSet::new() }
    }

    /// Says that a setting's value won't do.
    pub fn refuse(&mut self, key: &'static str, message: impl Display) {
        let origin = Some(self.setting(key).from.clone()).filter(|origin| *origin != Origin::Default);
        self.problems.push(Problem { origin, setting: Some(key.to_owned()), message: message.to_string() });
    }

    /// Fills in what an unset setting comes to.
    pub fn follow(&mut self, key: &'static str, value: String, leader: &'static str) {
        let setting = self.setting(key);
        setting.value = Value::Text(value);
        setting.from = Origin::Follows(leader);
    }

    pub fn text(&mut self, key: &'static str) -> String {
        match &self.setting(key).value {
            Value::Text(text) => text.trim().to_owned(),
            other => unreachable!("{key} is read as a text, but its default is {other:?}"),
        }
    }

    /// A text that must be there.
    pub fn required(&mut self, key: &'static str, what: &str) -> Option<String> {
        let text = self.text(key);
        if text.is_empty() {
            // A value of the wrong kind was not taken over, but somebody did set it.
            if !self.problems.iter().any(|problem| problem.setting.as_deref() == Some(key)) {
                self.refuse(key, format_args!("is not set: {what}"));
            }
            return None;
        }
        Some(text)
    }

    pub fn texts(&mut self, key: &'static str) -> Vec<String> {
        match &self.setting(key).value {
            Value::Texts(texts) => texts.clone(),
            other => unreachable!("{key} is read as a list, but its default is {other:?}"),
        }
    }

    pub fn switch(&mut self, key: &'static str) -> bool {
        match &self.setting(key).value {
            Value::Switch(switch) => *switch,
            other => unreachable!("{key} is read as a switch, but its default is {other:?}"),
        }
    }

    /// A number in a range; the default stands in for one that is outside.
    pub fn number<T: TryFrom<i64>>(&mut self, key: &'static str, range: RangeInclusive<i64>) -> T {
        let (Value::Number(given), Value::Number(default)) =
            (self.setting(key).value.clone(), self.setting(key).default.clone())
        else {
            unreachable!("{key} is read as a number, but its default is none")
        };
        let within = range.contains(&given).then(|| T::try_from(given).ok()).flatten();
        within.unwrap_or_else(|| {
            self.refuse(key, format_args!("must be from {} to {}, but is {given}", range.start(), range.end()));
            T::try_from(default).ok().expect("a default fits its type")
        })
    }

    /// A number of units of so many seconds.
    pub fn seconds(&mut self, key: &'static str, unit: u64, range: RangeInclusive<i64>) -> Duration {
        Duration::from_secs(self.number::<u64>(key, range) * unit)
    }

    /// One of a few words.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)], fallback: T) -> T {
        let text = self.text(key);
        if let Some((_, choice)) = choices.iter().find(|(word, _)| *word == text) {
            return *choice;
        }
        let known: Vec<String> = choices.iter().map(|(word, _)| format!("“{word}”")).collect();
        self.refuse(key, format_args!("must be one of {}, but is “{text}”", known.join(", ")));
        fallback
    }

    pub fn path(&mut self, key: &'static str) -> Option<PathBuf> {
        Some(self.text(key)).filter(|text| !text.is_empty()).map(PathBuf::from)
    }

    pub fn socket(&mut self, key: &'static str) -> Option<SocketAddr> {
        let text = self.text(key);
        if text.is_empty() {
            return None;
        }
        let parsed = text.parse().ok();
        if parsed.is_none() {
            let how = "must be an IP address and a port, such as 127.0.0.1:8080 or [::]:8080";
            self.refuse(key, format_args!("{how}, but is “{text}”"));
        }
        parsed
    }

    /// A list whose items are read one by one.
    pub fn list<T: FromStr<Err: Display>>(&mut self, key: &'static str) -> Vec<T> {
        let mut items = Vec::new();
        for text in self.texts(key) {
            match text.parse() {
                Ok(item) => items.push(item),
                Err(error) => self.refuse(key, format_args!("has a wrong entry: {error}")),
            }
        }
        items
    }

    fn setting(&mut self, key: &'static str) -> &mut Setting {
        self.read.insert(key);
        self.settings.find(key).expect("every setting that is read stands in the defaults")
    }
}
