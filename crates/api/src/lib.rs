//! The client API that stock Mastodon clients speak, and the OAuth endpoints that let them in.
//!
//! Handlers translate; `app` decides. What differs from Mastodon is written in `docs/API.md`.

mod accounts;
mod admin;
mod again;
mod announcements;
mod auth;
mod blocks;
mod body;
mod connections;
mod conversations;
mod cors;
mod discovery;
pub mod entities;
mod error;
mod featured;
mod filters;
mod follows;
mod grouped_notifications;
mod groups;
mod instance;
mod lists;
mod markers;
mod media;
mod notification_policy;
mod notifications;
mod oauth;
mod openapi;
mod pagination;
mod pictures;
mod polls;
mod profile;
mod rates;
mod reports;
mod routes;
mod scheduled;
mod search;
mod statuses;
mod streaming;
mod tags;
mod timelines;

use actix_web::http::StatusCode;
use actix_web::middleware::ErrorHandlers;
use actix_web::web;
use corridor_app::Ctx;

pub use error::ApiError;
pub use openapi::openapi;
pub use rates::RateLimits;
use routes::Routes;

/// What the handlers share.
#[derive(Debug, Clone)]
pub struct Api {
    /// The use cases.
    pub ctx: Ctx,
    /// See [`ApiSettings`].
    pub settings: ApiSettings,
    limiter: rates::Limiter,
}

/// Settings of the client API.
#[derive(Debug, Clone)]
pub struct ApiSettings {
    /// Origins of browser clients that may call; `*` stands for all. Credentials are never allowed.
    pub cors_origins: Vec<String>,
    /// The program's version, such as `0.1.0`.
    pub version: String,
    /// How often a client may call.
    pub rates: RateLimits,
}

impl Api {
    /// What one process's handlers share: they also count together how often each client calls.
    #[must_use]
    pub fn new(ctx: Ctx, settings: ApiSettings) -> Self {
        Self { ctx, settings, limiter: rates::Limiter::default() }
    }

    /// A URL under the staff address.
    pub(crate) fn url(&self, path: &str) -> String {
        self.ctx.settings.addresses.staff_url(path)
    }
}

/// Mounts every route of the client API.
pub fn configure(config: &mut web::ServiceConfig, api: Api) {
    config.app_data(web::Data::new(api));
    // Everybody's feed is full of them, and whoever loads them shows no token: they count for nobody.
    config.service(
        web::scope("/api/pictures")
            .wrap(actix_web::middleware::from_fn(cors::allow))
            .configure(pictures::routes)
            .default_service(web::to(error::no_such_route)),
    );
    config.service(
        web::scope("/api")
            .wrap(ErrorHandlers::new().handler(StatusCode::METHOD_NOT_ALLOWED, error::wrong_method))
            .wrap(actix_web::middleware::from_fn(rates::limit))
            .wrap(actix_web::middleware::from_fn(cors::allow))
            .configure(|config| api_routes().into_iter().for_each(|routes| routes.mount(config)))
            .default_service(web::to(error::no_such_route)),
    );
    config.configure(oauth::mount);
}

/// The routes below `/api`, in the order in which they are tried.
fn api_routes() -> Vec<Routes> {
    vec![
        instance::routes(),
        announcements::routes(),
        discovery::routes(),
        profile::routes(),
        accounts::routes(),
        featured::routes(),
        follows::routes(),
        connections::routes(),
        groups::routes(),
        blocks::routes(),
        reports::routes(),
        statuses::routes(),
        scheduled::routes(),
        polls::routes(),
        media::routes(),
        timelines::routes(),
        conversations::routes(),
        lists::routes(),
        markers::routes(),
        filters::routes(),
        notification_policy::routes(),
        notifications::routes(),
        grouped_notifications::routes(),
        search::routes(),
        tags::routes(),
        streaming::routes(),
        oauth::app_routes(),
        admin::accounts(),
        admin::reports(),
        admin::domains(),
        openapi::routes(),
    ]
}

/// Every route of the client API, with what comes before its path.
fn every_route() -> impl Iterator<Item = (&'static str, Routes)> {
    let below_api = api_routes().into_iter().map(|routes| ("/api", routes));
    below_api.chain([("", oauth::routes())])
}
