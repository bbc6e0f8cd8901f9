//! schemathesis: calls made from the description of the client API. None of them may fail inside, and every answer must be
//! as the description says.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use corridor_tests::{FrontDoor, Kind, TestNode, on_both, text};
use serde_json::{Value, json};
use tokio::process::Command;

use super::{run, setting};
use crate::api::caller::Caller;
use crate::media::samples;

/// What is looked at in each answer.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                      response_headers_conformance,unsupported_method,allow_header_conformance,ignored_auth";

/// Where ids are, and of what.
#[derive(Debug)]
struct Ids(Vec<(&'static str, String)>);

impl Ids {
    /// The settings that put these ids into paths.
    fn settings(&self) -> String {
        let one = |(path, id): &(&str, String)| {
            format!(
                "[[operations]]\ninclude-path-regex = \"^/api/{path}\"\nparameters = {{ \"path.id\" = \"{id}\" }}\n"
            )
        };
        self.0.iter().map(one).collect()
    }
}

/// Somebody who has one of everything.
async fn furnished(node: &TestNode) -> Result<(FrontDoor, Ids)> {
    let door = node.person("asha").await?;
    let asha = Caller::new(node, Some(door.token()))?;
    let bryn = Caller::person(node, "bryn").await?;
    let other = bryn.me().await?;
    let status = text(
        &asha
            .says(&json!({ "status": "Who brings #tea?", "poll": {
        "options": ["I do", "You do"], "expires_in": 3600 } }))
            .await?,
        "id",
    )?;
    bryn.says(&json!({ "status": "@asha I do", "in_reply_to_id": status })).await?;
    bryn.says(&json!({ "status": "@asha between us", "visibility": "direct" })).await?;
    let told = asha.get("/api/v1/notifications").await?.list()?;
    let told = text(told.first().context("nothing was told")?, "id")?;
    let talk = asha.get("/api/v1/conversations").await?.list()?;
    let talk = text(talk.first().context("no conversation")?, "id")?;
    let make = async |path: &str, body: Value| text(&asha.post(path, &body).await?.ok()?, "id");
    let list = make("/api/v1/lists", json!({ "title": "Tea" })).await?;
    let filter = make("/api/v2/filters", json!({ "title": "Coffee", "context": ["home"] })).await?;
    let keyword = make(&format!("/api/v2/filters/{filter}/keywords"), json!({ "keyword": "coffee" })).await?;
    let held = make(&format!("/api/v2/filters/{filter}/statuses"), json!({ "status_id": status })).await?;
    let group = make("/api/v1/groups", json!({ "name": "tea", "title": "Tea" })).await?;
    let later = json!({ "status": "Later", "scheduled_at": "2099-01-31T09:00:00Z" });
    let scheduled = make("/api/v1/statuses", later).await?;
    let media = text(&samples::uploaded(&asha, samples::png(), "Tea").await?, "id")?;
    let ids = [
        ("v1/statuses/[{]", status.clone()),
        ("v1/polls/", status),
        ("v1/accounts/[{]", other),
        ("v1/notifications/[{]", told),
        ("v1/conversations/", talk),
        ("(v1/lists|v1/timelines/list)/", list),
        ("v2/filters/[{]", filter),
        ("(v2/filters/keywords|v1/filters)/", keyword),
        ("v2/filters/statuses/", held),
        ("(v1/groups|v1/timelines/group)/", group),
        ("v1/scheduled_statuses/", scheduled),
        ("v1/media/", media),
    ];
    Ok((door, Ids(ids.into())))
}

/// Leaves one of the forms that a body may have, where there is a choice.
fn only_bodies_of(kind: &str, described: &mut Value) {
    let paths = described["paths"].as_object_mut().into_iter().flatten();
    for (_, operation) in paths.flat_map(|(_, path)| path.as_object_mut().into_iter().flatten()) {
        let bodies = operation.pointer_mut("/requestBody/content").and_then(Value::as_object_mut);
        if let Some(bodies) = bodies.filter(|bodies| bodies.contains_key(kind)) {
            bodies.retain(|name, _| name == kind);
        }
    }
}

/// A run over some of the operations; how many of its calls were made, and the operations that did something.
async fn run_over(node: &TestNode, token: &str, folder: &Path, which: &[&str]) -> Result<(u64, Vec<String>)> {
    let report = folder.join("report.json");
    let mut command = Command::new(Path::new(&setting("CORRIDOR_TEST_PYTHON")?).with_file_name("schemathesis"));
    command.arg("--config-file").arg(folder.join("schemathesis.toml")).arg("run").arg(folder.join("openapi.json"));
    command.args(["--url", &node.at(""), "--header", &format!("Authorization: Bearer {token}"), "--checks", CHECKS]);
    // Which calls are made follows from the description alone, so that two runs are the same. An open stream has no end.
    command.args(["--phases", "coverage", "--exclude-path-regex", "/streaming", "--workers", "2", "--no-color"]);
    command.args(["--request-timeout", "60", "--continue-on-failure", "--report", "json"]);
    command.arg("--report-json-path").arg(&report).args(which).env("NO_PROXY", "*").current_dir(folder);
    run(command).await?;
    let report: Value = serde_json::from_slice(&std::fs::read(report)?)?;
    ensure!(report["complete"] == true && report["errors"] == json!([]) && report["failures"] == json!([]), "{report}");
    let rates = report["valid_rates"].as_object().context("no rates")?;
    let accepted = |rate: &Value| rate["coverage"]["accepted"].as_u64().is_some_and(|count| count > 0);
    let did = rates.iter().filter(|(_, rate)| accepted(rate)).map(|(name, _)| name.clone()).collect();
    Ok((report["test_cases"]["generated"].as_u64().unwrap_or(0), did))
}

on_both! {
    async fn finds_no_failure_and_no_answer_that_is_not_described(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (door, ids) = furnished(&node).await?;
        let folder = tempfile::tempdir()?;
        let mut described = Caller::new(&node, Some(door.token()))?.get("/api/openapi.json").await?.ok()?;
        // One of the two is called with JSON, the other with forms: both take both, which other tests see.
        let body = if kind == Kind::Sqlite { "application/json" } else { "application/x-www-form-urlencoded" };
        only_bodies_of(body, &mut described);
        std::fs::write(folder.path().join("openapi.json"), serde_json::to_vec(&described)?)?;
        std::fs::write(folder.path().join("schemathesis.toml"), ids.settings())?;
        // What is deleted can't be looked at afterwards.
        let (calls, mut did) = run_over(&node, door.token(), folder.path(), &["--exclude-method", "DELETE"]).await?;
        let (deletions, gone) = run_over(&node, door.token(), folder.path(), &["--include-method", "DELETE"]).await?;
        did.extend(gone);
        ensure!(calls > 2_000 && deletions > 50, "only {calls} and {deletions} calls were made");
        // Most of the others want somebody who asks, a group with members, or what is deleted by then.
        ensure!(did.len() > 120, "only {} operations ever did something: {did:#?}", did.len());
        Ok(())
    }
}
