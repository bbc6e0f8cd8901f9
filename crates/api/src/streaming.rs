//! Streaming: what happens is told to clients while they are connected, by server-sent events or over a WebSocket.

mod asked;
mod events;
mod sse;
mod websocket;

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::Viewer;
use corridor_app::streaming::{self, Channel, NotOpened, Stream};

use self::asked::Asked;
use crate::Api;
use crate::auth::{self, Person};
use crate::error::{ApiError, ApiResult};
use crate::routes::{Routes, says};

/// The routes. None of them may be compressed: that would hold events back until there are many.
pub(crate) fn routes() -> Routes {
    Routes::of("Streaming")
        .get("/v1/streaming/health", health, says("Says OK").open().text("text/plain"))
        .get(
            "/v1/streaming",
            websocket::open,
            says("Opens a WebSocket, over which each stream demands its scope").takes::<Asked>().switches(),
        )
        .get(
            "/v1/streaming/user",
            user,
            says("The home feed and notifications").needs("read:statuses").text("text/event-stream"),
        )
        .get(
            "/v1/streaming/user/notification",
            user_notification,
            says("Notifications").needs("read:notifications").text("text/event-stream"),
        )
        .get(
            "/v1/streaming/public",
            public,
            says("The network").needs("read:statuses").takes::<Asked>().text("text/event-stream"),
        )
        .get(
            "/v1/streaming/public/local",
            public_local,
            says("The network, from this department").needs("read:statuses").takes::<Asked>().text("text/event-stream"),
        )
        .get(
            "/v1/streaming/public/remote",
            public_remote,
            says("The network, from other departments")
                .needs("read:statuses")
                .takes::<Asked>()
                .text("text/event-stream"),
        )
        .get(
            "/v1/streaming/hashtag",
            hashtag,
            says("What has a hashtag").needs("read:statuses").takes::<Asked>().text("text/event-stream"),
        )
        .get(
            "/v1/streaming/hashtag/local",
            hashtag_local,
            says("The same, from this department").needs("read:statuses").takes::<Asked>().text("text/event-stream"),
        )
        .get(
            "/v1/streaming/list",
            list,
            says("A list").needs("read:statuses").takes::<Asked>().text("text/event-stream"),
        )
        .get(
            "/v1/streaming/direct",
            direct,
            says("Posts for named people").needs("read:statuses").text("text/event-stream"),
        )
}

async fn health() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("OK")
}

/// One route for each stream, as Mastodon has them.
macro_rules! streams {
    ($($handler:ident => $name:literal,)*) => {
        $(async fn $handler(api: web::Data<Api>, request: HttpRequest) -> ApiResult {
            events_of(&api, &request, $name).await
        })*
    };
}

streams! {
    user => "user",
    user_notification => "user:notification",
    public => "public",
    public_local => "public:local",
    public_remote => "public:remote",
    hashtag => "hashtag",
    hashtag_local => "hashtag:local",
    list => "list",
    direct => "direct",
}

async fn events_of(api: &Api, request: &HttpRequest, name: &str) -> ApiResult {
    let (person, _) = auth::streaming(request).await?;
    let channel = Asked::of_query(request)?.channel(name)?;
    let stream = open(api, &person, vec![channel]).await?;
    Ok(sse::answer(api, stream, person.auth))
}

/// Opens a stream of channels that the token's scopes allow.
async fn open(api: &Api, person: &Person, channels: Vec<Channel>) -> Result<Stream, ApiError> {
    let viewer: &Viewer = &person.viewer;
    for channel in &channels {
        person.needs(channel.scope())?;
    }
    streaming::open(&api.ctx, viewer, &person.auth, channels).await.map_err(|refused| match refused {
        NotOpened::App(error) => error.into(),
        full => ApiError::Streams(full),
    })
}
