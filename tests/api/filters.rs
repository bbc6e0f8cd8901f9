//! Filters as clients make them, and what they then find in statuses.

use anyhow::{Context, Result, ensure};
use corridor_tests::{TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::caller::{Caller, said};

const BLANK: &str =
    "Validation failed: Title can't be blank, Context can't be blank, Context None or invalid context supplied";

fn ids(list: &[Value]) -> Vec<String> {
    list.iter().filter_map(|one| one["id"].as_str().map(str::to_owned)).collect()
}

/// Keywords without their numbers.
fn words(filter: &Value) -> Vec<(String, bool)> {
    let keywords = filter["keywords"].as_array().cloned().unwrap_or_default();
    keywords.iter().map(|one| (one["keyword"].as_str().unwrap().to_owned(), one["whole_word"] == true)).collect()
}

on_both! {
    async fn a_filter_is_made_alike_in_every_encoding(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let post = || asha.request(Method::POST, "/api/v2/filters");
        let form = "title=Hot+drinks&context[]=home&context[]=public&filter_action=hide&expires_in=3600\
                    &keywords_attributes[][keyword]=tea&keywords_attributes[][whole_word]=false\
                    &keywords_attributes[][keyword]=green+coffee&keywords_attributes[][whole_word]=true";
        let part = |name: &str, value: &str| format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        let multipart = [
            part("title", "Hot drinks"), part("context[]", "home"), part("context[]", "public"), part("filter_action", "hide"), part("expires_in", "3600"),
            part("keywords_attributes[][keyword]", "tea"), part("keywords_attributes[][whole_word]", "0"),
            part("keywords_attributes[][keyword]", "green coffee"), "--cut--\r\n".to_owned(),
        ];
        let json = json!({
            "title": "Hot drinks", "context": ["home", "public"], "filter_action": "hide", "expires_in": 3600,
            "keywords_attributes": [{ "keyword": "tea", "whole_word": false }, { "keyword": "green coffee" }],
        });
        let numbered = form.replacen("attributes[]", "attributes[0]", 2).replace("attributes[]", "attributes[1]");
        for request in [
            post().header("content-type", "application/x-www-form-urlencoded").body(form),
            post().header("content-type", "application/x-www-form-urlencoded").body(numbered),
            post().header("content-type", "multipart/form-data; boundary=cut").body(multipart.concat()),
            post().json(&json),
        ] {
            let made = said(request).await?.ok()?;
            let keys: Vec<&str> = made.as_object().context("no filter")?.keys().map(String::as_str).collect();
            ensure!(keys.len() == 7 && ["id", "title", "context", "expires_at", "filter_action", "keywords", "statuses"].iter().all(|key| keys.contains(key)), "{keys:?}");
            ensure!(made["title"] == "Hot drinks" && made["context"] == json!(["home", "public"]) && made["filter_action"] == "hide", "{made}");
            ensure!(made["expires_at"].as_str().is_some_and(|at| at.ends_with('Z')), "{made}");
            ensure!(words(&made) == [("tea".to_owned(), false), ("green coffee".to_owned(), true)], "{made}");
            ensure!(asha.get(&format!("/api/v2/filters/{}", text(&made, "id")?)).await?.ok()? == made);
        }
        ensure!(asha.get("/api/v2/filters").await?.list()?.len() == 4);
        Ok(())
    }
}

on_both! {
    async fn a_filter_and_its_keywords_change(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let made = asha.post("/api/v2/filters", &json!({ "title": "a", "context": ["thread"], "expires_in": 60, "keywords_attributes": [{ "keyword": "one" }, { "keyword": "two" }] })).await?.ok()?;
        ensure!(made["filter_action"] == "warn", "{made}");
        let path = format!("/api/v2/filters/{}", text(&made, "id")?);
        let (one, two) = (text(&made["keywords"][0], "id")?, text(&made["keywords"][1], "id")?);
        let form = format!("keywords_attributes[][id]={one}&keywords_attributes[][_destroy]=true&keywords_attributes[][id]={two}&keywords_attributes[][keyword]=baz&expires_in=");
        let changed = said(asha.request(Method::PUT, &path).header("content-type", "application/x-www-form-urlencoded").body(form)).await?.ok()?;
        ensure!(words(&changed) == [("baz".to_owned(), true)] && changed["title"] == "a" && changed["expires_at"].is_null(), "{changed}");
        ensure!(changed["keywords"][0]["id"] == json!(two), "{changed}");
        let changed = said(asha.request(Method::PUT, &path).json(&json!({ "title": "b", "context": ["home"], "filter_action": "blur", "expires_in": 60 }))).await?.ok()?;
        ensure!(changed["title"] == "b" && changed["context"] == json!(["home"]) && changed["filter_action"] == "blur" && changed["expires_at"].is_string(), "{changed}");
        let changed = said(asha.request(Method::PUT, &path).json(&json!({ "expires_in": null }))).await?.ok()?;
        ensure!(changed["expires_at"].is_null(), "{changed}");

        let keyword = asha.post(&format!("{path}/keywords"), &json!({ "keyword": "more", "whole_word": false })).await?.ok()?;
        ensure!(keyword == json!({ "id": keyword["id"], "keyword": "more", "whole_word": false }), "{keyword}");
        let alone = format!("/api/v2/filters/keywords/{}", text(&keyword, "id")?);
        ensure!(asha.get(&alone).await?.ok()? == keyword);
        ensure!(asha.get(&format!("{path}/keywords")).await?.list()?.len() == 2);
        let keyword = said(asha.request(Method::PUT, &alone).form(&[("keyword", "most"), ("whole_word", "true")])).await?.ok()?;
        ensure!(keyword["keyword"] == "most" && keyword["whole_word"] == true, "{keyword}");
        ensure!(said(asha.request(Method::DELETE, &alone)).await?.ok()? == json!({}));
        asha.get(&alone).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        ensure!(said(asha.request(Method::DELETE, &path)).await?.ok()? == json!({}));
        ensure!(asha.get("/api/v2/filters").await?.list()?.is_empty());
        Ok(())
    }
}

on_both! {
    async fn statuses_say_what_was_found_in_them(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let them = bryn.me().await?;
        asha.post(&format!("/api/v1/accounts/{them}/follow"), &json!({})).await?.ok()?;
        let tea = text(&bryn.says(&json!({ "status": "@asha some #Tea" })).await?, "id")?;
        let other = text(&bryn.says(&json!({ "status": "Something else" })).await?, "id")?;
        let filter = asha.post("/api/v2/filters", &json!({ "title": "Drinks", "context": ["home", "thread", "notifications"], "keywords_attributes": [{ "keyword": "tea" }] })).await?.ok()?;
        let home = asha.get("/api/v1/timelines/home").await?.list()?;
        ensure!(ids(&home) == [other.clone(), tea.clone()]);
        ensure!(home[0]["filtered"] == json!([]));
        let named = json!({ "id": filter["id"], "title": "Drinks", "context": ["home", "notifications", "thread"], "expires_at": null, "filter_action": "warn" });
        let result = json!([{ "filter": named, "keyword_matches": ["tea"], "status_matches": null }]);
        ensure!(home[1]["filtered"] == result, "{}", home[1]["filtered"]);
        ensure!(asha.get(&format!("/api/v1/statuses/{tea}")).await?.ok()?["filtered"] == result);
        ensure!(asha.get("/api/v1/notifications?types[]=mention").await?.list()?[0]["status"]["filtered"] == result);
        for elsewhere in ["/api/v1/timelines/public".to_owned(), "/api/v1/timelines/tag/tea".to_owned(), format!("/api/v1/accounts/{them}/statuses")] {
            let posts = asha.get(&elsewhere).await?.list()?;
            ensure!(!posts.is_empty() && posts.iter().all(|post| post["filtered"] == json!([])), "{elsewhere}");
        }
        ensure!(bryn.get(&format!("/api/v1/statuses/{tea}")).await?.ok()?["filtered"] == json!([]), "not the author's");

        let path = format!("/api/v2/filters/{}", text(&filter, "id")?);
        let held = asha.post(&format!("{path}/statuses"), &json!({ "status_id": other })).await?.ok()?;
        ensure!(held == json!({ "id": held["id"], "status_id": other }), "{held}");
        ensure!(asha.get(&format!("{path}/statuses")).await?.list()? == vec![held.clone()]);
        let alone = format!("/api/v2/filters/statuses/{}", text(&held, "id")?);
        ensure!(asha.get(&alone).await?.ok()? == held);
        let found = asha.get("/api/v1/timelines/home").await?.list()?[0]["filtered"].clone();
        ensure!(found[0]["status_matches"] == json!([other]) && found[0]["keyword_matches"].is_null(), "{found}");
        ensure!(said(asha.request(Method::DELETE, &alone)).await?.ok()? == json!({}));

        said(asha.request(Method::PUT, &path).json(&json!({ "filter_action": "hide" }))).await?.ok()?;
        ensure!(ids(&asha.get("/api/v1/timelines/home").await?.list()?) == [other.clone()], "it is hidden at once");
        ensure!(asha.get("/api/v1/notifications?types[]=mention").await?.list()?.is_empty());
        let there = asha.get(&format!("/api/v1/statuses/{tea}")).await?.ok()?;
        ensure!(there["filtered"][0]["filter"]["filter_action"] == "hide", "{there}");
        Ok(())
    }
}

on_both! {
    async fn what_can_not_be_is_refused_as_mastodon_does(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let refused = async |path: &str, body: Value, words: &str| -> Result<()> {
            asha.post(path, &body).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, words)?;
            Ok(())
        };
        refused("/api/v2/filters", json!({}), BLANK).await?;
        refused("/api/v2/filters", json!({ "title": "a", "context": ["everywhere"] }), "Context None or invalid context supplied").await?;
        refused("/api/v2/filters", json!({ "title": "a", "context": ["home"], "filter_action": "burn" }), "burn").await?;
        refused("/api/v2/filters", json!({ "title": "a", "context": ["home"], "keywords_attributes": [{ "keyword": " " }] }), "Keyword can't be blank").await?;
        let odd = json!({ "title": "a", "context": ["home"], "keywords_attributes": ["tea"] });
        asha.post("/api/v2/filters", &odd).await?.refused(StatusCode::BAD_REQUEST, "keywords_attributes")?;
        let claimed = json!({ "title": "a", "context": ["home"], "keywords_attributes": [{ "id": "1", "keyword": "tea" }] });
        asha.post("/api/v2/filters", &claimed).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        ensure!(asha.get("/api/v2/filters").await?.list()?.is_empty(), "half a filter was made");

        let made = asha.post("/api/v2/filters", &json!({ "title": "a", "context": ["home"], "keywords_attributes": [{ "keyword": "tea" }] })).await?.ok()?;
        let path = format!("/api/v2/filters/{}", text(&made, "id")?);
        refused(&format!("{path}/keywords"), json!({}), "Validation failed: Keyword can't be blank").await?;
        for status in ["", "1", "nonsense"] {
            asha.post(&format!("{path}/statuses"), &json!({ "status_id": status })).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        }
        let keyword = format!("/api/v2/filters/keywords/{}", text(&made["keywords"][0], "id")?);
        let phrase = keyword.replace("v2/filters/keywords", "v1/filters");
        for (method, path) in [
            (Method::GET, path.clone()), (Method::PUT, path.clone()), (Method::DELETE, path.clone()), (Method::GET, format!("{path}/keywords")),
            (Method::POST, format!("{path}/keywords")), (Method::GET, format!("{path}/statuses")), (Method::GET, keyword.clone()),
            (Method::PUT, keyword.clone()), (Method::DELETE, keyword), (Method::GET, phrase.clone()), (Method::PUT, phrase.clone()), (Method::DELETE, phrase),
        ] {
            let answer = said(bryn.request(method.clone(), &path).json(&json!({ "title": "Mine", "keyword": "mine", "phrase": "mine" }))).await?;
            answer.refused(StatusCode::NOT_FOUND, "Record not found").with_context(|| format!("{method} {path}"))?;
        }
        ensure!(asha.get(&path).await?.ok()? == made, "somebody else changed it");
        Ok(())
    }
}

on_both! {
    async fn clients_of_before_mastodon_4_have_phrases(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let form = [("phrase", "tea"), ("context[]", "home"), ("context[]", "notifications"), ("irreversible", "true"), ("whole_word", "1")];
        let made = said(asha.request(Method::POST, "/api/v1/filters").form(&form)).await?.ok()?;
        ensure!(made == json!({ "id": made["id"], "phrase": "tea", "context": ["home", "notifications"], "whole_word": true, "expires_at": null, "irreversible": true }), "{made}");
        let path = format!("/api/v1/filters/{}", text(&made, "id")?);
        ensure!(asha.get("/api/v1/filters").await?.list()? == vec![made.clone()] && asha.get(&path).await?.ok()? == made);
        let whole = &asha.get("/api/v2/filters").await?.list()?[0];
        ensure!(whole["title"] == "tea" && whole["filter_action"] == "hide" && whole["keywords"][0]["id"] == made["id"], "{whole}");
        let changed = said(asha.request(Method::PUT, &path).json(&json!({ "phrase": "coffee", "context": ["home"], "irreversible": false, "expires_in": 60 }))).await?.ok()?;
        ensure!(changed["phrase"] == "coffee" && changed["irreversible"] == false && changed["whole_word"] == true && changed["expires_at"].is_string(), "{changed}");
        asha.post(&format!("/api/v2/filters/{}/keywords", text(whole, "id")?), &json!({ "keyword": "milk" })).await?.ok()?;
        said(asha.request(Method::PUT, &path).json(&json!({ "phrase": "coffee", "context": ["thread"] }))).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "other keywords")?;
        asha.post("/api/v1/filters", &json!({ "context": ["home"] })).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "Validation failed: Phrase can't be blank")?;
        asha.post("/api/v1/filters", &json!({ "phrase": "x" })).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "Validation failed: Context can't be blank, Context None or invalid context supplied")?;
        ensure!(said(asha.request(Method::DELETE, &path)).await?.ok()? == json!({}));
        ensure!(asha.get("/api/v1/filters").await?.list()?.len() == 1, "only the phrase is gone");
        Ok(())
    }
}
