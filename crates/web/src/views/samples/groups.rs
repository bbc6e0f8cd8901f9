//! Sample pages of groups.

use super::{Words, html};
use crate::views::{
    AskingLine, AtDoor, Choice, ComposeKind, Errors, GroupLine, GroupMembersPage, GroupPage, GroupsPage, MemberLine,
    Nav, NewGroupPage, Post, PostLink, SafeHtml,
};

fn line(words: Words) -> GroupLine {
    GroupLine {
        id: words.t("77"),
        name: words.t("Coast watchers"),
        handle: words.t("@coast@corridor.example"),
        about: words.t("Profession, by request, 12 members"),
        standing: words.t("You run it"),
        url: words.t("/groups/77"),
    }
}

fn choices(words: Words) -> Vec<Choice> {
    let choice = |value: &str, label: &str, chosen| Choice {
        value: words.t(value),
        label: words.t(label),
        hint: words.t("Everyone may find it and ask to join."),
        chosen,
    };
    vec![choice("open", "Open", false), choice("by-request", "By request", true)]
}

fn talk(words: Words, entry: &str) -> Post {
    Post {
        group: Some(PostLink { name: words.t("Coast watchers"), url: words.t("/groups/77") }),
        topic: words.t("Question"),
        group_acts: vec![(words.t("/groups/77/posts/901/pin"), words.t("Pin"))],
        title: words.t("Which survey"),
        ..words.post(entry, words.tomos())
    }
}

pub(super) fn pages(words: Words) -> Vec<(&'static str, String)> {
    let frame = || words.frame(Nav::Groups);
    let groups = GroupsPage {
        frame: frame(),
        query: words.t("coast"),
        kinds: choices(words),
        own: vec![line(words)],
        found: vec![line(words)],
        pager: words.pager(),
    };
    let none = GroupsPage { own: Vec::new(), found: Vec::new(), ..groups.clone() };
    let mut errors = Errors::one("title", words.t("Enter the group's name"));
    for field in ["name", "about", "kind", "door"] {
        errors.add(field, words.t("Choose or shorten this"));
    }
    let new = NewGroupPage {
        frame: frame(),
        name: words.t("coast"),
        title: words.t("Coast watchers"),
        about: words.t("For all who watch"),
        kinds: choices(words),
        doors: choices(words),
        markings: choices(words),
        errors: Errors::default(),
    };
    let wrong = NewGroupPage { errors, ..new.clone() };
    let group = GroupPage {
        frame: frame(),
        group: line(words),
        about: SafeHtml::sanitised("<p>For all who watch</p>"),
        facts: vec![(words.t("Kind"), words.t("Profession"))],
        at_door: AtDoor::In,
        may_post: true,
        shows_members: true,
        runs: true,
        closed_words: String::new(),
        unanswered: false,
        pinned: vec![talk(words, "901")],
        talks: vec![talk(words, "902")],
        pager: words.pager(),
    };
    let unanswered = GroupPage { unanswered: true, pinned: Vec::new(), ..group.clone() };
    let shut = GroupPage {
        at_door: AtDoor::Ask,
        closed_words: words.t("Only members can read what is posted here."),
        ..group.clone()
    };
    let member = |runs, own| MemberLine { person: words.tomos(), role: words.t("Member"), runs, own, here: true };
    let members = GroupMembersPage {
        frame: frame(),
        group: line(words),
        members: vec![member(true, true), member(false, false)],
        asking: vec![AskingLine { person: words.asha(), first: true }],
        runs: true,
        invites: true,
        handle: words.t("@asha"),
        copies: vec![words.t("b.example: its copies are destroyed")],
        errors: Errors::one("handle", words.t("Nobody has this handle")),
    };
    let mut all = vec![
        ("groups", html(&groups)),
        ("groups-none", html(&none)),
        ("new-group", html(&new)),
        ("new-group-errors", html(&wrong)),
        ("group", html(&group)),
        ("group-unanswered", html(&unanswered)),
        ("group-shut", html(&shut)),
        ("group-members", html(&members)),
        ("compose-talk", html(&super::composer(words, ComposeKind::Talk))),
    ];
    for (name, at_door) in [
        ("group-join", AtDoor::Join),
        ("group-asked", AtDoor::Asked),
        ("group-invited", AtDoor::Invited),
        ("group-nothing", AtDoor::Nothing),
    ] {
        all.push((name, html(&GroupPage { at_door, ..group.clone() })));
    }
    all
}
