//! What may be attached, how much of it, and where it is kept.

use std::path::PathBuf;
use std::time::Duration;

use corridor_domain::FileGroup;

/// Settings of pictures and files.
#[derive(Debug, Clone)]
pub struct MediaSettings {
    /// Where files are kept. Nothing else may lie there.
    pub folder: PathBuf,
    /// Largest file taken in or fetched, in bytes.
    pub max_bytes: usize,
    /// Most pixels of a picture.
    pub max_pixels: u32,
    /// Longest side of a picture, in pixels.
    pub max_side: u32,
    /// What may be attached beside pictures.
    pub files: Vec<FileGroup>,
    /// Bytes that one person may upload within a day.
    pub daily_bytes_of_person: u64,
    /// Bytes that are fetched from one peer within a day.
    pub daily_bytes_of_peer: u64,
    /// Uploads that one process makes ready at a time, beside those whose sender waits for it.
    pub processors: usize,
    /// How long the answer to an upload waits for it to be ready.
    pub patience: Duration,
}

impl MediaSettings {
    /// The defaults, in a folder.
    #[must_use]
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            max_bytes: 16 * 1024 * 1024,
            max_pixels: 40_000_000,
            max_side: 20_000,
            files: vec![FileGroup::Pdf, FileGroup::Office, FileGroup::Text],
            daily_bytes_of_person: 512 * 1024 * 1024,
            daily_bytes_of_peer: 4 * 1024 * 1024 * 1024,
            processors: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            patience: Duration::from_secs(2),
        }
    }

    /// Whether files of this group are taken in.
    #[must_use]
    pub fn takes(&self, group: FileGroup) -> bool {
        group == FileGroup::Image || self.files.contains(&group)
    }
}
