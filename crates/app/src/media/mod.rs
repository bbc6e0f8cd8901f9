//! Pictures and files: uploaded, described, attached to posts, fetched from peers, and served to whoever may see them.

pub(crate) mod attach;
mod folder;
mod links;
mod picture;
pub(crate) mod portraits;
pub(crate) mod process;
mod remote;
mod serve;
mod settings;
mod state;
pub(crate) mod sweep;
#[cfg(test)]
mod tests;
mod upload;
mod view;

pub use attach::MediaEdit;
pub(crate) use links::LinkKey;
pub use links::{Link, Links, open_by_link, prepare_links};
pub use portraits::{Portrait, PortraitChange, PortraitView, hand_in};
pub use process::{resume, upload_soon};
pub use remote::fetch_for_post;
pub use serve::{Opened, OutOfRange, Range, Rendition, open_copy_for_peer, open_for_peer, open_for_viewer};
pub use settings::MediaSettings;
pub(crate) use state::MediaState;
pub use upload::{Upload, describe, discard, show, upload};
pub(crate) use view::media_view;
pub use view::{MediaKind, MediaView};

use std::time::Duration;

/// Quotas count what came within this span.
const DAY: Duration = Duration::from_secs(24 * 3600);
