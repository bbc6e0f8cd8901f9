//! `/media/{id}/{rendition}`: a picture or file, for whoever may see it; by the session's cookie or a client's token.

use actix_web::body::SizedStream;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::media::{self, Opened, OutOfRange, Range, Rendition};
use corridor_app::{Error, Viewer, oauth};
use futures_util::StreamExt;

use crate::Web;
use crate::error::{PageError, PageResult};
use crate::session::{Member, bearer};

/// Mounts the route.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/media/{id}/{rendition}", web::get().to(show));
}

async fn show(
    request: HttpRequest,
    shared: web::Data<Web>,
    path: web::Path<(String, String)>,
    member: Result<Member, PageError>,
) -> PageResult {
    let viewer = match bearer(&request) {
        Some(token) => client(&shared, token).await?,
        None => member?.viewer,
    };
    let (id, rendition) = path.into_inner();
    let named = id.parse().ok().zip(Rendition::from_word(&rendition));
    let (id, rendition) = named.ok_or(Error::NotFound("that file"))?;
    let opened = media::open_for_viewer(&shared.ctx, &viewer, id, rendition).await?;
    answer(&request, opened).await
}

/// A client that may read posts may read what is in them.
async fn client(shared: &Web, token: &str) -> Result<Viewer, PageError> {
    let auth = oauth::authenticate(&shared.ctx, token).await?;
    let reads = auth.scopes.covers("read:statuses");
    auth.viewer.filter(|_| reads).ok_or_else(|| Error::forbidden("the token may not read posts").into())
}

async fn answer(request: &HttpRequest, opened: Opened) -> PageResult {
    let asked = |name: header::HeaderName| request.headers().get(name).and_then(|value| value.to_str().ok());
    let headers = opened.headers();
    let with_headers = |status| {
        let mut answer = HttpResponse::build(status);
        for (name, value) in &headers {
            answer.insert_header((*name, value.as_str()));
        }
        answer
    };
    if asked(header::IF_NONE_MATCH).is_some_and(|tags| opened.is_known(tags)) {
        return Ok(with_headers(StatusCode::NOT_MODIFIED).finish());
    }
    let length = opened.length;
    // A part of another version than the reader has would be worth nothing; ours never change, so `If-Range` is met.
    let part = match opened.range(asked(header::RANGE).unwrap_or_default()) {
        Ok(part) => part,
        Err(OutOfRange) => {
            return Ok(HttpResponse::build(StatusCode::RANGE_NOT_SATISFIABLE)
                .insert_header((header::CONTENT_RANGE, format!("bytes */{length}")))
                .finish());
        }
    };
    let mut response = with_headers(if part.is_some() { StatusCode::PARTIAL_CONTENT } else { StatusCode::OK });
    if let Some(Range { start, length: size }) = part {
        response.insert_header((header::CONTENT_RANGE, format!("bytes {start}-{}/{length}", start + size - 1)));
    }
    let part = part.unwrap_or(Range { start: 0, length });
    let pieces = opened.pieces(part).await?;
    Ok(response.body(SizedStream::new(part.length, pieces.map(|piece| piece.map(web::Bytes::from)))))
}
