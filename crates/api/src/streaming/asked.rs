//! What a client asks for: in the query, or in a message over its WebSocket.

use actix_web::{HttpRequest, web};
use corridor_app::streaming::Channel;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::body::{flag, text};
use crate::error::ApiError;

/// The parameters of a stream.
#[derive(Debug, Default, Deserialize, JsonSchema)]
pub(super) struct Asked {
    #[serde(default, deserialize_with = "text")]
    pub stream: Option<String>,
    #[serde(default, deserialize_with = "text")]
    tag: Option<String>,
    #[serde(default, deserialize_with = "text")]
    list: Option<String>,
    #[serde(default, deserialize_with = "flag")]
    only_media: Option<bool>,
}

/// What a client says over its WebSocket.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    #[serde(rename = "type")]
    pub kind: String,
    #[serde(flatten)]
    pub asked: Asked,
}

impl Asked {
    pub(super) fn of_query(request: &HttpRequest) -> Result<Self, ApiError> {
        let query = web::Query::from_query(request.query_string());
        query.map(web::Query::into_inner).map_err(|error| ApiError::Malformed(error.to_string()))
    }

    pub(super) fn channel(&self, name: &str) -> Result<Channel, ApiError> {
        let only_media = self.only_media == Some(true);
        let channel = Channel::parse(name, self.tag.as_deref(), self.list.as_deref(), only_media);
        channel.map_err(|error| ApiError::Malformed(error.to_owned()))
    }
}
