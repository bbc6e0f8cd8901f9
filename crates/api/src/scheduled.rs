//! Scheduled statuses: those of the caller, given another time, or taken back.

use actix_web::{HttpRequest, HttpResponse, web};
use corridor_app::Error;
use corridor_app::media::Links;
use corridor_app::posts::Draft;
use corridor_app::scheduled::{self, Outcome, ScheduledView};
use corridor_domain::Timestamp;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, text};
use crate::entities::{Empty, ScheduledStatus, Status};
use crate::error::ApiResult;
use crate::pagination::{self, PageParams};
use crate::routes::{Routes, says};
use crate::{Api, ApiError};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Scheduled statuses")
        .get(
            "/v1/scheduled_statuses",
            all,
            says("What the caller has scheduled").needs("read:statuses").pages::<ScheduledStatus>(),
        )
        .get("/v1/scheduled_statuses/{id}", show, says("One of them").needs("read:statuses").gives::<ScheduledStatus>())
        .put(
            "/v1/scheduled_statuses/{id}",
            change,
            says("Gives it another time").needs("write:statuses").takes::<ChangeParams>().gives::<ScheduledStatus>(),
        )
        .delete("/v1/scheduled_statuses/{id}", cancel, says("Takes it back").needs("write:statuses").done())
}

/// The moment that a client asks for; `None` where it asks for none.
pub(crate) fn moment(said: Option<&str>) -> Result<Option<Timestamp>, ApiError> {
    let said = said.unwrap_or_default().trim();
    if matches!(said, "" | "None" | "null") {
        return Ok(None);
    }
    // Without an offset it is UTC; seconds may be missing, and the colon of the offset.
    let bare = |text: &str| [format!("{text}Z"), format!("{text}:00Z")];
    let forms = match said.split_at_checked(said.len().saturating_sub(2)) {
        Some((front, back)) => [vec![said.to_owned(), format!("{front}:{back}")], bare(said).to_vec()].concat(),
        None => vec![said.to_owned()],
    };
    let found = forms.iter().find_map(|form| Timestamp::parse_rfc3339(form));
    found.map(Some).ok_or_else(|| {
        Error::invalid("Validation failed: Scheduled at is not a date and time, such as 2027-01-31T09:00:00Z").into()
    })
}

/// Schedules a new status.
pub(crate) async fn schedule(api: &Api, person: &Person, draft: Draft, due: Timestamp) -> ApiResult {
    match scheduled::schedule(&api.ctx, &person.viewer, draft, due).await? {
        Outcome::Waits(view) => answer(api, person, &view),
        Outcome::IsOut(post) => Ok(HttpResponse::Ok().json(Status::of(&post, &person.links(api)))),
    }
}

fn entity(api: &Api, links: &Links, view: &ScheduledView) -> ScheduledStatus {
    ScheduledStatus::of(view, links, &api.ctx.settings.scheme)
}

fn answer(api: &Api, person: &Person, view: &ScheduledView) -> ApiResult {
    Ok(HttpResponse::Ok().json(entity(api, &person.links(api), view)))
}

async fn all(api: web::Data<Api>, request: HttpRequest, person: Person, page: Params<PageParams>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    let slice = scheduled::list(&api.ctx, viewer, page.0.page(20, 40)).await?;
    let links = &person.links(&api);
    Ok(pagination::answer(&api, &request, &slice, |view| entity(&api, links, view)))
}

async fn show(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    answer(&api, &person, &scheduled::show(&api.ctx, viewer, path_id(&id)?).await?)
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ChangeParams {
    #[serde(default, deserialize_with = "text")]
    scheduled_at: Option<String>,
}

async fn change(api: web::Data<Api>, person: Person, id: web::Path<String>, params: Params<ChangeParams>) -> ApiResult {
    let viewer = person.needs("write:statuses")?;
    let id = path_id(&id)?;
    match moment(params.0.scheduled_at.as_deref())? {
        Some(due) => answer(&api, &person, &scheduled::reschedule(&api.ctx, viewer, id, due).await?),
        // Nothing is asked for, so nothing changes.
        None => answer(&api, &person, &scheduled::show(&api.ctx, viewer, id).await?),
    }
}

async fn cancel(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("write:statuses")?;
    scheduled::cancel(&api.ctx, viewer, path_id(&id)?).await?;
    Ok(HttpResponse::Ok().json(Empty {}))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_moment_is_read_in_the_forms_that_clients_write() {
        let noon = Timestamp::parse_rfc3339("2027-01-31T12:00:00Z");
        for form in [
            "2027-01-31T12:00:00.000Z",
            "2027-01-31T13:00:00+01:00",
            "2027-01-31T13:00:00+0100",
            "2027-01-31 12:00:00Z",
            "2027-01-31T12:00:00",
            "2027-01-31T12:00",
        ] {
            assert_eq!(moment(Some(form)).unwrap(), noon, "{form}");
        }
        assert_eq!(moment(None).unwrap(), None);
        assert_eq!(moment(Some("")).unwrap(), None);
        for wrong in ["tomorrow", "é", "2027-13-01T00:00:00Z", "1", "£££"] {
            assert!(moment(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
