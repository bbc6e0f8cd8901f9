//! How many streams there may be, and when one ends: with its token, with its reader's patience, with the node.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use corridor_app::accounts;
use corridor_app::operator::Operator;
use corridor_app::streaming::counts;
use corridor_tests::{Kind, eventually, on_both};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Two;
use super::ears::{Ear, Frame, Socket};
use crate::api::caller::{App, Caller, OUT_OF_BAND, said};
use crate::web::pages::Pages;

on_both! {
    async fn one_person_and_one_node_have_only_so_many(kind: Kind) {
        let two = Two::start_with(kind, |setup| {
            setup.settings.streaming.most_of_person = 2;
            setup.settings.streaming.most = 3;
        })
        .await?;
        let stream = |caller: &Caller| caller.request(Method::GET, "/api/v1/streaming/user");
        let held = (two.ear("/user").await?, Socket::open(&two.node, &format!("?access_token={}", two.token), &[]).await?);
        let full = said(stream(&two.asha)).await?;
        full.refused(StatusCode::TOO_MANY_REQUESTS, "2 streams open already")?;
        ensure!(full.header("retry-after") == "60", "{:?}", full.headers);
        let theirs = Ear::listen(stream(&two.bryn)).await?;
        let full = said(stream(&two.bryn)).await?;
        full.refused(StatusCode::SERVICE_UNAVAILABLE, "try again later")?;
        ensure!(full.header("retry-after") == "5", "{:?}", full.headers);
        drop(held.1);
        eventually("a place is free again", || async { Ok(Ear::listen(stream(&two.asha)).await.ok()) }).await?;
        drop((held.0, theirs));
        Ok(())
    }
}

/// Streams that would not notice by themselves that their token has ended.
async fn without_heartbeat(kind: Kind) -> Result<Two> {
    Two::start_with(kind, |setup| setup.settings.streaming.heartbeat = Duration::from_secs(3600)).await
}

on_both! {
    async fn hostile_046_a_stream_ends_with_its_token(kind: Kind) {
        let two = without_heartbeat(kind).await?;
        let mut pages = Pages::signed_in(&two.node.url, "asha").await?;
        let app = App::register(&two.node, OUT_OF_BAND, "read").await?;
        let token = app.token(&two.node, &mut pages).await?;
        let mut ended = Ear::open(&two.node, "/user", &token).await?;
        let mut closed = Socket::open(&two.node, &format!("?stream=user&access_token={token}"), &[]).await?;
        let mut other = two.ear("/user").await?;
        let form = [("client_id", &app.id), ("client_secret", &app.secret), ("token", &token)];
        said(Caller::new(&two.node, None)?.request(Method::POST, "/oauth/revoke").form(&form)).await?.ok()?;
        ensure!(ended.end().await?.is_empty());
        ensure!(closed.frame().await? == Frame::Close(1008) && closed.frame().await? == Frame::Gone);
        let post = two.bryn.says(&json!({ "status": "For the other one" })).await?;
        ensure!(other.next().await?.json()?["id"] == post["id"], "the person's other token goes on");

        accounts::disable_user(&two.node.ctx, &Operator::System, "asha").await?;
        ensure!(other.end().await?.is_empty(), "who is disabled hears nothing any more");
        ensure!(counts(&two.node.ctx).cut_off == 0);
        Ok(())
    }
}

on_both! {
    async fn hostile_046_a_stream_ends_when_its_app_is_removed(kind: Kind) {
        let two = without_heartbeat(kind).await?;
        let mut pages = Pages::signed_in(&two.node.url, "asha").await?;
        let app = App::register(&two.node, OUT_OF_BAND, "read").await?;
        let mut ended = Ear::open(&two.node, "/user", &app.token(&two.node, &mut pages).await?).await?;
        let mut other = two.ear("/user").await?;
        ensure!(pages.fill("/signed-in", "/signed-in/app", &[]).await?.status == StatusCode::SEE_OTHER);
        ensure!(ended.end().await?.is_empty());
        let post = two.bryn.says(&json!({ "status": "For the other one" })).await?;
        ensure!(other.next().await?.json()?["id"] == post["id"], "the person's other app goes on");
        Ok(())
    }
}

on_both! {
    async fn a_heartbeat_notices_what_nobody_told(kind: Kind) {
        let two = Two::start_with(kind, |setup| setup.settings.streaming.heartbeat = Duration::from_millis(100)).await?;
        let mut ear = two.ear("/user").await?;
        ear.thump().await?;
        let (url, end) = (two.node.database().url().to_owned(), "UPDATE oauth_tokens SET revoked_at = 1");
        tokio::task::spawn_blocking(move || corridor_tests::Database::tamper(&url, end)).await??;
        ensure!(ear.end().await?.is_empty());
        Ok(())
    }
}

on_both! {
    async fn who_does_not_read_is_cut_off_and_nobody_waits(kind: Kind) {
        let two = Two::start_with(kind, |setup| setup.settings.streaming.buffer = 4).await?;
        let address = (two.node.url.host_str().context("a host")?.to_owned(), two.node.url.port().context("a port")?);
        let mut lazy = TcpStream::connect(address).await?;
        let ask = format!("GET /api/v1/streaming/user HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\r\n", two.node.authority, two.token);
        lazy.write_all(ask.as_bytes()).await?;
        // Whoever reads is told everything meanwhile.
        let mut eager = two.ear("/user").await?;
        let article = json!({ "title": "Long", "status": "Many words. ".repeat(4000), "visibility": "public" });
        let start = Instant::now();
        let mut published = 0;
        while counts(&two.node.ctx).cut_off == 0 {
            let before = Instant::now();
            two.bryn.says(&article).await?;
            published += 1;
            ensure!(before.elapsed() < Duration::from_secs(10), "the publisher waited");
            ensure!(start.elapsed() < Duration::from_secs(120), "nobody was cut off after {published} articles");
            ensure!(eager.next().await?.name == "update");
        }
        ensure!(counts(&two.node.ctx).cut_off == 1, "the eager one too");
        two.bryn.says(&json!({ "status": "The last" })).await?;
        ensure!(eager.next().await?.json()?["content"].as_str().is_some_and(|content| content.contains("The last")));
        let mut rest = Vec::new();
        tokio::time::timeout(Duration::from_secs(30), lazy.read_to_end(&mut rest)).await.context("the connection stays")??;
        let told = String::from_utf8_lossy(&rest).matches("event: update").count();
        ensure!(told < published, "{told} of {published} were told");
        ensure!(!String::from_utf8_lossy(&rest).contains("The last"));
        Ok(())
    }
}
