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

/// Which reports are looked for; what is not said does not matter.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WantedReports {
    /// Those that were dealt with, or those that wait.
    pub resolved: Option<bool>,
    /// Made by this person.
    pub reporter: Option<ActorId>,
    /// About this person.
    pub target: Option<ActorId>,
}

/// A page of reports, latest first.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, wanted: &WantedReports, page: &Page) -> Result<Vec<ReportRow>> {
    let mut query = reports::table.select(ReportRow::as_select()).into_boxed();
    query = match wanted.resolved {
        Some(true) => query.filter(reports::resolved_at.is_not_null()),
        Some(false) => query.filter(reports::resolved_at.is_null()),
        None => query,
    };
    if let Some(reporter) = wanted.reporter {
        query = query.filter(reports::reporter_id.eq(reporter.raw()));
    }
    if let Some(target) = wanted.target {
        query = query.filter(reports::target_id.eq(target.raw()));
    }
    Ok(load_page!(tx, query, reports::id, page))
}

/// The numbers of the reports about somebody that wait, oldest first.
///
/// # Errors
/// When the database fails.
pub fn waiting_about(tx: &mut Tx<'_>, target: ActorId) -> Result<Vec<i64>> {
    Ok(reports::table
        .filter(reports::target_id.eq(target.raw()))
        .filter(reports::resolved_at.is_null())
        .order(reports::id)
        .select(reports::id)
        .load(tx.conn)?)
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

/// Takes back that a report was dealt with. `false` when it was not.
///
/// # Errors
/// When the database fails.
pub fn reopen(tx: &mut Tx<'_>, id: i64) -> Result<bool> {
    let settled = reports::table.filter(reports::id.eq(id)).filter(reports::resolved_at.is_not_null());
    let changed = diesel::update(settled)
        .set((reports::resolved_at.eq(None::<i64>), reports::resolved_by.eq(""), reports::resolution.eq("")))
        .execute(tx.conn)?;
    Ok(changed > 0)
}
