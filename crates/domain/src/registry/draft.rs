//! What a person writes to have a registry made: the same as a document, with everything optional that can be guessed.

use std::time::Duration;

use serde::Deserialize;

use super::{Document, FORMAT, Invalid, Moment, Node};
use crate::peer::Service;
use crate::{Authority, Timestamp, authority};

/// A registry to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The registry's name.
    pub registry: Option<String>,
    /// The number.
    pub sequence: Option<u64>,
    /// From when it counts.
    pub valid_from: Option<String>,
    /// Until when it counts.
    pub valid_until: Option<String>,
    /// The nodes.
    #[serde(default)]
    pub nodes: Vec<DraftNode>,
}

/// A node to be listed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftNode {
    /// Its federation address, in any form.
    pub authority: String,
    /// The domain of its handles; the same when it is not given.
    pub account_domain: Option<String>,
    /// The department that runs it.
    pub department: String,
    /// Fingerprints of its keys.
    #[serde(default)]
    pub keys: Vec<String>,
    /// Whom to call.
    #[serde(default)]
    pub contact: String,
    /// The highest marking.
    pub ceiling: String,
    /// What it may be used for; everything when it is not given.
    pub services: Option<Vec<Service>>,
    /// From when; the document's when it is not given.
    pub valid_from: Option<String>,
    /// Until when; the document's when it is not given.
    pub valid_until: Option<String>,
}

impl Draft {
    /// The document that it asks for. What it leaves out: the number `next`, from now, for `lasts`.
    ///
    /// # Errors
    /// With what is wrong or missing.
    pub fn into_document(self, now: Timestamp, next: u64, lasts: Duration) -> Result<Document, Invalid> {
        let from = moment(self.valid_from)?.unwrap_or(Moment::of(now));
        let until = moment(self.valid_until)?.unwrap_or(Moment::of(from.timestamp() + lasts));
        let mut nodes =
            self.nodes.into_iter().map(|node| node.into_node(from, until)).collect::<Result<Vec<_>, _>>()?;
        nodes.sort_by(|a, b| a.authority.cmp(&b.authority));
        let document = Document {
            format: FORMAT.to_owned(),
            registry: self.registry.unwrap_or_default(),
            sequence: self.sequence.unwrap_or(next),
            issued_at: Moment::of(now),
            valid_from: from,
            valid_until: until,
            nodes,
        };
        document.check()?;
        Ok(document)
    }
}

impl DraftNode {
    fn into_node(self, from: Moment, until: Moment) -> Result<Node, Invalid> {
        let host = |text: &str| {
            Authority::parse_with(text, authority::Policy::loopback())
                .map_err(|error| Invalid::Json(format!("the host “{text}”: {error}")))
        };
        let authority = host(&self.authority)?;
        Ok(Node {
            account_domain: self.account_domain.as_deref().map_or_else(|| Ok(authority.clone()), host)?,
            authority,
            department: self.department,
            keys: self.keys,
            contact: self.contact,
            ceiling: self.ceiling,
            services: self.services.unwrap_or_else(|| Service::ALL.to_vec()),
            valid_from: moment(self.valid_from)?.unwrap_or(from),
            valid_until: moment(self.valid_until)?.unwrap_or(until),
        })
    }
}

/// People may write any moment that RFC 3339 knows; the document has one form.
fn moment(text: Option<String>) -> Result<Option<Moment>, Invalid> {
    text.map(|text| {
        Timestamp::parse_rfc3339(&text)
            .map(Moment::of)
            .ok_or_else(|| Invalid::Json(format!("“{text}” is not a moment such as 2026-11-23T10:30:00Z")))
    })
    .transpose()
}
