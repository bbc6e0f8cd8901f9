//! The group that every department starts with: made once, and left alone after that.

use anyhow::{Result, ensure};
use corridor_tests::{eventually, on_both};
use reqwest::Method;
use serde_json::{Value, json};

use super::served::ServedNetwork;

async fn everyone(node: &super::served::Served) -> Result<Value> {
    eventually("the group is made", || async {
        let groups = node.admin("group list", "")?;
        Ok(groups.get(0).cloned())
    })
    .await
}

on_both! {
    async fn a_department_starts_with_one_group_for_everyone(kind: Kind) {
        let mut network = ServedNetwork::start(&["health"], &[kind]).await?;
        let node = &mut network.nodes[0];
        let made = everyone(node).await?;
        ensure!(made["address"] == "everyone" && made["door"] == "open" && made["members"] == 0, "{made}");
        let name = format!("Everyone, from Department of {}", node.host);
        ensure!(made["title"] == json!(name), "{made}");

        // Nobody joins twice.
        let asha = node.person("asha").await?;
        let join = format!("/api/v1/groups/{}/join", made["id"].as_str().unwrap());
        asha.post(&join, json!({})).await?;
        let (status, answer) = asha.try_call(Method::POST, &join, Some(json!({}))).await?;
        ensure!(status.is_client_error(), "{status} {answer}");
        ensure!(everyone(node).await?["members"] == 1);

        // What is asked there is read on the command line.
        let asked = json!({ "group_id": made["id"], "title": "Where", "status": "Where is **it**", "question": true });
        asha.post("/api/v1/statuses", asked).await?;
        let talks = node.admin("group talks everyone --unanswered", "")?;
        ensure!(talks.as_array().is_some_and(|talks| talks.len() == 1), "{talks}");
        let talk = &talks[0];
        ensure!(talk["author"] == "asha" && talk["title"] == "Where" && talk["text"] == "Where is it", "{talk}");
        ensure!(talk["question"] == true && talk["answer"].is_null() && talk["marking"] == "OFFICIAL", "{talk}");

        // What became of it stays so when the node starts again.
        node.admin("group change everyone --title Ours", "")?;
        node.admin("group archive everyone", "")?;
        node.kill()?;
        node.run().await?;
        eventually("it serves", || async { Ok(node.logged().matches("serving ").nth(1).map(drop)) }).await?;
        let groups = node.admin("group list", "")?;
        ensure!(groups.as_array().is_some_and(|groups| groups.len() == 1), "{groups}");
        let kept = &groups[0];
        ensure!(kept["title"] == "Ours" && kept["archived"] == true && kept["members"] == 1 && kept["id"] == made["id"], "{kept}");
        Ok(())
    }
}
