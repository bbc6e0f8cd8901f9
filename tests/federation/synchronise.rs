//! Followers: two nodes that disagree on who follows whom agree after the next post (FEP-8fcf).

use anyhow::{Result, ensure};
use corridor_domain::ActorId;
use corridor_store::follows;
use corridor_tests::{FrontDoor, TestNode, eventually, on_both, text};
use serde_json::json;

use super::conversation::{arrives, follow, pair, says};

/// Forgets a follow without a word to anybody, as a database does that was restored from before.
async fn forget(node: &TestNode, follower: &str, followed: &str) -> Result<()> {
    let (follower, followed) = (follower.parse::<ActorId>()?, followed.parse::<ActorId>()?);
    let gone = node.ctx.store.write(move |tx| follows::remove(tx, follower, followed)).await?;
    ensure!(gone.is_some(), "there was such a follow");
    Ok(())
}

async fn id_of(person: &FrontDoor) -> Result<String> {
    Ok(text(&person.get("/api/v1/accounts/verify_credentials").await?, "id")?.to_owned())
}

async fn followers(person: &FrontDoor) -> Result<i64> {
    let me = person.get("/api/v1/accounts/verify_credentials").await?;
    Ok(me["followers_count"].as_i64().unwrap_or_default())
}

on_both! {
    async fn hostile_051_a_follower_whom_the_own_node_forgot_is_taken_back(kind: Kind) {
        let pair = pair(kind).await?;
        let other = pair.there.person("other").await?;
        let author = follow(&other, &pair.here.handle("author")).await?;
        ensure!(followers(&pair.author).await? == 2);
        forget(&pair.there, &id_of(&pair.reader).await?, &author).await?;
        says(&pair.author, "After the loss").await?;
        arrives(&other, "After the loss").await?;
        eventually("the author's node lets go of who does not follow", || async {
            Ok((followers(&pair.author).await? == 1).then_some(()))
        })
        .await?;
        // Who still follows does so undisturbed, and who was forgotten can follow anew.
        follow(&pair.reader, &pair.here.handle("author")).await?;
        says(&pair.author, "For both again").await?;
        arrives(&other, "For both again").await?;
        arrives(&pair.reader, "For both again").await?;
        Ok(())
    }
}

on_both! {
    async fn hostile_051_a_follower_whom_the_authors_node_forgot_follows_no_more(kind: Kind) {
        let pair = pair(kind).await?;
        let other = pair.there.person("other").await?;
        let author = follow(&other, &pair.here.handle("author")).await?;
        let reader_there = pair.author.resolve(&pair.there.handle("reader")).await?;
        forget(&pair.here, &reader_there, &id_of(&pair.author).await?).await?;
        let post = json!({ "status": "For those who follow", "visibility": "private" });
        pair.author.post("/api/v1/statuses", post).await?;
        arrives(&other, "For those who follow").await?;
        let path = format!("/api/v1/accounts/relationships?id[]={author}");
        eventually("the reader's node agrees", || async {
            let relation = pair.reader.get(&path).await?;
            Ok((relation[0]["following"] == false && relation[0]["requested"] == false).then_some(()))
        })
        .await?;
        let relation = other.get(&path).await?;
        ensure!(relation[0]["following"] == true, "{relation}");
        Ok(())
    }
}
