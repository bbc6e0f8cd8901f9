//! Meeting people: who is suggested and who never is, the directory, and familiar followers.

use anyhow::{Context, Result, ensure};
use corridor_tests::{TestNode, on_both};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::caller::{Caller, said};

async fn follow(who: &Caller, whom: &Caller) -> Result<()> {
    who.post(&format!("/api/v1/accounts/{}/follow", whom.me().await?), &json!({})).await?.ok()?;
    Ok(())
}

fn names(list: &[Value]) -> Vec<String> {
    list.iter()
        .filter_map(|one| one["username"].as_str().or(one["account"]["username"].as_str()).map(str::to_owned))
        .collect()
}

async fn found(who: &Caller, path: &str) -> Result<Vec<String>> {
    Ok(names(&who.get(path).await?.list()?))
}

async fn is_discoverable(who: &Caller, yes: bool) -> Result<()> {
    let body = json!({ "discoverable": yes });
    said(who.request(Method::PATCH, "/api/v1/accounts/update_credentials").json(&body)).await?.ok()?;
    Ok(())
}

on_both! {
    async fn friends_of_friends_and_fellows_are_suggested(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let mut people = Vec::new();
        for name in ["asha", "bryn", "cerys", "dafydd", "elin", "ffion"] {
            people.push(Caller::person(&node, name).await?);
        }
        for who in &people {
            is_discoverable(who, true).await?;
        }
        let [asha, bryn, cerys, dafydd, elin, ffion] = &people[..] else { anyhow::bail!("six people") };
        ensure!(found(asha, "/api/v2/suggestions").await?.is_empty());
        // Asha follows Bryn and Cerys; both follow Dafydd, one follows Elin; Ffion is in a group with Asha.
        for (who, whom) in [(asha, bryn), (asha, cerys), (bryn, dafydd), (cerys, dafydd), (bryn, elin), (bryn, asha), (bryn, cerys)] {
            follow(who, whom).await?;
        }
        let group = asha.post("/api/v1/groups", &json!({ "name": "tea", "title": "Tea", "kind": "social", "door": "open" })).await?.ok()?;
        let group = group["id"].as_str().context("a group")?.to_owned();
        ffion.post(&format!("/api/v1/groups/{group}/join"), &json!({})).await?.ok()?;

        let suggested = asha.get("/api/v2/suggestions").await?.list()?;
        ensure!(names(&suggested) == ["dafydd", "elin", "ffion"], "{:?}", names(&suggested));
        ensure!(suggested[0]["sources"] == json!(["friends_of_friends"]) && suggested[0]["source"] == "global", "{}", suggested[0]);
        ensure!(suggested[2]["sources"] == json!(["same_groups"]), "{}", suggested[2]);
        ensure!(found(asha, "/api/v1/suggestions").await? == ["dafydd", "elin", "ffion"]);
        ensure!(found(asha, "/api/v2/suggestions?limit=1").await? == ["dafydd"]);

        // Never one whom something keeps apart, each in turn.
        let path = "/api/v2/suggestions";
        let id = dafydd.me().await?;
        for (act, undo) in [("mute", "unmute"), ("block", "unblock")] {
            asha.post(&format!("/api/v1/accounts/{id}/{act}"), &json!({})).await?.ok()?;
            ensure!(found(asha, path).await? == ["elin", "ffion"], "after {act}");
            asha.post(&format!("/api/v1/accounts/{id}/{undo}"), &json!({})).await?.ok()?;
            ensure!(found(asha, path).await?[0] == "dafydd", "after {undo}");
        }
        dafydd.post(&format!("/api/v1/accounts/{}/block", asha.me().await?), &json!({})).await?.ok()?;
        ensure!(found(asha, path).await? == ["elin", "ffion"], "who keeps away is not suggested");
        is_discoverable(elin, false).await?;
        ensure!(found(asha, path).await? == ["ffion"], "who does not want to be found is not suggested");
        let dismissed = ffion.me().await?;
        for _ in 0..2 {
            ensure!(said(asha.request(Method::DELETE, &format!("/api/v1/suggestions/{dismissed}"))).await?.ok()? == json!({}));
        }
        ensure!(found(asha, path).await?.is_empty());
        said(asha.request(Method::DELETE, "/api/v1/suggestions/1")).await?.refused(StatusCode::NOT_FOUND, "Record not found")?;
        is_discoverable(elin, true).await?;
        follow(asha, elin).await?;
        ensure!(found(asha, path).await?.is_empty(), "who is followed is not suggested");
        Ok(())
    }
}

on_both! {
    async fn familiar_followers_are_those_whom_one_follows(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn, cerys, dafydd) = (
            Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?,
            Caller::person(&node, "cerys").await?, Caller::person(&node, "dafydd").await?,
        );
        for (who, whom) in [(&asha, &bryn), (&bryn, &dafydd), (&cerys, &dafydd)] {
            follow(who, whom).await?;
        }
        let (one, two) = (dafydd.me().await?, bryn.me().await?);
        let path = format!("/api/v1/accounts/familiar_followers?id[]={one}&id[]={two}&id[]=1&id[]=x");
        let familiar = asha.get(&path).await?.list()?;
        ensure!(familiar.len() == 2 && familiar[0]["id"] == json!(one) && familiar[1] == json!({ "id": two, "accounts": [] }), "{familiar:?}");
        ensure!(names(familiar[0]["accounts"].as_array().context("accounts")?) == ["bryn"], "{familiar:?}");

        // Who is in a hidden group is told to nobody outside.
        let group = bryn.post("/api/v1/groups", &json!({ "name": "quiet", "title": "Quiet", "kind": "social", "door": "hidden" })).await?.ok()?;
        let group = group["id"].as_str().context("a group")?;
        ensure!(asha.get(&format!("/api/v1/accounts/familiar_followers?id[]={group}")).await?.list()?.is_empty());
        Ok(())
    }
}

on_both! {
    async fn the_directory_has_those_who_want_to_be_found(kind: Kind) {
        let node = TestNode::start(kind).await?;
        let (asha, bryn, cerys, dafydd) = (
            Caller::person(&node, "asha").await?, Caller::person(&node, "bryn").await?,
            Caller::person(&node, "cerys").await?, Caller::person(&node, "dafydd").await?,
        );
        for who in [&asha, &bryn, &cerys] {
            is_discoverable(who, true).await?;
        }
        is_discoverable(&dafydd, false).await?;
        for who in [&dafydd, &asha, &bryn] {
            node.clock.advance(std::time::Duration::from_secs(1));
            who.says(&json!({ "status": "Here" })).await?;
        }
        // Who posted last comes first, who never did last; or who came last.
        ensure!(found(&cerys, "/api/v1/directory").await? == ["bryn", "asha", "cerys"]);
        ensure!(found(&cerys, "/api/v1/directory?order=new&local=true").await? == ["cerys", "bryn", "asha"]);
        ensure!(found(&cerys, "/api/v1/directory?offset=1&limit=1").await? == ["asha"]);
        ensure!(found(&cerys, "/api/v1/directory?offset=3").await?.is_empty());
        bryn.post(&format!("/api/v1/accounts/{}/block", cerys.me().await?), &json!({})).await?.ok()?;
        ensure!(found(&cerys, "/api/v1/directory").await? == ["asha", "cerys"]);
        ensure!(found(&bryn, "/api/v1/directory").await? == ["bryn", "asha"]);
        corridor_app::accounts::disable_user(&node.ctx, &corridor_app::operator::Operator::System, "asha").await?;
        ensure!(found(&cerys, "/api/v1/directory").await? == ["cerys"], "who is not there is not shown");
        Ok(())
    }
}
