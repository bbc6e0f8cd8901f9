//! Lists page by page, the way clients follow `Link`.

use anyhow::{Context, Result, ensure};
use corridor_tests::{TestNode, on_both, text};
use serde_json::json;

use super::caller::Caller;

/// The address of a relation in a `Link` header.
fn link(header: &str, relation: &str) -> Option<String> {
    header.split(", ").find_map(|part| {
        let (address, rest) = part.strip_prefix('<')?.split_once('>')?;
        rest.contains(&format!("rel=\"{relation}\"")).then(|| address.to_owned())
    })
}

/// Follows `next` to its end; the ids of all pages.
async fn follow(caller: &Caller, base: &str, first: &str, keeps: &[&str]) -> Result<Vec<Vec<String>>> {
    let (mut pages, mut address) = (Vec::new(), first.to_owned());
    for _ in 0..50 {
        let said = caller.get(&address).await?;
        let header = said.header("link").to_owned();
        let ids: Vec<String> = said.list()?.iter().map(|one| text(one, "id")).collect::<Result<_>>()?;
        if ids.is_empty() {
            ensure!(link(&header, "next").is_none(), "an empty page of {first} leads on to {header}");
            return Ok(pages);
        }
        pages.push(ids);
        let Some(next) = link(&header, "next") else { return Ok(pages) };
        ensure!(next.starts_with(&format!("{base}/api/")), "{next} is not absolute");
        let next = url::Url::parse(&next)?;
        for keep in keeps {
            let count = next.query_pairs().filter(|(name, value)| format!("{name}={value}") == *keep).count();
            ensure!(count == 1, "{next} does not keep {keep}");
        }
        ensure!(next.query_pairs().filter(|(name, _)| name == "max_id").count() == 1, "{next} bounds nothing");
        next.as_str().clone_into(&mut address);
    }
    anyhow::bail!("the pages of {first} do not end")
}

on_both! {
    async fn every_list_of_posts_ends_and_shows_each_once(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let caller = Caller::person(&node, "asha").await?;
        let me = caller.me().await?;
        let mut made = Vec::new();
        for number in 0..5 {
            let id = text(&caller.says(&json!({ "status": format!("Post {number} #tea") })).await?, "id")?;
            caller.post(&format!("/api/v1/statuses/{id}/favourite"), &json!({})).await?.ok()?;
            caller.post(&format!("/api/v1/statuses/{id}/bookmark"), &json!({})).await?.ok()?;
            made.insert(0, id);
        }
        for (list, keeps) in [
            ("/api/v1/timelines/home?limit=2".to_owned(), &["limit=2"][..]),
            ("/api/v1/timelines/public?local=true&limit=2".to_owned(), &["limit=2", "local=true"]),
            ("/api/v1/timelines/tag/tea?limit=2&any[]=cake".to_owned(), &["limit=2", "any[]=cake"]),
            (format!("/api/v1/accounts/{me}/statuses?exclude_replies=1&limit=2&lang=None"), &["limit=2", "exclude_replies=1", "lang=None"]),
            ("/api/v1/favourites?limit=2".to_owned(), &["limit=2"]),
            ("/api/v1/bookmarks?limit=2".to_owned(), &["limit=2"]),
        ] {
            let pages = follow(&caller, &node.at(""), &list, keeps).await?;
            ensure!(pages.iter().all(|page| page.len() <= 2), "{list}: {pages:?}");
            ensure!(pages.concat() == made, "{list}: {pages:?} is not {made:?}");
        }
        Ok(())
    }
}

on_both! {
    async fn the_departments_own_feed_ends_too(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let caller = Caller::person(&node, "asha").await?;
        caller.says(&json!({ "status": "For the network" })).await?;
        let mut made = Vec::new();
        for number in 0..5 {
            let body = json!({ "status": format!("Post {number}"), "audience": "department" });
            made.insert(0, text(&caller.says(&body).await?, "id")?);
        }
        let pages = follow(&caller, &node.at(""), "/api/v1/timelines/department?limit=2", &["limit=2"]).await?;
        ensure!(pages.concat() == made, "{pages:?} is not {made:?}");
        Ok(())
    }
}

on_both! {
    async fn newer_pages_follow_closely(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let caller = Caller::person(&node, "asha").await?;
        let mut made = Vec::new();
        for number in 0..6 {
            made.push(text(&caller.says(&json!({ "status": format!("Post {number}") })).await?, "id")?);
        }
        let ids = |list: Vec<serde_json::Value>| list.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        let home = "/api/v1/timelines/home";
        // `min_id` is the page just above; `since_id` the newest that are above.
        let above = caller.get(&format!("{home}?min_id={}&limit=2", made[1])).await?;
        let prev = link(above.header("link"), "prev").context("no way up")?;
        ensure!(ids(above.list()?) == vec![made[3].clone(), made[2].clone()]);
        ensure!(ids(caller.get(&prev).await?.list()?) == vec![made[5].clone(), made[4].clone()], "{prev}");
        let newest = caller.get(&format!("{home}?since_id={}&limit=2", made[1])).await?;
        ensure!(ids(newest.list()?) == vec![made[5].clone(), made[4].clone()]);
        let between = caller.get(&format!("{home}?since_id={}&max_id={}", made[1], made[4])).await?;
        ensure!(ids(between.list()?) == vec![made[3].clone(), made[2].clone()]);
        for (limit, count) in [("0", 1), ("-1", 1), ("1000", 6), ("nonsense", 6)] {
            let page = caller.get(&format!("{home}?limit={limit}")).await?.list()?;
            ensure!(page.len() == count, "limit={limit} gives {}", page.len());
        }
        Ok(())
    }
}

on_both! {
    async fn lists_of_people_and_notifications_end_too(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let caller = Caller::person(&node, "asha").await?;
        let me = caller.me().await?;
        let id = text(&caller.says(&json!({ "status": "Liked by all" })).await?, "id")?;
        let mut fans = Vec::new();
        for name in ["bryn", "cerys", "dylan"] {
            let fan = Caller::person(&node, name).await?;
            fan.post(&format!("/api/v1/accounts/{me}/follow"), &json!({})).await?.ok()?;
            fan.post(&format!("/api/v1/statuses/{id}/favourite"), &json!({})).await?.ok()?;
            fan.post(&format!("/api/v1/statuses/{id}/reblog"), &json!({})).await?.ok()?;
            caller.post(&format!("/api/v1/accounts/{}/follow", fan.me().await?), &json!({})).await?.ok()?;
            fans.insert(0, fan.me().await?);
        }
        for list in [
            format!("/api/v1/accounts/{me}/followers?limit=2"), format!("/api/v1/accounts/{me}/following?limit=2"),
            format!("/api/v1/statuses/{id}/favourited_by?limit=2"), format!("/api/v1/statuses/{id}/reblogged_by?limit=2"),
        ] {
            let pages = follow(&caller, &node.at(""), &list, &["limit=2"]).await?;
            ensure!(pages.concat() == fans, "{list}: {pages:?} is not {fans:?}");
        }
        let told = follow(&caller, &node.at(""), "/api/v1/notifications?limit=2&exclude_types[]=reblog", &["limit=2", "exclude_types[]=reblog"]).await?.concat();
        ensure!(told.len() == 6, "{} notifications", told.len());
        let mut unique = told.clone();
        unique.sort();
        unique.dedup();
        ensure!(unique.len() == told.len(), "a notification is shown twice");
        Ok(())
    }
}
