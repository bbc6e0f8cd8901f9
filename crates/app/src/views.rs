//! What readers are shown: people, posts and notifications with everything a page or an entity needs.

use std::sync::Arc;

use corridor_domain::{ActorId, ActorKind, Audience, Marking, NotificationId, PostId, Role, Timestamp};
pub use corridor_store::blocks::Distance;
pub use corridor_store::posts::PostKind;

use crate::MediaView;
use crate::connections::Standing;
use crate::filters::FilterMatch;
use crate::groups::TopicView;
use crate::media::PortraitView;
use crate::polls::PollView;

/// The signed-in person who asks. Holding one proves an active account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The person.
    pub id: ActorId,
    /// Their username.
    pub username: String,
    /// What they may do on this node.
    pub role: Role,
}

/// A name and value of a profile.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ProfileField {
    /// Such as “Building”.
    pub name: String,
    /// Sanitised HTML.
    pub value: String,
}

/// A person, group or service as others see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonView {
    /// Their number here.
    pub id: ActorId,
    /// Person, group or service.
    pub kind: ActorKind,
    /// Without the host.
    pub username: String,
    /// The account domain of a peer; `None` for this node.
    pub host: Option<String>,
    /// The department's name: this node's, or what the administrator wrote beside the peer.
    pub department: String,
    /// Never empty: the username when nothing else is known.
    pub display_name: String,
    /// Job title.
    pub role_title: String,
    /// Sanitised HTML.
    pub summary: String,
    /// What the person typed; only for local people.
    pub summary_source: String,
    /// ActivityPub id.
    pub uri: String,
    /// Page for people.
    pub url: String,
    /// Follows must be approved.
    pub locked: bool,
    /// May be suggested.
    pub discoverable: bool,
    /// May be searched.
    pub indexable: bool,
    /// Profile fields.
    pub fields: Vec<ProfileField>,
    /// Joined, or first seen here.
    pub created_at: Timestamp,
    /// Latest post.
    pub last_post_at: Option<Timestamp>,
    /// Accepted followers known here.
    pub followers_count: i64,
    /// Accepted follows known here.
    pub following_count: i64,
    /// Posts known here.
    pub posts_count: i64,
    /// Suspended or gone.
    pub hidden: bool,
    /// Run by a program.
    pub bot: bool,
    /// Nobody else is shown whom they follow and who follows them.
    pub hides_collections: bool,
    /// The picture beside their name.
    pub avatar: Option<PortraitView>,
    /// The picture on their page.
    pub header: Option<PortraitView>,
    /// The account that they have moved to; filled where one person is shown alone.
    pub moved_to: Option<Box<PersonView>>,
}

impl PersonView {
    /// `name` for this node, `name@host` for a peer: the `acct` of the Mastodon API.
    #[must_use]
    pub fn acct(&self) -> String {
        match &self.host {
            Some(host) => format!("{}@{host}", self.username),
            None => self.username.clone(),
        }
    }
}

/// Someone named in a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MentionView {
    /// Who.
    pub id: ActorId,
    /// Without the host.
    pub username: String,
    /// With the host, for people of peers.
    pub acct: String,
    /// ActivityPub id.
    pub uri: String,
    /// Page for people.
    pub url: String,
}

/// The program a post was written with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppView {
    /// Its name.
    pub name: String,
    /// Its site.
    pub website: Option<String>,
}

/// What the reader did with a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Marks {
    /// Favourited it.
    pub favourited: bool,
    /// Boosted it.
    pub boosted: bool,
    /// Bookmarked it.
    pub bookmarked: bool,
    /// Has it at the top of their own page.
    pub pinned: bool,
    /// Wants to be told nothing more of its thread.
    pub muted: bool,
}

/// A post as one reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostView {
    /// Its number here.
    pub id: PostId,
    /// ActivityPub id.
    pub uri: String,
    /// Page for people.
    pub url: String,
    /// Who wrote it (or boosted, for a boost).
    pub author: Arc<PersonView>,
    /// Note, article, question or boost.
    pub kind: PostKind,
    /// Whom it is for.
    pub audience: Audience,
    /// How it is marked.
    pub marking: Marking,
    /// The marking's name in this node's scheme.
    pub marking_name: String,
    /// How it is to be handled; empty when nothing was said.
    pub handling: String,
    /// The group it was posted in.
    pub group: Option<Arc<PersonView>>,
    /// What it is besides, as the first post of a talk in a group.
    pub topic: TopicView,
    /// The post it answers and that post's author, when it is here.
    pub in_reply_to: Option<(PostId, ActorId)>,
    /// The boosted post. Always `Some` for a boost.
    pub boost_of: Option<Box<PostView>>,
    /// Title of an article.
    pub title: String,
    /// Sanitised HTML.
    pub content: String,
    /// What the author typed; empty for posts of peers.
    pub source: String,
    /// Content warning; empty when there is none.
    pub summary: String,
    /// Media hidden behind a warning.
    pub sensitive: bool,
    /// BCP 47 tag; empty when unknown.
    pub language: String,
    /// When it was published, by its author's clock.
    pub published_at: Timestamp,
    /// When it was last edited.
    pub edited_at: Option<Timestamp>,
    /// Replies known here.
    pub replies_count: i64,
    /// Boosts known here.
    pub boosts_count: i64,
    /// Favourites known here.
    pub favourites_count: i64,
    /// Pictures and files.
    pub media: Vec<MediaView>,
    /// What it asks.
    pub poll: Option<PollView>,
    /// People named.
    pub mentions: Vec<MentionView>,
    /// Hashtags without the `#`, lower case.
    pub tags: Vec<String>,
    /// The program it was written with, for local posts.
    pub app: Option<AppView>,
    /// What the reader did with it.
    pub marks: Marks,
    /// What the reader's filters found in it.
    pub filtered: Vec<FilterMatch>,
}

/// A post with what comes before and after it in its thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContextView {
    /// From the start of the thread down to the post's parent.
    pub ancestors: Vec<PostView>,
    /// Answers and their answers, depth first, oldest first.
    pub descendants: Vec<PostView>,
}

/// One state of an edited post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevisionView {
    /// When it was made.
    pub created_at: Timestamp,
    /// Sanitised HTML.
    pub content: String,
    /// Content warning.
    pub summary: String,
    /// Media hidden behind a warning.
    pub sensitive: bool,
}

/// Why someone is told something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NotificationKind {
    /// They were named.
    Mention,
    /// Someone follows them.
    Follow,
    /// Someone asks to follow them.
    FollowRequest,
    /// Someone favourited their post.
    Favourite,
    /// Someone boosted their post.
    Boost,
    /// A post that they boosted was edited.
    Update,
    /// Someone whom they asked to be told about posted.
    Status,
    /// A poll of theirs, or in which they voted, has ended.
    Poll,
    /// Someone asks to join a group that they run.
    GroupRequest,
    /// A group invites them.
    GroupInvitation,
    /// Someone asks to connect with them.
    ConnectionRequest,
    /// Someone whom they asked has connected with them.
    Connection,
}

impl NotificationKind {
    /// All kinds.
    pub const ALL: [Self; 12] = [
        Self::Mention,
        Self::Follow,
        Self::FollowRequest,
        Self::Favourite,
        Self::Boost,
        Self::Update,
        Self::Status,
        Self::Poll,
        Self::GroupRequest,
        Self::GroupInvitation,
        Self::ConnectionRequest,
        Self::Connection,
    ];

    /// Kinds that Mastodon has not: a stock client is told of them only where it asks for them.
    pub const OURS: [Self; 4] = [Self::GroupRequest, Self::GroupInvitation, Self::ConnectionRequest, Self::Connection];

    /// The word of the Mastodon API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Mention => "mention",
            Self::Follow => "follow",
            Self::FollowRequest => "follow_request",
            Self::Favourite => "favourite",
            Self::Boost => "reblog",
            Self::Update => "update",
            Self::Status => "status",
            Self::Poll => "poll",
            Self::GroupRequest => "group_request",
            Self::GroupInvitation => "group_invitation",
            Self::ConnectionRequest => "connection_request",
            Self::Connection => "connection",
        }
    }

    /// The number that stands for it in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Mention => 0,
            Self::Follow => 1,
            Self::FollowRequest => 2,
            Self::Favourite => 3,
            Self::Boost => 4,
            Self::Update => 5,
            Self::Status => 6,
            Self::Poll => 7,
            Self::GroupRequest => 8,
            Self::GroupInvitation => 9,
            Self::ConnectionRequest => 10,
            Self::Connection => 11,
        }
    }

    /// The kind of a stored number.
    #[must_use]
    pub fn from_code(code: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Something a person is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationView {
    /// Its number.
    pub id: NotificationId,
    /// Why.
    pub kind: NotificationKind,
    /// Who did it.
    pub from: Arc<PersonView>,
    /// The post it is about.
    pub post: Option<PostView>,
    /// When.
    pub created_at: Timestamp,
    /// Whether the person has seen it.
    pub read: bool,
}

/// How the viewer stands to someone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RelationshipView {
    /// The other one.
    pub id: ActorId,
    /// The viewer follows them.
    pub following: bool,
    /// The viewer asked to follow them and waits.
    pub requested: bool,
    /// Their boosts appear in the viewer's home feed.
    pub showing_boosts: bool,
    /// The viewer is told of their posts.
    pub notifying: bool,
    /// They follow the viewer.
    pub followed_by: bool,
    /// They asked to follow the viewer and wait.
    pub requested_by: bool,
    /// Blocks and mutes.
    pub distance: Distance,
    /// The viewer shows them on their profile.
    pub endorsed: bool,
    /// What the viewer has written down about them; empty for nothing.
    pub note: String,
    /// Whether they are connected, or one has asked.
    pub connection: Standing,
}
