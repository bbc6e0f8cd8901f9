//! The program behind `cargo xtask fuzz`: each target in turn for so many minutes, and what was found.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that prints figures")]

use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use corridor_fuzz::{Target, all, run};

const HELP: &str = "\
Usage: cargo xtask fuzz [--minutes N] [--target NAME] [--seed N]

Runs each target, or one, for N minutes (1 unless told otherwise) and prints what did not hold.
";

/// What the command line says.
struct Asked {
    minutes: f64,
    target: Option<String>,
    seed: u64,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let Some(asked) = read(&words) else {
        eprint!("{HELP}");
        return ExitCode::from(2);
    };
    let targets: Vec<Box<dyn Target>> =
        all().into_iter().filter(|target| asked.target.as_ref().is_none_or(|name| name == target.name())).collect();
    if targets.is_empty() {
        eprintln!("there is no such target; there are {:?}", all().iter().map(|t| t.name()).collect::<Vec<_>>());
        return ExitCode::from(2);
    }
    // Panics are findings; their messages would only stand between the figures.
    std::panic::set_hook(Box::new(|_| {}));
    let mut found = false;
    for target in targets {
        let until = Instant::now() + Duration::from_secs_f64(asked.minutes * 60.0);
        let report = run(target.as_ref(), Some(until), u64::MAX, asked.seed);
        println!(
            "{}: {} cases in {:.0} s, seed {}, {} behaviours, slowest {:.1} ms, {} findings",
            target.name(),
            report.cases,
            report.took.as_secs_f64(),
            asked.seed,
            report.behaviours,
            report.slowest.as_secs_f64() * 1000.0,
            report.findings.len()
        );
        for finding in &report.findings {
            found = true;
            println!("  {}\n    {:?}", finding.what, finding.input);
        }
    }
    if found { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn read(words: &[String]) -> Option<Asked> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs());
    let mut asked = Asked { minutes: 1.0, target: None, seed: now };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let value = words.next()?;
        match word.as_str() {
            "--minutes" => asked.minutes = value.parse().ok().filter(|minutes| (0.0..=10_000.0).contains(minutes))?,
            "--target" => asked.target = Some(value.clone()),
            "--seed" => asked.seed = value.parse().ok()?,
            _ => return None,
        }
    }
    Some(asked)
}
