//! Open streams on one node: their memory, and the time from a post to its event.

use std::net::SocketAddr;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::bare_streams::BareStreams;
use crate::listeners::{self, Kind, Listeners, MARK};
use crate::node::{self, Node};
use crate::table::Row;
use crate::{CONNECTIONS, filling, fresh_feeds, load, millis};

/// Streams that are open.
pub const STREAMS: usize = 2000;
/// Open files that the bench and its node each need for that.
const FILES: usize = 4096;

/// How much is measured.
struct Size {
    streams: usize,
    people: usize,
    posts: usize,
}

const WHOLE: Size = Size { streams: STREAMS, people: 200, posts: 50 };
const QUICK: Size = Size { streams: 200, people: 20, posts: 5 };

/// Runs the bench once more with as many open files as it needs, where this process may not have so many. `None`: it may.
///
/// # Errors
/// When it can't be started.
pub fn again_with_room(words: &[String]) -> Result<Option<ExitStatus>> {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let soft = files.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    if soft.is_none_or(|soft| soft >= FILES) {
        return Ok(None);
    }
    // The shell says so where the system does not allow it.
    let script = format!("ulimit -n {FILES} && exec \"$0\" \"$@\"");
    Ok(Some(Command::new("sh").args(["-c", &script]).arg(std::env::current_exe()?).args(words).status()?))
}

/// Measures both.
///
/// # Errors
/// When an event does not arrive.
pub async fn measure(backend: &str, quick: bool, rows: &mut Vec<Row>) -> Result<()> {
    let size = if quick { QUICK } else { WHOLE };
    let ours = of_node(backend, &size).await.context("the node's streams")?;
    let bare = bare(&size, &ours.events).await.context("the bare streams")?;
    let name = |what: &str| format!("{} streams: {what}", size.streams);
    let mut cost = |what: &str, value: f64, unit, baseline| {
        rows.push(Row::cost(&name(what), backend, value, unit, baseline, None));
    };
    let [before, with_events, with_all, after] = ours.memory;
    let half = (size.streams / 2) as f64;
    cost("memory each, SSE", (with_events - before) / half, "KiB", Some(bare.memory_each));
    cost("memory each, WebSocket", (with_all - with_events) / half, "KiB", Some(bare.memory_each));
    cost("memory of the node", with_all / 1024.0, "MiB", Some(before / 1024.0));
    cost("memory after the posts", after / 1024.0, "MiB", Some(before / 1024.0));
    for (at, which) in [(0, "first"), (1, "median"), (2, "last")] {
        for (part, percentile) in [(50, "p50"), (99, "p99")] {
            let value = |told: &Told| told.get(at).map_or(0.0, |times| quantile(times, part));
            let what = format!("to the {which}, {percentile}");
            cost(&what, value(&ours.told), "ms", Some(value(&bare.told)));
        }
    }
    for (part, percentile) in [(50, "p50"), (99, "p99")] {
        let silent = quantile(&ours.answered_alone, part);
        cost(&format!("publish, {percentile}"), quantile(&ours.answered, part), "ms", Some(silent));
    }
    Ok(())
}

/// For the first stream, the median one and the last one: how long each post took to come.
type Told = [Vec<Duration>; 3];

/// What a node showed.
struct Ours {
    /// In KiB: before the streams, with the first half of them, with all, and after the posts.
    memory: [f64; 4],
    told: Told,
    /// How long publishing took with the streams open.
    answered: Vec<Duration>,
    /// And before.
    answered_alone: Vec<Duration>,
    /// The posts as clients read them.
    events: Vec<Vec<u8>>,
}

struct Bare {
    memory_each: f64,
    told: Told,
}

fn quantile(times: &[Duration], part: usize) -> f64 {
    let mut times = times.to_vec();
    times.sort_unstable();
    times.get(times.len().saturating_sub(1) * part / 100).copied().map_or(0.0, millis)
}

async fn of_node(backend: &str, size: &Size) -> Result<Ours> {
    let mut node = Node::new(backend)?;
    {
        let admin = node.admin()?;
        let viewers = node::people(&admin, size.people + 1).await?;
        node::talk(&admin, &viewers, 200).await?;
    }
    filling::count(backend, node.database())?;
    node.start().await?;
    let author = node.token("person0").await?;
    let mut tokens = Vec::with_capacity(size.people);
    for number in 1..=size.people {
        tokens.push(node.token(&format!("person{number}")).await?);
    }
    warm(&node, &author, &tokens).await?;
    let mut answered_alone = Vec::new();
    for number in 0..size.posts {
        answered_alone.push(publish(node.address, &author, number).await?.1);
    }
    let resident = || node.resident_kib().context("how much memory a process has can't be read here");
    let (before, mut open) = (resident()?, Listeners::none());
    open.open(node.address, Kind::Events, asked(node.address, Kind::Events, &tokens, size)).await?;
    let with_events = resident()?;
    open.open(node.address, Kind::Socket, asked(node.address, Kind::Socket, &tokens, size)).await?;
    let with_all = resident()?;
    let (mut told, mut answered, mut events) = (Told::default(), Vec::new(), Vec::new());
    for number in size.posts..2 * size.posts {
        let start = Instant::now();
        let (event, time) = publish(node.address, &author, number).await?;
        note(&mut told, start, &open.all_heard(number).await?);
        answered.push(time);
        events.push(event);
    }
    let memory = [before, with_events, with_all, resident()?];
    Ok(Ours { memory, told, answered, answered_alone, events })
}

/// What a node takes once, whatever is open, is not to count for streams.
async fn warm(node: &Node, author: &str, tokens: &[String]) -> Result<()> {
    let token = tokens.first().context("there are people")?;
    let feeds = Arc::new(fresh_feeds(node.address, token));
    load::run(node.address, feeds, CONNECTIONS, Duration::from_secs(1), false).await?;
    let (few, mut open) = (Size { streams: 2, people: 1, posts: 0 }, Listeners::none());
    for kind in [Kind::Events, Kind::Socket] {
        open.open(node.address, kind, asked(node.address, kind, tokens, &few)).await?;
    }
    publish(node.address, author, usize::MAX).await?;
    open.all_heard(usize::MAX).await?;
    Ok(())
}

/// Requests for the home streams of everyone in turn, half as many as there are to be in all.
fn asked(to: SocketAddr, kind: Kind, tokens: &[String], size: &Size) -> Vec<Vec<u8>> {
    let path = match kind {
        Kind::Events => "/api/v1/streaming/user",
        Kind::Socket => "/api/v1/streaming?stream=user",
    };
    let of_each = tokens.iter().cycle().take(size.streams / 2);
    of_each.map(|token| listeners::request(to, kind, path, Some(token))).collect()
}

/// Publishes; the answer, and how long it took.
async fn publish(to: SocketAddr, token: &str, number: usize) -> Result<(Vec<u8>, Duration)> {
    let headers = [
        ("authorization".to_owned(), format!("Bearer {token}")),
        ("content-type".to_owned(), "application/json".to_owned()),
    ];
    let text = "The figures of the quarter are on the network. Ask here before you quote them.";
    let body = format!(r#"{{"status":"{MARK}{number}: {text}","visibility":"public"}}"#);
    let request = load::request("POST", to, "/api/v1/statuses", &headers, body.as_bytes());
    let start = Instant::now();
    let answer = load::fetch(to, &request).await?;
    Ok((answer, start.elapsed()))
}

fn note(told: &mut Told, start: Instant, heard: &[Instant]) {
    let [first, median, last] = told;
    first.extend(heard.first().map(|at| *at - start));
    median.extend(heard.get(heard.len() / 2).map(|at| *at - start));
    last.extend(heard.last().map(|at| *at - start));
}

/// The same events through a bare handler, to as many streams.
async fn bare(size: &Size, events: &[Vec<u8>]) -> Result<Bare> {
    let server = BareStreams::start().await?;
    let resident = || server.process.resident_kib().context("how much memory a process has can't be read here");
    let mut open = Listeners::none();
    let request = listeners::request(server.address, Kind::Events, "/stream", None);
    open.open(server.address, Kind::Events, vec![request.clone(); CONNECTIONS]).await?;
    drop(open);
    let (before, mut open) = (resident()?, Listeners::none());
    open.open(server.address, Kind::Events, vec![request; size.streams]).await?;
    let memory_each = (resident()? - before) / size.streams as f64;
    let mut told = Told::default();
    for (event, number) in events.iter().zip(size.posts..) {
        let body = [b"event: update\ndata: ", event.as_slice(), b"\n\n"].concat();
        let request = load::request("POST", server.address, "/tell", &[], &body);
        let start = Instant::now();
        load::fetch(server.address, &request).await?;
        note(&mut told, start, &open.all_heard(number).await?);
    }
    Ok(Bare { memory_each, told })
}
