//! Posts as pages show them.

use std::borrow::Borrow;

use super::{Moment, Person, Poll, PostMedia, SafeHtml};
use crate::words::{Language, key};

/// Who can see a post, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AudienceWords {
    /// `My department`, `Network`, `Followers`, `Named people`.
    pub name: String,
    /// `Only people in Department for Example`.
    pub who: String,
    /// Not for everyone on the network; shown stronger, and the words say it too.
    pub closed: bool,
}

/// How a post is marked, in words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarkingWords {
    /// `OFFICIAL`.
    pub name: String,
    /// How it is to be handled; empty when nothing was said.
    pub handling: String,
    /// Above the lowest marking: shown as a bar across the post.
    pub raised: bool,
}

/// Whether the reader may boost a post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Boostable {
    /// Yes.
    #[default]
    Yes,
    /// No, for this reason: “Posts for one department can't be boosted”.
    No(String),
}

/// A link to a post by its author's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostLink {
    /// Who wrote it.
    pub name: String,
    /// The path of its thread.
    pub url: String,
}

/// A post as one reader sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Post {
    /// Its number here; for a boost, the boosted post's.
    pub id: String,
    /// What sets it apart on a page: for a boost, the boost's own number.
    pub entry: String,
    /// The path of its thread.
    pub url: String,
    /// Who wrote it.
    pub author: Person,
    /// When.
    pub published: Moment,
    /// When it was last edited.
    pub edited: Option<Moment>,
    /// Who boosted it into this feed.
    pub boosted_by: Option<Person>,
    /// What it answers.
    pub in_reply_to: Option<PostLink>,
    /// Who can see it.
    pub audience: AudienceWords,
    /// How it is marked.
    pub marking: MarkingWords,
    /// The group that it is in: its name and path.
    pub group: Option<PostLink>,
    /// `Announcement`, `Question`, `Answered question`; empty for a plain post.
    pub topic: String,
    /// What who runs the group, or who asked, can do with it: the act's path and its words.
    pub group_acts: Vec<(String, String)>,
    /// Title of a long post; empty for none.
    pub title: String,
    /// Content warning; empty for none.
    pub warning: String,
    /// The text.
    pub content: SafeHtml,
    /// Pictures and files.
    pub media: Vec<PostMedia>,
    /// What it asks.
    pub poll: Option<Poll>,
    /// The author wants pictures to be opened before they are seen.
    pub sensitive: bool,
    /// BCP 47 tag; empty when unknown or that of the page.
    pub language: String,
    /// Replies known here.
    pub replies: u64,
    /// Boosts known here.
    pub boosts: u64,
    /// Favourites known here.
    pub favourites: u64,
    /// The reader favourited it.
    pub favourited: bool,
    /// The reader boosted it.
    pub boosted: bool,
    /// The reader bookmarked it.
    pub bookmarked: bool,
    /// Whether the reader may boost it.
    pub boostable: Boostable,
    /// The reader wrote it, and may edit and delete it.
    pub mine: bool,
    /// Whether to show what the reader can do with it.
    pub actions: bool,
    /// The one post that its page is about.
    pub here: bool,
}

impl Post {
    /// Whether the pictures wait behind a line of their own; a content warning hides them with the text already.
    #[must_use]
    pub fn hides_media(&self) -> bool {
        self.sensitive && self.warning.is_empty() && self.media.iter().any(|item| item.picture)
    }

    /// `3 replies, 2 boosts, 5 favourites`, without the zeros.
    #[must_use]
    pub fn figures(&self, language: impl Borrow<Language>) -> Option<String> {
        let all = [
            (self.replies, key("count-replies")),
            (self.boosts, key("count-boosts")),
            (self.favourites, key("count-favourites")),
        ];
        let words = |(n, key): (u64, _)| language.borrow().say_key(key).count("n", n).to_string();
        let some: Vec<String> = all.into_iter().filter(|(n, _)| *n > 0).map(words).collect();
        (!some.is_empty()).then(|| some.join(", "))
    }
}
