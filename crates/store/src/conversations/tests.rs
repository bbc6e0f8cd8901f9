//! What becomes of conversations when posts arrive out of order, on both databases.

#![expect(clippy::unwrap_used, reason = "tests")]

use super::*;
use crate::posts::NewPost;
use crate::testing::TestDatabase;
use crate::{fixtures, posts as store};

fn named(tx: &mut Tx<'_>, author: ActorId, to: &[ActorId]) -> NewPost {
    let mut post = fixtures::note(tx, author, None);
    post.audience = Audience::Named;
    post.recipients = to.iter().map(|person| (*person, true)).collect();
    post
}

fn all(tx: &mut Tx<'_>, owner: ActorId) -> Vec<ConversationRow> {
    list(tx, owner, &Page::newest(40)).unwrap()
}

#[tokio::test]
async fn what_was_two_threads_becomes_one_when_what_was_between_arrives() {
    for database in TestDatabase::each() {
        database
            .store
            .write(|tx| {
                let [unread, read, hid] = [0; 3].map(|_| fixtures::member(tx));
                let author = fixtures::person(tx, None);
                let to = [unread, read, hid];
                let root = named(tx, author, &to);
                store::insert(tx, &root).unwrap();
                let mut between = named(tx, author, &to);
                between.in_reply_to = Some(root.id);
                let mut answer = named(tx, author, &to);
                answer.in_reply_to_uri = Some(between.uri.clone());
                store::insert(tx, &answer).unwrap();
                for owner in to {
                    assert_eq!(all(tx, owner).len(), 2);
                }
                for row in all(tx, read) {
                    mark_read(tx, &row).unwrap();
                }
                let kept = all(tx, unread).last().unwrap().id;
                let late = all(tx, hid).first().copied().unwrap();
                hide(tx, &late).unwrap();
                join(tx, &[answer.id.raw()], root.id.raw()).unwrap();
                let rows = to.map(|owner| all(tx, owner));
                for row in rows.iter().flatten() {
                    assert_eq!((row.thread_id, row.last_id), (root.id.raw(), answer.id.raw()));
                }
                let reads = rows.map(|rows| rows.iter().map(|row| row.last_id > row.read_to).collect::<Vec<_>>());
                assert_eq!(reads, [vec![true], vec![false], vec![true]]);
                assert_eq!(all(tx, unread).first().unwrap().id, kept, "the whole's number stays");
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn the_arrival_of_what_was_between_joins_them() {
    for database in TestDatabase::each() {
        database
            .store
            .write(|tx| {
                let owner = fixtures::member(tx);
                let author = fixtures::person(tx, None);
                let root = named(tx, author, &[owner]);
                store::insert(tx, &root).unwrap();
                let mut between = named(tx, author, &[owner]);
                between.in_reply_to = Some(root.id);
                let mut answer = named(tx, author, &[owner]);
                answer.in_reply_to_uri = Some(between.uri.clone());
                store::insert(tx, &answer).unwrap();
                store::insert(tx, &between).unwrap();
                let rows = all(tx, owner);
                assert_eq!(rows.len(), 1);
                let last = last_shown(tx, owner, &rows).unwrap();
                assert_eq!(last.values().map(|post| post.id).collect::<Vec<_>>(), [answer.id.raw()]);
                assert_eq!(
                    others(tx, owner, &[root.id.raw()]).unwrap(),
                    HashMap::from([(root.id.raw(), vec![author])])
                );
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    }
}

#[tokio::test]
async fn whom_a_peer_names_by_an_edit_is_in_it_from_then_on() {
    for database in TestDatabase::each() {
        database
            .store
            .write(|tx| {
                let [first, late] = [0; 2].map(|_| fixtures::member(tx));
                let author = fixtures::person(tx, None);
                let post = named(tx, author, &[first]);
                store::insert(tx, &post).unwrap();
                let row = all(tx, first).pop().unwrap();
                mark_read(tx, &row).unwrap();
                assert_eq!(all(tx, late), []);
                let revision = store::Revision {
                    title: String::new(),
                    content: "<p>Other words</p>".to_owned(),
                    source: String::new(),
                    summary: String::new(),
                    sensitive: false,
                    language: String::new(),
                    marking: corridor_domain::Marking::LOWEST,
                    handling: String::new(),
                    edited_at: tx.now(),
                    recipients: vec![(first, true), (late, true)],
                    tags: Vec::new(),
                };
                store::replace(tx, post.id, &revision).unwrap();
                let unread = |row: &ConversationRow| row.last_id > row.read_to;
                assert_eq!(all(tx, late).iter().map(unread).collect::<Vec<_>>(), [true]);
                assert_eq!(all(tx, first).iter().map(unread).collect::<Vec<_>>(), [false]);
                Ok::<_, Error>(())
            })
            .await
            .unwrap();
    }
}
