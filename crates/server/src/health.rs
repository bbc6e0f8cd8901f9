//! Health: is the process alive, and can it do its work.

use actix_web::{HttpResponse, web};
use corridor_app::{Ctx, queue};
use serde_json::{Value, json};

use crate::tls::Endpoint;

/// Mounts `/health`, `/health/live` and `/health/ready`, open to all: they tell no more than up or down, and when the
/// certificates end, which whoever connects is told anyway.
pub(crate) fn routes(config: &mut web::ServiceConfig, ctx: Ctx, endpoints: Vec<Endpoint>) {
    config.service(
        web::scope("/health")
            .app_data(web::Data::new(ctx))
            .app_data(web::Data::new(endpoints))
            .route("", web::get().to(live))
            .route("/live", web::get().to(live))
            .route("/ready", web::get().to(ready)),
    );
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("OK")
}

/// Ready when the database answers.
async fn ready(ctx: web::Data<Ctx>, endpoints: web::Data<Vec<Endpoint>>) -> HttpResponse {
    match queue::waiting(&ctx).await {
        Ok(_) => HttpResponse::Ok().json(json!({ "status": "ready", "certificates": certificates(&ctx, &endpoints) })),
        Err(error) => {
            tracing::warn!("not ready: {error}");
            HttpResponse::ServiceUnavailable()
                .insert_header(("retry-after", "5"))
                .json(json!({ "status": "the database can't answer" }))
        }
    }
}

fn certificates(ctx: &Ctx, endpoints: &[Endpoint]) -> Vec<Value> {
    let describe = |endpoint: &Endpoint| {
        let until = endpoint.expires_at();
        let days = (until.millis() - ctx.now().millis()).div_euclid(86_400_000);
        json!({ "listener": endpoint.name(), "expires_at": until.to_rfc3339(), "days_left": days })
    };
    endpoints.iter().map(describe).collect()
}
