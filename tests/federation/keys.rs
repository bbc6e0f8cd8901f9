//! Keys between two nodes: pinned at first contact, announced under the old one, and Ed25519 on the wire.

use anyhow::{Context, Result, ensure};
use corridor_app::operator::Operator;
use corridor_app::pins::{self, PinnedKey};
use corridor_app::{audit, keys};
use corridor_domain::Authority;
use corridor_domain::authority::Policy;
use corridor_server::node::Setup;
use corridor_tests::{Fault, FaultProxy, Kind, TestNode, befriend, eventually, on_both};
use serde_json::Value;

use super::conversation::{Pair, arrives, follow, pair, says};

/// Waits until `of` is known at `at` by so many keys that count without end.
async fn pinned(at: &TestNode, of: &Authority, differ_from: &[PinnedKey]) -> Result<Vec<PinnedKey>> {
    eventually("the keys are pinned", || async {
        let keys = pins::pinned(&at.ctx, of).await?;
        let current: Vec<PinnedKey> = keys.into_iter().filter(|key| key.valid_until.is_none()).collect();
        let is_new = current.iter().all(|key| differ_from.iter().all(|old| old.fingerprint != key.fingerprint));
        Ok((current.len() == 2 && is_new).then_some(current))
    })
    .await
}

async fn actor_document(node: &TestNode) -> Result<Value> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let request = http.get(node.at("/actor")).header("accept", "application/activity+json");
    Ok(request.send().await?.error_for_status()?.json().await?)
}

async fn rotate_node(node: &TestNode, at_once: bool) -> Result<()> {
    keys::rotate(&node.ctx, &Operator::System, None, at_once, |_, _| ()).await?;
    Ok(())
}

on_both! {
    async fn a_peer_is_pinned_at_first_contact_and_a_rotation_under_the_pinned_key_is_believed(kind: Kind) {
        let Pair { here, there, author, reader } = pair(kind).await?;
        let before = pinned(&there, &here.authority, &[]).await?;
        ensure!(pinned(&here, &there.authority, &[]).await? != before, "each has keys of its own");
        rotate_node(&here, false).await?;
        let after = pinned(&there, &here.authority, &before).await?;
        let all = pins::pinned(&there.ctx, &here.authority).await?;
        ensure!(all.iter().filter(|key| key.valid_until.is_some()).count() == 2, "the old ones count for a while: {all:?}");
        let document = actor_document(&here).await?;
        let keys = document["assertionMethod"].as_array().context("keys")?;
        ensure!(keys.len() == 3 && keys.iter().filter(|key| key["expires"].is_string()).count() == 2, "{document}");
        ensure!(document["publicKey"].is_object(), "many read no list here");
        says(&author, "Under the new key").await?;
        arrives(&reader, "Under the new key").await?;
        // The node's own signature, on a GET.
        here.person("another").await?;
        reader.resolve(&here.handle("another")).await?;
        there.person("further").await?;
        author.resolve(&there.handle("further")).await?;
        ensure!(audit::verify(&there.ctx).await?.broken_at.is_none());

        for node in [&here, &there] {
            node.clock.advance(node.ctx.settings.key_overlap);
        }
        let document = actor_document(&here).await?;
        ensure!(document["assertionMethod"].as_array().is_some_and(|keys| keys.len() == 1), "{document}");
        rotate_node(&here, false).await?;
        pinned(&there, &here.authority, &after).await?;
        Ok(())
    }
}

on_both! {
    async fn keys_that_somebody_else_may_have_end_at_once(kind: Kind) {
        let Pair { here, there, author, .. } = pair(kind).await?;
        let before = pinned(&there, &here.authority, &[]).await?;
        rotate_node(&here, true).await?;
        pinned(&there, &here.authority, &before).await?;
        ensure!(pins::pinned(&there.ctx, &here.authority).await?.len() == 2, "the old ones are gone");
        there.person("further").await?;
        eventually("the new key is used", || async { Ok(author.resolve(&there.handle("further")).await.ok()) }).await?;
        Ok(())
    }
}

/// A node on a database of its own, under the name of the proxy in front of it.
pub async fn behind(kind: Kind, proxy: &FaultProxy) -> Result<TestNode> {
    behind_with(kind, proxy, |_| {}).await
}

/// As [`behind`], with settings changed first.
pub async fn behind_with(kind: Kind, proxy: &FaultProxy, change: impl FnOnce(&mut Setup)) -> Result<TestNode> {
    let name = format!("127.0.0.1:{}", proxy.address.port());
    let mut target = None;
    let node = TestNode::start_with(kind, |setup| {
        target = setup.staff.local_addr().ok();
        setup.settings.addresses.federation = url::Url::parse(&format!("http://{name}")).unwrap();
        setup.settings.addresses.account_domain = Authority::parse_with(&name, Policy::loopback()).unwrap();
        change(setup);
    })
    .await?;
    proxy.aim(target.context("no address")?);
    Ok(node)
}

on_both! {
    async fn another_key_is_refused_until_an_administrator_says_otherwise(kind: Kind) {
        let proxy = FaultProxy::start(None, Fault::None).await?;
        let (first, there) = (behind(kind, &proxy).await?, TestNode::start(kind).await?);
        befriend(&[&first, &there]).await?;
        first.person("early").await?;
        let reader = there.person("reader").await?;
        reader.resolve(&first.handle("early")).await?;
        let before = pinned(&there, &first.authority, &[]).await?;

        // Whoever takes the name over has other keys.
        let second = behind(kind, &proxy).await?;
        proxy.set(Fault::None);
        second.allow(&there.authority, second.ctx.settings.scheme.highest()).await?;
        let late = second.person("late").await?;
        ensure!(late.resolve(&there.handle("reader")).await.is_err(), "the new key is refused");
        ensure!(pinned(&there, &first.authority, &[]).await? == before);
        ensure!(pins::pin(&there.ctx, &Operator::System, &first.authority, false).await? == before, "asked for or not");
        let refused = there.ctx.store.read(|tx| corridor_store::audit::after(tx, 0, 1000)).await?;
        ensure!(refused.iter().any(|entry| entry.action == "peer.key_refuse"));

        let fresh = pins::pin(&there.ctx, &Operator::System, &first.authority, true).await?;
        ensure!(fresh.len() == 2 && fresh.iter().all(|key| !before.contains(key)));
        eventually("the new key is taken", || async { Ok(late.resolve(&there.handle("reader")).await.ok()) }).await?;
        Ok(())
    }
}

on_both! {
    async fn corridor_nodes_deliver_under_ed25519(kind: Kind) {
        let proxy = FaultProxy::start(None, Fault::None).await?;
        let there = behind(kind, &proxy).await?;
        let here = TestNode::start(kind).await?;
        befriend(&[&here, &there]).await?;
        let (author, reader) = (here.person("author").await?, there.person("reader").await?);
        follow(&reader, &here.handle("author")).await?;
        says(&author, "Signed with a small key").await?;
        arrives(&reader, "Signed with a small key").await?;
        let seen = proxy.seen();
        let (_, post) = seen.split_once("Signed with a small key").map_or(("", ""), |(head, _)| head.rsplit_once("POST /").unwrap());
        let head = post.to_ascii_lowercase();
        ensure!(head.contains("signature-input:") && head.contains("#ed25519-key"), "{post}");

        // A peer that understands it no more gets the form that everybody does.
        proxy.set(Fault::Unauthorised("signature-input:"));
        says(&author, "Signed as everybody does").await?;
        arrives(&reader, "Signed as everybody does").await?;
        Ok(())
    }
}
