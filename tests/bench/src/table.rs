//! The table of figures: each with its baseline of the same run, and what is aimed at.

use serde::Serialize;

/// One figure.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// What was measured.
    pub name: String,
    /// `sqlite`, `postgres`, or `-` where no database takes part.
    pub backend: String,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: &'static str,
    /// What it is compared with, measured in the same run.
    pub baseline: Option<f64>,
    /// `value / baseline`.
    pub ratio: Option<f64>,
    /// What is aimed at: a ratio where higher is better, a value where lower is.
    pub aim: Option<f64>,
    /// `higher` or `lower`.
    pub better: &'static str,
}

impl Row {
    /// A figure where more is better, beside its baseline.
    #[must_use]
    pub fn rate(name: &str, backend: &str, value: f64, baseline: f64, aim: Option<f64>) -> Self {
        Self {
            name: name.to_owned(),
            backend: backend.to_owned(),
            value,
            unit: "per second",
            baseline: Some(baseline),
            ratio: Some(value / baseline),
            aim,
            better: "higher",
        }
    }

    /// A figure where less is better.
    #[must_use]
    pub fn cost(
        name: &str,
        backend: &str,
        value: f64,
        unit: &'static str,
        baseline: Option<f64>,
        aim: Option<f64>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            backend: backend.to_owned(),
            value,
            unit,
            baseline,
            ratio: baseline.map(|baseline| value / baseline),
            aim,
            better: "lower",
        }
    }

    /// Whether the aim is met; `None` where there is none.
    #[must_use]
    pub fn met(&self) -> Option<bool> {
        let aim = self.aim?;
        Some(if self.better == "higher" { self.ratio? >= aim } else { self.value <= aim })
    }
}

/// Prints the rows for people.
pub fn print(rows: &[Row]) {
    println!(
        "\n{:<44} {:<9} {:>12} {:<11} {:>12} {:>7} {:>7}  ",
        "figure", "backend", "value", "unit", "baseline", "ratio", "aim"
    );
    for row in rows {
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.2}"));
        let verdict = match row.met() {
            Some(true) => "met",
            Some(false) => "MISSED",
            None => "",
        };
        println!(
            "{:<44} {:<9} {:>12.1} {:<11} {:>12} {:>7} {:>7}  {verdict}",
            row.name,
            row.backend,
            row.value,
            row.unit,
            row.baseline.map_or_else(|| "-".to_owned(), |value| format!("{value:.1}")),
            number(row.ratio),
            number(row.aim),
        );
    }
}
