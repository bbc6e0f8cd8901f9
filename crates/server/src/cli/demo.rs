//! `corridor demo`: three departments on this machine.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::exit::Exit;
use super::{Cli, output, run};
use crate::demo::{self, Demo, Options};

/// Show three departments that federate on this machine.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct DemoArgs {
    /// Run a scripted conversation across the three, say how each step went, and stop
    #[arg(long)]
    pub check: bool,
    /// Keep the databases in this folder, and go on with them next time [default: a temporary folder]
    #[arg(long, value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// First of three ports to listen on; 0 takes any free ones
    #[arg(long, value_name = "N", default_value_t = 7301, value_parser = parse_base_port)]
    pub base_port: u16,
}

/// The two ports after the base must exist too.
fn parse_base_port(text: &str) -> Result<u16, String> {
    match text.parse::<u16>() {
        Ok(port) if port <= u16::MAX - 2 => Ok(port),
        _ => Err("give a port from 1 to 65533, or 0 for any free ones".to_owned()),
    }
}

const EXAMPLES: &str = "\
Needs no configuration and no network: everything listens on 127.0.0.1 alone.

Examples:
  corridor demo
  corridor demo --folder trial --base-port 9000
  corridor demo --check";

/// Shows the demonstration, or checks it.
#[must_use]
pub fn run(cli: &Cli, args: &DemoArgs) -> Exit {
    run::in_runtime(show(cli, args))
}

async fn show(cli: &Cli, args: &DemoArgs) -> Result<Exit> {
    // A check runs beside whatever else runs here, so it takes ports that are free.
    let base_port = if args.check { 0 } else { args.base_port };
    let options = Options { folder: args.folder.clone(), base_port, quiet: cli.json };
    let demo = tokio::select! {
        demo = Demo::start(&options) => demo?,
        _ = tokio::signal::ctrl_c() => return Ok(Exit::Failed),
    };
    if args.check {
        let outcome = demo::check(&demo).await;
        demo.stop().await;
        outcome?;
        return Ok(Exit::Done);
    }
    output::say(demo.guide());
    tokio::signal::ctrl_c().await?;
    output::complain("stopping");
    demo.stop().await;
    Ok(Exit::Done)
}
