//! What a client asks about the node: instance, rules, emojis, and the lists that are empty here.

use actix_web::{HttpResponse, web};
use serde_json::json;

use crate::Api;
use crate::auth::Person;
use crate::entities::{InstanceV1, InstanceV2, visibility_word};
use crate::error::ApiResult;

/// Mounts the routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/v2/instance", web::get().to(v2))
        .route("/v1/instance", web::get().to(v1))
        .route("/v1/instance/rules", web::get().to(rules))
        .route("/v1/custom_emojis", web::get().to(custom_emojis))
        .route("/v1/preferences", web::get().to(preferences));
}

async fn v2(api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok().json(InstanceV2::of(&api))
}

async fn v1(api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok().json(InstanceV1::of(&api))
}

async fn rules(api: web::Data<Api>) -> HttpResponse {
    let texts = api.ctx.settings.rules.iter().enumerate();
    let rules: Vec<_> =
        texts.map(|(index, text)| json!({ "id": (index + 1).to_string(), "text": text, "hint": "" })).collect();
    HttpResponse::Ok().json(rules)
}

/// A node has no emojis of its own; clients ask all the same.
async fn custom_emojis() -> HttpResponse {
    HttpResponse::Ok().json([(); 0])
}

async fn preferences(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let preferences = corridor_app::accounts::preferences(&api.ctx, viewer).await?;
    Ok(HttpResponse::Ok().json(json!({
        "posting:default:visibility": visibility_word(preferences.default_audience),
        "posting:default:audience": preferences.default_audience.word(),
        "posting:default:sensitive": preferences.default_sensitive,
        "posting:default:language": Some(preferences.language).filter(|language| !language.is_empty()),
        "posting:default:quote_policy": "nobody",
        "reading:expand:media": "default",
        "reading:expand:spoilers": false,
        "reading:autoplay:gifs": false,
    })))
}
