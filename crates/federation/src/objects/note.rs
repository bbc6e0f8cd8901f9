//! Posts on the wire: Note, Article and Question, their addressing, and the Tombstone of a deleted one.

use corridor_app::PostKind;
use corridor_app::outgoing::{OutgoingPoll, OutgoingPost};
use corridor_app::{Addresses, Settings};
use corridor_domain::Audience;
use corridor_domain::text::{self, limits};
use serde_json::{Map, Value, json};

use super::{PUBLIC, media};

/// Whom something is addressed to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressing {
    /// Primary audience.
    pub to: Vec<String>,
    /// Secondary audience.
    pub cc: Vec<String>,
}

/// Whom a post is addressed to, by its audience: public in `to` means the network, followers alone mean followers,
/// people alone mean named people.
#[must_use]
pub fn addressing(post: &OutgoingPost) -> Addressing {
    let followers = post.author.followers_uri.clone();
    let people = post.addressed.clone();
    match post.audience {
        Audience::Network => Addressing { to: vec![PUBLIC.to_owned()], cc: [vec![followers], people].concat() },
        Audience::Followers => Addressing { to: vec![followers], cc: people },
        // A department post never gets here; were it to, it would be addressed to nobody.
        Audience::Department => Addressing { to: Vec::new(), cc: Vec::new() },
        Audience::Group => addressing_in_group(post),
        Audience::Named => Addressing { to: people, cc: Vec::new() },
    }
}

/// A post in a group is for the group and its members, and in an open one for everyone; never for people by name.
fn addressing_in_group(post: &OutgoingPost) -> Addressing {
    let Some(group) = &post.group else { return Addressing { to: Vec::new(), cc: Vec::new() } };
    let public = group.open.then(|| PUBLIC.to_owned());
    let to = std::iter::once(group.actor.uri.clone()).chain(public).collect();
    Addressing { to, cc: vec![group.actor.followers_uri.clone()] }
}

/// The post as a document without a context.
#[must_use]
pub fn render(post: &OutgoingPost, settings: &Settings) -> Value {
    let Addressing { to, cc } = addressing(post);
    let mut note = Map::new();
    let mut put = |name: &str, value: Value| {
        note.insert(name.to_owned(), value);
    };
    put("id", json!(post.uri));
    put("type", json!(type_of(post)));
    put("attributedTo", json!(post.author.uri));
    put("to", json!(to));
    put("cc", json!(cc));
    put("content", json!(post.content));
    put("published", json!(post.published_at.to_rfc3339()));
    put("url", json!(post.url));
    put("sensitive", json!(post.sensitive));
    put("tag", tags(post, &settings.addresses));
    if !post.media.is_empty() {
        put("attachment", media::render(&post.media, &settings.addresses));
    }
    if let Some(poll) = &post.poll {
        question(poll, &mut put);
    }
    put("audienceRing", json!(post.audience.word()));
    put("marking", json!(post.marking_name));
    put("replies", json!(format!("{}/replies", post.uri)));
    put("source", json!({ "content": post.source, "mediaType": "text/markdown" }));
    if let Some(group) = &post.group {
        put("audience", json!(group.actor.uri));
    }
    if post.announcement {
        put("announcement", json!(true));
    }
    if post.question {
        put("question", json!(true));
    }
    if let Some(parent) = &post.in_reply_to {
        put("inReplyTo", json!(parent));
    }
    // Who answers in a thread whose whole is not told leaves that to who began it.
    if let Some(context) = &post.thread {
        put("context", json!(context));
    } else if post.in_reply_to.is_none() {
        put("context", json!(format!("{}/context", post.uri)));
    }
    for (name, text) in summary(post) {
        put(name, json!(text));
    }
    if !post.title.is_empty() {
        put("name", json!(post.title));
    }
    if !post.handling.is_empty() {
        put("handling", json!(post.handling));
    }
    if !post.language.is_empty() {
        put("contentMap", json!({ post.language.clone(): post.content }));
    }
    if let Some(edited) = post.edited_at {
        put("updated", json!(edited.to_rfc3339()));
    }
    Value::Object(note)
}

const fn type_of(post: &OutgoingPost) -> &'static str {
    match post.kind {
        PostKind::Article => "Article",
        PostKind::Question => "Question",
        PostKind::Note | PostKind::Boost => "Note",
    }
}

/// A content warning stands in `summary`. An article without one has its extract there, for who shows no more than that
/// and a link; so an article says in a term of ours that it has one.
fn summary(post: &OutgoingPost) -> Vec<(&'static str, String)> {
    let warned = !post.summary.is_empty();
    match post.kind {
        PostKind::Article if warned => {
            vec![("summary", post.summary.clone()), ("contentWarning", post.summary.clone())]
        }
        PostKind::Article => {
            let plain = text::clean_line(&text::plain_text(&post.content));
            vec![("summary", text::excerpt(&plain, limits::EXTRACT_CHARS))]
        }
        _ if warned => vec![("summary", post.summary.clone())],
        _ => Vec::new(),
    }
}

/// What a Question asks, as Mastodon writes it.
fn question(poll: &OutgoingPoll, put: &mut impl FnMut(&str, Value)) {
    let options = poll.options.iter().map(|(name, votes)| {
        let replies = match votes {
            Some(votes) => json!({ "type": "Collection", "totalItems": votes }),
            None => json!({ "type": "Collection" }),
        };
        json!({ "type": "Note", "name": name, "replies": replies })
    });
    put(if poll.multiple { "anyOf" } else { "oneOf" }, Value::Array(options.collect()));
    put("votersCount", json!(poll.voters));
    let Some(ends_at) = poll.ends_at else { return };
    put("endTime", json!(ends_at.to_rfc3339()));
    if poll.ended {
        put("closed", json!(ends_at.to_rfc3339()));
    }
}

fn tags(post: &OutgoingPost, addresses: &Addresses) -> Value {
    let mentions =
        post.mentions.iter().map(|person| json!({ "type": "Mention", "href": person.uri, "name": person.handle }));
    let hashtags = post.tags.iter().map(|tag| {
        json!({ "type": "Hashtag", "href": addresses.staff_url(&format!("/tags/{tag}")), "name": format!("#{tag}") })
    });
    Value::Array(mentions.chain(hashtags).collect())
}

/// What stands where a deleted post stood.
#[must_use]
pub fn tombstone(post: &OutgoingPost) -> Value {
    let mut tombstone = json!({ "id": post.uri, "type": "Tombstone", "formerType": type_of(post) });
    if let (Some(at), Value::Object(fields)) = (post.deleted_at, &mut tombstone) {
        fields.insert("deleted".to_owned(), json!(at.to_rfc3339()));
    }
    tombstone
}
