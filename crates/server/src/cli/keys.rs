//! `corridor keys`: the keys that activities are signed with.

use clap::{Args, Subcommand};
use corridor_app::keys;
use indicatif::ProgressBar;
use serde_json::json;

use super::exit::Exit;
use super::{Cli, output, run};

/// Manage the keys that activities are signed with.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum KeysCommand {
    /// Make new signing keys for everyone, or for one person, and tell peers
    Rotate(RotateArgs),
}

/// Whose keys.
#[derive(Debug, Args)]
pub struct RotateArgs {
    /// Only this person's keys, by sign-in name
    #[arg(long, value_name = "USERNAME")]
    pub user: Option<String>,
    /// Let the old keys count no longer with any peer that was told: for keys that somebody else may have
    #[arg(long)]
    pub at_once: bool,
}

const EXAMPLES: &str = "\
Examples:
  corridor keys rotate
  corridor keys rotate --user amira";

/// Does what was asked.
#[must_use]
pub fn run(cli: &Cli, command: &KeysCommand) -> Exit {
    let KeysCommand::Rotate(args) = command;
    run::with_database(cli, async |ctx, _| {
        let bar = if cli.json { ProgressBar::hidden() } else { ProgressBar::new(0) };
        let progress = |done: usize, all: usize| {
            bar.set_length(u64::try_from(all).unwrap_or(0));
            bar.set_position(u64::try_from(done).unwrap_or(0));
        };
        let count = keys::rotate(&ctx, &run::operator(), args.user.as_deref(), args.at_once, progress).await?;
        bar.finish_and_clear();
        if cli.json {
            output::say_json(&json!({ "rotated": count }));
        } else {
            output::say(format_args!(
                "New keys for {count} {}; peers will be told",
                if count == 1 { "actor" } else { "actors" }
            ));
        }
        Ok(Exit::Done)
    })
}
