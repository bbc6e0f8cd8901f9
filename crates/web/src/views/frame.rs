//! What stands around every page: the header, the navigation and the footer.

use super::thousands;

/// What every page needs, whatever it shows.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The department's name, as people say it.
    pub department: String,
    /// The token that every form sends back as `csrf`.
    pub csrf: String,
    /// Path and query of this page, to which small buttons come back.
    pub here: String,
    /// The place in the navigation that is shown as current.
    pub current: Nav,
    /// Who is signed in; `None` hides all but the pages that are for everyone.
    pub viewer: Option<FrameViewer>,
    /// What has just happened.
    pub notice: Option<Notice>,
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

impl FrameViewer {
    /// `3 new`, or nothing.
    #[must_use]
    pub fn unread_words(&self) -> Option<String> {
        (self.unread > 0).then(|| format!("{} new", thousands(self.unread)))
    }
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
    pub const fn list() -> [(Self, &'static str, &'static str); 7] {
        [
            (Self::Home, "/", "Home"),
            (Self::Department, "/department", "My department"),
            (Self::Network, "/network", "Network"),
            (Self::Groups, "/groups", "Groups"),
            (Self::Notifications, "/notifications", "Notifications"),
            (Self::Search, "/search", "People"),
            (Self::Write, "/write", "Write a post"),
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
