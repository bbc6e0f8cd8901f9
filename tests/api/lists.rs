//! Lists as clients keep them and read them.

use anyhow::{Context, ensure};
use corridor_tests::{TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::caller::{Caller, said};

fn ids(list: &[Value]) -> Vec<String> {
    list.iter().filter_map(|one| one["id"].as_str().map(str::to_owned)).collect()
}

on_both! {
    async fn a_list_is_made_filled_read_and_removed(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn, cerys) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?, Caller::person(&node, "cerys").await?);
        let (them, other) = (bryn.me().await?, cerys.me().await?);
        for whom in [&them, &other] {
            asha.post(&format!("/api/v1/accounts/{whom}/follow"), &json!({})).await?.ok()?;
        }
        let made = asha.post("/api/v1/lists", &json!({ "title": "Close ones" })).await?.ok()?;
        ensure!(made == json!({ "id": made["id"], "title": "Close ones", "replies_policy": "list", "exclusive": false }), "{made}");
        let path = format!("/api/v1/lists/{}", text(&made, "id")?);
        ensure!(asha.get("/api/v1/lists").await?.list()? == vec![made.clone()]);
        let form = said(asha.request(Method::POST, &format!("{path}/accounts")).form(&[("account_ids[]", &them), ("account_ids[]", &other)])).await?;
        ensure!(form.ok()? == json!({}));
        ensure!(ids(&asha.get(&format!("{path}/accounts?limit=0")).await?.list()?).len() == 2);
        let page = asha.get(&format!("{path}/accounts?limit=1")).await?;
        ensure!(page.header("link").contains("max_id") && page.list()?.len() == 1);
        ensure!(asha.get(&format!("/api/v1/accounts/{them}/lists")).await?.list()? == vec![made.clone()]);
        ensure!(bryn.get(&format!("/api/v1/accounts/{them}/lists")).await?.list()?.is_empty(), "nobody else knows");

        let first = text(&bryn.says(&json!({ "status": "One" })).await?, "id")?;
        let answer = text(&cerys.says(&json!({ "status": "Two", "in_reply_to_id": first })).await?, "id")?;
        let feed = format!("/api/v1/timelines/list/{}", text(&made, "id")?);
        ensure!(ids(&asha.get(&feed).await?.list()?) == [answer.clone(), first.clone()]);
        let page = asha.get(&format!("{feed}?limit=1")).await?;
        ensure!(page.header("link").contains(&format!("max_id={answer}")), "{}", page.header("link"));
        let changed = said(asha.request(Method::PUT, &path).json(&json!({ "title": "Others", "replies_policy": "none", "exclusive": true }))).await?.ok()?;
        ensure!(changed["replies_policy"] == "none" && changed["exclusive"] == true && changed["title"] == "Others", "{changed}");
        ensure!(ids(&asha.get(&feed).await?.list()?) == std::slice::from_ref(&first));
        ensure!(asha.get("/api/v1/timelines/home").await?.list()?.is_empty(), "they are apart");
        let gone = said(asha.request(Method::DELETE, &format!("{path}/accounts?account_ids[]={other}"))).await?;
        ensure!(gone.ok()? == json!({}));
        ensure!(ids(&asha.get("/api/v1/timelines/home").await?.list()?) == [answer]);
        asha.post(&format!("/api/v1/accounts/{them}/unfollow"), &json!({})).await?.ok()?;
        ensure!(asha.get(&format!("{path}/accounts")).await?.list()?.is_empty(), "not followed, not listed");
        ensure!(said(asha.request(Method::DELETE, &path)).await?.ok()? == json!({}));
        asha.get(&feed).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        Ok(())
    }
}

on_both! {
    async fn what_can_not_be_is_refused_as_mastodon_does(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let (me, them) = (asha.me().await?, bryn.me().await?);
        let blank = "Validation failed: Title can't be blank";
        asha.post("/api/v1/lists", &json!({})).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, blank)?;
        asha.post("/api/v1/lists", &json!({ "title": " " })).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, blank)?;
        let odd = json!({ "title": "a", "replies_policy": "odd" });
        asha.post("/api/v1/lists", &odd).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "odd")?;
        let path = format!("/api/v1/lists/{}", text(&asha.post("/api/v1/lists", &json!({ "title": "a" })).await?.ok()?, "id")?);
        said(asha.request(Method::PUT, &path).json(&json!({ "title": "" }))).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, blank)?;
        let accounts = format!("{path}/accounts");
        for nobody in [&them, "1", "nonsense"] {
            asha.post(&accounts, &json!({ "account_ids": [nobody] })).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        }
        asha.post(&accounts, &json!({ "account_ids": [me] })).await?.ok()?;
        let taken = "Validation failed: Account has already been taken";
        asha.post(&accounts, &json!({ "account_ids": [me] })).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, taken)?;
        for (method, path) in [
            (Method::GET, path.clone()), (Method::PUT, path.clone()), (Method::DELETE, path.clone()),
            (Method::GET, accounts.clone()), (Method::POST, accounts.clone()), (Method::DELETE, accounts.clone()),
            (Method::GET, path.replace("lists", "timelines/list")), (Method::GET, "/api/v1/accounts/1/lists".to_owned()),
        ] {
            let answer = said(bryn.request(method.clone(), &path).json(&json!({ "title": "Mine", "account_ids": [them] }))).await?;
            answer.refused(StatusCode::NOT_FOUND, "Record not found").with_context(|| format!("{method} {path}"))?;
        }
        ensure!(asha.get(&path).await?.ok()?["title"] == "a", "nothing of what was refused was done");
        Ok(())
    }
}
