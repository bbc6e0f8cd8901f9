//! People's accounts: looked for, looked at, disabled and enabled.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::Error;
use corridor_app::administration::{self, Measure, PeopleFilter, Standing};
use corridor_app::operator::Operator;
use corridor_domain::{Page, Role};
use schemars::JsonSchema;
use serde::Deserialize;

use super::operator;
use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, list, text};
use crate::entities::{AdminAccount, Empty};
use crate::error::{ApiError, ApiResult};
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Administration")
        .get(
            "/v1/admin/accounts",
            all_v1,
            says("People of this node, or of peers").needs(READ).takes::<ParamsV1>().pages::<AdminAccount>(),
        )
        .get(
            "/v2/admin/accounts",
            all,
            says("People, by origin, standing and role").needs(READ).takes::<ParamsV2>().pages::<AdminAccount>(),
        )
        .get("/v1/admin/accounts/{id}", show, says("Somebody").needs(READ).gives::<AdminAccount>())
        .post(
            "/v1/admin/accounts/{id}/action",
            act,
            says("Disables somebody of this node").needs(WRITE).takes::<ActParams>().done(),
        )
        .post("/v1/admin/accounts/{id}/enable", enable, says("Lets them in again").needs(WRITE).gives::<AdminAccount>())
}

const READ: &str = "admin:read:accounts";
const WRITE: &str = "admin:write:accounts";

/// What both versions are asked by.
#[derive(Debug, Deserialize, JsonSchema)]
struct Common {
    #[serde(default, deserialize_with = "text")]
    username: Option<String>,
    #[serde(default, deserialize_with = "text")]
    display_name: Option<String>,
    #[serde(default, deserialize_with = "text")]
    by_domain: Option<String>,
    #[serde(default, deserialize_with = "text")]
    email: Option<String>,
    #[serde(default, deserialize_with = "text")]
    ip: Option<String>,
    #[serde(flatten)]
    page: PageParams,
}

impl Common {
    fn page(&self) -> Page {
        self.page.page(100, 200)
    }

    fn filter(self) -> PeopleFilter {
        let given = |text: Option<String>| text.unwrap_or_default();
        PeopleFilter {
            username: given(self.username),
            display_name: given(self.display_name),
            domain: self.by_domain.filter(|domain| !domain.trim().is_empty()),
            email: given(self.email),
            nobody: self.ip.is_some_and(|ip| !ip.is_empty()),
            ..PeopleFilter::default()
        }
    }
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ParamsV1 {
    #[serde(default, deserialize_with = "flag")]
    remote: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    pending: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    disabled: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    silenced: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    sensitized: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    suspended: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    staff: Option<bool>,
    #[serde(flatten)]
    common: Common,
}

/// Active people of this node, when nothing else is said, as in Mastodon.
async fn all_v1(api: web::Data<Api>, request: HttpRequest, person: Person, params: Params<ParamsV1>) -> ApiResult {
    let by = operator(&person, READ)?;
    let Params(params) = params;
    let page = params.common.page();
    let asked = |flag: Option<bool>| flag == Some(true);
    let mut filter = params.common.filter();
    filter.nobody |= asked(params.pending) || asked(params.silenced) || asked(params.sensitized);
    filter.is_local = filter.domain.is_none().then_some(!asked(params.remote));
    filter.standing = Some(match (asked(params.suspended), asked(params.disabled)) {
        (true, _) => Standing::Suspended,
        (_, true) => Standing::Disabled,
        _ => Standing::Active,
    });
    filter.roles = asked(params.staff).then(|| STAFF.to_vec());
    answer(&api, &request, &person, &by, filter, page).await
}

/// Those who handle reports.
const STAFF: [Role; 2] = [Role::Moderator, Role::Administrator];

#[derive(Debug, Deserialize, JsonSchema)]
struct ParamsV2 {
    #[serde(default, deserialize_with = "text")]
    origin: Option<String>,
    #[serde(default, deserialize_with = "text")]
    status: Option<String>,
    #[serde(default, deserialize_with = "text")]
    permissions: Option<String>,
    #[serde(default, deserialize_with = "list")]
    role_ids: Vec<String>,
    #[serde(default, deserialize_with = "text")]
    invited_by: Option<String>,
    #[serde(flatten)]
    common: Common,
}

async fn all(api: web::Data<Api>, request: HttpRequest, person: Person, params: Params<ParamsV2>) -> ApiResult {
    let by = operator(&person, READ)?;
    let Params(params) = params;
    let page = params.common.page();
    let mut filter = params.common.filter();
    filter.is_local = match params.origin.as_deref() {
        None | Some("") => None,
        Some("local") => Some(true),
        Some("remote") => Some(false),
        Some(_) => return Err(ApiError::Malformed("“origin” is local or remote".to_owned())),
    };
    filter.nobody |= params.invited_by.is_some_and(|id| !id.is_empty());
    filter.standing = match params.status.as_deref() {
        None | Some("") => None,
        Some("active") => Some(Standing::Active),
        Some("disabled") => Some(Standing::Disabled),
        Some("suspended") => Some(Standing::Suspended),
        Some("pending" | "silenced" | "sensitized") => {
            filter.nobody = true;
            None
        }
        Some(_) => return Err(ApiError::Malformed("“status” is active, disabled or suspended".to_owned())),
    };
    if params.permissions.as_deref() == Some("staff") {
        filter.roles = Some(STAFF.to_vec());
    } else if !params.role_ids.is_empty() {
        let named = |role: &Role| params.role_ids.iter().any(|id| *id == role.code().to_string());
        filter.roles = Some(Role::ALL.into_iter().filter(named).collect());
    }
    answer(&api, &request, &person, &by, filter, page).await
}

async fn answer(
    api: &Api,
    request: &HttpRequest,
    person: &Person,
    by: &Operator,
    filter: PeopleFilter,
    page: Page,
) -> ApiResult {
    let slice = administration::list(&api.ctx, by, filter, page).await?;
    let links = &person.links(api);
    Ok(pagination::answer(api, request, &slice, |view| AdminAccount::of(view, links)))
}

async fn show(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let by = operator(&person, READ)?;
    let view = administration::show(&api.ctx, &by, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(AdminAccount::of(&view, &person.links(&api))))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ActParams {
    #[serde(rename = "type", default, deserialize_with = "text")]
    kind: Option<String>,
    #[serde(default, deserialize_with = "text")]
    report_id: Option<String>,
    #[serde(default, deserialize_with = "text")]
    text: Option<String>,
}

impl ActParams {
    fn measure(&self) -> Result<Measure, Error> {
        match self.kind.as_deref() {
            Some("none") => Ok(Measure::Nothing),
            Some("disable") => Ok(Measure::Disable),
            Some("sensitive" | "silence" | "suspend") => Err(Error::invalid(
                "Nobody is limited or suspended here: disable hides what somebody of this node wrote, and can be taken back",
            )),
            _ => Err(Error::invalid("“type” is none or disable")),
        }
    }
}

async fn act(api: web::Data<Api>, person: Person, id: web::Path<String>, params: Params<ActParams>) -> ApiResult {
    let by = operator(&person, WRITE)?;
    let Params(params) = params;
    by.demand_moderator()?;
    let measure = params.measure()?;
    let report = params.report_id.as_deref().filter(|id| !id.is_empty()).map(path_id).transpose()?;
    administration::act(&api.ctx, &by, path_id(&id)?, measure, report, params.text.unwrap_or_default()).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
}

async fn enable(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let by = operator(&person, WRITE)?;
    let view = administration::enable(&api.ctx, &by, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(AdminAccount::of(&view, &person.links(&api))))
}
