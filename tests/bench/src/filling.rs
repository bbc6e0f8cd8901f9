//! Filling a database with the posts of years.
//!
//! The rows are written straight into the tables, as copies of real ones with other ids: a million posts through the
//! use cases would take hours.

use anyhow::{Context, Result};
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection};

/// How many of each there are.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Posts.
    pub posts: i64,
    /// People who wrote them.
    pub people: i64,
}

/// People that the reader follows.
pub const FOLLOWED: i64 = 100;

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

/// A connection of the bench.
pub enum Database {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
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

/// The numbers from which those of the copies go on: the `i`-th copy of a post has the number `post + i`.
#[derive(Debug, Clone, Copy)]
pub struct Filled {
    /// Whose token reads.
    pub reader: i64,
    /// Whose profile and posts were copied.
    pub author: i64,
    /// The last post that is none of the copies.
    pub post: i64,
    /// How many copies there are.
    pub size: Size,
}

/// Posts that are all alike and answer nothing, and the home feeds that show them.
///
/// # Errors
/// When the database refuses.
pub fn plain(backend: &str, url: &str, size: Size) -> Result<()> {
    let mut database = Database::open(backend, url)?;
    let filled = Filled::of(&mut database, size)?;
    database.begin()?;
    filled.people(&mut database, &[])?;
    let thread = ("thread_id", format!("{} + n.i", filled.post));
    let author = ("author_id", filled.somebody());
    filled.posts(&mut database, &[thread, author])?;
    filled.homes(&mut database, "true")?;
    database.run("COMMIT")?;
    database.run("ANALYZE")?;
    Ok(())
}

impl Filled {
    /// Looks up the numbers.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn of(database: &mut Database, size: Size) -> Result<Self> {
        Ok(Self {
            reader: database.number("SELECT id AS number FROM actors WHERE username = 'person0'")?,
            author: database.number("SELECT id AS number FROM actors WHERE username = 'person1'")?,
            post: database.number("SELECT MAX(id) AS number FROM posts")?,
            size,
        })
    }

    /// Who writes the post `n.i`, where nobody else does.
    #[must_use]
    pub fn somebody(&self) -> String {
        format!("{} + 1 + n.i % {}", self.author, self.size.people)
    }

    /// Copies the author, with these columns changed too.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn people(&self, database: &mut Database, more: &[(&str, String)]) -> Result<()> {
        let mut changed = vec![
            ("id", format!("{} + n.i", self.author)),
            ("uri", "'http://filler.example/actors/' || n.i".to_owned()),
            ("username", "'filler' || n.i".to_owned()),
            ("username_key", "'filler' || n.i".to_owned()),
        ];
        changed.extend_from_slice(more);
        database.copy("actors", self.author, self.size.people, &changed)
    }

    /// Copies the last post, with these columns changed too.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn posts(&self, database: &mut Database, more: &[(&str, String)]) -> Result<()> {
        let uri = "'http://filler.example/posts/' || n.i".to_owned();
        let mut changed = vec![("id", format!("{} + n.i", self.post)), ("uri", uri)];
        changed.extend_from_slice(more);
        database.copy("posts", self.post, self.size.posts, &changed)
    }

    /// How far from each other the posts are that come to the reader.
    #[must_use]
    pub fn every(&self) -> i64 {
        self.size.people / FOLLOWED
    }

    /// Puts the posts for which `come_home` holds into home feeds.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn homes(&self, database: &mut Database, come_home: &str) -> Result<()> {
        let Self { reader, author, post, size: Size { people, .. } } = self;
        database.each(
            "home_entries (owner_id, post_id)",
            self,
            &format!("SELECT {reader}, {post} + n.i FROM n WHERE n.i % {} = 0 AND {come_home}", self.every()),
        )?;
        // Every post is in two more people's feeds.
        for step in [7919_i64, 104_729] {
            database.each(
                "home_entries (owner_id, post_id)",
                self,
                &format!(
                    "SELECT {author} + 1 + (n.i * {step}) % {people}, {post} + n.i FROM n WHERE {come_home} \
                 ON CONFLICT DO NOTHING",
                ),
            )?;
        }
        Ok(())
    }
}

/// The numbers from 1 on, as a table `n` with a column `i`.
fn numbers(count: i64) -> String {
    format!("WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {count})")
}

impl Database {
    /// Opens it.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn open(backend: &str, url: &str) -> Result<Self> {
        if backend != "sqlite" {
            return Ok(Self::Postgres(PgConnection::establish(url)?));
        }
        let mut database = Self::Sqlite(SqliteConnection::establish(url.strip_prefix("sqlite:").unwrap_or(url))?);
        // Whoever made the people may still be closing the file.
        database.run("PRAGMA busy_timeout = 10000; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144")?;
        Ok(database)
    }

    /// On SQLite with the right to write from the start: one that asks for it later may not wait for whoever has it.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn begin(&mut self) -> Result<()> {
        let sql = if matches!(self, Self::Sqlite(_)) { "BEGIN IMMEDIATE" } else { "BEGIN" };
        self.run(sql)
    }

    /// Runs statements.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn run(&mut self, sql: &str) -> Result<()> {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql),
            Self::Postgres(conn) => conn.batch_execute(sql),
        }
        .with_context(|| sql.chars().take(200).collect::<String>())
    }

    /// Inserts what `select` gives for the numbers of the posts.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn each(&mut self, into: &str, filled: &Filled, select: &str) -> Result<()> {
        self.run(&format!("INSERT INTO {into} {} {select}", numbers(filled.size.posts)))
    }

    /// The column `number` of the one row of a query.
    ///
    /// # Errors
    /// When the database refuses.
    pub fn number(&mut self, sql: &str) -> Result<i64> {
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
    ///
    /// # Errors
    /// When the database refuses.
    pub fn copy(&mut self, table: &str, from: i64, count: i64, changed: &[(&str, String)]) -> Result<()> {
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
