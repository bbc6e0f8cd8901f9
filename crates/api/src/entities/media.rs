//! The MediaAttachment entity.

use corridor_app::media::{Links, Rendition};
use corridor_app::{MediaKind, MediaView};
use schemars::JsonSchema;
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/MediaAttachment/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct MediaAttachment {
    id: String,
    #[serde(rename = "type")]
    kind: &'static str,
    /// Null until it is ready.
    url: Option<String>,
    preview_url: Option<String>,
    remote_url: Option<String>,
    meta: Option<Meta>,
    description: Option<String>,
    blurhash: Option<String>,
    /// Ours: under which a file is offered, its media type and how large it is.
    file: Option<File>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "MediaMeta")]
struct Meta {
    #[serde(skip_serializing_if = "Option::is_none")]
    original: Option<Size>,
    #[serde(skip_serializing_if = "Option::is_none")]
    small: Option<Size>,
    focus: Point,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "MediaSize")]
struct Size {
    width: i32,
    height: i32,
    size: String,
    aspect: f64,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "MediaFocus")]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "MediaFile")]
struct File {
    name: String,
    mime_type: String,
    bytes: i64,
}

impl MediaAttachment {
    /// A picture or file. Its addresses are this node's own, also where a peer sent it, and open it without a token.
    #[must_use]
    pub fn of(view: &MediaView, links: &Links) -> Self {
        let (image, ready) = (view.kind == MediaKind::Image, !view.processing);
        let url = |rendition| links.media(view.id, rendition);
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Self {
            id: view.id.to_string(),
            kind: if image { "image" } else { "unknown" },
            url: ready.then(|| url(Rendition::Original)),
            preview_url: (image && ready).then(|| url(Rendition::Small)),
            remote_url: view.remote_url.clone(),
            meta: image.then(|| meta(view)),
            description: some(&view.description),
            blurhash: some(&view.blurhash),
            file: (!image).then(|| File { name: view.name.clone(), mime_type: view.mime.clone(), bytes: view.bytes }),
        }
    }
}

fn meta(view: &MediaView) -> Meta {
    let (x, y) = view.focus.coordinates();
    Meta { original: size(view.width, view.height), small: size(view.small.0, view.small.1), focus: Point { x, y } }
}

fn size(width: i32, height: i32) -> Option<Size> {
    (width > 0 && height > 0).then(|| Size {
        width,
        height,
        size: format!("{width}x{height}"),
        aspect: f64::from(width) / f64::from(height),
    })
}
