//! Client programs that others wrote, run against whole nodes. `tests/run` installs them; without it these tests
//! fail and say so.

mod browser;
mod funfedi;
mod libraries;
mod masto;
mod mastodon_py;
mod schemathesis;
mod toot;
mod websocket;

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;

/// Longer than any of them takes, even on a slow machine; a program that hangs must not hang the tests.
const AT_MOST: Duration = Duration::from_secs(240);

/// A setting of `tests/run`.
fn setting(name: &str) -> Result<String> {
    std::env::var(name)
        .with_context(|| format!("{name} is not set: run the tests with tests/run, which installs the client programs"))
}

/// A file of this folder.
fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name)
}

/// Python of the environment in which the clients are installed.
fn python(name: &str) -> Result<Command> {
    let mut command = Command::new(setting("CORRIDOR_TEST_PYTHON")?);
    command.arg("-B").arg(script(name)).env("NO_PROXY", "*");
    Ok(command)
}

/// Node.js, with the packages that stand beside the scripts.
fn node(name: &str) -> Result<Command> {
    let modules = setting("CORRIDOR_TEST_NODE_MODULES")?;
    ensure!(Path::new(&modules).is_dir(), "{modules} is not there: tests/run installs it");
    let mut command = Command::new("node");
    command.arg("--no-warnings").arg(script(name));
    Ok(command)
}

/// Runs a program to its end; fails with all it said when it does not end well.
async fn run(mut command: Command) -> Result<String> {
    let child =
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn()?;
    let output = tokio::time::timeout(AT_MOST, child.wait_with_output())
        .await
        .with_context(|| format!("{command:?} did not end"))??;
    judge(&command, output)
}

fn judge(command: &Command, output: Output) -> Result<String> {
    let (said, complained) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    ensure!(output.status.success(), "{command:?} ended with {}:\n{said}\n{complained}", output.status);
    Ok(said.into_owned())
}
