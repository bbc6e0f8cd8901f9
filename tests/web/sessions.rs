//! Sessions: their cookie, their beginning and their end.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use corridor_app::accounts;
use corridor_app::operator::Operator;
use corridor_tests::{Kind, PASSWORD, TestNode, eventually, on_both};
use reqwest::StatusCode;

use super::pages::Pages;

on_both! {
    async fn the_cookie_is_for_this_node_and_not_for_scripts(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        let mut pages = Pages::new(&node.url)?;
        let first = pages.get("/sign-in").await?;
        let signed_in = pages.sign_in("asha", PASSWORD).await?;
        ensure!(!signed_in.set_cookies().is_empty(), "signing in sets no cookie");
        for cookie in first.set_cookies().into_iter().chain(signed_in.set_cookies()) {
            for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
                ensure!(cookie.split("; ").any(|one| one == part), "“{cookie}” lacks {part}");
            }
            ensure!(!cookie.contains("Domain="), "“{cookie}” is for other hosts too");
        }
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_behind_tls_marks_its_cookies_as_such() -> Result<()> {
    let node = TestNode::start_with(Kind::Sqlite, |setup| setup.web.secure_cookies = true).await?;
    node.add("asha").await?;
    let mut pages = Pages::new(&node.url)?;
    let signed_in = pages.sign_in("asha", PASSWORD).await?;
    let cookie = *signed_in.set_cookies().first().context("no cookie")?;
    ensure!(cookie.starts_with("__Host-") && cookie.contains("; Secure"), "{cookie}");
    Ok(())
}

/// The session's own cookie: the one that a visitor who signs in gets.
fn session_of(pages: &Pages, before: &[(String, String)]) -> Option<(String, String)> {
    pages.cookies.iter().find(|cookie| !before.contains(cookie)).cloned()
}

on_both! {
    async fn hostile_067_signing_in_makes_a_new_session_each_time(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        let mut pages = Pages::new(&node.url)?;
        pages.get("/sign-in").await?;
        let before = pages.cookies.clone();
        pages.sign_in("asha", PASSWORD).await?;
        let (name, first) = session_of(&pages, &before).context("no session cookie")?;
        ensure!(first.len() >= 32, "{first} can be guessed");
        ensure!(pages.get("/").await?.status == StatusCode::OK);

        // Someone who planted a cookie of their own choice gets nothing by it.
        let planted = "A".repeat(first.len());
        let mut victim = Pages::new(&node.url)?;
        victim.cookies.push((name.clone(), planted.clone()));
        victim.sign_in("asha", PASSWORD).await?;
        let second = victim.cookies.iter().find(|(known, _)| *known == name).context("no session cookie")?.1.clone();
        ensure!(second != planted && second != first, "the session is not new");
        let mut planter = Pages::new(&node.url)?;
        planter.cookies.push((name, planted));
        ensure!(planter.get("/").await?.status == StatusCode::SEE_OTHER, "the planted cookie is signed in");
        Ok(())
    }
}

on_both! {
    async fn hostile_067_signing_out_ends_the_session_and_no_other(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        let mut here = Pages::signed_in(&node.url, "asha").await?;
        let mut there = Pages::signed_in(&node.url, "asha").await?;
        let mut kept = here.clone();
        let answer = here.fill("/", "/sign-out", &[]).await?;
        ensure!(answer.status == StatusCode::SEE_OTHER && answer.location()? == "/sign-in");
        ensure!(here.cookies.len() < kept.cookies.len(), "the cookie stays");
        ensure!(kept.get("/").await?.status == StatusCode::SEE_OTHER, "the cookie still works");
        ensure!(there.get("/").await?.status == StatusCode::OK, "the other session ended too");
        Ok(())
    }
}

on_both! {
    async fn hostile_067_disabling_someone_ends_their_sessions_and_tokens(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let door = node.person("asha").await?;
        let mut pages = Pages::signed_in(&node.url, "asha").await?;
        ensure!(pages.get("/").await?.status == StatusCode::OK);
        door.get("/api/v1/timelines/home").await?;
        accounts::disable_user(&node.ctx, &Operator::System, "asha").await?;
        eventually("the doors close", || async {
            let mut visit = pages.clone();
            let page = visit.get("/").await?.status;
            let (api, _) = door.try_call(reqwest::Method::GET, "/api/v1/timelines/home", None).await?;
            Ok((page == StatusCode::SEE_OTHER && api == StatusCode::UNAUTHORIZED).then_some(()))
        })
        .await?;
        let again = Pages::new(&node.url)?.sign_in("asha", PASSWORD).await?;
        ensure!(again.status == StatusCode::UNPROCESSABLE_ENTITY, "a disabled person signed in: {}", again.status);
        Ok(())
    }
}

on_both! {
    async fn hostile_067_a_session_ends_when_nobody_uses_it(kind: Kind) {
        let node = TestNode::start_with(kind, |setup| setup.settings.session_idle = Duration::from_millis(300)).await?;
        node.add("asha").await?;
        let pages = Pages::signed_in(&node.url, "asha").await?;
        eventually("the session ends", || async {
            // Each look is a use, so that the looks must be further apart than the session lasts.
            tokio::time::sleep(Duration::from_millis(400)).await;
            let mut visit = pages.clone();
            Ok((visit.get("/").await?.status == StatusCode::SEE_OTHER).then_some(()))
        })
        .await
    }
}

on_both! {
    async fn hostile_069_too_many_wrong_passwords_lock_the_door_for_a_while(kind: Kind) {
        let node = TestNode::start_with(kind, |setup| setup.settings.lock_after = 3).await?;
        node.add("asha").await?;
        for _ in 0..3 {
            Pages::new(&node.url)?.sign_in("asha", "not the password").await?;
        }
        let answer = Pages::new(&node.url)?.sign_in("asha", PASSWORD).await?;
        ensure!(answer.status == StatusCode::TOO_MANY_REQUESTS, "the right password then got {}", answer.status);
        ensure!(answer.body.contains("There is a problem") && answer.body.contains("minute"), "it isn't said in words");
        Ok(())
    }
}
