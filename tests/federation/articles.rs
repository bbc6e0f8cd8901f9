//! Articles: long posts with a title, whole on every node of the network.

use anyhow::ensure;
use corridor_tests::{eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::conversation::{arrives, pair, says};

on_both! {
    async fn an_article_crosses_whole_with_its_title(kind: Kind) {
        let pair = pair(kind).await?;
        let long = format!("Opening words\n\n{}\n\nClosing words", "A paragraph of it. ".repeat(400));
        ensure!(long.chars().count() > 5000);
        let plain = json!({ "status": long, "visibility": "public" });
        let (status, _) = pair.author.try_call(Method::POST, "/api/v1/statuses", Some(plain)).await?;
        ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "without a title it is too long: {status}");
        let draft = json!({ "status": long, "title": "On paragraphs", "visibility": "public" });
        let made = pair.author.post("/api/v1/statuses", draft).await?;
        let seen = arrives(&pair.reader, "Closing words").await?;
        ensure!(seen["title"] == "On paragraphs" && seen["spoiler_text"] == "", "{seen}");
        ensure!(seen["content"] == made["content"], "whole");
        ensure!(seen["uri"] == made["uri"] && seen["url"] == made["url"]);

        let (here, there) = (text(&made, "id")?, text(&seen, "id")?);
        let path = format!("/api/v1/statuses/{here}");
        for (title, text) in [(Some(""), "Words"), (None, "")] {
            let mut edit = json!({ "status": text });
            if let Some(title) = title { edit["title"] = json!(title); }
            let (status, answer) = pair.author.try_call(Method::PUT, &path, Some(edit)).await?;
            ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "{status} {answer}");
        }
        let edit = json!({ "status": format!("{long}\n\nAn afterthought"), "title": "On more paragraphs", "spoiler_text": "Length" });
        pair.author.call(Method::PUT, &path, Some(edit)).await?;
        eventually("the edit arrives", || async {
            let status = pair.reader.get(&format!("/api/v1/statuses/{there}")).await?;
            let whole = status["content"].as_str().is_some_and(|content| content.contains("An afterthought"));
            Ok((status["title"] == "On more paragraphs" && status["spoiler_text"] == "Length" && whole).then_some(()))
        })
        .await?;
        Ok(())
    }
}

on_both! {
    async fn what_a_post_is_stays(kind: Kind) {
        let pair = pair(kind).await?;
        let made = says(&pair.author, "A plain post").await?;
        let path = format!("/api/v1/statuses/{}", text(&made, "id")?);
        let edit = json!({ "status": "A plain post", "title": "A title" });
        let (status, _) = pair.author.try_call(Method::PUT, &path, Some(edit)).await?;
        ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "{status}");
        let edit = json!({ "status": "Still a plain post", "title": "" });
        pair.author.call(Method::PUT, &path, Some(edit)).await?;
        let huge = json!({ "status": "#ab ".repeat(12_000), "title": "Tags", "visibility": "public" });
        let (status, _) = pair.author.try_call(Method::POST, "/api/v1/statuses", Some(huge)).await?;
        ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "what peers would cut is refused: {status}");
        Ok(())
    }
}
