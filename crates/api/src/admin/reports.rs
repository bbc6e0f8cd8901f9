//! Reports: read, settled and taken up again.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::reports::{self, ReportFilter};
use corridor_domain::ActorId;
use schemars::JsonSchema;
use serde::Deserialize;

use super::operator;
use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, text};
use crate::entities::AdminReport;
use crate::error::{ApiError, ApiResult};
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Administration")
        .get("/v1/admin/reports", all, says("Reports").needs(READ).takes::<ReportsParams>().pages::<AdminReport>())
        .get("/v1/admin/reports/{id}", show, says("One of them").needs(READ).gives::<AdminReport>())
        .post("/v1/admin/reports/{id}/resolve", resolve, says("Settles it").needs(WRITE).gives::<AdminReport>())
        .post("/v1/admin/reports/{id}/reopen", reopen, says("Takes it up again").needs(WRITE).gives::<AdminReport>())
}

const READ: &str = "admin:read:reports";
const WRITE: &str = "admin:write:reports";

#[derive(Debug, Deserialize, JsonSchema)]
struct ReportsParams {
    #[serde(default, deserialize_with = "flag")]
    resolved: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    unresolved: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    account_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    target_account_id: Option<String>,
    #[serde(flatten)]
    page: PageParams,
}

impl ReportsParams {
    fn filter(&self) -> Result<ReportFilter, ApiError> {
        let person = |id: &Option<String>| -> Result<Option<ActorId>, ApiError> {
            id.as_deref().filter(|id| !id.is_empty()).map(path_id).transpose()
        };
        let resolved = match (self.resolved, self.unresolved) {
            (Some(true), Some(true)) => None,
            (resolved, _) => Some(resolved == Some(true)),
        };
        Ok(ReportFilter { resolved, reporter: person(&self.account_id)?, target: person(&self.target_account_id)? })
    }
}

async fn all(api: web::Data<Api>, request: HttpRequest, person: Person, params: Params<ReportsParams>) -> ApiResult {
    let viewer = person.needs(READ)?;
    let page = params.0.page.page(100, 200);
    let slice = reports::list_whole(&api.ctx, viewer, params.0.filter()?, page).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |report| AdminReport::of(report, links)))
}

async fn show(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    person.needs(READ)?;
    answer(&api, &person, path_id(&id)?).await
}

async fn answer(api: &Api, person: &Person, id: i64) -> ApiResult {
    let report = reports::show_whole(&api.ctx, &person.viewer, id).await?;
    Ok(HttpResponse::Ok().json(AdminReport::of(&report, &person.links(api))))
}

async fn resolve(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let (by, id) = (operator(&person, WRITE)?, path_id(&id)?);
    reports::resolve(&api.ctx, &by, id, String::new()).await?;
    answer(&api, &person, id).await
}

async fn reopen(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let (by, id) = (operator(&person, WRITE)?, path_id(&id)?);
    reports::reopen(&api.ctx, &by, id).await?;
    answer(&api, &person, id).await
}
