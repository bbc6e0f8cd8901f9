//! What a client can ask to be told of, by the names that Mastodon gives it.

use corridor_domain::ListId;
use corridor_domain::text::{limits, tag_key};

use crate::timelines::Reach;

/// One stream of events (<https://docs.joinmastodon.org/methods/streaming/>).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Channel {
    /// The reader's home feed, notifications and filters.
    User,
    /// The reader's notifications alone.
    UserNotification,
    /// Posts for the whole network, as the public timeline shows them.
    Public {
        /// Whose.
        reach: Reach,
        /// Only those with pictures or files.
        only_media: bool,
    },
    /// Posts with a hashtag.
    Hashtag {
        /// In the form in which tags are compared.
        tag: String,
        /// Only those written on this node.
        local: bool,
    },
    /// What one of the reader's lists shows.
    List(ListId),
    /// Posts for the reader among named people.
    Direct,
}

impl Channel {
    /// The stream of a name such as `public:local`, with the parameters that some of them take.
    ///
    /// # Errors
    /// In Mastodon's words, when there is no such stream or it lacks a parameter.
    pub fn parse(name: &str, tag: Option<&str>, list: Option<&str>, only_media: bool) -> Result<Self, &'static str> {
        let public = |reach, media| Ok(Self::Public { reach, only_media: media || only_media });
        match name {
            "user" => Ok(Self::User),
            "user:notification" => Ok(Self::UserNotification),
            "public" => public(Reach::All, false),
            "public:media" => public(Reach::All, true),
            "public:local" => public(Reach::Local, false),
            "public:local:media" => public(Reach::Local, true),
            "public:remote" => public(Reach::Remote, false),
            "public:remote:media" => public(Reach::Remote, true),
            "hashtag" | "hashtag:local" => {
                let tag = tag_key(tag.unwrap_or_default());
                if tag.is_empty() || tag.chars().count() > limits::TAG_CHARS {
                    return Err("Missing tag name parameter");
                }
                Ok(Self::Hashtag { tag, local: name == "hashtag:local" })
            }
            "list" => {
                let list = list.and_then(|list| list.parse().ok()).ok_or("Missing list name parameter")?;
                Ok(Self::List(ListId::new(list)))
            }
            "direct" => Ok(Self::Direct),
            _ => Err("Unknown channel requested"),
        }
    }

    /// The name, and the parameter where there is one: what `stream` holds beside each event.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let words: &[&str] = match self {
            Self::User => &["user"],
            Self::UserNotification => &["user:notification"],
            Self::Public { reach: Reach::All, only_media: false } => &["public"],
            Self::Public { reach: Reach::All, only_media: true } => &["public:media"],
            Self::Public { reach: Reach::Local, only_media: false } => &["public:local"],
            Self::Public { reach: Reach::Local, only_media: true } => &["public:local:media"],
            Self::Public { reach: Reach::Remote, only_media: false } => &["public:remote"],
            Self::Public { reach: Reach::Remote, only_media: true } => &["public:remote:media"],
            Self::Hashtag { tag, local: false } => &["hashtag", tag],
            Self::Hashtag { tag, local: true } => &["hashtag:local", tag],
            Self::List(id) => &["list", &id.to_string()],
            Self::Direct => &["direct"],
        };
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    /// The scope that a token needs for it.
    #[must_use]
    pub const fn scope(&self) -> &'static str {
        match self {
            Self::UserNotification => "read:notifications",
            _ => "read:statuses",
        }
    }

    /// Whether it shows only what came home to its reader.
    pub(super) const fn is_of_home(&self) -> bool {
        matches!(self, Self::User | Self::List(_) | Self::Direct)
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        let names = [
            "user",
            "user:notification",
            "public",
            "public:media",
            "public:local",
            "public:local:media",
            "public:remote",
            "public:remote:media",
            "direct",
        ];
        for name in names {
            assert_eq!(Channel::parse(name, None, None, false).unwrap().words(), [name]);
        }
        for name in ["hashtag", "hashtag:local"] {
            assert_eq!(Channel::parse(name, Some("#Tea"), None, false).unwrap().words(), [name, "tea"]);
        }
        assert_eq!(Channel::parse("list", None, Some("12"), false).unwrap().words(), ["list", "12"]);
        assert_eq!(Channel::parse("public:local", None, None, true).unwrap().words(), ["public:local:media"]);
    }

    #[test]
    fn what_is_no_stream_is_refused() {
        assert_eq!(Channel::parse("everything", None, None, false), Err("Unknown channel requested"));
        for tag in [None, Some(""), Some("#")] {
            assert_eq!(Channel::parse("hashtag", tag, None, false), Err("Missing tag name parameter"));
        }
        for list in [None, Some(""), Some("mine")] {
            assert_eq!(Channel::parse("list", None, list, false), Err("Missing list name parameter"));
        }
    }
}
