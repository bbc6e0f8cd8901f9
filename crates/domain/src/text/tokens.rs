//! Takes HTML from outside apart into tags and text, forgivingly and in linear time.
//!
//! It need not see what a browser would see: everything it yields is written anew, text escaped and tags from a
//! fixed list, so a disagreement costs formatting and never safety.

/// A piece of HTML.
#[derive(Debug)]
pub(super) enum Token<'a> {
    /// Text with its entities still in it.
    Text(&'a str),
    /// A start tag.
    Open(OpenTag<'a>),
    /// An end tag's name, in whatever case.
    Close(&'a str),
}

/// A start tag.
#[derive(Debug)]
pub(super) struct OpenTag<'a> {
    /// Its name, in whatever case.
    pub(super) name: &'a str,
    /// Whether it ends in `/>`.
    pub(super) self_closing: bool,
    attributes: Vec<(&'a str, &'a str)>,
}

impl OpenTag<'_> {
    /// The decoded value of an attribute; the first counts.
    pub(super) fn attribute(&self, name: &str) -> Option<String> {
        let (_, raw) = self.attributes.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(decoded(raw))
    }
}

/// Reads tokens off the front.
#[derive(Debug)]
pub(super) struct Tokens<'a> {
    rest: &'a str,
}

impl<'a> Tokens<'a> {
    pub(super) fn new(html: &'a str) -> Self {
        Self { rest: html }
    }

    /// Drops everything up to and with the end tag `name`, or to the end if there is none.
    pub(super) fn skip_past_close(&mut self, name: &str) {
        while let Some((_, after)) = self.rest.split_once("</") {
            self.rest = after;
            let Some((found, rest)) = after.split_at_checked(name.len()) else { continue };
            if found.eq_ignore_ascii_case(name) && !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
                self.skip_past('>');
                return;
            }
        }
        self.rest = "";
    }

    fn skip_past(&mut self, end: char) {
        self.rest = self.rest.split_once(end).map_or("", |(_, after)| after);
    }

    fn take_until(&mut self, stop: impl Fn(char) -> bool) -> &'a str {
        let (taken, rest) = self.rest.split_at(self.rest.find(stop).unwrap_or(self.rest.len()));
        self.rest = rest;
        taken
    }

    fn take_text(&mut self) -> &'a str {
        // The first character is text whatever it is: a `<` here starts no tag.
        let first = self.rest.chars().next().map_or(0, char::len_utf8);
        let (_, after) = self.rest.split_at(first);
        let end = after.find('<').map_or(self.rest.len(), |at| first.saturating_add(at));
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest;
        text
    }

    fn take_comment(&mut self, body: &'a str) {
        self.rest = match body.strip_prefix('>').or_else(|| body.strip_prefix("->")) {
            Some(after) => after,
            None => body.split_once("-->").map_or("", |(_, after)| after),
        };
    }

    fn take_open(&mut self) -> Option<OpenTag<'a>> {
        let name = self.take_until(|c| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
        let mut tag = OpenTag { name, self_closing: false, attributes: Vec::new() };
        loop {
            let gap = self.take_until(|c| !c.is_ascii_whitespace() && c != '/');
            if let Some(after) = self.rest.strip_prefix('>') {
                self.rest = after;
                tag.self_closing = gap.ends_with('/');
                return Some(tag);
            }
            // A tag that never ends is no tag, and nothing is left after it.
            tag.attributes.push(self.take_attribute()?);
        }
    }

    fn take_attribute(&mut self) -> Option<(&'a str, &'a str)> {
        let mut first = true;
        let name = self.rest;
        let end = name.find(|c: char| {
            let ends = c.is_ascii_whitespace() || matches!(c, '/' | '>') || (c == '=' && !first);
            first = false;
            ends
        })?;
        let (name, rest) = name.split_at(end);
        let rest = rest.trim_ascii_start();
        let Some(value) = rest.strip_prefix('=') else {
            self.rest = rest;
            return Some((name, ""));
        };
        self.rest = value.trim_ascii_start();
        for quote in ['"', '\''] {
            if let Some(quoted) = self.rest.strip_prefix(quote) {
                let (value, rest) = quoted.split_once(quote)?;
                self.rest = rest;
                return Some((name, value));
            }
        }
        Some((name, self.take_until(|c| c.is_ascii_whitespace() || c == '>')))
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let Some(after) = self.rest.strip_prefix('<') else {
                return if self.rest.is_empty() { None } else { Some(Token::Text(self.take_text())) };
            };
            if after.starts_with(|c: char| c.is_ascii_alphabetic()) {
                self.rest = after;
                let tag = self.take_open();
                if tag.is_none() {
                    self.rest = "";
                }
                return tag.map(Token::Open);
            }
            if let Some(name) = after.strip_prefix('/').filter(|n| n.starts_with(|c: char| c.is_ascii_alphabetic())) {
                self.rest = name;
                let name = self.take_until(|c| c.is_ascii_whitespace() || matches!(c, '/' | '>'));
                self.skip_past('>');
                return Some(Token::Close(name));
            }
            if let Some(comment) = after.strip_prefix("!--") {
                self.take_comment(comment);
            } else if after.starts_with(['!', '?', '/']) {
                self.rest = after;
                self.skip_past('>');
            } else {
                return Some(Token::Text(self.take_text()));
            }
        }
    }
}

/// A piece of text after its entities were read.
#[derive(Debug)]
pub(super) enum Decoded<'a> {
    /// One character.
    Char(char),
    /// An entity by name that is not known here: letters and digits.
    Named(&'a str),
}

/// Reads the entities in `raw`.
pub(super) fn decode<'a>(raw: &'a str, mut on: impl FnMut(Decoded<'a>)) {
    let mut rest = raw;
    while let Some(c) = rest.chars().next() {
        if c == '&'
            && let Some((decoded, after)) = entity(rest)
        {
            if let Some(decoded) = decoded {
                on(decoded);
            }
            rest = after;
            continue;
        }
        on(Decoded::Char(c));
        rest = rest.get(c.len_utf8()..).unwrap_or("");
    }
}

fn decoded(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    decode(raw, |piece| match piece {
        Decoded::Char(c) => out.push(c),
        Decoded::Named(name) => {
            out.push('&');
            out.push_str(name);
            out.push(';');
        }
    });
    out
}

/// The longest entity name that is looked for; the standard's longest has 31 letters.
const LONGEST_ENTITY: usize = 40;

/// The entity at the front (nothing, if it stands for no character), and what follows it.
fn entity(text: &str) -> Option<(Option<Decoded<'_>>, &str)> {
    let body = text.strip_prefix('&')?;
    let end = body.bytes().take(LONGEST_ENTITY).position(|byte| byte == b';')?;
    let (name, after) = body.split_at_checked(end)?;
    let after = after.strip_prefix(';')?;
    if let Some(number) = name.strip_prefix('#') {
        let (digits, radix) = match number.strip_prefix(['x', 'X']) {
            Some(hex) => (hex, 16),
            None => (number, 10),
        };
        if digits.is_empty() || !digits.chars().all(|c| c.is_digit(radix)) {
            return None;
        }
        let c = u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
        return Some((c.map(Decoded::Char), after));
    }
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    Some((Some(known(name).map_or(Decoded::Named(name), Decoded::Char)), after))
}

fn known(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "pound" => '£',
        "euro" => '€',
        "copy" => '©',
        "hellip" => '…',
        "ndash" => '–',
        "mdash" => '—',
        "lsquo" => '‘',
        "rsquo" => '’',
        "ldquo" => '“',
        "rdquo" => '”',
        "bull" => '•',
        "middot" => '·',
        "deg" => '°',
        "times" => '×',
        _ => return None,
    })
}
