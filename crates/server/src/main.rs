//! The one executable: reads the command line and does what it says.

use std::process::ExitCode;

use clap::Parser;
use corridor_server::cli::exit::Exit;
use corridor_server::cli::{Cli, Command, config, output};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let exit = match &cli.command {
        Command::Config(command) => config::run(&cli, command),
        // The other commands need the rooms below, which are wired next.
        _ => {
            output::complain("this command is not wired yet");
            Exit::Failed
        }
    };
    exit.into()
}
