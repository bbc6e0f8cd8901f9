//! Voting by a form.

use actix_web::web;
use corridor_app::polls;
use corridor_domain::PostId;

use super::go_to;
use crate::error::{PageError, PageResult};
use crate::posted::Posted;
use crate::session::Member;
use crate::words::key;

/// Mounts the routes.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.route("/posts/{id}/vote", web::post().to(vote));
}

async fn vote(member: Member, id: web::Path<String>, form: Posted) -> PageResult {
    member.visit.demand_own_form(form.one("csrf"))?;
    let id: PostId = id.parse().map_err(|_| PageError::from(corridor_app::Error::NotFound("that post")))?;
    let choices: Result<Vec<usize>, _> = form.all("choice").map(str::parse).collect();
    let choices = choices.map_err(|_| PageError::new(400, key("form-unreadable")))?;
    polls::vote(member.ctx(), &member.viewer, id, choices).await?;
    go_to(form.one("next"))
}
