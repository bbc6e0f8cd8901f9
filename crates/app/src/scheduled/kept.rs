//! A draft as it is kept: JSON of our own, which newer versions go on reading.

use std::time::Duration;

use corridor_domain::{ActorId, AppId, Audience, Marking, PostId};
use serde::{Deserialize, Serialize};

use crate::polls::PollDraft;
use crate::posts::Draft;
use crate::{Error, Result};

/// What is left out has its usual value.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    text: String,
    title: String,
    group: Option<i64>,
    announcement: bool,
    question: bool,
    audience: Option<i16>,
    marking: Option<i16>,
    handling: Option<String>,
    summary: String,
    sensitive: bool,
    language: String,
    in_reply_to: Option<i64>,
    named: Vec<i64>,
    media: Vec<i64>,
    poll: Option<KeptPoll>,
    app: Option<i64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct KeptPoll {
    options: Vec<String>,
    seconds: u64,
    multiple: bool,
    hide_totals: bool,
}

fn broken(error: serde_json::Error) -> Error {
    Error::Internal(Box::new(error))
}

/// A draft as JSON. What was said of its uploads is kept with them, and its key beside it.
pub(super) fn write(draft: &Draft) -> Result<String> {
    let kept = Kept {
        text: draft.text.clone(),
        title: draft.title.clone(),
        group: draft.group.map(ActorId::raw),
        announcement: draft.announcement,
        question: draft.question,
        audience: draft.audience.map(Audience::code),
        marking: draft.marking.map(Marking::rank),
        handling: draft.handling.clone(),
        summary: draft.summary.clone(),
        sensitive: draft.sensitive,
        language: draft.language.clone(),
        in_reply_to: draft.in_reply_to.map(PostId::raw),
        named: draft.named.iter().map(|person| person.raw()).collect(),
        media: draft.media.iter().map(|upload| upload.raw()).collect(),
        poll: draft.poll.as_ref().map(|poll| KeptPoll {
            options: poll.options.clone(),
            seconds: poll.lasts.as_secs(),
            multiple: poll.multiple,
            hide_totals: poll.hide_totals,
        }),
        app: draft.app.map(AppId::raw),
    };
    serde_json::to_string(&kept).map_err(broken)
}

/// The draft of a JSON text.
pub(super) fn read(text: &str) -> Result<Draft> {
    let kept: Kept = serde_json::from_str(text).map_err(broken)?;
    let poll = kept.poll.map(|poll| PollDraft {
        options: poll.options,
        lasts: Duration::from_secs(poll.seconds),
        multiple: poll.multiple,
        hide_totals: poll.hide_totals,
    });
    Ok(Draft {
        text: kept.text,
        title: kept.title,
        group: kept.group.map(ActorId::new),
        announcement: kept.announcement,
        question: kept.question,
        // An audience that is not known is never guessed to be a wider one.
        audience: kept.audience.map(|code| Audience::from_code(code).unwrap_or(Audience::Named)),
        marking: kept.marking.map(Marking::from_rank),
        handling: kept.handling,
        summary: kept.summary,
        sensitive: kept.sensitive,
        language: kept.language,
        in_reply_to: kept.in_reply_to.map(PostId::new),
        named: kept.named.into_iter().map(ActorId::new).collect(),
        idempotency_key: None,
        media: super::ids(&kept.media),
        media_edits: Vec::new(),
        poll,
        app: kept.app.map(AppId::new),
    })
}
