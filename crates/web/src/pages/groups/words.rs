//! Groups in words: their kind, their door, and what else is told of them.

use corridor_app::groups::{GroupView, PurgeView};
use corridor_domain::group::{Door, GroupKind, GroupRole, Standing};

use crate::session::Member;
use crate::show;
use crate::words::{Key, key};

/// What a group gathers people around.
pub(super) const fn kind_title(kind: GroupKind) -> Key {
    match kind {
        GroupKind::BusinessArea => key("kind-business-area"),
        GroupKind::Profession => key("kind-profession"),
        GroupKind::Specialism => key("kind-specialism"),
        GroupKind::Social => key("kind-social"),
    }
}

/// How people come in.
pub(super) const fn door_title(door: Door) -> Key {
    match door {
        Door::Open => key("door-open"),
        Door::ByRequest => key("door-by-request"),
        Door::Invited => key("door-invited"),
        Door::Hidden => key("door-hidden"),
    }
}

/// What that means.
pub(super) const fn door_words(door: Door) -> Key {
    match door {
        Door::Open => key("door-open-words"),
        Door::ByRequest => key("door-by-request-words"),
        Door::Invited => key("door-invited-words"),
        Door::Hidden => key("door-hidden-words"),
    }
}

/// How the reader stands to a group; nothing for strangers.
pub(super) const fn standing_words(standing: Standing) -> Option<Key> {
    match standing {
        Standing::In(GroupRole::Facilitator) => Some(key("standing-runs")),
        Standing::In(GroupRole::Member) => Some(key("standing-member")),
        Standing::Invited => Some(key("standing-invited")),
        Standing::Asked => Some(key("standing-asked")),
        Standing::Stranger => None,
    }
}

/// What is told of a group beside its posts: names and words.
pub(super) fn facts(group: &GroupView, member: &Member) -> Vec<(String, String)> {
    let words = |key| member.visit.language.say_key(key).to_string();
    let mut facts = vec![
        (member.say("fact-kind"), words(kind_title(group.kind))),
        (member.say("fact-door"), format!("{}. {}", words(door_title(group.door)), words(door_words(group.door)))),
        (member.say("fact-marking"), group.marking_name.clone()),
        (member.say("fact-run-by"), group.actor.department.clone()),
    ];
    if group.archived {
        facts.push((member.say("fact-state"), member.say("fact-archived").into()));
    }
    if !group.is_local {
        let department = &member.ctx().settings.department;
        let words = member.say("fact-members-in").with("n", group.members).with("department", department);
        facts.push((member.say("fact-members-here"), words.into()));
    }
    facts.into_iter().map(|(name, words)| (name.into(), words)).collect()
}

/// What became of a department's copies when its last member had left.
pub(super) fn copies_words(member: &Member, purge: &PurgeView) -> String {
    let (words, at) = match purge.confirmed_at {
        Some(at) => (member.say("copies-destroyed"), at),
        None => (member.say("copies-asked"), purge.asked_at),
    };
    words.with("host", &purge.host).with("when", show::moment(at, member.visit.language).words).into()
}
