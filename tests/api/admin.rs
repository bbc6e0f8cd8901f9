//! Administration with a client: who is told what of accounts, reports and peers, and what may be done there.

use anyhow::{Context, Result, ensure};
use corridor_app::operator::Operator;
use corridor_app::{accounts, audit, peers};
use corridor_domain::Role;
use corridor_tests::{PASSWORD, TestNode, befriend, eventually, on_both, text};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::caller::{App, Caller, OUT_OF_BAND};
use crate::web::pages::Pages;

/// Everything of administration that is served.
pub const SCOPES: &str = "read write admin:read admin:write";

/// Somebody new with a role, and a token of these scopes.
pub async fn with_role(node: &TestNode, name: &str, role: Role, scopes: &str) -> Result<Caller> {
    node.add(name).await?;
    accounts::set_role(&node.ctx, &Operator::System, name, role).await?;
    let mut pages = Pages::signed_in(&node.url, name).await?;
    let app = App::register(node, OUT_OF_BAND, scopes).await?;
    Caller::new(node, Some(&app.token(node, &mut pages).await?))
}

/// Somebody of a peer, as they are known here from now on.
async fn remote_account(by: &Caller, handle: &str) -> Result<Value> {
    let found = by.get(&format!("/api/v2/search?q=@{handle}&resolve=true")).await?.ok()?;
    ensure!(found["accounts"][0]["id"].is_string(), "{handle}: {found}");
    Ok(found["accounts"][0].clone())
}

/// The usernames of those who are listed, in the order of the alphabet.
async fn names(by: &Caller, query: &str) -> Result<Vec<String>> {
    let list = by.get(&format!("/api/{query}")).await?.list().with_context(|| query.to_owned())?;
    let mut names = list.iter().map(|one| text(one, "username")).collect::<Result<Vec<_>>>()?;
    names.sort_unstable();
    Ok(names)
}

async fn reports(by: &Caller, query: &str) -> Result<Vec<String>> {
    let list = by.get(&format!("/api/v1/admin/reports{query}")).await?.list()?;
    list.iter().map(|one| text(one, "id")).collect()
}

on_both! {
    async fn people_are_found_by_where_they_are_and_how_they_stand(kind: Kind) {
        let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &there]).await?;
        there.add("dai").await?;
        let asha = with_role(&here, "asha", Role::Administrator, SCOPES).await?;
        with_role(&here, "cara", Role::Moderator, SCOPES).await?;
        here.add("bryn").await?;
        here.add("bryn_the_second").await?;
        remote_account(&asha, &there.handle("dai")).await?;
        let (ours, theirs) = (here.ctx.settings.addresses.account_domain.clone(), there.ctx.settings.addresses.account_domain.clone());
        accounts::disable_user(&here.ctx, &Operator::System, "bryn_the_second").await?;
        let all = ["asha", "bryn", "bryn_the_second", "cara", "dai"];
        for (query, expected) in [
            ("v2/admin/accounts".to_owned(), all.as_slice()),
            ("v2/admin/accounts?origin=local".to_owned(), &["asha", "bryn", "bryn_the_second", "cara"]),
            ("v2/admin/accounts?origin=remote".to_owned(), &["dai"]),
            (format!("v2/admin/accounts?by_domain={theirs}"), &["dai"]),
            (format!("v2/admin/accounts?by_domain={ours}&status=disabled"), &["bryn_the_second"]),
            ("v2/admin/accounts?by_domain=nobody.example".to_owned(), &[]),
            ("v2/admin/accounts?by_domain=%00".to_owned(), &[]),
            ("v2/admin/accounts?status=active".to_owned(), &["asha", "bryn", "cara", "dai"]),
            ("v2/admin/accounts?status=disabled".to_owned(), &["bryn_the_second"]),
            ("v2/admin/accounts?status=suspended".to_owned(), &[]),
            ("v2/admin/accounts?status=silenced".to_owned(), &[]),
            ("v2/admin/accounts?status=pending".to_owned(), &[]),
            ("v2/admin/accounts?username=@RYN".to_owned(), &["bryn", "bryn_the_second"]),
            ("v2/admin/accounts?username=%25".to_owned(), &[]),
            ("v2/admin/accounts?username=bryn%00_".to_owned(), &["bryn_the_second"]),
            ("v2/admin/accounts?display_name=CARA%20of".to_owned(), &["cara"]),
            ("v2/admin/accounts?email=Bryn@Department.Example".to_owned(), &["bryn"]),
            ("v2/admin/accounts?email=ryn@department.example".to_owned(), &[]),
            ("v2/admin/accounts?permissions=staff".to_owned(), &["asha", "cara"]),
            ("v2/admin/accounts?role_ids[]=2".to_owned(), &["cara"]),
            ("v2/admin/accounts?role_ids[]=99".to_owned(), &[]),
            ("v2/admin/accounts?ip=127.0.0.1".to_owned(), &[]),
            ("v2/admin/accounts?invited_by=1".to_owned(), &[]),
            ("v1/admin/accounts".to_owned(), &["asha", "bryn", "cara"]),
            ("v1/admin/accounts?remote=true".to_owned(), &["dai"]),
            (format!("v1/admin/accounts?by_domain={theirs}"), &["dai"]),
            ("v1/admin/accounts?disabled=true".to_owned(), &["bryn_the_second"]),
            ("v1/admin/accounts?suspended=true".to_owned(), &[]),
            ("v1/admin/accounts?silenced=1".to_owned(), &[]),
            ("v1/admin/accounts?staff=true".to_owned(), &["asha", "cara"]),
        ] {
            let found = names(&asha, &query).await?;
            ensure!(found == expected, "{query}: {found:?} and not {expected:?}");
        }
        for odd in ["origin=elsewhere", "status=odd"] {
            let answer = asha.get(&format!("/api/v2/admin/accounts?{odd}")).await?;
            answer.refused(StatusCode::BAD_REQUEST, odd.split('=').next().unwrap_or_default())?;
        }
        here.remove(&there.authority).await?;
        ensure!(names(&asha, "v2/admin/accounts?status=suspended").await? == ["dai"]);
        ensure!(names(&asha, "v1/admin/accounts?remote=true&suspended=true").await? == ["dai"]);
        ensure!(names(&asha, "v2/admin/accounts?status=active&origin=remote").await?.is_empty());
        pages_of_people(&asha, all.len()).await
    }
}

/// Each once, the newest first, one on a page.
async fn pages_of_people(asha: &Caller, count: usize) -> Result<()> {
    let mut seen = Vec::new();
    let mut path = "/api/v2/admin/accounts?limit=1".to_owned();
    loop {
        let answer = asha.get(&path).await?;
        let link = answer.header("link").to_owned();
        let Some(one) = answer.list()?.pop() else { break };
        seen.push(text(&one, "id")?);
        path = link
            .split_once("<")
            .and_then(|(_, rest)| rest.split_once(">; rel=\"next\""))
            .context("no next")?
            .0
            .to_owned();
        ensure!(path.contains("limit=1"), "{path}");
    }
    let mut sorted = seen.clone();
    sorted.sort_unstable_by_key(|id| std::cmp::Reverse(id.parse::<i64>().unwrap_or_default()));
    sorted.dedup();
    ensure!(seen == sorted && seen.len() == count, "{seen:?}");
    Ok(())
}

on_both! {
    async fn an_account_is_shown_without_secrets(kind: Kind) {
        let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &there]).await?;
        there.add("dai").await?;
        let asha = with_role(&here, "asha", Role::Administrator, SCOPES).await?;
        let cara = with_role(&here, "cara", Role::Moderator, SCOPES).await?;
        let bryn = Caller::person(&here, "bryn").await?.me().await?;
        let path = format!("/api/v1/admin/accounts/{bryn}");
        let shown = asha.get(&path).await?.ok()?;
        ensure!(shown["email"] == "bryn@department.example" && shown["role"]["name"] == "member", "{shown}");
        ensure!(shown["disabled"] == false && shown["suspended"] == false && shown["confirmed"] == true, "{shown}");
        ensure!(shown["account"]["acct"] == "bryn" && shown["domain"].is_null() && shown["ip"].is_null(), "{shown}");
        let to_moderator = cara.get(&path).await?.ok()?;
        ensure!(to_moderator["email"].is_null() && to_moderator["role"]["name"] == "member", "{to_moderator}");
        cara.get("/api/v2/admin/accounts?email=bryn@department.example").await?.refused(StatusCode::FORBIDDEN, "administrator")?;
        let all = asha.get("/api/v2/admin/accounts").await?.ok()?.to_string();
        for secret in ["argon2", "password", "hash", "session", "127.0.0.1\",\"used_at"] {
            ensure!(!all.contains(secret), "{secret} in {all}");
        }
        let dai = remote_account(&asha, &there.handle("dai")).await?;
        let shown = asha.get(&format!("/api/v1/admin/accounts/{}", text(&dai, "id")?)).await?.ok()?;
        for unknown in ["email", "role", "confirmed", "approved", "disabled", "locale", "ip", "invite_request"] {
            ensure!(shown[unknown].is_null(), "{unknown} of a person of a peer: {shown}");
        }
        ensure!(shown["domain"] == json!(there.ctx.settings.addresses.account_domain.to_string()) && shown["suspended"] == false, "{shown}");
        let group = json!({ "name": "secret", "title": "Secret", "kind": "social", "door": "hidden" });
        let group = text(&asha.post("/api/v1/groups", &group).await?.ok()?, "id")?;
        for nobody in ["1", "nonsense", &group] {
            cara.get(&format!("/api/v1/admin/accounts/{nobody}")).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        }
        Ok(())
    }
}

on_both! {
    async fn somebody_is_disabled_and_enabled_again(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = with_role(&node, "asha", Role::Administrator, SCOPES).await?;
        let bryn = Caller::person(&node, "bryn").await?;
        let cara = Caller::person(&node, "cara").await?;
        let (me, them) = (asha.me().await?, bryn.me().await?);
        let post = text(&bryn.says(&json!({ "status": "Something unkind", "visibility": "public" })).await?, "id")?;
        let about = json!({ "account_id": them, "status_ids": [post], "comment": "Please look" });
        let report = text(&cara.post("/api/v1/reports", &about).await?.ok()?, "id")?;
        let action = format!("/api/v1/admin/accounts/{them}/action");
        for (body, words) in [
            (json!({}), "type"),
            (json!({ "type": "odd" }), "type"),
            (json!({ "type": "suspend" }), "suspended"),
            (json!({ "type": "silence" }), "limited"),
            (json!({ "type": "sensitive" }), "limited"),
            (json!({ "type": "none", "text": "A warning" }), "warned"),
        ] {
            asha.post(&action, &body).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, words).with_context(|| body.to_string())?;
        }
        for report in ["1", "nonsense"] {
            let body = json!({ "type": "disable", "report_id": report });
            asha.post(&action, &body).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        }
        let own = asha.post(&format!("/api/v1/admin/accounts/{me}/action"), &json!({ "type": "disable" })).await?;
        own.refused(StatusCode::FORBIDDEN, "your own")?;
        ensure!(bryn.get("/api/v1/timelines/home").await?.status == StatusCode::OK, "nothing of this was done");
        let done = asha.post(&action, &json!({ "type": "disable", "report_id": report, "text": "Again and again" })).await?;
        ensure!(done.ok()? == json!({}));
        bryn.get("/api/v1/timelines/home").await?.refused(StatusCode::UNAUTHORIZED, "token")?;
        ensure!(Pages::signed_in(&node.url, "bryn").await.is_err(), "they can't sign in");
        cara.get(&format!("/api/v1/statuses/{post}")).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        let shown = asha.get(&format!("/api/v1/admin/accounts/{them}")).await?.ok()?;
        ensure!(shown["disabled"] == true && shown["suspended"] == false, "{shown}");
        ensure!(reports(&asha, "").await?.is_empty() && reports(&asha, "?resolved=true").await? == std::slice::from_ref(&report));
        for _ in 0..2 {
            let shown = asha.post(&format!("/api/v1/admin/accounts/{them}/enable"), &json!({})).await?.ok()?;
            ensure!(shown["disabled"] == false, "{shown}");
        }
        ensure!(Pages::new(&node.url)?.sign_in("bryn", PASSWORD).await?.status == StatusCode::SEE_OTHER);
        cara.get(&format!("/api/v1/statuses/{post}")).await?.ok()?;
        ensure!(audit::verify(&node.ctx).await?.broken_at.is_none());
        Ok(())
    }
}

on_both! {
    async fn reports_are_read_settled_and_taken_up_again(kind: Kind) {
        let (here, there) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&here, &there]).await?;
        let cara = with_role(&here, "cara", Role::Moderator, SCOPES).await?;
        let (asha, bryn, dai) = (Caller::person(&here, "asha").await?, Caller::person(&here, "bryn").await?, Caller::person(&there, "dai").await?);
        let (me, them) = (asha.me().await?, bryn.me().await?);
        let open = text(&bryn.says(&json!({ "status": "For all", "visibility": "public" })).await?, "id")?;
        let closed = text(&bryn.says(&json!({ "status": "Only @asha", "visibility": "direct" })).await?, "id")?;
        let about = json!({ "account_id": them, "status_ids": [open, closed], "comment": "Please look", "category": "spam" });
        let first = text(&asha.post("/api/v1/reports", &about).await?.ok()?, "id")?;
        let path = format!("/api/v1/admin/reports/{first}");
        let shown = cara.get(&path).await?.ok()?;
        ensure!(shown["account"]["username"] == "asha" && shown["target_account"]["username"] == "bryn" && shown["category"] == "spam", "{shown}");
        ensure!(shown["status_ids"] == json!([open, closed]), "{shown}");
        let seen: Vec<&Value> = shown["statuses"].as_array().context("no statuses")?.iter().map(|one| &one["id"]).collect();
        ensure!(seen == [&json!(open)], "a report opens no post for named people: {seen:?}");
        ensure!(!shown.to_string().contains("Only @"), "{shown}");
        let theirs = remote_account(&dai, &here.handle("bryn")).await?;
        let sent = json!({ "account_id": theirs["id"], "comment": "From afar", "forward": true });
        dai.post("/api/v1/reports", &sent).await?.ok()?;
        let afar = eventually("the report from there", || async { Ok(reports(&cara, "").await?.into_iter().find(|id| *id != first)) }).await?;
        let shown = cara.get(&format!("/api/v1/admin/reports/{afar}")).await?.ok()?;
        ensure!(shown["comment"] == "From afar" && shown["account"]["domain"].is_string() && !shown.to_string().contains("\"dai\""), "{shown}");
        for (query, expected) in [
            (String::new(), vec![&afar, &first]),
            ("?limit=1".to_owned(), vec![&afar]),
            (format!("?max_id={afar}"), vec![&first]),
            (format!("?account_id={me}"), vec![&first]),
            (format!("?target_account_id={them}"), vec![&afar, &first]),
            (format!("?target_account_id={me}"), vec![]),
            ("?resolved=true".to_owned(), vec![]),
        ] {
            let found = reports(&cara, &query).await?;
            ensure!(found.iter().collect::<Vec<_>>() == expected, "{query}: {found:?}");
        }
        let settled = cara.post(&format!("{path}/resolve"), &json!({})).await?.ok()?;
        ensure!(settled["action_taken"] == true && settled["action_taken_at"].is_string(), "{settled}");
        ensure!(settled["action_taken_by_account"]["username"] == "cara" && settled["updated_at"] == settled["action_taken_at"], "{settled}");
        cara.post(&format!("{path}/resolve"), &json!({})).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "before")?;
        ensure!(reports(&cara, "?resolved=true").await? == std::slice::from_ref(&first) && reports(&cara, "").await? == std::slice::from_ref(&afar));
        ensure!(reports(&cara, "?resolved=true&unresolved=true").await?.len() == 2);
        let reopened = cara.post(&format!("{path}/reopen"), &json!({})).await?.ok()?;
        ensure!(reopened["action_taken"] == false && reopened["action_taken_by_account"].is_null() && reopened["action_taken_at"].is_null(), "{reopened}");
        cara.post(&format!("{path}/reopen"), &json!({})).await?.refused(StatusCode::UNPROCESSABLE_ENTITY, "not dealt with")?;
        for nobody in ["1", "nonsense"] {
            cara.get(&format!("/api/v1/admin/reports/{nobody}")).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
            cara.get(&format!("/api/v1/admin/reports?account_id={nobody}x")).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        }
        Ok(())
    }
}

on_both! {
    async fn the_allow_list_is_read_and_not_changed(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = with_role(&node, "asha", Role::Administrator, SCOPES).await?;
        let (allows, blocks) = ("/api/v1/admin/domain_allows", "/api/v1/admin/domain_blocks");
        let lowest = corridor_domain::Marking::LOWEST;
        for name in ["one.example", "two.example", "three.example"] {
            node.allow(&corridor_domain::Authority::parse(name)?, lowest).await?;
        }
        let listed = async |path: &str| -> Result<Vec<String>> {
            asha.get(path).await?.list()?.iter().map(|one| text(one, "domain")).collect()
        };
        ensure!(listed(allows).await? == ["three.example", "two.example", "one.example"] && listed(blocks).await?.is_empty());
        let answer = asha.get(&format!("{allows}?limit=2")).await?;
        let last = text(&answer.body[1], "id")?;
        ensure!(answer.header("link").contains(&format!("max_id={last}")), "{}", answer.header("link"));
        ensure!(listed(&format!("{allows}?max_id={last}")).await? == ["one.example"]);
        ensure!(listed(&format!("{allows}?min_id=1&limit=1")).await? == ["one.example"]);
        let one = asha.get(&format!("{allows}/{last}")).await?.ok()?;
        ensure!(one["domain"] == "two.example" && one["created_at"].is_string(), "{one}");
        asha.get(&format!("{blocks}/{last}")).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        node.remove(&corridor_domain::Authority::parse("two.example")?).await?;
        peers::suspend(&node.ctx, &Operator::System, &corridor_domain::Authority::parse("three.example")?).await?;
        ensure!(listed(allows).await? == ["one.example"] && listed(blocks).await? == ["three.example", "two.example"]);
        let gone = asha.get(&format!("{blocks}/{last}")).await?.ok()?;
        ensure!(gone["severity"] == "suspend" && gone["private_comment"] == "removed" && gone["public_comment"].is_null(), "{gone}");
        let public = asha.get("/api/v1/instance/domain_blocks").await?.list()?;
        ensure!(public.iter().any(|one| one["digest"] == gone["digest"]), "{public:?}");
        asha.get(&format!("{allows}/{last}")).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        for path in [allows, blocks] {
            let answer = asha.post(path, &json!({ "domain": "four.example" })).await?;
            ensure!(matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED), "{answer:?}");
        }
        ensure!(listed(allows).await? == ["one.example"] && listed(blocks).await?.len() == 2, "nothing has changed");
        Ok(())
    }
}

on_both! {
    async fn a_role_that_was_taken_away_counts_no_more(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let asha = with_role(&node, "asha", Role::Administrator, SCOPES).await?;
        asha.get("/api/v1/admin/domain_allows").await?.ok()?;
        accounts::set_role(&node.ctx, &Operator::System, "asha", Role::Moderator).await?;
        asha.get("/api/v1/admin/domain_allows").await?.refused(StatusCode::UNAUTHORIZED, "token")?;
        let mut pages = Pages::signed_in(&node.url, "asha").await?;
        let app = App::register(&node, OUT_OF_BAND, SCOPES).await?;
        let asha = Caller::new(&node, Some(&app.token(&node, &mut pages).await?))?;
        asha.get("/api/v1/admin/domain_allows").await?.refused(StatusCode::FORBIDDEN, "administrator")?;
        asha.get("/api/v1/admin/reports").await?.ok()?;
        Ok(())
    }
}
