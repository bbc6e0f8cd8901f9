//! Who calls: the bearer token of a request, and the scopes that it carries.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use corridor_app::media::Links;
use corridor_app::{Error, Viewer, oauth};

use crate::{Api, ApiError};

/// A valid token, of a person or of an application alone.
#[derive(Debug)]
pub(crate) struct Token(pub oauth::Auth);

/// A valid token of a person.
#[derive(Debug)]
pub(crate) struct Person {
    /// Who calls.
    pub viewer: Viewer,
    /// Their token.
    pub auth: oauth::Auth,
}

impl Token {
    /// Demands a scope, such as `read:statuses`.
    pub(crate) fn needs(&self, scope: &str) -> Result<(), ApiError> {
        if self.0.scopes.covers(scope) { Ok(()) } else { Err(ApiError::Scope) }
    }

    /// Demands that a person stands behind it.
    fn person(self) -> Result<Person, ApiError> {
        match self.0.viewer.clone() {
            Some(viewer) => Ok(Person { viewer, auth: self.0 }),
            None => Err(Error::Unauthenticated("This method requires an authenticated user").into()),
        }
    }
}

impl Person {
    /// Demands a scope, such as `read:statuses`, and hands out the caller.
    pub(crate) fn needs(&self, scope: &str) -> Result<&Viewer, ApiError> {
        if self.auth.scopes.covers(scope) { Ok(&self.viewer) } else { Err(ApiError::Scope) }
    }

    /// Addresses of pictures that this token's app can load.
    pub(crate) fn links(&self, api: &Api) -> Links {
        Links::new(&api.ctx, &self.auth)
    }
}

type Found<T> = Pin<Box<dyn Future<Output = Result<T, ApiError>>>>;

impl FromRequest for Token {
    type Error = ApiError;
    type Future = Found<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { authenticate(&request).await.map(Token) })
    }
}

impl FromRequest for Person {
    type Error = ApiError;
    type Future = Found<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Token(authenticate(&request).await?).person() })
    }
}

/// Who opens a stream. A browser can't set headers there, so the token may come in the query, or as the protocol that it
/// offers for its WebSocket: then the answer has to name that, and it is handed out.
pub(crate) async fn streaming(request: &HttpRequest) -> Result<(Person, Option<String>), ApiError> {
    if let Some(token) = bearer(request) {
        return Ok((of_token(request, token).await?.person()?, None));
    }
    if let Some(token) = in_query(request) {
        return Ok((of_token(request, &token).await?.person()?, None));
    }
    let offered = request.headers().get(header::SEC_WEBSOCKET_PROTOCOL).and_then(|value| value.to_str().ok());
    let token = offered.and_then(|offered| offered.split(',').next()).map(str::trim).filter(|token| is_token(token));
    let token = token.ok_or(MISSING)?;
    Ok((of_token(request, token).await?.person()?, Some(token.to_owned())))
}

const MISSING: Error = Error::Unauthenticated("The access token is invalid");

async fn authenticate(request: &HttpRequest) -> Result<oauth::Auth, ApiError> {
    // Whoever counted the request has looked already.
    if let Some(auth) = request.extensions().get::<oauth::Auth>() {
        return Ok(auth.clone());
    }
    let token = bearer(request).ok_or(MISSING)?;
    Ok(of_token(request, token).await?.0)
}

async fn of_token(request: &HttpRequest, token: &str) -> Result<Token, ApiError> {
    let api = request.app_data::<web::Data<Api>>().expect("every route of this crate has its Api").clone();
    Ok(Token(oauth::authenticate(&api.ctx, token).await?))
}

fn in_query(request: &HttpRequest) -> Option<String> {
    let mut pairs = url::form_urlencoded::parse(request.query_string().as_bytes());
    let (_, token) = pairs.find(|(name, _)| name == "access_token")?;
    is_token(&token).then(|| token.into_owned())
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.len() <= 200
}

/// The token of the `Authorization` header, if there is one that could be one of ours.
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && is_token(token)).then_some(token)
}
