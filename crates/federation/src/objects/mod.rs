//! Wire types of objects: how posts and people are written down for peers, and how theirs are read.

mod event;
mod media;
pub mod multibase;
pub mod note;
pub mod person;
pub mod read;

use serde_json::{Value, json};

/// Everyone, in ActivityStreams. Here it means the network: nobody outside the allow-list can fetch or receive anything.
pub const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

/// What Corridor's own terms expand to. Others ignore them safely.
pub const NAMESPACE: &str = "https://corridor.example/ns#";

/// The JSON-LD context of everything that goes out. Nothing in it needs to be fetched by a reader that knows the
/// two well-known contexts.
#[must_use]
pub fn context() -> Value {
    json!(["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1", terms()])
}

/// The terms beside the well-known contexts: ours, and those of others that we use.
#[must_use]
pub fn terms() -> Value {
    let mut terms = of_others();
    if let (Value::Object(terms), Value::Object(ours)) = (&mut terms, ours()) {
        terms.extend(ours);
    }
    terms
}

fn ours() -> Value {
    json!({
        "corridor": NAMESPACE,
        "audienceRing": "corridor:audienceRing",
        "marking": "corridor:marking",
        "handling": "corridor:handling",
        "roleTitle": "corridor:roleTitle",
        "asksReceipt": "corridor:asksReceipt",
        "groupKind": "corridor:groupKind",
        "door": "corridor:door",
        "archived": "corridor:archived",
        "announcement": "corridor:announcement",
        "question": "corridor:question",
        "contentWarning": "corridor:contentWarning"
    })
}

fn of_others() -> Value {
    json!({
        "lemmy": "https://join-lemmy.org/ns#",
        "postingRestrictedToMods": "lemmy:postingRestrictedToMods",
        "proof": { "@id": "https://w3id.org/security#proof", "@type": "@id", "@container": "@graph" },
        "toot": "http://joinmastodon.org/ns#",
        "votersCount": "toot:votersCount",
        "discoverable": "toot:discoverable",
        "indexable": "toot:indexable",
        "featured": { "@id": "toot:featured", "@type": "@id" },
        "schema": "http://schema.org#",
        "PropertyValue": "schema:PropertyValue",
        "value": "schema:value",
        "Hashtag": "as:Hashtag",
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "sensitive": "as:sensitive",
        "blurhash": "toot:blurhash",
        "focalPoint": { "@id": "toot:focalPoint", "@container": "@list" },
        "Multikey": "https://w3id.org/security#Multikey",
        "assertionMethod": { "@id": "https://w3id.org/security#assertionMethod", "@type": "@id", "@container": "@set" },
        "expires": { "@id": "https://w3id.org/security#expiration", "@type": "http://www.w3.org/2001/XMLSchema#dateTime" },
        "publicKeyMultibase": "https://w3id.org/security#publicKeyMultibase",
        "suspended": "toot:suspended",
        "controller": { "@id": "https://w3id.org/security#controller", "@type": "@id" },
        "DataIntegrityProof": "https://w3id.org/security#DataIntegrityProof",
        "cryptosuite": "https://w3id.org/security#cryptosuite",
        "proofPurpose": { "@id": "https://w3id.org/security#proofPurpose", "@type": "@vocab" },
        "proofValue": "https://w3id.org/security#proofValue",
        "verificationMethod": { "@id": "https://w3id.org/security#verificationMethod", "@type": "@id" },
        "implements": { "@id": "https://w3id.org/fep/844e#implements", "@type": "@id", "@container": "@set" }
    })
}

/// A document with the context in front.
#[must_use]
pub fn with_context(document: Value) -> Value {
    let mut whole = serde_json::Map::new();
    whole.insert("@context".to_owned(), context());
    if let Value::Object(fields) = document {
        whole.extend(fields);
    }
    Value::Object(whole)
}
