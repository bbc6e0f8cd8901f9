//! Reading what others write: one value or many, a link or an object, a language map or a text; and nothing believed
//! that is of the wrong kind.

use activitypub_federation::protocol::helpers::deserialize_one_or_many;
use corridor_app::PostKind;
use corridor_app::ProfileField;
use corridor_app::inbound::{IncomingGroup, IncomingMedia, IncomingPerson, IncomingPoll, IncomingPost};
use corridor_domain::{ActorKind, Timestamp};
use corridor_store::keys::{KeyAlgorithm, NewKey};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

use super::{event, media, multibase};

/// Longest list that is read of a document.
const MANY: usize = 200;

/// Why a document is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// A field is missing or of the wrong kind.
    #[error("“{0}” is missing or not of the right kind")]
    Field(&'static str),
    /// The type is none that is expected here.
    #[error("“{0}” is not a type that is understood here")]
    Type(String),
}

#[derive(Deserialize)]
struct Ids(#[serde(deserialize_with = "deserialize_one_or_many")] Vec<Url>);

/// A text field; `None` when it is missing or something else.
#[must_use]
pub fn text<'a>(document: &'a Value, name: &str) -> Option<&'a str> {
    document.get(name).and_then(Value::as_str)
}

/// The id that a field names, as a text or as an object with an id.
#[must_use]
pub fn id_of<'a>(document: &'a Value, name: &str) -> Option<&'a str> {
    id(document.get(name)?)
}

/// The id of a value: itself, or its `id`.
#[must_use]
pub fn id(value: &Value) -> Option<&str> {
    value.as_str().or_else(|| text(value, "id"))
}

/// The ids that a field names, one or many.
#[must_use]
pub fn ids(document: &Value, name: &str) -> Vec<String> {
    let Some(value) = document.get(name) else { return Vec::new() };
    if let Ok(Ids(urls)) = serde_json::from_value::<Ids>(value.clone()) {
        return urls.into_iter().take(MANY).map(String::from).collect();
    }
    // Some write `as:Public`, which is no URL, and some put objects among the ids.
    let many = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
    many.into_iter().filter_map(id).take(MANY).map(public).map(str::to_owned).collect()
}

fn public(id: &str) -> &str {
    if matches!(id, "as:Public" | "Public") { super::PUBLIC } else { id }
}

/// A moment; `None` when it is missing or wild.
#[must_use]
pub fn moment(document: &Value, name: &str) -> Option<Timestamp> {
    text(document, name).and_then(Timestamp::parse_rfc3339)
}

/// A switch; off when it is missing or something else.
#[must_use]
pub fn flag(document: &Value, name: &str) -> bool {
    document.get(name).and_then(Value::as_bool).unwrap_or(false)
}

/// The first `https` or `http` link of a `url` field, which may be a text, a Link, or a list of either.
pub(super) fn page(document: &Value) -> Option<String> {
    let value = document.get("url")?;
    let many = value.as_array().map_or_else(|| vec![value], |items| items.iter().collect());
    many.into_iter()
        .filter_map(|one| one.as_str().or_else(|| text(one, "href")))
        .find(|url| url.starts_with("https://") || url.starts_with("http://"))
        .map(str::to_owned)
}

fn required(document: &Value, name: &'static str) -> Result<String, Unreadable> {
    text(document, name).filter(|text| !text.is_empty()).map(str::to_owned).ok_or(Unreadable::Field(name))
}

fn items<'a>(document: &'a Value, name: &str) -> Vec<&'a Value> {
    match document.get(name) {
        Some(Value::Array(items)) => items.iter().take(MANY).collect(),
        Some(Value::Null) | None => Vec::new(),
        Some(one) => vec![one],
    }
}

/// The first picture of a field.
fn picture(document: &Value, name: &str) -> Option<IncomingMedia> {
    let images = items(document, name).into_iter().filter(|one| text(one, "type") == Some("Image"));
    images.filter_map(media::read).next()
}

/// Reads a Person, Group, Service, Application or Organization.
///
/// # Errors
/// When it is something else, or lacks what an actor must have.
pub fn person(document: &Value) -> Result<IncomingPerson, Unreadable> {
    let kind = match text(document, "type").unwrap_or_default() {
        "Person" => ActorKind::Person,
        "Group" => ActorKind::Group,
        "Service" | "Application" | "Organization" => ActorKind::Service,
        other => return Err(Unreadable::Type(other.chars().take(40).collect())),
    };
    let owned = |name: &str| id_of(document, name).map(str::to_owned);
    Ok(IncomingPerson {
        uri: required(document, "id")?,
        kind,
        username: required(document, "preferredUsername")?,
        display_name: text(document, "name").unwrap_or_default().to_owned(),
        summary: text(document, "summary").unwrap_or_default().to_owned(),
        url: page(document),
        inbox: required(document, "inbox")?,
        shared_inbox: document.get("endpoints").and_then(|ends| text(ends, "sharedInbox")).map(str::to_owned),
        outbox: owned("outbox"),
        followers: owned("followers"),
        following: owned("following"),
        featured: owned("featured"),
        group: (kind == ActorKind::Group).then(|| IncomingGroup {
            kind: text(document, "groupKind").map(str::to_owned),
            door: text(document, "door").map(str::to_owned),
            marking: text(document, "marking").map(str::to_owned),
            archived: flag(document, "archived"),
        }),
        locked: flag(document, "manuallyApprovesFollowers"),
        discoverable: flag(document, "discoverable"),
        indexable: flag(document, "indexable"),
        fields: fields(document),
        role_title: text(document, "roleTitle").unwrap_or_default().to_owned(),
        bot: text(document, "type") == Some("Service"),
        avatar: picture(document, "icon"),
        header: picture(document, "image"),
        published: moment(document, "published"),
        updated: moment(document, "updated"),
        keys: keys(document),
    })
}

fn fields(document: &Value) -> Vec<ProfileField> {
    items(document, "attachment")
        .into_iter()
        .filter(|item| text(item, "type") == Some("PropertyValue"))
        .filter_map(|item| {
            Some(ProfileField { name: text(item, "name")?.to_owned(), value: text(item, "value")?.to_owned() })
        })
        .collect()
}

/// The keys that belong to the actor itself: one that names another owner is not its key.
#[must_use]
pub fn keys(document: &Value) -> Vec<NewKey> {
    let owner = text(document, "id").unwrap_or_default();
    let rsa = items(document, "publicKey").into_iter().filter_map(|key| {
        let own = id_of(key, "owner").or_else(|| id_of(key, "controller")) == Some(owner);
        let uri = text(key, "id")?.to_owned();
        let public_pem = text(key, "publicKeyPem")?.to_owned();
        own.then_some(NewKey { uri, algorithm: KeyAlgorithm::Rsa, public_pem, valid_until: moment(key, "expires") })
    });
    let multikeys = items(document, "assertionMethod").into_iter().filter_map(|key| {
        let own = id_of(key, "controller") == Some(owner) && text(key, "type") == Some("Multikey");
        let uri = text(key, "id")?.to_owned();
        let (algorithm, public_pem) = multibase::to_pem(text(key, "publicKeyMultibase")?)?;
        own.then_some(NewKey { uri, algorithm, public_pem, valid_until: moment(key, "expires") })
    });
    rsa.chain(multikeys).collect()
}

/// Whether an actor says that its node understands RFC 9421 (FEP-844e).
#[must_use]
pub fn understands_rfc9421(document: &Value) -> bool {
    let Some(generator) = document.get("generator") else { return false };
    items(generator, "implements")
        .into_iter()
        .filter_map(|one| one.as_str().or_else(|| text(one, "href")))
        .any(|href| href.starts_with("https://datatracker.ietf.org/doc/html/rfc9421"))
}

/// Reads a Note, Article, Page or Question, and what can be shown as an article: Audio, Event, Image and Video.
///
/// # Errors
/// When it is something else, or lacks what a post must have.
pub fn post(document: &Value) -> Result<IncomingPost, Unreadable> {
    let word = text(document, "type").unwrap_or_default();
    let kind = match word {
        "Note" => PostKind::Note,
        "Article" | "Page" | "Audio" | "Event" | "Image" | "Video" => PostKind::Article,
        "Question" => PostKind::Question,
        other => return Err(Unreadable::Type(other.chars().take(40).collect())),
    };
    let (content, language) = content(document);
    let content = match word {
        "Event" => event::facts(document) + &content,
        "Page" => content + &links(document),
        _ => content,
    };
    let (summary, teaser) = summary(document, kind);
    let addressed = ids(document, "to").into_iter().chain(ids(document, "cc")).collect();
    let tags = items(document, "tag");
    let owners = owners(document, kind);
    let of_type = |kind: &'static str| tags.iter().filter(move |tag| text(tag, "type") == Some(kind));
    Ok(IncomingPost {
        uri: required(document, "id")?,
        url: page(document),
        author_uri: owners.0.ok_or(Unreadable::Field("attributedTo"))?,
        kind,
        addressed,
        audience: text(document, "audienceRing").map(str::to_owned),
        group: id_of(document, "audience").map(str::to_owned).or(owners.1),
        announcement: flag(document, "announcement"),
        question: flag(document, "question"),
        marking: text(document, "marking").map(str::to_owned),
        handling: text(document, "handling").unwrap_or_default().to_owned(),
        in_reply_to: id_of(document, "inReplyTo").map(str::to_owned),
        context: id_of(document, "context").filter(|uri| uri.starts_with("http")).map(str::to_owned),
        title: text(document, "name").unwrap_or_default().to_owned(),
        content,
        summary,
        teaser,
        is_elsewhere: kind == PostKind::Article && word != "Article",
        sensitive: flag(document, "sensitive"),
        language,
        published: moment(document, "published"),
        updated: moment(document, "updated"),
        mentions: of_type("Mention").filter_map(|tag| id_of(tag, "href")).map(str::to_owned).collect(),
        tags: of_type("Hashtag").filter_map(|tag| text(tag, "name")).map(str::to_owned).collect(),
        media: items(document, "attachment").into_iter().filter_map(media::read).collect(),
        poll: (kind == PostKind::Question).then(|| poll(document)),
    })
}

/// The content warning, and what stands for the whole: the summary of an article is a warning only where it says so.
fn summary(document: &Value, kind: PostKind) -> (String, String) {
    let summary = text(document, "summary").unwrap_or_default().to_owned();
    if kind != PostKind::Article {
        return (summary, String::new());
    }
    let warning = text(document, "contentWarning").unwrap_or_default();
    let warning = if warning.is_empty() && flag(document, "sensitive") { summary.clone() } else { warning.to_owned() };
    (warning, summary)
}

/// Who wrote it, and the group that it is attributed to in their place: an event or article of a group names its writer as
/// `actor` (Mobilizon).
fn owners(document: &Value, kind: PostKind) -> (Option<String>, Option<String>) {
    let attributed = author(document);
    match id_of(document, "actor").filter(|_| kind == PostKind::Article) {
        Some(actor) if attributed.as_deref().is_some_and(|other| other != actor) => {
            (Some(actor.to_owned()), attributed)
        }
        _ => (attributed, None),
    }
}

/// Who it is attributed to. A film is often attributed to a person and to the channel that shows it.
fn author(document: &Value) -> Option<String> {
    single(document, "attributedTo").or_else(|| {
        let mut people = items(document, "attributedTo").into_iter().filter(|one| text(one, "type") == Some("Person"));
        let person = people.next().and_then(id).map(str::to_owned);
        person.filter(|_| people.next().is_none())
    })
}

/// What a Question asks. A count that is no whole number is none.
fn poll(document: &Value) -> IncomingPoll {
    let several = items(document, "anyOf");
    let multiple = !several.is_empty();
    let options = if multiple { several } else { items(document, "oneOf") };
    let option = |option: &Value| {
        let votes = option.get("replies").and_then(|replies| replies.get("totalItems")).and_then(Value::as_i64);
        (text(option, "name").unwrap_or_default().to_owned(), votes)
    };
    IncomingPoll {
        multiple,
        options: options.into_iter().map(option).collect(),
        voters: document.get("votersCount").and_then(Value::as_i64),
        ends_at: moment(document, "endTime"),
        closed_at: moment(document, "closed"),
        is_closed: flag(document, "closed"),
    }
}

/// A field that names exactly one: two authors are nobody's word.
fn single(document: &Value, name: &str) -> Option<String> {
    match document.get(name)? {
        Value::Array(items) if items.len() == 1 => items.first().and_then(id).map(str::to_owned),
        Value::Array(_) => None,
        one => id(one).map(str::to_owned),
    }
}

/// The text and its language, which a language map of one entry tells.
fn content(document: &Value) -> (String, String) {
    let map = document.get("contentMap").and_then(Value::as_object);
    let only = map.filter(|map| map.len() == 1).and_then(|map| map.iter().next());
    let language = only.map(|(language, _)| language.clone()).unwrap_or_default();
    let plain = text(document, "content").map(str::to_owned);
    let mapped = only.and_then(|(_, text)| text.as_str()).map(str::to_owned);
    let content = plain.or(mapped).unwrap_or_default();
    let is_html = matches!(text(document, "mediaType"), None | Some("text/html"));
    (if is_html { content } else { paragraphs(&content) }, language)
}

/// What a Page is about lies elsewhere: the links that it has attached (Lemmy), as HTML.
fn links(document: &Value) -> String {
    let links = items(document, "attachment").into_iter().filter(|one| text(one, "type") == Some("Link"));
    let hrefs = links.filter_map(|one| text(one, "href")).filter(|href| href.starts_with("http"));
    let escaped = |href: &str| escaped(href).replace('"', "&quot;");
    hrefs.map(escaped).map(|href| format!("<p><a href=\"{href}\">{href}</a></p>")).collect()
}

pub(crate) fn escaped(plain: &str) -> String {
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Text that is no HTML, such as the Markdown of a film's description, as HTML.
fn paragraphs(plain: &str) -> String {
    let escaped = escaped(plain);
    let parts = escaped.split("\n\n").map(str::trim).filter(|part| !part.is_empty());
    parts.map(|part| format!("<p>{}</p>", part.replace('\n', "<br>"))).collect()
}
