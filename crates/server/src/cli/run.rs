//! What commands share when they run: the configuration, the database, and how an error ends.

use std::future::Future;

use anyhow::Result;
use corridor_app::Ctx;
use corridor_app::operator::Operator;

use super::exit::Exit;
use super::{Cli, config, output};
use crate::config::Config;
use crate::{logging, wiring};

/// Runs a command on the configured database.
pub(super) fn with_database<F, W>(cli: &Cli, work: W) -> Exit
where
    W: FnOnce(Ctx, Config) -> F,
    F: Future<Output = Result<Exit>>,
{
    let config = match cli.load() {
        Ok(config) => config,
        Err(problems) => {
            config::tell(&problems, cli.json);
            return Exit::Usage;
        }
    };
    in_runtime(async {
        let ctx = wiring::open(&config)?;
        work(ctx, config).await
    })
}

/// Runs a command in an async runtime; an error is told and decides the exit code.
pub(super) fn in_runtime(work: impl Future<Output = Result<Exit>>) -> Exit {
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            output::complain(format_args!("no threads can be started: {error}"));
            return Exit::Failed;
        }
    };
    match runtime.block_on(work) {
        Ok(exit) => exit,
        Err(error) => {
            output::complain(format_args!("{error:#}"));
            exit_of(&error)
        }
    }
}

/// The code that an error ends with.
fn exit_of(error: &anyhow::Error) -> Exit {
    use corridor_app::Error as E;
    match error.downcast_ref::<E>() {
        Some(E::NotFound(_)) => Exit::NotFound,
        Some(E::Forbidden(_) | E::Refused(_) | E::Conflict(_)) => Exit::Refused,
        Some(E::Invalid(_) | E::Poll(_)) => Exit::Usage,
        _ => Exit::Failed,
    }
}

/// Whoever runs this command, for the audit.
pub(super) fn operator() -> Operator {
    let name = ["SUDO_USER", "USER", "LOGNAME"].iter().find_map(|variable| std::env::var(variable).ok());
    Operator::CommandLine(name.filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned()))
}

/// Starts the log as configured; a log that can't be started ends the command.
pub(super) fn start_log(config: &Config) -> Result<()> {
    logging::start(&config.log)?;
    Ok(())
}
