//! Cases 52 to 54 and 57: what is written is text, and has an end.

use anyhow::ensure;
use corridor_tests::on_both;
use serde_json::json;

use super::peer::Who;
use super::scene::Scene;
use crate::web::pages::Pages;

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

/// Breaks out of text, out of an attribute, and out of a script.
const ATTACK: &str = "\"'><script>alert(7)</script><img src=x onerror=alert(7)>";

on_both! {
    async fn hostile_052_no_field_and_no_page_carries_markup(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let mut person = scene.peer.person(Who::Ann)?;
        person["name"] = json!(format!("Ann {ATTACK}"));
        scene.receives(Who::Ann, &scene.activity(Who::Ann, "Update", "1", json!({ "object": person }))).await?;
        let option = |name: &str| json!({ "type": "Note", "name": format!("{name} {ATTACK}"), "replies": { "type": "Collection", "totalItems": 0 } });
        let asked = json!({
            "type": "Question", "summary": format!("Careful {ATTACK}"), "sensitive": true, "endTime": "2099-01-01T00:00:00Z",
            "oneOf": [option("Yes"), option("No")],
        });
        scene.receives(Who::Ann, &scene.creates(Who::Ann, "asked", asked)).await?;
        let named = json!({
            "name": format!("Title {ATTACK}"), "type": "Article",
            "tag": [{ "type": "Hashtag", "name": format!("#tag{ATTACK}"), "href": "x" }],
            "attachment": [{ "type": "Document", "mediaType": "image/png", "url": scene.peer.at("/picture.png"), "name": format!("Alt {ATTACK}") }],
        });
        scene.receives(Who::Ann, &scene.creates(Who::Ann, "named", named)).await?;

        let (asked, named) = (scene.post("asked").await?, scene.post("named").await?);
        let option = asked["poll"]["options"][0]["title"].as_str().unwrap_or_default();
        ensure!(option.starts_with("Yes") && asked["spoiler_text"].as_str().is_some_and(|text| text.starts_with("Careful")), "{asked}");
        for html in [&asked["content"], &named["content"]] {
            let html = html.as_str().unwrap_or_default();
            ensure!(!html.contains("<script") && !html.contains("<img"), "{html}");
        }
        let mut pages = Pages::signed_in(&scene.node.url, "asha").await?;
        let account = scene.ann_here().await?;
        let acct = scene.asha.get(&format!("/api/v1/accounts/{account}")).await?["acct"].as_str().unwrap_or_default().to_owned();
        let paths = [
            format!("/posts/{}", asked["id"].as_str().unwrap()),
            format!("/posts/{}", named["id"].as_str().unwrap()),
            format!("/@{acct}"),
            "/notifications".to_owned(),
            "/network".to_owned(),
            "/search?q=Ann".to_owned(),
        ];
        let mut shown = 0;
        for path in paths {
            let page = pages.get(&path).await?;
            ensure!(page.status.is_success() || page.status.is_redirection(), "{path}: {}", page.status);
            ensure!(!page.body.contains("<script>alert") && !page.body.contains("<img src=x"), "{path}: {}", page.body);
            shown += page.body.matches("alert(7)").count();
        }
        ensure!(shown > 3, "the pages show these fields, as text: {shown}");
        Ok(())
    }
}

on_both! {
    async fn hostile_057_lists_of_names_have_an_end(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let mention = |number: usize| json!({ "type": "Mention", "href": scene.peer.at(&format!("/users/u{number}")), "name": format!("@u{number}") });
        let tag = |number: usize| json!({ "type": "Hashtag", "href": "x", "name": format!("#t{number}") });
        let tags: Vec<_> = (0..5000).flat_map(|number| [mention(number), tag(number)]).collect();
        let before = scene.peer.all_hits().len();
        let answer = scene.send(&scene.signed(Who::Ann, &scene.creates(Who::Ann, "tags", json!({ "tag": tags })))?).await?;
        ensure!(matches!(answer.status, 202 | 400 | 413), "{answer:?}");
        let asked = scene.peer.all_hits().len() - before;
        ensure!(asked <= 20, "{asked} requests for one activity");
        if answer.status == 202 {
            let post = scene.post("tags").await?;
            for list in ["mentions", "tags"] {
                ensure!(post[list].as_array().is_some_and(|list| list.len() <= 100), "{list}: {}", post[list]);
            }
        }
        let long = "n".repeat(100_000);
        for (path, body) in [
            ("/api/v1/lists", json!({ "title": long })),
            ("/api/v2/filters", json!({ "title": long, "context": ["home"] })),
            ("/api/v1/groups", json!({ "name": "tea", "title": long, "kind": "social", "door": "open" })),
            ("/api/v1/groups", json!({ "name": long, "title": "Tea", "kind": "social", "door": "open" })),
        ] {
            let (status, said) = scene.asha.try_call(reqwest::Method::POST, path, Some(body)).await?;
            ensure!(status.as_u16() == 422 && said["error"].is_string(), "{path}: {status} {said:.300}");
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
