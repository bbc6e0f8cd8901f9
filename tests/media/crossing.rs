//! Pictures from node to node: each node shows its own copy, to whoever may see the post, for as long as they may.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use corridor_app::{Error as AppError, chores};
use corridor_tests::{FrontDoor, TestNode, befriend, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::samples::{pdf, png, serve, upload, uploaded};
use crate::api::caller::{Caller, said};
use crate::federation::conversation::{Pair, arrives, follow, pair};
use crate::web::pages::Pages;

fn caller(node: &TestNode, door: &FrontDoor) -> Result<Caller> {
    Caller::new(node, Some(door.token()))
}

/// Publishes with a picture and a file; the status.
async fn shows(pair: &Pair, words: &str, visibility: &str) -> Result<Value> {
    let author = caller(&pair.here, &pair.author)?;
    let picture = uploaded(&author, png(), "A red bus").await?;
    let file = upload(&author, pdf(), "Plan.pdf", "application/pdf", "").await?.ok()?;
    let post = json!({ "status": words, "visibility": visibility, "media_ids": [picture["id"], file["id"]] });
    said(author.request(Method::POST, "/api/v1/statuses").json(&post)).await?.ok()
}

/// Files below a folder.
fn files(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|entry| if entry.path().is_dir() { files(&entry.path()) } else { 1 }).sum()
}

fn federated(node: &TestNode, made: &Value) -> Result<Url> {
    let id = text(&made["media_attachments"][0], "id")?;
    Ok(Url::parse(&node.ctx.settings.addresses.federation_url(&format!("/media/{id}/original")))?)
}

/// What a node gets for an address when it signs as itself.
async fn fetched(by: &TestNode, url: &Url) -> Result<Vec<u8>, AppError> {
    by.ctx.remote().expect("a serving node speaks to peers").fetch_file(url, 1024 * 1024).await
}

on_both! {
    async fn two_nodes_show_each_others_pictures(kind: Kind) {
        let mut pair = pair(kind).await?;
        let made = shows(&pair, "A picture for all", "public").await?;
        let seen = arrives(&pair.reader, "A picture for all").await?;
        let (picture, file) = (&seen["media_attachments"][0], &seen["media_attachments"][1]);
        ensure!(picture["description"] == "A red bus" && picture["type"] == "image", "{picture}");
        ensure!(picture["meta"]["original"]["size"] == "60x40" && picture["blurhash"] == made["media_attachments"][0]["blurhash"], "{picture}");
        ensure!(picture["url"].as_str().is_some_and(|url| url.starts_with(pair.there.url.as_str())), "the reader's own node: {picture}");
        let reader = caller(&pair.there, &pair.reader)?;
        let first = serve(&reader, &picture["url"], &[]).await?;
        ensure!(first.status == StatusCode::OK, "{}", first.status);
        ensure!(image::load_from_memory(&first.bytes)?.width() == 60);
        ensure!(serve(&reader, &picture["preview_url"], &[]).await?.status == StatusCode::OK);
        let document = serve(&reader, &file["url"], &[]).await?;
        ensure!(document.bytes == pdf() && document.header("content-disposition").contains("attachment"));

        // The copy is this node's own: it is shown while its author's node is away.
        pair.here.stop().await;
        let again = serve(&reader, &picture["url"], &[]).await?;
        ensure!(again.status == StatusCode::OK && again.bytes == first.bytes);
        let page = Pages::signed_in(&pair.there.url, "reader").await?.get("/").await?.body;
        ensure!(page.contains("alt=\"A red bus\""), "{page}");
        ensure!(!page.contains(&format!("src=\"{}", pair.here.url)), "no page leads a browser to another host");
        Ok(())
    }
}

on_both! {
    async fn a_peer_that_may_not_have_the_post_gets_the_same_as_absent(kind: Kind) {
        let pair = pair(kind).await?;
        let other = TestNode::start(kind).await?;
        befriend(&[&pair.here, &other]).await?;
        let followers = shows(&pair, "For followers", "private").await?;
        arrives(&pair.reader, "For followers").await?;
        let open = shows(&pair, "For all", "public").await?;
        let author = caller(&pair.here, &pair.author)?;
        let unattached = json!({ "media_attachments": [uploaded(&author, png(), "").await?] });
        let url = |made: &Value| federated(&pair.here, made);
        ensure!(fetched(&pair.there, &url(&followers)?).await.is_ok(), "a follower's node may have it");
        ensure!(fetched(&other, &url(&open)?).await.is_ok());
        let absent = pair.here.ctx.settings.addresses.federation_url("/media/7/original").parse()?;
        for (what, url) in [("for followers", url(&followers)?), ("in no post", url(&unattached)?), ("absent", absent)] {
            let refused = fetched(&other, &url).await;
            ensure!(matches!(refused, Err(AppError::NotFound(_))), "{what}: {refused:?}");
        }
        let stranger = TestNode::start(kind).await?;
        stranger.allow(&pair.here.authority, stranger.ctx.settings.scheme.highest()).await?;
        let refused = fetched(&stranger, &url(&open)?).await;
        ensure!(matches!(&refused, Err(AppError::Peer(reason)) if reason.contains("403")), "{refused:?}");
        // A browser without a signature and without a session learns nothing either.
        let nobody = Caller::new(&pair.here, None)?;
        for address in [url(&open)?, url(&followers)?] {
            ensure!(serve(&nobody, &address.as_str().into(), &[]).await?.status == StatusCode::SEE_OTHER);
        }
        Ok(())
    }
}

on_both! {
    async fn edits_deletion_and_removal_take_the_copies_away(kind: Kind) {
        let pair = pair(kind).await?;
        let made = shows(&pair, "Look here", "public").await?;
        let seen = arrives(&pair.reader, "Look here").await?;
        let (author, reader) = (caller(&pair.here, &pair.author)?, caller(&pair.there, &pair.reader)?);
        let picture = &seen["media_attachments"][0]["url"];
        let file = &seen["media_attachments"][1]["url"];
        for address in [picture, file] {
            ensure!(serve(&reader, address, &[]).await?.status == StatusCode::OK);
        }
        let path = format!("/api/v1/statuses/{}", text(&made, "id")?);
        let kept = text(&made["media_attachments"][0], "id")?;
        let edit = json!({ "status": "Look here", "media_ids": [kept], "media_attributes": [{ "id": kept, "description": "A blue bus" }] });
        said(author.request(Method::PUT, &path).json(&edit)).await?.ok()?;
        let there = format!("/api/v1/statuses/{}", text(&seen, "id")?);
        eventually("the edit arrives", || async {
            let status = pair.reader.get(&there).await?;
            Ok((status["media_attachments"][0]["description"] == "A blue bus").then_some(()))
        })
        .await?;
        ensure!(serve(&reader, file, &[]).await?.status == StatusCode::NOT_FOUND, "what was taken out is gone");
        ensure!(serve(&reader, picture, &[]).await?.status == StatusCode::OK, "what stayed was not fetched anew under another name");

        let folder = &pair.there.ctx.settings.media.folder;
        ensure!(files(folder) > 0);
        pair.there.remove(&pair.here.authority).await?;
        ensure!(serve(&reader, picture, &[]).await?.status == StatusCode::NOT_FOUND, "hidden at once");
        chores::run(&pair.there.ctx).await?;
        let left = files(folder);
        ensure!(left == 0, "{left} files of a removed peer are left");

        befriend(&[&pair.here, &pair.there]).await?;
        ensure!(serve(&reader, picture, &[]).await?.status == StatusCode::OK, "fetched anew when the peer is back");
        said(author.request(Method::DELETE, &path)).await?.ok()?;
        eventually("the deletion arrives", || async {
            Ok((serve(&reader, picture, &[]).await?.status == StatusCode::NOT_FOUND).then_some(()))
        })
        .await?;
        Ok(())
    }
}

on_both! {
    async fn a_picture_that_cant_be_had_shows_its_words(kind: Kind) {
        let pair = pair(kind).await?;
        let author = caller(&pair.here, &pair.author)?;
        let picture = uploaded(&author, png(), "A bus that is gone").await?;
        std::fs::remove_dir_all(&pair.here.ctx.settings.media.folder)?;
        let post = json!({ "status": "Where is it", "visibility": "public", "media_ids": [picture["id"]] });
        said(author.request(Method::POST, "/api/v1/statuses").json(&post)).await?.ok()?;
        let seen = arrives(&pair.reader, "Where is it").await?;
        let address = seen["media_attachments"][0]["url"].clone();
        let reader = caller(&pair.there, &pair.reader)?;
        ensure!(serve(&reader, &address, &[]).await?.status == StatusCode::NOT_FOUND);
        let mut pages = Pages::signed_in(&pair.there.url, "reader").await?;
        let page = pages.get("/").await?.body;
        ensure!(page.contains("Picture that can’t be shown: A bus that is gone"), "{page}");
        ensure!(!page.contains("<figure"), "no broken picture is shown");
        // Another picture of the same author is fine.
        let other = uploaded(&author, png(), "A bus").await?;
        let post = json!({ "status": "Here it is", "visibility": "public", "media_ids": [other["id"]] });
        said(author.request(Method::POST, "/api/v1/statuses").json(&post)).await?.ok()?;
        let seen = arrives(&pair.reader, "Here it is").await?;
        ensure!(serve(&reader, &seen["media_attachments"][0]["url"], &[]).await?.status == StatusCode::OK);
        Ok(())
    }
}

on_both! {
    async fn hostile_048_pictures_of_closed_posts_stay_closed(kind: Kind) {
        let pair = pair(kind).await?;
        let other = pair.there.person("other").await?;
        let handle = pair.there.handle("reader");
        let made = shows(&pair, &format!("Only for @{handle}"), "direct").await?;
        let told = eventually("it arrives", || async {
            let told = pair.reader.get("/api/v1/notifications?types[]=mention").await?;
            Ok(told.get(0).map(|one| one["status"].clone()))
        })
        .await?;
        let address = told["media_attachments"][0]["url"].clone();
        ensure!(serve(&caller(&pair.there, &pair.reader)?, &address, &[]).await?.status == StatusCode::OK);
        ensure!(serve(&caller(&pair.there, &other)?, &address, &[]).await?.status == StatusCode::NOT_FOUND);
        let colleague = pair.here.person("colleague").await?;
        let here = &made["media_attachments"][0]["url"];
        ensure!(serve(&caller(&pair.here, &colleague)?, here, &[]).await?.status == StatusCode::NOT_FOUND);
        follow(&other, &pair.here.handle("author")).await.context("an allowed peer")?;
        ensure!(serve(&caller(&pair.there, &other)?, &address, &[]).await?.status == StatusCode::NOT_FOUND);
        Ok(())
    }
}
