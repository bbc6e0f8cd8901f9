//! Followed hashtags: their posts come home from anywhere on the network, as far as one may see them.

use anyhow::{Result, ensure};
use corridor_tests::{TestNode, befriend, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::conversation::{arrives, follow, says};

on_both! {
    async fn posts_with_a_followed_tag_come_home(kind: Kind) {
        let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &there]).await?;
        let (reader, colleague) = (here.person("reader").await?, here.person("colleague").await?);
        let author = there.person("author").await?;
        // Somebody here follows the author, so that the posts come to the node at all.
        follow(&colleague, &there.handle("author")).await?;
        let early = says(&colleague, "Before it was followed #Gritting").await?;
        let tag = reader.post("/api/v1/tags/Gritting/follow", json!({})).await?;
        ensure!(tag["name"] == "gritting" && tag["following"] == true, "{tag}");
        ensure!(reader.get("/api/v1/tags/gritting").await?["following"] == true);
        ensure!(reader.get("/api/v1/followed_tags").await?[0]["name"] == "gritting");
        ensure!(reader.home().await?.iter().any(|status| status["uri"] == early["uri"]), "the latest are there at once");

        says(&author, "From elsewhere #gritting #salt").await?;
        arrives(&reader, "From elsewhere").await?;
        // For the author's followers alone, of whom the reader is none.
        author.post("/api/v1/statuses", json!({ "status": "Among us #gritting", "visibility": "private" })).await?;
        arrives(&colleague, "Among us").await?;
        ensure!(reader.home().await?.iter().all(|status| !status["content"].as_str().unwrap().contains("Among us")));

        // A post that has another followed tag stays when one of them is followed no longer; one that has none goes.
        reader.post("/api/v1/tags/salt/follow", json!({})).await?;
        let mine = says(&reader, "My own #gritting").await?;
        reader.post("/api/v1/tags/gritting/unfollow", json!({})).await?;
        let home: Vec<String> = reader.home().await?.iter().map(|status| text(status, "content")).collect::<Result<_>>()?;
        ensure!(home.iter().any(|content| content.contains("From elsewhere")), "{home:?}");
        ensure!(home.iter().all(|content| !content.contains("Before it was followed")), "{home:?}");
        ensure!(reader.home().await?.iter().any(|status| status["uri"] == mine["uri"]), "one's own stays");
        let (status, _) = reader.try_call(Method::POST, "/api/v1/tags/no%20tag/follow", Some(json!({}))).await?;
        ensure!(status == StatusCode::NOT_FOUND, "{status}");
        Ok(())
    }
}
