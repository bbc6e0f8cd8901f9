//! The Instance entities, versions 1 and 2: what a client asks before anyone has signed in.

use corridor_app::featured_tags::MOST_FEATURED_TAGS;
use corridor_app::posts::MOST_PINS;
use corridor_domain::text::limits;
use corridor_domain::{FileType, poll};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{Api, pictures};

/// The level of the Mastodon API that is served (4.4): the next one is that of quotes.
const API_LEVEL: u32 = 6;
/// A URL counts as this many characters, whatever its length.
const CHARACTERS_PER_URL: u32 = 23;

/// The version that clients parse to know what they may call.
fn version(api: &Api) -> String {
    format!("4.5.0 (compatible; Corridor {})", api.settings.version)
}

fn configuration(api: &Api) -> Value {
    let settings = &api.ctx.settings;
    json!({
        "urls": {
            "streaming": streaming(api),
            "status": null,
            "about": settings.addresses.staff_url("/about"),
            "privacy_policy": null,
            "terms_of_service": null,
        },
        "vapid": { "public_key": "" },
        "accounts": {
            "max_featured_tags": MOST_FEATURED_TAGS,
            "max_pinned_statuses": MOST_PINS,
            "max_profile_fields": 8,
        },
        "statuses": {
            "max_characters": settings.max_characters,
            "max_media_attachments": limits::MEDIA,
            "characters_reserved_per_url": CHARACTERS_PER_URL,
        },
        "media_attachments": {
            "description_limit": limits::ALT_CHARS,
            "supported_mime_types": mime_types(api),
            "image_size_limit": settings.media.max_bytes,
            "image_matrix_limit": settings.media.max_pixels,
            "video_size_limit": 0,
            "video_frame_rate_limit": 0,
            "video_matrix_limit": 0,
        },
        "polls": {
            "max_options": poll::MAX_OPTIONS,
            "max_characters_per_option": poll::OPTION_CHARS,
            "min_expiration": poll::SHORTEST.as_secs(),
            "max_expiration": poll::LONGEST.as_secs(),
        },
        "translation": { "enabled": false },
        "limited_federation": true,
        "markings": settings.scheme.levels().map(|(_, level)| json!({
            "name": level.name,
            "handling_required": level.handling_required,
        })).collect::<Vec<_>>(),
    })
}

/// Where streams are, the scheme that of a WebSocket; null where nothing is streamed.
fn streaming(api: &Api) -> Option<String> {
    let settings = &api.ctx.settings;
    let base = settings.addresses.staff_url("");
    (settings.streaming.most > 0).then(|| base.replacen("http", "ws", 1))
}

fn mime_types(api: &Api) -> Vec<&'static str> {
    let taken = FileType::ALL.into_iter().filter(|kind| api.ctx.settings.media.takes(kind.group()));
    taken.map(FileType::mime).collect()
}

fn rules(api: &Api) -> Vec<Value> {
    let texts = api.ctx.settings.rules.iter().enumerate();
    texts.map(|(index, text)| json!({ "id": (index + 1).to_string(), "text": text, "hint": "" })).collect()
}

/// <https://docs.joinmastodon.org/entities/Instance/>
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct InstanceV2(Value);

impl InstanceV2 {
    /// This node.
    #[must_use]
    pub fn of(api: &Api) -> Self {
        let settings = &api.ctx.settings;
        Self(json!({
            "domain": settings.addresses.account_domain.as_str(),
            "title": settings.department,
            "version": version(api),
            "source_url": settings.source_url,
            "description": settings.description,
            // How many people are active is nothing that the signed-out are told.
            "usage": { "users": { "active_month": 0 } },
            "thumbnail": { "url": settings.addresses.staff_url(pictures::HEADER), "blurhash": null, "versions": {} },
            "icon": [],
            "languages": ["en", "cy"],
            "configuration": configuration(api),
            "registrations": {
                "enabled": false,
                "approval_required": false,
                "reason_required": false,
                "message": "Accounts are made by the department.",
                "min_age": null,
                "url": null,
            },
            "api_versions": { "mastodon": API_LEVEL },
            "contact": { "email": settings.contact, "account": null },
            "rules": rules(api),
        }))
    }
}

/// <https://docs.joinmastodon.org/entities/V1_Instance/>
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct InstanceV1(Value);

impl InstanceV1 {
    /// This node.
    #[must_use]
    pub fn of(api: &Api) -> Self {
        let settings = &api.ctx.settings;
        Self(json!({
            "uri": settings.addresses.account_domain.as_str(),
            "title": settings.department,
            "short_description": settings.description,
            "description": settings.description,
            "email": settings.contact,
            "version": version(api),
            "urls": { "streaming_api": streaming(api) },
            "stats": { "user_count": 0, "status_count": 0, "domain_count": 0 },
            "thumbnail": settings.addresses.staff_url(pictures::HEADER),
            "languages": ["en", "cy"],
            "registrations": false,
            "approval_required": false,
            "invites_enabled": false,
            "configuration": configuration(api),
            "contact_account": null,
            "rules": rules(api),
        }))
    }
}
