//! Connections as pages show them.

use askama::Template;

use super::{Errors, Frame, Moment, Nav, Pager, Person};
use crate::assets;
use crate::words::Language;

/// How the reader stands to somebody, as far as connections go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Connected {
    /// Neither has asked, or it was turned down.
    #[default]
    No,
    /// The reader has asked.
    Waiting,
    /// They have asked the reader.
    ToAnswer,
    /// They are connected.
    Yes,
}

/// A connection, or the wish for one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// The other one.
    pub person: Person,
    /// What was written beside the wish; shown until it is answered.
    pub note: String,
    /// How far it has come.
    pub standing: Connected,
    /// When that was.
    pub at: Moment,
}

/// The reader's connections and requests.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "connections.html")]
pub struct ConnectionsPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// Who asks the reader.
    pub to_answer: Vec<Connection>,
    /// Who is connected.
    pub connected: Vec<Connection>,
    /// Whom the reader has asked.
    pub waiting: Vec<Connection>,
    /// Newer and older connections.
    pub pager: Pager,
}

/// Asking somebody to connect: `note` is sent.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "connect.html")]
pub struct ConnectPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// Whom.
    pub person: Person,
    /// What was typed.
    pub note: String,
    /// What was wrong: field `note`.
    pub errors: Errors,
}
