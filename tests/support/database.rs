//! A database for one test: a file in a folder of its own, or a database of its own on the tests' server.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use corridor_store::{Clock, Options};
use diesel::{Connection, PgConnection, RunQueryDsl};

use crate::template;

/// Which database a test runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    Sqlite,
    /// The server that `tests/run` starts.
    Postgres,
}

/// Removed when dropped.
#[derive(Debug)]
pub struct Database {
    url: String,
    // Keeps the folder of the file.
    folder: Option<tempfile::TempDir>,
    /// The server and the name of the database on it.
    postgres: Option<(String, String)>,
}

impl Database {
    /// Makes an empty database.
    ///
    /// # Errors
    /// When PostgreSQL is asked for and `TEST_POSTGRES_URL` does not lead to it: use `tests/run`.
    pub fn new(kind: Kind) -> Result<Self> {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir()?;
                let url = format!("sqlite:{}", folder.path().join("node.sqlite3").display());
                Ok(Self { url, folder: Some(folder), postgres: None })
            }
            Kind::Postgres => Self::on_server(&server()?),
        }
    }

    /// Makes a database that has every table and nothing in them.
    ///
    /// # Errors
    /// As for [`Database::new`], or when a migration fails.
    pub fn migrated(kind: Kind) -> Result<Self> {
        match kind {
            Kind::Sqlite => {
                let database = Self::new(kind)?;
                let file = database.url.strip_prefix("sqlite:").context("a file")?;
                std::fs::copy(template::sqlite()?, file)?;
                Ok(database)
            }
            Kind::Postgres => {
                let server = server()?;
                Self::copied(&server, Some(&template::postgres(&server)?))
            }
        }
    }

    /// Makes an empty database on a PostgreSQL server.
    ///
    /// # Errors
    /// When the server can't be reached.
    pub fn on_server(server: &str) -> Result<Self> {
        Self::copied(server, None)
    }

    fn copied(server: &str, template: Option<&str>) -> Result<Self> {
        let name = format!("corridor_{:016x}", rand::random::<u64>());
        let of = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
        execute(server, &format!("CREATE DATABASE {name}{of}"))?;
        let (base, _) = server.rsplit_once('/').context("the server's URL names no database")?;
        Ok(Self { url: format!("{base}/{name}"), folder: None, postgres: Some((server.to_owned(), name)) })
    }

    /// A database that someone else looks after.
    #[must_use]
    pub fn shared(url: &str) -> Self {
        Self { url: url.to_owned(), folder: None, postgres: None }
    }

    /// Runs a statement past the node.
    ///
    /// # Errors
    /// What the database says.
    pub fn tamper(url: &str, statement: &str) -> Result<()> {
        match url.strip_prefix("sqlite:") {
            Some(file) => {
                let mut conn = diesel::SqliteConnection::establish(file)?;
                // The node writes too.
                diesel::sql_query("PRAGMA busy_timeout = 5000").execute(&mut conn)?;
                diesel::sql_query(statement).execute(&mut conn)?;
                Ok(())
            }
            None => execute(url, statement),
        }
    }

    /// A backup of what it holds now, made while the node runs, as docs/OPERATIONS.md says; in a database of its own.
    ///
    /// # Errors
    /// When the database's own programs fail or are not there.
    pub fn backup(&self) -> Result<Self> {
        let Some(file) = self.url.strip_prefix("sqlite:") else { return self.dumped() };
        let copy = Self::new(Kind::Sqlite)?;
        let into = copy.url.strip_prefix("sqlite:").context("a file")?;
        ensure!(std::path::Path::new(file).exists(), "{file} is not there");
        Self::tamper(&self.url, &format!("VACUUM INTO '{into}'"))?;
        Ok(copy)
    }

    fn dumped(&self) -> Result<Self> {
        let copy = Self::new(Kind::Postgres)?;
        let dump = Command::new("pg_dump").arg("--dbname").arg(&self.url).output().context("pg_dump")?;
        ensure!(dump.status.success(), "pg_dump: {}", String::from_utf8_lossy(&dump.stderr));
        let mut restore = Command::new("psql")
            .args(["--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1", "--dbname", &copy.url])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .context("psql")?;
        restore.stdin.take().context("an input")?.write_all(&dump.stdout)?;
        let ended = restore.wait()?;
        ensure!(ended.success(), "psql: {ended}");
        Ok(copy)
    }

    /// A SQLite file in a folder that someone else looks after.
    ///
    /// # Errors
    /// Never for a folder that is there.
    pub fn in_folder(folder: &std::path::Path) -> Result<Self> {
        Ok(Self { url: format!("sqlite:{}", folder.join("node.sqlite3").display()), folder: None, postgres: None })
    }

    /// The URL a node opens.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The folder of a SQLite file.
    #[must_use]
    pub fn folder(&self) -> Option<&std::path::Path> {
        self.folder.as_ref().map(tempfile::TempDir::path)
    }

    /// How to open it.
    ///
    /// # Errors
    /// Never for a URL of ours.
    pub fn options(&self, clock: Clock) -> Result<Options> {
        let mut options = Options::from_url(&self.url)?;
        options.clock = clock;
        // Many nodes share one small server in the tests.
        options.connections = 4;
        Ok(options)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.postgres {
            // A database left behind goes with the server, which lives only as long as the tests.
            let _ = execute(server, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
        }
    }
}

fn server() -> Result<String> {
    std::env::var("TEST_POSTGRES_URL")
        .context("TEST_POSTGRES_URL is not set: run the tests with tests/run, which starts PostgreSQL")
}

fn execute(server: &str, statement: &str) -> Result<()> {
    let mut conn = PgConnection::establish(server)?;
    diesel::sql_query(statement).execute(&mut conn)?;
    Ok(())
}
