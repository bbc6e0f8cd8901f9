//! Office documents, which are ZIP archives: told apart by what lies in them. Nothing is unpacked.

use super::FileType;
use super::sniff::Unfit;

/// Most entries of an archive that are looked at.
const ENTRIES: usize = 10_000;
/// The record that ends an archive, without its comment.
const END: usize = 22;
/// The longest comment behind it.
const COMMENT: usize = 65_535;

/// Which office document an archive is.
///
/// # Errors
/// [`Unfit::Macros`] when it carries macros; [`Unfit::Unknown`] when it is another archive, or none.
pub(super) fn document(bytes: &[u8]) -> Result<FileType, Unfit> {
    let names = names(bytes).ok_or(Unfit::Unknown)?;
    let has = |wanted: &str| names.contains(&wanted.as_bytes());
    let lower: Vec<Vec<u8>> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    let has_macros = lower
        .iter()
        .any(|name| name.ends_with(b"vbaproject.bin") || name.starts_with(b"basic/") || name.starts_with(b"scripts/"));
    if has_macros {
        return Err(Unfit::Macros);
    }
    if let Some(kind) = open_document(bytes) {
        return Ok(kind);
    }
    let parts = [
        ("word/document.xml", FileType::Docx),
        ("xl/workbook.xml", FileType::Xlsx),
        ("ppt/presentation.xml", FileType::Pptx),
    ];
    let found = parts.into_iter().find(|(part, _)| has("[Content_Types].xml") && has(part));
    found.map(|(_, kind)| kind).ok_or(Unfit::Unknown)
}

/// An OpenDocument file says what it is in its first entry, which is not compressed.
fn open_document(bytes: &[u8]) -> Option<FileType> {
    let stored = number(bytes, 8, 2)? == 0;
    let (name_length, extra) = (number(bytes, 26, 2)?, number(bytes, 28, 2)?);
    if !stored || extra != 0 || bytes.get(30..30 + name_length)? != b"mimetype" {
        return None;
    }
    let content = bytes.get(30 + name_length..)?;
    [FileType::Odt, FileType::Ods, FileType::Odp].into_iter().find(|kind| {
        // The next entry follows at once: `…opendocument.text-template` is another thing.
        content.strip_prefix(kind.mime().as_bytes()).is_some_and(|rest| rest.starts_with(b"PK"))
    })
}

/// The names in the directory at the archive's end.
fn names(bytes: &[u8]) -> Option<Vec<&[u8]>> {
    let end = end_of_directory(bytes)?;
    let count = number(bytes, end + 10, 2)?;
    let mut at = number(bytes, end + 16, 4)?;
    if count == 0 || count > ENTRIES {
        return None;
    }
    let mut names = Vec::with_capacity(count);
    for _ in 0..count {
        if bytes.get(at..at.checked_add(4)?)? != b"PK\x01\x02" {
            return None;
        }
        let name_length = number(bytes, at + 28, 2)?;
        let rest = number(bytes, at + 30, 2)? + number(bytes, at + 32, 2)?;
        let start = at + 46;
        names.push(bytes.get(start..start + name_length)?);
        at = start + name_length + rest;
    }
    Some(names)
}

fn end_of_directory(bytes: &[u8]) -> Option<usize> {
    let last = bytes.len().checked_sub(END)?;
    let first = last.saturating_sub(COMMENT);
    (first..=last).rev().find(|at| bytes.get(*at..*at + 4) == Some(b"PK\x05\x06"))
}

/// A little-endian number.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<usize> {
    let digits = bytes.get(at..at.checked_add(length)?)?;
    Some(digits.iter().rev().fold(0, |number, digit| number << 8 | usize::from(*digit)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An archive with these entries, stored and without checksums.
    fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
        let (mut body, mut directory) = (Vec::new(), Vec::new());
        let length = |text: &str, bytes: usize| text.len().to_le_bytes().into_iter().take(bytes).collect::<Vec<u8>>();
        for (name, content) in entries {
            let at = body.len();
            let sizes = [length(content, 4), length(content, 4), length(name, 2), vec![0, 0]].concat();
            body.extend(
                [&b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0"[..], &sizes, name.as_bytes(), content.as_bytes()]
                    .concat(),
            );
            directory.extend(
                [
                    &b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0"[..],
                    &sizes,
                    &[0; 10],
                    &at.to_le_bytes()[..4],
                    name.as_bytes(),
                ]
                .concat(),
            );
        }
        let count = &entries.len().to_le_bytes()[..2];
        let end = [
            &b"PK\x05\x06\0\0\0\0"[..],
            count,
            count,
            &directory.len().to_le_bytes()[..4],
            &body.len().to_le_bytes()[..4],
            &[0, 0],
        ]
        .concat();
        [body, directory, end].concat()
    }

    #[test]
    fn documents_are_told_apart_by_their_parts() {
        let types = ("[Content_Types].xml", "<Types/>");
        assert_eq!(document(&archive(&[types, ("word/document.xml", "<w/>")])), Ok(FileType::Docx));
        assert_eq!(document(&archive(&[types, ("xl/workbook.xml", "<x/>")])), Ok(FileType::Xlsx));
        assert_eq!(document(&archive(&[types, ("ppt/presentation.xml", "<p/>")])), Ok(FileType::Pptx));
        let odt = archive(&[("mimetype", "application/vnd.oasis.opendocument.text"), ("content.xml", "<o/>")]);
        assert_eq!(document(&odt), Ok(FileType::Odt));
    }

    #[test]
    fn macros_and_other_archives_are_refused() {
        let types = ("[Content_Types].xml", "<Types/>");
        let docm = archive(&[types, ("word/document.xml", "<w/>"), ("word/vbaProject.bin", "x")]);
        assert_eq!(document(&docm), Err(Unfit::Macros));
        let ods = archive(&[
            ("mimetype", "application/vnd.oasis.opendocument.spreadsheet"),
            ("Basic/Standard/Module1.xml", "x"),
        ]);
        assert_eq!(document(&ods), Err(Unfit::Macros));
        assert_eq!(document(&archive(&[("evil.exe", "MZ")])), Err(Unfit::Unknown));
        assert_eq!(document(&archive(&[("word/document.xml", "<w/>")])), Err(Unfit::Unknown));
        assert_eq!(document(b"PK\x03\x04"), Err(Unfit::Unknown));
        let mut cut = archive(&[types, ("word/document.xml", "<w/>")]);
        cut.truncate(cut.len() - 30);
        assert_eq!(document(&cut), Err(Unfit::Unknown));
    }
}
