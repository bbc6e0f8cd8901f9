//! A group of ours and a peer that is no Corridor node: what its member is sent, and what of theirs is believed.

use anyhow::{Context, Result, ensure};
use corridor_tests::{eventually, on_both, text};
use serde_json::{Value, json};

use crate::hostile::peer::Who;
use crate::hostile::scene::Scene;

/// A group of ours that Asha runs.
struct Ours {
    scene: Scene,
    id: String,
    uri: String,
}

impl Ours {
    async fn make(kind: corridor_tests::Kind, door: &str, marking: &str) -> Result<Self> {
        let scene = Scene::on(kind).await?;
        let new = json!({ "name": "rust", "title": "Rust", "kind": "profession", "door": door, "marking": marking });
        let made = scene.asha.post("/api/v1/groups", new).await?;
        Ok(Self { id: text(&made, "id")?, uri: text(&made["account"], "uri")?, scene })
    }

    /// Ann asks to join, or does.
    async fn asks(&self, name: &str) -> Result<()> {
        let follow = self.scene.activity(Who::Ann, "Follow", name, json!({ "object": self.uri, "to": [self.uri] }));
        self.scene.receives(Who::Ann, &follow).await
    }

    /// What was sent to the peer of this type.
    fn told(&self, kind: &str) -> Vec<Value> {
        let posted = self.scene.peer.posted().into_iter().filter_map(|body| serde_json::from_str::<Value>(&body).ok());
        posted.filter(|activity| activity["type"] == kind && activity["actor"] == json!(self.uri)).collect()
    }

    async fn is_told(&self, kind: &str) -> Result<Value> {
        let told = || async { Ok(self.told(kind).into_iter().next()) };
        eventually(&format!("the group's {kind} arrives"), told).await
    }

    async fn members(&self) -> Result<Vec<String>> {
        let roster = self.scene.asha.get(&format!("/api/v1/groups/{}/memberships", self.id)).await?;
        roster.as_array().context("a roster")?.iter().map(|member| text(&member["account"], "username")).collect()
    }

    /// A Create by Ann in the group.
    fn talk(&self, name: &str, rest: Value) -> Value {
        let mut fields = json!({
            "to": [self.uri], "cc": [format!("{}/followers", self.uri)], "audience": self.uri, "name": name, "audienceRing": "group",
        });
        fields.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        self.scene.creates(Who::Ann, name, fields)
    }

    async fn talks(&self) -> Result<Vec<Value>> {
        let talks = self.scene.asha.get(&format!("/api/v1/timelines/group/{}", self.id)).await?;
        Ok(talks.as_array().context("talks")?.clone())
    }
}

on_both! {
    async fn an_uninvited_follow_is_refused(kind: Kind) {
        let ours = Ours::make(kind, "invited", "OFFICIAL").await?;
        ours.asks("1").await?;
        let refused = ours.is_told("Reject").await?;
        ensure!(refused["object"]["type"] == "Follow" && refused["object"]["actor"] == json!(ours.scene.peer.uri(Who::Ann)), "{refused}");
        ensure!(ours.members().await? == ["asha"]);
        ensure!(ours.scene.asha.get(&format!("/api/v1/groups/{}/membership_requests", ours.id)).await? == json!([]));
        // Invited, the same is accepted.
        let ann = ours.scene.ann_here().await?;
        ours.scene.asha.post(&format!("/api/v1/groups/{}/memberships/{ann}/invite", ours.id), json!({})).await?;
        ours.is_told("Invite").await?;
        ours.asks("2").await?;
        ours.is_told("Accept").await?;
        ensure!(ours.members().await? == ["asha", "ann"]);
        Ok(())
    }
}

on_both! {
    async fn a_talk_is_sent_whole_and_as_a_boost(kind: Kind) {
        let ours = Ours::make(kind, "open", "OFFICIAL").await?;
        ours.asks("1").await?;
        ours.is_told("Accept").await?;
        let said = json!({ "group_id": ours.id, "title": "Linters", "status": "Which one" });
        let made = ours.scene.asha.post("/api/v1/statuses", said).await?;
        let uri = text(&made, "uri")?;
        let both = eventually("both come", || async {
            let told = ours.told("Announce");
            Ok((told.len() >= 2).then_some(told))
        })
        .await?;
        ensure!(both.len() == 2, "{both:?}");
        let whole = both.iter().find(|one| one["object"].is_object()).context("no activity inside")?;
        ensure!(whole["object"]["type"] == "Create" && whole["object"]["object"]["id"] == json!(uri), "{whole}");
        let plain = both.iter().find(|one| one["object"].is_string()).context("no boost")?;
        ensure!(plain["object"] == json!(uri) && plain["id"] != whole["id"], "{plain}");
        // A reply is no new talk: it goes whole alone.
        let reply = json!({ "status": "This one", "in_reply_to_id": made["id"], "visibility": "private" });
        ours.scene.asha.post("/api/v1/statuses", reply).await?;
        eventually("the reply comes", || async { Ok((ours.told("Announce").len() >= 3).then_some(())) }).await?;
        ours.scene.settles().await?;
        let told = ours.told("Announce");
        ensure!(told.iter().filter(|one| one["object"].is_string()).count() == 1, "{told:?}");
        Ok(())
    }
}

on_both! {
    async fn a_members_announcement_is_a_talk_like_others(kind: Kind) {
        let ours = Ours::make(kind, "open", "OFFICIAL").await?;
        ours.asks("1").await?;
        ours.scene.receives(Who::Ann, &ours.talk("loud", json!({ "announcement": true, "question": true }))).await?;
        let talks = ours.talks().await?;
        ensure!(talks.len() == 1 && talks[0]["topic"]["announcement"] == false && talks[0]["topic"]["question"] == true, "{talks:?}");
        let told = ours.scene.asha.get("/api/v1/notifications?types[]=status").await?;
        ensure!(told == json!([]), "nobody is told: {told}");
        Ok(())
    }
}

on_both! {
    async fn a_members_post_below_the_groups_marking_is_refused(kind: Kind) {
        let ours = Ours::make(kind, "open", "OFFICIAL-SENSITIVE").await?;
        ours.asks("1").await?;
        let low = ours.talk("low", json!({ "marking": "OFFICIAL" }));
        let answer = ours.scene.send(&ours.scene.signed(Who::Ann, &low)?).await?;
        ensure!(answer.status == 403 && answer.body.to_string().contains("below-group"), "{answer:?}");
        ensure!(ours.talks().await?.is_empty());
        // One that says nothing is marked as the group, and one that says so is taken.
        ours.scene.receives(Who::Ann, &ours.talk("silent", json!({}))).await?;
        ours.scene.receives(Who::Ann, &ours.talk("marked", json!({ "marking": "OFFICIAL-SENSITIVE" }))).await?;
        let talks = ours.talks().await?;
        ensure!(talks.len() == 2 && talks.iter().all(|one| one["marking"] == "OFFICIAL-SENSITIVE"), "{talks:?}");
        Ok(())
    }
}
