//! The allow-list, to be read: changing it takes what a client has no fields for.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::peers;

use super::operator;
use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::Params;
use crate::entities::{AdminDomainAllow, AdminDomainBlock};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Administration")
        .get("/v1/admin/domain_allows", allowed, says("The allow-list").needs(ALLOWS).pages::<AdminDomainAllow>())
        .get(
            "/v1/admin/domain_allows/{id}",
            show_allowed,
            says("A peer on it").needs(ALLOWS).gives::<AdminDomainAllow>(),
        )
        .get(
            "/v1/admin/domain_blocks",
            blocked,
            says("Peers that were allowed and are not now").needs(BLOCKS).pages::<AdminDomainBlock>(),
        )
        .get(
            "/v1/admin/domain_blocks/{id}",
            show_blocked,
            says("One of them").needs(BLOCKS).gives::<AdminDomainBlock>(),
        )
}

const ALLOWS: &str = "admin:read:domain_allows";
const BLOCKS: &str = "admin:read:domain_blocks";

async fn allowed(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    let by = operator(&person, ALLOWS)?;
    let slice = peers::list_allowed(&api.ctx, &by, page.0.page(100, 200)).await?;
    Ok(pagination::answer(&api, &request, &slice, AdminDomainAllow::of))
}

async fn show_allowed(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let by = operator(&person, ALLOWS)?;
    let listed = peers::show_allowed(&api.ctx, &by, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(AdminDomainAllow::of(&listed)))
}

async fn blocked(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    let by = operator(&person, BLOCKS)?;
    let slice = peers::list_others(&api.ctx, &by, page.0.page(100, 200)).await?;
    Ok(pagination::answer(&api, &request, &slice, AdminDomainBlock::of))
}

async fn show_blocked(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let by = operator(&person, BLOCKS)?;
    let listed = peers::show_other(&api.ctx, &by, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(AdminDomainBlock::of(&listed)))
}
