//! What each activity does, and that it does it once.

use corridor_domain::{Audience, Event, Marking, Timestamp};
use corridor_store::posts;

use super::*;
use crate::fixtures::SENSITIVE;
use crate::inbound::{Boost, IncomingPerson, Undone};
use crate::{Error, NotificationKind, people, timelines};

#[tokio::test]
async fn a_post_arrives_once_however_often_it_is_sent() {
    for stage in stages().await {
        stage.befriend().await;
        let mut post = stage.post("hello");
        post.mentions = vec![stage.reader_uri().await];
        post.addressed.push(post.mentions[0].clone());
        let tries: Vec<_> = (0..50)
            .map(|_| {
                let (ctx, received, post) = (stage.world.ctx.clone(), stage.by_author("Create", "hello"), post.clone());
                tokio::spawn(async move { inbound::post_created(&ctx, received, post).await.unwrap() })
            })
            .collect();
        let mut outcomes = Vec::new();
        for one in tries {
            outcomes.push(one.await.unwrap());
        }
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Applied).count(), 1, "{outcomes:?}");
        assert_eq!(outcomes.iter().filter(|outcome| **outcome == Outcome::Duplicate).count(), 49);
        assert_eq!(stage.world.home(&stage.reader).await.len(), 1);
        let told = stage.world.told(&stage.reader).await;
        assert_eq!(told.iter().filter(|(kind, ..)| *kind == NotificationKind::Mention).count(), 1, "{told:?}");
    }
}

#[tokio::test]
async fn two_activities_with_one_post_make_one_post() {
    for stage in stages().await {
        stage.befriend().await;
        let tries: Vec<_> = (0..20)
            .map(|number| {
                let received = stage.by_author("Create", &format!("again-{number}"));
                let (ctx, post) = (stage.world.ctx.clone(), stage.post("again"));
                tokio::spawn(async move { inbound::post_created(&ctx, received, post).await.unwrap() })
            })
            .collect();
        let mut applied = 0;
        for one in tries {
            applied += usize::from(one.await.unwrap() == Outcome::Applied);
        }
        assert_eq!(applied, 1);
        assert_eq!(stage.world.home(&stage.reader).await.len(), 1);
    }
}

#[tokio::test]
async fn a_post_that_concerns_nobody_is_noted_and_not_kept() {
    for stage in stages().await {
        let outcome = inbound::post_created(&stage.world.ctx, stage.by_author("Create", "x"), stage.post("x")).await;
        assert_eq!(outcome.unwrap(), Outcome::Ignored);
        assert!(stage.stored("https://there.example/posts/x").await.is_none());
        let again = inbound::post_created(&stage.world.ctx, stage.by_author("Create", "x"), stage.post("x")).await;
        assert_eq!(again.unwrap(), Outcome::Duplicate);
        // Wanted by someone here, it is kept, and is no news when it is old.
        let ctx = &stage.world.ctx;
        let id = inbound::post_fetched(ctx, stage.peer, stage.author, stage.post("x")).await.unwrap();
        assert_eq!(inbound::post_fetched(ctx, stage.peer, stage.author, stage.post("x")).await.unwrap(), id);
    }
}

#[tokio::test]
async fn what_is_stored_is_clean() {
    for stage in stages().await {
        stage.befriend().await;
        let post = IncomingPost {
            content: "<p onclick=\"x()\">Hello<script>alert(1)</script></p>".to_owned(),
            summary: "a\u{202e}b\u{0}".to_owned(),
            url: Some("javascript:alert(1)".to_owned()),
            language: "en\u{0}".to_owned(),
            tags: vec!["#Policy".to_owned(), "two words".to_owned(), "policy".to_owned(), String::new()],
            published: Some(Timestamp::MAX),
            ..stage.post("dirty")
        };
        inbound::post_created(&stage.world.ctx, stage.by_author("Create", "dirty"), post).await.unwrap();
        let row = stage.stored("https://there.example/posts/dirty").await.unwrap();
        assert_eq!((row.content.as_str(), row.summary.as_str()), ("<p>Hello</p>", "ab"));
        assert_eq!((row.url.as_str(), row.language.as_str()), (row.uri.as_str(), ""));
        assert!(row.published_at <= stage.world.ctx.now().millis());
        assert_eq!(stage.world.write(move |tx| posts::tags(tx, row.id())).await, ["policy"]);
    }
}

#[tokio::test]
async fn audiences_reach_whom_they_name() {
    for stage in stages().await {
        let reader = stage.reader_uri().await;
        let stranger = stage.world.person("stranger").await;
        stage.befriend().await;
        let followers =
            IncomingPost { addressed: vec![format!("{}/followers", stage.author_uri)], ..stage.post("followers") };
        let named = IncomingPost { addressed: vec![reader.clone()], mentions: vec![reader], ..stage.post("named") };
        let narrowed = IncomingPost { audience: Some("followers".to_owned()), ..stage.post("narrowed") };
        for (name, post, audience) in [
            ("followers", followers, Audience::Followers),
            ("named", named, Audience::Named),
            ("narrowed", narrowed, Audience::Followers),
        ] {
            let outcome = inbound::post_created(&stage.world.ctx, stage.by_author("Create", name), post).await.unwrap();
            assert_eq!(outcome, Outcome::Applied, "{name}");
            let row = stage.stored(&format!("https://there.example/posts/{name}")).await.unwrap();
            assert_eq!(row.audience().unwrap(), audience, "{name}");
            writing::show(&stage.world.ctx, &stage.reader, row.id()).await.unwrap();
            assert!(writing::show(&stage.world.ctx, &stranger, row.id()).await.is_err(), "{name}");
        }
    }
}

#[tokio::test]
async fn an_edit_is_kept_with_what_was_before_and_an_older_one_is_not() {
    for stage in stages().await {
        stage.befriend().await;
        let ctx = &stage.world.ctx;
        inbound::post_created(ctx, stage.by_author("Create", "e"), stage.post("e")).await.unwrap();
        let edit = |text: &str, seconds: i64| IncomingPost {
            content: format!("<p>{text}</p>"),
            updated: Some(Timestamp::from_millis(1_790_000_000_000 + seconds * 1000)),
            addressed: vec![stage.author_uri.clone()],
            ..stage.post("e")
        };
        let outcome = inbound::post_updated(ctx, stage.by_author("Update", "2"), edit("second", 20)).await.unwrap();
        assert_eq!(outcome, Outcome::Applied);
        for late in [edit("first", 10), IncomingPost { updated: None, ..edit("undated", 0) }] {
            let name = late.content.clone();
            let outcome = inbound::post_updated(ctx, stage.by_author("Update", &name), late).await.unwrap();
            assert_eq!(outcome, Outcome::Ignored, "{name}");
        }
        let row = stage.stored("https://there.example/posts/e").await.unwrap();
        assert_eq!(row.content, "<p>second</p>");
        assert_eq!(row.audience().unwrap(), Audience::Network, "an edit can't change whom it is for");
        let before = stage.world.write(move |tx| posts::revisions(tx, row.id())).await;
        assert_eq!(before.len(), 1);
        assert_eq!(before[0].content, "<p>e</p>");
    }
}

#[tokio::test]
async fn an_unmarked_post_counts_as_its_peer_says() {
    for stage in stages().await {
        stage.befriend().await;
        stage.terms(|peer| (peer.ceiling, peer.default_marking) = (SENSITIVE, SENSITIVE)).await;
        inbound::post_created(&stage.world.ctx, stage.by_author("Create", "u"), stage.post("u")).await.unwrap();
        assert_eq!(stage.stored("https://there.example/posts/u").await.unwrap().marking(), SENSITIVE);
        let stated = IncomingPost { marking: Some("official".to_owned()), ..stage.post("s") };
        inbound::post_created(&stage.world.ctx, stage.by_author("Create", "s"), stated).await.unwrap();
        assert_eq!(stage.stored("https://there.example/posts/s").await.unwrap().marking(), Marking::LOWEST);
    }
}

#[tokio::test]
async fn a_follow_is_accepted_at_once_or_waits_for_its_owner() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        let reader = stage.reader_uri().await;
        assert_eq!(
            inbound::follow(ctx, stage.by_author("Follow", "1"), reader.clone()).await.unwrap(),
            Outcome::Applied
        );
        assert_eq!(stage.world.told(&stage.reader).await, [(NotificationKind::Follow, stage.author, None)]);
        assert!(matches!(stage.world.events().await[..], [Event::FollowAccepted { .. }]));
        // Sent anew, it is answered anew, and there is still one follow.
        assert_eq!(
            inbound::follow(ctx, stage.by_author("Follow", "2"), reader.clone()).await.unwrap(),
            Outcome::Applied
        );
        assert_eq!(stage.world.events().await.len(), 2);
        assert_eq!(people::show(ctx, &stage.reader, stage.reader.id).await.unwrap().followers_count, 1);
        let (other, other_uri) = stage.another("other").await;
        let edit = people::ProfileEdit { locked: Some(true), ..people::ProfileEdit::default() };
        people::update_profile(ctx, &stage.reader, edit).await.unwrap();
        inbound::follow(ctx, stage.by(other, &other_uri, "Follow", "3"), reader).await.unwrap();
        assert_eq!(stage.world.told(&stage.reader).await[0], (NotificationKind::FollowRequest, other, None));
        assert_eq!(
            follows::requests(ctx, &stage.reader, corridor_domain::Page::newest(10)).await.unwrap().items.len(),
            1
        );
        let undone = Undone { uri: Some("https://there.example/activities/Follow-3".to_owned()), ..Undone::default() };
        inbound::undone(ctx, stage.by(other, &other_uri, "Undo", "3"), undone).await.unwrap();
        assert!(
            follows::requests(ctx, &stage.reader, corridor_domain::Page::newest(10)).await.unwrap().items.is_empty()
        );
    }
}

#[tokio::test]
async fn a_favourite_and_a_boost_come_and_go() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        let post = stage.local_post("like me").await;
        let uri = post.uri.clone();
        inbound::liked(ctx, stage.by_author("Like", "1"), uri.clone()).await.unwrap();
        // A second Like takes the first one's place, so that a late Undo of the first leaves it.
        inbound::liked(ctx, stage.by_author("Like", "2"), uri.clone()).await.unwrap();
        let undo =
            |name: &str| Undone { uri: Some(format!("https://there.example/activities/{name}")), ..Undone::default() };
        inbound::undone(ctx, stage.by_author("Undo", "l1"), undo("Like-1")).await.unwrap();
        let boost = Boost { post_uri: uri.clone(), addressed: vec!["as:Public".to_owned()], published: None };
        inbound::boosted(ctx, stage.by_author("Announce", "1"), boost.clone()).await.unwrap();
        let row = stage.stored(&uri).await.unwrap();
        assert_eq!((row.favourites_count, row.boosts_count), (1, 1));
        let kinds: Vec<_> = stage.world.told(&stage.reader).await.into_iter().map(|(kind, ..)| kind).collect();
        assert_eq!(kinds, [NotificationKind::Boost, NotificationKind::Favourite]);
        inbound::undone(ctx, stage.by_author("Undo", "l2"), undo("Like-2")).await.unwrap();
        // Some name no id, only the type and what it was about.
        let nameless = Undone { uri: None, kind: Some("Announce".to_owned()), object: Some(uri.clone()) };
        inbound::undone(ctx, stage.by_author("Undo", "a1"), nameless).await.unwrap();
        let row = stage.stored(&uri).await.unwrap();
        assert_eq!((row.favourites_count, row.boosts_count), (0, 0));
        assert!(stage.world.told(&stage.reader).await.is_empty());
    }
}

#[tokio::test]
async fn whoever_leaves_takes_everything_along_for_ever() {
    for stage in stages().await {
        stage.befriend().await;
        let ctx = &stage.world.ctx;
        inbound::post_created(ctx, stage.by_author("Create", "p"), stage.post("p")).await.unwrap();
        inbound::follow(ctx, stage.by_author("Follow", "p"), stage.reader_uri().await).await.unwrap();
        inbound::person_deleted(ctx, stage.by_author("Delete", "me")).await.unwrap();
        assert!(stage.world.home(&stage.reader).await.is_empty());
        assert!(people::show(ctx, &stage.reader, stage.author).await.is_err());
        let me = people::show(ctx, &stage.reader, stage.reader.id).await.unwrap();
        assert_eq!((me.followers_count, me.following_count), (0, 0));
        let row = stage.stored("https://there.example/posts/p").await.unwrap();
        assert!(row.is_deleted() && row.destroy_after.is_some());
        let back = inbound::store_person(ctx, stage.peer, samples::person("author"), true).await;
        assert!(matches!(back, Err(Error::NotFound(_))), "{back:?}");
        let late = inbound::post_created(ctx, stage.by_author("Create", "late"), stage.post("late")).await.unwrap();
        assert_eq!(late, Outcome::Ignored);
    }
}

#[tokio::test]
async fn a_name_belongs_to_whom_its_node_says() {
    for stage in stages().await {
        let ctx = &stage.world.ctx;
        let imposter = IncomingPerson { username: "Author".to_owned(), ..samples::person("imposter") };
        let refused = inbound::store_person(ctx, stage.peer, imposter.clone(), false).await;
        assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
        let id = inbound::store_person(ctx, stage.peer, imposter, true).await.unwrap();
        let handle = corridor_domain::text::Handle::parse("@author@there.example").unwrap();
        assert_eq!(people::lookup(ctx, &stage.reader, &handle, false).await.unwrap().id, id);
        assert_eq!(people::show(ctx, &stage.reader, stage.author).await.unwrap().id, stage.author);
        // A changed name: the old handle still leads to the same person.
        let renamed = IncomingPerson { username: "newname".to_owned(), ..samples::person("imposter") };
        assert_eq!(inbound::store_person(ctx, stage.peer, renamed, false).await.unwrap(), id);
        assert_eq!(people::lookup(ctx, &stage.reader, &handle, false).await.unwrap().id, id);
    }
}

#[tokio::test]
async fn boosts_come_from_people_who_are_followed() {
    for stage in stages().await {
        stage.befriend().await;
        let ctx = &stage.world.ctx;
        let (other, other_uri) = stage.another("other").await;
        let post = samples::post("theirs", &other_uri);
        inbound::post_fetched(ctx, stage.peer, other, post.clone()).await.unwrap();
        let boost = |post: &IncomingPost| Boost {
            post_uri: post.uri.clone(),
            addressed: post.addressed.clone(),
            published: None,
        };
        inbound::boosted(ctx, stage.by_author("Announce", "x"), boost(&post)).await.unwrap();
        let home = stage.world.home(&stage.reader).await;
        assert!(home.iter().any(|shown| shown.boost_of.is_some()), "{home:?}");
        // By someone whom nobody here follows, it concerns nobody.
        let ignored = inbound::boosted(ctx, stage.by(other, &other_uri, "Announce", "y"), boost(&post)).await.unwrap();
        assert_eq!(ignored, Outcome::Ignored);
        let followers_only =
            IncomingPost { addressed: vec![format!("{other_uri}/followers")], ..samples::post("narrow", &other_uri) };
        inbound::post_fetched(ctx, stage.peer, other, followers_only.clone()).await.unwrap();
        let widened = inbound::boosted(ctx, stage.by_author("Announce", "z"), boost(&followers_only)).await.unwrap();
        assert_eq!(widened, Outcome::Ignored, "a boost never widens an audience");
        let network =
            timelines::network(ctx, &stage.reader, timelines::Reach::Remote, corridor_domain::Page::newest(10)).await;
        assert_eq!(network.unwrap().items.len(), 1);
    }
}
