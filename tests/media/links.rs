//! Addresses that say themselves who may load a picture: for apps that load pictures without their token.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use corridor_app::accounts;
use corridor_app::operator::Operator;
use corridor_domain::Role;
use corridor_tests::{Kind, TestNode, on_both, text};
use image::ImageFormat;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::samples::{multipart, pdf, picture, plain, png, serve, upload, uploaded};
use crate::api::caller::{Caller, said};
use crate::api::streaming::ears::{Ear, Socket};
use crate::web::pages::Pages;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// Somebody with a picture and a header, who shows a picture and a file, and somebody who reads them with an app.
struct Scene {
    node: TestNode,
    asha: Caller,
    bryn: Caller,
    /// What the app of the second has.
    token: String,
    /// What loads pictures for it: no token, no cookie.
    bare: Caller,
    post: String,
}

impl Scene {
    async fn start(kind: Kind) -> Result<Self> {
        let node = TestNode::start(kind).await?;
        // Addresses change with the day: none begins while a test runs.
        let into_day = u64::try_from(node.ctx.now().millis().rem_euclid(86_400_000))?;
        node.clock.advance(DAY + Duration::from_secs(3600) - Duration::from_millis(into_day));
        let (asha, bare) = (Caller::person(&node, "asha").await?, Caller::new(&node, None)?);
        let token = node.person("bryn").await?.token().to_owned();
        let bryn = Caller::new(&node, Some(&token))?;
        let (face, wide) = (picture(80, 60, ImageFormat::Png), picture(150, 50, ImageFormat::Png));
        let files = [("avatar", "me.png", "image/png", &face[..]), ("header", "wide.png", "image/png", &wide[..])];
        for one in [&asha, &bryn] {
            let (kind, body) = multipart(&[], &files);
            let path = "/api/v1/accounts/update_credentials";
            said(one.request(Method::PATCH, path).header("content-type", kind).body(body)).await?.ok()?;
        }
        let post = shows(&asha, "Look at this", json!({ "visibility": "public" })).await?;
        Ok(Self { node, asha, bryn, token, bare, post })
    }

    /// What the reader's app is told of the post's picture.
    async fn seen(&self) -> Result<Value> {
        let status = self.bryn.get(&format!("/api/v1/statuses/{}", self.post)).await?.ok()?;
        Ok(status["media_attachments"][0].clone())
    }

    /// Both ways to a picture say the same: by its address alone, and with the reader's token.
    async fn agree(&self, address: &Value, status: StatusCode) -> Result<()> {
        let alone = serve(&self.bare, address, &[]).await?.status;
        let with_token = serve(&self.bryn, address, &[]).await?.status;
        ensure!(alone == status && with_token == status, "{alone} alone, {with_token} with the token: {address}");
        Ok(())
    }
}

async fn shows(by: &Caller, words: &str, more: Value) -> Result<String> {
    let shown = uploaded(by, png(), "A red bus").await?;
    let file = upload(by, pdf(), "Plan.pdf", "application/pdf", "").await?.ok()?;
    let mut post = json!({ "status": words, "media_ids": [shown["id"], file["id"]] });
    for (name, value) in more.as_object().context("fields")? {
        post[name] = value.clone();
    }
    text(&by.says(&post).await?, "id")
}

/// Every address of media in an answer, wherever it stands.
fn addresses(answer: &Value) -> Vec<Value> {
    match answer {
        Value::String(text) if text.contains("/media/") => vec![answer.clone()],
        Value::Array(items) => items.iter().flat_map(addresses).collect(),
        Value::Object(fields) => fields.values().flat_map(addresses).collect(),
        _ => Vec::new(),
    }
}

async fn load(bare: &Caller, answer: &Value, at_least: usize) -> Result<()> {
    let mut found = addresses(answer);
    ensure!(found.len() >= at_least, "{} addresses in {answer}", found.len());
    found.sort_by_key(ToString::to_string);
    found.dedup();
    for address in found {
        let served = serve(bare, &address, &[]).await?;
        ensure!(served.status == StatusCode::OK, "{}: {address}", served.status);
        ensure!(served.header("cache-control") == "private, no-cache", "{}", served.header("cache-control"));
        ensure!(served.header("cross-origin-resource-policy") == "cross-origin", "apps in browsers are other sites");
        ensure!(
            served.header("referrer-policy") == "no-referrer" && served.header("x-content-type-options") == "nosniff"
        );
    }
    Ok(())
}

on_both! {
    async fn apps_load_pictures_without_their_token(kind: Kind) {
        let scene = Scene::start(kind).await?;
        let (asha, bryn, bare) = (&scene.asha, &scene.bryn, &scene.bare);
        let (author, reader) = (asha.me().await?, bryn.me().await?);
        bryn.post(&format!("/api/v1/accounts/{author}/follow"), &json!({})).await?.ok()?;
        for act in ["favourite", "reblog", "bookmark"] {
            load(bare, &bryn.post(&format!("/api/v1/statuses/{}/{act}", scene.post), &json!({})).await?.ok()?, 7).await?;
        }
        shows(asha, "@bryn look", json!({ "visibility": "public", "in_reply_to_id": scene.post })).await?;
        let list = text(&bryn.post("/api/v1/lists", &json!({ "title": "Close ones" })).await?.ok()?, "id")?;
        bryn.post(&format!("/api/v1/lists/{list}/accounts"), &json!({ "account_ids": [author] })).await?.ok()?;
        let own = uploaded(bryn, png(), "").await?;
        load(bare, &own, 2).await?;
        let own = text(&own, "id")?;
        let post = &scene.post;
        for (path, at_least) in [
            ("/api/v1/accounts/verify_credentials".to_owned(), 4),
            (format!("/api/v1/accounts/{author}"), 4),
            (format!("/api/v1/accounts?id[]={author}"), 4),
            ("/api/v1/accounts/lookup?acct=asha".to_owned(), 4),
            ("/api/v1/accounts/search?q=asha".to_owned(), 4),
            (format!("/api/v1/accounts/{author}/statuses"), 14),
            (format!("/api/v1/accounts/{author}/followers"), 4),
            (format!("/api/v1/accounts/{reader}/following"), 4),
            (format!("/api/v1/statuses/{post}"), 7),
            (format!("/api/v1/statuses?id[]={post}"), 7),
            (format!("/api/v1/statuses/{post}/context"), 7),
            (format!("/api/v1/statuses/{post}/favourited_by"), 4),
            (format!("/api/v1/statuses/{post}/reblogged_by"), 4),
            ("/api/v1/timelines/home".to_owned(), 14),
            ("/api/v1/timelines/public".to_owned(), 7),
            (format!("/api/v1/timelines/list/{list}"), 14),
            (format!("/api/v1/lists/{list}/accounts"), 4),
            ("/api/v1/bookmarks".to_owned(), 7),
            ("/api/v1/favourites".to_owned(), 7),
            ("/api/v1/notifications".to_owned(), 11),
            ("/api/v2/search?q=asha".to_owned(), 4),
            (format!("/api/v1/media/{own}"), 2),
        ] {
            let answer = bryn.get(&path).await?.ok().with_context(|| path.clone())?;
            load(bare, &answer, at_least).await.with_context(|| path.clone())?;
        }
        let later = json!({ "status": "Later", "media_ids": [own], "scheduled_at": "2099-01-31T09:00:00Z" });
        load(bare, &bryn.post("/api/v1/statuses", &later).await?.ok()?, 2).await?;
        load(bare, &bryn.get("/api/v1/scheduled_statuses").await?.ok()?, 2).await?;

        let mut ear = Ear::open(&scene.node, "/user", &scene.token).await?;
        let mut socket = Socket::open(&scene.node, "?stream=user", &[("authorization", &format!("Bearer {}", scene.token))]).await?;
        shows(asha, "@bryn once more", json!({ "visibility": "public" })).await?;
        for _ in ["update", "notification"] {
            load(bare, &ear.next().await?.json()?, 7).await?;
            load(bare, &socket.event().await?.json()?, 7).await?;
        }
        Ok(())
    }
}

on_both! {
    async fn an_address_stays_for_a_day_and_is_one_readers(kind: Kind) {
        let scene = Scene::start(kind).await?;
        let (first, again) = (scene.seen().await?, scene.seen().await?);
        ensure!(first["url"] == again["url"] && first["preview_url"] == again["preview_url"], "clients could keep nothing: {first} {again}");
        let theirs = scene.asha.get(&format!("/api/v1/statuses/{}", scene.post)).await?.ok()?;
        ensure!(plain(&theirs["media_attachments"][0]["url"]) == plain(&first["url"]));
        ensure!(theirs["media_attachments"][0]["url"] != first["url"], "two readers share an address");
        // What was made for one is given again to nobody else, nor when its addresses have changed.
        let home = async |caller: &Caller| Ok::<_, anyhow::Error>(addresses(&caller.get("/api/v1/timelines/home").await?.ok()?));
        scene.bryn.post(&format!("/api/v1/accounts/{}/follow", scene.asha.me().await?), &json!({})).await?.ok()?;
        let (mine, others) = (home(&scene.bryn).await?, home(&scene.asha).await?);
        ensure!(mine.len() == 7 && others.len() == 7 && mine.iter().all(|one| !others.contains(one)), "{mine:?} {others:?}");
        scene.node.clock.advance(DAY);
        let next = home(&scene.bryn).await?;
        ensure!(next.len() == 7 && next.iter().all(|one| !mine.contains(one)), "an address of yesterday is given again");
        // One that was given yesterday holds for a day at least, and for two at most.
        ensure!(serve(&scene.bare, &first["url"], &[]).await?.status == StatusCode::OK);
        scene.node.clock.advance(DAY);
        ensure!(serve(&scene.bare, &first["url"], &[]).await?.status == StatusCode::UNAUTHORIZED, "it has ended");
        ensure!(serve(&scene.bare, &next[0], &[]).await?.status == StatusCode::OK);
        Ok(())
    }
}

on_both! {
    async fn hostile_050_a_changed_address_opens_nothing(kind: Kind) {
        let scene = Scene::start(kind).await?;
        let seen = scene.seen().await?;
        let url = text(&seen, "url")?;
        let (path, query) = url.split_once('?').context("it carries nothing")?;
        let parts: Vec<(&str, &str)> = query.split('&').filter_map(|part| part.split_once('=')).collect();
        let [("for", token), ("until", until), ("seal", seal)] = parts[..] else { anyhow::bail!("{url}") };
        let preview = text(&seen, "preview_url")?;
        let theirs = scene.asha.get(&format!("/api/v1/statuses/{}", scene.post)).await?.ok()?;
        let theirs = text(&theirs["media_attachments"][0], "url")?;
        let (_, their_query) = theirs.split_once('?').context("it carries nothing")?;
        let (their_token, _) = their_query.trim_start_matches("for=").split_once('&').context("a token")?;
        let hidden = uploaded(&scene.asha, png(), "").await?;
        let other = format!("{}/media/{}/original", scene.node.at(""), text(&hidden, "id")?);
        let own = serve(&scene.bare, &json!(url), &[]).await?;
        ensure!(own.status == StatusCode::OK, "{}", own.status);

        let flipped = if seal.starts_with('A') { seal.replacen('A', "B", 1) } else { format!("A{}", &seal[1..]) };
        let later = until.parse::<i64>()? + 86_400;
        let wrongs = [
            format!("{path}?for={token}&until={until}&seal={flipped}"),
            format!("{path}?for={token}&until={until}&seal={}", &seal[..42]),
            format!("{path}?for={token}&until={until}&seal={seal}A"),
            format!("{path}?for={token}&until={until}&seal="),
            format!("{path}?for={token}&until={until}"),
            format!("{path}?for={token}&until={later}&seal={seal}"),
            format!("{path}?for={token}&until=99999999999999999999&seal={seal}"),
            format!("{path}?for={token}&until=&seal={seal}"),
            format!("{path}?for={their_token}&until={until}&seal={seal}"),
            format!("{path}?for=0&until={until}&seal={seal}"),
            format!("{path}?until={until}&seal={seal}"),
            format!("{path}?seal={seal}"),
            // Another rendition, another file, and what another was given for it.
            format!("{}?{query}", preview.split('?').next().unwrap_or_default()),
            format!("{path}?{}", preview.split('?').nth(1).unwrap_or_default()),
            format!("{other}?{query}"),
            format!("{other}?{their_query}"),
            format!("{path}/../../{}/original?{query}", text(&hidden, "id")?),
        ];
        let mut member = Pages::signed_in(&scene.node.url, "bryn").await?;
        for wrong in &wrongs {
            let served = serve(&scene.bare, &json!(wrong), &[]).await?;
            ensure!(served.status == StatusCode::UNAUTHORIZED, "{}: {wrong}", served.status);
            // Who is signed in is told no other: an address that is wrong is wrong.
            let local = wrong.trim_start_matches(&scene.node.at(""));
            ensure!(member.get(local).await?.status == StatusCode::UNAUTHORIZED, "{wrong}");
        }
        // Without one it is the page's way: signed in or not.
        ensure!(serve(&scene.bare, &json!(path), &[]).await?.status == StatusCode::SEE_OTHER);
        ensure!(member.get(path.trim_start_matches(&scene.node.at(""))).await?.status == StatusCode::OK);
        Ok(())
    }
}

on_both! {
    async fn hostile_043_an_address_opens_no_more_than_its_reader_may_see(kind: Kind) {
        let scene = Scene::start(kind).await?;
        let (asha, bryn) = (&scene.asha, &scene.bryn);
        let picture_of = async |post: &str| -> Result<Value> {
            Ok(bryn.get(&format!("/api/v1/statuses/{post}")).await?.ok()?["media_attachments"][0]["url"].clone())
        };
        // A group that its member leaves.
        let new = json!({ "name": "close", "title": "Close ones", "kind": "social", "door": "invited" });
        let group = text(&asha.post("/api/v1/groups", &new).await?.ok()?, "id")?;
        let member = format!("/api/v1/groups/{group}/memberships/{}", bryn.me().await?);
        asha.post(&format!("{member}/invite"), &json!({})).await?.ok()?;
        bryn.post(&format!("/api/v1/groups/{group}/join"), &json!({})).await?.ok()?;
        let talk = shows(asha, "Among us", json!({ "title": "A talk", "group_id": group })).await?;
        let among = picture_of(&talk).await?;
        scene.agree(&among, StatusCode::OK).await?;
        asha.post(&format!("{member}/remove"), &json!({})).await?.ok()?;
        scene.agree(&among, StatusCode::NOT_FOUND).await?;

        // What is for followers, from whoever is followed no more.
        let author = asha.me().await?;
        bryn.post(&format!("/api/v1/accounts/{author}/follow"), &json!({})).await?.ok()?;
        let close = shows(asha, "For followers", json!({ "visibility": "private" })).await?;
        let followed = picture_of(&close).await?;
        scene.agree(&followed, StatusCode::OK).await?;
        asha.post(&format!("/api/v1/accounts/{}/remove_from_followers", bryn.me().await?), &json!({})).await?.ok()?;
        scene.agree(&followed, StatusCode::NOT_FOUND).await?;

        // Whoever blocks its reader, and a post that is deleted.
        let open = scene.seen().await?["url"].clone();
        asha.post(&format!("/api/v1/accounts/{}/block", bryn.me().await?), &json!({})).await?.ok()?;
        let (alone, with_token) = (serve(&scene.bare, &open, &[]).await?.status, serve(bryn, &open, &[]).await?.status);
        ensure!(alone == with_token, "blocked: {alone} alone, {with_token} with the token");
        asha.post(&format!("/api/v1/accounts/{}/unblock", bryn.me().await?), &json!({})).await?.ok()?;
        scene.agree(&open, StatusCode::OK).await?;
        said(asha.request(Method::DELETE, &format!("/api/v1/statuses/{}", scene.post))).await?.ok()?;
        scene.agree(&open, StatusCode::NOT_FOUND).await?;
        Ok(())
    }
}

on_both! {
    async fn hostile_043_an_address_ends_with_its_readers_access(kind: Kind) {
        let scene = Scene::start(kind).await?;
        let open = scene.seen().await?["url"].clone();
        scene.agree(&open, StatusCode::OK).await?;
        // Their tokens end with another role; what was handed out for one ends with it.
        accounts::set_role(&scene.node.ctx, &Operator::System, "bryn", Role::Moderator).await?;
        scene.agree(&open, StatusCode::UNAUTHORIZED).await?;
        let door = scene.node.sign_in("bryn").await?;
        let bryn = Caller::new(&scene.node, Some(door.token()))?;
        let status = bryn.get(&format!("/api/v1/statuses/{}", scene.post)).await?.ok()?;
        let fresh = status["media_attachments"][0]["url"].clone();
        ensure!(serve(&scene.bare, &fresh, &[]).await?.status == StatusCode::OK);
        accounts::disable_user(&scene.node.ctx, &Operator::System, "bryn").await?;
        ensure!(serve(&scene.bare, &fresh, &[]).await?.status == StatusCode::UNAUTHORIZED, "they are gone");
        Ok(())
    }
}
