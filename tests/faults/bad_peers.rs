//! Bad peers: one that answers wrongly, or not at all, delays nobody else, and gets its own when it is well again.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use corridor_app::queue::{self, Which};
use corridor_domain::Authority;
use corridor_domain::authority::Policy;
use corridor_tests::{Fault, FaultProxy, FrontDoor, Kind, TestNode, befriend, eventually, on_both, text};
use serde_json::json;

/// A node that retries quickly, so that the test need not wait as long as real life does.
async fn sender(kind: Kind) -> Result<TestNode> {
    TestNode::start_with(kind, |setup| {
        setup.limits.backoff_first = Duration::from_millis(200);
        setup.limits.backoff_longest = Duration::from_secs(1);
        setup.client.timeout = Duration::from_secs(3);
    })
    .await
}

/// A node behind a proxy: its own name for itself is the proxy's address.
pub(super) async fn behind(kind: Kind, proxy: &mut Option<FaultProxy>) -> Result<TestNode> {
    let front = FaultProxy::start(None, Fault::None).await?;
    let name = format!("127.0.0.1:{}", front.address.port());
    let mut target = None;
    let node = TestNode::start_with(kind, |setup| {
        target = setup.staff.local_addr().ok();
        let base = url::Url::parse(&format!("http://{name}")).unwrap();
        setup.settings.addresses.federation = base;
        setup.settings.addresses.account_domain = Authority::parse_with(&name, Policy::loopback()).unwrap();
    })
    .await?;
    front.aim(target.context("no address")?);
    *proxy = Some(front);
    Ok(node)
}

async fn follow(reader: &FrontDoor, handle: &str) -> Result<()> {
    let id = reader.resolve(handle).await?;
    reader.post(&format!("/api/v1/accounts/{id}/follow"), json!({})).await?;
    eventually("the follow is accepted", || async {
        let relations = reader.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await?;
        Ok(relations[0]["following"].as_bool().filter(|yes| *yes))
    })
    .await
    .map(|_| ())
}

async fn arrives(reader: &FrontDoor, words: &str) -> Result<()> {
    eventually(&format!("“{words}”"), || async {
        let home = reader.home().await?;
        Ok(home.iter().any(|status| status["content"].as_str().is_some_and(|text| text.contains(words))).then_some(()))
    })
    .await
}

/// An author, and who follows them at a good peer and at one behind a proxy that can be made to fail.
struct Scene {
    sender: TestNode,
    good: TestNode,
    bad: TestNode,
    proxy: FaultProxy,
    author: FrontDoor,
    near: FrontDoor,
    far: FrontDoor,
}

impl Scene {
    async fn set(kind: Kind) -> Result<Self> {
        let sender = sender(kind).await?;
        let good = TestNode::start(kind).await?;
        let mut proxy = None;
        let bad = behind(kind, &mut proxy).await?;
        let proxy = proxy.context("the proxy is up")?;
        befriend(&[&sender, &good, &bad]).await?;
        let author = sender.person("author").await?;
        let (near, far) = (good.person("near").await?, bad.person("far").await?);
        for reader in [&near, &far] {
            follow(reader, &sender.handle("author")).await?;
        }
        Ok(Self { sender, good, bad, proxy, author, near, far })
    }
}

on_both! {
    /// For each fault: the good peer gets its post at once, the bad one when it is well again.
    async fn hostile_074_075_a_bad_peer_delays_nobody_and_loses_nothing(kind: Kind) {
        let Scene { sender, good: _good, bad, proxy, author, near, far } = Scene::set(kind).await?;
        let faults = [
            Fault::Answer(500, "oops".into()),
            Fault::Answer(401, "who?".into()),
            Fault::Answer(503, String::new()),
            Fault::Garbage,
            Fault::Refuse,
            Fault::Silence,
        ];
        for fault in faults {
            let words = format!("said during {fault:?}").replace(['(', ')', '"', ',', '?'], " ");
            let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
            proxy.set(fault.clone());
            author.post("/api/v1/statuses", json!({ "status": words, "visibility": "public" })).await?;
            arrives(&near, &words).await?;
            eventually("the sender has noticed", || async {
                let queue = queue::overview(&sender.ctx).await?;
                let stand = queue.peers.into_iter().find(|peer| peer.peer.authority == bad.authority).context("no peer")?;
                Ok((stand.failures > 0 && stand.pending > 0).then_some(()))
            })
            .await?;
            proxy.set(Fault::None);
            arrives(&far, &words).await?;
        }
        Ok(())
    }
}

on_both! {
    /// A 400 is not "delivered": the row is set aside with the answer, shown, and goes when it is retried.
    async fn hostile_072_a_rejected_row_is_set_aside_shown_and_retried(kind: Kind) {
        let sender = sender(kind).await?;
        let mut proxy = None;
        let bad = behind(kind, &mut proxy).await?;
        let proxy = proxy.context("the proxy is up")?;
        befriend(&[&sender, &bad]).await?;
        let author = sender.person("author").await?;
        let far = bad.person("far").await?;
        follow(&far, &sender.handle("author")).await?;
        proxy.set(Fault::Answer(400, "this is not to my taste".into()));
        author.post("/api/v1/statuses", json!({ "status": "a poison post", "visibility": "public" })).await?;
        let rows = eventually("the row is set aside", || async {
            let rows = queue::rows(&sender.ctx, &bad.authority, Which::Rejected, 10).await?;
            Ok((!rows.is_empty()).then_some(rows))
        })
        .await?;
        ensure!(rows[0].last_status == Some(400), "{rows:?}");
        ensure!(rows[0].last_error.as_deref().is_some_and(|error| error.contains("not to my taste")), "{rows:?}");
        proxy.set(Fault::None);
        author.post("/api/v1/statuses", json!({ "status": "the next one", "visibility": "public" })).await?;
        arrives(&far, "the next one").await?;
        let by = corridor_app::operator::Operator::System;
        queue::retry(&sender.ctx, &by, &bad.authority, None).await?;
        arrives(&far, "a poison post").await?;
        Ok(())
    }
}

on_both! {
    /// The receiver did the work but its answer was lost: the post is there once.
    async fn hostile_074_a_swallowed_answer_makes_no_double(kind: Kind) {
        let sender = sender(kind).await?;
        let mut proxy = None;
        let bad = behind(kind, &mut proxy).await?;
        let proxy = proxy.context("the proxy is up")?;
        befriend(&[&sender, &bad]).await?;
        let author = sender.person("author").await?;
        let far = bad.person("far").await?;
        follow(&far, &sender.handle("author")).await?;
        proxy.set(Fault::SwallowAnswer);
        author.post("/api/v1/statuses", json!({ "status": "once and only once", "visibility": "public" })).await?;
        arrives(&far, "once and only once").await?;
        proxy.set(Fault::None);
        author.post("/api/v1/statuses", json!({ "status": "and then this", "visibility": "public" })).await?;
        arrives(&far, "and then this").await?;
        let home = far.home().await?;
        let count = home.iter().filter(|status| status["content"].as_str().is_some_and(|text| text.contains("once and only"))).count();
        ensure!(count == 1, "it stands there {count} times");
        ensure!(!text(&home[0], "id")?.is_empty());
        Ok(())
    }
}

on_both! {
    /// A body breaks off on its way there, or the answer to it on its way back: what was said is there once, and in order.
    async fn hostile_074_what_is_reset_in_the_middle_arrives_once(kind: Kind) {
        let Scene { sender, good: _good, bad, proxy, author, near, far } = Scene::set(kind).await?;
        let mut said = Vec::new();
        for (fault, words) in [(Fault::CutRequest, "cut on its way there"), (Fault::CutAnswer, "cut on the way back")] {
            proxy.set(fault);
            author.post("/api/v1/statuses", json!({ "status": words, "visibility": "public" })).await?;
            arrives(&near, words).await?;
            eventually("the sender has noticed", || async {
                let queue = queue::overview(&sender.ctx).await?;
                let stand = queue.peers.into_iter().find(|peer| peer.peer.authority == bad.authority).context("no peer")?;
                ensure!(stand.rejected == 0, "it is set aside");
                Ok((stand.failures > 0 && stand.pending > 0).then_some(()))
            })
            .await?;
            let is_there = far.home().await?.iter().any(|status| status["content"].to_string().contains(words));
            ensure!(is_there == words.ends_with("back"), "“{words}” is taken in by halves");
            proxy.set(Fault::None);
            arrives(&far, words).await?;
            said.push(words);
        }
        let home = far.home().await?;
        let seen: Vec<&str> = home.iter().filter_map(|status| status["content"].as_str()).collect();
        let wanted: Vec<String> = said.iter().rev().map(|words| format!("<p>{words}</p>")).collect();
        ensure!(seen == wanted, "{seen:?}");
        Ok(())
    }
}
