//! Recall: the author of a deleted post sees at how many peers it is gone, also at those that were away.

use std::time::Duration;

use anyhow::{Result, ensure};
use corridor_tests::{Browser, Fault, FaultProxy, PASSWORD, TestNode, befriend, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::conversation::{arrives, follow, says};
use super::keys::behind;

on_both! {
    async fn the_author_sees_where_a_post_is_gone(kind: Kind) {
        let here = TestNode::start_with(kind, |setup| {
            setup.limits.backoff_first = Duration::from_millis(100);
            setup.limits.backoff_longest = Duration::from_millis(500);
        })
        .await?;
        let proxy = FaultProxy::start(None, Fault::None).await?;
        let (near, far) = (TestNode::start(kind).await?, behind(kind, &proxy).await?);
        befriend(&[&here, &near, &far]).await?;
        let author = here.person("author").await?;
        let other = here.person("other").await?;
        let (at_near, at_far) = (near.person("reader").await?, far.person("reader").await?);
        for reader in [&at_near, &at_far] {
            follow(reader, &here.handle("author")).await?;
        }
        let made = says(&author, "Said too soon").await?;
        arrives(&at_near, "Said too soon").await?;
        let seen = arrives(&at_far, "Said too soon").await?;
        let post = format!("/api/v1/statuses/{}", text(&made, "id")?);
        let recall = format!("{post}/recall");
        ensure!(author.get(&recall).await?["asked"] == 0);

        // One peer is away.
        proxy.set(Fault::Refuse);
        author.call(Method::DELETE, &post, None).await?;
        let stand = author.get(&recall).await?;
        ensure!(stand["asked"] == 2, "who is asked is known at once: {stand}");
        let gone = async |count: u64| -> Result<Option<Value>> {
            let stand = author.get(&recall).await?;
            Ok((stand["gone"] == count).then_some(stand))
        };
        let stand = eventually("the near peer confirms", || gone(1)).await?;
        for peer in stand["peers"].as_array().unwrap() {
            let is_near = peer["host"] == near.authority.as_str();
            ensure!(peer["gone_at"].is_string() == is_near, "{stand}");
        }
        let mut browser = Browser::new(&here.url)?;
        browser.fill("/sign-in", "/sign-in", &[("username", "author"), ("password", PASSWORD)]).await?;
        let page = browser.open(&format!("/posts/{}/recall", text(&made, "id")?)).await?;
        ensure!(page.contains("gone at 1 of the 2"), "{page}");
        let (status, _) = other.try_call(Method::GET, &recall, None).await?;
        ensure!(status == StatusCode::NOT_FOUND, "it is the author's alone");

        // And back.
        proxy.set(Fault::None);
        eventually("the far peer confirms", || gone(2)).await?;
        let path = format!("/api/v1/statuses/{}", text(&seen, "id")?);
        let (status, _) = at_far.try_call(Method::GET, &path, None).await?;
        ensure!(status == StatusCode::NOT_FOUND, "what is confirmed is so");
        Ok(())
    }
}
