//! Muted threads: marked as such, and silent until they are unmuted.

use anyhow::{Result, ensure};
use corridor_tests::{TestNode, on_both, text};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::caller::Caller;

async fn told(who: &Caller) -> Result<usize> {
    Ok(who.get("/api/v1/notifications").await?.list()?.len())
}

async fn answers(who: &Caller, to: &str, words: &str) -> Result<String> {
    text(&who.says(&json!({ "status": words, "in_reply_to_id": to })).await?, "id")
}

on_both! {
    async fn a_muted_thread_tells_nothing_more(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn, cerys) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?, Caller::person(&node, "cerys").await?);
        let first = text(&asha.says(&json!({ "status": "Tea?", "visibility": "public" })).await?, "id")?;
        let other = text(&asha.says(&json!({ "status": "Cake?", "visibility": "public" })).await?, "id")?;
        let early = answers(&bryn, &first, "@asha yes").await?;
        ensure!(told(&asha).await? == 1);
        ensure!(asha.get(&format!("/api/v1/statuses/{first}")).await?.ok()?["muted"] == false);

        // Any post of the thread stands for all of it.
        let muted = asha.post(&format!("/api/v1/statuses/{early}/mute"), &json!({})).await?.ok()?;
        ensure!(muted["id"] == json!(early) && muted["muted"] == true, "{muted}");
        asha.post(&format!("/api/v1/statuses/{first}/mute"), &json!({})).await?.ok()?;
        let late = answers(&cerys, &early, "@asha with milk").await?;
        bryn.post(&format!("/api/v1/statuses/{first}/favourite"), &json!({})).await?.ok()?;
        bryn.post(&format!("/api/v1/statuses/{first}/reblog"), &json!({})).await?.ok()?;
        ensure!(told(&asha).await? == 1, "what was told before stays, and nothing comes");
        let context = asha.get(&format!("/api/v1/statuses/{first}/context")).await?.ok()?;
        let marks: Vec<(&Value, &Value)> = context["descendants"].as_array().into_iter().flatten().map(|one| (&one["id"], &one["muted"])).collect();
        ensure!(marks == [(&json!(early), &json!(true)), (&json!(late), &json!(true))], "{marks:?}");
        ensure!(asha.get(&format!("/api/v1/statuses/{other}")).await?.ok()?["muted"] == false);
        ensure!(bryn.get(&format!("/api/v1/statuses/{first}")).await?.ok()?["muted"] == false, "it is asha's alone");
        // Others are told of the same thread, and asha of others.
        ensure!(told(&bryn).await? == 1);
        answers(&bryn, &other, "@asha also").await?;
        ensure!(told(&asha).await? == 2);

        let unmuted = asha.post(&format!("/api/v1/statuses/{late}/unmute"), &json!({})).await?.ok()?;
        ensure!(unmuted["muted"] == false, "{unmuted}");
        ensure!(asha.get(&format!("/api/v1/statuses/{first}")).await?.ok()?["muted"] == false);
        asha.post(&format!("/api/v1/statuses/{late}/unmute"), &json!({})).await?.ok()?;
        answers(&cerys, &early, "@asha and sugar").await?;
        ensure!(told(&asha).await? == 3);

        let secret = text(&bryn.says(&json!({ "status": "@cerys psst", "visibility": "direct" })).await?, "id")?;
        for path in [format!("/api/v1/statuses/{secret}/mute"), "/api/v1/statuses/1/mute".to_owned(), "/api/v1/statuses/x/unmute".to_owned()] {
            asha.post(&path, &json!({})).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        }
        Ok(())
    }
}
