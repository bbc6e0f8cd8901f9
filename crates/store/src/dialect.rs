//! Statements that the shared query source can't express: those that branch on the database.
//!
//! Each is written once and compiled for both connection types.

use diesel::expression::ValidGrouping;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Bool, Text};
use diesel::sqlite::Sqlite;

use crate::conn::Conn;
use crate::schema::{
    announcement_reads, bookmarks, conversations, favourites, home_entries, idempotency_keys, notification_policies,
    notification_senders, notifications, post_recipients, post_tags, received_activities, tombstones,
};
use crate::{Result, Tx};

/// Runs a statement against whichever connection is open.
macro_rules! execute {
    ($tx:expr, $statement:expr) => {
        match &mut *$tx.conn {
            Conn::Pg(conn) => $statement.execute(conn)?,
            Conn::Sqlite(conn) => $statement.execute(conn)?,
        }
    };
}

/// Loads the rows of `query` whose `column` is among `ids`. SQLite would take every number of ids for another
/// statement to prepare, which costs more than running it, so there they are bound as one value.
macro_rules! load_among {
    ($tx:expr, $query:expr, $column:expr, $ids:expr) => {{
        let ids: &[i64] = $ids;
        match &mut *$tx.conn {
            crate::conn::Conn::Pg(conn) => {
                diesel::RunQueryDsl::load($query.filter($column.eq_any(ids.to_vec())), conn)?
            }
            crate::conn::Conn::Sqlite(conn) => {
                diesel::RunQueryDsl::load($query.filter(crate::dialect::Among::new($column, ids)), conn)?
            }
        }
    }};
}
pub(crate) use load_among;

/// `column IN (ids)` for SQLite, the ids bound as one JSON list.
#[derive(Debug, Clone)]
pub(crate) struct Among<C> {
    column: C,
    ids: String,
}

impl<C> Among<C> {
    pub(crate) fn new(column: C, ids: &[i64]) -> Self {
        let ids: Vec<String> = ids.iter().map(i64::to_string).collect();
        Self { column, ids: format!("[{}]", ids.join(",")) }
    }
}

impl<C: Expression> Expression for Among<C> {
    type SqlType = Bool;
}

impl<C: AppearsOnTable<S>, S> AppearsOnTable<S> for Among<C> {}

impl<C: ValidGrouping<()>> ValidGrouping<()> for Among<C> {
    type IsAggregate = C::IsAggregate;
}

impl<C> QueryId for Among<C> {
    type QueryId = ();
    // Known by its text, which is the same for any number of ids.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<C: QueryFragment<Sqlite>> QueryFragment<Sqlite> for Among<C> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.column.walk_ast(out.reborrow())?;
        out.push_sql(" IN (SELECT value FROM json_each(");
        out.push_bind_param::<Text, _>(&self.ids)?;
        out.push_sql("))");
        Ok(())
    }
}

/// Rows in one batch: SQLite binds at most 32,766 values in a statement.
const BATCH: usize = 4_000;

/// Puts a post into the home feeds of `owners`, where it isn't already.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_home_entries(tx: &mut Tx<'_>, post: i64, owners: &[i64]) -> Result<()> {
    for owners in owners.chunks(BATCH) {
        let rows: Vec<_> =
            owners.iter().map(|owner| (home_entries::owner_id.eq(*owner), home_entries::post_id.eq(post))).collect();
        execute!(tx, diesel::insert_into(home_entries::table).values(&rows).on_conflict_do_nothing());
    }
    Ok(())
}

/// Puts `posts` into the home feed of `owner`, where they aren't already.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_into_home(tx: &mut Tx<'_>, owner: i64, posts: &[i64]) -> Result<()> {
    for posts in posts.chunks(BATCH) {
        let rows: Vec<_> =
            posts.iter().map(|post| (home_entries::owner_id.eq(owner), home_entries::post_id.eq(*post))).collect();
        execute!(tx, diesel::insert_into(home_entries::table).values(&rows).on_conflict_do_nothing());
    }
    Ok(())
}

/// Adds the people a post is for; those that are there already stay as they are.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_recipients(tx: &mut Tx<'_>, post: i64, people: &[(i64, bool)]) -> Result<()> {
    for people in people.chunks(BATCH) {
        let rows: Vec<_> = people
            .iter()
            .map(|(actor, mentioned)| {
                (
                    post_recipients::post_id.eq(post),
                    post_recipients::actor_id.eq(*actor),
                    post_recipients::mentioned.eq(*mentioned),
                )
            })
            .collect();
        execute!(tx, diesel::insert_into(post_recipients::table).values(&rows).on_conflict_do_nothing());
    }
    Ok(())
}

/// Adds a post's hashtags.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_tags(tx: &mut Tx<'_>, post: i64, tags: &[String]) -> Result<()> {
    let rows: Vec<_> = tags.iter().map(|tag| (post_tags::tag.eq(tag), post_tags::post_id.eq(post))).collect();
    if !rows.is_empty() {
        execute!(tx, diesel::insert_into(post_tags::table).values(&rows).on_conflict_do_nothing());
    }
    Ok(())
}

/// Notes that somebody has read an announcement, unless it is noted.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_announcement_read(tx: &mut Tx<'_>, owner: i64, announcement: i64) -> Result<()> {
    let row = (announcement_reads::owner_id.eq(owner), announcement_reads::announcement_id.eq(announcement));
    execute!(tx, diesel::insert_into(announcement_reads::table).values(&row).on_conflict_do_nothing());
    Ok(())
}

/// Makes somebody one who has decided by whom they are notified, unless they are.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_notification_policy(tx: &mut Tx<'_>, owner: i64) -> Result<()> {
    let row = notification_policies::owner_id.eq(owner);
    execute!(tx, diesel::insert_into(notification_policies::table).values(&row).on_conflict_do_nothing());
    Ok(())
}

/// Notes that somebody has accepted a sender, unless it is noted.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_notification_sender(tx: &mut Tx<'_>, owner: i64, sender: i64) -> Result<()> {
    let row = (notification_senders::owner_id.eq(owner), notification_senders::sender_id.eq(sender));
    execute!(tx, diesel::insert_into(notification_senders::table).values(&row).on_conflict_do_nothing());
    Ok(())
}

/// Gives owners a conversation of a thread, where they have none.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_conversations(tx: &mut Tx<'_>, thread: i64, owners: &[(i64, i64)]) -> Result<()> {
    for owners in owners.chunks(BATCH) {
        let rows: Vec<_> = owners
            .iter()
            .map(|(id, owner)| {
                (
                    conversations::id.eq(*id),
                    conversations::owner_id.eq(*owner),
                    conversations::thread_id.eq(thread),
                    conversations::last_id.eq(0_i64),
                    conversations::read_to.eq(0_i64),
                    conversations::hidden_to.eq(0_i64),
                )
            })
            .collect();
        execute!(tx, diesel::insert_into(conversations::table).values(&rows).on_conflict_do_nothing());
    }
    Ok(())
}

/// Adds a favourite unless there is one; says whether it did.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_favourite(tx: &mut Tx<'_>, id: i64, actor: i64, post: i64, uri: &str) -> Result<bool> {
    let row = (
        favourites::id.eq(id),
        favourites::actor_id.eq(actor),
        favourites::post_id.eq(post),
        favourites::uri.eq(uri),
        favourites::created_at.eq(tx.now().millis()),
    );
    Ok(execute!(tx, diesel::insert_into(favourites::table).values(&row).on_conflict_do_nothing()) > 0)
}

/// Adds a bookmark unless there is one; says whether it did.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_bookmark(tx: &mut Tx<'_>, id: i64, actor: i64, post: i64) -> Result<bool> {
    let row = (
        bookmarks::id.eq(id),
        bookmarks::actor_id.eq(actor),
        bookmarks::post_id.eq(post),
        bookmarks::created_at.eq(tx.now().millis()),
    );
    Ok(execute!(tx, diesel::insert_into(bookmarks::table).values(&row).on_conflict_do_nothing()) > 0)
}

/// Adds a notification about a post unless it was given before; says whether it did.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_notification(
    tx: &mut Tx<'_>,
    id: i64,
    (owner, kind, actor, post): (i64, i16, i64, Option<i64>),
    filtered: bool,
) -> Result<bool> {
    let row = (
        notifications::id.eq(id),
        notifications::owner_id.eq(owner),
        notifications::kind.eq(kind),
        notifications::actor_id.eq(actor),
        notifications::post_id.eq(post),
        notifications::filtered.eq(filtered),
        notifications::created_at.eq(tx.now().millis()),
    );
    Ok(execute!(tx, diesel::insert_into(notifications::table).values(&row).on_conflict_do_nothing()) > 0)
}

/// Remembers the post of an idempotency key unless the key is in use; says whether it did.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_idempotency_key(tx: &mut Tx<'_>, actor: i64, name: &str, post: i64) -> Result<bool> {
    let row = (
        idempotency_keys::actor_id.eq(actor),
        idempotency_keys::name.eq(name),
        idempotency_keys::post_id.eq(post),
        idempotency_keys::created_at.eq(tx.now().millis()),
    );
    Ok(execute!(tx, diesel::insert_into(idempotency_keys::table).values(&row).on_conflict_do_nothing()) > 0)
}

/// Notes that an activity was taken in unless it was before; says whether it did.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_received(tx: &mut Tx<'_>, (uri, peer, actor, kind): (&str, i64, &str, &str)) -> Result<bool> {
    let row = (
        received_activities::uri.eq(uri),
        received_activities::peer_id.eq(peer),
        received_activities::actor_uri.eq(actor),
        received_activities::kind.eq(kind),
        received_activities::received_at.eq(tx.now().millis()),
    );
    Ok(execute!(tx, diesel::insert_into(received_activities::table).values(&row).on_conflict_do_nothing()) > 0)
}

/// Sets a tombstone unless there is one.
///
/// # Errors
/// When the database fails.
pub(crate) fn insert_tombstone(tx: &mut Tx<'_>, uri: &str, actor: &str) -> Result<()> {
    let row = (tombstones::uri.eq(uri), tombstones::actor_uri.eq(actor), tombstones::created_at.eq(tx.now().millis()));
    execute!(tx, diesel::insert_into(tombstones::table).values(&row).on_conflict_do_nothing());
    Ok(())
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// Lower case; of ASCII letters alone on SQLite.
    fn lower(text: Text) -> Text;
}

/// Takes the meaning from the signs of a `LIKE` pattern.
pub(crate) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
