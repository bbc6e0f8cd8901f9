//! `corridor queue`: what waits to be delivered to peers.

use anyhow::Result;
use clap::{Args, Subcommand};
use corridor_app::Ctx;
use corridor_app::queue::{self, Which};
use corridor_domain::{Authority, DeliveryId};
use serde_json::json;

use super::exit::Exit;
use super::{Cli, host, output, run};

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

/// Does what was asked.
#[must_use]
pub fn run(cli: &Cli, args: &QueueArgs) -> Exit {
    run::with_database(cli, async |ctx, _| {
        let by = run::operator();
        match args.command() {
            QueueCommand::List => list(cli, &ctx).await,
            QueueCommand::Show(args) => show(cli, &ctx, args).await,
            QueueCommand::Retry(args) => {
                let row = args.row.map(DeliveryId::new);
                let count = match &args.host {
                    Some(host) => queue::retry(&ctx, &by, host, row).await?,
                    None => queue::retry_events(&ctx, &by).await?,
                };
                Ok(counted(cli, count, "put back in line"))
            }
            QueueCommand::Drop(args) => {
                let count = queue::drop_rows(&ctx, &by, &args.host, args.row.map(DeliveryId::new)).await?;
                Ok(counted(cli, count, "given up"))
            }
        }
    })
}

fn counted(cli: &Cli, count: usize, words: &str) -> Exit {
    if cli.json {
        output::say_json(&json!({ "rows": count, "done": words }));
    } else {
        output::say(format_args!("{count} {} {words}", if count == 1 { "row" } else { "rows" }));
    }
    if count == 0 { Exit::NotFound } else { Exit::Done }
}

async fn list(cli: &Cli, ctx: &Ctx) -> Result<Exit> {
    let all = queue::overview(ctx).await?;
    let lag = |peer: &queue::PeerQueue| peer.oldest_pending_at.map(|since| (ctx.now() - since).as_secs());
    if cli.json {
        let peers: Vec<_> = all
            .peers
            .iter()
            .map(|peer| {
                json!({
                    "host": peer.peer.authority.as_str(), "state": peer.peer.state.word(), "waiting": peer.pending,
                    "lag_seconds": lag(peer), "set_aside": peer.rejected, "failures": peer.failures,
                    "left_alone_until": peer.closed_until.map(|at| at.to_rfc3339()),
                    "last_success_at": peer.last_success_at.map(|at| at.to_rfc3339()),
                })
            })
            .collect();
        output::say_json(
            &json!({ "events_waiting": all.events_waiting, "events_set_aside": all.events_set_aside, "peers": peers }),
        );
        return Ok(Exit::Done);
    }
    let rows: Vec<[String; 6]> = all
        .peers
        .iter()
        .map(|peer| {
            [
                peer.peer.authority.to_string(),
                peer.peer.state.word().to_owned(),
                peer.pending.to_string(),
                lag(peer).map_or_else(|| "-".to_owned(), in_words),
                peer.rejected.to_string(),
                if peer.failures == 0 { "-".to_owned() } else { format!("{} in a row", peer.failures) },
            ]
        })
        .collect();
    output::say(output::table(["Peer", "State", "Waiting", "Lag", "Set aside", "Failures"], &rows));
    output::say(format_args!("\nEvents waiting: {}, set aside: {}", all.events_waiting, all.events_set_aside));
    Ok(Exit::Done)
}

fn in_words(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

async fn show(cli: &Cli, ctx: &Ctx, args: &ShowArgs) -> Result<Exit> {
    let which = if args.waiting { Which::Waiting } else { Which::Rejected };
    let rows = queue::rows(ctx, &args.host, which, args.limit).await?;
    if cli.json {
        let rows: Vec<_> = rows
            .iter()
            .map(|row| {
                json!({
                    "row": row.id.to_string(), "kind": row.kind, "activity": row.activity_uri, "inbox": row.inbox,
                    "attempts": row.attempts, "status": row.last_status, "error": row.last_error,
                    "queued_at": row.created_at.to_rfc3339(), "next_try_at": row.next_try_at.to_rfc3339(),
                })
            })
            .collect();
        output::say_json(&rows);
        return Ok(Exit::Done);
    }
    let cells: Vec<[String; 5]> = rows
        .iter()
        .map(|row| {
            [
                row.id.to_string(),
                row.kind.clone(),
                row.attempts.to_string(),
                row.created_at.to_rfc3339(),
                row.last_error.clone().unwrap_or_default(),
            ]
        })
        .collect();
    output::say(output::table(["Row", "Kind", "Tries", "Queued", "What went wrong"], &cells));
    Ok(Exit::Done)
}
