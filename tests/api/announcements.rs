//! Announcements as clients have them: entities, reading, reactions and streams.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use corridor_app::announcements::{self, Announcement, AnnouncementChange};
use corridor_app::chores;
use corridor_app::operator::Operator;
use corridor_domain::{AnnouncementId, Timestamp};
use corridor_tests::{TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::caller::{Caller, Said, said};
use super::streaming::ears::Ear;

async fn announce(node: &TestNode, text: &str, ends_at: Option<Timestamp>) -> Result<AnnouncementId> {
    let announcement = Announcement { text: text.to_owned(), ends_at, ..Announcement::default() };
    Ok(announcements::add(&node.ctx, &Operator::System, announcement).await?.id)
}

async fn all(who: &Caller) -> Result<Vec<Value>> {
    who.get("/api/v1/announcements").await?.list()
}

async fn react(who: &Caller, method: Method, id: AnnouncementId, name: &str) -> Result<Said> {
    let name: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
    said(who.request(method, &format!("/api/v1/announcements/{id}/reactions/{name}"))).await
}

on_both! {
    async fn announcements_are_whole_and_dismissed_by_each(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        ensure!(all(&asha).await?.is_empty());
        let open = text(&bryn.says(&json!({ "status": "All about it", "visibility": "public" })).await?, "id")?;
        let closed = text(&bryn.says(&json!({ "status": "Mine", "visibility": "private" })).await?, "id")?;
        let words = format!(
            "Ask @bryn about the **outage** #Kettle {} {} <script>",
            node.at(&format!("/@bryn/{open}")),
            node.at(&format!("/@bryn/{closed}")),
        );
        let starts = Timestamp::parse_rfc3339("2099-12-01T10:30:00Z");
        let announcement = Announcement { text: words, starts_at: starts, ends_at: starts, all_day: true };
        let id = announcements::add(&node.ctx, &Operator::System, announcement).await?.id;
        let listed = all(&asha).await?;
        let one = listed.first().context("none")?;
        let mut names: Vec<&String> = one.as_object().context("no object")?.keys().collect();
        names.sort_unstable();
        let expected = [
            "all_day", "content", "emojis", "ends_at", "id", "mentions", "published_at", "reactions", "read", "starts_at",
            "statuses", "tags", "updated_at",
        ];
        ensure!(names == expected && one["id"] == json!(id.to_string()), "{one}");
        let content = one["content"].as_str().context("no content")?;
        ensure!(content.contains("<strong>outage</strong>") && !content.contains("<script"), "{content}");
        ensure!(one["starts_at"] == "2099-12-01T00:00:00.000Z" && one["ends_at"] == one["starts_at"] && one["all_day"] == true, "{one}");
        ensure!(one["read"] == false && one["emojis"] == json!([]) && one["reactions"] == json!([]), "{one}");
        ensure!(one["mentions"][0]["acct"] == "bryn" && one["mentions"][0]["url"] == json!(node.at("/@bryn")), "{one}");
        ensure!(one["tags"][0]["name"] == "kettle" && one["tags"][1].is_null(), "{one}");
        // A post that the reader may not read is not shown because somebody links to it.
        ensure!(one["statuses"][0]["id"] == json!(open) && one["statuses"][1].is_null(), "{one}");
        ensure!(all(&bryn).await?[0]["statuses"][1]["id"] == json!(closed));

        let path = format!("/api/v1/announcements/{id}/dismiss");
        for _ in 0..2 {
            ensure!(asha.post(&path, &json!({})).await?.ok()? == json!({}));
        }
        ensure!(all(&asha).await?[0]["read"] == true && all(&bryn).await?[0]["read"] == false);
        for wrong in ["1", "x"] {
            let path = format!("/api/v1/announcements/{wrong}/dismiss");
            asha.post(&path, &json!({})).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        }
        announcements::end(&node.ctx, &Operator::System, id).await?;
        ensure!(all(&asha).await?.is_empty());
        asha.post(&path, &json!({})).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        Ok(())
    }
}

on_both! {
    async fn people_react_with_emojis_eight_at_most(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let id = announce(&node, "Cake in the kitchen", None).await?;
        ensure!(react(&asha, Method::PUT, id, "🍰").await?.ok()? == json!({}));
        react(&asha, Method::PUT, id, "🍰").await?.ok()?;
        react(&bryn, Method::PUT, id, "🍰").await?.ok()?;
        react(&bryn, Method::PUT, id, "❤️").await?.ok()?;
        // The same emoji, written without its selector.
        react(&asha, Method::PUT, id, "❤").await?.ok()?;
        let given = &all(&asha).await?[0]["reactions"];
        ensure!(*given == json!([{ "name": "🍰", "count": 2, "me": true }, { "name": "❤️", "count": 2, "me": true }]), "{given}");
        react(&asha, Method::DELETE, id, "❤").await?.ok()?;
        let given = &all(&asha).await?[0]["reactions"];
        ensure!(given[1] == json!({ "name": "❤️", "count": 1, "me": false }), "{given}");
        react(&asha, Method::DELETE, id, "❤").await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        for name in [":blobcat:", "blobcat", "a", "🍰🍰", "7"] {
            for method in [Method::PUT, Method::DELETE] {
                let answer = react(&asha, method, id, name).await?;
                answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "Validation failed: Name is not a recognized emoji")?;
            }
        }
        for name in ["😀", "😁", "😂", "😃", "😄", "😅"] {
            react(&asha, Method::PUT, id, name).await?.ok()?;
        }
        react(&bryn, Method::PUT, id, "😆").await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "Limit of different reactions reached")?;
        react(&bryn, Method::PUT, id, "😀").await?.ok()?;
        // One that nobody gives any more makes room, and has to find room to come back.
        react(&bryn, Method::DELETE, id, "❤").await?.ok()?;
        react(&bryn, Method::PUT, id, "😆").await?.ok()?;
        react(&bryn, Method::PUT, id, "❤").await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "Limit of different reactions reached")?;
        ensure!(all(&asha).await?[0]["reactions"].as_array().map(Vec::len) == Some(8));
        react(&asha, Method::PUT, AnnouncementId::new(1), "🍰").await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        Ok(())
    }
}

on_both! {
    async fn streams_tell_of_announcements(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let token = node.person("asha").await?.token().to_owned();
        let bryn = Caller::person(&node, "bryn").await?;
        let mut ear = Ear::open(&node, "/user", &token).await?;
        let soon = node.ctx.now() + Duration::from_secs(3600);
        let id = announce(&node, "The kettle boils", Some(soon)).await?;
        let heard = ear.next().await?;
        ensure!(heard.what()? == ("announcement".to_owned(), id.to_string()), "{heard:?}");
        ensure!(heard.json()?["read"] == false && heard.json()?["reactions"] == json!([]), "{heard:?}");
        react(&bryn, Method::PUT, id, "🍰").await?.ok()?;
        react(&bryn, Method::PUT, id, "🍰").await?.ok()?;
        let heard = ear.next().await?;
        let expected = json!({ "name": "🍰", "count": 1, "announcement_id": id.to_string() });
        ensure!(heard.name == "announcement.reaction" && heard.json()? == expected, "{heard:?}");
        react(&bryn, Method::DELETE, id, "🍰").await?.ok()?;
        let heard = ear.next().await?;
        ensure!(heard.name == "announcement.reaction" && heard.json()?["count"] == 0, "{heard:?}");
        let change = AnnouncementChange { text: Some("The kettle is cold".to_owned()), ..AnnouncementChange::default() };
        announcements::change(&node.ctx, &Operator::System, id, change).await?;
        let heard = ear.next().await?;
        ensure!(heard.name == "announcement" && heard.data.contains("is cold"), "{heard:?}");
        node.clock.advance(Duration::from_secs(3600));
        chores::run(&node.ctx).await?;
        let heard = ear.next().await?;
        ensure!((heard.name.as_str(), heard.data) == ("announcement.delete", id.to_string()));
        ensure!(all(&bryn).await?.is_empty());
        Ok(())
    }
}
