//! How clients write requests: slashes, bodies, arrays, booleans, parameters that nobody knows; and how refusals read.

use anyhow::{Result, ensure};
use corridor_tests::{Kind, TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::caller::{Caller, said};

on_both! {
    async fn a_slash_at_the_end_changes_nothing(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let caller = Caller::person(&node, "asha").await?;
        let made = caller.says(&json!({ "status": "One" })).await?;
        let id = text(&made, "id")?;
        for path in [
            "/api/v1/instance".to_owned(), "/api/v2/instance".to_owned(), "/api/v1/timelines/home".to_owned(), "/api/v1/notifications".to_owned(),
            format!("/api/v1/statuses/{id}"), format!("/api/v1/statuses/{id}/context"), "/.well-known/oauth-authorization-server".to_owned(),
        ] {
            let (plain, slashed) = (caller.get(&path).await?, caller.get(&format!("{path}/")).await?);
            ensure!(plain.status == StatusCode::OK && slashed.status == StatusCode::OK, "{path}: {} {}", plain.status, slashed.status);
            ensure!(plain.body == slashed.body, "{path} differs with a slash");
        }
        caller.post("/api/v1/statuses/", &json!({ "status": "Two" })).await?.ok()?;
        caller.get("/api/v1/timelines/home/?limit=1").await?.ok()?;
        Ok(())
    }
}

on_both! {
    async fn a_method_that_is_not_served_is_refused_in_words(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let caller = Caller::person(&node, "asha").await?;
        let paths =
            [(Method::POST, "/api/v1/profile"), (Method::PUT, "/api/v1/domain_blocks"), (Method::DELETE, "/api/v1/preferences")];
        for (method, path) in paths {
            said(caller.request(method, path)).await?.refused(StatusCode::METHOD_NOT_ALLOWED, "method")?;
        }
        said(caller.request(Method::GET, "/api/v1/nothing")).await?.refused(StatusCode::NOT_FOUND, "not found")?;
        Ok(())
    }
}

on_both! {
    async fn forms_json_multipart_and_queries_publish_the_same(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let caller = Caller::person(&node, "asha").await?;
        let post = || caller.request(Method::POST, "/api/v1/statuses");
        let words = "Tea & “cake” at 4 + 1";
        let pairs = [("status", words), ("visibility", "private"), ("sensitive", "1"), ("spoiler_text", "Food"), ("language", "en")];
        let multipart: String = pairs
            .iter()
            .map(|(name, value)| format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"))
            .chain(["--cut--\r\n".to_owned()])
            .collect();
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let json = json!({ "status": words, "visibility": "private", "sensitive": true, "spoiler_text": "Food", "language": "en", "media_ids": [], "poll": null });
        for (how, request) in [
            ("form", post().form(&pairs)),
            ("json", post().json(&json)),
            ("multipart", post().header("content-type", "multipart/form-data; boundary=cut").body(multipart)),
            ("query", caller.request(Method::POST, &format!("/api/v1/statuses?{query}"))),
        ] {
            let status = said(request).await?.ok()?;
            ensure!(status["content"].as_str().unwrap().contains("Tea &amp; “cake” at 4 + 1"), "{how}: {}", status["content"]);
            ensure!(status["visibility"] == "private" && status["sensitive"] == true && status["spoiler_text"] == "Food", "{how}: {status}");
            ensure!(status["language"] == "en", "{how}: {status}");
        }
        Ok(())
    }
}

on_both! {
    async fn arrays_come_in_every_shape(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let caller = Caller::person(&node, "asha").await?;
        let (one, two) = (Caller::person(&node, "bryn").await?.me().await?, Caller::person(&node, "cerys").await?.me().await?);
        let ids = |list: Vec<Value>| list.iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();
        let both = vec![one.clone(), two.clone()];
        for query in [
            format!("id[]={one}&id[]={two}"), format!("id%5B%5D={one}&id%5B%5D={two}"), format!("id[0]={one}&id[1]={two}"),
            format!("id[]={one}&id[]=nonsense&id[]={two}&id[]=1"),
        ] {
            let found = ids(caller.get(&format!("/api/v1/accounts/relationships?{query}")).await?.list()?);
            ensure!(found == both, "{query}: {found:?}");
        }
        let alone = ids(caller.get(&format!("/api/v1/accounts/relationships?id={one}")).await?.list()?);
        ensure!(alone == vec![one.clone()], "{alone:?}");
        let accounts = ids(caller.get(&format!("/api/v1/accounts?id[]={two}&id[]={one}")).await?.list()?);
        ensure!(accounts.len() == 2 && accounts.contains(&one) && accounts.contains(&two), "{accounts:?}");
        ensure!(caller.get("/api/v1/accounts/relationships").await?.list()?.is_empty());
        Ok(())
    }
}

on_both! {
    async fn what_is_not_known_is_ignored(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let caller = Caller::person(&node, "asha").await?;
        let noise = "state=None&lang=None&oauth_info=1&oauth_info=2&a[b][c][d][e][f]=1&[]=1&=&%FF=%FF&&&limit=2&exclude_replies=maybe&max_id=&since_id=zz";
        for path in ["/api/v1/timelines/home", "/api/v1/instance", "/api/v1/notifications", "/api/v1/timelines/public", "/api/v2/search"] {
            let answer = caller.get(&format!("{path}?{noise}")).await?;
            ensure!(answer.status == StatusCode::OK, "{path}: {} {}", answer.status, answer.body);
        }
        let body = json!({ "status": "Hello", "visibility": "None", "in_reply_to_id": null, "language": null, "nobody": { "knows": ["this"] }, "scheduled_at": "" });
        ensure!(caller.says(&body).await?["visibility"] == "public");
        Ok(())
    }
}

on_both! {
    async fn refusals_are_json_with_words(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let caller = Caller::person(&node, "asha").await?;
        let nobody = Caller::new(&node, None)?;
        let post = |kind: &str, body: &str| caller.request(Method::POST, "/api/v1/statuses").header("content-type", kind.to_owned()).body(body.to_owned());
        said(post("application/json", "{")).await?.refused(StatusCode::BAD_REQUEST, "JSON")?;
        said(post("application/json", "[1]")).await?.refused(StatusCode::BAD_REQUEST, "object")?;
        said(post("text/xml", "<a/>")).await?.refused(StatusCode::BAD_REQUEST, "text/xml")?;
        said(post("multipart/form-data", "--x")).await?.refused(StatusCode::BAD_REQUEST, "boundary")?;
        said(post("application/json", &"a".repeat(300 * 1024))).await?.refused(StatusCode::PAYLOAD_TOO_LARGE, "larger")?;
        let long = "a".repeat(5001);
        caller.post("/api/v1/statuses", &json!({ "status": long })).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "5000")?;
        caller.post("/api/v1/statuses", &json!({ "status": "  " })).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "")?;
        caller.post("/api/v1/statuses", &json!({ "status": "a", "visibility": "everywhere" })).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "everywhere")?;
        caller.post("/api/v1/statuses", &json!({ "status": "a", "audience": "galaxy" })).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "galaxy")?;
        caller.post("/api/v1/statuses", &json!({ "status": "a", "marking": "TOP SECRET" })).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "TOP SECRET")?;
        for path in ["/api/v1/statuses/1", "/api/v1/statuses/nonsense", "/api/v1/accounts/1", "/api/v1/accounts/99999999999999999999999", "/api/v1/accounts/lookup?acct=nobody"] {
            caller.get(path).await?.refused(StatusCode::NOT_FOUND, "not found")?;
        }
        for path in ["/api/v1/nothing", "/api/v9/instance", "/api"] {
            caller.get(path).await?.refused(StatusCode::NOT_FOUND, "not found")?;
        }
        caller.post("/api/v1/statuses/1/explode", &json!({})).await?.refused(StatusCode::NOT_FOUND, "not found")?;
        let unknown = nobody.get("/api/v1/timelines/home").await?;
        unknown.refused(StatusCode::UNAUTHORIZED, "token")?;
        ensure!(unknown.header("www-authenticate").starts_with("Bearer"), "{:?}", unknown.headers);
        for wrong in ["", "nonsense", &"a".repeat(500)] {
            let answer = said(nobody.request(Method::GET, "/api/v1/timelines/home").header("authorization", format!("Bearer {wrong}"))).await?;
            answer.refused(StatusCode::UNAUTHORIZED, "token")?;
        }
        // A token in the address would stand in logs and histories.
        let token = Caller::person(&node, "bryn").await?;
        let bearer = token.request(Method::GET, "/").build()?.headers()["authorization"].to_str()?.replace("Bearer ", "");
        nobody.get(&format!("/api/v1/timelines/home?access_token={bearer}")).await?.refused(StatusCode::UNAUTHORIZED, "token")?;
        ensure!(caller.get("/api/v1/timelines/home").await?.list()?.is_empty(), "a refusal left something behind");
        Ok(())
    }
}

on_both! {
    async fn what_is_not_offered_is_refused_in_words(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let caller = Caller::person(&node, "asha").await?;
        for (more, words) in [
            (json!({ "media_ids": ["1"] }), "picture"),
            (json!({ "media_ids": ["one"] }), "media_ids"),
            (json!({ "poll": { "options": ["a"], "expires_in": 600 } }), "Options"),
            (json!({ "poll": { "options": ["a", "b"], "expires_in": 6 } }), "too soon"),
            (json!({ "scheduled_at": "later" }), "scheduled"),
        ] {
            let mut body = json!({ "status": "Half of it" });
            body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            caller.post("/api/v1/statuses", &body).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, words)?;
        }
        let form = [("status", "Half of it"), ("poll[options][]", "a"), ("poll[options][]", "a"), ("poll[expires_in]", "600")];
        said(caller.request(Method::POST, "/api/v1/statuses").form(&form)).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "Options")?;
        let form = [("status", "Half of it"), ("media_ids[]", "1")];
        said(caller.request(Method::POST, "/api/v1/statuses").form(&form)).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "picture")?;
        caller.post("/api/v1/statuses", &json!({ "status": "@nobody@stranger.example hello" })).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "stranger.example")?;
        ensure!(caller.get("/api/v1/timelines/home").await?.list()?.is_empty(), "half a post was published");
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn browser_clients_elsewhere_may_ask_when_their_origin_is_allowed() -> Result<()> {
    let node =
        TestNode::start_with(Kind::Sqlite, |setup| setup.api.cors_origins = vec!["https://client.example".to_owned()])
            .await?;
    let nobody = Caller::new(&node, None)?;
    for path in [
        "/api/v1/timelines/home",
        "/api/v1/statuses",
        "/oauth/token",
        "/oauth/revoke",
        "/.well-known/oauth-authorization-server",
    ] {
        for (origin, allowed) in [("https://client.example", true), ("https://evil.example", false)] {
            let preflight = nobody
                .request(Method::OPTIONS, path)
                .header("origin", origin)
                .header("access-control-request-method", "POST")
                .header("access-control-request-headers", "authorization,content-type,idempotency-key");
            let answer = said(preflight).await?;
            ensure!(answer.status.is_success(), "{path}: {}", answer.status);
            ensure!(
                (answer.header("access-control-allow-origin") == origin) == allowed,
                "{path} from {origin}: {:?}",
                answer.headers
            );
            ensure!(answer.header("access-control-allow-credentials").is_empty());
            if allowed {
                for part in ["Authorization", "Idempotency-Key", "Content-Type"] {
                    ensure!(
                        answer.header("access-control-allow-headers").contains(part),
                        "{path}: {:?}",
                        answer.headers
                    );
                }
                ensure!(answer.header("access-control-expose-headers").contains("Link"));
            }
        }
    }
    // Also when the answer is a refusal: a client must be able to read why.
    let refused =
        said(nobody.request(Method::GET, "/api/v1/timelines/home").header("origin", "https://client.example")).await?;
    refused.refused(StatusCode::UNAUTHORIZED, "token")?;
    ensure!(refused.header("access-control-allow-origin") == "https://client.example", "{:?}", refused.headers);
    Ok(())
}

on_both! {
    async fn a_profile_is_changed_by_multipart_and_by_form(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let caller = Caller::person(&node, "asha").await?;
        let patch = || caller.request(Method::PATCH, "/api/v1/accounts/update_credentials");
        let multipart = "--cut\r\nContent-Disposition: form-data; name=\"display_name\"\r\n\r\nAsha P\r\n--cut\r\nContent-Disposition: form-data; name=\"locked\"\r\n\r\ntrue\r\n--cut--\r\n";
        let me = said(patch().header("content-type", "multipart/form-data; boundary=cut").body(multipart)).await?.ok()?;
        ensure!(me["display_name"] == "Asha P" && me["locked"] == true, "{me}");
        let me = said(patch().form(&[("note", "Buys **things**"), ("locked", "0")])).await?.ok()?;
        ensure!(me["display_name"] == "Asha P" && me["locked"] == false && me["source"]["note"] == "Buys **things**", "{me}");
        ensure!(me["note"].as_str().unwrap().contains("<strong>things</strong>"), "{me}");
        Ok(())
    }
}
