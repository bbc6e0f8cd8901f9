//! Events as clients read them: a name, and an entity as JSON.

use corridor_app::media::Links;
use corridor_app::streaming::{Frame, Told};
use serde::Serialize;
use serde_json::json;

use crate::entities::{Announcement, Conversation, Notification, Status};

/// An event that is ready to be sent (<https://docs.joinmastodon.org/methods/streaming/#events>).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event {
    stream: Vec<String>,
    name: &'static str,
    /// None where Mastodon has none.
    payload: Option<String>,
}

impl Event {
    pub(super) fn of(frame: &Frame, links: &Links) -> Self {
        let (name, payload) = match &frame.told {
            Told::Update(post) => ("update", Some(text(&Status::of(post, links)))),
            Told::StatusUpdate(post) => ("status.update", Some(text(&Status::of(post, links)))),
            Told::Delete(post) => ("delete", Some(post.to_string())),
            Told::Conversation(told) => ("conversation", Some(text(&Conversation::of(told, links)))),
            Told::Notification(told) => ("notification", Some(text(&Notification::of(told, links)))),
            Told::Announcement(told) => ("announcement", Some(text(&Announcement::of(told, links)))),
            Told::AnnouncementReaction(id, emoji, count) => {
                let told = json!({ "name": emoji, "count": count, "announcement_id": id.to_string() });
                ("announcement.reaction", Some(told.to_string()))
            }
            Told::AnnouncementGone(id) => ("announcement.delete", Some(id.to_string())),
            Told::NotificationsMerged => ("notifications_merged", None),
            Told::FiltersChanged => ("filters_changed", None),
        };
        Self { stream: frame.channel.words(), name, payload }
    }

    /// As a server-sent event. JSON has no line breaks, so the payload is one line.
    pub(super) fn to_sse(&self) -> String {
        format!("event: {}\ndata: {}\n\n", self.name, self.payload.as_deref().unwrap_or("undefined"))
    }

    /// As a message over a WebSocket, the payload a text within it.
    pub(super) fn to_message(&self) -> String {
        let mut message = json!({ "stream": self.stream, "event": self.name });
        if let (Some(payload), Some(fields)) = (&self.payload, message.as_object_mut()) {
            fields.insert("payload".to_owned(), payload.clone().into());
        }
        message.to_string()
    }
}

fn text(entity: &impl Serialize) -> String {
    serde_json::to_string(entity).expect("entities have nothing that JSON can't hold")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: &'static str, payload: Option<&str>) -> Event {
        Event { stream: vec!["hashtag".to_owned(), "tea".to_owned()], name, payload: payload.map(str::to_owned) }
    }

    #[test]
    fn events_have_mastodons_shape() {
        assert_eq!(event("delete", Some("12")).to_sse(), "event: delete\ndata: 12\n\n");
        assert_eq!(event("filters_changed", None).to_sse(), "event: filters_changed\ndata: undefined\n\n");
        let message: serde_json::Value =
            serde_json::from_str(&event("delete", Some("12")).to_message()).unwrap_or_default();
        assert_eq!(message, json!({ "stream": ["hashtag", "tea"], "event": "delete", "payload": "12" }));
        let message: serde_json::Value =
            serde_json::from_str(&event("filters_changed", None).to_message()).unwrap_or_default();
        assert_eq!(message, json!({ "stream": ["hashtag", "tea"], "event": "filters_changed" }));
    }
}
