//! Pictures and files on the wire: the `attachment` of a post.

use corridor_app::inbound::IncomingMedia;
use corridor_app::{Addresses, MediaKind, MediaView};
use corridor_domain::Focus;
use serde_json::{Value, json};

use super::read::{page, text};

/// The pictures and files of a post of ours. They are fetched with a signature, like the post.
pub(super) fn render(media: &[MediaView], addresses: &Addresses) -> Value {
    Value::Array(media.iter().map(|one| render_one(one, addresses)).collect())
}

fn render_one(one: &MediaView, addresses: &Addresses) -> Value {
    let url = addresses.federation_url(&one.path("original"));
    // A file without a description is known by its name.
    let name = if one.description.is_empty() { &one.name } else { &one.description };
    let name = Some(name).filter(|name| !name.is_empty());
    match one.kind {
        MediaKind::File => json!({ "type": "Document", "mediaType": one.mime, "url": url, "name": name }),
        MediaKind::Image => {
            let (x, y) = one.focus.coordinates();
            json!({
                "type": "Image",
                "mediaType": one.mime,
                "url": url,
                "name": name,
                "width": one.width,
                "height": one.height,
                "blurhash": Some(&one.blurhash).filter(|hash| !hash.is_empty()),
                "focalPoint": [x, y],
            })
        }
    }
}

/// A picture or file as a peer wrote it down; `None` for what is neither. What it says of itself is checked when it
/// is fetched.
pub(super) fn read(value: &Value) -> Option<IncomingMedia> {
    let kind = text(value, "type")?;
    if !matches!(kind, "Document" | "Image" | "Audio" | "Video") {
        return None;
    }
    let side = |name: &str| value.get(name).and_then(Value::as_u64).and_then(|side| side.try_into().ok()).unwrap_or(0);
    let owned = |name: &str| text(value, name).unwrap_or_default().to_owned();
    let mime = text(value, "mediaType").unwrap_or(if kind == "Image" { "image/*" } else { "" });
    Some(IncomingMedia {
        url: page(value)?,
        mime: mime.to_ascii_lowercase(),
        description: text(value, "name").or_else(|| text(value, "summary")).unwrap_or_default().to_owned(),
        width: side("width"),
        height: side("height"),
        blurhash: owned("blurhash"),
        focus: focus(value).unwrap_or_default(),
    })
}

fn focus(value: &Value) -> Option<Focus> {
    match value.get("focalPoint")?.as_array()?.as_slice() {
        [x, y] => Some(Focus::new(x.as_f64()?, y.as_f64()?)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn mastodons_document_is_read() {
        let read = read(&json!({
            "type": "Document", "mediaType": "image/jpeg", "url": "https://there.example/media/1.jpg",
            "name": "A red bus", "blurhash": "UBL_:rOpGG", "focalPoint": [0.5, -0.5], "width": 1600, "height": 900,
        }));
        let expected = IncomingMedia {
            url: "https://there.example/media/1.jpg".to_owned(),
            mime: "image/jpeg".to_owned(),
            description: "A red bus".to_owned(),
            width: 1600,
            height: 900,
            blurhash: "UBL_:rOpGG".to_owned(),
            focus: Focus { x: 500, y: -500 },
        };
        assert_eq!(read.unwrap(), expected);
    }

    #[test]
    fn other_shapes_are_read_as_far_as_they_go() {
        let link = json!({ "type": "Image", "url": [{ "type": "Link", "href": "https://there.example/2.png" }], "summary": "Alt" });
        let read_link = read(&link).unwrap();
        assert_eq!((read_link.url.as_str(), read_link.mime.as_str()), ("https://there.example/2.png", "image/*"));
        assert_eq!(read_link.description, "Alt");
        for nothing in [
            json!({ "type": "PropertyValue", "name": "a", "value": "b" }),
            json!({ "type": "Document", "url": "javascript:alert(1)" }),
            json!({ "type": "Document" }),
            json!("https://there.example/3.png"),
            json!({ "type": "Image", "url": 3, "width": -1, "focalPoint": ["a"] }),
        ] {
            assert_eq!(read(&nothing), None, "{nothing}");
        }
        let odd = json!({ "type": "Image", "url": "https://there.example/4.png", "width": 1e30, "height": -4, "focalPoint": [1], "name": 7 });
        assert_eq!(
            read(&odd).unwrap(),
            IncomingMedia {
                url: "https://there.example/4.png".to_owned(),
                mime: "image/*".to_owned(),
                ..IncomingMedia::default()
            }
        );
    }
}
