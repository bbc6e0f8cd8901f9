//! The same attempt, sent more than once, publishes once.

use anyhow::ensure;
use corridor_tests::{TestNode, on_both};
use futures_util::future::try_join_all;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::caller::{Caller, said};

on_both! {
    async fn a_key_publishes_once(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let attempt = |caller: &Caller, key: &str, words: &str| {
            said(caller.request(Method::POST, "/api/v1/statuses").header("idempotency-key", key).json(&json!({ "status": words })))
        };
        let first = attempt(&asha, "key", "Once").await?.ok()?;
        ensure!(attempt(&asha, "key", "Once").await?.ok()?["id"] == first["id"]);
        ensure!(attempt(&asha, "another", "Once").await?.ok()?["id"] != first["id"], "another key is another post");
        ensure!(attempt(&bryn, "key", "Once").await?.ok()?["id"] != first["id"], "another's key is another post");
        attempt(&asha, &"k".repeat(300), "Long").await?.refused(StatusCode::BAD_REQUEST, "Idempotency-Key")?;
        ensure!(asha.get("/api/v1/timelines/home").await?.list()?.len() == 2);
        Ok(())
    }
}

on_both! {
    async fn attempts_at_the_same_moment_publish_once(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let attempts = (0..8).map(|_| said(asha.request(Method::POST, "/api/v1/statuses").header("idempotency-key", "key").json(&json!({ "status": "Once" }))));
        let made = try_join_all(attempts).await?;
        let mut ids = Vec::new();
        for said in made {
            ids.push(said.ok()?["id"].clone());
        }
        ensure!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
        ensure!(asha.get("/api/v1/timelines/home").await?.list()?.len() == 1);
        Ok(())
    }
}
