//! Takes out of plain text what nobody can see and somebody can be fooled by.

use super::limits;

/// One line for names and titles: no control or direction-override characters, every run of spaces and line
/// breaks is one space, none at the ends.
#[must_use]
pub fn clean_line(text: &str) -> String {
    let cleaned = clean_text(text);
    let mut line = String::with_capacity(cleaned.len());
    for word in cleaned.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

/// Several lines: no control or direction-override characters; line breaks are `\n`; no spaces at the ends.
#[must_use]
pub fn clean_text(text: &str) -> String {
    let unix = text.replace("\r\n", "\n").replace(['\r', '\u{85}', '\u{2028}', '\u{2029}'], "\n");
    let mut cleaner = Cleaner::default();
    let cleaned: String = unix.chars().filter(|c| cleaner.keeps(*c)).collect();
    cleaned.trim().to_owned()
}

/// A text is longer than its place allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this has {actual} characters, and {limit} is the most it can have")]
pub struct TooLong {
    /// The most it may have.
    pub limit: usize,
    /// What it has.
    pub actual: usize,
}

/// [`clean_line`], refused when longer than `limit` characters.
///
/// # Errors
/// [`TooLong`], with both numbers.
pub fn line_within(text: &str, limit: usize) -> Result<String, TooLong> {
    within(clean_line(text), limit)
}

/// [`clean_text`], refused when longer than `limit` characters.
///
/// # Errors
/// [`TooLong`], with both numbers.
pub fn text_within(text: &str, limit: usize) -> Result<String, TooLong> {
    within(clean_text(text), limit)
}

fn within(text: String, limit: usize) -> Result<String, TooLong> {
    let actual = text.chars().count();
    if actual > limit { Err(TooLong { limit, actual }) } else { Ok(text) }
}

/// At most `limit` characters: cut at a space where one is near, with an ellipsis that counts too. For what
/// comes from peers and for previews; what people type here is refused instead.
#[must_use]
pub fn excerpt(text: &str, limit: usize) -> String {
    let text = text.trim();
    if text.chars().nth(limit).is_none() {
        return text.to_owned();
    }
    let Some(kept) = limit.checked_sub(1) else { return String::new() };
    let mut cut: Vec<char> = text.chars().take(kept).collect();
    // A mark or a joiner belongs to the character before it: drop that one whole.
    if text.chars().nth(kept).is_some_and(is_attached) {
        while cut.pop().is_some_and(is_attached) {}
    }
    let cut: String = cut.into_iter().collect();
    let word_end = cut.rfind(char::is_whitespace).filter(|at| at.saturating_mul(2) >= cut.len());
    let shown = word_end.and_then(|at| cut.get(..at)).unwrap_or(&cut);
    format!("{}…", shown.trim_end())
}

/// The longest beginning of `text` of at most `bytes` bytes that ends between two characters.
pub(super) fn head(text: &str, bytes: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes)).unwrap_or(text)
}

/// Decides character by character what stays. It counts combining marks, so one serves one whole text.
#[derive(Debug, Default)]
pub(super) struct Cleaner {
    marks: usize,
}

impl Cleaner {
    /// Whether `c` stays.
    pub(super) fn keeps(&mut self, c: char) -> bool {
        if is_forbidden(c) {
            return false;
        }
        self.marks = if is_combining(c) { self.marks.saturating_add(1) } else { 0 };
        self.marks <= limits::COMBINING_MARKS
    }
}

/// Controls other than tab and line break, direction overrides and isolates, byte order marks, annotation
/// marks, and what is no character at all. Zero-width joiners and plain direction marks are needed for writing.
fn is_forbidden(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => true,
        '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{2028}' | '\u{2029}' => true,
        '\u{fdd0}'..='\u{fdef}' => true,
        c => c.is_control() || u32::from(c) & 0xfffe == 0xfffe,
    }
}

fn is_combining(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

fn is_attached(c: char) -> bool {
    is_combining(c) || matches!(c, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_fools_the_eye_goes() {
        assert_eq!(clean_line("  An\u{0}na\u{202e} \u{2066}\r\n Lee\t\u{7}\u{feff} "), "Anna Lee");
        assert_eq!(clean_text("one\r\ntwo\rthree\u{2028}four\u{1b}[2J"), "one\ntwo\nthree\nfour[2J");
    }

    #[test]
    fn writing_stays() {
        for text in ["Siân Ó Dubhghaill", "👩‍🚒", "🏴󠁧󠁢󠁷󠁬󠁳󠁿", "שלום\u{200f} a", "Tiếng Việt", "e\u{301}"]
        {
            assert_eq!(clean_line(text), text);
        }
    }

    #[test]
    fn marks_do_not_pile_up() {
        let zalgo = format!("a{}b", "\u{301}".repeat(1_000_000));
        assert_eq!(clean_text(&zalgo).chars().count(), 2 + limits::COMBINING_MARKS);
    }

    #[test]
    fn limits_are_told() {
        assert_eq!(line_within(" abc ", 3), Ok("abc".to_owned()));
        assert_eq!(line_within("abcd", 3), Err(TooLong { limit: 3, actual: 4 }));
        assert_eq!(text_within("a\nb", 2), Err(TooLong { limit: 2, actual: 3 }));
    }

    #[test]
    fn excerpts_end_well() {
        assert_eq!(excerpt("short", 5), "short");
        assert_eq!(excerpt("a longer sentence here", 12), "a longer…");
        assert_eq!(excerpt("aaaaaaaaaaaaaaaaaaaa", 5), "aaaa…");
        assert_eq!(excerpt("abcde\u{301}fgh", 6), "abcd…");
        assert_eq!(excerpt("abc", 0), "");
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text: String) {
            let line = clean_line(&text);
            prop_assert_eq!(clean_line(&line), line);
            let cleaned = clean_text(&text);
            prop_assert_eq!(clean_text(&cleaned), cleaned);
        }

        #[test]
        fn excerpts_keep_their_limit(text: String, limit in 0_usize..40) {
            prop_assert!(excerpt(&text, limit).chars().count() <= limit);
        }
    }
}
