//! The one executable: reads the command line and does what it says.

use std::process::ExitCode;

use clap::Parser;
use corridor_server::cli::{
    Cli, Command, announcement, ca, config, demo, group, keys, migrate, openapi, peer, queue, registry, report, serve,
    user,
};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let exit = match &cli.command {
        Command::Serve(args) => serve::run(&cli, args),
        Command::Demo(args) => demo::run(&cli, args),
        Command::User(command) => user::run(&cli, command),
        Command::Peer(command) => peer::run(&cli, command),
        Command::Queue(args) => queue::run(&cli, args),
        Command::Group(command) => group::run(&cli, command),
        Command::Announcement(command) => announcement::run(&cli, command),
        Command::Report(command) => report::run(&cli, command),
        Command::Registry(command) => registry::run(&cli, command),
        Command::Keys(command) => keys::run(&cli, command),
        Command::Ca(command) => ca::run(&cli, command),
        Command::Config(command) => config::run(&cli, command),
        Command::Migrate(args) => migrate::run(&cli, args),
        Command::Openapi => openapi::run(),
    };
    exit.into()
}
