//! Pictures in a group across three departments: its home, which alone knows the members, shows its copies to their nodes.

use anyhow::{Context, Result, ensure};
use corridor_app::Error as AppError;
use corridor_tests::{FrontDoor, TestNode, befriend, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::conversation::arrives;
use super::groups::Three;
use crate::api::caller::{Caller, said};
use crate::media::samples::{png, serve, uploaded};

fn caller(node: &TestNode, door: &FrontDoor) -> Result<Caller> {
    Caller::new(node, Some(door.token()))
}

/// What a node gets for an address when it signs as itself.
async fn fetched(by: &TestNode, url: &Url) -> Result<Vec<u8>, AppError> {
    by.ctx.remote().expect("a serving node speaks to peers").fetch_file(url, 1024 * 1024).await
}

/// The address at the group's home of its copy of a post's picture.
async fn copy_of(three: &Three, seen: &Value) -> Result<Url> {
    let group = three.home.ctx.settings.addresses.federation_url(&format!("/actors/{}", three.group[0]));
    let uri = text(seen, "uri")?;
    let post = fetched_row(&three.home, uri.clone()).await?;
    Ok(Url::parse_with_params(&format!("{group}/media"), [("post", uri), ("url", post)])?)
}

/// Where the picture of a post of a peer lies.
async fn fetched_row(node: &TestNode, post: String) -> Result<String> {
    let rows = node.ctx.store.read(move |tx| {
        let post = corridor_store::posts::find_by_uri(tx, &post)?.ok_or(corridor_store::Error::NotFound)?;
        Ok::<_, AppError>(corridor_store::media::of_post(tx, post.id())?)
    });
    rows.await?.into_iter().find_map(|row| row.remote_url).context("the home has its row")
}

on_both! {
    async fn a_members_picture_is_shown_at_the_third_department_while_somebody_there_is_a_member(kind: Kind) {
        let three = Three::private(kind).await?;
        let bens = caller(&three.near, &three.ben)?;
        let picture = uploaded(&bens, png(), "A red bus").await?;
        let post = json!({ "group_id": three.group[1], "title": "Buses", "status": "Look at this", "media_ids": [picture["id"]] });
        said(bens.request(Method::POST, "/api/v1/statuses").json(&post)).await?.ok()?;
        let seen = arrives(&three.cai, "Look at this").await?;
        let shown = &seen["media_attachments"][0];
        ensure!(shown["description"] == "A red bus", "{seen}");
        let cais = caller(&three.far, &three.cai)?;
        let served = serve(&cais, &shown["url"], &[]).await?;
        ensure!(served.status == StatusCode::OK && image::load_from_memory(&served.bytes)?.width() == 60, "{}", served.status);
        ensure!(serve(&caller(&three.home, &three.fay)?, &arrives(&three.fay, "Look at this").await?["media_attachments"][0]["url"], &[]).await?.status == StatusCode::OK);

        // By the home alone, and only to nodes of members, only what is in that group.
        let copy = copy_of(&three, &seen).await?;
        ensure!(fetched(&three.far, &copy).await.is_ok(), "the third department's node may have it");
        let direct = Url::parse(&copy.query_pairs().find(|(name, _)| name == "url").context("it names the file")?.1)?;
        ensure!(fetched(&three.far, &direct).await.is_err(), "the author's node does not know whose members they are");
        let stranger = TestNode::start(kind).await?;
        befriend(&[&three.home, &stranger]).await?;
        ensure!(fetched(&stranger, &copy).await.is_err(), "nobody there is a member");
        let group = copy.path().to_owned();
        for (post, url) in [("https://nowhere.example/1", direct.as_str()), (text(&seen, "uri")?.as_str(), "https://nowhere.example/2")] {
            let other = Url::parse_with_params(copy.join(&group)?.as_str(), [("post", post), ("url", url)])?;
            ensure!(fetched(&three.far, &other).await.is_err(), "{other} is not what is in the group");
        }

        let cai = three.fay.resolve(&three.far.handle("cai")).await?;
        three.fay.post(&format!("/api/v1/groups/{}/memberships/{cai}/remove", three.group[0]), json!({})).await?;
        ensure!(fetched(&three.far, &copy).await.is_err(), "refused from that instant");
        eventually("the copy is gone there", || async {
            Ok((serve(&cais, &shown["url"], &[]).await?.status == StatusCode::NOT_FOUND).then_some(()))
        })
        .await?;
        Ok(())
    }
}
