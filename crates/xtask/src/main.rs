//! Repository chores: the checks that keep Corridor's house in order, in Rust and with the standard library alone.
#![expect(clippy::print_stdout, reason = "a command line tool speaks on standard output")]

mod calls;
mod chores;
mod ci;
mod hostile;
mod layers;
mod lock;
mod schema;
mod source;

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const HELP: &str = "\
Repository chores for Corridor.

Usage: cargo xtask <chore> [options]

Chores:
  ci [--no-tests]      formatting, layers, schema, hostile input, lints, documentation, then tests/run
  layers               which crate may name which, and which libraries may be in the tree
  schema               the two migration folders hold the same migrations
  hostile [--write]    every case of hostile input has a test, and docs/SECURITY.md lists them
  calls FILE [--write] the table in docs/API.md of who calls what, against what the tests' nodes saw
  bench [options]      build for release and run the benchmarks; options go to corridor-bench
  fuzz [options]       changed inputs for the parsers that strangers reach; options go to corridor-fuzz
  css                  compile the stylesheet from GOV.UK Frontend
  help                 this text
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (chore, rest) = match arguments.split_first() {
        Some((chore, rest)) => (chore.as_str(), rest),
        None => ("help", &[][..]),
    };
    let root = root();
    let result = match chore {
        "ci" => ci::run(&root, rest),
        "layers" => no_options(rest).and_then(|()| report("layers", check_layers(&root))),
        "schema" => no_options(rest).and_then(|()| report("schema", schema::check(&root))),
        "hostile" => check_or_write_hostile(&root, rest),
        "calls" => check_or_write_calls(&root, rest),
        "bench" => chores::bench(&root, rest),
        "fuzz" => chores::fuzz(&root, rest),
        "css" => no_options(rest).and_then(|()| chores::css(&root)),
        "help" | "--help" | "-h" => {
            print!("{HELP}");
            Ok(())
        }
        other => Err(format!("there is no chore called '{other}'; see cargo xtask help")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

/// One broken rule, with the place where it is broken.
#[derive(Debug, PartialEq, Eq)]
struct Finding {
    file: PathBuf,
    line: usize,
    message: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.message)
    }
}

/// The layer rules and the rules about libraries are one chore: both say what may know what.
fn check_layers(root: &Path) -> Result<Vec<Finding>, String> {
    let mut findings = layers::check(root)?;
    findings.extend(lock::check(root)?);
    Ok(findings)
}

/// Without an option the table is only looked at.
fn check_or_write_hostile(root: &Path, rest: &[String]) -> Result<(), String> {
    match rest {
        [option] if option == "--write" => hostile::write(root)?,
        [] => {}
        _ => return Err("hostile knows one option, --write".to_owned()),
    }
    report("hostile", hostile::check(root))
}

/// FILE is what `CORRIDOR_TEST_CALLS` named while the tests ran.
fn check_or_write_calls(root: &Path, rest: &[String]) -> Result<(), String> {
    let seen = match rest {
        [seen] => Path::new(seen),
        [seen, option] if option == "--write" => {
            calls::write(root, Path::new(seen))?;
            Path::new(seen)
        }
        _ => return Err("calls wants the file that the tests wrote, and knows one option, --write".to_owned()),
    };
    report("calls", calls::check(root, seen))
}

/// Prints what was found, and fails when that is anything at all.
fn report(chore: &str, findings: Result<Vec<Finding>, String>) -> Result<(), String> {
    let findings = findings?;
    for finding in &findings {
        println!("{finding}");
    }
    match findings.len() {
        0 => {
            println!("{chore}: in order");
            Ok(())
        }
        1 => Err(format!("{chore}: 1 rule is broken")),
        n => Err(format!("{chore}: {n} rules are broken")),
    }
}

fn no_options(rest: &[String]) -> Result<(), String> {
    match rest.first() {
        None => Ok(()),
        Some(option) => Err(format!("this chore takes no options, but was given '{option}'")),
    }
}

/// The top of the repository, two folders above this crate.
fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}
