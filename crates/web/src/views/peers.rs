//! The allow-list as administrators see it.

use askama::Template;

use super::{Choice, Errors, Frame, Hidden, Moment, Nav};
use crate::assets;
use crate::words::Language;

/// A peer in a few lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerLine {
    /// Its federation address.
    pub host: String,
    /// The department that runs it; may be empty.
    pub department: String,
    /// Its page's path here.
    pub url: String,
    /// `Allowed`, `Suspended`, `Removed`, `Out of term`.
    pub state: String,
    /// The colour of the tag that shows the state.
    pub colour: &'static str,
    /// The highest marking that goes there or comes from there.
    pub ceiling: String,
    /// What it is used for: `posts, groups`.
    pub services: String,
    /// `3 activities wait`; `Nothing waits`.
    pub waiting: String,
    /// Since when the oldest waits.
    pub oldest: Option<Moment>,
    /// When it last took something.
    pub last_success: Option<Moment>,
    /// When it last failed.
    pub last_failure: Option<Moment>,
}

impl PeerLine {
    /// The department, or the host where no department is named.
    #[must_use]
    pub fn name(&self) -> &str {
        if self.department.is_empty() { &self.host } else { &self.department }
    }
}

/// Every peer that is or was allowed.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "peers.html")]
pub struct PeersPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// Who is or was allowed.
    pub peers: Vec<PeerLine>,
}

/// A way to an act.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerButton {
    /// The path of its page.
    pub url: String,
    /// What is read.
    pub label: String,
    /// It takes something away.
    pub warns: bool,
}

/// Something that was done about a peer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeerAct {
    /// When.
    pub at: Moment,
    /// What: `Terms set`.
    pub did: String,
    /// By whom: `asha`.
    pub who: String,
    /// The particulars; may be empty.
    pub detail: String,
}

/// One peer.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "peer.html")]
pub struct PeerPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// See [`PeerLine`].
    pub peer: PeerLine,
    /// Its terms: names and words.
    pub terms: Vec<(String, String)>,
    /// Fingerprints of its pinned keys.
    pub keys: Vec<String>,
    /// How delivery stands, beside what [`PeerLine`] says.
    pub delivery: Vec<(String, String)>,
    /// What is held of it.
    pub held: Vec<(String, String)>,
    /// What can be done.
    pub buttons: Vec<PeerButton>,
    /// What was done, newest first.
    pub history: Vec<PeerAct>,
}

/// Which peer to allow: `host` is sent.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "new_peer.html")]
pub struct NewPeerPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// As typed.
    pub host: String,
    /// What was wrong: field `host`.
    pub errors: Errors,
}

/// The terms of a peer: `account_domain`, `ceiling`, `default_marking`, `services`, `department`, `note` and `contact` are
/// sent.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "peer_terms.html")]
pub struct PeerTermsPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// Its federation address.
    pub host: String,
    /// `Allow transport.example`, `Change the terms of transport.example`.
    pub heading: String,
    /// The path to go back to.
    pub back: String,
    /// Where the form goes.
    pub action: String,
    /// What the registry says of it; empty for nothing.
    pub registry: String,
    /// As typed.
    pub account_domain: String,
    /// The highest marking.
    pub ceilings: Vec<Choice>,
    /// What counts for posts that carry no marking.
    pub default_markings: Vec<Choice>,
    /// What it may be used for.
    pub services: Vec<Choice>,
    /// As typed.
    pub department: String,
    /// As typed.
    pub note: String,
    /// As typed.
    pub contact: String,
    /// What was wrong: the fields' names, and `host`.
    pub errors: Errors,
}

/// What new terms would mean, before they are given: `step` is sent, and what was typed.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "peer_preview.html")]
pub struct PeerPreviewPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// Its federation address.
    pub host: String,
    /// Where the form goes.
    pub action: String,
    /// Whether something is lost.
    pub loses: bool,
    /// What would happen.
    pub effects: Vec<String>,
    /// The terms: name, and what they would be.
    pub terms: Vec<(String, String)>,
    /// What was typed.
    pub hidden: Vec<Hidden>,
}

/// An act, before it is done: `password` and `purge` are sent where they are asked for.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "peer_confirm.html")]
pub struct PeerConfirmPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// What is asked: `Remove transport.example?`.
    pub heading: String,
    /// What would happen.
    pub effects: Vec<String>,
    /// Where the form goes.
    pub action: String,
    /// The path to go back to.
    pub back: String,
    /// What the button says.
    pub button: String,
    /// It can't be taken back, and asks for the password.
    pub is_final: bool,
    /// Whether to destroy what is held can be chosen.
    pub offers_purge: bool,
    /// It is chosen.
    pub purge: bool,
    /// What was wrong: fields `password` and `confirm`.
    pub errors: Errors,
}
