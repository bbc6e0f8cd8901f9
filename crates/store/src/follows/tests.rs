//! Follows: counts, home feeds, and both sides of asking.

#![expect(clippy::unwrap_used, reason = "tests")]

use corridor_domain::PostId;

use super::*;
use crate::posts::{self as all_posts, PostRow};
use crate::testing::TestDatabase;
use crate::{Error, fixtures, timelines};

fn counts(tx: &mut Tx<'_>, person: ActorId) -> (i64, i64) {
    actors::table.find(person.raw()).select((actors::followers_count, actors::following_count)).first(tx.conn).unwrap()
}

fn home(tx: &mut Tx<'_>, person: ActorId) -> Vec<PostId> {
    timelines::home(tx, person, &Page::newest(90)).unwrap().iter().map(PostRow::id).collect()
}

#[tokio::test]
async fn following_counts_once_and_fills_the_home_feed_and_ending_it_empties_it() {
    for database in TestDatabase::each() {
        database
            .store
            .write(|tx| {
                let (reader, author) = (fixtures::person(tx, None), fixtures::person(tx, None));
                let mut made = Vec::new();
                for audience in [Audience::Network, Audience::Followers, Audience::Department, Audience::Named] {
                    let mut post = fixtures::note(tx, author, None);
                    post.audience = audience;
                    made.push(all_posts::insert(tx, &post)?);
                }
                let mut to_reader = fixtures::note(tx, author, None);
                to_reader.recipients = vec![(reader, true)];
                all_posts::insert(tx, &to_reader)?;
                let id = fixtures::follow(tx, reader, author, false);
                assert_eq!(counts(tx, author), (0, 0));
                assert_eq!(followers(tx, author, false, &Page::newest(9))?.len(), 1);
                assert!(accept(tx, id)?);
                assert!(!accept(tx, id)?, "accepted once");
                assert_eq!((counts(tx, author), counts(tx, reader)), ((1, 0), (0, 1)));
                made.pop();
                made.push(to_reader.id);
                made.reverse();
                assert_eq!(home(tx, reader), made, "all but what is for others");
                assert!(remove(tx, reader, author)?.is_some());
                assert!(remove(tx, reader, author)?.is_none());
                assert_eq!((counts(tx, author), counts(tx, reader)), ((0, 0), (0, 0)));
                assert_eq!(home(tx, reader), [to_reader.id], "what was said to the reader stays");
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn people_of_a_removed_peer_are_in_no_list() {
    for database in TestDatabase::each() {
        database
            .store
            .write(|tx| {
                let peer = fixtures::peer(tx, corridor_domain::PeerState::Allowed, corridor_domain::Marking::LOWEST);
                let (here, there) = (fixtures::person(tx, None), fixtures::person(tx, Some(peer)));
                fixtures::follow(tx, there, here, true);
                fixtures::follow(tx, here, there, true);
                assert_eq!(followers(tx, here, true, &Page::newest(9))?.len(), 1);
                assert_eq!(following(tx, here, &Page::newest(9))?.len(), 1);
                let removed = corridor_domain::PeerState::Removed.code();
                diesel::update(peers::table.find(peer.raw())).set(peers::state.eq(removed)).execute(tx.conn)?;
                assert_eq!(followers(tx, here, true, &Page::newest(9))?.len(), 0);
                assert_eq!(following(tx, here, &Page::newest(9))?.len(), 0);
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    }
}
