//! Conversations: threads of posts to named people, each as one person of this node has it.

use std::collections::{HashMap, HashSet};

use corridor_domain::{ActorId, Audience, ConversationId, Page, PostId};
use diesel::dsl::{auto_type, exists, max};
use diesel::prelude::*;

use crate::dialect::{self, load_among};
use crate::paging::load_page;
use crate::posts::PostRow;
use crate::schema::{accounts, conversations, post_recipients, posts};
use crate::timelines::is_wanted;
use crate::visibility::readable_by;
use crate::{Error, Result, Tx};

const NAMED: i16 = Audience::Named.code();

/// A thread as one person has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = conversations)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct ConversationRow {
    pub id: i64,
    pub owner_id: i64,
    pub thread_id: i64,
    pub last_id: i64,
    pub read_to: i64,
    pub hidden_to: i64,
}

/// A post to named people: what its thread becomes for the people of this node among `owners`, which are all whom it is
/// for and its author. What they hid is there again.
pub(crate) fn enter(tx: &mut Tx<'_>, post: i64, author: i64, owners: &[i64]) -> Result<()> {
    let thread: i64 = posts::table.find(post).select(posts::thread_id).first(tx.conn)?;
    // Groups and the node itself have no conversations.
    let owners: Vec<i64> = accounts::table
        .filter(accounts::actor_id.eq_any(owners.to_vec()))
        .order(accounts::actor_id)
        .select(accounts::actor_id)
        .load(tx.conn)?;
    let rows: Vec<(i64, i64)> = owners.iter().map(|owner| (tx.new_id(), *owner)).collect();
    dialect::insert_conversations(tx, thread, &rows)?;
    let of_thread = || conversations::table.filter(conversations::thread_id.eq(thread));
    let behind = of_thread().filter(conversations::owner_id.eq_any(owners)).filter(conversations::last_id.lt(post));
    diesel::update(behind).set(conversations::last_id.eq(post)).execute(tx.conn)?;
    // Who writes has read what was there.
    let own = of_thread().filter(conversations::owner_id.eq(author)).filter(conversations::read_to.lt(post));
    diesel::update(own).set(conversations::read_to.eq(post)).execute(tx.conn)?;
    Ok(())
}

/// A post to named people is gone: the one before it is the last.
pub(crate) fn fall_back(tx: &mut Tx<'_>, post: &PostRow) -> Result<()> {
    let ended: Vec<ConversationRow> = conversations::table
        .filter(conversations::thread_id.eq(post.thread_id))
        .filter(conversations::last_id.eq(post.id))
        .select(ConversationRow::as_select())
        .load(tx.conn)?;
    for row in ended {
        let before: Option<i64> = posts::table
            .filter(posts::thread_id.eq(row.thread_id))
            .filter(posts::audience.eq(NAMED))
            .filter(posts::deleted_at.is_null())
            .filter(posts::author_id.eq(row.owner_id).or(is_for(row.owner_id)))
            .select(max(posts::id))
            .first(tx.conn)?;
        diesel::update(conversations::table.find(row.id))
            .set(conversations::last_id.eq(before.unwrap_or(0)))
            .execute(tx.conn)?;
    }
    Ok(())
}

#[auto_type]
fn is_for(person: i64) -> _ {
    exists(
        post_recipients::table
            .filter(post_recipients::post_id.eq(posts::id))
            .filter(post_recipients::actor_id.eq(person)),
    )
}

/// Threads turn out to be parts of another one: what somebody had of them becomes one.
pub(crate) fn join(tx: &mut Tx<'_>, parts: &[i64], whole: i64) -> Result<()> {
    let all: Vec<i64> = parts.iter().copied().chain([whole]).collect();
    let rows: Vec<ConversationRow> = conversations::table
        .filter(conversations::thread_id.eq_any(all))
        .order(conversations::id)
        .select(ConversationRow::as_select())
        .load(tx.conn)?;
    let mut of_owner: HashMap<i64, Vec<ConversationRow>> = HashMap::new();
    for row in rows {
        of_owner.entry(row.owner_id).or_default().push(row);
    }
    for rows in of_owner.into_values() {
        let Some(joined) = joined(&rows, whole) else { continue };
        let others: Vec<i64> = rows.iter().map(|row| row.id).filter(|id| *id != joined.id).collect();
        diesel::delete(conversations::table.filter(conversations::id.eq_any(others))).execute(tx.conn)?;
        diesel::update(conversations::table.find(joined.id))
            .set((
                conversations::thread_id.eq(whole),
                conversations::last_id.eq(joined.last_id),
                conversations::read_to.eq(joined.read_to),
                conversations::hidden_to.eq(joined.hidden_to),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// One for all: what was unread in any of them is, and nothing that was shown is hidden.
fn joined(rows: &[ConversationRow], whole: i64) -> Option<ConversationRow> {
    let kept = rows.iter().find(|row| row.thread_id == whole).or(rows.first())?;
    let last_id = rows.iter().map(|row| row.last_id).max().unwrap_or(0);
    let unread = rows.iter().filter(|row| row.is_shown() && row.last_id > row.read_to);
    Some(ConversationRow {
        thread_id: whole,
        last_id,
        read_to: unread.map(|row| row.read_to).min().unwrap_or(last_id),
        hidden_to: rows.iter().map(|row| row.hidden_to).min().unwrap_or(0),
        ..*kept
    })
}

impl ConversationRow {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> ConversationId {
        ConversationId::new(self.id)
    }

    /// Whether there is anything in it that its owner has not hidden.
    #[must_use]
    pub const fn is_shown(&self) -> bool {
        self.last_id > self.hidden_to
    }
}

/// A page of what somebody has, the latest talk first; pages by `last_id`. Whether a reader may see anything of one now
/// is asked by [`last_shown`].
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, owner: ActorId, page: &Page) -> Result<Vec<ConversationRow>> {
    let query = conversations::table
        .filter(conversations::owner_id.eq(owner.raw()))
        .filter(conversations::last_id.gt(conversations::hidden_to))
        .select(ConversationRow::as_select())
        .into_boxed();
    Ok(load_page!(tx, query, conversations::last_id, page))
}

/// One of somebody's.
///
/// # Errors
/// [`Error::NotFound`] when it isn't theirs, or they have hidden it.
pub fn find(tx: &mut Tx<'_>, owner: ActorId, id: ConversationId) -> Result<ConversationRow> {
    let row = conversations::table
        .find(id.raw())
        .filter(conversations::owner_id.eq(owner.raw()))
        .select(ConversationRow::as_select())
        .first(tx.conn)?;
    if row.is_shown() { Ok(row) } else { Err(Error::NotFound) }
}

/// What somebody has of the thread that a post is in.
///
/// # Errors
/// When the database fails.
pub fn of_post(tx: &mut Tx<'_>, owner: ActorId, post: PostId) -> Result<Option<ConversationRow>> {
    let found = conversations::table
        .inner_join(posts::table.on(posts::thread_id.eq(conversations::thread_id)))
        .filter(conversations::owner_id.eq(owner.raw()))
        .filter(posts::id.eq(post.raw()))
        .select(ConversationRow::as_select())
        .first(tx.conn)
        .optional()?;
    Ok(found.filter(ConversationRow::is_shown))
}

/// The last post of each of somebody's conversations that they may see and want to see now, by the conversation's number.
/// One of which nothing is left to see is missing.
///
/// # Errors
/// When the database fails.
pub fn last_shown(tx: &mut Tx<'_>, owner: ActorId, rows: &[ConversationRow]) -> Result<HashMap<i64, PostRow>> {
    let now = tx.now().millis();
    let shown = || posts::table.filter(readable_by(owner.raw())).filter(is_wanted(owner.raw(), now));
    let last: Vec<i64> = rows.iter().map(|row| row.last_id).collect();
    let found: Vec<PostRow> = load_among!(tx, shown().select(PostRow::as_select()), posts::id, &last);
    let mut found: HashMap<i64, PostRow> = found.into_iter().map(|post| (post.id, post)).collect();
    let mut all = HashMap::new();
    for row in rows {
        let post = match found.remove(&row.last_id) {
            Some(post) => Some(post),
            None => shown()
                .filter(posts::thread_id.eq(row.thread_id))
                .filter(posts::audience.eq(NAMED))
                .filter(posts::id.gt(row.hidden_to))
                .order(posts::id.desc())
                .select(PostRow::as_select())
                .first(tx.conn)
                .optional()?,
        };
        all.extend(post.map(|post| (row.id, post)));
    }
    Ok(all)
}

/// The others in each of these threads: who wrote the posts to named people that somebody may see, and whom they are for.
///
/// # Errors
/// When the database fails.
pub fn others(tx: &mut Tx<'_>, owner: ActorId, threads: &[i64]) -> Result<HashMap<i64, Vec<ActorId>>> {
    let now = tx.now().millis();
    let shown = || {
        posts::table
            .filter(posts::audience.eq(NAMED))
            .filter(readable_by(owner.raw()))
            .filter(is_wanted(owner.raw(), now))
    };
    let found: Vec<(i64, i64, i64)> =
        load_among!(tx, shown().select((posts::id, posts::thread_id, posts::author_id)), posts::thread_id, threads);
    let ids: Vec<i64> = found.iter().map(|(post, _, _)| *post).collect();
    let recipients: Vec<(i64, i64)> = load_among!(
        tx,
        post_recipients::table.select((post_recipients::post_id, post_recipients::actor_id)),
        post_recipients::post_id,
        &ids
    );
    let thread_of: HashMap<i64, i64> = found.iter().map(|(post, thread, _)| (*post, *thread)).collect();
    let named = recipients.iter().filter_map(|(post, person)| Some((*thread_of.get(post)?, *person)));
    let people: HashSet<(i64, i64)> = found.iter().map(|(_, thread, author)| (*thread, *author)).chain(named).collect();
    let mut people: Vec<(i64, i64)> = people.into_iter().filter(|(_, person)| *person != owner.raw()).collect();
    people.sort_unstable();
    let mut others: HashMap<i64, Vec<ActorId>> = HashMap::new();
    for (thread, person) in people {
        others.entry(thread).or_default().push(ActorId::new(person));
    }
    Ok(others)
}

/// Notes that somebody has read all that is there.
///
/// # Errors
/// When the database fails.
pub fn mark_read(tx: &mut Tx<'_>, row: &ConversationRow) -> Result<()> {
    let behind = conversations::table.find(row.id).filter(conversations::read_to.lt(row.last_id));
    diesel::update(behind).set(conversations::read_to.eq(row.last_id)).execute(tx.conn)?;
    Ok(())
}

/// Notes that somebody means to read a post, and what came after it, once more.
///
/// # Errors
/// When the database fails.
pub fn mark_unread(tx: &mut Tx<'_>, row: &ConversationRow, from: PostId) -> Result<()> {
    let ahead = conversations::table.find(row.id).filter(conversations::read_to.ge(from.raw()));
    diesel::update(ahead).set(conversations::read_to.eq(from.raw() - 1)).execute(tx.conn)?;
    Ok(())
}

/// Hides what is there from its owner; what is said later is shown.
///
/// # Errors
/// When the database fails.
pub fn hide(tx: &mut Tx<'_>, row: &ConversationRow) -> Result<()> {
    let shown = conversations::table.find(row.id).filter(conversations::hidden_to.lt(row.last_id));
    diesel::update(shown).set(conversations::hidden_to.eq(row.last_id)).execute(tx.conn)?;
    Ok(())
}

#[cfg(test)]
mod tests;
