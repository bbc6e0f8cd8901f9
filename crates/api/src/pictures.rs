//! The pictures of people and nodes that have none of their own. Apps show PNG everywhere, and SVG hardly anywhere.

use actix_web::http::header;
use actix_web::{HttpResponse, web};

/// Where a person without a picture has one.
pub(crate) const AVATAR: &str = "/api/pictures/avatar.png";
/// The same for a profile's header, and for the node.
pub(crate) const HEADER: &str = "/api/pictures/header.png";

/// Mounts the routes below `/api/pictures`.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/avatar.png", web::get().to(async || picture(include_bytes!("../assets/avatar.png"))))
        .route("/header.png", web::get().to(async || picture(include_bytes!("../assets/header.png"))));
}

fn picture(bytes: &'static [u8]) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("image/png")
        .insert_header((header::CACHE_CONTROL, "public, max-age=86400"))
        // Browser clients on other origins show them; there is nothing in them to protect.
        .insert_header((header::CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"))
        .body(bytes)
}
