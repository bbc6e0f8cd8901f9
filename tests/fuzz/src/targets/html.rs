//! HTML of peers: nothing but listed elements and attributes comes out, and sanitising again changes nothing.

use corridor_domain::text::{limits, plain_text, render, sanitise_html};

use super::{Target, hold};
use crate::chance::Chance;
use crate::{corpus, mutate};

/// Sanitising HTML, and rendering Markdown.
pub struct Html;

const ELEMENTS: [&str; 17] =
    ["p", "br", "a", "span", "del", "s", "pre", "code", "em", "strong", "b", "i", "u", "ul", "ol", "li", "blockquote"];
const CLASSES: [&str; 7] = ["mention", "hashtag", "u-url", "h-card", "ellipsis", "invisible", "quote-inline"];

const WORDS: [&str; 66] = [
    "<",
    ">",
    "\"",
    "'",
    "/",
    "=",
    "&",
    ";",
    "<!--",
    "-->",
    "--!>",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "</",
    "/>",
    "<a ",
    "<a href=",
    "href=\"javascript:",
    "href=\"data:text/html,",
    "href='https://a.gov/'",
    " onclick=",
    " onerror=alert(1)",
    " style=\"position:fixed\"",
    " class=\"mention",
    " class=\"govuk-button ",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<svg>",
    "</svg>",
    "<svg/onload=",
    "<math>",
    "<mtext>",
    "<mglyph>",
    "<template>",
    "<noscript>",
    "</noscript>",
    "<textarea>",
    "<title>",
    "<xmp>",
    "<plaintext>",
    "<iframe srcdoc=",
    "<img src=x ",
    "<table>",
    "<td>",
    "<p>",
    "</p>",
    "<pre>",
    "<ul><li>",
    "<ol start=",
    "<h1>",
    "<blockquote>",
    "<span class=",
    "<br>",
    "&lt;",
    "&#x6a;",
    "&colon;",
    "&Tab;",
    "\u{0}",
    "\u{202e}",
    "\u{a0}",
    "https://a.gov",
    "mailto:a@b.gov",
];

impl Target for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        corpus::of("html")
    }

    fn change(&self, chance: &mut Chance, pool: &[Vec<u8>]) -> Vec<u8> {
        mutate::bytes(chance, pool, &WORDS)
    }

    fn check(&self, input: &[u8]) -> Result<String, String> {
        let html = String::from_utf8_lossy(input);
        let out = sanitise_html(&html);
        let behaviour = harmless(&out)?;
        hold(out.len() <= limits::HTML_BYTES, || format!("{} bytes came out", out.len()))?;
        let again = sanitise_html(&out);
        hold(again == out, || format!("sanitised again it is different: {out:?} and {again:?}"))?;
        let text = plain_text(&out);
        hold(!text.contains(['\0', '\u{202e}']), || format!("the plain text hides something: {text:?}"))?;
        let written = render(&html, &|_| None, &|key| format!("https://a.gov/tags/{key}")).html;
        harmless(&written).map_err(|what| format!("as Markdown: {what}"))?;
        let again = sanitise_html(&written);
        hold(again == written, || format!("Markdown changes when sanitised: {written:?} and {again:?}"))?;
        Ok(behaviour)
    }
}

/// Reads what came out in the strictest way; the elements in their order, for how it behaved.
fn harmless(out: &str) -> Result<String, String> {
    let mut shape = String::new();
    let mut open = Vec::new();
    let mut rest = out;
    while let Some((text, after)) = rest.split_once('<') {
        hold(!text.contains('>'), || format!("a loose > in {out:?}"))?;
        let (tag, after) = after.split_once('>').ok_or_else(|| format!("a tag does not end in {out:?}"))?;
        if let Some(name) = tag.strip_prefix('/') {
            hold(open.pop() == Some(name), || format!("</{name}> closes nothing in {out:?}"))?;
        } else {
            let name = element(tag, out)?;
            if name != "br" {
                open.push(name);
            }
            if shape.len() < 60 {
                shape.push_str(name);
                shape.push(if tag.contains("class=") { '!' } else { ' ' });
            }
        }
        rest = after;
    }
    hold(open.is_empty() && !rest.contains('>'), || format!("not balanced: {out:?}"))?;
    Ok(shape)
}

fn element<'a>(tag: &'a str, out: &str) -> Result<&'a str, String> {
    let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
    hold(ELEMENTS.contains(&name), || format!("<{tag}> in {out:?}"))?;
    let mut rest = attributes;
    while !rest.is_empty() {
        let (key, after) = rest.split_once("=\"").ok_or_else(|| format!("<{tag}> in {out:?}"))?;
        let (value, after) = after.split_once('"').ok_or_else(|| format!("<{tag}> in {out:?}"))?;
        hold(attribute(name, key, value), || format!("{key}={value:?} in {out:?}"))?;
        rest = after.strip_prefix(' ').unwrap_or(after);
        hold(after.is_empty() || after.starts_with(' '), || format!("<{tag}> in {out:?}"))?;
    }
    Ok(name)
}

fn attribute(element: &str, key: &str, value: &str) -> bool {
    let good = match (element, key) {
        ("a", "href") => ["https://", "http://", "mailto:"].iter().any(|scheme| value.starts_with(scheme)),
        ("a", "rel") => value.ends_with("nofollow noopener noreferrer"),
        ("a" | "span", "class") => value.split(' ').all(|class| CLASSES.contains(&class)),
        ("a" | "span", "translate") => true,
        ("ol", "start") => value.parse::<i64>().is_ok(),
        _ => false,
    };
    good && !value.contains(['<', '>']) && !value.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::work;

    /// Bytes of a short text.
    const SHORT: usize = 2048;
    /// A text that is so many times longer …
    const LONGER: usize = 32;
    /// … may be so many times the work: what grows with the square of the length would be 1024 times.
    const MORE: u32 = 96;

    /// What is long in one way or another: every word of the mutations by itself, and what opens and never closes, nests
    /// what may not be nested, or looks ahead.
    fn parts() -> Vec<String> {
        let further = [
            "<b>",
            "<b><p>",
            "<b><i><u><s><em><strong><del><code>",
            "<a href=\"https://a.gov/\">",
            "<a href=\"https://a.gov/\"><p>",
            "<a href=\"https://a.gov/\">b.gov</a>",
            "<b><a href=\"https://a.gov/\"><i>x<p>",
            "</b>",
            "<b>x</i>",
            "<p><b>x",
            "<ul><li><blockquote>",
            "<span class=mention><b>x</span>",
            "<svg></",
            "<script></",
            "<table><td>",
            "<!--x",
            "&colon",
            "&notin;",
            "\u{80}",
            "a\u{301}",
            "[",
            "](",
            "[a](",
            "![",
            "]",
            "[a]: b\n",
            "*",
            "**a",
            "_a_",
            "`",
            "``a`",
            "~~",
            "> ",
            "- a\n ",
            "1. ",
            "\\",
            "|",
            "#a ",
            "@a@b.gov ",
            "https://a.gov/ ",
            "(",
            "\r",
        ];
        WORDS.iter().chain(&further).map(|part| (*part).to_owned()).collect()
    }

    type Reader = fn(&str);
    const READERS: [(&str, Reader); 3] = [
        ("sanitised", |text| drop(sanitise_html(text))),
        ("rendered", |text| drop(render(text, &|_| None, &|key| format!("https://a.gov/tags/{key}")))),
        ("made plain", |text| drop(plain_text(text))),
    ];

    /// The work on a short and on a long text; the least of some tries, since a processor has other things to do.
    fn works(read: Reader, part: &str, tries: usize) -> (Duration, Duration) {
        let of = |bytes: usize| {
            let text = part.repeat(bytes / part.len());
            (0..tries).map(|_| work(|| read(&text)).1).min().unwrap_or_default()
        };
        (of(SHORT), of(SHORT * LONGER))
    }

    #[test]
    fn hostile_055_a_longer_text_is_more_work_by_its_length_alone() {
        let mut found = Vec::new();
        for part in parts() {
            for (how, read) in READERS {
                let is_more = |(short, long): (Duration, Duration)| long > short * MORE;
                let once = works(read, &part, 1);
                let (short, long) = if is_more(once) { works(read, &part, 5) } else { once };
                if is_more((short, long)) {
                    found.push(format!("{part:?} {how}: {short:?} became {long:?}"));
                }
            }
        }
        assert!(found.is_empty(), "{}", found.join("\n"));
    }

    #[test]
    fn what_is_harmful_is_seen() {
        for bad in [
            "<script>alert(1)</script>",
            "<p onclick=\"x\">a</p>",
            "<a href=\"javascript:alert(1)\">a</a>",
            "<span class=\"govuk-button\">a</span>",
            "<p>a",
            "</p>",
            "a > b",
            "<p",
        ] {
            assert!(harmless(bad).is_err(), "{bad}");
        }
        assert_eq!(harmless("<p>a &lt; b<br><em>c</em></p>").as_deref(), Ok("p br em "));
    }
}
