//! What stands around every page: the header, the navigation and the footer.

use std::borrow::Borrow;

use crate::words::{Language, Said};

/// What every page needs, whatever it shows.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The language of the page.
    pub language: Language,
    /// The department's name, as people say it.
    pub department: String,
    /// The token that every form sends back as `csrf`.
    pub csrf: String,
    /// Path and query of this page, to which small buttons come back.
    pub here: String,
    /// Path and query to come back to from the switch of languages.
    pub back: String,
    /// The place in the navigation that is shown as current.
    pub current: Nav,
    /// Who is signed in; `None` hides all but the pages that are for everyone.
    pub viewer: Option<FrameViewer>,
    /// What has just happened.
    pub notice: Option<Notice>,
}

impl Frame {
    /// A text in the language of the page. `key` is written out in the template, so that the tests find it.
    #[must_use]
    pub fn say(&self, key: &'static str) -> Said {
        Said::new(self.language, key)
    }
}

/// Who is signed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrameViewer {
    /// Their name.
    pub name: String,
    /// Their profile's path.
    pub url: String,
    /// Notifications that they haven't seen.
    pub unread: u64,
    /// They administer the node.
    pub administrator: bool,
}

/// The places of the navigation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Nav {
    /// The home feed.
    Home,
    /// The department's feed.
    Department,
    /// The network's feed.
    Network,
    /// Groups.
    Groups,
    /// Notifications.
    Notifications,
    /// Finding people.
    Search,
    /// Writing a post.
    Write,
    /// One's own profile.
    Profile,
    /// What administrators do.
    Administration,
    /// Any other page.
    #[default]
    Elsewhere,
}

impl Nav {
    /// The places of the list, in order, with their paths and names.
    #[must_use]
    pub fn list(language: impl Borrow<Language>) -> [(Self, &'static str, Said); 7] {
        let language = language.borrow();
        [
            (Self::Home, "/", language.say("nav-home")),
            (Self::Department, "/department", language.say("nav-department")),
            (Self::Network, "/network", language.say("nav-network")),
            (Self::Groups, "/groups", language.say("nav-groups")),
            (Self::Notifications, "/notifications", language.say("nav-notifications")),
            (Self::Search, "/search", language.say("nav-people")),
            (Self::Write, "/write", language.say("write-a-post")),
        ]
    }
}

/// What has just happened, at the top of the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// In words: “Your post has been published”.
    pub text: String,
    /// Whether it went well; otherwise it is merely important.
    pub success: bool,
}

impl Notice {
    /// Something went well.
    #[must_use]
    pub fn success(text: impl Into<String>) -> Self {
        Self { text: text.into(), success: true }
    }

    /// Something that people should know.
    #[must_use]
    pub fn important(text: impl Into<String>) -> Self {
        Self { text: text.into(), success: false }
    }
}

/// Links to the pages before and after this one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pager {
    /// Path and query of newer entries.
    pub newer: Option<String>,
    /// Path and query of older entries.
    pub older: Option<String>,
}

impl Pager {
    /// Whether there is anything to link to.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.newer.is_some() || self.older.is_some()
    }
}
