//! Whose key it is: fetched when it is new, fetched anew when it may have changed, and never believed of another.

use super::*;
use crate::signature::{KeyKind, PrivateKey};
use crate::testing::{Page, signed_by};

#[actix_web::test]
async fn a_rotated_key_is_fetched_once_in_five_minutes() {
    for database in TestDatabase::each() {
        let mut scene = Scene::on(database).await;
        assert_eq!(scene.post(&scene.follow("1")).await.0, 202);
        assert_eq!(scene.peer.hits("/users/ann"), 1);
        scene.peer.key = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
        scene.peer.put("/users/ann", Page::document(&scene.peer.person("ann")));
        assert_eq!(scene.post(&scene.follow("2")).await.0, 202, "the new key is taken");
        assert_eq!(scene.peer.hits("/users/ann"), 2);
        let other = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
        for name in ["3", "4", "5"] {
            let body = scene.follow(name).to_string();
            let headers = signed_by(&other, &scene.node, "/inbox", &scene.ann_key(), body.as_bytes());
            assert_eq!(code(&scene.send("/inbox", headers, body.as_bytes()).await), (401, "signature_invalid"));
        }
        assert_eq!(scene.peer.hits("/users/ann"), 2, "bad signatures cause no more fetches");
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn a_key_under_a_new_name_is_found() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    assert_eq!(scene.post(&scene.follow("1")).await.0, 202);
    let mut person = scene.peer.person("ann");
    let new_id = format!("{}#key-2", scene.ann());
    person["publicKey"]["id"] = json!(new_id);
    scene.peer.put("/users/ann", Page::document(&person));
    let body = scene.follow("2").to_string();
    let headers = scene.peer.signed(&scene.node, "/inbox", &new_id, body.as_bytes());
    assert_eq!(scene.send("/inbox", headers, body.as_bytes()).await.0, 202);
    scene.peer.stop().await;
}

/// GoToSocial's key ids have no fragment and answer with a stub of the actor.
#[actix_web::test]
async fn a_key_document_leads_to_its_owner() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let key_id = scene.peer.at("/users/ann/main-key");
    let mut person = scene.peer.person("ann");
    person["publicKey"]["id"] = json!(key_id);
    scene.peer.put("/users/ann", Page::document(&person));
    let stub = json!({
        "id": scene.ann(), "type": "Person", "preferredUsername": "ann", "publicKey": person["publicKey"],
    });
    scene.peer.put("/users/ann/main-key", Page::document(&stub));
    let body = scene.follow("1").to_string();
    let headers = scene.peer.signed(&scene.node, "/inbox", &key_id, body.as_bytes());
    assert_eq!(scene.send("/inbox", headers, body.as_bytes()).await, (202, Value::Null));
    assert_eq!(scene.peer.hits("/users/ann"), 1);
    scene.peer.stop().await;
}

#[actix_web::test]
async fn a_key_that_its_owner_does_not_list_is_nobodys() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let evil = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
    let pem = evil.public_key().unwrap().to_pem().unwrap();
    // A document of Mallory's that claims a key for Ann.
    let key_id = scene.peer.at("/users/mallory#main-key");
    let claim = json!({ "id": key_id, "owner": scene.ann(), "publicKeyPem": pem });
    let mut mallory = scene.peer.person("mallory");
    mallory["publicKey"] = claim;
    scene.peer.put("/users/mallory", Page::document(&mallory));
    let body = scene.follow("1").to_string();
    let headers = signed_by(&evil, &scene.node, "/inbox", &key_id, body.as_bytes());
    assert_eq!(code(&scene.send("/inbox", headers, body.as_bytes()).await), (401, "key_unavailable"));
    // Ann's own key's id, listed in Mallory's document: Ann is asked.
    let mut mallory = scene.peer.person("mallory");
    mallory["publicKey"] =
        json!({ "id": scene.ann_key(), "owner": scene.peer.at("/users/mallory"), "publicKeyPem": pem });
    scene.peer.put("/users/mallory", Page::document(&mallory));
    assert_eq!(scene.post(&scene.follow("2")).await.0, 202);
    let as_mallory = json!({
        "id": scene.peer.at("/a/1"), "type": "Follow", "actor": scene.peer.at("/users/mallory"), "object": scene.anna_uri,
    });
    let body = as_mallory.to_string();
    let headers = signed_by(&evil, &scene.node, "/inbox", &scene.ann_key(), body.as_bytes());
    assert_eq!(code(&scene.send("/inbox", headers, body.as_bytes()).await), (401, "signature_invalid"));
    scene.peer.stop().await;
}

#[actix_web::test]
async fn documents_that_only_look_like_an_actor_bring_no_key() {
    let person = |scene: &Scene| Page::document(&scene.peer.person("ann"));
    type Spoil = fn(&Scene, Page) -> Page;
    let spoilt: [(&str, Spoil); 7] = [
        ("an upload", |_, page| Page { kind: "text/html", ..page }),
        ("an image", |_, page| Page { kind: "image/png", ..page }),
        ("no type", |_, page| Page { kind: "", ..page }),
        ("a failure with a good body", |_, page| Page { status: 500, ..page }),
        ("a part", |_, page| Page { status: 206, ..page }),
        ("a redirect away", |_, page| Page {
            status: 302,
            location: Some("http://127.0.0.9/users/ann".into()),
            ..page
        }),
        ("somebody else", |scene, _| Page::document(&json!({ "id": scene.peer.at("/users/eve"), "type": "Person" }))),
    ];
    for (what, spoil) in spoilt {
        let scene = Scene::on(TestDatabase::sqlite()).await;
        scene.peer.put("/users/ann", spoil(&scene, person(&scene)));
        let answer = scene.post(&scene.follow("1")).await;
        assert_eq!(code(&answer), (401, "key_unavailable"), "{what}");
        // A moment later it is well again; only what was there and wrong is remembered for half a minute.
        scene.peer.put("/users/ann", person(&scene));
        let passing = matches!(what, "a failure with a good body");
        assert_eq!(scene.post(&scene.follow("1")).await.0, if passing { 202 } else { 401 }, "{what}");
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn many_requests_of_someone_new_cause_one_fetch() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let activities: Vec<Value> = (0..12).map(|number| scene.follow(&number.to_string())).collect();
    let answers = futures_util::future::join_all(activities.iter().map(|activity| scene.post(activity))).await;
    assert!(answers.iter().all(|answer| answer.0 == 202), "{answers:?}");
    assert_eq!(scene.peer.hits("/users/ann"), 1);
    scene.peer.stop().await;
}
