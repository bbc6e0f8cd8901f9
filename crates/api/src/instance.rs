//! What a client asks about the node: instance, rules, emojis, and the lists that are empty here.

use actix_web::{HttpResponse, web};
use corridor_app::activity::{self, Activity};
use corridor_app::{Error, peers as app_peers};
use corridor_domain::Timestamp;
use serde_json::json;

use crate::Api;
use crate::auth::Person;
use crate::entities::{InstanceV1, InstanceV2, visibility_word};
use crate::error::ApiResult;

/// Weeks of which is told how much the node was used.
const WEEKS: usize = 12;
/// When the program's text on privacy was written.
const POLICY_WRITTEN: &str = "2026-11-28T00:00:00.000Z";

/// Mounts the routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/v2/instance", web::get().to(v2))
        .route("/v1/instance", web::get().to(v1))
        .route("/v1/instance/rules", web::get().to(rules))
        .route("/v1/instance/extended_description", web::get().to(extended_description))
        .route("/v1/instance/peers", web::get().to(peers))
        .route("/v1/instance/domain_blocks", web::get().to(domain_blocks))
        .route("/v1/instance/activity", web::get().to(activity))
        .route("/v1/instance/privacy_policy", web::get().to(privacy_policy))
        .route("/v1/instance/terms_of_service", web::get().to(terms_of_service))
        .route("/v1/instance/languages", web::get().to(languages))
        .route("/v1/instance/translation_languages", web::get().to(translation_languages))
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

/// About the department's node, for everybody. When it was written nobody knows: it stands in the configuration.
async fn extended_description(api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok().json(json!({ "updated_at": null, "content": paragraphs(&api.ctx.settings.description) }))
}

/// The domains whose nodes are allowed now.
async fn peers(api: web::Data<Api>, _: Person) -> ApiResult {
    let allowed = app_peers::allowed(&api.ctx).await?;
    let mut domains: Vec<String> = allowed.iter().map(|peer| peer.account_domain.to_string()).collect();
    domains.sort_unstable();
    Ok(HttpResponse::Ok().json(domains))
}

/// Every domain is blocked that is not allowed. Those that once were allowed are named; why they are not any more is
/// between administrators.
async fn domain_blocks(api: web::Data<Api>, _: Person) -> ApiResult {
    let blocked = app_peers::not_allowed(&api.ctx).await?;
    let block = |(domain, digest): &(String, String)| json!({ "domain": domain, "digest": digest, "severity": "suspend", "comment": "" });
    Ok(HttpResponse::Ok().json(blocked.iter().map(block).collect::<Vec<_>>()))
}

/// How much the node was used in each of the last weeks.
async fn activity(api: web::Data<Api>, _: Person) -> ApiResult {
    let weeks = activity::weeks(&api.ctx, WEEKS).await?;
    let week = |(start, used): &(Timestamp, Activity)| {
        json!({
            "week": start.seconds().to_string(),
            "statuses": used.posts.to_string(),
            "logins": used.sign_ins.to_string(),
            "registrations": used.accounts.to_string(),
        })
    };
    Ok(HttpResponse::Ok().json(weeks.iter().map(week).collect::<Vec<_>>()))
}

async fn privacy_policy(api: web::Data<Api>, _: Person) -> HttpResponse {
    let department = &api.ctx.settings.department;
    let policy = format!(
        "{department} runs this node and keeps what is written here on its own machines.\n\n\
         Who sees a post is chosen by its author: people of the department, everyone on the network, followers, a group or \
         people by name. What goes to another department is kept there too, under that department's rules; a deletion is asked of \
         it.\n\n\
         What is written is a record of {department}. It can be asked for under the Freedom of Information Act 2000 and data \
         protection law. What is deleted vanishes for readers at once, and its content is destroyed later.\n\n\
         Nothing is shown to the public, measured for advertising or sold."
    );
    HttpResponse::Ok().json(json!({ "updated_at": POLICY_WRITTEN, "content": paragraphs(&policy) }))
}

/// There are none besides the house rules.
async fn terms_of_service(_: Person) -> ApiResult {
    Err(Error::NotFound("the terms of service").into())
}

/// The languages that the pages of the node are for.
async fn languages(_: Person) -> HttpResponse {
    HttpResponse::Ok().json([json!({ "code": "en", "name": "English" }), json!({ "code": "cy", "name": "Cymraeg" })])
}

/// Nothing is translated here.
async fn translation_languages(_: Person) -> HttpResponse {
    HttpResponse::Ok().json(json!({}))
}

/// A plain text as HTML, a paragraph for each line that has words.
fn paragraphs(text: &str) -> String {
    let escape =
        |line: &str| line.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("<p>{}</p>", escape(line))).collect()
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
