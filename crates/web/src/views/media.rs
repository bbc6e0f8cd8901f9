//! Pictures and files as pages show them.

/// A picture or file of a post.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostMedia {
    /// Its number here.
    pub id: String,
    /// A picture; else a file.
    pub picture: bool,
    /// What it shows, by its author; empty when nothing was said.
    pub description: String,
    /// Of the small picture; 0 where it is not known.
    pub width: i32,
    /// Of the small picture.
    pub height: i32,
    /// What a file is called.
    pub name: String,
    /// `PDF, 1.2 MB`.
    pub about: String,
    /// It can't be had: only the description is shown.
    pub missing: bool,
}

impl PostMedia {
    /// What stands for a picture where it can't be seen.
    #[must_use]
    pub fn alt(&self) -> &str {
        if self.description.is_empty() { "Picture without a description" } else { &self.description }
    }
}

/// A size in words: `640 KB`, `1.2 MB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => super::count(bytes, "byte", "bytes"),
        1_000..1_000_000 => format!("{} KB", bytes / 1_000),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_are_said_shortly() {
        assert_eq!(size(1), "1 byte");
        assert_eq!(size(640_900), "640 KB");
        assert_eq!(size(1_290_000), "1.2 MB");
    }
}
