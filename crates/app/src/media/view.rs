//! Pictures and files as readers are shown them.

use corridor_domain::{FileType, Focus, MediaId};
use corridor_store::media::{MediaRow, MediaState};

pub use corridor_store::media::MediaKind;

use super::picture::small_size;

/// A picture or file of a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaView {
    /// Its number here.
    pub id: MediaId,
    /// Picture or file.
    pub kind: MediaKind,
    /// Media type.
    pub mime: String,
    /// Under which a file is offered; empty for pictures.
    pub name: String,
    /// What people call its type: “PDF”.
    pub words: &'static str,
    /// How large it is; 0 while it is at its peer.
    pub bytes: i64,
    /// Pixels; 0 for files and where nothing is known.
    pub width: i32,
    /// Pixels.
    pub height: i32,
    /// Pixels of the small picture.
    pub small: (i32, i32),
    /// What people are told who can't see it; may be empty.
    pub description: String,
    /// The point that matters.
    pub focus: Focus,
    /// Its colours in a few letters; may be empty.
    pub blurhash: String,
    /// Where its peer has it.
    pub remote_url: Option<String>,
    /// Its peer did not give it, or it is unfit: only the description can be shown.
    pub broken: bool,
    /// It is still being made ready: there is nothing to show yet.
    pub processing: bool,
}

impl MediaView {
    /// The path of a rendition, `original` or `small`, on this node.
    #[must_use]
    pub fn path(&self, rendition: &str) -> String {
        format!("/media/{}/{rendition}", self.id)
    }
}

/// A row as readers are shown it.
pub(crate) fn media_view(row: MediaRow) -> MediaView {
    let words = FileType::from_mime(&row.mime).map_or("file", FileType::words);
    MediaView {
        id: row.id(),
        kind: row.kind(),
        small: small_size(row.width, row.height),
        focus: row.focus(),
        broken: row.state() == MediaState::Broken,
        processing: row.state() == MediaState::Processing,
        words,
        bytes: row.bytes,
        width: row.width,
        height: row.height,
        mime: row.mime,
        name: row.name,
        description: row.description,
        blurhash: row.blurhash,
        remote_url: row.remote_url,
    }
}
