//! `/media/{id}/{rendition}`: a picture or file, for whoever may see it; by the session's cookie, a client's token, or an address
//! that a client was given.

use actix_web::body::SizedStream;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::media::{self, Link, Opened, OutOfRange, Range, Rendition};
use corridor_app::{Error, oauth};
use futures_util::StreamExt;
use serde::Deserialize;

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
    query: web::Query<LinkQuery>,
    member: Result<Member, PageError>,
) -> PageResult {
    let (id, rendition) = path.into_inner();
    let named = id.parse().ok().zip(Rendition::from_word(&rendition));
    let (ctx, query) = (&shared.ctx, query.into_inner());
    let viewer = match bearer(&request) {
        Some(token) => oauth::authenticate(ctx, token).await?.reader()?,
        None if query.is_given() => {
            let (id, rendition) = named.ok_or(Error::NotFound("that file"))?;
            return answer(&request, media::open_by_link(ctx, query.link().as_ref(), id, rendition).await?).await;
        }
        None => member?.viewer,
    };
    let (id, rendition) = named.ok_or(Error::NotFound("that file"))?;
    answer(&request, media::open_for_viewer(ctx, &viewer, id, rendition).await?).await
}

/// What an address carries that opens the file by itself.
#[derive(Debug, Default, Deserialize)]
struct LinkQuery {
    r#for: Option<String>,
    until: Option<String>,
    seal: Option<String>,
}

impl LinkQuery {
    /// Any of it: then the address is meant so, and is not read in another way.
    fn is_given(&self) -> bool {
        self.r#for.is_some() || self.until.is_some() || self.seal.is_some()
    }

    fn link(&self) -> Option<Link> {
        Link::read(self.r#for.as_deref()?, self.until.as_deref()?, self.seal.as_deref()?)
    }
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
