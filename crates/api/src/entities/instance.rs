//! The Instance entities, versions 1 and 2: what a client asks before anyone has signed in.

use corridor_app::featured_tags::MOST_FEATURED_TAGS;
use corridor_app::posts::MOST_PINS;
use corridor_domain::text::limits;
use corridor_domain::{FileType, poll};
use schemars::JsonSchema;
use serde::Serialize;

use super::Empty;
use crate::{Api, pictures};

/// The level of the Mastodon API that is served (4.4): the next one is that of quotes.
const API_LEVEL: u32 = 6;
/// A URL counts as this many characters, whatever its length.
const CHARACTERS_PER_URL: u32 = 23;
/// The languages of the pages.
const LANGUAGES: [&str; 2] = ["en", "cy"];

/// The version that clients parse to know what they may call.
fn version(api: &Api) -> String {
    format!("4.5.0 (compatible; Corridor {})", api.settings.version)
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "InstanceConfiguration")]
struct Configuration {
    urls: Urls,
    vapid: Vapid,
    accounts: AccountLimits,
    statuses: StatusLimits,
    media_attachments: MediaLimits,
    polls: PollLimits,
    translation: Translation,
    limited_federation: bool,
    /// Ours: the markings, the lowest first.
    markings: Vec<MarkingLevel>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "InstanceUrls")]
struct Urls {
    /// The scheme is that of a WebSocket; null where nothing is streamed.
    streaming: Option<String>,
    status: Option<()>,
    about: String,
    privacy_policy: Option<()>,
    terms_of_service: Option<()>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Vapid {
    /// Empty: nothing is pushed.
    public_key: &'static str,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[expect(clippy::struct_field_names, reason = "the entity is Mastodon's")]
struct AccountLimits {
    max_featured_tags: usize,
    max_pinned_statuses: usize,
    max_profile_fields: usize,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct StatusLimits {
    max_characters: usize,
    max_media_attachments: usize,
    characters_reserved_per_url: u32,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct MediaLimits {
    description_limit: usize,
    supported_mime_types: Vec<&'static str>,
    image_size_limit: usize,
    image_matrix_limit: u32,
    video_size_limit: u64,
    video_frame_rate_limit: u64,
    video_matrix_limit: u64,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct PollLimits {
    max_options: usize,
    max_characters_per_option: usize,
    min_expiration: u64,
    max_expiration: u64,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct Translation {
    enabled: bool,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct MarkingLevel {
    name: String,
    handling_required: bool,
}

impl Configuration {
    fn of(api: &Api) -> Self {
        let settings = &api.ctx.settings;
        let markings = settings
            .scheme
            .levels()
            .map(|(_, level)| MarkingLevel { name: level.name.clone(), handling_required: level.handling_required });
        Self {
            urls: Urls {
                streaming: streaming(api),
                status: None,
                about: settings.addresses.staff_url("/about"),
                privacy_policy: None,
                terms_of_service: None,
            },
            vapid: Vapid { public_key: "" },
            accounts: AccountLimits {
                max_featured_tags: MOST_FEATURED_TAGS,
                max_pinned_statuses: MOST_PINS,
                max_profile_fields: 8,
            },
            statuses: StatusLimits {
                max_characters: settings.max_characters,
                max_media_attachments: limits::MEDIA,
                characters_reserved_per_url: CHARACTERS_PER_URL,
            },
            media_attachments: MediaLimits {
                description_limit: limits::ALT_CHARS,
                supported_mime_types: mime_types(api),
                image_size_limit: settings.media.max_bytes,
                image_matrix_limit: settings.media.max_pixels,
                video_size_limit: 0,
                video_frame_rate_limit: 0,
                video_matrix_limit: 0,
            },
            polls: PollLimits {
                max_options: poll::MAX_OPTIONS,
                max_characters_per_option: poll::OPTION_CHARS,
                min_expiration: poll::SHORTEST.as_secs(),
                max_expiration: poll::LONGEST.as_secs(),
            },
            translation: Translation { enabled: false },
            limited_federation: true,
            markings: markings.collect(),
        }
    }
}

fn streaming(api: &Api) -> Option<String> {
    let settings = &api.ctx.settings;
    let base = settings.addresses.staff_url("");
    (settings.streaming.most > 0).then(|| base.replacen("http", "ws", 1))
}

fn mime_types(api: &Api) -> Vec<&'static str> {
    let taken = FileType::ALL.into_iter().filter(|kind| api.ctx.settings.media.takes(kind.group()));
    taken.map(FileType::mime).collect()
}

/// <https://docs.joinmastodon.org/entities/Rule/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Rule {
    id: String,
    text: String,
    hint: &'static str,
}

impl Rule {
    /// The house rules, numbered from 1.
    #[must_use]
    pub fn all(api: &Api) -> Vec<Self> {
        let texts = api.ctx.settings.rules.iter().enumerate();
        texts.map(|(index, text)| Self { id: (index + 1).to_string(), text: text.clone(), hint: "" }).collect()
    }
}

/// <https://docs.joinmastodon.org/entities/Instance/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "Instance")]
pub struct InstanceV2 {
    domain: String,
    title: String,
    version: String,
    source_url: String,
    description: String,
    usage: Usage,
    thumbnail: Thumbnail,
    icon: [(); 0],
    languages: [&'static str; 2],
    configuration: Configuration,
    registrations: Registrations,
    api_versions: ApiVersions,
    contact: Contact,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "InstanceUsage")]
struct Usage {
    users: Users,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "InstanceUsers")]
struct Users {
    /// Always zero: how many people are active is nothing that the signed-out are told.
    active_month: u32,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "InstanceThumbnail")]
struct Thumbnail {
    url: String,
    blurhash: Option<()>,
    versions: Empty,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "InstanceRegistrations")]
struct Registrations {
    enabled: bool,
    approval_required: bool,
    reason_required: bool,
    message: &'static str,
    min_age: Option<()>,
    url: Option<()>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct ApiVersions {
    mastodon: u32,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "InstanceContact")]
struct Contact {
    email: String,
    account: Option<()>,
}

impl InstanceV2 {
    /// This node.
    #[must_use]
    pub fn of(api: &Api) -> Self {
        let settings = &api.ctx.settings;
        Self {
            domain: settings.addresses.account_domain.as_str().to_owned(),
            title: settings.department.clone(),
            version: version(api),
            source_url: settings.source_url.clone(),
            description: settings.description.clone(),
            usage: Usage { users: Users { active_month: 0 } },
            thumbnail: Thumbnail {
                url: settings.addresses.staff_url(pictures::HEADER),
                blurhash: None,
                versions: Empty {},
            },
            icon: [],
            languages: LANGUAGES,
            configuration: Configuration::of(api),
            registrations: Registrations {
                enabled: false,
                approval_required: false,
                reason_required: false,
                message: "Accounts are made by the department.",
                min_age: None,
                url: None,
            },
            api_versions: ApiVersions { mastodon: API_LEVEL },
            contact: Contact { email: settings.contact.clone(), account: None },
            rules: Rule::all(api),
        }
    }
}

/// <https://docs.joinmastodon.org/entities/V1_Instance/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct InstanceV1 {
    uri: String,
    title: String,
    short_description: String,
    description: String,
    email: String,
    version: String,
    urls: StreamingUrl,
    stats: Stats,
    thumbnail: String,
    languages: [&'static str; 2],
    registrations: bool,
    approval_required: bool,
    invites_enabled: bool,
    configuration: Configuration,
    contact_account: Option<()>,
    rules: Vec<Rule>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct StreamingUrl {
    streaming_api: Option<String>,
}

/// All zero: as for [`Users`].
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
#[schemars(rename = "InstanceStats")]
#[expect(clippy::struct_field_names, reason = "the entity is Mastodon's")]
struct Stats {
    user_count: u32,
    status_count: u32,
    domain_count: u32,
}

impl InstanceV1 {
    /// This node.
    #[must_use]
    pub fn of(api: &Api) -> Self {
        let settings = &api.ctx.settings;
        Self {
            uri: settings.addresses.account_domain.as_str().to_owned(),
            title: settings.department.clone(),
            short_description: settings.description.clone(),
            description: settings.description.clone(),
            email: settings.contact.clone(),
            version: version(api),
            urls: StreamingUrl { streaming_api: streaming(api) },
            stats: Stats::default(),
            thumbnail: settings.addresses.staff_url(pictures::HEADER),
            languages: LANGUAGES,
            registrations: false,
            approval_required: false,
            invites_enabled: false,
            configuration: Configuration::of(api),
            contact_account: None,
            rules: Rule::all(api),
        }
    }
}
