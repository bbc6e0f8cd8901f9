//! What a registry says: its number, its dates, and for each node the terms on which it is allowed.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::Invalid;
use crate::peer::Service;
use crate::text::{clean_line, limits};
use crate::{Authority, Services, Timestamp, authority};

/// The format that this program writes and the only one that it reads.
pub const FORMAT: &str = "corridor-registry-1";
/// Nodes in one document at most.
pub const MAX_NODES: usize = 5000;
/// Keys of one node at most.
const MAX_KEYS: usize = 8;
/// Numbers beyond this have no canonical form.
const MAX_SEQUENCE: u64 = (1 << 53) - 1;
/// Longest name of a registry or of a signer.
const MAX_NAME: usize = 100;

/// A registry at one number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// Always [`FORMAT`].
    pub format: String,
    /// The registry's name: numbers count within it.
    pub registry: String,
    /// Grows with every document.
    pub sequence: u64,
    /// When it was made.
    pub issued_at: Moment,
    /// It counts from then.
    pub valid_from: Moment,
    /// It counts no longer from then, and nobody is allowed by it.
    pub valid_until: Moment,
    /// The nodes, by federation address.
    pub nodes: Vec<Node>,
}

/// A node and the terms on which it is allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Its federation address.
    #[serde(deserialize_with = "exact_authority")]
    pub authority: Authority,
    /// The domain of its people's handles.
    #[serde(deserialize_with = "exact_authority")]
    pub account_domain: Authority,
    /// The department that runs it.
    pub department: String,
    /// Fingerprints of the keys of its own actor; with none, the first ones seen are believed.
    pub keys: Vec<String>,
    /// Whom to call about it.
    pub contact: String,
    /// The highest marking that may be exchanged with it, by name.
    pub ceiling: String,
    /// What it may be used for.
    pub services: Vec<Service>,
    /// It is allowed from then.
    pub valid_from: Moment,
    /// It is allowed no longer from then.
    pub valid_until: Moment,
}

impl Node {
    /// What it may be used for, as a set.
    #[must_use]
    pub fn services(&self) -> Services {
        self.services.iter().copied().collect()
    }
}

/// A moment in the one form that a document may use: `2026-11-23T10:30:00Z`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Moment(Timestamp);

impl Moment {
    /// The second that holds this moment.
    #[must_use]
    pub fn of(at: Timestamp) -> Self {
        Self(Timestamp::from_millis(at.seconds().saturating_mul(1000)))
    }

    /// As the rest of the program has it.
    #[must_use]
    pub const fn timestamp(self) -> Timestamp {
        self.0
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.date_time().format("%Y-%m-%dT%H:%M:%SZ"))
    }
}

impl From<Moment> for String {
    fn from(moment: Moment) -> Self {
        moment.to_string()
    }
}

impl TryFrom<String> for Moment {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let parsed = Timestamp::parse_rfc3339(&text).map(Self::of);
        parsed.filter(|moment| moment.to_string() == text).ok_or_else(|| {
            format!("“{}” is not a moment in the form 2026-11-23T10:30:00Z", text.chars().take(40).collect::<String>())
        })
    }
}

/// A host that is not in its normal form would be signed in one form and listed in another.
fn exact_authority<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Authority, D::Error> {
    let text = String::deserialize(deserializer)?;
    let parsed = Authority::parse_with(&text, authority::Policy::loopback()).map_err(D::Error::custom)?;
    if parsed.as_str() == text {
        Ok(parsed)
    } else {
        let given: String = text.chars().take(100).collect();
        Err(D::Error::custom(format!("the host “{given}” must be written as {parsed}")))
    }
}

impl Document {
    /// Everything that can be wrong with it, whoever signed it and whatever the time.
    ///
    /// # Errors
    /// With the first fault.
    pub fn check(&self) -> Result<(), Invalid> {
        if self.format != FORMAT {
            return Err(Invalid::Format(self.format.chars().take(40).collect()));
        }
        check_name("the registry's name", &self.registry)?;
        if self.sequence == 0 || self.sequence > MAX_SEQUENCE {
            return Err(Invalid::Sequence);
        }
        if self.valid_until <= self.valid_from {
            return Err(Invalid::Dates("the registry".to_owned()));
        }
        if self.nodes.len() > MAX_NODES {
            return Err(Invalid::TooManyNodes);
        }
        let mut names: BTreeSet<&Authority> = BTreeSet::new();
        for node in &self.nodes {
            check_node(node)?;
            // Address and account domain may be one name; no name may be two nodes'.
            let domain = Some(&node.account_domain).filter(|domain| **domain != node.authority);
            for name in std::iter::once(&node.authority).chain(domain) {
                if !names.insert(name) {
                    return Err(Invalid::Twice(name.clone()));
                }
            }
        }
        Ok(())
    }

    /// Whether it counts now.
    ///
    /// # Errors
    /// Before its first moment, or from its last one on.
    pub fn check_dates(&self, now: Timestamp) -> Result<(), Invalid> {
        if now < self.valid_from.timestamp() {
            return Err(Invalid::NotYet(self.valid_from));
        }
        if now >= self.valid_until.timestamp() {
            return Err(Invalid::Expired(self.valid_until));
        }
        Ok(())
    }

    /// The node of a federation address.
    #[must_use]
    pub fn node(&self, authority: &Authority) -> Option<&Node> {
        self.nodes.iter().find(|node| node.authority == *authority)
    }

    /// From when to when a node is allowed: its own dates, inside the document's.
    #[must_use]
    pub fn term_of(&self, node: &Node) -> (Timestamp, Timestamp) {
        let from = node.valid_from.max(self.valid_from);
        (from.timestamp(), node.valid_until.min(self.valid_until).timestamp())
    }
}

fn check_node(node: &Node) -> Result<(), Invalid> {
    let wrong = |what: &str| Invalid::Node(node.authority.clone(), what.to_owned());
    for (what, text) in [("department", &node.department), ("contact", &node.contact), ("ceiling", &node.ceiling)] {
        if clean_line(text) != *text || text.chars().count() > limits::TITLE_CHARS {
            return Err(wrong(&format!("the {what} must be one line of at most {} letters", limits::TITLE_CHARS)));
        }
    }
    if node.department.is_empty() || node.ceiling.is_empty() {
        return Err(wrong("the department and the ceiling must be given"));
    }
    if node
        .services
        .iter()
        .enumerate()
        .any(|(at, service)| node.services.iter().skip(at + 1).any(|other| other == service))
    {
        return Err(wrong("a service is listed twice"));
    }
    if node.keys.len() > MAX_KEYS || node.keys.iter().any(|key| !is_fingerprint(key)) {
        return Err(wrong("each key must be a fingerprint such as SHA256:…, at most eight of them"));
    }
    if node.valid_until <= node.valid_from {
        return Err(Invalid::Dates(node.authority.to_string()));
    }
    Ok(())
}

/// SHA-256 in base64 without padding, as OpenSSH writes fingerprints.
fn is_fingerprint(text: &str) -> bool {
    let letters = text.strip_prefix("SHA256:").unwrap_or_default();
    letters.len() == 43 && letters.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'))
}

/// Names are compared letter by letter, so only letters that can't be mistaken are taken.
///
/// # Errors
/// For any other letter, and for none.
pub(super) fn check_name(what: &'static str, name: &str) -> Result<(), Invalid> {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
    if name.is_empty() || name.len() > MAX_NAME || !name.bytes().all(plain) {
        return Err(Invalid::Name(what));
    }
    Ok(())
}
