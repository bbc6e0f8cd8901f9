//! What a group says of itself stays away from departments where nobody is in it or invited.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use corridor_app::operator::Operator;
use corridor_app::peers::{self, AllowPeer};
use corridor_app::queue::{self, Which};
use corridor_domain::Service;
use corridor_tests::{Fault, FaultProxy, FrontDoor, Kind, TestNode, befriend, eventually, on_both, text};
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::conversation::arrives;
use super::groups::{let_in, make, standing, talk};
use super::keys::behind;

/// A group at home, and a peer behind a proxy.
struct Apart {
    home: TestNode,
    near: TestNode,
    proxy: FaultProxy,
    fay: FrontDoor,
    ben: FrontDoor,
    group: String,
}

impl Apart {
    async fn with(kind: Kind, door: &str) -> Result<Self> {
        let home = TestNode::start_with(kind, |setup| {
            setup.limits.backoff_first = Duration::from_millis(100);
            setup.limits.backoff_longest = Duration::from_millis(500);
        })
        .await?;
        let proxy = FaultProxy::start(None, Fault::None).await?;
        let near = behind(kind, &proxy).await?;
        befriend(&[&home, &near]).await?;
        let (fay, ben) = (home.person("fay").await?, near.person("ben").await?);
        let group = make(&fay, "digital", door).await?;
        Ok(Self { home, near, proxy, fay, ben, group })
    }

    async fn remove_ben(&self) -> Result<String> {
        let roster = self.fay.get(&format!("/api/v1/groups/{}/memberships", self.group)).await?;
        let ben = roster.as_array().unwrap().iter().find(|one| one["account"]["username"] == "ben").context("ben")?;
        let ben = text(&ben["account"], "id")?;
        self.fay.post(&format!("/api/v1/groups/{}/memberships/{ben}/remove", self.group), json!({})).await?;
        Ok(ben)
    }

    async fn invite(&self, whom: &str) -> Result<()> {
        let path = format!("/api/v1/groups/{}/memberships/{whom}/invite", self.group);
        self.fay.post(&path, json!({})).await.map(drop)
    }

    /// Once it is invited, the group's number at the peer.
    async fn invitation(&self) -> Result<String> {
        eventually("the invitation arrives", || async {
            let told = self.ben.get("/api/v1/notifications?types[]=group_invitation").await?;
            Ok(told[0]["account"]["id"].as_str().map(str::to_owned))
        })
        .await
    }

    /// Changes the group's name, and waits until whoever shall be told is in the queue.
    async fn call_it(&self, title: &str) -> Result<()> {
        self.fay.call(Method::PUT, &format!("/api/v1/groups/{}", self.group), Some(json!({ "title": title }))).await?;
        self.settles().await
    }

    async fn settles(&self) -> Result<()> {
        eventually("the events are worked off", || async {
            Ok((queue::overview(&self.home.ctx).await?.events_waiting == 0).then_some(()))
        })
        .await
    }

    /// The types of what waits for the peer.
    async fn waiting(&self) -> Result<Vec<String>> {
        let rows = queue::rows(&self.home.ctx, &self.near.authority, Which::Waiting, 50).await?;
        Ok(rows.into_iter().map(|row| row.kind).collect())
    }

    async fn all_is_sent(&self) -> Result<()> {
        eventually("all is sent", || async { Ok(self.waiting().await?.is_empty().then_some(())) }).await
    }
}

on_both! {
    async fn a_department_that_has_left_hears_no_news_of_the_group(kind: Kind) {
        let apart = Apart::with(kind, "by-request").await?;
        let theirs = let_in((&apart.home, &apart.fay, &apart.group), &apart.ben, &apart.near.handle("ben")).await?;
        apart.call_it("Known to members").await?;
        eventually("the news of a member's group arrive", || async {
            let seen = apart.ben.get(&format!("/api/v1/groups/{theirs}")).await?;
            Ok((seen["account"]["display_name"] == "Known to members").then_some(()))
        })
        .await?;
        let ben = apart.remove_ben().await?;
        apart.call_it("Not for those who left").await?;
        // What the group says next in its order arrives; nothing of the change came before it.
        apart.invite(&ben).await?;
        apart.invitation().await?;
        apart.all_is_sent().await?;
        ensure!(!apart.proxy.seen().contains("Not for those who left"), "it left");
        // Who is invited hears what it is called from now on.
        apart.call_it("For the invited").await?;
        apart.all_is_sent().await?;
        ensure!(apart.proxy.seen().contains("For the invited"), "it did not leave");
        Ok(())
    }
}

on_both! {
    async fn news_that_wait_are_cancelled_with_the_membership(kind: Kind) {
        let apart = Apart::with(kind, "hidden").await?;
        let whom = apart.fay.resolve(&apart.near.handle("ben")).await?;
        apart.invite(&whom).await?;
        let theirs = apart.invitation().await?;
        apart.ben.post(&format!("/api/v1/groups/{theirs}/join"), json!({})).await?;
        standing(&apart.ben, &theirs, "member").await?;
        talk(&apart.fay, &apart.group, "Hello", "While we are two").await?;
        arrives(&apart.ben, "While we are two").await?;
        apart.all_is_sent().await?;

        apart.proxy.set(Fault::Refuse);
        talk(&apart.fay, &apart.group, "Wait", "Said while they were away").await?;
        apart.call_it("Called while they were away").await?;
        ensure!(apart.waiting().await?.contains(&"Update".to_owned()), "{:?}", apart.waiting().await?);
        apart.remove_ben().await?;
        let left = apart.waiting().await?;
        ensure!(left.iter().all(|kind| matches!(kind.as_str(), "Reject" | "Remove")), "at once: {left:?}");
        apart.settles().await?;
        let left = apart.waiting().await?;
        ensure!(left == ["Reject", "Remove"], "{left:?}");

        apart.proxy.set(Fault::None);
        eventually("the removal arrives", || async {
            let (status, _) = apart.ben.try_call(Method::GET, &format!("/api/v1/groups/{theirs}"), None).await?;
            Ok((status == StatusCode::NOT_FOUND).then_some(()))
        })
        .await?;
        apart.all_is_sent().await?;
        let seen = apart.proxy.seen();
        for words in ["Said while they were away", "Called while they were away"] {
            ensure!(!seen.contains(words), "“{words}” left");
        }
        Ok(())
    }
}

on_both! {
    async fn who_turns_an_invitation_down_hears_no_more(kind: Kind) {
        let apart = Apart::with(kind, "hidden").await?;
        let whom = apart.fay.resolve(&apart.near.handle("ben")).await?;
        apart.invite(&whom).await?;
        let theirs = apart.invitation().await?;
        apart.ben.post(&format!("/api/v1/groups/{theirs}/leave"), json!({})).await?;
        let (status, _) = apart.ben.try_call(Method::GET, &format!("/api/v1/groups/{theirs}"), None).await?;
        ensure!(status == StatusCode::NOT_FOUND, "{status}");
        // The home knows as soon as another invitation is one.
        let id = apart.group.parse()?;
        let him = whom.parse()?;
        eventually("the home knows", || async {
            let standing = apart.home.ctx.store.read(move |tx| corridor_store::groups::standing(tx, id, him)).await?;
            Ok((standing == corridor_domain::group::Standing::Stranger).then_some(()))
        })
        .await?;
        apart.call_it("Not for who said no").await?;
        apart.invite(&whom).await?;
        eventually("he is invited again", || async {
            let (status, seen) = apart.ben.try_call(Method::GET, &format!("/api/v1/groups/{theirs}"), None).await?;
            Ok((status == StatusCode::OK && seen["standing"] == "invited").then_some(()))
        })
        .await?;
        apart.all_is_sent().await?;
        ensure!(!apart.proxy.seen().contains("Not for who said no"), "it left");

        // So it is at home, where a group's own people are invited.
        let colleague = apart.home.person("colleague").await?;
        let own = text(&colleague.get("/api/v1/accounts/verify_credentials").await?, "id")?;
        apart.invite(&own).await?;
        standing(&colleague, &apart.group, "invited").await?;
        colleague.post(&format!("/api/v1/groups/{}/leave", apart.group), json!({})).await?;
        let (status, _) = colleague.try_call(Method::GET, &format!("/api/v1/groups/{}", apart.group), None).await?;
        ensure!(status == StatusCode::NOT_FOUND, "{status}");
        Ok(())
    }
}

on_both! {
    async fn a_peer_that_is_not_allowed_for_groups_hears_no_news_of_them(kind: Kind) {
        let apart = Apart::with(kind, "open").await?;
        let theirs = apart.ben.resolve(&apart.home.handle("digital")).await?;
        apart.ben.post(&format!("/api/v1/groups/{theirs}/join"), json!({})).await?;
        standing(&apart.ben, &theirs, "member").await?;
        apart.all_is_sent().await?;
        let allow = AllowPeer {
            authority: apart.near.authority.clone(),
            account_domain: None,
            ceiling: apart.home.ctx.settings.scheme.highest(),
            default_marking: None,
            department: "Near".to_owned(),
            note: String::new(),
            contact: String::new(),
        };
        let services = [Service::Posts].into_iter().collect();
        peers::allow_for(&apart.home.ctx, &Operator::System, allow, Some(services)).await?;
        apart.call_it("Not for posts alone").await?;
        apart.all_is_sent().await?;
        ensure!(!apart.proxy.seen().contains("Not for posts alone"), "it left");
        Ok(())
    }
}
