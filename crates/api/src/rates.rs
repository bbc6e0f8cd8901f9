//! How often a client may call: counted by its token, or by its address while it shows none that counts.
//!
//! The numbers and headers are those of Mastodon's documentation ("Rate limits"). Departments share addresses, so
//! whoever has a token is never counted by theirs.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{HttpMessage, HttpRequest, ResponseError, web};
use corridor_app::throttle::{self, Left, Rate, Throttle};
use corridor_app::{Error, oauth};
use corridor_domain::{Timestamp, TokenId, network};

use crate::{Api, ApiError, auth};

const FIVE_MINUTES: Duration = Duration::from_secs(5 * 60);
const HALF_AN_HOUR: Duration = Duration::from_secs(30 * 60);

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// How much one token, or one address without a token, may do. `None`: as much as it likes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RateLimits {
    /// Requests within five minutes.
    pub requests: Option<u32>,
    /// Files uploaded within half an hour.
    pub uploads: Option<u32>,
    /// Posts deleted and boosts taken back within half an hour.
    pub deletions: Option<u32>,
}

/// What was counted so far, by this process.
#[derive(Debug, Clone, Default)]
pub(crate) struct Limiter {
    requests: Throttle<Caller>,
    uploads: Throttle<Caller>,
    deletions: Throttle<Caller>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Caller {
    Token(TokenId),
    Address(IpAddr),
}

/// The tightest of the limits that a request counts for, after it was counted.
#[derive(Debug, Clone, Copy)]
struct Standing {
    limit: u32,
    /// The seconds to wait, when nothing is left.
    outcome: Result<Left, u64>,
}

impl Standing {
    fn left(&self) -> u32 {
        self.outcome.map_or(0, |left| left.tries)
    }

    fn headers(&self, now: Timestamp) -> [(HeaderName, String); 3] {
        let reset = match self.outcome {
            Ok(left) => left.whole_at,
            Err(seconds) => now + Duration::from_secs(seconds),
        };
        [(LIMIT, self.limit.to_string()), (REMAINING, self.left().to_string()), (RESET, reset.to_rfc3339())]
    }
}

impl Limiter {
    /// Counts a request. Nothing when no limit is set.
    fn count(&self, limits: &RateLimits, caller: Caller, request: &HttpRequest, now: Timestamp) -> Option<Standing> {
        let mut counted = vec![(&self.requests, limits.requests, FIVE_MINUTES)];
        if is_upload(request) {
            counted.push((&self.uploads, limits.uploads, HALF_AN_HOUR));
        }
        if is_deletion(request) {
            counted.push((&self.deletions, limits.deletions, HALF_AN_HOUR));
        }
        let mut tightest: Option<Standing> = None;
        for (throttle, limit, within) in counted {
            let Some(limit) = limit else { continue };
            let standing = Standing { limit, outcome: throttle.take(caller, Rate { tries: limit, within }, now) };
            if standing.outcome.is_err() {
                return Some(standing);
            }
            if tightest.is_none_or(|other| standing.left() < other.left()) {
                tightest = Some(standing);
            }
        }
        tightest
    }
}

fn is_upload(request: &HttpRequest) -> bool {
    request.method() == Method::POST && matches!(request.path(), "/api/v1/media" | "/api/v2/media")
}

fn is_deletion(request: &HttpRequest) -> bool {
    let Some(rest) = request.path().strip_prefix("/api/v1/statuses/") else { return false };
    match *request.method() {
        Method::DELETE => !rest.contains('/'),
        Method::POST => rest.ends_with("/unreblog"),
        _ => false,
    }
}

/// Counts each request, answers 429 to those that are too many, and tells the others what they have left.
pub(crate) async fn limit<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let api = request.app_data::<web::Data<Api>>().expect("every route of this crate has its Api").clone();
    let caller = caller(&api, request.request()).await;
    let now = api.ctx.now();
    let standing = api.limiter.count(&api.settings.rates, caller, request.request(), now);
    let mut response = match standing {
        Some(Standing { outcome: Err(seconds), .. }) => {
            tracing::info!(?caller, "a client calls too often");
            let answer = ApiError::from(Error::TooMany(seconds)).error_response();
            request.into_response(answer).map_into_boxed_body()
        }
        _ => next.call(request).await?.map_into_boxed_body(),
    };
    for (name, value) in standing.iter().flat_map(|standing| standing.headers(now)) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

/// Who calls. A token that counts is kept with the request, so that it is looked up once.
async fn caller(api: &Api, request: &HttpRequest) -> Caller {
    if let Some(token) = auth::bearer(request)
        && let Ok(found) = oauth::authenticate(&api.ctx, token).await
    {
        let token = found.token_id;
        request.extensions_mut().insert(found);
        return Caller::Token(token);
    }
    let forwarded = request.headers().get_all("x-forwarded-for").map(HeaderValue::as_bytes);
    let proxies = &api.ctx.settings.trusted_proxies;
    let address = request.peer_addr().map(|peer| network::client_address(peer.ip(), forwarded, proxies));
    Caller::Address(throttle::address(address))
}
