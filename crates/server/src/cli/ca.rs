//! `corridor ca`: a private certificate authority for pilots.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Subcommand};
use corridor_domain::{Authority, Timestamp};
use corridor_store::Clock;
use serde_json::json;

use super::exit::Exit;
use super::{Cli, host, output};
use crate::ca::{self, Folder, Issued, Validity};

/// Make a private certificate authority, and certificates for nodes.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum CaCommand {
    /// Make an authority in a folder
    Init(InitArgs),
    /// Make a certificate and a key for a node
    Issue(IssueArgs),
    /// Make a new certificate for the key that a node has
    Renew(IssueArgs),
    /// Show what a certificate says
    Show(ShowArgs),
}

/// Where, and under which name.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Folder of the authority; it is made
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// Name of the authority
    #[arg(long, value_name = "TEXT", default_value = "Corridor pilot authority")]
    pub name: String,
    /// Days that it counts
    #[arg(long, value_name = "DAYS", default_value_t = 1825, value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub days: u32,
}

/// For whom.
#[derive(Debug, Args)]
pub struct IssueArgs {
    /// Folder of the authority
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// The node's host, as it stands in its federation address
    #[arg(value_name = "HOST", value_parser = host)]
    pub host: Authority,
    /// Days that the certificate counts
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: u32,
    /// Folder for the node's files [default: the authority's folder]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// Which.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// A certificate in PEM
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

const EXAMPLES: &str = "\
For pilots: the authority's key lies in a file. Keep it off the nodes; where your network has an authority of its own, \
use that. A running node takes over a renewed certificate by itself.

Examples:
  corridor ca init pilot-ca
  corridor ca issue pilot-ca corridor.health.example --out health
  corridor ca renew pilot-ca corridor.health.example --out health --days 30
  corridor ca show health/corridor.health.example.pem";

/// Does what was asked.
#[must_use]
pub fn run(cli: &Cli, command: &CaCommand) -> Exit {
    let now = Clock::system().now();
    let done = match command {
        CaCommand::Init(args) => init(cli, args, now),
        CaCommand::Issue(args) => {
            let folder = Folder::at(&args.folder);
            folder
                .issue(&args.host, args.out.as_deref(), Validity::days(now, args.days))
                .map(|issued| tell(cli, &issued))
        }
        CaCommand::Renew(args) => {
            let folder = Folder::at(&args.folder);
            folder
                .renew(&args.host, args.out.as_deref(), Validity::days(now, args.days))
                .map(|issued| tell(cli, &issued))
        }
        CaCommand::Show(args) => show(cli, args, now),
    };
    match done {
        Ok(()) => Exit::Done,
        Err(error) => {
            output::complain(format_args!("{error:#}"));
            Exit::Failed
        }
    }
}

fn init(cli: &Cli, args: &InitArgs, now: Timestamp) -> Result<()> {
    let folder = Folder::at(&args.folder);
    folder.init(&args.name, Validity::days(now, args.days))?;
    if cli.json {
        output::say_json(&json!({ "certificate": folder.certificate() }));
    } else {
        output::say(format_args!(
            "An authority for pilots is made. Give nodes {}; keep the key beside it to yourself.",
            folder.certificate().display()
        ));
    }
    Ok(())
}

fn tell(cli: &Cli, issued: &Issued) {
    if cli.json {
        output::say_json(&json!({ "certificate": issued.certificate, "key": issued.key }));
    } else {
        output::say(format_args!("certificate  {}", issued.certificate.display()));
        output::say(format_args!("key          {}", issued.key.display()));
    }
}

fn show(cli: &Cli, args: &ShowArgs, now: Timestamp) -> Result<()> {
    let shown = ca::show(&args.file, now)?;
    if cli.json {
        output::say_json(&shown);
        return Ok(());
    }
    let left = if shown.days_left < 0 { "it has ended".to_owned() } else { format!("{} days left", shown.days_left) };
    let rows = [
        ("Subject", shown.subject),
        ("Hosts", shown.hosts.join(", ")),
        ("Issuer", shown.issuer),
        ("From", shown.not_before),
        ("Until", format!("{} ({left})", shown.not_after)),
        ("Serial", shown.serial),
        ("SHA-256", shown.sha256),
    ];
    let rows: Vec<[String; 2]> = rows.map(|(term, value)| [term.to_owned(), value]).to_vec();
    output::say(output::table(["Term", "Value"], &rows));
    Ok(())
}
