//! What a file is, by its first bytes and its structure, whatever its name and sender say.

use super::archive;
use super::{FileGroup, FileType};

/// Why a file is not taken in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// There is nothing in it.
    #[error("The file is empty")]
    Empty,
    /// SVG, HTML or XML.
    #[error("SVG, HTML and XML can't be attached, because they can carry programs: make a PNG or a PDF of it")]
    Markup,
    /// An office document with macros.
    #[error("A document with macros can't be attached: save it without them, or as a PDF")]
    Macros,
    /// Something else.
    #[error("Files of this kind can't be attached")]
    Unknown,
}

/// What a file is by its content.
///
/// # Errors
/// When it is nothing that is ever taken in.
pub fn sniff(bytes: &[u8]) -> Result<FileType, Unfit> {
    if bytes.is_empty() {
        return Err(Unfit::Empty);
    }
    if let Some(kind) = picture(bytes) {
        return Ok(kind);
    }
    if bytes.starts_with(b"%PDF-") {
        return Ok(FileType::Pdf);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return archive::document(bytes);
    }
    text(bytes)
}

/// The picture that a file claims to be by its first bytes; only decoding it shows whether it is one.
fn picture(bytes: &[u8]) -> Option<FileType> {
    let kind = if bytes.starts_with(b"\xff\xd8\xff") {
        FileType::Jpeg
    } else if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        FileType::Png
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        FileType::Gif
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        FileType::WebP
    } else {
        return None;
    };
    debug_assert!(kind.group() == FileGroup::Image, "what is found here is a picture");
    Some(kind)
}

fn text(bytes: &[u8]) -> Result<FileType, Unfit> {
    let text = std::str::from_utf8(bytes).map_err(|_| Unfit::Unknown)?;
    let text = text.trim_start_matches('\u{feff}');
    if text.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{c}')) {
        return Err(Unfit::Unknown);
    }
    if is_markup(text) { Err(Unfit::Markup) } else { Ok(FileType::Text) }
}

/// Whether an eager browser could take a text for a page or a drawing.
fn is_markup(text: &str) -> bool {
    const SIGNS: [&str; 8] = ["<!doctype", "<html", "<svg", "<?xml", "<script", "<body", "<head", "<iframe"];
    let lower = text.to_ascii_lowercase();
    lower.trim_start().starts_with('<') || SIGNS.iter().any(|sign| lower.contains(sign))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn content_decides() {
        assert_eq!(sniff(b"\xff\xd8\xff\xe0 jpeg"), Ok(FileType::Jpeg));
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n.."), Ok(FileType::Png));
        assert_eq!(sniff(b"GIF89a<script>alert(1)</script>"), Ok(FileType::Gif));
        assert_eq!(sniff(b"RIFF\0\0\0\0WEBPVP8 "), Ok(FileType::WebP));
        assert_eq!(sniff(b"%PDF-1.7\n"), Ok(FileType::Pdf));
        assert_eq!(sniff("Cyfarfod dydd Llun, 10:00 — ystafell 4\n".as_bytes()), Ok(FileType::Text));
        assert_eq!(sniff(b"a < b and b > c"), Ok(FileType::Text));
    }

    #[test]
    fn what_could_run_is_refused() {
        for markup in [
            "<svg xmlns='http://www.w3.org/2000/svg'/>",
            "\u{feff}  <SVG/>",
            "<?xml version='1.0'?><x/>",
            "<!DOCTYPE html><p>Hi",
            "words first <ScRiPt>alert(1)</script>",
            "  <p>Hi</p>",
        ] {
            assert_eq!(sniff(markup.as_bytes()), Err(Unfit::Markup), "{markup}");
        }
    }

    #[test]
    fn what_nobody_asked_for_is_refused() {
        assert_eq!(sniff(b""), Err(Unfit::Empty));
        for other in [
            &b"\x7fELF\x02"[..],
            b"MZ\x90\0",
            b"\0\0\0\x18ftypmp42",
            b"OggS\0",
            b"#!/bin/sh\n\0",
            b"RIFF\0\0\0\0WAVE",
            b" %PDF-",
        ] {
            let judged = sniff(other);
            assert!(matches!(judged, Err(Unfit::Unknown) | Ok(FileType::Text)), "{other:?}: {judged:?}");
        }
        assert_eq!(sniff(b"\x7fELF\x02\0"), Err(Unfit::Unknown));
        assert_eq!(sniff(b"\xff\xfe\xfd"), Err(Unfit::Unknown));
    }

    proptest! {
        #[test]
        fn nothing_is_too_odd_to_be_judged(start in prop::sample::select(vec![&b""[..], b"PK\x03\x04", b"RIFF", b"\xff\xd8\xff", b"<"]),
                                           rest in prop::collection::vec(any::<u8>(), 0..400)) {
            let _ = sniff(&[start, &rest].concat());
        }
    }
}
