//! Figures of what passes between nodes: signed reads, the inbox, and delivery.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use corridor_app::Ctx;
use corridor_app::operator::Operator;
use corridor_app::peers::{self, AllowPeer};
use corridor_domain::authority::Policy;
use corridor_domain::{Authority, Marking};
use serde_json::Value;

use crate::bare::{self, Bare};
use crate::load;
use crate::node::{Node, WORKERS};
use crate::peer::Peer;
use crate::table::Row;
use crate::{CONNECTIONS, millis, reads};

/// Peers that are delivered to.
const PEERS: usize = 10;
/// Authors whose posts are delivered: one author's posts reach a peer one after the other.
const AUTHORS: usize = 8;

/// The peers of the bench, on the node's allow-list.
///
/// # Errors
/// When one can't start.
pub async fn peers(admin: &Ctx) -> Result<Vec<Peer>> {
    let mut all = Vec::with_capacity(PEERS);
    for _ in 0..PEERS {
        let peer = Peer::start()?;
        let allow = AllowPeer {
            authority: Authority::parse_with(&peer.authority, Policy::loopback())?,
            account_domain: None,
            ceiling: Marking::LOWEST,
            default_marking: None,
            department: "Another department".to_owned(),
            note: String::new(),
            contact: String::new(),
        };
        peers::allow(admin, &Operator::System, allow).await?;
        all.push(peer);
    }
    Ok(all)
}

/// The URI of one of the node's people, as WebFinger tells it.
async fn actor(node: &Node, username: &str) -> Result<String> {
    let path = format!("/.well-known/webfinger?resource=acct:{username}@{}", node.address);
    let answer = load::fetch(node.address, &load::request("GET", node.address, &path, &[], b"")).await?;
    let answer: Value = serde_json::from_slice(&answer)?;
    let links = answer.get("links").and_then(Value::as_array).context("no links")?;
    let own = links.iter().find(|link| link.get("rel").and_then(Value::as_str) == Some("self"));
    own.and_then(|link| link.get("href")?.as_str()).map(str::to_owned).context("no self link")
}

/// A signed read of an actor, beside a bare handler that answers with the same bytes.
///
/// # Errors
/// When a request is refused.
pub async fn signed_read(backend: &str, node: &Node, peer: &Peer, span: Duration, rows: &mut Vec<Row>) -> Result<()> {
    let uri = actor(node, "person0").await?;
    let path = uri.strip_prefix(&format!("http://{}", node.address)).context("the actor is elsewhere")?;
    let request = peer.get(node.address, path)?;
    reads("signed actor GET", backend, node.address, vec![request], Some(0.5), span, rows).await?;
    Ok(())
}

/// Activities taken in, from the signature to the disk, beside a bare handler that verifies a signature.
///
/// # Errors
/// When an activity is refused.
pub async fn inbox(backend: &str, node: &Node, peer: &Peer, span: Duration, rows: &mut Vec<Row>) -> Result<()> {
    let to = actor(node, "person0").await?;
    // More than can be taken in; signed beforehand, so that the driver's signing takes nothing from the node.
    let count = usize::try_from(span.as_millis())? * 3;
    let sign = |number| peer.post(node.address, "/inbox", &peer.note(number, &to));
    let requests = (0..count).map(sign).collect::<Result<Vec<_>>>()?;
    let first = requests.first().context("there are requests")?.clone();
    let ours = load::run(node.address, Arc::new(requests), CONNECTIONS, span, true).await?;
    let (message, signature, key) = peer.sample()?;
    let bare = bare::serve(Bare::verifying(message, signature, &key)?, WORKERS)?;
    let theirs = load::run(bare, Arc::new(vec![first]), CONNECTIONS, span, false).await?;
    rows.push(Row::rate("inbox, signature to disk", backend, ours.per_second, theirs.per_second, Some(1.0 / 3.0)));
    let p99 = (millis(ours.p99), millis(theirs.p99));
    rows.push(Row::cost("inbox, signature to disk, p99", backend, p99.0, "ms", Some(p99.1), None));
    Ok(())
}

/// Deliveries to ten peers, counted where they arrive, beside bare signing on the same cores.
///
/// # Errors
/// When something does not arrive.
pub async fn delivery(backend: &str, node: &Node, peers: &[Peer], span: Duration, rows: &mut Vec<Row>) -> Result<()> {
    let mut posts = Vec::new();
    for author in 1..=AUTHORS {
        let name = format!("person{author}");
        let whom = actor(node, &name).await?;
        for peer in peers {
            load::fetch(node.address, &peer.post(node.address, "/inbox", &peer.follow(author, &whom))?).await?;
        }
        let headers = [
            ("authorization".to_owned(), format!("Bearer {}", node.token(&name).await?)),
            ("content-type".to_owned(), "application/json".to_owned()),
        ];
        let body = br#"{"status":"Figures at noon.","visibility":"public"}"#;
        posts.push(load::request("POST", node.address, "/api/v1/statuses", &headers, body));
    }
    // Each follow is accepted by a delivery of its own.
    arrive(peers, AUTHORS).await?;
    let each = usize::try_from(span.as_millis())? / 8;
    let requests: Vec<Vec<u8>> = (0..each).flat_map(|_| posts.iter().cloned()).collect();
    let total = AUTHORS + requests.len();
    load::run(node.address, Arc::new(requests), CONNECTIONS, Duration::from_secs(60), true).await?;
    // What was delivered while the posts were still being written is not counted: that time went to both.
    let (before, start) = (count(peers), Instant::now());
    arrive(peers, total).await?;
    let (rest, elapsed) = (total * peers.len() - before, start.elapsed());
    ensure!(rest > 0, "everything was delivered before it was measured");
    let signing = peers.first().context("there are peers")?.signatures_per_second(WORKERS, span)?;
    let rate = rest as f64 / elapsed.as_secs_f64();
    rows.push(Row::rate("delivery to 10 peers", backend, rate, signing, Some(0.5)));
    Ok(())
}

fn count(peers: &[Peer]) -> usize {
    peers.iter().map(Peer::arrived).sum()
}

/// Waits until each peer has so many.
async fn arrive(peers: &[Peer], each: usize) -> Result<()> {
    let start = Instant::now();
    while peers.iter().any(|peer| peer.arrived() < each) {
        if start.elapsed() > Duration::from_secs(120) {
            bail!("{} of {} activities arrived within two minutes", count(peers), each * peers.len());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(())
}
