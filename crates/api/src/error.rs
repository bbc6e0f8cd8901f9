//! Errors as Mastodon clients expect them: a JSON body with `error`, and the status that fits.

use actix_web::dev::ServiceResponse;
use actix_web::http::{StatusCode, header};
use actix_web::middleware::ErrorHandlerResponse;
use actix_web::{HttpResponse, ResponseError};
use corridor_app::oauth::OAuthError;
use corridor_app::streaming::NotOpened;

use crate::entities::Failure;

/// An answer that is not the one hoped for.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// What the use case said.
    #[error(transparent)]
    App(#[from] corridor_app::Error),
    /// What OAuth said, with its code of RFC 6749.
    #[error(transparent)]
    OAuth(#[from] OAuthError),
    /// No stream can be opened.
    #[error(transparent)]
    Streams(NotOpened),
    /// The request itself can't be read.
    #[error("{0}")]
    Malformed(String),
    /// The token lacks a scope.
    #[error("This action is outside the authorized scopes")]
    Scope,
    /// Somebody else has changed it at the same time.
    #[error("Conflict during update, please try again")]
    Stale,
    /// The body is too large.
    #[error("the body is larger than {0} bytes")]
    TooLarge(usize),
}

/// The result of a handler.
pub type ApiResult = Result<HttpResponse, ApiError>;

impl ApiError {
    fn app_status(error: &corridor_app::Error) -> StatusCode {
        use corridor_app::Error as E;
        match error {
            E::NotFound(_) => StatusCode::NOT_FOUND,
            E::Unauthenticated(_) => StatusCode::UNAUTHORIZED,
            E::Forbidden(_) => StatusCode::FORBIDDEN,
            E::Invalid(_) | E::Poll(_) | E::Conflict(_) | E::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            E::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            E::Peer(_) | E::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            E::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn message(&self) -> String {
        match self {
            Self::App(corridor_app::Error::NotFound(_)) => "Record not found".to_owned(),
            Self::App(corridor_app::Error::Poll(refused)) => crate::polls::in_mastodons_words(*refused).to_owned(),
            other => other.to_string(),
        }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::App(error) => Self::app_status(error),
            Self::Streams(NotOpened::TooMany(_)) => StatusCode::TOO_MANY_REQUESTS,
            Self::Streams(NotOpened::Busy) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Streams(NotOpened::App(error)) => Self::app_status(error),
            Self::OAuth(OAuthError::InvalidClient) => StatusCode::UNAUTHORIZED,
            Self::OAuth(OAuthError::Unavailable(_)) => StatusCode::SERVICE_UNAVAILABLE,
            Self::OAuth(OAuthError::AccessDenied) | Self::Scope => StatusCode::FORBIDDEN,
            Self::OAuth(_) | Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::Stale => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let status = self.status_code();
        // A full house is no failure of the node's.
        if status.is_server_error() && !matches!(self, Self::Streams(_)) {
            // The text a client gets says nothing of the inside; the cause goes here.
            let cause = std::error::Error::source(self).map(ToString::to_string).unwrap_or_default();
            tracing::error!("the client API failed with {status}: {self}: {cause}");
        }
        let mut answer = HttpResponse::build(status);
        match self {
            Self::App(corridor_app::Error::TooMany(seconds)) => {
                answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
            }
            Self::Streams(NotOpened::TooMany(_)) => {
                answer.insert_header((header::RETRY_AFTER, "60"));
            }
            _ if status == StatusCode::SERVICE_UNAVAILABLE => {
                answer.insert_header((header::RETRY_AFTER, "5"));
            }
            _ if status == StatusCode::UNAUTHORIZED => {
                answer.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
            }
            _ => {}
        }
        match self {
            Self::OAuth(error) => answer.json(Failure::of_oauth(error.code(), error.to_string())),
            _ => answer.json(Failure::of(self.message())),
        }
    }
}

/// The answer to a path that is served, and not by this method: the error is in the body, as everywhere.
pub(crate) fn wrong_method<B>(answer: ServiceResponse<B>) -> actix_web::Result<ErrorHandlerResponse<B>> {
    let (request, answer) = answer.into_parts();
    let mut whole = HttpResponse::MethodNotAllowed();
    if let Some(allowed) = answer.headers().get(header::ALLOW) {
        whole.insert_header((header::ALLOW, allowed.clone()));
    }
    let whole = whole.json(Failure::of("Method not allowed"));
    Ok(ErrorHandlerResponse::Response(ServiceResponse::new(request, whole).map_into_right_body()))
}

/// The answer to a path that is not served.
pub(crate) async fn no_such_route() -> HttpResponse {
    HttpResponse::NotFound().json(Failure::of("Not found"))
}
