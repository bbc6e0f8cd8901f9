//! Sample pages of the allow-list.

use super::{Words, html};
use crate::views::{
    Choice, Errors, Hidden, Nav, NewPeerPage, Notice, PeerAct, PeerButton, PeerConfirmPage, PeerLine, PeerPage,
    PeerPreviewPage, PeerTermsPage, PeersPage,
};

fn line(words: Words) -> PeerLine {
    PeerLine {
        host: words.t("corridor.transport.example"),
        department: words.t("Department for Transport"),
        url: words.t("/administration/peers/corridor.transport.example"),
        state: words.t("Allowed"),
        colour: "green",
        ceiling: words.t("OFFICIAL"),
        services: words.t("posts, groups"),
        waiting: words.t("3 activities wait"),
        oldest: Some(words.when()),
        last_success: Some(words.when()),
        last_failure: None,
    }
}

fn choices(words: Words) -> Vec<Choice> {
    let choice =
        |value: &str, chosen| Choice { value: words.t(value), label: words.t(value), chosen, ..Choice::default() };
    vec![choice("OFFICIAL", true), choice("OFFICIAL-SENSITIVE", false)]
}

fn peer(words: Words) -> PeerPage {
    let facts = |name: &str, value: &str| vec![(words.t(name), words.t(value))];
    let mut frame = words.frame(Nav::Administration);
    frame.notice = Some(Notice::success(words.t("It may go on")));
    PeerPage {
        frame,
        peer: line(words),
        terms: facts("Ceiling", "OFFICIAL"),
        keys: vec![words.t("rsa SHA256:0RXNJTtQ1sx4uCQXv3bLcPc5wCH4hXnQoGsu0KzF0Wg")],
        delivery: facts("Last error", "connection refused"),
        held: facts("Posts", "31 posts"),
        buttons: vec![
            PeerButton { url: words.t("/administration/peers/a/terms"), label: words.t("Change terms"), warns: false },
            PeerButton { url: words.t("/administration/peers/a/remove"), label: words.t("Remove"), warns: true },
        ],
        history: vec![PeerAct {
            at: words.when(),
            did: words.t("Terms set"),
            who: words.t("asha.patel"),
            detail: words.t("ceiling: OFFICIAL"),
        }],
    }
}

fn terms(words: Words) -> PeerTermsPage {
    PeerTermsPage {
        frame: words.frame(Nav::Administration),
        host: words.t("corridor.transport.example"),
        heading: words.t("Allow corridor.transport.example"),
        back: words.t("/administration/peers"),
        action: words.t("/administration/peers/corridor.transport.example/terms"),
        registry: words.t("the network allows it up to OFFICIAL"),
        account_domain: words.t("transport.example"),
        ceilings: choices(words),
        default_markings: choices(words),
        services: choices(words),
        department: words.t("Department for Transport"),
        note: words.t("Agreed on 3 November"),
        contact: words.t("Duty desk"),
        errors: Errors::default(),
    }
}

pub(super) fn pages(words: Words) -> Vec<(&'static str, String)> {
    let mut errors = Errors::default();
    for field in ["host", "department", "account_domain", "ceiling", "default_marking", "services", "contact", "note"] {
        errors.add(field, words.t("Choose or shorten this"));
    }
    let new = NewPeerPage {
        frame: words.frame(Nav::Administration),
        host: words.t("https://transport.example/"),
        errors: Errors::one("host", words.t("Give the host alone")),
    };
    let preview = PeerPreviewPage {
        frame: words.frame(Nav::Administration),
        host: words.t("corridor.transport.example"),
        action: words.t("/administration/peers/corridor.transport.example/terms"),
        loses: true,
        effects: vec![words.t("The ceiling falls from OFFICIAL-SENSITIVE to OFFICIAL.")],
        terms: vec![(words.t("Ceiling"), words.t("OFFICIAL"))],
        hidden: vec![Hidden { name: words.t("ceiling"), value: words.t("OFFICIAL") }],
    };
    let mut refused = Errors::one("password", words.t("Enter your password"));
    refused.add("confirm", words.t("It was removed"));
    let remove = PeerConfirmPage {
        frame: words.frame(Nav::Administration),
        heading: words.t("Remove corridor.transport.example?"),
        effects: vec![words.t("12 follows between here and there are cut")],
        action: words.t("/administration/peers/corridor.transport.example/remove"),
        back: words.t("/administration/peers/corridor.transport.example"),
        button: words.t("Remove"),
        is_final: true,
        offers_purge: true,
        purge: true,
        errors: refused,
    };
    let suspend = PeerConfirmPage { is_final: false, offers_purge: false, errors: Errors::default(), ..remove.clone() };
    let alone = PeerPage { keys: Vec::new(), history: Vec::new(), ..peer(words) };
    let wrong = PeerTermsPage { errors, ..terms(words) };
    vec![
        ("peers", html(&PeersPage { frame: words.frame(Nav::Administration), peers: vec![line(words)] })),
        ("peers-none", html(&PeersPage { frame: words.frame(Nav::Administration), peers: Vec::new() })),
        ("peer", html(&peer(words))),
        ("peer-new", html(&alone)),
        ("new-peer", html(&new)),
        ("peer-terms", html(&terms(words))),
        ("peer-terms-errors", html(&wrong)),
        ("peer-preview", html(&preview)),
        ("peer-allow-preview", html(&PeerPreviewPage { loses: false, ..preview.clone() })),
        ("peer-remove", html(&remove)),
        ("peer-suspend", html(&suspend)),
    ]
}
