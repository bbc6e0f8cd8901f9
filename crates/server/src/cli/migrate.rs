//! `corridor migrate`: the database's tables.

use anyhow::Context;
use clap::Args;
use corridor_store::{pending_migrations, run_migrations};
use serde_json::json;

use super::exit::Exit;
use super::{Cli, config, output, run};
use crate::wiring;

/// Make the database, or bring it up to date.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct MigrateArgs {
    /// Change nothing: list what is missing, and exit with 1 if anything is
    #[arg(long)]
    pub check: bool,
}

const EXAMPLES: &str = "\
Examples:
  corridor --config corridor.toml migrate --check
  corridor --config corridor.toml migrate";

/// Does what was asked.
#[must_use]
pub fn run(cli: &Cli, args: &MigrateArgs) -> Exit {
    let config = match cli.load() {
        Ok(config) => config,
        Err(problems) => {
            config::tell(&problems, cli.json);
            return Exit::Usage;
        }
    };
    run::in_runtime(async {
        let options = wiring::database(&config)?;
        let (names, words) = if args.check {
            (pending_migrations(&options).context("the database can't be opened")?, "missing")
        } else {
            (run_migrations(&options).context("the database can't be brought up to date")?.applied, "applied")
        };
        if cli.json {
            output::say_json(&json!({ words: names }));
        } else if names.is_empty() {
            output::say("The database is up to date");
        } else {
            names.iter().for_each(|name| output::say(format_args!("{words}: {name}")));
        }
        Ok(if args.check && !names.is_empty() { Exit::Failed } else { Exit::Done })
    })
}
