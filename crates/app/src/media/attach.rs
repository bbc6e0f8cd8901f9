//! Which pictures and files a post has: put in when it is published, changed when it is edited, noted when it arrives.

use corridor_domain::text::{self, limits};
use corridor_domain::{ActorId, FileType, Focus, MediaId, PeerId, PostId, ScheduledId, media as files};
use corridor_store::Tx;
use corridor_store::media::{self, Content, MediaKind, MediaRow, MediaState, NewMedia};

use super::upload::checked_description;
use crate::{Error, Result};

/// What an author says of a picture that the post has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaEdit {
    /// Which.
    pub id: MediaId,
    /// What people are told who can't see it; `None` to keep it.
    pub description: Option<String>,
    /// The point that matters; `None` to keep it.
    pub focus: Option<Focus>,
}

/// A picture or file of a peer's post, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IncomingMedia {
    /// Where the peer has it.
    pub url: String,
    /// What the peer says it is.
    pub mime: String,
    /// What people are told who can't see it.
    pub description: String,
    /// Pixels, as the peer says.
    pub width: u32,
    /// Pixels, as the peer says.
    pub height: u32,
    /// Its colours in a few letters.
    pub blurhash: String,
    /// The point that matters.
    pub focus: Focus,
}

fn place(index: usize) -> i16 {
    i16::try_from(index).unwrap_or(i16::MAX)
}

/// Refuses too many, and the same one twice.
fn checked(ids: &[MediaId]) -> Result<()> {
    if ids.len() > limits::MEDIA {
        return Err(Error::invalid(format!("A post can have at most {} pictures and files", limits::MEDIA)));
    }
    let twice = ids.iter().enumerate().any(|(at, id)| ids.iter().skip(at + 1).any(|other| other == id));
    if twice { Err(Error::invalid("A picture or file can be in a post only once")) } else { Ok(()) }
}

fn put_in(tx: &mut Tx<'_>, owner: ActorId, post: PostId, id: MediaId, position: i16) -> Result<()> {
    if media::attach(tx, owner, id, post, position)? { Ok(()) } else { Err(refusal(tx, owner, id)?) }
}

/// Why an upload can't be in a post.
fn refusal(tx: &mut Tx<'_>, owner: ActorId, id: MediaId) -> Result<Error> {
    let row = media::find_many(tx, &[id])?.pop().filter(|row| row.owner() == owner);
    let reason = match row.map(|row| (row.state(), row.failure)) {
        Some((MediaState::Processing, _)) => "A picture has not finished processing: try again in a moment".to_owned(),
        Some((MediaState::Failed, Some(reason))) => reason,
        _ => return Ok(taken()),
    };
    Ok(Error::Invalid(reason))
}

fn taken() -> Error {
    Error::invalid("A picture or file is not there any more, or is in another post: upload it again")
}

/// Keeps these uploads for a post that goes out later, and says of them what its author says.
pub(crate) fn keep(
    tx: &mut Tx<'_>,
    owner: ActorId,
    scheduled: ScheduledId,
    ids: &[MediaId],
    edits: &[MediaEdit],
) -> Result<()> {
    for id in ids {
        if !media::keep_for(tx, owner, *id, scheduled)? {
            return Err(refusal(tx, owner, *id)?);
        }
    }
    for edit in edits.iter().filter(|edit| ids.contains(&edit.id)) {
        let row = media::find(tx, edit.id)?;
        let description = edit.description.as_deref().map(checked_description).transpose()?;
        let description = description.unwrap_or_else(|| row.description.clone());
        media::describe(tx, edit.id, &description, edit.focus.unwrap_or(row.focus()))?;
    }
    Ok(())
}

/// Gives a post of one's own, new or edited, these pictures and files, in this order, and says of them what its author
/// says. `true` when anything changed.
pub(crate) fn change(
    tx: &mut Tx<'_>,
    owner: ActorId,
    post: PostId,
    ids: Option<&[MediaId]>,
    edits: &[MediaEdit],
) -> Result<bool> {
    let before = media::of_post(tx, post)?;
    let mut changed = false;
    if let Some(ids) = ids {
        checked(ids)?;
        changed = before.iter().map(MediaRow::id).ne(ids.iter().copied());
        let gone: Vec<MediaId> = before.iter().map(MediaRow::id).filter(|id| !ids.contains(id)).collect();
        media::take_out(tx, &gone)?;
        for (index, id) in ids.iter().enumerate() {
            if before.iter().any(|row| row.id() == *id) {
                media::place(tx, *id, place(index))?;
            } else {
                put_in(tx, owner, post, *id, place(index))?;
            }
        }
    }
    let now = media::of_post(tx, post)?;
    for edit in edits {
        let row = now.iter().find(|row| row.id() == edit.id).ok_or(Error::NotFound("that picture"))?;
        let description = edit.description.as_deref().map(checked_description).transpose()?;
        let description = description.unwrap_or_else(|| row.description.clone());
        let focus = edit.focus.unwrap_or(row.focus());
        if description != row.description || focus != row.focus() {
            media::describe(tx, edit.id, &description, focus)?;
            changed = true;
        }
    }
    Ok(changed)
}

/// Notes what a peer's post has. What was there before keeps its row, and its files.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    author: ActorId,
    peer: PeerId,
    post: PostId,
    sent: &[IncomingMedia],
) -> Result<()> {
    let before = media::of_post(tx, post)?;
    let is_sent = |row: &MediaRow| sent.iter().any(|one| row.remote_url.as_ref() == Some(&one.url));
    let gone: Vec<MediaId> = before.iter().filter(|row| !is_sent(row)).map(MediaRow::id).collect();
    if !gone.is_empty() {
        media::take_out(tx, &gone)?;
    }
    for (index, one) in sent.iter().enumerate() {
        let description = text::excerpt(&text::clean_text(&one.description), limits::ALT_CHARS);
        if let Some(row) = before.iter().find(|row| row.remote_url.as_ref() == Some(&one.url)) {
            media::describe(tx, row.id(), &description, one.focus)?;
            media::place(tx, row.id(), place(index))?;
            continue;
        }
        let id = MediaId::new(tx.new_id());
        let new = NewMedia {
            id,
            owner: author,
            content: claimed(one),
            description,
            focus: one.focus,
            place: Some((post, place(index))),
            remote: Some((one.url.clone(), peer)),
        };
        media::insert(tx, &new)?;
    }
    Ok(())
}

/// What a peer says of a file, as far as it can be shown before the file is here.
pub(super) fn claimed(one: &IncomingMedia) -> Content {
    let is_image = one.mime.starts_with("image/");
    let mime: String = one.mime.chars().filter(char::is_ascii_graphic).take(100).collect();
    let last = one.url.rsplit('/').next().unwrap_or_default();
    let kind = FileType::from_mime(&mime);
    // A size that no picture has tells nothing.
    let plausible = |side: u32| i32::try_from(side).ok().filter(|side| *side <= 100_000);
    let (width, height) = plausible(one.width).zip(plausible(one.height)).filter(|_| is_image).unwrap_or((0, 0));
    Content {
        kind: if is_image { MediaKind::Image } else { MediaKind::File },
        name: kind.filter(|_| !is_image).map(|kind| files::file_name(last, kind)).unwrap_or_default(),
        mime,
        bytes: 0,
        width,
        height,
        blurhash: one.blurhash.chars().filter(char::is_ascii_graphic).take(100).collect(),
        file_hash: None,
        small_hash: None,
    }
}
