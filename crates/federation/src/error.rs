//! What a peer is told when a door stays shut: a status, a sentence, and a code that tests and logs rely on.

use actix_web::http::StatusCode;
use actix_web::http::header::{ALLOW, CACHE_CONTROL, RETRY_AFTER};
use actix_web::{HttpResponse, ResponseError};
use corridor_app::Error as AppError;
use corridor_domain::policy;
use serde_json::json;

use crate::certificate::CertificateRefusal;
use crate::signature;

/// Seconds after which a peer may try again when our own database is the trouble.
const LATER: u64 = 5;

/// Why a request of a peer was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What was sent makes no sense.
    #[error("{reason}")]
    Malformed {
        /// Stable reason code.
        code: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// The signature is missing, wrong or incomplete.
    #[error(transparent)]
    Signature(#[from] signature::Refusal),
    /// The client certificate does not fit the signature.
    #[error(transparent)]
    Certificate(#[from] CertificateRefusal),
    /// The key that made the signature can't be had.
    #[error("the key {0} can't be had from its node")]
    NoKey(String),
    /// Policy says no to the host.
    #[error(transparent)]
    Refused(#[from] policy::Refusal),
    /// The sender may not do this.
    #[error("{reason}")]
    Forbidden {
        /// Stable reason code.
        code: &'static str,
        /// Why.
        reason: String,
    },
    /// Nothing there, or not for this peer: the two look the same.
    #[error("there is nothing here")]
    NotFound,
    /// The address takes other methods, which are named.
    #[error("this address takes {0} alone")]
    Method(&'static str),
    /// Neither `application/activity+json` nor `application/ld+json`, or compressed.
    #[error("{0}")]
    MediaType(&'static str),
    /// The body is larger than the limit.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
    /// The body did not come in time.
    #[error("the body did not come in time")]
    TooSlow,
    /// The peer sends more than it may; it may go on after so many seconds.
    #[error("too many requests: go on in {0} seconds")]
    TooMany(u64),
    /// Something that is needed can't be had now.
    #[error("this can't be answered now: try again later")]
    Unavailable,
    /// A mistake of the program.
    #[error("something went wrong")]
    Internal,
}

impl Error {
    /// A [`Error::Malformed`].
    pub fn malformed(code: &'static str, reason: impl Into<String>) -> Self {
        Self::Malformed { code, reason: reason.into() }
    }

    /// A [`Error::Forbidden`].
    pub fn forbidden(code: &'static str, reason: impl Into<String>) -> Self {
        Self::Forbidden { code, reason: reason.into() }
    }

    /// A stable reason for logs, answers and tests.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed { code, .. } | Self::Forbidden { code, .. } => code,
            Self::Signature(refusal) => refusal.code(),
            Self::Certificate(refusal) => refusal.code(),
            Self::NoKey(_) => "key_unavailable",
            Self::Refused(refusal) => refusal.code(),
            Self::NotFound => "not_found",
            Self::Method(_) => "method",
            Self::MediaType(_) => "media_type",
            Self::TooLarge(_) => "too_large",
            Self::TooSlow => "too_slow",
            Self::TooMany(_) => "too_many",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    const fn retry_after(&self) -> Option<u64> {
        match self {
            Self::TooMany(seconds) => Some(*seconds),
            Self::Unavailable => Some(LATER),
            _ => None,
        }
    }
}

impl From<AppError> for Error {
    fn from(error: AppError) -> Self {
        match error {
            AppError::NotFound(_) => Self::NotFound,
            AppError::Refused(refusal) => Self::Refused(refusal),
            AppError::Forbidden(reason) => Self::forbidden("forbidden", reason),
            AppError::Unauthenticated(reason) => Self::forbidden("forbidden", reason),
            AppError::Poll(refused) => Self::malformed("invalid", refused.to_string()),
            AppError::Invalid(reason) => Self::malformed("invalid", reason),
            AppError::Conflict(reason) => Self::malformed("conflict", reason),
            AppError::TooMany(seconds) => Self::TooMany(seconds),
            AppError::Peer(reason) => {
                tracing::info!("a peer could not be asked: {reason}");
                Self::Unavailable
            }
            AppError::Unavailable(cause) => {
                tracing::error!("the store can't answer: {cause}");
                Self::Unavailable
            }
            AppError::Internal(cause) => {
                let deeper = cause.source().map(ToString::to_string).unwrap_or_default();
                tracing::error!("a request of a peer failed: {cause} {deeper}");
                Self::Internal
            }
        }
    }
}

impl From<corridor_store::Error> for Error {
    fn from(error: corridor_store::Error) -> Self {
        AppError::from(error).into()
    }
}

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Malformed { .. } => StatusCode::BAD_REQUEST,
            Self::Signature(refusal) if refusal.is_malformed() => StatusCode::BAD_REQUEST,
            Self::Signature(_) | Self::Certificate(_) | Self::NoKey(_) => StatusCode::UNAUTHORIZED,
            Self::Refused(_) | Self::Forbidden { .. } => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::MediaType(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        answer.insert_header((CACHE_CONTROL, "no-store"));
        if let Some(seconds) = self.retry_after() {
            answer.insert_header((RETRY_AFTER, seconds.to_string()));
        }
        if let Self::Method(allowed) = self {
            answer.insert_header((ALLOW, *allowed));
        }
        answer.json(json!({ "error": self.to_string(), "code": self.code() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_status_and_says_when_to_come_back() {
        let statuses = [
            (Error::malformed("x", "y"), 400),
            (Error::Signature(signature::Refusal::Missing), 401),
            (Error::Signature(signature::Refusal::BadKeyId), 400),
            (Error::NoKey("k".into()), 401),
            // 401 again: a delivery waits until the certificate is mended, and is not given up.
            (Error::Certificate(CertificateRefusal::NotNow), 401),
            (Error::forbidden("x", "y"), 403),
            (Error::NotFound, 404),
            (Error::Method("POST"), 405),
            (Error::TooSlow, 408),
            (Error::TooLarge(1), 413),
            (Error::MediaType("x"), 415),
            (Error::TooMany(3), 429),
            (Error::Internal, 500),
            (Error::Unavailable, 503),
        ];
        for (error, status) in statuses {
            let answer = error.error_response();
            assert_eq!(answer.status().as_u16(), status, "{error}");
            assert_eq!(answer.headers().contains_key(RETRY_AFTER), matches!(status, 429 | 503), "{error}");
        }
    }

    #[test]
    fn the_inside_of_a_failure_stays_in_the_log() {
        let error = Error::from(AppError::Unavailable(corridor_store::Error::Unavailable("password=secret".into())));
        assert!(!error.to_string().contains("secret"));
    }
}
