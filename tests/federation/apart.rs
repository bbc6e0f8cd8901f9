//! Nodes that can't reach each other for a while: a partition, a peer away for eight days, a clock that is wrong.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, ensure};
use corridor_app::peers;
use corridor_tests::{Fault, FaultProxy, FrontDoor, TestNode, befriend, eventually, on_both};
use serde_json::Value;

use super::conversation::{arrives, follow, says};
use super::keys::behind_with;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Everything at home, oldest first.
async fn whole_home(reader: &FrontDoor) -> Result<Vec<Value>> {
    let mut all: Vec<Value> = Vec::new();
    loop {
        let from = all.last().and_then(|last| last["id"].as_str()).map(|id| format!("&max_id={id}"));
        let part = reader.get(&format!("/api/v1/timelines/home?limit=40{}", from.unwrap_or_default())).await?;
        let part = part.as_array().cloned().unwrap_or_default();
        if part.is_empty() {
            all.reverse();
            return Ok(all);
        }
        all.extend(part);
    }
}

fn number(status: &Value) -> Option<usize> {
    let content = status["content"].as_str()?;
    content.split_once("number ")?.1.split(|letter: char| !letter.is_ascii_digit()).next()?.parse().ok()
}

on_both! {
    async fn a_partition_during_a_hundred_posts_heals(kind: Kind) {
        let quick = |setup: &mut corridor_server::node::Setup| {
            setup.limits.backoff_first = Duration::from_millis(100);
            setup.limits.backoff_longest = Duration::from_secs(1);
        };
        let (near, far) = (FaultProxy::start(None, Fault::None).await?, FaultProxy::start(None, Fault::None).await?);
        let here = TestNode::start_with(kind, quick).await?;
        let (second, third) = (behind_with(kind, &near, quick).await?, behind_with(kind, &far, quick).await?);
        let nodes = [&here, &second, &third];
        befriend(&nodes).await?;
        let mut people = Vec::new();
        for node in nodes {
            people.push(node.person("author").await?);
        }
        for (at, reader) in people.iter().enumerate() {
            for (_, node) in nodes.iter().enumerate().filter(|(other, _)| *other != at) {
                follow(reader, &node.handle("author")).await?;
            }
        }

        // Nobody reaches the second or the third, while all three talk.
        near.set(Fault::Refuse);
        far.set(Fault::Silence);
        for number in 0..100 {
            says(&people[number % 3], &format!("Said apart, number {number}")).await?;
        }
        near.set(Fault::None);
        far.set(Fault::None);
        for reader in &people {
            let all = eventually("all hundred are there", || async {
                let all = whole_home(reader).await?;
                Ok((all.len() >= 100).then_some(all))
            })
            .await?;
            let mut by_author: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for status in &all {
                let author = status["account"]["uri"].as_str().unwrap_or_default().to_owned();
                by_author.entry(author).or_default().extend(number(status));
            }
            let mut numbers: Vec<usize> = by_author.values().flatten().copied().collect();
            numbers.sort_unstable();
            ensure!(numbers == (0..100).collect::<Vec<_>>(), "each once: {numbers:?}");
            for (author, numbers) in by_author {
                ensure!(numbers.is_sorted(), "{author} in order: {numbers:?}");
            }
        }
        Ok(())
    }
}

on_both! {
    async fn a_peer_that_is_away_for_eight_days_misses_nothing(kind: Kind) {
        let proxy = FaultProxy::start(None, Fault::None).await?;
        let (here, there) = (TestNode::start(kind).await?, behind_with(kind, &proxy, |_| {}).await?);
        befriend(&[&here, &there]).await?;
        let (author, reader) = (here.person("author").await?, there.person("reader").await?);
        follow(&reader, &here.handle("author")).await?;
        proxy.set(Fault::Refuse);
        for day in 0..8 {
            says(&author, &format!("Said on day number {day}")).await?;
            eventually("the delivery was tried", || async {
                let health = peers::show(&here.ctx, &there.authority).await?.health;
                Ok((health.failures > day).then_some(()))
            })
            .await?;
            here.clock.advance(DAY);
            there.clock.advance(DAY);
        }
        // The try that failed last may have been an older post's, before the newest one was put in line.
        let view = eventually("all eight wait", || async {
            let view = peers::show(&here.ctx, &there.authority).await?;
            ensure!(view.pending <= 8, "{} wait", view.pending);
            Ok((view.pending == 8).then_some(view))
        })
        .await?;
        ensure!(view.peer.state == corridor_domain::PeerState::Allowed, "it is not given up");

        proxy.set(Fault::None);
        // Whatever happened before, the next try is an hour away at most.
        here.clock.advance(Duration::from_secs(3601));
        there.clock.advance(Duration::from_secs(3601));
        for day in 0..8 {
            arrives(&reader, &format!("Said on day number {day}")).await?;
        }
        let numbers: Vec<usize> = whole_home(&reader).await?.iter().filter_map(number).collect();
        ensure!(numbers == (0..8).collect::<Vec<_>>(), "{numbers:?}");
        Ok(())
    }
}

on_both! {
    async fn a_clock_that_is_ten_minutes_wrong_stops_both_ways_and_loses_nothing(kind: Kind) {
        let quick = |setup: &mut corridor_server::node::Setup| {
            setup.limits.backoff_first = Duration::from_millis(100);
            setup.limits.backoff_longest = Duration::from_millis(500);
        };
        let (here, there) = (TestNode::start_with(kind, quick).await?, TestNode::start_with(kind, quick).await?);
        befriend(&[&here, &there]).await?;
        let (author, reader) = (here.person("author").await?, there.person("reader").await?);
        follow(&reader, &here.handle("author")).await?;
        follow(&author, &there.handle("reader")).await?;
        there.clock.advance(Duration::from_secs(600));
        says(&author, "From the right clock").await?;
        says(&reader, "From the wrong clock").await?;
        for (node, peer) in [(&here, &there), (&there, &here)] {
            eventually("the clock is complained of", || async {
                let error = peers::show(&node.ctx, &peer.authority).await?.health.last_error.unwrap_or_default();
                ensure!(error.is_empty() || error.contains("401"), "{error}");
                Ok(error.contains("clock").then_some(()))
            })
            .await?;
            ensure!(peers::show(&node.ctx, &peer.authority).await?.pending > 0, "it waits, and is not set aside");
        }
        here.clock.advance(Duration::from_secs(600));
        arrives(&reader, "From the right clock").await?;
        arrives(&author, "From the wrong clock").await?;
        Ok(())
    }
}
