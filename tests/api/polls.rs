//! Polls as clients make them and vote in them, and what they are told when that can't be.

use anyhow::{Context, Result, ensure};
use corridor_tests::{TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::caller::{Caller, said};

on_both! {
    async fn a_poll_is_made_and_voted_in(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let form = "status=Drink%3F&visibility=public&poll%5Boptions%5D%5B%5D=Tea&poll%5Boptions%5D%5B%5D=Coffee\
                    &poll%5Bexpires_in%5D=300&poll%5Bhide_totals%5D=true&poll%5Bmultiple%5D=false";
        let request = asha.request(Method::POST, "/api/v1/statuses");
        let made = said(request.header("content-type", "application/x-www-form-urlencoded").body(form)).await?.ok()?;
        let poll = &made["poll"];
        let keys: Vec<&str> = poll.as_object().context("no poll")?.keys().map(String::as_str).collect();
        let documented = [
            "id", "expires_at", "expired", "multiple", "votes_count", "voters_count", "options", "emojis", "voted",
            "own_votes", "reset_at",
        ];
        ensure!(keys.len() == documented.len() && documented.iter().all(|key| keys.contains(key)), "{keys:?}");
        ensure!(poll["options"][0] == json!({ "title": "Tea", "votes_count": null }), "{poll}");
        ensure!(poll["voted"] == true && poll["own_votes"] == json!([]), "authors can't vote: {poll}");

        let path = format!("/api/v1/polls/{}", text(poll, "id")?);
        ensure!(bryn.get(&path).await?.ok()?["voted"] == false);
        let votes = format!("{path}/votes");
        let refused = async |caller: &Caller, choices: serde_json::Value, words: &str| -> Result<()> {
            let answer = caller.post(&votes, &json!({ "choices": choices })).await?;
            answer.refused(StatusCode::UNPROCESSABLE_ENTITY, words)?;
            Ok(())
        };
        refused(&asha, json!([0]), "Validation failed: You cannot vote in your own polls").await?;
        refused(&bryn, json!([]), "Validation failed: The chosen vote option does not exist").await?;
        refused(&bryn, json!(["-1"]), "Validation failed: The chosen vote option does not exist").await?;
        refused(&bryn, json!([0, 1]), "Validation failed: You have already voted on this poll").await?;
        let voted = bryn.post(&votes, &json!({ "choices": ["1"] })).await?.ok()?;
        ensure!(voted["own_votes"] == json!([1]) && voted["votes_count"] == 1 && voted["voters_count"] == 1, "{voted}");
        ensure!(voted["options"][1]["votes_count"].is_null(), "hidden until the end: {voted}");
        refused(&bryn, json!([1]), "Validation failed: You have already voted on this poll").await?;
        bryn.get("/api/v1/polls/1").await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        node.clock.advance(std::time::Duration::from_secs(300));
        refused(&bryn, json!([1]), "Validation failed: The poll has already ended").await?;
        let ended = bryn.get(&path).await?.ok()?;
        ensure!(ended["expired"] == true && ended["options"][1]["votes_count"] == 1, "{ended}");
        Ok(())
    }
}

on_both! {
    async fn what_is_no_poll_is_refused_in_mastodons_words(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let many: Vec<String> = (0..11).map(|number| number.to_string()).collect();
        for (poll, words) in [
            (json!({ "options": ["Tea"], "expires_in": 300 }), "Options must have more than one item"),
            (json!({ "options": many, "expires_in": 300 }), "Options can't contain more than 10 items"),
            (json!({ "options": ["Tea", "Tea"], "expires_in": 300 }), "Options contain duplicate items"),
            (json!({ "options": ["Tea", "x".repeat(101)], "expires_in": 300 }), "can't be longer than 100 characters each"),
            (json!({ "options": ["Tea", "Gin"], "expires_in": 299 }), "Expires at is too soon"),
            (json!({ "options": ["Tea", "Gin"] }), "Expires at is too soon"),
            (json!({ "options": ["Tea", "Gin"], "expires_in": -1 }), "Expires at is too soon"),
            (json!({ "options": ["Tea", "Gin"], "expires_in": 2_592_001 }), "Expires at is too far into the future"),
        ] {
            let answer = asha.post("/api/v1/statuses", &json!({ "status": "?", "poll": poll })).await?;
            answer.refused(StatusCode::UNPROCESSABLE_ENTITY, words)?;
        }
        let plain = asha.post("/api/v1/statuses", &json!({ "status": "No poll", "poll": null })).await?.ok()?;
        ensure!(plain["poll"].is_null(), "{plain}");
        let me = asha.get("/api/v1/accounts/verify_credentials").await?.ok()?;
        ensure!(me["statuses_count"] == 1, "nothing of what was refused was published: {me}");
        Ok(())
    }
}
