//! Writes HTML anew from what was read of it: only listed elements, balanced, of bounded depth and length.
//!
//! Nothing of the input is copied but text, which is escaped, and a few checked attribute values.

use url::Url;

use super::clean::Cleaner;
use super::href::{host_to_show, safe_href};
use super::limits;
use super::tokens::{Decoded, OpenTag, Token, Tokens, decode};

/// The elements that are written out.
pub(super) const ELEMENTS: [&str; 17] =
    ["p", "br", "a", "span", "del", "s", "pre", "code", "em", "strong", "b", "i", "u", "ul", "ol", "li", "blockquote"];
/// The classes that are written out, on `a` and `span`: the ones by which programs know mentions and tags.
pub(super) const CLASSES: [&str; 7] =
    ["mention", "hashtag", "u-url", "h-card", "ellipsis", "invisible", "quote-inline"];
/// What every link says of itself.
pub(super) const REL: &str = "nofollow noopener noreferrer";
/// What a hashtag's link says of itself.
pub(super) const REL_TAG: &str = "tag nofollow noopener noreferrer";

/// Writes `html` anew, in at most [`limits::HTML_BYTES`] bytes.
pub(super) fn shape(html: &str) -> String {
    let mut writer = Writer::default();
    let mut tokens = Tokens::new(html);
    while let Some(token) = tokens.next() {
        match token {
            Token::Text(raw) => writer.text(raw),
            Token::Close(name) => writer.end(&name.to_ascii_lowercase()),
            Token::Open(tag) => {
                let name = tag.name.to_ascii_lowercase();
                if !is_dropped_whole(&name) {
                    writer.start(&name, &tag);
                } else if !(tag.self_closing && matches!(name.as_str(), "svg" | "math")) {
                    tokens.skip_past_close(&name);
                }
            }
        }
    }
    writer.finish()
}

/// Escapes text as the HTML serialiser does, so that writing it twice changes nothing.
pub(super) fn push_escaped(out: &mut String, c: char) {
    match c {
        '&' => out.push_str("&amp;"),
        '<' => out.push_str("&lt;"),
        '>' => out.push_str("&gt;"),
        '\u{a0}' => out.push_str("&nbsp;"),
        c => out.push(c),
    }
}

/// Escapes an attribute's value.
pub(super) fn escaped_attribute(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '"' => out.push_str("&quot;"),
            c => push_escaped(&mut out, c),
        }
    }
    out
}

/// Elements whose content is not text for people.
pub(super) fn is_dropped_whole(name: &str) -> bool {
    matches!(
        name,
        "script"
            | "style"
            | "iframe"
            | "noembed"
            | "noframes"
            | "noscript"
            | "xmp"
            | "textarea"
            | "title"
            | "svg"
            | "math"
            | "template"
            | "object"
            | "head"
            | "select"
            | "audio"
            | "video"
            | "canvas"
            | "applet"
    )
}

/// What an element does to the ones around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Ends where the next block begins.
    Paragraph,
    /// Holds blocks.
    Quote,
    /// Holds text as it is.
    Pre,
    /// Holds items.
    List,
    /// Stands in a list.
    Item,
    /// Stands in text.
    Inline,
    /// A link; never in another.
    Link,
    /// Stands for its classes only.
    Span,
}

/// How an element is written.
struct Element {
    role: Role,
    /// The written element; two for a heading.
    written: &'static [&'static str],
}

/// The role of an element in a text, if it has one.
pub(super) fn role(name: &str) -> Option<Role> {
    element(name).map(|element| element.role)
}

fn element(name: &str) -> Option<Element> {
    let (role, written): (Role, &'static [&'static str]) = match name {
        "p" | "div" | "section" | "article" | "header" | "footer" | "main" | "aside" | "figure" | "figcaption"
        | "address" | "details" | "summary" | "dt" | "dd" | "tr" => (Role::Paragraph, &["p"]),
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => (Role::Paragraph, &["p", "strong"]),
        "blockquote" => (Role::Quote, &["blockquote"]),
        "pre" => (Role::Pre, &["pre"]),
        "ul" => (Role::List, &["ul"]),
        "ol" => (Role::List, &["ol"]),
        "li" => (Role::Item, &["li"]),
        "a" => (Role::Link, &["a"]),
        "span" => (Role::Span, &["span"]),
        "del" => (Role::Inline, &["del"]),
        "s" | "strike" => (Role::Inline, &["s"]),
        "code" | "tt" | "kbd" | "samp" => (Role::Inline, &["code"]),
        "em" => (Role::Inline, &["em"]),
        "strong" => (Role::Inline, &["strong"]),
        "b" => (Role::Inline, &["b"]),
        "i" | "cite" => (Role::Inline, &["i"]),
        "u" | "ins" => (Role::Inline, &["u"]),
        _ => return None,
    };
    Some(Element { role, written })
}

/// An element that is open.
struct Open {
    /// The name in the input, which its end tag has too.
    name: String,
    role: Role,
    /// Empty for an element that is kept in mind only so that its end tag finds it.
    written: &'static [&'static str],
    /// Where its start tag begins in the output.
    start: usize,
    /// Where its content begins in the output.
    body: usize,
    invisible: bool,
}

/// The link that is open, and the text that people see in it.
struct OpenLink {
    url: Url,
    text: String,
}

/// Elements beyond this are not even kept in mind.
const STACK: usize = limits::DEPTH * 2;

#[derive(Default)]
struct Writer {
    out: String,
    stack: Vec<Open>,
    link: Option<OpenLink>,
    /// Where the content of the open `pre` begins.
    pre: Option<usize>,
    invisible: usize,
    depth: usize,
    /// Bytes that the end tags of all open elements will take.
    reserve: usize,
    full: bool,
    cleaner: Cleaner,
}

impl Writer {
    fn text(&mut self, raw: &str) {
        decode(raw, |piece| match piece {
            Decoded::Char(c) => self.char(c),
            Decoded::Named(name) => {
                self.push(&format!("&{name};"));
                self.see('\u{fffd}');
            }
        });
    }

    fn char(&mut self, c: char) {
        // A parser drops a line break right after `<pre>`, so none may be written there.
        if !self.cleaner.keeps(c) || (c == '\n' && self.pre == Some(self.out.len())) || !self.has_room(6) {
            return;
        }
        push_escaped(&mut self.out, c);
        self.see(c);
    }

    fn see(&mut self, c: char) {
        if let Some(link) = self.link.as_mut().filter(|_| self.invisible == 0) {
            link.text.push(c);
        }
    }

    fn start(&mut self, name: &str, tag: &OpenTag<'_>) {
        match name {
            "br" => {
                self.push("<br>");
                self.see(' ');
            }
            "hr" | "table" => self.end_paragraph(),
            "td" | "th" => self.char(' '),
            "img" => tag.attribute("alt").unwrap_or_default().chars().for_each(|c| self.char(c)),
            _ => {
                if let Some(element) = element(name).filter(|_| self.stack.len() < STACK) {
                    self.open(name, element, tag);
                }
            }
        }
    }

    fn open(&mut self, name: &str, element: Element, tag: &OpenTag<'_>) {
        let Element { mut role, mut written } = element;
        let mut url = None;
        let mut attributes = String::new();
        match role {
            Role::Paragraph | Role::Quote | Role::Pre | Role::List | Role::Item if self.pre.is_some() => written = &[],
            Role::Paragraph | Role::Quote | Role::Pre => self.end_paragraph(),
            Role::List => {
                self.end_paragraph();
                attributes = list_start(name, tag);
            }
            Role::Item => match self.list() {
                Some(list) => self.pop_to(list.saturating_add(1)),
                None => {
                    (role, written) = (Role::Paragraph, &["p"]);
                    self.end_paragraph();
                }
            },
            Role::Link => {
                url = tag.attribute("href").as_deref().and_then(safe_href).filter(|_| self.link.is_none());
                match &url {
                    Some(url) => attributes = link_attributes(url, tag),
                    None => written = &[],
                }
            }
            Role::Span => {
                attributes = marks(tag);
                // Programs find the name in a mention by the bare span around it; elsewhere one says nothing.
                if attributes.is_empty() && self.link.is_none() {
                    written = &[];
                }
            }
            Role::Inline => {}
        }
        if self.depth.saturating_add(written.len()) > limits::DEPTH {
            written = &[];
        }
        self.push_open(name, role, written, &attributes, url);
    }

    fn push_open(
        &mut self,
        name: &str,
        role: Role,
        written: &'static [&'static str],
        attributes: &str,
        url: Option<Url>,
    ) {
        let start = self.out.len();
        let markup: String = written.iter().map(|name| format!("<{name}{attributes}>")).collect();
        let closing = closing_bytes(written);
        // The start tag needs room for its end tag and for some text too.
        if !self.has_room(markup.len().saturating_add(closing).saturating_add(6)) {
            return;
        }
        self.out.push_str(&markup);
        self.reserve = self.reserve.saturating_add(closing);
        self.depth = self.depth.saturating_add(written.len());
        let body = self.out.len();
        let is_written = !written.is_empty();
        let invisible = is_written && role == Role::Span && attributes.contains("invisible");
        self.invisible = self.invisible.saturating_add(usize::from(invisible));
        match role {
            Role::Link if is_written => self.link = url.map(|url| OpenLink { url, text: String::new() }),
            Role::Pre if is_written => self.pre = Some(body),
            _ => {}
        }
        self.stack.push(Open { name: name.to_owned(), role, written, start, body, invisible });
    }

    fn end(&mut self, name: &str) {
        if let Some(at) = self.stack.iter().rposition(|open| open.name == name) {
            self.pop_to(at);
        }
    }

    fn end_paragraph(&mut self) {
        if let Some(at) = self.stack.iter().rposition(|open| open.role == Role::Paragraph && !open.written.is_empty()) {
            self.pop_to(at);
        }
    }

    /// The list that an item here would stand in.
    fn list(&self) -> Option<usize> {
        let at = self
            .stack
            .iter()
            .rposition(|open| !open.written.is_empty() && matches!(open.role, Role::List | Role::Quote | Role::Pre))?;
        self.stack.get(at).filter(|open| open.role == Role::List).map(|_| at)
    }

    fn pop_to(&mut self, len: usize) {
        while self.stack.len() > len {
            self.pop();
        }
    }

    fn pop(&mut self) {
        let Some(open) = self.stack.pop() else { return };
        if open.written.is_empty() {
            return;
        }
        if open.role == Role::Link {
            self.end_link();
        }
        if open.role == Role::Pre {
            self.pre = None;
        }
        self.invisible = self.invisible.saturating_sub(usize::from(open.invisible));
        self.depth = self.depth.saturating_sub(open.written.len());
        self.reserve = self.reserve.saturating_sub(closing_bytes(open.written));
        if self.out.len() == open.body {
            self.out.truncate(open.start);
            return;
        }
        for name in open.written.iter().rev() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
    }

    /// Shows where a link goes whose text names another host.
    fn end_link(&mut self) {
        let Some(link) = self.link.take() else { return };
        if let Some(note) = host_to_show(&link.url, &link.text) {
            self.push(" ");
            self.push(&note);
        }
    }

    fn push(&mut self, markup: &str) {
        if self.has_room(markup.len()) {
            self.out.push_str(markup);
        }
    }

    /// Once something did not fit, nothing more is written but end tags.
    fn has_room(&mut self, bytes: usize) -> bool {
        let needed = self.out.len().saturating_add(bytes).saturating_add(self.reserve);
        self.full = self.full || needed > limits::HTML_BYTES;
        !self.full
    }

    fn finish(mut self) -> String {
        self.pop_to(0);
        self.out.trim().to_owned()
    }
}

fn closing_bytes(written: &[&str]) -> usize {
    written.iter().map(|name| name.len().saturating_add("</>".len())).sum()
}

fn list_start(name: &str, tag: &OpenTag<'_>) -> String {
    let number = tag.attribute("start").filter(|_| name == "ol").and_then(|start| start.parse::<u32>().ok());
    number.filter(|start| *start != 1).map_or_else(String::new, |start| format!(" start=\"{start}\""))
}

fn link_attributes(url: &Url, tag: &OpenTag<'_>) -> String {
    let marks = marks(tag);
    let is_tag = marks.contains("hashtag")
        && tag.attribute("rel").is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word == "tag"));
    let rel = if is_tag { REL_TAG } else { REL };
    format!(" href=\"{}\"{marks} rel=\"{rel}\"", escaped_attribute(url.as_str()))
}

/// The listed classes and `translate="no"`, as attributes.
fn marks(tag: &OpenTag<'_>) -> String {
    let class = tag.attribute("class").unwrap_or_default();
    let mut kept: Vec<&str> = Vec::new();
    for name in class.split_ascii_whitespace() {
        if CLASSES.contains(&name) && !kept.contains(&name) {
            kept.push(name);
        }
    }
    let mut out = if kept.is_empty() { String::new() } else { format!(" class=\"{}\"", kept.join(" ")) };
    if tag.attribute("translate").is_some_and(|value| value.eq_ignore_ascii_case("no")) {
        out.push_str(" translate=\"no\"");
    }
    out
}
