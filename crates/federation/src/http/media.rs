//! `GET /media/{id}/{rendition}`: a picture or file of a post, for a peer that may have the post; and the copies that the home
//! of a group has of other departments' files.

use actix_web::body::SizedStream;
use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, guard, web};
use corridor_app::media::{self, Opened, Range, Rendition};
use corridor_domain::policy::Door;
use futures_util::StreamExt;
use serde::Deserialize;

use super::authorise::authorise;
use super::reads;
use crate::Node;
use crate::error::Error;

/// Mounts the route, for signed requests alone: people ask at the same path on the staff address.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    let signed = guard::fn_guard(|request| {
        let headers = request.head().headers();
        headers.contains_key("signature") || headers.contains_key("signature-input")
    });
    config.service(reads("/media/{id}/{rendition}", show).guard(signed));
}

/// Which file of which post.
#[derive(Debug, Deserialize)]
pub(super) struct Copied {
    post: String,
    url: String,
}

/// `GET /actors/{group}/media?post=…&url=…`: our copy of what a member of a third department has attached to a post in a
/// group of ours.
pub(super) async fn copy(
    request: HttpRequest,
    node: web::Data<Node>,
    group: web::Path<String>,
    of: web::Query<Copied>,
) -> Result<HttpResponse, Error> {
    let peer = authorise(&request, &node, Door::Media).await?;
    let group = group.parse().map_err(|_| corridor_app::Error::NotFound("that"))?;
    let Copied { post, url } = of.into_inner();
    whole(media::open_copy_for_peer(&node.ctx, &peer, group, post, url).await?).await
}

/// A file that is not for this peer looks like one that is not there.
async fn show(
    request: HttpRequest,
    node: web::Data<Node>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, Error> {
    let peer = authorise(&request, &node, Door::Media).await?;
    let absent = || Error::from(corridor_app::Error::NotFound("that"));
    let (id, rendition) = path.into_inner();
    let (id, rendition) = id.parse().ok().zip(Rendition::from_word(&rendition)).ok_or_else(absent)?;
    let opened = media::open_for_peer(&node.ctx, &peer, id, rendition).await.map_err(|error| match error {
        corridor_app::Error::NotFound(_) => absent(),
        other => other.into(),
    })?;
    whole(opened).await
}

/// A peer asks for all of it.
async fn whole(opened: Opened) -> Result<HttpResponse, Error> {
    let mut answer = HttpResponse::build(StatusCode::OK);
    for (name, value) in opened.headers() {
        answer.insert_header((name, value));
    }
    answer.insert_header((header::ACCEPT_RANGES, "none"));
    let length = opened.length;
    let pieces = opened.pieces(Range { start: 0, length }).await?;
    Ok(answer.body(SizedStream::new(length, pieces.map(|piece| piece.map(web::Bytes::from)))))
}
