//! What can go wrong when a person, a peer or an administrator asks for something.

use corridor_domain::policy::Refusal;
use corridor_domain::visibility::ReplyRefused;
use corridor_store as store;

/// Why a request was not carried out. Nothing of it remains.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It isn't there, or the asker may not know that it is.
    #[error("{0} was not found")]
    NotFound(&'static str),
    /// The asker is not signed in, or the token is not valid.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The asker may see it but not do this.
    #[error("{0}")]
    Forbidden(String),
    /// What was sent makes no sense; the text says what to change.
    #[error("{0}")]
    Invalid(String),
    /// A poll or vote breaks a rule.
    #[error(transparent)]
    Poll(#[from] corridor_domain::poll::Refused),
    /// It clashes with what is there already.
    #[error("{0}")]
    Conflict(String),
    /// Too often; try again after so many seconds.
    #[error("too many attempts: try again in {0} seconds")]
    TooMany(u64),
    /// A host was turned away by policy.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A peer can't be reached or answers nonsense.
    #[error("{0}")]
    Peer(String),
    /// The store can't answer now.
    #[error("the service can't answer now")]
    Unavailable(#[source] store::Error),
    /// A mistake of the program; its cause is in the log.
    #[error("something went wrong")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// The app's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Builds [`Error::Invalid`] from anything that can be said.
    pub fn invalid(reason: impl std::fmt::Display) -> Self {
        Self::Invalid(reason.to_string())
    }

    /// Builds [`Error::Forbidden`] from anything that can be said.
    pub fn forbidden(reason: impl std::fmt::Display) -> Self {
        Self::Forbidden(reason.to_string())
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::NotFound => Self::NotFound("that"),
            store::Error::Conflict(_) => Self::Conflict("that is there already".to_owned()),
            store::Error::Unavailable(_) => Self::Unavailable(error),
            other => Self::Internal(Box::new(other)),
        }
    }
}

impl From<ReplyRefused> for Error {
    fn from(refused: ReplyRefused) -> Self {
        Self::Invalid(refused.to_string())
    }
}
