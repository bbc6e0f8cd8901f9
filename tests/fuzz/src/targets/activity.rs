//! Activities and objects: read strictly, and nothing believed that is not there.

use corridor_federation::objects::read;
use corridor_federation::{Limits, strict};
use serde_json::Value;

use super::{Target, gist, hold};
use crate::chance::Chance;
use crate::{corpus, mutate};

/// The strict JSON reader, and the readers of posts, people, ids and moments.
pub struct Activities;

const NAMES: [&str; 44] = [
    "@context",
    "id",
    "type",
    "actor",
    "object",
    "target",
    "to",
    "cc",
    "audience",
    "attributedTo",
    "content",
    "contentMap",
    "name",
    "nameMap",
    "summary",
    "source",
    "url",
    "href",
    "attachment",
    "tag",
    "inReplyTo",
    "published",
    "updated",
    "endTime",
    "oneOf",
    "anyOf",
    "replies",
    "publicKey",
    "publicKeyPem",
    "owner",
    "assertionMethod",
    "publicKeyMultibase",
    "endpoints",
    "sharedInbox",
    "preferredUsername",
    "inbox",
    "outbox",
    "mediaType",
    "focalPoint",
    "width",
    "sensitive",
    "generator",
    "implements",
    "marking",
];

const WORDS: [&str; 40] = [
    "Note",
    "Article",
    "Page",
    "Question",
    "Video",
    "Event",
    "Person",
    "Group",
    "Service",
    "Application",
    "Tombstone",
    "Create",
    "Announce",
    "Mention",
    "Hashtag",
    "Image",
    "Document",
    "Link",
    "PropertyValue",
    "Multikey",
    "as:Public",
    "https://www.w3.org/ns/activitystreams#Public",
    "https://there.example/users/ann",
    "https://there.example/notes/1",
    "javascript:alert(1)",
    "http://",
    "//evil",
    "2026-01-05T10:00:00Z",
    "9999-12-31T23:59:60Z",
    "-0001-01-01T00:00:00Z",
    "<p>x</p>",
    "\u{0}",
    "\u{202e}",
    "image/png",
    "z6Mk",
    "-----BEGIN PUBLIC KEY-----",
    "\"",
    "{",
    "]",
    "\\u0061",
];

impl Target for Activities {
    fn name(&self) -> &'static str {
        "activity"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        [corpus::of("activity"), corpus::fixtures()].concat()
    }

    fn change(&self, chance: &mut Chance, pool: &[Vec<u8>]) -> Vec<u8> {
        mutate::document(chance, pool, &NAMES, &WORDS)
    }

    fn check(&self, input: &[u8]) -> Result<String, String> {
        let depth = Limits::default().json_depth;
        let value = match strict::parse(input, depth) {
            Ok(value) => value,
            Err(error) => return Ok(gist(&error)),
        };
        let plain = serde_json::from_slice::<Value>(input).map_err(|error| format!("only we read it: {error}"))?;
        hold(plain == value, || "another reader reads something else".to_owned())?;
        hold(deep(&value) <= depth, || "it is nested too deeply".to_owned())?;
        let mut behaviour = document(&value)?;
        if let Some(object) = value.get("object") {
            behaviour.push_str(&document(object)?);
            if let Some(inner) = object.get("object") {
                behaviour.push_str(&document(inner)?);
            }
        }
        Ok(behaviour)
    }
}

fn deep(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(deep).max().unwrap_or(0),
        Value::Object(map) => 1 + map.values().map(deep).max().unwrap_or(0),
        _ => 0,
    }
}

fn document(value: &Value) -> Result<String, String> {
    for name in ["to", "cc", "object", "tag", "audience"] {
        let ids = read::ids(value, name);
        hold(ids.len() <= 200, || format!("{} ids of “{name}”", ids.len()))?;
    }
    let mut behaviour = format!("{} ", read::text(value, "type").unwrap_or("-").chars().take(12).collect::<String>());
    behaviour.push_str(&post(value)?);
    behaviour.push_str(&person(value)?);
    Ok(behaviour)
}

fn post(value: &Value) -> Result<String, String> {
    let post = match read::post(value) {
        Ok(post) => post,
        Err(read::Unreadable::Type(_)) => return Ok(String::new()),
        Err(error) => return Ok(gist(&error)),
    };
    hold(value.get("id").and_then(Value::as_str) == Some(&post.uri), || "a post has another id".to_owned())?;
    // What is attributed to a group names its writer as its actor.
    let named = |field: &str| value.get(field).map(Value::to_string).unwrap_or_default();
    let written = Value::String(post.author_uri.clone()).to_string();
    let is_named =
        named("attributedTo").contains(&written) || (post.group.is_some() && named("actor").contains(&written));
    hold(is_named, || "an author that is not there".to_owned())?;
    for url in post.media.iter().map(|media| &media.url).chain(&post.url) {
        let web = url.starts_with("https://") || url.starts_with("http://");
        hold(web, || format!("{url} is taken as an address"))?;
    }
    let counts = [post.media.len(), post.tags.len(), post.mentions.len(), post.addressed.len() / 2];
    hold(counts.iter().all(|count| *count <= 200), || format!("too many of something: {counts:?}"))?;
    Ok(format!(
        "post {:?} {} {} {} {}",
        post.kind,
        counts.map(|count| count.min(2).to_string()).concat(),
        post.content.is_empty(),
        post.published.is_some(),
        post.language.is_empty()
    ))
}

fn person(value: &Value) -> Result<String, String> {
    let person = match read::person(value) {
        Ok(person) => person,
        Err(read::Unreadable::Type(_)) => return Ok(String::new()),
        Err(error) => return Ok(gist(&error)),
    };
    hold(!person.username.is_empty() && !person.inbox.is_empty(), || "a person without a name or inbox".to_owned())?;
    let text = value.to_string();
    let owner = Value::String(person.uri.clone()).to_string();
    hold(person.keys.is_empty() || text.matches(&owner).count() > 1, || "a key of another owner".to_owned())?;
    Ok(format!("person {:?} {} {}", person.kind, person.keys.len().min(3), person.fields.len().min(3)))
}
