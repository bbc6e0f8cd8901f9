//! Chores that only start another program: the benchmarks and the stylesheet.

use std::path::Path;
use std::process::Command;

use crate::ci::{cargo, execute};

/// Builds for release and runs the load driver beside the release executable, whose name it is handed.
pub fn bench(root: &Path, options: &[String]) -> Result<(), String> {
    let build = ["build", "--locked", "--release", "--package", "corridor-server", "--package", "corridor-bench"];
    cargo(root, &build, &[])?;
    let mut arguments = vec!["run", "--locked", "--release", "--quiet", "--package", "corridor-bench", "--"];
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
