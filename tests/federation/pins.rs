//! Pinned posts across nodes: told to followers' nodes, and shown in the collection.

use anyhow::{Result, ensure};
use corridor_tests::{FrontDoor, eventually, on_both, text};
use reqwest::Method;
use serde_json::json;

use super::conversation::{Pair, arrives, pair, says};

/// Waits until somebody's pinned posts are these, the latest pin first.
async fn shows(reader: &FrontDoor, account: &str, uris: &[&str]) -> Result<()> {
    let path = format!("/api/v1/accounts/{account}/statuses?pinned=true");
    eventually(&format!("{uris:?} are pinned"), || async {
        let pinned = reader.get(&path).await?;
        let found: Vec<&str> = pinned.as_array().into_iter().flatten().filter_map(|one| one["uri"].as_str()).collect();
        Ok((found == uris).then_some(()))
    })
    .await
}

on_both! {
    async fn pins_cross_and_go_with_their_posts(kind: Kind) {
        let Pair { here, there: _there, author, reader } = pair(kind).await?;
        let them = reader.resolve(&here.handle("author")).await?;
        let mut uris = Vec::new();
        let mut ids = Vec::new();
        for number in 0..3 {
            let made = says(&author, &format!("Word {number}")).await?;
            arrives(&reader, &format!("Word {number}")).await?;
            uris.push(text(&made, "uri")?);
            ids.push(text(&made, "id")?);
        }
        for id in &ids {
            author.post(&format!("/api/v1/statuses/{id}/pin"), json!({})).await?;
        }
        shows(&reader, &them, &[&uris[2], &uris[1], &uris[0]]).await?;
        author.post(&format!("/api/v1/statuses/{}/unpin", ids[1]), json!({})).await?;
        shows(&reader, &them, &[&uris[2], &uris[0]]).await?;
        author.call(Method::DELETE, &format!("/api/v1/statuses/{}", ids[2]), None).await?;
        shows(&reader, &them, &[&uris[0]]).await?;
        ensure!(reader.get(&format!("/api/v1/accounts/{them}/statuses?pinned=true")).await?[0]["pinned"] == false);
        Ok(())
    }
}
