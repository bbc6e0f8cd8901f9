//! The registry: a numbered document, signed by two, that says which nodes a network has and on what terms.

mod canonical;
mod document;
mod draft;
mod plan;
mod signed;
#[cfg(test)]
mod tests;

pub use canonical::{NotCanonical, canonical, canonical_with_fractions};
pub use document::{Document, FORMAT, MAX_NODES, Moment, Node};
pub use draft::{Draft, DraftNode};
pub use plan::{Act, Change, Held, Link, Terms, plan};
pub use signed::{Fault, MAX_BYTES, SIGNERS_NEEDED, Signature, Signed, Signer, Verdict, parse, verify};

use crate::Authority;

/// Why a registry is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Larger than any network needs.
    #[error("the registry is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// Not what the format says.
    #[error("that is not a registry: {0}")]
    Json(String),
    /// Another format.
    #[error("the format is “{0}”, but this program reads {FORMAT} alone")]
    Format(String),
    /// A name with letters that can be mistaken.
    #[error("{0} must be of lower-case letters, digits, hyphens and full stops, at most 100 of them")]
    Name(&'static str),
    /// Zero, or too large.
    #[error("the sequence must be a number from 1 to 2^53 - 1")]
    Sequence,
    /// Ends before it begins.
    #[error("the dates of {0} end before they begin")]
    Dates(String),
    /// More nodes than any network has.
    #[error("the registry lists more than {MAX_NODES} nodes")]
    TooManyNodes,
    /// More signatures than any network needs.
    #[error("the registry has too many signatures")]
    TooManySignatures,
    /// One name for two nodes.
    #[error("{0} is listed twice: a host belongs to one node")]
    Twice(Authority),
    /// Something about a node.
    #[error("{0}: {1}")]
    Node(Authority, String),
    /// Not a signature.
    #[error("a signature must be 64 bytes in URL-safe base64 without padding")]
    Signature,
    /// Not a signer.
    #[error("a signer is written as name=KEY, the key 32 bytes in URL-safe base64 without padding")]
    Signer,
    /// Its time has not come.
    #[error("the registry counts from {0} on, and not yet")]
    NotYet(Moment),
    /// Its time is over.
    #[error("the registry counted until {0}: a newer one is needed")]
    Expired(Moment),
    /// It can't be signed.
    #[error(transparent)]
    NotCanonical(#[from] NotCanonical),
}
