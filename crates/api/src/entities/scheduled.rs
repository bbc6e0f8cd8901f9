//! The ScheduledStatus entity.

use corridor_app::media::Links;
use corridor_app::scheduled::ScheduledView;
use corridor_domain::{Audience, MarkingScheme};
use schemars::JsonSchema;
use serde::Serialize;

use super::{MediaAttachment, Status, visibility_word};

/// <https://docs.joinmastodon.org/entities/ScheduledStatus/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ScheduledStatus {
    id: String,
    scheduled_at: String,
    params: Params,
    media_attachments: Vec<MediaAttachment>,
    /// Ours: why it could not go out; null while it waits.
    failure: Option<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "ScheduledStatusParams")]
struct Params {
    text: String,
    poll: Option<Poll>,
    media_ids: Option<Vec<String>>,
    sensitive: bool,
    spoiler_text: Option<String>,
    visibility: &'static str,
    in_reply_to_id: Option<String>,
    language: Option<String>,
    application_id: Option<String>,
    scheduled_at: Option<()>,
    idempotency: Option<()>,
    with_rate_limit: bool,
    quoted_status_id: Option<()>,
    quote_approval_policy: Option<()>,
    /// Ours: the audience in our own word.
    audience: &'static str,
    /// Ours: the marking's name.
    marking: String,
    /// Ours: how it is to be handled.
    handling: Option<String>,
    /// Ours: the title of a talk or article.
    title: Option<String>,
    /// Ours: the group that it is for.
    group_id: Option<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "ScheduledPoll")]
struct Poll {
    options: Vec<String>,
    expires_in: u64,
    multiple: bool,
    hide_totals: bool,
}

impl ScheduledStatus {
    /// A post that goes out later.
    #[must_use]
    pub fn of(view: &ScheduledView, links: &Links, scheme: &MarkingScheme) -> Self {
        let draft = &view.draft;
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let ids: Vec<String> = draft.media.iter().map(ToString::to_string).collect();
        // It is always decided; if it were not, no client may take it for a wider one.
        let audience = draft.audience.unwrap_or(Audience::Named);
        Self {
            id: view.id.to_string(),
            scheduled_at: view.due_at.to_rfc3339(),
            params: Params {
                text: draft.text.clone(),
                poll: draft.poll.as_ref().map(|poll| Poll {
                    options: poll.options.clone(),
                    expires_in: poll.lasts.as_secs(),
                    multiple: poll.multiple,
                    hide_totals: poll.hide_totals,
                }),
                media_ids: Some(ids).filter(|ids| !ids.is_empty()),
                sensitive: draft.sensitive,
                spoiler_text: some(&draft.summary),
                visibility: visibility_word(audience),
                in_reply_to_id: draft.in_reply_to.map(|id| id.to_string()),
                language: some(&draft.language),
                application_id: draft.app.map(|id| id.to_string()),
                scheduled_at: None,
                idempotency: None,
                with_rate_limit: false,
                quoted_status_id: None,
                quote_approval_policy: None,
                audience: audience.word(),
                marking: draft.marking.map(|marking| scheme.name(marking).to_owned()).unwrap_or_default(),
                handling: draft.handling.as_deref().and_then(some),
                title: some(&draft.title),
                group_id: draft.group.map(|id| id.to_string()),
            },
            media_attachments: view.media.iter().map(|one| MediaAttachment::of(one, links)).collect(),
            failure: view.failure.clone(),
        }
    }
}

/// What a new status became: it is out, or waits for its time.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum PublishedOrScheduled {
    /// It is out.
    Published(Box<Status>),
    /// It waits.
    Scheduled(Box<ScheduledStatus>),
}
