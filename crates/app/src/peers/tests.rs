//! The allow-list: default deny at every door, and a removal that takes everything with it.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use corridor_domain::policy::Refusal;
use corridor_domain::{ActivityId, Audience};
use corridor_store::activities::{self, Activity};

use super::*;
use crate::fixtures::{SENSITIVE, World, worlds};
use crate::follows::{self, FollowOptions};

const OPERATOR: Operator = Operator::System;

fn named(host: &str) -> Authority {
    Authority::parse(host).unwrap()
}

fn terms_for(host: &str) -> AllowPeer {
    AllowPeer {
        authority: named(host),
        account_domain: None,
        ceiling: Marking::LOWEST,
        default_marking: None,
        department: "Theirs".into(),
        note: String::new(),
        contact: String::new(),
    }
}

/// Asks at every door, which must all say the same.
async fn verdict(ctx: &Ctx, host: &str) -> &'static str {
    let mut verdicts = Vec::new();
    for door in Door::ALL {
        verdicts.push(match ask(ctx, door, &named(host)).await {
            Ok(_) => "ok",
            Err(Error::Refused(refusal)) => refusal.code(),
            Err(_) => "something else",
        });
    }
    verdicts.dedup();
    assert_eq!(verdicts.len(), 1, "the doors disagree about {host}: {verdicts:?}");
    verdicts.pop().unwrap()
}

/// Queues something for a peer.
async fn queue_for(world: &World, from: corridor_domain::ActorId, peer: PeerId) {
    world
        .write(move |tx| {
            let id = ActivityId::new(tx.new_id());
            let activity = Activity {
                id,
                uri: format!("https://here.example/activities/{id}"),
                actor: from,
                kind: "Create".into(),
                post: None,
                audience: Audience::Network,
                marking: Marking::LOWEST,
                body: "{}".into(),
                created_at: tx.now(),
            };
            activities::insert(tx, &activity)?;
            deliveries::enqueue(tx, id, 1, &[(peer, "https://there.example/inbox".into())])
        })
        .await;
}

#[tokio::test]
async fn who_is_not_on_the_list_is_refused_at_every_door() {
    for world in worlds() {
        let ctx = &world.ctx;
        assert_eq!(verdict(ctx, "there.example").await, "not-listed");
        allow(ctx, &OPERATOR, terms_for("there.example")).await.unwrap();
        assert_eq!(verdict(ctx, "there.example").await, "ok");
        assert_eq!(verdict(ctx, "THERE.example:443").await, "ok");
        let strangers = [
            "x.there.example",
            "evil-there.example",
            "there.example.evil",
            "there.example:8443",
            "example",
            "other.example",
        ];
        for stranger in strangers {
            assert_eq!(verdict(ctx, stranger).await, "not-listed", "{stranger}");
        }
        assert_eq!(verdict(ctx, "here.example").await, "ourselves");
        let counted = refusals(ctx);
        // Eight names were turned away at each door: seven strangers and ourselves.
        assert!(Door::ALL.iter().all(|door| counted.contains(&(*door, 8))), "{counted:?}");
        assert_eq!(allowed(ctx).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn the_domain_of_handles_passes_where_handles_are_looked_up_and_nowhere_else() {
    for world in worlds() {
        let ctx = &world.ctx;
        let terms = AllowPeer { account_domain: Some(named("there.example")), ..terms_for("node.there.example") };
        let peer = allow(ctx, &OPERATOR, terms).await.unwrap();
        for door in Door::ALL {
            match (ask(ctx, door, &named("there.example")).await, door) {
                (Ok(found), Door::WebFinger | Door::Mention) => assert_eq!(found.id, peer.id),
                (Err(Error::Refused(Refusal::NotListed(_))), _) => assert!(!door.takes_handles()),
                (other, _) => panic!("{door:?}: {other:?}"),
            }
        }
        assert_eq!(verdict(ctx, "node.there.example").await, "ok");
    }
}

#[tokio::test]
async fn no_name_stands_for_two_nodes() {
    for world in worlds() {
        let ctx = &world.ctx;
        let with_domain =
            |host: &str, domain: &str| AllowPeer { account_domain: Some(named(domain)), ..terms_for(host) };
        for own in [terms_for("here.example"), with_domain("there.example", "here.example")] {
            assert!(matches!(allow(ctx, &OPERATOR, own).await, Err(Error::Invalid(_))));
        }
        allow(ctx, &OPERATOR, with_domain("node.there.example", "there.example")).await.unwrap();
        assert_eq!(verdict(ctx, "node.there.example").await, "ok");
        let clashes = [
            terms_for("there.example"),
            with_domain("other.example", "there.example"),
            with_domain("other.example", "node.there.example"),
        ];
        for clash in clashes {
            let told = allow(ctx, &OPERATOR, clash).await;
            assert!(matches!(told, Err(Error::Conflict(_))), "{told:?}");
        }
        assert_eq!(list(ctx).await.unwrap().len(), 1);
        // The same peer may be given other terms, and stays the same peer.
        let before = show(ctx, &named("node.there.example")).await.unwrap().peer.id;
        let changed = AllowPeer { ceiling: SENSITIVE, ..with_domain("node.there.example", "there.example") };
        assert_eq!(allow(ctx, &OPERATOR, changed).await.unwrap().id, before);
        let above = AllowPeer { ceiling: Marking::from_rank(9), ..terms_for("third.example") };
        assert!(matches!(allow(ctx, &OPERATOR, above).await, Err(Error::Invalid(_))));
    }
}

#[tokio::test]
async fn a_removed_peer_leaves_nothing_waiting_and_nothing_to_read() {
    for world in worlds() {
        let ctx = &world.ctx;
        let ada = world.person("ada").await;
        let there = world.peer("there.example", Marking::LOWEST).await;
        let other = world.peer("other.example", Marking::LOWEST).await;
        let bob = world.person_of(there, "there.example", "bob").await;
        world.post_of(there, bob, Audience::Network).await;
        follows::follow(ctx, &ada, bob, FollowOptions::default()).await.unwrap();
        for peer in [there, there, other] {
            queue_for(&world, ada.id, peer).await;
        }
        assert_eq!(show(ctx, &named("there.example")).await.unwrap().pending, 2);
        let report = remove(ctx, &OPERATOR, &named("there.example")).await.unwrap();
        assert_eq!(
            report,
            RemovalReport { deliveries_cancelled: 2, follows_cut: 1, connections_cut: 0, posts_hidden: 1 }
        );
        assert_eq!(verdict(ctx, "there.example").await, "peer-removed");
        assert_eq!(show(ctx, &named("there.example")).await.unwrap().pending, 0);
        assert_eq!(show(ctx, &named("other.example")).await.unwrap().pending, 1, "others' queues are their own");
        assert!(world.home(&ada).await.is_empty());
        let again = resume(ctx, &OPERATOR, &named("there.example")).await;
        assert!(matches!(again, Err(Error::Invalid(_))), "only allowing it anew brings it back: {again:?}");
        allow(ctx, &OPERATOR, terms_for("there.example")).await.unwrap();
        assert_eq!(verdict(ctx, "there.example").await, "ok");
        assert_eq!(show(ctx, &named("there.example")).await.unwrap().pending, 0, "what was cancelled stays so");
        assert!(matches!(remove(ctx, &OPERATOR, &named("nobody.example")).await, Err(Error::NotFound(_))));
        let acts = world.write(|tx| corridor_store::audit::after(tx, 0, 100)).await;
        let acts: Vec<&str> = acts.iter().map(|entry| entry.action.as_str()).collect();
        assert_eq!(acts, ["peer.remove", "peer.allow"]);
    }
}

#[tokio::test]
async fn a_held_peer_is_refused_and_what_waits_for_it_waits_on() {
    for world in worlds() {
        let ctx = &world.ctx;
        let ada = world.person("ada").await;
        let there = world.peer("there.example", Marking::LOWEST).await;
        queue_for(&world, ada.id, there).await;
        suspend(ctx, &OPERATOR, &named("there.example")).await.unwrap();
        assert_eq!(verdict(ctx, "there.example").await, "peer-suspended");
        assert_eq!(show(ctx, &named("there.example")).await.unwrap().pending, 1);
        resume(ctx, &OPERATOR, &named("there.example")).await.unwrap();
        assert_eq!(verdict(ctx, "there.example").await, "ok");
        let member = Operator::Person(ada);
        for refused in [
            suspend(ctx, &member, &named("there.example")).await,
            remove(ctx, &member, &named("there.example")).await.map(|_| ()),
            allow(ctx, &member, terms_for("new.example")).await.map(|_| ()),
        ] {
            assert!(matches!(refused, Err(Error::Forbidden(_))), "{refused:?}");
        }
        let refusal = ask(ctx, Door::Inbox, &named("new.example")).await;
        assert!(matches!(refusal, Err(Error::Refused(Refusal::NotListed(_)))), "{refusal:?}");
    }
}
