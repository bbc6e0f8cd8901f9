//! Migrations: two folders with the same names, one for each database, embedded in the program.

use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::conn::{self, Conn, Use};
use crate::{Error, Options, Result};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// What a run of the migrations did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationReport {
    /// The names of the migrations that were applied now, in order.
    pub applied: Vec<String>,
}

/// Applies every migration that is missing. Each runs in a transaction of its own.
///
/// # Errors
/// When the database can't be opened, or a migration fails; earlier ones stay applied.
pub fn run_migrations(options: &Options) -> Result<MigrationReport> {
    let mut conn = conn::open(options, Use::Write)?;
    let applied = match &mut conn {
        Conn::Sqlite(conn) => names(conn.run_pending_migrations(SQLITE)),
        Conn::Pg(conn) => {
            use diesel::connection::SimpleConnection;
            // Two processes that start together must not both migrate.
            conn.batch_execute("SET statement_timeout = 0; SELECT pg_advisory_lock(4207281)")?;
            let outcome = names(conn.run_pending_migrations(POSTGRES));
            conn.batch_execute("SELECT pg_advisory_unlock(4207281)")?;
            outcome
        }
    };
    Ok(MigrationReport { applied: applied? })
}

/// The names of the migrations that are missing.
///
/// # Errors
/// When the database can't be opened.
pub fn pending_migrations(options: &Options) -> Result<Vec<String>> {
    let mut conn = conn::open(options, Use::Write)?;
    let pending = match &mut conn {
        Conn::Sqlite(conn) => {
            conn.pending_migrations(SQLITE).map(|list| list.iter().map(|m| m.name().to_string()).collect())
        }
        Conn::Pg(conn) => {
            conn.pending_migrations(POSTGRES).map(|list| list.iter().map(|m| m.name().to_string()).collect())
        }
    };
    pending.map_err(|error| Error::Corrupt(error.to_string()))
}

fn names(
    outcome: std::result::Result<
        Vec<diesel::migration::MigrationVersion<'_>>,
        Box<dyn std::error::Error + Send + Sync>,
    >,
) -> Result<Vec<String>> {
    outcome
        .map(|versions| versions.iter().map(ToString::to_string).collect())
        .map_err(|error| Error::Corrupt(format!("a migration failed: {error}")))
}
