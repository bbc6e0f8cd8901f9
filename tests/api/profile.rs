//! The caller's own account: everything that can be set is kept and given back, in each form that clients send.

use anyhow::ensure;
use corridor_tests::{TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::caller::{Caller, said};

const PATH: &str = "/api/v1/accounts/update_credentials";

on_both! {
    async fn everything_is_kept_and_given_back(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let change = json!({
            "display_name": "Asha P", "note": "Buys **things**", "locked": true, "bot": true, "discoverable": false, "hide_collections": true,
            "indexable": false, "attribution_domains": ["Blog.example.gov", "https://blog.example.gov/"],
            "fields_attributes": [{ "name": "Building", "value": "*Main*" }, { "name": "", "value": "" }, { "name": "Team", "value": "Buying" }],
            "source": { "privacy": "private", "sensitive": true, "language": "cy" },
        });
        let me = said(asha.request(Method::PATCH, PATH).json(&change)).await?.ok()?;
        ensure!(me["source"] == json!({
            "privacy": "private", "audience": "followers", "sensitive": true, "language": "cy", "note": "Buys **things**",
            "fields": [{ "name": "Building", "value": "*Main*", "verified_at": null }, { "name": "Team", "value": "Buying", "verified_at": null }],
            "follow_requests_count": 0, "discoverable": false, "indexable": false, "hide_collections": true, "attribution_domains": ["blog.example.gov"],
        }), "{}", me["source"]);
        ensure!(asha.get("/api/v1/accounts/verify_credentials").await?.ok()? == me);
        let seen = bryn.get(&format!("/api/v1/accounts/{}", text(&me, "id")?)).await?.ok()?;
        for (name, value) in [("locked", true), ("bot", true), ("discoverable", false), ("hide_collections", true), ("indexable", false), ("noindex", true)] {
            ensure!(seen[name] == value && me[name] == value, "{name}: {seen}");
        }
        ensure!(seen["fields"][0]["value"].as_str().is_some_and(|html| html.contains("<em>Main</em>")), "{seen}");
        let preferences = asha.get("/api/v1/preferences").await?.ok()?;
        ensure!(preferences == json!({
            "posting:default:visibility": "private", "posting:default:audience": "followers", "posting:default:sensitive": true,
            "posting:default:language": "cy", "posting:default:quote_policy": "nobody", "reading:expand:media": "default",
            "reading:expand:spoilers": false, "reading:autoplay:gifs": false,
        }), "{preferences}");
        let post = asha.says(&json!({ "status": "Hello" })).await?;
        ensure!(post["sensitive"] == true && post["language"] == "cy" && post["audience"] == "followers", "{post}");
        ensure!(asha.says(&json!({ "status": "Hello", "sensitive": false })).await?["sensitive"] == false);

        let form = [
            ("fields_attributes[0][name]", "Room"), ("fields_attributes[0][value]", "12"), ("fields_attributes[1][name]", "Floor"),
            ("fields_attributes[1][value]", "3"), ("source[privacy]", "public"), ("source[sensitive]", "false"), ("source[language]", ""),
            ("bot", "0"), ("hide_collections", "false"), ("attribution_domains[]", ""),
        ];
        let me = said(asha.request(Method::PATCH, PATH).form(&form)).await?.ok()?;
        let source = &me["source"];
        ensure!(source["fields"][1] == json!({ "name": "Floor", "value": "3", "verified_at": null }) && source["fields"].as_array().is_some_and(|all| all.len() == 2), "{source}");
        ensure!(source["privacy"] == "public" && source["sensitive"] == false && source["language"].is_null() && source["attribution_domains"] == json!([]), "{source}");
        ensure!(me["bot"] == false && me["hide_collections"] == false && me["display_name"] == "Asha P" && me["locked"] == true, "{me}");
        Ok(())
    }
}

on_both! {
    async fn what_can_not_be_is_refused_and_what_was_told_can_be_handed_back(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let ours = said(asha.request(Method::PATCH, PATH).json(&json!({ "source": { "audience": "department" } }))).await?.ok()?;
        ensure!(ours["source"]["privacy"] == "private" && ours["source"]["audience"] == "department", "{ours}");
        let back = said(asha.request(Method::PATCH, PATH).json(&json!({ "source": { "privacy": "private" } }))).await?.ok()?;
        ensure!(back["source"]["audience"] == "department", "what it was told is handed back, which changes nothing: {back}");
        let many: Vec<_> = (0..9).map(|number| json!({ "name": number.to_string(), "value": "x" })).collect();
        for (change, words) in [
            (json!({ "source": { "privacy": "everywhere" } }), "everywhere"),
            (json!({ "source": { "privacy": "direct" } }), "start with"),
            (json!({ "source": { "language": "no language" } }), "language"),
            (json!({ "attribution_domains": ["not a domain"] }), "not a domain"),
            (json!({ "fields_attributes": many }), "fields"),
            (json!({ "display_name": "x".repeat(500) }), "Name"),
        ] {
            said(asha.request(Method::PATCH, PATH).json(&change)).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, words)?;
        }
        Ok(())
    }
}

on_both! {
    async fn hidden_collections_are_their_owners_alone(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn) = (Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?);
        let (me, them) = (asha.me().await?, bryn.me().await?);
        asha.post(&format!("/api/v1/accounts/{them}/follow"), &json!({})).await?.ok()?;
        bryn.post(&format!("/api/v1/accounts/{me}/follow"), &json!({})).await?.ok()?;
        for (hidden, seen) in [("true", 0), ("false", 1)] {
            said(asha.request(Method::PATCH, PATH).form(&[("hide_collections", hidden)])).await?.ok()?;
            for list in ["followers", "following"] {
                let path = format!("/api/v1/accounts/{me}/{list}");
                ensure!(bryn.get(&path).await?.list()?.len() == seen, "{list} when hidden is {hidden}");
                ensure!(asha.get(&path).await?.list()?.len() == 1, "one's own");
            }
        }
        Ok(())
    }
}

on_both! {
    async fn a_profile_is_read_and_changed_as_it_was_typed(kind: Kind) {
        const PROFILE: &str = "/api/v1/profile";
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let me = asha.me().await?;
        let first = asha.get(PROFILE).await?.ok()?;
        let mut names: Vec<&String> = first.as_object().map(|one| one.keys().collect()).unwrap_or_default();
        names.sort_unstable();
        let expected = [
            "attribution_domains", "avatar", "avatar_description", "avatar_static", "bot", "discoverable", "display_name",
            "featured_tags", "fields", "header", "header_description", "header_static", "hide_collections", "id", "indexable",
            "locked", "note", "show_featured", "show_media", "show_media_replies",
        ];
        ensure!(names == expected && first["id"] == json!(me), "{first}");
        ensure!(first["avatar"].is_null() && first["header_static"].is_null() && first["show_media"] == true, "{first}");
        asha.post("/api/v1/tags/tea/feature", &json!({})).await?.ok()?;
        let change = json!({
            "display_name": "Asha P", "note": "Tea & **cake**", "locked": true, "attribution_domains": ["news.example"],
            "fields_attributes": [{ "name": "Site", "value": "https://site.example" }],
        });
        let changed = said(asha.request(Method::PATCH, PROFILE).json(&change)).await?.ok()?;
        ensure!(changed["note"] == "Tea & **cake**" && changed["display_name"] == "Asha P" && changed["locked"] == true, "{changed}");
        ensure!(changed["fields"] == json!([{ "name": "Site", "value": "https://site.example", "verified_at": null }]), "{changed}");
        ensure!(changed["featured_tags"][0]["name"] == "tea" && changed["attribution_domains"] == json!(["news.example"]), "{changed}");
        ensure!(asha.get(PROFILE).await?.ok()? == changed);
        let wrong = said(asha.request(Method::PATCH, PROFILE).json(&json!({ "display_name": "x".repeat(500) }))).await?;
        wrong.refused(StatusCode::UNPROCESSABLE_ENTITY, "Name")?;
        Ok(())
    }
}

on_both! {
    async fn programs_are_told_who_signs_in(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = Caller::person(&node, "asha").await?;
        let account = asha.get("/api/v1/accounts/verify_credentials").await?.ok()?;
        let info = asha.get("/oauth/userinfo").await?.ok()?;
        let expected = json!({
            "iss": node.at("/"), "sub": account["uri"], "name": account["display_name"], "preferred_username": "asha",
            "profile": account["url"], "picture": account["avatar"],
        });
        ensure!(info == expected, "{info}");
        ensure!(asha.post("/oauth/userinfo", &json!({})).await?.ok()? == expected);
        let known = Caller::new(&node, None)?.get("/.well-known/oauth-authorization-server").await?.ok()?;
        ensure!(known["userinfo_endpoint"] == json!(node.at("/oauth/userinfo")), "{known}");
        Caller::new(&node, None)?.get("/oauth/userinfo").await?.refused(StatusCode::UNAUTHORIZED, "token")?;
        ensure!(Caller::new(&node, None)?.get("/health").await?.status == StatusCode::OK);
        Ok(())
    }
}
