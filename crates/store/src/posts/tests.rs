//! What belongs to a post's arrival, its edits and its end.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::time::Duration;

use corridor_domain::{Page, PeerState};

use super::*;
use crate::schema::{activities, actors, holds, home_entries};
use crate::testing::TestDatabase;
use crate::{fixtures, follows, notifications, timelines};

/// Runs a test in one transaction on each database.
async fn on_each(test: fn(&mut Tx<'_>)) {
    for database in TestDatabase::each() {
        database
            .store
            .write(move |tx| {
                test(tx);
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    }
}

fn owners_of(tx: &mut Tx<'_>, post: PostId) -> Vec<ActorId> {
    let entries = home_entries::table.filter(home_entries::post_id.eq(post.raw())).select(home_entries::owner_id);
    let mut owners: Vec<i64> = entries.load(tx.conn).unwrap();
    owners.sort_unstable();
    owners.into_iter().map(ActorId::new).collect()
}

fn posts_count(tx: &mut Tx<'_>, person: ActorId) -> i64 {
    actors::table.find(person.raw()).select(actors::posts_count).first(tx.conn).unwrap()
}

#[tokio::test]
async fn home_feeds_are_written_for_those_who_follow_and_those_who_are_named() {
    on_each(|tx| {
        let peer = fixtures::peer(tx, PeerState::Allowed, Marking::LOWEST);
        let [author, follower, asked, named, stranger] = [(); 5].map(|()| fixtures::person(tx, None));
        let afar = fixtures::person(tx, Some(peer));
        fixtures::follow(tx, follower, author, true);
        fixtures::follow(tx, asked, author, false);
        fixtures::follow(tx, afar, author, true);
        for (audience, expected) in [
            (Audience::Network, vec![author, follower, named]),
            (Audience::Department, vec![author, follower, named]),
            (Audience::Followers, vec![author, follower, named]),
            (Audience::Named, vec![author, named]),
        ] {
            let mut post = fixtures::note(tx, author, None);
            post.audience = audience;
            post.recipients = vec![(named, true), (afar, true), (author, true)];
            insert(tx, &post).unwrap();
            assert_eq!(owners_of(tx, post.id), expected, "{audience:?}");
            assert!(home_of(tx, stranger).is_empty());
        }
        let mut from_afar = fixtures::note(tx, afar, Some(peer));
        from_afar.recipients = vec![(named, true)];
        insert(tx, &from_afar).unwrap();
        assert_eq!(owners_of(tx, from_afar.id), [named]);
    })
    .await;
}

fn home_of(tx: &mut Tx<'_>, person: ActorId) -> Vec<PostId> {
    timelines::home(tx, person, &Page::newest(40)).unwrap().iter().map(PostRow::id).collect()
}

#[tokio::test]
async fn boosts_come_only_to_those_who_want_them() {
    on_each(|tx| {
        let [author, booster, keen, tired] = [(); 4].map(|()| fixtures::person(tx, None));
        fixtures::follow(tx, keen, booster, true);
        let follow = fixtures::follow(tx, tired, booster, true);
        follows::set_options(tx, follow, false, false).unwrap();
        let post = fixtures::note(tx, author, None);
        insert(tx, &post).unwrap();
        let mut boost = fixtures::note(tx, booster, None);
        (boost.kind, boost.boost_of) = (PostKind::Boost, Some(post.id));
        insert(tx, &boost).unwrap();
        assert_eq!(owners_of(tx, boost.id), [booster, keen]);
        assert_eq!(find(tx, post.id).unwrap().boosts_count, 1);
        assert!(hide(tx, post.id, tx.now()).unwrap());
        assert!(find(tx, boost.id).unwrap().is_deleted(), "a boost goes with what it boosts");
        assert!(home_of(tx, keen).is_empty());
        assert_eq!((posts_count(tx, author), posts_count(tx, booster)), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn replies_that_came_first_find_their_parent_unless_the_rules_forbid_it() {
    on_each(|tx| {
        let peer = fixtures::peer(tx, PeerState::Allowed, Marking::from_rank(1));
        let [author, other] = [(); 2].map(|()| fixtures::person(tx, Some(peer)));
        let mut parent = fixtures::note(tx, author, Some(peer));
        parent.marking = Marking::from_rank(1);
        let waiting = |tx: &mut Tx<'_>, rank: i16| {
            let mut reply = fixtures::note(tx, other, Some(peer));
            reply.in_reply_to_uri = Some(parent.uri.clone());
            reply.marking = Marking::from_rank(rank);
            insert(tx, &reply).unwrap();
            reply
        };
        let (good, low) = (waiting(tx, 1), waiting(tx, 0));
        let mut below = fixtures::note(tx, author, Some(peer));
        (below.in_reply_to, below.marking) = (Some(good.id), Marking::from_rank(1));
        insert(tx, &below).unwrap();
        insert(tx, &parent).unwrap();
        for post in [good.id, below.id] {
            assert_eq!(find(tx, post).unwrap().thread_id, parent.id.raw());
        }
        assert_eq!(find(tx, good.id).unwrap().in_reply_to(), Some(parent.id));
        assert_eq!(find(tx, parent.id).unwrap().replies_count, 1);
        let low = find(tx, low.id).unwrap();
        assert_eq!((low.in_reply_to(), low.thread_id), (None, low.id));
        hide(tx, good.id, tx.now()).unwrap();
        assert_eq!(find(tx, parent.id).unwrap().replies_count, 0);
    })
    .await;
}

#[tokio::test]
async fn a_deleted_post_is_gone_from_every_list_and_counted_once() {
    on_each(|tx| {
        let [author, follower] = [(); 2].map(|()| fixtures::person(tx, None));
        fixtures::follow(tx, follower, author, true);
        let mut post = fixtures::note(tx, author, None);
        post.recipients = vec![(follower, true)];
        post.tags = vec!["budget".to_owned()];
        insert(tx, &post).unwrap();
        assert!(notifications::add(tx, follower, 0, author, Some(post.id)).unwrap());
        assert!(!notifications::add(tx, follower, 0, author, Some(post.id)).unwrap(), "told once");
        assert_eq!(home_of(tx, follower), [post.id]);
        assert!(hide(tx, post.id, tx.now()).unwrap());
        assert!(!hide(tx, post.id, tx.now()).unwrap());
        assert!(owners_of(tx, post.id).is_empty());
        assert_eq!(notifications::unread(tx, follower).unwrap(), 0);
        assert!(timelines::tagged(tx, "budget", follower, &Page::newest(9)).unwrap().is_empty());
        assert!(matches!(find_readable(tx, post.id, author), Err(Error::NotFound)));
        assert_eq!(posts_count(tx, author), 0);
        assert_eq!(recipients(tx, post.id).unwrap(), [(follower, true)], "its peers must still be told");
    })
    .await;
}

#[tokio::test]
async fn edits_keep_what_was_said_and_whom_it_was_said_to() {
    on_each(|tx| {
        let [author, before, after] = [(); 3].map(|()| fixtures::person(tx, None));
        let mut post = fixtures::note(tx, author, None);
        (post.recipients, post.tags) = (vec![(before, true)], vec!["old".to_owned()]);
        insert(tx, &post).unwrap();
        let mut boost = fixtures::note(tx, after, None);
        (boost.kind, boost.boost_of) = (PostKind::Boost, Some(post.id));
        insert(tx, &boost).unwrap();
        let edited_at = tx.now() + Duration::from_secs(5);
        let revision = Revision {
            title: String::new(),
            content: "<p>Other words</p>".to_owned(),
            source: "Other words".to_owned(),
            summary: String::new(),
            sensitive: true,
            language: "en".to_owned(),
            marking: Marking::from_rank(1),
            handling: "Recipients only".to_owned(),
            edited_at,
            recipients: vec![(after, true)],
            tags: vec!["new".to_owned()],
        };
        replace(tx, post.id, &revision).unwrap();
        replace(tx, post.id, &revision).unwrap();
        let kept = revisions(tx, post.id).unwrap();
        assert_eq!(kept.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2]);
        assert_eq!(kept[0].content, post.content);
        assert_eq!((kept[0].created_at, kept[1].created_at), (post.published_at.millis(), edited_at.millis()));
        assert_eq!(recipients(tx, post.id).unwrap(), [(before, false), (after, true)]);
        assert_eq!(tags(tx, post.id).unwrap(), ["new"]);
        assert_eq!(find(tx, boost.id).unwrap().marking(), Marking::from_rank(1), "a boost is marked like its post");
    })
    .await;
}

#[tokio::test]
async fn content_is_destroyed_when_due_but_not_under_a_hold() {
    for database in TestDatabase::each() {
        let store = &database.store;
        let week = Duration::from_secs(7 * 24 * 3600);
        let (free, held, by_author) = store
            .write(move |tx| {
                let [one, two] = [(); 2].map(|()| fixtures::person(tx, None));
                let mut made = Vec::new();
                for author in [one, one, two] {
                    let mut post = fixtures::note(tx, author, None);
                    (post.source, post.tags) = ("Words".to_owned(), vec!["tag".to_owned()]);
                    insert(tx, &post)?;
                    sent(tx, &post);
                    hide(tx, post.id, tx.now() + week)?;
                    made.push(post.id);
                }
                hold(tx, Some(made[1]), None);
                hold(tx, None, Some(two));
                Ok::<_, Error>((made[0], made[1], made[2]))
            })
            .await
            .unwrap();
        assert_eq!(store.write(|tx| destroy_due(tx, 10)).await.unwrap(), 0, "not yet");
        store.clock().advance(week + Duration::from_secs(1));
        assert_eq!(store.write(|tx| destroy_due(tx, 10)).await.unwrap(), 1);
        assert_eq!(store.write(|tx| destroy_due(tx, 10)).await.unwrap(), 0, "once");
        let left = store.read(move |tx| {
            let bodies: Vec<String> =
                activities::table.order(activities::post_id).select(activities::body).load(tx.conn)?;
            Ok::<_, Error>((find(tx, free)?, find(tx, held)?, find(tx, by_author)?, tags(tx, free)?, bodies))
        });
        let (free, held, by_author, tags, bodies) = left.await.unwrap();
        assert!(free.destroyed_at.is_some() && free.content.is_empty() && free.source.is_empty() && tags.is_empty());
        assert!(!held.content.is_empty() && !by_author.content.is_empty());
        assert_eq!(bodies, ["", "{}", "{}"]);
    }
}

/// An activity that was sent about a post.
fn sent(tx: &mut Tx<'_>, post: &NewPost) {
    let id = tx.new_id();
    diesel::insert_into(activities::table)
        .values((
            activities::id.eq(id),
            activities::uri.eq(format!("https://here.example/activities/{id}")),
            activities::actor_id.eq(post.author.raw()),
            activities::kind.eq("Create"),
            activities::post_id.eq(post.id.raw()),
            activities::audience.eq(post.audience.code()),
            activities::marking.eq(0_i16),
            activities::body.eq("{}"),
            activities::created_at.eq(0_i64),
        ))
        .execute(tx.conn)
        .unwrap();
}

fn hold(tx: &mut Tx<'_>, post: Option<PostId>, author: Option<ActorId>) {
    let id = tx.new_id();
    diesel::insert_into(holds::table)
        .values((
            holds::id.eq(id),
            holds::post_id.eq(post.map(PostId::raw)),
            holds::actor_id.eq(author.map(ActorId::raw)),
            holds::reason.eq("Inquiry"),
            holds::placed_by.eq("records"),
            holds::placed_at.eq(0_i64),
        ))
        .execute(tx.conn)
        .unwrap();
}

#[tokio::test]
async fn an_idempotency_key_stands_for_one_post_and_for_a_day() {
    on_each(|tx| {
        let author = fixtures::person(tx, None);
        let (one, two) = (fixtures::note(tx, author, None), fixtures::note(tx, author, None));
        insert(tx, &one).unwrap();
        insert(tx, &two).unwrap();
        let day_ago = tx.now() - Duration::from_secs(24 * 3600);
        remember_idempotency_key(tx, author, "k", one.id, day_ago).unwrap();
        assert!(matches!(remember_idempotency_key(tx, author, "k", two.id, day_ago), Err(Error::Conflict(_))));
        assert_eq!(find_by_idempotency_key(tx, author, "k", day_ago).unwrap(), Some(one.id));
        let later = tx.now() + Duration::from_secs(1);
        assert_eq!(find_by_idempotency_key(tx, author, "k", later).unwrap(), None);
        remember_idempotency_key(tx, author, "k", two.id, later).unwrap();
    })
    .await;
}

#[tokio::test]
async fn one_uri_is_one_post() {
    for database in TestDatabase::each() {
        let first = database
            .store
            .write(|tx| {
                let author = fixtures::person(tx, None);
                let post = fixtures::note(tx, author, None);
                insert(tx, &post)?;
                Ok::<_, Error>(post)
            })
            .await
            .unwrap();
        let again = database.store.write(move |tx| {
            let id = PostId::new(tx.new_id());
            insert(tx, &NewPost { id, ..first.clone() })
        });
        assert!(matches!(again.await, Err(Error::Conflict(_))));
    }
}
