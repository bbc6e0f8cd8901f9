//! What is told about the node besides Instance: its texts, languages, use, and which domains are blocked.

use corridor_app::activity::Activity;
use corridor_domain::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// <https://docs.joinmastodon.org/entities/ExtendedDescription/>, and PrivacyPolicy, which has the same fields.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct About {
    updated_at: Option<&'static str>,
    content: String,
}

impl About {
    /// A plain text as HTML, a paragraph for each line that has words, and when it was written, if that is known.
    #[must_use]
    pub fn of(text: &str, written: Option<&'static str>) -> Self {
        let escape =
            |line: &str| line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        Self { updated_at: written, content: lines.map(|line| format!("<p>{}</p>", escape(line))).collect() }
    }
}

/// <https://docs.joinmastodon.org/entities/DomainBlock/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct DomainBlock {
    domain: String,
    digest: String,
    severity: &'static str,
    /// Empty: why is between administrators.
    comment: &'static str,
}

impl DomainBlock {
    /// A domain that once was allowed, and the SHA-256 of its name in hexadecimal.
    #[must_use]
    pub fn of(domain: &str, digest: &str) -> Self {
        Self { domain: domain.to_owned(), digest: digest.to_owned(), severity: "suspend", comment: "" }
    }
}

/// How much the node was used in one week. Mastodon gives these numbers as texts.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Week {
    /// Seconds since 1970.
    week: String,
    statuses: String,
    logins: String,
    registrations: String,
}

impl Week {
    /// The week that begins then.
    #[must_use]
    pub fn of(start: Timestamp, used: &Activity) -> Self {
        Self {
            week: start.seconds().to_string(),
            statuses: used.posts.to_string(),
            logins: used.sign_ins.to_string(),
            registrations: used.accounts.to_string(),
        }
    }
}

/// A language of the node's pages.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
pub struct Language {
    /// ISO 639-1.
    pub code: &'static str,
    /// Its name in itself.
    pub name: &'static str,
}
