//! Cases 34 to 42: nobody changes what is another's.

use anyhow::ensure;
use corridor_app::operator::Operator;
use corridor_app::reports;
use corridor_domain::Page;
use corridor_tests::{on_both, text};
use serde_json::{Value, json};

use super::peer::{Peer, Who};
use super::scene::{PUBLIC, Request, Scene};

fn by(scene: &Scene, who: Who, kind: &str, name: &str, object: Value) -> anyhow::Result<Request> {
    scene.signed(who, &scene.activity(who, kind, name, json!({ "object": object })))
}

/// A public post of Asha, by its address.
async fn post_of_asha(scene: &Scene) -> anyhow::Result<String> {
    let made = scene.asha.post("/api/v1/statuses", json!({ "status": "Words", "visibility": "public" })).await?;
    text(&made, "uri")
}

on_both! {
    async fn hostile_034_an_update_is_its_owners(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let theirs = post_of_asha(&scene).await?;
        scene.receives(Who::Ann, &scene.create(Who::Ann, "anns")).await?;
        let mut anns = scene.peer.note(Who::Ann, "anns");
        anns["updated"] = json!("2026-06-01T00:00:00Z");
        anns["content"] = json!("<p>Changed</p>");
        let mut taken = anns.clone();
        taken["attributedTo"] = json!(scene.peer.uri(Who::Bob));
        let mut local = taken.clone();
        local["id"] = json!(theirs);
        scene.refuses(vec![
            ("a post", by(&scene, Who::Bob, "Update", "1", anns)?, (403, "forbidden")),
            ("a post that is taken over", by(&scene, Who::Bob, "Update", "2", taken)?, (403, "forbidden")),
            ("a post of ours", by(&scene, Who::Bob, "Update", "3", local)?, (403, "forbidden")),
            ("a profile", by(&scene, Who::Bob, "Update", "4", scene.peer.person(Who::Ann)?)?, (403, "forbidden")),
        ]).await
    }
}

on_both! {
    async fn hostile_035_a_delete_is_its_owners(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let ours = post_of_asha(&scene).await?;
        scene.receives(Who::Ann, &scene.create(Who::Ann, "anns")).await?;
        let anns = scene.peer.at("/posts/anns");
        scene.refuses(vec![
            ("a post", by(&scene, Who::Bob, "Delete", "1", json!(anns))?, (403, "forbidden")),
            ("a tombstone of it", by(&scene, Who::Bob, "Delete", "2", json!({ "id": anns, "type": "Tombstone" }))?, (403, "forbidden")),
            ("a post of ours", by(&scene, Who::Bob, "Delete", "3", json!(ours))?, (403, "forbidden")),
            ("a person", by(&scene, Who::Bob, "Delete", "4", json!(scene.peer.uri(Who::Ann)))?, (403, "forbidden")),
            ("a person of ours", by(&scene, Who::Bob, "Delete", "5", json!(scene.asha_uri))?, (403, "forbidden")),
        ]).await
    }
}

on_both! {
    async fn hostile_036_who_did_it_takes_it_back(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let ours = post_of_asha(&scene).await?;
        let like = scene.activity(Who::Ann, "Like", "1", json!({ "object": ours }));
        let follow = scene.activity(Who::Ann, "Follow", "1", json!({ "object": scene.asha_uri }));
        scene.receives(Who::Ann, &like).await?;
        scene.receives(Who::Ann, &follow).await?;
        let forged = |activity: &Value| {
            let mut forged = activity.clone();
            forged["actor"] = json!(scene.peer.uri(Who::Bob));
            forged
        };
        corridor_tests::eventually("the follow is answered", || async {
            Ok((scene.peer.hits("/inbox") + scene.peer.hits("/users/ann/inbox") > 0).then_some(()))
        }).await?;
        scene.refuses(vec![
            ("a favourite", by(&scene, Who::Bob, "Undo", "1", like.clone())?, (403, "not_theirs")),
            ("a favourite by its id", by(&scene, Who::Bob, "Undo", "2", like["id"].clone())?, (403, "forbidden")),
            ("a favourite, in a forged name", by(&scene, Who::Bob, "Undo", "3", forged(&like))?, (403, "forbidden")),
            ("a follow", by(&scene, Who::Bob, "Undo", "4", follow.clone())?, (403, "not_theirs")),
            ("a follow, in a forged name", by(&scene, Who::Bob, "Undo", "5", forged(&follow))?, (403, "forbidden")),
        ]).await
    }
}

on_both! {
    async fn hostile_037_only_the_followed_answers_a_follow(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let of = |who| json!({ "type": "Follow", "actor": scene.asha_uri, "object": scene.peer.uri(who) });
        scene.ignores(vec![
            ("an answer to nothing", by(&scene, Who::Bob, "Accept", "1", of(Who::Bob))?),
            ("a no to nothing", by(&scene, Who::Bob, "Reject", "2", of(Who::Bob))?),
            ("an answer to an unknown id", by(&scene, Who::Bob, "Accept", "3", json!(scene.node.at("/activities/1")))?),
        ]).await?;
        scene.asha_follows_ann().await?;
        let ann = scene.ann_here().await?;
        let asked = scene.peer.posted().into_iter().find_map(|body| {
            let body: Value = serde_json::from_str(&body).ok()?;
            (body["type"] == "Follow").then(|| body["id"].clone())
        });
        let asked = asked.unwrap();
        scene.refuses(vec![
            ("yes, by another", by(&scene, Who::Bob, "Accept", "4", asked.clone())?, (403, "forbidden")),
            ("no, by another", by(&scene, Who::Bob, "Reject", "5", asked)?, (403, "forbidden")),
        ]).await?;
        scene.ignores(vec![
            ("no, by another, without its id", by(&scene, Who::Bob, "Reject", "8", of(Who::Ann))?),
            ("yes, again", by(&scene, Who::Ann, "Accept", "6", of(Who::Ann))?),
        ]).await?;
        let relation = scene.asha.get(&format!("/api/v1/accounts/relationships?id[]={ann}")).await?;
        ensure!(relation[0]["following"] == true, "{relation}");
        scene.asha.post(&format!("/api/v1/accounts/{ann}/unfollow"), json!({})).await?;
        scene.receives(Who::Ann, &scene.activity(Who::Ann, "Accept", "7", json!({ "object": of(Who::Ann) }))).await?;
        let relation = scene.asha.get(&format!("/api/v1/accounts/relationships?id[]={ann}")).await?;
        ensure!(relation[0]["following"] == false, "{relation}");
        Ok(())
    }
}

on_both! {
    async fn hostile_037_nobody_connects_in_anothers_place(kind: Kind) {
        let scene = Scene::on(kind).await?;
        scene.asha_follows_ann().await?;
        let (ann, bob, asha) = (scene.peer.uri(Who::Ann), scene.peer.uri(Who::Bob), scene.asha_uri.clone());
        let tie = |one: &str, other: &str| json!({
            "type": "Relationship", "subject": one, "object": other,
            "relationship": "http://purl.org/vocab/relationship/colleagueOf",
        });
        let offer = |who, name: &str, of: Value| scene.signed(who, &scene.activity(who, "Offer", name, json!({ "object": of })));
        scene.refuses(vec![
            ("an Offer for another", offer(Who::Bob, "1", tie(&ann, &asha))?, (403, "not_theirs")),
            ("an Offer that Asha would have made", offer(Who::Bob, "2", tie(&asha, &bob))?, (403, "not_theirs")),
        ]).await?;
        scene.ignores(vec![
            ("an Offer to nobody here", offer(Who::Bob, "3", tie(&bob, &ann))?),
            ("another relationship", offer(Who::Bob, "4", json!({ "type": "Relationship", "subject": bob, "object": asha, "relationship": "http://purl.org/vocab/relationship/employerOf" }))?),
        ]).await?;
        let there = scene.ann_here().await?;
        scene.asha.post(&format!("/api/v1/accounts/{there}/connect"), json!({})).await?;
        scene.delivers().await?;
        let asked = scene.peer.posted().into_iter().find_map(|body| {
            let body: Value = serde_json::from_str(&body).ok()?;
            (body["type"] == "Offer").then(|| body["id"].clone())
        });
        let ours = json!({ "id": asked.unwrap(), "type": "Offer", "actor": asha, "object": tie(&asha, &ann) });
        scene.refuses(vec![
            ("yes, by another", by(&scene, Who::Bob, "Accept", "5", ours.clone())?, (403, "forbidden")),
            ("no, by another", by(&scene, Who::Bob, "Reject", "6", ours.clone())?, (403, "forbidden")),
            ("taken back, by another", by(&scene, Who::Ann, "Undo", "7", ours)?, (403, "not_theirs")),
        ]).await?;
        let relation = scene.asha.get(&format!("/api/v1/accounts/relationships?id[]={there}")).await?;
        ensure!(relation[0]["connection_requested"] == true && relation[0]["connected"] == false, "{relation}");
        Ok(())
    }
}

on_both! {
    async fn hostile_038_nobody_takes_anothers_followers_along(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let stranger = Peer::start().await?;
        scene.asha_follows_ann().await?;
        scene.settles().await?;
        let moves = |who, name: &str, from: String, to: String| {
            scene.signed(who, &scene.activity(who, "Move", name, json!({ "object": from, "target": to })))
        };
        let (ann, bob) = (scene.peer.uri(Who::Ann), scene.peer.uri(Who::Bob));
        scene.refuses(vec![
            ("to one who does not say so", moves(Who::Ann, "1", ann.clone(), bob.clone())?, (403, "move_target")),
            ("by another", moves(Who::Bob, "2", ann.clone(), bob)?, (403, "move_of_another")),
            ("off the list", moves(Who::Ann, "3", ann.clone(), stranger.uri(Who::Ann))?, (403, "move_target")),
            ("in a circle", moves(Who::Ann, "4", ann.clone(), ann.clone())?, (403, "move_target")),
            ("to one of ours", moves(Who::Ann, "5", ann, scene.asha_uri.clone())?, (403, "move_target")),
        ]).await?;
        ensure!(stranger.connections() == 0, "a stranger was asked");
        let id = scene.ann_here().await?;
        let relation = scene.asha.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await?;
        ensure!(relation[0]["following"] == true, "{relation}");
        Ok(())
    }
}

on_both! {
    async fn hostile_039_a_report_in_anothers_name_is_refused(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let flag = |who, name: &str, rest: Value| {
            let mut activity = scene.activity(who, "Flag", name, json!({ "object": [scene.asha_uri], "content": "<b>Bad</b>" }));
            activity.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            scene.signed(Who::Bob, &activity)
        };
        scene.refuses(vec![
            ("in Ann's name", flag(Who::Ann, "1", json!({}))?, (403, "actor_mismatch")),
            ("in Asha's name", flag(Who::Bob, "2", json!({ "actor": scene.asha_uri }))?, (403, "id_elsewhere")),
            ("about nothing", flag(Who::Bob, "3", json!({ "object": [] }))?, (400, "activity")),
        ]).await
    }
}

on_both! {
    async fn hostile_039_a_report_is_text_and_as_short_as_it_may_be(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let content = format!("<p>Look<script>alert(1)</script> at this</p>{}", "<b>word</b> ".repeat(20_000));
        let flag = json!({ "object": [scene.asha_uri, scene.node.at("/posts/1"), scene.peer.at("/posts/2")], "content": content });
        scene.receives(Who::Ann, &scene.activity(Who::Ann, "Flag", "1", flag)).await?;
        let reports = reports::list(&scene.node.ctx, &Operator::System, false, Page::newest(10)).await?;
        ensure!(reports.len() == 1 && reports[0].posts.is_empty(), "{reports:?}");
        let (comment, reporter) = (&reports[0].comment, &reports[0].reporter);
        // Text to the letter: whoever reads it sees what was sent, and nothing in it is markup to them.
        ensure!(comment.starts_with("<p>Look<script>alert(1)</script> at this</p>"), "{comment:.100}");
        ensure!(comment.chars().count() == 1000, "{}", comment.chars().count());
        ensure!(reporter.contains(&scene.peer.authority), "{reporter}");
        Ok(())
    }
}

on_both! {
    async fn hostile_041_an_edit_never_widens_an_audience(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let create = scene.creates(Who::Ann, "secret", json!({ "to": [scene.asha_uri], "cc": [] }));
        scene.receives(Who::Ann, &create).await?;
        let before = scene.post("secret").await?;
        ensure!(before["visibility"] == "direct", "{before}");
        let mut note = create["object"].clone();
        note["to"] = json!([PUBLIC]);
        note["updated"] = json!("2026-06-01T00:00:00Z");
        note["content"] = json!("<p>Edited</p>");
        note["published"] = json!("2020-01-01T00:00:00Z");
        let update = scene.activity(Who::Ann, "Update", "1", json!({ "to": [PUBLIC], "object": note }));
        scene.send(&scene.signed(Who::Ann, &update)?).await?;
        let after = scene.post("secret").await?;
        ensure!(after["visibility"] == "direct" && after["created_at"] == before["created_at"], "{after}");
        let mut older = create["object"].clone();
        older["updated"] = json!("2026-03-01T00:00:00Z");
        older["content"] = json!("<p>Older</p>");
        scene.ignores(vec![("an older edit", by(&scene, Who::Ann, "Update", "2", older)?)]).await
    }
}

on_both! {
    async fn hostile_042_collections_and_ids_of_others_stay_theirs(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let ours = post_of_asha(&scene).await?;
        let add = |kind: &str, name: &str| {
            let rest = json!({ "object": ours, "target": format!("{}/collections/featured", scene.asha_uri) });
            scene.signed(Who::Ann, &scene.activity(Who::Ann, kind, name, rest))
        };
        scene.refuses(vec![
            ("Add", add("Add", "1")?, (403, "forbidden")),
            ("Remove", add("Remove", "2")?, (403, "forbidden")),
        ]).await?;
        let existing = scene.creates(Who::Ann, "x", json!({ "id": ours }));
        let mut foreign = scene.activity(Who::Ann, "Follow", "3", json!({ "object": scene.peer.uri(Who::Bob) }));
        foreign["actor"] = json!(scene.asha_uri);
        scene.refuses(vec![
            ("a post under an id of ours", scene.signed(Who::Ann, &existing)?, (403, "forbidden")),
            ("a follow by one of ours", scene.signed(Who::Ann, &foreign)?, (403, "id_elsewhere")),
        ]).await?;
        scene.receives(Who::Ann, &scene.create(Who::Ann, "anns")).await?;
        let mut taken = scene.creates(Who::Bob, "anns", json!({}));
        taken["id"] = json!(format!("{}#other", scene.peer.uri(Who::Bob)));
        scene.refuses(vec![("a post under another's id", scene.signed(Who::Bob, &taken)?, (403, "forbidden"))]).await
    }
}
