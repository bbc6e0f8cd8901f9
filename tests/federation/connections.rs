//! Connections between two departments: asked with a note, accepted, turned down, ended, and asked by both at once.

use anyhow::{Result, ensure};
use corridor_tests::{FrontDoor, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::conversation::{Pair, arrives, says, strangers};

async fn relation(who: &FrontDoor, id: &str) -> Result<Value> {
    Ok(who.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await?[0].clone())
}

/// Waits until the caller stands so to somebody: connected, asking, asked, following, followed by them.
async fn comes_to(who: &FrontDoor, id: &str, wanted: [bool; 5]) -> Result<()> {
    const FIELDS: [&str; 5] =
        ["connected", "connection_requested", "connection_requested_by", "following", "followed_by"];
    eventually(&format!("{FIELDS:?} are {wanted:?} at {}", who.base()), || async {
        let seen = relation(who, id).await?;
        Ok(FIELDS.iter().zip(wanted).all(|(field, wanted)| seen[*field] == wanted).then_some(()))
    })
    .await
}

const NOTHING: [bool; 5] = [false; 5];
const CONNECTED: [bool; 5] = [true, false, false, true, true];
const ASKING: [bool; 5] = [false, true, false, false, false];
const ASKED: [bool; 5] = [false, false, true, false, false];

on_both! {
    async fn colleagues_of_two_departments_connect_and_part(kind: Kind) {
        let Pair { here, there, author: asha, reader: bob } = strangers(kind).await?;
        let lock = json!({ "locked": true });
        bob.call(Method::PATCH, "/api/v1/accounts/update_credentials", Some(lock)).await?;
        let (bobs, ashas) = (asha.resolve(&there.handle("reader")).await?, bob.resolve(&here.handle("author")).await?);
        asha.post(&format!("/api/v1/accounts/{bobs}/connect"), json!({ "note": "We met <in> Leeds" })).await?;
        comes_to(&asha, &bobs, ASKING).await?;
        comes_to(&bob, &ashas, ASKED).await?;
        let requests = bob.get("/api/v1/connections/requests").await?;
        ensure!(requests[0]["note"] == "We met <in> Leeds" && requests[0]["account"]["id"] == json!(ashas), "{requests}");
        ensure!(requests[0]["connected_at"].is_null(), "{requests}");
        let plain = bob.get("/api/v1/notifications").await?;
        ensure!(plain == json!([]), "a stock client is not told what it does not know: {plain}");
        let told = bob.get("/api/v1/notifications?types[]=connection_request").await?;
        ensure!(told[0]["type"] == "connection_request", "{told}");

        // Turned down: both see it end, and it is not asked again at once.
        bob.post(&format!("/api/v1/connections/requests/{ashas}/reject"), json!({})).await?;
        comes_to(&asha, &bobs, NOTHING).await?;
        let (status, answer) = asha.try_call(Method::POST, &format!("/api/v1/accounts/{bobs}/connect"), None).await?;
        ensure!(status == StatusCode::FORBIDDEN && answer.to_string().contains("you can ask again from"), "{status} {answer}");

        // The other way round it may be asked, and is accepted.
        bob.post(&format!("/api/v1/accounts/{ashas}/connect"), json!({})).await?;
        comes_to(&asha, &bobs, ASKED).await?;
        let answered = asha.post(&format!("/api/v1/connections/requests/{bobs}/authorize"), json!({})).await?;
        ensure!(answered["connected"] == true, "{answered}");
        comes_to(&asha, &bobs, CONNECTED).await?;
        comes_to(&bob, &ashas, CONNECTED).await?;
        let told = bob.get("/api/v1/notifications?types[]=connection").await?;
        ensure!(told[0]["account"]["id"] == json!(ashas), "{told}");
        for (who, other) in [(&asha, &bobs), (&bob, &ashas)] {
            let connected = who.get("/api/v1/connections").await?;
            ensure!(connected[0]["account"]["id"] == json!(other) && connected[0]["connected_at"].is_string(), "{connected}");
            ensure!(who.get("/api/v1/connections/waiting").await? == json!([]));
        }
        says(&bob, "Good morning Leeds").await?;
        arrives(&asha, "Good morning Leeds").await?;

        // Who did not ask may end it, too.
        asha.post(&format!("/api/v1/accounts/{bobs}/disconnect"), json!({})).await?;
        comes_to(&asha, &bobs, NOTHING).await?;
        comes_to(&bob, &ashas, NOTHING).await?;
        Ok(())
    }
}

on_both! {
    async fn two_who_ask_each_other_at_once_are_connected(kind: Kind) {
        let Pair { here, there, author: asha, reader: bob } = strangers(kind).await?;
        let (bobs, ashas) = (asha.resolve(&there.handle("reader")).await?, bob.resolve(&here.handle("author")).await?);
        let (to_bob, to_asha) = (format!("/api/v1/accounts/{bobs}/connect"), format!("/api/v1/accounts/{ashas}/connect"));
        let (one, other) = tokio::join!(asha.post(&to_bob, json!({})), bob.post(&to_asha, json!({})));
        one?;
        other?;
        comes_to(&asha, &bobs, CONNECTED).await?;
        comes_to(&bob, &ashas, CONNECTED).await?;
        bob.post(&format!("/api/v1/accounts/{ashas}/block"), json!({})).await?;
        comes_to(&asha, &bobs, NOTHING).await?;
        Ok(())
    }
}

on_both! {
    async fn connections_go_along_with_who_moves(kind: Kind) {
        let Pair { here, there, author: asha, reader: bob } = strangers(kind).await?;
        let near = here.person("near").await?;
        let new = there.person("asha").await?;
        let (ashas, bobs) = (near.resolve("author").await?, asha.resolve(&there.handle("reader")).await?);
        for (who, whom) in [(&near, &ashas), (&asha, &bobs)] {
            who.post(&format!("/api/v1/accounts/{whom}/connect"), json!({})).await?;
        }
        let nears = asha.resolve("near").await?;
        asha.post(&format!("/api/v1/connections/requests/{nears}/authorize"), json!({})).await?;
        let before = bob.resolve(&here.handle("author")).await?;
        comes_to(&bob, &before, ASKED).await?;
        bob.post(&format!("/api/v1/connections/requests/{before}/authorize"), json!({})).await?;
        comes_to(&asha, &bobs, CONNECTED).await?;

        let by = corridor_app::operator::Operator::System;
        let number = |node: &corridor_tests::TestNode, name: &'static str| {
            let ctx = node.ctx.clone();
            async move { Ok::<_, anyhow::Error>(corridor_app::accounts::viewer_by_username(&ctx, name).await?.id) }
        };
        let (old_id, new_id) = (number(&here, "author").await?, number(&there, "asha").await?);
        let handle = |text: String| corridor_domain::text::Handle::parse(&text);
        corridor_app::moves::add_alias(&there.ctx, &by, new_id, &handle(here.handle("author"))?).await?;
        corridor_app::moves::move_away(&here.ctx, &by, old_id, &handle(there.handle("asha"))?).await?;

        // At the new account's own node the connection is there; from elsewhere it is asked for, and says why.
        let after = bob.resolve("asha").await?;
        comes_to(&bob, &after, CONNECTED).await?;
        let old = relation(&bob, &before).await?;
        ensure!(old["connected"] == false && old["following"] == false, "{old}");
        let request = eventually("the colleague who stayed asks the new account", || async {
            let requests = new.get("/api/v1/connections/requests").await?;
            Ok((requests[0]["account"]["acct"] == json!(here.handle("near"))).then(|| requests[0].clone()))
        })
        .await?;
        ensure!(text(&request, "note")?.contains(&format!("before you moved from {}", here.handle("author"))), "{request}");
        Ok(())
    }
}
