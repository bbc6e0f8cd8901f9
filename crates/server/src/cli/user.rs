//! `corridor user`: people's accounts.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use corridor_domain::Role;

/// Add and manage people's accounts.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum UserCommand {
    /// Add a person; a password is made and printed once, unless one is given
    Add(AddArgs),
    /// List everybody with an account
    List,
    /// Close an account: its sessions and tokens end at once
    Disable(NameArgs),
    /// Open a closed account again
    Enable(NameArgs),
    /// Give a person a new password, which is printed once; all their sessions end
    ResetPassword(PasswordArgs),
    /// Change what a person may do
    Role(RoleArgs),
}

/// Whom to add.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct AddArgs {
    /// Sign-in name and handle, such as amira or amira.khan
    pub username: String,
    /// Name as people say it [default: the username]
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub name: String,
    /// member, facilitator, moderator, administrator or records-officer
    #[arg(long, default_value_t = Role::Member)]
    pub role: Role,
    /// E-mail address
    #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
    pub email: String,
    /// Job title
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub job_title: String,
    /// File that holds the password; - reads it from the standard input
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

/// Who is meant.
#[derive(Debug, Args)]
pub struct NameArgs {
    /// Sign-in name
    pub username: String,
}

/// Whose password, and which.
#[derive(Debug, Args)]
pub struct PasswordArgs {
    /// Sign-in name
    pub username: String,
    /// File that holds the new password; - reads it from the standard input
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

/// Who, and what they may do.
#[derive(Debug, Args)]
pub struct RoleArgs {
    /// Sign-in name
    pub username: String,
    /// member, facilitator, moderator, administrator or records-officer
    pub role: Role,
}

const EXAMPLES: &str = "\
Examples:
  corridor user add amira --name \"Amira Khan\" --role administrator
  corridor user add sam --password-file - < password.txt
  corridor user list --json
  corridor user role sam moderator
  corridor user disable sam";
