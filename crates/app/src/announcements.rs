//! Announcements: what those who run the node tell everyone on it.

mod shown;

use std::time::Duration;

use corridor_domain::text::{emoji_key, is_emoji};
use corridor_domain::{ActorId, AnnouncementId, Timestamp};
use corridor_store::Tx;
use corridor_store::announcements::{self, AnnouncementRow, Said};
use serde_json::json;

use crate::operator::Operator;
use crate::posts::compose::{self, Composed, Measure};
use crate::{Ctx, Error, Result, Viewer, audit};

pub use self::shown::{AnnouncementView, ReactionView, all};
pub(crate) use self::shown::{one, reaction};

/// Different emojis that one announcement can have, as Mastodon has it.
pub const MOST_REACTIONS: usize = 8;
/// Emojis of one announcement that are remembered, though nobody gives them any more.
const REMEMBERED: usize = 64;
const DAY: Duration = Duration::from_secs(24 * 3600);
const MISSING: Error = Error::NotFound("that announcement");

/// An announcement as it is handed in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Announcement {
    /// Markdown.
    pub text: String,
    /// When what it is about begins.
    pub starts_at: Option<Timestamp>,
    /// When that is over; from then on it is not shown.
    pub ends_at: Option<Timestamp>,
    /// These two are days; it is shown on the last of them.
    pub all_day: bool,
}

/// What changes of one; what is `None` stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AnnouncementChange {
    /// Markdown.
    pub text: Option<String>,
    /// When what it is about begins, if ever.
    pub starts_at: Option<Option<Timestamp>>,
    /// When that is over, if ever.
    pub ends_at: Option<Option<Timestamp>>,
    /// Whether these two are days.
    pub all_day: Option<bool>,
}

/// An announcement as those who run the node see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManagedView {
    /// Its number.
    pub id: AnnouncementId,
    /// What it says, as it was typed, and when.
    pub said: Announcement,
    /// When it was made.
    pub published_at: Timestamp,
    /// Whether people are shown it now.
    pub shown: bool,
}

fn managed(row: &AnnouncementRow, now: Timestamp) -> ManagedView {
    ManagedView {
        id: row.id(),
        said: as_said(row),
        published_at: Timestamp::from_millis(row.published_at),
        shown: row.is_shown(now),
    }
}

fn as_said(row: &AnnouncementRow) -> Announcement {
    Announcement {
        text: row.source.clone(),
        starts_at: row.starts_at.map(Timestamp::from_millis),
        ends_at: row.ends_at.map(Timestamp::from_millis),
        all_day: row.all_day,
    }
}

/// The latest announcements, newest first.
///
/// # Errors
/// For a person who is no administrator.
pub async fn latest(ctx: &Ctx, by: &Operator, limit: i64) -> Result<Vec<ManagedView>> {
    by.demand_administrator()?;
    ctx.store
        .read(move |tx| {
            let now = tx.now();
            Ok(announcements::latest(tx, limit)?.iter().map(|row| managed(row, now)).collect())
        })
        .await
}

/// Tells everyone something.
///
/// # Errors
/// For a person who is no administrator; when the text is empty or too long, or the times make no sense.
pub async fn add(ctx: &Ctx, by: &Operator, announcement: Announcement) -> Result<ManagedView> {
    by.demand_administrator()?;
    let composed = composed(ctx, &announcement.text).await?;
    let name = by.name();
    ctx.store
        .write(move |tx| {
            let id = announcements::insert(tx, &said(&announcement, &composed, tx.now())?)?;
            audit::append(tx, &name, "announcement.add", &id.to_string(), &json!({ "text": composed.source }))?;
            let now = tx.now();
            Ok(managed(&announcements::find(tx, id)?, now))
        })
        .await
}

/// Changes what an announcement says. Who has read it has read it.
///
/// # Errors
/// As [`add`]; when it is not there, or was ended.
pub async fn change(ctx: &Ctx, by: &Operator, id: AnnouncementId, change: AnnouncementChange) -> Result<ManagedView> {
    by.demand_administrator()?;
    let text = match change.text.clone() {
        Some(text) => text,
        None => ctx.store.read(move |tx| Ok::<_, Error>(found(announcements::find(tx, id))?.source)).await?,
    };
    let composed = composed(ctx, &text).await?;
    let name = by.name();
    ctx.store
        .write(move |tx| {
            let row = found(announcements::find(tx, id))?;
            if row.withdrawn_at.is_some() {
                return Err(Error::invalid("That announcement was ended: make a new one"));
            }
            let old = as_said(&row);
            let new = Announcement {
                text: composed.source.clone(),
                starts_at: change.starts_at.unwrap_or(old.starts_at),
                ends_at: change.ends_at.unwrap_or(old.ends_at),
                all_day: change.all_day.unwrap_or(old.all_day),
            };
            announcements::replace(tx, id, &said(&new, &composed, tx.now())?)?;
            audit::append(tx, &name, "announcement.change", &id.to_string(), &json!({ "text": composed.source }))?;
            let now = tx.now();
            Ok(managed(&announcements::find(tx, id)?, now))
        })
        .await
}

/// Ends an announcement: nobody is shown it any more.
///
/// # Errors
/// For a person who is no administrator; when it is not there, or was ended before.
pub async fn end(ctx: &Ctx, by: &Operator, id: AnnouncementId) -> Result<()> {
    by.demand_administrator()?;
    let name = by.name();
    ctx.store
        .write(move |tx| {
            found(announcements::find(tx, id))?;
            if !announcements::withdraw(tx, id)? {
                return Err(Error::invalid("That announcement was ended before"));
            }
            audit::append(tx, &name, "announcement.end", &id.to_string(), &json!({}))
        })
        .await
}

async fn composed(ctx: &Ctx, text: &str) -> Result<Composed> {
    compose::compose(ctx, text, "", Measure { may_be_empty: false, is_article: true }).await
}

/// The row, once the times make sense. Days begin at midnight UTC.
fn said(announcement: &Announcement, composed: &Composed, now: Timestamp) -> Result<Said> {
    let (starts, ends) = (announcement.starts_at, announcement.ends_at);
    let all_day = announcement.all_day && (starts.is_some() || ends.is_some());
    let moment = |at: Timestamp| if all_day { day_of(at) } else { at };
    let (starts_at, ends_at) = (starts.map(moment), ends.map(moment));
    if let (Some(starts), Some(ends)) = (starts_at, ends_at)
        && (ends < starts || (ends == starts && !all_day))
    {
        return Err(Error::invalid("It would end before it starts"));
    }
    let shown_until = ends_at.map(|ends| if all_day { ends + DAY } else { ends });
    if shown_until.is_some_and(|until| until <= now) {
        return Err(Error::invalid("It would be over already: choose a later end"));
    }
    let mentions: Vec<i64> = composed.mentions.iter().map(|id| id.raw()).collect();
    Ok(Said {
        source: composed.source.clone(),
        content: composed.html.clone(),
        mentions: json!(mentions).to_string(),
        tags: json!(composed.tags).to_string(),
        starts_at,
        ends_at,
        all_day,
        shown_until,
    })
}

fn day_of(at: Timestamp) -> Timestamp {
    Timestamp::from_millis(at.millis() - at.millis().rem_euclid(86_400_000))
}

fn found<T>(row: corridor_store::Result<T>) -> Result<T> {
    row.map_err(|error| match error {
        corridor_store::Error::NotFound => MISSING,
        other => other.into(),
    })
}

/// Takes away what is over; a chore.
pub(crate) fn settle(tx: &mut Tx<'_>) -> Result<()> {
    announcements::withdraw_over(tx)?;
    Ok(())
}

/// Notes that the viewer has read an announcement.
///
/// # Errors
/// When none of this number is shown.
pub async fn dismiss(ctx: &Ctx, viewer: &Viewer, id: AnnouncementId) -> Result<()> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            found(announcements::find_shown(tx, id))?;
            Ok(announcements::mark_read(tx, owner, id)?)
        })
        .await
}

/// Gives an announcement an emoji of the viewer's; the same again changes nothing.
///
/// # Errors
/// When none of this number is shown, `name` is no emoji, or the announcement has as many different ones as it may.
pub async fn react(ctx: &Ctx, viewer: &Viewer, id: AnnouncementId, name: &str) -> Result<()> {
    let (from, name) = (viewer.id, emoji(name)?);
    ctx.store
        .write(move |tx| {
            found(announcements::find_shown(tx, id))?;
            // Two new emojis at once must not be one too many.
            announcements::lock(tx, id)?;
            let emoji = room_for(tx, id, from, &name)?;
            if let Some(emoji) = emoji {
                announcements::give(tx, emoji, from)?;
            }
            Ok(())
        })
        .await
}

/// The number under which an emoji is given; `None` when `from` gives it already.
fn room_for(tx: &mut Tx<'_>, id: AnnouncementId, from: ActorId, name: &str) -> Result<Option<i64>> {
    let known = announcements::reactions(tx, id, from)?;
    let same = known.iter().find(|one| emoji_key(&one.name) == emoji_key(name));
    if same.is_some_and(|one| one.is_own) {
        return Ok(None);
    }
    let given = known.iter().filter(|one| one.count > 0).count();
    if same.is_none_or(|one| one.count == 0) && given >= MOST_REACTIONS {
        return Err(Error::invalid("Validation failed: Limit of different reactions reached"));
    }
    if let Some(same) = same {
        return Ok(Some(same.emoji));
    }
    if known.len() >= REMEMBERED {
        for one in known.iter().filter(|one| one.count == 0) {
            announcements::forget_emoji(tx, one.emoji)?;
        }
    }
    Ok(Some(announcements::add_emoji(tx, id, name)?))
}

/// Takes an emoji of the viewer's back.
///
/// # Errors
/// When none of this number is shown, `name` is no emoji, or the viewer has not given it.
pub async fn unreact(ctx: &Ctx, viewer: &Viewer, id: AnnouncementId, name: &str) -> Result<()> {
    let (from, name) = (viewer.id, emoji(name)?);
    ctx.store
        .write(move |tx| {
            found(announcements::find_shown(tx, id))?;
            let known = announcements::reactions(tx, id, from)?;
            let own = known.iter().find(|one| one.is_own && emoji_key(&one.name) == emoji_key(&name));
            match own {
                Some(own) => Ok(announcements::take_back(tx, own.emoji, from).map(|_| ())?),
                None => Err(Error::NotFound("that reaction")),
            }
        })
        .await
}

fn emoji(name: &str) -> Result<String> {
    if is_emoji(name) {
        return Ok(name.to_owned());
    }
    Err(Error::invalid("Validation failed: Name is not a recognized emoji"))
}

#[cfg(test)]
mod tests;
