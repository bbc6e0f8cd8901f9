//! Finds mentions, hashtags and bare links in a run of plain text.

use std::ops::Range;

use linkify::{LinkFinder, LinkKind};
use url::Url;

use super::handle::{Handle, Username};
use super::href::safe_href;
use super::limits;

/// Something found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Found {
    /// `@name` or `@name@host`.
    Mention(Handle),
    /// A hashtag, without its sign.
    Tag(String),
    /// A bare link.
    Link(Url),
}

/// A host name in Unicode is shorter than this; more is not looked at.
const HOST_BYTES: usize = 512;

/// The form of a hashtag in which tags are compared and found: lower case, without its sign.
#[must_use]
pub fn tag_key(tag: &str) -> String {
    tag.strip_prefix('#').unwrap_or(tag).to_lowercase()
}

/// The bare links in `text`, in order.
pub(super) fn links(text: &str) -> Vec<Range<usize>> {
    if !text.contains("://") {
        return Vec::new();
    }
    let mut finder = LinkFinder::new();
    finder.kinds(&[LinkKind::Url]).url_must_have_scheme(true);
    finder.links(text).map(|link| link.start()..link.end()).collect()
}

/// Everything found in `text`, in order, without overlap.
pub(super) fn find(text: &str) -> Vec<(Range<usize>, Found)> {
    let mut found = Vec::new();
    let mut from = 0;
    for link in links(text) {
        find_signs(text, from..link.start, &mut found);
        from = link.end;
        if let Some(url) = text.get(link.clone()).and_then(safe_href) {
            found.push((link, Found::Link(url)));
        }
    }
    find_signs(text, from..text.len(), &mut found);
    found
}

fn find_signs(text: &str, within: Range<usize>, found: &mut Vec<(Range<usize>, Found)>) {
    let mut at = within.start;
    while let Some(rest) = text.get(at..within.end) {
        let Some(step) = rest.find(['@', '#']) else { return };
        let start = at.saturating_add(step);
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let rest = text.get(start..within.end).unwrap_or("");
        let hit = if !is_boundary(before) {
            None
        } else if let Some(rest) = rest.strip_prefix('@') {
            mention(rest).map(|(len, handle)| (len, Found::Mention(handle)))
        } else {
            rest.strip_prefix('#').and_then(tag).map(|tag| (tag.len(), Found::Tag(tag.to_owned())))
        };
        at = start.saturating_add(1);
        if let Some((len, hit)) = hit {
            at = at.saturating_add(len);
            found.push((start..at, hit));
        }
    }
}

/// Whether a sign after this character starts something: in `jo@a.gov`, `x/#y` and `&#39;` it does not.
fn is_boundary(before: Option<char>) -> bool {
    before.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '_' | '/' | '=' | '&' | '@' | '#' | '.' | '-'))
}

/// The mention that `rest`, which follows a `@`, starts with, and its length.
fn mention(rest: &str) -> Option<(usize, Handle)> {
    let run = leading(rest, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    let name = run.trim_end_matches(['.', '-']);
    let after = rest.get(run.len()..)?;
    if after.starts_with(char::is_alphanumeric) {
        return None;
    }
    match after.strip_prefix('@').filter(|_| name.len() == run.len()) {
        Some(host) if host.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_' | '[')) => {
            let host = host_at(host)?;
            let len = name.len().saturating_add(1).saturating_add(host.len());
            Some((len, Handle::remote(name, host).ok()?))
        }
        _ => Some((name.len(), Handle { username: Username::parse(name).ok()?, host: None })),
    }
}

/// The host, with its port, at the front of `rest`. A word without a dot is none, `localhost` apart.
fn host_at(rest: &str) -> Option<&str> {
    let run = leading(rest, |c| c.is_alphanumeric() || matches!(c, '.' | '-'));
    let host = run.trim_end_matches(['.', '-']);
    let after = rest.get(run.len()..)?;
    if run.len() > HOST_BYTES || after.starts_with(['_', '@']) {
        return None;
    }
    let mut len = host.len();
    if let Some(digits) = after.strip_prefix(':').filter(|_| host.len() == run.len()) {
        let port = leading(digits, char::is_alphanumeric);
        if !port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit()) {
            len = len.saturating_add(1).saturating_add(port.len());
        }
    }
    let looks = host.contains('.') || host.eq_ignore_ascii_case("localhost");
    rest.get(..len).filter(|_| looks)
}

/// The hashtag that `rest`, which follows a `#`, starts with. It needs a letter: `#1` is a number.
fn tag(rest: &str) -> Option<&str> {
    let is_tag = |c: char| c.is_alphanumeric() || matches!(c, '_' | '·' | '\u{200c}' | '\u{300}'..='\u{36f}');
    let tag = leading(rest, is_tag).trim_end_matches(['·', '\u{200c}']);
    let fits = tag.chars().any(char::is_alphabetic) && tag.chars().nth(limits::TAG_CHARS).is_none();
    fits.then_some(tag)
}

fn leading(text: &str, is_part: impl Fn(char) -> bool) -> &str {
    text.find(|c| !is_part(c)).and_then(|end| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is found, as text.
    fn shown(text: &str) -> Vec<String> {
        let show = |found| match found {
            Found::Mention(handle) => handle.to_string(),
            Found::Tag(tag) => format!("#{tag}"),
            Found::Link(url) => url.to_string(),
        };
        find(text).into_iter().map(|(_, found)| show(found)).collect()
    }

    #[test]
    fn mentions() {
        for (text, expected) in [
            ("@jo", "@jo"),
            ("Hello @jo, (and so on)", "@jo"),
            ("Ask @jo.", "@jo"),
            ("@jo.smith's", "@jo.smith"),
            ("“@Jo_S-t”", "@Jo_S-t"),
            ("@jo@a.gov.", "@jo@a.gov"),
            ("@jo@A.GOV:443", "@jo@a.gov"),
            ("@jo@a.gov:8443: read", "@jo@a.gov:8443"),
            ("@jo@a.gov: read", "@jo@a.gov"),
            ("@jo@a.localhost:4100", "@jo@a.localhost:4100"),
            ("@jo@127.0.0.1:4100", "@jo@127.0.0.1:4100"),
            ("@_jo@a.gov", "@_jo@a.gov"),
            ("@jo@", "@jo"),
            ("@jo@büro.gov", "@jo@xn--bro-hoa.gov"),
        ] {
            assert_eq!(shown(text), [expected], "{text}");
        }
        assert_eq!(shown("@jo @al@b.gov"), ["@jo", "@al@b.gov"]);
    }

    #[test]
    fn not_mentions() {
        for text in [
            "jo@a.gov",
            "@",
            "@@jo",
            "@josé",
            "a/@jo",
            "@jo@home",
            "@jo@a.gov@evil",
            "@jo@a.gov_x",
            "@jo@10.0.0.1",
            "@jo@-.gov",
            "@.jo",
        ] {
            assert_eq!(shown(text), [] as [&str; 0], "{text}");
        }
        assert_eq!(shown(&format!("@{}", "a".repeat(65))), [] as [&str; 0]);
    }

    #[test]
    fn hashtags() {
        assert_eq!(shown("#Budget (#a_b) #été #2026Plan!"), ["#Budget", "#a_b", "#été", "#2026Plan"]);
        for text in ["#", "#1", "#__", "a#b", "&#x;", "##b", "x/#b", &format!("#{}", "a".repeat(101))] {
            assert_eq!(shown(text), [] as [&str; 0], "{text}");
        }
        assert_eq!(tag_key("#ÉTÉ"), "été");
    }

    #[test]
    fn bare_links() {
        assert_eq!(shown("(see https://a.gov/x_(y), or http://b.gov.)"), ["https://a.gov/x_(y)", "http://b.gov/"]);
        assert_eq!(shown("https://a.gov/@jo#x @al"), ["https://a.gov/@jo#x", "@al"]);
        for text in ["javascript://a.gov", "ftp://a.gov", "https://a.gov@evil/x", "www.a.gov"] {
            assert_eq!(shown(text), [] as [&str; 0], "{text}");
        }
    }

    proptest! {
        #[test]
        fn ranges_are_in_order_and_inside(text in prop_oneof![any::<String>(), "[@#a.:/é_ h-]{0,60}"]) {
            let mut end = 0;
            for (range, _) in find(&text) {
                prop_assert!(range.start >= end && range.end > range.start);
                prop_assert!(text.get(range.clone()).is_some());
                end = range.end;
            }
        }
    }
}
