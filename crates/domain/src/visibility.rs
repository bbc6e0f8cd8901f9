//! Visibility: who may read which post, and what may leave to which peer.
//!
//! The one SQL predicate in the store mirrors [`may_read`] and [`may_leave`]; a property test
//! there holds the two together.

use crate::peer::PeerState;
use crate::{ActorId, Audience, Marking, PeerId};

/// What visibility needs to know of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostFacts {
    /// Who wrote it.
    pub author: ActorId,
    /// Whom it is for.
    pub audience: Audience,
    /// How it is marked.
    pub marking: Marking,
    /// Deleted: hidden from every reader at once, its content destroyed later.
    pub deleted: bool,
    /// The author is suspended or gone.
    pub author_hidden: bool,
    /// The peer it came from and whether that is allowed now; `None` when it was written here.
    pub origin: Option<(PeerId, PeerState)>,
}

/// What visibility needs to know of a person of this node who reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReaderFacts {
    /// Who reads.
    pub reader: ActorId,
    /// They follow the author, and it was accepted.
    pub follows_author: bool,
    /// They are named in the post, or it is addressed to them.
    pub is_recipient: bool,
    /// They are a member of the post's group, or it is open.
    pub is_member: bool,
    /// The author has blocked them.
    pub is_blocked: bool,
}

/// What visibility needs to know of a peer that a post would go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerFacts {
    /// Which peer.
    pub peer: PeerId,
    /// Whether it is allowed now.
    pub state: PeerState,
    /// The highest marking it may receive.
    pub ceiling: Marking,
    /// Someone there follows the author, and it was accepted.
    pub has_follower: bool,
    /// Someone there is named in the post.
    pub has_recipient: bool,
    /// Someone there is a member of the post's group, it is the group's home, or the group is open.
    pub has_member: bool,
}

/// Why a post does not leave to a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Withheld {
    /// It was deleted, or its author is hidden.
    #[error("the post is gone")]
    Gone,
    /// It came from another node, which alone may hand it on.
    #[error("the post belongs to another node")]
    NotOurs,
    /// It is for the department.
    #[error("a department post never leaves the node")]
    Department,
    /// The peer is suspended or removed.
    #[error("the peer is not allowed")]
    PeerNotAllowed,
    /// The peer is allowed for other things.
    #[error("the peer is not allowed for this service")]
    NotServed,
    /// The marking is above the peer's ceiling.
    #[error("the marking is above the peer's ceiling")]
    AboveCeiling,
    /// Nobody there is in the audience.
    #[error("nobody on that peer is in the audience")]
    NoReaderThere,
}

impl Withheld {
    /// A stable reason code for logs, audit and tests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Gone => "gone",
            Self::NotOurs => "not-ours",
            Self::Department => "department-only",
            Self::PeerNotAllowed => "peer-not-allowed",
            Self::NotServed => "service-not-allowed",
            Self::AboveCeiling => "above-ceiling",
            Self::NoReaderThere => "no-reader-there",
        }
    }
}

/// May this person of our node read this post?
#[must_use]
pub fn may_read(post: &PostFacts, reader: &ReaderFacts) -> bool {
    if post.deleted || post.author_hidden {
        return false;
    }
    if let Some((_, state)) = post.origin
        && state != PeerState::Allowed
    {
        return false;
    }
    if post.author == reader.reader {
        return true;
    }
    if reader.is_blocked {
        return false;
    }
    match post.audience {
        // A department post is only ever written here; one that claims to come from a peer is read by nobody.
        Audience::Department => post.origin.is_none(),
        Audience::Network => true,
        Audience::Followers => reader.follows_author || reader.is_recipient,
        // Being named lets nobody in: who leaves the group, or is removed, reads nothing of it any more.
        Audience::Group => reader.is_member,
        Audience::Named => reader.is_recipient,
    }
}

/// May this post leave to this peer, by delivery or because the peer asks for it?
///
/// # Errors
/// With the reason, when it may not.
pub fn may_leave(post: &PostFacts, peer: &PeerFacts) -> Result<(), Withheld> {
    if post.deleted || post.author_hidden {
        return Err(Withheld::Gone);
    }
    if post.origin.is_some() {
        return Err(Withheld::NotOurs);
    }
    may_leave_as(post.audience, post.marking, peer)
}

/// As [`may_leave`], for what is said about a post rather than the post itself: its deletion must
/// reach the peers that hold it although the post is gone.
///
/// # Errors
/// With the reason, when it may not.
pub fn may_leave_as(audience: Audience, marking: Marking, peer: &PeerFacts) -> Result<(), Withheld> {
    if audience == Audience::Department {
        return Err(Withheld::Department);
    }
    if peer.state != PeerState::Allowed {
        return Err(Withheld::PeerNotAllowed);
    }
    if marking > peer.ceiling {
        return Err(Withheld::AboveCeiling);
    }
    let read_there = match audience {
        Audience::Department => false,
        Audience::Network => true,
        Audience::Followers => peer.has_follower || peer.has_recipient,
        Audience::Group => peer.has_member,
        Audience::Named => peer.has_recipient,
    };
    if read_there { Ok(()) } else { Err(Withheld::NoReaderThere) }
}

/// Why a reply was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReplyRefused {
    /// Its marking lies below the post it answers.
    #[error("a reply can't be marked lower than the post it answers")]
    BelowParent,
    /// The post it answers is for the department; the reply would carry the talk outside.
    #[error("a reply to a department post must stay in the department")]
    LeavesDepartment,
}

/// May a reply of this marking and audience answer that parent?
///
/// # Errors
/// With the reason, when it may not.
pub fn may_reply(
    (parent_audience, parent_marking): (Audience, Marking),
    (audience, marking): (Audience, Marking),
) -> Result<(), ReplyRefused> {
    if marking < parent_marking {
        return Err(ReplyRefused::BelowParent);
    }
    if parent_audience == Audience::Department && audience != Audience::Department {
        return Err(ReplyRefused::LeavesDepartment);
    }
    Ok(())
}

/// May this post be boosted? Only what the whole network may read: a boost never widens an audience.
#[must_use]
pub fn may_boost(audience: Audience) -> bool {
    audience == Audience::Network
}

/// May an edit change the audience from `old` to `new`? Never: an audience once told can't be taken back or widened.
#[must_use]
pub fn may_change_audience(old: Audience, new: Audience) -> bool {
    old == new
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn audience() -> impl Strategy<Value = Audience> {
        prop::sample::select(Audience::ALL.to_vec())
    }

    fn state() -> impl Strategy<Value = PeerState> {
        prop::sample::select(vec![PeerState::Allowed, PeerState::Suspended, PeerState::Removed])
    }

    fn marking() -> impl Strategy<Value = Marking> {
        (0_i16..4).prop_map(Marking::from_rank)
    }

    prop_compose! {
        fn post()(
            author in 1_i64..4, audience in audience(), marking in marking(), deleted: bool, author_hidden: bool,
            origin in prop::option::of((1_i64..4, state())),
        ) -> PostFacts {
            let origin = origin.map(|(peer, state)| (PeerId::new(peer), state));
            PostFacts { author: ActorId::new(author), audience, marking, deleted, author_hidden, origin }
        }
    }

    prop_compose! {
        fn reader()(id in 1_i64..6, follows_author: bool, is_recipient: bool, is_member: bool, is_blocked: bool) -> ReaderFacts {
            ReaderFacts { reader: ActorId::new(id), follows_author, is_recipient, is_member, is_blocked }
        }
    }

    prop_compose! {
        fn peer()(
            id in 1_i64..4, state in state(), ceiling in marking(),
            has_follower: bool, has_recipient: bool, has_member: bool,
        ) -> PeerFacts {
            PeerFacts { peer: PeerId::new(id), state, ceiling, has_follower, has_recipient, has_member }
        }
    }

    proptest! {
        #[test]
        fn nobody_reads_what_is_deleted_or_whose_author_or_origin_is_hidden(post in post(), reader in reader()) {
            let origin_hidden = post.origin.is_some_and(|(_, state)| state != PeerState::Allowed);
            if post.deleted || post.author_hidden || origin_hidden {
                prop_assert!(!may_read(&post, &reader));
            }
        }

        #[test]
        fn an_author_reads_their_own_post(post in post(), reader in reader()) {
            let post = PostFacts { deleted: false, author_hidden: false, origin: None, ..post };
            let reader = ReaderFacts { reader: post.author, ..reader };
            prop_assert!(may_read(&post, &reader));
        }

        #[test]
        fn a_stranger_reads_only_the_network_and_the_department(post in post()) {
            let stranger = ReaderFacts {
                reader: ActorId::new(99), follows_author: false, is_recipient: false, is_member: false,
                is_blocked: false,
            };
            if may_read(&post, &stranger) {
                prop_assert!(matches!(post.audience, Audience::Network | Audience::Department));
                prop_assert!(post.audience == Audience::Network || post.origin.is_none());
            }
        }

        #[test]
        fn nearer_readers_never_read_less(post in post(), reader in reader()) {
            let nearer = ReaderFacts { follows_author: true, is_recipient: true, is_member: true, ..reader.clone() };
            prop_assert!(!may_read(&post, &reader) || may_read(&post, &nearer));
        }

        #[test]
        fn whom_the_author_has_blocked_reads_nothing_of_theirs(post in post(), reader in reader()) {
            prop_assume!(post.author != reader.reader);
            let blocked = ReaderFacts { is_blocked: true, ..reader };
            prop_assert!(!may_read(&post, &blocked));
        }

        #[test]
        fn a_department_post_never_leaves(post in post(), peer in peer()) {
            let post = PostFacts { audience: Audience::Department, ..post };
            prop_assert!(may_leave(&post, &peer).is_err());
        }

        #[test]
        fn a_marking_above_the_ceiling_never_leaves(post in post(), peer in peer()) {
            if post.marking > peer.ceiling {
                prop_assert!(may_leave(&post, &peer).is_err());
            }
        }

        #[test]
        fn nothing_leaves_to_a_peer_that_is_not_allowed_and_nothing_of_others(post in post(), peer in peer()) {
            if peer.state != PeerState::Allowed || post.origin.is_some() {
                prop_assert!(may_leave(&post, &peer).is_err());
            }
        }

        #[test]
        fn a_stricter_ceiling_lets_no_more_through(post in post(), peer in peer(), lower in marking()) {
            let stricter = PeerFacts { ceiling: peer.ceiling.min(lower), ..peer.clone() };
            prop_assert!(may_leave(&post, &stricter).is_err() || may_leave(&post, &peer).is_ok());
        }

        #[test]
        fn a_reply_never_drops_below_its_parent_nor_leaves_the_department(
            parent in (audience(), marking()), reply in (audience(), marking()),
        ) {
            let allowed = may_reply(parent, reply).is_ok();
            let dropped = reply.1 < parent.1;
            let left = parent.0 == Audience::Department && reply.0 != Audience::Department;
            prop_assert_eq!(allowed, !dropped && !left);
        }
    }
}
