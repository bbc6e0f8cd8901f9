//! Connecting here and with people of peers: what it does to following, what is told, and when it is refused.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use corridor_domain::Marking;

use super::*;
use crate::fixtures::worlds;
use crate::people::ProfileEdit;
use crate::{blocks as app_blocks, follows as app_follows, people as app_people};

async fn stands(ctx: &Ctx, viewer: &Viewer, other: ActorId) -> RelationshipView {
    app_follows::relationships(ctx, viewer, vec![other]).await.unwrap().remove(0)
}

async fn count(ctx: &Ctx, viewer: &Viewer, which: Which) -> usize {
    list(ctx, viewer, which, Page::newest(9)).await.unwrap().items.len()
}

#[tokio::test]
async fn two_who_agree_are_connected_and_follow_each_other_even_where_followers_are_approved() {
    for world in worlds() {
        let ctx = &world.ctx;
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let locked = ProfileEdit { locked: Some(true), ..ProfileEdit::default() };
        app_people::update_profile(ctx, &bob, locked).await.unwrap();
        let asked = ask(ctx, &ada, bob.id, "  We met at the data meeting.\n").await.unwrap();
        assert!(asked.connection == Standing::Waiting && !asked.following && !asked.requested);
        ask(ctx, &ada, bob.id, "Again").await.unwrap();
        assert_eq!(world.told(&bob).await, [(NotificationKind::ConnectionRequest, ada.id, None)]);
        let request = &list(ctx, &bob, Which::ToAnswer, Page::newest(9)).await.unwrap().items[0];
        assert_eq!((request.note.as_str(), request.person.id), ("We met at the data meeting.", ada.id));
        assert_eq!((request.connected_at, count(ctx, &ada, Which::Waiting).await), (None, 1));
        assert!(matches!(accept(ctx, &eve, ada.id).await, Err(Error::NotFound(_))));
        assert!(matches!(accept(ctx, &ada, bob.id).await, Err(Error::NotFound(_))), "who asked can't answer");
        let connected = accept(ctx, &bob, ada.id).await.unwrap();
        assert!(connected.connection == Standing::Connected && connected.following && connected.followed_by);
        assert_eq!(world.told(&bob).await, [], "the request is answered, and the follow goes without saying");
        assert_eq!(world.told(&ada).await, [(NotificationKind::Connection, bob.id, None)]);
        for (who, other) in [(&ada, bob.id), (&bob, ada.id)] {
            let shown = list(ctx, who, Which::Connected, Page::newest(9)).await.unwrap();
            assert!(shown.items.len() == 1 && shown.items[0].person.id == other, "{shown:?}");
            assert!(shown.items[0].connected_at.is_some());
            assert_eq!((count(ctx, who, Which::ToAnswer).await, count(ctx, who, Which::Waiting).await), (0, 0));
        }
        assert_eq!(count(ctx, &eve, Which::Connected).await, 0);
        let over = end(ctx, &ada, bob.id).await.unwrap();
        assert!(over.connection == Standing::None && !over.following && !over.followed_by);
        assert_eq!(app_people::show(ctx, &eve, bob.id).await.unwrap().followers_count, 0);
        assert_eq!((count(ctx, &bob, Which::Connected).await, world.told(&ada).await.len()), (0, 0));
        assert_eq!(world.events().await.len(), 1, "nobody outside is concerned, but with the new profile");
    }
}

#[tokio::test]
async fn who_asks_somebody_that_has_asked_them_is_connected() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        ask(&world.ctx, &ada, bob.id, "").await.unwrap();
        let both = ask(&world.ctx, &bob, ada.id, "Me too").await.unwrap();
        assert!(both.connection == Standing::Connected && both.following && both.followed_by);
        assert_eq!(stands(&world.ctx, &ada, bob.id).await.connection, Standing::Connected);
    }
}

#[tokio::test]
async fn who_was_turned_down_does_not_ask_again_at_once_and_who_turned_down_may() {
    for world in worlds() {
        let ctx = &world.ctx;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        ask(ctx, &ada, bob.id, "").await.unwrap();
        assert_eq!(turn_down(ctx, &bob, ada.id).await.unwrap().connection, Standing::None);
        assert_eq!(world.told(&bob).await, []);
        let again = ask(ctx, &ada, bob.id, "").await;
        assert!(
            matches!(&again, Err(Error::Forbidden(reason)) if reason.contains("you can ask again from 20")),
            "{again:?}"
        );
        end(ctx, &ada, bob.id).await.unwrap();
        assert!(ask(ctx, &ada, bob.id, "").await.is_err(), "taking back what was turned down opens no door");
        assert_eq!(ask(ctx, &bob, ada.id, "").await.unwrap().connection, Standing::Waiting);
        assert_eq!(end(ctx, &bob, ada.id).await.unwrap().connection, Standing::None);
        assert_eq!(world.told(&ada).await, [], "what was taken back is told no more");
    }
}

#[tokio::test]
async fn nobody_is_asked_who_keeps_away_and_a_block_ends_a_connection() {
    for world in worlds() {
        let ctx = &world.ctx;
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        ask(ctx, &ada, bob.id, "").await.unwrap();
        accept(ctx, &bob, ada.id).await.unwrap();
        app_blocks::block(ctx, &bob, ada.id).await.unwrap();
        assert_eq!(stands(ctx, &ada, bob.id).await.connection, Standing::None);
        assert!(matches!(ask(ctx, &ada, bob.id, "").await, Err(Error::Forbidden(_))));
        assert!(matches!(ask(ctx, &bob, ada.id, "").await, Err(Error::Forbidden(_))));
        assert!(matches!(ask(ctx, &ada, ada.id, "").await, Err(Error::Invalid(_))));
        assert!(matches!(ask(ctx, &ada, ActorId::new(5), "").await, Err(Error::NotFound(_))));
        let long = "x".repeat(limits::CONNECTION_NOTE_CHARS + 1);
        assert!(matches!(ask(ctx, &ada, bob.id, &long).await, Err(Error::Invalid(_))));
    }
}

#[tokio::test]
async fn people_of_peers_are_asked_through_their_node_and_a_removal_cuts_it() {
    for world in worlds() {
        let ctx = &world.ctx;
        let ada = world.person("ada").await;
        let peer = world.peer("there.example", Marking::LOWEST).await;
        let zoe = world.person_of(peer, "there.example", "zoe").await;
        ask(ctx, &ada, zoe, "Hello").await.unwrap();
        end(ctx, &ada, zoe).await.unwrap();
        let events = world.events().await;
        assert!(matches!(events[0], Event::ConnectionOffered { .. }), "{events:?}");
        let ended = |event: &Event| matches!(event, Event::ConnectionEnded { by, asked: true, .. } if *by == ada.id);
        assert!(ended(&events[1]) && events.len() == 2, "{events:?}");
        ask(ctx, &ada, zoe, "Hello").await.unwrap();
        let cut = world.write(move |tx| connections::cut_with_peer(tx, peer)).await;
        assert_eq!((cut, count(ctx, &ada, Which::Waiting).await), (1, 0));
        world.write(move |tx| peers::set_software(tx, peer, "mastodon")).await;
        let unknown = ask(ctx, &ada, zoe, "").await;
        assert!(matches!(&unknown, Err(Error::Invalid(reason)) if reason.contains("follow them")), "{unknown:?}");
        world.remove_peer(peer).await;
        assert!(matches!(ask(ctx, &ada, zoe, "").await, Err(Error::NotFound(_))));
    }
}
