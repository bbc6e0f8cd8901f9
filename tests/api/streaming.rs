//! Streams: what each of them tells, in which words, and to whom.

pub mod ears;
mod hidden;
mod limits;
mod privacy;
mod processes;
mod websocket;

use anyhow::{Context, Result, ensure};
use corridor_tests::{Kind, TestNode, befriend, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use self::ears::{Ear, Heard, ask};
use super::caller::{Caller, said};
use crate::media::samples::{png, uploaded};

/// Two people of one node; the first follows the second and keeps them in a list.
struct Two {
    node: TestNode,
    asha: Caller,
    bryn: Caller,
    /// The token of the first.
    token: String,
    list: String,
}

impl Two {
    async fn start(kind: Kind) -> Result<Self> {
        Self::start_with(kind, |_| {}).await
    }

    async fn start_with(kind: Kind, change: impl FnOnce(&mut corridor_server::node::Setup)) -> Result<Self> {
        let node = TestNode::start_with(kind, change).await?;
        let token = node.person("asha").await?.token().to_owned();
        let (asha, bryn) = (Caller::new(&node, Some(&token))?, Caller::person(&node, "bryn").await?);
        let them = bryn.me().await?;
        asha.post(&format!("/api/v1/accounts/{them}/follow"), &json!({})).await?.ok()?;
        let list = text(&asha.post("/api/v1/lists", &json!({ "title": "Close ones" })).await?.ok()?, "id")?;
        asha.post(&format!("/api/v1/lists/{list}/accounts"), &json!({ "account_ids": [them] })).await?.ok()?;
        Ok(Self { node, asha, bryn, token, list })
    }

    async fn ear(&self, path: &str) -> Result<Ear> {
        Ear::open(&self.node, path, &self.token).await
    }

    /// The first follows somebody at another node.
    async fn follow_afar(&self, handle: &str) -> Result<()> {
        let found = self.asha.get(&format!("/api/v2/search?resolve=true&type=accounts&q=@{handle}")).await?.ok()?;
        let them = text(&found["accounts"][0], "id")?;
        self.asha.post(&format!("/api/v1/accounts/{them}/follow"), &json!({})).await?.ok()?;
        eventually("the follow stands", || async {
            let relation = self.asha.get(&format!("/api/v1/accounts/relationships?id[]={them}")).await?.list()?;
            Ok((relation[0]["following"] == true).then_some(()))
        })
        .await
    }
}

async fn edit(caller: &Caller, id: &str, words: &str) -> Result<Value> {
    said(caller.request(Method::PUT, &format!("/api/v1/statuses/{id}")).json(&json!({ "status": words }))).await?.ok()
}

async fn delete(caller: &Caller, id: &str) -> Result<Value> {
    said(caller.request(Method::DELETE, &format!("/api/v1/statuses/{id}"))).await?.ok()
}

async fn hears(ear: &mut Ear, name: &str, id: &str) -> Result<Heard> {
    let heard = ear.next().await?;
    ensure!(heard.what()? == (name.to_owned(), id.to_owned()), "{heard:?} instead of {name} of {id}");
    Ok(heard)
}

on_both! {
    async fn each_stream_tells_what_its_timeline_shows(kind: Kind) {
        let two = Two::start(kind).await?;
        let list = format!("/list?list={}", two.list);
        let everywhere = ["/user", "/public", "/public/local", "/hashtag?tag=Tea", "/hashtag/local?tag=tea", &list];
        let mut ears = Vec::new();
        for path in everywhere {
            ears.push((path, two.ear(path).await?));
        }
        let (mut told, mut remote, mut media, mut direct) = (
            two.ear("/user/notification").await?,
            two.ear("/public/remote").await?,
            two.ear("/public?only_media=true").await?,
            two.ear("/direct").await?,
        );

        let post = text(&two.bryn.says(&json!({ "status": "@asha has #tea", "visibility": "public" })).await?, "id")?;
        for (path, ear) in &mut ears {
            let heard = hears(ear, "update", &post).await.with_context(|| (*path).to_owned())?;
            let shown = two.asha.get(&format!("/api/v1/statuses/{post}")).await?.ok()?;
            ensure!(heard.json()? == shown, "{path}: {heard:?} is not {shown}");
        }
        let heard = told.next().await?;
        let (notification, same) = (heard.json()?, ears[0].1.next().await?);
        ensure!(heard.name == "notification" && notification["type"] == "mention" && same == heard, "{heard:?} {same:?}");
        ensure!(notification == two.asha.get("/api/v1/notifications").await?.list()?[0], "{notification}");

        let told_edit = edit(&two.bryn, &post, "@asha has more #tea").await?;
        for (path, ear) in &mut ears {
            let heard = hears(ear, "status.update", &post).await.with_context(|| (*path).to_owned())?;
            ensure!(heard.json()?["edited_at"] == told_edit["edited_at"], "{heard:?}");
        }
        delete(&two.bryn, &post).await?;
        for (path, ear) in &mut ears {
            let heard = ear.next().await.with_context(|| (*path).to_owned())?;
            ensure!((heard.name.as_str(), &heard.data) == ("delete", &post), "{path}: {heard:?}");
        }

        let picture = text(&uploaded(&two.bryn, png(), "A square").await?, "id")?;
        let shown = text(&two.bryn.says(&json!({ "status": "Look", "media_ids": [picture], "visibility": "public" })).await?, "id")?;
        let heard = media.next().await?;
        ensure!((heard.name.as_str(), &heard.data) == ("delete", &post), "a deletion is told whatever the post had: {heard:?}");
        hears(&mut media, "update", &shown).await?;
        let private = text(&two.bryn.says(&json!({ "status": "@asha only you", "visibility": "direct" })).await?, "id")?;
        hears(&mut direct, "conversation", &private).await?;
        drop(two);
        ensure!(remote.end().await?.is_empty(), "nothing came from afar");
        Ok(())
    }
}

on_both! {
    async fn posts_of_peers_boosts_and_answers_go_where_they_belong(kind: Kind) {
        let (two, there) = (Two::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&two.node, &there]).await?;
        let cerys = Caller::person(&there, "cerys").await?;
        two.follow_afar(&there.handle("cerys")).await?;
        let (mut user, mut remote, mut local) =
            (two.ear("/user").await?, two.ear("/public/remote").await?, two.ear("/public/local").await?);
        let far = cerys.says(&json!({ "status": "From afar", "visibility": "public" })).await?;
        let heard = remote.next().await?;
        let arrived = heard.json()?;
        ensure!(heard.name == "update" && arrived["uri"] == far["uri"], "{heard:?}");
        let here = text(&arrived, "id")?;
        hears(&mut user, "update", &here).await?;

        let boost = text(&two.bryn.post(&format!("/api/v1/statuses/{here}/reblog"), &json!({})).await?.ok()?, "id")?;
        let heard = hears(&mut user, "update", &boost).await?;
        ensure!(heard.json()?["reblog"]["id"] == here.as_str(), "{heard:?}");
        let answer = text(&two.bryn.says(&json!({ "status": "An answer", "in_reply_to_id": here })).await?, "id")?;
        hears(&mut user, "update", &answer).await?;
        two.bryn.post(&format!("/api/v1/statuses/{here}/unreblog"), &json!({})).await?.ok()?;
        let heard = user.next().await?;
        ensure!((heard.name.as_str(), &heard.data) == ("delete", &boost), "{heard:?}");

        let last = text(&two.bryn.says(&json!({ "status": "From here", "visibility": "public" })).await?, "id")?;
        hears(&mut local, "update", &last).await.context("neither what came from afar, nor boosts, nor answers")?;
        delete(&cerys, &text(&far, "id")?).await?;
        let heard = remote.next().await?;
        ensure!((heard.name.as_str(), &heard.data) == ("delete", &here), "{heard:?}");
        Ok(())
    }
}

on_both! {
    async fn filters_count_and_their_change_is_told(kind: Kind) {
        let two = Two::start(kind).await?;
        let mut user = two.ear("/user").await?;
        let filter = |word: &str, action: &str| {
            json!({ "title": word, "context": ["home"], "filter_action": action, "keywords_attributes": [{ "keyword": word }] })
        };
        // One after the other: changes that are read together are told once.
        let mut made = Vec::new();
        for (word, action) in [("cider", "hide"), ("lemonade", "warn")] {
            made.push(two.asha.post("/api/v2/filters", &filter(word, action)).await?.ok()?);
            let heard = user.next().await?;
            ensure!((heard.name.as_str(), heard.data.as_str()) == ("filters_changed", "undefined"), "{heard:?}");
        }
        two.bryn.says(&json!({ "status": "Some cider" })).await?;
        let post = text(&two.bryn.says(&json!({ "status": "Some lemonade" })).await?, "id")?;
        let heard = hears(&mut user, "update", &post).await.context("what is hidden is not told")?;
        ensure!(heard.json()?["filtered"][0]["filter"]["title"] == "lemonade", "{heard:?}");
        let path = format!("/api/v2/filters/{}", text(&made[0], "id")?);
        said(two.asha.request(Method::DELETE, &path)).await?.ok()?;
        ensure!(user.next().await?.name == "filters_changed");
        Ok(())
    }
}

on_both! {
    async fn what_is_no_stream_is_refused(kind: Kind) {
        let two = Two::start(kind).await?;
        let get = |path: &str| two.asha.request(Method::GET, &format!("/api/v1/streaming{path}"));
        said(get("/hashtag")).await?.refused(StatusCode::BAD_REQUEST, "missing tag")?;
        said(get("/list")).await?.refused(StatusCode::BAD_REQUEST, "missing list")?;
        said(get("/list?list=1")).await?.refused(StatusCode::NOT_FOUND, "record not found")?;
        said(get("")).await?.refused(StatusCode::BAD_REQUEST, "websocket")?;
        let theirs = format!("/list?list={}", two.list);
        let answer = said(two.bryn.request(Method::GET, &format!("/api/v1/streaming{theirs}"))).await?;
        answer.refused(StatusCode::NOT_FOUND, "record not found")?;
        let health = ask(&two.node.at(""), "/health", None)?.send().await?;
        ensure!(health.status() == StatusCode::OK && health.text().await? == "OK");
        // None of these holds a place.
        ensure!(corridor_app::streaming::counts(&two.node.ctx).open == 0);
        for (path, urls) in [("/api/v2/instance", "/configuration/urls/streaming"), ("/api/v1/instance", "/urls/streaming_api")] {
            let said = two.asha.get(path).await?.ok()?;
            let wanted = two.node.at("").replace("http://", "ws://");
            ensure!(said.pointer(urls) == Some(&Value::String(wanted)), "{path}: {:?}", said.pointer(urls));
        }
        Ok(())
    }
}
