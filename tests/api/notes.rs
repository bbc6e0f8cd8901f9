//! Notes about others: for whoever wrote them, within limits.

use anyhow::ensure;
use corridor_tests::{TestNode, on_both};
use reqwest::StatusCode;
use serde_json::json;

use super::caller::Caller;

on_both! {
    async fn a_note_is_its_writers_alone(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let (me, them) = (asha.me().await?, bryn.me().await?);
        let (path, relation) = (format!("/api/v1/accounts/{them}/note"), format!("/api/v1/accounts/relationships?id[]={them}"));
        ensure!(asha.get(&relation).await?.list()?[0]["note"] == "");
        let written = asha.post(&path, &json!({ "comment": " Met at the\nharbour <b> " })).await?.ok()?;
        ensure!(written["id"] == json!(them) && written["note"] == "Met at the\nharbour <b>", "{written}");
        let again = asha.get(&format!("/api/v1/accounts/relationships?id[]={me}&id[]={them}")).await?.list()?;
        ensure!(again[1] == written && again[0]["note"] == "", "{again:?}");
        ensure!(bryn.get(&format!("/api/v1/accounts/relationships?id[]={me}&id[]={them}")).await?.list()?.iter().all(|one| one["note"] == ""));
        let shown = bryn.get(&format!("/api/v1/accounts/{them}")).await?.ok()?;
        ensure!(!shown.to_string().contains("harbour"));

        let longest = "é".repeat(2000);
        ensure!(asha.post(&path, &json!({ "comment": longest })).await?.ok()?["note"] == json!(longest));
        let long = json!({ "comment": "é".repeat(2001) });
        asha.post(&path, &long).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "maximum is 2000 characters")?;
        ensure!(asha.get(&relation).await?.list()?[0]["note"] == json!(longest), "what is refused changes nothing");
        asha.post("/api/v1/accounts/1/note", &json!({ "comment": "x" })).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        // No words take it away.
        ensure!(asha.post(&path, &json!({})).await?.ok()?["note"] == "");
        ensure!(asha.get(&relation).await?.list()?[0]["note"] == "");
        Ok(())
    }
}
