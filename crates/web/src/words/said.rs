//! A text with what is put into it.

use std::borrow::Borrow;
use std::fmt;

use fluent_bundle::{FluentArgs, FluentValue};

use super::Language;

/// Stands for markup while a text is formatted. No text has it: it is no character (Unicode 23.7).
const SLOT: &str = "\u{fdd0}";

/// A text, ready to be written. Templates escape it with all that was put in.
#[derive(Debug)]
pub struct Said {
    language: Language,
    key: &'static str,
    args: FluentArgs<'static>,
}

impl Said {
    /// A text; callers pass a key that is written out at the call.
    pub(crate) fn new(language: Language, key: &'static str) -> Self {
        Self { language, key, args: FluentArgs::new() }
    }

    /// Puts words in.
    #[must_use]
    pub fn with(mut self, name: &'static str, words: impl fmt::Display) -> Self {
        self.args.set(name, FluentValue::from(words.to_string()));
        self
    }

    /// Puts a number in, by which the text takes its plural form.
    #[must_use]
    pub fn count(mut self, name: &'static str, number: impl Borrow<u64>) -> Self {
        self.args.set(name, FluentValue::from(*number.borrow()));
        self
    }

    /// What comes before and after the place that is called `name`, where a template writes a link or a time itself.
    #[must_use]
    pub fn around(self, name: &'static str) -> (String, String) {
        let text = self.with(name, SLOT).to_string();
        text.split_once(SLOT).map_or_else(|| (text.clone(), String::new()), |(a, b)| (a.to_owned(), b.to_owned()))
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bundle = self.language.bundle();
        let Some(pattern) = bundle.get_message(self.key).and_then(|message| message.value()) else {
            tracing::error!(key = self.key, language = self.language.tag(), "a text is missing");
            return f.write_str(self.key);
        };
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(&self.args), &mut errors);
        if !errors.is_empty() {
            tracing::error!(key = self.key, language = self.language.tag(), "a text is not complete: {errors:?}");
        }
        f.write_str(&text)
    }
}

impl From<Said> for String {
    fn from(said: Said) -> Self {
        said.to_string()
    }
}

/// A whole number as people read it: `2,500`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts, which are whole and positive")]
pub(super) fn thousands(number: f64) -> String {
    let digits = (number as u64).to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
