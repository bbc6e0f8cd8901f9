//! Blocks and mutes here: what they end, what they hide, and what is told of them.

#![expect(clippy::unwrap_used, reason = "tests")]

use corridor_domain::Marking;

use super::*;
use crate::fixtures::{World, note, worlds};
use crate::follows::{self, FollowOptions};
use crate::posts::{self, Draft};
use crate::timelines::{self, Reach};

async fn follow(world: &World, who: &Viewer, whom: ActorId) -> Result<RelationshipView> {
    follows::follow(&world.ctx, who, whom, FollowOptions::default()).await
}

async fn network(world: &World, who: &Viewer) -> usize {
    timelines::network(&world.ctx, who, Reach::All, Page::newest(20)).await.unwrap().items.len()
}

#[tokio::test]
async fn a_block_ends_following_both_ways_and_hides_each_from_the_other() {
    for world in worlds() {
        let (ctx, ada, bob) = (&world.ctx, world.person("ada").await, world.person("bob").await);
        follow(&world, &ada, bob.id).await.unwrap();
        follow(&world, &bob, ada.id).await.unwrap();
        let post = posts::publish(ctx, &ada, note("By Ada")).await.unwrap();
        let theirs = posts::publish(ctx, &bob, note("By Bob")).await.unwrap();
        let stands = block(ctx, &ada, bob.id).await.unwrap();
        assert!(stands.distance.blocking && !stands.following && !stands.followed_by);
        let back = follows::relationships(ctx, &bob, vec![ada.id]).await.unwrap().remove(0);
        assert!(back.distance.blocked_by && !back.following);
        assert!(posts::show(ctx, &bob, post.id).await.is_err(), "the blocked one does not see it, not even by its id");
        assert!(posts::show(ctx, &ada, theirs.id).await.is_ok(), "the blocker may look, by the post's address");
        assert_eq!((network(&world, &ada).await, network(&world, &bob).await), (1, 1), "each sees their own alone");
        for (who, whom) in [(&ada, &bob), (&bob, &ada)] {
            assert!(matches!(follow(&world, who, whom.id).await, Err(Error::Forbidden(_))));
        }
        let reply = Draft { in_reply_to: Some(post.id), ..note("But") };
        assert!(posts::publish(ctx, &bob, reply).await.is_err(), "there is nothing to answer");
        posts::publish(ctx, &bob, note("Well, @ada?")).await.unwrap();
        assert!(world.told(&ada).await.iter().all(|(_, from, _)| *from != bob.id), "{:?}", world.told(&ada).await);
        assert_eq!(blocked(ctx, &ada, Page::newest(9)).await.unwrap().items.len(), 1);
        block(ctx, &ada, bob.id).await.unwrap();
        assert!(!unblock(ctx, &ada, bob.id).await.unwrap().distance.blocking);
        unblock(ctx, &ada, bob.id).await.unwrap();
        assert!(posts::show(ctx, &bob, post.id).await.is_ok());
        follow(&world, &bob, ada.id).await.unwrap();
        assert_eq!(world.events().await.iter().filter(|event| matches!(event, Event::Blocked { .. })).count(), 0);
    }
}

#[tokio::test]
async fn a_boost_brings_nobody_back_who_is_blocked() {
    for world in worlds() {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        for reader in [&ada, &bob] {
            follow(&world, reader, eve.id).await.unwrap();
        }
        let by_ada = posts::publish(&world.ctx, &ada, note("By Ada")).await.unwrap();
        let by_bob = posts::publish(&world.ctx, &bob, note("By Bob")).await.unwrap();
        block(&world.ctx, &ada, bob.id).await.unwrap();
        for post in [by_ada.id, by_bob.id] {
            posts::boost(&world.ctx, &eve, post).await.unwrap();
        }
        let boosted = |feed: Vec<crate::PostView>| -> Vec<ActorId> {
            feed.into_iter().filter_map(|post| Some(post.boost_of?.author.id)).collect()
        };
        assert_eq!(boosted(world.home(&ada).await), [ada.id], "she is not shown him");
        assert_eq!(boosted(world.home(&bob).await), [bob.id], "nor he what she writes");
    }
}

#[tokio::test]
async fn a_mute_hides_until_it_ends_and_ends_nothing() {
    for world in worlds() {
        let (ctx, ada, bob) = (&world.ctx, world.person("ada").await, world.person("bob").await);
        follow(&world, &ada, bob.id).await.unwrap();
        posts::publish(ctx, &bob, note("One for @ada")).await.unwrap();
        let told = world.told(&ada).await.len();
        let options = MuteOptions { lasts: Some(Duration::from_secs(60)), ..MuteOptions::default() };
        let stands = mute(ctx, &ada, bob.id, options).await.unwrap();
        assert!(stands.following && stands.distance.muting && stands.distance.muting_notifications);
        assert!(world.home(&ada).await.is_empty());
        posts::publish(ctx, &bob, note("Another for @ada")).await.unwrap();
        assert_eq!(world.told(&ada).await.len(), told, "not told while it lasts");
        assert_eq!(muted(ctx, &ada, Page::newest(9)).await.unwrap().items.len(), 1);
        ctx.store.clock().advance(Duration::from_secs(61));
        assert_eq!(world.home(&ada).await.len(), 2);
        assert!(muted(ctx, &ada, Page::newest(9)).await.unwrap().items.is_empty());
        let quiet = MuteOptions { notifications: false, lasts: None };
        assert!(!mute(ctx, &ada, bob.id, quiet).await.unwrap().distance.muting_notifications);
        assert!(!unmute(ctx, &ada, bob.id).await.unwrap().distance.muting);
        assert!(matches!(mute(ctx, &ada, ada.id, quiet).await, Err(Error::Invalid(_))));
        assert!(matches!(block(ctx, &ada, ActorId::new(5)).await, Err(Error::NotFound(_))));
    }
}

#[tokio::test]
async fn the_node_of_the_blocked_is_told() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let peer = world.peer("there.example", Marking::LOWEST).await;
        let afar = world.person_of(peer, "there.example", "afar").await;
        block(&world.ctx, &ada, afar).await.unwrap();
        unblock(&world.ctx, &ada, afar).await.unwrap();
        let events = world.events().await;
        let uris: Vec<&String> = events
            .iter()
            .filter_map(|event| match event {
                Event::Blocked { blocker, blocked, uri } | Event::Unblocked { blocker, blocked, uri } => {
                    assert_eq!((*blocker, *blocked), (ada.id, afar));
                    Some(uri)
                }
                _ => None,
            })
            .collect();
        assert!(matches!(uris.as_slice(), [block, undo] if block == undo), "{events:?}");
    }
}
