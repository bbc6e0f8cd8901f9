//! A post that a peer may have no longer is gone there, and stays where it may be.

use anyhow::{Result, ensure};
use corridor_tests::{TestNode, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::conversation::{arrives, follow, says};

on_both! {
    async fn an_edit_above_a_peers_ceiling_takes_the_copy_back(kind: Kind) {
        let (here, cleared, other) = (TestNode::start(kind).await?, TestNode::start(kind).await?, TestNode::start(kind).await?);
        let scheme = here.ctx.settings.scheme.clone();
        here.allow(&cleared.authority, scheme.highest()).await?;
        here.allow(&other.authority, scheme.default_marking()).await?;
        for peer in [&cleared, &other] {
            peer.allow(&here.authority, scheme.highest()).await?;
        }
        let author = here.person("author").await?;
        let (near, far) = (cleared.person("near").await?, other.person("far").await?);
        for reader in [&near, &far] {
            follow(reader, &here.handle("author")).await?;
        }
        let made = says(&author, "Plain at first").await?;
        let (kept, taken) = (arrives(&near, "Plain at first").await?, arrives(&far, "Plain at first").await?);
        let raised = json!({ "status": "Careful now", "marking": "OFFICIAL-SENSITIVE", "handling": "For the team only" });
        let post = format!("/api/v1/statuses/{}", text(&made, "id")?);
        author.call(Method::PUT, &post, Some(raised)).await?;
        let at_near = format!("/api/v1/statuses/{}", text(&kept, "id")?);
        let at_far = format!("/api/v1/statuses/{}", text(&taken, "id")?);
        let is_gone = async |reader: &corridor_tests::FrontDoor, path: &str| -> Result<Option<()>> {
            let (status, _) = reader.try_call(Method::GET, path, None).await?;
            Ok((status == StatusCode::NOT_FOUND).then_some(()))
        };
        eventually("the copy is taken back", || is_gone(&far, &at_far)).await?;
        eventually("the edit arrives", || async {
            let status = near.get(&at_near).await?;
            Ok((status["marking"] == "OFFICIAL-SENSITIVE" && status["content"].to_string().contains("Careful")).then_some(()))
        })
        .await?;

        // Its end is told once to each: to the one that holds it.
        author.call(Method::DELETE, &post, None).await?;
        eventually("the deletion arrives", || is_gone(&near, &at_near)).await?;
        says(&author, "Afterwards").await?;
        arrives(&far, "Afterwards").await?;
        let queues = corridor_app::queue::overview(&here.ctx).await?;
        ensure!(queues.peers.iter().all(|queue| queue.rejected == 0), "{queues:?}");
        Ok(())
    }
}

on_both! {
    async fn a_peer_whose_ceiling_was_lowered_is_told_of_the_end(kind: Kind) {
        let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        corridor_tests::befriend(&[&here, &there]).await?;
        let (author, reader) = (here.person("author").await?, there.person("reader").await?);
        follow(&reader, &here.handle("author")).await?;
        let careful = json!({ "status": "Careful", "visibility": "public", "marking": "OFFICIAL-SENSITIVE", "handling": "For the team only" });
        let made = author.post("/api/v1/statuses", careful).await?;
        let seen = arrives(&reader, "Careful").await?;
        here.allow(&there.authority, here.ctx.settings.scheme.default_marking()).await?;
        author.call(Method::DELETE, &format!("/api/v1/statuses/{}", text(&made, "id")?), None).await?;
        let path = format!("/api/v1/statuses/{}", text(&seen, "id")?);
        eventually("the deletion arrives", || async {
            let (status, _) = reader.try_call(Method::GET, &path, None).await?;
            Ok((status == StatusCode::NOT_FOUND).then_some(()))
        })
        .await?;
        Ok(())
    }
}
