//! Filters: the words that a person does not want to meet, where, and what then happens.
//!
//! A keyword is found whatever its case, across any run of spaces, and through marks that nobody sees. Finding is linear
//! in the text, however many keywords there are.

use std::fmt;
use std::str::FromStr;

use aho_corasick::{AhoCorasick, MatchKind};

/// Where posts are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Context {
    /// The home feed and lists.
    Home,
    /// Notifications.
    Notifications,
    /// The feeds that are not a choice of people: network, department, tags, groups, search.
    Public,
    /// A post with what stands around it.
    Thread,
    /// The posts of one person.
    Account,
}

/// A word that names no context.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a context: use home, notifications, public, thread or account")]
pub struct UnknownContext(String);

impl Context {
    /// All of them, in the order of the Mastodon API.
    pub const ALL: [Self; 5] = [Self::Home, Self::Notifications, Self::Public, Self::Thread, Self::Account];

    /// The word of the Mastodon API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Notifications => "notifications",
            Self::Public => "public",
            Self::Thread => "thread",
            Self::Account => "account",
        }
    }

    /// Whether a post that is hidden here is left out: a feed is none the worse for a gap; a thread would lose its
    /// thread, and whoever opens a person's page asked for their posts.
    #[must_use]
    pub const fn leaves_out(self) -> bool {
        matches!(self, Self::Home | Self::Notifications | Self::Public)
    }

    const fn bit(self) -> i16 {
        match self {
            Self::Home => 1,
            Self::Notifications => 2,
            Self::Public => 4,
            Self::Thread => 8,
            Self::Account => 16,
        }
    }
}

impl FromStr for Context {
    type Err = UnknownContext;
    fn from_str(text: &str) -> Result<Self, UnknownContext> {
        let found = Self::ALL.into_iter().find(|context| context.word() == text);
        found.ok_or_else(|| UnknownContext(text.chars().take(40).collect()))
    }
}

/// A set of contexts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Contexts(i16);

impl Contexts {
    /// The number in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        self.0
    }

    /// The set of a stored number.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        Self(code & 31)
    }

    /// Whether this context is among them.
    #[must_use]
    pub const fn holds(self, context: Context) -> bool {
        self.0 & context.bit() != 0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The words of the Mastodon API, in its order.
    pub fn words(self) -> impl Iterator<Item = &'static str> {
        Context::ALL.into_iter().filter(move |context| self.holds(*context)).map(Context::word)
    }
}

impl FromIterator<Context> for Contexts {
    fn from_iter<I: IntoIterator<Item = Context>>(contexts: I) -> Self {
        Self(contexts.into_iter().fold(0, |bits, context| bits | context.bit()))
    }
}

/// What happens to a post in which something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Action {
    /// It is folded away under the filter's title.
    #[default]
    Warn,
    /// It is not shown.
    Hide,
    /// Its pictures and files are veiled.
    Blur,
}

/// A word that names no action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not an action of a filter: use warn, hide or blur")]
pub struct UnknownAction(String);

impl Action {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Warn, Self::Hide, Self::Blur];

    /// The number in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Warn => 0,
            Self::Hide => 1,
            Self::Blur => 2,
        }
    }

    /// The action of a stored number; an unknown one warns.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        match code {
            1 => Self::Hide,
            2 => Self::Blur,
            _ => Self::Warn,
        }
    }

    /// The word of the Mastodon API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Hide => "hide",
            Self::Blur => "blur",
        }
    }
}

impl FromStr for Action {
    type Err = UnknownAction;
    fn from_str(text: &str) -> Result<Self, UnknownAction> {
        let found = Self::ALL.into_iter().find(|action| action.word() == text);
        found.ok_or_else(|| UnknownAction(text.chars().take(40).collect()))
    }
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyword {
    /// A word or several.
    pub text: String,
    /// Only where it does not go on as part of a longer word.
    pub whole_word: bool,
}

/// Keywords, ready to be looked for in many texts.
pub struct Matcher {
    automaton: AhoCorasick,
    patterns: Vec<Pattern>,
    keywords: usize,
}

#[derive(Debug)]
struct Pattern {
    /// The place of the keyword among those given.
    keyword: usize,
    /// A word must begin here, or end here.
    bounds: (bool, bool),
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not what people don't want to read.
        f.debug_struct("Matcher").field("keywords", &self.keywords).finish_non_exhaustive()
    }
}

impl Matcher {
    /// Makes keywords ready. One of spaces alone is found nowhere.
    ///
    /// # Panics
    /// When the keywords together have more than two thousand million characters.
    pub fn new<'a>(keywords: impl IntoIterator<Item = &'a Keyword>) -> Self {
        let (mut texts, mut patterns, mut count) = (Vec::new(), Vec::new(), 0);
        for (place, keyword) in keywords.into_iter().enumerate() {
            count = place + 1;
            let text = fold(&keyword.text);
            let text = text.trim();
            if text.is_empty() {
                continue;
            }
            // At a sign that belongs to no word there is nothing to go on: “@example.com” may follow a name.
            let bounds = |end: Option<char>| keyword.whole_word && end.is_some_and(is_of_word);
            patterns.push(Pattern {
                keyword: place,
                bounds: (bounds(text.chars().next()), bounds(text.chars().next_back())),
            });
            texts.push(text.to_owned());
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(texts)
            .expect("the keywords that one person may have fit into memory many times over");
        Self { automaton, patterns, keywords: count }
    }

    /// The places of the keywords that are in `text`, growing.
    #[must_use]
    pub fn found_in(&self, text: &str) -> Vec<usize> {
        if self.patterns.is_empty() {
            return Vec::new();
        }
        let text = fold(text);
        let mut found = vec![false; self.keywords];
        let mut left = self.patterns.len();
        for hit in self.automaton.find_overlapping_iter(&text) {
            let Some(pattern) = self.patterns.get(hit.pattern().as_usize()) else { continue };
            let Some(is_found) = found.get_mut(pattern.keyword) else { continue };
            if !*is_found && pattern.is_bounded(&text, hit.start(), hit.end()) {
                *is_found = true;
                left = left.saturating_sub(1);
                if left == 0 {
                    break;
                }
            }
        }
        found.into_iter().enumerate().filter_map(|(place, is_found)| is_found.then_some(place)).collect()
    }
}

impl Pattern {
    fn is_bounded(&self, text: &str, start: usize, end: usize) -> bool {
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let after = text.get(end..).and_then(|after| after.chars().next());
        let goes_on = |bounded: bool, next: Option<char>| bounded && next.is_some_and(is_of_word);
        let (before, after) = (goes_on(self.bounds.0, before), goes_on(self.bounds.1, after));
        !before && !after
    }
}

/// Letters, digits, the low line, and marks that combine with a letter.
fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || matches!(c, '\u{300}'..='\u{36F}')
}

/// The form in which texts are compared: without case, invisible marks, or more than one space at a time.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        if !c.is_whitespace() {
            // By way of upper case, so that ß meets SS and the two small sigmas each other.
            folded.extend(c.to_uppercase().flat_map(char::to_lowercase));
        } else if !folded.ends_with(' ') {
            folded.push(' ');
        }
    }
    folded
}

/// Soft hyphens, spaces without width, joiners and the byte order mark, which would part a word unseen.
const fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}')
}

#[cfg(test)]
mod tests;
