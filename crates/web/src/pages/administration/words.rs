//! Peers, their terms and what was done about them, in words.

use corridor_app::peers::{Allowance, HistoryEntry, Left, PeerView, Preview};
use corridor_app::pins::PinnedKey;
use corridor_domain::registry::{Node, Terms};
use corridor_domain::{MarkingScheme, Peer, PeerState, Services, Timestamp};

use super::path_of;
use crate::refused::services;
use crate::session::Visit;
use crate::show::moment;
use crate::views::{Moment, PeerAct, PeerLine};
use crate::words::{Key, Language, Said, key};

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

fn counted(count: i64, words: Key, language: Language) -> Said {
    language.say_key(words).count("n", number(count))
}

/// What is told of a peer: names and words.
struct Facts {
    language: Language,
    pairs: Vec<(String, String)>,
}

impl Facts {
    fn new(language: Language) -> Self {
        Self { language, pairs: Vec::new() }
    }

    /// Adds a fact, unless nothing is known.
    fn add(&mut self, name: Key, words: impl Into<String>) {
        let words = words.into();
        if !words.is_empty() {
            self.pairs.push((self.language.say_key(name).into(), words));
        }
    }
}

/// What an act left behind, by the word in the address after it.
pub(super) fn done(word: &str) -> Option<Key> {
    Some(match word {
        "allowed" => key("done-allowed"),
        "suspended" => key("done-suspended"),
        "resumed" => key("done-resumed"),
        "removed" => key("done-removed"),
        "purged" => key("done-purged"),
        "purging" => key("done-purging"),
        _ => return None,
    })
}

const fn state_words(state: PeerState) -> (Key, &'static str) {
    match state {
        PeerState::Allowed => (key("state-allowed"), "green"),
        PeerState::Suspended => (key("state-suspended"), "yellow"),
        PeerState::Removed => (key("state-removed"), "grey"),
        PeerState::OutOfTerm => (key("state-out-of-term"), "orange"),
    }
}

/// A peer in a few lines.
pub(super) fn line(visit: &Visit, view: &PeerView) -> PeerLine {
    let (peer, health, language) = (&view.peer, &view.health, visit.language);
    let (state, colour) = state_words(peer.state);
    let at = |at: Option<i64>| at.map(|at| moment(Timestamp::from_millis(at), language));
    PeerLine {
        host: peer.authority.to_string(),
        department: peer.department.clone(),
        url: path_of(&peer.authority),
        state: language.say_key(state).into(),
        colour,
        ceiling: visit.ctx().settings.scheme.name(peer.ceiling).to_owned(),
        services: services(peer.grant.services, language),
        waiting: match number(view.pending) {
            0 => language.say("nothing-waits").into(),
            some => language.say("count-activities-wait").count("n", some).into(),
        },
        oldest: view.oldest_pending_at.map(|at| moment(at, language)),
        last_success: at(health.last_success_at),
        last_failure: at(health.last_failure_at),
    }
}

/// A peer's terms, those that are given.
pub(super) fn terms(visit: &Visit, peer: &Peer, listed: Option<&(Node, Terms)>) -> Vec<(String, String)> {
    let (scheme, language) = (&visit.ctx().settings.scheme, visit.language);
    let when = |at: Option<Timestamp>| at.map(|at| moment(at, language).words).unwrap_or_default();
    let mut facts = Facts::new(language);
    facts.add(key("fact-department"), peer.department.clone());
    facts.add(key("fact-handles"), peer.account_domain.to_string());
    facts.add(key("fact-ceiling"), scheme.name(peer.ceiling));
    facts.add(key("fact-default"), scheme.name(peer.default_marking));
    facts.add(key("fact-services"), services(peer.grant.services, language));
    facts.add(key("fact-from"), when(peer.grant.valid_from));
    facts.add(key("fact-until"), when(peer.grant.valid_until));
    facts.add(key("fact-contact"), peer.contact.clone());
    facts.add(key("fact-note"), peer.note.clone());
    if let Some((_, listed)) = listed {
        facts.add(key("fact-registry"), registry(visit, listed));
    }
    facts.pairs
}

/// What the registry says of a peer.
pub(super) fn registry(visit: &Visit, listed: &Terms) -> String {
    let settings = &visit.ctx().settings;
    let words = match listed.grant.valid_until {
        Some(until) => visit.say("registry-allows-until").with("until", moment(until, visit.language).words),
        None => visit.say("registry-allows"),
    };
    words
        .with("name", &settings.registry.name)
        .with("ceiling", settings.scheme.name(listed.ceiling))
        .with("services", services(listed.grant.services, visit.language))
        .into()
}

/// A pinned key.
pub(super) fn pinned(key: &PinnedKey, language: Language) -> String {
    let words = format!("{} {}", key.algorithm, key.fingerprint);
    match key.valid_until {
        Some(until) => language.say("key-until").with("key", words).with("until", moment(until, language).words).into(),
        None => words,
    }
}

/// How delivery stands.
pub(super) fn delivery(view: &PeerView, language: Language) -> Vec<(String, String)> {
    let health = &view.health;
    let mut facts = Facts::new(language);
    facts.add(key("fact-software"), health.software.clone().unwrap_or_default());
    facts.add(key("fact-failures"), if health.failures > 0 { health.failures.to_string() } else { String::new() });
    let closed = health.closed_until.map(|at| moment(Timestamp::from_millis(at), language).words);
    facts.add(key("fact-left-alone"), closed.unwrap_or_default());
    facts.add(key("fact-last-error"), health.last_error.clone().unwrap_or_default());
    facts.pairs
}

/// What is held of a peer.
pub(super) fn held(preview: &Preview, left: Left, language: Language) -> Vec<(String, String)> {
    let mut facts = Facts::new(language);
    facts.add(key("fact-people"), counted(left.people, key("count-people"), language));
    facts.add(key("fact-posts"), counted(left.posts, key("count-posts"), language));
    facts.add(key("fact-follows"), counted(preview.follows, key("count-follows"), language));
    facts.add(key("fact-connections"), counted(preview.connections, key("count-connections"), language));
    facts.add(key("fact-groups"), memberships(preview, language.say("memberships-in-groups"), language));
    if left.held > 0 {
        facts.add(key("fact-kept"), language.say("posts-and-people").with("n", left.held));
    }
    facts.pairs
}

fn memberships(preview: &Preview, words: Said, language: Language) -> Said {
    words
        .with("memberships", counted(preview.memberships, key("count-memberships"), language))
        .with("groups", counted(preview.groups, key("count-groups"), language))
}

/// What a removal would do.
pub(super) fn removal(preview: &Preview, language: Language) -> Vec<String> {
    let cut = language
        .say("removal-cut")
        .with("follows", counted(preview.follows, key("count-follows"), language))
        .with("connections", counted(preview.connections, key("count-connections"), language));
    let hidden = language
        .say("removal-hidden")
        .with("posts", counted(preview.posts, key("count-posts"), language))
        .with("people", counted(preview.people, key("count-people"), language));
    vec![
        cut.into(),
        hidden.into(),
        memberships(preview, language.say("removal-memberships"), language).into(),
        counted(preview.waiting, key("removal-dropped"), language).into(),
    ]
}

/// What is destroyed by a purge.
pub(super) fn purge(left: Left, language: Language) -> Vec<String> {
    let (posts, people) =
        (counted(left.posts, key("count-posts"), language), counted(left.people, key("count-people"), language));
    let mut effects = vec![
        language.say("purge-posts").with("posts", posts).into(),
        language.say("purge-people").with("people", people).into(),
    ];
    if left.held > 0 {
        effects.push(language.say("purge-held").with("n", left.held).into());
    }
    effects
}

/// What allowing a peer on these terms would do.
pub(super) fn allowance(allowance: &Allowance, scheme: &MarkingScheme, language: Language) -> Vec<String> {
    let (preview, after) = (&allowance.preview, &allowance.after);
    let mut effects: Vec<String> = Vec::new();
    match allowance.before.as_ref().map(|peer| peer.state) {
        None => {
            let up_to = language
                .say("allowance-up-to")
                .with("ceiling", scheme.name(after.ceiling))
                .with("services", services(after.grant.services, language));
            effects.push(language.say("allowance-new").into());
            effects.push(up_to.into());
            effects.push(language.say("allowance-keys").into());
        }
        Some(PeerState::Removed) => {
            let shown = language
                .say("allowance-shown")
                .with("posts", counted(preview.posts, key("count-posts"), language))
                .with("people", counted(preview.people, key("count-people"), language));
            effects.push(shown.into());
            effects.push(language.say("allowance-cut").into());
        }
        Some(PeerState::Suspended) => effects.push(language.say("allowance-suspended").into()),
        Some(PeerState::OutOfTerm | PeerState::Allowed) => {}
    }
    if let Some(before) = &allowance.before {
        effects.extend(narrowing(allowance, before, scheme, language));
    }
    effects
}

fn narrowing(allowance: &Allowance, before: &Peer, scheme: &MarkingScheme, language: Language) -> Vec<String> {
    let (preview, after, lost) = (&allowance.preview, &allowance.after, allowance.services_lost());
    let mut effects: Vec<String> = Vec::new();
    if after.ceiling < before.ceiling {
        let falls = language
            .say("narrowing-ceiling")
            .with("was", scheme.name(before.ceiling))
            .with("becomes", scheme.name(after.ceiling));
        let posts = counted(preview.posts_above_ceiling, key("count-posts"), language);
        let waiting = counted(preview.waiting_above_ceiling, key("count-waiting"), language);
        effects.push(falls.into());
        effects.push(language.say("narrowing-posts").with("posts", posts).into());
        effects.push(language.say("narrowing-waiting").with("waiting", waiting).into());
    }
    if lost != Services::NONE {
        effects.push(language.say("narrowing-services").with("services", services(lost, language)).into());
    }
    if after.account_domain != before.account_domain {
        let (was, becomes) = (&before.account_domain, &after.account_domain);
        effects.push(language.say("narrowing-domain").with("was", was).with("becomes", becomes).into());
    }
    effects
}

/// Something that was done about a peer. Its particulars are those of the audit, in English.
pub(super) fn act(scheme: &MarkingScheme, entry: &HistoryEntry, language: Language) -> PeerAct {
    let at = chrono::DateTime::parse_from_rfc3339(&entry.at);
    let at = at.map(|at| Moment::new(at.to_utc(), language)).unwrap_or_default();
    let did = match entry.action.as_str() {
        "peer.allow" => Some(key("did-allow")),
        "peer.change" => Some(key("did-change")),
        "peer.readmit" => Some(key("did-readmit")),
        "peer.remove" => Some(key("did-remove")),
        "peer.suspend" => Some(key("did-suspend")),
        "peer.resume" => Some(key("did-resume")),
        "peer.purge" => Some(key("did-purge")),
        "peer.pin" => Some(key("did-pin")),
        "peer.repin" => Some(key("did-repin")),
        "peer.term_begin" => Some(key("did-term-begin")),
        "peer.term_end" => Some(key("did-term-end")),
        _ => None,
    };
    let who = match entry.who.split_once(':') {
        Some(("person", name)) => name.to_owned(),
        Some(("command-line", user)) => language.say("on-command-line").with("user", user).into(),
        _ => entry.who.clone(),
    };
    let details: Vec<String> =
        entry.particulars(scheme).into_iter().map(|(name, words)| format!("{name}: {words}")).collect();
    let did = did.map_or_else(|| entry.action.clone(), |did| language.say_key(did).into());
    PeerAct { at, did, who, detail: details.join("; ") }
}
