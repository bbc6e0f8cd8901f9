//! What is said in groups across nodes: announcements, questions that wait for an answer, and how posts are marked.

use anyhow::{Result, ensure};
use corridor_tests::{FrontDoor, TestNode, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::conversation::{arrives, follow, says};
use super::groups::{Three, let_in, make, standing, talk, vanishes};

/// Waits until somebody is told of a post with this title.
async fn is_told(who: &FrontDoor, title: &str) -> Result<()> {
    eventually(&format!("“{title}” is announced"), || async {
        let told = who.get("/api/v1/notifications?types[]=status").await?;
        let told = told.as_array().unwrap();
        Ok(told.iter().any(|one| one["status"]["title"] == title).then_some(()))
    })
    .await
}

on_both! {
    async fn every_member_is_told_of_an_announcement(kind: Kind) {
        let three = Three::private(kind).await?;
        let colleague = three.home.person("colleague").await?;
        colleague.post(&format!("/api/v1/groups/{}/join", three.group[0]), json!({})).await?;
        let own = text(&colleague.get("/api/v1/accounts/verify_credentials").await?, "id")?;
        three.fay.post(&format!("/api/v1/groups/{}/membership_requests/{own}/authorize", three.group[0]), json!({})).await?;

        let said = |group: &str, title: &str| json!({ "group_id": group, "title": title, "status": "Read this", "announcement": true });
        let made = three.fay.post("/api/v1/statuses", said(&three.group[0], "From Monday on")).await?;
        ensure!(made["topic"]["announcement"] == true, "{made}");
        for member in [&colleague, &three.ben, &three.cai] {
            is_told(member, "From Monday on").await?;
        }
        let at_far = arrives(&three.cai, "Read this").await?;
        ensure!(at_far["topic"]["announcement"] == true, "{at_far}");
        let told = three.fay.get("/api/v1/notifications?types[]=status").await?;
        ensure!(told.as_array().is_some_and(Vec::is_empty), "who announces knows: {told}");

        // Members announce nothing, here or elsewhere.
        for (member, group) in [(&colleague, &three.group[0]), (&three.ben, &three.group[1])] {
            let (status, answer) = member.try_call(Method::POST, "/api/v1/statuses", Some(said(group, "Mine"))).await?;
            ensure!(status == StatusCode::FORBIDDEN, "{status} {answer}");
        }
        // Of a plain talk nobody is told.
        talk(&three.fay, &three.group[0], "By the way", "Not for everyone at once").await?;
        arrives(&three.cai, "Not for everyone at once").await?;
        let told = three.cai.get("/api/v1/notifications?types[]=status").await?;
        ensure!(told.as_array().is_some_and(|told| told.len() == 1), "{told}");
        Ok(())
    }
}

/// The titles of the questions that wait for an answer.
async fn unanswered(who: &FrontDoor, group: &str) -> Result<Vec<String>> {
    let found = who.get(&format!("/api/v1/timelines/group/{group}?unanswered=true")).await?;
    found.as_array().unwrap().iter().map(|status| text(status, "title")).collect()
}

async fn becomes(who: &FrontDoor, group: &str, wanted: &[&str]) -> Result<()> {
    eventually(&format!("{wanted:?} wait for an answer"), || async {
        Ok((unanswered(who, group).await? == wanted).then_some(()))
    })
    .await
}

async fn ask(who: &FrontDoor, group: &str, title: &str) -> Result<Value> {
    let asked = json!({ "group_id": group, "title": title, "status": format!("{title}, who knows"), "question": true });
    who.post("/api/v1/statuses", asked).await
}

async fn answer(who: &FrontDoor, title: &str, words: &str) -> Result<Value> {
    let asked = arrives(who, &format!("{title}, who knows")).await?;
    let reply = json!({ "status": words, "in_reply_to_id": asked["id"], "visibility": "private" });
    who.post("/api/v1/statuses", reply).await
}

on_both! {
    async fn questions_wait_until_an_answer_is_accepted_on_either_node(kind: Kind) {
        let three = Three::private(kind).await?;
        let (home, near) = ((&three.fay, three.group[0].as_str()), (&three.ben, three.group[1].as_str()));
        talk(&three.fay, home.1, "No question", "Just so").await?;
        let first = ask(&three.ben, near.1, "Where").await?;
        becomes(home.0, home.1, &["Where"]).await?;
        let second = ask(&three.fay, home.1, "When").await?;
        becomes(near.0, near.1, &["When", "Where"]).await?;
        becomes(home.0, home.1, &["When", "Where"]).await?;
        arrives(&three.ben, "Just so").await?;

        // Answered by the home, accepted by who asked elsewhere.
        answer(&three.fay, "Where", "In the north").await?;
        let reply = arrives(&three.ben, "In the north").await?;
        ensure!(unanswered(near.0, near.1).await? == ["When", "Where"], "an answer alone is none yet");
        let accept = |status: &Value| Ok::<_, anyhow::Error>(format!("/api/v1/statuses/{}/answer", text(status, "id")?));
        three.ben.post(&accept(&first)?, json!({ "answer_id": reply["id"] })).await?;
        ensure!(unanswered(near.0, near.1).await? == ["When"], "gone at once where it was accepted");
        becomes(home.0, home.1, &["When"]).await?;

        // And the other way about: asked at home, answered elsewhere, accepted at home.
        let given = answer(&three.ben, "When", "In the spring").await?;
        let reply = arrives(&three.fay, "In the spring").await?;
        three.fay.post(&accept(&second)?, json!({ "answer_id": reply["id"] })).await?;
        becomes(near.0, near.1, &[]).await?;
        becomes(home.0, home.1, &[]).await?;
        // On the third node too.
        becomes(&three.cai, &three.group[2], &[]).await?;

        // A question whose answer is gone waits again, and so does one whose answer is taken back.
        three.ben.call(Method::DELETE, &format!("/api/v1/statuses/{}", text(&given, "id")?), None).await?;
        vanishes(&three.fay, &reply).await?;
        becomes(home.0, home.1, &["When"]).await?;
        becomes(near.0, near.1, &["When"]).await?;
        three.ben.post(&accept(&first)?, json!({})).await?;
        becomes(home.0, home.1, &["When", "Where"]).await?;

        // The feed itself has all of them, and pages lead on with the filter kept.
        let all = three.fay.get(&format!("/api/v1/timelines/group/{}", home.1)).await?;
        ensure!(all.as_array().is_some_and(|all| all.len() == 3), "{all}");
        let page = three.fay.get(&format!("/api/v1/timelines/group/{}?unanswered=true&limit=1", home.1)).await?;
        ensure!(page[0]["title"] == "When", "{page}");
        let older = format!("/api/v1/timelines/group/{}?unanswered=true&max_id={}", home.1, text(&page[0], "id")?);
        let older = three.fay.get(&older).await?;
        ensure!(older.as_array().is_some_and(|older| older.len() == 1) && older[0]["title"] == "Where", "{older}");
        Ok(())
    }
}

async fn sensitive(by: &FrontDoor, name: &str, door: &str) -> Result<String> {
    let new = json!({ "name": name, "title": "Careful", "kind": "profession", "door": door, "marking": "OFFICIAL-SENSITIVE" });
    text(&by.post("/api/v1/groups", new).await?, "id")
}

on_both! {
    async fn no_post_is_marked_lower_than_its_group(kind: Kind) {
        let (home, near) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        corridor_tests::befriend(&[&home, &near]).await?;
        let (fay, ben) = (home.person("fay").await?, near.person("ben").await?);
        let group = sensitive(&fay, "digital", "by-request").await?;
        let theirs = let_in((&home, &fay, &group), &ben, &near.handle("ben")).await?;
        for (who, group) in [(&fay, &group), (&ben, &theirs)] {
            let low = json!({ "group_id": group, "status": "Low", "marking": "OFFICIAL" });
            let (status, answer) = who.try_call(Method::POST, "/api/v1/statuses", Some(low)).await?;
            ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "{status} {answer}");
            ensure!(answer["error"].as_str().unwrap().contains("marked lower than its group"), "{answer}");
            // Where nothing is said, it is marked as its group.
            let usual = json!({ "group_id": group, "status": "As the group", "handling": "Members only" });
            let made = who.post("/api/v1/statuses", usual).await?;
            ensure!(made["marking"] == "OFFICIAL-SENSITIVE", "{made}");
            let lowered = json!({ "status": "Lowered", "marking": "OFFICIAL" });
            let path = format!("/api/v1/statuses/{}", text(&made, "id")?);
            let (status, answer) = who.try_call(Method::PUT, &path, Some(lowered)).await?;
            ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "{status} {answer}");
        }
        let seen = arrives(&ben, "As the group").await?;
        ensure!(seen["marking"] == "OFFICIAL-SENSITIVE", "{seen}");
        Ok(())
    }
}

on_both! {
    async fn a_group_above_a_peers_ceiling_is_not_for_that_peer(kind: Kind) {
        let (home, near) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        corridor_tests::befriend(&[&home, &near]).await?;
        let (fay, ben) = (home.person("fay").await?, near.person("ben").await?);
        let scheme = home.ctx.settings.scheme.clone();
        let (low, high) = (scheme.default_marking(), scheme.highest());
        let group = sensitive(&fay, "digital", "by-request").await?;
        home.allow(&near.authority, low).await?;

        // Nobody there comes in: not by asking, not by invitation.
        let theirs = ben.resolve(&home.handle("digital")).await?;
        ben.post(&format!("/api/v1/accounts/{theirs}/follow"), json!({})).await?;
        standing(&ben, &theirs, "none").await?;
        let whom = fay.resolve(&near.handle("ben")).await?;
        let invite = format!("/api/v1/groups/{group}/memberships/{whom}/invite");
        let (status, answer) = fay.try_call(Method::POST, &invite, Some(json!({}))).await?;
        ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "{status} {answer}");

        // Who was in before the ceiling was lowered gets nothing more.
        home.allow(&near.authority, high).await?;
        let_in((&home, &fay, &group), &ben, &near.handle("ben")).await?;
        follow(&ben, &home.handle("fay")).await?;
        let careful = |words: &str| json!({ "group_id": group, "title": words, "status": words, "handling": "Members only" });
        let made = fay.post("/api/v1/statuses", careful("While allowed")).await?;
        arrives(&ben, "While allowed").await?;
        home.allow(&near.authority, low).await?;
        let later = fay.post("/api/v1/statuses", careful("While not allowed")).await?;
        for one in [&made, &later] {
            fay.post(&format!("/api/v1/groups/{group}/statuses/{}/pin", text(one, "id")?), json!({})).await?;
        }
        let waits = || async {
            let queues = corridor_app::queue::overview(&home.ctx).await?;
            let idle = queues.events_waiting == 0 && queues.peers.iter().all(|peer| peer.pending == 0);
            Ok(idle.then_some(()))
        };
        eventually("all is told", waits).await?;
        says(&fay, "For everyone").await?;
        arrives(&ben, "For everyone").await?;
        let talks = ben.get(&format!("/api/v1/timelines/group/{theirs}")).await?;
        ensure!(!talks.to_string().contains("While not allowed"), "{talks}");
        ensure!(ben.get(&format!("/api/v2/search?resolve=true&q={}", text(&later, "uri")?)).await?["statuses"] == json!([]));
        Ok(())
    }
}

on_both! {
    async fn only_the_invited_come_in_by_invitation(kind: Kind) {
        let (home, near) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        corridor_tests::befriend(&[&home, &near]).await?;
        let (fay, ben) = (home.person("fay").await?, near.person("ben").await?);
        let group = make(&fay, "digital", "invited").await?;
        // That it exists is no secret; a stock client's follow is refused in words.
        let theirs = ben.resolve(&home.handle("digital")).await?;
        let account = ben.get(&format!("/api/v1/accounts/{theirs}")).await?;
        ensure!(account["group"] == true && account["locked"] == true && account["bot"] == false, "{account}");
        let own = ben.get("/api/v1/accounts/verify_credentials").await?;
        ensure!(own["group"] == false, "{own}");
        for path in [format!("/api/v1/accounts/{theirs}/follow"), format!("/api/v1/groups/{theirs}/join")] {
            let (status, answer) = ben.try_call(Method::POST, &path, Some(json!({}))).await?;
            ensure!(status == StatusCode::FORBIDDEN, "{path}: {status} {answer}");
        }
        let whom = fay.resolve(&near.handle("ben")).await?;
        fay.post(&format!("/api/v1/groups/{group}/memberships/{whom}/invite"), json!({})).await?;
        standing(&ben, &theirs, "invited").await?;
        ben.post(&format!("/api/v1/accounts/{theirs}/follow"), json!({})).await?;
        standing(&ben, &theirs, "member").await?;
        let roster = fay.get(&format!("/api/v1/groups/{group}/memberships")).await?;
        ensure!(roster.as_array().is_some_and(|roster| roster.len() == 2), "{roster}");
        Ok(())
    }
}

on_both! {
    async fn who_runs_a_group_declines_promotes_and_demotes(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (fay, cleo) = (node.person("fay").await?, node.person("cleo").await?);
        let group = make(&fay, "digital", "by-request").await?;
        let me = text(&fay.get("/api/v1/accounts/verify_credentials").await?, "id")?;
        let them = text(&cleo.get("/api/v1/accounts/verify_credentials").await?, "id")?;
        let (requests, members) = (format!("/api/v1/groups/{group}/membership_requests"), format!("/api/v1/groups/{group}/memberships"));
        let join = format!("/api/v1/groups/{group}/join");
        // Turned away, they may ask again.
        cleo.post(&join, json!({})).await?;
        ensure!(fay.get(&requests).await?[0]["id"] == json!(them));
        let turned = fay.post(&format!("{requests}/{them}/reject"), json!({})).await?;
        ensure!(turned["id"] == json!(them), "{turned}");
        standing(&cleo, &group, "none").await?;
        ensure!(fay.get(&requests).await? == json!([]));
        cleo.post(&join, json!({})).await?;
        fay.post(&format!("{requests}/{them}/authorize"), json!({})).await?;
        standing(&cleo, &group, "member").await?;

        // Who doesn't run it changes nothing; who is made to run it does.
        let (status, _) = cleo.try_call(Method::POST, &format!("{members}/{me}/demote"), Some(json!({}))).await?;
        ensure!(status == StatusCode::FORBIDDEN, "{status}");
        fay.post(&format!("{members}/{them}/promote"), json!({})).await?;
        standing(&cleo, &group, "facilitator").await?;
        cleo.post(&format!("{members}/{me}/demote"), json!({})).await?;
        standing(&fay, &group, "member").await?;
        let (status, _) = cleo.try_call(Method::POST, &format!("{members}/{them}/demote"), Some(json!({}))).await?;
        ensure!(status == StatusCode::CONFLICT || status == StatusCode::UNPROCESSABLE_ENTITY, "somebody must run it: {status}");
        standing(&cleo, &group, "facilitator").await
    }
}
