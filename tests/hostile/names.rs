//! Case 16: names that lead where no peer can be, always, or only the next time that they are asked for.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::ensure;
use corridor_app::queue;
use corridor_domain::Authority;
use corridor_domain::authority::Policy;
use corridor_federation::gate::Reachable;
use corridor_tests::{Kind, TestNode, eventually, on_both};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde_json::json;

use super::peer::{Peer, Who, document};
use super::scene::{Request, Scene, says};

/// Where the peer listens.
const THERE: &str = "127.0.0.1";
/// Whoever connects to it comes to this machine, without saying so.
const NOWHERE: &str = "0.0.0.0";

/// A DNS that answers what a test says, one answer after the other and round again.
#[derive(Clone, Default)]
struct Dns(Arc<Mutex<Answers>>);

#[derive(Default)]
struct Answers {
    next: VecDeque<Vec<IpAddr>>,
    asked: usize,
}

impl Dns {
    fn says(&self, answers: &[&[&str]]) {
        let read = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        self.0.lock().unwrap().next = answers.iter().map(read).collect();
    }

    fn asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }
}

impl Resolve for Dns {
    fn resolve(&self, _: Name) -> Resolving {
        let mut answers = self.0.lock().unwrap();
        answers.asked += 1;
        let now = answers.next.pop_front().unwrap_or_default();
        answers.next.push_back(now.clone());
        Box::pin(async move {
            let found = now.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(found) as Addrs)
        })
    }
}

/// What can't be a peer, whatever the operator has set: this machine, what is next to it, and both behind a gateway.
const NEVER: [&str; 12] = [
    "127.0.0.1",
    "0.0.0.0",
    "::1",
    "::",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "169.254.169.254",
    "fe80::1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "2002:7f00:1::1",
    "224.0.0.1",
];

/// A node that may connect to every address there is, and a peer of that name which it allows.
async fn open_node(kind: Kind, host: &str, dns: Option<Dns>) -> anyhow::Result<Scene> {
    let node = TestNode::start_with(kind, |setup| {
        let open = Reachable::ranges(vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()]);
        setup.client.timeout = Duration::from_secs(2);
        setup.client.reachable = match dns {
            Some(dns) => open.asking(Arc::new(dns)),
            None => open,
        };
    })
    .await?;
    let peer = Peer::named(host, "https").await?;
    let listed = Authority::parse_with(&peer.authority, Policy::loopback())?;
    node.allow(&listed, node.ctx.settings.scheme.highest()).await?;
    let asha = node.person("asha").await?;
    Ok(Scene { asha_uri: node.at("/actors/1"), node, peer, asha })
}

/// Nothing that would need the peer comes to anything, and nobody connects to it.
async fn leads_nowhere(scene: &Scene) -> anyhow::Result<()> {
    let request = scene.signed(Who::Ann, &scene.create(Who::Ann, "said"))?;
    scene.refuses(vec![("a key there", request, (401, "key_unavailable"))]).await?;
    for address in [scene.peer.uri(Who::Ann), format!("@ann@{}", scene.peer.authority)] {
        let found = scene.looks_up(&address).await?;
        ensure!(found["accounts"].as_array().is_none_or(Vec::is_empty), "{found}");
    }
    ensure!(scene.peer.connections() == 0, "it was connected to");
    Ok(())
}

on_both! {
    async fn hostile_016_a_name_that_leads_to_this_machine_leads_nowhere(kind: Kind) {
        // Its name is on the list, and still it is not connected to: the name leads where no peer can be.
        leads_nowhere(&open_node(kind, "localhost", None).await?).await
    }
}

on_both! {
    async fn hostile_016_no_answer_of_dns_opens_what_is_closed(kind: Kind) {
        let dns = Dns::default();
        let scene = open_node(kind, "peer.test", Some(dns.clone())).await?;
        for address in NEVER {
            dns.says(&[&[address]]);
            leads_nowhere(&scene).await.map_err(|error| error.context(address))?;
        }
        dns.says(&[&NEVER]);
        leads_nowhere(&scene).await?;
        ensure!(dns.asked() > NEVER.len(), "DNS was not asked: {}", dns.asked());
        Ok(())
    }
}

/// Ann says that she has published what lies at this address of hers.
fn points_to(scene: &Scene, name: &str) -> anyhow::Result<Request> {
    let mut note = scene.peer.note(Who::Ann, name);
    note["cc"] = json!([scene.asha_uri]);
    scene.peer.put(&format!("/posts/{name}"), document(&note));
    let fields = json!({ "object": note["id"], "cc": [scene.asha_uri] });
    scene.signed(Who::Ann, &scene.activity(Who::Ann, "Create", name, fields))
}

on_both! {
    async fn hostile_016_a_name_that_changes_its_mind_is_judged_each_time(kind: Kind) {
        let dns = Dns::default();
        dns.says(&[&[THERE]]);
        let node = TestNode::start_with(kind, |setup| {
            setup.client.reachable = Reachable::loopback_only().asking(Arc::new(dns.clone()));
            setup.client.timeout = Duration::from_secs(2);
            setup.limits.backoff_first = Duration::from_millis(50);
            setup.limits.backoff_longest = Duration::from_millis(200);
        })
        .await?;
        // Known and believed by now, so that it is an old friend who changes.
        let scene = Scene::between(node, Peer::named("peer.test", "http").await?).await?;
        let follow = scene.activity(Who::Ann, "Follow", "1", json!({ "object": scene.asha_uri }));
        scene.receives(Who::Ann, &follow).await?;
        scene.delivers().await?;

        for (number, address) in [NOWHERE, "10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "64:ff9b::7f00:1"].into_iter().enumerate() {
            dns.says(&[&[address]]);
            let before = scene.peer.connections();
            let tries = vec![(address, points_to(&scene, &format!("never-{number}"))?, (503, "unavailable"))];
            scene.refuses(tries).await?;
            ensure!(scene.peer.connections() == before, "{address} was connected to");
        }

        // It answers well when it is judged and badly the next time: one answer is one connection, and no other is used.
        dns.says(&[&[THERE], &[NOWHERE]]);
        let (asked, before) = (dns.asked(), scene.peer.connections());
        scene.takes(&points_to(&scene, "well")?).await?;
        ensure!((dns.asked() - asked, scene.peer.connections() - before) == (1, 1), "{} and {}", dns.asked(), scene.peer.connections());
        scene.refuses(vec![("the next time", points_to(&scene, "badly")?, (503, "unavailable"))]).await?;
        ensure!((dns.asked() - asked, scene.peer.connections() - before) == (2, 1), "{} and {}", dns.asked(), scene.peer.connections());

        // What can't be reached among several answers is passed over, not tried.
        dns.says(&[&[NOWHERE, "169.254.169.254", THERE]]);
        scene.takes(&points_to(&scene, "among")?).await?;

        // What is owed to it waits, and goes where it may.
        dns.says(&[&[NOWHERE]]);
        let before = scene.peer.connections();
        says(&scene, "public", "For whom it is").await?;
        eventually("the delivery fails", || async {
            let queue = queue::overview(&scene.node.ctx).await?;
            let stand = &queue.peers[0];
            ensure!(stand.rejected == 0, "it is set aside");
            Ok((stand.failures > 1 && stand.pending == 1).then_some(()))
        })
        .await?;
        ensure!(scene.peer.connections() == before, "it was delivered to {NOWHERE}");
        dns.says(&[&[THERE]]);
        scene.delivers().await?;
        let sent = scene.peer.posted().iter().filter(|body| body.contains("For whom it is")).count();
        ensure!(sent == 1, "it was sent {sent} times");
        Ok(())
    }
}
