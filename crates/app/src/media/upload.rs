//! What a person uploads: judged, cleaned, written, and theirs alone until it is in a post.

use corridor_domain::text::{self, limits};
use corridor_domain::{ActorId, FileGroup, FileType, Focus, MediaId, media as files};
use corridor_store::Tx;
use corridor_store::media::{self, Content, MediaKind, MediaRow, MediaState, NewMedia};

use super::picture::{self, Picture};
use super::{DAY, MediaView, folder, media_view};
use crate::{Ctx, Error, Result, Viewer};

/// A file as it is handed in.
#[derive(Debug, Clone, Default)]
pub struct Upload {
    /// All of it.
    pub bytes: Vec<u8>,
    /// What the sender calls it.
    pub name: String,
    /// What people are told who can't see it.
    pub description: String,
    /// The point that matters.
    pub focus: Focus,
}

/// A file that is fit to be kept.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    kind: FileType,
    name: String,
    picture: Option<Picture>,
    /// The file, where it is no picture.
    plain: Vec<u8>,
}

/// Takes a file in.
///
/// # Errors
/// [`Error::Invalid`] when it is too large, of a kind that is not taken, damaged, or too much for today.
pub async fn upload(ctx: &Ctx, viewer: &Viewer, upload: Upload) -> Result<MediaView> {
    let description = checked_description(&upload.description)?;
    let fit = judge(ctx, upload.bytes, &upload.name).await?;
    let (owner, daily) = (viewer.id, ctx.settings.media.daily_bytes_of_person);
    let id = ctx.store.read(|tx| Ok::<_, Error>(MediaId::new(tx.new_id()))).await?;
    let (content, written) = fit.into_files(id);
    let new = NewMedia { id, owner, content, description, focus: upload.focus, place: None, remote: None };
    let row = new.clone();
    ctx.store
        .write(move |tx| {
            demand_quota(tx, owner, row.content.bytes, daily)?;
            Ok::<_, Error>(media::insert(tx, &row)?)
        })
        .await?;
    folder::write(&ctx.settings.media.folder, written).await?;
    let arrived = ctx
        .store
        .write(move |tx| {
            if !media::arrived(tx, id)? {
                return Err(Error::NotFound("that file"));
            }
            Ok(media::find(tx, id)?)
        })
        .await?;
    Ok(media_view(arrived))
}

/// Refuses what is more than one person can upload in a day.
pub(super) fn demand_quota(tx: &mut Tx<'_>, owner: ActorId, bytes: i64, daily: u64) -> Result<()> {
    let since = tx.now() - DAY;
    let used = media::bytes_of_owner(tx, owner, since)?.saturating_add(bytes);
    if u64::try_from(used).is_ok_and(|used| used > daily) {
        return Err(Error::invalid("You have uploaded as much as one person can in a day: try again tomorrow"));
    }
    Ok(())
}

/// Says what a file is and makes it fit to be kept.
pub(super) async fn judge(ctx: &Ctx, bytes: Vec<u8>, name: &str) -> Result<Fit> {
    let settings = &ctx.settings.media;
    if bytes.len() > settings.max_bytes {
        return Err(too_large(settings.max_bytes));
    }
    let kind = files::sniff(&bytes).map_err(Error::invalid)?;
    if !settings.takes(kind.group()) {
        return Err(Error::invalid("Files of this kind can't be attached on this node"));
    }
    if kind.group() != FileGroup::Image {
        return Ok(Fit { kind, name: files::file_name(name, kind), picture: None, plain: bytes });
    }
    let picture = picture::clean(&ctx.media, settings, kind, bytes).await?;
    Ok(Fit { kind: picture.kind, name: String::new(), picture: Some(picture), plain: Vec::new() })
}

/// What is said of a file that is larger than the limit.
pub(super) fn too_large(limit: usize) -> Error {
    Error::invalid(format!("The file is too large: {} MB is the most it can have", limit / 1024 / 1024))
}

impl Fit {
    /// Whether it is a picture.
    pub(super) const fn is_picture(&self) -> bool {
        self.picture.is_some()
    }

    /// What is known of it, and its files with their names.
    pub(super) fn into_files(self, id: MediaId) -> (Content, Vec<(String, Vec<u8>)>) {
        let mime = self.kind.mime().to_owned();
        let signed = |size: usize| i64::try_from(size).unwrap_or(i64::MAX);
        let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
        let Some(picture) = self.picture else {
            let file = folder::name(id, &self.plain);
            let content = Content {
                kind: MediaKind::File,
                mime,
                name: self.name,
                bytes: signed(self.plain.len()),
                width: 0,
                height: 0,
                blurhash: String::new(),
                file_hash: Some(file.clone()),
                small_hash: None,
            };
            return (content, vec![(file, self.plain)]);
        };
        let (full, small) = (folder::name(id, &picture.full), folder::name(id, &picture.small));
        let content = Content {
            kind: MediaKind::Image,
            mime,
            name: String::new(),
            bytes: signed(picture.full.len() + picture.small.len()),
            width: side(picture.width),
            height: side(picture.height),
            blurhash: picture.blurhash,
            file_hash: Some(full.clone()),
            small_hash: Some(small.clone()),
        };
        (content, vec![(full, picture.full), (small, picture.small)])
    }
}

/// Several lines of a description, within the limit.
pub(crate) fn checked_description(description: &str) -> Result<String> {
    text::text_within(description, limits::ALT_CHARS).map_err(|error| Error::invalid(format!("Description: {error}")))
}

/// One's own upload, in a post or not, ready or not.
///
/// # Errors
/// [`Error::NotFound`] also when it is somebody else's; [`Error::Invalid`] when it could not be made ready.
pub async fn show(ctx: &Ctx, viewer: &Viewer, id: MediaId) -> Result<MediaView> {
    let owner = viewer.id;
    ctx.store
        .read(move |tx| {
            let row = own(media::find(tx, id), owner)?;
            demand_fit(&row)?;
            Ok(media_view(row))
        })
        .await
}

/// Says why an upload could not be made ready.
pub(super) fn demand_fit(row: &MediaRow) -> Result<()> {
    match (row.state(), &row.failure) {
        (MediaState::Failed, reason) => Err(Error::Invalid(reason.clone().unwrap_or_default())),
        _ => Ok(()),
    }
}

fn own(found: corridor_store::Result<MediaRow>, owner: ActorId) -> Result<MediaRow> {
    let row = found.map_err(|error| match error {
        corridor_store::Error::NotFound => Error::NotFound("that file"),
        other => other.into(),
    })?;
    let known = matches!(row.state(), MediaState::Here | MediaState::Processing | MediaState::Failed);
    let shown = row.owner() == owner && row.portrait().is_none() && known && row.removed_at.is_none();
    if shown { Ok(row) } else { Err(Error::NotFound("that file")) }
}

/// Says what a picture shows, and which point matters, before it is in a post. What is in a post is changed by editing
/// the post.
///
/// # Errors
/// [`Error::NotFound`] when it is somebody else's; [`Error::Invalid`] when the text is too long.
pub async fn describe(
    ctx: &Ctx,
    viewer: &Viewer,
    id: MediaId,
    description: Option<String>,
    focus: Option<Focus>,
) -> Result<MediaView> {
    let owner = viewer.id;
    let description = description.as_deref().map(checked_description).transpose()?;
    ctx.store
        .write(move |tx| {
            let row = own(media::find(tx, id), owner)?;
            demand_fit(&row)?;
            if row.post().is_some() {
                return Err(Error::invalid("It is in a post already: edit the post"));
            }
            let description = description.as_ref().unwrap_or(&row.description);
            media::describe(tx, id, description, focus.unwrap_or(row.focus()))?;
            Ok(media_view(media::find(tx, id)?))
        })
        .await
}

/// Gives up an upload that is in no post.
///
/// # Errors
/// [`Error::NotFound`] when it is somebody else's; [`Error::Invalid`] when a post has it.
pub async fn discard(ctx: &Ctx, viewer: &Viewer, id: MediaId) -> Result<()> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let row = own(media::find(tx, id), owner)?;
            if row.scheduled_id.is_some() {
                return Err(Error::invalid("A scheduled post has it: take that post back first"));
            }
            if row.post().is_some() || !media::discard(tx, owner, id)? {
                return Err(Error::invalid("It is in a post: take it out of the post, or delete the post"));
            }
            Ok(())
        })
        .await
}
