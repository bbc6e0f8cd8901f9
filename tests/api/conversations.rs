//! Conversations as clients have them: entities, pages, read and removed; on one node and across two.

use anyhow::{Context, Result, ensure};
use corridor_tests::{TestNode, befriend, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::caller::{Caller, said};

async fn to(who: &Caller, words: &str, answers: Option<&str>) -> Result<String> {
    let body = json!({ "status": words, "visibility": "direct", "in_reply_to_id": answers });
    text(&who.says(&body).await?, "id")
}

async fn all(who: &Caller) -> Result<Vec<Value>> {
    who.get("/api/v1/conversations").await?.list()
}

fn last(one: &Value) -> &str {
    one["last_status"]["id"].as_str().unwrap_or_default()
}

on_both! {
    async fn conversations_are_listed_read_and_removed(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        ensure!(all(&asha).await?.is_empty());
        let mut made = Vec::new();
        for number in 0..3 {
            made.push(to(&bryn, &format!("@asha number {number}"), None).await?);
        }
        let (them, listed) = (bryn.me().await?, all(&asha).await?);
        ensure!(listed.iter().map(last).eq(made.iter().rev().map(String::as_str)), "{listed:?}");
        for one in &listed {
            let mut names: Vec<&String> = one.as_object().context("no object")?.keys().collect();
            names.sort_unstable();
            ensure!(names == ["accounts", "id", "last_status", "unread"], "{names:?}");
            ensure!(one["unread"] == true && one["accounts"][0]["id"] == json!(them) && one["accounts"][1].is_null(), "{one}");
            ensure!(one["last_status"]["visibility"] == "direct", "{one}");
        }
        // Pages lead on and back, and keep what was asked for.
        let page = asha.get("/api/v1/conversations?limit=2").await?;
        let link = page.header("link").to_owned();
        ensure!(page.list()?.len() == 2 && link.contains("limit=2&max_id="), "{link}");
        let next = link.split(['<', '>']).nth(1).context("no next")?.to_owned();
        let older = asha.get(&next).await?.list()?;
        ensure!(older.iter().map(last).eq([made[0].as_str()]), "{older:?}");
        let newer = asha.get(&format!("/api/v1/conversations?min_id={}&limit=1", made[0])).await?.list()?;
        ensure!(newer.iter().map(last).eq([made[1].as_str()]), "{newer:?}");

        let first = text(&listed[2], "id")?;
        let read = asha.post(&format!("/api/v1/conversations/{first}/read"), &json!({})).await?.ok()?;
        ensure!(read["unread"] == false && read["id"] == json!(first) && last(&read) == made[0], "{read}");
        let unread = asha.post(&format!("/api/v1/conversations/{first}/unread"), &json!({})).await?.ok()?;
        ensure!(unread["unread"] == true && unread["id"] == json!(first) && last(&unread) == made[0], "{unread}");
        ensure!(all(&asha).await?[2]["unread"] == true);
        asha.post(&format!("/api/v1/conversations/{first}/read"), &json!({})).await?.ok()?;
        ensure!(all(&asha).await?[2]["unread"] == false);
        let answer = to(&asha, "@bryn yes", Some(&made[0])).await?;
        let listed = all(&asha).await?;
        ensure!(last(&listed[0]) == answer && listed[0]["unread"] == false && listed[0]["id"] == json!(first), "{listed:?}");
        ensure!(all(&bryn).await?[0]["unread"] == true);
        for path in [first.as_str(), "1", "x"] {
            let path = format!("/api/v1/conversations/{path}");
            for act in ["read", "unread"] {
                let answer = bryn.post(&format!("{path}/{act}"), &json!({})).await?;
                answer.refused(StatusCode::NOT_FOUND, "Record not found")?;
            }
            said(bryn.request(Method::DELETE, &path)).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        }
        let path = format!("/api/v1/conversations/{first}");
        ensure!(said(asha.request(Method::DELETE, &path)).await?.ok()? == json!({}));
        said(asha.request(Method::DELETE, &path)).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        ensure!(all(&asha).await?.len() == 2 && all(&bryn).await?.len() == 3);
        to(&bryn, "@asha once more", Some(&answer)).await?;
        let listed = all(&asha).await?;
        ensure!(listed.len() == 3 && listed[0]["id"] == json!(first) && listed[0]["unread"] == true, "{listed:?}");
        Ok(())
    }
}

on_both! {
    async fn a_conversation_crosses_two_departments(kind: Kind) {
        let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &there]).await?;
        let (asha, bryn) = (Caller::person(&here, "asha").await?, Caller::person(&there, "bryn").await?);
        let found = asha.get(&format!("/api/v2/search?q=@{}&resolve=true", there.handle("bryn"))).await?.ok()?;
        ensure!(found["accounts"][0]["username"] == "bryn", "{found}");
        let sent = to(&asha, &format!("@{} over there", there.handle("bryn")), None).await?;
        let got = eventually("it arrives", || async { Ok(all(&bryn).await?.into_iter().next()) }).await?;
        ensure!(got["unread"] == true && got["accounts"][0]["acct"] == json!(here.handle("asha")), "{got}");
        to(&bryn, &format!("@{} and back", here.handle("asha")), Some(last(&got))).await?;
        let back = eventually("the answer arrives", || async {
            Ok(all(&asha).await?.into_iter().next().filter(|one| last(one) != sent))
        }).await?;
        ensure!(back["unread"] == true && all(&asha).await?.len() == 1, "{back}");
        said(asha.request(Method::DELETE, &format!("/api/v1/statuses/{sent}"))).await?.ok()?;
        let answer = text(&all(&bryn).await?[0]["last_status"], "id")?;
        said(bryn.request(Method::DELETE, &format!("/api/v1/statuses/{answer}"))).await?.ok()?;
        for who in [&asha, &bryn] {
            eventually("nothing is left", || async { Ok(all(who).await?.is_empty().then_some(())) }).await?;
        }
        Ok(())
    }
}
