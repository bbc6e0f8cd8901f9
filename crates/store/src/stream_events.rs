//! Stream events: what open streams are told of, in the transaction that made it happen.
//!
//! Several processes read the same rows, each from where it last was. On SQLite that place is a number: one writer at a
//! time makes the order of numbers the order of commits. On PostgreSQL numbers commit out of order, so the place is a
//! snapshot: what the last one did not see and the present one does is new, each row exactly once.

use std::time::Duration;

use corridor_domain::id::first_id_at;
use corridor_domain::{ActorId, AnnouncementId, NotificationId, PeerId, PostId, Timestamp};
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, SmallInt, Text};

use crate::conn::Conn;
use crate::dialect::load_among;
use crate::schema::{home_entries, posts, stream_events};
use crate::{Result, Signal, Tx};

/// Something that open streams may be told of. What of it a reader is shown is found out for each reader when it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamEvent {
    /// A post or a boost is there.
    Published(PostId),
    /// A post says something else now.
    Edited(PostId),
    /// A post or a boost is gone.
    Deleted(PostId),
    /// A person was told something.
    Notified(ActorId, NotificationId),
    /// A person's filters are others now.
    FiltersChanged(ActorId),
    /// Some or all of a person's tokens have ended.
    AccessEnded(ActorId),
    /// What was held back from a person is among their notifications now.
    NotificationsMerged(ActorId),
    /// Everyone is told something, or it says something else now.
    Announced(AnnouncementId),
    /// An announcement was given an emoji, or one was taken back; by the emoji's number there.
    AnnouncementReacted(i64),
    /// An announcement is gone.
    AnnouncementGone(AnnouncementId),
    /// A post or a boost is there, and nobody is shown it: its author, or their peer, is hidden.
    Hidden(PostId),
}

/// Whose posts were hidden, all at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HiddenPosts {
    /// Somebody's.
    OfAuthor(ActorId),
    /// Everything from a peer.
    OfPeer(PeerId),
}

/// Of so many posts open streams are told when all of somebody's or of a peer's are hidden: what clients have on their
/// screens is among the latest.
const HIDDEN_AT_ONCE: i64 = 40;
/// And of none that has been here for longer.
const HIDDEN_WITHIN: Duration = Duration::from_secs(3 * 24 * 3600);

impl StreamEvent {
    fn row(self) -> (i16, i64, Option<i64>) {
        match self {
            Self::Published(post) => (0, post.raw(), None),
            Self::Edited(post) => (1, post.raw(), None),
            Self::Deleted(post) => (2, post.raw(), None),
            Self::Notified(owner, id) => (3, id.raw(), Some(owner.raw())),
            Self::FiltersChanged(owner) => (4, 0, Some(owner.raw())),
            Self::AccessEnded(owner) => (5, 0, Some(owner.raw())),
            Self::Announced(id) => (6, id.raw(), None),
            Self::AnnouncementReacted(emoji) => (7, emoji, None),
            Self::AnnouncementGone(id) => (8, id.raw(), None),
            Self::NotificationsMerged(owner) => (9, 0, Some(owner.raw())),
            Self::Hidden(post) => (10, post.raw(), None),
        }
    }

    /// `None` for what a newer version wrote.
    fn of_row(kind: i16, subject: i64, owner: Option<i64>) -> Option<Self> {
        Some(match (kind, owner.map(ActorId::new)) {
            (0, None) => Self::Published(PostId::new(subject)),
            (1, None) => Self::Edited(PostId::new(subject)),
            (2, None) => Self::Deleted(PostId::new(subject)),
            (3, Some(owner)) => Self::Notified(owner, NotificationId::new(subject)),
            (4, Some(owner)) => Self::FiltersChanged(owner),
            (5, Some(owner)) => Self::AccessEnded(owner),
            (6, None) => Self::Announced(AnnouncementId::new(subject)),
            (7, None) => Self::AnnouncementReacted(subject),
            (8, None) => Self::AnnouncementGone(AnnouncementId::new(subject)),
            (9, Some(owner)) => Self::NotificationsMerged(owner),
            (10, None) => Self::Hidden(PostId::new(subject)),
            _ => return None,
        })
    }
}

/// How far a reader has read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// SQLite: up to this number.
    Number(i64),
    /// PostgreSQL: what this snapshot sees, in the database's own words.
    Snapshot(String),
}

/// Writes an event, and wakes who waits for it once the transaction is on disk.
///
/// # Errors
/// When the database fails.
pub fn append(tx: &mut Tx<'_>, event: StreamEvent) -> Result<()> {
    let (kind, subject, owner) = event.row();
    diesel::insert_into(stream_events::table)
        .values((
            stream_events::kind.eq(kind),
            stream_events::subject_id.eq(subject),
            stream_events::owner_id.eq(owner),
            stream_events::created_at.eq(tx.now().millis()),
        ))
        .execute(tx.conn)?;
    tx.signal(Signal::Streams);
    Ok(())
}

/// Writes that the latest of these posts are hidden, and says how many those are.
///
/// # Errors
/// When the database fails.
pub fn append_hidden(tx: &mut Tx<'_>, whose: HiddenPosts) -> Result<usize> {
    let query = posts::table
        .filter(posts::deleted_at.is_null())
        .filter(posts::id.gt(first_id_at(tx.now() - HIDDEN_WITHIN)))
        .order(posts::id.desc())
        .limit(HIDDEN_AT_ONCE)
        .select(posts::id)
        .into_boxed();
    let ids: Vec<i64> = match whose {
        HiddenPosts::OfAuthor(author) => query.filter(posts::author_id.eq(author.raw())),
        HiddenPosts::OfPeer(peer) => query.filter(posts::peer_id.eq(peer.raw())),
    }
    .load(tx.conn)?;
    for id in &ids {
        append(tx, StreamEvent::Hidden(PostId::new(*id)))?;
    }
    Ok(ids.len())
}

#[derive(QueryableByName)]
struct SnapshotRow {
    #[diesel(sql_type = Text)]
    snapshot: String,
}

#[derive(QueryableByName)]
struct EventRow {
    #[diesel(sql_type = SmallInt)]
    kind: i16,
    #[diesel(sql_type = BigInt)]
    subject_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    owner_id: Option<i64>,
}

/// The present end: a reader who begins here is told of what is committed from now on.
///
/// # Errors
/// When the database fails.
pub fn end(tx: &mut Tx<'_>) -> Result<Place> {
    Ok(match &mut *tx.conn {
        Conn::Sqlite(conn) => {
            let last: Option<i64> = stream_events::table.select(max(stream_events::id)).first(conn)?;
            Place::Number(last.unwrap_or(0))
        }
        Conn::Pg(conn) => {
            let row: SnapshotRow =
                diesel::sql_query("SELECT pg_current_snapshot()::text AS snapshot").get_result(conn)?;
            Place::Snapshot(row.snapshot)
        }
    })
}

/// What was committed since `place`, and the place to go on from.
///
/// # Errors
/// When the database fails.
pub fn since(tx: &mut Tx<'_>, place: &Place) -> Result<(Vec<StreamEvent>, Place)> {
    // The end comes first: what is committed between the two questions is left for the next time.
    let end = end(tx)?;
    let rows: Vec<(i16, i64, Option<i64>)> = match (&mut *tx.conn, place, &end) {
        (Conn::Sqlite(conn), Place::Number(after), Place::Number(until)) => stream_events::table
            .filter(stream_events::id.gt(*after))
            .filter(stream_events::id.le(*until))
            .order(stream_events::id)
            .select((stream_events::kind, stream_events::subject_id, stream_events::owner_id))
            .load(conn)?,
        (Conn::Pg(conn), Place::Snapshot(seen), Place::Snapshot(now)) => {
            let rows: Vec<EventRow> =
                diesel::sql_query(UNSEEN).bind::<Text, _>(seen).bind::<Text, _>(now).load(conn)?;
            rows.into_iter().map(|row| (row.kind, row.subject_id, row.owner_id)).collect()
        }
        // A place of the other database leads nowhere.
        _ => Vec::new(),
    };
    let events = rows.into_iter().filter_map(|(kind, subject, owner)| StreamEvent::of_row(kind, subject, owner));
    Ok((events.collect(), end))
}

/// What the first snapshot does not see and the second does. Rows that were restored from another server's backup have
/// numbers that no transaction here has had yet; the second condition leaves them out.
const UNSEEN: &str = "SELECT kind, subject_id, owner_id FROM stream_events \
    WHERE written_in >= pg_snapshot_xmin($1::pg_snapshot)::text::bigint \
    AND written_in < pg_snapshot_xmax($2::pg_snapshot)::text::bigint \
    AND NOT pg_visible_in_snapshot(written_in::text::xid8, $1::pg_snapshot) \
    AND pg_visible_in_snapshot(written_in::text::xid8, $2::pg_snapshot) \
    ORDER BY id";

/// Forgets what was written before `moment`.
///
/// # Errors
/// When the database fails.
pub fn forget_before(tx: &mut Tx<'_>, moment: Timestamp) -> Result<usize> {
    let old = stream_events::table.filter(stream_events::created_at.lt(moment.millis()));
    Ok(diesel::delete(old).execute(tx.conn)?)
}

/// Those among `people` who have a post in their home feeds.
///
/// # Errors
/// When the database fails.
pub fn has_at_home(tx: &mut Tx<'_>, post: PostId, people: &[ActorId]) -> Result<Vec<ActorId>> {
    let people: Vec<i64> = people.iter().map(|id| id.raw()).collect();
    let entries = home_entries::table.filter(home_entries::post_id.eq(post.raw())).select(home_entries::owner_id);
    let owners: Vec<i64> = load_among!(tx, entries, home_entries::owner_id, &people);
    Ok(owners.into_iter().map(ActorId::new).collect())
}

#[cfg(test)]
mod tests;
