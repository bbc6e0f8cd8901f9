//! Polls among people of one node, on both databases.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use super::*;
use crate::fixtures::{note, worlds};
use crate::posts::{Draft, EditDraft, edit, publish};

fn draft(multiple: bool) -> Draft {
    let poll = PollDraft {
        options: vec!["Tea".to_owned(), "Coffee".to_owned(), "Water".to_owned()],
        lasts: Duration::from_secs(600),
        multiple,
        hide_totals: false,
    };
    Draft { poll: Some(poll), ..note("What shall we drink?") }
}

fn counts(post: &PostView) -> Vec<Option<i64>> {
    post.poll.as_ref().unwrap().options.iter().map(|option| option.votes).collect()
}

#[tokio::test]
async fn everyone_votes_once_and_before_the_end() {
    for world in worlds() {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let post = publish(&world.ctx, &ada, draft(false)).await.unwrap();
        assert_eq!((post.kind, counts(&post)), (PostKind::Question, vec![Some(0); 3]));
        assert!(post.poll.as_ref().unwrap().voted, "authors see their results");
        let seen = vote(&world.ctx, &bob, post.id, vec![1]).await.unwrap();
        assert_eq!(counts(&seen), [Some(0), Some(1), Some(0)]);
        let poll = seen.poll.unwrap();
        assert_eq!((poll.own, poll.voted, poll.voters), (vec![1], true, Some(1)));
        let refused = async |who: &Viewer, choices: Vec<usize>| match vote(&world.ctx, who, post.id, choices).await {
            Err(Error::Poll(refused)) => refused,
            other => panic!("{other:?}"),
        };
        assert_eq!(refused(&bob, vec![1]).await, Refused::AlreadyVoted);
        assert_eq!(refused(&ada, vec![1]).await, Refused::OwnPoll);
        assert_eq!(refused(&eve, vec![0, 1]).await, Refused::OneChoice);
        assert_eq!(refused(&eve, vec![9]).await, Refused::UnknownChoice);
        world.ctx.store.clock().advance(Duration::from_secs(600));
        assert_eq!(refused(&eve, vec![0]).await, Refused::Ended);
        assert_eq!(counts(&show(&world.ctx, &eve, post.id).await.unwrap()), [Some(0), Some(1), Some(0)]);
    }
}

#[tokio::test]
async fn many_votes_at_once_of_one_person_count_once() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let post = publish(&world.ctx, &ada, draft(false)).await.unwrap().id;
        let tries: Vec<_> = (0..12)
            .map(|number| {
                let (ctx, bob) = (world.ctx.clone(), bob.clone());
                tokio::spawn(async move { vote(&ctx, &bob, post, vec![number % 3]).await.is_ok() })
            })
            .collect();
        let mut counted = 0;
        for one in tries {
            counted += usize::from(one.await.unwrap());
        }
        let poll = show(&world.ctx, &ada, post).await.unwrap().poll.unwrap();
        assert_eq!((counted, poll.votes, poll.voters), (1, 1, Some(1)));
    }
}

#[tokio::test]
async fn who_may_not_see_a_poll_can_not_vote_in_it() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let hidden = Draft { audience: Some(Audience::Followers), ..draft(false) };
        let post = publish(&world.ctx, &ada, hidden).await.unwrap().id;
        assert!(matches!(vote(&world.ctx, &bob, post, vec![0]).await, Err(Error::NotFound(_))));
        let plain = publish(&world.ctx, &ada, note("No poll")).await.unwrap().id;
        assert!(matches!(vote(&world.ctx, &bob, plain, vec![0]).await, Err(Error::NotFound(_))));
    }
}

#[tokio::test]
async fn totals_that_are_hidden_are_shown_at_the_end() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let mut hidden = draft(true);
        hidden.poll.as_mut().unwrap().hide_totals = true;
        let post = publish(&world.ctx, &ada, hidden).await.unwrap().id;
        let seen = vote(&world.ctx, &bob, post, vec![0, 2]).await.unwrap();
        assert_eq!((counts(&seen), seen.poll.unwrap().votes), (vec![None; 3], 2));
        world.ctx.store.clock().advance(Duration::from_secs(600));
        assert_eq!(counts(&show(&world.ctx, &bob, post).await.unwrap()), [Some(1), Some(0), Some(1)]);
    }
}

#[tokio::test]
async fn the_end_is_told_once_to_the_author_and_to_who_voted() {
    for world in worlds() {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let post = publish(&world.ctx, &ada, draft(false)).await.unwrap().id;
        vote(&world.ctx, &bob, post, vec![0]).await.unwrap();
        run(&world.ctx).await.unwrap();
        assert!(world.told(&bob).await.is_empty(), "it has not ended yet");
        world.ctx.store.clock().advance(Duration::from_secs(601));
        for _ in 0..2 {
            run(&world.ctx).await.unwrap();
        }
        let another = Ctx::new(corridor_store::Store::open(world.options()).unwrap(), (*world.ctx.settings).clone());
        another.store.clock().advance(Duration::from_secs(700));
        run(&another).await.unwrap();
        for (person, times) in [(&ada, 1), (&bob, 1), (&eve, 0)] {
            let told = world.told(person).await;
            let ends = told.iter().filter(|(kind, ..)| *kind == NotificationKind::Poll).count();
            assert_eq!(ends, times, "{told:?}");
        }
    }
}

#[tokio::test]
async fn counts_are_told_to_peers_together_and_at_the_end() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let post = publish(&world.ctx, &ada, draft(false)).await.unwrap().id;
        let counted = async || {
            run(&world.ctx).await.unwrap();
            world.events().await.iter().filter(|event| matches!(event, Event::PollCounted { .. })).count()
        };
        for (name, advance, told) in [("bob", 2, 1), ("eve", 2, 1), ("mia", 2, 1)] {
            let voter = world.person(name).await;
            vote(&world.ctx, &voter, post, vec![0]).await.unwrap();
            world.ctx.store.clock().advance(Duration::from_secs(advance));
            assert_eq!(counted().await, told, "after {name}");
        }
        world.ctx.store.clock().advance(REST);
        assert_eq!(counted().await, 2, "the two that followed, together");
        world.ctx.store.clock().advance(Duration::from_secs(600));
        assert_eq!(counted().await, 3, "the end");
        let inside = Draft { audience: Some(Audience::Department), ..draft(false) };
        let inside = publish(&world.ctx, &ada, inside).await.unwrap().id;
        let voter = world.person("tom").await;
        vote(&world.ctx, &voter, inside, vec![0]).await.unwrap();
        world.ctx.store.clock().advance(Duration::from_secs(700));
        assert_eq!(counted().await, 3, "a department's poll is told to nobody");
    }
}

#[tokio::test]
async fn other_options_make_votes_void_and_say_so() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let post = publish(&world.ctx, &ada, draft(false)).await.unwrap().id;
        vote(&world.ctx, &bob, post, vec![0]).await.unwrap();
        let same = EditDraft { text: "Better words".to_owned(), poll: draft(false).poll, ..EditDraft::default() };
        let kept = edit(&world.ctx, &ada, post, same.clone()).await.unwrap();
        assert_eq!((counts(&kept)[0], kept.poll.unwrap().reset_at), (Some(1), None));
        let mut other = same.clone();
        other.poll.as_mut().unwrap().options.push("Juice".to_owned());
        let changed = edit(&world.ctx, &ada, post, other).await.unwrap();
        assert_eq!(counts(&changed), vec![Some(0); 4]);
        let poll = show(&world.ctx, &bob, post).await.unwrap().poll.unwrap();
        assert!(poll.reset_at.is_some() && !poll.voted && poll.voters == Some(0));
        let told = world.told(&bob).await;
        assert!(told.iter().any(|(kind, ..)| *kind == NotificationKind::Update), "{told:?}");
        vote(&world.ctx, &bob, post, vec![3]).await.unwrap();
        let plain = publish(&world.ctx, &ada, note("No poll")).await.unwrap().id;
        assert!(matches!(edit(&world.ctx, &ada, plain, same.clone()).await, Err(Error::Invalid(_))));
        world.ctx.store.clock().advance(Duration::from_secs(6000));
        assert!(matches!(edit(&world.ctx, &ada, post, same).await, Err(Error::Poll(Refused::Ended))));
    }
}
