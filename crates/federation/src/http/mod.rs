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

use actix_web::web;

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
        .route("/.well-known/webfinger", web::get().to(webfinger::webfinger))
        .route("/.well-known/nodeinfo", web::get().to(nodeinfo::discovery))
        .route("/.well-known/host-meta", web::get().to(nodeinfo::host_meta))
        .route("/nodeinfo/2.1", web::get().to(nodeinfo::nodeinfo))
        .route("/inbox", web::post().to(inbox::shared))
        .route("/actor", web::get().to(actor::instance))
        .route("/actor/inbox", web::post().to(inbox::of_instance))
        .route("/actor/{name}", web::get().to(collections::of_instance))
        .route("/actors/{id}", web::get().to(actor::actor))
        .route("/actors/{id}/inbox", web::post().to(inbox::of_actor))
        .route("/actors/{id}/{name}", web::get().to(collections::collection))
        .route("/posts/{id}", web::get().to(objects::post))
        .route("/posts/{id}/replies", web::get().to(objects::replies))
        .route("/activities/{id}", web::get().to(objects::activity))
        .configure(media::routes);
}
