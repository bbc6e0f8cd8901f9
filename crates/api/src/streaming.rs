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

/// Mounts the routes. None of them may be compressed: that would hold events back until there are many.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/v1/streaming/health", web::get().to(health))
        .route("/v1/streaming", web::get().to(websocket::open))
        .route("/v1/streaming/user", web::get().to(user))
        .route("/v1/streaming/user/notification", web::get().to(user_notification))
        .route("/v1/streaming/public", web::get().to(public))
        .route("/v1/streaming/public/local", web::get().to(public_local))
        .route("/v1/streaming/public/remote", web::get().to(public_remote))
        .route("/v1/streaming/hashtag", web::get().to(hashtag))
        .route("/v1/streaming/hashtag/local", web::get().to(hashtag_local))
        .route("/v1/streaming/list", web::get().to(list))
        .route("/v1/streaming/direct", web::get().to(direct));
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
