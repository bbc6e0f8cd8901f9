//! Registries: what is read is what was signed, and no other program could read it otherwise.

use std::collections::BTreeSet;
use std::time::Duration;

use corridor_domain::Timestamp;
use corridor_domain::registry::{self, Draft, DraftNode, MAX_NODES, Signer};
use serde_json::{Value, json};

use super::{Target, gist, hold};
use crate::chance::Chance;
use crate::{corpus, mutate};

/// The reader of registries and of signers.
pub struct Registries;

const NAMES: [&str; 22] = [
    "document",
    "signatures",
    "format",
    "registry",
    "sequence",
    "issued_at",
    "valid_from",
    "valid_until",
    "nodes",
    "authority",
    "account_domain",
    "department",
    "keys",
    "contact",
    "ceiling",
    "services",
    "signer",
    "signature",
    "urgent",
    "",
    "a",
    "\u{65}xtra",
];

const WORDS: [&str; 34] = [
    "corridor-registry-1",
    "corridor-registry-2",
    "network.example",
    "a.example",
    "A.example",
    "a.example:443",
    "a.example:8443",
    "a.example.",
    "127.0.0.1",
    "posts",
    "media",
    "groups",
    "moves",
    "OFFICIAL",
    "OFFICIAL-SENSITIVE",
    "2026-11-23T10:30:00Z",
    "2026-11-23T10:30:00+00:00",
    "2026-11-23T10:30:00.5Z",
    "9999-12-31T23:59:59Z",
    "0000-01-01T00:00:00Z",
    "2026-02-30T00:00:00Z",
    "7",
    "0",
    "-1",
    "7.0",
    "9007199254740992",
    "1e2",
    "\\u0000",
    "\n",
    "\u{202e}",
    ",",
    "}",
    "\"sequence\":8,",
    "ada",
];

impl Target for Registries {
    fn name(&self) -> &'static str {
        "registry"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let mut seeds = corpus::of("registry");
        for hosts in [&[][..], &["a.example"], &["a.example", "b.example:8443", "xn--bro-hoa.example"]] {
            seeds.push(written(hosts).to_string().into_bytes());
        }
        seeds
    }

    fn change(&self, chance: &mut Chance, pool: &[Vec<u8>]) -> Vec<u8> {
        mutate::document(chance, pool, &NAMES, &WORDS)
    }

    fn check(&self, input: &[u8]) -> Result<String, String> {
        if let Ok(signer) = String::from_utf8_lossy(input).parse::<Signer>() {
            let again = signer.to_string().parse::<Signer>();
            hold(again.as_ref() == Ok(&signer), || format!("{signer} is read again as {again:?}"))?;
        }
        let signed = match registry::parse(input) {
            Ok(signed) => signed,
            Err(error) => return Ok(gist(&error)),
        };
        let plain = serde_json::from_slice::<Value>(input).map_err(|error| error.to_string())?;
        let document = plain.get("document").ok_or("there is no document in it")?;
        let (read, sent) = (registry::canonical(&signed.document), registry::canonical(document));
        // A signature is of bytes: those of what was sent must be those of what was understood.
        hold(read.is_ok() && read == sent, || format!("what was read is not what was sent: {read:?} and {sent:?}"))?;
        let again = registry::parse(json!(signed).to_string().as_bytes());
        hold(again.as_ref() == Ok(&signed), || format!("written and read again it is {again:?}"))?;
        let nodes = &signed.document.nodes;
        let hosts: BTreeSet<_> = nodes.iter().map(|node| node.authority.as_str()).collect();
        hold(nodes.len() <= MAX_NODES && hosts.len() == nodes.len(), || "a host stands twice".to_owned())?;
        hold(nodes.iter().all(|node| node.valid_from <= node.valid_until), || "it ends before it begins".to_owned())?;
        let verdict = registry::verify(&signed, &[], |_, _, _| true).map_err(|error| error.to_string())?;
        hold(!verdict.is_enough(), || "nobody's signatures are enough".to_owned())?;
        Ok(format!("read {} {}", nodes.len().min(4), signed.signatures.len().min(3)))
    }
}

fn written(hosts: &[&str]) -> Value {
    let nodes = hosts.iter().map(|host| DraftNode {
        authority: (*host).to_owned(),
        account_domain: None,
        department: "Transport".to_owned(),
        keys: Vec::new(),
        contact: "desk".to_owned(),
        ceiling: "OFFICIAL".to_owned(),
        services: None,
        valid_from: None,
        valid_until: None,
    });
    let draft = Draft { registry: Some("network.example".to_owned()), nodes: nodes.collect(), ..Draft::default() };
    let now = Timestamp::from_millis(1_795_430_096_000);
    let document = draft.into_document(now, 7, Duration::from_secs(86_400)).expect("the draft is whole");
    let signature = |name: &str| json!({ "signer": name, "signature": "A".repeat(86) });
    json!({ "document": document, "signatures": [signature("ada"), signature("ben")] })
}
