//! What a client asks about the node: who may ask, and what is answered.

use anyhow::ensure;
use corridor_tests::{TestNode, befriend, on_both};
use reqwest::StatusCode;
use serde_json::json;

use super::caller::Caller;

const CLOSED: [&str; 7] =
    ["peers", "domain_blocks", "activity", "privacy_policy", "terms_of_service", "languages", "translation_languages"];

on_both! {
    async fn the_signed_out_are_told_what_the_node_is_and_its_rules(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let nobody = Caller::new(&node, None)?;
        for open in ["/api/v1/instance", "/api/v2/instance", "/api/v1/instance/rules", "/api/v1/instance/extended_description"] {
            nobody.get(open).await?.ok()?;
        }
        for closed in CLOSED {
            nobody.get(&format!("/api/v1/instance/{closed}")).await?.refused(StatusCode::UNAUTHORIZED, "token")?;
        }
        let about = nobody.get("/api/v1/instance/extended_description").await?.ok()?;
        ensure!(about == json!({ "updated_at": null, "content": "<p>A node of the tests</p>" }), "{about}");
        Ok(())
    }
}

on_both! {
    async fn people_are_told_of_peers_and_of_use(kind: Kind) {
        let (node, one, other) = (TestNode::start(kind).await?, TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&node, &one, &other]).await?;
        let asha = Caller::person(&node, "asha").await?;
        let of = |peer: &TestNode| peer.ctx.settings.addresses.account_domain.to_string();
        let mut both = vec![of(&one), of(&other)];
        both.sort_unstable();
        ensure!(asha.get("/api/v1/instance/peers").await?.ok()? == json!(both));
        ensure!(asha.get("/api/v1/instance/domain_blocks").await?.list()?.is_empty());
        node.remove(&other.authority).await?;
        ensure!(asha.get("/api/v1/instance/peers").await?.ok()? == json!([of(&one)]));
        let blocked = asha.get("/api/v1/instance/domain_blocks").await?.list()?;
        ensure!(blocked.len() == 1 && blocked[0]["domain"] == json!(of(&other)) && blocked[0]["severity"] == "suspend", "{blocked:?}");
        ensure!(blocked[0]["digest"].as_str().is_some_and(|digest| digest.len() == 64) && blocked[0]["comment"] == "", "{blocked:?}");

        asha.says(&json!({ "status": "One" })).await?;
        let before = asha.get("/api/v1/instance/activity").await?.list()?;
        ensure!(before.len() == 12 && before[0]["registrations"] == "1" && before[0]["logins"] == "1" && before[0]["statuses"] == "1", "{before:?}");
        ensure!(before[1]["statuses"] == "0" && before[1]["registrations"] == "0", "{before:?}");
        ensure!(asha.get("/api/v1/announcements").await?.list()?.is_empty());
        asha.post("/api/v1/announcements/1/dismiss", &json!({})).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        let policy = asha.get("/api/v1/instance/privacy_policy").await?.ok()?;
        ensure!(policy["content"].as_str().is_some_and(|html| html.contains("Department of Tests")) && policy["updated_at"].is_string(), "{policy}");
        asha.get("/api/v1/instance/terms_of_service").await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        ensure!(asha.get("/api/v1/instance/languages").await?.list()?[0] == json!({ "code": "en", "name": "English" }));
        ensure!(asha.get("/api/v1/instance/translation_languages").await?.ok()? == json!({}));
        Ok(())
    }
}
