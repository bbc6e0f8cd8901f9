//! Server-rendered pages: what people without an app use. Complete without JavaScript.
//!
//! Handlers in `pages` translate; `app` decides; `show` turns what `app` shows into the plain words of
//! [`views`], which the templates print.

pub mod assets;
mod error;
mod pages;
mod posted;
mod refused;
mod session;
mod show;
pub mod views;
pub mod words;

use actix_web::middleware::from_fn;
use actix_web::web;
use corridor_app::Ctx;

/// Settings of the pages.
#[derive(Debug, Clone)]
pub struct WebSettings {
    /// Cookies are sent over TLS alone. Off only where plain `http` is spoken on loopback.
    pub secure_cookies: bool,
}

/// What the handlers share.
#[derive(Debug, Clone)]
pub struct Web {
    pub(crate) ctx: Ctx,
    pub(crate) settings: WebSettings,
}

impl Web {
    /// Pages on these use cases.
    #[must_use]
    pub fn new(ctx: Ctx, settings: WebSettings) -> Self {
        Self { ctx, settings }
    }
}

/// Largest form, in bytes.
const FORM_BYTES: usize = 256 * 1024;

/// Mounts every page. Mount it last: what no other service answers is answered with a page that says so.
pub fn configure(config: &mut web::ServiceConfig, web: Web) {
    let form =
        web::FormConfig::default().limit(FORM_BYTES).error_handler(|error, _| error::PageError::form(&error).into());
    let query =
        web::QueryConfig::default().error_handler(|error, _| error::PageError::new(400, error.to_string()).into());
    assets::configure(config);
    config.service(
        web::scope("")
            .app_data(web::Data::new(web))
            .app_data(form)
            .app_data(query)
            .wrap(from_fn(error::show))
            .configure(pages::routes)
            .default_service(web::to(error::nothing_there)),
    );
}
