//! Changed inputs for the parsers that strangers reach: what must hold for each input, whatever it is.
//!
//! `cargo xtask fuzz --minutes 10` runs long; the tests of this crate run the corpus and a fixed number of cases.
//! An input that makes a parser behave in a way not seen before joins the pool from which further inputs are made.

mod chance;
mod corpus;
mod mutate;
mod run;
mod targets;
mod work;

pub use run::{Finding, Report, run};
pub use targets::{Target, all};
pub use work::work;

#[cfg(test)]
mod tests {
    use super::*;

    /// Enough to try every kind of change on every seed, in a few seconds.
    const CASES: u64 = 3000;

    fn replay(target: &dyn Target) {
        for seed in target.seeds() {
            let shown = String::from_utf8_lossy(&seed).into_owned();
            assert_eq!(target.check(&seed).err(), None, "{}: {shown}", target.name());
        }
    }

    #[test]
    fn the_corpus_holds() {
        for target in all() {
            assert!(target.seeds().len() >= 5, "{} has a corpus", target.name());
            replay(target.as_ref());
        }
    }

    #[test]
    fn changed_inputs_hold() {
        for target in all() {
            let report = run(target.as_ref(), None, CASES, 1);
            assert_eq!(report.findings, [], "{}", target.name());
            assert!(report.behaviours > 5, "{} is hardly reached: {report:?}", target.name());
        }
    }

    #[test]
    fn the_same_seed_makes_the_same_inputs() {
        for target in all().iter().filter(|target| target.name() != "signature") {
            let behaviours = |seed| run(target.as_ref(), None, 300, seed).behaviours;
            assert_eq!(behaviours(7), behaviours(7), "{}", target.name());
        }
    }
}
