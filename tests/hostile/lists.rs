//! Cases 45, 46, 49 and 50: lists, feeds and changed ids show nothing that the post itself would not.

use anyhow::{Context, ensure};
use corridor_tests::{FrontDoor, TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::state::{changed, state};
use crate::web::pages::Pages;

/// In every closed post.
const CLOSED: &str = "heron";

/// Asha has said something to Bryn alone and something to her followers; Cecil is neither.
struct Closed {
    node: TestNode,
    asha: FrontDoor,
    bryn: FrontDoor,
    cecil: FrontDoor,
    /// What was said to Bryn, and what to followers.
    posts: Vec<String>,
}

impl Closed {
    async fn on(kind: corridor_tests::Kind) -> anyhow::Result<Self> {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (node.person("asha").await?, node.person("bryn").await?);
        let cecil = node.person("cecil").await?;
        let mut posts = Vec::new();
        for (words, visibility) in [("A heron for @bryn #heron", "direct"), ("A heron for followers #heron", "private")]
        {
            let body = json!({ "status": words, "visibility": visibility });
            posts.push(text(&asha.post("/api/v1/statuses", body).await?, "id")?);
        }
        asha.post("/api/v1/statuses", json!({ "status": "An open duck #duck", "visibility": "public" })).await?;
        Ok(Self { node, asha, bryn, cecil, posts })
    }

    async fn id_of(&self, door: &FrontDoor) -> anyhow::Result<String> {
        text(&door.get("/api/v1/accounts/verify_credentials").await?, "id")
    }
}

on_both! {
    async fn hostile_045_no_list_shows_what_the_post_would_not(kind: Kind) {
        let scene = Closed::on(kind).await?;
        let asha = scene.id_of(&scene.asha).await?;
        for id in &scene.posts {
            for act in ["bookmark", "favourite", "reblog"] {
                let (status, body) = scene.cecil.try_call(Method::POST, &format!("/api/v1/statuses/{id}/{act}"), Some(json!({}))).await?;
                ensure!(status == StatusCode::NOT_FOUND, "{act}: {status} {body}");
            }
        }
        let lists = [
            format!("/api/v2/search?q={CLOSED}"),
            format!("/api/v2/search?q=%23{CLOSED}&type=hashtags"),
            format!("/api/v2/search?q={CLOSED}&type=statuses&offset=0&limit=40"),
            format!("/api/v1/timelines/tag/{CLOSED}"),
            "/api/v1/timelines/home".to_owned(),
            "/api/v1/timelines/public".to_owned(),
            "/api/v1/timelines/public?local=true".to_owned(),
            "/api/v1/timelines/department".to_owned(),
            format!("/api/v1/accounts/{asha}/statuses"),
            format!("/api/v1/accounts/{asha}/statuses?pinned=true"),
            format!("/api/v1/accounts/{asha}/statuses?tagged={CLOSED}"),
            "/api/v1/bookmarks".to_owned(),
            "/api/v1/favourites".to_owned(),
            "/api/v1/notifications".to_owned(),
            format!("/api/v1/statuses?id[]={}&id[]={}", scene.posts[0], scene.posts[1]),
        ];
        let mut shown = 0;
        for list in &lists {
            let found = scene.cecil.get(list).await?;
            ensure!(!found.to_string().contains(CLOSED), "{list}: {found}");
            let statuses = found.as_array().or_else(|| found["statuses"].as_array()).context("a list")?;
            for status in statuses.iter().filter(|entry| entry["content"].is_string()) {
                let alone = scene.cecil.get(&format!("/api/v1/statuses/{}", text(status, "id")?)).await?;
                ensure!(alone["content"] == status["content"], "{list} shows {status}");
                shown += 1;
            }
        }
        ensure!(shown > 0, "the open post is in none of the lists");
        // Whom it is for finds it, so that the words above are the right ones.
        let found = scene.bryn.get(&lists[0]).await?;
        ensure!(found["statuses"].as_array().is_some_and(|found| found.len() == 1), "{found}");
        Ok(())
    }
}

on_both! {
    async fn hostile_049_no_feed_preview_or_error_tells_of_closed_posts(kind: Kind) {
        let scene = Closed::on(kind).await?;
        let (id, base) = (&scene.posts[0], scene.node.at(""));
        let mut visitor = Pages::new(&scene.node.url)?;
        let mut reader = Pages::signed_in(&scene.node.url, "cecil").await?;
        let paths = [
            "/@asha.rss".to_owned(), "/@asha.atom".to_owned(), "/users/asha.rss".to_owned(), "/@asha/feed".to_owned(),
            "/tags/heron.rss".to_owned(), "/tags/heron".to_owned(), "/@asha".to_owned(), format!("/posts/{id}"),
            format!("/posts/{id}/embed"), format!("/@asha/{id}"), format!("/@asha/{id}/embed"),
            format!("/api/oembed?url={base}/posts/{id}"), format!("/posts/{id}/history"), "/search?q=heron".to_owned(),
        ];
        for path in &paths {
            for pages in [&mut visitor, &mut reader] {
                let answer = pages.get(path).await?;
                let tells = answer.body.contains("A heron") || answer.body.contains("og:description");
                ensure!(answer.status.as_u16() < 500 && !tells, "{path}: {} {}", answer.status, answer.body);
            }
            let answer = visitor.get(path).await?;
            ensure!(answer.status != StatusCode::OK, "{path} answers a stranger: {}", answer.body);
        }
        // What an error says is the same whether the post is closed or was never there.
        for (method, rest, body) in [
            (Method::GET, "", None),
            (Method::GET, "/context", None),
            (Method::PUT, "", Some(json!({ "status": "Mine" }))),
            (Method::DELETE, "", None),
        ] {
            let closed = scene.cecil.try_call(method.clone(), &format!("/api/v1/statuses/{id}{rest}"), body.clone()).await?;
            let absent = scene.cecil.try_call(method.clone(), &format!("/api/v1/statuses/1{rest}"), body).await?;
            ensure!(closed == absent && closed.0 == StatusCode::NOT_FOUND, "{method} {rest}: {closed:?} and {absent:?}");
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_050_a_changed_id_opens_nothing_of_others(kind: Kind) {
        let scene = Closed::on(kind).await?;
        let told = scene.bryn.get("/api/v1/notifications").await?;
        let told = text(&told[0], "id")?;
        let id = &scene.posts[0];
        // Bryn locks the door and Cecil knocks; only Bryn may open.
        scene.bryn.call(Method::PATCH, "/api/v1/accounts/update_credentials", Some(json!({ "locked": true }))).await?;
        let (asha, bryn) = (scene.id_of(&scene.asha).await?, scene.id_of(&scene.bryn).await?);
        scene.asha.post(&format!("/api/v1/accounts/{bryn}/follow"), json!({})).await?;
        let tries: Vec<(Method, String, Option<Value>)> = vec![
            (Method::GET, format!("/api/v1/notifications/{told}"), None),
            (Method::POST, format!("/api/v1/notifications/{told}/dismiss"), Some(json!({}))),
            (Method::GET, format!("/api/v1/statuses/{id}/source"), None),
            (Method::GET, format!("/api/v1/statuses/{id}/history"), None),
            (Method::GET, format!("/api/v1/statuses/{id}/recall"), None),
            (Method::GET, format!("/api/v1/statuses/{id}/favourited_by"), None),
            (Method::GET, format!("/api/v1/statuses/{id}/reblogged_by"), None),
            (Method::DELETE, format!("/api/v1/statuses/{id}"), None),
            (Method::PUT, format!("/api/v1/statuses/{id}"), Some(json!({ "status": "Mine" }))),
            (Method::POST, format!("/api/v1/follow_requests/{asha}/authorize"), Some(json!({}))),
            (Method::POST, format!("/api/v1/follow_requests/{asha}/reject"), Some(json!({}))),
            (Method::GET, "/api/v1/media/1".to_owned(), None),
            (Method::PUT, "/api/v1/media/1".to_owned(), Some(json!({ "description": "Mine" }))),
        ];
        let mut wrong = Vec::new();
        for (method, path, body) in tries {
            let before = state(scene.node.database())?;
            let (status, answer) = scene.cecil.try_call(method.clone(), &path, body).await?;
            let mut touched = changed(&before, &state(scene.node.database())?);
            // When a token was last used is written down beside the request.
            touched.retain(|table| !matches!(table.as_str(), "oauth_tokens" | "outbox_events"));
            if status != StatusCode::NOT_FOUND || !touched.is_empty() {
                wrong.push(format!("{method} {path}: {status} {answer}, changed: {touched:?}"));
            }
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        let asks = scene.bryn.get("/api/v1/follow_requests").await?;
        ensure!(asks.as_array().is_some_and(|asks| asks.len() == 1), "{asks}");
        Ok(())
    }
}
