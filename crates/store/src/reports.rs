//! Reports: what moderators are asked to look at.

use corridor_domain::{ActorId, Page, PeerId, Timestamp};
use diesel::prelude::*;

use crate::paging::load_page;
use crate::schema::reports;
use crate::{Result, Tx};

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = reports)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct ReportRow {
    pub id: i64,
    pub uri: String,
    pub peer_id: Option<i64>,
    pub reporter_id: i64,
    pub target_id: i64,
    pub category: String,
    pub comment: String,
    pub post_ids: String,
    pub forwarded: bool,
    pub created_at: i64,
    pub resolved_at: Option<i64>,
    pub resolved_by: String,
    pub resolution: String,
}

impl ReportRow {
    /// Who made it.
    #[must_use]
    pub const fn reporter(&self) -> ActorId {
        ActorId::new(self.reporter_id)
    }

    /// Whom it is about.
    #[must_use]
    pub const fn target(&self) -> ActorId {
        ActorId::new(self.target_id)
    }

    /// The peer it came from.
    #[must_use]
    pub fn peer(&self) -> Option<PeerId> {
        self.peer_id.map(PeerId::new)
    }
}

/// Stores a report.
///
/// # Errors
/// [`crate::Error::Conflict`] when one with that URI is there.
pub fn insert(tx: &mut Tx<'_>, report: &ReportRow) -> Result<()> {
    diesel::insert_into(reports::table).values(report).execute(tx.conn)?;
    Ok(())
}

/// A report by its number.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is none.
pub fn find(tx: &mut Tx<'_>, id: i64) -> Result<ReportRow> {
    Ok(reports::table.find(id).select(ReportRow::as_select()).first(tx.conn)?)
}

/// Reports, latest first: those that nobody has dealt with, or (`resolved`) the others.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, resolved: bool, page: &Page) -> Result<Vec<ReportRow>> {
    let mut query = reports::table.select(ReportRow::as_select()).into_boxed();
    query = if resolved {
        query.filter(reports::resolved_at.is_not_null())
    } else {
        query.filter(reports::resolved_at.is_null())
    };
    Ok(load_page!(tx, query, reports::id, page))
}

/// Notes that a report was dealt with. `false` when it was before.
///
/// # Errors
/// When the database fails.
pub fn resolve(tx: &mut Tx<'_>, id: i64, by: &str, resolution: &str, at: Timestamp) -> Result<bool> {
    let open = reports::table.filter(reports::id.eq(id)).filter(reports::resolved_at.is_null());
    let changed = diesel::update(open)
        .set((
            reports::resolved_at.eq(Some(at.millis())),
            reports::resolved_by.eq(by),
            reports::resolution.eq(resolution),
        ))
        .execute(tx.conn)?;
    Ok(changed > 0)
}
