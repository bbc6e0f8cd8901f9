//! How far people of this node have read, for all their clients.

use corridor_domain::{ActorId, Timestamp};
use diesel::prelude::*;

use crate::schema::markers;
use crate::{Error, Result, Tx};

/// How far somebody has read in one timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = markers)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct MarkerRow {
    pub timeline: i16,
    pub last_read_id: i64,
    pub version: i32,
    pub updated_at: i64,
}

impl MarkerRow {
    /// When it was set.
    #[must_use]
    pub const fn at(&self) -> Timestamp {
        Timestamp::from_millis(self.updated_at)
    }
}

/// The markers of somebody.
///
/// # Errors
/// When the database fails.
pub fn of_person(tx: &mut Tx<'_>, owner: ActorId) -> Result<Vec<MarkerRow>> {
    Ok(markers::table
        .filter(markers::owner_id.eq(owner.raw()))
        .order(markers::timeline.asc())
        .select(MarkerRow::as_select())
        .load(tx.conn)?)
}

/// Sets a marker that was `known` when it was looked at; `None` for one that was not there. It counts one version more.
///
/// # Errors
/// [`Error::Conflict`] when somebody else has set it since.
pub fn set(
    tx: &mut Tx<'_>,
    owner: ActorId,
    timeline: i16,
    last_read_id: i64,
    known: Option<&MarkerRow>,
) -> Result<MarkerRow> {
    let version = known.map_or(1, |row| row.version.saturating_add(1));
    let row = MarkerRow { timeline, last_read_id, version, updated_at: tx.now().millis() };
    let values =
        (markers::last_read_id.eq(last_read_id), markers::version.eq(version), markers::updated_at.eq(row.updated_at));
    match known {
        None => {
            diesel::insert_into(markers::table)
                .values((markers::owner_id.eq(owner.raw()), markers::timeline.eq(timeline), values))
                .execute(tx.conn)?;
        }
        Some(known) => {
            let same = markers::table.find((owner.raw(), timeline)).filter(markers::version.eq(known.version));
            if diesel::update(same).set(values).execute(tx.conn)? == 0 {
                return Err(Error::Conflict("markers".to_owned()));
            }
        }
    }
    Ok(row)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;
    use crate::fixtures;
    use crate::testing::TestDatabase;

    #[tokio::test]
    async fn a_marker_counts_its_versions_and_an_old_one_changes_nothing() {
        for database in TestDatabase::each() {
            database
                .store
                .write(|tx| {
                    let (owner, other) = (fixtures::member(tx), fixtures::member(tx));
                    let first = set(tx, owner, 0, 7, None).unwrap();
                    let second = set(tx, owner, 0, 9, Some(&first)).unwrap();
                    assert_eq!((first.version, second.version, second.last_read_id), (1, 2, 9));
                    set(tx, owner, 1, 5, None).unwrap();
                    set(tx, other, 0, 3, None).unwrap();
                    assert!(matches!(set(tx, owner, 0, 8, Some(&first)), Err(Error::Conflict(_))));
                    let kept: Vec<i64> = of_person(tx, owner).unwrap().iter().map(|row| row.last_read_id).collect();
                    assert_eq!(kept, [9, 5]);
                    Ok::<_, Error>(())
                })
                .await
                .unwrap();
        }
    }
}
