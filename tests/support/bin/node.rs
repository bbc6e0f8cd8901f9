//! A node on loopback as a program, for tests that kill it: the same parts as `corridor serve`.

use std::net::{Ipv4Addr, TcpListener};

use anyhow::{Context, Result};
use corridor_server::loopback;
use corridor_server::node::RunningNode;
use corridor_store::Options;

#[tokio::main]
async fn main() -> Result<()> {
    let mut database = None;
    let mut port = 0;
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let value = words.next().with_context(|| format!("{word} needs a value"))?;
        match word.as_str() {
            "--database" => database = Some(value),
            "--port" => port = value.parse()?,
            other => anyhow::bail!("{other} is not known"),
        }
    }
    let options = Options::from_url(&database.context("--database is needed")?)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let mut setup = loopback::setup(listener, "Department of Tests", "A node of the tests", options)?;
    setup.settings.password_cost.memory_kib = 64;
    setup.settings.password_cost.passes = 1;
    // A killed peer is back within a moment in these tests; the waits of real life would be most of their time.
    setup.limits.backoff_first = std::time::Duration::from_millis(200);
    setup.limits.backoff_longest = std::time::Duration::from_secs(1);
    let running = RunningNode::start(setup).await?;
    tokio::signal::ctrl_c().await?;
    running.stop().await;
    Ok(())
}
