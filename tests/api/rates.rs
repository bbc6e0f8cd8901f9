//! How often a client may call, what it is told of that, and what others notice of one that calls too often.

use std::time::Duration;

use anyhow::{Result, ensure};
use corridor_api::RateLimits;
use corridor_server::node::Setup;
use corridor_tests::{Kind, TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::caller::{Caller, Said, said};

const HOME: &str = "/api/v1/timelines/home";

async fn limited(kind: Kind, rates: RateLimits) -> Result<TestNode> {
    TestNode::start_with(kind, |setup: &mut Setup| setup.api.rates = rates).await
}

fn told(said: &Said) -> (&str, &str) {
    (said.header("x-ratelimit-limit"), said.header("x-ratelimit-remaining"))
}

on_both! {
    async fn a_client_is_told_what_it_has_left_and_waits_when_that_is_nothing(kind: Kind) {
        let node = limited(kind, RateLimits { requests: Some(40), ..RateLimits::default() }).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let signed_out = Caller::new(&node, None)?;
        // Whatever signing in took was counted by the address.
        let first = asha.get(HOME).await?;
        ensure!(first.status == StatusCode::OK && told(&first) == ("40", "39"), "{:?}", first.headers);
        let reset = first.header("x-ratelimit-reset").to_owned();
        ensure!(reset.ends_with('Z') && reset > node.clock.now().to_rfc3339(), "{reset}");
        for _ in 0..39 {
            asha.get(HOME).await?.ok()?;
        }
        let over = asha.get(HOME).await?;
        over.refused(StatusCode::TOO_MANY_REQUESTS, "too many")?;
        ensure!(told(&over) == ("40", "0"), "{:?}", over.headers);
        let wait: u64 = over.header("retry-after").parse()?;
        ensure!((1..=300).contains(&wait), "{wait}");

        // Nobody else is shut out: not another person, and not those at the same address who have no token yet.
        bryn.get(HOME).await?.ok()?;
        signed_out.get("/api/v2/instance").await?.ok()?;
        // What stands for people without a picture is loaded by everyone, and counts for nobody.
        for _ in 0..60 {
            let picture = signed_out.request(Method::GET, "/api/pictures/avatar.png").send().await?;
            ensure!(picture.status() == StatusCode::OK && !picture.headers().contains_key("x-ratelimit-limit"));
        }
        signed_out.get("/api/v2/instance").await?.ok()?;
        // A preflight is not counted, and not refused.
        let preflight = said(asha.request(Method::OPTIONS, HOME)).await?;
        ensure!(preflight.status == StatusCode::NO_CONTENT && preflight.header("x-ratelimit-limit").is_empty());
        node.clock.advance(Duration::from_secs(wait));
        asha.get(HOME).await?.ok()?;
        Ok(())
    }
}

on_both! {
    async fn tokens_can_not_be_guessed_without_end(kind: Kind) {
        let node = limited(kind, RateLimits { requests: Some(40), ..RateLimits::default() }).await?;
        let asha = Caller::person(&node, "asha").await?;
        let mut guesses = 0;
        loop {
            let guess = Caller::new(&node, Some(&format!("guess-{guesses}")))?.get(HOME).await?;
            if guess.status == StatusCode::TOO_MANY_REQUESTS {
                break;
            }
            guess.refused(StatusCode::UNAUTHORIZED, "token")?;
            guesses += 1;
            ensure!(guesses <= 40, "{guesses} guesses");
        }
        Caller::new(&node, None)?.get("/api/v2/instance").await?.refused(StatusCode::TOO_MANY_REQUESTS, "too many")?;
        asha.get(HOME).await?.ok()?;
        Ok(())
    }
}

on_both! {
    async fn deletions_and_uploads_have_limits_of_their_own(kind: Kind) {
        let rates = RateLimits { requests: Some(1000), uploads: Some(1), deletions: Some(2) };
        let node = limited(kind, rates).await?;
        let asha = Caller::person(&node, "asha").await?;
        let mut posts = Vec::new();
        for number in 0..3 {
            let made = asha.post("/api/v1/statuses", &json!({ "status": format!("Post {number}") })).await?;
            posts.push(text(&made.ok()?, "id")?);
        }
        let boost = format!("/api/v1/statuses/{}", posts[2]);
        asha.post(&format!("{boost}/reblog"), &json!({})).await?.ok()?;
        let undone = asha.post(&format!("{boost}/unreblog"), &json!({})).await?;
        ensure!(undone.status == StatusCode::OK && told(&undone) == ("2", "1"), "{:?}", undone.headers);
        let delete = |id: &str| said(asha.request(Method::DELETE, &format!("/api/v1/statuses/{id}")));
        delete(&posts[0]).await?.ok()?;
        let over = delete(&posts[1]).await?;
        over.refused(StatusCode::TOO_MANY_REQUESTS, "too many")?;
        asha.get(&format!("/api/v1/statuses/{}", posts[1])).await?.ok()?;

        // What is uploaded does not count for less because it is refused.
        for expected in [StatusCode::BAD_REQUEST, StatusCode::TOO_MANY_REQUESTS] {
            let upload = asha.post("/api/v2/media", &json!({})).await?;
            ensure!(upload.status == expected, "{} instead of {expected}: {}", upload.status, upload.body);
        }
        Ok(())
    }
}
