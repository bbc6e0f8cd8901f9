//! Scheduled statuses as clients write, list, move and take them back.

use std::time::Duration;

use anyhow::ensure;
use corridor_domain::Timestamp;
use corridor_tests::{TestNode, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::caller::{Caller, said};
use crate::media::samples::{png, uploaded};

const MINUTE: Duration = Duration::from_secs(60);
const ALL: &str = "/api/v1/scheduled_statuses";

fn after(node: &TestNode, ahead: Duration) -> String {
    let due: Timestamp = node.clock.now() + ahead;
    due.to_rfc3339()
}

on_both! {
    async fn a_status_is_scheduled_moved_and_goes_out(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let picture = uploaded(&asha, png(), "A bus").await?;
        let due = after(&node, 10 * MINUTE);
        let body = json!({ "status": "Later", "visibility": "public", "media_ids": [picture["id"]], "sensitive": true, "spoiler_text": "A bus", "language": "cy", "scheduled_at": due });
        let made = asha.post("/api/v1/statuses", &body).await?.ok()?;
        let params = json!({
            "text": "Later", "poll": null, "media_ids": [picture["id"]], "sensitive": true, "spoiler_text": "A bus", "visibility": "public",
            "in_reply_to_id": null, "language": "cy", "application_id": made["params"]["application_id"], "scheduled_at": null, "idempotency": null,
            "with_rate_limit": false, "quoted_status_id": null, "quote_approval_policy": null,
            "audience": "network", "marking": made["params"]["marking"], "handling": null, "title": null, "group_id": null,
        });
        ensure!(made == json!({ "id": made["id"], "scheduled_at": due, "params": params, "media_attachments": [picture], "failure": null }), "{made}");
        let path = format!("{ALL}/{}", text(&made, "id")?);
        ensure!(asha.get(&path).await?.ok()? == made);
        ensure!(asha.get(ALL).await?.list()? == std::slice::from_ref(&made));
        ensure!(asha.get("/api/v1/timelines/home").await?.list()?.is_empty());
        let sooner = after(&node, 6 * MINUTE);
        let moved = said(asha.request(Method::PUT, &path).form(&[("scheduled_at", &sooner)])).await?.ok()?;
        ensure!(moved["scheduled_at"] == sooner.as_str() && moved["params"] == params, "{moved}");
        ensure!(said(asha.request(Method::PUT, &path).json(&json!({}))).await?.ok()? == moved, "nothing was asked");
        node.clock.advance(6 * MINUTE);
        let home = eventually("it goes out", || async {
            Ok(asha.get("/api/v1/timelines/home").await?.list()?.pop())
        })
        .await?;
        ensure!(home["content"] == "<p>Later</p>" && home["media_attachments"][0]["description"] == "A bus", "{home}");
        ensure!(home["created_at"].as_str() >= Some(sooner.as_str()), "{home}");
        asha.get(&path).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        ensure!(asha.get(ALL).await?.list()?.is_empty());
        Ok(())
    }
}

on_both! {
    async fn what_can_not_be_is_refused(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let unprocessable = StatusCode::UNPROCESSABLE_ENTITY;
        let at = |ahead: Duration| json!({ "status": "Later", "visibility": "public", "scheduled_at": after(&node, ahead) });
        asha.post("/api/v1/statuses", &at(4 * MINUTE)).await?.refused(unprocessable, "5 minutes")?;
        asha.post("/api/v1/statuses", &json!({ "status": "Later", "scheduled_at": "2001-01-01T00:00:00Z" })).await?.refused(unprocessable, "5 minutes")?;
        asha.post("/api/v1/statuses", &json!({ "status": "Later", "scheduled_at": "tomorrow" })).await?.refused(unprocessable, "Scheduled at")?;
        asha.post("/api/v1/statuses", &json!({ "status": "", "scheduled_at": after(&node, 9 * MINUTE) })).await?.refused(unprocessable, "empty")?;
        ensure!(asha.get(ALL).await?.list()?.is_empty());
        let made = asha.post("/api/v1/statuses", &at(9 * MINUTE)).await?.ok()?;
        let path = format!("{ALL}/{}", text(&made, "id")?);
        for (method, path) in [(Method::GET, path.clone()), (Method::PUT, path.clone()), (Method::DELETE, path.clone()), (Method::GET, format!("{ALL}/nonsense"))] {
            said(bryn.request(method, &path).json(&json!({ "scheduled_at": after(&node, 9 * MINUTE) }))).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        }
        said(asha.request(Method::PUT, &path).json(&json!({ "scheduled_at": after(&node, MINUTE) }))).await?.refused(unprocessable, "5 minutes")?;
        let out = asha.says(&json!({ "status": "Out" })).await?;
        let edit = json!({ "status": "Out", "scheduled_at": after(&node, 9 * MINUTE) });
        said(asha.request(Method::PUT, &format!("/api/v1/statuses/{}", text(&out, "id")?)).json(&edit)).await?.refused(unprocessable, "scheduled")?;
        ensure!(said(asha.request(Method::DELETE, &path)).await?.ok()? == json!({}));
        said(asha.request(Method::DELETE, &path)).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        Ok(())
    }
}

on_both! {
    async fn the_list_is_paged_and_a_key_counts_once(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let body = |words: &str| json!({ "status": words, "scheduled_at": after(&node, 60 * MINUTE) });
        let attempt = || said(asha.request(Method::POST, "/api/v1/statuses").header("idempotency-key", "key").json(&body("One")));
        let first = attempt().await?.ok()?;
        ensure!(attempt().await?.ok()?["id"] == first["id"]);
        let mut made = vec![text(&first, "id")?];
        for words in ["Two", "Three"] {
            made.push(text(&asha.post("/api/v1/statuses", &body(words)).await?.ok()?, "id")?);
        }
        made.reverse();
        let mut seen: Vec<Value> = Vec::new();
        let mut next = format!("{ALL}?limit=2");
        while !next.is_empty() {
            let page = asha.get(&next).await?;
            let link = page.header("link").to_owned();
            let list = page.list()?;
            next = if list.is_empty() { String::new() } else { link.split(['<', '>']).nth(1).unwrap_or_default().to_owned() };
            ensure!(next.is_empty() || next.contains("limit=2"), "{next}");
            seen.extend(list);
        }
        ensure!(seen.iter().map(|one| one["id"].as_str().unwrap_or_default()).eq(made.iter().map(String::as_str)), "{seen:?}");
        Ok(())
    }
}
