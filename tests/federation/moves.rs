//! People who move from one department to another: who and what goes along, and what does not.

use anyhow::{Context, Result, ensure};
use corridor_app::operator::Operator;
use corridor_app::{Error, accounts, moves};
use corridor_domain::ActorId;
use corridor_domain::text::Handle;
use corridor_tests::{FrontDoor, TestNode, befriend, eventually, on_both, text};
use serde_json::json;

use super::conversation::{arrives, follow, says};

async fn number(node: &TestNode, name: &str) -> Result<ActorId> {
    Ok(accounts::viewer_by_username(&node.ctx, name).await?.id)
}

async fn follows(who: &FrontDoor, handle: &str, wanted: bool) -> Result<()> {
    let id = who.resolve(handle).await?;
    let seen = std::sync::Mutex::new(serde_json::Value::Null);
    eventually(&format!("following {handle} is {wanted}"), || async {
        let relation = who.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await?;
        let found = relation[0]["following"] == wanted;
        *seen.lock().unwrap() = relation;
        Ok(found.then_some(()))
    })
    .await
    .with_context(|| format!("at {}: {}", who.base(), seen.lock().unwrap()))
}

on_both! {
    async fn followers_groups_and_record_go_along(kind: Kind) {
        let (old, new, third) = (TestNode::start(kind).await?, TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&old, &new, &third]).await?;
        let (asha, later) = (old.person("asha").await?, new.person("asha").await?);
        let (near, far) = (old.person("near").await?, third.person("far").await?);
        let (before, after) = (old.handle("asha"), new.handle("asha"));
        asha.call(reqwest::Method::PATCH, "/api/v1/accounts/update_credentials", Some(json!({ "note": "Counts ships" }))).await?;
        for reader in [&near, &far] {
            follow(reader, &before).await?;
        }
        // A private group at home at the third, which Asha is in.
        let made = json!({ "name": "ships", "title": "Ships", "kind": "profession", "door": "invited" });
        let group = text(&far.post("/api/v1/groups", made).await?, "id")?;
        let here = far.resolve(&before).await?;
        far.post(&format!("/api/v1/groups/{group}/memberships/{here}/invite"), json!({})).await?;
        let theirs = eventually("the invitation arrives", || async {
            let told = asha.get("/api/v1/notifications?types[]=group_invitation").await?;
            Ok(told[0]["account"]["id"].as_str().map(str::to_owned))
        })
        .await?;
        asha.post(&format!("/api/v1/groups/{theirs}/join"), json!({})).await?;
        eventually("Asha is a member", || async {
            Ok((asha.get(&format!("/api/v1/groups/{theirs}")).await?["standing"] == "member").then_some(()))
        })
        .await?;

        // Nobody moves to an account that does not say that it is theirs.
        let (ashas, by) = (number(&old, "asha").await?, Operator::System);
        let there = Handle::parse(&after)?;
        let refused = moves::move_away(&old.ctx, &by, ashas, &there).await;
        ensure!(matches!(&refused, Err(Error::Invalid(reason)) if reason.contains("older account")), "{refused:?}");
        follows(&near, &before, true).await?;

        let new_asha = number(&new, "asha").await?;
        moves::add_alias(&new.ctx, &by, new_asha, &Handle::parse(&before)?).await?;
        moves::move_away(&old.ctx, &by, ashas, &there).await?;
        for reader in [&near, &far] {
            follows(reader, &after, true).await?;
            follows(reader, &before, false).await?;
        }
        says(&later, "Hello from the other side").await?;
        arrives(&near, "Hello from the other side").await?;
        arrives(&far, "Hello from the other side").await?;

        // The record is filled, and the group has let the new account in and the old one go.
        eventually("the record is filled", || async {
            let me = later.get("/api/v1/accounts/verify_credentials").await?;
            Ok(me["note"].as_str().is_some_and(|note| note.contains("Counts ships")).then_some(()))
        })
        .await?;
        eventually("the new account is a member", || async {
            let members = far.get(&format!("/api/v1/groups/{group}/memberships")).await?;
            let accts: Vec<&str> = members.as_array().into_iter().flatten().filter_map(|one| one["account"]["acct"].as_str().or(one["acct"].as_str())).collect();
            Ok((accts.contains(&after.as_str()) && !accts.contains(&before.as_str())).then_some(()))
        })
        .await?;
        far.post("/api/v1/statuses", json!({ "group_id": group, "title": "Tide", "status": "High at noon" })).await?;
        arrives(&later, "High at noon").await?;

        // The old account says where she is, and publishes nothing.
        let shown = near.get(&format!("/api/v1/accounts/{ashas}")).await?;
        ensure!(shown["moved"]["acct"] == json!(after), "{shown}");
        let (status, answer) = asha.try_call(reqwest::Method::POST, "/api/v1/statuses", Some(json!({ "status": "Still here" }))).await?;
        ensure!(status == 403 && answer.to_string().contains(&after), "{status} {answer}");
        // Not again so soon, but back.
        let elsewhere = Handle::parse(&third.handle("far"))?;
        ensure!(moves::move_away(&old.ctx, &by, ashas, &elsewhere).await.is_err());
        moves::move_back(&old.ctx, &by, ashas).await?;
        says(&asha, "Back again").await?;
        Ok(())
    }
}

on_both! {
    async fn who_keeps_away_keeps_away_and_a_peer_without_the_service_takes_nobody(kind: Kind) {
        let (old, new) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&old, &new]).await?;
        let (_asha, reader) = (old.person("asha").await?, old.person("reader").await?);
        new.person("asha").await?;
        let (ashas, new_asha) = (number(&old, "asha").await?, number(&new, "asha").await?);
        reader.post(&format!("/api/v1/accounts/{ashas}/block"), json!({})).await?;
        let by = Operator::System;
        moves::add_alias(&new.ctx, &by, new_asha, &Handle::parse(&old.handle("asha"))?).await?;

        let peer = corridor_app::peers::show(&old.ctx, &new.authority).await?.peer;
        let terms = corridor_app::peers::AllowPeer {
            authority: peer.authority.clone(),
            account_domain: Some(peer.account_domain.clone()),
            ceiling: peer.ceiling,
            default_marking: Some(peer.default_marking),
            department: peer.department.clone(),
            note: peer.note.clone(),
            contact: peer.contact.clone(),
        };
        let without = corridor_domain::Service::ALL.iter().copied().filter(|one| *one != corridor_domain::Service::Moves).collect();
        corridor_app::peers::allow_for(&old.ctx, &by, terms.clone(), Some(without)).await?;
        let there = Handle::parse(&new.handle("asha"))?;
        let refused = moves::move_away(&old.ctx, &by, ashas, &there).await;
        ensure!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
        corridor_app::peers::allow_for(&old.ctx, &by, terms, Some(corridor_domain::Service::ALL.iter().copied().collect())).await?;

        moves::move_away(&old.ctx, &by, ashas, &there).await?;
        let id = reader.resolve(&new.handle("asha")).await?;
        let relation = reader.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await?;
        ensure!(relation[0]["blocking"] == true, "{relation}");
        Ok(())
    }
}

on_both! {
    async fn lists_and_notes_hold_on_to_who_moves(kind: Kind) {
        let (old, new) = (TestNode::start(kind).await?, TestNode::start(kind).await?);
        befriend(&[&old, &new]).await?;
        let (_asha, later) = (old.person("asha").await?, new.person("asha").await?);
        let (near, far) = (old.person("near").await?, new.person("far").await?);
        // The new account lets nobody follow without being asked.
        later.call(reqwest::Method::PATCH, "/api/v1/accounts/update_credentials", Some(json!({ "locked": true }))).await?;
        let (before, after) = (old.handle("asha"), new.handle("asha"));
        let mut lists = Vec::new();
        for reader in [&near, &far] {
            let id = follow(reader, &before).await?;
            let list = text(&reader.post("/api/v1/lists", json!({ "title": "Ships" })).await?, "id")?;
            let other = text(&reader.post("/api/v1/lists", json!({ "title": "Others" })).await?, "id")?;
            reader.post(&format!("/api/v1/lists/{list}/accounts"), json!({ "account_ids": [id] })).await?;
            reader.post(&format!("/api/v1/accounts/{id}/note"), json!({ "comment": "Counts ships" })).await?;
            lists.push((reader, list, other));
        }
        let (ashas, by) = (number(&old, "asha").await?, Operator::System);
        moves::add_alias(&new.ctx, &by, number(&new, "asha").await?, &Handle::parse(&before)?).await?;
        moves::move_away(&old.ctx, &by, ashas, &Handle::parse(&after)?).await?;

        for (reader, list, other) in &lists {
            let id = reader.resolve(&after).await?;
            let on_list = async |list: &str| {
                let members = reader.get(&format!("/api/v1/lists/{list}/accounts")).await?;
                let ids: Vec<String> = members.as_array().into_iter().flatten().filter_map(|one| one["id"].as_str().map(str::to_owned)).collect();
                Ok::<_, anyhow::Error>(ids)
            };
            eventually("the list has the new account alone", || async { Ok((on_list(list).await? == [id.clone()]).then_some(())) }).await?;
            ensure!(on_list(other).await?.is_empty(), "{} is on a list that the old one was not on", after);
            let relation = reader.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await?;
            ensure!(relation[0]["requested"] == true && relation[0]["note"] == "Counts ships", "{relation}");
        }
        // Let in, what they write is in the list; turned away, they are on it no longer.
        let requests = eventually("both ask", || async {
            let requests = later.get("/api/v1/follow_requests").await?;
            Ok(requests.as_array().filter(|requests| requests.len() == 2).cloned())
        })
        .await?;
        for one in &requests {
            let answer = if one["username"] == "near" { "authorize" } else { "reject" };
            later.post(&format!("/api/v1/follow_requests/{}/{answer}", text(one, "id")?), json!({})).await?;
        }
        follows(&near, &after, true).await?;
        says(&later, "High at noon").await?;
        arrives(&near, "High at noon").await?;
        let (_, list, _) = &lists[0];
        let shown = near.get(&format!("/api/v1/timelines/list/{list}")).await?;
        ensure!(shown.to_string().contains("High at noon"), "{shown}");
        let (_, list, _) = &lists[1];
        ensure!(far.get(&format!("/api/v1/lists/{list}/accounts")).await? == json!([]));
        Ok(())
    }
}
