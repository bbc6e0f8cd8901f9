//! HTML that may be shown as it is.

use std::fmt;

/// HTML that has gone through the sanitiser. It alone is written to pages without escaping: templates hold no
/// `safe` filter, so any other value that reaches them is escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Takes what the sanitiser of `domain::text` gave: the content of posts, profiles and their fields as stored.
    /// Never anything else.
    #[must_use]
    pub fn sanitised(html: impl Into<String>) -> Self {
        Self(html.into())
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::FastWritable for SafeHtml {
    fn write_into(&self, dest: &mut dyn fmt::Write, _: &dyn askama::Values) -> askama::Result<()> {
        Ok(dest.write_str(&self.0)?)
    }
}

impl askama::filters::HtmlSafe for SafeHtml {}
