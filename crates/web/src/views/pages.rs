//! One struct for each page, bound to its template: a handler fills it and renders it.

use askama::Template;

use super::{
    Boostable, Choice, ComposePoll, Connected, Errors, Follow, Frame, Hidden, Message, Moment, Nav, Pager, Person,
    Post, PostMedia, Profile, SafeHtml,
};
use crate::assets;
use crate::words::{Key, Language, key};

/// Sign in.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "sign_in.html")]
pub struct SignInPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// What was typed.
    pub username: String,
    /// The local path to go to afterwards; empty for home.
    pub next: String,
    /// What was wrong: fields `username` and `password`.
    pub errors: Errors,
}

/// Choose a password: `old`, `new` and `next` are sent.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "new_password.html")]
pub struct NewPasswordPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// Nothing else is open to the reader before.
    pub must: bool,
    /// The local path to go to afterwards; empty for home.
    pub next: String,
    /// What was wrong: fields `old` and `new`.
    pub errors: Errors,
}

/// The feeds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Feed {
    /// People whom the reader follows.
    #[default]
    Home,
    /// The department's own.
    Department,
    /// Every department's.
    Network,
    /// What carries a tag.
    Tag,
}

impl Feed {
    /// The page's heading.
    #[must_use]
    pub const fn heading(self) -> Key {
        match self {
            Self::Home => key("feed-home"),
            Self::Department => key("feed-department"),
            Self::Network => key("feed-network"),
            Self::Tag => key("feed-tag"),
        }
    }
}

/// The tag that a feed is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FeedTag {
    /// Without its sign.
    pub name: String,
    /// Its page's path.
    pub path: String,
    /// The reader follows it.
    pub followed: bool,
}

/// What everyone on the node is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Announcement {
    /// Its number.
    pub id: String,
    /// What it says.
    pub content: SafeHtml,
    /// When what it is about begins and ends, in words; may be empty.
    pub when: String,
}

/// A feed.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "home.html")]
pub struct FeedPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// Which one.
    pub feed: Feed,
    /// For [`Feed::Tag`], which tag.
    pub tag: Option<FeedTag>,
    /// For [`Feed::Home`], what the reader has not dismissed.
    pub announcements: Vec<Announcement>,
    /// Newest first.
    pub posts: Vec<Post>,
    /// Newer and older posts.
    pub pager: Pager,
}

impl FeedPage {
    fn heading(&self) -> String {
        match &self.tag {
            Some(tag) => format!("#{}", tag.name),
            None => self.frame.language.say_key(self.feed.heading()).into(),
        }
    }
}

/// What the composer is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ComposeKind {
    /// A new post.
    #[default]
    New,
    /// The first post of a talk in a group.
    Talk,
    /// A reply to [`ComposePage::parent`].
    Reply,
    /// A change of one's own post.
    Edit,
}

/// What was typed, kept when something was wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ComposeForm {
    /// Title.
    pub title: String,
    /// Markdown.
    pub text: String,
    /// Content warning.
    pub warning: String,
    /// How it is to be handled.
    pub handling: String,
}

/// The composer: `title`, `text`, `warning`, `audience`, `marking`, `handling`, `idempotency_key` and the extras are sent; for each new file
/// `file-N` and `file-alt-N`; for each that is there `media`, `alt-ID` and, to take it out, `remove`.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "compose.html")]
pub struct ComposePage {
    /// See [`Frame`].
    pub frame: Frame,
    /// New, reply or edit.
    pub kind: ComposeKind,
    /// The path that it is sent to: `/write`, `/posts/{id}/reply` or `/posts/{id}/edit`.
    pub action: String,
    /// See [`ComposeForm`].
    pub form: ComposeForm,
    /// The post that is answered.
    pub parent: Option<Post>,
    /// There is a field for a title.
    pub titled: bool,
    /// What a title makes of it; empty for nothing.
    pub title_hint: String,
    /// Check boxes: what the post is besides, each sent under its own name.
    pub extras: Vec<Choice>,
    /// Who may see it; empty when it can't be chosen, as for edits.
    pub audiences: Vec<Choice>,
    /// Why the audience can't be chosen: “Only people in … see this post. That can't be changed”.
    pub audience_fixed: String,
    /// The markings that may be chosen, lowest first.
    pub markings: Vec<Choice>,
    /// The markings for which handling must be said, in words: `OFFICIAL-SENSITIVE`.
    pub handling_needed_for: String,
    /// What it asks; `None` where that can't be changed.
    pub poll: Option<ComposePoll>,
    /// What the post has already, or what was uploaded before something was wrong.
    pub media: Vec<PostMedia>,
    /// The numbers of the file fields: as many as there may be more.
    pub slots: Vec<usize>,
    /// What may be attached, in words.
    pub files_hint: String,
    /// The same for the browser.
    pub files_accept: String,
    /// Longest text, in characters.
    pub limit: u64,
    /// The same for each attempt to send this form, so that it is published once.
    pub idempotency_key: String,
    /// The house rules, beside the form.
    pub rules: Vec<String>,
    /// What was wrong: fields `text`, `warning`, `audience`, `marking`, `handling`, `file-N`.
    pub errors: Errors,
}

impl ComposePage {
    fn heading(&self) -> String {
        let heading = match self.kind {
            ComposeKind::New => key("compose-new"),
            ComposeKind::Talk => key("compose-talk"),
            ComposeKind::Reply => key("compose-reply"),
            ComposeKind::Edit => key("compose-edit"),
        };
        self.frame.language.say_key(heading).into()
    }

    fn button(&self) -> String {
        let button = match self.kind {
            ComposeKind::New | ComposeKind::Talk => key("compose-publish"),
            ComposeKind::Reply => key("compose-publish-reply"),
            ComposeKind::Edit => key("compose-save"),
        };
        self.frame.language.say_key(button).into()
    }
}

/// A post with what comes before and after it.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "thread.html")]
pub struct ThreadPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// From the start of the thread down to the post's parent.
    pub before: Vec<Post>,
    /// The post; its `here` is set.
    pub post: Post,
    /// Answers and their answers.
    pub after: Vec<Post>,
}

/// A person's page.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "profile.html")]
pub struct ProfilePage {
    /// See [`Frame`].
    pub frame: Frame,
    /// Who.
    pub profile: Profile,
    /// Their posts, newest first.
    pub posts: Vec<Post>,
    /// Newer and older posts.
    pub pager: Pager,
}

/// A list of people, such as followers.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "people.html")]
pub struct PeoplePage {
    /// See [`Frame`].
    pub frame: Frame,
    /// `Followers of Asha Patel`.
    pub heading: String,
    /// Said when there is nobody.
    pub nobody: String,
    /// The people.
    pub people: Vec<Person>,
    /// Newer and older entries.
    pub pager: Pager,
}

/// Something the reader is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notification {
    /// Who did it.
    pub from: Person,
    /// What they did, before and after their name: ` boosted your post`.
    pub did: (String, String),
    /// The beginning of the post as plain text; empty for none and for marked posts.
    pub excerpt: String,
    /// The path of what it is about.
    pub url: Option<String>,
    /// What is there: `View post`.
    pub link: String,
    /// When.
    pub at: Moment,
    /// Not seen before.
    pub new: bool,
    /// They ask to follow, and the reader can answer here.
    pub asks_to_follow: bool,
}

impl Notification {
    /// `Asha Patel boosted your post`.
    fn sentence(&self) -> String {
        format!("{}{}{}", self.did.0, self.from.name, self.did.1)
    }
}

/// Notifications.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "notifications.html")]
pub struct NotificationsPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// Newest first.
    pub notifications: Vec<Notification>,
    /// Newer and older ones.
    pub pager: Pager,
}

impl NotificationsPage {
    fn any_new(&self) -> bool {
        self.notifications.iter().any(|one| one.new) || self.frame.viewer.as_ref().is_some_and(|who| who.unread > 0)
    }
}

/// Finding people: `q` is sent.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "search.html")]
pub struct SearchPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// What was typed.
    pub query: String,
    /// Who was found; `None` when nothing was asked.
    pub people: Option<Vec<Person>>,
    /// What was wrong: field `q`.
    pub errors: Errors,
}

impl SearchPage {
    fn found_words(&self) -> String {
        let found = self.people.as_ref().map_or(0, Vec::len);
        let found = u64::try_from(found).unwrap_or(u64::MAX);
        self.frame.language.say("count-people").count("n", found).into()
    }
}

/// Whom to write to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contact {
    /// As configured; empty when nothing is.
    pub words: String,
    /// A `mailto:` or `https:` address, when it is one.
    pub link: Option<String>,
}

/// About this node; for everyone.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "about.html")]
pub struct AboutPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// What the department says of it, by paragraph.
    pub description: Vec<String>,
    /// See [`Contact`].
    pub contact: Contact,
    /// Corridor's version.
    pub version: String,
    /// Where its source can be had, as its licence demands.
    pub source_url: Option<String>,
}

/// House rules; for everyone.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "rules.html")]
pub struct RulesPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// One text each.
    pub rules: Vec<String>,
    /// See [`Contact`].
    pub contact: Contact,
}

/// Accessibility statement; for everyone.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "accessibility.html")]
pub struct AccessibilityPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// See [`Contact`].
    pub contact: Contact,
}

/// What went wrong, in plain words.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "error.html")]
pub struct ErrorPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// `Page not found`.
    pub heading: String,
    /// Why, where that helps the reader.
    pub reason: Option<Message>,
    /// What to do, by paragraph.
    pub words: Vec<String>,
}

impl ErrorPage {
    /// The page for an HTTP status. `reason` is shown where it helps the reader. Never internals.
    #[must_use]
    pub fn of(status: u16, reason: Option<Message>, frame: Frame) -> Self {
        let (heading, words): (Key, &[Key]) = match status {
            400 | 422 => (key("error-400"), &[key("error-400-words")]),
            401 => (key("error-401"), &[key("error-401-words")]),
            403 => (key("error-403"), &[key("error-403-words")]),
            404 => (key("error-404"), &[key("error-404-typed"), key("error-404-removed")]),
            405 => (key("error-405"), &[key("error-405-words")]),
            409 => (key("error-409"), &[key("error-409-words")]),
            413 => (key("error-413"), &[key("error-413-words")]),
            429 => (key("error-429"), &[key("error-429-words")]),
            503 => (key("error-503"), &[key("error-503-words")]),
            _ => (key("error-500"), &[key("error-500-words")]),
        };
        let in_words = |key: Key| frame.language.say_key(key).to_string();
        Self { heading: in_words(heading), reason, words: words.iter().copied().map(in_words).collect(), frame }
    }
}

/// An app asks for access: the fields of `hidden`, and `decision` as `approve` or `deny`, are sent.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "oauth_authorize.html")]
pub struct OauthAuthorizePage {
    /// See [`Frame`].
    pub frame: Frame,
    /// The path that it is sent to.
    pub action: String,
    /// What is sent back unchanged.
    pub hidden: Vec<Hidden>,
    /// The app's name, as it gave it.
    pub app: String,
    /// The host of its site, as it gave it; empty for none.
    pub site: String,
    /// What it may then do, in words: “See your home feed and notifications”.
    pub allows: Vec<String>,
    /// Where the reader goes afterwards: a host, or empty when a code is shown instead.
    pub goes_to: String,
}

/// The code that is typed into an app.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "oauth_code.html")]
pub struct OauthCodePage {
    /// See [`Frame`].
    pub frame: Frame,
    /// The app's name.
    pub app: String,
    /// The code.
    pub code: String,
}

/// Asks before a post is deleted.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "confirm_delete.html")]
pub struct ConfirmDeletePage {
    /// See [`Frame`].
    pub frame: Frame,
    /// The post; its `actions` are off.
    pub post: Post,
}

/// One state of an edited post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Revision {
    /// When it was made.
    pub made: Moment,
    /// Content warning; empty for none.
    pub warning: String,
    /// The text then.
    pub content: SafeHtml,
}

/// What a post said before.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "history.html")]
pub struct HistoryPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// The post's author.
    pub author: String,
    /// The post's path.
    pub url: String,
    /// The newest first.
    pub revisions: Vec<Revision>,
}

/// Where a deleted post is gone.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "recall.html")]
pub struct RecallPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// This page's path.
    pub url: String,
    /// At how many departments it is gone.
    pub gone: usize,
    /// Those that were asked.
    pub places: Vec<RecallPlace>,
}

/// How it stands at one department.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecallPlace {
    /// Its name, or its address.
    pub department: String,
    /// Since when it is gone there.
    pub gone: Option<Moment>,
}
