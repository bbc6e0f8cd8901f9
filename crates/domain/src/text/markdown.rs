//! Turns what people type, Markdown, into HTML, and tells whom and what it mentions.

use std::borrow::Cow;
use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd, TextMergeStream};

use super::clean::{Cleaner, head};
use super::find::{self, Found, find, tag_key};
use super::handle::Handle;
use super::href::safe_href;
use super::limits;
use super::sanitise::settle;
use super::shape::{REL, REL_TAG, escaped_attribute, push_escaped};

/// What a text refers to, each once, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// People.
    pub mentions: Vec<Handle>,
    /// Hashtags without their sign, as they were first written; compare with [`tag_key`].
    pub tags: Vec<String>,
    /// Addresses of links.
    pub links: Vec<String>,
}

/// Where a mention leads and what is shown of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedMention {
    /// The page of the person.
    pub url: String,
    /// What stands after the `@`.
    pub handle: String,
}

/// A text made ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Sanitised HTML.
    pub html: String,
    /// The people it mentions who were resolved. The others stand in the HTML as they were typed.
    pub mentions: Vec<Handle>,
    /// Its hashtags, as in [`Scan`].
    pub tags: Vec<String>,
    /// Its links, as in [`Scan`].
    pub links: Vec<String>,
}

/// Finds what a text refers to, outside code and links. [`render`] finds the same.
#[must_use]
pub fn scan(source: &str) -> Scan {
    let mut seen = Seen::default();
    walk(source, &mut |piece| match piece {
        Piece::Found(_, found) => seen.add(&found),
        Piece::Markup(Event::Start(Tag::Link { link_type, dest_url, .. })) => {
            seen.add_link(&address(link_type, &dest_url))
        }
        Piece::Markup(Event::Start(Tag::Image { dest_url, .. })) => seen.add_link(&dest_url),
        Piece::Markup(_) | Piece::Plain(_) => {}
    });
    seen.scan
}

/// Renders Markdown. Raw HTML is shown as it was typed, single line breaks are kept, images become links.
///
/// `resolve` says where a mention leads; `tag_url` where a hashtag does, which it gets as its [`tag_key`].
#[must_use]
pub fn render(
    source: &str,
    resolve: &dyn Fn(&Handle) -> Option<ResolvedMention>,
    tag_url: &dyn Fn(&str) -> String,
) -> Rendered {
    let mut writer = Writer { resolve, tag_url, out: String::new(), links: Vec::new(), seen: Seen::default() };
    walk(source, &mut |piece| writer.piece(piece));
    let Scan { mentions, tags, links } = writer.seen.scan;
    Rendered { html: settle(&writer.out), mentions, tags, links }
}

/// The length of a text as stock clients count it: a bare link counts for
/// [`LINK_COUNTS_AS`](limits::LINK_COUNTS_AS) characters, a mention without its host.
#[must_use]
pub fn count_characters(source: &str) -> usize {
    let chars = |text: Option<&str>| text.map_or(0, |text| text.chars().count());
    let (mut count, mut from) = (0_usize, 0);
    for (range, found) in find(source) {
        let counts = match found {
            Found::Link(_) => limits::LINK_COUNTS_AS,
            Found::Mention(handle) => handle.username.as_str().len().saturating_add(1),
            Found::Tag(_) => chars(source.get(range.clone())),
        };
        count = count.saturating_add(chars(source.get(from..range.start))).saturating_add(counts);
        from = range.end;
    }
    count.saturating_add(chars(source.get(from..)))
}

/// What is found, without repetition.
#[derive(Default)]
struct Seen {
    scan: Scan,
    mentions: HashSet<Handle>,
    tags: HashSet<String>,
    links: HashSet<String>,
}

impl Seen {
    fn add(&mut self, found: &Found) {
        match found {
            Found::Mention(handle) => {
                if self.mentions.insert(handle.clone()) {
                    self.scan.mentions.push(handle.clone());
                }
            }
            Found::Tag(tag) => {
                if self.tags.insert(tag_key(tag)) {
                    self.scan.tags.push(tag.clone());
                }
            }
            Found::Link(url) => self.add_link(url.as_str()),
        }
    }

    fn add_link(&mut self, address: &str) {
        if let Some(url) = safe_href(address)
            && self.links.insert(url.to_string())
        {
            self.scan.links.push(url.into());
        }
    }
}

/// A piece of a text in Markdown.
enum Piece<'a> {
    /// Structure, and text in code and links.
    Markup(Event<'a>),
    /// Text between what was found.
    Plain(&'a str),
    /// What was found, and how it was written.
    Found(&'a str, Found),
}

/// Goes through a text; the one reading that [`scan`] and [`render`] share.
fn walk(source: &str, on: &mut dyn FnMut(Piece<'_>)) {
    let source = prepared(source);
    let source = with_links_protected(&source);
    let mut opaque = 0_usize;
    for event in TextMergeStream::new(Parser::new_ext(&source, Options::ENABLE_STRIKETHROUGH)) {
        match &event {
            Event::Text(text) if opaque == 0 => {
                pieces(text, on);
                continue;
            }
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_)) => opaque = opaque.saturating_add(1),
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock) => opaque = opaque.saturating_sub(1),
            _ => {}
        }
        on(Piece::Markup(event));
    }
}

fn pieces(text: &str, on: &mut dyn FnMut(Piece<'_>)) {
    let mut from = 0;
    for (range, found) in find(text) {
        on(Piece::Plain(text.get(from..range.start).unwrap_or("")));
        on(Piece::Found(text.get(range.clone()).unwrap_or(""), found));
        from = range.end;
    }
    on(Piece::Plain(text.get(from..).unwrap_or("")));
}

fn prepared(source: &str) -> String {
    let mut cleaner = Cleaner::default();
    let unix = head(source, limits::SOURCE_BYTES).replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    unix.chars().filter(|c| cleaner.keeps(*c)).collect()
}

/// Puts bare links in angle brackets where Markdown would read signs in them as emphasis, as in
/// `https://a.gov/_pages_/`.
fn with_links_protected(source: &str) -> Cow<'_, str> {
    let at_risk = |range: &Range<usize>| source.get(range.clone()).is_some_and(is_at_risk);
    let links: Vec<_> =
        find::links(source).into_iter().map(|range| without_signs(source, range)).filter(at_risk).collect();
    if links.is_empty() {
        return Cow::Borrowed(source);
    }
    let mut opaque = opaque_ranges(source).into_iter().peekable();
    let mut out = String::with_capacity(source.len().saturating_add(links.len().saturating_mul(2)));
    let mut from = 0;
    for link in links {
        while opaque.next_if(|range| range.end <= link.start).is_some() {}
        if opaque.peek().is_some_and(|range| range.start < link.end) {
            continue;
        }
        out.push_str(source.get(from..link.start).unwrap_or(""));
        out.push('<');
        out.push_str(source.get(link.clone()).unwrap_or(""));
        out.push('>');
        from = link.end;
    }
    out.push_str(source.get(from..).unwrap_or(""));
    Cow::Owned(out)
}

fn is_at_risk(link: &str) -> bool {
    link.contains(['_', '*', '~', '&']) && !link.contains(['\\', '<', '>', '`']) && safe_href(link).is_some()
}

/// Emphasis that surrounds a link is not part of it.
fn without_signs(source: &str, range: Range<usize>) -> Range<usize> {
    let link = source.get(range.clone()).unwrap_or("").trim_end_matches(['*', '_', '~']);
    range.start..range.start.saturating_add(link.len())
}

/// Where code, links and raw HTML stand, in order and without overlap.
fn opaque_ranges(source: &str) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (event, range) in Parser::new_ext(source, Options::ENABLE_STRIKETHROUGH).into_offset_iter() {
        let is_opaque = matches!(
            event,
            Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::CodeBlock(_) | Tag::HtmlBlock)
                | Event::Code(_)
                | Event::Html(_)
                | Event::InlineHtml(_)
        );
        if is_opaque && ranges.last().is_none_or(|last| last.end <= range.start) {
            ranges.push(range);
        }
    }
    ranges
}

fn address(link_type: LinkType, destination: &str) -> String {
    if link_type == LinkType::Email { format!("mailto:{destination}") } else { destination.to_owned() }
}

/// Writes HTML that is then shaped as all HTML is, so it need not mind depth or nesting.
struct Writer<'w> {
    resolve: &'w dyn Fn(&Handle) -> Option<ResolvedMention>,
    tag_url: &'w dyn Fn(&str) -> String,
    out: String,
    /// For each open link, where its text begins and what it leads to.
    links: Vec<(usize, String)>,
    seen: Seen,
}

impl Writer<'_> {
    fn piece(&mut self, piece: Piece<'_>) {
        match piece {
            Piece::Plain(text) => self.text(text),
            Piece::Found(written, found) => self.found(written, &found),
            Piece::Markup(Event::Start(tag)) => self.start(tag),
            Piece::Markup(Event::End(tag)) => self.end(tag),
            Piece::Markup(Event::Text(text) | Event::InlineHtml(text)) => self.text(&text),
            Piece::Markup(Event::Html(text)) => self.lines(&text),
            Piece::Markup(Event::Code(text)) => {
                self.out.push_str("<code>");
                self.text(&text);
                self.out.push_str("</code>");
            }
            Piece::Markup(Event::SoftBreak | Event::HardBreak) => self.out.push_str("<br>"),
            Piece::Markup(Event::Rule) => self.out.push_str("<p>* * *</p>"),
            // Mathematics, footnotes and tasks are not switched on.
            Piece::Markup(_) => {}
        }
    }

    fn found(&mut self, written: &str, found: &Found) {
        match found {
            Found::Mention(handle) => {
                let Some(to) = (self.resolve)(handle) else { return self.text(written) };
                let url = escaped_attribute(&to.url);
                self.out.push_str(&format!(
                    "<span class=\"h-card\" translate=\"no\"><a href=\"{url}\" class=\"u-url mention\" rel=\"{REL}\">@<span>"
                ));
                self.text(&to.handle);
                self.out.push_str("</span></a></span>");
            }
            Found::Tag(tag) => {
                let url = escaped_attribute(&(self.tag_url)(&tag_key(tag)));
                self.out.push_str(&format!("<a href=\"{url}\" class=\"mention hashtag\" rel=\"{REL_TAG}\">#<span>"));
                self.text(tag);
                self.out.push_str("</span></a>");
            }
            Found::Link(url) => {
                self.out.push_str(&format!("<a href=\"{}\">", escaped_attribute(url.as_str())));
                self.text(written);
                self.out.push_str("</a>");
            }
        }
        self.seen.add(found);
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph | Tag::HtmlBlock => self.out.push_str("<p>"),
            Tag::Heading { .. } => self.out.push_str("<h1>"),
            Tag::BlockQuote(_) => self.out.push_str("<blockquote>"),
            Tag::CodeBlock(_) => self.out.push_str("<pre><code>"),
            Tag::List(Some(start)) => self.out.push_str(&format!("<ol start=\"{start}\">")),
            Tag::List(None) => self.out.push_str("<ul>"),
            Tag::Item => self.out.push_str("<li>"),
            Tag::Emphasis => self.out.push_str("<em>"),
            Tag::Strong => self.out.push_str("<strong>"),
            Tag::Strikethrough => self.out.push_str("<del>"),
            Tag::Link { link_type, dest_url, .. } => self.start_link(address(link_type, &dest_url)),
            Tag::Image { dest_url, .. } => self.start_link(dest_url.into_string()),
            // Tables, footnotes and metadata are not switched on.
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.out.push_str("</p>"),
            TagEnd::HtmlBlock => {
                while let Some(kept) = self.out.strip_suffix("<br>").map(str::len) {
                    self.out.truncate(kept);
                }
                self.out.push_str("</p>");
            }
            TagEnd::Heading(_) => self.out.push_str("</h1>"),
            TagEnd::BlockQuote(_) => self.out.push_str("</blockquote>"),
            TagEnd::CodeBlock => {
                let kept = self.out.trim_end_matches('\n').len();
                self.out.truncate(kept);
                self.out.push_str("</code></pre>");
            }
            TagEnd::List(true) => self.out.push_str("</ol>"),
            TagEnd::List(false) => self.out.push_str("</ul>"),
            TagEnd::Item => self.out.push_str("</li>"),
            TagEnd::Emphasis => self.out.push_str("</em>"),
            TagEnd::Strong => self.out.push_str("</strong>"),
            TagEnd::Strikethrough => self.out.push_str("</del>"),
            TagEnd::Link | TagEnd::Image => self.end_link(),
            _ => {}
        }
    }

    fn start_link(&mut self, address: String) {
        self.seen.add_link(&address);
        self.out.push_str(&format!("<a href=\"{}\">", escaped_attribute(&address)));
        self.links.push((self.out.len(), address));
    }

    /// A link without text, or a picture without description, shows its address.
    fn end_link(&mut self) {
        if let Some((start, address)) = self.links.pop()
            && start == self.out.len()
        {
            self.text(&address);
        }
        self.out.push_str("</a>");
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            push_escaped(&mut self.out, c);
        }
    }

    fn lines(&mut self, text: &str) {
        for c in text.chars() {
            match c {
                '\n' => self.out.push_str("<br>"),
                c => push_escaped(&mut self.out, c),
            }
        }
    }
}
