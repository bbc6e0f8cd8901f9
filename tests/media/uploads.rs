//! The client API: uploads, what is said of them, their posts, and the headers that they are served with.

use anyhow::ensure;
use corridor_tests::{TestNode, on_both, text};
use image::ImageFormat;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::samples::{multipart, pdf, picture, plain, png, serve, upload, uploaded};
use crate::api::caller::{Caller, said};

on_both! {
    async fn a_picture_is_uploaded_described_posted_and_shown(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let made = upload(&asha, picture(1200, 800, ImageFormat::Jpeg), "bus.jpg", "image/jpeg", "A bus").await?.ok()?;
        ensure!(made["type"] == "image" && made["description"] == "A bus", "{made}");
        ensure!(made["meta"]["original"]["size"] == "1200x800" && made["meta"]["small"]["width"] == 640, "{made}");
        let id = text(&made, "id")?;
        let path = format!("/api/v1/media/{id}");
        let change = json!({ "description": "A red bus", "focus": "0.5,-0.25" });
        let told = said(asha.request(Method::PUT, &path).json(&change)).await?.ok()?;
        ensure!(told["description"] == "A red bus" && told["meta"]["focus"] == json!({ "x": 0.5, "y": -0.25 }), "{told}");

        let post = json!({ "status": "Look", "visibility": "public", "media_ids": [id], "sensitive": true });
        let status = said(asha.request(Method::POST, "/api/v1/statuses").json(&post)).await?.ok()?;
        ensure!(status["media_attachments"][0]["description"] == "A red bus", "{status}");
        let bryn = Caller::person(&node, "bryn").await?;
        let small = serve(&bryn, &made["preview_url"], &[]).await?;
        ensure!(small.status == StatusCode::OK && small.header("content-type") == "image/jpeg");
        let shown = image::load_from_memory(&small.bytes)?;
        ensure!((shown.width(), shown.height()) == (640, 427), "{}x{}", shown.width(), shown.height());

        let found = format!("/api/v1/accounts/{}/statuses?only_media=true", text(&status["account"], "id")?);
        said(asha.request(Method::POST, "/api/v1/statuses").json(&json!({ "status": "Words", "visibility": "public" }))).await?.ok()?;
        ensure!(asha.get(&found).await?.list()?.len() == 1, "only what has media");
        Ok(())
    }
}

on_both! {
    async fn an_edit_keeps_describes_and_removes(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let first = text(&uploaded(&asha, png(), "").await?, "id")?;
        let second = text(&uploaded(&asha, png(), "").await?, "id")?;
        // A form, as several clients send it.
        let form = [("status", "Look"), ("visibility", "public"), ("media_ids[]", &first), ("media_ids[]", &second)];
        let status = said(asha.request(Method::POST, "/api/v1/statuses").form(&form)).await?.ok()?;
        ensure!(status["media_attachments"].as_array().unwrap().len() == 2);
        let path = format!("/api/v1/statuses/{}", text(&status, "id")?);
        let kept = json!({ "status": "Look again", "media_attributes": [{ "id": second, "description": "The second" }] });
        let kept = said(asha.request(Method::PUT, &path).json(&kept)).await?.ok()?;
        ensure!(kept["media_attachments"][1]["description"] == "The second", "{kept}");
        let fewer = json!({ "status": "Look again", "media_ids": [second] });
        let fewer = said(asha.request(Method::PUT, &path).json(&fewer)).await?.ok()?;
        ensure!(fewer["media_attachments"].as_array().unwrap().len() == 1, "{fewer}");
        let none = json!({ "status": "Look again", "media_ids": [] });
        let none = said(asha.request(Method::PUT, &path).json(&none)).await?.ok()?;
        ensure!(none["media_attachments"] == json!([]), "{none}");
        Ok(())
    }
}

on_both! {
    async fn hostile_050_an_upload_is_its_owners_and_can_be_given_up(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let made = uploaded(&asha, png(), "").await?;
        let path = format!("/api/v1/media/{}", text(&made, "id")?);
        for (method, body) in [(Method::GET, json!({})), (Method::PUT, json!({ "description": "x" })), (Method::DELETE, json!({}))] {
            said(bryn.request(method, &path).json(&body)).await?.refused(StatusCode::NOT_FOUND, "not found")?;
        }
        let theirs = json!({ "status": "Mine now", "visibility": "public", "media_ids": [made["id"]] });
        said(bryn.request(Method::POST, "/api/v1/statuses").json(&theirs)).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "upload")?;
        for address in [&made["url"], &made["preview_url"]] {
            ensure!(serve(&bryn, address, &[]).await?.status == StatusCode::NOT_FOUND);
            ensure!(serve(&asha, address, &[]).await?.status == StatusCode::OK);
            let nobody = Caller::new(&node, None)?;
            let stranger = serve(&nobody, &plain(address), &[]).await?;
            ensure!(stranger.status == StatusCode::SEE_OTHER, "a visitor is asked to sign in: {}", stranger.status);
        }
        said(asha.request(Method::DELETE, &path)).await?.ok()?;
        ensure!(serve(&asha, &made["url"], &[]).await?.status == StatusCode::NOT_FOUND);
        Ok(())
    }
}

on_both! {
    async fn files_are_handed_out_safely(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let name = "../../Cynllun \"B\".html";
        let made = upload(&asha, pdf(), name, "text/html", "The plan").await?.ok()?;
        ensure!(made["type"] == "unknown" && made["file"]["mime_type"] == "application/pdf", "{made}");
        let served = serve(&asha, &made["url"], &[]).await?;
        ensure!(served.bytes == pdf() && served.header("content-type") == "application/pdf");
        let disposition = served.header("content-disposition");
        ensure!(disposition.starts_with("attachment;") && disposition.ends_with(".pdf"), "{disposition}");
        ensure!(!disposition.contains('/') && !disposition.contains('"') && !disposition.contains("html"), "{disposition}");
        let image = uploaded(&asha, png(), "").await?;
        let picture = serve(&asha, &image["url"], &[]).await?;
        ensure!(picture.header("content-disposition") == "inline" && picture.header("content-type") == "image/png");
        for served in [&served, &picture] {
            ensure!(served.header("x-content-type-options") == "nosniff");
            ensure!(served.header("content-security-policy") == "default-src 'none'; sandbox");
            ensure!(served.header("cross-origin-resource-policy") == "same-origin");
            ensure!(served.header("cache-control").starts_with("private"), "{}", served.header("cache-control"));
        }
        // A type that was asked for changes nothing.
        let asked = serve(&asha, &image["url"], &[("accept", "application/activity+json")]).await?;
        ensure!(asked.header("content-type") == "image/png");
        Ok(())
    }
}

on_both! {
    async fn parts_and_unchanged_files_are_served_once(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let made = uploaded(&asha, png(), "").await?;
        let whole = serve(&asha, &made["url"], &[]).await?;
        let part = serve(&asha, &made["url"], &[("range", "bytes=2-5")]).await?;
        ensure!(part.status == StatusCode::PARTIAL_CONTENT && part.bytes == whole.bytes[2..6]);
        ensure!(part.header("content-range") == format!("bytes 2-5/{}", whole.bytes.len()));
        let many = serve(&asha, &made["url"], &[("range", "bytes=0-,0-,0-,0-")]).await?;
        ensure!(many.status == StatusCode::OK && many.bytes == whole.bytes, "several parts are the whole, once");
        let beyond = serve(&asha, &made["url"], &[("range", "bytes=99999999-")]).await?;
        ensure!(beyond.status == StatusCode::RANGE_NOT_SATISFIABLE && beyond.bytes.is_empty());
        let known = serve(&asha, &made["url"], &[("if-none-match", whole.header("etag"))]).await?;
        ensure!(known.status == StatusCode::NOT_MODIFIED && known.bytes.is_empty());
        Ok(())
    }
}

on_both! {
    async fn the_instance_says_what_may_be_attached(kind: Kind) {
        let node = TestNode::start_with(kind, |setup| setup.settings.media.files.clear()).await?;
        let asha = Caller::person(&node, "asha").await?;
        let configuration = asha.get("/api/v2/instance").await?.ok()?["configuration"].clone();
        ensure!(configuration["statuses"]["max_media_attachments"] == 4);
        let types = configuration["media_attachments"]["supported_mime_types"].as_array().unwrap();
        ensure!(types.contains(&json!("image/png")) && !types.contains(&json!("application/pdf")), "{types:?}");
        upload(&asha, pdf(), "a.pdf", "application/pdf", "").await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "this node")?;
        Ok(())
    }
}

on_both! {
    async fn a_picture_that_is_not_ready_is_said_to_be_so(kind: Kind) {
        let node = TestNode::start_with(kind, |setup| {
            setup.settings.media.processors = 0;
            setup.settings.media.patience = std::time::Duration::ZERO;
        })
        .await?;
        let asha = Caller::person(&node, "asha").await?;
        let made = upload(&asha, png(), "a.png", "image/png", "A bus").await?;
        ensure!(made.status == StatusCode::ACCEPTED, "{} {}", made.status, made.body);
        let id = text(&made.body, "id")?;
        let nothing = |body: &serde_json::Value| body["url"].is_null() && body["preview_url"].is_null() && body["type"] == "image";
        ensure!(nothing(&made.body) && made.body["description"] == "A bus", "{}", made.body);
        let path = format!("/api/v1/media/{id}");
        let waits = asha.get(&path).await?;
        ensure!(waits.status == StatusCode::PARTIAL_CONTENT && nothing(&waits.body), "{} {}", waits.status, waits.body);
        let told = said(asha.request(Method::PUT, &path).json(&json!({ "description": "A red bus" }))).await?;
        ensure!(told.status == StatusCode::PARTIAL_CONTENT && told.body["description"] == "A red bus", "{}", told.body);
        for more in [json!({}), json!({ "scheduled_at": "2100-01-01T00:00:00Z" })] {
            let mut post = json!({ "status": "Look", "media_ids": [id] });
            post.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            asha.post("/api/v1/statuses", &post).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "not finished processing")?;
        }
        ensure!(said(asha.request(Method::DELETE, &path)).await?.ok()? == json!({}));
        asha.get(&path).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;

        // The first version waits for it all the same.
        let (form, body) = multipart(&[], &[("file", "a.png", "image/png", &png())]);
        let ready = said(asha.request(Method::POST, "/api/v1/media").header("content-type", form).body(body)).await?.ok()?;
        ensure!(ready["url"].is_string() && ready["meta"]["original"]["size"] == "60x40", "{ready}");
        Ok(())
    }
}

on_both! {
    async fn a_picture_becomes_ready_or_says_why_not(kind: Kind) {
        let node = TestNode::start_with(kind, |setup| setup.settings.media.patience = std::time::Duration::ZERO).await?;
        let asha = Caller::person(&node, "asha").await?;
        let mut damaged = png();
        damaged.truncate(60);
        for (bytes, words) in [(png(), None), (damaged, Some("damaged"))] {
            let made = upload(&asha, bytes, "a.png", "image/png", "").await?;
            ensure!(made.status == StatusCode::ACCEPTED || made.status == StatusCode::OK || words.is_some(), "{} {}", made.status, made.body);
            let Some(id) = made.body["id"].as_str() else {
                made.refused(StatusCode::UNPROCESSABLE_ENTITY, words.unwrap_or("nothing"))?;
                continue;
            };
            let path = format!("/api/v1/media/{id}");
            let end = corridor_tests::eventually("it is settled", || async {
                Ok(Some(asha.get(&path).await?).filter(|told| told.status != StatusCode::PARTIAL_CONTENT))
            })
            .await?;
            match words {
                None => ensure!(end.ok()?["meta"]["original"]["size"] == "60x40"),
                Some(words) => end.refused(StatusCode::UNPROCESSABLE_ENTITY, words)?,
            }
        }
        Ok(())
    }
}
