//! `corridor keys`: the keys that activities are signed with.

use clap::{Args, Subcommand};

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
}

const EXAMPLES: &str = "\
Examples:
  corridor keys rotate
  corridor keys rotate --user amira";
