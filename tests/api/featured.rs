//! What people show on their profiles: whom they endorse, and which hashtags they use.

use anyhow::ensure;
use corridor_tests::{TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::caller::{Caller, said};

fn ids(list: &[Value]) -> Vec<String> {
    list.iter().filter_map(|one| one["id"].as_str().map(str::to_owned)).collect()
}

on_both! {
    async fn followed_people_are_endorsed(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn, cerys) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?, Caller::person(&node, "cerys").await?);
        let (me, one, two) = (asha.me().await?, bryn.me().await?, cerys.me().await?);
        let refused = asha.post(&format!("/api/v1/accounts/{one}/endorse"), &json!({})).await?;
        refused.refused(StatusCode::UNPROCESSABLE_ENTITY, "Validation failed: You must be already following")?;
        for whom in [&one, &two] {
            asha.post(&format!("/api/v1/accounts/{whom}/follow"), &json!({})).await?.ok()?;
        }
        let endorsed = asha.post(&format!("/api/v1/accounts/{one}/endorse"), &json!({})).await?.ok()?;
        ensure!(endorsed["id"] == json!(one) && endorsed["endorsed"] == true, "{endorsed}");
        // The older name, and the same again.
        for act in ["pin", "endorse"] {
            ensure!(asha.post(&format!("/api/v1/accounts/{two}/{act}"), &json!({})).await?.ok()?["endorsed"] == true);
        }
        ensure!(ids(&asha.get("/api/v1/endorsements").await?.list()?) == [two.clone(), one.clone()]);
        ensure!(ids(&bryn.get(&format!("/api/v1/accounts/{me}/endorsements")).await?.list()?) == [two.clone(), one.clone()]);
        ensure!(bryn.get("/api/v1/endorsements").await?.list()?.is_empty());
        let page = asha.get("/api/v1/endorsements?limit=1").await?;
        let link = page.header("link").to_owned();
        ensure!(link.contains("max_id=") && ids(&page.list()?) == std::slice::from_ref(&two), "{link}");
        let next = link.split('<').nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_default().to_owned();
        ensure!(ids(&asha.get(&next).await?.list()?) == std::slice::from_ref(&one), "{next}");
        let relations = asha.get(&format!("/api/v1/accounts/relationships?id[]={one}&id[]={me}")).await?.list()?;
        ensure!(relations[0]["endorsed"] == true && relations[1]["endorsed"] == false, "{relations:?}");

        for act in ["unpin", "unendorse"] {
            ensure!(asha.post(&format!("/api/v1/accounts/{one}/{act}"), &json!({})).await?.ok()?["endorsed"] == false);
        }
        // Who is followed no longer is endorsed no longer.
        asha.post(&format!("/api/v1/accounts/{two}/unfollow"), &json!({})).await?.ok()?;
        ensure!(asha.get("/api/v1/endorsements").await?.list()?.is_empty());
        for path in ["/api/v1/accounts/1/endorse", "/api/v1/accounts/1/unendorse"] {
            asha.post(path, &json!({})).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        }
        asha.get("/api/v1/accounts/1/endorsements").await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        Ok(())
    }
}

on_both! {
    async fn tags_are_featured_counted_and_suggested(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let me = asha.me().await?;
        let said_today = text(&asha.says(&json!({ "status": "Kettle on #Tea", "visibility": "public" })).await?, "created_at")?;
        for (words, visibility) in [("More #tea and #cake", "public"), ("@bryn #tea in secret", "direct")] {
            asha.says(&json!({ "status": words, "visibility": visibility })).await?;
        }
        bryn.says(&json!({ "status": "Also #tea", "visibility": "public" })).await?;
        let suggested = asha.get("/api/v1/featured_tags/suggestions").await?.list()?;
        let names: Vec<&str> = suggested.iter().filter_map(|tag| tag["name"].as_str()).collect();
        ensure!(names == ["cake", "tea"], "{suggested:?}");

        let tea = asha.post("/api/v1/featured_tags", &json!({ "name": "#Tea" })).await?.ok()?;
        ensure!(tea["name"] == "tea" && tea["statuses_count"] == "2" && tea["last_status_at"] == json!(said_today[..10]), "{tea}");
        ensure!(tea["url"].as_str().is_some_and(|url| url.ends_with("/tags/tea")), "{tea}");
        ensure!(asha.post("/api/v1/featured_tags", &json!({ "name": "TEA" })).await?.ok()?["id"] == tea["id"], "once");
        let unused = asha.post("/api/v1/featured_tags", &json!({ "name": "coffee" })).await?.ok()?;
        ensure!(unused["statuses_count"] == "0" && unused["last_status_at"].is_null(), "{unused}");
        let all = asha.get("/api/v1/featured_tags").await?.list()?;
        ensure!(all == [tea.clone(), unused.clone()]);
        ensure!(bryn.get(&format!("/api/v1/accounts/{me}/featured_tags")).await?.list()? == all);
        ensure!(bryn.get("/api/v1/featured_tags").await?.list()?.is_empty());
        let suggested = asha.get("/api/v1/featured_tags/suggestions").await?.list()?;
        ensure!(suggested.len() == 1 && suggested[0]["name"] == "cake", "{suggested:?}");

        for (name, words) in [(json!({}), "blank"), (json!({ "name": "a b" }), "not a hashtag"), (json!({ "name": "x".repeat(101) }), "not a hashtag")] {
            asha.post("/api/v1/featured_tags", &name).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, words)?;
        }
        for number in 0..8 {
            asha.post("/api/v1/featured_tags", &json!({ "name": format!("tag{number}") })).await?.ok()?;
        }
        asha.post("/api/v1/featured_tags", &json!({ "name": "more" })).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "maximum number of hashtags")?;
        let path = format!("/api/v1/featured_tags/{}", text(&tea, "id")?);
        said(bryn.request(Method::DELETE, &path)).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        ensure!(said(asha.request(Method::DELETE, &path)).await?.ok()? == json!({}));
        said(asha.request(Method::DELETE, &path)).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        ensure!(asha.get("/api/v1/featured_tags").await?.list()?.len() == 9);
        Ok(())
    }
}

on_both! {
    async fn a_tag_is_featured_by_its_name(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let before = asha.get("/api/v1/tags/Tea").await?.ok()?;
        ensure!(before["featuring"] == false && before["following"] == false && before["id"] == "tea", "{before}");
        for _ in 0..2 {
            let tea = asha.post("/api/v1/tags/Tea/feature", &json!({})).await?.ok()?;
            ensure!(tea["featuring"] == true && tea["name"] == "tea" && tea["following"] == false, "{tea}");
        }
        ensure!(asha.get("/api/v1/featured_tags").await?.list()?.len() == 1);
        ensure!(bryn.get("/api/v1/tags/tea").await?.ok()?["featuring"] == false, "each shows their own");
        asha.post("/api/v1/tags/tea/follow", &json!({})).await?.ok()?;
        ensure!(asha.get("/api/v1/followed_tags").await?.list()?[0]["featuring"] == true);
        for _ in 0..2 {
            let tea = asha.post("/api/v1/tags/tea/unfeature", &json!({})).await?.ok()?;
            ensure!(tea["featuring"] == false && tea["following"] == true, "{tea}");
        }
        ensure!(asha.get("/api/v1/featured_tags").await?.list()?.is_empty());
        for act in ["feature", "unfeature"] {
            let answer = asha.post(&format!("/api/v1/tags/a%20b/{act}"), &json!({})).await?;
            answer.refused(StatusCode::NOT_FOUND, "Record not found")?;
        }
        for number in 0..10 {
            asha.post(&format!("/api/v1/tags/tag{number}/feature"), &json!({})).await?.ok()?;
        }
        asha.post("/api/v1/tags/more/feature", &json!({})).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "maximum number of hashtags")?;
        Ok(())
    }
}
