//! Tests of rendering and sanitising, with what people type and what attackers send.

use proptest::prelude::*;

use super::*;

fn resolve(handle: &Handle) -> Option<ResolvedMention> {
    let name = handle.username.as_str();
    (name != "nobody").then(|| ResolvedMention { url: format!("https://a.gov/@{name}"), handle: name.to_owned() })
}

fn rendered(source: &str) -> Rendered {
    render(source, &resolve, &|key| format!("https://a.gov/tags/{key}"))
}

fn html(source: &str) -> String {
    rendered(source).html
}

const REL: &str = "rel=\"nofollow noopener noreferrer\"";

#[test]
fn plain_typing_keeps_its_lines() {
    assert_eq!(html("one\ntwo\n\nthree"), "<p>one<br>two</p><p>three</p>");
    assert_eq!(html("a < b & c > d \"e\""), "<p>a &lt; b &amp; c &gt; d \"e\"</p>");
    assert_eq!(html(""), "");
}

#[test]
fn markdown_is_read() {
    for (source, expected) in [
        ("**b** *i* ~~d~~ `c<d`", "<p><strong>b</strong> <em>i</em> <del>d</del> <code>c&lt;d</code></p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("3. a\n4. b", "<ol start=\"3\"><li>a</li><li>b</li></ol>"),
        ("> q\n> r", "<blockquote><p>q<br>r</p></blockquote>"),
        ("```rust\nfn a() {}\n```", "<pre><code>fn a() {}</code></pre>"),
        ("# Title\ntext", "<p><strong>Title</strong></p><p>text</p>"),
        ("a\n\n---\n\nb", "<p>a</p><p>* * *</p><p>b</p>"),
    ] {
        assert_eq!(html(source), expected, "{source}");
    }
}

#[test]
fn mentions_and_hashtags_become_links() {
    let card = format!(
        "<span class=\"h-card\" translate=\"no\"><a href=\"https://a.gov/@jo\" class=\"u-url mention\" {REL}>@<span>jo</span></a></span>"
    );
    assert_eq!(html("Hi @jo@b.gov!"), format!("<p>Hi {card}!</p>"));
    assert_eq!(html("**@jo**"), format!("<p><strong>{card}</strong></p>"));
    assert_eq!(html("@nobody"), "<p>@nobody</p>");
    assert_eq!(
        html("#Budget"),
        "<p><a href=\"https://a.gov/tags/budget\" class=\"mention hashtag\" rel=\"tag nofollow noopener noreferrer\">#<span>Budget</span></a></p>"
    );
}

#[test]
fn code_and_links_hold_no_mentions() {
    for source in ["`@jo #x`", "```\n@jo #x https://a.gov\n```", "[@jo #x](https://a.gov)", "    @jo #x"] {
        let Scan { mentions, tags, .. } = scan(source);
        assert!(mentions.is_empty() && tags.is_empty(), "{source}");
        assert!(!html(source).contains("mention"), "{source}");
    }
}

#[test]
fn links_are_written_with_care() {
    assert_eq!(html("https://a.gov/x"), format!("<p><a href=\"https://a.gov/x\" {REL}>https://a.gov/x</a></p>"));
    assert_eq!(html("[x](https://a.gov)"), format!("<p><a href=\"https://a.gov/\" {REL}>x</a></p>"));
    assert_eq!(
        html("![a chart](https://a.gov/c.png)"),
        format!("<p><a href=\"https://a.gov/c.png\" {REL}>a chart</a></p>")
    );
    assert_eq!(html("![](https://a.gov/c)"), format!("<p><a href=\"https://a.gov/c\" {REL}>https://a.gov/c</a></p>"));
    assert_eq!(html("<jo@a.gov>"), format!("<p><a href=\"mailto:jo@a.gov\" {REL}>jo@a.gov</a></p>"));
    assert_eq!(html("[x](/local) [y](javascript:alert(1)) [z](data:text/html,a)"), "<p>x y z</p>");
    assert_eq!(
        html("[https://bank.gov](https://evil.example)"),
        format!("<p><a href=\"https://evil.example/\" {REL}>https://bank.gov [evil.example]</a></p>")
    );
}

#[test]
fn signs_in_bare_links_are_not_emphasis() {
    for url in ["https://a.gov/_x_/_y_z", "https://a.gov/a*b*c", "https://a.gov/~~x~~y", "https://a.gov/?a=1&copy;=2"] {
        assert_eq!(rendered(&format!("see {url} now")).links, [url]);
    }
    assert_eq!(
        html("**https://a.gov/_x_y**"),
        format!("<p><strong><a href=\"https://a.gov/_x_y\" {REL}>https://a.gov/_x_y</a></strong></p>")
    );
    assert_eq!(html("`https://a.gov/_x_`"), "<p><code>https://a.gov/_x_</code></p>");
    assert_eq!(rendered("[t](https://a.gov/_x_)").links, ["https://a.gov/_x_"]);
}

#[test]
fn scanning_and_rendering_agree() {
    let source = "@jo @JO @al@b.gov #A #a https://a.gov [x](https://b.gov) `@no` ![p](https://c.gov/p)";
    let Scan { mentions, tags, links } = scan(source);
    let names: Vec<_> = mentions.iter().map(ToString::to_string).collect();
    assert_eq!(names, ["@jo", "@al@b.gov"]);
    assert_eq!(tags, ["A"]);
    assert_eq!(links, ["https://a.gov/", "https://b.gov/", "https://c.gov/p"]);
    let out = rendered(source);
    assert_eq!((out.mentions, out.tags, out.links), (mentions, tags, links));
}

#[test]
fn characters_are_counted_as_clients_count_them() {
    assert_eq!(count_characters("abc é"), 5);
    assert_eq!(count_characters("see https://a.gov/very/long/address/that/goes/on/and/on"), 4 + 23);
    assert_eq!(count_characters("@jo@department.gov hi"), 6);
    assert_eq!(count_characters("#tag"), 4);
}

/// What must not be in any output, however it is spelled.
fn assert_harmless(out: &str, input: &str) {
    let mut rest = out;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').expect("every tag ends");
        let name = tag.trim_start_matches('/').split(' ').next().unwrap_or("");
        assert!(shape::ELEMENTS.contains(&name), "<{tag}> in {out:?} from {input:?}");
        let attributes = tag.split_once(' ').map_or("", |(_, attributes)| attributes);
        for attribute in attributes.split("\" ").filter(|a| !a.is_empty()) {
            let (key, value) = attribute.split_once("=\"").expect("every attribute has a value");
            let good = match key {
                "href" => ["https://", "http://", "mailto:"].iter().any(|scheme| value.starts_with(scheme)),
                "class" => value.trim_end_matches('"').split(' ').all(|class| shape::CLASSES.contains(&class)),
                "rel" => value.contains("nofollow noopener noreferrer"),
                "translate" | "start" => true,
                _ => false,
            };
            assert!(good, "{attribute} in {out:?} from {input:?}");
        }
        rest = after;
    }
}

const ATTACKS: &[&str] = &[
    "<script>alert(1)</script>x",
    "<ScRiPt src=//evil></sCrIpT >x",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1) alt=\"<script>alert(1)</script>\">",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<template><script>alert(1)</script></template>",
    "<iframe src=\"javascript:alert(1)\"></iframe>x",
    "<base href=\"//evil/\"><meta http-equiv=refresh content=\"0;url=//evil\">",
    "<a href=\"javascript:alert(1)\">x</a>",
    "<a href=\"java\tscript:alert(1)\">x</a>",
    "<a href=\"&#x6a;avascript&colon;alert(1)\">x</a>",
    "<a href=\" &#14; javascript:alert(1)\">x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href=\"//evil\">x</a><a href=\"https:evil\">y</a><a href=/local>z</a>",
    "<a href=\"https://a.gov\" onclick=alert(1) style=\"position:fixed\" id=x class=\"govuk-button mention\">x</a>",
    "<p style=\"position:fixed\" class=\"govuk-button\" id=\"getElementById\" lang=x>x</p>",
    "<a href=\"https://a.gov/&quot;onmouseover=&quot;alert(1)\">x</a>",
    "<a href=https://a.gov/\"><script>alert(1)</script>>x</a>",
    "<!--><script>alert(1)</script>-->",
    "<!-- --!><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?xml <script>alert(1)</script> ?>",
    "<textarea><img title=\"</textarea><img src onerror=alert(1)>\"></textarea>",
    "<xmp><p title=\"</xmp><svg/onload=alert(1)>\">",
    "<title><a title=\"</title><img src onerror=alert(1)>\">",
    "<select><style></select><img src onerror=alert(1)></style>",
    "<plaintext><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<a href=\"https://a.gov\"><a href=\"https://b.gov\">x</a></a>",
    "<b <script>alert(1)</script>",
    "<<script>alert(1)//<</script>",
    "</p></div></body><p>x",
    "<p title='\">'>x</p>",
    "x\u{0}<sc\u{0}ript>alert(1)</script>",
    "<input autofocus onfocus=alert(1)><button formaction=javascript:alert(1)>x</button>",
    "<details open ontoggle=alert(1)>x</details>",
    "<object data=x><embed src=x><link rel=stylesheet href=x>",
    "<frameset onload=alert(1)></frameset><body onload=alert(1)>x",
    "<div><li><ol><p><ul><h1><p><pre><p>\n\nx</h1></li>",
    "<table><tr><td><a href=https://a.gov>x<table><tr><td>y",
];

#[test]
fn attacks_by_peers_fail() {
    for attack in ATTACKS {
        let out = sanitise_html(attack);
        assert_harmless(&out, attack);
        assert_eq!(sanitise_html(&out), out, "{attack}");
    }
}

#[test]
fn attacks_by_authors_fail() {
    for attack in ATTACKS {
        for source in
            [(*attack).to_owned(), format!("`{attack}`"), format!("[{attack}]({attack})"), format!("> {attack}")]
        {
            let out = html(&source);
            assert_harmless(&out, &source);
            assert_eq!(sanitise_html(&out), out, "{source}");
        }
    }
    assert_eq!(html("<script>alert(1)</script>"), "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
    assert_eq!(html("a <b>c</b>"), "<p>a &lt;b&gt;c&lt;/b&gt;</p>");
}

#[test]
fn what_resolvers_say_is_not_trusted() {
    let evil = |_: &Handle| {
        Some(ResolvedMention { url: "javascript:alert(1)".into(), handle: "<script>alert(1)</script>".into() })
    };
    let out = render("@jo #x", &evil, &|_| "\"><script>alert(1)</script>".into()).html;
    assert_harmless(&out, "resolver");
    assert!(!out.contains("<a "), "{out}");
}

#[test]
fn content_of_peers_keeps_its_form() {
    let mastodon = format!(
        "<p><span class=\"h-card\" translate=\"no\"><a href=\"https://b.gov/@jo\" class=\"u-url mention\" {REL}>@<span>jo</span></a></span> see <a href=\"https://b.gov/x/y\" {REL} translate=\"no\"><span class=\"invisible\">https://</span><span class=\"ellipsis\">b.gov/x</span><span class=\"invisible\">/y</span></a></p>"
    );
    let out = sanitise_html(&mastodon);
    assert_eq!(plain_text(&out), "@jo see https://b.gov/x/y");
    assert_eq!(out.matches("<span").count(), 5);
    assert!(out.contains("<span class=\"ellipsis\">b.gov/x</span>"), "{out}");
    for (input, expected) in [
        ("<h2>T</h2>x", "<p><strong>T</strong></p>x"),
        ("<div>a</div><div>b</div>", "<p>a</p><p>b</p>"),
        ("<ul>\n<li>a<li>b</ul>", "<ul>\n<li>a</li><li>b</li></ul>"),
        ("<p>a<p>b", "<p>a</p><p>b</p>"),
        ("<p>a<br/>b</p>", "<p>a<br>b</p>"),
        ("<img src=\"https://evil/x.png\" alt=\"a chart\">", "a chart"),
        ("<p></p><b></b><p>x</p>", "<p>x</p>"),
        ("caf&eacute; &amp; &nbsp;x &bogus;", "café &amp; &nbsp;x &amp;bogus;"),
        ("I <3 you & me", "I &lt;3 you &amp; me"),
        ("<strike>x</strike>", "<s>x</s>"),
        ("a\u{202e}b&#x202e;c&#0;", "abc"),
    ] {
        assert_eq!(sanitise_html(input), expected, "{input}");
    }
}

#[test]
fn hidden_text_does_not_hide_a_lie() {
    let out = sanitise_html(
        "<a href=\"https://evil.example/bank.gov\"><span class=\"invisible\">https://evil.example/</span>bank.gov</a>",
    );
    assert!(out.ends_with("bank.gov [evil.example]</a>"), "{out}");
}

#[test]
fn plain_text_reads_well() {
    for (input, expected) in [
        ("<p>a<br>b</p><p>c &lt;d&gt;</p>", "a\nb\n\nc <d>"),
        ("<ul><li>a</li><li><p>b</p></li></ul>x", "- a\n- b\n\nx"),
        ("a\n  b <script>c</script>d", "a b d"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("<blockquote><p>q</p></blockquote><p>r</p>", "q\n\nr"),
    ] {
        assert_eq!(plain_text(input), expected, "{input}");
    }
}

fn depth(html: &str) -> usize {
    let (mut open, mut deepest) = (0_usize, 0);
    for tag in html.split('<').skip(1).filter(|tag| !tag.starts_with("br>")) {
        open = if tag.starts_with('/') { open.saturating_sub(1) } else { open.saturating_add(1) };
        deepest = deepest.max(open);
    }
    deepest
}

/// None of these may take more than linear time or stack: in square time, this test would not end.
#[test]
fn floods_are_dealt_with() {
    const SIZE: usize = 200_000;
    for unit in [
        "[",
        "![",
        "*",
        "_",
        "**a ",
        "*a_ ",
        "`",
        "``` ",
        "<",
        "<!--",
        "<a ",
        "<b>",
        ">",
        "> ",
        "- ",
        "[a](",
        "[a][",
        "](",
        "@",
        "@a@",
        "@a@b.gov",
        "#",
        "#a",
        "#a ",
        "https://",
        "https://a.gov/_ ",
        "&",
        "&#",
        "&amp;",
        "£",
        "&&<br>",
        "\\",
        "~~",
        "~",
        "\n",
        "\n> ",
        "\n- ",
        "a\n\n",
        "[a]: /x\n",
        "\u{301}",
        "<div>",
        "<font a=b>",
        "<p><b><i>",
        "</b>",
        "<ul><li>",
        "<a href=https://a.gov>x",
        "<svg>",
        "<svg/>",
        "</",
        "<title></title>",
        "<span class=mention>",
        "<h1>",
        "<x a='",
        "1. ",
        "*a**b",
        "<?",
        "<!A",
        "(",
        ")",
        "a.",
        "@a.",
        "http:/",
        "\"",
        "|",
    ] {
        let flood = unit.repeat(SIZE / unit.len());
        let out = html(&flood);
        assert!(out.len() <= limits::HTML_BYTES);
        assert!(depth(&out) <= limits::DEPTH, "{unit}");
        let out = sanitise_html(&flood);
        assert!(out.len() <= limits::HTML_BYTES);
        assert!(depth(&out) <= limits::DEPTH, "{unit}");
        assert_eq!(sanitise_html(&out), out, "{unit}");
        assert!(plain_text(&flood).len() <= flood.len().saturating_mul(2));
        assert!(count_characters(&flood) > 0);
    }
}

#[test]
fn reference_bombs_stay_small() {
    let bomb = format!("[a]: https://a.gov/{}\n\n{}", "x".repeat(1_000), "[a] ".repeat(50_000));
    assert!(html(&bomb).len() <= limits::HTML_BYTES);
}

#[test]
fn formatting_that_parsers_repeat_stays_small() {
    let opened: String = (0..3_000).map(|n| format!("<font size={n}><b id={n}>")).collect();
    let out = sanitise_html(&format!("<p>{opened}{}", "<p>x".repeat(3_000)));
    assert!(out.len() <= limits::HTML_BYTES);
    assert_harmless(&out, "formatting");
}

fn soup() -> impl Strategy<Value = String> {
    let names = "(p|a|b|i|em|span|ul|ol|li|pre|code|blockquote|h1|div|br|img|svg|math|style|script|table|tr|td|form|font|title|x|del|hr|mtext|template)";
    let piece = prop_oneof![
        4 => format!("<{names}>").prop_map_regex(),
        4 => format!("</{names}>").prop_map_regex(),
        2 => format!("<{names} (class|href|rel|id|style|translate|alt|start)=[\"']?(mention hashtag|https://b\\.gov|javascript:x|tag|no|invisible|4)[\"']?/?>").prop_map_regex(),
        3 => "[a-c &;\n\t<>\"'/=]{0,6}".prop_map_regex(),
        1 => "(&(amp|lt|nbsp|eacute|notit|copy|DownBreve|NewLine|Tab|#x202e|#0|#60|#13|fjlig)(;|)|<!--|-->|<!|<\\?|\\]\\]>|https://a\\.gov|b\\.gov)".prop_map_regex(),
        1 => any::<String>().boxed(),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

trait Regex {
    fn prop_map_regex(&self) -> BoxedStrategy<String>;
}

impl<T: AsRef<str>> Regex for T {
    fn prop_map_regex(&self) -> BoxedStrategy<String> {
        prop::string::string_regex(self.as_ref()).expect("the pattern is right").boxed()
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn sanitising_twice_changes_nothing(input in soup()) {
        let once = sanitise_html(&input);
        assert_harmless(&once, &input);
        prop_assert!(depth(&once) <= limits::DEPTH);
        prop_assert_eq!(sanitise_html(&once), once);
    }

    #[test]
    fn plain_text_survives_sanitising(input in "[a-zA-Z .,é\n]{0,80}") {
        prop_assert_eq!(plain_text(&sanitise_html(&input)), plain_text(&input));
    }

    #[test]
    fn whatever_is_typed_is_rendered_harmless(input in prop_oneof![soup(), "[@#a-c.:/_*~`\\[\\]()!<>&\n -]{0,60}"]) {
        let out = rendered(&input);
        assert_harmless(&out.html, &input);
        prop_assert_eq!(sanitise_html(&out.html), out.html);
        let scan = scan(&input);
        prop_assert_eq!(out.tags, scan.tags);
        prop_assert_eq!(out.links, scan.links);
    }
}
