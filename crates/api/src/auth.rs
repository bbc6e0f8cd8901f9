//! Who calls: the bearer token of a request, and the scopes that it carries.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
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
}

impl Person {
    /// Demands a scope, such as `read:statuses`, and hands out the caller.
    pub(crate) fn needs(&self, scope: &str) -> Result<&Viewer, ApiError> {
        if self.auth.scopes.covers(scope) { Ok(&self.viewer) } else { Err(ApiError::Scope) }
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
        Box::pin(async move {
            let auth = authenticate(&request).await?;
            match auth.viewer.clone() {
                Some(viewer) => Ok(Self { viewer, auth }),
                None => Err(Error::Unauthenticated("This method requires an authenticated user").into()),
            }
        })
    }
}

async fn authenticate(request: &HttpRequest) -> Result<oauth::Auth, ApiError> {
    // Whoever counted the request has looked already.
    if let Some(auth) = request.extensions().get::<oauth::Auth>() {
        return Ok(auth.clone());
    }
    let api = request.app_data::<web::Data<Api>>().expect("every route of this crate has its Api").clone();
    let token = bearer(request).ok_or(Error::Unauthenticated("The access token is invalid"))?;
    Ok(oauth::authenticate(&api.ctx, token).await?)
}

/// The token of the `Authorization` header, if there is one that could be one of ours.
pub(crate) fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty() && token.len() <= 200).then_some(token)
}
