//! Why a signature is not accepted: one variant for each reason, each with a code that logs and tests can rely on.

/// Why a request's signature is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no `Signature` header.
    #[error("the request is not signed: the Signature header is missing")]
    Missing,
    /// `Authorization: Signature …`, which some readers prefer to the `Signature` header and others ignore.
    #[error("a signature belongs in the Signature header, not in Authorization")]
    InAuthorization,
    /// A header that must be there once is there twice.
    #[error("the {0} header is there more than once")]
    Duplicate(&'static str),
    /// A header's value is not printable ASCII, so it can't be signed.
    #[error("the {0} header has characters that can't be signed")]
    NotText(String),
    /// Longer than any real signature.
    #[error("the signature headers are too long")]
    TooLong,
    /// The signature's own syntax is wrong.
    #[error("the signature can't be read: {0}")]
    Malformed(&'static str),
    /// Several signatures in one request: it would be unclear whose request it is.
    #[error("there is more than one signature; send one")]
    Several,
    /// A part of the request that RFC 9421 can name but that is not supported here.
    #[error("the signature covers “{0}”, which is not supported")]
    UnsupportedComponent(String),
    /// The key id is no address that a key could be fetched from.
    #[error("the key id must be an https or http address")]
    BadKeyId,
    /// The algorithm is not one of ours.
    #[error("the signature algorithm “{0}” is not accepted; use rsa-v1_5-sha256 (rsa-sha256) or ed25519")]
    UnknownAlgorithm(String),
    /// The key is of another kind than the algorithm named.
    #[error("the signature names the algorithm {named}, but its key is for {key}")]
    AlgorithmMismatch {
        /// What the signature says.
        named: &'static str,
        /// What the key is for.
        key: &'static str,
    },
    /// The request is meant for another server, or was replayed from one.
    #[error("the request is addressed to “{0}”, not to this server")]
    WrongHost(String),
    /// The request target is no path.
    #[error("the request target must be a path")]
    BadTarget,
    /// A header that the signature covers, or must cover, is not there.
    #[error("the {0} header is missing")]
    MissingHeader(String),
    /// Something that must be signed is not.
    #[error("the signature must cover {0}")]
    NotCovered(&'static str),
    /// The `Date` header is no HTTP date.
    #[error("the Date header is not an HTTP date")]
    BadDate,
    /// `created` or `expires` is no number of seconds of at most eleven digits.
    #[error("{0} must be a whole number of seconds with at most 11 digits")]
    BadTime(&'static str),
    /// Signed longer ago than the skew allows.
    #[error("the request was signed {0} seconds ago, which is too long; check both clocks")]
    TooOld(u64),
    /// Signed later than the skew allows.
    #[error("the request was signed {0} seconds in the future; check both clocks")]
    FromFuture(u64),
    /// `expires` has passed.
    #[error("the signature has expired")]
    Expired,
    /// `expires` is too far from when it was made.
    #[error("the signature's life is too long")]
    LifeTooLong,
    /// A digest header can't be read.
    #[error("the {0} header can't be read")]
    DigestMalformed(&'static str),
    /// No digest by an algorithm that we know.
    #[error("the {0} header has neither SHA-256 nor SHA-512")]
    DigestUnsupported(&'static str),
    /// The body is not the one that was signed.
    #[error("the {0} header does not match the body")]
    DigestMismatch(&'static str),
    /// The arithmetic says no.
    #[error("the signature does not match the request and the key")]
    BadSignature,
}

impl Refusal {
    /// A short, stable reason for logs, audit entries and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "signature_missing",
            Self::InAuthorization => "signature_in_authorization",
            Self::Duplicate(_) => "header_duplicate",
            Self::NotText(_) => "header_not_text",
            Self::TooLong => "signature_too_long",
            Self::Malformed(_) => "signature_malformed",
            Self::Several => "signature_several",
            Self::UnsupportedComponent(_) => "signature_component_unsupported",
            Self::BadKeyId => "key_id_invalid",
            Self::UnknownAlgorithm(_) => "algorithm_unsupported",
            Self::AlgorithmMismatch { .. } => "algorithm_mismatch",
            Self::WrongHost(_) => "host_wrong",
            Self::BadTarget => "target_invalid",
            Self::MissingHeader(_) => "header_missing",
            Self::NotCovered(_) => "signature_incomplete",
            Self::BadDate => "date_invalid",
            Self::BadTime(_) => "signature_time_invalid",
            Self::TooOld(_) => "signature_too_old",
            Self::FromFuture(_) => "signature_from_future",
            Self::Expired => "signature_expired",
            Self::LifeTooLong => "signature_life_too_long",
            Self::DigestMalformed(_) => "digest_malformed",
            Self::DigestUnsupported(_) => "digest_unsupported",
            Self::DigestMismatch(_) => "digest_mismatch",
            Self::BadSignature => "signature_invalid",
        }
    }

    /// Whether the request itself is wrong (answer 400) rather than not proven (answer 401).
    #[must_use]
    pub const fn is_malformed(&self) -> bool {
        matches!(
            self,
            Self::InAuthorization
                | Self::Duplicate(_)
                | Self::NotText(_)
                | Self::TooLong
                | Self::Malformed(_)
                | Self::Several
                | Self::BadKeyId
                | Self::BadTarget
                | Self::BadDate
                | Self::BadTime(_)
                | Self::DigestMalformed(_)
        )
    }

    /// Whether a newer key could make the same request good: the peer may have changed its key.
    #[must_use]
    pub const fn may_be_old_key(&self) -> bool {
        matches!(self, Self::BadSignature | Self::AlgorithmMismatch { .. })
    }
}
