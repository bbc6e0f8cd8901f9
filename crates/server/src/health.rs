//! Health: is the process alive, and can it do its work.

use actix_web::{HttpResponse, web};
use corridor_app::{Ctx, queue};
use serde_json::json;

/// Mounts `/health`, `/health/live` and `/health/ready`, open to all: they tell no more than up or down.
pub(crate) fn routes(config: &mut web::ServiceConfig, ctx: Ctx) {
    config.service(
        web::scope("/health")
            .app_data(web::Data::new(ctx))
            .route("", web::get().to(live))
            .route("/live", web::get().to(live))
            .route("/ready", web::get().to(ready)),
    );
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain").body("OK")
}

/// Ready when the database answers.
async fn ready(ctx: web::Data<Ctx>) -> HttpResponse {
    match queue::waiting(&ctx).await {
        Ok(_) => HttpResponse::Ok().json(json!({ "status": "ready" })),
        Err(error) => {
            tracing::warn!("not ready: {error}");
            HttpResponse::ServiceUnavailable()
                .insert_header(("retry-after", "5"))
                .json(json!({ "status": "the database can't answer" }))
        }
    }
}
