//! Who is found by whom: people who don't want to be are left out of search, here and at peers.

use anyhow::{Result, ensure};
use corridor_tests::{FrontDoor, TestNode, befriend, eventually, on_both, text};
use reqwest::Method;
use serde_json::json;

use crate::federation::conversation::follow;

/// The usernames that a search finds, the same by both ways.
async fn found(who: &FrontDoor, words: &str) -> Result<Vec<String>> {
    let query: String = url::form_urlencoded::byte_serialize(words.as_bytes()).collect();
    let names = |list: &serde_json::Value| -> Result<Vec<String>> {
        list.as_array().unwrap().iter().map(|one| text(one, "username")).collect()
    };
    let one = names(&who.get(&format!("/api/v1/accounts/search?q={query}&limit=20")).await?)?;
    let other = names(&who.get(&format!("/api/v2/search?q={query}&limit=20")).await?["accounts"])?;
    ensure!(one == other, "{one:?} and {other:?} for {words}");
    Ok(one)
}

on_both! {
    async fn who_does_not_want_to_be_found_is_found_by_the_whole_handle(kind: Kind) {
        let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &there]).await?;
        let (asha, bryn) = (here.person("asha").await?, here.person("bryn").await?);
        let (far, other) = (there.person("far").await?, there.person("other").await?);
        // A follower there: so that node is told of changes.
        follow(&other, &here.handle("asha")).await?;
        let known = far.resolve(&here.handle("asha")).await?;
        for who in [&bryn, &far] {
            ensure!(found(who, "ash").await? == ["asha"] && found(who, "asha of").await? == ["asha"]);
        }
        let hide = json!({ "discoverable": false });
        let own = asha.call(Method::PATCH, "/api/v1/accounts/update_credentials", Some(hide)).await?;
        ensure!(own["discoverable"] == false, "{own}");

        for words in ["ash", "asha of", "Tester", "of the tests"] {
            ensure!(!found(&bryn, words).await?.contains(&"asha".to_owned()), "{words}");
        }
        let all = found(&bryn, "of the tests").await?;
        ensure!(all.contains(&"bryn".to_owned()), "others are found: {all:?}");
        for words in ["asha".to_owned(), "Asha".to_owned(), "@asha".to_owned(), here.handle("asha")] {
            ensure!(found(&bryn, &words).await? == ["asha"], "{words}");
        }
        ensure!(found(&asha, "ash").await? == ["asha"], "by herself");
        eventually("the peer knows", || async { Ok(found(&far, "ash").await?.is_empty().then_some(())) }).await?;
        ensure!(found(&far, &here.handle("asha")).await? == ["asha"]);

        // Who follows her finds her as before.
        let id = bryn.resolve(&here.handle("asha")).await?;
        bryn.post(&format!("/api/v1/accounts/{id}/follow"), json!({})).await?;
        ensure!(found(&bryn, "ash").await? == ["asha"]);
        far.post(&format!("/api/v1/accounts/{known}/follow"), json!({})).await?;
        eventually("followed, she is found", || async { Ok((found(&far, "ash").await? == ["asha"]).then_some(())) }).await
    }
}
