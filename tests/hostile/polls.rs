//! Case 40: votes that may not be given, and counts that are not the sender's to tell.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use corridor_store::polls;
use corridor_tests::{eventually, on_both};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::peer::Who;
use super::scene::{PUBLIC, Request, Scene};
use super::state::{changed, state};

/// Asha asks; the poll as she sees it, and the address of the post.
async fn asks(scene: &Scene, multiple: bool, rest: Value) -> Result<(String, String)> {
    let poll = json!({ "options": ["Tea", "Coffee"], "expires_in": 600, "multiple": multiple });
    let mut body = json!({ "status": "What to drink?", "visibility": "public", "poll": poll });
    body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let made = scene.asha.post("/api/v1/statuses", body).await?;
    let text = |value: &Value| value.as_str().map(str::to_owned).context("a poll");
    Ok((text(&made["poll"]["id"])?, text(&made["uri"])?))
}

async fn counts(scene: &Scene, poll: &str) -> Result<(Vec<i64>, i64)> {
    let poll = scene.asha.get(&format!("/api/v1/polls/{poll}")).await?;
    let options = poll["options"].as_array().context("no options")?;
    let votes = options.iter().filter_map(|option| option["votes_count"].as_i64()).collect();
    Ok((votes, poll["voters_count"].as_i64().context("no voters")?))
}

/// A vote as Mastodon sends it, with other fields where a test says so.
fn vote(scene: &Scene, who: Who, number: u32, poll: &str, name: &str, rest: Value) -> Result<Request> {
    let mut note = json!({
        "id": scene.peer.at(&format!("/votes/{number}")),
        "type": "Note",
        "attributedTo": scene.peer.uri(who),
        "to": [scene.asha_uri],
        "name": name,
        "inReplyTo": poll,
    });
    note.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    let fields = json!({ "to": [scene.asha_uri], "object": note });
    scene.signed(who, &scene.activity(who, "Create", &format!("vote-{number}"), fields))
}

const NO: (u16, &str) = (403, "forbidden");

/// Makes the counts of the votes until now due, and waits until they are told: a chore that writes so by itself.
async fn counts_are_told(scene: &Scene) -> Result<()> {
    scene.node.clock.advance(Duration::from_secs(61));
    eventually("the counts are told", || async {
        let due = scene.node.ctx.store.read(|tx| Ok::<_, corridor_app::Error>(polls::to_tell(tx, 1)?)).await?;
        Ok(due.is_empty().then_some(()))
    })
    .await?;
    scene.delivers().await
}

on_both! {
    async fn hostile_040_a_vote_counts_once_in_time_and_from_whom_it_may(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let ann = |number, poll: &str, name: &str| vote(&scene, Who::Ann, number, poll, name, json!({}));
        let (single, uri) = asks(&scene, false, json!({})).await?;
        let as_bob = json!({ "attributedTo": scene.peer.uri(Who::Bob) });
        let away = json!({ "id": "http://127.0.0.9/votes/1" });
        let ours = json!({ "id": scene.node.at("/votes/1") });
        scene.refuses(vec![
            ("an option that is not there", ann(1, &uri, "Milk")?, NO),
            ("another spelling of one", ann(2, &uri, "tea")?, NO),
            ("a vote in another's name", vote(&scene, Who::Ann, 3, &uri, "Tea", as_bob)?, NO),
            ("a vote that lies elsewhere", vote(&scene, Who::Ann, 4, &uri, "Tea", away)?, NO),
            ("a vote that lies here", vote(&scene, Who::Ann, 5, &uri, "Tea", ours)?, NO),
        ]).await?;
        let first = ann(6, &uri, "Coffee")?;
        scene.takes(&first).await?;
        counts_are_told(&scene).await?;
        scene.ignores(vec![("the same vote again", first)]).await?;
        scene.refuses(vec![
            ("the same choice again", ann(7, &uri, "Coffee")?, NO),
            ("a second choice where one may be made", ann(8, &uri, "Tea")?, NO),
        ]).await?;
        ensure!(counts(&scene, &single).await? == (vec![0, 1], 1));

        let (several, uri) = asks(&scene, true, json!({})).await?;
        scene.takes(&ann(9, &uri, "Tea")?).await?;
        scene.takes(&ann(10, &uri, "Coffee")?).await?;
        counts_are_told(&scene).await?;
        scene.refuses(vec![("a choice that was made", ann(11, &uri, "Tea")?, NO)]).await?;
        ensure!(counts(&scene, &several).await? == (vec![1, 1], 1));

        // Closed polls are not for those who can't read them, and say nothing of what they ask.
        scene.node.add("bryn").await?;
        let named = json!({ "visibility": "direct", "status": "What to drink, @bryn?" });
        for rest in [json!({ "visibility": "private" }), named, json!({ "audience": "department" })] {
            let (closed, uri) = asks(&scene, false, rest).await?;
            scene.refuses(vec![
                ("a poll that is not for them", ann(12, &uri, "Tea")?, NO),
                ("no option of it", ann(13, &uri, "Milk")?, NO),
            ]).await?;
            ensure!(counts(&scene, &closed).await? == (vec![0, 0], 0));
        }
        let plain = scene.asha.post("/api/v1/statuses", json!({ "status": "No poll", "visibility": "public" })).await?;
        scene.ignores(vec![
            ("a vote in what is no poll", ann(14, plain["uri"].as_str().unwrap(), "Tea")?),
            ("a vote in what is not there", ann(15, &scene.node.at("/posts/1"), "Tea")?),
        ]).await?;

        let (late, uri) = asks(&scene, false, json!({})).await?;
        scene.node.clock.advance(Duration::from_secs(601));
        let after = vote(&scene, Who::Bob, 16, &uri, "Tea", json!({}))?;
        let before = state(scene.node.database())?;
        let answer = scene.send(&after).await?;
        ensure!(answer.code() == NO, "a vote after the end: {answer:?}");
        let mut touched = changed(&before, &state(scene.node.database())?);
        // That polls have ended is told meanwhile, here and to the nodes of those who voted.
        let told = ["notifications", "polls", "stream_events", "outbox_events", "activities"];
        touched.retain(|table| !told.contains(&table.as_str()));
        ensure!(touched.is_empty(), "a vote after the end changed {touched:?}");
        ensure!(counts(&scene, &late).await? == (vec![0, 0], 0));
        Ok(())
    }
}

/// A question of Ann with these options and counts.
fn question(scene: &Scene, options: [(&str, i64); 2], rest: Value) -> Value {
    let option = |(name, votes): (&str, i64)| json!({ "type": "Note", "name": name, "replies": { "type": "Collection", "totalItems": votes } });
    let mut asked = scene.peer.note(Who::Ann, "asked");
    let fields = json!({
        "type": "Question", "cc": [scene.asha_uri], "endTime": "2099-01-01T00:00:00Z", "votersCount": 7,
        "oneOf": options.map(option),
    });
    for fields in [fields, rest] {
        asked.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    }
    asked
}

on_both! {
    async fn hostile_040_only_who_asked_counts_and_asks_anew(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let create = |object: Value| scene.activity(Who::Ann, "Create", "asked", json!({ "to": [PUBLIC], "cc": [scene.asha_uri], "object": object }));
        scene.receives(Who::Ann, &create(question(&scene, [("Tea", -5), ("Coffee", 3)], json!({ "votersCount": -1 })))).await?;
        let seen = scene.post("asked").await?["poll"].clone();
        let poll = seen["id"].as_str().context("no poll")?.to_owned();
        ensure!(counts(&scene, &poll).await? == (vec![0, 3], 0), "less than nobody has voted: {seen}");

        let update = |who: Who, name: &str, object: Value| {
            scene.signed(who, &scene.activity(who, "Update", name, json!({ "to": [PUBLIC], "object": object })))
        };
        let bob = scene.peer.uri(Who::Bob);
        let forged = |author: Value| question(&scene, [("Tea", 900), ("Coffee", 0)], json!({ "attributedTo": author }));
        let mut ours = forged(json!(scene.peer.uri(Who::Ann)));
        let (own, own_uri) = asks(&scene, false, json!({})).await?;
        ours["id"] = json!(own_uri);
        scene.refuses(vec![
            ("counts of another's poll", update(Who::Bob, "1", forged(json!(scene.peer.uri(Who::Ann))))?, NO),
            ("counts of another's poll as one's own", update(Who::Bob, "2", forged(json!(bob)))?, NO),
            ("counts of another's poll as nobody's", update(Who::Bob, "3", forged(Value::Null))?, NO),
            ("counts of a poll of ours", update(Who::Ann, "4", ours)?, NO),
        ]).await?;
        ensure!(counts(&scene, &poll).await? == (vec![0, 3], 0) && counts(&scene, &own).await? == (vec![0, 0], 0));

        // Who asked may tell new counts, which is no edit, and other options only with the date of one.
        scene.takes(&update(Who::Ann, "5", question(&scene, [("Tea", 1), ("Coffee", 4)], json!({})))?).await?;
        ensure!(counts(&scene, &poll).await? == (vec![1, 4], 7));
        let other = |rest: Value| question(&scene, [("Tea", 9), ("Gin", 9)], rest);
        scene.ignores(vec![("other options in silence", update(Who::Ann, "6", other(json!({})))?)]).await?;

        // People here vote by the same rules.
        let votes = format!("/api/v1/polls/{poll}/votes");
        let choose = async |choices: Value| -> Result<StatusCode> {
            Ok(scene.asha.try_call(Method::POST, &votes, Some(json!({ "choices": choices }))).await?.0)
        };
        let refuse = async |choices: Value| -> Result<()> {
            let before = state(scene.node.database())?;
            let status = choose(choices.clone()).await?;
            let mut touched = changed(&before, &state(scene.node.database())?);
            // When a token was last used is written down beside the request.
            touched.retain(|table| table != "oauth_tokens");
            ensure!(status == StatusCode::UNPROCESSABLE_ENTITY && touched.is_empty(), "{choices}: {status} {touched:?}");
            Ok(())
        };
        for wrong in [json!([0, 1]), json!([2]), json!([-1]), json!([])] {
            refuse(wrong).await?;
        }
        ensure!(choose(json!([0, 0])).await?.is_success(), "said twice in one breath, it is one vote");
        scene.delivers().await?;
        let votes_sent = scene.peer.posted().iter().filter(|body| body.contains("\"name\":\"Tea\"")).count();
        ensure!(votes_sent == 1, "{votes_sent} votes were sent");
        for again in [json!([0]), json!([1])] {
            refuse(again).await?;
        }
        let edit = other(json!({ "updated": scene.node.ctx.now().to_rfc3339() }));
        scene.takes(&update(Who::Ann, "7", edit)?).await?;
        let seen = scene.asha.get(&format!("/api/v1/polls/{poll}")).await?;
        ensure!(seen["voted"] == false && seen["reset_at"].is_string() && seen["options"][1]["title"] == "Gin", "{seen}");
        Ok(())
    }
}
