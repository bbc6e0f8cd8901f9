//! `corridor peer check`: where the way to a peer ends, and what to do about it.

use anyhow::Result;
use corridor_app::Ctx;
use corridor_domain::Authority;
use corridor_federation::probe::{self, Step, Verdict};
use serde_json::json;

use super::exit::Exit;
use super::{Cli, output};
use crate::config::Config;
use crate::wiring;

/// Checks a peer with this node's certificates and keys; fails when one step does.
///
/// # Errors
/// When this node's own files or keys can't be had.
pub(super) async fn run(cli: &Cli, ctx: &Ctx, config: &Config, host: &Authority) -> Result<Exit> {
    let node = wiring::connect(ctx, config).await?;
    let steps = probe::check(&node, host).await;
    let failed = steps.iter().any(|step| step.verdict == Verdict::Failed);
    if cli.json {
        output::say_json(&json!({ "host": host.as_str(), "ok": !failed, "steps": steps }));
    } else {
        tell(&steps);
    }
    Ok(if failed { Exit::Failed } else { Exit::Done })
}

fn tell(steps: &[Step]) {
    let rows: Vec<[String; 4]> = steps
        .iter()
        .map(|step| {
            let time =
                if step.verdict == Verdict::Skipped { String::new() } else { format!("{} ms", step.milliseconds) };
            [step.name.to_owned(), word(step.verdict).to_owned(), time, step.found.clone()]
        })
        .collect();
    output::say(output::table(["Step", "Verdict", "Time", "Found"], &rows));
    for step in steps.iter().filter(|step| !step.advice.is_empty()) {
        output::say(format_args!("\n{}: {}", step.name, step.advice));
    }
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Good => "good",
        Verdict::Doubtful => "look",
        Verdict::Failed => "FAILED",
        Verdict::Skipped => "-",
    }
}
