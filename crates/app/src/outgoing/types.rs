//! The shapes in which what leaves is handed to whoever writes it down for the wire.

use corridor_domain::group::{Door, GroupKind};
use corridor_domain::{ActorId, ActorKind, Audience, Marking, PeerId, PostId, Timestamp};
use corridor_store::keys::KeyAlgorithm;

use crate::{MediaView, PostKind, ProfileField};

/// What waits to be sent, as far as policy asks about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Who says it.
    pub actor: ActorId,
    /// The activity's type.
    pub kind: String,
    /// The post it speaks of.
    pub post: Option<PostId>,
    /// Whom it is for.
    pub audience: Audience,
    /// How it is marked.
    pub marking: Marking,
}

/// A public key of an actor of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKeyView {
    /// The keyId of signatures.
    pub uri: String,
    /// SPKI in PEM.
    pub pem: String,
    /// What it signs with.
    pub algorithm: KeyAlgorithm,
    /// It counts no longer after then; `None` for the one that signs.
    pub valid_until: Option<Timestamp>,
}

/// An actor of ours as peers are shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingActor {
    /// Its number.
    pub id: ActorId,
    /// Person, group or service.
    pub kind: ActorKind,
    /// ActivityPub id.
    pub uri: String,
    /// Without the host.
    pub username: String,
    /// The domain of its handle.
    pub account_domain: String,
    /// As people say it.
    pub display_name: String,
    /// Job title.
    pub role_title: String,
    /// Sanitised HTML.
    pub summary: String,
    /// Page for people.
    pub url: String,
    /// Personal inbox.
    pub inbox: String,
    /// Shared inbox.
    pub shared_inbox: String,
    /// Outbox.
    pub outbox: String,
    /// Followers collection.
    pub followers: String,
    /// Following collection.
    pub following: String,
    /// Pinned posts, where it has them.
    pub featured: Option<String>,
    /// What makes it a group, if it is one.
    pub group: Option<OutgoingGroup>,
    /// Follows must be approved.
    pub locked: bool,
    /// May be suggested.
    pub discoverable: bool,
    /// May be searched.
    pub indexable: bool,
    /// Profile fields.
    pub fields: Vec<ProfileField>,
    /// Joined.
    pub published: Timestamp,
    /// Last changed.
    pub updated: Timestamp,
    /// The keys that count now, newest first.
    pub keys: Vec<PublicKeyView>,
    /// URIs of older accounts of the same person.
    pub also_known_as: Vec<String>,
    /// URI of the account that they have moved to.
    pub moved_to: Option<String>,
    /// Run by a program.
    pub bot: bool,
    /// The picture beside its name.
    pub avatar: Option<OutgoingPicture>,
    /// The picture on its page.
    pub header: Option<OutgoingPicture>,
    /// Gone: shown as a tombstone.
    pub deleted: bool,
    /// Suspended.
    pub suspended: bool,
}

/// A picture of an actor of ours, as peers may fetch it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingPicture {
    /// Where it is.
    pub url: String,
    /// Media type.
    pub mime: String,
    /// What people are told who can't see it; may be empty.
    pub description: String,
}

/// An actor of ours in few words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActorRef {
    /// Its number.
    pub id: ActorId,
    /// ActivityPub id.
    pub uri: String,
    /// Followers collection.
    pub followers_uri: String,
}

/// What makes an actor of ours a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingGroup {
    /// What it gathers people around.
    pub kind: GroupKind,
    /// How people come in.
    pub door: Door,
    /// The name of the lowest marking of its posts.
    pub marking_name: String,
    /// Closed for good.
    pub archived: bool,
}

/// A group in few words, ours or a peer's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRef {
    /// The group's actor.
    pub actor: ActorRef,
    /// Everybody may read in it.
    pub open: bool,
}

/// Someone named in a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingMention {
    /// ActivityPub id.
    pub uri: String,
    /// `@name@host`.
    pub handle: String,
}

/// What a boost boosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoostedRef {
    /// ActivityPub id of the post.
    pub uri: String,
    /// ActivityPub id of its author.
    pub author_uri: String,
}

/// A poll of ours as peers are shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingPoll {
    /// Several options may be chosen.
    pub multiple: bool,
    /// The options' words, and how many have chosen each unless that is hidden yet.
    pub options: Vec<(String, Option<i64>)>,
    /// How many people voted.
    pub voters: i64,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
    /// It is over.
    pub ended: bool,
}

/// A post (or boost) of ours as peers are shown it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutgoingPost {
    /// Its number.
    pub id: PostId,
    /// ActivityPub id; of a boost, its Announce.
    pub uri: String,
    /// Page for people.
    pub url: String,
    /// Who wrote it.
    pub author: ActorRef,
    /// Note, article, question or boost.
    pub kind: PostKind,
    /// Whom it is for.
    pub audience: Audience,
    /// How it is marked.
    pub marking: Marking,
    /// The marking's name.
    pub marking_name: String,
    /// How it is to be handled; empty when nothing was said.
    pub handling: String,
    /// The group it is posted in.
    pub group: Option<GroupRef>,
    /// A talk that facilitators announce.
    pub announcement: bool,
    /// A talk that asks for an answer.
    pub question: bool,
    /// The post it answers.
    pub in_reply_to: Option<String>,
    /// The first post of its thread, when that is here.
    pub thread: Option<String>,
    /// Title of an article.
    pub title: String,
    /// Sanitised HTML.
    pub content: String,
    /// What was typed.
    pub source: String,
    /// Content warning; empty for none.
    pub summary: String,
    /// Media hidden behind a warning.
    pub sensitive: bool,
    /// BCP 47 tag; empty when unknown.
    pub language: String,
    /// When it was published.
    pub published_at: Timestamp,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// People named in the text.
    pub mentions: Vec<OutgoingMention>,
    /// ActivityPub ids of everyone it is addressed to by name.
    pub addressed: Vec<String>,
    /// Hashtags without the `#`.
    pub tags: Vec<String>,
    /// Pictures and files.
    pub media: Vec<MediaView>,
    /// What it asks.
    pub poll: Option<OutgoingPoll>,
    /// What a boost boosts.
    pub boost_of: Option<BoostedRef>,
    /// Deleted: shown as a tombstone.
    pub deleted: bool,
    /// When it was deleted.
    pub deleted_at: Option<Timestamp>,
}

/// What there is to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A post was published.
    Published(OutgoingPost),
    /// A post was edited.
    Edited(OutgoingPost),
    /// A post was deleted.
    Deleted(OutgoingPost),
    /// A post must be gone where it may be no longer.
    Withdrawn {
        /// Its author.
        actor: ActorRef,
        /// The post's URI.
        uri: String,
    },
    /// A post was boosted.
    Boosted(OutgoingPost),
    /// A boost was taken back.
    BoostUndone(OutgoingPost),
    /// A post of someone else was favourited.
    Favourited {
        /// Who.
        actor: ActorRef,
        /// The Like's URI.
        uri: String,
        /// The post's URI.
        object: String,
        /// Its author's URI.
        object_author: String,
    },
    /// A favourite was taken back.
    FavouriteUndone {
        /// Who.
        actor: ActorRef,
        /// The Like's URI.
        uri: String,
        /// The post's URI.
        object: String,
        /// Its author's URI.
        object_author: String,
    },
    /// Someone of ours votes in a poll elsewhere.
    Voted {
        /// Who.
        actor: ActorRef,
        /// The vote's URI.
        uri: String,
        /// The words of the option.
        name: String,
        /// The poll's URI.
        poll: String,
        /// Its author's URI.
        poll_author: String,
    },
    /// Someone of ours asks to follow someone elsewhere.
    FollowRequested {
        /// Who.
        actor: ActorRef,
        /// The Follow's URI.
        uri: String,
        /// Whom.
        object: String,
    },
    /// A follow was taken back.
    FollowUndone {
        /// Who.
        actor: ActorRef,
        /// The Follow's URI.
        uri: String,
        /// Whom.
        object: String,
    },
    /// Someone of ours has put a post to the top of their page, or taken it down.
    PostPinned {
        /// Who.
        actor: ActorRef,
        /// Their `featured` collection.
        featured: String,
        /// The post's URI.
        post: String,
        /// Pinned, not taken down.
        pinned: bool,
    },
    /// A follower from elsewhere was accepted.
    FollowAccepted {
        /// Who accepts.
        actor: ActorRef,
        /// The Follow's URI.
        follow_uri: String,
        /// Who follows.
        follower_uri: String,
    },
    /// A follower from elsewhere was turned away.
    FollowRejected {
        /// Who turns away.
        actor: ActorRef,
        /// The Follow's URI.
        follow_uri: String,
        /// Who followed.
        follower_uri: String,
    },
    /// Somebody asks somebody to connect.
    ConnectionOffered {
        /// Who asks.
        actor: ActorRef,
        /// The Offer's URI.
        uri: String,
        /// Whom.
        object: String,
        /// What is written beside it; plain text.
        note: String,
    },
    /// Somebody connects with who asked.
    ConnectionAccepted {
        /// Who was asked.
        actor: ActorRef,
        /// The Offer's URI.
        uri: String,
        /// Who asked.
        asker: String,
    },
    /// Somebody ends a connection, takes the wish back, or turns it down.
    ConnectionEnded {
        /// Who ends it.
        actor: ActorRef,
        /// The Offer's URI.
        uri: String,
        /// With whom.
        other: String,
        /// Whether it was `actor` who had asked.
        asked: bool,
    },
    /// Someone of ours keeps away from someone elsewhere.
    Blocked {
        /// Who.
        actor: ActorRef,
        /// The Block's URI.
        uri: String,
        /// From whom.
        object: String,
    },
    /// A block was taken back.
    Unblocked {
        /// Who.
        actor: ActorRef,
        /// The Block's URI.
        uri: String,
        /// From whom.
        object: String,
    },
    /// This node reports someone elsewhere.
    Reported {
        /// The node's own actor.
        node: ActorRef,
        /// The Flag's URI.
        uri: String,
        /// Whom.
        target: String,
        /// Posts of theirs.
        posts: Vec<String>,
        /// In the reporter's words.
        comment: String,
    },
    /// What a peer has deleted is gone here.
    DeletionConfirmed {
        /// The node itself.
        actor: ActorRef,
        /// The Delete's URI.
        uri: String,
        /// Who deleted it.
        to: String,
    },
    /// Something of a person of ours goes to the members of a group of ours.
    Relayed {
        /// The group.
        group: GroupRef,
        /// What.
        inner: Box<Subject>,
    },
    /// Something of a person of a peer goes to the members of a group of ours.
    RelayedAsSent {
        /// The group.
        group: GroupRef,
        /// The activity as its author's node sent it, in JSON.
        body: String,
    },
    /// A new talk in a group of ours, for those who understand a boost alone.
    GroupShared {
        /// The group.
        group: GroupRef,
        /// The post's URI.
        post: String,
        /// Its author's URI.
        author: String,
    },
    /// The last member of a peer has left a private group of ours: its copies shall be destroyed.
    GroupCopiesRecalled {
        /// The group.
        group: GroupRef,
        /// The activity's URI.
        uri: String,
        /// Who was the last.
        member: String,
    },
    /// Someone elsewhere is invited into a group of ours.
    GroupInvited {
        /// The group.
        group: GroupRef,
        /// Who.
        whom: String,
        /// URI of the member in whose place they are invited.
        in_place_of: Option<String>,
    },
    /// Someone of ours turns down the invitation of a group elsewhere.
    InvitationDeclined {
        /// Who was invited.
        actor: ActorRef,
        /// The group's URI.
        group: String,
    },
    /// A post was pinned in a group of ours, or taken down.
    GroupPinned {
        /// The group.
        group: GroupRef,
        /// The group's `featured` collection.
        featured: String,
        /// The post's URI.
        post: String,
        /// Pinned, not taken down.
        pinned: bool,
    },
    /// A post was taken out of a group of ours.
    GroupPostRemoved {
        /// The group.
        group: GroupRef,
        /// The post's URI.
        post: String,
    },
    /// A reply was said to be the answer to a question in a group, by who asked or by the group.
    AnswerAccepted {
        /// Who says so.
        actor: ActorRef,
        /// The group.
        group: GroupRef,
        /// The question's URI.
        question: String,
        /// The reply's URI; `None` takes the word back.
        answer: Option<String>,
    },
    /// A profile or key was changed.
    PersonUpdated(OutgoingActor),
    /// Someone moved to another account.
    PersonMoved {
        /// Who.
        actor: ActorRef,
        /// The Move's URI.
        uri: String,
        /// URI of the new account.
        target: String,
    },
    /// Someone left.
    PersonDeleted(ActorRef),
}

/// An inbox that is owed something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Whose.
    pub peer: PeerId,
    /// Its address.
    pub inbox: String,
}

/// Something to tell, and to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// What.
    pub subject: Subject,
    /// Who signs.
    pub actor: ActorId,
    /// The post it speaks of, for asking policy again.
    pub post: Option<PostId>,
    /// Whom it is for.
    pub audience: Audience,
    /// How it is marked.
    pub marking: Marking,
    /// To whom; frozen here.
    pub targets: Vec<Target>,
}
