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
    /// They are a member of the post's group.
    pub is_member: bool,
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
    /// Someone there is a member of the post's group, or it is the group's home.
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
    match post.audience {
        // A department post is only ever written here; one that claims to come from a peer is read by nobody.
        Audience::Department => post.origin.is_none(),
        Audience::Network => true,
        Audience::Followers => reader.follows_author || reader.is_recipient,
        Audience::Group => reader.is_member || reader.is_recipient,
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
        Audience::Group => peer.has_member || peer.has_recipient,
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
