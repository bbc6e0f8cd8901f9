//! Reports: a person asks the moderators to look at someone.

use actix_web::{HttpResponse, web};
use corridor_app::people;
use corridor_app::reports::{self, Category, NewReport};
use corridor_domain::PostId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::Api;
use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, list, text};
use crate::entities::Account;
use crate::error::{ApiError, ApiResult};
use crate::routes::{Routes, says};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Reports").post(
        "/v1/reports",
        report,
        says("Asks the moderators to look at somebody")
            .needs("write:reports")
            .takes::<ReportParams>()
            .requires(&["account_id"])
            .gives::<Report>(),
    )
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ReportParams {
    #[serde(default, deserialize_with = "text")]
    account_id: Option<String>,
    #[serde(default, deserialize_with = "list")]
    status_ids: Vec<String>,
    #[serde(default, deserialize_with = "text")]
    comment: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    forward: Option<bool>,
    #[serde(default, deserialize_with = "text")]
    category: Option<String>,
}

/// <https://docs.joinmastodon.org/entities/Report/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Report {
    id: String,
    action_taken: bool,
    action_taken_at: Option<String>,
    category: &'static str,
    comment: String,
    forwarded: bool,
    created_at: String,
    status_ids: Vec<String>,
    rule_ids: [(); 0],
    target_account: Account,
}

async fn report(api: web::Data<Api>, person: Person, params: Params<ReportParams>) -> ApiResult {
    let viewer = person.needs("write:reports")?;
    let params = params.0;
    let target = params.account_id.ok_or_else(|| ApiError::Malformed("account_id is missing".to_owned()))?;
    let post = |id: &String| id.parse::<PostId>().map_err(|_| corridor_app::Error::NotFound("that post"));
    let new = NewReport {
        target: path_id(&target)?,
        posts: params.status_ids.iter().map(post).collect::<Result<_, _>>()?,
        comment: params.comment.unwrap_or_default(),
        category: params.category.as_deref().map(Category::of_word).unwrap_or_default(),
        forward: params.forward.unwrap_or(false),
    };
    let made = reports::report(&api.ctx, viewer, new).await?;
    let target = people::show(&api.ctx, viewer, made.target).await?;
    Ok(HttpResponse::Ok().json(Report {
        id: made.id.to_string(),
        action_taken: made.resolved.is_some(),
        action_taken_at: made.resolved.as_ref().map(|(at, _, _)| at.to_rfc3339()),
        category: made.category.word(),
        forwarded: made.forwarded,
        created_at: made.created_at.to_rfc3339(),
        status_ids: made.posts.iter().map(ToString::to_string).collect(),
        rule_ids: [],
        target_account: Account::of(&target, &person.links(&api)),
        comment: made.comment,
    }))
}
