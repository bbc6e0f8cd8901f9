//! `corridor queue`: what waits to be delivered to peers.

use clap::{Args, Subcommand};
use corridor_domain::Authority;

use super::host;

/// See and steer what waits to be delivered.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct QueueArgs {
    /// What to do; `list` when nothing is said.
    #[command(subcommand)]
    command: Option<QueueCommand>,
}

impl QueueArgs {
    /// What to do.
    #[must_use]
    pub fn command(&self) -> &QueueCommand {
        self.command.as_ref().unwrap_or(&QueueCommand::List)
    }
}

/// What to do with the queue.
#[derive(Debug, Subcommand)]
pub enum QueueCommand {
    /// Show how far each peer lags (the default)
    List,
    /// Show the rows of one peer: those set aside, with the peer's answer, or those that wait
    Show(ShowArgs),
    /// Put rows that were set aside back in line, and try waiting ones now
    Retry(RetryArgs),
    /// Give up rows that were set aside; the peer never gets them
    Drop(DropArgs),
}

/// Which rows to show.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The peer
    #[arg(value_name = "HOST", value_parser = host)]
    pub host: Authority,
    /// Show rows that wait, instead of rows that were set aside
    #[arg(long)]
    pub waiting: bool,
    /// Show at most so many, oldest first
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    pub limit: i64,
}

/// Which rows to try again.
#[derive(Debug, Args)]
pub struct RetryArgs {
    /// The peer
    #[arg(value_name = "HOST", value_parser = host, required_unless_present = "events")]
    pub host: Option<Authority>,
    /// Only the row of this number
    #[arg(long, value_name = "ROW", requires = "host")]
    pub row: Option<i64>,
    /// Try events again that could not be made into deliveries for anyone
    #[arg(long, conflicts_with = "host")]
    pub events: bool,
}

/// Which rows to give up.
#[derive(Debug, Args)]
pub struct DropArgs {
    /// The peer
    #[arg(value_name = "HOST", value_parser = host)]
    pub host: Authority,
    /// Only the row of this number, even one that still waits
    #[arg(long, value_name = "ROW")]
    pub row: Option<i64>,
}

const EXAMPLES: &str = "\
Examples:
  corridor queue
  corridor queue show corridor.transport.example
  corridor queue retry corridor.transport.example
  corridor queue drop corridor.transport.example --row 7305114529038123009";
