//! The words of the pages: every text by its key, in English and in Welsh.
//!
//! The texts are Fluent files in `locales`, built into the executable and read once. `docs/CONTRIBUTING.md` says how
//! one is added, and the tests here fail on a text that is missing or unused in either language.

mod said;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

pub use said::Said;

/// A language of the pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// For whoever has chosen none, and asks for none that is here.
    #[default]
    English,
    /// Welsh.
    Welsh,
}

/// The key of a text that is chosen by the program. It is written out where it is made, so that the tests find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(&'static str);

/// The key of a text. Only ever called with the key itself.
#[must_use]
pub const fn key(name: &'static str) -> Key {
    Key(name)
}

impl Language {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Welsh];

    /// Its BCP 47 tag.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en-GB",
            Self::Welsh => "cy",
        }
    }

    /// What it is called in itself.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Welsh => "Cymraeg",
        }
    }

    /// What choosing it does, in itself: whoever needs it reads no other.
    #[must_use]
    pub const fn switch_words(self) -> &'static str {
        match self {
            Self::English => "change the language of the pages",
            Self::Welsh => "newid iaith y tudalennau",
        }
    }

    /// The language of a tag, whatever country it adds.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split(['-', '_']).next().unwrap_or_default().trim();
        if primary.eq_ignore_ascii_case("en") {
            Some(Self::English)
        } else if primary.eq_ignore_ascii_case("cy") {
            Some(Self::Welsh)
        } else {
            None
        }
    }

    /// What a browser likes best of what is here, by `Accept-Language` (RFC 9110, 12.5.4).
    #[must_use]
    pub fn accepted(header: &str) -> Option<Self> {
        let mut best: Option<(Self, f32)> = None;
        for part in header.split(',').take(50) {
            let (tag, weight) = part.split_once(';').unwrap_or((part, ""));
            let weight = weight.trim().strip_prefix("q=").map_or(Some(1.0), |q| q.parse::<f32>().ok());
            let (Some(language), Some(weight)) = (Self::of_tag(tag.trim()), weight) else { continue };
            if weight > 0.0 && weight <= 1.0 && best.is_none_or(|(_, known)| weight > known) {
                best = Some((language, weight));
            }
        }
        best.map(|(language, _)| language)
    }

    /// A text. `key` is written out at the call, so that the tests find it; where it is chosen, see [`Self::say_key`].
    #[must_use]
    pub fn say(self, key: &'static str) -> Said {
        Said::new(self, key)
    }

    /// A text whose key was chosen.
    #[must_use]
    pub fn say_key(self, key: Key) -> Said {
        Said::new(self, key.0)
    }

    /// A list in a sentence: `a, b and c`.
    #[must_use]
    pub fn list(self, items: &[String]) -> String {
        match items {
            [] => String::new(),
            [one] => one.clone(),
            [before @ .., last] => {
                self.say("list-and").with("before", before.join(", ")).with("last", last).to_string()
            }
        }
    }

    fn bundle(self) -> &'static FluentBundle<FluentResource> {
        match self {
            Self::English => &ENGLISH,
            Self::Welsh => &WELSH,
        }
    }
}

/// The files of a language, by name and text.
type Files = &'static [(&'static str, &'static str)];

macro_rules! files {
    ($folder:literal: $($name:literal)*) => {
        &[$(($name, include_str!(concat!("../locales/", $folder, "/", $name, ".ftl")))),*]
    };
}

const ENGLISH_FILES: Files = files!("en":
    "frame" "common" "counts" "posts" "compose" "people" "account" "groups" "connections" "open" "errors" "administration");
const WELSH_FILES: Files = files!("cy":
    "frame" "common" "counts" "posts" "compose" "people" "account" "groups" "connections" "open" "errors" "administration");

static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::English, ENGLISH_FILES));
static WELSH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::Welsh, WELSH_FILES));

/// Reads the texts of a language. A file with a mistake gives what is right in it; the tests allow none.
fn bundle(language: Language, files: Files) -> FluentBundle<FluentResource> {
    let tag: LanguageIdentifier = language.tag().parse().expect("both tags are well-formed");
    let mut bundle = FluentBundle::new_concurrent(vec![tag]);
    // The marks around what is put in are for mixed directions of writing; both languages go from left to right, and
    // the marks end up in attributes and in what people copy.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => Some(said::thousands(number.value)),
        _ => None,
    }));
    for (name, text) in files {
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, errors)| {
            tracing::error!(file = name, "texts can't be read: {errors:?}");
            resource
        });
        if let Err(errors) = bundle.add_resource(resource) {
            tracing::error!(file = name, "texts clash: {errors:?}");
        }
    }
    bundle
}
