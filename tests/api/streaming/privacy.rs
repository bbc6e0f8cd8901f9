//! Nobody is told by a stream what they may not see: not that it is there, and not that it is gone.

use anyhow::{Context, Result, ensure};
use corridor_tests::{on_both, text};
use serde_json::{Value, json};

use super::ears::Ear;
use super::{Two, delete, edit};
use crate::api::caller::Caller;

/// What the next event of each is about, after all that must not have been told.
async fn next_is(ears: &mut [(String, Ear)], name: &str, id: &str) -> Result<()> {
    for (path, ear) in ears {
        let heard = ear.next().await.with_context(|| path.clone())?;
        ensure!(heard.what()? == (name.to_owned(), id.to_owned()), "{path}: {heard:?} instead of {name} of {id}");
    }
    Ok(())
}

/// Says it, changes it and takes it back.
async fn says_and_deletes(caller: &Caller, body: &Value) -> Result<()> {
    let id = text(&caller.says(body).await?, "id")?;
    edit(caller, &id, "Other words with #tea").await.with_context(|| body.to_string())?;
    delete(caller, &id).await?;
    Ok(())
}

on_both! {
    async fn hostile_046_what_is_not_for_the_reader_is_not_told(kind: Kind) {
        let two = Two::start(kind).await?;
        let (cerys, dai) = (Caller::person(&two.node, "cerys").await?, Caller::person(&two.node, "dai").await?);
        let mut ears = Vec::new();
        for path in ["/user", "/public", "/hashtag?tag=tea", "/direct", "/user/notification", &format!("/list?list={}", two.list)] {
            ears.push((path.to_owned(), two.ear(path).await?));
        }
        // For the followers of somebody whom she does not follow, and for others by name.
        says_and_deletes(&cerys, &json!({ "status": "Followers and #tea", "visibility": "private" })).await?;
        for author in [&cerys, &two.bryn] {
            says_and_deletes(author, &json!({ "status": "@dai alone, with #tea", "visibility": "direct" })).await?;
        }
        // In a group that lets nobody in who does not ask, by its facilitator and by a member whom she follows.
        let new = json!({ "name": "digital", "title": "Digital", "kind": "profession", "door": "by-request" });
        let group = text(&cerys.post("/api/v1/groups", &new).await?.ok()?, "id")?;
        two.bryn.post(&format!("/api/v1/groups/{group}/join"), &json!({})).await?.ok()?;
        let who = two.bryn.me().await?;
        cerys.post(&format!("/api/v1/groups/{group}/membership_requests/{who}/authorize"), &json!({})).await?.ok()?;
        for author in [&cerys, &two.bryn] {
            says_and_deletes(author, &json!({ "group_id": group, "title": "A talk", "status": "Of #tea" })).await?;
        }
        // By one whom she has blocked, one who has blocked her, and one whom she has muted.
        let me = two.asha.me().await?;
        two.asha.post(&format!("/api/v1/accounts/{}/mute", cerys.me().await?), &json!({})).await?.ok()?;
        cerys.says(&json!({ "status": "@asha muted #tea", "visibility": "public" })).await?;
        dai.post(&format!("/api/v1/accounts/{me}/block"), &json!({})).await?.ok()?;
        says_and_deletes(&dai, &json!({ "status": "She is blocked, with #tea", "visibility": "public" })).await?;
        let eli = Caller::person(&two.node, "eli").await?;
        two.asha.post(&format!("/api/v1/accounts/{}/block", eli.me().await?), &json!({})).await?.ok()?;
        eli.says(&json!({ "status": "@asha blocks me, with #tea", "visibility": "public" })).await?;

        let first = text(&two.bryn.says(&json!({ "status": "For all, with #tea", "visibility": "public" })).await?, "id")?;
        let (mut of_posts, mut others): (Vec<_>, Vec<_>) =
            ears.into_iter().partition(|(path, _)| !matches!(path.as_str(), "/direct" | "/user/notification"));
        next_is(&mut of_posts, "update", &first).await?;
        let named = text(&two.bryn.says(&json!({ "status": "@asha and nobody else", "visibility": "direct" })).await?, "id")?;
        next_is(&mut others[..1], "conversation", &named).await?;
        let told = others[1].1.next().await?;
        ensure!(told.json()?["status"]["id"] == named.as_str(), "{told:?}");
        Ok(())
    }
}

on_both! {
    async fn hostile_046_a_right_that_ends_ends_what_is_told(kind: Kind) {
        let two = Two::start(kind).await?;
        let new = json!({ "name": "digital", "title": "Digital", "kind": "profession", "door": "by-request" });
        let group = text(&two.bryn.post("/api/v1/groups", &new).await?.ok()?, "id")?;
        let talk = json!({ "group_id": group, "title": "A talk", "status": "Words" });
        let mut user = vec![("/user".to_owned(), two.ear("/user").await?)];
        two.bryn.says(&talk).await?;
        // What is shown is decided when it is sent, so that has to be over before she joins.
        let before = text(&two.asha.says(&json!({ "status": "Before" })).await?, "id")?;
        next_is(&mut user, "update", &before).await.context("who is no member is told nothing")?;
        two.asha.post(&format!("/api/v1/groups/{group}/join"), &json!({})).await?.ok()?;
        let me = two.asha.me().await?;
        two.bryn.post(&format!("/api/v1/groups/{group}/membership_requests/{me}/authorize"), &json!({})).await?.ok()?;
        let inside = text(&two.bryn.says(&talk).await?, "id")?;
        next_is(&mut user, "update", &inside).await.context("as a member she is told")?;
        two.asha.post(&format!("/api/v1/groups/{group}/leave"), &json!({})).await?.ok()?;
        edit(&two.bryn, &inside, "Other words").await?;
        delete(&two.bryn, &inside).await?;
        let them = two.bryn.me().await?;
        two.asha.post(&format!("/api/v1/accounts/{them}/unfollow"), &json!({})).await?.ok()?;
        two.bryn.says(&json!({ "status": "For followers", "visibility": "private" })).await?;
        two.bryn.says(&json!({ "status": "For all", "visibility": "public" })).await?;
        let own = text(&two.asha.says(&json!({ "status": "My own" })).await?, "id")?;
        next_is(&mut user, "update", &own).await.context("who has left is told nothing")?;
        Ok(())
    }
}
