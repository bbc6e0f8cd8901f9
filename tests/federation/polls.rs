//! A poll between two departments: asked here, voted in there, counted here, told there, and closed.

use std::time::Duration;

use anyhow::{Result, ensure};
use corridor_tests::{Browser, FrontDoor, PASSWORD, eventually, on_both, text};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::conversation::{arrives, pair, says};

/// Waits until a poll has these counts; the poll.
async fn counted(reader: &FrontDoor, poll: &str, wanted: &[u64]) -> Result<Value> {
    eventually(&format!("{wanted:?} are counted"), || async {
        let poll = reader.get(&format!("/api/v1/polls/{poll}")).await?;
        let counts: Vec<Option<u64>> =
            poll["options"].as_array().unwrap().iter().map(|option| option["votes_count"].as_u64()).collect();
        let wanted: Vec<Option<u64>> = wanted.iter().map(|count| Some(*count)).collect();
        Ok((counts == wanted).then_some(poll))
    })
    .await
}

on_both! {
    async fn a_poll_is_asked_here_and_voted_in_there(kind: Kind) {
        let pair = pair(kind).await?;
        let other = pair.there.person("other").await?;
        let poll = json!({ "options": ["Tea", "Coffee", "Water"], "expires_in": 3600, "multiple": true });
        let asked = json!({ "status": "What shall we drink?", "visibility": "public", "poll": poll });
        let made = pair.author.post("/api/v1/statuses", asked).await?;
        let (here, seen) = (text(&made["poll"], "id")?, arrives(&pair.reader, "What shall we drink?").await?);
        let there = text(&seen["poll"], "id")?;
        ensure!(seen["poll"]["multiple"] == true && seen["poll"]["expired"] == false, "{seen}");
        ensure!(seen["poll"]["expires_at"] == made["poll"]["expires_at"] && seen["poll"]["voted"] == false, "{seen}");
        ensure!(seen["poll"]["options"][1]["title"] == "Coffee", "{seen}");

        let votes = format!("/api/v1/polls/{there}/votes");
        let voted = pair.reader.post(&votes, json!({ "choices": [0, 2] })).await?;
        ensure!(voted["own_votes"] == json!([0, 2]) && voted["voters_count"] == 1, "{voted}");
        let poll = counted(&pair.author, &here, &[1, 0, 1]).await?;
        ensure!(poll["voters_count"] == 1 && poll["votes_count"] == 2, "{poll}");
        let (status, again) = pair.reader.try_call(reqwest::Method::POST, &votes, Some(json!({ "choices": [1] }))).await?;
        ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "{again}");

        // Somebody at home votes: who holds the poll elsewhere learns of it.
        let colleague = pair.here.person("colleague").await?;
        colleague.post(&format!("/api/v1/polls/{here}/votes"), json!({ "choices": [1] })).await?;
        // The votes that have come are told together, after a rest.
        pair.here.clock.advance(Duration::from_secs(31));
        let poll = counted(&pair.reader, &there, &[1, 1, 1]).await?;
        ensure!(poll["voters_count"] == 2 && poll["own_votes"] == json!([0, 2]), "{poll}");
        ensure!(pair.reader.home().await?.iter().all(|status| status["edited_at"].is_null()), "a count is no edit");

        // The end, which each node sees by its own clock.
        for node in [&pair.here, &pair.there] {
            node.clock.advance(Duration::from_secs(3600));
        }
        for (person, times) in [(&pair.author, 1), (&pair.reader, 1), (&colleague, 1), (&other, 0)] {
            eventually("who asked or voted is told of the end", || async {
                let told = person.get("/api/v1/notifications?types[]=poll").await?;
                Ok((told.as_array().map(Vec::len) == Some(times)).then_some(()))
            })
            .await?;
        }
        let (status, late) = other.try_call(reqwest::Method::POST, &votes, Some(json!({ "choices": [1] }))).await?;
        ensure!(status == StatusCode::UNPROCESSABLE_ENTITY && late.to_string().contains("already ended"), "{late}");
        let poll = counted(&pair.author, &here, &[1, 1, 1]).await?;
        ensure!(poll["expired"] == true, "{poll}");
        Ok(())
    }
}

on_both! {
    async fn hostile_040_a_late_vote_from_elsewhere_is_refused(kind: Kind) {
        let pair = pair(kind).await?;
        let poll = json!({ "options": ["Tea", "Coffee"], "expires_in": 300 });
        let made = pair
            .author
            .post("/api/v1/statuses", json!({ "status": "Be quick", "visibility": "public", "poll": poll }))
            .await?;
        let seen = arrives(&pair.reader, "Be quick").await?;
        // The reader's node has another clock: there the poll is open still.
        let here = text(&made["poll"], "id")?;
        pair.there.clock.advance(Duration::from_secs(200));
        pair.here.clock.advance(Duration::from_secs(301));
        let votes = format!("/api/v1/polls/{}/votes", text(&seen["poll"], "id")?);
        pair.reader.post(&votes, json!({ "choices": [0] })).await?;
        // What the reader says afterwards comes in order, so the vote was judged before.
        let handle = pair.here.handle("author");
        says(&pair.reader, &format!("@{handle} I have voted")).await?;
        eventually("the words after the vote arrive", || async {
            let told = pair.author.get("/api/v1/notifications?types[]=mention").await?;
            Ok((told.as_array().map(Vec::len) == Some(1)).then_some(()))
        })
        .await?;
        let poll = pair.author.get(&format!("/api/v1/polls/{here}")).await?;
        ensure!(poll["votes_count"] == 0 && poll["voters_count"] == 0 && poll["expired"] == true, "{poll}");
        Ok(())
    }
}

on_both! {
    async fn hostile_040_other_options_make_votes_elsewhere_void(kind: Kind) {
        let pair = pair(kind).await?;
        let poll = |second: &str| json!({ "options": ["Tea", second], "expires_in": 3600 });
        let ask = json!({ "status": "Tea or what?", "visibility": "public", "poll": poll("Coffee") });
        let made = pair.author.post("/api/v1/statuses", ask).await?;
        let seen = arrives(&pair.reader, "Tea or what?").await?;
        let (here, there) = (text(&made["poll"], "id")?, text(&seen["poll"], "id")?);
        pair.reader.post(&format!("/api/v1/polls/{there}/votes"), json!({ "choices": [1] })).await?;
        counted(&pair.author, &here, &[0, 1]).await?;
        let edit = json!({ "status": "Tea or what?", "poll": poll("Gin") });
        let edited = pair
            .author
            .call(reqwest::Method::PUT, &format!("/api/v1/statuses/{}", text(&made, "id")?), Some(edit))
            .await?;
        ensure!(edited["poll"]["votes_count"] == 0 && edited["poll"]["reset_at"].is_string(), "{edited}");
        let poll = counted(&pair.reader, &there, &[0, 0]).await?;
        ensure!(poll["voted"] == false && poll["reset_at"].is_string() && poll["options"][1]["title"] == "Gin", "{poll}");
        let mut browser = Browser::new(&pair.there.url)?;
        browser.fill("/sign-in", "/sign-in", &[("username", "reader"), ("password", PASSWORD)]).await?;
        let page = browser.open("/").await?;
        ensure!(page.contains("votes from before that do not count"), "{page}");
        Ok(())
    }
}
