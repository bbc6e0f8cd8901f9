//! Passwords at the door: one that was made for somebody opens only the choice of another, and guesses are counted by
//! the address that they really come from.

use anyhow::{Context, Result, ensure};
use corridor_app::accounts::{self, NewUser};
use corridor_app::operator::Operator;
use corridor_tests::{FrontDoor, PASSWORD, TestNode, on_both};
use reqwest::{Method, StatusCode};

use super::pages::{Answer, Pages};

const OWN: &str = "one of my very own";

async fn add_with_made_password(node: &TestNode, username: &str) -> Result<String> {
    let user = NewUser { username: username.to_owned(), ..NewUser::default() };
    accounts::create_user(&node.ctx, &Operator::System, user).await?.password.context("no password was made")
}

on_both! {
    async fn a_made_password_opens_one_page_until_another_is_chosen(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let made = add_with_made_password(&node, "asha").await?;
        let mut pages = Pages::new(&node.url)?;
        let signed_in = pages.sign_in("asha", &made).await?;
        ensure!(signed_in.status == StatusCode::SEE_OTHER, "{}", signed_in.status);
        let authorize = "/oauth/authorize?response_type=code&client_id=x&redirect_uri=y";
        for path in ["/", "/network", "/@asha", "/write", "/notifications", authorize] {
            let answer = pages.get(path).await?;
            let back: String = url::form_urlencoded::byte_serialize(path.as_bytes()).collect();
            ensure!(answer.location()? == format!("/new-password?next={back}"), "{path} leads to {}", answer.location()?);
        }
        let csrf = pages.csrf("/new-password").await?;
        for path in ["/write", "/oauth/authorize", "/notifications/read"] {
            let answer = pages.post(path, &[("csrf", &csrf), ("text", "Too early"), ("decision", "approve")]).await?;
            ensure!(answer.location()?.starts_with("/new-password"), "POST {path} leads to {}", answer.location()?);
        }
        ensure!(FrontDoor::sign_in(&node.url, "asha", &made).await.is_err(), "a client got a token");
        ensure!(pages.get("/about").await?.status == StatusCode::OK, "the open pages are open");
        let page = pages.get("/new-password").await?.body;
        ensure!(!page.contains("<nav") && !page.contains("action=\"/search\""), "the page offers what is not open");

        let wrongs: [(&str, &str, &str); 5] = [
            ("not the one", OWN, "present password is not right"),
            (&made, "short", "at least 12 characters"),
            (&made, &made, "must be another one"),
            (&made, "it is asha herself", "must not contain the username"),
            (&made, "", "Enter a new password"),
        ];
        for (old, new, words) in wrongs {
            let answer = pages.fill("/new-password", "/new-password", &[("old", old), ("new", new)]).await?;
            ensure!(answer.status == StatusCode::UNPROCESSABLE_ENTITY, "“{new}” got {}", answer.status);
            ensure!(answer.body.contains(words) && answer.body.contains("There is a problem"), "“{new}”: {}", answer.body);
            ensure!(!answer.body.contains(&made), "the password is on the page");
        }
        let before = pages.clone();
        let fields = [("old", made.as_str()), ("new", OWN)];
        let chosen = pages.fill("/new-password?next=/network", "/new-password", &fields).await?;
        ensure!(chosen.location()? == "/network", "it leads to {}", chosen.location()?);
        ensure!(pages.get("/network").await?.status == StatusCode::OK);
        ensure!(before.clone().get("/network").await?.location()?.starts_with("/sign-in"), "the old session goes on");
        ensure!(Pages::new(&node.url)?.sign_in("asha", &made).await?.status == StatusCode::UNPROCESSABLE_ENTITY);
        FrontDoor::sign_in(&node.url, "asha", OWN).await?.home().await?;
        Ok(())
    }
}

on_both! {
    async fn who_has_not_chosen_yet_can_sign_out(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        let reset = accounts::reset_password(&node.ctx, &Operator::System, "asha", None).await?;
        let mut pages = Pages::new(&node.url)?;
        pages.sign_in("asha", &reset).await?;
        ensure!(pages.get("/").await?.location()?.starts_with("/new-password"), "a reset password opens the home page");
        let answer = pages.fill("/new-password", "/sign-out", &[]).await?;
        ensure!(answer.location()? == "/sign-in", "it leads to {}", answer.location()?);
        ensure!(pages.get("/new-password").await?.location()?.starts_with("/sign-in"));
        Ok(())
    }
}

/// An attempt whose request carries these `X-Forwarded-For` headers.
async fn attempt(node: &TestNode, forwarded: &[&str], username: &str, password: &str) -> Result<Answer> {
    let mut pages = Pages::new(&node.url)?;
    let csrf = pages.csrf("/sign-in").await?;
    let own = node.url.origin().ascii_serialization();
    let mut headers = vec![("origin", own.as_str())];
    headers.extend(forwarded.iter().map(|value| ("x-forwarded-for", *value)));
    let form = [("csrf", csrf.as_str()), ("username", username), ("password", password)];
    pages.send(Method::POST, "/sign-in", Some(&form), &headers).await
}

on_both! {
    async fn hostile_069_a_forged_header_gives_no_new_tries(kind: Kind) {
        let node = TestNode::start_with(kind, |setup| setup.settings.failures_per_address = 5).await?;
        node.add("asha").await?;
        for number in 0..5 {
            let forged = format!("203.0.113.{number}");
            let answer = attempt(&node, &[&forged], &format!("name{number}"), "spring2026").await?;
            ensure!(answer.status == StatusCode::UNPROCESSABLE_ENTITY, "{number}: {}", answer.status);
        }
        let answer = attempt(&node, &["203.0.113.77"], "asha", PASSWORD).await?;
        ensure!(answer.status == StatusCode::TOO_MANY_REQUESTS, "{}", answer.status);
        ensure!(answer.header("retry-after").parse::<u64>().is_ok_and(|seconds| seconds > 0), "no Retry-After");
        ensure!(answer.body.contains("Too many attempts"), "it isn't said in words");
        Ok(())
    }
}

on_both! {
    async fn behind_a_trusted_proxy_each_visitor_is_counted_alone(kind: Kind) {
        let node = TestNode::start_with(kind, |setup| {
            setup.settings.failures_per_address = 5;
            setup.settings.trusted_proxies = ["127.0.0.0/8", "10.0.0.0/8"].iter().filter_map(|range| range.parse().ok()).collect();
        })
        .await?;
        node.add("asha").await?;
        for number in 0..5 {
            // What stands left of the visitor's own address is what the visitor made up.
            let forged = format!("203.0.113.{number}, 198.51.100.1");
            let answer = attempt(&node, &[&forged, "10.0.0.3"], &format!("name{number}"), "spring2026").await?;
            ensure!(answer.status == StatusCode::UNPROCESSABLE_ENTITY, "{number}: {}", answer.status);
        }
        let same = attempt(&node, &["203.0.113.9", "198.51.100.1"], "asha", PASSWORD).await?;
        ensure!(same.status == StatusCode::TOO_MANY_REQUESTS, "{}", same.status);
        let other = attempt(&node, &["198.51.100.1, 198.51.100.2"], "asha", PASSWORD).await?;
        ensure!(other.status == StatusCode::SEE_OTHER, "a colleague at another desk got {}", other.status);
        Ok(())
    }
}
