//! The page that says where somebody is signed in, and ends it: browsers and applications.

use anyhow::{Context, Result, ensure};
use corridor_tests::{TestNode, on_both};
use reqwest::StatusCode;

use super::pages::Pages;
use crate::api::caller::{App, Caller, OUT_OF_BAND};

const PAGE: &str = "/signed-in";
const HOME: &str = "/api/v1/timelines/home";

async fn lists(pages: &mut Pages, words: &str) -> Result<bool> {
    Ok(pages.get(PAGE).await?.body.contains(words))
}

on_both! {
    async fn an_app_is_listed_and_its_tokens_end_when_it_is_removed(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        node.add("bryn").await?;
        let (mut asha, mut bryn) = (Pages::signed_in(&node.url, "asha").await?, Pages::signed_in(&node.url, "bryn").await?);
        ensure!(lists(&mut asha, "No app may use your account").await?);
        let app = App::register(&node, OUT_OF_BAND, "read:statuses write").await?;
        let (first, second) = (app.token(&node, &mut asha).await?, app.token(&node, &mut asha).await?);
        let theirs = Caller::new(&node, Some(&app.token(&node, &mut bryn).await?))?;
        let page = asha.get(PAGE).await?;
        ensure!(page.body.matches("A client").count() == 2, "one app, and its name on its button: {}", page.body);
        ensure!(page.body.contains("See part of what you can see: statuses"), "{}", page.body);

        let gone = asha.fill(PAGE, "/signed-in/app", &[]).await?;
        ensure!(gone.status == StatusCode::SEE_OTHER && gone.location()? == PAGE, "{}", gone.status);
        for token in [&first, &second] {
            Caller::new(&node, Some(token))?.get(HOME).await?.refused(StatusCode::UNAUTHORIZED, "token")?;
        }
        theirs.get(HOME).await?.ok()?;
        ensure!(lists(&mut asha, "No app may use your account").await? && lists(&mut bryn, "A client").await?);
        Ok(())
    }
}

on_both! {
    async fn another_browser_is_signed_out_and_nobody_elses(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        node.add("bryn").await?;
        let (mut here, mut there) = (Pages::signed_in(&node.url, "asha").await?, Pages::signed_in(&node.url, "asha").await?);
        let mut bryn = Pages::signed_in(&node.url, "bryn").await?;
        let page = here.get(PAGE).await?.body;
        ensure!(page.matches("Sign out<span").count() == 1 && page.contains("This is the browser that you are using"), "{page}");
        let id = page.split_once("name=\"id\" value=\"").context("a browser to sign out")?.1;
        let id = id.split('"').next().context("its number")?.to_owned();

        let csrf = bryn.csrf(PAGE).await?;
        let refused = bryn.post("/signed-in/browser", &[("csrf", &csrf), ("id", &id)]).await?;
        ensure!(refused.status == StatusCode::NOT_FOUND, "another's session: {}", refused.status);
        let forged = here.post("/signed-in/browser", &[("csrf", "guessed"), ("id", &id)]).await?;
        ensure!(forged.status == StatusCode::FORBIDDEN, "{}", forged.status);
        ensure!(there.get(PAGE).await?.status == StatusCode::OK, "it is signed in still");
        let csrf = here.csrf(PAGE).await?;
        for nonsense in ["", "x", "7", "99999999999999999999"] {
            let answer = here.post("/signed-in/browser", &[("csrf", &csrf), ("id", nonsense)]).await?;
            ensure!(answer.status == StatusCode::NOT_FOUND, "“{nonsense}”: {}", answer.status);
        }

        ensure!(here.fill(PAGE, "/signed-in/browser", &[]).await?.status == StatusCode::SEE_OTHER);
        ensure!(there.get(PAGE).await?.status == StatusCode::SEE_OTHER, "it is sent to sign in");
        ensure!(here.get(PAGE).await?.status == StatusCode::OK && bryn.get(PAGE).await?.status == StatusCode::OK);
        Ok(())
    }
}
