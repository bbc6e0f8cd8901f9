//! Server-sent events: an answer without an end, a line of comment whenever nothing has happened for a while.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use bytes::Bytes;
use corridor_app::Ctx;
use corridor_app::media::Links;
use corridor_app::oauth::Auth;
use corridor_app::streaming::Stream;
use futures_util::stream;

use super::events::Event;
use crate::Api;

/// Mastodon's sign of life, a comment that clients skip.
const THUMP: Bytes = Bytes::from_static(b":thump\n\n");

struct Sender {
    stream: Stream,
    ctx: Ctx,
    auth: Auth,
    heartbeat: Duration,
}

pub(super) fn answer(api: &Api, stream: Stream, auth: Auth) -> HttpResponse {
    let heartbeat = api.ctx.settings.streaming.heartbeat;
    let sender = Sender { stream, ctx: api.ctx.clone(), auth, heartbeat };
    // The first thump goes out at once, so that a client knows that it is connected.
    let body = stream::unfold((sender, true), |(mut sender, is_first)| async move {
        let part = if is_first { Some(THUMP) } else { sender.next().await };
        part.map(|part| (Ok::<_, Infallible>(part), (sender, false)))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        // Proxies such as nginx would collect events until there are many.
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(body)
}

impl Sender {
    /// What to send next; `None` when the stream has ended.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let batch = tokio::select! {
                batch = self.stream.next() => batch?,
                () = tokio::time::sleep(self.heartbeat) => {
                    return if self.stream.may_go_on().await { Some(THUMP) } else { None };
                }
            };
            let frames = self.stream.show(batch).await?;
            let links = Links::new(&self.ctx, &self.auth);
            let text: String = frames.iter().map(|frame| Event::of(frame, &links).to_sse()).collect();
            if !text.is_empty() {
                return Some(text.into());
            }
        }
    }
}
