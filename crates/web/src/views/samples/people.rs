//! Sample pages of people: profiles, notifications, search, lists and connections.

use super::{Words, html};
use crate::views::{
    ConnectPage, Connected, Connection, ConnectionsPage, Errors, Follow, Nav, Notification, NotificationsPage,
    PeoplePage, Person, Profile, ProfileFact, ProfilePage, SafeHtml, SearchPage,
};

pub(super) fn pages(words: Words) -> Vec<(&'static str, String)> {
    let profile = |follow| ProfilePage {
        frame: words.frame(Nav::Elsewhere),
        profile: Profile {
            person: Person { picture: Some(words.t("/media/81/small")), ..words.tomos() },
            header: Some((words.t("/media/82/original"), words.t("A river in flood"))),
            picture_words: words.t("Tomos by a river"),
            bio: SafeHtml::sanitised("<p>I model rivers. Ask me about gauges.</p>"),
            facts: vec![ProfileFact {
                name: words.t("Building"),
                value: SafeHtml::sanitised("2 Quay Street, Cardiff"),
            }],
            posts: 31,
            followers: 1,
            following: 1_024,
            follow,
            follows_you: true,
            asks_to_follow: follow == Follow::No,
            connected: match follow {
                Follow::Following => Connected::Yes,
                Follow::Requested => Connected::Waiting,
                Follow::No => Connected::ToAnswer,
                Follow::Own | Follow::Impossible => Connected::No,
            },
            approves_followers: follow == Follow::Requested,
            followers_url: Some(words.t("/@tomos.williams/followers")),
            following_url: None,
            moved_to: None,
        },
        posts: words.feed(),
        pager: words.pager(),
    };
    let told = |did: &str, url: Option<String>, asks_to_follow| Notification {
        from: words.tomos(),
        did: (String::new(), words.t(&format!(" {did}"))),
        excerpt: if url.is_some() { words.t("The sea wall survey is out. Thank you…") } else { String::new() },
        url,
        link: words.t("View post"),
        at: words.when(),
        new: asks_to_follow,
        asks_to_follow,
    };
    let notifications = vec![
        told("asks to follow you", None, true),
        told("boosted your post", Some(words.t("/@asha.patel/901")), false),
        told("follows you", None, false),
    ];
    let found = SearchPage {
        frame: words.frame(Nav::Search),
        query: words.t("wil"),
        people: Some(vec![words.tomos(), words.asha()]),
        errors: Errors::default(),
    };
    let nobody = SearchPage {
        frame: words.frame(Nav::Search),
        query: words.t("@zed"),
        people: Some(Vec::new()),
        errors: Errors::one("q", words.t("Enter the whole handle")),
    };
    let list = PeoplePage {
        frame: words.frame(Nav::Elsewhere),
        heading: words.t("Followers of Tomos Williams"),
        nobody: words.t("Nobody follows Tomos Williams yet."),
        people: vec![words.asha()],
        pager: words.pager(),
    };
    let alone = PeoplePage { people: Vec::new(), ..list.clone() };
    vec![
        ("profile", html(&profile(Follow::No))),
        ("profile-following", html(&profile(Follow::Following))),
        ("profile-requested", html(&profile(Follow::Requested))),
        ("profile-own", html(&profile(Follow::Own))),
        ("profile-gone", html(&profile(Follow::Impossible))),
        (
            "notifications",
            html(&NotificationsPage { frame: words.frame(Nav::Notifications), notifications, pager: words.pager() }),
        ),
        (
            "notifications-none",
            html(&NotificationsPage { frame: words.frame(Nav::Notifications), ..NotificationsPage::default() }),
        ),
        ("search", html(&found)),
        ("search-none", html(&nobody)),
        ("people", html(&list)),
        ("people-none", html(&alone)),
        ("connections", html(&connections(words))),
        ("connections-none", html(&ConnectionsPage { frame: words.frame(Nav::Profile), ..ConnectionsPage::default() })),
        ("connect", html(&ask_to_connect(words, Errors::default()))),
        ("connect-error", html(&ask_to_connect(words, Errors::one("note", words.t("That is too long"))))),
    ]
}

fn connections(words: Words) -> ConnectionsPage {
    let one = |person, standing| Connection { person, note: words.t("We met in Cardiff."), standing, at: words.when() };
    ConnectionsPage {
        frame: words.frame(Nav::Profile),
        to_answer: vec![one(words.tomos(), Connected::ToAnswer)],
        connected: vec![one(words.asha(), Connected::Yes)],
        waiting: vec![one(words.tomos(), Connected::Waiting)],
        pager: words.pager(),
    }
}

fn ask_to_connect(words: Words, errors: Errors) -> ConnectPage {
    let frame = words.frame(Nav::Elsewhere);
    ConnectPage { frame, person: words.tomos(), note: words.t("We met in Cardiff."), errors }
}
