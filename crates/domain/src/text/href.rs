//! Decides which addresses may stand behind a link, and whether a link's text lies about where it goes.

use url::Url;

use super::limits;

/// The address in the form in which it is written out, if a link may have it: absolute, `https`, `http` or
/// `mailto`, without user info.
pub(super) fn safe_href(raw: &str) -> Option<Url> {
    let raw = raw.trim();
    if raw.len() > limits::URL_BYTES || raw.contains('\\') {
        return None;
    }
    // The parser mends what is broken: it takes `https:evil` and `java\tscript:`. The front must be right as written.
    let starts = |scheme: &str| raw.get(..scheme.len()).is_some_and(|front| front.eq_ignore_ascii_case(scheme));
    if !["https://", "http://", "mailto:"].into_iter().any(starts) {
        return None;
    }
    let url = Url::parse(raw).ok()?;
    let plain = url.username().is_empty() && url.password().is_none();
    let whole = url.scheme() == "mailto" || url.has_host();
    (plain && whole && url.as_str().len() <= limits::URL_BYTES).then_some(url)
}

/// The host to show behind a link's text, when the text names another one.
pub(super) fn host_to_show(url: &Url, text: &str) -> Option<String> {
    let host = url.host_str()?;
    let text = text.trim();
    if text.ends_with(&note(host)) {
        return None;
    }
    let lies = text
        .split_whitespace()
        .filter_map(|word| claimed_host(word, word.len() == text.len()))
        .any(|claimed| bare(&ascii(claimed)) != bare(host));
    lies.then(|| note(host))
}

fn note(host: &str) -> String {
    format!("[{host}]")
}

fn bare(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

fn ascii(host: &str) -> String {
    idna::domain_to_ascii(host).unwrap_or_else(|_| host.to_lowercase())
}

/// The host that a word in a link's text seems to name.
fn claimed_host(word: &str, is_all: bool) -> Option<&str> {
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric() && c != '@' && c != '#');
    let (after_scheme, has_scheme) = word.split_once("://").map_or((word, false), |(_, rest)| (rest, true));
    let host = after_scheme.split(['/', '?', '#', ':', '@', '\\']).next()?;
    let host = host.trim_end_matches(|c: char| !c.is_alphanumeric());
    if has_scheme || host.starts_with("www.") {
        return Some(host);
    }
    let (name, last) = host.rsplit_once('.')?;
    let looks = !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'))
        && last.chars().count() >= 2
        && last.chars().all(char::is_alphabetic);
    (is_all && looks && !word.contains('@')).then_some(host)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn only_whole_web_and_mail_addresses_pass() {
        for good in ["https://a.gov/x?y=1#z", "HTTP://a.localhost:4100/", "mailto:jo@a.gov", " https://a.gov "] {
            assert!(safe_href(good).is_some(), "{good}");
        }
        for bad in [
            "javascript:alert(1)",
            "java\tscript:alert(1)",
            " javascript:alert(1)",
            "data:text/html,x",
            "vbscript:x",
            "file:///etc/passwd",
            "//evil",
            "https:evil",
            "https:/evil",
            "/local",
            "#x",
            "",
            "https://a.gov@evil/",
            "https://a.gov\\@evil/",
            "https://",
            "ftp://a.gov",
            &format!("https://a.gov/{}", "a".repeat(3000)),
        ] {
            assert_eq!(safe_href(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_text_that_names_another_host_is_found_out() {
        let url = Url::parse("https://evil.example/x").unwrap();
        for lie in
            ["https://bank.gov", "see https://bank.gov/x now", "www.bank.gov", "bank.gov/login", "→https://bank.gov"]
        {
            assert_eq!(host_to_show(&url, lie).as_deref(), Some("[evil.example]"), "{lie}");
        }
        for honest in
            ["the report", "evil.example", "https://www.evil.example/y", "@jo@bank.gov", "#bank.gov", "jo@bank.gov", ""]
        {
            assert_eq!(host_to_show(&url, honest), None, "{honest}");
        }
        assert_eq!(host_to_show(&url, "https://bank.gov [evil.example]"), None);
        let idn = Url::parse("https://büro.gov/").unwrap();
        assert_eq!(host_to_show(&idn, "https://büro.gov/"), None);
    }
}
