//! A database with every table, made once, of which each test gets a copy: to migrate takes longer than most tests.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};
use corridor_store::{Options, run_migrations};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types};

/// The file of a SQLite database with every table, which nobody opens. One for each process.
pub(crate) fn sqlite() -> Result<PathBuf> {
    static MADE: Mutex<Option<tempfile::TempDir>> = Mutex::new(None);
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if made.is_none() {
        let folder = tempfile::tempdir()?;
        run_migrations(&Options::from_url(&format!("sqlite:{}", file_in(&folder).display()))?)?;
        *made = Some(folder);
    }
    made.as_ref().map(file_in).context("a template")
}

fn file_in(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("template.sqlite3")
}

/// The name of a PostgreSQL database with every table, which nobody opens. One for the server, whoever makes it first.
pub(crate) fn postgres(server: &str) -> Result<String> {
    static MADE: Mutex<Vec<String>> = Mutex::new(Vec::new());
    let name = format!("corridor_template_{:016x}", migrations()?);
    let known = format!("{server} {name}");
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if !made.contains(&known) {
        make(server, &name)?;
        made.push(known);
    }
    Ok(name)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = sql_types::BigInt)]
    count: i64,
}

/// Test programs that start together wait for the one that makes it. The lock goes with the connection.
fn make(server: &str, name: &str) -> Result<()> {
    let mut conn = PgConnection::establish(server)?;
    sql_query("SELECT pg_advisory_lock(4207282)").execute(&mut conn)?;
    let there: Count = sql_query("SELECT count(*) AS count FROM pg_database WHERE datname = $1")
        .bind::<sql_types::Text, _>(name)
        .get_result(&mut conn)?;
    if there.count > 0 {
        return Ok(());
    }
    let unfinished = format!("{name}_unfinished");
    sql_query(format!("DROP DATABASE IF EXISTS {unfinished} WITH (FORCE)")).execute(&mut conn)?;
    sql_query(format!("CREATE DATABASE {unfinished}")).execute(&mut conn)?;
    let (base, _) = server.rsplit_once('/').context("the server's URL names no database")?;
    run_migrations(&Options::from_url(&format!("{base}/{unfinished}"))?)?;
    sql_query(format!("ALTER DATABASE {unfinished} RENAME TO {name}")).execute(&mut conn)?;
    Ok(())
}

/// What tells one state of the migrations from another, for a server that outlives it.
fn migrations() -> Result<u64> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/postgres");
    let mut scripts = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let folder = entry?.path();
        scripts.push((folder.clone(), std::fs::read_to_string(folder.join("up.sql"))?));
    }
    scripts.sort();
    let mut hasher = DefaultHasher::new();
    scripts.iter().for_each(|(_, script)| script.hash(&mut hasher));
    Ok(hasher.finish())
}
