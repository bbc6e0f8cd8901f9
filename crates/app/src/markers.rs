//! Markers: how far somebody has read, so that all their clients begin at the same place.

use corridor_domain::{ActorId, NotificationId, Timestamp};
use corridor_store::markers::{self, MarkerRow};
use corridor_store::{Tx, notifications};

use crate::{Ctx, Error, Result, Viewer};

/// A timeline that is marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkedTimeline {
    /// The home feed.
    Home,
    /// Notifications.
    Notifications,
}

impl MarkedTimeline {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Home, Self::Notifications];

    /// The word of the Mastodon API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Notifications => "notifications",
        }
    }

    const fn code(self) -> i16 {
        match self {
            Self::Home => 0,
            Self::Notifications => 1,
        }
    }
}

/// How far somebody has read in one timeline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MarkerView {
    /// Where.
    pub timeline: MarkedTimeline,
    /// The number of the last post or notification that was read.
    pub last_read: i64,
    /// How often it was changed.
    pub version: i32,
    /// When it was changed last.
    pub updated_at: Timestamp,
}

fn view(row: &MarkerRow) -> Option<MarkerView> {
    let timeline = MarkedTimeline::ALL.into_iter().find(|timeline| timeline.code() == row.timeline)?;
    Some(MarkerView { timeline, last_read: row.last_read_id, version: row.version, updated_at: row.at() })
}

/// Those of the viewer's markers that were ever set.
///
/// # Errors
/// When the store fails.
pub async fn all(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<MarkerView>> {
    let owner = viewer.id;
    ctx.store.read(move |tx| Ok(markers::of_person(tx, owner)?.iter().filter_map(view).collect())).await
}

/// Sets markers; all of them or none. Notifications up to the marked one count as seen.
///
/// # Errors
/// [`Error::Conflict`] when another client has set one at the same time.
pub async fn set(ctx: &Ctx, viewer: &Viewer, wanted: Vec<(MarkedTimeline, i64)>) -> Result<Vec<MarkerView>> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let mut views = Vec::new();
            for (timeline, last_read) in &wanted {
                views.extend(view(&write(tx, owner, *timeline, *last_read)?));
            }
            Ok::<_, Error>(views)
        })
        .await
}

fn write(tx: &mut Tx<'_>, owner: ActorId, timeline: MarkedTimeline, last_read: i64) -> Result<MarkerRow> {
    if timeline == MarkedTimeline::Notifications {
        // What is still to come was not seen, whatever a client says.
        let newest = tx.new_id();
        notifications::mark_read(tx, owner, NotificationId::new(last_read.min(newest)))?;
    }
    let known = markers::of_person(tx, owner)?.into_iter().find(|row| row.timeline == timeline.code());
    match known {
        // Said again, it is no change.
        Some(known) if known.last_read_id == last_read => Ok(known),
        known => Ok(markers::set(tx, owner, timeline.code(), last_read, known.as_ref())?),
    }
}
