//! Posts that go out later: as their authors handed them in, until they are out, taken back or forgotten.

use corridor_domain::{ActorId, Page, ScheduledId, Timestamp};
use diesel::prelude::*;

use crate::paging::load_page;
use crate::schema::scheduled_posts;
use crate::{Result, Tx, media};

/// A scheduled post as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = scheduled_posts)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct ScheduledRow {
    pub id: i64,
    pub owner_id: i64,
    pub due_at: i64,
    pub next_try_at: i64,
    pub draft: String,
    pub idempotency_key: Option<String>,
    pub failed_at: Option<i64>,
    pub failure: Option<String>,
    pub created_at: i64,
}

impl ScheduledRow {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> ScheduledId {
        ScheduledId::new(self.id)
    }

    /// Whose it is.
    #[must_use]
    pub const fn owner(&self) -> ActorId {
        ActorId::new(self.owner_id)
    }

    /// When it goes out.
    #[must_use]
    pub const fn due_at(&self) -> Timestamp {
        Timestamp::from_millis(self.due_at)
    }
}

/// Stores a scheduled post. An idempotency key of the same owner from before `since` is free again.
///
/// # Errors
/// [`crate::Error::Conflict`] when its key is in use.
pub fn insert(tx: &mut Tx<'_>, row: &ScheduledRow, since: Timestamp) -> Result<()> {
    if row.idempotency_key.is_some() {
        let old = scheduled_posts::table
            .filter(scheduled_posts::owner_id.eq(row.owner_id))
            .filter(scheduled_posts::created_at.lt(since.millis()));
        diesel::update(old).set(scheduled_posts::idempotency_key.eq(None::<String>)).execute(tx.conn)?;
    }
    diesel::insert_into(scheduled_posts::table).values(row).execute(tx.conn)?;
    Ok(())
}

/// One of a person's scheduled posts. `None` when it isn't theirs, or not there.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, owner: ActorId, id: ScheduledId) -> Result<Option<ScheduledRow>> {
    Ok(scheduled_posts::table
        .find(id.raw())
        .filter(scheduled_posts::owner_id.eq(owner.raw()))
        .select(ScheduledRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// The scheduled post of an idempotency key that was used since `since`.
///
/// # Errors
/// When the database fails.
pub fn find_by_key(tx: &mut Tx<'_>, owner: ActorId, key: &str, since: Timestamp) -> Result<Option<ScheduledRow>> {
    Ok(scheduled_posts::table
        .filter(scheduled_posts::owner_id.eq(owner.raw()))
        .filter(scheduled_posts::idempotency_key.eq(key))
        .filter(scheduled_posts::created_at.ge(since.millis()))
        .select(ScheduledRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// A person's scheduled posts, those that could not go out too.
///
/// # Errors
/// When the database fails.
pub fn of_owner(tx: &mut Tx<'_>, owner: ActorId, page: &Page) -> Result<Vec<ScheduledRow>> {
    let query = scheduled_posts::table
        .filter(scheduled_posts::owner_id.eq(owner.raw()))
        .select(ScheduledRow::as_select())
        .into_boxed();
    Ok(load_page!(tx, query, scheduled_posts::id, page))
}

/// When each of a person's scheduled posts that still wait goes out, without `except`.
///
/// # Errors
/// When the database fails.
pub fn waiting(tx: &mut Tx<'_>, owner: ActorId, except: Option<ScheduledId>) -> Result<Vec<Timestamp>> {
    let moments: Vec<i64> = scheduled_posts::table
        .filter(scheduled_posts::owner_id.eq(owner.raw()))
        .filter(scheduled_posts::failed_at.is_null())
        .filter(scheduled_posts::id.ne(except.map_or(0, ScheduledId::raw)))
        .select(scheduled_posts::due_at)
        .load(tx.conn)?;
    Ok(moments.into_iter().map(Timestamp::from_millis).collect())
}

/// Lets it go out at another time, also when it could not go out before.
///
/// # Errors
/// When the database fails.
pub fn move_to(tx: &mut Tx<'_>, id: ScheduledId, due: Timestamp) -> Result<()> {
    diesel::update(scheduled_posts::table.find(id.raw()))
        .set((
            scheduled_posts::due_at.eq(due.millis()),
            scheduled_posts::next_try_at.eq(due.millis()),
            scheduled_posts::failed_at.eq(None::<i64>),
            scheduled_posts::failure.eq(None::<String>),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What is due now, the longest due first.
///
/// # Errors
/// When the database fails.
pub fn due(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<ScheduledRow>> {
    Ok(scheduled_posts::table
        .filter(scheduled_posts::failed_at.is_null())
        .filter(scheduled_posts::next_try_at.le(tx.now().millis()))
        .order((scheduled_posts::next_try_at, scheduled_posts::id))
        .limit(limit)
        .select(ScheduledRow::as_select())
        .load(tx.conn)?)
}

/// Takes a scheduled post away as it was read, to be published in this transaction; `false` when somebody else has
/// taken, moved or failed it since. Its uploads are free again.
///
/// # Errors
/// When the database fails.
pub fn take(tx: &mut Tx<'_>, row: &ScheduledRow) -> Result<bool> {
    let same = scheduled_posts::table
        .find(row.id)
        .filter(scheduled_posts::failed_at.is_null())
        .filter(scheduled_posts::next_try_at.eq(row.next_try_at));
    if diesel::delete(same).execute(tx.conn)? == 0 {
        return Ok(false);
    }
    media::release(tx, &[row.id])?;
    Ok(true)
}

/// Tries a scheduled post again then, if it is as it was read.
///
/// # Errors
/// When the database fails.
pub fn postpone(tx: &mut Tx<'_>, row: &ScheduledRow, next_try: Timestamp) -> Result<()> {
    let same = scheduled_posts::table.find(row.id).filter(scheduled_posts::next_try_at.eq(row.next_try_at));
    diesel::update(same).set(scheduled_posts::next_try_at.eq(next_try.millis())).execute(tx.conn)?;
    Ok(())
}

/// Notes why a scheduled post can't go out, if it is as it was read.
///
/// # Errors
/// When the database fails.
pub fn fail(tx: &mut Tx<'_>, row: &ScheduledRow, reason: &str) -> Result<()> {
    let same = scheduled_posts::table.find(row.id).filter(scheduled_posts::next_try_at.eq(row.next_try_at));
    diesel::update(same)
        .set((scheduled_posts::failed_at.eq(tx.now().millis()), scheduled_posts::failure.eq(reason)))
        .execute(tx.conn)?;
    Ok(())
}

/// Takes one of a person's scheduled posts back; `false` when it is not there any more. Its uploads are free again.
///
/// # Errors
/// When the database fails.
pub fn delete(tx: &mut Tx<'_>, owner: ActorId, id: ScheduledId) -> Result<bool> {
    let own = scheduled_posts::table.find(id.raw()).filter(scheduled_posts::owner_id.eq(owner.raw()));
    if diesel::delete(own).execute(tx.conn)? == 0 {
        return Ok(false);
    }
    media::release(tx, &[id.raw()])?;
    Ok(true)
}

/// Forgets what could not go out before a moment.
///
/// # Errors
/// When the database fails.
pub fn forget_failed(tx: &mut Tx<'_>, before: Timestamp) -> Result<()> {
    let old = scheduled_posts::failed_at.lt(before.millis());
    let ids: Vec<i64> = scheduled_posts::table.filter(old).select(scheduled_posts::id).load(tx.conn)?;
    for id in ids {
        // Its author may have given it another time since.
        if diesel::delete(scheduled_posts::table.find(id).filter(old)).execute(tx.conn)? > 0 {
            media::release(tx, &[id])?;
        }
    }
    Ok(())
}
