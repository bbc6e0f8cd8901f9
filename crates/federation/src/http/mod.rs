//! Doors for peers: what they may post, and what they may read.

mod actor;
pub(crate) mod authorise;
mod collections;
mod inbox;
mod media;
mod negotiate;
mod nodeinfo;
mod objects;
#[cfg(test)]
mod tests;
mod webfinger;

use std::net::IpAddr;

use actix_web::http::header::HeaderValue;
use actix_web::{FromRequest, Handler, HttpRequest, Resource, Responder, guard, web};
use corridor_domain::network;

use crate::error::Error;
use crate::node::Node;

/// Mounts WebFinger alone: for the listener of an account domain that is not the federation address.
pub fn configure_webfinger(config: &mut web::ServiceConfig, node: Node) {
    config
        .app_data(web::Data::new(node))
        .route("/.well-known/webfinger", web::get().to(webfinger::webfinger))
        .route("/.well-known/host-meta", web::get().to(nodeinfo::host_meta));
}

/// Mounts every route that peers use.
pub fn configure(config: &mut web::ServiceConfig, node: Node) {
    config
        .app_data(web::Data::new(node))
        .service(reads("/.well-known/webfinger", webfinger::webfinger))
        .service(reads("/.well-known/nodeinfo", nodeinfo::discovery))
        .service(reads("/.well-known/host-meta", nodeinfo::host_meta))
        .service(reads("/nodeinfo/2.1", nodeinfo::nodeinfo))
        .service(reads("/contexts/corridor", nodeinfo::context))
        .service(takes("/inbox", inbox::shared))
        .service(reads("/actor", actor::instance))
        .service(takes("/actor/inbox", inbox::of_instance))
        .service(reads("/actor/{name}", collections::of_instance))
        .service(reads("/actors/{id}", actor::actor))
        .service(takes("/actors/{id}/inbox", inbox::of_actor))
        .service(reads("/actors/{id}/media", media::copy))
        .service(reads("/actors/{id}/{name}", collections::collection))
        .service(reads("/posts/{id}", objects::post))
        .service(reads("/posts/{id}/replies", objects::replies))
        .service(reads("/posts/{id}/context", objects::context))
        .service(reads("/activities/{id}", objects::activity))
        .configure(media::routes);
}

/// What is read. HEAD is answered as GET is, without the body, which the server leaves out.
fn reads<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    F::Output: Responder + 'static,
    Args: FromRequest + 'static,
{
    let read = web::route().guard(guard::Any(guard::Get()).or(guard::Head())).to(handler);
    web::resource(path).route(read).default_service(web::to(|| async { only("GET, HEAD") }))
}

/// What is posted to.
fn takes<F, Args>(path: &str, handler: F) -> Resource
where
    F: Handler<Args>,
    F::Output: Responder + 'static,
    Args: FromRequest + 'static,
{
    web::resource(path).route(web::post().to(handler)).default_service(web::to(|| async { only("POST") }))
}

fn only(methods: &'static str) -> Result<&'static str, Error> {
    Err(Error::Method(methods))
}

/// The address that a request comes from, as far as that is known to be true.
fn client_address(request: &HttpRequest, node: &Node) -> Option<IpAddr> {
    let forwarded = request.headers().get_all("x-forwarded-for").map(HeaderValue::as_bytes);
    let proxies = &node.ctx.settings.trusted_proxies;
    Some(network::client_address(request.peer_addr()?.ip(), forwarded, proxies))
}
