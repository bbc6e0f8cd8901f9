//! OAuth: registration, the code and its traps, PKCE, revocation.

use anyhow::{Context, Result, ensure};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use corridor_tests::{Kind, TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::caller::{App, Caller, OUT_OF_BAND, said};
use crate::web::pages::Pages;

const REDIRECT: &str = "http://127.0.0.1:9/callback?from=corridor";

async fn member(node: &TestNode) -> Result<Pages> {
    node.add("asha").await?;
    Pages::signed_in(&node.url, "asha").await
}

on_both! {
    async fn an_application_registers_in_every_usual_shape(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let nobody = Caller::new(&node, None)?;
        let two = json!([OUT_OF_BAND, REDIRECT]);
        for body in [
            json!({ "client_name": "A client", "redirect_uris": two, "scopes": "read write" }),
            json!({ "client_name": "A client", "redirect_uris": format!("{OUT_OF_BAND}\n{REDIRECT}"), "scopes": "read write" }),
        ] {
            let app = nobody.post("/api/v1/apps", &body).await?.ok()?;
            ensure!(app["redirect_uris"] == two && app["scopes"] == json!(["read", "write"]), "{app}");
            ensure!(app["client_secret_expires_at"] == 0 && app["redirect_uri"] == format!("{OUT_OF_BAND}\n{REDIRECT}"), "{app}");
        }
        let form = [("client_name", "A client"), ("redirect_uris", OUT_OF_BAND), ("website", "https://client.example")];
        let app = said(nobody.request(Method::POST, "/api/v1/apps").form(&form)).await?.ok()?;
        ensure!(app["scopes"] == json!(["read"]) && app["website"] == "https://client.example", "{app}");
        for (wrong, words) in [
            (json!({ "redirect_uris": OUT_OF_BAND }), "client_name"),
            (json!({ "client_name": "A" }), "redirect_uris"),
            (json!({ "client_name": "A", "redirect_uris": "javascript:alert(1)" }), "javascript"),
            (json!({ "client_name": "A", "redirect_uris": "not an address" }), "address"),
            (json!({ "client_name": "A", "redirect_uris": OUT_OF_BAND, "scopes": "read everything" }), "scope"),
        ] {
            let answer = nobody.post("/api/v1/apps", &wrong).await?;
            ensure!(answer.status.is_client_error(), "{wrong}: {}", answer.status);
            answer.refused(answer.status, words)?;
        }
        Ok(())
    }
}

on_both! {
    async fn a_code_shown_on_the_page_becomes_a_token(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let mut pages = member(&node).await?;
        let app = App::register(&node, OUT_OF_BAND, "read write").await?;
        // toot opens the address with a slash, Mastodon.py with parameters that mean nothing.
        let slashed = app.address(&[("force_login", "False"), ("state", "None"), ("lang", "None")]).replace("/oauth/authorize?", "/oauth/authorize/?");
        let page = pages.get(&slashed).await?;
        ensure!(page.status == StatusCode::OK && page.body.contains("A client"), "{}", page.status);
        let code = app.code(&mut pages, &[]).await?;
        let token = app.exchange(&node, &code, &[]).await?;
        ensure!(token.header("cache-control").contains("no-store"));
        let token = token.ok()?;
        ensure!(token["token_type"] == "Bearer" && token["scope"] == "read write", "{token}");
        ensure!(token["created_at"].as_i64().is_some_and(|at| at > 1_600_000_000), "{token}");
        ensure!(token.get("refresh_token").is_none(), "{token}");
        let caller = Caller::new(&node, Some(&text(&token, "access_token")?))?;
        ensure!(caller.get("/api/v1/accounts/verify_credentials").await?.ok()?["username"] == "asha");
        ensure!(caller.get("/api/v1/apps/verify_credentials").await?.ok()?["name"] == "A client");
        // The same by JSON, with the client's secret in the header, as RFC 6749 recommends.
        let code = app.code(&mut pages, &[]).await?;
        let body = json!({ "grant_type": "authorization_code", "code": code, "redirect_uri": OUT_OF_BAND });
        let basic = format!("Basic {}", STANDARD.encode(format!("{}:{}", app.id, app.secret)));
        said(Caller::new(&node, None)?.request(Method::POST, "/oauth/token").header("authorization", basic).json(&body)).await?.ok()?;
        Ok(())
    }
}

on_both! {
    async fn hostile_063_a_redirect_brings_code_and_state_and_must_match_to_the_letter(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let mut pages = member(&node).await?;
        let app = App::register(&node, REDIRECT, "read").await?;
        let answer = app.agree(&mut pages, &[("state", "a b&c")]).await?;
        let back = url::Url::parse(answer.location()?)?;
        ensure!(back.as_str().starts_with(REDIRECT), "{back}");
        let found = |name: &str| back.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
        ensure!(found("state").as_deref() == Some("a b&c") && found("from").as_deref() == Some("corridor"), "{back}");
        let code = found("code").context("no code")?;
        app.exchange(&node, &code, &[("redirect_uri", "http://127.0.0.1:9/callback")]).await?.refused(StatusCode::BAD_REQUEST, "invalid_grant")?;
        let answer = pages.fill(&app.address(&[]), "/oauth/authorize", &[("decision", "deny")]).await?;
        ensure!(answer.location()?.starts_with(REDIRECT) && answer.location()?.contains("error=access_denied"), "{}", answer.location()?);
        for other in [
            "http://127.0.0.1:9/callback", "http://127.0.0.1:9/callback?from=corridor&x=1", "http://127.0.0.1:9/callback?from=corridor/",
            "http://evil.example/callback", "http://127.0.0.1:9/CALLBACK?from=corridor", OUT_OF_BAND, "",
        ] {
            let answer = pages.get(&app.address(&[("redirect_uri", other)])).await?;
            ensure!(answer.status == StatusCode::BAD_REQUEST, "{other}: {}", answer.status);
            ensure!(answer.headers.get("location").is_none(), "{other} was gone to");
            let csrf = pages.csrf("/write").await?;
            let form = [("csrf", csrf.as_str()), ("decision", "approve"), ("response_type", "code"), ("client_id", &app.id), ("redirect_uri", other), ("scope", "read")];
            let answer = pages.post("/oauth/authorize", &form).await?;
            ensure!(answer.status == StatusCode::BAD_REQUEST && answer.headers.get("location").is_none(), "{other}: {}", answer.status);
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_065_nobody_gets_more_than_was_registered(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let mut pages = member(&node).await?;
        let app = App::register(&node, OUT_OF_BAND, "read:statuses write").await?;
        for scope in ["read", "admin:read", "everything", "read:statuses follow push"] {
            let answer = pages.get(&app.address(&[("scope", scope)])).await?;
            ensure!(answer.status == StatusCode::BAD_REQUEST, "{scope}: {}", answer.status);
        }
        let code = app.code(&mut pages, &[("scope", "read:statuses write:favourites")]).await?;
        let token = app.exchange(&node, &code, &[]).await?.ok()?;
        ensure!(token["scope"] == "read:statuses write:favourites", "{token}");
        let caller = Caller::new(&node, Some(&text(&token, "access_token")?))?;
        caller.get("/api/v1/timelines/home").await?.list()?;
        caller.get("/api/v1/notifications").await?.refused(StatusCode::FORBIDDEN, "scope")?;
        caller.post("/api/v1/statuses", &json!({ "status": "No" })).await?.refused(StatusCode::FORBIDDEN, "scope")?;
        for (wrong, words) in [
            ([("response_type", "token")], "code"), ([("client_id", "nobody")], "client"),
        ] {
            let answer = pages.get(&app.address(&wrong)).await?;
            ensure!(answer.status == StatusCode::BAD_REQUEST && answer.body.contains(words), "{wrong:?}: {}", answer.status);
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_064_a_code_works_once_and_its_second_use_ends_what_it_gave(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let mut pages = member(&node).await?;
        let app = App::register(&node, OUT_OF_BAND, "read").await?;
        let code = app.code(&mut pages, &[]).await?;
        let token = text(&app.exchange(&node, &code, &[]).await?.ok()?, "access_token")?;
        let caller = Caller::new(&node, Some(&token))?;
        caller.get("/api/v1/timelines/home").await?.list()?;
        app.exchange(&node, &code, &[]).await?.refused(StatusCode::BAD_REQUEST, "invalid_grant")?;
        caller.get("/api/v1/timelines/home").await?.refused(StatusCode::UNAUTHORIZED, "token")?;
        Ok(())
    }
}

on_both! {
    async fn hostile_064_a_code_is_for_its_own_client_alone(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let mut pages = member(&node).await?;
        let app = App::register(&node, OUT_OF_BAND, "read").await?;
        let thief = App::register(&node, OUT_OF_BAND, "read").await?;
        let code = app.code(&mut pages, &[]).await?;
        thief.exchange(&node, &code, &[]).await?.refused(StatusCode::BAD_REQUEST, "invalid_grant")?;
        app.exchange(&node, &code, &[("client_secret", "wrong")]).await?.refused(StatusCode::UNAUTHORIZED, "invalid_client")?;
        app.exchange(&node, &code, &[("client_id", "wrong")]).await?.refused(StatusCode::UNAUTHORIZED, "invalid_client")?;
        app.exchange(&node, &code, &[("client_secret", "")]).await?.refused(StatusCode::UNAUTHORIZED, "invalid_client")?;
        app.exchange(&node, "no code", &[]).await?.refused(StatusCode::BAD_REQUEST, "invalid_grant")?;
        app.exchange(&node, &code, &[("grant_type", "password")]).await?.refused(StatusCode::BAD_REQUEST, "unsupported_grant_type")?;
        app.exchange(&node, &code, &[("grant_type", "")]).await?.refused(StatusCode::BAD_REQUEST, "grant")?;
        app.exchange(&node, &code, &[("redirect_uri", "")]).await?.refused(StatusCode::BAD_REQUEST, "redirect_uri")?;
        app.exchange(&node, &code, &[("scope", "read write")]).await?.refused(StatusCode::BAD_REQUEST, "invalid_scope")?;
        // None of these mistakes of others cost the client its code.
        app.exchange(&node, &code, &[]).await?.ok()?;
        Ok(())
    }
}

on_both! {
    async fn hostile_064_a_challenge_is_kept_when_one_was_made_and_not_demanded(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let mut pages = member(&node).await?;
        let app = App::register(&node, OUT_OF_BAND, "read").await?;
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        let challenge = URL_SAFE_NO_PAD.encode(openssl::sha::sha256(verifier.as_bytes()));
        // RFC 7636, appendix B.
        ensure!(challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        let with = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
        let code = app.code(&mut pages, &with).await?;
        app.exchange(&node, &code, &[("code_verifier", verifier)]).await?.ok()?;
        for wrong in ["dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl", challenge.as_str(), ""] {
            let code = app.code(&mut pages, &with).await?;
            app.exchange(&node, &code, &[("code_verifier", wrong)]).await?.refused(StatusCode::BAD_REQUEST, "invalid_grant")?;
        }
        let code = app.code(&mut pages, &[]).await?;
        app.exchange(&node, &code, &[]).await?.ok()?;
        for method in ["plain", "S512"] {
            let answer = pages.get(&app.address(&[("code_challenge", verifier), ("code_challenge_method", method)])).await?;
            ensure!(answer.status == StatusCode::BAD_REQUEST && answer.body.contains("S256"), "{method}: {}", answer.status);
        }
        Ok(())
    }
}

on_both! {
    async fn a_token_is_revoked_by_its_own_client(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let mut pages = member(&node).await?;
        let app = App::register(&node, OUT_OF_BAND, "read").await?;
        let other = App::register(&node, OUT_OF_BAND, "read").await?;
        let token = app.token(&node, &mut pages).await?;
        let kept = app.token(&node, &mut pages).await?;
        let nobody = Caller::new(&node, None)?;
        let revoke = |by: &App, token: &str| {
            let form = [("client_id", by.id.clone()), ("client_secret", by.secret.clone()), ("token", token.to_owned())];
            said(nobody.request(Method::POST, "/oauth/revoke").form(&form))
        };
        revoke(&other, &token).await?.refused(StatusCode::FORBIDDEN, "")?;
        Caller::new(&node, Some(&token))?.get("/api/v1/timelines/home").await?.list()?;
        for _ in 0..2 {
            ensure!(revoke(&app, &token).await?.ok()? == json!({}));
        }
        ensure!(revoke(&app, "unknown").await?.ok()? == json!({}));
        Caller::new(&node, Some(&token))?.get("/api/v1/timelines/home").await?.refused(StatusCode::UNAUTHORIZED, "token")?;
        Caller::new(&node, Some(&kept))?.get("/api/v1/timelines/home").await?.list()?;
        let wrong = App { secret: "wrong".to_owned(), ..app.clone() };
        revoke(&wrong, &kept).await?.refused(StatusCode::UNAUTHORIZED, "invalid_client")?;
        Ok(())
    }
}

on_both! {
    async fn an_application_alone_is_nobody(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let app = App::register(&node, OUT_OF_BAND, "read write").await?;
        let nobody = Caller::new(&node, None)?;
        let ask = |scope: &'static str, secret: &str| {
            let form = [("grant_type", "client_credentials".to_owned()), ("client_id", app.id.clone()), ("client_secret", secret.to_owned()), ("scope", scope.to_owned())];
            said(nobody.request(Method::POST, "/oauth/token").form(&form))
        };
        let token = ask("read", &app.secret).await?.ok()?;
        ask("read push", &app.secret).await?.refused(StatusCode::BAD_REQUEST, "invalid_scope")?;
        ask("read", "wrong").await?.refused(StatusCode::UNAUTHORIZED, "invalid_client")?;
        let caller = Caller::new(&node, Some(&text(&token, "access_token")?))?;
        ensure!(caller.get("/api/v1/apps/verify_credentials").await?.ok()?["name"] == "A client");
        for path in ["/api/v1/accounts/verify_credentials", "/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v2/search?q=a"] {
            let answer = caller.get(path).await?;
            ensure!([StatusCode::UNAUTHORIZED, StatusCode::UNPROCESSABLE_ENTITY].contains(&answer.status), "{path}: {}", answer.status);
            answer.refused(answer.status, "authenticated user")?;
        }
        caller.post("/api/v1/statuses", &json!({ "status": "No" })).await?.refused(StatusCode::UNAUTHORIZED, "")?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_well_known_document_says_where_everything_is() -> Result<()> {
    let node = TestNode::start(Kind::Sqlite).await?;
    let nobody = Caller::new(&node, None)?;
    let known = nobody.get("/.well-known/oauth-authorization-server").await?.ok()?;
    for (name, path) in [
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("revocation_endpoint", "/oauth/revoke"),
        ("app_registration_endpoint", "/api/v1/apps"),
    ] {
        ensure!(known[name] == node.at(path), "{name}: {}", known[name]);
    }
    let has = |name: &str, word: &str| known[name].as_array().is_some_and(|list| list.contains(&Value::from(word)));
    ensure!(
        has("code_challenge_methods_supported", "S256") && has("grant_types_supported", "client_credentials"),
        "{known}"
    );
    ensure!(
        has("response_types_supported", "code")
            && has("scopes_supported", "read:statuses")
            && !has("grant_types_supported", "password"),
        "{known}"
    );
    ensure!(known["issuer"].as_str().is_some_and(|issuer| issuer.trim_end_matches('/') == node.at("")), "{known}");
    Ok(())
}
