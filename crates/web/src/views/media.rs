//! Pictures and files as pages show them.

use std::borrow::Borrow;

use crate::words::Language;

/// A picture or file of a post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostMedia {
    /// Its number here.
    pub id: String,
    /// A picture; else a file.
    pub picture: bool,
    /// What it shows, by its author; empty when nothing was said.
    pub description: String,
    /// Of the small picture; 0 where it is not known.
    pub width: i32,
    /// Of the small picture.
    pub height: i32,
    /// What a file is called.
    pub name: String,
    /// `PDF, 1.2 MB`.
    pub about: String,
    /// It can't be had: only the description is shown.
    pub missing: bool,
}

impl PostMedia {
    /// What stands for a picture where it can't be seen.
    #[must_use]
    pub fn alt(&self, language: impl Borrow<Language>) -> String {
        if self.description.is_empty() {
            language.borrow().say("picture-no-words").into()
        } else {
            self.description.clone()
        }
    }
}

/// A size in words: `640 KB`, `1.2 MB`.
#[must_use]
pub fn size(bytes: u64, language: Language) -> String {
    let words = match bytes {
        0..1_000 => language.say("count-bytes").count("n", bytes),
        1_000..1_000_000 => language.say("size-kilobytes").with("n", bytes / 1_000),
        _ => language.say("size-megabytes").with("n", format!("{}.{}", bytes / 1_000_000, bytes % 1_000_000 / 100_000)),
    };
    words.into()
}

#[cfg(test)]
mod tests {
    use super::size;
    use crate::words::Language::{English, Welsh};

    #[test]
    fn sizes_are_said_shortly() {
        assert_eq!(size(1, English), "1 byte");
        assert_eq!(size(2, Welsh), "2 feit");
        assert_eq!(size(640_900, English), "640 KB");
        assert_eq!(size(1_290_000, English), "1.2 MB");
    }
}
