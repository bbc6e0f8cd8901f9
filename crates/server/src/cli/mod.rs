//! The command line: one file for each command, and what they share.

pub mod announcement;
pub mod ca;
pub mod config;
pub mod demo;
pub mod exit;
pub mod group;
pub mod keys;
pub mod migrate;
pub mod openapi;
pub mod output;
pub mod peer;
mod peer_check;
pub mod peer_lifecycle;
pub mod queue;
pub mod registry;
mod registry_files;
pub mod report;
mod run;
pub mod serve;
pub mod user;
mod user_moves;

use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use corridor_domain::Authority;

use crate::config::{Config, Problems};

/// Read when `--config` is not given and the file is there.
const USUAL_FILE: &str = "corridor.toml";
/// Names the configuration file when `--config` does not.
const FILE_VARIABLE: &str = "CORRIDOR_CONFIG";

/// Corridor: the social network that government departments run themselves.
#[derive(Debug, Parser)]
#[command(name = "corridor", version, max_term_width = 100, disable_help_subcommand = true, after_help = EXAMPLES)]
pub struct Cli {
    /// Configuration file [default: $CORRIDOR_CONFIG, or corridor.toml in this folder if it is there]
    #[arg(long, short, global = true, value_name = "FILE", display_order = 900)]
    pub config: Option<PathBuf>,
    /// Answer in JSON, for programs
    #[arg(long, global = true, display_order = 901)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  corridor demo                                   three departments on this machine, to try
  corridor --config corridor.toml config check    is the configuration sound?
  corridor --config corridor.toml migrate         make or update the database
  corridor --config corridor.toml user add amira --role administrator
  corridor --config corridor.toml peer allow corridor.transport.example --ceiling OFFICIAL-SENSITIVE
  corridor --config corridor.toml serve

Exit codes:
  0  done
  1  failed; the message says why
  2  the command line or the configuration is wrong
  3  what was named is not there
  4  a rule forbids it";

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the node until Ctrl-C or SIGTERM
    Serve(serve::ServeArgs),
    /// Show three departments that federate on this machine
    Demo(demo::DemoArgs),
    /// Add and manage people's accounts
    #[command(subcommand)]
    User(user::UserCommand),
    /// Manage the allow-list: the nodes this one speaks to
    #[command(subcommand)]
    Peer(peer::PeerCommand),
    /// See and steer what waits to be delivered to peers
    Queue(queue::QueueArgs),
    /// Make, find and run groups
    #[command(subcommand)]
    Group(group::GroupCommand),
    /// Tell everyone on the node something
    #[command(subcommand)]
    Announcement(announcement::AnnouncementCommand),
    /// See and settle what people and peers report
    #[command(subcommand)]
    Report(report::ReportCommand),
    /// Make, sign, verify and take in the registry of nodes
    #[command(subcommand)]
    Registry(registry::RegistryCommand),
    /// Manage the keys that activities are signed with
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Make certificates for a pilot
    #[command(subcommand)]
    Ca(ca::CaCommand),
    /// Check or print the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Make the database, or bring it up to date
    Migrate(migrate::MigrateArgs),
    /// Print the description of the client API, in OpenAPI
    Openapi,
}

impl Cli {
    /// The configuration file that counts, if any.
    #[must_use]
    pub fn config_file(&self) -> Option<PathBuf> {
        self.config
            .clone()
            .or_else(|| std::env::var_os(FILE_VARIABLE).filter(|name| !name.is_empty()).map(PathBuf::from))
            .or_else(|| Some(PathBuf::from(USUAL_FILE)).filter(|file| file.exists()))
    }

    /// Loads the configuration as file and environment have it.
    ///
    /// # Errors
    /// With everything that is wrong with it.
    pub fn load(&self) -> Result<Config, Problems> {
        load(self.config_file().as_deref())
    }
}

fn load(file: Option<&Path>) -> Result<Config, Problems> {
    let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
    Config::load(file, std::env::vars_os().map(|(name, value)| (text(name), text(value))))
}

/// Reads a host, and a port where it is not 443.
pub(crate) fn host(text: &str) -> Result<Authority, String> {
    Authority::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use clap::CommandFactory;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split_whitespace())
    }

    #[test]
    fn the_definitions_are_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn options_for_all_may_stand_anywhere() {
        for line in ["corridor --config a.toml --json peer list", "corridor peer list --json --config a.toml"] {
            let cli = parse(line).unwrap();
            assert!(cli.json);
            assert_eq!(cli.config_file().unwrap(), Path::new("a.toml"));
        }
    }

    #[test]
    fn queue_alone_is_queue_list() {
        let Command::Queue(args) = parse("corridor queue").unwrap().command else { unreachable!() };
        assert!(matches!(args.command(), queue::QueueCommand::List));
    }

    #[test]
    fn hosts_and_roles_are_checked_as_they_are_read() {
        for line in [
            "corridor peer allow https://a.example --ceiling OFFICIAL",
            "corridor peer allow 10.0.0.1",
            "corridor user role amira emperor",
            "corridor user add amira --role emperor",
            "corridor queue retry",
            "corridor nonsense",
        ] {
            assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
        }
        let Command::Peer(peer::PeerCommand::Allow(allow)) =
            parse("corridor peer allow A.Example:8443").unwrap().command
        else {
            unreachable!()
        };
        assert_eq!(allow.host.as_str(), "a.example:8443");
    }

    #[test]
    fn every_command_says_what_it_does() {
        fn walk(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{} has no description", command.get_name());
            for argument in command.get_arguments() {
                assert!(argument.get_help().is_some(), "{} {} has no help", command.get_name(), argument.get_id());
            }
            command.get_subcommands().for_each(walk);
        }
        walk(&Cli::command());
    }
}
