//! The demonstration's own check, in a folder that goes and in one that stays.

use std::process::Command;

use anyhow::{Result, ensure};

use super::program;

/// Every step that `demo --check` takes.
const STEPS: usize = 22;

fn passes(arguments: &[&str]) -> Result<()> {
    let output = Command::new(program()?).args(["demo", "--check", "--base-port", "0"]).args(arguments).output()?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    ensure!(said.lines().filter(|line| line.starts_with("ok ")).count() == STEPS, "{said}");
    Ok(())
}

#[test]
fn the_demonstration_passes_its_own_check() -> Result<()> {
    passes(&[])
}

#[test]
fn the_demonstration_goes_on_in_a_folder_that_is_kept() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let folder = folder.path().to_str().unwrap_or_default();
    passes(&["--folder", folder])?;
    // Other ports, renewed certificates, the next registry; the same people and posts.
    passes(&["--folder", folder])
}
