//! Policy: which host may do what at which door, always with a reason.
//!
//! The allow-list is default-deny: a host without a record is refused, and there is no setting
//! that turns this off.

use crate::peer::{Peer, PeerState, Service};
use crate::{Audience, Authority, Marking};

/// A place where a host asks for something, or is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Door {
    /// It posts an activity to an inbox here.
    Inbox,
    /// It reads an ActivityPub resource here.
    SignedGet,
    /// A handle is looked up: by it here, or by us there.
    WebFinger,
    /// It reads media here.
    Media,
    /// We read a resource there.
    Fetch,
    /// We are sent on to it by another host.
    Redirect,
    /// One of our people names someone there.
    Mention,
    /// We hand an activity to it.
    Delivery,
}

impl Door {
    /// All doors: tests and matrices walk them.
    pub const ALL: [Self; 8] = [
        Self::Inbox,
        Self::SignedGet,
        Self::WebFinger,
        Self::Media,
        Self::Fetch,
        Self::Redirect,
        Self::Mention,
        Self::Delivery,
    ];

    /// Whether a host is known here by the domain in its people's handles too. At every other door it must be the
    /// peer's federation address: another host that only answers WebFinger speaks for nobody.
    #[must_use]
    pub const fn takes_handles(self) -> bool {
        matches!(self, Self::WebFinger | Self::Mention)
    }

    /// The word used in logs and the audit.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::SignedGet => "signed-get",
            Self::WebFinger => "webfinger",
            Self::Media => "media",
            Self::Fetch => "fetch",
            Self::Redirect => "redirect",
            Self::Mention => "mention",
            Self::Delivery => "delivery",
        }
    }
}

/// Why a host was turned away, or a post was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The host is this node itself.
    #[error("{0} is this node itself, not a peer")]
    Ourselves(Authority),
    /// The host was never allowed.
    #[error("{0} is not an allowed peer")]
    NotListed(Authority),
    /// The host is held.
    #[error("{0} is suspended by an administrator")]
    Suspended(Authority),
    /// The host was taken off the list.
    #[error("{0} was removed from the allow-list")]
    Removed(Authority),
    /// The host is allowed for other dates.
    #[error("{0} is outside the dates for which it is allowed")]
    OutOfTerm(Authority),
    /// The host is allowed for other things.
    #[error("{0} is not allowed for {word}", word = .1.word())]
    NotServed(Authority, Service),
    /// A post's marking is above the peer's ceiling.
    #[error("the marking is above the ceiling of {0}")]
    AboveCeiling(Authority),
}

impl Refusal {
    /// A stable reason code for logs, audit and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Ourselves(_) => "ourselves",
            Self::NotListed(_) => "not-listed",
            Self::Suspended(_) => "peer-suspended",
            Self::Removed(_) => "peer-removed",
            Self::OutOfTerm(_) => "peer-out-of-term",
            Self::NotServed(..) => "service-not-allowed",
            Self::AboveCeiling(_) => "above-ceiling",
        }
    }
}

/// May `host` pass this door? `peer` is what the allow-list has under that name, if anything.
///
/// # Errors
/// With the reason, when it may not.
pub fn may_pass(door: Door, own: &Authority, host: &Authority, peer: Option<&Peer>) -> Result<(), Refusal> {
    if host == own {
        return Err(Refusal::Ourselves(host.clone()));
    }
    let is_it = |peer: &&Peer| peer.authority == *host || (door.takes_handles() && peer.account_domain == *host);
    match peer.filter(is_it).map(|peer| peer.state) {
        Some(PeerState::Allowed) => Ok(()),
        Some(PeerState::Suspended) => Err(Refusal::Suspended(host.clone())),
        Some(PeerState::Removed) => Err(Refusal::Removed(host.clone())),
        Some(PeerState::OutOfTerm) => Err(Refusal::OutOfTerm(host.clone())),
        None => Err(Refusal::NotListed(host.clone())),
    }
}

/// May something of this service go to `peer`, or come from it?
///
/// # Errors
/// When the peer is not allowed for it.
pub fn may_use(peer: &Peer, service: Service) -> Result<(), Refusal> {
    if peer.grant.services.has(service) { Ok(()) } else { Err(Refusal::NotServed(peer.authority.clone(), service)) }
}

/// The service that a post of this audience belongs to.
#[must_use]
pub fn service_of_post(audience: Audience) -> Service {
    if audience == Audience::Group { Service::Groups } else { Service::Posts }
}

/// The service that an activity belongs to by its type alone; what depends on its object is asked where that is known.
#[must_use]
pub fn service_of(kind: &str) -> Option<Service> {
    match kind {
        "Like" | "Offer" => Some(Service::Posts),
        "Move" => Some(Service::Moves),
        _ => None,
    }
}

/// The marking under which a post from `peer` is taken in: its own, or the peer's default when it has none.
///
/// # Errors
/// When that lies above the peer's ceiling.
pub fn accept_marking(peer: &Peer, stated: Option<Marking>) -> Result<Marking, Refusal> {
    let marking = stated.unwrap_or(peer.default_marking);
    if marking > peer.ceiling {
        return Err(Refusal::AboveCeiling(peer.authority.clone()));
    }
    Ok(marking)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;
    use crate::PeerId;

    fn peer(authority: &str, state: PeerState) -> Peer {
        Peer {
            id: PeerId::new(1),
            authority: Authority::parse(authority).unwrap(),
            account_domain: Authority::parse(authority).unwrap(),
            state,
            ceiling: Marking::from_rank(1),
            default_marking: Marking::LOWEST,
            department: String::new(),
            note: String::new(),
            contact: String::new(),
            grant: crate::Grant::default(),
        }
    }

    #[test]
    fn a_peer_is_used_for_what_it_is_allowed_for() {
        let mut held = peer("a.gov", PeerState::Allowed);
        for service in Service::ALL {
            assert_eq!(may_use(&held, service), Ok(()));
        }
        held.grant.services = [Service::Groups].into_iter().collect();
        assert_eq!(may_use(&held, Service::Groups), Ok(()));
        assert_eq!(may_use(&held, Service::Posts).unwrap_err().code(), "service-not-allowed");
        assert_eq!(code("us.gov", "a.gov", Some(&peer("a.gov", PeerState::OutOfTerm))), "peer-out-of-term");
    }

    fn code(own: &str, host: &str, peer: Option<&Peer>) -> &'static str {
        let (own, host) = (Authority::parse(own).unwrap(), Authority::parse(host).unwrap());
        let verdicts: Vec<_> = Door::ALL.iter().map(|door| may_pass(*door, &own, &host, peer)).collect();
        assert!(verdicts.windows(2).all(|pair| pair.first() == pair.last()), "the doors disagree");
        match verdicts.first().unwrap() {
            Ok(()) => "ok",
            Err(refusal) => refusal.code(),
        }
    }

    #[test]
    fn the_default_is_deny_at_every_door() {
        let allowed = peer("a.gov", PeerState::Allowed);
        assert_eq!(code("us.gov", "a.gov", Some(&allowed)), "ok");
        assert_eq!(code("us.gov", "a.gov", None), "not-listed");
        assert_eq!(code("us.gov", "us.gov", Some(&allowed)), "ourselves");
        assert_eq!(code("us.gov", "a.gov", Some(&peer("a.gov", PeerState::Suspended))), "peer-suspended");
        assert_eq!(code("us.gov", "a.gov", Some(&peer("a.gov", PeerState::Removed))), "peer-removed");
    }

    #[test]
    fn a_neighbouring_name_or_port_is_another_host() {
        let allowed = peer("a.gov", PeerState::Allowed);
        for stranger in ["evil-a.gov", "x.a.gov", "a.gov.evil", "a.gov:8443", "gov"] {
            // Even if a careless look-up hands in the wrong record, the record's own name decides.
            assert_eq!(code("us.gov", stranger, Some(&allowed)), "not-listed", "{stranger}");
        }
        assert_eq!(code("us.gov", "A.GOV:443", Some(&allowed)), "ok");
    }

    #[test]
    fn the_domain_of_handles_passes_where_handles_are_looked_up_and_nowhere_else() {
        let (own, domain) = (Authority::parse("us.gov").unwrap(), Authority::parse("a.gov").unwrap());
        for (state, at_handles) in
            [(PeerState::Allowed, "ok"), (PeerState::Suspended, "peer-suspended"), (PeerState::Removed, "peer-removed")]
        {
            let listed = Peer { account_domain: domain.clone(), ..peer("node.a.gov", state) };
            for door in Door::ALL {
                let verdict = may_pass(door, &own, &domain, Some(&listed)).map_or_else(|no| no.code(), |()| "ok");
                let expected = match door {
                    Door::WebFinger | Door::Mention => at_handles,
                    _ => "not-listed",
                };
                assert_eq!(verdict, expected, "{door:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn an_accepted_marking_is_never_above_the_ceiling(ceiling in 0_i16..4, default in 0_i16..4, stated in prop::option::of(0_i16..4)) {
            let peer = Peer {
                ceiling: Marking::from_rank(ceiling),
                default_marking: Marking::from_rank(default),
                ..peer("a.gov", PeerState::Allowed)
            };
            let verdict = accept_marking(&peer, stated.map(Marking::from_rank));
            let counted = stated.unwrap_or(default);
            prop_assert_eq!(verdict.is_ok(), counted <= ceiling);
            if let Ok(marking) = verdict {
                prop_assert_eq!(marking.rank(), counted);
            }
        }
    }
}
