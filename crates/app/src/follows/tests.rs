//! Following here and on peers, and what it tells whom.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use corridor_domain::{Audience, Marking, NotificationId};

use super::*;
use crate::fixtures::{note, worlds};
use crate::notifications::NotificationFilter;
use crate::people::ProfileEdit;
use crate::{people as app_people, posts};

#[tokio::test]
async fn following_someone_here_is_at_once_and_told_once() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let options = FollowOptions { show_boosts: Some(false), notify: Some(true) };
        let stands = follow(&world.ctx, &ada, bob.id, FollowOptions::default()).await.unwrap();
        assert!(stands.following && stands.showing_boosts && !stands.notifying && !stands.requested);
        let stands = follow(&world.ctx, &ada, bob.id, options).await.unwrap();
        assert!(stands.following && !stands.showing_boosts && stands.notifying);
        assert_eq!(world.told(&bob).await, [(NotificationKind::Follow, ada.id, None)]);
        assert!(matches!(follow(&world.ctx, &ada, ada.id, options).await, Err(Error::Invalid(_))));
        assert!(matches!(follow(&world.ctx, &ada, ActorId::new(5), options).await, Err(Error::NotFound(_))));
        let draft = posts::Draft { audience: Some(Audience::Department), ..note("News") };
        let post = posts::publish(&world.ctx, &bob, draft).await.unwrap();
        assert_eq!(world.told(&ada).await, [(NotificationKind::Status, bob.id, Some(post.id))]);
        let back = &relationships(&world.ctx, &bob, vec![ada.id]).await.unwrap()[0];
        assert!(back.followed_by && !back.following);
        assert_eq!(app_people::followers(&world.ctx, &ada, bob.id, Page::newest(9)).await.unwrap().items[0].id, ada.id);
        assert_eq!(app_people::show(&world.ctx, &ada, bob.id).await.unwrap().followers_count, 1);
        let stands = unfollow(&world.ctx, &ada, bob.id).await.unwrap();
        assert!(!stands.following && world.home(&ada).await.is_empty() && world.told(&bob).await.is_empty());
        assert_eq!(world.events().await, [], "nobody outside is concerned");
    }
}

#[tokio::test]
async fn someone_who_approves_followers_is_asked() {
    for world in worlds() {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let locked = ProfileEdit { locked: Some(true), ..ProfileEdit::default() };
        app_people::update_profile(&world.ctx, &bob, locked).await.unwrap();
        for asker in [&ada, &eve] {
            assert!(follow(&world.ctx, asker, bob.id, FollowOptions::default()).await.unwrap().requested);
        }
        assert_eq!(requests(&world.ctx, &bob, Page::newest(9)).await.unwrap().items.len(), 2);
        assert_eq!(world.told(&bob).await[0].0, NotificationKind::FollowRequest);
        assert!(accept_request(&world.ctx, &bob, ada.id).await.unwrap().followed_by);
        assert!(!reject_request(&world.ctx, &bob, eve.id).await.unwrap().requested_by);
        assert!(matches!(reject_request(&world.ctx, &bob, ada.id).await, Err(Error::NotFound(_))));
        assert!(matches!(accept_request(&world.ctx, &bob, eve.id).await, Err(Error::NotFound(_))));
        assert_eq!(world.told(&bob).await, [(NotificationKind::Follow, ada.id, None)]);
        assert!(!remove_follower(&world.ctx, &bob, ada.id).await.unwrap().followed_by);
        assert_eq!(app_people::show(&world.ctx, &ada, bob.id).await.unwrap().followers_count, 0);
    }
}

#[tokio::test]
async fn people_of_peers_are_asked_through_their_node_while_it_is_allowed() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let peer = world.peer("there.example", Marking::LOWEST).await;
        let zoe = world.person_of(peer, "there.example", "zoe").await;
        assert!(follow(&world.ctx, &ada, zoe, FollowOptions::default()).await.unwrap().requested);
        follow(&world.ctx, &ada, zoe, FollowOptions::default()).await.unwrap();
        unfollow(&world.ctx, &ada, zoe).await.unwrap();
        let events = world.events().await;
        assert!(matches!(events[0], Event::FollowRequested { .. }), "{events:?}");
        assert!(matches!(&events[1], Event::FollowUndone { followed, .. } if *followed == zoe), "{events:?}");
        assert_eq!(events.len(), 2);
        let asked = world.write(move |tx| {
            let id = FollowId::new(tx.new_id());
            let uri = format!("https://there.example/follows/{id}");
            let request = NewFollow {
                id,
                follower: zoe,
                followed: ada.id,
                uri,
                accepted: false,
                show_boosts: true,
                notify: false,
            };
            follows::insert(tx, &request)?;
            Ok(id)
        });
        let asked = asked.await;
        accept_request(&world.ctx, &ada, zoe).await.unwrap();
        remove_follower(&world.ctx, &ada, zoe).await.unwrap();
        let events = world.events().await;
        assert_eq!(events[2], Event::FollowAccepted { follow: asked });
        assert!(matches!(&events[3], Event::FollowRejected { follower, .. } if *follower == zoe));
        world.remove_peer(peer).await;
        assert!(matches!(follow(&world.ctx, &ada, zoe, FollowOptions::default()).await, Err(Error::NotFound(_))));
    }
}

#[tokio::test]
async fn notifications_are_filtered_read_and_removed_by_their_owner_alone() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let post = posts::publish(&world.ctx, &ada, note("Hear")).await.unwrap();
        follow(&world.ctx, &bob, ada.id, FollowOptions::default()).await.unwrap();
        posts::favourite(&world.ctx, &bob, post.id).await.unwrap();
        posts::boost(&world.ctx, &bob, post.id).await.unwrap();
        let list = |filter| notifications::list(&world.ctx, &ada, filter, Page::newest(9));
        let all = list(NotificationFilter::default()).await.unwrap();
        assert_eq!(all.items.len(), 3);
        assert!(all.items.iter().all(|told| !told.read));
        assert_eq!((all.first, all.last), (Some(all.items[0].id.raw()), Some(all.items[2].id.raw())));
        let only = NotificationFilter { only: vec![NotificationKind::Favourite], ..NotificationFilter::default() };
        assert_eq!(list(only).await.unwrap().items.len(), 1);
        let except = NotificationFilter { except: vec![NotificationKind::Favourite], ..NotificationFilter::default() };
        assert_eq!(list(except).await.unwrap().items.len(), 2);
        let from = NotificationFilter { from: Some(ada.id), ..NotificationFilter::default() };
        assert!(list(from).await.unwrap().items.is_empty());
        assert_eq!(notifications::unread_count(&world.ctx, &ada).await.unwrap(), 3);
        notifications::mark_read(&world.ctx, &ada, all.items[1].id).await.unwrap();
        notifications::mark_read(&world.ctx, &ada, NotificationId::new(1)).await.unwrap();
        assert_eq!(notifications::unread_count(&world.ctx, &ada).await.unwrap(), 1);
        assert!(matches!(notifications::show(&world.ctx, &bob, all.items[0].id).await, Err(Error::NotFound(_))));
        assert!(matches!(notifications::dismiss(&world.ctx, &bob, all.items[0].id).await, Err(Error::NotFound(_))));
        assert_eq!(notifications::show(&world.ctx, &ada, all.items[1].id).await.unwrap(), {
            let mut read = all.items[1].clone();
            read.read = true;
            read
        });
        notifications::dismiss(&world.ctx, &ada, all.items[0].id).await.unwrap();
        assert_eq!(world.told(&ada).await.len(), 2);
        notifications::clear(&world.ctx, &ada).await.unwrap();
        assert!(world.told(&ada).await.is_empty());
    }
}
