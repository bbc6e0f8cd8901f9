//! A private group with members on three nodes that show each other certificates of a private authority.

use anyhow::{Result, ensure};
use corridor_tests::{befriend, eventually, text};
use serde_json::json;

use super::network::Network;
use crate::federation::conversation::arrives;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_group_has_members_behind_three_certificates() -> Result<()> {
    let network = Network::new(&["health", "transport", "revenue"])?;
    let (health, transport, revenue) = (network.start(0).await?, network.start(1).await?, network.start(2).await?);
    befriend(&[&health, &transport, &revenue]).await?;
    let fay = health.person("fay").await?;
    let new = json!({ "name": "winter", "title": "Winter plan", "kind": "business-area", "door": "by-request" });
    let group = text(&fay.post("/api/v1/groups", new).await?, "id")?;
    let mut members = Vec::new();
    for node in [&transport, &revenue] {
        let member = node.person("member").await?;
        let theirs = member.resolve(&health.handle("winter")).await?;
        member.post(&format!("/api/v1/accounts/{theirs}/follow"), json!({})).await?;
        let requests = format!("/api/v1/groups/{group}/membership_requests");
        let asking = eventually("the request arrives", || async {
            Ok(fay.get(&requests).await?[0]["id"].as_str().map(str::to_owned))
        })
        .await?;
        fay.post(&format!("{requests}/{asking}/authorize"), json!({})).await?;
        eventually("they are in", || async {
            Ok((member.get(&format!("/api/v1/groups/{theirs}")).await?["standing"] == "member").then_some(()))
        })
        .await?;
        members.push((member, theirs));
    }
    let (first, second) = (&members[0], &members[1]);
    let said = json!({ "group_id": first.1, "title": "Roads", "status": "Which roads come first" });
    first.0.post("/api/v1/statuses", said).await?;
    let seen = arrives(&second.0, "Which roads come first").await?;
    ensure!(seen["audience"] == "group", "{seen}");
    let reply = json!({ "status": "Those to clinics", "in_reply_to_id": seen["id"], "visibility": "private" });
    second.0.post("/api/v1/statuses", reply).await?;
    arrives(&first.0, "Those to clinics").await?;
    arrives(&fay, "Those to clinics").await?;
    Ok(())
}
