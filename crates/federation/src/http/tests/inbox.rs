//! What the inbox takes and what it turns away, with which status and code.

use std::time::Duration;

use actix_web::FromRequest;
use actix_web::web::{Bytes, Payload};
use corridor_app::operator::Operator;
use corridor_app::peers;
use corridor_domain::authority::Policy;
use corridor_domain::{ActorId, Authority};
use corridor_store::{actors, audit, follows};
use proptest::prelude::*;

use super::*;
use crate::signature::{KeyKind, PrivateKey};
use crate::testing::{OWN, signed_by};

impl Scene {
    async fn known(&self, uri: String) -> Option<ActorId> {
        let found = self.node.database.store.read(move |tx| actors::find_by_uri(tx, &uri)).await.unwrap();
        found.map(|row| row.actor_id())
    }

    async fn is_followed(&self) -> bool {
        let Some(ann) = self.known(self.ann()).await else { return false };
        let anna = self.known(self.anna_uri.clone()).await.unwrap();
        let store = &self.node.database.store;
        store.read(move |tx| follows::find_pair(tx, ann, anna)).await.unwrap().is_some()
    }
}

#[actix_web::test]
async fn a_follow_of_someone_new_is_accepted_once_on_both_databases() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        let follow = scene.follow("1");
        assert_eq!(scene.post(&follow).await, (202, Value::Null));
        assert!(scene.is_followed().await);
        assert_eq!(scene.peer.hits("/users/ann"), 1, "the key came with the actor");
        assert_eq!(scene.post(&follow).await.0, 202, "a duplicate is fine");
        let events = scene.node.database.store.read(|tx| corridor_store::outbox::waiting(tx, 10)).await.unwrap();
        assert_eq!(events.len(), 1, "and has no second effect");
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn what_is_not_proven_changes_nothing() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let (body, key_id) = (scene.follow("1").to_string(), scene.ann_key());
    let body = body.as_bytes();
    let signed = |path: &str| scene.peer.signed(&scene.node, path, &key_id, body);
    let without = |name: &str| signed("/inbox").into_iter().filter(|(other, _)| *other != name).collect::<Vec<_>>();
    let with = |name: &'static str, value: &str| {
        let mut headers = without(name);
        headers.push((name, value.to_owned()));
        headers
    };
    let stranger = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
    let by_stranger = signed_by(&stranger, &scene.node, "/inbox", &key_id, body);
    let of = |host: &str| scene.peer.signed(&scene.node, "/inbox", &format!("http://{host}/users/ann#main-key"), body);
    let tries = [
        ("no signature", without("signature"), (401, "signature_missing")),
        ("no digest", without("digest"), (401, "header_missing")),
        ("no date", without("date"), (401, "header_missing")),
        ("another host", with("host", "127.0.0.1:2"), (401, "host_wrong")),
        ("another date", with("date", "Mon, 23 Nov 2020 10:30:00 GMT"), (401, "signature_too_old")),
        (
            "another digest",
            with("digest", "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
            (401, "digest_mismatch"),
        ),
        ("another path", signed("/elsewhere"), (401, "signature_invalid")),
        ("a stranger's key", by_stranger, (401, "signature_invalid")),
        ("compressed", with("content-encoding", "gzip"), (415, "media_type")),
        ("no ActivityPub", with("content-type", "application/json"), (415, "media_type")),
        ("a host that is not listed", of("127.0.0.9:80"), (403, "not-listed")),
        ("a neighbouring port", of("127.0.0.1:2"), (403, "not-listed")),
        ("ourselves", of(OWN), (403, "ourselves")),
        ("no host of a peer", of("10.0.0.1"), (400, "key_id_invalid")),
    ];
    for (what, headers, wanted) in tries {
        let answer = scene.send("/inbox", headers, body).await;
        assert_eq!(code(&answer), wanted, "{what}: {answer:?}");
        assert!(answer.1["error"].as_str().is_some_and(|reason| !reason.is_empty()), "{what}");
    }
    assert!(!scene.is_followed().await);
    scene.peer.stop().await;
}

#[actix_web::test]
async fn nothing_is_fetched_for_a_host_that_is_not_allowed() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let authority = Authority::parse_with(&scene.peer.authority, Policy::loopback()).unwrap();
    peers::remove(&scene.node.node.ctx, &Operator::System, &authority).await.unwrap();
    let answer = scene.post(&scene.follow("1")).await;
    assert_eq!(code(&answer), (403, "peer-removed"));
    assert_eq!(scene.peer.hits("/users/ann"), 0);
    scene.peer.stop().await;
}

#[actix_web::test]
async fn one_speaks_for_oneself_alone() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    scene.peer.put("/users/bob", crate::testing::Page::document(&scene.peer.person("bob")));
    let bob = scene.peer.at("/users/bob");
    let change = |name: &str, value: Value| {
        let mut activity = scene.follow("1");
        activity[name] = value;
        activity
    };
    let tries = [
        ("another actor", change("actor", json!(bob)), (403, "actor_mismatch")),
        ("an actor elsewhere", change("actor", json!("http://127.0.0.9/users/ann")), (403, "id_elsewhere")),
        ("an id elsewhere", change("id", json!("http://127.0.0.9/1")), (403, "id_elsewhere")),
        ("an id of ours", change("id", json!(format!("http://{OWN}/activities/1"))), (403, "id_elsewhere")),
        ("two actors", change("actor", json!([scene.ann(), bob])), (400, "activity")),
        ("another actor inside", change("actor", json!({ "id": bob })), (403, "actor_mismatch")),
        ("another actor in a list", change("actor", json!([bob])), (403, "actor_mismatch")),
        ("an actor inside without an id", change("actor", json!({ "url": scene.ann() })), (400, "activity")),
        ("no id", change("id", Value::Null), (400, "activity")),
        ("two types", change("type", json!(["Follow", "Like"])), (400, "activity")),
        ("no object", change("object", json!(7)), (400, "activity")),
    ];
    for (what, activity, wanted) in tries {
        let answer = scene.post(&activity).await;
        assert_eq!(code(&answer), wanted, "{what}: {answer:?}");
    }
    let twice = scene.follow("1").to_string().replace("\"actor\"", "\"actor\":\"http://127.0.0.9/x\",\"actor\"");
    assert_eq!(code(&scene.post_bytes(twice.as_bytes()).await), (400, "json"));
    assert_eq!(code(&scene.post_bytes(b"[]").await), (400, "json"));
    assert_eq!(code(&scene.post_bytes("[".repeat(100_000).as_bytes()).await), (400, "json"));
    assert!(!scene.is_followed().await);
    let entries = scene.node.database.store.read(|tx| audit::after(tx, 0, 100)).await.unwrap();
    assert!(
        entries.iter().any(|entry| entry.action == "inbox.refuse" && entry.detail.contains("own key")),
        "{entries:?}"
    );
    scene.peer.stop().await;
}

#[actix_web::test]
async fn bodies_are_bounded_in_size_and_time() {
    let limits = Limits { body_bytes: 2000, ..Limits::default() };
    let scene = Scene::with(TestDatabase::sqlite(), limits).await;
    let big = scene.activity("Follow", "1", json!({ "object": "x".repeat(3000) }));
    assert_eq!(code(&scene.post(&big).await), (413, "too_large"));
    scene.peer.stop().await;

    let payload = |stream: futures_util::stream::BoxStream<'static, Result<Bytes, actix_web::error::PayloadError>>| async move {
        let request = TestRequest::default().to_http_request();
        let local: std::pin::Pin<Box<dyn futures_util::Stream<Item = _>>> = Box::pin(stream);
        Payload::from_request(&request, &mut actix_web::dev::Payload::from(local)).await.unwrap()
    };
    let chunk = |_| Ok(Bytes::from_static(&[b'x'; 64]));
    let endless = payload(Box::pin(futures_util::StreamExt::map(futures_util::stream::repeat(()), chunk))).await;
    let read = super::super::inbox::read_body(endless, 1000, Duration::from_secs(5)).await;
    assert_eq!(read.unwrap_err().code(), "too_large");
    let silent = payload(Box::pin(futures_util::stream::pending())).await;
    let read = super::super::inbox::read_body(silent, 1000, Duration::from_millis(20)).await;
    assert_eq!(read.unwrap_err().code(), "too_slow");
}

#[actix_web::test]
async fn a_flood_is_told_when_to_go_on() {
    let limits = Limits { inbox_per_second: 1, ..Limits::default() };
    let scene = Scene::with(TestDatabase::sqlite(), limits).await;
    let mut refused = None;
    for number in 0..30 {
        let activity = scene.activity("View", &number.to_string(), json!({ "object": scene.anna_uri }));
        let answer = scene.post(&activity).await;
        if answer.0 != 202 {
            refused = Some(answer);
            break;
        }
    }
    assert_eq!(code(&refused.expect("the bucket is empty at some time")), (429, "too_many"));
    scene.peer.stop().await;
}

#[actix_web::test]
async fn an_inbox_belongs_to_someone() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let body = scene.follow("1").to_string();
    let own = scene.anna_uri.strip_prefix(&format!("http://{OWN}")).unwrap().to_owned();
    for (path, status) in [
        (format!("{own}/inbox"), 202),
        ("/actor/inbox".to_owned(), 202),
        ("/actors/12345/inbox".to_owned(), 404),
        ("/actors/x/inbox".to_owned(), 404),
    ] {
        let headers = scene.peer.signed(&scene.node, &path, &scene.ann_key(), body.as_bytes());
        let answer = scene.send(&path, headers, body.as_bytes()).await;
        assert_eq!(answer.0, status, "{path}: {answer:?}");
    }
    scene.peer.stop().await;
}

#[actix_web::test]
async fn unknown_types_and_strangers_ends_are_taken_and_ignored() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    for kind in ["Flag", "Block", "Add", "EmojiReact", "corridor:Unheard"] {
        let activity = scene.activity(kind, "1", json!({ "object": scene.anna_uri, "extra": [[{}]] }));
        assert_eq!(scene.post(&activity).await.0, 202, "{kind}");
    }
    // Mastodon tells everybody when someone leaves; the key is gone by then.
    let gone = scene.peer.at("/users/gone");
    let activity = json!({ "id": format!("{gone}#delete"), "type": "Delete", "actor": gone, "object": gone });
    let body = activity.to_string();
    let headers = scene.peer.signed(&scene.node, "/inbox", &format!("{gone}#main-key"), body.as_bytes());
    assert_eq!(scene.send("/inbox", headers, body.as_bytes()).await.0, 202);
    assert!(scene.known(gone).await.is_none());
    scene.peer.stop().await;
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~\u{0}\u{202e}é]{0,12}".prop_map(Value::from),
        Just(json!("https://www.w3.org/ns/activitystreams#Public")),
        Just(json!("1999-99-99T00:00:00Z")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let names = prop::sample::select(vec![
            "id",
            "type",
            "object",
            "actor",
            "attributedTo",
            "to",
            "cc",
            "tag",
            "content",
            "name",
            "inReplyTo",
            "url",
            "published",
            "updated",
            "summary",
            "marking",
            "audienceRing",
            "contentMap",
            "href",
            "endpoints",
            "publicKey",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..8).prop_map(|fields| Value::Object(
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

/// Whatever an allowed peer signs, it is taken or refused; it is never our failure.
#[actix_web::test]
async fn no_shape_of_an_activity_is_our_failure() {
    let limits = Limits { inbox_per_second: 100_000, ..Limits::default() };
    let scene = Scene::with(TestDatabase::sqlite(), limits).await;
    let shapes = json_value();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let kinds = ["Create", "Update", "Delete", "Follow", "Accept", "Reject", "Undo", "Announce", "Like", "Question"];
    let objects = ["Note", "Person", "Follow", "Like", "Tombstone", "Question"];
    for number in 0..400_usize {
        let tree = shapes.new_tree(&mut runner).unwrap();
        let mut object = proptest::strategy::ValueTree::current(&tree);
        if let (Value::Object(fields), true) = (&mut object, number % 3 > 0) {
            fields.entry("id").or_insert_with(|| json!(scene.peer.at(&format!("/posts/{number}"))));
            fields.entry("attributedTo").or_insert_with(|| json!(scene.ann()));
            fields.insert("type".to_owned(), json!(objects[number % objects.len()]));
        }
        let activity =
            scene.activity(kinds[number % kinds.len()], &format!("fuzz{number}"), json!({ "object": object }));
        let answer = scene.post(&activity).await;
        assert!(matches!(answer.0, 202 | 400 | 403 | 404), "{activity}: {answer:?}");
    }
    scene.peer.stop().await;
}
