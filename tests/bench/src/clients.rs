//! What clients call most, with a person's token, at a department that has talked for years and at a young one.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::filling::{Filled, Size};
use crate::node::{self, Node};
use crate::table::Row;
use crate::{FRESH, load, reads, talk};

const YOUNG: Size = Size { posts: 10_000, people: 10_000 };
const OLD: Size = Size { posts: 1_000_000, people: 10_000 };

/// A call.
struct Call {
    name: &'static str,
    /// Of its `number`-th request.
    path: Box<dyn Fn(usize) -> String>,
    /// Whether an answer has in it what it must have for the figure to mean anything.
    is_whole: fn(&Value) -> bool,
}

/// Measures each call at both; `quick`: only at the young one.
///
/// # Errors
/// When a database can't be filled, or an answer is not what it must be.
pub async fn measure(backend: &str, span: Duration, quick: bool, rows: &mut Vec<Row>) -> Result<()> {
    let young = calls(backend, YOUNG, "10k", span, rows).await.context("10,000 posts")?;
    if quick {
        return Ok(());
    }
    let old = calls(backend, OLD, "1m", span, rows).await.context("1,000,000 posts")?;
    for ((name, young), (_, old)) in young.iter().zip(old) {
        rows.push(Row::rate(&format!("{name}, 1m beside 10k"), backend, old, *young, None));
    }
    Ok(())
}

/// The name of each call, and how many were answered in a second.
async fn calls(
    backend: &str,
    size: Size,
    label: &str,
    span: Duration,
    rows: &mut Vec<Row>,
) -> Result<Vec<(&'static str, f64)>> {
    let mut node = Node::new(backend)?;
    {
        let admin = node.admin()?;
        let viewers = node::people(&admin, 2).await?;
        node::talk(&admin, &viewers, 2).await?;
    }
    let filled = talk::fill(backend, node.database(), size)?;
    node.start().await?;
    let token = node.token("person0").await?;
    let mut rates = Vec::new();
    for call in asked(&filled) {
        let requests = requests(node.address, &token, &call);
        let first = load::fetch(node.address, requests.first().context("there are requests")?).await?;
        let is_whole = (call.is_whole)(&serde_json::from_slice(&first)?);
        ensure!(is_whole, "{} answers with too little: {}", call.name, String::from_utf8_lossy(&first));
        let name = format!("{}, {label} posts", call.name);
        let measured = reads(&name, backend, node.address, requests, None, span, rows).await.context(name)?;
        rates.push((call.name, measured.per_second));
    }
    Ok(rates)
}

fn requests(to: SocketAddr, token: &str, call: &Call) -> Vec<Vec<u8>> {
    let bearer = [("authorization".to_owned(), format!("Bearer {token}"))];
    (0..FRESH).map(|number| load::request("GET", to, &(call.path)(number), &bearer, b"")).collect()
}

/// No request is like another for as long as answers are given again (decision 8).
fn asked(filled: &Filled) -> Vec<Call> {
    let Filled { author, post, size, .. } = *filled;
    let starts: Vec<i64> = spread(size.posts).filter(|i| talk::starts_thread(*i) && talk::is_open(*i)).collect();
    let thread = move |number: usize| starts.get(number % starts.len()).map_or(0, |i| post + i);
    let of_thread = thread.clone();
    // From the third page on, so that there is a whole page to each.
    let pages: Vec<i64> = talk::of_long_profile(filled).skip(40).collect();
    let page = move |number: usize| pages.get(number * 7919 % pages.len()).copied().unwrap_or(0);
    vec![
        call(
            "home, 20",
            |answer| length(answer) == 20,
            |number| format!("/api/v1/timelines/home?limit=20&fresh={number}"),
        ),
        call(
            "notifications, 40",
            |answer| length(answer) == 40,
            |number| format!("/api/v1/notifications?fresh={number}"),
        ),
        call(
            "status",
            |answer| answer.get("id").is_some(),
            move |number| format!("/api/v1/statuses/{}?fresh={number}", thread(number)),
        ),
        call(
            "context",
            |answer| length(&answer["descendants"]) > 10,
            move |number| format!("/api/v1/statuses/{}/context?fresh={number}", of_thread(number)),
        ),
        call(
            "search, rare word",
            |answer| length(&answer["statuses"]) > 5 && length(&answer["accounts"]) > 5,
            |number| format!("/api/v2/search?q={}&fresh={number}", talk::rare_word_of(number)),
        ),
        call(
            "search, common word",
            |answer| length(&answer["statuses"]) == 20,
            |number| format!("/api/v2/search?q=figures&fresh={number}"),
        ),
        call(
            "account's statuses, 20",
            |answer| length(answer) == 20,
            move |number| format!("/api/v1/accounts/{author}/statuses?limit=20&max_id={}&fresh={number}", page(number)),
        ),
    ]
}

fn call(name: &'static str, is_whole: fn(&Value) -> bool, path: impl Fn(usize) -> String + 'static) -> Call {
    Call { name, path: Box::new(path), is_whole }
}

fn length(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

/// The numbers up to `count`, each once, far from the one before.
fn spread(count: i64) -> impl Iterator<Item = i64> {
    // A prime that no count of posts here can be divided by.
    (0..count).map(move |number| number * 7919 % count + 1)
}
