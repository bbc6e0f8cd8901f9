//! Who sees what, told to clients that know Mastodon's four visibilities alone.

use anyhow::ensure;
use corridor_tests::{TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::caller::{Caller, said};

on_both! {
    async fn audiences_are_told_as_visibilities_that_are_never_wider(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        node.add("bryn").await?;
        for (asked, visibility, audience) in [
            (json!({ "visibility": "public" }), "public", "network"),
            (json!({ "visibility": "unlisted" }), "public", "network"),
            (json!({ "visibility": "private" }), "private", "followers"),
            (json!({ "visibility": "direct" }), "direct", "named"),
            (json!({ "audience": "network" }), "public", "network"),
            (json!({ "audience": "department" }), "private", "department"),
            (json!({ "audience": "followers" }), "private", "followers"),
            (json!({ "audience": "named" }), "direct", "named"),
            (json!({ "audience": "department", "visibility": "public" }), "private", "department"),
            (json!({}), "public", "network"),
        ] {
            let mut body = json!({ "status": "Words for @bryn" });
            body.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
            let made = asha.says(&body).await?;
            ensure!(made["visibility"] == visibility && made["audience"] == audience, "{asked}: {} {}", made["visibility"], made["audience"]);
            ensure!(made["marking"] == "OFFICIAL" && made["handling"].is_null(), "{asked}: {} {}", made["marking"], made["handling"]);
            let again = asha.get(&format!("/api/v1/statuses/{}", text(&made, "id")?)).await?.ok()?;
            ensure!(again == made, "the answer to publishing and the post differ: {made} {again}");
        }
        // A post for named people that names nobody would be read by nobody.
        let nobody = asha.post("/api/v1/statuses", &json!({ "status": "Words", "visibility": "direct" })).await?;
        nobody.refused(StatusCode::UNPROCESSABLE_ENTITY, "name at least one person")?;
        Ok(())
    }
}

on_both! {
    async fn a_department_post_stays_in_the_department_whatever_a_client_calls_it(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let made = asha.says(&json!({ "status": "For the department", "audience": "department" })).await?;
        let id = text(&made, "id")?;
        // Whoever is of the department may read it, follower or not; the network's feed does not carry it.
        ensure!(bryn.get(&format!("/api/v1/statuses/{id}")).await?.ok()?["audience"] == "department");
        let has = |list: Vec<Value>| list.iter().any(|one| one["id"] == made["id"]);
        ensure!(has(bryn.get("/api/v1/timelines/department").await?.list()?));
        ensure!(!has(bryn.get("/api/v1/timelines/public").await?.list()?));
        for visibility in ["private", "public", "unlisted", "direct", ""] {
            let reply = bryn.says(&json!({ "status": "@asha an answer", "in_reply_to_id": id, "visibility": visibility })).await?;
            ensure!(reply["audience"] == "department" && reply["visibility"] == "private", "{visibility}: {} {}", reply["audience"], reply["visibility"]);
        }
        let said = bryn.post("/api/v1/statuses", &json!({ "status": "Out with it", "in_reply_to_id": id, "audience": "network" })).await?;
        ensure!(said.status == StatusCode::UNPROCESSABLE_ENTITY || said.body["audience"] == "department", "an answer left the department: {}", said.body);
        Ok(())
    }
}

on_both! {
    async fn what_is_not_for_you_is_not_there(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn, cerys) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?, Caller::person(&node, "cerys").await?);
        let named = asha.says(&json!({ "status": "@cerys between us", "visibility": "direct" })).await?;
        let followers = asha.says(&json!({ "status": "For followers", "visibility": "private" })).await?;
        ensure!(cerys.get(&format!("/api/v1/statuses/{}", text(&named, "id")?)).await?.status == StatusCode::OK);
        for post in [&named, &followers] {
            let id = text(post, "id")?;
            for path in ["", "/context", "/source", "/history", "/favourited_by", "/reblogged_by"] {
                bryn.get(&format!("/api/v1/statuses/{id}{path}")).await?.refused(StatusCode::NOT_FOUND, "not found")?;
            }
            for act in ["favourite", "reblog", "bookmark", "unfavourite", "unreblog", "unbookmark"] {
                bryn.post(&format!("/api/v1/statuses/{id}/{act}"), &json!({})).await?.refused(StatusCode::NOT_FOUND, "not found")?;
            }
            bryn.post("/api/v1/statuses", &json!({ "status": "An answer", "in_reply_to_id": id })).await?.refused(StatusCode::NOT_FOUND, "not found")?;
            said(bryn.request(Method::PUT, &format!("/api/v1/statuses/{id}")).json(&json!({ "status": "Mine now" }))).await?.refused(StatusCode::NOT_FOUND, "not found")?;
            said(bryn.request(Method::DELETE, &format!("/api/v1/statuses/{id}"))).await?.refused(StatusCode::NOT_FOUND, "not found")?;
            ensure!(bryn.get(&format!("/api/v1/statuses?id[]={id}")).await?.list()?.is_empty());
        }
        let me = asha.me().await?;
        for list in [format!("/api/v1/accounts/{me}/statuses"), "/api/v1/timelines/public".to_owned(), "/api/v1/timelines/department".to_owned(), "/api/v1/timelines/home".to_owned()] {
            ensure!(bryn.get(&list).await?.list()?.is_empty(), "{list} shows it");
        }
        for words in ["between", "followers", text(&named, "uri")?.as_str()] {
            let found = bryn.get(&format!("/api/v2/search?q={words}&type=statuses&resolve=true")).await?.ok()?;
            ensure!(found["statuses"] == json!([]), "searching “{words}” finds it");
        }
        // One's followers see it, from the moment that they follow.
        bryn.post(&format!("/api/v1/accounts/{me}/follow"), &json!({})).await?.ok()?;
        ensure!(bryn.get(&format!("/api/v1/statuses/{}", text(&followers, "id")?)).await?.status == StatusCode::OK);
        bryn.get(&format!("/api/v1/statuses/{}", text(&named, "id")?)).await?.refused(StatusCode::NOT_FOUND, "not found")?;
        Ok(())
    }
}

on_both! {
    async fn a_reply_is_never_marked_lower_than_what_it_answers(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        asha.post("/api/v1/statuses", &json!({ "status": "Careful", "marking": "OFFICIAL-SENSITIVE" })).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "handled")?;
        let made = asha.says(&json!({ "status": "Careful", "marking": "OFFICIAL-SENSITIVE", "handling": "For the team only" })).await?;
        ensure!(made["marking"] == "OFFICIAL-SENSITIVE" && made["handling"] == "For the team only", "{made}");
        let low = bryn.post("/api/v1/statuses", &json!({ "status": "Careless", "marking": "OFFICIAL", "in_reply_to_id": made["id"] })).await?;
        low.refused(StatusCode::UNPROCESSABLE_ENTITY, "marked lower")?;
        // A client that knows no markings answers, and the answer carries the parent's.
        let reply = bryn.post("/api/v1/statuses", &json!({ "status": "Unaware", "in_reply_to_id": made["id"] })).await?;
        if reply.status == StatusCode::OK {
            ensure!(reply.body["marking"] == "OFFICIAL-SENSITIVE" && !reply.body["handling"].is_null(), "{}", reply.body);
        } else {
            reply.refused(StatusCode::UNPROCESSABLE_ENTITY, "marking")?;
        }
        Ok(())
    }
}

on_both! {
    async fn only_the_author_changes_a_post(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let made = asha.says(&json!({ "status": "Mine" })).await?;
        let path = format!("/api/v1/statuses/{}", text(&made, "id")?);
        for (method, body) in [(Method::PUT, json!({ "status": "Yours" })), (Method::DELETE, json!({}))] {
            let answer = said(bryn.request(method.clone(), &path).json(&body)).await?;
            ensure!([StatusCode::NOT_FOUND, StatusCode::FORBIDDEN].contains(&answer.status), "{method}: {} {}", answer.status, answer.body);
        }
        ensure!(asha.get(&path).await?.ok()?["content"].as_str().unwrap().contains("Mine"));
        bryn.get(&format!("{path}/source")).await?.refused(StatusCode::NOT_FOUND, "not found")?;
        Ok(())
    }
}
