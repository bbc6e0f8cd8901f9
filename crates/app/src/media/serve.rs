//! Handing a file out: to its owner before it is in a post, then to whoever may see the post, and to nobody else.

use std::io::SeekFrom;

use corridor_domain::{ActorId, FileType, MediaId, Peer, policy};
use corridor_store::media::{self, MediaKind, MediaRow, MediaState};
use corridor_store::{Tx, actors, posts, visibility};
use futures_util::Stream;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

use super::{folder, remote};
use crate::assemble::shown_people;
use crate::outgoing::may_relay_to;
use crate::{Ctx, Error, Result, Settings, Viewer, groups};

/// Bytes read at a time.
const CHUNK: usize = 64 * 1024;
const ABSENT: Error = Error::NotFound("that file");

/// Which of a picture's files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rendition {
    /// The picture, or the file itself.
    Original,
    /// The small picture.
    Small,
}

impl Rendition {
    /// By the word in its address.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "original" => Some(Self::Original),
            "small" => Some(Self::Small),
            _ => None,
        }
    }

    /// The word in its address.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Small => "small",
        }
    }
}

/// A file that this reader may have, opened.
#[derive(Debug)]
pub struct Opened {
    file: File,
    /// All of its bytes.
    pub length: u64,
    etag: String,
    mime: &'static str,
    attachment: Option<String>,
    any_site: bool,
}

/// A part of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// The first byte.
    pub start: u64,
    /// How many.
    pub length: u64,
}

/// A file for a person of this node. One that a peer still has is fetched first.
///
/// # Errors
/// [`Error::NotFound`] also when it is not for this reader, or can't be had.
pub async fn open_for_viewer(ctx: &Ctx, viewer: &Viewer, id: MediaId, rendition: Rendition) -> Result<Opened> {
    let (reader, settings) = (viewer.id, ctx.settings.clone());
    let row = ctx
        .store
        .read(move |tx| {
            let row = media::find(tx, id).map_err(absent)?;
            let may_see = match (row.post(), row.portrait()) {
                (Some(post), _) => visibility::may_read(tx, post, reader)?,
                (None, Some(_)) => meets(tx, &settings, reader, row.owner())?,
                (None, None) => row.owner() == reader,
            };
            if may_see && is_shown(&row) { Ok(row) } else { Err(ABSENT) }
        })
        .await?;
    let row = if row.state() == MediaState::Here { row } else { remote::fetched(ctx, row).await?.ok_or(ABSENT)? };
    open(ctx, &row, rendition).await
}

/// A file of ours for a peer: only one in a post that may leave to it, or what somebody of ours looks like.
///
/// # Errors
/// [`Error::NotFound`] also when it is not for this peer.
pub async fn open_for_peer(ctx: &Ctx, peer: &Peer, id: MediaId, rendition: Rendition) -> Result<Opened> {
    let (asker, peer) = (peer.clone(), peer.id);
    let row = ctx
        .store
        .read(move |tx| {
            let row = media::find(tx, id).map_err(absent)?;
            let ours = row.peer_id.is_none() && row.state() == MediaState::Here && is_shown(&row);
            let leaves = match row.post().filter(|_| ours) {
                None => ours && row.portrait().is_some() && shows_itself(tx, row.owner())?,
                Some(post) => {
                    let service = policy::service_of_post(posts::find(tx, post)?.audience()?);
                    policy::may_use(&asker, service).is_ok() && visibility::may_leave(tx, post, peer)?
                }
            };
            if leaves { Ok(row) } else { Err(ABSENT) }
        })
        .await?;
    open(ctx, &row, rendition).await
}

/// This node's copy of a file in a post of another department, for a peer with a member of the group of ours that it is in:
/// that department does not know who the members are. One that is not here yet is fetched first.
///
/// # Errors
/// [`Error::NotFound`] also when it is not for this peer, or can't be had.
pub async fn open_copy_for_peer(ctx: &Ctx, peer: &Peer, group: ActorId, post: String, url: String) -> Result<Opened> {
    let asker = peer.clone();
    let row = ctx
        .store
        .read(move |tx| {
            let post = posts::find_by_uri(tx, &post)?.filter(|post| post.peer_id.is_some()).ok_or(ABSENT)?;
            let group = actors::find(tx, group).map_err(absent)?;
            let ours = group.is_local() && post.group_id == Some(group.id);
            if !ours || !may_relay_to(tx, &post, &asker)? {
                return Err(ABSENT);
            }
            let of_post = media::of_post(tx, post.id())?;
            of_post.into_iter().find(|row| row.remote_url.as_ref() == Some(&url) && is_shown(row)).ok_or(ABSENT)
        })
        .await?;
    let row = if row.state() == MediaState::Here { row } else { remote::fetched(ctx, row).await?.ok_or(ABSENT)? };
    open(ctx, &row, Rendition::Original).await
}

/// Whether a reader meets somebody, so that they may see what these look like.
fn meets(tx: &mut Tx<'_>, settings: &Settings, reader: ActorId, person: ActorId) -> Result<bool> {
    let shown = shown_people(tx, settings, &[person])?.into_iter().filter(|person| !person.hidden).collect();
    Ok(!groups::without_unseen(tx, reader, shown)?.is_empty())
}

/// Whether an actor of ours shows peers what they look like.
fn shows_itself(tx: &mut Tx<'_>, owner: ActorId) -> Result<bool> {
    let owner = actors::find(tx, owner)?;
    Ok(owner.suspended_at.is_none() && owner.deleted_at.is_none())
}

fn absent(error: corridor_store::Error) -> Error {
    match error {
        corridor_store::Error::NotFound => ABSENT,
        other => other.into(),
    }
}

fn is_shown(row: &MediaRow) -> bool {
    row.state() != MediaState::Discarded && row.removed_at.is_none()
}

async fn open(ctx: &Ctx, row: &MediaRow, rendition: Rendition) -> Result<Opened> {
    let name = match rendition {
        Rendition::Original => row.file_hash.as_deref(),
        Rendition::Small => row.small_hash.as_deref(),
    };
    let name = name.ok_or(ABSENT)?;
    // Only what the node itself has written down as a type is ever sent as one.
    let kind = FileType::from_mime(&row.mime).ok_or(ABSENT)?;
    let file =
        File::open(folder::path(&ctx.settings.media.folder, name)).await.map_err(|error| missing(row, &error))?;
    let length = file.metadata().await.map_err(|error| folder::unavailable(&error))?.len();
    let attachment = (row.kind() == MediaKind::File).then(|| row.name.clone());
    Ok(Opened { file, length, etag: format!("\"{name}\""), mime: kind.mime(), attachment, any_site: false })
}

fn missing(row: &MediaRow, error: &std::io::Error) -> Error {
    if error.kind() == std::io::ErrorKind::NotFound {
        tracing::error!(media.id = row.id, "a file is not in the media folder");
        return ABSENT;
    }
    folder::unavailable(error)
}

impl Opened {
    /// Pages of other sites may show it: whoever came had an address that opens it by itself.
    pub(super) fn for_any_site(self) -> Self {
        Self { any_site: true, ..self }
    }

    /// The headers that it is served with, at every door the same.
    #[must_use]
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let kind = if self.mime == "text/plain" { "text/plain; charset=utf-8" } else { self.mime };
        let disposition = match &self.attachment {
            None => "inline".to_owned(),
            Some(name) => format!("attachment; filename*=UTF-8''{}", percent_encoded(name)),
        };
        vec![
            ("Content-Type", kind.to_owned()),
            ("Content-Disposition", disposition),
            ("X-Content-Type-Options", "nosniff".to_owned()),
            ("Content-Security-Policy", "default-src 'none'; sandbox".to_owned()),
            ("Cross-Origin-Resource-Policy", if self.any_site { "cross-origin" } else { "same-origin" }.to_owned()),
            ("Referrer-Policy", "no-referrer".to_owned()),
            // Kept, but asked for again each time: whoever may not see the post any more must not see its pictures.
            ("Cache-Control", "private, no-cache".to_owned()),
            ("Vary", "Cookie, Authorization, Signature".to_owned()),
            ("Accept-Ranges", "bytes".to_owned()),
            ("ETag", self.etag.clone()),
        ]
    }

    /// Whether a reader's `If-None-Match` says that they have it already.
    #[must_use]
    pub fn is_known(&self, if_none_match: &str) -> bool {
        if_none_match.split(',').any(|tag| tag.trim().trim_start_matches("W/") == self.etag)
    }

    /// The part that a `Range` header asks for: `Ok(None)` for all of it, also where more than one part is asked for.
    ///
    /// # Errors
    /// When the part lies outside of the file.
    pub fn range(&self, header: &str) -> std::result::Result<Option<Range>, OutOfRange> {
        range(header, self.length)
    }

    /// The bytes of a part, in pieces.
    ///
    /// # Errors
    /// When the file can't be read.
    pub async fn pieces(mut self, range: Range) -> Result<impl Stream<Item = std::io::Result<Vec<u8>>> + use<>> {
        self.file.seek(SeekFrom::Start(range.start)).await.map_err(|error| folder::unavailable(&error))?;
        Ok(futures_util::stream::try_unfold((self.file, range.length), |(mut file, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            let mut piece = vec![0; CHUNK.min(usize::try_from(left).unwrap_or(CHUNK))];
            file.read_exact(&mut piece).await?;
            let left = left - piece.len() as u64;
            Ok(Some((piece, (file, left))))
        }))
    }
}

/// What is asked for lies outside of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfRange;

fn range(header: &str, length: u64) -> std::result::Result<Option<Range>, OutOfRange> {
    let Some((from, to)) = header.trim().strip_prefix("bytes=").and_then(|part| part.split_once('-')) else {
        return Ok(None);
    };
    let number = |text: &str| text.trim().parse::<u64>().ok();
    let (start, end) = match (number(from), number(to)) {
        (Some(start), Some(end)) if start <= end => (start, end.min(length.saturating_sub(1))),
        (Some(start), None) if to.trim().is_empty() => (start, length.saturating_sub(1)),
        (None, Some(last)) if from.trim().is_empty() => (length.saturating_sub(last), length.saturating_sub(1)),
        // Several parts, or nonsense: the whole file is an honest answer.
        _ => return Ok(None),
    };
    if start >= length {
        return Err(OutOfRange);
    }
    Ok(Some(Range { start, length: end - start + 1 }))
}

fn percent_encoded(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    name.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_one_part_is_served() {
        let part = |start, length| Ok(Some(Range { start, length }));
        assert_eq!(range("bytes=0-9", 100), part(0, 10));
        assert_eq!(range("bytes=90-", 100), part(90, 10));
        assert_eq!(range("bytes=-10", 100), part(90, 10));
        assert_eq!(range("bytes=0-999", 100), part(0, 100));
        for whole in ["bytes=0-,0-,0-", "bytes=5-2", "bytes=a-b", "items=0-1", "bytes=-", ""] {
            assert_eq!(range(whole, 100), Ok(None), "{whole}");
        }
        assert_eq!(range("bytes=100-", 100), Err(OutOfRange));
        assert_eq!(range("bytes=0-", 0), Err(OutOfRange));
    }
}
