//! Groups through the pages: started, asked to join, let in, talked in, and what strangers see.

use anyhow::{Context, Result, ensure};
use corridor_tests::{TestNode, on_both};
use reqwest::StatusCode;

use super::pages::Pages;

async fn start(pages: &mut Pages, name: &str, door: &str) -> Result<String> {
    let form = [
        ("title", "The readers"),
        ("name", name),
        ("about", "We *read*"),
        ("kind", "social"),
        ("door", door),
        ("marking", "OFFICIAL"),
    ];
    let answer = pages.fill("/groups/new", "/groups/new", &form).await?;
    ensure!(answer.status == StatusCode::SEE_OTHER, "{} {}", answer.status, answer.body);
    Ok(answer.location()?.to_owned())
}

/// The path of the button that says so about somebody.
fn button(page: &str, act: &str) -> Result<String> {
    let end = format!("/{act}\"");
    let at = page.find(&end).with_context(|| format!("no button leads to {act}"))?;
    let path = page[..at].rsplit('"').next().unwrap_or_default();
    Ok(format!("{path}/{act}"))
}

on_both! {
    async fn a_group_is_started_asked_for_and_run(kind: Kind) {
        let node = TestNode::start(kind).await?;
        for name in ["asha", "bryn", "cai"] {
            node.add(name).await?;
        }
        let (mut asha, mut bryn) = (Pages::signed_in(&node.url, "asha").await?, Pages::signed_in(&node.url, "bryn").await?);
        let group = start(&mut asha, "readers", "by-request").await?;
        let shown = asha.get(&group).await?.body;
        ensure!(shown.contains("The readers") && shown.contains("<em>read</em>") && shown.contains("You run it"), "{shown}");
        // The name is taken for people too, and a second group of it is refused with its words kept.
        let form = [("title", "Others"), ("name", "bryn"), ("kind", "social"), ("door", "open")];
        let answer = asha.fill("/groups/new", "/groups/new", &form).await?;
        ensure!(answer.status == StatusCode::UNPROCESSABLE_ENTITY && answer.body.contains("is taken") && answer.body.contains("Others"));

        // A stranger finds it, reads nothing, and asks.
        ensure!(bryn.get("/groups?q=read").await?.body.contains("The readers"));
        let shown = bryn.get(&group).await?.body;
        ensure!(shown.contains("Only members can read") && shown.contains("Ask to join") && !shown.contains("Start a talk"));
        let answer = bryn.get(&format!("{group}/members")).await?;
        ensure!(answer.status == StatusCode::FORBIDDEN, "{}", answer.status);
        bryn.fill(&group, &format!("{group}/join"), &[]).await?;
        ensure!(bryn.get(&group).await?.body.contains("You have asked to join"));
        ensure!(asha.get("/notifications").await?.body.contains("asks to join a group that you run"));

        // Who doesn't run it lets nobody in.
        let members = asha.get(&format!("{group}/members")).await?.body;
        let approve = button(&members, "approve")?;
        let csrf = bryn.csrf("/groups").await?;
        let answer = bryn.post(&approve, &[("csrf", &csrf)]).await?;
        ensure!(answer.status == StatusCode::FORBIDDEN, "{}", answer.status);
        let csrf = asha.csrf("/groups").await?;
        asha.post(&approve, &[("csrf", &csrf)]).await?;
        ensure!(bryn.get(&group).await?.body.contains("You are a member"));

        // A talk with a title; the composer names the group and offers no other audience.
        let write = format!("/write?group={}", group.trim_start_matches("/groups/"));
        let form = bryn.get(&write).await?.body;
        ensure!(form.contains("This is for The readers") && !form.contains("name=\"audience\""));
        let fields = [("title", "A book"), ("text", "Who knows it?"), ("question", "yes"), ("marking", "OFFICIAL")];
        let csrf = bryn.csrf(&write).await?;
        let answer = bryn.post(&write, &[&fields[..], &[("csrf", &csrf)]].concat()).await?;
        ensure!(answer.status == StatusCode::SEE_OTHER, "{} {}", answer.status, answer.body);
        let talk = answer.location()?.to_owned();
        let seen = asha.get(&group).await?.body;
        ensure!(seen.contains("A book") && seen.contains("Question"), "{seen}");
        let waiting = format!("{group}?unanswered=true");
        ensure!(seen.contains(&format!("href=\"{waiting}\"")), "{seen}");
        let seen = asha.get(&waiting).await?.body;
        ensure!(seen.contains("A book") && seen.contains("<h2 class=\"govuk-heading-m\">Unanswered questions</h2>"), "{seen}");

        // An answer, which is accepted by who asked.
        let id = talk.rsplit('/').next().unwrap_or_default().to_owned();
        let reply = format!("/posts/{id}/reply");
        let csrf = asha.csrf(&reply).await?;
        let answer = asha.post(&reply, &[("csrf", &csrf), ("text", "I do"), ("audience", "group"), ("marking", "OFFICIAL")]).await?;
        ensure!(answer.status == StatusCode::SEE_OTHER, "{} {}", answer.status, answer.body);
        let page = bryn.get(&talk).await?.body;
        let path = page.split("formaction=\"").find(|rest| rest.contains("/answer?question=")).context("no answer button")?;
        let path = path.split('"').next().unwrap_or_default().replace("&#38;", "&");
        let csrf = bryn.csrf(&talk).await?;
        bryn.post(&path, &[("csrf", &csrf), ("next", &talk)]).await?;
        ensure!(bryn.get(&talk).await?.body.contains("Answered question"));
        let seen = asha.get(&waiting).await?.body;
        ensure!(!seen.contains("A book") && seen.contains("No question waits for an answer."), "{seen}");
        ensure!(asha.get(&group).await?.body.contains("A book"));

        // Taken out of the group, nothing of it is left for them, the posts of others in their feed included.
        let members = asha.get(&format!("{group}/members")).await?.body;
        let remove = button(&members, "remove")?;
        let csrf = asha.csrf("/groups").await?;
        asha.post(&remove, &[("csrf", &csrf)]).await?;
        ensure!(bryn.get(&group).await?.body.contains("Only members can read"));
        ensure!(!bryn.get("/").await?.body.contains("I do"));
        Ok(())
    }
}

on_both! {
    async fn a_hidden_group_has_no_page_for_strangers(kind: Kind) {
        let node = TestNode::start(kind).await?;
        node.add("asha").await?;
        node.add("bryn").await?;
        let (mut asha, mut bryn) = (Pages::signed_in(&node.url, "asha").await?, Pages::signed_in(&node.url, "bryn").await?);
        let group = start(&mut asha, "quiet", "hidden").await?;
        for path in [group.clone(), format!("{group}/members"), format!("/write?group={}", group.trim_start_matches("/groups/")), "/@quiet".to_owned()] {
            let answer = bryn.get(&path).await?;
            ensure!(answer.status == StatusCode::NOT_FOUND, "{path} answered {}", answer.status);
            ensure!(!answer.body.contains("The readers"), "{path}");
        }
        let nothing = bryn.get("/groups/1").await?;
        let hidden = bryn.get(&group).await?;
        ensure!(nothing.status == hidden.status);
        ensure!(!bryn.get("/groups").await?.body.contains("The readers"));
        ensure!(!bryn.get("/search?q=quiet").await?.body.contains("The readers"));

        // Invited, they see its door, not yet its posts; and they may turn the invitation down.
        asha.fill(&format!("{group}/members"), &format!("{group}/invite"), &[("handle", "@bryn")]).await?;
        ensure!(bryn.get("/notifications").await?.body.contains("invites you to join"));
        let shown = bryn.get(&group).await?.body;
        ensure!(shown.contains("Accept the invitation") && shown.contains("Only members can read"));
        bryn.fill(&group, &format!("{group}/join"), &[]).await?;
        ensure!(bryn.get(&group).await?.body.contains("You are a member"));
        Ok(())
    }
}
