//! From a registry and the allow-list to what has to change: never looser than the registry, never looser than what an
//! administrator of this node decided.

use super::{Document, Invalid, Node};
use crate::{Authority, Grant, Marking, MarkingScheme, Peer, PeerId, PeerState, Services, Timestamp};

/// How a peer and the registry stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The registry's ceiling when it was last applied.
    pub ceiling: Marking,
    /// The registry's services when it was last applied.
    pub services: Services,
    /// The administrator's own, lower ceiling.
    pub own_ceiling: Option<Marking>,
    /// The administrator's own, fewer services.
    pub own_services: Option<Services>,
    /// It was the registry that took the peer off the list, so the registry may bring it back.
    pub removed_by_registry: bool,
}

/// A peer as this node holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The peer.
    pub peer: Peer,
    /// How it stands to the registry; `None` when no registry was ever applied to it.
    pub link: Option<Link>,
}

/// What the registry allows for a node, in this node's own terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// The highest marking.
    pub ceiling: Marking,
    /// Services and dates.
    pub grant: Grant,
}

impl Terms {
    /// What a document allows for one of its nodes.
    ///
    /// # Errors
    /// When the ceiling is not a marking of this node's scheme.
    pub fn of(document: &Document, node: &Node, scheme: &MarkingScheme) -> Result<Self, Invalid> {
        let ceiling =
            scheme.parse(&node.ceiling).map_err(|error| Invalid::Node(node.authority.clone(), error.to_string()))?;
        let (from, until) = document.term_of(node);
        let grant = Grant { services: node.services(), valid_from: Some(from), valid_until: Some(until) };
        Ok(Self { ceiling, grant })
    }
}

/// What happens to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// It is new.
    Allow,
    /// The registry took it off the list and brings it back.
    Readmit,
    /// Its terms change.
    Change,
    /// It goes off the list.
    Remove,
}

impl Act {
    /// The word on screen.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Readmit => "allow again",
            Self::Change => "change",
            Self::Remove => "remove",
        }
    }
}

/// One step from the allow-list as it is to the registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What happens.
    pub act: Act,
    /// The peer as it is; `None` for a new one.
    pub before: Option<Peer>,
    /// The peer as it becomes. A new one has no number yet.
    pub after: Peer,
    /// How it then stands to the registry.
    pub link: Option<Link>,
    /// Where this node stays stricter than the registry, in words.
    pub stricter: Vec<String>,
}

/// What has to change so that the allow-list is what the registry says. `required`: who is not in the registry goes.
///
/// # Errors
/// When a ceiling is not a marking of this node's scheme.
pub fn plan(
    document: &Document,
    held: &[Held],
    own: &Authority,
    scheme: &MarkingScheme,
    required: bool,
    now: Timestamp,
) -> Result<Vec<Change>, Invalid> {
    let mut changes = Vec::new();
    for node in document.nodes.iter().filter(|node| node.authority != *own) {
        let terms = Terms::of(document, node, scheme)?;
        let before = held.iter().find(|held| held.peer.authority == node.authority);
        let change = change_of(node, &terms, before, scheme, now);
        if before.is_none_or(|held| held.peer != change.after || held.link != change.link) {
            changes.push(change);
        }
    }
    for gone in held.iter().filter(|held| document.node(&held.peer.authority).is_none()) {
        if gone.peer.state != PeerState::Removed && (gone.link.is_some() || required) {
            let after = Peer { state: PeerState::Removed, ..gone.peer.clone() };
            let nothing = Link {
                ceiling: gone.peer.ceiling,
                services: gone.peer.grant.services,
                own_ceiling: None,
                own_services: None,
                removed_by_registry: true,
            };
            // Who was suspended here stays so: coming back by the registry would be looser than what was decided.
            let by_registry = gone.peer.state != PeerState::Suspended;
            let link = Link { removed_by_registry: by_registry, ..gone.link.unwrap_or(nothing) };
            changes.push(Change {
                act: Act::Remove,
                before: Some(gone.peer.clone()),
                after,
                link: Some(link),
                stricter: Vec::new(),
            });
        }
    }
    // What closes doors comes first.
    changes.sort_by_key(|change| change.act != Act::Remove);
    Ok(changes)
}

fn change_of(node: &Node, terms: &Terms, held: Option<&Held>, scheme: &MarkingScheme, now: Timestamp) -> Change {
    let link = link_of(terms, held);
    let ceiling = link.own_ceiling.map_or(terms.ceiling, |own| own.min(terms.ceiling));
    let services = link.own_services.map_or(terms.grant.services, |own| own.and(terms.grant.services));
    let grant = Grant { services, ..terms.grant };
    let before = held.map(|held| &held.peer);
    let was_removed_here = held.is_some_and(|held| !held.link.is_some_and(|link| link.removed_by_registry));
    let state = match before.map(|peer| peer.state) {
        Some(PeerState::Removed) if was_removed_here => PeerState::Removed,
        Some(PeerState::Suspended) => PeerState::Suspended,
        _ => grant.state_at(PeerState::Allowed, now),
    };
    let mut stricter = Vec::new();
    if state == PeerState::Removed || state == PeerState::Suspended {
        stricter.push(format!("stays {} here", state.word()));
    }
    if ceiling < terms.ceiling {
        stricter.push(format!("stays at {} here, below the registry's {}", scheme.name(ceiling), node.ceiling));
    }
    if services != terms.grant.services {
        stricter.push(format!("stays allowed for {services} alone here"));
    }
    let default_marking = before.map_or_else(|| scheme.default_marking(), |peer| peer.default_marking);
    let after = Peer {
        id: before.map_or(PeerId::new(0), |peer| peer.id),
        authority: node.authority.clone(),
        account_domain: node.account_domain.clone(),
        state,
        ceiling,
        default_marking: default_marking.min(ceiling),
        department: node.department.clone(),
        note: before.map_or_else(String::new, |peer| peer.note.clone()),
        contact: node.contact.clone(),
        grant,
    };
    let act = match before.map(|peer| peer.state) {
        None => Act::Allow,
        Some(PeerState::Removed) if state != PeerState::Removed => Act::Readmit,
        Some(_) => Act::Change,
    };
    let link = Link { removed_by_registry: false, ..link };
    Change { act, before: before.cloned(), after, link: Some(link), stricter }
}

/// What was allowed by hand before the registry came counts as the administrator's own choice where it is stricter.
fn link_of(terms: &Terms, held: Option<&Held>) -> Link {
    let fresh = Link {
        ceiling: terms.ceiling,
        services: terms.grant.services,
        own_ceiling: None,
        own_services: None,
        removed_by_registry: false,
    };
    match held {
        None => fresh,
        Some(Held { link: Some(link), .. }) => Link { ceiling: terms.ceiling, services: terms.grant.services, ..*link },
        Some(Held { peer, link: None }) => Link {
            own_ceiling: Some(peer.ceiling).filter(|own| *own < terms.ceiling),
            own_services: Some(peer.grant.services).filter(|own| own.and(terms.grant.services) != terms.grant.services),
            ..fresh
        },
    }
}
