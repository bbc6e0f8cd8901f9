//! Groups with members on three nodes: joined, talked in, left; and what a peer without a member may know.

use anyhow::{Context, Result, ensure};
use corridor_app::groups;
use corridor_app::operator::Operator;
use corridor_tests::{FrontDoor, Kind, TestNode, befriend, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::conversation::arrives;

/// Three departments, one group at home in the first, and a member of each.
pub(super) struct Three {
    pub home: TestNode,
    pub near: TestNode,
    pub far: TestNode,
    pub fay: FrontDoor,
    pub ben: FrontDoor,
    pub cai: FrontDoor,
    /// The group's number on each of the three, in that order.
    pub group: [String; 3],
}

pub(super) async fn make(by: &FrontDoor, name: &str, door: &str) -> Result<String> {
    let new = json!({ "name": name, "title": format!("The {name}"), "kind": "profession", "door": door });
    text(&by.post("/api/v1/groups", new).await?, "id")
}

pub(super) async fn standing(who: &FrontDoor, group: &str, wanted: &str) -> Result<()> {
    eventually(&format!("the standing is {wanted}"), || async {
        let seen = who.get(&format!("/api/v1/groups/{group}")).await?;
        Ok((seen["standing"] == wanted).then_some(()))
    })
    .await
}

/// Asks to join from elsewhere, and is let in.
pub(super) async fn let_in(three: (&TestNode, &FrontDoor, &str), who: &FrontDoor, handle: &str) -> Result<String> {
    let (home, fay, group) = three;
    let theirs = who.resolve(&home.handle("digital")).await?;
    who.post(&format!("/api/v1/accounts/{theirs}/follow"), json!({})).await?;
    standing(who, &theirs, "asked").await?;
    let asking = eventually("the request arrives", || async {
        let asking = fay.get(&format!("/api/v1/groups/{group}/membership_requests")).await?;
        Ok(asking.as_array().unwrap().iter().find(|one| one["acct"] == handle).cloned())
    })
    .await?;
    let path = format!("/api/v1/groups/{group}/membership_requests/{}/authorize", text(&asking, "id")?);
    fay.post(&path, json!({})).await?;
    standing(who, &theirs, "member").await?;
    Ok(theirs)
}

impl Three {
    pub async fn private(kind: Kind) -> Result<Self> {
        let (home, near, far) =
            (TestNode::start(kind).await?, TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&home, &near, &far]).await?;
        let (fay, ben, cai) = (home.person("fay").await?, near.person("ben").await?, far.person("cai").await?);
        let group = make(&fay, "digital", "by-request").await?;
        let at_near = let_in((&home, &fay, &group), &ben, &near.handle("ben")).await?;
        let at_far = let_in((&home, &fay, &group), &cai, &far.handle("cai")).await?;
        Ok(Self { group: [group, at_near, at_far], home, near, far, fay, ben, cai })
    }
}

pub(super) async fn talk(who: &FrontDoor, group: &str, title: &str, words: &str) -> Result<Value> {
    who.post("/api/v1/statuses", json!({ "group_id": group, "title": title, "status": words })).await
}

pub(super) async fn vanishes(who: &FrontDoor, status: &Value) -> Result<()> {
    let path = format!("/api/v1/statuses/{}", text(status, "id")?);
    eventually("the post vanishes", || async {
        let (answer, _) = who.try_call(Method::GET, &path, None).await?;
        Ok((answer == StatusCode::NOT_FOUND).then_some(()))
    })
    .await
}

on_both! {
    async fn a_private_group_is_talked_in_on_three_nodes(kind: Kind) {
        let three = Three::private(kind).await?;
        // The home's own member, then a member elsewhere: the third hears the second through the first.
        talk(&three.fay, &three.group[0], "Welcome", "Hello from home").await?;
        let seen = arrives(&three.ben, "Hello from home").await?;
        ensure!(seen["title"] == "Welcome" && seen["audience"] == "group" && seen["visibility"] == "private", "{seen}");
        ensure!(seen["group"]["acct"] == json!(three.home.handle("digital")), "{seen}");
        arrives(&three.cai, "Hello from home").await?;

        let made = talk(&three.ben, &three.group[1], "A question", "Who knows Rust").await?;
        arrives(&three.fay, "Who knows Rust").await?;
        let at_far = arrives(&three.cai, "Who knows Rust").await?;
        ensure!(at_far["account"]["acct"] == json!(three.near.handle("ben")) && at_far["uri"] == made["uri"], "{at_far}");

        // A reply from the third, in the thread of all.
        let reply = json!({ "status": "I do, in part", "in_reply_to_id": at_far["id"], "visibility": "private" });
        let reply = three.cai.post("/api/v1/statuses", reply).await?;
        ensure!(reply["audience"] == "group", "{reply}");
        let heard = arrives(&three.ben, "I do, in part").await?;
        ensure!(heard["in_reply_to_id"] == made["id"], "{heard}");
        let at_home = arrives(&three.fay, "I do, in part").await?;
        ensure!(!at_home["in_reply_to_id"].is_null(), "{at_home}");

        // An edit and a deletion by the second reach the third.
        let path = format!("/api/v1/statuses/{}", text(&made, "id")?);
        three.ben.call(Method::PUT, &path, Some(json!({ "status": "Who knows Rust well" }))).await?;
        arrives(&three.cai, "Who knows Rust well").await?;
        three.ben.call(Method::DELETE, &path, None).await?;
        vanishes(&three.cai, &at_far).await
    }
}

on_both! {
    async fn who_joins_later_reads_what_was_said_before(kind: Kind) {
        let (home, near, far) = (TestNode::start(kind).await?, TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&home, &near, &far]).await?;
        let (fay, ben, cai) = (home.person("fay").await?, near.person("ben").await?, far.person("cai").await?);
        let group = make(&fay, "digital", "by-request").await?;
        let at_near = let_in((&home, &fay, &group), &ben, &near.handle("ben")).await?;
        talk(&ben, &at_near, "Early", "Said by another department").await?;
        let early = arrives(&fay, "Said by another department").await?;
        let reply = json!({ "status": "Answered at home", "in_reply_to_id": early["id"], "visibility": "private" });
        fay.post("/api/v1/statuses", reply).await?;
        // Nobody of the far department was there then.
        let_in((&home, &fay, &group), &cai, &far.handle("cai")).await?;
        let late = arrives(&cai, "Said by another department").await?;
        ensure!(late["account"]["acct"] == json!(near.handle("ben")) && late["title"] == "Early", "{late}");
        let reply = arrives(&cai, "Answered at home").await?;
        ensure!(reply["in_reply_to_id"] == late["id"], "{reply}");
        Ok(())
    }
}

on_both! {
    async fn nobody_outside_a_private_group_reads_it(kind: Kind) {
        let three = Three::private(kind).await?;
        let outsider = three.near.person("outsider").await?;
        let made = talk(&three.fay, &three.group[0], "Inside", "Only among us").await?;
        let seen = arrives(&three.ben, "Only among us").await?;

        // Not a colleague of a member, and not by what a member's node has.
        let (status, _) = outsider.try_call(Method::GET, &format!("/api/v1/statuses/{}", text(&seen, "id")?), None).await?;
        ensure!(status == StatusCode::NOT_FOUND);
        let timeline = format!("/api/v1/timelines/group/{}", three.group[1]);
        let (status, _) = outsider.try_call(Method::GET, &timeline, None).await?;
        ensure!(status == StatusCode::FORBIDDEN, "that it exists is no secret: {status}");
        let (status, _) = outsider.try_call(Method::GET, &format!("/api/v1/groups/{}/memberships", three.group[1]), None).await?;
        ensure!(status == StatusCode::FORBIDDEN);

        // Not somebody who writes to it without being in it.
        let (status, _) = outsider
            .try_call(Method::POST, "/api/v1/statuses", Some(json!({ "group_id": three.group[1], "status": "Let me in" })))
            .await?;
        ensure!(status == StatusCode::FORBIDDEN, "{status}");

        // Not a peer without a member, which asks for it by its address.
        let fourth = TestNode::start(kind).await?;
        befriend(&[&three.home, &fourth]).await?;
        let stranger = fourth.person("stranger").await?;
        let found = stranger.get(&format!("/api/v2/search?resolve=true&q={}", text(&made, "uri")?)).await?;
        ensure!(found["statuses"].as_array().is_some_and(Vec::is_empty), "{found}");

        // Whom a post names is not let in by it.
        let named = json!({ "group_id": three.group[0], "status": format!("@{} look at this", three.near.handle("outsider")) });
        three.fay.resolve(&three.near.handle("outsider")).await?;
        let (status, answer) = three.fay.try_call(Method::POST, "/api/v1/statuses", Some(named)).await?;
        ensure!(status == StatusCode::UNPROCESSABLE_ENTITY && answer["error"].as_str().unwrap().contains("not a member"), "{answer}");
        Ok(())
    }
}

on_both! {
    async fn the_last_member_of_a_department_takes_its_copies_along(kind: Kind) {
        let three = Three::private(kind).await?;
        talk(&three.fay, &three.group[0], "Before", "While they were here").await?;
        let seen = arrives(&three.cai, "While they were here").await?;
        arrives(&three.ben, "While they were here").await?;
        let roster = three.fay.get(&format!("/api/v1/groups/{}/memberships", three.group[0])).await?;
        let cai = roster.as_array().unwrap().iter().find(|one| one["account"]["username"] == "cai").context("cai")?;
        let path = format!("/api/v1/groups/{}/memberships/{}/remove", three.group[0], text(&cai["account"], "id")?);
        three.fay.post(&path, json!({})).await?;
        talk(&three.fay, &three.group[0], "After", "Now that they are gone").await?;

        vanishes(&three.cai, &seen).await?;
        standing(&three.cai, &three.group[2], "none").await?;
        let id = three.group[0].parse()?;
        eventually("the far peer says that its copies are gone", || async {
            let asked = groups::purges(&three.home.ctx, &Operator::System, id).await?;
            ensure!(asked.len() == 1 && asked[0].host == three.far.authority.as_str(), "{asked:?}");
            Ok(asked[0].confirmed_at)
        })
        .await?;
        arrives(&three.ben, "Now that they are gone").await?;
        ensure!(three.cai.home().await?.iter().all(|status| status["title"] != "After"), "nothing more comes");

        // Who leaves by themselves takes the copies along too.
        let seen = arrives(&three.ben, "While they were here").await?;
        three.ben.post(&format!("/api/v1/groups/{}/leave", three.group[1]), json!({})).await?;
        vanishes(&three.ben, &seen).await?;
        eventually("the near peer says so as well", || async {
            let asked = groups::purges(&three.home.ctx, &Operator::System, id).await?;
            Ok((asked.len() == 2 && asked.iter().all(|one| one.confirmed_at.is_some())).then_some(()))
        })
        .await
    }
}

on_both! {
    async fn what_is_pinned_asked_and_answered_is_seen_elsewhere(kind: Kind) {
        let three = Three::private(kind).await?;
        let asked = json!({ "group_id": three.group[1], "title": "How", "status": "How is it done", "question": true });
        let asked = three.ben.post("/api/v1/statuses", asked).await?;
        let at_home = arrives(&three.fay, "How is it done").await?;
        ensure!(at_home["topic"]["question"] == true, "{at_home}");
        let at_far = arrives(&three.cai, "How is it done").await?;
        let answer = json!({ "status": "Like this", "in_reply_to_id": at_far["id"], "visibility": "private" });
        three.cai.post("/api/v1/statuses", answer).await?;
        let answer = arrives(&three.ben, "Like this").await?;
        arrives(&three.fay, "Like this").await?;

        // Who asked says which reply is the answer; the others learn it through the home.
        let path = format!("/api/v1/statuses/{}/answer", text(&asked, "id")?);
        three.ben.post(&path, json!({ "answer_id": answer["id"] })).await?;
        let far = format!("/api/v1/statuses/{}", text(&at_far, "id")?);
        eventually("the answer is known on the third node", || async {
            let seen = three.cai.get(&far).await?;
            Ok((!seen["topic"]["answer_id"].is_null()).then_some(()))
        })
        .await?;
        // Nobody else may.
        let (status, _) = three.cai.try_call(Method::POST, &format!("{far}/answer"), Some(json!({}))).await?;
        ensure!(status == StatusCode::FORBIDDEN, "{status}");

        let welcome = talk(&three.fay, &three.group[0], "Read me first", "How we work").await?;
        arrives(&three.cai, "How we work").await?;
        let pin = format!("/api/v1/groups/{}/statuses/{}/pin", three.group[0], text(&welcome, "id")?);
        three.fay.post(&pin, json!({})).await?;
        eventually("the pin is seen elsewhere", || async {
            let pinned = three.cai.get(&format!("/api/v1/accounts/{}/statuses?pinned=true", three.group[2])).await?;
            Ok((pinned[0]["title"] == "Read me first").then_some(()))
        })
        .await?;

        // Who runs the group takes a post out of it, everywhere.
        let remove = format!("/api/v1/groups/{}/statuses/{}/remove", three.group[0], text(&at_home, "id")?);
        three.fay.post(&remove, json!({})).await?;
        vanishes(&three.cai, &at_far).await
    }
}

on_both! {
    async fn a_hidden_group_is_there_for_the_invited_alone(kind: Kind) {
        let (home, near) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&home, &near]).await?;
        let (fay, ben) = (home.person("fay").await?, near.person("ben").await?);
        let (colleague, other) = (home.person("colleague").await?, near.person("other").await?);
        let group = make(&fay, "quiet", "hidden").await?;
        // Strangers here and there: no search, no lookup, no address, no list leads to it.
        let (status, _) = colleague.try_call(Method::GET, &format!("/api/v1/groups/{group}"), None).await?;
        ensure!(status == StatusCode::NOT_FOUND);
        for path in ["/api/v1/accounts/lookup?acct=quiet".to_owned(), format!("/api/v1/accounts/{group}")] {
            let (status, _) = colleague.try_call(Method::GET, &path, None).await?;
            ensure!(status == StatusCode::NOT_FOUND, "{path}");
        }
        ensure!(colleague.get("/api/v1/groups").await?.as_array().is_some_and(Vec::is_empty));
        ensure!(ben.resolve(&home.handle("quiet")).await.is_err());

        // An invitation crosses, and lets its bearer in.
        let whom = fay.resolve(&near.handle("ben")).await?;
        fay.post(&format!("/api/v1/groups/{group}/memberships/{whom}/invite"), json!({})).await?;
        let theirs = eventually("the invitation arrives", || async {
            let told = ben.get("/api/v1/notifications?types[]=group_invitation").await?;
            Ok(told[0]["account"]["id"].as_str().map(str::to_owned))
        })
        .await?;
        standing(&ben, &theirs, "invited").await?;
        let (status, _) = other.try_call(Method::GET, &format!("/api/v1/groups/{theirs}"), None).await?;
        ensure!(status == StatusCode::NOT_FOUND, "the invitation is no one else's");
        ben.post(&format!("/api/v1/groups/{theirs}/join"), json!({})).await?;
        standing(&ben, &theirs, "member").await?;
        talk(&fay, &group, "Now", "Between the two of us").await?;
        arrives(&ben, "Between the two of us").await?;
        Ok(())
    }
}

on_both! {
    async fn an_open_group_is_read_by_all_and_written_by_members(kind: Kind) {
        let (home, near) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&home, &near]).await?;
        let (fay, ben) = (home.person("fay").await?, near.person("ben").await?);
        let other = home.person("other").await?;
        let group = make(&fay, "tea", "open").await?;
        let made = talk(&fay, &group, "Leaves", "Which do you like").await?;
        let path = format!("/api/v1/statuses/{}", text(&made, "id")?);
        ensure!(other.get(&path).await?["title"] == "Leaves", "anybody here reads it");
        ensure!(other.home().await?.is_empty(), "but it is in nobody's feed who is no member");
        // Anybody elsewhere may look at it.
        let found = ben.get(&format!("/api/v2/search?resolve=true&q={}", text(&made, "uri")?)).await?;
        ensure!(found["statuses"][0]["title"] == "Leaves", "{found}");
        let (status, _) = other.try_call(Method::POST, "/api/v1/statuses", Some(json!({ "group_id": group, "status": "Mint" }))).await?;
        ensure!(status == StatusCode::FORBIDDEN);
        // One step, and they are in.
        other.post(&format!("/api/v1/accounts/{group}/follow"), json!({})).await?;
        talk(&other, &group, "Mint", "Mint it is").await?;
        let theirs = ben.resolve(&home.handle("tea")).await?;
        ben.post(&format!("/api/v1/accounts/{theirs}/follow"), json!({})).await?;
        standing(&ben, &theirs, "member").await?;
        talk(&ben, &theirs, "Oolong", "Oolong for me").await?;
        arrives(&fay, "Oolong for me").await?;
        // A post in a group goes no further: it is boosted by nobody.
        let (status, _) = other.try_call(Method::POST, &format!("{path}/reblog"), Some(json!({}))).await?;
        ensure!(status.is_client_error(), "{status}");
        Ok(())
    }
}
