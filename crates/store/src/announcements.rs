//! Announcements: what those who run the node tell everyone on it, who has read it, and what they think of it.

use std::collections::{HashMap, HashSet};

use corridor_domain::{ActorId, AnnouncementId, Timestamp};
use diesel::dsl::{auto_type, count_star};
use diesel::prelude::*;

use crate::dialect;
use crate::schema::{announcement_emojis, announcement_reactions, announcement_reads, announcements};
use crate::stream_events::{self, StreamEvent};
use crate::{Error, Result, Tx};

/// An announcement as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = announcements)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct AnnouncementRow {
    pub id: i64,
    pub source: String,
    pub content: String,
    pub mentions: String,
    pub tags: String,
    pub starts_at: Option<i64>,
    pub ends_at: Option<i64>,
    pub all_day: bool,
    pub shown_until: Option<i64>,
    pub published_at: i64,
    pub updated_at: i64,
    pub withdrawn_at: Option<i64>,
}

/// What an announcement says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// What was typed.
    pub source: String,
    /// Sanitised HTML.
    pub content: String,
    /// JSON: the numbers of those named.
    pub mentions: String,
    /// JSON: hashtags in the form in which they are compared.
    pub tags: String,
    /// When what it is about begins.
    pub starts_at: Option<Timestamp>,
    /// When that is over.
    pub ends_at: Option<Timestamp>,
    /// Whether these two are days.
    pub all_day: bool,
    /// From when it is shown no longer.
    pub shown_until: Option<Timestamp>,
}

impl AnnouncementRow {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> AnnouncementId {
        AnnouncementId::new(self.id)
    }

    /// Whether people are shown it at this moment.
    #[must_use]
    pub fn is_shown(&self, now: Timestamp) -> bool {
        self.withdrawn_at.is_none() && self.shown_until.is_none_or(|until| until > now.millis())
    }
}

#[auto_type]
fn says<'a>(said: &'a Said) -> _ {
    let source: &'a str = said.source.as_str();
    let content: &'a str = said.content.as_str();
    let mentions: &'a str = said.mentions.as_str();
    let tags: &'a str = said.tags.as_str();
    let starts_at: Option<i64> = said.starts_at.map(Timestamp::millis);
    let ends_at: Option<i64> = said.ends_at.map(Timestamp::millis);
    let all_day: bool = said.all_day;
    let shown_until: Option<i64> = said.shown_until.map(Timestamp::millis);
    (
        announcements::source.eq(source),
        announcements::content.eq(content),
        announcements::mentions.eq(mentions),
        announcements::tags.eq(tags),
        announcements::starts_at.eq(starts_at),
        announcements::ends_at.eq(ends_at),
        announcements::all_day.eq(all_day),
        announcements::shown_until.eq(shown_until),
    )
}

/// Tells everyone something, and their open streams.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, said: &Said) -> Result<AnnouncementId> {
    let (id, now) = (tx.new_id(), tx.now().millis());
    let made = (announcements::id.eq(id), announcements::published_at.eq(now), announcements::updated_at.eq(now));
    diesel::insert_into(announcements::table).values((made, says(said))).execute(tx.conn)?;
    stream_events::append(tx, StreamEvent::Announced(AnnouncementId::new(id)))?;
    Ok(AnnouncementId::new(id))
}

/// Says something else in its place; open streams are told.
///
/// # Errors
/// When the database fails.
pub fn replace(tx: &mut Tx<'_>, id: AnnouncementId, said: &Said) -> Result<()> {
    let changed = announcements::updated_at.eq(tx.now().millis());
    diesel::update(announcements::table.find(id.raw())).set((says(said), changed)).execute(tx.conn)?;
    stream_events::append(tx, StreamEvent::Announced(id))
}

/// Takes one away from everyone; `false` when it was before. Open streams are told.
///
/// # Errors
/// When the database fails.
pub fn withdraw(tx: &mut Tx<'_>, id: AnnouncementId) -> Result<bool> {
    let now = tx.now().millis();
    let shown =
        announcements::table.filter(announcements::id.eq(id.raw())).filter(announcements::withdrawn_at.is_null());
    let withdrawn = diesel::update(shown).set(announcements::withdrawn_at.eq(now)).execute(tx.conn)? > 0;
    if withdrawn {
        stream_events::append(tx, StreamEvent::AnnouncementGone(id))?;
    }
    Ok(withdrawn)
}

/// Takes away those whose time is over; says how many.
///
/// # Errors
/// When the database fails.
pub fn withdraw_over(tx: &mut Tx<'_>) -> Result<usize> {
    let over: Vec<i64> = announcements::table
        .filter(announcements::withdrawn_at.is_null())
        .filter(announcements::shown_until.le(tx.now().millis()))
        .select(announcements::id)
        .load(tx.conn)?;
    for id in &over {
        withdraw(tx, AnnouncementId::new(*id))?;
    }
    Ok(over.len())
}

/// One, shown or not.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub fn find(tx: &mut Tx<'_>, id: AnnouncementId) -> Result<AnnouncementRow> {
    Ok(announcements::table.find(id.raw()).select(AnnouncementRow::as_select()).first(tx.conn)?)
}

/// One that is shown now.
///
/// # Errors
/// [`Error::NotFound`] when it is not, or there is none.
pub fn find_shown(tx: &mut Tx<'_>, id: AnnouncementId) -> Result<AnnouncementRow> {
    let (row, now) = (find(tx, id)?, tx.now());
    if row.is_shown(now) { Ok(row) } else { Err(Error::NotFound) }
}

/// What is shown now, oldest first.
///
/// # Errors
/// When the database fails.
pub fn shown(tx: &mut Tx<'_>) -> Result<Vec<AnnouncementRow>> {
    let lasts = announcements::shown_until.is_null().or(announcements::shown_until.gt(tx.now().millis()));
    Ok(announcements::table
        .filter(announcements::withdrawn_at.is_null())
        .filter(lasts)
        .order(announcements::id)
        .select(AnnouncementRow::as_select())
        .load(tx.conn)?)
}

/// The latest, shown or not, newest first.
///
/// # Errors
/// When the database fails.
pub fn latest(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<AnnouncementRow>> {
    Ok(announcements::table
        .order(announcements::id.desc())
        .limit(limit)
        .select(AnnouncementRow::as_select())
        .load(tx.conn)?)
}

/// Which of these somebody has read.
///
/// # Errors
/// When the database fails.
pub fn read_by(tx: &mut Tx<'_>, owner: ActorId, ids: &[i64]) -> Result<HashSet<i64>> {
    let read: Vec<i64> = announcement_reads::table
        .filter(announcement_reads::owner_id.eq(owner.raw()))
        .filter(announcement_reads::announcement_id.eq_any(ids.to_vec()))
        .select(announcement_reads::announcement_id)
        .load(tx.conn)?;
    Ok(read.into_iter().collect())
}

/// Notes that somebody has read one.
///
/// # Errors
/// When the database fails.
pub fn mark_read(tx: &mut Tx<'_>, owner: ActorId, id: AnnouncementId) -> Result<()> {
    dialect::insert_announcement_read(tx, owner.raw(), id.raw())
}

/// What people think of an announcement: an emoji, and how many gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reaction {
    /// The number of the emoji at its announcement.
    pub emoji: i64,
    /// The emoji.
    pub name: String,
    /// How many gave it.
    pub count: i64,
    /// Whether the reader is among them.
    pub is_own: bool,
}

/// Every emoji that was given to one, also those that were taken back, in the order in which they came.
///
/// # Errors
/// When the database fails.
pub fn reactions(tx: &mut Tx<'_>, id: AnnouncementId, reader: ActorId) -> Result<Vec<Reaction>> {
    let emojis: Vec<(i64, String)> = announcement_emojis::table
        .filter(announcement_emojis::announcement_id.eq(id.raw()))
        .order(announcement_emojis::id)
        .select((announcement_emojis::id, announcement_emojis::name))
        .load(tx.conn)?;
    let ids: Vec<i64> = emojis.iter().map(|(emoji, _)| *emoji).collect();
    let given = || announcement_reactions::table.filter(announcement_reactions::emoji_id.eq_any(ids.clone()));
    let counts: Vec<(i64, i64)> = given()
        .group_by(announcement_reactions::emoji_id)
        .select((announcement_reactions::emoji_id, count_star()))
        .load(tx.conn)?;
    let counts: HashMap<i64, i64> = counts.into_iter().collect();
    let own: Vec<i64> = given()
        .filter(announcement_reactions::actor_id.eq(reader.raw()))
        .select(announcement_reactions::emoji_id)
        .load(tx.conn)?;
    let reaction = |(emoji, name)| Reaction {
        emoji,
        name,
        count: counts.get(&emoji).copied().unwrap_or(0),
        is_own: own.contains(&emoji),
    };
    Ok(emojis.into_iter().map(reaction).collect())
}

/// An emoji at an announcement, and how many give it now.
///
/// # Errors
/// When the database fails.
pub fn find_reaction(tx: &mut Tx<'_>, emoji: i64) -> Result<Option<(AnnouncementId, String, i64)>> {
    let found: Option<(i64, String)> = announcement_emojis::table
        .find(emoji)
        .select((announcement_emojis::announcement_id, announcement_emojis::name))
        .first(tx.conn)
        .optional()?;
    let Some((announcement, name)) = found else { return Ok(None) };
    let given = announcement_reactions::table.filter(announcement_reactions::emoji_id.eq(emoji));
    Ok(Some((AnnouncementId::new(announcement), name, given.count().get_result(tx.conn)?)))
}

/// Holds an announcement against other reactions until the transaction ends.
///
/// # Errors
/// When the database fails.
pub fn lock(tx: &mut Tx<'_>, id: AnnouncementId) -> Result<()> {
    let row = announcements::table.find(id.raw());
    diesel::update(row).set(announcements::all_day.eq(announcements::all_day)).execute(tx.conn)?;
    Ok(())
}

/// Makes an emoji one that an announcement can be given, and hands out its number.
///
/// # Errors
/// [`Error::Conflict`] when it is one already.
pub fn add_emoji(tx: &mut Tx<'_>, id: AnnouncementId, name: &str) -> Result<i64> {
    let emoji = tx.new_id();
    diesel::insert_into(announcement_emojis::table)
        .values((
            announcement_emojis::id.eq(emoji),
            announcement_emojis::announcement_id.eq(id.raw()),
            announcement_emojis::name.eq(name),
        ))
        .execute(tx.conn)?;
    Ok(emoji)
}

/// Forgets an emoji that nobody gives.
///
/// # Errors
/// When the database fails.
pub fn forget_emoji(tx: &mut Tx<'_>, emoji: i64) -> Result<()> {
    diesel::delete(announcement_emojis::table.find(emoji)).execute(tx.conn)?;
    Ok(())
}

/// Gives an emoji that the giver does not give yet; open streams are told.
///
/// # Errors
/// [`Error::Conflict`] when they do.
pub fn give(tx: &mut Tx<'_>, emoji: i64, from: ActorId) -> Result<()> {
    diesel::insert_into(announcement_reactions::table)
        .values((announcement_reactions::emoji_id.eq(emoji), announcement_reactions::actor_id.eq(from.raw())))
        .execute(tx.conn)?;
    stream_events::append(tx, StreamEvent::AnnouncementReacted(emoji))
}

/// Takes an emoji back; `false` when it was not given. Open streams are told.
///
/// # Errors
/// When the database fails.
pub fn take_back(tx: &mut Tx<'_>, emoji: i64, from: ActorId) -> Result<bool> {
    let taken = diesel::delete(announcement_reactions::table.find((emoji, from.raw()))).execute(tx.conn)? > 0;
    if taken {
        stream_events::append(tx, StreamEvent::AnnouncementReacted(emoji))?;
    }
    Ok(taken)
}
