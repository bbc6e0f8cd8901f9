//! Announcements as one reader is shown them.

use corridor_domain::{ActorId, AnnouncementId, PostId, Timestamp};
use corridor_store::announcements::{self, AnnouncementRow};
use corridor_store::{Tx, posts};

use crate::assemble::{post_views, shown_people};
use crate::{Ctx, Error, MentionView, PersonView, PostView, Result, Settings, Viewer};

/// Links of an announcement that are looked at for posts.
const LINKS: usize = 20;

/// An announcement as one reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncementView {
    /// Its number.
    pub id: AnnouncementId,
    /// Sanitised HTML.
    pub content: String,
    /// When what it is about begins.
    pub starts_at: Option<Timestamp>,
    /// When that is over.
    pub ends_at: Option<Timestamp>,
    /// Whether these two are days.
    pub all_day: bool,
    /// When it was made.
    pub published_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// Whether the reader has dismissed it.
    pub read: bool,
    /// Who is named in it.
    pub mentions: Vec<MentionView>,
    /// The posts to which it links, of those that the reader may read.
    pub posts: Vec<PostView>,
    /// Hashtags without the `#`, lower case.
    pub tags: Vec<String>,
    /// What people think of it.
    pub reactions: Vec<ReactionView>,
}

/// An emoji that people gave an announcement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReactionView {
    /// The emoji.
    pub name: String,
    /// How many gave it; at least one.
    pub count: i64,
    /// Whether the reader did.
    pub is_own: bool,
}

/// What is announced now, oldest first.
///
/// # Errors
/// When the store fails.
pub async fn all(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<AnnouncementView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let rows = announcements::shown(tx)?;
            rows.into_iter().map(|row| view(tx, &settings, reader, row)).collect()
        })
        .await
}

/// One that is shown now.
pub(crate) fn one(
    tx: &mut Tx<'_>,
    settings: &Settings,
    reader: ActorId,
    id: AnnouncementId,
) -> Result<Option<AnnouncementView>> {
    match super::found(announcements::find_shown(tx, id)) {
        Ok(row) => view(tx, settings, reader, row).map(Some),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// An emoji at an announcement that is shown now, and how many give it.
pub(crate) fn reaction(tx: &mut Tx<'_>, emoji: i64) -> Result<Option<(AnnouncementId, String, i64)>> {
    let Some(found) = announcements::find_reaction(tx, emoji)? else { return Ok(None) };
    match super::found(announcements::find_shown(tx, found.0)) {
        Ok(_) => Ok(Some(found)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

fn view(tx: &mut Tx<'_>, settings: &Settings, reader: ActorId, row: AnnouncementRow) -> Result<AnnouncementView> {
    let id = row.id();
    let read = announcements::read_by(tx, reader, &[row.id])?.contains(&row.id);
    let named: Vec<i64> = serde_json::from_str(&row.mentions).unwrap_or_default();
    let named: Vec<ActorId> = named.into_iter().map(ActorId::new).collect();
    let given = announcements::reactions(tx, id, reader)?.into_iter().filter(|one| one.count > 0);
    Ok(AnnouncementView {
        id,
        read,
        starts_at: row.starts_at.map(Timestamp::from_millis),
        ends_at: row.ends_at.map(Timestamp::from_millis),
        all_day: row.all_day,
        published_at: Timestamp::from_millis(row.published_at),
        updated_at: Timestamp::from_millis(row.updated_at),
        mentions: shown_people(tx, settings, &named)?.iter().map(mention).collect(),
        posts: linked(tx, settings, reader, &row.content)?,
        tags: serde_json::from_str(&row.tags).unwrap_or_default(),
        reactions: given.map(|one| ReactionView { name: one.name, count: one.count, is_own: one.is_own }).collect(),
        content: row.content,
    })
}

fn mention(person: &PersonView) -> MentionView {
    MentionView {
        id: person.id,
        username: person.username.clone(),
        acct: person.acct(),
        uri: person.uri.clone(),
        url: person.url.clone(),
    }
}

/// The posts to which a text links, as the reader sees them; not those that they may not read.
fn linked(tx: &mut Tx<'_>, settings: &Settings, reader: ActorId, html: &str) -> Result<Vec<PostView>> {
    let mut ids: Vec<PostId> = Vec::new();
    for link in html.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).take(LINKS) {
        let id = match own_page(settings, link) {
            Some(id) => Some(id),
            None => posts::find_by_uri(tx, link)?.map(|row| row.id()),
        };
        ids.extend(id.filter(|id| !ids.contains(id)));
    }
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut rows = posts::find_many_readable(tx, &ids, reader)?;
    rows.sort_by_key(|row| ids.iter().position(|id| *id == row.id()));
    post_views(tx, settings, reader, rows)
}

/// The post of a page of this node.
fn own_page(settings: &Settings, link: &str) -> Option<PostId> {
    let (name, id) = link.strip_prefix(&settings.addresses.staff_url("/@"))?.split_once('/')?;
    if name.is_empty() { None } else { id.parse().ok() }
}
