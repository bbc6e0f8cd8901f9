//! Makes HTML from peers safe to show, and readable as plain text.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};

use super::clean::{clean_text, head};
use super::limits;
use super::shape::{CLASSES, ELEMENTS, Role, is_dropped_whole, push_escaped, role, shape};
use super::tokens::{Decoded, Token, Tokens, decode};

/// HTML in which nothing is left but a few elements for text, links with checked addresses, and the classes of
/// mentions and hashtags. Headings become strong paragraphs, images their descriptions. Applied twice it changes
/// nothing.
///
/// Input beyond [`limits::HTML_BYTES`] is cut off; output is never longer either.
#[must_use]
pub fn sanitise_html(html: &str) -> String {
    settle(head(html, limits::HTML_BYTES))
}

/// As [`sanitise_html`], for HTML that was made here and may be longer before it is shaped.
///
/// The shaper writes safe, balanced HTML; ammonia reads it as a browser does and must agree with every byte.
/// Where it does not (an entity that only it knows), its output is shaped again.
pub(super) fn settle(html: &str) -> String {
    let mut shaped = shape(html);
    for _ in 0..4 {
        let cleaned = ALLOW_LIST.clean(&in_parts(&shaped)).to_string();
        let again = shape(&cleaned);
        if cleaned == shaped && again == shaped {
            return shaped;
        }
        shaped = again;
    }
    as_paragraph(&plain_text(html))
}

/// The same list once more, for a parser that reads HTML as browsers do.
static ALLOW_LIST: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(ELEMENTS))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "rel", "translate"])),
            ("span", HashSet::from(["translate"])),
            ("ol", HashSet::from(["start"])),
        ]))
        .allowed_classes(HashMap::from([("a", HashSet::from(CLASSES)), ("span", HashSet::from(CLASSES))]))
        .url_schemes(HashSet::from(["https", "http", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(None);
    builder
});

/// Long texts, with comments in them that ammonia takes out again.
///
/// For each sign that it escapes, the serialiser looks on to the end of the text it is in: square time, unless
/// texts are short.
fn in_parts(shaped: &str) -> Cow<'_, str> {
    const PART: usize = 4096;
    if shaped.len() <= PART {
        return Cow::Borrowed(shaped);
    }
    let mut out = String::with_capacity(shaped.len().saturating_add(shaped.len() / 256));
    let (mut in_tag, mut run) = (false, 0_usize);
    for c in shaped.chars() {
        match c {
            '<' => in_tag = true,
            '>' => (in_tag, run) = (false, 0),
            '&' | '\u{80}'..='\u{bf}' if !in_tag && run > PART => {
                out.push_str("<!---->");
                run = 0;
            }
            _ => {}
        }
        out.push(c);
        run = run.saturating_add(c.len_utf8());
    }
    Cow::Owned(out)
}

fn as_paragraph(text: &str) -> String {
    let mut out = String::from("<p>");
    for c in head(text, limits::HTML_BYTES / 8).trim().chars() {
        match c {
            '\n' => out.push_str("<br>"),
            c => push_escaped(&mut out, c),
        }
    }
    out.push_str("</p>");
    out
}

/// What HTML says, without its formatting: for notifications, search and previews. Paragraphs are an empty line
/// apart, items start with a hyphen. It is text: escape it where it is shown.
#[must_use]
pub fn plain_text(html: &str) -> String {
    let mut out = Plain::default();
    let mut tokens = Tokens::new(head(html, limits::HTML_BYTES));
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(raw) => out.text(raw),
            Token::Close(name) => out.end(&name.to_ascii_lowercase()),
            Token::Open(tag) => {
                let name = tag.name.to_ascii_lowercase();
                if !is_dropped_whole(&name) {
                    out.start(&name, tag.attribute("alt").filter(|_| name == "img"));
                } else if !(tag.self_closing && matches!(name.as_str(), "svg" | "math")) {
                    tokens.skip_past_close(&name);
                }
            }
        }
    }
    clean_text(&out.text)
}

#[derive(Default)]
struct Plain {
    text: String,
    in_pre: bool,
}

impl Plain {
    fn text(&mut self, raw: &str) {
        decode(raw, |piece| match piece {
            Decoded::Char('\n' | '\r') if !self.in_pre => self.space(),
            Decoded::Char(' ' | '\t') if !self.in_pre => self.space(),
            Decoded::Char(c) => self.text.push(c),
            Decoded::Named(name) => {
                self.text.push('&');
                self.text.push_str(name);
                self.text.push(';');
            }
        });
    }

    fn space(&mut self) {
        if !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }

    fn lines(&mut self, count: usize) {
        let kept = self.text.trim_end_matches(' ').len();
        self.text.truncate(kept);
        let already = self.text.len().saturating_sub(self.text.trim_end_matches('\n').len());
        for _ in already..count {
            self.text.push('\n');
        }
    }

    fn start(&mut self, name: &str, alt: Option<String>) {
        self.text.push_str(&alt.unwrap_or_default());
        match (name, role(name)) {
            ("br", _) => self.text.push('\n'),
            ("td" | "th", _) => self.space(),
            (_, Some(Role::Item)) => {
                self.lines(1);
                self.text.push_str("- ");
            }
            (_, Some(Role::Paragraph)) if !self.text.ends_with("- ") => self.lines(2),
            (_, Some(Role::Quote | Role::Pre)) => self.lines(2),
            _ => {}
        }
        self.in_pre = self.in_pre || name == "pre";
    }

    fn end(&mut self, name: &str) {
        if matches!(role(name), Some(Role::Paragraph | Role::Quote | Role::Pre | Role::List)) {
            self.lines(2);
        }
        self.in_pre = self.in_pre && name != "pre";
    }
}
