//! Reports: what may be reported, who may read it, and what their node is told.

#![expect(clippy::unwrap_used, reason = "tests")]

use corridor_domain::{Audience, Marking, Role};

use super::*;
use crate::fixtures::{note, worlds};
use crate::posts::{Draft, publish};

fn about(target: ActorId, posts: Vec<PostId>) -> NewReport {
    NewReport { target, posts, comment: "Please look.".to_owned(), category: Category::Violation, forward: true }
}

#[tokio::test]
async fn moderators_read_what_people_report_and_say_what_became_of_it() {
    for world in worlds() {
        let (ctx, ada, bob) = (&world.ctx, world.person("ada").await, world.person("bob").await);
        let post = publish(ctx, &bob, note("Something unkind")).await.unwrap();
        let made = report(ctx, &ada, about(bob.id, vec![post.id])).await.unwrap();
        assert!(!made.forwarded, "nobody elsewhere is concerned");
        assert_eq!(world.events().await.iter().filter(|event| matches!(event, Event::Reported { .. })).count(), 0);
        let member = Operator::Person(ada.clone());
        assert!(matches!(list(ctx, &member, false, Page::newest(9)).await, Err(Error::Forbidden(_))));
        let moderator = Operator::Person(Viewer { role: Role::Moderator, ..bob.clone() });
        assert_eq!(list(ctx, &moderator, false, Page::newest(9)).await.unwrap(), std::slice::from_ref(&made));
        assert_eq!((made.reporter.as_str(), made.target_handle.as_str()), ("@ada", "@bob"));
        resolve(ctx, &moderator, made.id, "Talked to him".to_owned()).await.unwrap();
        assert!(list(ctx, &moderator, false, Page::newest(9)).await.unwrap().is_empty());
        let (_, by, how) = show(ctx, &moderator, made.id).await.unwrap().resolved.unwrap();
        assert_eq!((by.as_str(), how.as_str()), ("person:bob", "Talked to him"));
        assert!(matches!(resolve(ctx, &moderator, made.id, String::new()).await, Err(Error::Invalid(_))));
        assert!(matches!(show(ctx, &moderator, 7).await, Err(Error::NotFound(_))));
    }
}

#[tokio::test]
async fn only_what_the_reporter_sees_of_that_person_can_be_reported() {
    for world in worlds() {
        let (ctx, ada, bob) = (&world.ctx, world.person("ada").await, world.person("bob").await);
        let eve = world.person("eve").await;
        let hidden = Draft { audience: Some(Audience::Followers), ..note("For friends") };
        let hidden = publish(ctx, &bob, hidden).await.unwrap();
        let of_eve = publish(ctx, &eve, note("By Eve")).await.unwrap();
        for post in [hidden.id, of_eve.id, PostId::new(5)] {
            assert!(matches!(report(ctx, &ada, about(bob.id, vec![post])).await, Err(Error::NotFound(_))));
        }
        assert!(matches!(report(ctx, &ada, about(ada.id, vec![])).await, Err(Error::Invalid(_))));
        assert!(matches!(report(ctx, &ada, about(ActorId::new(5), vec![])).await, Err(Error::NotFound(_))));
        let long = NewReport { comment: "x".repeat(COMMENT_CHARACTERS + 1), ..about(bob.id, vec![]) };
        assert!(matches!(report(ctx, &ada, long).await, Err(Error::Invalid(_))));
    }
}

#[tokio::test]
async fn their_node_is_told_only_when_the_reporter_wants_it() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let peer = world.peer("there.example", Marking::LOWEST).await;
        let afar = world.person_of(peer, "there.example", "afar").await;
        let kept = NewReport { forward: false, ..about(afar, vec![]) };
        assert!(!report(&world.ctx, &ada, kept).await.unwrap().forwarded);
        let sent = report(&world.ctx, &ada, about(afar, vec![])).await.unwrap();
        assert!(sent.forwarded);
        let reported = |event: &Event| matches!(event, Event::Reported { .. });
        let events: Vec<Event> = world.events().await.into_iter().filter(reported).collect();
        assert_eq!(events, [Event::Reported { report: sent.id }]);
    }
}
