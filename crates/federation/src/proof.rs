//! Integrity proofs (FEP-8b32, cryptosuite `eddsa-jcs-2022`): an activity that others hand on shows whose it is.

use corridor_domain::Timestamp;
use corridor_domain::registry::canonical_with_fractions;
use corridor_store::keys::{Key, KeyAlgorithm};
use openssl::pkey::PKey;
use openssl::sha::sha256;
use openssl::sign::{Signer, Verifier};
use serde_json::{Value, json};

use crate::objects::{multibase, read};

const SUITE: &str = "eddsa-jcs-2022";

/// Signs an activity with its actor's Ed25519 key; left as it is when the key can't sign, or it has no canonical form.
pub(crate) fn attach(activity: &mut Value, key: &Key, now: Timestamp) {
    let mut proof = json!({
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "verificationMethod": key.uri,
        "proofPurpose": "assertionMethod",
        "created": now.to_rfc3339(),
    });
    let Some(signature) = sign(activity, &proof, key) else { return };
    if let (Value::Object(proof), Value::Object(fields)) = (&mut proof, activity) {
        proof.insert("proofValue".to_owned(), json!(multibase::from_bytes(&signature)));
        fields.insert("proof".to_owned(), Value::Object(proof.clone()));
    }
}

fn sign(activity: &Value, proof: &Value, key: &Key) -> Option<Vec<u8>> {
    if key.algorithm != KeyAlgorithm::Ed25519 {
        return None;
    }
    let private = PKey::private_key_from_pem(key.private_pem.as_deref()?.as_bytes()).ok()?;
    let mut signer = Signer::new_without_digest(&private).ok()?;
    signer.sign_oneshot_to_vec(&signed_bytes(activity, proof)?).ok()
}

/// What is signed: the hash of the proof without its value, then that of the activity without its proof.
fn signed_bytes(activity: &Value, proof: &Value) -> Option<Vec<u8>> {
    let (mut bare, mut options) = (activity.clone(), proof.clone());
    bare.as_object_mut()?.remove("proof");
    let options_fields = options.as_object_mut()?;
    options_fields.remove("proofValue");
    // The proof is read under the context of what it proves.
    if let Some(context) = bare.get("@context") {
        options_fields.insert("@context".to_owned(), context.clone());
    }
    let hash = |value: &Value| Some(sha256(&canonical_with_fractions(value).ok()?));
    Some([hash(&options)?, hash(&bare)?].concat())
}

/// The URI of the key that an activity says to be signed with.
pub(crate) fn key_uri(activity: &Value) -> Option<&str> {
    let proof = activity.get("proof")?;
    let is_known = read::text(proof, "type") == Some("DataIntegrityProof")
        && read::text(proof, "cryptosuite") == Some(SUITE)
        && read::text(proof, "proofPurpose") == Some("assertionMethod");
    read::text(proof, "verificationMethod").filter(|_| is_known)
}

/// Whether an activity was signed with this key.
pub(crate) fn holds(activity: &Value, key: &Key) -> bool {
    let verified = || {
        let proof = activity.get("proof")?;
        let signature = multibase::to_bytes(read::text(proof, "proofValue")?)?;
        let public = PKey::public_key_from_pem(key.public_pem.as_bytes()).ok()?;
        let mut verifier = Verifier::new_without_digest(&public).ok()?;
        verifier.verify_oneshot(&signature, &signed_bytes(activity, proof)?).ok()
    };
    key.algorithm == KeyAlgorithm::Ed25519 && key_uri(activity) == Some(key.uri.as_str()) && verified() == Some(true)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
    use corridor_domain::{ActorId, KeyId};

    use super::*;

    fn key() -> Key {
        let pair = PKey::generate_ed25519().unwrap();
        let text = |pem: Vec<u8>| String::from_utf8(pem).unwrap();
        Key {
            id: KeyId::new(1),
            actor: ActorId::new(1),
            uri: "https://a.gov/actors/1#ed25519-key".to_owned(),
            algorithm: KeyAlgorithm::Ed25519,
            public_pem: text(pair.public_key_to_pem().unwrap()),
            private_pem: Some(text(pair.private_key_to_pem_pkcs8().unwrap())),
            valid_from: Timestamp::from_millis(0),
            valid_until: None,
            fetched_at: Timestamp::from_millis(0),
            pinned: false,
        }
    }

    fn activity() -> Value {
        json!({
            "@context": ["https://www.w3.org/ns/activitystreams"],
            "id": "https://a.gov/activities/1",
            "type": "Create",
            "actor": "https://a.gov/actors/1",
            "object": { "id": "https://a.gov/posts/1", "content": "é \u{1f600}", "focalPoint": [0.25, -0.5], "n": 3 },
        })
    }

    #[test]
    fn a_proof_holds_for_what_was_signed_and_for_nothing_else() {
        let (key, mut signed) = (key(), activity());
        attach(&mut signed, &key, Timestamp::from_millis(1_000));
        assert_eq!(key_uri(&signed), Some(key.uri.as_str()));
        // As it comes out of the wire: written, and read again.
        let again: Value = serde_json::from_str(&signed.to_string()).unwrap();
        assert!(holds(&again, &key));
        let mut changed = again.clone();
        changed["object"]["content"] = json!("something else");
        assert!(!holds(&changed, &key));
        let mut dated = again.clone();
        dated["proof"]["created"] = json!("2030-01-01T00:00:00Z");
        assert!(!holds(&dated, &key));
        let other = Key { public_pem: self::key().public_pem, ..key.clone() };
        assert!(!holds(&again, &other));
        let mut unsigned = again;
        unsigned["proof"]["proofValue"] = json!("z1111");
        assert!(!holds(&unsigned, &key));
        assert!(!holds(&activity(), &key));
    }
}
