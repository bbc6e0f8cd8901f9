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
mod pagination;
mod pictures;
mod polls;
mod profile;
mod rates;
mod reports;
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
pub use rates::RateLimits;

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
            .configure(instance::routes)
            .configure(announcements::routes)
            .configure(discovery::routes)
            .configure(profile::routes)
            .configure(accounts::routes)
            .configure(featured::routes)
            .configure(follows::routes)
            .configure(connections::routes)
            .configure(groups::routes)
            .configure(blocks::routes)
            .configure(reports::routes)
            .configure(admin::routes)
            .configure(statuses::routes)
            .configure(scheduled::routes)
            .configure(polls::routes)
            .configure(media::routes)
            .configure(timelines::routes)
            .configure(conversations::routes)
            .configure(lists::routes)
            .configure(markers::routes)
            .configure(filters::routes)
            .configure(notification_policy::routes)
            .configure(notifications::routes)
            .configure(grouped_notifications::routes)
            .configure(search::routes)
            .configure(tags::routes)
            .configure(streaming::routes)
            .configure(oauth::app_routes)
            .default_service(web::to(error::no_such_route)),
    );
    config.configure(oauth::routes);
}
