//! Cases 43 to 47: what is not for a peer looks as if it were not there.

use anyhow::ensure;
use corridor_tests::{on_both, text};
use serde_json::json;

use super::peer::Who;
use super::scene::{PUBLIC, Scene, says};

on_both! {
    async fn hostile_043_a_closed_post_looks_like_none(kind: Kind) {
        let scene = Scene::on(kind).await?;
        scene.node.add("bryn").await?;
        let open = says(&scene, "public", "For all").await?;
        let answer = scene.send(&scene.asks(Who::Ann, &open)?).await?;
        ensure!(answer.status == 200 && answer.body["content"].to_string().contains("For all"), "{answer:?}");
        let absent = scene.send(&scene.asks(Who::Ann, "/posts/1")?).await?;
        ensure!(absent.status == 404, "{absent:?}");
        for visibility in ["private", "direct"] {
            let closed = says(&scene, visibility, "Secret words for @bryn").await?;
            for path in [closed.clone(), format!("{closed}/replies")] {
                for accept in ["application/activity+json", "application/ld+json; profile=\"https://www.w3.org/ns/activitystreams\""] {
                    let asked = scene.asks(Who::Ann, &path)?.with("accept", accept);
                    let answer = scene.send(&asked).await?;
                    ensure!(answer.status == 404 && answer.body == absent.body, "{visibility} {path}: {answer:?}");
                }
                let unsigned = scene.asks(Who::Ann, &path)?.without("signature");
                let answer = scene.send(&unsigned).await?;
                ensure!(answer.code() == (401, "signature_missing"), "{visibility} {path}: {answer:?}");
            }
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_044_collections_count_what_is_shown(kind: Kind) {
        let scene = Scene::on(kind).await?;
        scene.node.add("bryn").await?;
        let actor = scene.asha_uri.strip_prefix(&scene.node.at("")).unwrap().to_owned();
        let outbox = format!("{actor}/outbox");
        let before = scene.send(&scene.asks(Who::Ann, &outbox)?).await?;
        ensure!(before.status == 200, "{before:?}");
        says(&scene, "private", "For followers").await?;
        says(&scene, "direct", "For @bryn").await?;
        let after = scene.send(&scene.asks(Who::Ann, &outbox)?).await?;
        ensure!(after.body == before.body, "{after:?} after {before:?}");
        Ok(())
    }
}

/// The same of two answers, apart from what names the path that was asked for.
fn same(one: &super::scene::Answer, other: &super::scene::Answer) -> bool {
    one.status == other.status && one.body == other.body
}

on_both! {
    async fn hostile_043_044_a_group_without_a_member_there_looks_like_none(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let fill = async |name: &str, door: &str| -> anyhow::Result<(String, String)> {
            let new = json!({ "name": name, "title": "Secret title", "kind": "profession", "door": door });
            let group = scene.asha.post("/api/v1/groups", new).await?;
            let path = text(&group["account"], "uri")?.strip_prefix(&scene.node.at("")).unwrap().to_owned();
            Ok((text(&group, "id")?, path))
        };
        let say = async |id: &str| -> anyhow::Result<String> {
            let said = json!({ "group_id": id, "title": "Secret talk", "status": "Secret words" });
            let made = scene.asha.post("/api/v1/statuses", said).await?;
            scene.asha.post(&format!("/api/v1/groups/{id}/statuses/{}/pin", text(&made, "id")?), json!({})).await?;
            Ok(text(&made, "uri")?.strip_prefix(&scene.node.at("")).unwrap().to_owned())
        };
        let parts = ["/outbox", "/outbox?page=true", "/featured", "/moderators", "/followers", "/followers?page=true", "/following"];
        let no_post = scene.send(&scene.asks(Who::Ann, "/posts/1")?).await?;
        ensure!(no_post.status == 404, "{no_post:?}");

        // Who may know that it exists: nothing in it shows, whether there is something or not.
        for door in ["by-request", "invited"] {
            let (id, path) = fill(door, door).await?;
            let mut before = Vec::new();
            for part in parts {
                before.push(scene.send(&scene.asks(Who::Ann, &format!("{path}{part}"))?).await?);
            }
            let post = say(&id).await?;
            for (part, before) in parts.iter().zip(before) {
                let after = scene.send(&scene.asks(Who::Ann, &format!("{path}{part}"))?).await?;
                ensure!(same(&before, &after), "{door} {part}: {before:?} and {after:?}");
            }
            for path in [post.clone(), format!("{post}/replies"), format!("{post}/context")] {
                let answer = scene.send(&scene.asks(Who::Ann, &path)?).await?;
                ensure!(same(&answer, &no_post), "{door} {path}: {answer:?}");
            }
        }

        // A hidden one is not there at all.
        let (id, path) = fill("quiet", "hidden").await?;
        let post = say(&id).await?;
        let answer = scene.send(&scene.asks(Who::Ann, &post)?).await?;
        ensure!(same(&answer, &no_post), "{answer:?}");
        for part in std::iter::once("").chain(parts) {
            let absent = scene.send(&scene.asks(Who::Ann, &format!("/actors/1{part}"))?).await?;
            let hidden = scene.send(&scene.asks(Who::Ann, &format!("{path}{part}"))?).await?;
            ensure!(absent.status == 404 && same(&absent, &hidden), "{part}: {absent:?} and {hidden:?}");
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_047_a_recipient_cannot_pass_on_what_is_closed(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let closed = says(&scene, "direct", &format!("Closed words for @ann@{}", scene.peer.authority)).await?;
        corridor_tests::eventually("it arrives", || async {
            Ok((scene.peer.hits("/inbox") + scene.peer.hits("/users/ann/inbox") > 0).then_some(()))
        }).await?;
        let uri = scene.node.at(&closed);
        let boost = scene.activity(Who::Ann, "Announce", "1", json!({ "to": [PUBLIC], "object": uri }));
        scene.ignores(vec![("a boost", scene.signed(Who::Ann, &boost)?)]).await?;
        // An open answer is its author's to give, and shows nothing of what it answers.
        let open = scene.creates(Who::Ann, "reply", json!({ "inReplyTo": uri }));
        scene.receives(Who::Ann, &open).await?;
        let other = scene.node.person("cecil").await?;
        let reply = text(&scene.post("reply").await?, "id")?;
        let around = other.get(&format!("/api/v1/statuses/{reply}/context")).await?;
        ensure!(around["ancestors"].as_array().is_some_and(Vec::is_empty), "{around}");
        let seen = other.get(&format!("/api/v1/statuses/{reply}")).await?;
        ensure!(!seen.to_string().contains("Closed words"), "{seen}");
        Ok(())
    }
}
