//! The home feed of a department that has talked for years, beside the same feed of a young one.
//!
//! The rows are written straight into the tables, as copies of real ones with other ids: a million posts through the
//! use cases would take hours. What is measured goes through HTTP as ever.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};

use crate::node::{self, Node};
use crate::table::Row;
use crate::{CONNECTIONS, fresh_feeds, load};

/// How many of each there are.
#[derive(Debug, Clone, Copy)]
struct Size {
    posts: i64,
    people: i64,
}

const YOUNG: Size = Size { posts: 10_000, people: 100 };
const OLD: Size = Size { posts: 1_000_000, people: 10_000 };
/// People that the reader follows, in both.
const FOLLOWED: i64 = 100;

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

enum Database {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

/// Measures both.
///
/// # Errors
/// When a database can't be filled.
pub async fn measure(backend: &str, span: Duration, rows: &mut Vec<Row>) -> Result<()> {
    let young = feed(backend, YOUNG, span).await?;
    let old = feed(backend, OLD, span).await?;
    // At most one and a half times as slow.
    rows.push(Row::rate("home feed, 1m posts beside 10k, from tables", backend, old, young, Some(1.0 / 1.5)));
    Ok(())
}

async fn feed(backend: &str, size: Size, span: Duration) -> Result<f64> {
    let mut node = Node::new(backend)?;
    {
        let admin = node.admin()?;
        let viewers = node::people(&admin, 2).await?;
        node::talk(&admin, &viewers, 2).await?;
    }
    fill(backend, node.database(), size)?;
    node.start().await?;
    let token = node.token("person0").await?;
    let requests = fresh_feeds(node.address, &token);
    let first: Vec<serde_json::Value> =
        serde_json::from_slice(&load::fetch(node.address, requests.first().context("there are requests")?).await?)?;
    ensure!(first.len() == 20, "the feed has {} posts", first.len());
    let measured = load::run(node.address, std::sync::Arc::new(requests), CONNECTIONS, span, false).await?;
    node.stop();
    Ok(measured.per_second)
}

/// Lets the database count what it holds, as PostgreSQL does by itself within a minute; its plans depend on it.
///
/// # Errors
/// When it fails.
pub fn count(backend: &str, url: &str) -> Result<()> {
    Database::open(backend, url)?.run("ANALYZE")
}

/// What a query counts.
///
/// # Errors
/// When it fails.
pub fn number(backend: &str, url: &str, query: &str) -> Result<i64> {
    Database::open(backend, url)?.number(query)
}

fn fill(backend: &str, url: &str, size: Size) -> Result<()> {
    let mut database = Database::open(backend, url)?;
    let Size { posts, people } = size;
    let reader = database.number("SELECT id AS number FROM actors WHERE username = 'person0'")?;
    let author = database.number("SELECT id AS number FROM actors WHERE username = 'person1'")?;
    let post = database.number("SELECT MAX(id) AS number FROM posts")?;
    database.begin()?;
    let changed = [
        ("id", format!("{author} + n.i")),
        ("uri", "'http://filler.example/actors/' || n.i".to_owned()),
        ("username", "'filler' || n.i".to_owned()),
        ("username_key", "'filler' || n.i".to_owned()),
    ];
    database.copy("actors", author, people, &changed)?;
    let changed = [
        ("id", format!("{post} + n.i")),
        ("thread_id", format!("{post} + n.i")),
        ("uri", "'http://filler.example/posts/' || n.i".to_owned()),
        ("author_id", format!("{author} + 1 + n.i % {people}")),
    ];
    database.copy("posts", post, posts, &changed)?;
    let every = people / FOLLOWED;
    database.run(&format!(
        "INSERT INTO home_entries (owner_id, post_id) {} SELECT {reader}, {post} + n.i FROM n WHERE n.i % {every} = 0",
        numbers(posts)
    ))?;
    // Every post is in two more people's feeds.
    for step in [7919_i64, 104_729] {
        database.run(&format!(
            "INSERT INTO home_entries (owner_id, post_id) {} SELECT {author} + 1 + (n.i * {step}) % {people}, {post} + n.i \
             FROM n WHERE true ON CONFLICT DO NOTHING",
            numbers(posts)
        ))?;
    }
    database.run("COMMIT")?;
    database.run("ANALYZE")
}

/// The numbers from 1 on, as a table `n` with a column `i`.
fn numbers(count: i64) -> String {
    format!("WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count})")
}

impl Database {
    fn open(backend: &str, url: &str) -> Result<Self> {
        if backend != "sqlite" {
            return Ok(Self::Postgres(PgConnection::establish(url)?));
        }
        let mut database = Self::Sqlite(SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap_or(url))?);
        // Whoever made the people may still be closing the file.
        database.run("PRAGMA busy_timeout = 10000; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144")?;
        Ok(database)
    }

    /// On SQLite with the right to write from the start: one that asks for it later may not wait for whoever has it.
    fn begin(&mut self) -> Result<()> {
        let sql = if matches!(self, Self::Sqlite(_)) { "BEGIN IMMEDIATE" } else { "BEGIN" };
        self.run(sql)
    }

    fn run(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql),
            Self::Postgres(conn) => conn.batch_execute(sql),
        }
        .with_context(|| sql.chars().take(200).collect::<String>())
    }

    fn number(&mut self, sql: &str) -> Result<i64> {
        let query = diesel::sql_query(sql);
        let found: Number = match self {
            Self::Sqlite(conn) => query.get_result(conn)?,
            Self::Postgres(conn) => query.get_result(conn)?,
        };
        Ok(found.number)
    }

    fn columns(&mut self, table: &str) -> Result<Vec<String>> {
        let found: Vec<Column> = match self {
            Self::Sqlite(conn) => {
                diesel::sql_query(format!("SELECT name FROM pragma_table_info('{table}')")).load(conn)?
            }
            Self::Postgres(conn) => diesel::sql_query(format!(
                "SELECT column_name::text AS name FROM information_schema.columns \
                 WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
            ))
            .load(conn)?,
        };
        Ok(found.into_iter().map(|column| column.name).collect())
    }

    /// Copies the row `from` so often, with some columns changed.
    fn copy(&mut self, table: &str, from: i64, count: i64, changed: &[(&str, String)]) -> Result<()> {
        let columns = self.columns(table)?;
        let values: Vec<String> = columns
            .iter()
            .map(|column| match changed.iter().find(|(name, _)| name == column) {
                Some((_, value)) => value.clone(),
                None => format!("t.{column}"),
            })
            .collect();
        self.run(&format!(
            "INSERT INTO {table} ({}) {} SELECT {} FROM n, {table} t WHERE t.id = {from}",
            columns.join(", "),
            numbers(count),
            values.join(", ")
        ))
    }
}
