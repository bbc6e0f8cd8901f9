//! `corridor report`: what people and peers ask the moderators to look at.

use clap::{Args, Subcommand};
use corridor_app::reports::{self, ReportView};
use corridor_domain::Page;
use serde_json::{Value, json};

use super::exit::Exit;
use super::{Cli, output, run};

/// Most reports that are listed.
const LISTED: i64 = 200;

/// See and settle reports.
#[derive(Debug, Subcommand)]
pub enum ReportCommand {
    /// List the reports that wait, latest first
    List(ListArgs),
    /// Show one report
    Show(ShowArgs),
    /// Note that a report was dealt with, and how
    Resolve(ResolveArgs),
}

/// Which reports.
#[derive(Debug, Args)]
pub struct ListArgs {
    /// Those that were dealt with, instead
    #[arg(long)]
    pub resolved: bool,
}

/// Which report.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The report's number
    #[arg(value_name = "NUMBER")]
    pub id: i64,
}

/// Which report, and what became of it.
#[derive(Debug, Args)]
pub struct ResolveArgs {
    /// The report's number
    #[arg(value_name = "NUMBER")]
    pub id: i64,
    /// What was done about it
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub note: String,
}

/// Does what was asked.
#[must_use]
pub fn run(cli: &Cli, command: &ReportCommand) -> Exit {
    run::with_database(cli, async |ctx, _| {
        let by = run::operator();
        match command {
            ReportCommand::List(args) => {
                let found = reports::list(&ctx, &by, args.resolved, Page::newest(LISTED)).await?;
                if cli.json {
                    output::say_json(&found.iter().map(as_json).collect::<Vec<_>>());
                } else if found.is_empty() {
                    output::say("There are none.");
                } else {
                    let rows: Vec<[String; 5]> = found.iter().map(row).collect();
                    output::say(output::table(["Number", "Made", "By", "About", "Comment"], &rows));
                }
            }
            ReportCommand::Show(args) => show(cli, &reports::show(&ctx, &by, args.id).await?),
            ReportCommand::Resolve(args) => {
                reports::resolve(&ctx, &by, args.id, args.note.clone()).await?;
                if cli.json {
                    output::say_json(&json!({ "report": args.id.to_string(), "done": "resolved" }));
                } else {
                    output::say(format_args!("Report {} is settled", args.id));
                }
            }
        }
        Ok(Exit::Done)
    })
}

fn row(report: &ReportView) -> [String; 5] {
    let mut comment: String = report.comment.split_whitespace().collect::<Vec<_>>().join(" ");
    if comment.chars().count() > 50 {
        comment = comment.chars().take(49).chain(['…']).collect();
    }
    [
        report.id.to_string(),
        report.created_at.to_rfc3339(),
        report.reporter.clone(),
        report.target_handle.clone(),
        comment,
    ]
}

fn as_json(report: &ReportView) -> Value {
    let resolved = report.resolved.as_ref();
    json!({
        "id": report.id.to_string(),
        "made": report.created_at.to_rfc3339(),
        "reporter": report.reporter,
        "target": report.target_handle,
        "category": report.category.word(),
        "comment": report.comment,
        "posts": report.posts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        "forwarded": report.forwarded,
        "resolved": resolved.map(|(at, by, how)| json!({ "at": at.to_rfc3339(), "by": by, "how": how })),
    })
}

fn show(cli: &Cli, report: &ReportView) {
    if cli.json {
        return output::say_json(&as_json(report));
    }
    let posts: Vec<String> = report.posts.iter().map(ToString::to_string).collect();
    output::say(format_args!(
        "Report {}\nMade:      {}\nBy:        {}\nAbout:     {}\nCategory:  {}\nPosts:     {}\nForwarded: {}",
        report.id,
        report.created_at.to_rfc3339(),
        report.reporter,
        report.target_handle,
        report.category.word(),
        if posts.is_empty() { "none".to_owned() } else { posts.join(", ") },
        if report.forwarded { "yes" } else { "no" },
    ));
    if let Some((at, by, how)) = &report.resolved {
        output::say(format_args!("Settled:   {} by {by}: {how}", at.to_rfc3339()));
    }
    output::say(format_args!("\n{}", report.comment));
}
