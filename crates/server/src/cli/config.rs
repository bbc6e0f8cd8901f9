//! `corridor config`: is the configuration sound, and what does it come to.

use clap::Subcommand;
use serde_json::json;

use super::Cli;
use super::exit::Exit;
use super::output::{complain, say, say_json};
use crate::config::{Config, Problems};

/// Check or print the configuration.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum ConfigCommand {
    /// Say "ok", or everything that is wrong: each setting with its file and line, or its variable
    Check,
    /// Print every setting as it counts, with where its value comes from
    Print,
}

const EXAMPLES: &str = "\
Examples:
  corridor --config corridor.toml config check
  CORRIDOR_SERVER__LISTEN=127.0.0.1:9090 corridor config print
  corridor config print --json";

/// Does it.
#[must_use]
pub fn run(cli: &Cli, command: &ConfigCommand) -> Exit {
    match command {
        ConfigCommand::Check => check(cli),
        ConfigCommand::Print => print(cli),
    }
}

fn check(cli: &Cli) -> Exit {
    let checked = cli.load().and_then(|config| config.check_files());
    match (checked, cli.json) {
        (Ok(()), true) => say_json(&json!({ "ok": true, "problems": [] })),
        (Ok(()), false) => say("ok"),
        (Err(problems), json) => {
            tell(&problems, json);
            return Exit::Failed;
        }
    }
    Exit::Done
}

fn print(cli: &Cli) -> Exit {
    match cli.load() {
        Ok(config) => {
            show(&config, cli.json);
            Exit::Done
        }
        Err(problems) => {
            tell(&problems, cli.json);
            Exit::Failed
        }
    }
}

fn show(config: &Config, json: bool) {
    if json {
        say_json(&config.to_json());
    } else {
        say(config.to_toml().trim_end());
    }
}

/// Tells what is wrong with a configuration. For every command that needs one.
pub fn tell(problems: &Problems, json: bool) {
    if json {
        say_json(&json!({ "ok": false, "problems": problems }));
        return;
    }
    complain(problems);
    if problems.0.len() > 1 {
        complain(format_args!("{} problems with the configuration", problems.0.len()));
    }
}
