//! One connection type over both databases, and the settings each connection starts with.

use diesel::connection::SimpleConnection;
use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;

use crate::pool::Options;
use crate::{Backend, Result};

/// A connection to either database; which one is decided by the URL when the node starts.
#[derive(diesel::MultiConnection)]
pub enum Conn {
    /// PostgreSQL.
    Pg(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

impl std::fmt::Debug for Conn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Pg(_) => "PostgreSQL connection",
            Self::Sqlite(_) => "SQLite connection",
        })
    }
}

/// What a connection is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    Read,
    Write,
}

/// Opens a connection and gives it its settings.
pub(crate) fn open(options: &Options, usage: Use) -> Result<Conn> {
    use diesel::Connection;
    let mut conn = match options.backend {
        Backend::Sqlite => Conn::Sqlite(SqliteConnection::establish(&options.location)?),
        Backend::Postgres => Conn::Pg(PgConnection::establish(&options.location)?),
    };
    prepare(&mut conn, options, usage)?;
    Ok(conn)
}

/// Gives a fresh connection its settings.
pub(crate) fn prepare(conn: &mut Conn, options: &Options, usage: Use) -> diesel::QueryResult<()> {
    match options.backend {
        Backend::Sqlite => conn.batch_execute(&sqlite_settings(options, usage)),
        // A statement that waits for a lock longer than this is better answered with "try again". What is asked here takes
        // milliseconds; to compile it first (jit), as PostgreSQL does where its guess is high, takes hundreds.
        Backend::Postgres => conn.batch_execute(&format!(
            "SET lock_timeout = '{0}ms'; SET statement_timeout = '30s'; SET TIME ZONE 'UTC'; SET jit = off",
            options.busy_timeout.as_millis()
        )),
    }
}

fn sqlite_settings(options: &Options, usage: Use) -> String {
    let query_only = if usage == Use::Read { "PRAGMA query_only = ON;" } else { "" };
    format!(
        "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; PRAGMA synchronous = {}; PRAGMA foreign_keys = ON; \
         PRAGMA temp_store = MEMORY; PRAGMA cache_size = -{}; PRAGMA wal_autocheckpoint = 4000; {query_only}",
        options.busy_timeout.as_millis(),
        options.synchronous.word(),
        options.cache_kib,
    )
}
