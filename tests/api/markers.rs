//! Markers: how far somebody has read, and clients that say so at the same time.

use anyhow::{Context, ensure};
use corridor_tests::{TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::caller::{Caller, said};

on_both! {
    async fn markers_are_set_counted_and_asked_for(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let both = "/api/v1/markers?timeline[]=home&timeline[]=notifications";
        ensure!(asha.get(both).await?.ok()? == json!({}));
        ensure!(asha.post("/api/v1/markers", &json!({})).await?.ok()? == json!({}));
        let form = said(asha.request(Method::POST, "/api/v1/markers").form(&[("home[last_read_id]", "103194548672408537"), ("federated[last_read_id]", "1")])).await?.ok()?;
        let home = &form["home"];
        ensure!(*home == json!({ "last_read_id": "103194548672408537", "version": 1, "updated_at": home["updated_at"] }), "{form}");
        ensure!(home["updated_at"].as_str().is_some_and(|at| at.ends_with('Z')) && form.as_object().map(serde_json::Map::len) == Some(1), "{form}");
        // The same again is no change; back is one.
        for (id, version) in [("103194548672408537", 1), ("5", 2), ("6", 3)] {
            let set = asha.post("/api/v1/markers", &json!({ "home": { "last_read_id": id } })).await?.ok()?;
            ensure!(set["home"]["version"] == version && set["home"]["last_read_id"] == id, "{set}");
        }

        // Notifications up to the marked one have been seen.
        for words in ["@asha one", "@asha two"] {
            bryn.says(&json!({ "status": words })).await?;
        }
        let told = asha.get("/api/v1/notifications").await?.list()?;
        let unread = async || Ok::<_, anyhow::Error>(asha.get("/api/v1/notifications/unread_count").await?.ok()?["count"].clone());
        ensure!(unread().await? == 2);
        let first = text(told.last().context("nothing was told")?, "id")?;
        asha.post("/api/v1/markers", &json!({ "notifications": { "last_read_id": first } })).await?.ok()?;
        ensure!(unread().await? == 1);
        asha.post("/api/v1/markers", &json!({ "notifications": { "last_read_id": i64::MAX.to_string() } })).await?.ok()?;
        ensure!(unread().await? == 0);
        bryn.says(&json!({ "status": "@asha three" })).await?;
        ensure!(unread().await? == 1, "what is still to come was not read");

        let all = asha.get(both).await?.ok()?;
        ensure!(all["home"]["version"] == 3 && all["notifications"]["version"] == 2, "{all}");
        let one = asha.get("/api/v1/markers?timeline[]=home&timeline[]=odd").await?.ok()?;
        ensure!(one == json!({ "home": all["home"] }), "{one}");
        ensure!(asha.get("/api/v1/markers").await?.ok()? == json!({}), "nothing was asked for");
        ensure!(bryn.get(both).await?.ok()? == json!({}));
        for wrong in [json!("x"), json!(-1), json!([])] {
            let body = json!({ "home": { "last_read_id": wrong }, "notifications": { "last_read_id": "9" } });
            asha.post("/api/v1/markers", &body).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "Last read")?;
        }
        ensure!(asha.get(both).await?.ok()? == all, "nothing of what was refused was done");
        Ok(())
    }
}

on_both! {
    async fn who_is_too_late_is_told_to_try_again(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let mut sets = tokio::task::JoinSet::new();
        for number in 1..=24_i64 {
            let asha = asha.clone();
            sets.spawn(async move { asha.post("/api/v1/markers", &json!({ "home": { "last_read_id": number.to_string() } })).await });
        }
        let mut changes = 0;
        while let Some(answer) = sets.join_next().await {
            let answer = answer??;
            if answer.status == StatusCode::CONFLICT {
                answer.refused(StatusCode::CONFLICT, "Conflict during update, please try again")?;
            } else {
                answer.ok()?;
                changes += 1;
            }
        }
        let version = &asha.get("/api/v1/markers?timeline[]=home").await?.ok()?["home"]["version"];
        ensure!(changes > 0 && *version == changes, "{changes} were set, and {version} are counted");
        Ok(())
    }
}
