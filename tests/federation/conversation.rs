//! A conversation between two departments, through the front doors of both.

use anyhow::{Result, ensure};
use corridor_tests::{FrontDoor, Kind, TestNode, befriend, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Two nodes that allow each other, and a reader who follows the author across.
pub struct Pair {
    pub here: TestNode,
    pub there: TestNode,
    pub author: FrontDoor,
    pub reader: FrontDoor,
}

/// Two nodes that allow each other, and somebody on each.
pub async fn strangers(kind: Kind) -> Result<Pair> {
    let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
    befriend(&[&here, &there]).await?;
    let author = here.person("author").await?;
    let reader = there.person("reader").await?;
    Ok(Pair { here, there, author, reader })
}

/// As [`strangers`], of whom the reader follows the author.
pub async fn pair(kind: Kind) -> Result<Pair> {
    let pair = strangers(kind).await?;
    follow(&pair.reader, &pair.here.handle("author")).await?;
    Ok(pair)
}

pub async fn follow(reader: &FrontDoor, handle: &str) -> Result<String> {
    let id = reader.resolve(handle).await?;
    reader.post(&format!("/api/v1/accounts/{id}/follow"), json!({})).await?;
    eventually("the follow is accepted", || async {
        let relations = reader.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await?;
        Ok(relations[0]["following"].as_bool().filter(|yes| *yes))
    })
    .await?;
    Ok(id)
}

/// Waits for a post with these words at home; the status.
pub async fn arrives(reader: &FrontDoor, words: &str) -> Result<Value> {
    eventually(&format!("“{words}” arrives"), || async {
        let home = reader.home().await?;
        Ok(home.into_iter().find(|status| status["content"].as_str().is_some_and(|text| text.contains(words))))
    })
    .await
}

pub async fn says(author: &FrontDoor, words: &str) -> Result<Value> {
    author.post("/api/v1/statuses", json!({ "status": words, "visibility": "public" })).await
}

on_both! {
    async fn a_post_its_edit_and_its_deletion_cross(kind: Kind) {
        let pair = pair(kind).await?;
        let made = says(&pair.author, "The first words").await?;
        let seen = arrives(&pair.reader, "The first words").await?;
        ensure!(seen["uri"] == made["uri"], "the address is the author's");
        ensure!(seen["account"]["acct"] == json!(pair.here.handle("author")));
        ensure!(seen["visibility"] == "public" && seen["audience"] == "network" && seen["marking"] == "OFFICIAL");

        let here = format!("/api/v1/statuses/{}", text(&made, "id")?);
        let there = format!("/api/v1/statuses/{}", text(&seen, "id")?);
        pair.author.call(Method::PUT, &here, Some(json!({ "status": "Better words" }))).await?;
        eventually("the edit arrives", || async {
            let status = pair.reader.get(&there).await?;
            Ok((status["content"].as_str().is_some_and(|text| text.contains("Better words")) && !status["edited_at"].is_null()).then_some(()))
        })
        .await?;

        pair.author.call(Method::DELETE, &here, None).await?;
        eventually("the deletion arrives", || async {
            let (status, _) = pair.reader.try_call(Method::GET, &there, None).await?;
            Ok((status == StatusCode::NOT_FOUND).then_some(()))
        })
        .await?;
        ensure!(pair.reader.home().await?.iter().all(|status| status["uri"] != made["uri"]));
        Ok(())
    }
}

on_both! {
    async fn a_favourite_a_boost_and_their_undoing_cross(kind: Kind) {
        let pair = pair(kind).await?;
        let made = says(&pair.author, "Something to like").await?;
        let seen = arrives(&pair.reader, "Something to like").await?;
        let there = format!("/api/v1/statuses/{}", text(&seen, "id")?);
        let here = format!("/api/v1/statuses/{}", text(&made, "id")?);
        for (act, undo, field) in [("favourite", "unfavourite", "favourites_count"), ("reblog", "unreblog", "reblogs_count")] {
            for (act, wanted) in [(act, 1), (undo, 0), (act, 1)] {
                pair.reader.post(&format!("{there}/{act}"), json!({})).await?;
                eventually(&format!("{field} is {wanted} after {act}"), || async {
                    let status = pair.author.get(&here).await?;
                    Ok((status[field] == json!(wanted)).then_some(()))
                })
                .await?;
            }
        }
        let told = pair.author.get("/api/v1/notifications").await?;
        let kinds: Vec<&str> = told.as_array().unwrap().iter().filter_map(|item| item["type"].as_str()).collect();
        for kind in ["follow", "favourite", "reblog"] {
            ensure!(kinds.contains(&kind), "{kind} is not among {kinds:?}");
        }
        Ok(())
    }
}

on_both! {
    async fn replies_make_a_thread_on_both_sides(kind: Kind) {
        let pair = pair(kind).await?;
        let made = says(&pair.author, "A question for the other department").await?;
        let seen = arrives(&pair.reader, "A question").await?;
        let handle = pair.here.handle("author");
        let answer = json!({ "status": format!("@{handle} an answer"), "in_reply_to_id": seen["id"], "visibility": "public" });
        pair.reader.post("/api/v1/statuses", answer).await?;
        let path = format!("/api/v1/statuses/{}/context", text(&made, "id")?);
        let thread = eventually("the answer arrives", || async {
            let thread = pair.author.get(&path).await?;
            Ok(thread["descendants"].as_array().is_some_and(|below| below.len() == 1).then_some(thread))
        })
        .await?;
        ensure!(thread["descendants"][0]["in_reply_to_id"] == made["id"]);
        ensure!(thread["descendants"][0]["mentions"][0]["acct"] == "author");
        let told = pair.author.get("/api/v1/notifications?types[]=mention").await?;
        ensure!(told.as_array().unwrap().len() == 1);
        Ok(())
    }
}

on_both! {
    async fn unfollowing_stops_the_flow(kind: Kind) {
        let pair = pair(kind).await?;
        says(&pair.author, "Before").await?;
        arrives(&pair.reader, "Before").await?;
        let id = pair.reader.resolve(&pair.here.handle("author")).await?;
        pair.reader.post(&format!("/api/v1/accounts/{id}/unfollow"), json!({})).await?;
        let me = pair.author.get("/api/v1/accounts/verify_credentials").await?;
        let path = format!("/api/v1/accounts/{}", text(&me, "id")?);
        eventually("the author has no follower", || async {
            Ok((pair.author.get(&path).await?["followers_count"] == 0).then_some(()))
        })
        .await?;
        let others = pair.there.person("other").await?;
        follow(&others, &pair.here.handle("author")).await?;
        says(&pair.author, "After").await?;
        arrives(&others, "After").await?;
        ensure!(pair.reader.home().await?.iter().all(|status| !status["content"].as_str().unwrap().contains("After")));
        Ok(())
    }
}

on_both! {
    async fn a_locked_account_is_asked_first(kind: Kind) {
        let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &there]).await?;
        let author = here.person("author").await?;
        let reader = there.person("reader").await?;
        author.call(Method::PATCH, "/api/v1/accounts/update_credentials", Some(json!({ "locked": true }))).await?;
        let id = reader.resolve(&here.handle("author")).await?;
        let relation = reader.post(&format!("/api/v1/accounts/{id}/follow"), json!({})).await?;
        ensure!(relation["requested"] == true && relation["following"] == false, "{relation}");
        let asking = eventually("the request arrives", || async {
            let requests = author.get("/api/v1/follow_requests").await?;
            requests.get(0).map(|person| text(person, "id")).transpose()
        })
        .await?;
        author.post(&format!("/api/v1/follow_requests/{asking}/authorize"), json!({})).await?;
        eventually("the answer arrives", || async {
            let relations = reader.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await?;
            Ok(relations[0]["following"].as_bool().filter(|yes| *yes))
        })
        .await?;
        says(&author, "For those I know").await?;
        arrives(&reader, "For those I know").await?;
        Ok(())
    }
}
