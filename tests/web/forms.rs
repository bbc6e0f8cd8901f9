//! Forged forms: a change needs the visit's own token and no foreign origin, and without them nothing changes.

use anyhow::{Result, ensure};
use corridor_tests::{FrontDoor, PASSWORD, TestNode, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::pages::Pages;

/// Everything that a forged form might have changed.
async fn state(mine: &FrontDoor, post: &str) -> Result<Value> {
    let status = mine.get(&format!("/api/v1/statuses/{post}")).await?;
    let me = mine.get("/api/v1/accounts/verify_credentials").await?;
    Ok(json!([
        status["content"],
        status["favourites_count"],
        status["reblogs_count"],
        status["replies_count"],
        status["bookmarked"],
        me["statuses_count"],
        me["following_count"],
        mine.get("/api/v1/timelines/home").await?.as_array().map(Vec::len),
    ]))
}

on_both! {
    async fn hostile_066_a_form_without_the_token_or_from_elsewhere_changes_nothing(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let mine = node.person("asha").await?;
        let other = node.person("bryn").await?;
        let made = mine.post("/api/v1/statuses", json!({ "status": "Mine", "visibility": "public" })).await?;
        let id = text(&made, "id")?;
        let them = text(&other.get("/api/v1/accounts/verify_credentials").await?, "id")?;
        let mut pages = Pages::signed_in(&node.url, "asha").await?;
        let mut theirs = Pages::signed_in(&node.url, "bryn").await?;
        let (csrf, foreign) = (pages.csrf("/write").await?, theirs.csrf("/write").await?);
        ensure!(csrf != foreign, "two visits share a token");
        let own = node.url.origin().ascii_serialization();
        let before = state(&mine, &id).await?;
        let actions = [
            "/write".to_owned(), format!("/posts/{id}/reply"), format!("/posts/{id}/edit"), format!("/posts/{id}/delete"),
            format!("/posts/{id}/favourite"), format!("/posts/{id}/boost"), format!("/posts/{id}/bookmark"),
            format!("/posts/{id}/vote"),
            format!("/people/{them}/follow"), "/notifications/read".to_owned(), "/sign-out".to_owned(),
        ];
        let forgeries = [
            ("no token", "", ("origin", own.as_str())),
            ("a wrong token", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", ("origin", &own)),
            ("another's token", &foreign, ("origin", &own)),
            ("a foreign origin", &csrf, ("origin", "https://evil.example")),
            ("the same host's other port", &csrf, ("origin", "http://127.0.0.1:1")),
            ("a foreign site", &csrf, ("sec-fetch-site", "cross-site")),
        ];
        for action in &actions {
            for (what, token, header) in forgeries {
                let mut form = vec![("text", "Forged"), ("audience", "network"), ("marking", "OFFICIAL")];
                if !token.is_empty() {
                    form.push(("csrf", token));
                }
                let answer = pages.send(Method::POST, action, Some(&form), &[header]).await?;
                let refused = [StatusCode::FORBIDDEN, StatusCode::BAD_REQUEST].contains(&answer.status);
                ensure!(refused, "{action} with {what} answered {}", answer.status);
                ensure!(answer.set_cookies().is_empty(), "{action} with {what} set a cookie");
            }
        }
        ensure!(state(&mine, &id).await? == before, "something changed: {before} became {}", state(&mine, &id).await?);
        ensure!(pages.get("/").await?.status == StatusCode::OK, "a forged form signed out");
        // The same form, sent from our own page, works: the refusals above are no accident.
        let answer = pages.post("/write", &[("csrf", &csrf), ("text", "Really mine"), ("audience", "network"), ("marking", "OFFICIAL")]).await?;
        ensure!(answer.status == StatusCode::SEE_OTHER, "the honest form answered {}: {}", answer.status, answer.body);
        ensure!(state(&mine, &id).await? != before, "the honest form changed nothing");
        Ok(())
    }
}

on_both! {
    async fn hostile_066_nobody_is_signed_in_by_a_forged_form(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        let mut visitor = Pages::new(&node.url)?;
        let csrf = visitor.csrf("/sign-in").await?;
        let own = node.url.origin().ascii_serialization();
        let forgeries: [(&str, &str); 3] = [("", &own), ("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", &own), (&csrf, "https://evil.example")];
        for (token, origin) in forgeries {
            let form = [("csrf", token), ("username", "asha"), ("password", PASSWORD)];
            let answer = visitor.send(Method::POST, "/sign-in", Some(&form), &[("origin", origin)]).await?;
            ensure!(answer.status == StatusCode::FORBIDDEN, "{token} from {origin} answered {}", answer.status);
            ensure!(answer.set_cookies().is_empty(), "{token} from {origin} got a cookie");
        }
        // A token without the cookie that it belongs to is another visitor's.
        let mut stranger = Pages::new(&node.url)?;
        let answer = stranger.post("/sign-in", &[("csrf", &csrf), ("username", "asha"), ("password", PASSWORD)]).await?;
        ensure!(answer.status == StatusCode::FORBIDDEN, "without the cookie: {}", answer.status);
        Ok(())
    }
}

on_both! {
    async fn hostile_068_the_wrong_password_and_an_unknown_name_get_the_same_answer(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        let mut answers = Vec::new();
        for (name, password) in [("asha", "not the password"), ("nobody", "not the password"), ("asha", "ASHA")] {
            let answer = Pages::new(&node.url)?.sign_in(name, password).await?;
            ensure!(answer.status == StatusCode::UNPROCESSABLE_ENTITY, "{name} got {}", answer.status);
            ensure!(answer.body.contains("There is a problem") && answer.body.contains("<title>Error: "), "{name}: no error summary");
            ensure!(answer.body.contains(&format!("value=\"{name}\"")), "the username {name} was not kept");
            ensure!(!answer.body.contains(password), "the password {password} is on the page");
            let token = answer.body.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_default().to_owned();
            answers.push(answer.body.replace(&format!("value=\"{name}\""), "").replace(&token, ""));
        }
        ensure!(answers.windows(2).all(|pair| pair[0] == pair[1]), "the answers tell names apart");
        let empty = Pages::new(&node.url)?.sign_in("", "").await?;
        ensure!(empty.body.contains("Enter your username") && empty.body.contains("Enter your password"));
        Ok(())
    }
}

on_both! {
    async fn hostile_063_signing_in_leads_to_this_node_alone(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        for (next, leads) in [("/network?max_id=3", "/network?max_id=3"), ("https://evil.example/", "/"), ("//evil.example", "/"), ("/\\evil.example", "/")] {
            let answer = Pages::new(&node.url)?.fill("/sign-in", "/sign-in", &[("username", "asha"), ("password", PASSWORD), ("next", next)]).await?;
            ensure!(answer.location()? == leads, "{next} leads to {}", answer.location()?);
        }
        Ok(())
    }
}
