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

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .route("/v1/admin/domain_allows", web::get().to(allowed))
        .route("/v1/admin/domain_allows/{id}", web::get().to(show_allowed))
        .route("/v1/admin/domain_blocks", web::get().to(blocked))
        .route("/v1/admin/domain_blocks/{id}", web::get().to(show_blocked));
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
