//! What is there for those who have not signed in: little.

use anyhow::ensure;
use corridor_tests::{TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::pages::Pages;

/// Pages for everyone.
const OPEN: &[&str] = &[
    "/sign-in",
    "/about",
    "/rules",
    "/accessibility",
    "/health",
    "/health/live",
    "/health/ready",
    "/api/v1/instance",
    "/api/v2/instance",
    "/api/v1/instance/rules",
    "/api/v1/custom_emojis",
    "/.well-known/oauth-authorization-server",
];

/// Pages of people. `{id}` stands for a post, `{person}` for its author.
const CLOSED: &[&str] = &[
    "/",
    "/department",
    "/network",
    "/groups",
    "/groups/new",
    "/groups/{person}",
    "/groups/{person}/members",
    "/write?group={person}",
    "/notifications",
    "/search",
    "/search?q=asha",
    "/write",
    "/tags/procurement",
    "/@asha",
    "/@asha/followers",
    "/@asha/following",
    "/@asha/{id}",
    "/posts/{id}/reply",
    "/posts/{id}/edit",
    "/posts/{id}/delete",
    "/posts/{id}/history",
    "/posts/{id}/recall",
    "/oauth/authorize?response_type=code&client_id=x&redirect_uri=y",
    "/@nobody",
    "/@asha/1",
    "/people/{person}",
    "/people/1",
    "/new-password",
    "/moving",
    "/signed-in",
];

/// Buttons of people.
const BUTTONS: &[&str] = &[
    "/write",
    "/posts/{id}/reply",
    "/posts/{id}/edit",
    "/posts/{id}/delete",
    "/posts/{id}/favourite",
    "/posts/{id}/boost",
    "/posts/{id}/bookmark",
    "/posts/{id}/vote",
    "/people/{person}/follow",
    "/people/{person}/unfollow",
    "/notifications/read",
    "/groups/new",
    "/tags/tea/follow",
    "/groups/{person}/join",
    "/groups/{person}/leave",
    "/groups/{person}/archive",
    "/groups/{person}/invite",
    "/groups/{person}/members/{person}/approve",
    "/groups/{person}/posts/{id}/pin",
    "/new-password",
    "/signed-in/browser",
    "/signed-in/app",
    "/oauth/authorize",
    "/sign-out",
];

on_both! {
    async fn the_signed_out_see_the_few_open_pages_alone(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let author = node.person("asha").await?;
        let made = author.post("/api/v1/statuses", json!({ "status": "Only for us #procurement", "visibility": "public" })).await?;
        let (id, person) = (text(&made, "id")?, text(&made["account"], "id")?);
        let mut visitor = Pages::new(&node.url)?;
        for path in OPEN {
            let answer = visitor.get(path).await?;
            ensure!(answer.status == StatusCode::OK, "{path} answered {}", answer.status);
            ensure!(!answer.body.contains("Only for us") && !answer.body.contains("asha"), "{path} tells of people");
        }
        for path in CLOSED {
            let path = path.replace("{id}", &id).replace("{person}", &person);
            let answer = visitor.get(&path).await?;
            ensure!(answer.status == StatusCode::SEE_OTHER, "{path} answered {}", answer.status);
            let back: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
            ensure!(answer.location()? == format!("/sign-in?next={back}"), "{path} leads to {}", answer.location()?);
            ensure!(!answer.body.contains("Only for us"), "{path} shows the post");
        }
        let csrf = visitor.csrf("/sign-in").await?;
        for path in BUTTONS {
            let path = path.replace("{id}", &id).replace("{person}", &person);
            let answer = visitor.post(&path, &[("csrf", &csrf), ("text", "Forged"), ("decision", "approve")]).await?;
            ensure!(answer.status == StatusCode::SEE_OTHER, "POST {path} answered {}", answer.status);
            ensure!(answer.location()?.starts_with("/sign-in"), "POST {path} leads to {}", answer.location()?);
        }
        let after = author.get(&format!("/api/v1/statuses/{id}")).await?;
        ensure!(after["favourites_count"] == 0 && after["reblogs_count"] == 0 && after["replies_count"] == 0);
        Ok(())
    }
}

on_both! {
    async fn peers_pages_answer_nobody_who_does_not_sign(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let author = node.person("asha").await?;
        let made = author.post("/api/v1/statuses", json!({ "status": "Only for peers", "visibility": "public" })).await?;
        let me = author.get("/api/v1/accounts/verify_credentials").await?;
        let (actor, post) = (text(&me, "uri")?, text(&made, "uri")?);
        let mut visitor = Pages::new(&node.url)?;
        for uri in [actor.clone(), post, format!("{actor}/outbox"), format!("{actor}/followers"), format!("{actor}/following")] {
            let answer = visitor.send(Method::GET, &uri, None, &[("accept", "application/activity+json")]).await?;
            ensure!(answer.status == StatusCode::UNAUTHORIZED, "{uri} answered {}", answer.status);
            ensure!(!answer.body.contains("Only for peers") && !answer.body.contains("asha"), "{uri} tells: {}", answer.body);
        }
        Ok(())
    }
}

on_both! {
    async fn the_address_of_an_actor_leads_its_reader_to_the_page_and_a_stranger_to_the_sign_in(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let me = node.person("asha").await?.get("/api/v1/accounts/verify_credentials").await?;
        let (uri, id) = (text(&me, "uri")?, text(&me, "id")?);
        let page = |id: &str| node.at(&format!("/people/{id}"));
        let mut stranger = Pages::new(&node.url)?;
        for (asked, number) in [(uri.clone(), id.as_str()), (uri.replace(&id, "123456789"), "123456789")] {
            let first = stranger.get(&asked).await?;
            ensure!(first.location()? == page(number), "{asked} leads to {}", first.location()?);
            let then = stranger.get(first.location()?).await?;
            ensure!(then.location()? == format!("/sign-in?next=%2Fpeople%2F{number}"), "{asked} leads on to {}", then.location()?);
        }
        let mut reader = Pages::signed_in(&node.url, "asha").await?;
        ensure!(reader.get(&page(&id)).await?.location()? == "/@asha");
        for nobody in ["123456789", "no-number"] {
            ensure!(reader.get(&page(nobody)).await?.status == StatusCode::NOT_FOUND, "{nobody}");
        }
        Ok(())
    }
}

on_both! {
    async fn a_page_that_is_not_there_and_one_that_is_not_for_you_look_the_same(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let author = node.person("asha").await?;
        node.add("bryn").await?;
        node.add("cerys").await?;
        let secret = author.post("/api/v1/statuses", json!({ "status": "@cerys alone", "visibility": "direct" })).await?;
        let mut reader = Pages::signed_in(&node.url, "bryn").await?;
        let hidden = reader.get(&format!("/@asha/{}", text(&secret, "id")?)).await?;
        let missing = reader.get("/@asha/1").await?;
        ensure!((hidden.status, missing.status) == (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND), "{} {}", hidden.status, missing.status);
        ensure!(hidden.body == missing.body, "the two pages differ");
        for path in ["/@nobody", "/@nobody@stranger.example", "/nothing", "/@asha/no-number", "/posts/1/edit", "/posts/no-number/reply"] {
            let answer = reader.get(path).await?;
            ensure!(answer.status == StatusCode::NOT_FOUND, "{path} answered {}", answer.status);
            ensure!(answer.body.contains("Page not found"), "{path} is not said in words");
        }
        Ok(())
    }
}
