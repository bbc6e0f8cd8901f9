//! Peers, their terms and what was done about them, in words.

use corridor_app::Ctx;
use corridor_app::peers::{Allowance, HistoryEntry, Left, PeerView, Preview};
use corridor_app::pins::PinnedKey;
use corridor_domain::registry::{Node, Terms};
use corridor_domain::{MarkingScheme, Peer, PeerState, Services, Timestamp};

use super::path_of;
use crate::show::moment;
use crate::views::{Moment, PeerAct, PeerLine, count};

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

fn pair(name: &str, words: impl Into<String>) -> (String, String) {
    (name.to_owned(), words.into())
}

/// What an act left behind, by the word in the address after it.
pub(super) fn done(word: &str) -> Option<&'static str> {
    Some(match word {
        "allowed" => "The terms count from now on",
        "suspended" => "It is suspended: nothing goes in or out, and what waits for it keeps waiting",
        "resumed" => "It may go on",
        "removed" => "It is removed: its posts are hidden, follows are cut, and what waited for it is dropped",
        "purged" => "What was held from it is destroyed. Files follow within a minute",
        "purging" => "It is removed, and what was held from it is being destroyed. Look again in some minutes",
        _ => return None,
    })
}

const fn state_words(state: PeerState) -> (&'static str, &'static str) {
    match state {
        PeerState::Allowed => ("Allowed", "green"),
        PeerState::Suspended => ("Suspended", "yellow"),
        PeerState::Removed => ("Removed", "grey"),
        PeerState::OutOfTerm => ("Out of term", "orange"),
    }
}

/// A peer in a few lines.
pub(super) fn line(ctx: &Ctx, view: &PeerView) -> PeerLine {
    let (peer, health) = (&view.peer, &view.health);
    let (state, colour) = state_words(peer.state);
    let at = |at: Option<i64>| at.map(|at| moment(Timestamp::from_millis(at)));
    PeerLine {
        host: peer.authority.to_string(),
        department: peer.department.clone(),
        url: path_of(&peer.authority),
        state: state.to_owned(),
        colour,
        ceiling: ctx.settings.scheme.name(peer.ceiling).to_owned(),
        services: peer.grant.services.to_string(),
        waiting: match number(view.pending) {
            0 => "Nothing waits".to_owned(),
            1 => "1 activity waits".to_owned(),
            many => format!("{} wait", count(many, "activity", "activities")),
        },
        oldest: view.oldest_pending_at.map(moment),
        last_success: at(health.last_success_at),
        last_failure: at(health.last_failure_at),
    }
}

/// A peer's terms, those that are given.
pub(super) fn terms(ctx: &Ctx, peer: &Peer, listed: Option<&(Node, Terms)>) -> Vec<(String, String)> {
    let scheme = &ctx.settings.scheme;
    let when = |at: Option<Timestamp>| at.map(|at| moment(at).words).unwrap_or_default();
    let mut terms = vec![
        pair("Department", peer.department.clone()),
        pair("Handles end in", peer.account_domain.to_string()),
        pair("Ceiling", scheme.name(peer.ceiling)),
        pair("Posts without a marking count as", scheme.name(peer.default_marking)),
        pair("Services", peer.grant.services.to_string()),
        pair("Allowed from", when(peer.grant.valid_from)),
        pair("Allowed until", when(peer.grant.valid_until)),
        pair("Contact", peer.contact.clone()),
        pair("Note", peer.note.clone()),
    ];
    if let Some((_, listed)) = listed {
        terms.push(pair("Registry", registry(ctx, listed)));
    }
    terms.retain(|(_, words)| !words.is_empty());
    terms
}

/// What the registry says of a peer.
pub(super) fn registry(ctx: &Ctx, listed: &Terms) -> String {
    let (name, ceiling) = (&ctx.settings.registry.name, ctx.settings.scheme.name(listed.ceiling));
    let until = listed.grant.valid_until.map(|at| format!(", until {}", moment(at).words)).unwrap_or_default();
    format!("{name} allows it up to {ceiling}, for {}{until}", listed.grant.services)
}

/// A pinned key.
pub(super) fn key(key: &PinnedKey) -> String {
    let until = key.valid_until.map(|at| format!(", until {}", moment(at).words)).unwrap_or_default();
    format!("{} {}{until}", key.algorithm, key.fingerprint)
}

/// How delivery stands.
pub(super) fn delivery(view: &PeerView) -> Vec<(String, String)> {
    let health = &view.health;
    let mut facts = vec![
        pair("Software", health.software.clone().unwrap_or_default()),
        pair("Failures in a row", if health.failures > 0 { health.failures.to_string() } else { String::new() }),
        pair(
            "Left alone until",
            health.closed_until.map(|at| moment(Timestamp::from_millis(at)).words).unwrap_or_default(),
        ),
        pair("Last error", health.last_error.clone().unwrap_or_default()),
    ];
    facts.retain(|(_, words)| !words.is_empty());
    facts
}

/// What is held of a peer.
pub(super) fn held(preview: &Preview, left: Left) -> Vec<(String, String)> {
    let mut facts = vec![
        pair("People", count(number(left.people), "person", "people")),
        pair("Posts", count(number(left.posts), "post", "posts")),
        pair("Follows", count(number(preview.follows), "follow", "follows")),
        pair("Connections", count(number(preview.connections), "connection", "connections")),
        pair("Groups", format!("{} in {}", memberships(preview), groups(preview))),
    ];
    if left.held > 0 {
        facts.push(pair("Kept by a hold", format!("{} posts and people", left.held)));
    }
    facts
}

fn memberships(preview: &Preview) -> String {
    count(number(preview.memberships), "membership", "memberships")
}

fn groups(preview: &Preview) -> String {
    count(number(preview.groups), "group", "groups")
}

/// What a removal would do.
pub(super) fn removal(preview: &Preview) -> Vec<String> {
    let plural = |count: i64, one: &'static str, many: &'static str| if count == 1 { one } else { many };
    vec![
        format!(
            "{} and {} between here and there are cut, and stay cut if you allow it again",
            count(number(preview.follows), "follow", "follows"),
            count(number(preview.connections), "connection", "connections"),
        ),
        format!(
            "{} and {} held from it are hidden here",
            count(number(preview.posts), "post", "posts"),
            count(number(preview.people), "person", "people"),
        ),
        format!("{} in {} are affected", memberships(preview), groups(preview)),
        format!(
            "{} for it {} dropped",
            count(number(preview.waiting), "waiting activity", "waiting activities"),
            plural(preview.waiting, "is", "are"),
        ),
    ]
}

/// What is destroyed by a purge.
pub(super) fn purge(left: Left) -> Vec<String> {
    let mut effects = vec![
        format!("{} held from it, with pictures and files, destroyed", count(number(left.posts), "post", "posts")),
        format!("{} of it that are known here, destroyed", count(number(left.people), "person", "people")),
    ];
    if left.held > 0 {
        effects.push(format!("{} posts and people are kept by a hold, and stay", left.held));
    }
    effects
}

/// What allowing a peer on these terms would do.
pub(super) fn allowance(allowance: &Allowance, scheme: &MarkingScheme) -> Vec<String> {
    let (preview, after) = (&allowance.preview, &allowance.after);
    let (posts, people) = (number(preview.posts), number(preview.people));
    let mut effects = Vec::new();
    match allowance.before.as_ref().map(|peer| peer.state) {
        None => effects.extend([
            "It is new: nothing is held from it.".to_owned(),
            format!(
                "What is marked up to {} may go there and come from there, for {}.",
                scheme.name(after.ceiling),
                after.grant.services
            ),
            "It is known by the keys that it shows at first contact. Compare them with its administrators.".to_owned(),
        ]),
        Some(PeerState::Removed) => effects.extend([
            format!(
                "{} and {} held from it are shown again.",
                count(posts, "post", "posts"),
                count(people, "person", "people")
            ),
            "Follows that were cut stay cut, and what was dropped is not sent.".to_owned(),
        ]),
        Some(PeerState::Suspended) => {
            effects.push(
                "It is suspended. With these terms it is allowed again, and what waits for it is sent.".to_owned(),
            );
        }
        Some(PeerState::OutOfTerm | PeerState::Allowed) => {}
    }
    if let Some(before) = &allowance.before {
        effects.extend(narrowing(allowance, before, scheme));
    }
    effects
}

fn narrowing(allowance: &Allowance, before: &Peer, scheme: &MarkingScheme) -> Vec<String> {
    let (preview, after, lost) = (&allowance.preview, &allowance.after, allowance.services_lost());
    let mut effects = Vec::new();
    if after.ceiling < before.ceiling {
        let (was, becomes) = (scheme.name(before.ceiling), scheme.name(after.ceiling));
        effects.push(format!("The ceiling falls from {was} to {becomes}."));
        let (posts, waiting) = (number(preview.posts_above_ceiling), number(preview.waiting_above_ceiling));
        effects.push(format!("{} held from it above that: they stay.", count(posts, "post", "posts")));
        effects
            .push(format!("{} for it above that: not sent.", count(waiting, "waiting activity", "waiting activities")));
    }
    if lost != Services::NONE {
        effects.push(format!("It is no longer used for {lost}."));
    }
    if after.account_domain != before.account_domain {
        let (was, becomes) = (&before.account_domain, &after.account_domain);
        effects.push(format!("The handles of its people end in {becomes}, no longer in {was}."));
    }
    effects
}

/// Something that was done about a peer.
pub(super) fn act(scheme: &MarkingScheme, entry: &HistoryEntry) -> PeerAct {
    let at = chrono::DateTime::parse_from_rfc3339(&entry.at).map(|at| Moment::new(at.to_utc())).unwrap_or_default();
    let did = match entry.action.as_str() {
        "peer.allow" => "Terms set",
        "peer.change" => "Terms changed",
        "peer.readmit" => "Allowed again",
        "peer.remove" => "Removed",
        "peer.suspend" => "Suspended",
        "peer.resume" => "Resumed",
        "peer.purge" => "What was held destroyed",
        "peer.pin" => "Keys pinned",
        "peer.repin" => "Other keys pinned",
        "peer.term_begin" => "Term began",
        "peer.term_end" => "Term ended",
        other => other,
    };
    let who = match entry.who.split_once(':') {
        Some(("person", name)) => name.to_owned(),
        Some(("command-line", user)) => format!("{user}, on the command line"),
        _ => entry.who.clone(),
    };
    let details: Vec<String> =
        entry.particulars(scheme).into_iter().map(|(name, words)| format!("{name}: {words}")).collect();
    PeerAct { at, did: did.to_owned(), who, detail: details.join("; ") }
}
