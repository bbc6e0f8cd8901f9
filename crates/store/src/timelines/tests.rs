//! Paging: every bound means what it says, whatever is hidden in between.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use corridor_domain::Marking;
use proptest::prelude::*;

use super::*;
use crate::posts as all_posts;
use crate::testing::TestDatabase;
use crate::{Error, fixtures};

/// What a page of `all` (growing ids) is by the words of the API: the plainest way to say it.
fn expected(all: &[i64], page: &Page) -> Vec<i64> {
    let inside: Vec<i64> = all.iter().copied().filter(|id| *id > page.above() && *id < page.below()).collect();
    let count = usize::try_from(page.limit).unwrap().min(inside.len());
    let mut taken =
        if page.min_id.is_some() { inside[..count].to_vec() } else { inside[inside.len() - count..].to_vec() };
    taken.reverse();
    taken
}

fn bound() -> impl Strategy<Value = Option<usize>> {
    prop::option::of(0..14_usize)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn pages_are_what_their_bounds_say(
        shown in prop::collection::vec(prop::bool::weighted(0.8), 14),
        bounds in prop::collection::vec((bound(), bound(), bound(), 1..8_i64), 60),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        for database in TestDatabase::each() {
            let (shown, bounds) = (shown.clone(), bounds.clone());
            runtime.block_on(database.store.write(move |tx| {
                let (author, reader) = (fixtures::person(tx, None), fixtures::person(tx, None));
                fixtures::follow(tx, reader, author, true);
                let mut all = Vec::new();
                for _ in &shown {
                    let note = fixtures::note(tx, author, None);
                    all.push(all_posts::insert(tx, &note)?.raw());
                }
                let mut left = Vec::new();
                for (id, shown) in all.iter().zip(&shown) {
                    if *shown { left.push(*id) } else {
                        let now = tx.now();
                        all_posts::hide(tx, PostId::new(*id), now)?;
                    }
                }
                for (max, since, min, limit) in &bounds {
                    let id = |index: &Option<usize>| index.map(|index| all[index]);
                    let page = Page { max_id: id(max), since_id: id(since), min_id: id(min), limit: *limit };
                    let ids = |rows: Vec<PostRow>| rows.iter().map(|row| row.id).collect::<Vec<_>>();
                    let expected = expected(&left, &page);
                    assert_eq!(ids(home(tx, reader, &page)?), expected);
                    assert_eq!(ids(of_audience(tx, Audience::Network, None, reader, &page)?), expected);
                    assert_eq!(ids(by_author(tx, author, &OfAuthor::default(), reader, &page)?), expected);
                }
                Ok::<_, Error>(())
            })).unwrap();
        }
    }

    #[test]
    fn walking_either_way_meets_everything_once(count in 1..25_usize, limit in 1..6_i64) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        for database in TestDatabase::each() {
            runtime.block_on(database.store.write(move |tx| {
                let author = fixtures::person(tx, None);
                for _ in 0..count {
                    let note = fixtures::note(tx, author, None);
                    all_posts::insert(tx, &note)?;
                }
                let (mut down, mut page) = (Vec::new(), Page::newest(limit));
                loop {
                    let rows = home(tx, author, &page)?;
                    let Some(last) = rows.last() else { break };
                    page = Page::before(last.id, limit);
                    down.extend(rows.iter().map(|row| row.id));
                }
                let (mut up, mut page) = (Vec::new(), Page { max_id: None, since_id: None, min_id: Some(0), limit });
                loop {
                    let rows = home(tx, author, &page)?;
                    let Some(first) = rows.first() else { break };
                    page.min_id = Some(first.id);
                    up.extend(rows.iter().rev().map(|row| row.id));
                }
                assert_eq!(down.len(), count);
                up.reverse();
                assert_eq!(up, down);
                Ok::<_, Error>(())
            })).unwrap();
        }
    }
}

#[tokio::test]
async fn the_network_feed_has_neither_replies_nor_boosts_and_knows_where_posts_come_from() {
    for database in TestDatabase::each() {
        database
            .store
            .write(|tx| {
                let peer = fixtures::peer(tx, corridor_domain::PeerState::Allowed, Marking::LOWEST);
                let (here, there) = (fixtures::person(tx, None), fixtures::person(tx, Some(peer)));
                let (local, remote) = (fixtures::note(tx, here, None), fixtures::note(tx, there, Some(peer)));
                for post in [&local, &remote] {
                    all_posts::insert(tx, post)?;
                }
                let mut reply = fixtures::note(tx, here, None);
                reply.in_reply_to = Some(remote.id);
                let mut boost = fixtures::note(tx, here, None);
                (boost.kind, boost.boost_of) = (PostKind::Boost, Some(remote.id));
                let mut tagged_post = fixtures::note(tx, here, None);
                (tagged_post.audience, tagged_post.tags) = (Audience::Department, vec!["budget".to_owned()]);
                for post in [&reply, &boost, &tagged_post] {
                    all_posts::insert(tx, post)?;
                }
                let page = Page::newest(20);
                let mut feed = |local| -> Result<Vec<PostId>> {
                    Ok(of_audience(tx, Audience::Network, local, here, &page)?.iter().map(PostRow::id).collect())
                };
                assert_eq!(feed(None)?, [remote.id, local.id]);
                assert_eq!(feed(Some(true))?, [local.id]);
                assert_eq!(feed(Some(false))?, [remote.id]);
                let found = tagged(tx, "budget", here, &page)?;
                assert_eq!(found.iter().map(PostRow::id).collect::<Vec<_>>(), [tagged_post.id]);
                let mine =
                    OfAuthor { exclude_replies: true, exclude_boosts: true, tagged: None, ..OfAuthor::default() };
                assert_eq!(by_author(tx, here, &mine, here, &page)?.len(), 2);
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    }
}
