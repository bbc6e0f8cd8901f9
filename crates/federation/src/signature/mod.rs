//! HTTP signatures: who sent a request, and that nobody changed it. Pure code, no network, no clock.
//!
//! Two forms are spoken: draft-cavage, which the fediverse knows, and RFC 9421, which Corridor nodes use between
//! them. A signature counts only if it covers what gives a request its meaning: the method and the path, our own
//! host, a moment that is near, and the exact bytes of a body. What is read here from a request decides who may
//! speak, so anything that two readers could read in two ways is refused.
//!
//! The order on the receiving side: [`parse_signature`] finds the key's id, [`precheck`] refuses everything that
//! needs no key (and so costs no fetch), and [`Checked::verify`] does the arithmetic, again if a key was refreshed.

mod cavage;
mod component;
mod digest;
mod key;
mod moment;
mod refusal;
mod request;
mod rfc9421;
mod sign;
mod verify;

#[cfg(test)]
mod hostile;
#[cfg(test)]
mod roundtrip;
#[cfg(test)]
mod vectors;

pub use digest::{check_content_digest, check_digest, content_digest, digest};
pub use key::{Algorithm, KeyError, KeyKind, PrivateKey, PublicKey};
pub use moment::{http_date, parse_http_date};
pub use refusal::Refusal;
pub use request::RequestView;
pub use sign::{SignError, sign};
pub use verify::{Checked, Rules, SignatureInfo, parse_signature, precheck, verify};

/// The two ways to write a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Form {
    /// draft-cavage-http-signatures: one `Signature` header with `keyId="…"`.
    Cavage,
    /// RFC 9421: `Signature-Input` and `Signature`.
    Rfc9421,
}

impl Form {
    /// The other one, to try when a peer does not take this one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Cavage => Self::Rfc9421,
            Self::Rfc9421 => Self::Cavage,
        }
    }

    /// The number that the database keeps for it.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Cavage => 0,
            Self::Rfc9421 => 1,
        }
    }

    /// The form of a number from the database; draft-cavage, which everybody reads, for unknown ones.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        if code == 1 { Self::Rfc9421 } else { Self::Cavage }
    }
}
