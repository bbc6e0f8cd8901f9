//! The description of the client API: printed and served alike, whole, and equal to what is mounted.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use corridor_tests::{TestNode, on_both};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::caller::{Caller, said};

/// Method, path and, where one is needed, scope of each operation.
pub fn operations(described: &Value) -> Vec<(String, String, Option<String>)> {
    let paths = described["paths"].as_object().into_iter().flatten();
    let all = paths.flat_map(|(path, operations)| {
        operations.as_object().into_iter().flatten().map(move |(method, operation)| {
            let scope = operation["security"][0]["oauth"][0].as_str().map(str::to_owned);
            (method.to_uppercase(), path.clone(), scope)
        })
    });
    all.collect()
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            found.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| references(field, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

on_both! {
    async fn what_is_served_is_what_the_program_prints(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let nobody = Caller::new(&node, None)?;
        nobody.get("/api/openapi.json").await?.refused(StatusCode::UNAUTHORIZED, "token")?;
        let served = Caller::person(&node, "asha").await?.get("/api/openapi.json").await?.ok()?;
        let program = std::env::var("CORRIDOR_TEST_BIN").context("run the tests with tests/run")?;
        let printed = std::process::Command::new(program).arg("openapi").output()?;
        ensure!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
        ensure!(serde_json::from_slice::<Value>(&printed.stdout)? == served);
        Ok(())
    }
}

#[test]
fn every_reference_leads_to_something_and_every_operation_has_a_name_of_its_own() -> Result<()> {
    let described = corridor_api::openapi("1.2.3");
    ensure!(described["info"]["version"] == "1.2.3");
    let mut wanted = BTreeSet::new();
    references(&described, &mut wanted);
    ensure!(wanted.len() > 60, "{wanted:?}");
    for reference in &wanted {
        ensure!(described.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
    }
    let schemas = described["components"]["schemas"].as_object().context("no schemas")?;
    let unused: Vec<_> =
        schemas.keys().filter(|name| !wanted.contains(&format!("#/components/schemas/{name}"))).collect();
    ensure!(unused.is_empty(), "nothing refers to {unused:?}");
    let paths = described["paths"].as_object().context("no paths")?;
    let names: Vec<&str> = paths
        .values()
        .flat_map(|path| path.as_object().into_iter().flatten())
        .filter_map(|(_, operation)| operation["operationId"].as_str())
        .collect();
    ensure!(names.len() == operations(&described).len() && names.len() == names.iter().collect::<BTreeSet<_>>().len());
    Ok(())
}

on_both! {
    async fn each_path_is_mounted_and_answers_to_no_other_method(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let nobody = Caller::new(&node, None)?;
        let described = corridor_api::openapi("0");
        let paths = described["paths"].as_object().context("no paths")?;
        let mut wrong = Vec::new();
        for (path, operations) in paths {
            let place = path.replace(['{', '}'], "");
            let described = |method: &Method| operations.get(method.as_str().to_lowercase()).is_some();
            for method in [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                let answer = said(nobody.request(method.clone(), &place)).await?;
                let refused = answer.status == StatusCode::METHOD_NOT_ALLOWED;
                let missing = answer.status == StatusCode::NOT_FOUND;
                if described(&method) == refused || missing {
                    wrong.push(format!("{method} {path}: {}", answer.status));
                }
                if refused && answer.header("allow").is_empty() {
                    wrong.push(format!("{method} {path} names no method that is allowed"));
                }
            }
        }
        ensure!(paths.len() > 150 && wrong.is_empty(), "{wrong:#?}");
        Ok(())
    }
}
