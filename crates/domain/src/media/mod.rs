//! Pictures and files: what a file is, judged by its content alone, and what it is called.

mod archive;
mod focus;
mod sniff;

pub use focus::Focus;
pub use sniff::{Unfit, sniff};

use crate::text::{clean_line, limits};

/// What a file is by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileType {
    /// A JPEG picture.
    Jpeg,
    /// A PNG picture.
    Png,
    /// A GIF picture.
    Gif,
    /// A WebP picture.
    WebP,
    /// A PDF document.
    Pdf,
    /// A Word document.
    Docx,
    /// An Excel workbook.
    Xlsx,
    /// A PowerPoint presentation.
    Pptx,
    /// An OpenDocument text.
    Odt,
    /// An OpenDocument spreadsheet.
    Ods,
    /// An OpenDocument presentation.
    Odp,
    /// Plain text.
    Text,
}

/// What a node may take in, switched group by group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FileGroup {
    /// Pictures: always taken.
    Image,
    /// PDF.
    Pdf,
    /// Word, Excel, PowerPoint and OpenDocument.
    Office,
    /// Plain text.
    Text,
}

impl FileType {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Jpeg,
        Self::Png,
        Self::Gif,
        Self::WebP,
        Self::Pdf,
        Self::Docx,
        Self::Xlsx,
        Self::Pptx,
        Self::Odt,
        Self::Ods,
        Self::Odp,
        Self::Text,
    ];

    /// The group that it belongs to.
    #[must_use]
    pub const fn group(self) -> FileGroup {
        match self {
            Self::Jpeg | Self::Png | Self::Gif | Self::WebP => FileGroup::Image,
            Self::Pdf => FileGroup::Pdf,
            Self::Docx | Self::Xlsx | Self::Pptx | Self::Odt | Self::Ods | Self::Odp => FileGroup::Office,
            Self::Text => FileGroup::Text,
        }
    }

    /// The media type under which it is served.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Gif => "image/gif",
            Self::WebP => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Odt => "application/vnd.oasis.opendocument.text",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::Odp => "application/vnd.oasis.opendocument.presentation",
            Self::Text => "text/plain",
        }
    }

    /// The type of a media type that was stored.
    #[must_use]
    pub fn from_mime(mime: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.mime() == mime)
    }

    /// The extension of its name, without the dot.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::WebP => "webp",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Xlsx => "xlsx",
            Self::Pptx => "pptx",
            Self::Odt => "odt",
            Self::Ods => "ods",
            Self::Odp => "odp",
            Self::Text => "txt",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG picture",
            Self::Png => "PNG picture",
            Self::Gif => "GIF picture",
            Self::WebP => "WebP picture",
            Self::Pdf => "PDF",
            Self::Docx => "Word document",
            Self::Xlsx => "Excel spreadsheet",
            Self::Pptx => "PowerPoint presentation",
            Self::Odt => "OpenDocument text",
            Self::Ods => "OpenDocument spreadsheet",
            Self::Odp => "OpenDocument presentation",
            Self::Text => "text file",
        }
    }
}

/// The name under which a file is offered: what was sent, without folders and what a file system could misread, and
/// with the extension of what the file is.
#[must_use]
pub fn file_name(sent: &str, kind: FileType) -> String {
    let last = sent.rsplit(['/', '\\']).next().unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let plain: String = clean_line(stem)
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '(' | ')') { c } else { '-' })
        .take(limits::FILE_NAME_CHARS)
        .collect();
    let plain = plain.trim_matches([' ', '-', '.']);
    let stem = if plain.is_empty() { "file" } else { plain };
    format!("{stem}.{}", kind.extension())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_nothing_that_could_lead_elsewhere() {
        for (sent, shown) in [
            ("Budget 2026.xlsx", "Budget 2026.pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            ("C:\\Temp\\plan.pdf.exe", "plan-pdf.pdf"),
            ("a\"b\r\nX: y;.pdf", "a-b X- y.pdf"),
            ("\u{202e}fdp.exe", "fdp.pdf"),
            ("..", "file.pdf"),
            ("", "file.pdf"),
            ("Adroddiad Blynyddol – Ŵyl.pdf", "Adroddiad Blynyddol - Ŵyl.pdf"),
        ] {
            assert_eq!(file_name(sent, FileType::Pdf), shown, "{sent:?}");
        }
        assert!(file_name(&"x".repeat(5000), FileType::Text).len() <= limits::FILE_NAME_CHARS + 4);
    }

    #[test]
    fn every_type_is_found_by_its_media_type() {
        for kind in FileType::ALL {
            assert_eq!(FileType::from_mime(kind.mime()), Some(kind));
        }
        assert_eq!(FileType::from_mime("text/html"), None);
    }
}
