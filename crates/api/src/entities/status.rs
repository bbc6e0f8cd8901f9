//! The Status entity and its companions.

use corridor_app::media::Links;
use corridor_app::tags::FollowedTag;
use corridor_app::{Addresses, ContextView, MentionView, PostView, RevisionView};
use corridor_domain::Audience;
use schemars::JsonSchema;
use serde::Serialize;

use super::{Account, FilterResult, MediaAttachment, Poll};

/// The visibility that a client is told. Never wider than the audience: a client that doesn't know
/// departments takes such a post for one that only followers see.
#[must_use]
pub const fn visibility_word(audience: Audience) -> &'static str {
    match audience {
        Audience::Network => "public",
        Audience::Department | Audience::Followers | Audience::Group => "private",
        Audience::Named => "direct",
    }
}

/// <https://docs.joinmastodon.org/entities/Status/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the entity is Mastodon's")]
pub struct Status {
    id: String,
    created_at: String,
    in_reply_to_id: Option<String>,
    in_reply_to_account_id: Option<String>,
    sensitive: bool,
    spoiler_text: String,
    visibility: &'static str,
    language: Option<String>,
    uri: String,
    url: String,
    replies_count: i64,
    reblogs_count: i64,
    favourites_count: i64,
    quotes_count: i64,
    edited_at: Option<String>,
    favourited: bool,
    reblogged: bool,
    muted: bool,
    bookmarked: bool,
    pinned: bool,
    content: String,
    filtered: Vec<FilterResult>,
    reblog: Option<Box<Status>>,
    application: Option<Application>,
    account: Account,
    media_attachments: Vec<MediaAttachment>,
    mentions: Vec<Mention>,
    tags: Vec<Tag>,
    emojis: [(); 0],
    card: Option<()>,
    poll: Option<Poll>,
    quote: Option<()>,
    /// Ours: the audience in our own word.
    audience: &'static str,
    /// Ours: the marking's name.
    marking: String,
    /// Ours: how it is to be handled.
    handling: Option<String>,
    /// Ours: the title of a talk or article.
    title: Option<String>,
    /// Ours: the group that it is in.
    group: Option<Box<Account>>,
    /// Ours: what the first post of a talk in a group is besides.
    topic: Option<Topic>,
    /// Only in the answer to a deletion: what the author typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "GroupTopic")]
struct Topic {
    announcement: bool,
    question: bool,
    answer_id: Option<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "StatusApplication")]
struct Application {
    name: String,
    website: Option<String>,
}

/// Someone named in a text.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Mention {
    id: String,
    username: String,
    url: String,
    acct: String,
}

impl Mention {
    /// Someone named.
    #[must_use]
    pub fn of(person: &MentionView) -> Self {
        Self {
            id: person.id.to_string(),
            username: person.username.clone(),
            url: person.url.clone(),
            acct: person.acct.clone(),
        }
    }
}

/// A hashtag in a status.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Tag {
    name: String,
    url: String,
}

impl Tag {
    /// A hashtag and its page.
    #[must_use]
    pub fn of(name: &str, addresses: &Addresses) -> Self {
        Self { name: name.to_owned(), url: addresses.staff_url(&format!("/tags/{name}")) }
    }
}

impl Status {
    /// The status of a post as its reader sees it.
    #[must_use]
    pub fn of(post: &PostView, links: &Links) -> Self {
        Self {
            id: post.id.to_string(),
            created_at: post.published_at.to_rfc3339(),
            in_reply_to_id: post.in_reply_to.map(|(parent, _)| parent.to_string()),
            in_reply_to_account_id: post.in_reply_to.map(|(_, author)| author.to_string()),
            sensitive: post.sensitive,
            spoiler_text: post.summary.clone(),
            visibility: visibility_word(post.audience),
            language: Some(post.language.clone()).filter(|language| !language.is_empty()),
            uri: post.uri.clone(),
            url: post.url.clone(),
            replies_count: post.replies_count,
            reblogs_count: post.boosts_count,
            favourites_count: post.favourites_count,
            quotes_count: 0,
            edited_at: post.edited_at.map(|at| at.to_rfc3339()),
            favourited: post.marks.favourited,
            reblogged: post.marks.boosted,
            muted: post.marks.muted,
            bookmarked: post.marks.bookmarked,
            pinned: post.marks.pinned,
            content: post.content.clone(),
            filtered: post.filtered.iter().map(FilterResult::of).collect(),
            reblog: post.boost_of.as_ref().map(|boosted| Box::new(Self::of(boosted, links))),
            application: post
                .app
                .as_ref()
                .map(|app| Application { name: app.name.clone(), website: app.website.clone() }),
            account: Account::of(&post.author, links),
            media_attachments: post.media.iter().map(|one| MediaAttachment::of(one, links)).collect(),
            mentions: post.mentions.iter().map(Mention::of).collect(),
            tags: post.tags.iter().map(|tag| Tag::of(tag, &links.addresses)).collect(),
            emojis: [],
            card: None,
            poll: Poll::of(post),
            quote: None,
            audience: post.audience.word(),
            marking: post.marking_name.clone(),
            handling: Some(post.handling.clone()).filter(|handling| !handling.is_empty()),
            title: Some(post.title.clone()).filter(|title| !title.is_empty()),
            group: post.group.as_ref().map(|group| Box::new(Account::of(group, links))),
            topic: post.group.as_ref().map(|_| Topic {
                announcement: post.topic.announcement,
                question: post.topic.question,
                answer_id: post.topic.answer.map(|answer| answer.to_string()),
            }),
            text: None,
        }
    }

    /// As [`Status::of`], with what the author typed, so that a client can offer to write it anew.
    #[must_use]
    pub fn deleted(post: &PostView, links: &Links) -> Self {
        Self { text: Some(post.source.clone()), ..Self::of(post, links) }
    }
}

/// A hashtag that was looked for: <https://docs.joinmastodon.org/entities/Tag/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct FoundTag {
    /// The tag itself: it is known by nothing else here.
    id: String,
    #[serde(flatten)]
    tag: Tag,
    /// How often it was used day by day is not counted yet.
    history: [(); 0],
    /// The reader follows it.
    following: bool,
    /// The reader shows it on their profile.
    featuring: bool,
}

impl FoundTag {
    /// A hashtag as its reader has it.
    #[must_use]
    pub fn known(tag: &FollowedTag, addresses: &Addresses) -> Self {
        Self {
            id: tag.name.clone(),
            tag: Tag::of(&tag.name, addresses),
            history: [],
            following: tag.following,
            featuring: tag.featuring,
        }
    }
}

/// <https://docs.joinmastodon.org/entities/Context/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Context {
    ancestors: Vec<Status>,
    descendants: Vec<Status>,
}

impl Context {
    /// The thread around a post.
    #[must_use]
    pub fn of(context: &ContextView, links: &Links) -> Self {
        let statuses = |posts: &[PostView]| posts.iter().map(|post| Status::of(post, links)).collect();
        Self { ancestors: statuses(&context.ancestors), descendants: statuses(&context.descendants) }
    }
}

/// <https://docs.joinmastodon.org/entities/StatusSource/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Source {
    id: String,
    text: String,
    spoiler_text: String,
}

impl Source {
    /// What the author typed.
    #[must_use]
    pub fn of(post: &PostView) -> Self {
        Self { id: post.id.to_string(), text: post.source.clone(), spoiler_text: post.summary.clone() }
    }
}

/// <https://docs.joinmastodon.org/entities/StatusEdit/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Revision {
    content: String,
    spoiler_text: String,
    sensitive: bool,
    created_at: String,
    account: Account,
    media_attachments: [(); 0],
    emojis: [(); 0],
}

impl Revision {
    /// One state of an edited post.
    #[must_use]
    pub fn of(revision: &RevisionView, author: &Account) -> Self {
        Self {
            content: revision.content.clone(),
            spoiler_text: revision.summary.clone(),
            sensitive: revision.sensitive,
            created_at: revision.created_at.to_rfc3339(),
            account: author.clone(),
            media_attachments: [],
            emojis: [],
        }
    }
}
