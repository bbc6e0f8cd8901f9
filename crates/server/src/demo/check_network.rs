//! The part of `demo --check` that is about the closed network: certificates, and the registry that all follow.

use anyhow::{Context, Result, ensure};
use corridor_app::operator::Operator;
use corridor_app::peers::{self, AllowPeer};
use corridor_app::{Error, registry};
use corridor_domain::{Authority, PeerState};
use corridor_federation::probe::{self, Verdict};
use corridor_store::Clock;

use super::registry::{Registrar, entries};
use super::{Demo, DemoNode};
use crate::ca::{Folder, Validity};

/// Every node checks both others, as `corridor peer check` does.
pub(super) async fn reach(demo: &Demo) -> Result<()> {
    for node in &demo.nodes {
        for peer in demo.nodes.iter().filter(|peer| peer.key != node.key) {
            for step in probe::check(&node.running.node, &peer.authority).await {
                let (name, found) = (step.name, &step.found);
                ensure!(step.verdict == Verdict::Good, "{} to {}: {name}: {found}", node.key, peer.key);
            }
        }
    }
    Ok(())
}

/// The handshake itself refuses a caller with no certificate, and one with a certificate of another authority.
pub(super) async fn certificates(demo: &Demo) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let other = Folder::at(folder.path());
    let validity = Validity::days(Clock::system().now(), 1);
    other.init("Somebody else's authority", validity)?;
    let forged = other.issue(&transport(demo).authority, None, validity)?;
    let url = format!("https://{}/actor", health(demo).authority);
    for (shown, what) in [(None, "no certificate"), (Some(&forged), "another authority's certificate")] {
        let answer = demo.network.caller(shown)?.get(&url).send().await;
        ensure!(answer.is_err(), "a caller with {what} got an answer");
    }
    // The same caller with a certificate of the network gets as far as the signature.
    let own = demo.network.files(1).context("Transport has no certificate")?;
    let answer = demo.network.caller(Some(own))?.get(&url).send().await?;
    ensure!(answer.status().as_u16() != 500, "a caller with a certificate was answered {}", answer.status());
    Ok(())
}

/// All three follow the same number, and the terms in it are those of the allow-lists.
pub(super) async fn followed(demo: &Demo) -> Result<()> {
    let number = registry::last_sequence(&health(demo).ctx).await?;
    for node in &demo.nodes {
        let own = registry::last_sequence(&node.ctx).await?;
        ensure!(own == number && own > 0, "{} follows number {own}, and Health {number}", node.department);
        for view in peers::list(&node.ctx).await? {
            let (peer, scheme) = (view.peer, &node.ctx.settings.scheme);
            let cleared = peer.authority != revenue(demo).authority;
            let ceiling = if cleared { scheme.highest() } else { scheme.default_marking() };
            ensure!(peer.state == PeerState::Allowed, "{} has not allowed {}", node.key, peer.authority);
            ensure!(peer.ceiling == ceiling, "{}: the ceiling of {} is wrong", node.key, peer.authority);
        }
    }
    Ok(())
}

/// The last number again, an older one, and a new one that one of the two has not signed.
pub(super) async fn rejected(demo: &Demo) -> Result<()> {
    let ctx = &health(demo).ctx;
    let number = registry::last_sequence(ctx).await?;
    let [first, second] = Registrar::names();
    let one_alone = demo.registrar.make(ctx, number + 1, entries(&demo.nodes).await?, &[first])?;
    let without_anybody = demo.registrar.make(ctx, number, Vec::new(), &[first, second])?;
    for (signed, why) in [(one_alone, "not believed"), (without_anybody, "two registries have the number")] {
        match registry::import(ctx, &Operator::System, &serde_json::to_vec(&signed)?).await {
            Err(Error::Forbidden(reason) | Error::Conflict(reason)) if reason.contains(why) => {}
            other => anyhow::bail!("a registry that is {why}: {other:?}"),
        }
    }
    ensure!(registry::last_sequence(ctx).await? == number, "a refused registry counts");
    Ok(())
}

/// A node that the registry does not list can't be allowed, whatever an administrator wants.
pub(super) async fn unlisted(demo: &Demo) -> Result<()> {
    let node = health(demo);
    let authority = Authority::parse("elsewhere.example")?;
    let allow = AllowPeer {
        account_domain: None,
        ceiling: node.ctx.settings.scheme.default_marking(),
        default_marking: None,
        department: "Somewhere else".to_owned(),
        note: String::new(),
        contact: String::new(),
        authority,
    };
    match peers::allow(&node.ctx, &Operator::System, allow).await {
        Err(Error::Forbidden(_)) => Ok(()),
        other => anyhow::bail!("a node outside the registry: {other:?}"),
    }
}

fn health(demo: &Demo) -> &DemoNode {
    let [health, ..] = &demo.nodes;
    health
}

fn transport(demo: &Demo) -> &DemoNode {
    let [_, transport, _] = &demo.nodes;
    transport
}

fn revenue(demo: &Demo) -> &DemoNode {
    let [.., revenue] = &demo.nodes;
    revenue
}
