//! Boosts never take a post to more people than its author chose: not ours, and not those of peers.

use corridor_app::posts::{self as use_cases, Draft};
use corridor_domain::Audience;
use corridor_store::posts::{self, PostRow};

use super::*;

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

impl Scene {
    async fn post_at(&self, uri: &str) -> Option<PostRow> {
        let uri = uri.to_owned();
        self.node.database.store.read(move |tx| posts::find_by_uri(tx, &uri)).await.unwrap()
    }

    /// What Ann's boost of a post becomes here.
    async fn boosted(&self, name: &str, uri: &str) -> Option<PostRow> {
        let announce = self.activity("Announce", name, json!({ "to": [PUBLIC], "cc": [self.anna_uri], "object": uri }));
        assert_eq!(self.post(&announce).await, (202, Value::Null), "{announce}");
        self.post_at(announce["id"].as_str().unwrap()).await
    }
}

#[actix_web::test]
async fn only_what_is_for_the_whole_network_can_be_boosted_here_or_by_a_peer() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        let (anna, ctx) = (scene.anna().await, scene.node.node.ctx.clone());
        assert_eq!(scene.post(&scene.follow("1")).await.0, 202, "Ann may read what followers may");
        let ann = scene.node.database.store.clone();
        let uri = scene.ann();
        let ann = ann.read(move |tx| corridor_store::actors::find_by_uri(tx, &uri)).await.unwrap().unwrap().actor_id();
        for audience in [Audience::Department, Audience::Network, Audience::Followers, Audience::Named] {
            let draft = Draft {
                text: format!("For {}", audience.word()),
                audience: Some(audience),
                named: if audience == Audience::Named { vec![ann] } else { Vec::new() },
                ..Draft::default()
            };
            let post = use_cases::publish(&ctx, &anna, draft).await.unwrap();
            let wide = audience == Audience::Network;
            let theirs = scene.boosted(audience.word(), &post.uri).await;
            assert_eq!(theirs.is_some(), wide, "a peer boosts a post for {}", audience.word());
            let ours = use_cases::boost(&ctx, &anna, post.id).await;
            assert_eq!(ours.is_ok(), wide, "its author boosts a post for {}: {ours:?}", audience.word());
            if let Ok(ours) = ours {
                assert_eq!(ours.audience, Audience::Network);
            }
        }
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn a_peers_post_for_followers_is_boosted_by_nobody() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        let (anna, ctx) = (scene.anna().await, scene.node.node.ctx.clone());
        let followers = format!("{}/followers", scene.ann());
        for (name, to) in [("network", PUBLIC), ("followers", followers.as_str()), ("named", scene.anna_uri.as_str())] {
            let id = scene.peer.at(&format!("/users/ann/statuses/{name}"));
            let note = json!({
                "id": id, "type": "Note", "attributedTo": scene.ann(), "to": [to], "cc": [scene.anna_uri],
                "published": "2026-01-05T10:00:00Z", "content": "<p>Words</p>",
            });
            let create = scene.activity("Create", name, json!({ "to": [to], "object": note }));
            assert_eq!(scene.post(&create).await, (202, Value::Null));
            let row = scene.post_at(&id).await.unwrap();
            assert_eq!(row.audience().unwrap().word(), name);
            let wide = name == "network";
            let ours = use_cases::boost(&ctx, &anna, row.id()).await;
            assert_eq!(ours.is_ok(), wide, "we boost a post for {name}: {ours:?}");
            if !wide {
                assert!(
                    scene.boosted(&format!("boost-{name}"), &id).await.is_none(),
                    "its author boosts a post for {name}"
                );
            }
        }
        scene.peer.stop().await;
    }
}
