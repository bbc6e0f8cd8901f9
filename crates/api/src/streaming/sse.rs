//! Server-sent events: an answer without an end, a line of comment whenever nothing has happened for a while.

use std::convert::Infallible;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header;
use bytes::Bytes;
use corridor_app::Addresses;
use corridor_app::streaming::Stream;
use futures_util::stream;

use super::events::Event;
use crate::Api;

/// Mastodon's sign of life, a comment that clients skip.
const THUMP: Bytes = Bytes::from_static(b":thump\n\n");

struct Sender {
    stream: Stream,
    addresses: Addresses,
    heartbeat: Duration,
}

pub(super) fn answer(api: &Api, stream: Stream) -> HttpResponse {
    let settings = &api.ctx.settings;
    let sender = Sender { stream, addresses: settings.addresses.clone(), heartbeat: settings.streaming.heartbeat };
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
            let text: String = frames.iter().map(|frame| Event::of(frame, &self.addresses).to_sse()).collect();
            if !text.is_empty() {
                return Some(text.into());
            }
        }
    }
}
