//! The part of `demo --check` that is about groups: a private one with members in all three departments.

use anyhow::{Context, Result, ensure};
use corridor_app::groups;
use corridor_app::operator::Operator;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::DemoNode;
use super::check::{Cast, arrives, eventually};
use super::front_door::{FrontDoor, text};

/// The group's number at its home and at the two others.
pub(super) struct Gathered {
    home: String,
    transport: String,
    revenue: String,
}

/// Callum starts a group; Lucy and Chloe ask to join, and are let in.
pub(super) async fn gather(cast: &Cast, health: &DemoNode) -> Result<Gathered> {
    let name = cast.group_name("winter-plan");
    let new = json!({ "name": name, "title": "Winter plan", "kind": "business-area", "door": "by-request" });
    let home = text(&cast.callum.post("/api/v1/groups", new).await?, "id")?;
    let handle = format!("{name}@{}", health.account_domain);
    let transport = let_in(cast, &home, &cast.lucy, &handle).await?;
    let revenue = let_in(cast, &home, &cast.chloe, &handle).await?;
    Ok(Gathered { home, transport, revenue })
}

async fn let_in(cast: &Cast, home: &str, who: &FrontDoor, handle: &str) -> Result<String> {
    let theirs = who.resolve(handle).await?;
    who.post(&format!("/api/v1/accounts/{theirs}/follow"), json!({})).await?;
    let requests = format!("/api/v1/groups/{home}/membership_requests");
    let asking = eventually("the request arrives", || async {
        let asking = cast.callum.get(&requests).await?;
        asking.get(0).map(|one| text(one, "id")).transpose()
    })
    .await?;
    cast.callum.post(&format!("{requests}/{asking}/authorize"), json!({})).await?;
    eventually("they are let in", || async {
        let group = who.get(&format!("/api/v1/groups/{theirs}")).await?;
        Ok((group.get("standing").and_then(Value::as_str) == Some("member")).then_some(()))
    })
    .await?;
    Ok(theirs)
}

/// What Lucy says in it reaches Chloe, whose department Lucy's node does not know to be there.
pub(super) async fn talk(cast: &Cast, gathered: &Gathered) -> Result<String> {
    let words = &cast.words("Which roads do the ambulances need first");
    let said = json!({ "group_id": gathered.transport, "title": "Gritting", "status": words });
    cast.lucy.post("/api/v1/statuses", said).await?;
    arrives(&cast.callum, words).await?;
    let seen = arrives(&cast.chloe, words).await?;
    Ok(seen)
}

/// Callum removes Chloe, the last of the Revenue Office: its copies are destroyed, and it says so.
pub(super) async fn part(cast: &Cast, health: &DemoNode, gathered: &Gathered, seen: &str) -> Result<()> {
    let roster = cast.callum.get(&format!("/api/v1/groups/{}/memberships", gathered.home)).await?;
    let account = |member: &Value| member.get("account").cloned();
    let is_chloe = |account: &Value| account.get("username").and_then(Value::as_str) == Some("chloe");
    let chloe = roster.as_array().into_iter().flatten().filter_map(account).find(is_chloe).context("Chloe is gone")?;
    let path = format!("/api/v1/groups/{}/memberships/{}/remove", gathered.home, text(&chloe, "id")?);
    cast.callum.post(&path, json!({})).await?;
    let gone = format!("/api/v1/statuses/{seen}");
    eventually("Chloe's copy vanishes", || async {
        let (status, _) = cast.chloe.try_call(Method::GET, &gone, None).await?;
        Ok((status == StatusCode::NOT_FOUND).then_some(()))
    })
    .await?;
    let id = gathered.home.parse()?;
    eventually("the receipt comes back", || async {
        let asked = groups::purges(&health.ctx, &Operator::System, id).await?;
        Ok(asked.first().and_then(|purge| purge.confirmed_at))
    })
    .await?;
    let timeline = format!("/api/v1/timelines/group/{}", gathered.revenue);
    let (status, _) = cast.chloe.try_call(Method::GET, &timeline, None).await?;
    ensure!(status == StatusCode::FORBIDDEN, "Chloe still reads the group: {status}");
    Ok(())
}
