//! Writes: together or not at all, none lost among many, and a bad one harms no other.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use corridor_store::audit::{self, NewEntry};
use corridor_store::testing::TestDatabase;
use corridor_store::{Error, node_settings};

async fn count(database: &TestDatabase) -> usize {
    database.store.read(|tx| Ok::<_, Error>(audit::after(tx, 0, 10_000)?.len())).await.unwrap()
}

fn entry(object: &str) -> NewEntry<'_> {
    NewEntry { who: "test", action: "test", object, detail: "{}" }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writes_at_once_are_all_there_and_in_one_chain() {
    for database in TestDatabase::each() {
        let mut tasks = Vec::new();
        for number in 0..200 {
            let store = database.store.clone();
            tasks.push(tokio::spawn(async move {
                store.write(move |tx| audit::append(tx, &entry(&number.to_string()))).await
            }));
        }
        for task in tasks {
            task.await.unwrap().unwrap();
        }
        let entries = database.store.read(|tx| audit::after(tx, 0, 1000)).await.unwrap();
        assert_eq!(entries.len(), 200);
        let mut before = None;
        for entry in &entries {
            assert!(entry.follows(before), "entry {} breaks the chain", entry.number);
            before = Some(entry);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failed_write_leaves_nothing_and_its_neighbours_stay() {
    for database in TestDatabase::each() {
        let mut tasks = Vec::new();
        for number in 0..100_i32 {
            let store = database.store.clone();
            tasks.push(tokio::spawn(async move {
                store
                    .write(move |tx| {
                        audit::append(tx, &entry(&number.to_string()))?;
                        match number % 4 {
                            1 => Err(Error::Corrupt("on purpose".into())),
                            2 => panic!("on purpose"),
                            _ => Ok(()),
                        }
                    })
                    .await
            }));
        }
        let mut good = 0;
        for task in tasks {
            good += usize::from(task.await.unwrap().is_ok());
        }
        assert_eq!(good, 50);
        assert_eq!(count(&database).await, 50);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_taken_value_is_a_conflict_and_a_reader_can_not_write() {
    for database in TestDatabase::each() {
        database.store.write(|tx| node_settings::insert(tx, "name", "first")).await.unwrap();
        let again = database.store.write(|tx| node_settings::insert(tx, "name", "second")).await;
        assert!(matches!(again, Err(Error::Conflict(_))), "{again:?}");
        let value = database.store.read(|tx| node_settings::get(tx, "name")).await.unwrap();
        assert_eq!(value.as_deref(), Some("first"));
    }
    let sqlite = TestDatabase::sqlite();
    assert!(sqlite.store.read(|tx| node_settings::insert(tx, "name", "x")).await.is_err());
}
