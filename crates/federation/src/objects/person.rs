//! Actors on the wire: Person, Group, Service and the node's own Application.

use activitypub_federation::protocol::public_key::PublicKey;
use corridor_app::outgoing::{OutgoingActor, OutgoingPicture, PublicKeyView};
use corridor_domain::ActorKind;
use corridor_store::keys::KeyAlgorithm;
use serde_json::{Map, Value, json};
use url::Url;

use super::multibase;

/// FEP-844e: what this software understands beyond what everyone does.
const IMPLEMENTS: [(&str, &str); 2] = [
    ("https://datatracker.ietf.org/doc/html/rfc9421", "RFC-9421: HTTP Message Signatures"),
    (
        "https://datatracker.ietf.org/doc/html/rfc9421#name-eddsa-using-curve-edwards25",
        "RFC-9421 signatures using the Ed25519 algorithm",
    ),
];

/// The actor as a document without a context. A gone one is a tombstone, a suspended one shows no more than its name.
#[must_use]
pub fn render(actor: &OutgoingActor) -> Value {
    if actor.deleted {
        return json!({ "id": actor.uri, "type": "Tombstone", "formerType": kind(actor) });
    }
    let mut document = Map::new();
    let mut put = |name: &str, value: Value| {
        document.insert(name.to_owned(), value);
    };
    put("id", json!(actor.uri));
    put("type", json!(kind(actor)));
    put("preferredUsername", json!(actor.username));
    put("inbox", json!(actor.inbox));
    put("outbox", json!(actor.outbox));
    put("followers", json!(actor.followers));
    put("following", json!(actor.following));
    put("endpoints", json!({ "sharedInbox": actor.shared_inbox }));
    put("manuallyApprovesFollowers", json!(actor.locked));
    put("published", json!(actor.published.to_rfc3339()));
    put("updated", json!(actor.updated.to_rfc3339()));
    if let Some(key) = key_of(actor, KeyAlgorithm::Rsa).and_then(|key| public_key(actor, key)) {
        put("publicKey", json!(key));
    }
    // The one key of `publicKey` is the one that signs: many read no list there. Keys that were rotated stand here.
    let current = key_of(actor, KeyAlgorithm::Ed25519);
    let retiring = actor.keys.iter().filter(|key| key.valid_until.is_some());
    let multikeys: Vec<Value> = current.into_iter().chain(retiring).filter_map(|key| multikey(actor, key)).collect();
    if !multikeys.is_empty() {
        put("assertionMethod", json!(multikeys));
    }
    put(
        "generator",
        json!({
            "type": "Application",
            "implements": IMPLEMENTS.map(|(href, name)| json!({ "href": href, "name": name })),
        }),
    );
    put("name", json!(actor.display_name));
    put("url", json!(actor.url));
    put("discoverable", json!(actor.discoverable && !actor.suspended));
    put("indexable", json!(actor.indexable && !actor.suspended));
    if actor.suspended {
        put("suspended", json!(true));
        return Value::Object(document);
    }
    put("summary", json!(actor.summary));
    if let Some(avatar) = &actor.avatar {
        put("icon", picture(avatar));
    }
    if let Some(header) = &actor.header {
        put("image", picture(header));
    }
    if let Some(group) = &actor.group {
        put("groupKind", json!(group.kind.word()));
        put("door", json!(group.door.word()));
        put("marking", json!(group.marking_name));
        put("archived", json!(group.archived));
        put("postingRestrictedToMods", json!(group.archived));
        put("attributedTo", json!(format!("{}/moderators", actor.uri)));
    }
    if !actor.role_title.is_empty() {
        put("roleTitle", json!(actor.role_title));
    }
    if !actor.also_known_as.is_empty() {
        put("alsoKnownAs", json!(actor.also_known_as));
    }
    if let Some(moved_to) = &actor.moved_to {
        put("movedTo", json!(moved_to));
    }
    if let Some(featured) = &actor.featured {
        put("featured", json!(featured));
    }
    let fields =
        actor.fields.iter().map(|field| json!({ "type": "PropertyValue", "name": field.name, "value": field.value }));
    put("attachment", Value::Array(fields.collect()));
    Value::Object(document)
}

/// They are fetched with a signature, like those of posts.
fn picture(picture: &OutgoingPicture) -> Value {
    json!({
        "type": "Image",
        "mediaType": picture.mime,
        "url": picture.url,
        "name": Some(&picture.description).filter(|words| !words.is_empty()),
    })
}

const fn kind(actor: &OutgoingActor) -> &'static str {
    match actor.kind {
        ActorKind::Person if actor.bot => "Service",
        ActorKind::Person => "Person",
        ActorKind::Group => "Group",
        ActorKind::Service => "Application",
    }
}

fn key_of(actor: &OutgoingActor, algorithm: KeyAlgorithm) -> Option<&PublicKeyView> {
    actor.keys.iter().find(|key| key.algorithm == algorithm && key.valid_until.is_none())
}

fn public_key(actor: &OutgoingActor, key: &PublicKeyView) -> Option<PublicKey> {
    let owner = Url::parse(&actor.uri).ok()?;
    Some(PublicKey { id: key.uri.clone(), owner, public_key_pem: key.pem.clone() })
}

fn multikey(actor: &OutgoingActor, key: &PublicKeyView) -> Option<Value> {
    let written = multibase::from_pem(&key.pem)?;
    let mut document =
        json!({ "id": key.uri, "type": "Multikey", "controller": actor.uri, "publicKeyMultibase": written });
    if let (Some(until), Value::Object(fields)) = (key.valid_until, &mut document) {
        fields.insert("expires".to_owned(), json!(until.to_rfc3339()));
    }
    Some(document)
}
