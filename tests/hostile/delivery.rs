//! Cases 51, 55, 72 and 75: what is sent, to whom, and what every kind of answer to it means.

use std::time::Duration;

use anyhow::ensure;
use corridor_app::operator::Operator;
use corridor_app::queue::{self, PeerQueue, Which};
use corridor_domain::Authority;
use corridor_domain::authority::Policy;
use corridor_tests::{eventually, on_both};
use reqwest::Method;
use serde_json::{Value, json};

use super::peer::{Who, page};
use super::scene::{Scene, says};

/// The bodies that the peer was sent since then, but for what answers a follow.
fn posts_since(scene: &Scene, before: usize) -> Vec<Value> {
    let sent = scene.peer.posted().into_iter().skip(before);
    sent.filter_map(|body| serde_json::from_str::<Value>(&body).ok()).filter(|body| body["type"] == "Create").collect()
}

on_both! {
    async fn hostile_051_hidden_recipients_stay_hidden_and_nothing_goes_where_nobody_reads(kind: Kind) {
        let scene = Scene::on(kind).await?;
        scene.node.add("bryn").await?;
        let none = [("direct", "Local words for @bryn"), ("private", "Words for followers"), ("public", "Words for all")];
        for (visibility, words) in none {
            says(&scene, visibility, words).await?;
        }
        scene.delivers().await?;
        ensure!(scene.peer.posted().is_empty(), "nobody reads there: {:?}", scene.peer.posted());
        says(&scene, "direct", &format!("For @ann@{} and @bryn", scene.peer.authority)).await?;
        scene.delivers().await?;
        let sent = posts_since(&scene, 0);
        ensure!(sent.len() == 1, "{sent:?}");
        for hidden in ["bto", "bcc"] {
            ensure!(sent[0].get(hidden).is_none() && sent[0]["object"].get(hidden).is_none(), "{}", sent[0]);
        }
        let follow = scene.activity(Who::Ann, "Follow", "1", json!({ "object": scene.asha_uri }));
        scene.receives(Who::Ann, &follow).await?;
        says(&scene, "private", "For a follower").await?;
        scene.delivers().await?;
        ensure!(posts_since(&scene, 0).len() == 2);
        scene.receives(Who::Ann, &scene.activity(Who::Ann, "Undo", "2", json!({ "object": follow }))).await?;
        says(&scene, "private", "For a follower who has left").await?;
        scene.delivers().await?;
        ensure!(posts_since(&scene, 0).len() == 2, "{:?}", posts_since(&scene, 0));
        // What comes in with hidden recipients shows none of them.
        let fields = json!({ "bto": [scene.peer.uri(Who::Bob)], "bcc": ["http://127.0.0.9/users/hidden"] });
        scene.receives(Who::Ann, &scene.creates(Who::Ann, "hidden", fields)).await?;
        let post = scene.post("hidden").await?.to_string();
        ensure!(!post.contains("127.0.0.9") && !post.contains("/users/bob"), "{post}");
        Ok(())
    }
}

async fn stand(scene: &Scene) -> anyhow::Result<PeerQueue> {
    Ok(queue::overview(&scene.node.ctx).await?.peers.remove(0))
}

fn answered(status: &str) -> Vec<u8> {
    page(status, &["Content-Type: text/html", "Retry-After: 1"], b"<html>no</html>")
}

on_both! {
    async fn hostile_075_only_a_yes_is_a_delivery(kind: Kind) {
        let scene = Scene::with(kind, |setup| {
            setup.limits.backoff_first = Duration::from_millis(50);
            setup.limits.backoff_longest = Duration::from_millis(200);
        }).await?;
        let listed = Authority::parse_with(&scene.peer.authority, Policy::loopback())?;
        let follow = scene.activity(Who::Ann, "Follow", "1", json!({ "object": scene.asha_uri }));
        scene.receives(Who::Ann, &follow).await?;
        scene.delivers().await?;
        let huge = b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\nConnection: close\r\n\r\nand so on";
        let again: Vec<(&str, Vec<u8>)> = vec![
            ("401", answered("401 Unauthorized")),
            ("429", answered("429 Too Many Requests")),
            ("500", answered("500 Internal Server Error")),
            ("503", answered("503 Service Unavailable")),
            ("no HTTP", b"\x00\x9f\x92\x96\r\n\r\n".to_vec()),
            ("a hundred megabytes", huge.to_vec()),
        ];
        for (what, answer) in again {
            scene.peer.answers_posts(answer);
            let words = format!("said during {what}");
            says(&scene, "public", &words).await?;
            eventually(&format!("{what} is noticed"), || async {
                let stand = stand(&scene).await?;
                ensure!(stand.rejected == 0, "{what} ends it");
                Ok((stand.failures > 0 && stand.pending == 1).then_some(()))
            }).await?;
            scene.peer.answers_posts(page("202 Accepted", &[], b""));
            scene.delivers().await?;
        }
        let aside = ["301 Moved", "302 Found", "400 Bad", "403 Forbidden", "404 Not Found", "405 No", "410 Gone", "413 Large", "415 Kind"];
        for (so_far, status) in aside.iter().enumerate() {
            scene.peer.answers_posts(answered(status));
            says(&scene, "public", &format!("said during {status}")).await?;
            eventually(&format!("{status} is noticed"), || async {
                let rejected = usize::try_from(stand(&scene).await?.rejected)?;
                Ok((rejected == so_far + 1).then_some(()))
            }).await?;
        }
        let rows = queue::rows(&scene.node.ctx, &listed, Which::Rejected, 40).await?;
        ensure!(rows.iter().all(|row| row.last_status.is_some() && row.last_error.is_some()), "{rows:?}");
        scene.peer.answers_posts(page("202 Accepted", &[], b""));
        let before = scene.peer.posted().len();
        queue::retry(&scene.node.ctx, &Operator::System, &listed, None).await?;
        scene.delivers().await?;
        ensure!(posts_since(&scene, before).len() == aside.len() && stand(&scene).await?.rejected == 0);
        Ok(())
    }
}

on_both! {
    async fn hostile_072_what_fails_each_time_is_set_aside_and_the_rest_goes_on(kind: Kind) {
        let scene = Scene::with(kind, |setup| {
            setup.limits.backoff_first = Duration::from_millis(50);
            setup.limits.backoff_longest = Duration::from_millis(200);
        }).await?;
        let listed = Authority::parse_with(&scene.peer.authority, Policy::loopback())?;
        let bryn = scene.node.person("bryn").await?;
        let viewer = corridor_app::accounts::viewer_by_username(&scene.node.ctx, "bryn").await?;
        let bryn_uri = scene.node.ctx.settings.addresses.federation_url(&format!("/actors/{}", viewer.id));
        for (name, uri) in [("1", &scene.asha_uri), ("2", &bryn_uri)] {
            scene.receives(Who::Ann, &scene.activity(Who::Ann, "Follow", name, json!({ "object": uri }))).await?;
        }
        scene.delivers().await?;
        scene.peer.answers_posts_with("A word that kills", answered("500 Internal Server Error"));
        says(&scene, "public", "A word that kills").await?;
        says(&scene, "public", "What the same author says next").await?;
        let sent = |words: &str| scene.peer.posted().iter().filter(|body| body.contains(words)).count();
        let mut number = 0;
        eventually("it is set aside, while others get through", || {
            number += 1;
            let (bryn, listed) = (bryn.clone(), listed.clone());
            let (ctx, words) = (scene.node.ctx.clone(), format!("Number {number} by Bryn"));
            async move {
                bryn.post("/api/v1/statuses", json!({ "status": words, "visibility": "public" })).await?;
                let aside = queue::rows(&ctx, &listed, Which::Rejected, 10).await?;
                Ok((!aside.is_empty()).then_some(aside))
            }
        }).await.and_then(|aside| {
            let said = aside[0].last_error.clone().unwrap_or_default();
            ensure!(aside.len() == 1 && aside[0].last_status == Some(500), "{aside:?}");
            ensure!(said.contains("set aside after 5 tries while the peer took others"), "{said}");
            Ok(())
        })?;
        ensure!((5..=8).contains(&sent("A word that kills")), "{} tries", sent("A word that kills"));
        scene.delivers().await?;
        ensure!(sent("What the same author says next") == 1, "what comes after it waits for ever");
        for other in 1..=number {
            ensure!(sent(&format!("Number {other} by Bryn")) >= 1, "{other} was held up");
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_055_text_of_every_shape_is_read_to_its_end(kind: Kind) {
        // That the work grows no faster than the text is measured where texts are read, in tests/fuzz.
        let scene = Scene::on(kind).await?;
        for part in ["[", "*", "**a", "_", "`", "[a](", "![", "<", "&", "> ", "1. ", "\\", "[a]: b\n"] {
            let words = part.repeat(4900 / part.len());
            let body = json!({ "status": words, "visibility": "public" });
            let (status, made) = scene.asha.try_call(Method::POST, "/api/v1/statuses", Some(body)).await?;
            ensure!(matches!(status.as_u16(), 200 | 422), "{part}: {status} {made}");
            ensure!(!made.to_string().contains("<script"), "{made}");
        }
        let body = json!({ "status": "[".repeat(200_000), "visibility": "public" });
        let (status, _) = scene.asha.try_call(Method::POST, "/api/v1/statuses", Some(body)).await?;
        ensure!(status.as_u16() == 422, "{status}");
        for (name, part) in [("bold", "<b>"), ("links", "<a href=\"https://a.example\">"), ("lists", "<ul><li>"), ("words", "[a](")] {
            let content = part.repeat(300_000 / part.len());
            let request = scene.signed(Who::Ann, &scene.creates(Who::Ann, name, json!({ "content": content })))?;
            let answer = scene.send(&request).await?;
            ensure!(matches!(answer.status, 202 | 400), "{name}: {answer:?}");
        }
        Ok(())
    }
}
