//! Every page with sample data, plain or hostile, for the tests and for looking at.

mod account;
mod groups;
mod peers;
mod people;

use askama::Template;

use super::*;
use crate::words::Language;

/// What hostile samples carry in every text.
pub(super) const ATTACK: &str = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}&amp;";

/// Gives sample texts, hostile ones when asked.
#[derive(Clone, Copy)]
pub(super) struct Words {
    pub(super) hostile: bool,
    pub(super) language: Language,
}

/// Every page as HTML, by the name of its file.
pub(super) fn pages(words: Words) -> Vec<(&'static str, String)> {
    let mut all = people::pages(words);
    all.extend(post_pages(words));
    all.extend(open_pages(words));
    all.extend(oauth_pages(words));
    all.extend(groups::pages(words));
    all.extend(account::pages(words));
    all.extend(peers::pages(words));
    all
}

fn html(page: &impl Template) -> String {
    page.render().expect("rendering to memory can't fail")
}

impl Words {
    fn t(self, text: &str) -> String {
        if self.hostile { format!("{text}{ATTACK}") } else { text.to_owned() }
    }

    fn frame(self, current: Nav) -> Frame {
        let viewer = FrameViewer {
            name: self.t("Asha Patel"),
            url: self.t("/@asha.patel"),
            unread: 3,
            administrator: current == Nav::Administration,
        };
        Frame { current, viewer: Some(viewer), ..self.signed_out() }
    }

    fn signed_out(self) -> Frame {
        Frame {
            language: self.language,
            department: self.t("Department for Coasts"),
            csrf: self.t("2f1c9d"),
            here: self.t("/?max_id=12"),
            back: self.t("/?max_id=12"),
            ..Frame::default()
        }
    }

    fn person(self, name: &str, role: &str, department: &str) -> Person {
        let username = name.to_lowercase().replace(' ', ".");
        Person {
            id: self.t("41"),
            name: self.t(name),
            handle: self.t(&format!("@{username}@corridor.example")),
            role: self.t(role),
            department: self.t(department),
            url: self.t(&format!("/@{username}")),
            picture: None,
        }
    }

    fn media(self) -> Vec<PostMedia> {
        let picture = PostMedia {
            id: self.t("71"),
            picture: true,
            description: self.t("A harbour wall after the storm"),
            width: 640,
            height: 480,
            ..PostMedia::default()
        };
        let file = PostMedia {
            id: self.t("72"),
            picture: false,
            name: self.t("Survey.pdf"),
            about: self.t("PDF, 1.2 MB"),
            description: self.t("The survey"),
            ..PostMedia::default()
        };
        let gone = PostMedia { id: self.t("73"), missing: true, ..picture.clone() };
        vec![picture, file, gone]
    }

    fn asha(self) -> Person {
        self.person("Asha Patel", "Coastal policy adviser", "Department for Coasts")
    }

    fn tomos(self) -> Person {
        self.person("Tomos Williams", "Head of flood modelling", "Rivers and Weather Agency")
    }

    fn when(self) -> Moment {
        let moment = Moment::new(chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap_or_default(), self.language);
        Moment { machine: self.t(&moment.machine), words: self.t(&moment.words) }
    }

    fn post(self, entry: &str, author: Person) -> Post {
        Post {
            id: self.t("900"),
            entry: self.t(entry),
            url: self.t("/@asha.patel/900"),
            author,
            published: self.when(),
            audience: AudienceWords {
                name: self.t("Network"),
                who: self.t("everyone in connected departments"),
                closed: false,
            },
            marking: MarkingWords { name: self.t("OFFICIAL"), ..MarkingWords::default() },
            media: self.media(),
            content: SafeHtml::sanitised(
                "<p>The <strong>sea wall survey</strong> is out. Thank you <a href=\"/@tomos.williams\">@tomos.williams</a> for the tide data.</p><ul><li>14 sites measured</li><li>3 need work before winter</li></ul><p>Read it at <a href=\"https://coasts.example/surveys/2026/autumn/sea-walls/the-whole-report-with-all-annexes\">coasts.example/surveys/2026/autumn/sea-walls/the-whole-report-with-all-annexes</a> <a href=\"/tags/SeaWalls\">#SeaWalls</a></p>",
            ),
            replies: 1,
            boosts: 2,
            favourites: 1_205,
            actions: true,
            ..Post::default()
        }
    }

    fn feed(self) -> Vec<Post> {
        let boosted = Post {
            boosted_by: Some(self.asha()),
            favourited: true,
            boosted: true,
            edited: Some(self.when()),
            ..self.post("902", self.tomos())
        };
        let sensitive = Post {
            marking: MarkingWords {
                name: self.t("OFFICIAL-SENSITIVE"),
                handling: self.t("For the winter planning team only"),
                raised: true,
            },
            audience: AudienceWords { name: self.t("Named people"), who: self.t("you and 2 others"), closed: true },
            in_reply_to: Some(PostLink { name: self.t("Tomos Williams"), url: self.t("/@tomos.williams/899") }),
            content: SafeHtml::sanitised("<p>The three sites are listed in the plan.</p>"),
            bookmarked: true,
            boostable: Boostable::No(words_for_named(self)),
            replies: 0,
            boosts: 0,
            favourites: 0,
            ..self.post("903", self.asha())
        };
        let inside = Post {
            audience: AudienceWords {
                name: self.t("My department"),
                who: self.t("only people in Department for Coasts"),
                closed: true,
            },
            boostable: Boostable::No(self.t("Posts for one department can't be boosted.")),
            warning: self.t("Photographs of storm damage"),
            title: self.t("After the storm"),
            language: self.t("cy"),
            mine: true,
            ..self.post("904", self.asha())
        };
        let asking = Post { poll: Some(self.poll(true)), ..self.post("901", self.asha()) };
        let several = Poll { multiple: true, ..self.poll(true) };
        let choosing = Post { poll: Some(several), ..boosted };
        let over = Post { poll: Some(Poll { ended: true, ..self.poll(false) }), ..inside };
        vec![asking, choosing, sensitive, over]
    }

    fn poll(self, open: bool) -> Poll {
        let option = |value, title: &str, chosen| PollOption {
            value,
            title: self.t(title),
            votes: self.t("3 votes, 60%"),
            chosen,
        };
        Poll {
            options: vec![option(0, "Repair all three", true), option(1, "Wait until spring", false)],
            open,
            turnout: self.t("5 people have voted"),
            ends: Some(self.when()),
            reset: Some(self.when()),
            ..Poll::default()
        }
    }

    fn pager(self) -> Pager {
        Pager { newer: Some(self.t("/?min_id=904")), older: Some(self.t("/?max_id=901")) }
    }

    fn contact(self) -> Contact {
        Contact { words: self.t("corridor@coasts.example"), link: Some(self.t("mailto:corridor@coasts.example")) }
    }

    fn rules(self) -> Vec<String> {
        vec![
            self.t("Be kind: write as you would speak to a colleague across the table."),
            self.t("Choose the smallest audience that makes sense, and mark what you write."),
            self.t("Do not share personal data of the public."),
        ]
    }
}

fn words_for_named(words: Words) -> String {
    words.t("Posts for named people can't be boosted.")
}

fn composer(words: Words, kind: ComposeKind) -> ComposePage {
    let choice = |value: &str, label: &str, hint: &str, chosen| Choice {
        value: words.t(value),
        label: words.t(label),
        hint: if hint.is_empty() { String::new() } else { words.t(hint) },
        chosen,
    };
    let audiences = vec![
        choice(
            "department",
            "My department",
            "Only people in Department for Coasts. It never leaves the department.",
            true,
        ),
        choice("network", "Network", "Everyone here and in 2 connected departments.", false),
        choice("followers", "Followers", "The 41 people who follow you, and those you name.", false),
        choice("named", "Named people", "Only the people whose handles you write in the post.", false),
    ];
    let markings = vec![
        choice("OFFICIAL", "OFFICIAL", "", true),
        choice("OFFICIAL-SENSITIVE", "OFFICIAL-SENSITIVE", "Goes only to departments that may receive it.", false),
    ];
    ComposePage {
        frame: words.frame(Nav::Write),
        kind,
        action: words.t("/write"),
        titled: matches!(kind, ComposeKind::New | ComposeKind::Talk),
        title_hint: if kind == ComposeKind::New {
            "Optional. With a title it is an article.".to_owned()
        } else {
            String::new()
        },
        extras: if kind == ComposeKind::Talk {
            vec![choice("question", "It is a question", "You can say later which reply answers it.", true)]
        } else {
            Vec::new()
        },
        form: ComposeForm {
            title: words.t("The survey"),
            text: words.t("\nThe survey is out."),
            warning: words.t("Storms"),
            handling: words.t("Team only"),
        },
        audiences,
        audience_fixed: words.t("Everyone on the network sees this post. That can't be changed."),
        markings,
        handling_needed_for: words.t("OFFICIAL-SENSITIVE"),
        poll: (kind != ComposeKind::Edit).then(|| ComposePoll {
            options: vec![(1, words.t("Tea")), (2, words.t("Coffee")), (3, String::new())],
            lasts: vec![choice("3600", "1 hour", "", true), choice("86400", "1 day", "", false)],
            multiple: false,
            hide_totals: true,
        }),
        media: words.media(),
        slots: vec![3, 4],
        files_hint: words.t("Pictures and PDF of up to 16 MB each."),
        files_accept: words.t("image/png"),
        limit: 5_000,
        idempotency_key: words.t("6b2f"),
        rules: words.rules(),
        parent: None,
        errors: Errors::default(),
    }
}

fn post_pages(words: Words) -> Vec<(&'static str, String)> {
    let feed = |feed, nav| FeedPage {
        frame: words.frame(nav),
        feed,
        posts: words.feed(),
        pager: words.pager(),
        ..FeedPage::default()
    };
    let tag = FeedPage {
        tag: Some(FeedTag { name: words.t("survey"), path: words.t("/tags/survey"), followed: true }),
        ..feed(Feed::Tag, Nav::Network)
    };
    let announced = Announcement {
        id: words.t("12"),
        content: SafeHtml::sanitised("<p>The node is away on Saturday.</p>"),
        when: words.t("From 5 December 2026 at 10am"),
    };
    let home = FeedPage { announcements: vec![announced], ..feed(Feed::Home, Nav::Home) };
    let mut after_publishing = feed(Feed::Network, Nav::Network);
    after_publishing.frame.notice = Some(Notice::success(words.t("Your post has been published")));
    let mut warned = FeedPage { frame: words.frame(Nav::Department), feed: Feed::Department, ..FeedPage::default() };
    warned.frame.notice = Some(Notice::important(words.t("You were signed out of other browsers")));
    let empty = FeedPage { frame: words.frame(Nav::Home), ..FeedPage::default() };
    let mut errors = Errors::one("text", words.t("Enter your post"));
    for field in ["audience", "marking", "handling", "warning"] {
        errors.add(field, words.t("Choose or shorten this"));
    }
    let plain = |entry: &str, author| Post { actions: false, ..words.post(entry, author) };
    let reply = ComposePage { parent: Some(plain("901", words.tomos())), ..composer(words, ComposeKind::Reply) };
    let edit = ComposePage { audiences: Vec::new(), ..composer(words, ComposeKind::Edit) };
    let thread = ThreadPage {
        frame: words.frame(Nav::Elsewhere),
        before: vec![words.post("899", words.tomos())],
        post: Post { here: true, ..words.post("901", words.asha()) },
        after: vec![words.post("905", words.tomos())],
    };
    let lone = ThreadPage { before: Vec::new(), after: Vec::new(), ..thread.clone() };
    let revision = Revision {
        made: words.when(),
        warning: words.t("Storms"),
        content: SafeHtml::sanitised("<p>The survey is nearly out.</p>"),
    };
    let history = HistoryPage {
        frame: words.frame(Nav::Elsewhere),
        author: words.t("Asha Patel"),
        url: words.t("/@asha.patel/901"),
        revisions: vec![revision.clone(), revision],
    };
    let place = |department, gone| RecallPlace { department: words.t(department), gone };
    let recall = RecallPage {
        frame: words.frame(Nav::Elsewhere),
        url: words.t("/posts/901/recall"),
        gone: 1,
        places: vec![place("Department for Works", Some(words.when())), place("Department for Health", None)],
    };
    vec![
        ("home", html(&home)),
        ("tag", html(&tag)),
        ("home-empty", html(&empty)),
        ("department-empty", html(&warned)),
        ("network", html(&after_publishing)),
        ("compose", html(&composer(words, ComposeKind::New))),
        ("compose-errors", html(&ComposePage { errors, ..composer(words, ComposeKind::New) })),
        ("compose-reply", html(&reply)),
        ("compose-edit", html(&edit)),
        ("thread", html(&thread)),
        ("thread-alone", html(&lone)),
        (
            "confirm-delete",
            html(&ConfirmDeletePage { frame: words.frame(Nav::Elsewhere), post: plain("901", words.asha()) }),
        ),
        ("history", html(&history)),
        ("recall", html(&recall)),
    ]
}

fn open_pages(words: Words) -> Vec<(&'static str, String)> {
    let sign_in = SignInPage {
        frame: words.signed_out(),
        username: words.t("asha.patel"),
        next: words.t("/network"),
        errors: Errors::default(),
    };
    let mut errors = Errors::one("username", words.t("Check your username and password"));
    errors.add("password", words.t("Enter your password"));
    let wrong = SignInPage { errors, ..sign_in.clone() };
    let password = NewPasswordPage {
        frame: words.signed_out(),
        must: true,
        next: words.t("/network"),
        errors: Errors::one("new", words.t("Choose another password")),
    };
    let moving = MovingPage {
        frame: words.signed_out(),
        older_accounts: vec![OlderAccount {
            handle: words.t("asha@inland.example"),
            uri: words.t("https://inland.example/actors/7"),
        }],
        moved_to: None,
        older: words.t("asha"),
        target: words.t("asha@coast.example"),
        errors: Errors::one("target", words.t("Nobody has this handle")),
    };
    let about = AboutPage {
        frame: words.signed_out(),
        description: vec![words.t("Where the people who look after the coast talk to each other.")],
        contact: words.contact(),
        version: words.t("0.1.0"),
        source_url: Some(words.t("https://source.example/corridor")),
    };
    let failed = |status| {
        let reason = Message::english(words.t("The post is longer than 5,000 characters."));
        ErrorPage::of(status, Some(reason), words.frame(Nav::Elsewhere))
    };
    vec![
        ("sign-in", html(&sign_in)),
        ("sign-in-errors", html(&wrong)),
        ("new-password", html(&password)),
        ("moving", html(&moving)),
        (
            "moving-done",
            html(&MovingPage {
                moved_to: Some(words.t("asha@coast.example")),
                older: String::new(),
                target: String::new(),
                errors: Errors::default(),
                ..moving.clone()
            }),
        ),
        ("about", html(&about)),
        (
            "rules",
            html(&RulesPage { frame: words.frame(Nav::Elsewhere), rules: words.rules(), contact: words.contact() }),
        ),
        ("accessibility", html(&AccessibilityPage { frame: words.signed_out(), contact: words.contact() })),
        ("error-403", html(&failed(403))),
        ("error-404", html(&failed(404))),
        ("error-422", html(&failed(422))),
        ("error-500", html(&failed(500))),
        ("error-503", html(&failed(503))),
    ]
}

fn oauth_pages(words: Words) -> Vec<(&'static str, String)> {
    let authorize = OauthAuthorizePage {
        frame: words.frame(Nav::Elsewhere),
        action: words.t("/oauth/authorize"),
        hidden: vec![Hidden { name: words.t("client_id"), value: words.t("abc") }],
        app: words.t("Tusk for Tablets"),
        site: words.t("tusk.example"),
        allows: vec![words.t("See your feeds and notifications"), words.t("Write, change and delete posts as you")],
        goes_to: words.t("tusk.example"),
    };
    let code = OauthCodePage {
        frame: words.frame(Nav::Elsewhere),
        app: words.t("Tusk for Tablets"),
        code: words.t("u3Kd-9fQz-77Lm-0aXe"),
    };
    vec![("oauth-authorize", html(&authorize)), ("oauth-code", html(&code))]
}
