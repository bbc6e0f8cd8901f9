//! Pictures of people themselves: handed in, put up, taken down, and noted as peers send them.

use std::collections::HashMap;

use corridor_domain::text::{self, limits};
use corridor_domain::{ActorId, Focus, MediaId, PeerId};
use corridor_store::Tx;
use corridor_store::media::{self, MediaRow, NewMedia};
use corridor_store::portraits;
pub use corridor_store::portraits::Portrait;

use super::attach::{IncomingMedia, claimed};
use super::folder;
use super::upload::{Upload, checked_description, demand_quota, judge};
use crate::{Ctx, Error, PersonView, Result, Viewer};

/// Bytes of an address that is kept.
const ADDRESS: usize = 2048;

/// A picture that somebody has up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortraitView {
    /// Its number here; another picture has another one.
    pub id: MediaId,
    /// Media type.
    pub mime: String,
    /// What people are told who can't see it; may be empty.
    pub description: String,
}

impl PortraitView {
    /// The path of a rendition, `original` or `small`, on this node.
    #[must_use]
    pub fn path(&self, rendition: &str) -> String {
        format!("/media/{}/{rendition}", self.id)
    }
}

/// A change to one of one's own pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortraitChange {
    /// Another one, from [`hand_in`].
    Put(MediaId),
    /// None any more.
    Remove,
    /// What people are told who can't see the one that is up.
    Describe(String),
}

/// Takes a picture in, which is not put up yet: that is a change to the profile.
///
/// # Errors
/// As for other uploads; and for what is no picture.
pub async fn hand_in(ctx: &Ctx, viewer: &Viewer, which: Portrait, asked: Upload) -> Result<MediaId> {
    let description = checked_description(&asked.description)?;
    let fit = judge(ctx, asked.bytes, &asked.name).await?;
    if !fit.is_picture() {
        let word = which.word();
        return Err(Error::invalid(format!("The {word} must be a picture: a JPEG, PNG, GIF or WebP")));
    }
    let (owner, daily) = (viewer.id, ctx.settings.media.daily_bytes_of_person);
    let id = ctx.store.read(|tx| Ok::<_, Error>(MediaId::new(tx.new_id()))).await?;
    let (content, written) = fit.into_files(id);
    let new = NewMedia { id, owner, content, description, focus: asked.focus, place: None, remote: None };
    ctx.store
        .write(move |tx| {
            demand_quota(tx, owner, new.content.bytes, daily)?;
            media::insert(tx, &new)?;
            Ok::<_, Error>(portraits::mark(tx, id, which)?)
        })
        .await?;
    folder::write(&ctx.settings.media.folder, written).await?;
    Ok(id)
}

/// Changes one's own pictures; `true` when anything is other than before.
pub(crate) fn change(tx: &mut Tx<'_>, owner: ActorId, changes: &[(Portrait, PortraitChange)]) -> Result<bool> {
    let mut changed = false;
    for (which, change) in changes {
        changed |= match change {
            PortraitChange::Put(id) => {
                if !portraits::put_up(tx, owner, *which, *id)? {
                    return Err(Error::NotFound("that picture"));
                }
                true
            }
            PortraitChange::Remove => portraits::take_down(tx, owner, *which)?,
            PortraitChange::Describe(description) => describe(tx, owner, *which, description)?,
        };
    }
    Ok(changed)
}

fn describe(tx: &mut Tx<'_>, owner: ActorId, which: Portrait, description: &str) -> Result<bool> {
    let description = checked_description(description)?;
    let Some(up) = portraits::find(tx, owner, which)?.filter(|up| up.description != description) else {
        return Ok(false);
    };
    media::describe(tx, up.id(), &description, up.focus())?;
    Ok(true)
}

/// Notes which pictures a peer says that somebody has up. They are fetched when somebody looks.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    peer: PeerId,
    owner: ActorId,
    which: Portrait,
    sent: Option<&IncomingMedia>,
) -> Result<()> {
    let sent = sent.filter(|one| one.url.len() <= ADDRESS);
    let up = portraits::find(tx, owner, which)?;
    let Some(sent) = sent else {
        portraits::take_down(tx, owner, which)?;
        return Ok(());
    };
    let description = text::excerpt(&text::clean_text(&sent.description), limits::ALT_CHARS);
    if let Some(up) = up.filter(|up| up.remote_url.as_ref() == Some(&sent.url)) {
        return Ok(media::describe(tx, up.id(), &description, Focus::default())?);
    }
    portraits::take_down(tx, owner, which)?;
    let id = MediaId::new(tx.new_id());
    let remote = Some((sent.url.clone(), peer));
    let new = NewMedia { id, owner, content: claimed(sent), description, focus: Focus::default(), place: None, remote };
    media::insert(tx, &new)?;
    Ok(portraits::mark(tx, id, which)?)
}

/// The pictures that each of these people has up.
pub(crate) fn of_people(tx: &mut Tx<'_>, people: &[ActorId]) -> Result<HashMap<ActorId, Vec<MediaRow>>> {
    let mut found: HashMap<ActorId, Vec<MediaRow>> = HashMap::new();
    for row in portraits::of_people(tx, people)? {
        found.entry(row.owner()).or_default().push(row);
    }
    Ok(found)
}

/// The one of these that is up as `which`.
pub(crate) fn view(rows: &[MediaRow], which: Portrait) -> Option<PortraitView> {
    let row = rows.iter().find(|row| row.portrait() == Some(which))?;
    Some(PortraitView { id: row.id(), mime: row.mime.clone(), description: row.description.clone() })
}

/// Shows people with their pictures.
pub(crate) fn give<'a>(tx: &mut Tx<'_>, people: impl Iterator<Item = &'a mut PersonView>) -> Result<()> {
    let people: Vec<&mut PersonView> = people.collect();
    let ids: Vec<ActorId> = people.iter().map(|person| person.id).collect();
    let found = of_people(tx, &ids)?;
    for person in people {
        if let Some(rows) = found.get(&person.id).filter(|_| !person.hidden) {
            person.avatar = view(rows, Portrait::Avatar);
            person.header = view(rows, Portrait::Header);
        }
    }
    Ok(())
}
