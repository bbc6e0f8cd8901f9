//! `corridor serve`: the node.

use anyhow::Result;
use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::exit::Exit;
use super::{Cli, config, output, run};
use crate::config::Config;
use crate::node::RunningNode;
use crate::wiring;

/// Run the node.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ServeArgs {}

const EXAMPLES: &str = "\
Brings the database up to date, then listens. Ctrl-C or SIGTERM stops it cleanly: requests under way end first, \
and what waits for peers is on disk. Replaced certificates are taken over by themselves, or at SIGHUP at once.

Example:
  corridor --config /etc/corridor/corridor.toml serve";

/// Serves until told to stop.
#[must_use]
pub fn run(cli: &Cli, _: &ServeArgs) -> Exit {
    let config = match cli.load() {
        Ok(config) => config,
        Err(problems) => {
            config::tell(&problems, cli.json);
            return Exit::Usage;
        }
    };
    run::in_runtime(serve(config))
}

async fn serve(config: Config) -> Result<Exit> {
    run::start_log(&config)?;
    let setup = wiring::setup(&config)?;
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let mut hangup = signal(SignalKind::hangup())?;
    let running = RunningNode::start(setup).await?;
    corridor_app::groups::ensure_network_wide(&running.ctx).await?;
    tracing::info!("serving {} on {}", config.addresses.staff, config.server.listen);
    loop {
        tokio::select! {
            _ = interrupt.recv() => break,
            _ = terminate.recv() => break,
            _ = hangup.recv() => running.reload_certificates(),
        }
    }
    output::complain("stopping: requests under way end first");
    running.stop().await;
    Ok(Exit::Done)
}
