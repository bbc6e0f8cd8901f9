//! Markers: how far the caller has read.

use actix_web::{HttpResponse, web};
use corridor_app::Error;
use corridor_app::markers::{self, MarkedTimeline, MarkerView};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::auth::Person;
use crate::body::{Params, list};
use crate::error::ApiResult;
use crate::{Api, ApiError};

/// Mounts the routes.
pub(crate) fn routes(config: &mut web::ServiceConfig) {
    config.service(web::resource("/v1/markers").route(web::get().to(show)).route(web::post().to(set)));
}

#[derive(Debug, Deserialize)]
struct ShowParams {
    #[serde(default, deserialize_with = "list")]
    timeline: Vec<String>,
}

/// Only what was asked for; what was never set is left out.
async fn show(api: web::Data<Api>, person: Person, params: Params<ShowParams>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    let mut markers = markers::all(&api.ctx, viewer).await?;
    markers.retain(|marker| params.0.timeline.iter().any(|name| name == marker.timeline.word()));
    Ok(answer(&markers))
}

#[derive(Debug, Deserialize)]
struct SetParams {
    #[serde(flatten)]
    timelines: Map<String, Value>,
}

impl SetParams {
    /// Each timeline that is named here, with its `last_read_id`.
    fn wanted(&self) -> Result<Vec<(MarkedTimeline, i64)>, ApiError> {
        let mut wanted = Vec::new();
        for timeline in MarkedTimeline::ALL {
            let said = self.timelines.get(timeline.word()).and_then(|fields| fields.get("last_read_id"));
            let Some(said) = said.filter(|said| !said.is_null()) else { continue };
            let number = said.as_i64().or_else(|| said.as_str()?.trim().parse().ok()).filter(|number| *number >= 0);
            let number = number.ok_or_else(|| Error::invalid("Validation failed: Last read is not a number"))?;
            wanted.push((timeline, number));
        }
        Ok(wanted)
    }
}

async fn set(api: web::Data<Api>, person: Person, params: Params<SetParams>) -> ApiResult {
    let viewer = person.needs("write:statuses")?;
    let wanted = params.0.wanted()?;
    let set = markers::set(&api.ctx, viewer, wanted).await.map_err(|error| match error {
        Error::Conflict(_) => ApiError::Stale,
        other => other.into(),
    })?;
    Ok(answer(&set))
}

/// <https://docs.joinmastodon.org/entities/Marker/>
fn answer(markers: &[MarkerView]) -> HttpResponse {
    let entity = |marker: &MarkerView| {
        let entity = json!({
            "last_read_id": marker.last_read.to_string(),
            "version": marker.version,
            "updated_at": marker.updated_at.to_rfc3339(),
        });
        (marker.timeline.word().to_owned(), entity)
    };
    HttpResponse::Ok().json(markers.iter().map(entity).collect::<Map<String, Value>>())
}
