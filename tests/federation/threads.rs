//! Threads of which a node saw one late reply: it asks whoever began them for the rest.

use anyhow::ensure;
use corridor_tests::{TestNode, befriend, eventually, on_both, text};
use serde_json::{Value, json};

use super::conversation::{arrives, follow, says};

/// What stands around a post, in words.
fn words(thread: &Value) -> Vec<String> {
    let part = |name: &str| thread[name].as_array().cloned().unwrap_or_default();
    let all = part("ancestors").into_iter().chain(part("descendants"));
    all.map(|status| status["content"].as_str().unwrap_or_default().to_owned()).collect()
}

on_both! {
    async fn a_late_reply_brings_the_whole_thread_but_what_is_not_for_its_readers(kind: Kind) {
        let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &there]).await?;
        let (author, late) = (here.person("author").await?, here.person("late").await?);
        let reader = there.person("reader").await?;
        follow(&reader, &here.handle("late")).await?;

        let root = says(&author, "How it began").await?;
        let answer = |to: &Value, words: &str, audience: &str| {
            json!({ "status": words, "in_reply_to_id": to["id"], "audience": audience })
        };
        let first = author.post("/api/v1/statuses", answer(&root, "The first answer", "network")).await?;
        author.post("/api/v1/statuses", answer(&root, "Another branch", "network")).await?;
        for (said, audience) in [("For followers alone", "followers"), ("For us alone", "department")] {
            author.post("/api/v1/statuses", answer(&root, said, audience)).await?;
        }
        late.post("/api/v1/statuses", answer(&first, "The late answer", "network")).await?;

        let seen = arrives(&reader, "The late answer").await?;
        let path = format!("/api/v1/statuses/{}/context", text(&seen, "id")?);
        eventually("the thread above it", || async {
            Ok((words(&reader.get(&path).await?).len() == 2).then_some(()))
        })
        .await?;
        let above = reader.get(&path).await?;
        let top = format!("/api/v1/statuses/{}/context", text(&above["ancestors"][0], "id")?);
        let whole = eventually("the other branch", || async {
            let said = words(&reader.get(&top).await?);
            Ok(said.iter().any(|words| words.contains("Another branch")).then_some(said))
        })
        .await?;
        ensure!(whole.len() == 3, "the first answer, the other branch and the late one: {whole:?}");
        ensure!(!whole.iter().any(|said| said.contains("alone")), "{whole:?}");

        // An answer from there names the same thread.
        let handle = here.handle("late");
        let back = json!({ "status": format!("@{handle} from there"), "in_reply_to_id": seen["id"], "visibility": "public" });
        reader.post("/api/v1/statuses", back).await?;
        let path = format!("/api/v1/statuses/{}/context", text(&root, "id")?);
        eventually("the answer from there joins the thread", || async {
            let said = words(&author.get(&path).await?);
            Ok(said.iter().any(|words| words.contains("from there")).then_some(()))
        })
        .await?;
        Ok(())
    }
}
