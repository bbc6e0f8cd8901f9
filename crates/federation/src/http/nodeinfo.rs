//! NodeInfo 2.1 and host-meta: what software this is, and nothing that the signed-out need not know.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::Node;

const SCHEMA: &str = "http://nodeinfo.diaspora.software/ns/schema/2.1";

/// Where the document is.
pub(super) async fn discovery(node: web::Data<Node>) -> HttpResponse {
    let href = node.ctx.settings.addresses.federation_url("/nodeinfo/2.1");
    HttpResponse::Ok().json(json!({ "links": [{ "rel": SCHEMA, "href": href }] }))
}

/// The document. Usage is left empty: how many people a department has is its own business.
pub(super) async fn nodeinfo(node: web::Data<Node>) -> HttpResponse {
    let body = json!({
        "version": "2.1",
        "software": { "name": "corridor", "version": env!("CARGO_PKG_VERSION") },
        "protocols": ["activitypub"],
        "services": { "inbound": [], "outbound": [] },
        "openRegistrations": false,
        "usage": { "users": {} },
        "metadata": {
            "nodeName": node.ctx.settings.department,
            "nodeDescription": node.ctx.settings.description,
            "federation": "allow-list",
        },
    });
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format!("application/json; profile=\"{SCHEMA}#\"; charset=utf-8")))
        .body(body.to_string())
}

/// RFC 6415, for clients that look for WebFinger by it.
pub(super) async fn host_meta(node: web::Data<Node>) -> HttpResponse {
    let template = node.ctx.settings.addresses.federation_url("/.well-known/webfinger?resource={uri}");
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<XRD xmlns=\"http://docs.oasis-open.org/ns/xri/xrd-1.0\">\n  \
         <Link rel=\"lrdd\" template=\"{}\"/>\n</XRD>\n",
        template.replace('&', "&amp;").replace('"', "&quot;")
    );
    HttpResponse::Ok().content_type("application/xrd+xml; charset=utf-8").body(body)
}

/// The terms that our documents use beside the well-known ones. They stand inline in every document, so that nobody has to
/// ask; it tells nothing of the node.
pub(super) async fn context() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/ld+json")
        .body(serde_json::json!({ "@context": crate::objects::terms() }).to_string())
}
