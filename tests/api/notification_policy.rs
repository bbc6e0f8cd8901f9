//! Whom somebody wants to be notified by: what is held back, dropped, accepted and merged.

use anyhow::{Result, ensure};
use corridor_tests::{Kind, TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::caller::{Caller, Said, said};
use super::streaming::ears::Ear;

const POLICY: &str = "/api/v2/notifications/policy";
const REQUESTS: &str = "/api/v1/notifications/requests";

struct Scene {
    node: TestNode,
    token: String,
    asha: Caller,
    bryn: Caller,
    cerys: Caller,
}

impl Scene {
    async fn set(kind: Kind) -> Result<Self> {
        let node = TestNode::start(kind).await?;
        let token = node.person("asha").await?.token().to_owned();
        let asha = Caller::new(&node, Some(&token))?;
        let (bryn, cerys) = (Caller::person(&node, "bryn").await?, Caller::person(&node, "cerys").await?);
        Ok(Self { node, token, asha, bryn, cerys })
    }

    async fn decide(&self, policy: Value) -> Result<Said> {
        said(self.asha.request(Method::PATCH, POLICY).json(&policy)).await
    }

    async fn told(&self, query: &str) -> Result<usize> {
        Ok(self.asha.get(&format!("/api/v1/notifications{query}")).await?.list()?.len())
    }

    async fn waiting(&self) -> Result<Vec<Value>> {
        self.asha.get(REQUESTS).await?.list()
    }

    async fn unread(&self) -> Result<(Value, Value)> {
        let one = self.asha.get("/api/v1/notifications/unread_count").await?.ok()?["count"].clone();
        Ok((one, self.asha.get("/api/v2/notifications/unread_count").await?.ok()?["count"].clone()))
    }
}

async fn says(who: &Caller, words: &str, visibility: &str) -> Result<String> {
    text(&who.says(&json!({ "status": words, "visibility": visibility })).await?, "id")
}

on_both! {
    async fn what_is_held_back_is_neither_told_nor_counted_until_it_is_accepted(kind: Kind) {
        let scene = Scene::set(kind).await?;
        let first = scene.asha.get(POLICY).await?.ok()?;
        let all = json!({
            "for_not_following": "accept", "for_not_followers": "accept", "for_new_accounts": "accept",
            "for_private_mentions": "accept", "for_limited_accounts": "accept",
            "summary": { "pending_requests_count": 0, "pending_notifications_count": 0 },
        });
        ensure!(first == all, "{first}");
        says(&scene.bryn, "@asha before", "public").await?;
        ensure!(scene.told("").await? == 1);
        let decided = scene.decide(json!({ "for_not_following": "filter", "for_limited_accounts": "drop" })).await?.ok()?;
        ensure!(decided["for_not_following"] == "filter" && decided["for_limited_accounts"] == "drop" && decided["for_not_followers"] == "accept", "{decided}");
        ensure!(scene.asha.get(POLICY).await?.ok()? == decided);
        let them = scene.bryn.me().await?;
        let (mut user, mut only) =
            (Ear::open(&scene.node, "/user", &scene.token).await?, Ear::open(&scene.node, "/user/notification", &scene.token).await?);
        let one = says(&scene.bryn, "@asha one", "public").await?;
        let two = says(&scene.bryn, "@asha two", "public").await?;
        says(&scene.cerys, "@asha three", "public").await?;
        ensure!(scene.told("").await? == 1 && scene.told("?include_filtered=true").await? == 4);
        ensure!(scene.unread().await? == (json!(1), json!(1)));
        let grouped = scene.asha.get("/api/v2/notifications?include_filtered=1").await?.ok()?;
        ensure!(grouped["notification_groups"].as_array().map(Vec::len) == Some(4), "{grouped}");
        let summary = &scene.asha.get(POLICY).await?.ok()?["summary"];
        ensure!(*summary == json!({ "pending_requests_count": 2, "pending_notifications_count": 3 }), "{summary}");

        let waiting = scene.waiting().await?;
        ensure!(waiting.len() == 2 && waiting[0]["account"]["username"] == "cerys", "{waiting:?}");
        let of_bryn = &waiting[1];
        let mut names: Vec<&String> = of_bryn.as_object().map(|one| one.keys().collect()).unwrap_or_default();
        names.sort_unstable();
        ensure!(names == ["account", "created_at", "id", "last_status", "notifications_count", "updated_at"], "{of_bryn}");
        ensure!(of_bryn["id"] == json!(them) && of_bryn["notifications_count"] == "2" && of_bryn["last_status"]["id"] == json!(two), "{of_bryn}");
        ensure!(scene.asha.get(&format!("{REQUESTS}/{them}")).await?.ok()? == *of_bryn);
        let page = scene.asha.get(&format!("{REQUESTS}?limit=1")).await?;
        let next = page.header("link").split(['<', '>']).nth(1).unwrap_or_default().to_owned();
        ensure!(page.list()?[0]["account"]["username"] == "cerys");
        ensure!(scene.asha.get(&next).await?.list()? == [of_bryn.clone()], "{next}");

        ensure!(scene.asha.post(&format!("{REQUESTS}/{them}/accept"), &json!({})).await?.ok()? == json!({}));
        ensure!(scene.asha.get(&format!("{REQUESTS}/merged")).await?.ok()? == json!({ "merged": true }));
        ensure!(scene.told("").await? == 3 && scene.waiting().await?.len() == 1);
        ensure!(scene.unread().await? == (json!(3), json!(3)));
        // The posts themselves came home; of notifications nothing was heard before the merge.
        let mut heard = Vec::new();
        while heard.last().is_none_or(|name| name != "notifications_merged") {
            heard.push(user.next().await?.name);
        }
        ensure!(heard.iter().all(|name| name == "update" || name == "notifications_merged"), "{heard:?}");
        let merged = only.next().await?;
        ensure!(merged.name == "notifications_merged", "{merged:?}");
        // Who was accepted is told of from then on.
        let later = says(&scene.bryn, "@asha later", "public").await?;
        ensure!(only.next().await?.json()?["status"]["id"] == json!(later) && scene.told("").await? == 4);
        ensure!(one != two);
        Ok(())
    }
}

on_both! {
    async fn requests_are_dismissed_and_answered_together(kind: Kind) {
        let scene = Scene::set(kind).await?;
        scene.decide(json!({ "for_not_followers": "filter" })).await?.ok()?;
        let (b, c) = (scene.bryn.me().await?, scene.cerys.me().await?);
        for who in [&scene.bryn, &scene.cerys] {
            says(who, "@asha hello", "public").await?;
        }
        scene.asha.post(&format!("{REQUESTS}/{b}/dismiss"), &json!({})).await?.ok()?;
        ensure!(scene.waiting().await?.len() == 1 && scene.told("?include_filtered=true").await? == 1);
        for path in [format!("{REQUESTS}/{b}/dismiss"), format!("{REQUESTS}/{b}/accept"), format!("{REQUESTS}/x/accept")] {
            scene.asha.post(&path, &json!({})).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        }
        scene.asha.get(&format!("{REQUESTS}/{b}")).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        // Dismissed is not accepted: what comes next waits again.
        says(&scene.bryn, "@asha again", "public").await?;
        ensure!(scene.waiting().await?.len() == 2 && scene.told("").await? == 0);
        scene.asha.post(&format!("{REQUESTS}/accept"), &json!({ "id": [b, "1", "x"] })).await?.ok()?;
        ensure!(scene.waiting().await?.len() == 1 && scene.told("").await? == 1);
        scene.asha.post(&format!("{REQUESTS}/dismiss"), &json!({ "id": [c] })).await?.ok()?;
        ensure!(scene.waiting().await?.is_empty() && scene.told("?include_filtered=true").await? == 1);
        let many: Vec<String> = (1..=101).map(|number| number.to_string()).collect();
        scene.asha.post(&format!("{REQUESTS}/accept"), &json!({ "id": many })).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "100")?;
        // Another one's requests are their own.
        ensure!(scene.bryn.get(REQUESTS).await?.list()?.is_empty());
        Ok(())
    }
}

on_both! {
    async fn what_is_dropped_is_never_told_and_answers_to_oneself_are(kind: Kind) {
        let scene = Scene::set(kind).await?;
        let decided = scene.decide(json!({ "for_private_mentions": "drop", "for_new_accounts": "perhaps" })).await?;
        decided.refused(StatusCode::UNPROCESSABLE_ENTITY, "“perhaps” is not accept, filter or drop")?;
        ensure!(scene.asha.get(POLICY).await?.ok()?["for_private_mentions"] == "accept", "all or nothing");
        scene.decide(json!({ "for_private_mentions": "drop" })).await?.ok()?;
        says(&scene.bryn, "@asha psst", "direct").await?;
        ensure!(scene.told("?include_filtered=true").await? == 0);
        ensure!(scene.asha.get("/api/v1/conversations").await?.list()?.len() == 1, "the post itself is there");
        says(&scene.bryn, "@asha aloud", "public").await?;
        let mine = says(&scene.asha, "@cerys psst", "direct").await?;
        scene.cerys.says(&json!({ "status": "@asha yes?", "visibility": "direct", "in_reply_to_id": mine })).await?;
        ensure!(scene.told("").await? == 2, "what is said aloud and what answers are told");
        scene.decide(json!({ "for_private_mentions": "accept", "for_new_accounts": "drop" })).await?.ok()?;
        let me = scene.asha.me().await?;
        scene.bryn.post(&format!("/api/v1/accounts/{me}/follow"), &json!({})).await?.ok()?;
        ensure!(scene.told("").await? == 2);
        let followers = scene.asha.get(&format!("/api/v1/accounts/{me}/followers")).await?.list()?;
        ensure!(followers.len() == 1, "the follow itself stands");
        Ok(())
    }
}
