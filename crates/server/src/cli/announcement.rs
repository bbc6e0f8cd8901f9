//! `corridor announcement`: what everyone on the node is told.

use clap::{Args, Subcommand};
use corridor_app::announcements::{self, Announcement, AnnouncementChange, ManagedView};
use corridor_domain::{AnnouncementId, Timestamp};
use serde_json::{Value, json};

use super::exit::Exit;
use super::{Cli, output, run};

/// Most announcements that are listed.
const LISTED: i64 = 200;

/// Tell everyone on the node something.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum AnnouncementCommand {
    /// Tell everyone something: on their home page, and in their clients
    Add(AddArgs),
    /// List the announcements, latest first
    List,
    /// Change what an announcement says
    Change(ChangeArgs),
    /// End an announcement: nobody is shown it any more
    End(EndArgs),
}

const EXAMPLES: &str = "\
Example:
  corridor announcement add 'On Saturday the node is **away** for an hour.' --ends 2026-12-05T12:00Z
  corridor announcement add 'Come to the open day!' --starts 2026-12-01 --ends 2026-12-02 --all-day
  corridor announcement change 116223400000000001 --ends never";

/// What is announced.
#[derive(Debug, Args)]
pub struct AddArgs {
    /// What to tell, in Markdown
    pub text: String,
    /// When what it is about begins; it is shown before, too
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub starts: Option<Timestamp>,
    /// When that is over; from then on it is not shown
    #[arg(long, value_name = "MOMENT", value_parser = moment)]
    pub ends: Option<Timestamp>,
    /// Only the days of these two count
    #[arg(long)]
    pub all_day: bool,
}

/// What changes.
#[derive(Debug, Args)]
#[command(group(clap::ArgGroup::new("what").required(true).multiple(true).args(["text", "starts", "ends", "all_day"])))]
pub struct ChangeArgs {
    /// The announcement's number
    #[arg(value_name = "NUMBER")]
    pub id: AnnouncementId,
    /// What to tell, in Markdown
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
    /// When what it is about begins, or “never”
    #[arg(long, value_name = "MOMENT", value_parser = moment_or_never)]
    pub starts: Option<Moment>,
    /// When that is over, or “never”
    #[arg(long, value_name = "MOMENT", value_parser = moment_or_never)]
    pub ends: Option<Moment>,
    /// Whether only the days of these two count: true or false
    #[arg(long, value_name = "WHETHER")]
    pub all_day: Option<bool>,
}

/// Which announcement.
#[derive(Debug, Args)]
pub struct EndArgs {
    /// The announcement's number
    #[arg(value_name = "NUMBER")]
    pub id: AnnouncementId,
}

/// A moment, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(Option<Timestamp>);

/// A day, which begins at midnight UTC, or a moment with its offset.
fn moment(text: &str) -> Result<Timestamp, String> {
    let forms = [text.to_owned(), format!("{text}T00:00:00Z"), text.replacen('Z', ":00Z", 1)];
    forms
        .iter()
        .find_map(|form| Timestamp::parse_rfc3339(form))
        .ok_or_else(|| "write a day, such as 2026-12-01, or a moment, such as 2026-12-01T09:30Z".to_owned())
}

fn moment_or_never(text: &str) -> Result<Moment, String> {
    if text == "never" { Ok(Moment(None)) } else { moment(text).map(|at| Moment(Some(at))) }
}

/// Does what was asked.
#[must_use]
pub fn run(cli: &Cli, command: &AnnouncementCommand) -> Exit {
    run::with_database(cli, async |ctx, _| {
        let by = run::operator();
        match command {
            AnnouncementCommand::Add(args) => {
                let announcement = Announcement {
                    text: args.text.clone(),
                    starts_at: args.starts,
                    ends_at: args.ends,
                    all_day: args.all_day,
                };
                tell(cli, &announcements::add(&ctx, &by, announcement).await?, "is announced");
            }
            AnnouncementCommand::List => list(cli, &announcements::latest(&ctx, &by, LISTED).await?),
            AnnouncementCommand::Change(args) => {
                let change = AnnouncementChange {
                    text: args.text.clone(),
                    starts_at: args.starts.map(|moment| moment.0),
                    ends_at: args.ends.map(|moment| moment.0),
                    all_day: args.all_day,
                };
                tell(cli, &announcements::change(&ctx, &by, args.id, change).await?, "is changed");
            }
            AnnouncementCommand::End(args) => {
                announcements::end(&ctx, &by, args.id).await?;
                if cli.json {
                    output::say_json(&json!({ "announcement": args.id.to_string(), "done": "ended" }));
                } else {
                    output::say(format_args!("Announcement {} is ended", args.id));
                }
            }
        }
        Ok(Exit::Done)
    })
}

fn tell(cli: &Cli, view: &ManagedView, done: &str) {
    if cli.json {
        output::say_json(&as_json(view));
    } else {
        output::say(format_args!("Announcement {} {done}", view.id));
    }
}

fn list(cli: &Cli, found: &[ManagedView]) {
    if cli.json {
        return output::say_json(&found.iter().map(as_json).collect::<Vec<_>>());
    }
    if found.is_empty() {
        return output::say("There are none.");
    }
    let rows: Vec<[String; 5]> = found.iter().map(row).collect();
    output::say(output::table(["Number", "Made", "Ends", "Shown", "Text"], &rows));
}

fn row(view: &ManagedView) -> [String; 5] {
    let mut text: String = view.said.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() > 50 {
        text = text.chars().take(49).chain(['…']).collect();
    }
    [
        view.id.to_string(),
        view.published_at.to_rfc3339(),
        view.said.ends_at.map_or_else(|| "never".to_owned(), Timestamp::to_rfc3339),
        if view.shown { "yes" } else { "no" }.to_owned(),
        text,
    ]
}

fn as_json(view: &ManagedView) -> Value {
    json!({
        "id": view.id.to_string(),
        "text": view.said.text,
        "starts": view.said.starts_at.map(Timestamp::to_rfc3339),
        "ends": view.said.ends_at.map(Timestamp::to_rfc3339),
        "all_day": view.said.all_day,
        "made": view.published_at.to_rfc3339(),
        "shown": view.shown,
    })
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn days_and_moments_are_read() {
        let at = |text: &str| moment(text).map(Timestamp::to_rfc3339);
        assert_eq!(at("2026-12-01").unwrap(), "2026-12-01T00:00:00.000Z");
        assert_eq!(at("2026-12-01T09:30Z").unwrap(), "2026-12-01T09:30:00.000Z");
        assert_eq!(at("2026-12-01T09:30:00+01:00").unwrap(), "2026-12-01T08:30:00.000Z");
        assert_eq!(moment_or_never("never").unwrap(), Moment(None));
        for wrong in ["", "tomorrow", "2026-13-01", "never", "2026-12-01T09"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }
}
