//! The WebSocket: where its token may stand, what it is told to do, and how it ends.

use std::time::Duration;

use anyhow::ensure;
use corridor_tests::{on_both, text};
use serde_json::json;

use super::ears::{Ear, Frame, Socket, ask};
use super::{Two, delete, hears};
use crate::api::caller::{App, Caller, OUT_OF_BAND};
use crate::web::pages::Pages;

on_both! {
    async fn the_token_may_stand_in_three_places(kind: Kind) {
        let two = Two::start(kind).await?;
        let bearer = format!("Bearer {}", two.token);
        let in_query = format!("?stream=user&access_token={}", two.token);
        let mut sockets = vec![
            Socket::open(&two.node, &in_query, &[]).await?,
            Socket::open(&two.node, "?stream=user", &[("authorization", &bearer)]).await?,
            Socket::open(&two.node, "?stream=user", &[("sec-websocket-protocol", &two.token)]).await?,
        ];
        let echo = |socket: &Socket| socket.head.contains(&format!("sec-websocket-protocol: {}", two.token.to_lowercase()));
        ensure!(sockets.iter().map(echo).collect::<Vec<_>>() == [false, false, true], "{}", sockets[2].head);
        let post = text(&two.bryn.says(&json!({ "status": "@asha hello" })).await?, "id")?;
        for socket in &mut sockets {
            let heard = socket.event().await?;
            ensure!(heard.what()? == ("update".to_owned(), post.clone()) && heard.stream == json!(["user"]), "{heard:?}");
            let heard = socket.event().await?;
            ensure!(heard.name == "notification" && heard.stream == json!(["user"]), "{heard:?}");
        }
        for (query, headers) in [("?stream=user", vec![]), ("?stream=user&access_token=wrong", vec![]), ("", vec![("sec-websocket-protocol", "wrong")])] {
            let refused = Socket::try_open(&two.node, &format!("/api/v1/streaming{query}"), &headers).await?;
            ensure!(refused.head.starts_with("http/1.1 401"), "{query}: {}", refused.head);
        }
        // With the token in the query a browser's other way is open too.
        let mut ear = Ear::listen(ask(&two.node.at(""), &format!("/user?access_token={}", two.token), None)?).await?;
        let post = text(&two.bryn.says(&json!({ "status": "Once more" })).await?, "id")?;
        hears(&mut ear, "update", &post).await?;
        Ok(())
    }
}

on_both! {
    async fn streams_are_subscribed_to_and_left(kind: Kind) {
        let two = Two::start(kind).await?;
        let mut socket = Socket::open(&two.node, &format!("?access_token={}", two.token), &[]).await?;
        let mut ear = two.ear("/user").await?;
        two.bryn.says(&json!({ "status": "Nobody listens" })).await?;
        // It is past when others have heard it: a stream that is asked for before could still tell of it.
        ensure!(ear.next().await?.name == "update");
        socket.subscribe(&json!({ "type": "subscribe", "stream": "hashtag", "tag": "Tea" })).await?;
        socket.subscribe(&json!({ "type": "subscribe", "stream": "list", "list": two.list })).await?;
        socket.subscribe(&json!({ "type": "subscribe", "stream": "list", "list": two.list })).await?;
        let post = text(&two.bryn.says(&json!({ "status": "With #tea", "visibility": "public" })).await?, "id")?;
        for stream in [json!(["hashtag", "tea"]), json!(["list", two.list])] {
            let heard = socket.event().await?;
            ensure!(heard.what()? == ("update".to_owned(), post.clone()) && heard.stream == stream, "{heard:?}");
        }
        socket.subscribe(&json!({ "type": "unsubscribe", "stream": "hashtag", "tag": "tea" })).await?;
        delete(&two.bryn, &post).await?;
        let heard = socket.message().await?;
        ensure!(heard == json!({ "stream": ["list", two.list], "event": "delete", "payload": post }), "{heard}");
        socket.subscribe(&json!({ "type": "unsubscribe", "stream": "list", "list": two.list })).await?;
        socket.subscribe(&json!({ "type": "subscribe", "stream": "user" })).await?;
        two.asha.post("/api/v2/filters", &json!({ "title": "a", "context": ["home"] })).await?.ok()?;
        let heard = socket.message().await?;
        ensure!(heard == json!({ "stream": ["user"], "event": "filters_changed" }), "{heard}");

        for (message, words, status) in [
            (json!({ "type": "subscribe", "stream": "hashtag" }), "Missing tag name parameter", 400),
            (json!({ "type": "subscribe" }), "Unknown channel requested", 400),
            (json!({ "type": "subscribe", "stream": "list", "list": "1" }), "that list was not found", 404),
            (json!("nonsense"), "This is no JSON that asks for a stream", 400),
        ] {
            socket.say(&message).await?;
            let said = socket.message().await?;
            ensure!(said == json!({ "error": words, "status": status }), "{message}: {said}");
        }
        // What Mastodon would not understand either is passed over.
        socket.say(&json!({ "type": "ping" })).await?;
        socket.send(8, &1000_u16.to_be_bytes()).await?;
        ensure!(socket.frame().await? == Frame::Close(1000));
        ensure!(socket.frame().await? == Frame::Gone);
        Ok(())
    }
}

on_both! {
    async fn a_token_opens_no_more_than_its_scopes(kind: Kind) {
        let two = Two::start(kind).await?;
        let mut pages = Pages::signed_in(&two.node.url, "asha").await?;
        let app = App::register(&two.node, OUT_OF_BAND, "read:statuses read:notifications").await?;
        let all = app.token(&two.node, &mut pages).await?;
        let app = App::register(&two.node, OUT_OF_BAND, "read:statuses").await?;
        let statuses = app.token(&two.node, &mut pages).await?;
        let mut both = Socket::open(&two.node, &format!("?stream=user&access_token={all}"), &[]).await?;
        let mut one = Socket::open(&two.node, &format!("?stream=user&access_token={statuses}"), &[]).await?;
        one.say(&json!({ "type": "subscribe", "stream": "user:notification" })).await?;
        ensure!(one.message().await?["status"] == 403);
        let refused = Socket::try_open(&two.node, &format!("/api/v1/streaming?stream=user:notification&access_token={statuses}"), &[]).await?;
        ensure!(refused.head.starts_with("http/1.1 403"), "{}", refused.head);
        two.bryn.says(&json!({ "status": "@asha hello" })).await?;
        let last = text(&two.bryn.says(&json!({ "status": "The last" })).await?, "id")?;
        let mut heard = Vec::new();
        for _ in 0..3 {
            heard.push(both.event().await?.name);
        }
        ensure!(heard == ["update", "notification", "update"], "{heard:?}");
        one.event().await?;
        ensure!(one.event().await?.what()? == ("update".to_owned(), last), "a notification was told without its scope");
        // An application alone is nobody who could read.
        let form = [("grant_type", "client_credentials"), ("client_id", &app.id), ("client_secret", &app.secret), ("scope", "read:statuses")];
        let nobody = Caller::new(&two.node, None)?;
        let token = crate::api::caller::said(nobody.request(reqwest::Method::POST, "/oauth/token").form(&form)).await?.ok()?;
        let refused = Socket::try_open(&two.node, &format!("/api/v1/streaming?stream=public&access_token={}", text(&token, "access_token")?), &[]).await?;
        ensure!(refused.head.starts_with("http/1.1 401"), "{}", refused.head);
        Ok(())
    }
}

on_both! {
    async fn a_silent_connection_is_pinged(kind: Kind) {
        let two = Two::start_with(kind, |setup| setup.settings.streaming.heartbeat = Duration::from_millis(50)).await?;
        let mut socket = Socket::open(&two.node, &format!("?stream=user&access_token={}", two.token), &[]).await?;
        for _ in 0..3 {
            ensure!(socket.frame().await? == Frame::Ping);
        }
        let mut ear = two.ear("/user").await?;
        for _ in 0..3 {
            ear.thump().await?;
        }
        // Who goes away makes room.
        ensure!(corridor_app::streaming::counts(&two.node.ctx).open == 2);
        drop((socket, ear));
        corridor_tests::eventually("the places are free again", || async {
            Ok((corridor_app::streaming::counts(&two.node.ctx).open == 0).then_some(()))
        })
        .await?;
        Ok(())
    }
}
