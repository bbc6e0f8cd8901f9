//! Answers that are given again while nothing has changed, for what clients ask for over and over.

use std::future::Future;
use std::io;

use actix_web::body::to_bytes;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use corridor_app::unchanged::{self, Answer};

use crate::Api;
use crate::error::{ApiError, ApiResult};

/// The answer to a GET whose body follows from the caller's token, the path, the query and the database alone.
pub(crate) async fn again<F>(api: &Api, request: &HttpRequest, make: impl FnOnce() -> F) -> ApiResult
where
    F: Future<Output = ApiResult>,
{
    let Some(key) = key(request) else { return make().await };
    let answer = unchanged::value(&api.ctx, key, || async { keep(make().await?).await }).await?;
    let mut response = HttpResponse::Ok();
    for (name, value) in &answer.headers {
        response.insert_header((name.as_str(), value.as_str()));
    }
    Ok(response.body(answer.body.clone()))
}

/// Only what comes with a token, which is what the answer is for.
fn key(request: &HttpRequest) -> Option<String> {
    let caller = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    Some(format!("{caller} {}", request.uri()))
}

async fn keep(response: HttpResponse) -> Result<Answer, ApiError> {
    let kept: [HeaderName; 2] = [header::CONTENT_TYPE, header::LINK];
    let text = |value: &HeaderValue| value.to_str().ok().map(str::to_owned);
    let headers =
        kept.iter().filter_map(|name| Some((name.to_string(), text(response.headers().get(name)?)?))).collect();
    let body = to_bytes(response.into_body())
        .await
        .map_err(|error| corridor_app::Error::Internal(Box::new(io::Error::other(error.to_string()))))?;
    Ok(Answer { body, headers })
}
