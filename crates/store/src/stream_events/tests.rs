//! Each event is read once, in whatever order transactions commit.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::mpsc::channel;
use std::time::Duration;

use super::*;
use crate::testing::TestDatabase;
use crate::{Backend, Error, Store};

const fn of(number: i64) -> StreamEvent {
    StreamEvent::Published(PostId::new(number))
}

async fn write(store: &Store, event: StreamEvent) {
    store.write(move |tx| append(tx, event)).await.unwrap();
}

async fn read(store: &Store, place: &mut Place) -> Vec<StreamEvent> {
    let from = place.clone();
    let (events, end) = store.read(move |tx| since(tx, &from)).await.unwrap();
    *place = end;
    events
}

#[tokio::test]
async fn events_come_back_as_they_were_written_and_once() {
    for database in TestDatabase::each() {
        let store = &database.store;
        let (owner, post) = (ActorId::new(7), PostId::new(8));
        write(store, of(1)).await;
        let mut place = store.read(end).await.unwrap();
        let mut other = place.clone();
        assert_eq!(read(store, &mut place).await, [], "what was before is not told");
        let all = [
            of(2),
            StreamEvent::Edited(post),
            StreamEvent::Deleted(post),
            StreamEvent::Notified(owner, NotificationId::new(9)),
            StreamEvent::FiltersChanged(owner),
            StreamEvent::AccessEnded(owner),
            StreamEvent::Hidden(post),
        ];
        for event in all {
            write(store, event).await;
        }
        let undone: Result<()> = store
            .write(|tx| {
                append(tx, of(3))?;
                Err(Error::NotFound)
            })
            .await;
        assert!(undone.is_err());
        assert_eq!(read(store, &mut place).await, all);
        assert_eq!(read(store, &mut place).await, []);
        assert_eq!(read(store, &mut other).await, all, "everyone reads for themselves");
        database.execute("INSERT INTO stream_events (kind, subject_id, created_at) VALUES (99, 1, 0)").unwrap();
        write(store, of(4)).await;
        assert_eq!(read(store, &mut place).await, [of(4)], "what a newer version wrote is passed over");
    }
}

/// Only PostgreSQL has two writers at a time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_commits_late_is_not_missed_and_what_came_before_not_told_twice() {
    let database = TestDatabase::postgres();
    let store = &database.store;
    assert_eq!(store.backend(), Backend::Postgres);
    let mut place = store.read(end).await.unwrap();
    let ((written, is_written), (go_on, may_end)) = (channel(), channel::<()>());
    let slow = store.clone();
    let (written, may_end) = (std::sync::Mutex::new(written), std::sync::Mutex::new(may_end));
    let late = tokio::spawn(async move {
        slow.write(move |tx| {
            append(tx, of(1))?;
            written.lock().unwrap().send(()).unwrap();
            may_end.lock().unwrap().recv_timeout(Duration::from_secs(30)).unwrap();
            append(tx, of(2))
        })
        .await
    });
    tokio::task::spawn_blocking(move || is_written.recv_timeout(Duration::from_secs(30))).await.unwrap().unwrap();
    write(store, of(3)).await;
    assert_eq!(read(store, &mut place).await, [of(3)], "its number is higher than that of one that is still written");
    // Another transaction in between, so that the horizon moves while the first is open.
    write(store, of(4)).await;
    assert_eq!(read(store, &mut place).await, [of(4)]);
    go_on.send(()).unwrap();
    late.await.unwrap().unwrap();
    assert_eq!(read(store, &mut place).await, [of(1), of(2)]);
    assert_eq!(read(store, &mut place).await, []);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_and_a_reader_between_them_lose_nothing() {
    for database in TestDatabase::each() {
        let store = &database.store;
        let mut place = store.read(end).await.unwrap();
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let store = store.clone();
                tokio::spawn(async move {
                    for number in 0..50 {
                        write(&store, of(writer * 1000 + number)).await;
                    }
                })
            })
            .collect();
        let mut seen = Vec::new();
        while writers.iter().any(|writer| !writer.is_finished()) {
            seen.extend(read(store, &mut place).await);
        }
        seen.extend(read(store, &mut place).await);
        let mut expected: Vec<i64> =
            (0..4).flat_map(|writer| (0..50).map(move |number| writer * 1000 + number)).collect();
        let number = |event: StreamEvent| if let StreamEvent::Published(post) = event { post.raw() } else { -1 };
        let mut numbers: Vec<i64> = seen.into_iter().map(number).collect();
        numbers.sort_unstable();
        expected.sort_unstable();
        assert_eq!(numbers, expected);
    }
}

#[tokio::test]
async fn rows_of_another_servers_backup_are_not_told_again_and_again() {
    let database = TestDatabase::postgres();
    let store = &database.store;
    let restored = "INSERT INTO stream_events (written_in, kind, subject_id, created_at) \
                    SELECT pg_current_xact_id()::text::bigint + 1000000000, 0, 1, 0";
    database.execute(restored).unwrap();
    let mut place = store.read(end).await.unwrap();
    write(store, of(2)).await;
    assert_eq!(read(store, &mut place).await, [of(2)]);
}

#[tokio::test]
async fn a_listener_hears_of_what_others_commit() {
    assert!(TestDatabase::sqlite().store.listener().is_none());
    let database = TestDatabase::postgres();
    let mut listener = database.store.listener().unwrap();
    assert!(listener.heard().unwrap(), "nobody listened until now");
    assert!(!listener.heard().unwrap());
    let undone: Result<()> = database
        .store
        .write(|tx| {
            append(tx, of(1))?;
            Err(Error::NotFound)
        })
        .await;
    assert!(undone.is_err());
    assert!(!listener.heard().unwrap(), "nothing was committed");
    let other = Store::open(&database.options).unwrap();
    write(&other, of(2)).await;
    let start = std::time::Instant::now();
    while !listener.heard().unwrap() {
        assert!(start.elapsed() < Duration::from_secs(30), "nothing is heard");
    }
    listener.rest();
    assert!(listener.heard().unwrap(), "it listens anew");
}

#[tokio::test]
async fn old_events_are_forgotten() {
    for database in TestDatabase::each() {
        let store = &database.store;
        let mut place = store.read(end).await.unwrap();
        write(store, of(1)).await;
        database.clock.advance(Duration::from_secs(60));
        write(store, of(2)).await;
        let gone = store
            .write(|tx| {
                let half_a_minute_ago = tx.now() - Duration::from_secs(30);
                forget_before(tx, half_a_minute_ago)
            })
            .await;
        assert_eq!(gone.unwrap(), 1);
        assert_eq!(read(store, &mut place).await, [of(2)]);
    }
}
