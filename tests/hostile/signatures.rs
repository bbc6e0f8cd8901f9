//! Cases 1 to 11: who has signed, what, for whom and when.

use anyhow::ensure;
use corridor_federation::signature::digest;
use corridor_tests::on_both;
use serde_json::json;

use super::peer::{Who, document};
use super::scene::Scene;
use super::state::state;

const ALL: &str = "(request-target) host date digest content-type";

on_both! {
    async fn hostile_002_a_second_digest_covers_no_forged_body(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let captured = scene.signed(Who::Ann, &scene.create(Who::Ann, "said"))?;
        let forged = scene.create(Who::Ann, "forged").to_string();
        let hash = digest(forged.as_bytes());
        let mut tries = vec![
            ("the forged one first", captured.clone().body(forged.as_bytes()).first("digest", &hash), (400, "header_duplicate")),
            ("the forged one last", captured.clone().body(forged.as_bytes()).and("digest", &hash), (400, "header_duplicate")),
            ("another body", captured.clone().body(forged.as_bytes()), (401, "digest_mismatch")),
            ("another body and digest", captured.clone().body(forged.as_bytes()).with("digest", &hash), (401, "signature_invalid")),
        ];
        for name in ["date", "signature", "content-type"] {
            let value = captured.headers.iter().find(|(other, _)| other == name).unwrap().1.clone();
            tries.push((name, captured.clone().and(name, &value), (400, "header_duplicate")));
        }
        scene.refuses(tries).await
    }
}

on_both! {
    async fn hostile_003_a_request_for_one_node_is_not_for_another(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let body = scene.create(Who::Ann, "said").to_string();
        let elsewhere = scene.signed_as(Who::Ann, &scene.peer.key_id(Who::Ann), "c.example", body.as_bytes())?;
        let own = scene.node.authority.to_string();
        scene.refuses(vec![
            ("replayed as it is", elsewhere.clone(), (401, "host_wrong")),
            ("replayed under our name", elsewhere.with("host", &own), (401, "signature_invalid")),
        ]).await
    }
}

on_both! {
    async fn hostile_004_a_signature_covers_everything_that_counts(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let body = scene.create(Who::Ann, "said").to_string();
        let (date, _) = scene.moment(0);
        let mut tries = Vec::new();
        for covered in ["digest", "date", "(request-target) host date", "(request-target) date digest content-type", "host date digest content-type", "(request-target) host digest content-type"] {
            tries.push((covered, scene.signed_over(covered, &date, "", "", body.as_bytes())?, (401, "signature_incomplete")));
        }
        scene.refuses(tries).await?;
        scene.takes(&scene.signed_over(ALL, &date, "", "", body.as_bytes())?).await
    }
}

on_both! {
    async fn hostile_005_a_signature_counts_for_minutes(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let body = scene.create(Who::Ann, "said").to_string();
        let dated = |date: &str| scene.signed_over(ALL, date, "", "", body.as_bytes());
        let timed = |created: i64, expires: i64| {
            let (date, now) = scene.moment(0);
            let covered = "(request-target) (created) (expires) host date digest content-type";
            scene.signed_over(covered, &date, &(now + created).to_string(), &(now + expires).to_string(), body.as_bytes())
        };
        scene.refuses(vec![
            ("no date", dated(&scene.moment(0).0)?.without("date"), (401, "header_missing")),
            ("no date at all", dated("yesterday")?, (400, "date_invalid")),
            ("in 2099", dated("Mon, 23 Nov 2099 10:30:00 GMT")?, (401, "signature_from_future")),
            ("an hour old", dated(&scene.moment(-3600).0)?, (401, "signature_too_old")),
            ("created tomorrow", timed(86_400, 86_500)?, (401, "signature_from_future")),
            ("created yesterday", timed(-86_400, 60)?, (401, "signature_too_old")),
            ("expired", timed(-60, -30)?, (401, "signature_expired")),
            ("for a day", timed(0, 86_400)?, (401, "signature_life_too_long")),
        ]).await
    }
}

on_both! {
    async fn hostile_006_a_moment_beyond_all_numbers_is_no_panic(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let body = scene.create(Who::Ann, "said").to_string();
        let (date, now) = scene.moment(0);
        let covered = "(request-target) (created) host date digest content-type";
        let mut tries = Vec::new();
        for created in ["18446744073709551615", "-1", "999999999999", "1e9", "0x10"] {
            tries.push((created, scene.signed_over(covered, &date, created, "", body.as_bytes())?, (400, "signature_time_invalid")));
        }
        scene.refuses(tries).await?;
        scene.takes(&scene.signed_over(covered, &date, &now.to_string(), "", body.as_bytes())?).await
    }
}

on_both! {
    async fn hostile_007_a_request_that_comes_twice_has_one_effect(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let request = scene.signed(Who::Ann, &scene.create(Who::Ann, "said"))?;
        scene.takes(&request).await?;
        let before = state(scene.node.database())?;
        scene.takes(&request).await?;
        ensure!(state(scene.node.database())? == before, "the second one had an effect");
        Ok(())
    }
}

on_both! {
    async fn hostile_008_a_key_speaks_for_its_owner_alone(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let body = scene.create(Who::Ann, "said").to_string();
        let body = body.as_bytes();
        let own = scene.node.authority.to_string();
        let by = |who, key_id: &str| scene.signed_as(who, key_id, &own, body);
        let good = scene.signed_bytes(Who::Ann, body)?;
        let signature = good.headers.iter().find(|(name, _)| name == "signature").unwrap().1.clone();
        scene.refuses(vec![
            ("the key of another, under Ann's id", by(Who::Bob, &scene.peer.key_id(Who::Ann))?, (401, "signature_invalid")),
            ("Ann's activity under Bob's own key", by(Who::Bob, &scene.peer.key_id(Who::Bob))?, (403, "actor_mismatch")),
            ("no fragment", by(Who::Ann, &scene.peer.uri(Who::Ann))?, (401, "key_unavailable")),
            ("a key on another host", by(Who::Ann, "http://127.0.0.9/users/ann#main-key")?, (403, "not-listed")),
            ("a key of ours", by(Who::Ann, &format!("{}#main-key", scene.asha_uri))?, (403, "ourselves")),
            ("Authorization beside Signature", good.and("authorization", &format!("Signature {signature}")), (400, "signature_in_authorization")),
        ]).await
    }
}

on_both! {
    async fn hostile_009_actor_id_and_author_are_one(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let change = |name: &str, value| {
            let mut activity = scene.create(Who::Ann, "said");
            activity[name] = value;
            scene.signed(Who::Ann, &activity)
        };
        let (ann, bob) = (scene.peer.uri(Who::Ann), scene.peer.uri(Who::Bob));
        let of_bob = scene.creates(Who::Ann, "said", json!({ "attributedTo": bob }));
        let of_two = scene.creates(Who::Ann, "said", json!({ "attributedTo": [bob, ann] }));
        let away = scene.creates(Who::Ann, "said", json!({ "id": "http://127.0.0.9/posts/said" }));
        scene.refuses(vec![
            ("an id elsewhere", change("id", json!("http://127.0.0.9/1"))?, (403, "id_elsewhere")),
            ("an actor elsewhere", change("actor", json!("http://127.0.0.9/users/ann"))?, (403, "id_elsewhere")),
            ("another actor", change("actor", json!(bob))?, (403, "actor_mismatch")),
            ("two actors", change("actor", json!([ann, bob]))?, (400, "activity")),
            ("another actor inside", change("actor", json!({ "id": bob, "type": "Person" }))?, (403, "actor_mismatch")),
            ("another actor in a list", change("actor", json!([bob]))?, (403, "actor_mismatch")),
            ("another's post", scene.signed(Who::Ann, &of_bob)?, (403, "forbidden")),
            ("a post of two", scene.signed(Who::Ann, &of_two)?, (400, "object")),
            ("a post elsewhere", scene.signed(Who::Ann, &away)?, (403, "forbidden")),
        ]).await
    }
}

on_both! {
    async fn hostile_010_a_key_that_its_owner_does_not_list_is_nobodys(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let pem = scene.peer.key(Who::Bob).public_key()?.to_pem()?;
        let body = scene.create(Who::Ann, "said").to_string();
        let own = scene.node.authority.to_string();
        let mut tries = Vec::new();
        for (name, owner, id) in [
            ("mallory", scene.peer.uri(Who::Ann), scene.peer.at("/users/mallory")),
            ("mallet", scene.peer.at("/users/mallet"), scene.peer.uri(Who::Ann)),
            ("away", "http://127.0.0.9/users/ann".to_owned(), scene.peer.at("/users/away")),
        ] {
            let key_id = scene.peer.at(&format!("/users/{name}#main-key"));
            let mut claim = scene.peer.person(Who::Bob)?;
            claim["id"] = json!(id);
            claim["publicKey"] = json!({ "id": key_id, "owner": owner, "publicKeyPem": pem });
            scene.peer.put(&format!("/users/{name}"), document(&claim));
            tries.push((name, scene.signed_as(Who::Bob, &key_id, &own, body.as_bytes())?, (401, "key_unavailable")));
        }
        scene.refuses(tries).await?;
        scene.receives(Who::Ann, &scene.create(Who::Ann, "mine")).await
    }
}

on_both! {
    async fn hostile_011_a_rotated_key_is_fetched_once(kind: Kind) {
        let mut scene = Scene::on(kind).await?;
        let old = scene.signed(Who::Ann, &scene.create(Who::Ann, "old"))?;
        scene.peer.rotate(Who::Ann)?;
        let before = scene.peer.hits("/users/ann");
        scene.receives(Who::Ann, &scene.create(Who::Ann, "new")).await?;
        ensure!(scene.peer.hits("/users/ann") == before + 1, "it was not asked for once");
        let own = scene.node.authority.to_string();
        let by_bob = scene.signed_as(Who::Bob, &scene.peer.key_id(Who::Ann), &own, scene.create(Who::Ann, "x").to_string().as_bytes())?;
        scene.refuses(vec![
            ("the old key", old, (401, "signature_invalid")),
            ("a stranger's key", by_bob.clone(), (401, "signature_invalid")),
            ("a stranger's key again", by_bob, (401, "signature_invalid")),
        ]).await?;
        ensure!(scene.peer.hits("/users/ann") == before + 1, "bad signatures caused fetches");
        Ok(())
    }
}
