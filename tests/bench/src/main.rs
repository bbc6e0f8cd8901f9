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
mod bare_streams;
mod clients;
mod fan;
mod filling;
mod large;
mod listeners;
mod load;
mod node;
mod peer;
mod process;
mod streams;
mod table;
mod talk;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use bare::Bare;
use load::Measured;
use node::{Node, WORKERS};
use table::Row;

/// Connections that send at a time.
const CONNECTIONS: usize = 16;
/// Requests for a home feed that differ from each other.
const FRESH: usize = 50_000;
/// Followers of the author whose publishing is measured.
const FOLLOWERS: usize = 100;

/// What can be measured alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// What one node does by itself.
    Alone,
    /// The fan-out to many peers.
    Fan,
    /// The home feed at a million posts.
    Large,
    /// What clients call, at ten thousand posts and at a million.
    Clients,
    /// Open streams.
    Streams,
}

/// What the command line says.
struct Asked {
    json: Option<String>,
    span: Option<Duration>,
    quick: bool,
    part: Option<Part>,
}

impl Asked {
    fn has(&self, part: Part) -> bool {
        // Not the databases that take minutes to fill.
        self.part.map_or(!(self.quick && part == Part::Large), |only| only == part)
    }

    /// How long each thing is measured.
    fn span(&self) -> Duration {
        let usual = match self.part {
            _ if self.quick => Duration::from_millis(500),
            // As long as their figures need.
            Some(Part::Fan) => Duration::from_secs(20),
            Some(Part::Clients) => Duration::from_secs(10),
            _ => Duration::from_secs(4),
        };
        self.span.unwrap_or(usual)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    match words.first().map(String::as_str) {
        Some("node") => {
            let database = value("--database").context("--database is needed")?;
            return node::serve(&database, value("--port").context("--port is needed")?.parse()?).await;
        }
        Some("bare-streams") => {
            return bare_streams::serve(value("--port").context("--port is needed")?.parse()?).await;
        }
        _ => {}
    }
    let asked = read(&words)?;
    if asked.has(Part::Streams)
        && let Some(outcome) = streams::again_with_room(&words)?
    {
        ensure!(outcome.success(), "the bench ended with {outcome}");
        return Ok(());
    }
    let mut rows = Vec::new();
    for backend in ["sqlite", "postgres"] {
        if backend == "postgres" && std::env::var_os("TEST_POSTGRES_URL").is_none() {
            eprintln!("TEST_POSTGRES_URL is not set: PostgreSQL is left out");
            continue;
        }
        parts(&asked, backend, &mut rows).await.with_context(|| backend.to_owned())?;
    }
    table::print(&rows);
    if let Some(file) = asked.json {
        std::fs::write(&file, serde_json::to_string_pretty(&rows)?).with_context(|| file.clone())?;
    }
    Ok(())
}

async fn parts(asked: &Asked, backend: &str, rows: &mut Vec<Row>) -> Result<()> {
    let span = asked.span();
    if asked.has(Part::Alone) {
        measure(backend, span, rows).await?;
    }
    if asked.has(Part::Fan) {
        fan::measure(backend, span, rows).await?;
    }
    if asked.has(Part::Large) {
        large::measure(backend, span, rows).await?;
    }
    if asked.has(Part::Clients) {
        clients::measure(backend, span, asked.quick, rows).await?;
    }
    if asked.has(Part::Streams) {
        streams::measure(backend, asked.quick, rows).await?;
    }
    Ok(())
}

fn read(words: &[String]) -> Result<Asked> {
    let mut asked = Asked { json: None, span: None, quick: false, part: None };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.as_str() {
            "--json" => asked.json = Some(words.next().context("--json needs a file")?.clone()),
            "--seconds" => {
                let seconds = words.next().context("--seconds needs a number")?.parse()?;
                asked.span = Some(Duration::from_secs(seconds));
            }
            // Short runs with little in the tables.
            "--quick" => asked.quick = true,
            "--fan" => asked.part = Some(Part::Fan),
            "--clients" => asked.part = Some(Part::Clients),
            "--streams" => asked.part = Some(Part::Streams),
            other => bail!(
                "{other} is not known: use --json FILE, --seconds NUMBER, --quick, and one of --fan, --clients or --streams"
            ),
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
    filling::count(backend, node.database())?;
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
    reads("home feed of 20", backend, node.address, vec![home], Some(0.25), span, rows).await?;
    let fresh = fresh_feeds(node.address, &token);
    reads("home feed of 20, read from the tables", backend, node.address, fresh, Some(0.25), span, rows).await?;
    let resource = format!("/.well-known/webfinger?resource=acct:person0@{}", node.address);
    let finger = load::request("GET", node.address, &resource, &[], b"");
    reads("WebFinger", backend, node.address, vec![finger], Some(0.5), span, rows).await?;
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
    aim: Option<f64>,
    span: Duration,
    rows: &mut Vec<Row>,
) -> Result<Measured> {
    let body = load::fetch(to, requests.first().context("there is a request")?).await?;
    let bare = bare::serve(Bare::bytes(body, "application/json"), WORKERS)?;
    let requests = Arc::new(requests);
    let ours = load::run(to, requests.clone(), CONNECTIONS, span, false).await?;
    let theirs = load::run(bare, requests, CONNECTIONS, span, false).await?;
    rows.push(Row::rate(name, backend, ours.per_second, theirs.per_second, aim));
    rows.push(Row::cost(&format!("{name}, p50"), backend, millis(ours.p50), "ms", Some(millis(theirs.p50)), None));
    rows.push(Row::cost(&format!("{name}, p99"), backend, millis(ours.p99), "ms", Some(millis(theirs.p99)), None));
    Ok(ours)
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
