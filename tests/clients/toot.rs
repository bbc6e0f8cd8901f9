//! toot: two people at two departments talk from their command lines, signed in by `toot login`.

use std::path::Path;

use anyhow::Context;
use corridor_tests::{PASSWORD, TestNode, befriend, on_both};

use super::{python, run, setting};

on_both! {
    async fn talks_across_two_nodes(kind: Kind) {
        let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &there]).await?;
        here.add("asha").await?;
        there.add("bryn").await?;
        let python_path = setting("CORRIDOR_TEST_PYTHON")?;
        let program = Path::new(&python_path).with_file_name("toot");
        let mut command = python("toot_cli.py")?;
        command.arg(&program);
        command.args([here.at(""), here.handle("asha"), there.at(""), there.handle("bryn"), PASSWORD.to_owned()]);
        let said = run(command).await.with_context(|| format!("with {}", program.display()))?;
        anyhow::ensure!(said.contains("refusals in words"), "it stopped early: {said}");
        Ok(())
    }
}
