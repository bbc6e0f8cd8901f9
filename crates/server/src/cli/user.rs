//! `corridor user`: people's accounts.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use clap::{Args, Subcommand};
use corridor_app::Ctx;
use corridor_app::accounts::{self, NewUser};
use corridor_domain::Role;
use serde_json::json;

use super::exit::Exit;
use super::{Cli, output, run, user_moves};

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
    /// Show, add or remove the older accounts that a person says are theirs
    Alias(AliasArgs),
    /// Move a person to another account, which must name this one as an older account first
    Move(MoveArgs),
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

/// Whose older accounts, and what about them.
#[derive(Debug, Args)]
pub struct AliasArgs {
    /// Sign-in name
    pub username: String,
    /// Handle of an older account, such as amira@corridor.transport.example
    #[arg(long, value_name = "HANDLE", conflicts_with = "remove")]
    pub add: Option<String>,
    /// Handle or address of one that is theirs no longer
    #[arg(long, value_name = "HANDLE")]
    pub remove: Option<String>,
}

/// Who moves, and where to.
#[derive(Debug, Args)]
pub struct MoveArgs {
    /// Sign-in name
    pub username: String,
    /// Handle of the new account
    #[arg(required_unless_present = "back")]
    pub handle: Option<String>,
    /// Take the move back: the account publishes again
    #[arg(long, conflicts_with = "handle")]
    pub back: bool,
}

const EXAMPLES: &str = "\
Examples:
  corridor user add amira --name \"Amira Khan\" --role administrator
  corridor user add sam --password-file - < password.txt
  corridor user list --json
  corridor user role sam moderator
  corridor user disable sam
  corridor user alias amira --add amira@corridor.transport.example
  corridor user move amira amira@corridor.home.example";

/// Does what was asked.
#[must_use]
pub fn run(cli: &Cli, command: &UserCommand) -> Exit {
    run::with_database(cli, async |ctx, config| {
        let by = run::operator();
        match command {
            UserCommand::Add(args) => add(cli, &ctx, args).await,
            UserCommand::List => list(cli, &ctx).await,
            UserCommand::Disable(args) => {
                accounts::disable_user(&ctx, &by, &args.username).await?;
                Ok(done(cli, &args.username, "disabled", "is disabled: sessions and tokens have ended"))
            }
            UserCommand::Enable(args) => {
                accounts::enable_user(&ctx, &by, &args.username).await?;
                Ok(done(cli, &args.username, "enabled", "may sign in again"))
            }
            UserCommand::ResetPassword(args) => {
                let given = args.password_file.as_deref().map(read_password).transpose()?;
                let shown = given.is_none();
                let password = accounts::reset_password(&ctx, &by, &args.username, given).await?;
                tell_password(cli, &args.username, shown.then_some(password));
                Ok(Exit::Done)
            }
            UserCommand::Role(args) => {
                accounts::set_role(&ctx, &by, &args.username, args.role).await?;
                Ok(done(cli, &args.username, "role-changed", &format!("is {} now", args.role)))
            }
            UserCommand::Alias(args) => user_moves::alias(cli, &ctx, &config, args).await,
            UserCommand::Move(args) => user_moves::go(cli, &ctx, &config, args).await,
        }
    })
}

async fn add(cli: &Cli, ctx: &Ctx, args: &AddArgs) -> Result<Exit> {
    let user = NewUser {
        username: args.username.clone(),
        display_name: args.name.clone(),
        email: args.email.clone(),
        role: args.role,
        role_title: args.job_title.clone(),
        password: args.password_file.as_deref().map(read_password).transpose()?,
    };
    let created = accounts::create_user(ctx, &run::operator(), user).await?;
    tell_password(cli, &args.username, created.password);
    Ok(Exit::Done)
}

/// A password that was made is told once, on the standard output; it can't be read again later.
fn tell_password(cli: &Cli, username: &str, password: Option<String>) {
    if cli.json {
        return output::say_json(&json!({ "username": username, "password": password }));
    }
    match password {
        Some(password) => output::say(format_args!(
            "{username} can sign in with the password {password}, and then chooses another one"
        )),
        None => output::say(format_args!("{username} can sign in with the password that was given")),
    }
}

async fn list(cli: &Cli, ctx: &Ctx) -> Result<Exit> {
    let users = accounts::list_users(ctx).await?;
    let state = |user: &accounts::UserView| match (user.disabled, user.locked) {
        (true, _) => "disabled",
        (_, true) => "locked",
        _ => "active",
    };
    let seen = |user: &accounts::UserView| user.last_sign_in_at.map(|at| at.to_rfc3339());
    if cli.json {
        let rows: Vec<_> = users
            .iter()
            .map(|user| {
                json!({
                    "id": user.person.id.to_string(), "username": user.person.username, "name": user.person.display_name,
                    "email": user.email, "role": user.role.word(), "state": state(user), "last_sign_in_at": seen(user),
                })
            })
            .collect();
        output::say_json(&rows);
        return Ok(Exit::Done);
    }
    let rows: Vec<[String; 5]> = users
        .iter()
        .map(|user| {
            [
                user.person.username.clone(),
                user.person.display_name.clone(),
                user.role.to_string(),
                state(user).to_owned(),
                seen(user).unwrap_or_else(|| "never".to_owned()),
            ]
        })
        .collect();
    output::say(output::table(["Username", "Name", "Role", "State", "Last signed in"], &rows));
    Ok(Exit::Done)
}

pub(super) fn done(cli: &Cli, username: &str, word: &str, words: &str) -> Exit {
    if cli.json {
        output::say_json(&json!({ "username": username, "done": word }));
    } else {
        output::say(format_args!("{username} {words}"));
    }
    Exit::Done
}

/// The first line of a file, or of the standard input.
fn read_password(file: &Path) -> Result<String> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin().read_line(&mut text).context("no password could be read from the standard input")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("{} can't be read", file.display()))?;
    }
    Ok(text.lines().next().unwrap_or_default().to_owned())
}
