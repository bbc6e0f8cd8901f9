//! The whole Network feed: what is for the network reaches a node where nobody follows its author, and nothing else does.

use std::time::Duration;

use anyhow::{Result, ensure};
use corridor_app::network_feed;
use corridor_app::operator::Operator;
use corridor_tests::{FrontDoor, TestNode, befriend, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::conversation::{follow, says};

async fn on_network(reader: &FrontDoor, words: &str) -> Result<Option<Value>> {
    let posts = reader.get("/api/v1/timelines/public").await?;
    let found =
        posts.as_array().unwrap().iter().find(|post| post["content"].as_str().is_some_and(|text| text.contains(words)));
    Ok(found.cloned())
}

/// Waits until `from` knows that `to` takes its feed.
async fn subscribed(from: &TestNode, to: &TestNode) -> Result<()> {
    network_feed::settle(&to.ctx).await?;
    let (from, to) = (from.ctx.clone(), to.authority.clone());
    eventually("the feed is followed", || async {
        let to = to.clone();
        let count = from
            .store
            .read(move |tx| {
                let peer = corridor_store::peers::find_by_authority(tx, &to)?;
                let name = corridor_store::node_settings::get(tx, "instance_actor")?.unwrap_or_default();
                let node = corridor_domain::ActorId::new(name.parse().unwrap_or(0));
                let all = corridor_store::network_feed::subscribers(tx, node)?;
                Ok::<_, corridor_app::Error>(
                    all.iter().filter(|(id, _)| Some(*id) == peer.as_ref().map(|peer| peer.id)).count(),
                )
            })
            .await?;
        Ok((count == 1).then_some(()))
    })
    .await?;
    // The answer to the Follow goes the other way.
    tokio::time::sleep(Duration::from_millis(1)).await;
    Ok(())
}

on_both! {
    async fn what_is_for_the_network_is_there_where_nobody_follows(kind: Kind) {
        let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &there]).await?;
        let (author, other) = (here.person("author").await?, here.person("other").await?);
        let reader = there.person("reader").await?;
        subscribed(&here, &there).await?;

        let made = says(&author, "News for everyone").await?;
        let seen = eventually("it is in the Network feed", || on_network(&reader, "News for everyone")).await?;
        ensure!(seen["uri"] == made["uri"] && seen["audience"] == "network", "{seen}");
        ensure!(reader.home().await?.is_empty(), "nobody asked for it at home");

        for audience in ["followers", "department"] {
            let post = json!({ "status": format!("Only for {audience}"), "audience": audience });
            author.post("/api/v1/statuses", post).await?;
        }
        let path = format!("/api/v1/statuses/{}", text(&made, "id")?);
        author.call(Method::PUT, &path, Some(json!({ "status": "News, corrected" }))).await?;
        eventually("the edit is there too", || on_network(&reader, "News, corrected")).await?;
        author.call(Method::DELETE, &path, None).await?;
        let copy = format!("/api/v1/statuses/{}", text(&seen, "id")?);
        eventually("so is the deletion", || async {
            let (status, _) = reader.try_call(Method::GET, &copy, None).await?;
            Ok((status == StatusCode::NOT_FOUND).then_some(()))
        })
        .await?;
        ensure!(on_network(&reader, "Only for").await?.is_none(), "what is not for the network stays");

        // Off: nothing more comes. What follows is seen, by whom the author is followed.
        network_feed::set(&here.ctx, &Operator::System, &there.authority, false).await?;
        says(&author, "Not handed on").await?;
        follow(&reader, &here.handle("other")).await?;
        says(&other, "For a follower").await?;
        eventually("what is followed comes", || on_network(&reader, "For a follower")).await?;
        ensure!(on_network(&reader, "Not handed on").await?.is_none(), "the feed is off");

        // On again, and then the peer is removed.
        network_feed::set(&here.ctx, &Operator::System, &there.authority, true).await?;
        network_feed::set(&there.ctx, &Operator::System, &here.authority, true).await?;
        there.remove(&here.authority).await?;
        says(&author, "Into the void").await?;
        ensure!(on_network(&reader, "For a follower").await?.is_none(), "what was there is hidden");
        ensure!(on_network(&reader, "Into the void").await?.is_none());
        Ok(())
    }
}
