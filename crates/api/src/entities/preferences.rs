//! The Preferences entity.

use corridor_app::accounts;
use schemars::JsonSchema;
use serde::Serialize;

use super::visibility_word;

/// <https://docs.joinmastodon.org/entities/Preferences/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Preferences {
    #[serde(rename = "posting:default:visibility")]
    visibility: &'static str,
    /// Ours: the audience in our own word.
    #[serde(rename = "posting:default:audience")]
    audience: &'static str,
    #[serde(rename = "posting:default:sensitive")]
    sensitive: bool,
    #[serde(rename = "posting:default:language")]
    language: Option<String>,
    #[serde(rename = "posting:default:quote_policy")]
    quote_policy: &'static str,
    #[serde(rename = "reading:expand:media")]
    expand_media: &'static str,
    #[serde(rename = "reading:expand:spoilers")]
    expand_spoilers: bool,
    #[serde(rename = "reading:autoplay:gifs")]
    autoplay_gifs: bool,
}

impl Preferences {
    /// Somebody's.
    #[must_use]
    pub fn of(preferences: accounts::Preferences) -> Self {
        Self {
            visibility: visibility_word(preferences.default_audience),
            audience: preferences.default_audience.word(),
            sensitive: preferences.default_sensitive,
            language: Some(preferences.language).filter(|language| !language.is_empty()),
            quote_policy: "nobody",
            expand_media: "default",
            expand_spoilers: false,
            autoplay_gifs: false,
        }
    }
}
