//! Notifications in groups: what is one, its pages, and who is in it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use corridor_domain::Timestamp;
use corridor_tests::{Kind, TestNode, on_both, text};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::caller::Caller;

const DAY: Duration = Duration::from_secs(24 * 3600);

struct Scene {
    node: TestNode,
    asha: Caller,
    others: Vec<Caller>,
}

impl Scene {
    async fn set(kind: Kind, others: &[&str]) -> Result<Self> {
        let node = TestNode::start(kind).await?;
        // Far from midnight, whenever the test runs.
        let noon = Timestamp::from_millis((node.ctx.now().millis() / 86_400_000) * 86_400_000) + DAY + DAY / 2;
        node.clock.advance(noon - node.ctx.now());
        let asha = Caller::person(&node, "asha").await?;
        let mut all = Vec::new();
        for name in others {
            all.push(Caller::person(&node, name).await?);
        }
        Ok(Self { node, asha, others: all })
    }

    async fn post(&self, words: &str) -> Result<String> {
        text(&self.asha.says(&json!({ "status": words, "visibility": "public" })).await?, "id")
    }

    async fn all(&self, query: &str) -> Result<Value> {
        self.asha.get(&format!("/api/v2/notifications{query}")).await?.ok()
    }
}

async fn act(who: &Caller, post: &str, act: &str) -> Result<()> {
    who.post(&format!("/api/v1/statuses/{post}/{act}"), &json!({})).await?.ok().map(|_| ())
}

fn groups(found: &Value) -> Vec<(String, i64)> {
    let all = found["notification_groups"].as_array().cloned().unwrap_or_default();
    let group = |one: &Value| {
        let kind = one["type"].as_str().unwrap_or_default().to_owned();
        (kind, one["notifications_count"].as_i64().unwrap_or(-1))
    };
    all.iter().map(group).collect()
}

fn named(pairs: &[(&str, i64)]) -> Vec<(String, i64)> {
    pairs.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect()
}

on_both! {
    async fn what_many_did_to_one_thing_on_one_day_is_one(kind: Kind) {
        let scene = Scene::set(kind, &["bryn", "cerys", "dai"]).await?;
        let (one, two) = (scene.post("One").await?, scene.post("Two").await?);
        let me = scene.asha.me().await?;
        ensure!(scene.all("").await? == json!({ "accounts": [], "statuses": [], "notification_groups": [] }));
        for other in &scene.others {
            act(other, &one, "favourite").await?;
            other.post(&format!("/api/v1/accounts/{me}/follow"), &json!({})).await?.ok()?;
        }
        act(&scene.others[0], &two, "favourite").await?;
        act(&scene.others[1], &one, "reblog").await?;
        scene.others[2].says(&json!({ "status": "@asha hello", "visibility": "public" })).await?;
        let found = scene.all("").await?;
        let expected = named(&[("mention", 1), ("reblog", 1), ("favourite", 1), ("follow", 3), ("favourite", 3)]);
        ensure!(groups(&found) == expected, "{:?}", groups(&found));
        let of_one = &found["notification_groups"][4];
        let mut names: Vec<&String> = of_one.as_object().context("no object")?.keys().collect();
        names.sort_unstable();
        let all_names = [
            "group_key", "latest_page_notification_at", "most_recent_notification_id", "notifications_count", "page_max_id",
            "page_min_id", "sample_account_ids", "status_id", "type",
        ];
        ensure!(names == all_names, "{names:?}");
        let mut ids = Vec::new();
        for other in scene.others.iter().rev() {
            ids.push(other.me().await?);
        }
        ensure!(of_one["sample_account_ids"] == json!(ids) && of_one["status_id"] == json!(one), "{of_one}");
        ensure!(of_one["most_recent_notification_id"] == of_one["page_max_id"] && of_one["page_min_id"] != of_one["page_max_id"], "{of_one}");
        ensure!(found["notification_groups"][3].get("status_id").is_none(), "a follow is about no post");
        ensure!(found["accounts"].as_array().map(Vec::len) == Some(3), "each once: {}", found["accounts"]);
        ensure!(found["statuses"].as_array().map(Vec::len) == Some(3) && found.get("partial_accounts").is_none(), "{}", found["statuses"]);
        // Version 1 and what is told by itself have the same keys.
        let single = scene.asha.get("/api/v1/notifications?types[]=favourite").await?.list()?;
        let keys: Vec<&Value> = single.iter().map(|told| &told["group_key"]).collect();
        let keyed = &found["notification_groups"];
        ensure!(keys.iter().filter(|key| ***key == of_one["group_key"]).count() == 3 && *keys[0] == keyed[2]["group_key"], "{keys:?}");
        let mention = &scene.asha.get("/api/v1/notifications?types[]=mention").await?.list()?[0];
        ensure!(mention["group_key"] == json!(format!("ungrouped-{}", text(mention, "id")?)), "{mention}");

        // What a client does not show in groups comes one by one.
        let found = scene.all("?grouped_types[]=follow&types[]=favourite&types[]=follow").await?;
        let expected = named(&[("favourite", 1), ("follow", 3), ("favourite", 1), ("favourite", 1), ("favourite", 1)]);
        ensure!(groups(&found) == expected, "{:?}", groups(&found));
        let lone = found["notification_groups"].as_array().context("none")?.iter().find(|one| one["type"] == "favourite").context("none")?;
        ensure!(lone["group_key"] == json!(format!("ungrouped-{}", text(lone, "most_recent_notification_id")?)), "{lone}");
        let partial = scene.all("?expand_accounts=partial_avatars&types[]=follow").await?;
        ensure!(partial["accounts"].as_array().map(Vec::len) == Some(1) && partial["accounts"][0]["id"] == json!(ids[0]), "{partial}");
        let short = partial["partial_accounts"][0].as_object().context("no short ones")?;
        let mut names: Vec<&String> = short.keys().collect();
        names.sort_unstable();
        ensure!(names == ["acct", "avatar", "avatar_static", "bot", "id", "locked", "url"], "{short:?}");
        ensure!(groups(&scene.all("?exclude_types[]=favourite").await?) == named(&[("mention", 1), ("reblog", 1), ("follow", 3)]));
        ensure!(groups(&scene.all(&format!("?account_id={}", ids[1])).await?).len() == 3);
        ensure!(groups(&scene.all("?types[]=nothing").await?).is_empty());
        let wrong = scene.asha.get("/api/v2/notifications?expand_accounts=half").await?;
        wrong.refused(StatusCode::UNPROCESSABLE_ENTITY, "expand_accounts")?;
        Ok(())
    }
}

on_both! {
    async fn a_group_is_shown_counted_and_dismissed(kind: Kind) {
        let scene = Scene::set(kind, &["bryn", "cerys"]).await?;
        let one = scene.post("One").await?;
        for other in &scene.others {
            act(other, &one, "favourite").await?;
        }
        let count = async |query: &str| Ok::<_, anyhow::Error>(scene.all(&format!("/unread_count{query}")).await?["count"].clone());
        ensure!(count("").await? == 1 && count("?grouped_types[]=follow").await? == 2 && count("?types[]=follow").await? == 0);
        ensure!(count("?grouped_types[]=follow&limit=1").await? == 1);
        let group = scene.all("").await?["notification_groups"][0].clone();
        let path = format!("/{}", text(&group, "group_key")?);
        let shown = scene.all(&path).await?;
        ensure!(shown["notification_groups"][0]["notifications_count"] == 2 && shown["notification_groups"][0].get("page_min_id").is_none(), "{shown}");
        ensure!(shown["statuses"][0]["id"] == json!(one) && shown["accounts"].as_array().map(Vec::len) == Some(2), "{shown}");
        let page = scene.asha.get(&format!("/api/v2/notifications{path}/accounts?limit=1")).await?;
        ensure!(page.header("link").contains("max_id="), "{}", page.header("link"));
        ensure!(page.list()?[0]["username"] == "cerys");
        // The next day is another group.
        scene.node.clock.advance(DAY);
        let dai = Caller::person(&scene.node, "dai").await?;
        act(&dai, &one, "favourite").await?;
        ensure!(groups(&scene.all("").await?) == named(&[("favourite", 1), ("favourite", 2)]));
        ensure!(count("").await? == 2);
        let newest = text(&scene.all("").await?["notification_groups"][1], "most_recent_notification_id")?;
        scene.asha.post("/api/v1/markers", &json!({ "notifications": { "last_read_id": newest } })).await?.ok()?;
        ensure!(count("").await? == 1);

        let dismiss = format!("/api/v2/notifications{path}/dismiss");
        for _ in 0..2 {
            ensure!(scene.asha.post(&dismiss, &json!({})).await?.ok()? == json!({}));
        }
        ensure!(groups(&scene.all("").await?) == named(&[("favourite", 1)]));
        for gone in [path.as_str(), "/ungrouped-1", "/favourite-1-1", "/follow-x", "/follow-1", "/mention-1-2", "/reblog--1", "/x"] {
            for more in ["", "/accounts"] {
                let answer = scene.asha.get(&format!("/api/v2/notifications{gone}{more}")).await?;
                answer.refused(StatusCode::NOT_FOUND, "Record not found").with_context(|| format!("{gone}{more}"))?;
            }
        }
        ensure!(scene.others[0].get(&format!("/api/v2/notifications{path}")).await?.status == StatusCode::NOT_FOUND, "it is asha's");
        Ok(())
    }
}

on_both! {
    async fn pages_of_groups_lead_on_and_back(kind: Kind) {
        let scene = Scene::set(kind, &["bryn", "cerys", "dai"]).await?;
        let mut posts = Vec::new();
        for number in 0..3 {
            posts.push(scene.post(&format!("Number {number}")).await?);
        }
        // The newest group has the oldest notification too.
        for (who, post) in [(0, 2), (0, 0), (1, 0), (0, 1), (1, 2), (2, 2)] {
            act(&scene.others[who], &posts[post], "favourite").await?;
        }
        let about = |found: &Value| -> Vec<String> {
            let all = found["notification_groups"].as_array().cloned().unwrap_or_default();
            all.iter().filter_map(|one| one["status_id"].as_str().map(str::to_owned)).collect()
        };
        let page = scene.asha.get("/api/v2/notifications?limit=2").await?;
        let link = page.header("link").to_owned();
        let first = page.ok()?;
        ensure!(about(&first) == [posts[2].clone(), posts[1].clone()], "{:?}", about(&first));
        ensure!(first["notification_groups"][0]["notifications_count"] == 3, "the whole group counts: {first}");
        let next = link.split(['<', '>']).nth(1).context("no next")?.to_owned();
        ensure!(next.contains("limit=2"), "{next}");
        let second = scene.asha.get(&next).await?.ok()?;
        ensure!(about(&second) == [posts[0].clone(), posts[2].clone()], "{:?}", about(&second));
        let again = &second["notification_groups"][1];
        ensure!(again["page_max_id"] == again["page_min_id"] && again["page_max_id"] != again["most_recent_notification_id"], "{again}");
        // Up from the oldest one.
        let oldest = text(again, "page_min_id")?;
        let up = scene.all(&format!("?min_id={oldest}&limit=1")).await?;
        ensure!(about(&up) == [posts[0].clone()], "{:?}", about(&up));
        let newer = scene.all(&format!("?since_id={}", text(&first["notification_groups"][1], "page_max_id")?)).await?;
        ensure!(about(&newer) == [posts[2].clone()] && newer["notification_groups"][0]["page_min_id"] != json!(oldest), "{newer}");
        Ok(())
    }
}
