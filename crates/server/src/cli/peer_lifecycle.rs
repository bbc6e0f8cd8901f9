//! `corridor peer preview`, `remove` and `history`: consequences before an act, the act, and what was done when.

use std::io::{BufRead, IsTerminal};

use anyhow::Result;
use clap::{Args, Subcommand};
use corridor_app::peers;
use corridor_app::{Ctx, Error};
use corridor_domain::Authority;
use indicatif::ProgressBar;
use serde_json::json;

use super::exit::Exit;
use super::{Cli, host, output, run};

/// What would be done.
#[derive(Debug, Subcommand)]
pub enum PreviewCommand {
    /// What allowing it, or allowing it on other terms, would do
    Allow(PreviewAllowArgs),
    /// What removing it would do
    Remove(PreviewRemoveArgs),
}

/// Whom to allow, and how far.
#[derive(Debug, Args)]
pub struct PreviewAllowArgs {
    /// The node's federation address
    #[arg(value_name = "HOST", value_parser = host)]
    pub host: Authority,
    /// The ceiling that is thought of [default: markings.default]
    #[arg(long, value_name = "MARKING")]
    pub ceiling: Option<String>,
}

/// Whom to remove.
#[derive(Debug, Args)]
pub struct PreviewRemoveArgs {
    /// The node's federation address, as it stands on the allow-list
    #[arg(value_name = "HOST", value_parser = host)]
    pub host: Authority,
}

/// Whom to remove, and how thoroughly.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// The node's federation address, as it stands on the allow-list
    #[arg(value_name = "HOST", value_parser = host)]
    pub host: Authority,
    /// Destroy what is held from it too: posts, people, pictures and files. What a hold keeps stays
    #[arg(long)]
    pub purge: bool,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// Says what would be done.
pub(super) async fn preview(cli: &Cli, ctx: &Ctx, command: &PreviewCommand) -> Result<Exit> {
    let by = run::operator();
    let (preview, words) = match command {
        PreviewCommand::Allow(args) => {
            let scheme = &ctx.settings.scheme;
            let ceiling = args.ceiling.as_deref().map(|name| scheme.parse(name)).transpose().map_err(Error::invalid)?;
            let ceiling = ceiling.unwrap_or_else(|| scheme.default_marking());
            let preview = peers::preview(ctx, &by, &args.host, Some(ceiling)).await?;
            let words = preview.of_allowance();
            (preview, words)
        }
        PreviewCommand::Remove(args) => {
            let preview = peers::preview(ctx, &by, &args.host, None).await?;
            let words = preview.of_removal();
            (preview, words)
        }
    };
    if cli.json {
        output::say_json(&preview);
    } else {
        output::say(words);
    }
    Ok(Exit::Done)
}

/// Removes a node, after asking.
pub(super) async fn remove(cli: &Cli, ctx: &Ctx, args: &RemoveArgs) -> Result<Exit> {
    let by = run::operator();
    let preview = peers::preview(ctx, &by, &args.host, None).await?;
    if preview.state.is_none() {
        return Err(Error::NotFound("that peer").into());
    }
    let mut words = preview.of_removal();
    if args.purge {
        words.push_str("; what is held from it is destroyed, and can't be had back");
    }
    if !confirmed(cli, args.yes, &words) {
        return Ok(Exit::Refused);
    }
    let report = peers::remove(ctx, &by, &args.host).await?;
    let purged = if args.purge { Some(purge(cli, ctx, &args.host).await?) } else { None };
    if cli.json {
        let said = json!({ "host": args.host.as_str(), "done": "removed", "report": report, "purged": purged });
        output::say_json(&said);
        return Ok(Exit::Done);
    }
    output::say(format_args!(
        "{} is removed: {} follows and {} connections ended, {} deliveries cancelled, {} posts hidden",
        args.host, report.follows_cut, report.connections_cut, report.deliveries_cancelled, report.posts_hidden
    ));
    if let Some(purged) = purged {
        output::say(format_args!(
            "Destroyed: {} posts and {} people; {} stay because of a hold. Files follow within a minute while the node runs",
            purged.posts, purged.people, purged.held
        ));
    }
    Ok(Exit::Done)
}

async fn purge(cli: &Cli, ctx: &Ctx, host: &Authority) -> Result<peers::Purged> {
    let bar = if cli.json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    let progress = |done: usize, all: usize| {
        bar.set_length(u64::try_from(all).unwrap_or(0));
        bar.set_position(u64::try_from(done).unwrap_or(0));
    };
    let purged = peers::purge(ctx, &run::operator(), host, progress).await?;
    bar.finish_and_clear();
    Ok(purged)
}

/// Whether a person at the keyboard agrees; without one, only `--yes` does.
pub(super) fn confirmed(cli: &Cli, yes: bool, words: &str) -> bool {
    if yes {
        return true;
    }
    if cli.json || !std::io::stdin().is_terminal() {
        output::complain(format_args!("{words}.\nNothing was done: say --yes to go on without being asked"));
        return false;
    }
    output::say(format_args!("{words}.\nGo on? Type yes:"));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer).is_ok();
    let agreed = read && answer.trim().eq_ignore_ascii_case("yes");
    if !agreed {
        output::complain("Nothing was done");
    }
    agreed
}

/// Shows what was done about a node.
pub(super) async fn history(cli: &Cli, ctx: &Ctx, host: &Authority) -> Result<Exit> {
    let entries = peers::history(ctx, &run::operator(), host).await?;
    if cli.json {
        output::say_json(&entries);
        return Ok(Exit::Done);
    }
    let rows: Vec<[String; 4]> =
        entries.into_iter().map(|entry| [entry.at, entry.who, entry.action, entry.detail.to_string()]).collect();
    output::say(output::table(["When", "Who", "What", "Particulars"], &rows));
    Ok(Exit::Done)
}
