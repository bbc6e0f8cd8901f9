//! The home feed of a department that has talked for years, beside the same feed of a young one.

use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::filling::{self, Size};
use crate::node::{self, Node};
use crate::table::Row;
use crate::{CONNECTIONS, fresh_feeds, load};

const YOUNG: Size = Size { posts: 10_000, people: 100 };
const OLD: Size = Size { posts: 1_000_000, people: 10_000 };

/// Measures both.
///
/// # Errors
/// When a database can't be filled.
pub async fn measure(backend: &str, span: Duration, rows: &mut Vec<Row>) -> Result<()> {
    let young = feed(backend, YOUNG, span).await?;
    let old = feed(backend, OLD, span).await?;
    // At most one and a half times as slow.
    rows.push(Row::rate("home feed, 1m posts beside 10k, from tables", backend, old, young, Some(1.0 / 1.5)));
    Ok(())
}

async fn feed(backend: &str, size: Size, span: Duration) -> Result<f64> {
    let mut node = Node::new(backend)?;
    {
        let admin = node.admin()?;
        let viewers = node::people(&admin, 2).await?;
        node::talk(&admin, &viewers, 2).await?;
    }
    filling::plain(backend, node.database(), size)?;
    node.start().await?;
    let token = node.token("person0").await?;
    let requests = fresh_feeds(node.address, &token);
    let first: Vec<serde_json::Value> =
        serde_json::from_slice(&load::fetch(node.address, requests.first().context("there are requests")?).await?)?;
    ensure!(first.len() == 20, "the feed has {} posts", first.len());
    let measured = load::run(node.address, std::sync::Arc::new(requests), CONNECTIONS, span, false).await?;
    node.stop();
    Ok(measured.per_second)
}
