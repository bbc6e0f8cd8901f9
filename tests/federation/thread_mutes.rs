//! Muted threads across nodes: what arrives later in them is not told either.

use anyhow::ensure;
use corridor_tests::{on_both, text};
use serde_json::json;

use super::conversation::{Pair, arrives, follow, pair, says};

on_both! {
    async fn what_arrives_later_in_a_muted_thread_is_not_told(kind: Kind) {
        let Pair { here: _here, there, author, reader } = pair(kind).await?;
        let handle = there.handle("reader");
        follow(&author, &handle).await?;
        let root = says(&author, &format!("@{handle} what about tea?")).await?;
        let seen = text(&arrives(&reader, "what about tea?").await?, "id")?;
        let mentions = async || {
            let told = reader.get("/api/v1/notifications?types[]=mention").await?;
            Ok::<_, anyhow::Error>(told.as_array().map_or(0, Vec::len))
        };
        ensure!(mentions().await? == 1);
        ensure!(reader.post(&format!("/api/v1/statuses/{seen}/mute"), json!({})).await?["muted"] == true);

        let more = json!({ "status": format!("@{handle} or coffee?"), "visibility": "public", "in_reply_to_id": text(&root, "id")? });
        author.post("/api/v1/statuses", more).await?;
        let later = arrives(&reader, "or coffee?").await?;
        ensure!(later["muted"] == true, "{later}");
        ensure!(mentions().await? == 1, "a muted thread has told something");
        says(&author, &format!("@{handle} and now for something else")).await?;
        arrives(&reader, "something else").await?;
        ensure!(mentions().await? == 2);
        Ok(())
    }
}
