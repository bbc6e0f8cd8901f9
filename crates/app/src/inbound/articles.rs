//! Articles of peers, and what is shown as one: whole where that is short or of a node like this, else the way to it.

use corridor_domain::text::{self, limits};

use super::arrival::page;
use super::types::IncomingPost;
use crate::PostKind;

/// What is shown of a post: all of it, or of a long article what it is about and where it lies. Nodes that state an
/// audience are Corridor's own, and their articles are within its limits. `most`: what counts as long elsewhere.
pub(super) fn content(post: &IncomingPost, most: usize) -> String {
    let whole = text::sanitise_html(&post.content);
    if post.kind != PostKind::Article || post.audience.is_some() {
        return whole;
    }
    let plain = text::plain_text(&whole);
    let is_short = plain.chars().count() <= most && post.content.len() <= limits::HTML_BYTES;
    if is_short && !plain.is_empty() && !post.is_elsewhere {
        return whole;
    }
    let shown = if is_short { whole } else { teaser(post, &plain) };
    format!("{shown}{}", way_there(post))
}

fn teaser(post: &IncomingPost, plain: &str) -> String {
    let given = text::clean_line(&text::plain_text(&post.teaser));
    let words = if given.is_empty() { text::clean_line(plain) } else { given };
    text::sanitise_html(&format!("<p>{}</p>", escaped(&text::excerpt(&words, limits::EXTRACT_CHARS))))
}

fn way_there(post: &IncomingPost) -> String {
    let url = page(post.url.as_deref()).unwrap_or_else(|| post.uri.clone());
    let url = escaped(&url);
    text::sanitise_html(&format!("<p><a href=\"{url}\">{url}</a></p>"))
}

/// Text as HTML, also inside an attribute.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::samples;

    fn article(content: &str) -> IncomingPost {
        IncomingPost {
            kind: PostKind::Article,
            url: Some("https://there.example/a?b=1&c=2".to_owned()),
            content: content.to_owned(),
            ..samples::post("1", "https://there.example/actors/1")
        }
    }

    #[test]
    fn short_articles_and_those_of_our_own_kind_are_whole() {
        let short = article("<h2>Head</h2><p>Body</p>");
        assert_eq!(content(&short, 500), text::sanitise_html(&short.content));
        let long = article(&format!("<p>{}</p>", "word ".repeat(200)));
        let ours = IncomingPost { audience: Some("network".to_owned()), ..long.clone() };
        assert_eq!(content(&ours, 500), text::sanitise_html(&long.content));
        assert_ne!(content(&long, 500), content(&ours, 500));
    }

    #[test]
    fn a_long_article_is_what_it_is_about_and_where_it_lies() {
        let long = article(&format!("<p>{}</p><script>alert(1)</script>", "word ".repeat(200)));
        let told = IncomingPost { teaser: "<b>About</b> words &amp; &lt;script&gt;".to_owned(), ..long.clone() };
        let shown = content(&told, 500);
        assert!(shown.starts_with("<p>About words &amp; &lt;script&gt;</p>"), "{shown}");
        assert!(shown.contains("https://there.example/a?b=1&amp;c=2\"") && !shown.contains("word word"), "{shown}");
        let untold = content(&long, 500);
        assert!(untold.starts_with("<p>word word") && untold.contains("…</p>"), "{untold}");
        assert!(text::plain_text(&untold).chars().count() < 600);
    }

    #[test]
    fn what_lies_elsewhere_or_says_nothing_has_the_way_there() {
        let film = IncomingPost { is_elsewhere: true, ..article("<p>A film</p>") };
        let shown = content(&film, 500);
        assert!(shown.starts_with("<p>A film</p>") && shown.contains("https://there.example/a"), "{shown}");
        assert!(content(&article(""), 500).contains("https://there.example/a"));
        let script = IncomingPost { url: Some("javascript:alert(1)".to_owned()), ..film };
        assert!(
            content(&script, 500).contains("https://there.example/posts/1")
                || !content(&script, 500).contains("javascript")
        );
    }
}
