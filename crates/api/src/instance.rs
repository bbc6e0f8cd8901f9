//! What a client asks about the node: instance, rules, emojis, and the lists that are empty here.

use actix_web::{HttpResponse, web};
use corridor_app::{Error, activity, peers as app_peers};

use crate::Api;
use crate::auth::Person;
use crate::entities::{About, DomainBlock, Empty, InstanceV1, InstanceV2, Language, Preferences, Rule, Week};
use crate::error::ApiResult;
use crate::routes::{Routes, says};

/// Weeks of which is told how much the node was used.
const WEEKS: usize = 12;
/// When the program's text on privacy was written.
const POLICY_WRITTEN: &str = "2026-11-28T00:00:00.000Z";

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Instance")
        .get("/v2/instance", v2, says("About the node").open().gives::<InstanceV2>())
        .get("/v1/instance", v1, says("About the node, in the older form").open().gives::<InstanceV1>())
        .get("/v1/instance/rules", rules, says("The house rules").open().gives::<Vec<Rule>>())
        .get(
            "/v1/instance/extended_description",
            extended_description,
            says("What the department says of its node").open().gives::<About>(),
        )
        .get("/v1/instance/peers", peers, says("The domains whose nodes are allowed").gives::<Vec<String>>())
        .get(
            "/v1/instance/domain_blocks",
            domain_blocks,
            says("The domains that once were allowed").gives::<Vec<DomainBlock>>(),
        )
        .get("/v1/instance/activity", activity, says("How much the node was used, by week").gives::<Vec<Week>>())
        .get("/v1/instance/privacy_policy", privacy_policy, says("What is kept of people").gives::<About>())
        .get(
            "/v1/instance/terms_of_service",
            terms_of_service,
            says("Not found: there are none besides the rules").gives::<About>(),
        )
        .get("/v1/instance/languages", languages, says("The languages of the pages").gives::<Vec<Language>>())
        .get("/v1/instance/translation_languages", translation_languages, says("Empty: nothing is translated").done())
        .get("/v1/custom_emojis", custom_emojis, says("Empty: there are none").open().gives::<[(); 0]>())
        .get(
            "/v1/preferences",
            preferences,
            says("What a new post starts with").needs("read:accounts").gives::<Preferences>(),
        )
}

async fn v2(api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok().json(InstanceV2::of(&api))
}

async fn v1(api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok().json(InstanceV1::of(&api))
}

async fn rules(api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok().json(Rule::all(&api))
}

/// About the department's node, for everybody. When it was written nobody knows: it stands in the configuration.
async fn extended_description(api: web::Data<Api>) -> HttpResponse {
    HttpResponse::Ok().json(About::of(&api.ctx.settings.description, None))
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
    let blocks = blocked.iter().map(|(domain, digest)| DomainBlock::of(domain, digest));
    Ok(HttpResponse::Ok().json(blocks.collect::<Vec<_>>()))
}

/// How much the node was used in each of the last weeks.
async fn activity(api: web::Data<Api>, _: Person) -> ApiResult {
    let weeks = activity::weeks(&api.ctx, WEEKS).await?;
    Ok(HttpResponse::Ok().json(weeks.iter().map(|(start, used)| Week::of(*start, used)).collect::<Vec<_>>()))
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
    HttpResponse::Ok().json(About::of(&policy, Some(POLICY_WRITTEN)))
}

/// There are none besides the house rules.
async fn terms_of_service(_: Person) -> ApiResult {
    Err(Error::NotFound("the terms of service").into())
}

/// The languages that the pages of the node are for.
async fn languages(_: Person) -> HttpResponse {
    HttpResponse::Ok().json([Language { code: "en", name: "English" }, Language { code: "cy", name: "Cymraeg" }])
}

/// Nothing is translated here.
async fn translation_languages(_: Person) -> HttpResponse {
    HttpResponse::Ok().json(Empty {})
}

/// A node has no emojis of its own; clients ask all the same.
async fn custom_emojis() -> HttpResponse {
    HttpResponse::Ok().json([(); 0])
}

async fn preferences(api: web::Data<Api>, person: Person) -> ApiResult {
    let viewer = person.needs("read:accounts")?;
    let preferences = corridor_app::accounts::preferences(&api.ctx, viewer).await?;
    Ok(HttpResponse::Ok().json(Preferences::of(preferences)))
}
