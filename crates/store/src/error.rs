//! What can go wrong in the store, sorted by what the caller can do about it.

use diesel::result::{DatabaseErrorKind, Error as Diesel};

/// A failed read or write. Nothing of a failed write remains.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The row asked for is not there.
    #[error("not found")]
    NotFound,
    /// A unique value is taken already.
    #[error("already there: {0}")]
    Conflict(String),
    /// The database can't answer now (starting, locked, full, unreachable). The same call may work later.
    #[error("the database can't answer now: {0}")]
    Unavailable(String),
    /// What stands in the database makes no sense to this version.
    #[error("unreadable data: {0}")]
    Corrupt(String),
    /// A mistake of the program.
    #[error("database error")]
    Other(#[source] Diesel),
}

/// The store's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether the same write, done again at once in a new transaction, may well succeed.
    #[must_use]
    pub(crate) fn is_worth_a_retry(&self) -> bool {
        matches!(self, Self::Unavailable(reason) if reason.starts_with(RETRY))
    }
}

/// Marks the reasons that go away with a second attempt.
const RETRY: &str = "another write got in the way";

/// What SQLite and libpq say when the trouble is the machine's, not the query's.
const TROUBLE: [&str; 14] = [
    "database is locked",
    "database or disk is full",
    "disk I/O error",
    "unable to open database",
    "readonly database",
    "table is locked",
    "could not extend file",
    "no space left",
    "terminating connection",
    "server closed the connection",
    "connection",
    "shutting down",
    "starting up",
    "canceling statement",
];

impl From<Diesel> for Error {
    fn from(error: Diesel) -> Self {
        match error {
            Diesel::NotFound => Self::NotFound,
            Diesel::DatabaseError(DatabaseErrorKind::UniqueViolation, info) => {
                Self::Conflict(info.message().to_owned())
            }
            Diesel::DatabaseError(DatabaseErrorKind::SerializationFailure, info) => {
                Self::Unavailable(format!("{RETRY}: {}", info.message()))
            }
            Diesel::DatabaseError(
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand,
                info,
            ) => Self::Unavailable(info.message().to_owned()),
            Diesel::DatabaseError(kind, info) => {
                let message = info.message().to_owned();
                if message.contains("deadlock detected") {
                    return Self::Unavailable(format!("{RETRY}: {message}"));
                }
                if TROUBLE.iter().any(|trouble| message.to_lowercase().contains(trouble)) {
                    return Self::Unavailable(message);
                }
                Self::Other(Diesel::DatabaseError(kind, info))
            }
            Diesel::BrokenTransactionManager => Self::Unavailable("the connection broke".to_owned()),
            other => Self::Other(other),
        }
    }
}

impl From<diesel::ConnectionError> for Error {
    fn from(error: diesel::ConnectionError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

impl From<diesel::r2d2::PoolError> for Error {
    fn from(error: diesel::r2d2::PoolError) -> Self {
        Self::Unavailable(format!("no free connection: {error}"))
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}
