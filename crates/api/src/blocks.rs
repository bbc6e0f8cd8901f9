//! Keeping away: block and mute, and who or which domain is blocked and muted.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::blocks::{self, MuteOptions};
use corridor_app::{RelationshipView, domain_blocks};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, number, text};
use crate::entities::{Account, Empty, Relationship};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Keeping away")
        .post("/v1/accounts/{id}/block", block, says("Blocks somebody").needs("write:blocks").gives::<Relationship>())
        .post(
            "/v1/accounts/{id}/unblock",
            unblock,
            says("Blocks them no more").needs("write:blocks").gives::<Relationship>(),
        )
        .post(
            "/v1/accounts/{id}/mute",
            mute,
            says("Mutes somebody").needs("write:mutes").takes::<MuteParams>().gives::<Relationship>(),
        )
        .post(
            "/v1/accounts/{id}/unmute",
            unmute,
            says("Mutes them no more").needs("write:mutes").gives::<Relationship>(),
        )
        .get(
            "/v1/domain_blocks",
            blocked_domains,
            says("The domains that the caller blocks").needs("read:blocks").pages::<String>(),
        )
        .post(
            "/v1/domain_blocks",
            block_domain,
            says("Blocks a domain").needs("write:blocks").takes::<DomainParams>().requires(&["domain"]).done(),
        )
        .delete(
            "/v1/domain_blocks",
            unblock_domain,
            says("Blocks it no more").needs("write:blocks").takes::<DomainParams>().requires(&["domain"]).done(),
        )
        .get("/v1/blocks", blocked, says("Whom the caller blocks").needs("read:blocks").pages::<Account>())
        .get("/v1/mutes", muted, says("Whom the caller mutes").needs("read:mutes").pages::<Account>())
}

#[derive(Debug, Deserialize, JsonSchema)]
struct MuteParams {
    #[serde(default, deserialize_with = "flag")]
    notifications: Option<bool>,
    /// Seconds; 0 until it is taken back.
    #[serde(default, deserialize_with = "number")]
    duration: Option<i64>,
}

#[derive(Debug, Deserialize, JsonSchema)]
struct DomainParams {
    #[serde(default, deserialize_with = "text")]
    domain: Option<String>,
}

async fn block(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:blocks")?;
    answer(&blocks::block(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn unblock(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:blocks")?;
    answer(&blocks::unblock(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn mute(api: web::Data<Api>, person: Person, id: web::Path<String>, params: Params<MuteParams>) -> ApiResult {
    let viewer = person.needs("write:mutes")?;
    let seconds = params.0.duration.and_then(|seconds| u64::try_from(seconds).ok()).filter(|seconds| *seconds > 0);
    let options = MuteOptions {
        notifications: params.0.notifications.unwrap_or(true),
        // Ten years are for ever, and no sum of moments overflows by them.
        lasts: seconds.map(|seconds| Duration::from_secs(seconds.min(315_360_000))),
    };
    answer(&blocks::mute(&api.ctx, viewer, path_id(&id)?, options).await?)
}

async fn unmute(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:mutes")?;
    answer(&blocks::unmute(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn blocked(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    let viewer = person.needs("read:blocks")?;
    let slice = blocks::blocked(&api.ctx, viewer, page.0.page(40, 80)).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |person| Account::of(person, links)))
}

async fn muted(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    let viewer = person.needs("read:mutes")?;
    let slice = blocks::muted(&api.ctx, viewer, page.0.page(40, 80)).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |person| Account::of(person, links)))
}

async fn blocked_domains(
    api: web::Data<Api>,
    request: HttpRequest,
    person: Person,
    page: Params<PageParams>,
) -> ApiResult {
    let viewer = person.needs("read:blocks")?;
    let slice = domain_blocks::blocked(&api.ctx, viewer, page.0.page(100, 200)).await?;
    Ok(pagination::answer(&api, &request, &slice, Clone::clone))
}

async fn block_domain(api: web::Data<Api>, person: Person, params: Params<DomainParams>) -> ApiResult {
    let viewer = person.needs("write:blocks")?;
    domain_blocks::block(&api.ctx, viewer, params.0.domain.as_deref().unwrap_or_default()).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
}

async fn unblock_domain(api: web::Data<Api>, person: Person, params: Params<DomainParams>) -> ApiResult {
    let viewer = person.needs("write:blocks")?;
    domain_blocks::unblock(&api.ctx, viewer, params.0.domain.as_deref().unwrap_or_default()).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
}

fn answer(view: &RelationshipView) -> ApiResult {
    Ok(HttpResponse::Ok().json(Relationship::of(view)))
}
