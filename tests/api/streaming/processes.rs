//! Several processes on one database, and a node that is started again.

use anyhow::{Context, Result, ensure};
use corridor_tests::{Database, Kind, TestNode, on_both, text};
use serde_json::json;

use super::ears::{Ear, ask};
use super::{Two, hears};

/// Another process on the database of a node, as the same node; with where it answers.
async fn beside(node: &TestNode) -> Result<(TestNode, String)> {
    let addresses = node.ctx.settings.addresses.clone();
    let media = node.ctx.settings.media.folder.clone();
    let mut base = None;
    let process = TestNode::start_on(Database::shared(node.database().url()), |setup| {
        base = setup.staff.local_addr().ok().map(|address| format!("http://{address}"));
        setup.settings.addresses = addresses;
        setup.settings.media.folder = media;
    })
    .await?;
    Ok((process, base.context("it listens somewhere")?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_on_one_postgresql_tell_of_each_others_posts() -> Result<()> {
    let two = Two::start(Kind::Postgres).await?;
    let (_other, base) = beside(&two.node).await?;
    let mut here = two.ear("/user").await?;
    let mut there = Ear::listen(ask(&base, "/user", Some(&two.token))?).await?;
    for words in ["One", "Two", "Three"] {
        let post = text(&two.bryn.says(&json!({ "status": words })).await?, "id")?;
        hears(&mut here, "update", &post).await?;
        hears(&mut there, "update", &post).await.context("the other process")?;
    }
    // What is not heard is found by looking.
    let url = two.node.database().url().to_owned();
    tokio::task::spawn_blocking(move || Database::tamper(&url, "DROP TRIGGER stream_events_tell ON stream_events"))
        .await??;
    let post = text(&two.bryn.says(&json!({ "status": "Untold" })).await?, "id")?;
    hears(&mut there, "update", &post).await?;
    hears(&mut here, "update", &post).await?;
    Ok(())
}

on_both! {
    async fn a_node_ends_its_streams_and_tells_anew_after_a_start(kind: Kind) {
        let mut two = Two::start(kind).await?;
        let mut ear = two.ear("/user").await?;
        let before = text(&two.bryn.says(&json!({ "status": "Before" })).await?, "id")?;
        hears(&mut ear, "update", &before).await?;
        let (again, base) = beside(&two.node).await?;
        two.node.stop().await;
        ensure!(ear.end().await?.is_empty(), "it does not hold up the node's end");
        let mut ear = Ear::listen(ask(&base, "/user", Some(&two.token))?).await?;
        let after = reqwest::Client::builder().no_proxy().build()?
            .post(format!("{base}/api/v1/statuses")).bearer_auth(&two.token).json(&json!({ "status": "After" }))
            .send().await?.json().await?;
        hears(&mut ear, "update", &text(&after, "id")?).await.context("only what came after")?;
        drop(again);
        Ok(())
    }
}
