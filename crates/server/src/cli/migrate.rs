//! `corridor migrate`: the database's tables.

use clap::Args;

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
