//! Cases 25 to 33: ways around the list of allowed peers.

use anyhow::ensure;
use corridor_domain::Authority;
use corridor_domain::authority::Policy;
use corridor_tests::on_both;
use serde_json::json;

use super::peer::{Peer, Who, document};
use super::scene::{PUBLIC, Request, Scene};

/// Signed under a key id on this host.
fn under(scene: &Scene, host: &str) -> anyhow::Result<Request> {
    let body = scene.create(Who::Ann, "said").to_string();
    let request = scene.signed_bytes(Who::Ann, body.as_bytes())?;
    let signature = request.headers.iter().find(|(name, _)| name == "signature").unwrap().1.clone();
    Ok(request.with("signature", &signature.replace(&scene.peer.authority, host)))
}

async fn lists_a_gov(scene: &Scene) -> anyhow::Result<()> {
    let listed = Authority::parse_with("a.gov", Policy::loopback())?;
    scene.node.allow(&listed, scene.node.ctx.settings.scheme.highest()).await
}

on_both! {
    async fn hostile_025_a_neighbouring_name_is_not_listed(kind: Kind) {
        let scene = Scene::on(kind).await?;
        lists_a_gov(&scene).await?;
        let mut tries = Vec::new();
        for host in ["evil-a.gov", "a.gov.evil", "x.a.gov", "gov", "a.go", "a-gov"] {
            tries.push((host, under(&scene, host)?, (403, "not-listed")));
        }
        scene.refuses(tries).await
    }
}

on_both! {
    async fn hostile_026_another_spelling_is_another_name(kind: Kind) {
        let scene = Scene::on(kind).await?;
        lists_a_gov(&scene).await?;
        let mut tries = Vec::new();
        for (host, wanted) in [
            ("a.gov.", (400, "key_id_invalid")),
            ("a.gov:8443", (403, "not-listed")),
            ("xn--a-0ea.gov", (400, "key_id_invalid")),
            ("xn--80a.gov", (403, "not-listed")),
            ("a%2egov%2eevil", (403, "not-listed")),
            ("a..gov", (400, "key_id_invalid")),
        ] {
            tries.push((host, under(&scene, host)?, wanted));
        }
        scene.refuses(tries).await
    }
}

on_both! {
    async fn hostile_027_no_credentials_and_no_numbers_in_addresses(kind: Kind) {
        let scene = Scene::on(kind).await?;
        lists_a_gov(&scene).await?;
        let mut tries = Vec::new();
        for host in ["a.gov@evil.example", "a.gov:x@evil.example", "0300.0250.0.1", "3232235521", "0xc0a80001", "[::ffff:10.0.0.1]"] {
            tries.push((host, under(&scene, host)?, (400, "key_id_invalid")));
        }
        scene.refuses(tries).await
    }
}

on_both! {
    async fn hostile_028_our_own_name_is_no_peer(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let own = scene.node.authority.to_string();
        let change = |name: &str, value: String| {
            let mut activity = scene.create(Who::Ann, "said");
            activity[name] = json!(value);
            scene.signed(Who::Ann, &activity)
        };
        let ours = scene.creates(Who::Ann, "said", json!({ "id": scene.node.at("/posts/7") }));
        scene.refuses(vec![
            ("a key", under(&scene, &own)?, (403, "ourselves")),
            ("an id", change("id", scene.node.at("/activities/7"))?, (403, "id_elsewhere")),
            ("an actor", change("actor", scene.asha_uri.clone())?, (403, "id_elsewhere")),
            ("a post", scene.signed(Who::Ann, &ours)?, (403, "forbidden")),
        ]).await
    }
}

on_both! {
    async fn hostile_029_a_removed_peer_is_refused_on_its_open_connection(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let mut wire = scene.wire().await?;
        let first = scene.signed(Who::Ann, &scene.create(Who::Ann, "first"))?;
        ensure!(scene.send_on(&mut wire, &first).await?.status == 202);
        let listed = Authority::parse_with(&scene.peer.authority, Policy::loopback())?;
        scene.node.remove(&listed).await?;
        let asked = scene.peer.all_hits().len();
        let second = scene.signed(Who::Ann, &scene.create(Who::Ann, "second"))?;
        let answer = scene.send_on(&mut wire, &second).await?;
        ensure!(answer.code() == (403, "peer-removed"), "{answer:?}");
        let answer = scene.send(&scene.asks(Who::Ann, scene.asha_uri.strip_prefix(&scene.node.at("")).unwrap())?).await?;
        ensure!(answer.code() == (403, "peer-removed"), "{answer:?}");
        let found = scene.looks_up(&scene.peer.at("/posts/second")).await?;
        ensure!(found["statuses"].as_array().is_none_or(Vec::is_empty), "{found}");
        ensure!(scene.peer.all_hits().len() == asked, "a removed peer was asked");
        scene.node.allow(&listed, scene.node.ctx.settings.scheme.highest()).await?;
        scene.takes(&second).await
    }
}

on_both! {
    async fn hostile_030_what_a_stranger_wrote_comes_through_nobody(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let stranger = Peer::start().await?;
        stranger.put("/posts/theirs", document(&stranger.note(Who::Ann, "theirs")));
        scene.asha_follows_ann().await?;
        let theirs = stranger.at("/posts/theirs");
        let by = |kind: &str, name: &str, object| {
            scene.signed(Who::Ann, &scene.activity(Who::Ann, kind, name, json!({ "to": [PUBLIC], "object": object })))
        };
        scene.ignores(vec![
            ("a boost", by("Announce", "1", json!(theirs))?),
            ("a boost with the post inside", by("Announce", "2", stranger.note(Who::Ann, "theirs"))?),
            ("a favourite", by("Like", "3", json!(theirs))?),
        ]).await?;
        scene.refuses(vec![
            ("their post by address", by("Create", "4", json!(theirs))?, (403, "object_elsewhere")),
            ("their post inside", by("Create", "5", stranger.note(Who::Ann, "theirs"))?, (403, "forbidden")),
        ]).await?;
        let reply = scene.creates(Who::Ann, "reply", json!({ "inReplyTo": theirs }));
        scene.receives(Who::Ann, &reply).await?;
        ensure!(stranger.all_hits().is_empty(), "a stranger was asked: {:?}", stranger.all_hits());
        Ok(())
    }
}

on_both! {
    async fn hostile_031_strangers_are_neither_asked_nor_told(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let stranger = Peer::start().await?;
        let theirs = stranger.uri(Who::Ann);
        let mention = json!([{ "type": "Mention", "href": theirs, "name": format!("@ann@{}", stranger.authority) }]);
        let named = json!({ "to": [theirs, PUBLIC], "bto": [theirs], "audience": theirs, "tag": mention });
        scene.receives(Who::Ann, &scene.creates(Who::Ann, "named", named)).await?;
        scene.post("named").await?;
        let words = format!("For @ann@{}", stranger.authority);
        let (status, told) = scene.asha.try_call(
            reqwest::Method::POST, "/api/v1/statuses", Some(json!({ "status": words, "visibility": "direct" })),
        ).await?;
        ensure!(status.as_u16() == 422 && told["error"].is_string(), "{status} {told}");
        ensure!(stranger.all_hits().is_empty(), "a stranger was asked: {:?}", stranger.all_hits());
        Ok(())
    }
}

on_both! {
    async fn hostile_032_nothing_of_strangers_is_shown_as_a_picture(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let stranger = Peer::start().await?;
        let picture = stranger.at("/picture.png");
        let fields = json!({
            "attachment": [{ "type": "Document", "mediaType": "image/png", "url": picture }],
            "image": { "type": "Image", "url": picture },
            "content": format!("<p>Look<img src=\"{picture}\"></p>"),
            "tag": [{ "type": "Emoji", "name": ":x:", "icon": { "type": "Image", "url": picture } }],
        });
        scene.receives(Who::Ann, &scene.creates(Who::Ann, "look", fields)).await?;
        let post = scene.post("look").await?;
        ensure!(!post["content"].to_string().contains("<img"), "{post}");
        ensure!(!post["media_attachments"].to_string().contains(&stranger.authority), "{post}");
        ensure!(!post["emojis"].to_string().contains(&stranger.authority), "{post}");
        ensure!(stranger.all_hits().is_empty(), "a stranger was asked: {:?}", stranger.all_hits());
        Ok(())
    }
}

on_both! {
    async fn hostile_033_an_actor_has_no_doors_on_other_hosts(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let stranger = Peer::start().await?;
        let own = scene.node.authority.to_string();
        let mut tries = Vec::new();
        for name in ["inbox", "outbox", "followers", "following", "sharedInbox"] {
            let uri = scene.peer.at(&format!("/users/{name}"));
            let key_id = format!("{uri}#main-key");
            let mut person = scene.peer.person(Who::Bob)?;
            person["id"] = json!(uri);
            person["preferredUsername"] = json!(name.to_ascii_lowercase());
            person["inbox"] = json!(format!("{uri}/inbox"));
            person["publicKey"]["id"] = json!(key_id);
            person["publicKey"]["owner"] = json!(uri);
            match name {
                "sharedInbox" => person["endpoints"]["sharedInbox"] = json!(stranger.at("/inbox")),
                _ => person[name] = json!(stranger.at("/inbox")),
            }
            scene.peer.put(&format!("/users/{name}"), document(&person));
            let body = json!({ "id": format!("{uri}#1"), "type": "View", "actor": uri, "object": scene.asha_uri });
            let request = scene.signed_as(Who::Bob, &key_id, &own, body.to_string().as_bytes())?;
            tries.push((name, request, (401, "key_unavailable")));
        }
        scene.refuses(tries).await?;
        ensure!(stranger.all_hits().is_empty(), "a stranger was asked: {:?}", stranger.all_hits());
        Ok(())
    }
}
