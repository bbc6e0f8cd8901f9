//! Databases for tests: each test gets one of its own, migrated and open, on SQLite and on PostgreSQL.

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection, SqliteConnection};

use crate::{Backend, Clock, Options, Store, run_migrations};

/// A database of one test; gone when dropped.
#[derive(Debug)]
pub struct TestDatabase {
    /// The open store.
    pub store: Store,
    /// How it was opened.
    pub options: Options,
    /// Its clock: the system's, moved forward by [`Clock::advance`].
    pub clock: Clock,
    // Keeps the folder of the file.
    folder: tempfile::TempDir,
    postgres: Option<(String, String)>,
}

impl TestDatabase {
    /// A file in a folder of its own.
    ///
    /// # Panics
    /// When it can't be made: the test can't go on.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite:{}", folder.path().join("test.sqlite3").display());
        Self::open(&url, folder, None)
    }

    /// A database of its own on the server at `TEST_POSTGRES_URL`, which `tests/run` starts.
    ///
    /// # Panics
    /// When that isn't set or doesn't answer.
    #[must_use]
    pub fn postgres() -> Self {
        let server = std::env::var("TEST_POSTGRES_URL")
            .expect("TEST_POSTGRES_URL is not set: run the tests with tests/run, which starts PostgreSQL");
        let name = format!("corridor_{:016x}", rand::random::<u64>());
        execute(&server, &format!("CREATE DATABASE {name}"));
        let (base, _) = server.rsplit_once('/').expect("TEST_POSTGRES_URL names a database");
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self::open(&format!("{base}/{name}"), folder, Some((server.clone(), name)))
    }

    /// Both: what is promised for one is promised for the other.
    ///
    /// # Panics
    /// As [`TestDatabase::postgres`].
    #[must_use]
    pub fn each() -> Vec<Self> {
        vec![Self::sqlite(), Self::postgres()]
    }

    /// Runs statements past the store, on a connection of their own: for tests that tamper.
    ///
    /// # Errors
    /// What the database says.
    ///
    /// # Panics
    /// When it can't be reached.
    pub fn execute(&self, statements: &str) -> diesel::QueryResult<()> {
        const REACHED: &str = "the database of this test answers";
        let location = &self.options.location;
        match self.options.backend {
            Backend::Sqlite => SqliteConnection::establish(location).expect(REACHED).batch_execute(statements),
            Backend::Postgres => PgConnection::establish(location).expect(REACHED).batch_execute(statements),
        }
    }

    /// Takes away what keeps audit entries from being changed, as somebody who owns the database could.
    ///
    /// # Panics
    /// When the guards are not there.
    pub fn drop_audit_guards(&self) {
        let statements = match self.options.backend {
            Backend::Sqlite => "DROP TRIGGER audit_entries_keep; DROP TRIGGER audit_entries_stay",
            Backend::Postgres => {
                "DROP TRIGGER audit_entries_keep ON audit_entries; DROP TRIGGER audit_entries_stay ON audit_entries"
            }
        };
        self.execute(statements).expect("the guards are there");
    }

    /// A folder that lives as long as the database.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    fn open(url: &str, folder: tempfile::TempDir, postgres: Option<(String, String)>) -> Self {
        let clock = Clock::system();
        let mut options = Options::from_url(url).expect("a URL of ours");
        options.clock = clock.clone();
        options.connections = 4;
        run_migrations(&options).expect("the migrations run");
        let store = Store::open(&options).expect("the database opens");
        Self { store, options, clock, folder, postgres }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.postgres {
            execute(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn execute(server: &str, statement: &str) {
    let mut conn = PgConnection::establish(server).expect("the tests' PostgreSQL answers");
    conn.batch_execute(statement).expect("the tests' PostgreSQL obeys");
}
