//! What peers say, in our words: wire types end where these begin.

use corridor_domain::{ActorId, ActorKind, PeerId, Timestamp};
use corridor_store::keys::NewKey;

pub use crate::media::attach::IncomingMedia;
use crate::{PostKind, ProfileField};

/// An activity whose sender is proven: what its effect is written down with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The activity's id.
    pub activity_uri: String,
    /// The peer it came from.
    pub peer: PeerId,
    /// Who acts, and has signed it.
    pub actor: ActorId,
    /// Their URI.
    pub actor_uri: String,
    /// The activity's type.
    pub kind: String,
    /// All of it as JSON, where it may have to go on to the members of a group.
    pub raw: Option<String>,
}

/// What became of an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It had its effect.
    Applied,
    /// It was here before; nothing happened.
    Duplicate,
    /// It is fine and noted, but concerns nobody here, or what it speaks of is gone.
    Ignored,
}

/// A person, group or service of a peer. Texts are as they were sent; they are cleaned when they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingPerson {
    /// ActivityPub id.
    pub uri: String,
    /// Person, group or service.
    pub kind: ActorKind,
    /// `preferredUsername`.
    pub username: String,
    /// Name as shown; may be empty.
    pub display_name: String,
    /// HTML.
    pub summary: String,
    /// Page for people.
    pub url: Option<String>,
    /// Personal inbox.
    pub inbox: String,
    /// Shared inbox.
    pub shared_inbox: Option<String>,
    /// Outbox.
    pub outbox: Option<String>,
    /// Followers collection.
    pub followers: Option<String>,
    /// Following collection.
    pub following: Option<String>,
    /// Pinned posts.
    pub featured: Option<String>,
    /// What makes it a group, if it is one.
    pub group: Option<IncomingGroup>,
    /// Follows must be approved.
    pub locked: bool,
    /// May be suggested.
    pub discoverable: bool,
    /// May be found by search.
    pub indexable: bool,
    /// Names and values; values are HTML.
    pub fields: Vec<ProfileField>,
    /// Job title.
    pub role_title: String,
    /// Run by a program.
    pub bot: bool,
    /// The picture beside their name.
    pub avatar: Option<IncomingMedia>,
    /// The picture on their page.
    pub header: Option<IncomingMedia>,
    /// When they joined.
    pub published: Option<Timestamp>,
    /// When the profile was last changed.
    pub updated: Option<Timestamp>,
    /// Their public keys.
    pub keys: Vec<NewKey>,
}

/// What a peer says that makes its actor a group. Words that are not known here count as the narrowest.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IncomingGroup {
    /// What it gathers people around.
    pub kind: Option<String>,
    /// How people come in; other software tells no more than whether it approves its followers.
    pub door: Option<String>,
    /// The name of the lowest marking of its posts.
    pub marking: Option<String>,
    /// Closed for good.
    pub archived: bool,
}

/// A post of a peer. Texts are as they were sent; they are cleaned when they are stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingPost {
    /// ActivityPub id.
    pub uri: String,
    /// Page for people.
    pub url: Option<String>,
    /// `attributedTo`.
    pub author_uri: String,
    /// Note, article or question.
    pub kind: PostKind,
    /// Everyone in `to` and `cc`, as written; the public collection is one of them.
    pub addressed: Vec<String>,
    /// The audience that our own extension states; it may narrow what `addressed` says, never widen it.
    pub audience: Option<String>,
    /// URI of the group that it is posted in, where it says so.
    pub group: Option<String>,
    /// It says that it is an announcement: believed of a group's home alone.
    pub announcement: bool,
    /// It asks for an answer.
    pub question: bool,
    /// The name of the marking, when it states one.
    pub marking: Option<String>,
    /// How it is to be handled.
    pub handling: String,
    /// URI of the post that it answers.
    pub in_reply_to: Option<String>,
    /// Where it says that its whole thread can be asked for.
    pub context: Option<String>,
    /// Title of an article.
    pub title: String,
    /// HTML.
    pub content: String,
    /// Content warning.
    pub summary: String,
    /// What stands for an article where it is not shown whole; HTML.
    pub teaser: String,
    /// What it is lies elsewhere: the page, film or recording that `url` leads to.
    pub is_elsewhere: bool,
    /// Media hidden behind a warning.
    pub sensitive: bool,
    /// BCP 47 tag; empty when unknown.
    pub language: String,
    /// By its author's clock.
    pub published: Option<Timestamp>,
    /// When it was last edited.
    pub updated: Option<Timestamp>,
    /// URIs of the people that it names.
    pub mentions: Vec<String>,
    /// Hashtags, with or without their sign.
    pub tags: Vec<String>,
    /// Pictures and files, wherever they lie.
    pub media: Vec<IncomingMedia>,
    /// What a question asks.
    pub poll: Option<IncomingPoll>,
}

/// A poll of a peer, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IncomingPoll {
    /// Several options may be chosen.
    pub multiple: bool,
    /// The options' words, and how many have chosen each, where that is told.
    pub options: Vec<(String, Option<i64>)>,
    /// How many people voted, where that is told.
    pub voters: Option<i64>,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
    /// When it ended.
    pub closed_at: Option<Timestamp>,
    /// It is over, whenever that was.
    pub is_closed: bool,
}

/// A vote of a peer's person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingVote {
    /// The vote's own id.
    pub uri: String,
    /// To whom it is attributed.
    pub voter_uri: String,
    /// The words of the option.
    pub name: String,
    /// The poll.
    pub poll_uri: String,
}

/// What an Undo takes back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Undone {
    /// The id of the activity that is taken back; `None` where the sender names none.
    pub uri: Option<String>,
    /// Its type, where it is told.
    pub kind: Option<String>,
    /// What that activity was about, where it is told.
    pub object: Option<String>,
}

/// The Follow that an Accept or Reject answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnsweredFollow {
    /// Its id.
    pub uri: Option<String>,
    /// Who asked, where it is told.
    pub follower: Option<String>,
    /// Whom they asked, where it is told.
    pub followed: Option<String>,
}
