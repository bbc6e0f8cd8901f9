//! Polls: what they ask, what they came to, and voting.

use std::time::Duration;

use actix_web::{HttpResponse, web};
use corridor_app::polls::{self, PollDraft};
use corridor_app::{Error, PostView};
use corridor_domain::poll::Refused;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::accounts::path_id;
use crate::auth::Person;
use crate::body::{Params, flag, list, number};
use crate::entities::Poll;
use crate::error::ApiResult;
use crate::routes::{Routes, says};
use crate::{Api, ApiError};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Polls").get("/v1/polls/{id}", show, says("A poll").needs("read:statuses").gives::<Poll>()).post(
        "/v1/polls/{id}/votes",
        vote,
        says("Votes").needs("write:statuses").takes::<VoteParams>().requires(&["choices"]).gives::<Poll>(),
    )
}

#[derive(Debug, Deserialize, JsonSchema)]
pub(crate) struct PollParams {
    #[serde(default, deserialize_with = "list")]
    options: Vec<String>,
    #[serde(default, deserialize_with = "number")]
    expires_in: Option<i64>,
    #[serde(default, deserialize_with = "flag")]
    multiple: Option<bool>,
    #[serde(default, deserialize_with = "flag")]
    hide_totals: Option<bool>,
}

/// The `poll` of a new or changed status; `None` where there is none.
pub(crate) fn draft(poll: Option<&Value>) -> Result<Option<PollDraft>, ApiError> {
    let Some(poll) = poll.filter(|poll| poll.as_object().is_some_and(|fields| !fields.is_empty())) else {
        return Ok(None);
    };
    let params: PollParams =
        serde_json::from_value(poll.clone()).map_err(|error| ApiError::Malformed(format!("the poll: {error}")))?;
    let seconds = params.expires_in.and_then(|seconds| u64::try_from(seconds).ok()).unwrap_or(0);
    Ok(Some(PollDraft {
        options: params.options,
        lasts: Duration::from_secs(seconds),
        multiple: params.multiple.unwrap_or(false),
        hide_totals: params.hide_totals.unwrap_or(false),
    }))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct VoteParams {
    #[serde(default, deserialize_with = "list")]
    choices: Vec<String>,
}

async fn show(api: web::Data<Api>, person: Person, id: web::Path<String>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    answer(&polls::find(&api.ctx, viewer, path_id(&id)?).await?)
}

async fn vote(api: web::Data<Api>, person: Person, id: web::Path<String>, params: Params<VoteParams>) -> ApiResult {
    let viewer = person.needs("write:statuses")?;
    let id = path_id(&id)?;
    let choices: Result<Vec<usize>, _> = params.0.choices.iter().map(|choice| choice.trim().parse()).collect();
    let choices = choices.map_err(|_| Error::Poll(Refused::UnknownChoice))?;
    answer(&polls::vote(&api.ctx, viewer, id, choices).await?)
}

fn answer(post: &PostView) -> ApiResult {
    let poll = Poll::of(post).ok_or(Error::NotFound("that poll"))?;
    Ok(HttpResponse::Ok().json(poll))
}

/// What Mastodon says where a poll or a vote breaks a rule: some clients show it as it is.
pub(crate) fn in_mastodons_words(refused: Refused) -> &'static str {
    match refused {
        Refused::TooFewOptions => "Validation failed: Options must have more than one item",
        Refused::TooManyOptions => "Validation failed: Options can't contain more than 10 items",
        Refused::LongOption => "Validation failed: Options can't be longer than 100 characters each",
        Refused::SameOptions => "Validation failed: Options contain duplicate items",
        Refused::TooShort => "Validation failed: Expires at is too soon",
        Refused::TooLong => "Validation failed: Expires at is too far into the future",
        Refused::NoChoice | Refused::UnknownChoice => "Validation failed: The chosen vote option does not exist",
        Refused::OneChoice | Refused::AlreadyVoted => "Validation failed: You have already voted on this poll",
        Refused::OwnPoll => "Validation failed: You cannot vote in your own polls",
        Refused::Ended => "Validation failed: The poll has already ended",
    }
}
