//! Pages about the reader's own account: moving it, and where it is signed in.

use askama::Template;

use super::{Errors, Frame, Moment, Nav};
use crate::assets;
use crate::words::Language;

/// An older account of the reader.
#[derive(Debug, Clone, Default)]
pub struct OlderAccount {
    /// `name@host`.
    pub handle: String,
    /// What is sent to remove it.
    pub uri: String,
}

/// Older accounts, and moving to another one: `older`, `target` and `password` are sent.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "moving.html")]
pub struct MovingPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// What the reader says is theirs.
    pub older_accounts: Vec<OlderAccount>,
    /// Handle of the account that they have moved to.
    pub moved_to: Option<String>,
    /// What was typed.
    pub older: String,
    /// What was typed.
    pub target: String,
    /// What was wrong: fields `older`, `target` and `password`.
    pub errors: Errors,
}

/// A browser in which the reader is signed in.
#[derive(Debug, Clone, Default)]
pub struct SignedInBrowser {
    /// What is sent to sign it out.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// Since when.
    pub since: Moment,
    /// When it was last used.
    pub seen: Moment,
    /// Whether the page is read in it.
    pub is_this: bool,
}

/// An application that may use the reader's account.
#[derive(Debug, Clone, Default)]
pub struct AllowedApp {
    /// What is sent to end it.
    pub id: String,
    /// As people know it.
    pub name: String,
    /// The host of its site; may be empty.
    pub site: String,
    /// What it may do, in words.
    pub allows: Vec<String>,
    /// Since when.
    pub since: Moment,
}

/// Where the reader is signed in: browsers and applications.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "signed_in.html")]
pub struct SignedInPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// The latest first.
    pub browsers: Vec<SignedInBrowser>,
    /// The latest first.
    pub apps: Vec<AllowedApp>,
}
