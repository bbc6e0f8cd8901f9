//! Pinned posts: one's own, for everyone, five at most.

use anyhow::{Result, ensure};
use corridor_tests::{TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::caller::{Caller, said};

fn ids(list: &[Value]) -> Vec<String> {
    list.iter().filter_map(|one| one["id"].as_str().map(str::to_owned)).collect()
}

async fn says(who: &Caller, words: &str, more: Value) -> Result<String> {
    let mut body = json!({ "status": words, "visibility": "public" });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    text(&who.says(&body).await?, "id")
}

on_both! {
    async fn posts_are_pinned_shown_and_taken_down(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let me = asha.me().await?;
        let shown = format!("/api/v1/accounts/{me}/statuses?pinned=true");
        let first = says(&asha, "Read this first", json!({})).await?;
        let second = says(&asha, "And this", json!({})).await?;
        ensure!(asha.get(&shown).await?.list()?.is_empty());
        for id in [&first, &second, &first] {
            let pinned = asha.post(&format!("/api/v1/statuses/{id}/pin"), &json!({})).await?.ok()?;
            ensure!(pinned["id"] == json!(id) && pinned["pinned"] == true, "{pinned}");
        }
        ensure!(ids(&bryn.get(&shown).await?.list()?) == [second.clone(), first.clone()], "the latest pin first, once");
        ensure!(bryn.get(&format!("/api/v1/statuses/{first}")).await?.ok()?["pinned"] == false, "it is not bryn who pinned it");
        let all = asha.get(&format!("/api/v1/accounts/{me}/statuses")).await?.list()?;
        ensure!(all.len() == 2 && all.iter().all(|one| one["pinned"] == true), "{all:?}");
        let down = asha.post(&format!("/api/v1/statuses/{first}/unpin"), &json!({})).await?.ok()?;
        ensure!(down["pinned"] == false, "{down}");
        asha.post(&format!("/api/v1/statuses/{first}/unpin"), &json!({})).await?.ok()?;
        ensure!(ids(&asha.get(&shown).await?.list()?) == std::slice::from_ref(&second));
        ensure!(asha.get("/api/v1/timelines/home").await?.list()?.len() == 2, "unpinned is not deleted");
        // A post that is deleted makes room.
        said(asha.request(Method::DELETE, &format!("/api/v1/statuses/{second}"))).await?.ok()?;
        ensure!(asha.get(&shown).await?.list()?.is_empty());
        for number in 0..5 {
            let id = says(&asha, &format!("Number {number}"), json!({})).await?;
            asha.post(&format!("/api/v1/statuses/{id}/pin"), &json!({})).await?.ok()?;
        }
        asha.post(&format!("/api/v1/statuses/{first}/pin"), &json!({})).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "maximum number")?;
        ensure!(asha.get(&shown).await?.list()?.len() == 5);
        Ok(())
    }
}

on_both! {
    async fn only_own_posts_for_everyone_are_pinned(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let me = asha.me().await?;
        let theirs = says(&bryn, "Not asha's", json!({})).await?;
        let boost = text(&asha.post(&format!("/api/v1/statuses/{theirs}/reblog"), &json!({})).await?.ok()?, "id")?;
        let near = says(&asha, "For the department", json!({ "audience": "department" })).await?;
        let followers = says(&asha, "For followers", json!({ "visibility": "private" })).await?;
        let named = says(&asha, "@bryn psst", json!({ "visibility": "direct" })).await?;
        let group = text(&asha.post("/api/v1/groups", &json!({ "name": "tea", "title": "Tea", "kind": "social", "door": "open" })).await?.ok()?, "id")?;
        let talk = text(&asha.says(&json!({ "status": "Kettle", "group_id": group, "title": "Kettle" })).await?, "id")?;
        let whole = "Only posts for the whole network can be pinned";
        for (id, words) in [
            (&theirs, "Someone else's post cannot be pinned"),
            (&boost, "A boost cannot be pinned"),
            (&near, whole),
            (&followers, whole),
            (&named, whole),
            (&talk, whole),
        ] {
            let answer = asha.post(&format!("/api/v1/statuses/{id}/pin"), &json!({})).await?;
            answer.refused(StatusCode::UNPROCESSABLE_ENTITY, &format!("Validation failed: {words}"))?;
        }
        let secret = says(&bryn, "Mine alone", json!({ "visibility": "private" })).await?;
        for (id, act) in [(secret.as_str(), "pin"), ("1", "pin"), ("1", "unpin"), ("x", "pin")] {
            let answer = asha.post(&format!("/api/v1/statuses/{id}/{act}"), &json!({})).await?;
            answer.refused(StatusCode::NOT_FOUND, "Record not found")?;
        }
        ensure!(asha.get(&format!("/api/v1/accounts/{me}/statuses?pinned=true")).await?.list()?.is_empty());
        let instance = Caller::new(&node, None)?.get("/api/v2/instance").await?.ok()?;
        ensure!(instance["configuration"]["accounts"]["max_pinned_statuses"] == 5, "{}", instance["configuration"]);
        Ok(())
    }
}
