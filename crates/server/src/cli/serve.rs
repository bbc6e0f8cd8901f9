//! `corridor serve`: the node.

use clap::Args;

/// Run the node.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ServeArgs {}

const EXAMPLES: &str = "\
Brings the database up to date, then listens. Ctrl-C or SIGTERM stops it cleanly: requests under way end first, \
and what waits for peers is on disk.

Example:
  corridor --config /etc/corridor/corridor.toml serve";
