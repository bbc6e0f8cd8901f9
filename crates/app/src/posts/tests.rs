//! Publishing, answering, editing and deleting, on both databases.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use corridor_domain::Page;

use super::*;
use crate::fixtures::{SENSITIVE, World, note, worlds};
use crate::follows::{self as follow, FollowOptions};
use crate::timelines;

fn said(error: Error) -> String {
    assert!(matches!(error, Error::Invalid(_) | Error::Forbidden(_) | Error::NotFound(_)), "{error:?}");
    error.to_string()
}

async fn refused(world: &World, author: &Viewer, draft: Draft) -> String {
    let events = world.events().await.len();
    let error = said(publish(&world.ctx, author, draft).await.unwrap_err());
    assert_eq!(world.events().await.len(), events, "a refused draft leaves nothing behind");
    assert!(world.home(author).await.iter().all(|post| post.author.id != author.id || post.source != "refused"));
    error
}

async fn followers(world: &World, author: &Viewer, all: &[&Viewer]) {
    for follower in all {
        follow::follow(&world.ctx, follower, author.id, FollowOptions::default()).await.unwrap();
    }
}

#[tokio::test]
async fn a_post_is_rendered_addressed_told_and_fed() {
    for world in worlds() {
        let (ada, bob, eve) = (world.person("ada").await, world.person("Bob").await, world.person("eve").await);
        followers(&world, &ada, &[&eve]).await;
        let draft = note("Hello @bob and @nobody, see #Budget <script>alert(1)</script>");
        let post = publish(&world.ctx, &ada, draft).await.unwrap();
        assert!(post.content.contains("https://here.example/@Bob"), "{}", post.content);
        assert!(post.content.contains("@nobody") && !post.content.contains("<script"), "{}", post.content);
        assert_eq!(post.tags, ["budget"]);
        assert_eq!(post.mentions.iter().map(|mention| mention.acct.as_str()).collect::<Vec<_>>(), ["Bob"]);
        assert_eq!(post.uri, format!("https://here.example/posts/{}", post.id));
        assert_eq!(post.url, format!("https://here.example/@ada/{}", post.id));
        assert_eq!((post.language.as_str(), post.marking_name.as_str()), ("en", "OFFICIAL"));
        for reader in [&ada, &bob, &eve] {
            assert_eq!(world.home(reader).await[0].id, post.id);
        }
        assert_eq!(world.told(&bob).await, [(NotificationKind::Mention, ada.id, Some(post.id))]);
        assert_eq!(world.events().await, [Event::PostPublished { post: post.id }]);
    }
}

#[tokio::test]
async fn defaults_come_from_the_person_and_department_posts_tell_no_peer() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let draft = Draft { audience: None, ..note("Morning") };
        let post = publish(&world.ctx, &ada, draft).await.unwrap();
        assert_eq!((post.audience, post.marking), (Audience::Department, Marking::LOWEST));
        assert_eq!(show(&world.ctx, &bob, post.id).await.unwrap().id, post.id);
        edit(&world.ctx, &ada, post.id, EditDraft { text: "Evening".into(), ..EditDraft::default() }).await.unwrap();
        delete(&world.ctx, &ada, post.id).await.unwrap();
        assert_eq!(world.events().await, []);
    }
}

#[tokio::test]
async fn each_audience_is_read_by_whom_it_says() {
    for world in worlds() {
        let [ada, fan, named, other] = [
            world.person("ada").await,
            world.person("fan").await,
            world.person("named").await,
            world.person("other").await,
        ];
        followers(&world, &ada, &[&fan]).await;
        for (audience, readers) in [
            (Audience::Department, [true, true, true, true]),
            (Audience::Network, [true, true, true, true]),
            (Audience::Followers, [true, true, true, false]),
            (Audience::Named, [true, false, true, false]),
        ] {
            let draft = Draft { audience: Some(audience), ..note("For @named") };
            let post = publish(&world.ctx, &ada, draft).await.unwrap();
            for (reader, may) in [&ada, &fan, &named, &other].into_iter().zip(readers) {
                assert_eq!(show(&world.ctx, reader, post.id).await.is_ok(), may, "{audience:?} {}", reader.username);
                let listed = timelines::by_author(
                    &world.ctx,
                    reader,
                    ada.id,
                    timelines::AuthorFilter::default(),
                    Page::newest(1),
                );
                assert_eq!(listed.await.unwrap().items.first().is_some_and(|found| found.id == post.id), may);
            }
            let hidden = favourite(&world.ctx, &other, post.id).await;
            assert_eq!(hidden.is_ok(), readers[3]);
        }
    }
}

#[tokio::test]
async fn drafts_that_break_a_rule_are_refused_with_the_reason() {
    for world in worlds() {
        let ada = world.person("ada").await;
        for (draft, reason) in [
            (note("  \n "), "empty"),
            (note(&"x".repeat(501)), "500"),
            (Draft { marking: Some(SENSITIVE), ..note("refused") }, "handled"),
            (Draft { marking: Some(Marking::from_rank(7)), ..note("refused") }, "scheme"),
            (Draft { audience: Some(Audience::Named), ..note("refused") }, "name at least one person"),
            (Draft { audience: Some(Audience::Group), ..note("refused") }, "group"),
            (Draft { language: "not a language".into(), ..note("refused") }, "language"),
            (Draft { in_reply_to: Some(PostId::new(7)), ..note("refused") }, "the post it answers was not found"),
            (Draft { named: vec![ActorId::new(7)], ..note("refused") }, "someone the post is for"),
            (note("refused, dear @x@stranger.example"), "@x@stranger.example"),
        ] {
            let said = refused(&world, &ada, draft).await;
            assert!(said.contains(reason), "{said}");
        }
    }
}

#[tokio::test]
async fn nobody_is_left_out_without_a_word() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let peer = world.peer("there.example", Marking::LOWEST).await;
        world.person_of(peer, "there.example", "zoe").await;
        let said =
            refused(&world, &ada, Draft { audience: Some(Audience::Department), ..note("Hi @zoe@there.example") })
                .await;
        assert!(said.contains("another"), "{said}");
        let secret = Draft {
            marking: Some(SENSITIVE),
            handling: Some("Recipients only".into()),
            ..note("Hi @zoe@there.example")
        };
        let said = refused(&world, &ada, secret).await;
        assert!(said.contains("OFFICIAL-SENSITIVE"), "{said}");
        let post = publish(&world.ctx, &ada, note("Hi @zoe@there.example")).await.unwrap();
        assert_eq!(post.mentions[0].acct, "zoe@there.example");
        world.remove_peer(peer).await;
        let said = refused(&world, &ada, note("Hi @zoe@there.example")).await;
        assert!(said.contains("removed"), "{said}");
    }
}

#[tokio::test]
async fn replies_keep_to_their_parent() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let secret = Draft {
            audience: None,
            marking: Some(SENSITIVE),
            handling: Some("Recipients only".into()),
            ..note("Between us")
        };
        let parent = publish(&world.ctx, &ada, secret).await.unwrap();
        let answer = Draft { audience: None, in_reply_to: Some(parent.id), ..note("Yes") };
        let low = Draft { marking: Some(Marking::LOWEST), ..answer.clone() };
        assert!(refused(&world, &bob, low).await.contains("lower than the post it answers"));
        let wide = Draft { audience: Some(Audience::Network), ..answer.clone() };
        assert!(refused(&world, &bob, wide).await.contains("stay in the department"));
        let reply = publish(&world.ctx, &bob, answer).await.unwrap();
        assert_eq!((reply.audience, reply.marking), (Audience::Department, SENSITIVE));
        assert_eq!(reply.handling, "Recipients only");
        assert_eq!(reply.in_reply_to, Some((parent.id, ada.id)));
        assert_eq!(show(&world.ctx, &ada, parent.id).await.unwrap().replies_count, 1);
        assert_eq!(world.told(&ada).await, [(NotificationKind::Mention, bob.id, Some(reply.id))]);
        delete(&world.ctx, &bob, reply.id).await.unwrap();
        assert_eq!(show(&world.ctx, &ada, parent.id).await.unwrap().replies_count, 0);
        assert_eq!(world.told(&ada).await, []);
    }
}

#[tokio::test]
async fn a_key_makes_one_post_however_often_it_is_sent() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let keyed = |text: &str| Draft { idempotency_key: Some("k".into()), ..note(text) };
        let (one, two) =
            tokio::join!(publish(&world.ctx, &ada, keyed("Once")), publish(&world.ctx, &ada, keyed("Once")));
        let three = publish(&world.ctx, &ada, keyed("Once more")).await.unwrap();
        assert_eq!(one.unwrap().id, three.id);
        assert_eq!(two.unwrap().id, three.id);
        assert_eq!(world.home(&ada).await.len(), 1);
        assert_eq!(world.events().await.len(), 1);
        world.ctx.store.clock().advance(KEY_LIFE + Duration::from_secs(1));
        assert_ne!(publish(&world.ctx, &ada, keyed("Another day")).await.unwrap().id, three.id);
    }
}

#[tokio::test]
async fn edits_are_kept_told_and_bound_by_the_rules() {
    for world in worlds() {
        let (ada, bob, eve) = (world.person("ada").await, world.person("bob").await, world.person("eve").await);
        let post = publish(&world.ctx, &ada, note("First #one")).await.unwrap();
        boost(&world.ctx, &bob, post.id).await.unwrap();
        let draft = |text: &str| EditDraft { text: text.into(), ..EditDraft::default() };
        world.ctx.store.clock().advance(Duration::from_secs(1));
        let edited = edit(&world.ctx, &ada, post.id, draft("Second #two @eve")).await.unwrap();
        edit(&world.ctx, &ada, post.id, draft("Second #two @eve")).await.unwrap();
        assert!(edited.edited_at.is_some() && edited.tags == ["two"]);
        let states = history(&world.ctx, &eve, post.id).await.unwrap();
        assert_eq!(states.len(), 2, "saying the same again is no edit");
        assert!(states[0].content.contains("First") && states[1].content.contains("Second"));
        assert_eq!(world.told(&bob).await, [(NotificationKind::Update, ada.id, Some(post.id))]);
        assert_eq!(world.told(&eve).await, [(NotificationKind::Mention, ada.id, Some(post.id))]);
        let higher = EditDraft { marking: Some(SENSITIVE), handling: Some("Team only".into()), ..draft("Third") };
        assert_eq!(edit(&world.ctx, &ada, post.id, higher).await.unwrap().marking, SENSITIVE);
        let lower = EditDraft { marking: Some(Marking::LOWEST), ..draft("Fourth") };
        assert!(said(edit(&world.ctx, &ada, post.id, lower).await.unwrap_err()).contains("lowered"));
        let others = edit(&world.ctx, &bob, post.id, draft("Mine")).await.unwrap_err();
        assert!(matches!(others, Error::Forbidden(_)));
        let named = Draft { audience: Some(Audience::Named), ..note("For @bob") };
        let named = publish(&world.ctx, &ada, named).await.unwrap();
        let wider = edit(&world.ctx, &ada, named.id, draft("For @bob and @eve")).await.unwrap_err();
        assert!(said(wider).contains("add people"));
        let kept = edit(&world.ctx, &ada, named.id, draft("For you")).await.unwrap();
        assert_eq!(kept.mentions.len(), 1);
        assert!(show(&world.ctx, &bob, named.id).await.is_ok());
    }
}

#[tokio::test]
async fn a_deleted_post_is_gone_for_everyone_at_once() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        followers(&world, &ada, &[&bob]).await;
        let post = publish(&world.ctx, &ada, note("Oops @bob")).await.unwrap();
        let boosted = boost(&world.ctx, &bob, post.id).await.unwrap();
        favourite(&world.ctx, &bob, post.id).await.unwrap();
        assert!(matches!(delete(&world.ctx, &bob, post.id).await, Err(Error::Forbidden(_))));
        assert_eq!(delete(&world.ctx, &ada, post.id).await.unwrap().source, "Oops @bob");
        for id in [post.id, boosted.id] {
            assert!(matches!(show(&world.ctx, &ada, id).await, Err(Error::NotFound(_))));
        }
        assert!(matches!(delete(&world.ctx, &ada, post.id).await, Err(Error::NotFound(_))));
        assert!(world.home(&bob).await.is_empty() && world.home(&ada).await.is_empty());
        assert_eq!(world.told(&ada).await.len(), 1, "that Bob follows stays, what he did with the post goes");
        assert_eq!(world.told(&bob).await, []);
        let favourites = timelines::favourites(&world.ctx, &bob, Page::newest(9)).await.unwrap();
        assert!(favourites.items.is_empty());
        assert_eq!(world.events().await.last(), Some(&Event::PostDeleted { post: post.id }));
    }
}

#[tokio::test]
async fn favourites_boosts_and_bookmarks_count_once_and_can_be_taken_back() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let post = publish(&world.ctx, &ada, note("Good news")).await.unwrap();
        for _ in 0..2 {
            favourite(&world.ctx, &bob, post.id).await.unwrap();
            bookmark(&world.ctx, &bob, post.id).await.unwrap();
        }
        let (one, two) = tokio::join!(boost(&world.ctx, &bob, post.id), boost(&world.ctx, &bob, post.id));
        let (one, two) = (one.unwrap(), two.unwrap());
        assert_eq!(one.id, two.id);
        let inner = one.boost_of.unwrap();
        assert_eq!((inner.id, inner.favourites_count, inner.boosts_count), (post.id, 1, 1));
        assert!(inner.marks.favourited && inner.marks.boosted && inner.marks.bookmarked && one.marks == inner.marks);
        assert_eq!(show(&world.ctx, &ada, post.id).await.unwrap().marks, crate::Marks::default());
        let people = favourited_by(&world.ctx, &ada, post.id, Page::newest(9)).await.unwrap();
        assert_eq!(people.items.iter().map(|person| person.id).collect::<Vec<_>>(), [bob.id]);
        let people = boosted_by(&world.ctx, &ada, one.id, Page::newest(9)).await.unwrap();
        assert_eq!((people.items.len(), people.first), (1, Some(one.id.raw())));
        assert_eq!(world.told(&ada).await.len(), 2);
        // Taken back through the boost as well as through the post.
        unfavourite(&world.ctx, &bob, one.id).await.unwrap();
        unbookmark(&world.ctx, &bob, post.id).await.unwrap();
        let after = unboost(&world.ctx, &bob, post.id).await.unwrap();
        assert_eq!(
            (after.id, after.favourites_count, after.boosts_count, after.marks),
            (post.id, 0, 0, crate::Marks::default())
        );
        assert_eq!(world.told(&ada).await, []);
        let events = world.events().await;
        assert_eq!(events[1..], [Event::Boosted { boost: one.id }, Event::BoostUndone { boost: one.id }]);
        let again = boost(&world.ctx, &bob, post.id).await.unwrap();
        assert_ne!(again.id, one.id);
    }
}

#[tokio::test]
async fn peers_are_told_of_what_concerns_their_posts() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let peer = world.peer("there.example", SENSITIVE).await;
        let zoe = world.person_of(peer, "there.example", "zoe").await;
        let (open, closed) =
            (world.post_of(peer, zoe, Audience::Network).await, world.post_of(peer, zoe, Audience::Followers).await);
        let view = favourite(&world.ctx, &ada, open).await.unwrap();
        assert_eq!(
            (view.author.department.as_str(), view.author.acct().as_str()),
            ("Their department", "zoe@there.example")
        );
        unfavourite(&world.ctx, &ada, open).await.unwrap();
        let events = world.events().await;
        let Event::Favourited { uri: liked, .. } = &events[0] else { panic!("{events:?}") };
        let Event::FavouriteUndone { uri: undone, .. } = &events[1] else { panic!("{events:?}") };
        assert_eq!(liked, undone);
        assert!(matches!(boost(&world.ctx, &ada, closed).await, Err(Error::NotFound(_))));
        let boosted = boost(&world.ctx, &ada, open).await.unwrap();
        world.remove_peer(peer).await;
        for id in [open, boosted.id] {
            assert!(matches!(show(&world.ctx, &ada, id).await, Err(Error::NotFound(_))), "hidden with its peer");
        }
        assert!(world.home(&ada).await.is_empty());
    }
}

#[tokio::test]
async fn only_network_posts_are_boosted() {
    for world in worlds() {
        let ada = world.person("ada").await;
        for audience in [Audience::Department, Audience::Followers] {
            let draft = Draft { audience: Some(audience), ..note("Not for all") };
            let post = publish(&world.ctx, &ada, draft).await.unwrap();
            assert!(matches!(boost(&world.ctx, &ada, post.id).await, Err(Error::Forbidden(_))));
        }
    }
}

#[tokio::test]
async fn a_thread_is_shown_from_its_start_and_depth_first() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let answer = |to: PostId, text: &str| Draft { in_reply_to: Some(to), ..note(text) };
        let root = publish(&world.ctx, &ada, note("root")).await.unwrap().id;
        let a = publish(&world.ctx, &bob, answer(root, "a")).await.unwrap().id;
        let b = publish(&world.ctx, &bob, answer(root, "b")).await.unwrap().id;
        let a1 = publish(&world.ctx, &ada, answer(a, "a1")).await.unwrap().id;
        let hidden = Draft { audience: Some(Audience::Named), ..answer(a, "@ada only") };
        let hidden = publish(&world.ctx, &bob, hidden).await.unwrap().id;
        let a2 = publish(&world.ctx, &bob, answer(a, "a2")).await.unwrap().id;
        let ids = |posts: &[PostView]| posts.iter().map(|post| post.id).collect::<Vec<_>>();
        let eve = world.person("eve").await;
        let around = context(&world.ctx, &eve, root).await.unwrap();
        assert_eq!((ids(&around.ancestors), ids(&around.descendants)), (vec![], vec![a, a1, a2, b]));
        let around = context(&world.ctx, &ada, a1).await.unwrap();
        assert_eq!((ids(&around.ancestors), ids(&around.descendants)), (vec![root, a], vec![]));
        let around = context(&world.ctx, &ada, root).await.unwrap();
        assert_eq!(ids(&around.descendants), [a, a1, hidden, a2, b]);
        let many = show_many(&world.ctx, &eve, vec![b, hidden, root]).await.unwrap();
        assert_eq!(ids(&many), [b, root]);
    }
}
