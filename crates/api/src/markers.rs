//! Markers: how far the caller has read.

use actix_web::{HttpResponse, web};
use corridor_app::Error;
use corridor_app::markers::{self, MarkedTimeline};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::auth::Person;
use crate::body::{Params, list};
use crate::entities::Markers;
use crate::error::ApiResult;
use crate::routes::{Routes, says};
use crate::{Api, ApiError};

/// The routes.
pub(crate) fn routes() -> Routes {
    Routes::of("Markers")
        .get(
            "/v1/markers",
            show,
            says("How far the caller has read").needs("read:statuses").takes::<ShowParams>().gives::<Markers>(),
        )
        .post(
            "/v1/markers",
            set,
            says("Says how far").needs("write:statuses").takes::<SetParams>().gives::<Markers>().fails(&[409]),
        )
}

#[derive(Debug, Deserialize, JsonSchema)]
struct ShowParams {
    #[serde(default, deserialize_with = "list")]
    timeline: Vec<String>,
}

/// Only what was asked for; what was never set is left out.
async fn show(api: web::Data<Api>, person: Person, params: Params<ShowParams>) -> ApiResult {
    let viewer = person.needs("read:statuses")?;
    let mut markers = markers::all(&api.ctx, viewer).await?;
    markers.retain(|marker| params.0.timeline.iter().any(|name| name == marker.timeline.word()));
    Ok(HttpResponse::Ok().json(Markers::of(&markers)))
}

#[derive(Debug, Deserialize, JsonSchema)]
struct SetParams {
    #[serde(flatten)]
    #[schemars(with = "NewMarkers")]
    timelines: Map<String, Value>,
}

/// `home[last_read_id]` and `notifications[last_read_id]`.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what is read by hand")]
struct NewMarkers {
    #[serde(default)]
    home: Option<NewMarker>,
    #[serde(default)]
    notifications: Option<NewMarker>,
}

#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what is read by hand")]
struct NewMarker {
    last_read_id: Option<String>,
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
    Ok(HttpResponse::Ok().json(Markers::of(&set)))
}
