//! Lists: who may be on them, whose they are, and what they show.

#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::fixtures::{World, note, worlds};
use crate::follows::{self as app_follows, FollowOptions};
use crate::{blocks, posts, timelines};

fn named(title: &str) -> ListEdit {
    ListEdit { title: Some(title.to_owned()), ..ListEdit::default() }
}

async fn follow(world: &World, who: &Viewer, whom: ActorId) {
    app_follows::follow(&world.ctx, who, whom, FollowOptions::default()).await.unwrap();
}

#[tokio::test]
async fn a_list_is_its_owners_and_holds_those_whom_they_follow() {
    for world in worlds() {
        let ctx = &world.ctx;
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        follow(&world, &ada, bob.id).await;
        let list = make(ctx, &ada, named("  Close  ones ")).await.unwrap();
        assert_eq!((list.title.as_str(), list.replies, list.exclusive), ("Close ones", RepliesPolicy::List, false));
        for (wrong, words) in [("", "blank"), (&"x".repeat(257), "too long")] {
            let refused = make(ctx, &ada, named(wrong)).await.unwrap_err();
            assert!(refused.to_string().contains(words), "{refused}");
        }
        assert!(matches!(make(ctx, &ada, ListEdit::default()).await, Err(Error::Invalid(_))), "without a title");
        assert!(matches!(add(ctx, &ada, list.id, vec![bob.id, eve.id]).await, Err(Error::NotFound(_))));
        assert!(members(ctx, &ada, list.id, None).await.unwrap().items.is_empty(), "not half of them");
        add(ctx, &ada, list.id, vec![bob.id, ada.id]).await.unwrap();
        assert!(matches!(add(ctx, &ada, list.id, vec![bob.id]).await, Err(Error::Invalid(_))), "twice");
        assert_eq!(holding(ctx, &ada, bob.id).await.unwrap(), std::slice::from_ref(&list));
        assert_eq!(holding(ctx, &bob, bob.id).await.unwrap(), []);
        for refused in [
            show(ctx, &bob, list.id).await.err(),
            change(ctx, &bob, list.id, named("Mine")).await.err(),
            delete(ctx, &bob, list.id).await.err(),
            members(ctx, &bob, list.id, None).await.err(),
            add(ctx, &bob, list.id, vec![bob.id]).await.err(),
            remove(ctx, &bob, list.id, vec![ada.id]).await.err(),
            timelines::list(ctx, &bob, list.id, Page::newest(9)).await.err(),
        ] {
            assert!(matches!(refused, Some(Error::NotFound(_))), "{refused:?}");
        }
        blocks::block(ctx, &ada, bob.id).await.unwrap();
        let left = members(ctx, &ada, list.id, None).await.unwrap();
        assert_eq!(left.items.iter().map(|one| one.id).collect::<Vec<_>>(), [ada.id]);
        delete(ctx, &ada, list.id).await.unwrap();
        assert_eq!(all(ctx, &ada).await.unwrap(), []);
    }
}

#[tokio::test]
async fn its_posts_come_to_the_list_and_from_an_exclusive_one_not_home() {
    for world in worlds() {
        let ctx = &world.ctx;
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        for followed in [bob.id, eve.id] {
            follow(&world, &ada, followed).await;
        }
        let by_bob = posts::publish(ctx, &bob, note("By Bob")).await.unwrap().id;
        let by_eve = posts::publish(ctx, &eve, note("By Eve")).await.unwrap().id;
        let list = make(ctx, &ada, named("Bob alone")).await.unwrap();
        add(ctx, &ada, list.id, vec![bob.id]).await.unwrap();
        let of_list = timelines::list(ctx, &ada, list.id, Page::newest(9)).await.unwrap();
        assert_eq!(of_list.items.iter().map(|post| post.id).collect::<Vec<_>>(), [by_bob]);
        let home = async || world.home(&ada).await.iter().map(|post| post.id).collect::<Vec<_>>();
        assert_eq!(home().await, [by_eve, by_bob]);
        let apart = ListEdit { exclusive: Some(true), replies: Some(RepliesPolicy::None), title: None };
        let changed = change(ctx, &ada, list.id, apart).await.unwrap();
        assert_eq!((changed.title.as_str(), changed.exclusive), ("Bob alone", true));
        assert_eq!(home().await, [by_eve]);
        remove(ctx, &ada, list.id, vec![bob.id, eve.id]).await.unwrap();
        assert_eq!(home().await, [by_eve, by_bob]);
    }
}

#[tokio::test]
async fn nobody_keeps_more_lists_than_can_be_read() {
    for world in worlds() {
        let ada = world.person("ada").await;
        for number in 0..MOST {
            make(&world.ctx, &ada, named(&format!("List {number}"))).await.unwrap();
        }
        assert!(matches!(make(&world.ctx, &ada, named("One more")).await, Err(Error::Invalid(_))));
    }
}
