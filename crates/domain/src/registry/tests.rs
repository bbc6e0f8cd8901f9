//! Registries: what is read, what is refused, who signed, and what follows for the allow-list.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::peer::Service;
use crate::{Grant, Marking, MarkingScheme, Peer, PeerId, PeerState, Services, Timestamp};

const NOW: Timestamp = Timestamp::from_millis(1_795_430_096_000);
const DAY: Duration = Duration::from_secs(86_400);

fn key(letter: char) -> String {
    letter.to_string().repeat(43)
}

fn signer(name: &str, letter: char) -> Signer {
    format!("{name}={}", key(letter)).parse().unwrap()
}

fn document(nodes: &[(&str, &str)]) -> Document {
    let nodes = nodes
        .iter()
        .map(|(host, ceiling)| DraftNode {
            authority: (*host).to_owned(),
            account_domain: None,
            department: "Transport".to_owned(),
            keys: Vec::new(),
            contact: "desk".to_owned(),
            ceiling: (*ceiling).to_owned(),
            services: None,
            valid_from: None,
            valid_until: None,
        })
        .collect();
    let draft = Draft { registry: Some("network.example".to_owned()), nodes, ..Draft::default() };
    draft.into_document(NOW, 7, DAY).unwrap()
}

fn written(document: &Document) -> Value {
    json!({ "document": document, "signatures": [] })
}

fn read(value: &Value) -> Result<Signed, Invalid> {
    parse(value.to_string().as_bytes())
}

/// A stand-in for Ed25519: the signature is the signer's key twice over the length of the bytes.
fn stamp(signer: &Signer, bytes: &[u8]) -> String {
    let sum: usize = bytes.iter().enumerate().map(|(at, byte)| (at + 1) * usize::from(*byte)).sum();
    format!("{}{sum:043}", signer.key)
}

fn is_valid(signer: &Signer, bytes: &[u8], signature: &str) -> bool {
    stamp(signer, bytes) == signature
}

fn sign(document: &Document, signers: &[&Signer]) -> Signed {
    let bytes = canonical(document).unwrap();
    let signatures = signers
        .iter()
        .map(|signer| Signature { signer: signer.name.clone(), signature: stamp(signer, &bytes) })
        .collect();
    Signed { document: document.clone(), signatures }
}

#[test]
fn a_document_is_read_as_it_was_written() {
    let document = document(&[("b.example", "OFFICIAL"), ("a.example:8443", "OFFICIAL-SENSITIVE")]);
    assert_eq!(read(&written(&document)).unwrap().document, document);
    assert_eq!(document.nodes.first().unwrap().authority.as_str(), "a.example:8443", "a draft is sorted");
    assert_eq!(document.valid_until.timestamp(), NOW + DAY);
}

#[test]
fn what_two_programs_could_read_differently_is_refused() {
    let good = written(&document(&[("a.example", "OFFICIAL"), ("b.example", "OFFICIAL")]));
    assert!(read(&good).is_ok());
    let text = good.to_string();
    let broken = [
        ("a repeated member", text.replacen("\"sequence\":7", "\"sequence\":7,\"sequence\":8", 1)),
        ("an unknown member", text.replacen("\"sequence\":7", "\"sequence\":7,\"urgent\":true", 1)),
        ("a repeated member of a node", text.replacen("\"contact\":", "\"ceiling\":\"X\",\"contact\":", 1)),
        ("a missing member", text.replacen("\"contact\":\"desk\",", "", 1)),
        ("a fraction", text.replacen("\"sequence\":7", "\"sequence\":7.0", 1)),
        ("a number too large", text.replacen("\"sequence\":7", "\"sequence\":9007199254740992", 1)),
        ("no number", text.replacen("\"sequence\":7", "\"sequence\":0", 1)),
        ("a host in capitals", text.replacen("\"a.example\"", "\"A.example\"", 2)),
        ("a host with its usual port", text.replacen("\"a.example\"", "\"a.example:443\"", 2)),
        ("one node twice", text.replace("b.example", "a.example")),
        ("a moment in another zone", text.replacen("Z\"", "+00:00\"", 1)),
        ("a wild service", text.replacen("\"moves\"", "\"telegrams\"", 1)),
        ("a service twice", text.replacen("\"moves\"", "\"posts\"", 1)),
        ("another format", text.replacen("corridor-registry-1", "corridor-registry-2", 1)),
        ("a line break in a name", text.replacen("\"desk\"", "\"de\\nsk\"", 1)),
        ("something behind it", format!("{text} {{}}")),
        ("a list in its place", "[]".to_owned()),
    ];
    for (what, text) in broken {
        assert_ne!(text, good.to_string(), "{what} changes nothing");
        assert!(parse(text.as_bytes()).is_err(), "{what} is taken");
    }
    assert_eq!(parse(&vec![b' '; MAX_BYTES + 1]), Err(Invalid::TooLarge));
    let domain_of_another = text.replacen("\"account_domain\":\"b.example\"", "\"account_domain\":\"a.example\"", 1);
    assert!(matches!(parse(domain_of_another.as_bytes()), Err(Invalid::Twice(_))));
}

#[test]
fn two_different_signers_are_needed() {
    let (ada, ben, eve) = (signer("ada", 'A'), signer("ben", 'B'), signer("eve", 'E'));
    let known = [ada.clone(), ben.clone()];
    let document = document(&[("a.example", "OFFICIAL")]);
    let verdict = |signed: &Signed| verify(signed, &known, is_valid).unwrap();
    assert!(verdict(&sign(&document, &[&ada, &ben])).is_enough());
    assert!(verdict(&sign(&document, &[&eve, &ada, &ben])).is_enough(), "a third signature takes nothing away");
    for (signers, words) in [
        (vec![], "nobody (0 of 2"),
        (vec![&ada], "ada (1 of 2"),
        (vec![&ada, &ada], "ada signed more than once"),
        (vec![&ada, &eve], "eve is not a signer"),
    ] {
        let verdict = verdict(&sign(&document, &signers));
        assert!(!verdict.is_enough() && verdict.words().contains(words), "{}", verdict.words());
    }
    let mut changed = sign(&document, &[&ada, &ben]);
    changed.document.sequence += 1;
    assert_eq!(verdict(&changed).faults, [Fault::Wrong("ada".to_owned()), Fault::Wrong("ben".to_owned())]);
    // One key under two names is one signer.
    let twins = [ada.clone(), Signer { name: "ben".to_owned(), ..ada.clone() }];
    let by_twins = sign(&document, &[&twins[0], &twins[1]]);
    assert!(!verify(&by_twins, &twins, is_valid).unwrap().is_enough());
}

#[test]
fn a_document_counts_inside_its_dates() {
    let document = document(&[("a.example", "OFFICIAL")]);
    assert_eq!(document.check_dates(NOW), Ok(()));
    let one = Duration::from_millis(1);
    assert!(matches!(document.check_dates(NOW - one), Err(Invalid::NotYet(_))));
    assert_eq!(document.check_dates(NOW + DAY - one), Ok(()));
    assert!(matches!(document.check_dates(NOW + DAY), Err(Invalid::Expired(_))));
}

fn peer(host: &str, state: PeerState, ceiling: i16) -> Peer {
    let authority = Authority::parse(host).unwrap();
    Peer {
        id: PeerId::new(5),
        account_domain: authority.clone(),
        authority,
        state,
        ceiling: Marking::from_rank(ceiling),
        default_marking: Marking::LOWEST,
        department: "Transport".to_owned(),
        note: "mine".to_owned(),
        contact: "desk".to_owned(),
        grant: Grant::default(),
    }
}

fn planned(document: &Document, held: &[Held], required: bool) -> Vec<Change> {
    let own = Authority::parse("us.example").unwrap();
    plan(document, held, &own, &MarkingScheme::official(), required, NOW).unwrap()
}

fn after(changes: &[Change]) -> Held {
    let change = changes.first().unwrap();
    Held { peer: change.after.clone(), link: change.link }
}

#[test]
fn a_new_node_comes_and_a_missing_one_goes() {
    let both = document(&[("a.example", "OFFICIAL"), ("us.example", "OFFICIAL")]);
    let changes = planned(&both, &[], false);
    assert_eq!(changes.iter().map(|change| change.act).collect::<Vec<_>>(), [Act::Allow], "this node is no peer");
    let held = [after(&changes)];
    assert_eq!(planned(&both, &held, true), [], "what was applied is no change");
    let empty = document(&[]);
    let gone = planned(&empty, &held, false);
    assert_eq!(gone.first().unwrap().act, Act::Remove);
    let back = planned(&both, &[after(&gone)], false);
    assert_eq!(back.first().unwrap().act, Act::Readmit, "what the registry removed, it may bring back");
    let by_hand = [Held { peer: peer("c.example", PeerState::Allowed, 0), link: None }];
    assert_eq!(planned(&empty, &by_hand, false), []);
    assert_eq!(planned(&empty, &by_hand, true).first().unwrap().act, Act::Remove);
}

#[test]
fn what_an_administrator_decided_is_never_loosened() {
    let wide = document(&[("a.example", "OFFICIAL-SENSITIVE")]);
    for state in [PeerState::Removed, PeerState::Suspended] {
        let held = [Held { peer: peer("a.example", state, 0), link: None }];
        let changes = planned(&wide, &held, false);
        let settled = after(&changes);
        assert_eq!((settled.peer.state, settled.peer.ceiling.rank()), (state, 0));
        assert_eq!(changes.first().unwrap().stricter.len(), 2);
        assert_eq!(planned(&wide, &[settled], false), []);
    }
    // A suspended one that goes and comes again does not come back by itself.
    let suspended =
        after(&planned(&wide, &[Held { peer: peer("a.example", PeerState::Suspended, 0), link: None }], false));
    let gone = after(&planned(&document(&[]), &[suspended], false));
    let again = planned(&wide, &[gone], false);
    assert!(again.iter().all(|change| change.after.state == PeerState::Removed));
}

fn any_state() -> impl Strategy<Value = PeerState> {
    prop::sample::select(vec![PeerState::Allowed, PeerState::Suspended, PeerState::Removed, PeerState::OutOfTerm])
}

fn any_services() -> impl Strategy<Value = Services> {
    prop::sample::subsequence(Service::ALL.to_vec(), 0..=4).prop_map(|list| list.into_iter().collect())
}

proptest! {
    #[test]
    fn nothing_is_ever_looser_than_registry_or_administrator(
        state in any_state(), own_rank in 0_i16..2, listed_rank in 0_i16..2, own in any_services(), listed in any_services(),
    ) {
        let mut wanted = document(&[("a.example", MarkingScheme::official().name(Marking::from_rank(listed_rank)))]);
        for node in &mut wanted.nodes {
            node.services = listed.list().collect();
        }
        let mut before = peer("a.example", state, own_rank);
        before.grant.services = own;
        let changes = planned(&wanted, &[Held { peer: before, link: None }], false);
        let settled = after(&changes);
        prop_assert!(settled.peer.ceiling.rank() <= own_rank.min(listed_rank));
        prop_assert_eq!(settled.peer.grant.services.and(own.and(listed)), settled.peer.grant.services);
        if matches!(state, PeerState::Removed | PeerState::Suspended) {
            prop_assert_eq!(settled.peer.state, state);
        }
        prop_assert_eq!(planned(&wanted, &[settled], false), vec![], "a plan is done when it is done");
    }

    #[test]
    fn no_input_makes_the_parser_stumble(text in any::<String>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let _ = parse(text.as_bytes());
        let document = document(&[("a.example", "OFFICIAL")]);
        let mut bytes = written(&document).to_string().into_bytes();
        let place = at.index(bytes.len());
        *bytes.get_mut(place).unwrap() = byte;
        // Whatever is taken means exactly what is signed.
        if let Ok(signed) = parse(&bytes) {
            let value: Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(canonical(&value["document"]).unwrap(), canonical(&signed.document).unwrap());
        }
    }

    #[test]
    fn a_changed_byte_is_never_signed(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let (ada, ben) = (signer("ada", 'A'), signer("ben", 'B'));
        let signed = sign(&document(&[("a.example", "OFFICIAL")]), &[&ada, &ben]);
        let mut bytes = serde_json::to_vec(&signed).unwrap();
        let place = at.index(bytes.len());
        *bytes.get_mut(place).unwrap() = byte;
        if let Ok(read) = parse(&bytes) {
            let same = read.document == signed.document;
            let verdict = verify(&read, &[ada, ben], is_valid).unwrap();
            prop_assert!(same || !verdict.is_enough());
        }
    }
}
