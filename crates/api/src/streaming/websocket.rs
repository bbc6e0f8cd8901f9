//! The WebSocket: one connection for any number of streams, which the client subscribes to and leaves.

use std::time::Duration;

use actix_web::rt::spawn;
use actix_web::{HttpRequest, ResponseError, web};
use actix_ws::{AggregatedMessage, AggregatedMessageStream, CloseCode, CloseReason, Session};
use corridor_app::streaming::{Batch, Stream};
use serde_json::json;
use tokio::time::Instant;

use super::asked::{Asked, Message};
use super::events::Event;
use crate::Api;
use crate::auth::{self, Person};
use crate::error::{ApiError, ApiResult};

/// Longest message of a client, in bytes: it only ever names a stream.
const MESSAGE_BYTES: usize = 16 * 1024;
/// How long a client may take to read what it is sent before the connection is given up.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn open(api: web::Data<Api>, request: HttpRequest, body: web::Payload) -> ApiResult {
    let (person, protocol) = auth::streaming(&request).await?;
    let asked = Asked::of_query(&request)?;
    let channel = asked.stream.as_deref().map(|name| asked.channel(name)).transpose()?;
    // A browser takes an answer only if it names the protocol that it offered, which is the token.
    let protocols: Vec<&str> = protocol.as_deref().into_iter().collect();
    let (answer, session, messages) = actix_ws::handle_with_protocols(&request, body, &protocols)
        .map_err(|error| ApiError::Malformed(format!("This address is for WebSockets: {error}")))?;
    let stream = super::open(&api, &person, channel.into_iter().collect()).await?;
    let heartbeat = api.ctx.settings.streaming.heartbeat;
    let connection = Connection { api, person, stream, session, heartbeat };
    let messages =
        messages.max_frame_size(MESSAGE_BYTES).aggregate_continuations().max_continuation_size(MESSAGE_BYTES);
    spawn(connection.serve(messages));
    Ok(answer)
}

struct Connection {
    api: web::Data<Api>,
    person: Person,
    stream: Stream,
    session: Session,
    heartbeat: Duration,
}

/// Why a connection ends.
enum End {
    /// The client went away, or does not answer or read.
    Gone,
    /// The node says so, for this reason.
    Close(CloseCode, &'static str),
}

const ENDED: End = End::Close(CloseCode::Policy, "the token has ended, or the events were not read in time");

enum Step {
    Happened(Option<Batch>),
    Said(Option<AggregatedMessage>),
    Beat,
}

impl Connection {
    async fn serve(mut self, mut messages: AggregatedMessageStream) {
        let end = self.run(&mut messages).await;
        if let End::Close(code, words) = end {
            let reason = CloseReason { code, description: Some(words.to_owned()) };
            // Who does not read gets no farewell.
            let _ = tokio::time::timeout(Duration::from_secs(1), self.session.close(Some(reason))).await;
        }
    }

    async fn run(&mut self, messages: &mut AggregatedMessageStream) -> End {
        let mut last_sign = Instant::now();
        let mut beat = tokio::time::interval_at(Instant::now() + self.heartbeat, self.heartbeat);
        loop {
            let step = tokio::select! {
                batch = self.stream.next() => Step::Happened(batch),
                message = messages.recv() => Step::Said(message.and_then(Result::ok)),
                _ = beat.tick() => Step::Beat,
            };
            let done = match step {
                Step::Happened(None) => Err(ENDED),
                Step::Happened(Some(batch)) => self.tell(batch).await,
                Step::Said(None) => Err(End::Gone),
                Step::Said(Some(message)) => {
                    last_sign = Instant::now();
                    self.hear(message).await
                }
                Step::Beat if last_sign.elapsed() > 2 * self.heartbeat + PATIENCE => Err(End::Gone),
                Step::Beat if !self.stream.may_go_on().await => Err(ENDED),
                Step::Beat => self.ping().await,
            };
            if let Err(end) = done {
                return end;
            }
        }
    }

    async fn tell(&mut self, batch: Batch) -> Result<(), End> {
        let links = self.person.links(&self.api);
        for frame in self.stream.show(batch).await.ok_or(ENDED)? {
            self.send(Event::of(&frame, &links).to_message()).await?;
        }
        Ok(())
    }

    /// Sends, unless the client reads nothing for too long or is cut off while it is waited for.
    async fn send(&mut self, text: String) -> Result<(), End> {
        tokio::select! {
            sent = self.session.text(text) => sent.map_err(|_| End::Gone),
            () = self.stream.ended() => Err(End::Gone),
            () = tokio::time::sleep(PATIENCE) => Err(End::Gone),
        }
    }

    async fn ping(&mut self) -> Result<(), End> {
        match tokio::time::timeout(PATIENCE, self.session.ping(b"")).await {
            Ok(Ok(())) => Ok(()),
            _ => Err(End::Gone),
        }
    }

    async fn hear(&mut self, message: AggregatedMessage) -> Result<(), End> {
        match message {
            AggregatedMessage::Text(text) => match self.obey(&text).await {
                Ok(()) => Ok(()),
                Err(error) => {
                    let said = json!({ "error": error.to_string(), "status": error.status_code().as_u16() });
                    self.send(said.to_string()).await
                }
            },
            AggregatedMessage::Ping(bytes) => self.session.pong(&bytes).await.map_err(|_| End::Gone),
            AggregatedMessage::Pong(_) => Ok(()),
            AggregatedMessage::Binary(_) => Err(End::Close(CloseCode::Unsupported, "only text is understood")),
            AggregatedMessage::Close(_) => Err(End::Close(CloseCode::Normal, "")),
        }
    }

    /// `subscribe` and `unsubscribe`; what else a client says is passed over, as Mastodon does.
    async fn obey(&self, text: &str) -> Result<(), ApiError> {
        let Ok(Message { kind, asked }) = serde_json::from_str::<Message>(text) else {
            return Err(ApiError::Malformed("This is no JSON that asks for a stream".to_owned()));
        };
        if !matches!(kind.as_str(), "subscribe" | "unsubscribe") {
            return Ok(());
        }
        let channel = asked.channel(asked.stream.as_deref().unwrap_or_default())?;
        if kind == "unsubscribe" {
            self.stream.remove(&channel);
            return Ok(());
        }
        self.person.needs(channel.scope())?;
        Ok(self.stream.add(channel).await?)
    }
}
