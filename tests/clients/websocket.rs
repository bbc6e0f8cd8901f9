//! A WebSocket client of Node.js, which follows browsers' rules, is told of a post and a notification.

use std::process::Stdio;

use anyhow::{Context, ensure};
use corridor_tests::{TestNode, on_both};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};

use super::{AT_MOST, node};

on_both! {
    async fn hears_an_update_and_a_notification(kind: Kind) {
        let here = TestNode::start(kind).await?;
        let (asha, bryn) = (here.person("asha").await?, here.person("bryn").await?);
        let mut command = node("websocket.mjs")?;
        command.args([here.at("").as_str(), asha.token()]);
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
        let talk = async {
            let mut told: Vec<Value> = Vec::new();
            let mut made = Value::Null;
            while let Some(line) = lines.next_line().await? {
                let said: Value = serde_json::from_str(&line).with_context(|| format!("it said: {line}"))?;
                if said["open"] == true {
                    made = bryn.post("/api/v1/statuses", json!({ "status": "@asha is told at once" })).await?;
                } else {
                    told.push(said);
                }
            }
            ensure!(child.wait().await?.success(), "it ended badly: {told:?}");
            anyhow::Ok((told, made))
        };
        let (told, made) = tokio::time::timeout(AT_MOST, talk).await.context("it did not end")??;
        ensure!(told.len() == 2 && told.iter().all(|one| one["stream"] == json!(["user"])), "{told:?}");
        let (update, notification) = (&told[0], &told[1]);
        ensure!(update["event"] == "update" && update["payload"]["id"] == made["id"], "{update}");
        ensure!(notification["event"] == "notification" && notification["payload"]["type"] == "mention", "{notification}");
        ensure!(notification["payload"]["status"]["id"] == made["id"], "{notification}");
        Ok(())
    }
}
