//! Chromium: the pages as people use them, with and without script, narrow and wide, and what axe-core says.

use anyhow::Result;
use corridor_app::accounts;
use corridor_app::operator::Operator;
use corridor_domain::Role;
use corridor_tests::{Kind, PASSWORD, TestNode};
use serde_json::json;

use super::{node, run, setting};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_use_the_pages() -> Result<()> {
    let here = TestNode::start(Kind::Sqlite).await?;
    let other = here.person("bryn").await?;
    for status in ["An **older** post", "What does the [code](https://code.example/page) say about #Procurement?"] {
        other.post("/api/v1/statuses", json!({ "status": status, "visibility": "public" })).await?;
    }
    here.add("asha").await?;
    accounts::set_role(&here.ctx, &Operator::System, "asha", Role::Administrator).await?;
    let mut command = node("browser.mjs")?;
    command.args([here.at(""), "asha".to_owned(), PASSWORD.to_owned(), "bryn".to_owned()]);
    command.env("CORRIDOR_TEST_CHROMIUM", setting("CORRIDOR_TEST_CHROMIUM")?);
    let said = run(command).await?;
    anyhow::ensure!(said.matches("pages looked at").count() == 4, "it stopped early: {said}");
    Ok(())
}
