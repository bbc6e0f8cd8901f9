//! Runs every check that a change must pass, tells how long each took, and ends with the tests.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use crate::{check_layers, hostile, report, schema};

/// Runs all checks, also after one has failed, so that one run tells everything that is wrong.
pub fn run(root: &Path, options: &[String]) -> Result<(), String> {
    let tests = match options {
        [] => true,
        [option] if option == "--no-tests" => false,
        _ => return Err("ci knows one option, --no-tests".to_owned()),
    };
    let mut steps = Steps::default();
    steps.step("formatting", || cargo(root, &["fmt", "--all", "--check"], &[]));
    steps.step("layers", || report("layers", check_layers(root)));
    steps.step("schema", || report("schema", schema::check(root)));
    steps.step("hostile input", || report("hostile", hostile::check(root)));
    steps.step("lints", || {
        let arguments = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
        cargo(root, &arguments, &[])
    });
    steps.step("documentation", || {
        let arguments = ["doc", "--locked", "--workspace", "--no-deps"];
        cargo(root, &arguments, &[("RUSTDOCFLAGS", "-D warnings")])
    });
    if tests {
        steps.step("tests", || execute(Command::new(root.join("tests/run")).arg("--only-tests"), root));
    }
    steps.finish()
}

/// Runs cargo, the same one that runs this chore.
pub fn cargo(root: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Result<(), String> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).envs(environment.iter().copied());
    execute(&mut command, root)
}

/// Runs a command at the top of the repository and waits for it.
pub fn execute(command: &mut Command, root: &Path) -> Result<(), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.current_dir(root).status().map_err(|e| format!("cannot start {name}: {e}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name} failed: {status}")) }
}

#[derive(Default)]
struct Steps {
    done: Vec<(&'static str, Duration, bool)>,
}

impl Steps {
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<(), String>) {
        println!("== {name}");
        let start = Instant::now();
        let result = work();
        let elapsed = start.elapsed();
        if let Err(message) = &result {
            println!("{message}");
        }
        println!("== {name} took {}", seconds(elapsed));
        self.done.push((name, elapsed, result.is_ok()));
    }

    fn finish(self) -> Result<(), String> {
        for (name, elapsed, passed) in &self.done {
            let word = if *passed { "passed" } else { "FAILED" };
            println!("{name:<14} {word}  {:>8}", seconds(*elapsed));
        }
        let failed: Vec<_> = self.done.iter().filter(|(_, _, passed)| !passed).map(|(name, ..)| *name).collect();
        if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
    }
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.1} s", elapsed.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_is_remembered_and_the_next_still_runs() {
        let mut steps = Steps::default();
        let mut ran = false;
        steps.step("first", || Err("broken".to_owned()));
        steps.step("second", || {
            ran = true;
            Ok(())
        });
        assert!(ran);
        assert_eq!(steps.finish(), Err("failed: first".to_owned()));
    }

    #[test]
    fn a_command_that_fails_is_an_error() {
        let here = Path::new(".");
        assert!(execute(&mut Command::new("true"), here).is_ok());
        assert!(execute(&mut Command::new("false"), here).is_err());
        assert!(execute(&mut Command::new("no-such-program-at-all"), here).is_err());
    }

    #[test]
    fn unknown_options_are_refused() {
        assert!(run(Path::new("."), &["--fast".to_owned()]).is_err());
    }
}
