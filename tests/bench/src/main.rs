//! The bench behind `cargo xtask bench`: each figure with a baseline of the same run.
//!
//! The node is a process of its own; driver, node and baselines share the machine's cores, so figures are to be
//! compared with each other, not with those of other machines.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_precision_loss,
    reason = "a program that prints figures"
)]

mod bare;
mod fan;
mod large;
mod load;
mod node;
mod peer;
mod table;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bare::Bare;
use node::{Node, WORKERS};
use table::Row;

/// Connections that send at a time.
const CONNECTIONS: usize = 16;
/// Requests for a home feed that differ from each other.
const FRESH: usize = 50_000;
/// Followers of the author whose publishing is measured.
const FOLLOWERS: usize = 100;

/// What the command line says.
struct Asked {
    json: Option<String>,
    span: Duration,
    /// What one node does by itself; without it the fan-out to many peers is measured alone.
    alone: bool,
    large: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().map(String::as_str) == Some("node") {
        let value = |name: &str| {
            let at = words.iter().position(|word| word == name)?;
            words.get(at + 1).cloned()
        };
        let database = value("--database").context("--database is needed")?;
        return node::serve(&database, value("--port").context("--port is needed")?.parse()?).await;
    }
    let asked = read(&words)?;
    let mut rows = Vec::new();
    for backend in ["sqlite", "postgres"] {
        if backend == "postgres" && std::env::var_os("TEST_POSTGRES_URL").is_none() {
            eprintln!("TEST_POSTGRES_URL is not set: PostgreSQL is left out");
            continue;
        }
        if asked.alone {
            measure(backend, asked.span, &mut rows).await.with_context(|| backend.to_owned())?;
        }
        fan::measure(backend, asked.span, &mut rows).await.with_context(|| backend.to_owned())?;
        if asked.large {
            large::measure(backend, asked.span, &mut rows).await.with_context(|| backend.to_owned())?;
        }
    }
    table::print(&rows);
    if let Some(file) = asked.json {
        std::fs::write(&file, serde_json::to_string_pretty(&rows)?).with_context(|| file.clone())?;
    }
    Ok(())
}

fn read(words: &[String]) -> Result<Asked> {
    let mut asked = Asked { json: None, span: Duration::from_secs(4), alone: true, large: true };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => asked.json = Some(words.next().context("--json needs a file")?.clone()),
            // Short runs, and not the database that takes a minute to fill.
            "--quick" => (asked.span, asked.large) = (Duration::from_millis(500), false),
            // Many peers alone, for as long as their figures need.
            "--fan" => (asked.span, asked.alone, asked.large) = (Duration::from_secs(20), false, false),
            other => bail!("{other} is not known: use --json FILE, --quick or --fan"),
        }
    }
    Ok(asked)
}

async fn measure(backend: &str, span: Duration, rows: &mut Vec<Row>) -> Result<()> {
    let mut node = Node::new(backend)?;
    let peers = {
        let admin = node.admin()?;
        let viewers = node::people(&admin, FOLLOWERS + 1).await?;
        node::talk(&admin, &viewers, 200).await?;
        wire::peers(&admin).await?
    };
    large::count(backend, node.database())?;
    node.start().await?;
    // The first start may still settle; a cold start is one on a database that is there.
    node.stop();
    let cold = node.start().await?;
    rows.push(Row::cost("cold start on an existing database", backend, millis(cold), "ms", None, Some(150.0)));
    if let Some(idle) = node.resident_mib() {
        rows.push(Row::cost("resident memory, idle", backend, idle, "MiB", None, Some(40.0)));
    }
    let token = node.token("person0").await?;
    let bearer = vec![("authorization".to_owned(), format!("Bearer {token}"))];
    let home = load::request("GET", node.address, "/api/v1/timelines/home?limit=20", &bearer, b"");
    reads("home feed of 20", backend, node.address, vec![home], 0.25, span, rows).await?;
    let fresh = fresh_feeds(node.address, &token);
    reads("home feed of 20, read from the tables", backend, node.address, fresh, 0.25, span, rows).await?;
    let resource = format!("/.well-known/webfinger?resource=acct:person0@{}", node.address);
    let finger = load::request("GET", node.address, &resource, &[], b"");
    reads("WebFinger", backend, node.address, vec![finger], 0.5, span, rows).await?;
    let peer = peers.first().context("there are peers")?;
    wire::signed_read(backend, &node, peer, span, rows).await?;
    wire::inbox(backend, &node, peer, span, rows).await?;
    wire::delivery(backend, &node, &peers, span, rows).await?;
    publishing(backend, &node, &bearer, span, rows).await?;
    if let Some(after) = node.resident_mib() {
        rows.push(Row::cost("resident memory, after the load", backend, after, "MiB", None, None));
    }
    node.stop();
    Ok(())
}

/// Requests for a person's home feed. Each is another one, so that none is answered from what was kept for another.
fn fresh_feeds(to: SocketAddr, token: &str) -> Vec<Vec<u8>> {
    let bearer = [("authorization".to_owned(), format!("Bearer {token}"))];
    let path = |number: usize| format!("/api/v1/timelines/home?limit=20&fresh={number}");
    (0..FRESH).map(|number| load::request("GET", to, &path(number), &bearer, b"")).collect()
}

fn millis(span: Duration) -> f64 {
    span.as_secs_f64() * 1000.0
}

/// A read, beside a bare handler that answers with the same bytes.
async fn reads(
    name: &str,
    backend: &str,
    to: SocketAddr,
    requests: Vec<Vec<u8>>,
    aim: f64,
    span: Duration,
    rows: &mut Vec<Row>,
) -> Result<()> {
    let body = load::fetch(to, requests.first().context("there is a request")?).await?;
    let bare = bare::serve(Bare::bytes(body, "application/json"), WORKERS)?;
    let requests = Arc::new(requests);
    let ours = load::run(to, requests.clone(), CONNECTIONS, span, false).await?;
    let theirs = load::run(bare, requests, CONNECTIONS, span, false).await?;
    rows.push(Row::rate(name, backend, ours.per_second, theirs.per_second, Some(aim)));
    rows.push(Row::cost(&format!("{name}, p50"), backend, millis(ours.p50), "ms", Some(millis(theirs.p50)), None));
    rows.push(Row::cost(&format!("{name}, p99"), backend, millis(ours.p99), "ms", Some(millis(theirs.p99)), None));
    Ok(())
}

/// Publishing to a hundred followers here, beside plain inserts of as many rows.
async fn publishing(
    backend: &str,
    node: &Node,
    bearer: &[(String, String)],
    span: Duration,
    rows: &mut Vec<Row>,
) -> Result<()> {
    let mut headers = bearer.to_vec();
    headers.push(("content-type".to_owned(), "application/json".to_owned()));
    let body = br#"{"status":"Figures at eleven. #Figures","visibility":"public"}"#;
    let request = load::request("POST", node.address, "/api/v1/statuses", &headers, body);
    let ours = load::run(node.address, Arc::new(vec![request]), CONNECTIONS, span, false).await?;
    let plain = bare::plain_inserts_per_second(FOLLOWERS + 1, span)?;
    rows.push(Row::rate("publish with 100 local followers", backend, ours.per_second, plain, None));
    rows.push(Row::cost("publish with 100 local followers, p99", backend, millis(ours.p99), "ms", None, None));
    Ok(())
}
