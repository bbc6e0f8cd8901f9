//! The loop: make an input, check it, keep what is new.

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use crate::chance::Chance;
use crate::targets::Target;
use crate::work;

/// More would only make old inputs rarer.
const LARGEST_POOL: usize = 5000;
/// Enough to look into.
const MOST_FINDINGS: usize = 20;
/// No input of this size may be so much work for the processor, even unoptimised.
const TOO_SLOW: Duration = Duration::from_secs(2);

/// An input for which something did not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub what: String,
    /// The input, where it is text.
    pub input: String,
}

/// What a run came to.
#[derive(Debug, Clone)]
pub struct Report {
    /// Inputs tried.
    pub cases: u64,
    /// How long it took.
    pub took: Duration,
    /// Different ways in which the parser behaved.
    pub behaviours: usize,
    /// The most that one input took of the processor.
    pub slowest: Duration,
    /// What did not hold.
    pub findings: Vec<Finding>,
}

/// Tries inputs until a moment, if there is one, and at most so many.
#[must_use]
pub fn run(target: &dyn Target, until: Option<Instant>, most: u64, seed: u64) -> Report {
    let start = Instant::now();
    let mut chance = Chance::new(seed);
    let mut pool = target.seeds();
    let mut seen = HashSet::new();
    let (mut cases, mut slowest, mut findings) = (0_u64, Duration::ZERO, Vec::new());
    while cases < most && findings.len() < MOST_FINDINGS && until.is_none_or(|until| Instant::now() < until) {
        let input = target.change(&mut chance, &pool);
        let (outcome, took) = work(|| catch_unwind(AssertUnwindSafe(|| target.check(&input))));
        slowest = slowest.max(took);
        cases += 1;
        let what = match outcome {
            Ok(Ok(behaviour)) => {
                if seen.insert(behaviour) && pool.len() < LARGEST_POOL {
                    pool.push(input.clone());
                }
                (took > TOO_SLOW).then(|| format!("it took {took:?}"))
            }
            Ok(Err(what)) => Some(what),
            Err(panic) => {
                let words = panic.downcast_ref::<String>().cloned();
                let words = words.or_else(|| panic.downcast_ref::<&str>().map(|words| (*words).to_owned()));
                Some(format!("it panicked: {}", words.unwrap_or_default()))
            }
        };
        if let Some(what) = what {
            findings.push(Finding { what, input: String::from_utf8_lossy(&input).into_owned() });
        }
    }
    Report { cases, took: start.elapsed(), behaviours: seen.len(), slowest, findings }
}
