//! Cases 52 to 54 and 57: what is written is text, and has an end.

use anyhow::ensure;
use corridor_tests::on_both;
use serde_json::json;

use super::peer::Who;
use super::scene::Scene;

const SCRIPTS: &str = "<p>Hello<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)><math href=x>\
    <iframe src=x></iframe><base href=//evil><meta http-equiv=refresh content=0>\
    <noscript><p title=\"</noscript><img src=x onerror=alert(2)>\"></noscript></p>";

on_both! {
    async fn hostile_052_no_script_survives(kind: Kind) {
        let scene = Scene::on(kind).await?;
        scene.receives(Who::Ann, &scene.creates(Who::Ann, "scripts", json!({ "content": SCRIPTS }))).await?;
        let post = scene.post("scripts").await?;
        let content = post["content"].as_str().unwrap();
        ensure!(content.contains("Hello"), "{content}");
        for bad in ["<script", "<img", "<svg", "<math", "<iframe", "<base", "<meta", "<noscript"] {
            ensure!(!content.contains(bad), "{bad} in {content}");
        }
        let mut person = scene.peer.person(Who::Ann)?;
        person["summary"] = json!(SCRIPTS);
        person["attachment"] = json!([{ "type": "PropertyValue", "name": SCRIPTS, "value": SCRIPTS }]);
        scene.receives(Who::Ann, &scene.activity(Who::Ann, "Update", "1", json!({ "object": person }))).await?;
        let id = scene.ann_here().await?;
        let account = scene.asha.get(&format!("/api/v1/accounts/{id}")).await?;
        let shown = format!("{} {}", account["note"], account["fields"][0]["value"]);
        ensure!(shown.contains("Hello"), "{account}");
        for bad in ["<script", "<img", "<svg", "<iframe", "<meta"] {
            ensure!(!shown.contains(bad), "{bad} in {shown}");
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_053_links_lead_to_the_web_alone(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let hrefs = ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "java\tscript:x", "file:///etc/passwd"];
        let content: String = hrefs.iter().map(|href| format!("<a href=\"{href}\">x</a>")).collect();
        scene.receives(Who::Ann, &scene.creates(Who::Ann, "links", json!({ "content": content, "url": hrefs[0] }))).await?;
        let post = scene.post("links").await?;
        let shown = format!("{} {}", post["content"], post["url"]);
        for bad in ["javascript", "data:", "vbscript", "script:", "file:"] {
            ensure!(!shown.contains(bad), "{bad} in {shown}");
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_054_nothing_looks_like_ours(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let content = format!(
            "<p style=\"position:fixed\" id=\"main\" class=\"govuk-button\">Words</p>{}deep{}",
            "<blockquote>".repeat(10_000),
            "</blockquote>".repeat(10_000)
        );
        let answer = scene.send(&scene.signed(Who::Ann, &scene.creates(Who::Ann, "dressed", json!({ "content": content })))?).await?;
        ensure!(answer.status == 202, "{answer:?}");
        let post = scene.post("dressed").await?;
        let shown = post["content"].as_str().unwrap();
        for bad in ["style", "id=", "govuk"] {
            ensure!(!shown.contains(bad), "{bad} in {shown}");
        }
        ensure!(shown.matches("<blockquote").count() <= 32, "{}", shown.matches("<blockquote").count());
        Ok(())
    }
}

on_both! {
    async fn hostile_057_names_have_an_end(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let mut person = scene.peer.person(Who::Ann)?;
        person["name"] = json!("n".repeat(400_000));
        person["attachment"] = json!(vec![json!({ "type": "PropertyValue", "name": "a", "value": "b" }); 2000]);
        scene.send(&scene.signed(Who::Ann, &scene.activity(Who::Ann, "Update", "1", json!({ "object": person })))?).await?;
        let id = scene.ann_here().await?;
        let account = scene.asha.get(&format!("/api/v1/accounts/{id}")).await?;
        ensure!(account["display_name"].as_str().is_some_and(|name| name.chars().count() <= 1000), "a long name is kept");
        ensure!(account["fields"].as_array().is_some_and(|fields| fields.len() <= 50), "all fields are kept");
        Ok(())
    }
}
