//! Events: what happened here that peers must be told, written in the transaction that made it happen.

use serde::{Deserialize, Serialize};

use crate::{ActorId, FollowId, PostId};

/// Something that happened on this node. Undone things carry what is needed to speak of them after their row is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// A local post was published.
    PostPublished {
        /// Which.
        post: PostId,
    },
    /// A local post was edited.
    PostEdited {
        /// Which.
        post: PostId,
    },
    /// A local post was deleted; its row stays, hidden.
    PostDeleted {
        /// Which.
        post: PostId,
    },
    /// A local person put a post of theirs to the top of their page, or took it down.
    PostPinned {
        /// Which.
        post: PostId,
        /// Pinned, not taken down.
        pinned: bool,
    },
    /// A local person boosted a post.
    Boosted {
        /// The boost's own id.
        boost: PostId,
    },
    /// A local person took a boost back; its row stays, hidden.
    BoostUndone {
        /// The boost's own id.
        boost: PostId,
    },
    /// A local person favourited a post.
    Favourited {
        /// Who.
        actor: ActorId,
        /// Which.
        post: PostId,
        /// The Like's URI.
        uri: String,
    },
    /// A local person took a favourite back.
    FavouriteUndone {
        /// Who.
        actor: ActorId,
        /// Which.
        post: PostId,
        /// The Like's URI.
        uri: String,
    },
    /// A local person asked to follow a person of a peer.
    FollowRequested {
        /// The follow.
        follow: FollowId,
    },
    /// A local person stopped following, or took the request back.
    FollowUndone {
        /// Who followed.
        follower: ActorId,
        /// Whom.
        followed: ActorId,
        /// The Follow's URI; empty where it is not known any more.
        uri: String,
    },
    /// A local person let a person of a peer follow them.
    FollowAccepted {
        /// The follow.
        follow: FollowId,
    },
    /// A local person turned a follower of a peer away, or removed one.
    FollowRejected {
        /// Who followed.
        follower: ActorId,
        /// Whom.
        followed: ActorId,
        /// The Follow's URI.
        uri: String,
    },
    /// A local person asked a person of a peer to connect.
    ConnectionOffered {
        /// The connection's number.
        connection: i64,
    },
    /// A local person connected with a person of a peer who asked.
    ConnectionAccepted {
        /// The connection's number.
        connection: i64,
    },
    /// A local person ended a connection with a person of a peer, took the wish back, or turned theirs down.
    ConnectionEnded {
        /// Who ends it.
        by: ActorId,
        /// With whom.
        other: ActorId,
        /// The Offer's URI.
        uri: String,
        /// Whether it was `by` who had asked.
        asked: bool,
    },
    /// A local person blocked a person of a peer.
    Blocked {
        /// Who keeps away.
        blocker: ActorId,
        /// From whom.
        blocked: ActorId,
        /// The Block's URI.
        uri: String,
    },
    /// A local person took a block back.
    Unblocked {
        /// Who kept away.
        blocker: ActorId,
        /// From whom.
        blocked: ActorId,
        /// The Block's URI.
        uri: String,
    },
    /// A local person reported a person of a peer, and wants that peer's moderators to know.
    Reported {
        /// The report's number.
        report: i64,
    },
    /// A local person voted in a poll of a peer.
    Voted {
        /// The vote's number.
        vote: i64,
    },
    /// Votes in a local poll were counted, or it has ended.
    PollCounted {
        /// The poll's post.
        post: PostId,
    },
    /// Something of a peer was deleted here, and the peer asked to be told when it was.
    DeletionConfirmed {
        /// Who deleted it.
        actor: ActorId,
        /// The Delete's URI.
        uri: String,
    },
    /// A post or its end, of a person of a peer, goes on to the members of a group of ours.
    GroupRelayed {
        /// The group.
        group: ActorId,
        /// The post.
        post: PostId,
        /// The activity as its author's node sent it.
        body: String,
    },
    /// The last member of a peer has left a private group of ours: that peer shall destroy its copies.
    GroupCopiesRecalled {
        /// The group.
        group: ActorId,
        /// Who was the last.
        member: ActorId,
        /// The activity's URI, by which the peer will answer.
        uri: String,
    },
    /// Someone of a peer was invited into a group of ours.
    GroupInvited {
        /// The group.
        group: ActorId,
        /// Who.
        whom: ActorId,
        /// The member in whose place they are invited, having moved.
        #[serde(default)]
        in_place_of: Option<ActorId>,
    },
    /// Someone of ours turned down the invitation of a group of a peer.
    InvitationDeclined {
        /// The group.
        group: ActorId,
        /// Who was invited.
        whom: ActorId,
    },
    /// A post was pinned in a group of ours, or taken down.
    GroupPinned {
        /// The group.
        group: ActorId,
        /// Which.
        post: PostId,
        /// Pinned, not taken down.
        pinned: bool,
    },
    /// A post was taken out of a group of ours by who runs it.
    GroupPostRemoved {
        /// The group.
        group: ActorId,
        /// Which.
        post: PostId,
    },
    /// Someone of ours said which reply answers a question in a group.
    AnswerAccepted {
        /// Who.
        by: ActorId,
        /// The question.
        question: PostId,
        /// The reply; `None` takes the word back.
        answer: Option<PostId>,
    },
    /// A local person changed their profile or key.
    PersonUpdated {
        /// Who.
        actor: ActorId,
    },
    /// A local person moved to another account.
    PersonMoved {
        /// Who.
        actor: ActorId,
        /// Where to.
        target: ActorId,
        /// The Move's URI.
        uri: String,
    },
    /// A local person left: their actor is a tombstone now.
    PersonDeleted {
        /// Who.
        actor: ActorId,
    },
}
