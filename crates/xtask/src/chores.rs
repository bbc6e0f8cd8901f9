//! Chores that only start another program: the benchmarks, the long runs of changed inputs and the stylesheet.

use std::path::Path;
use std::process::Command;

use crate::ci::{cargo, execute};

/// Builds for release and runs the load driver, with a PostgreSQL of its own unless `TEST_POSTGRES_URL` names one.
pub fn bench(root: &Path, options: &[String]) -> Result<(), String> {
    cargo(root, &["build", "--locked", "--release", "--package", "corridor-bench"], &[])?;
    let mut arguments = vec!["run", "--locked", "--release", "--quiet", "--package", "corridor-bench", "--"];
    arguments.extend(options.iter().map(String::as_str));
    if std::env::var_os("TEST_POSTGRES_URL").is_some() {
        return cargo(root, &arguments, &[]);
    }
    let folder = std::env::temp_dir().join(format!("corridor-bench-{}", std::process::id()));
    let server = |word: &str| {
        let mut command = Command::new(root.join("tests/postgres"));
        command.arg(word).arg(&folder);
        command
    };
    let started = server("start").stderr(std::process::Stdio::inherit()).output().map_err(|error| error.to_string())?;
    if !started.status.success() {
        return Err("PostgreSQL does not start; tests/run installs it".to_owned());
    }
    let url = String::from_utf8_lossy(&started.stdout).trim().to_owned();
    let outcome = cargo(root, &arguments, &[("TEST_POSTGRES_URL", &url)]);
    execute(&mut server("remove"), root)?;
    outcome
}

/// Runs changed inputs, in a build that stops at an overflow.
pub fn fuzz(root: &Path, options: &[String]) -> Result<(), String> {
    let mut arguments = vec!["run", "--locked", "--quiet", "--package", "corridor-fuzz", "--"];
    arguments.extend(options.iter().map(String::as_str));
    cargo(root, &arguments, &[])
}

/// Compiles the stylesheet with the script that the web crate keeps beside its sources.
pub fn css(root: &Path) -> Result<(), String> {
    let script = root.join("crates/web/assets/build.sh");
    if !script.exists() {
        return Err(format!("{} does not exist", script.display()));
    }
    execute(Command::new("bash").arg(script), root)
}
