//! Stamps of a database's content: while two stamps are equal, nothing that was read in between has changed.
//!
//! The database itself is asked, so a stamp tells of every commit, by whichever process: SQLite keeps a number that
//! changes with each commit (`PRAGMA data_version`), and two equal snapshots of PostgreSQL see the same rows
//! (`pg_current_snapshot()`; a write in another database of the same server makes them differ too, which costs a reading
//! and tells no lie). Asking costs far less than reading again.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use tokio::sync::oneshot;

use crate::conn::{self, Conn, Use};
use crate::pool::Options;
use crate::{Backend, Result};

/// How long an answer is waited for; a database that is slower to say what it holds is not worth asking.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the database held at a moment. Two equal ones: the same content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Stamp(u64);

/// Asks for stamps, over a connection of its own.
#[derive(Debug)]
pub(crate) enum Stamps {
    /// A look at shared memory: quicker than handing it to another thread.
    Sqlite(Box<Mutex<Keeper>>),
    /// A question to the server. All who wait while one is asked share the next.
    Postgres(Sender<oneshot::Sender<Option<Stamp>>>),
}

#[derive(Debug)]
pub(crate) struct Keeper {
    options: Options,
    conn: Option<Conn>,
    last: Vec<u8>,
    number: u64,
}

#[derive(diesel::QueryableByName)]
struct Version {
    #[diesel(sql_type = BigInt)]
    data_version: i64,
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// Which transactions are visible, in the database's own bytes: they are only compared.
    fn pg_current_snapshot() -> Binary;
}

impl Stamps {
    pub(crate) fn start(options: &Options) -> std::io::Result<Self> {
        let keeper = Keeper { options: options.clone(), conn: None, last: Vec::new(), number: 0 };
        if options.backend == Backend::Sqlite {
            return Ok(Self::Sqlite(Box::new(Mutex::new(keeper))));
        }
        let (ask, asked) = channel();
        std::thread::Builder::new().name("corridor-stamps".into()).spawn(move || keeper.serve(&asked))?;
        Ok(Self::Postgres(ask))
    }

    /// The stamp of this moment; `None` when the database does not say.
    pub(crate) async fn now(&self) -> Option<Stamp> {
        match self {
            Self::Sqlite(keeper) => keeper.lock().unwrap_or_else(PoisonError::into_inner).ask(),
            Self::Postgres(ask) => {
                let (answer, answered) = oneshot::channel();
                ask.send(answer).ok()?;
                tokio::time::timeout(PATIENCE, answered).await.ok()?.ok()?
            }
        }
    }
}

impl Keeper {
    /// Answers until nobody is left who could ask. A question that came before its answer was fetched is answered
    /// by it, never one that came after.
    fn serve(mut self, asked: &Receiver<oneshot::Sender<Option<Stamp>>>) {
        while let Ok(first) = asked.recv() {
            let mut waiting = vec![first];
            waiting.extend(asked.try_iter());
            let stamp = self.ask();
            for answer in waiting {
                // Whoever went away needs no answer.
                let _ = answer.send(stamp);
            }
        }
    }

    fn ask(&mut self) -> Option<Stamp> {
        match self.look() {
            Ok(seen) => {
                if seen != self.last {
                    self.last = seen;
                    self.number += 1;
                }
                Some(Stamp(self.number))
            }
            Err(error) => {
                tracing::debug!("the database does not say whether it changed: {error}");
                // The next connection counts anew, so what was seen before must not be taken for the same.
                self.conn = None;
                self.last.clear();
                self.number += 1;
                None
            }
        }
    }

    fn look(&mut self) -> Result<Vec<u8>> {
        let conn = match &mut self.conn {
            Some(conn) => conn,
            none => none.insert(conn::open(&self.options, Use::Read)?),
        };
        Ok(match conn {
            Conn::Sqlite(conn) => {
                let version: Version = diesel::sql_query("PRAGMA data_version").get_result(conn)?;
                version.data_version.to_be_bytes().to_vec()
            }
            Conn::Pg(conn) => diesel::select(pg_current_snapshot()).get_result(conn)?,
        })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use crate::testing::TestDatabase;
    use crate::{Backend, Store, node_settings};

    async fn note(store: &Store, name: String) {
        store.write(move |tx| node_settings::insert(tx, &name, "noted")).await.unwrap();
    }

    #[tokio::test]
    async fn a_stamp_changes_with_every_commit_and_with_nothing_else() {
        for database in TestDatabase::each() {
            let store = &database.store;
            let first = store.stamp().await.unwrap();
            store.read(|tx| node_settings::get(tx, "one")).await.unwrap();
            // On PostgreSQL the writes of every database of the server count, and here other tests write.
            let alone = store.backend() == Backend::Sqlite;
            assert!(!alone || store.stamp().await == Some(first), "reading changes nothing");
            note(store, "one".to_owned()).await;
            let second = store.stamp().await.unwrap();
            assert_ne!(second, first);
            assert!(!alone || store.stamp().await == Some(second));
            let undone: crate::Result<()> = store
                .write(|tx| {
                    node_settings::insert(tx, "two", "not kept")?;
                    Err(crate::Error::NotFound)
                })
                .await;
            assert!(undone.is_err());
            assert_eq!(store.read(|tx| node_settings::get(tx, "two")).await.unwrap(), None);
        }
    }

    #[tokio::test]
    async fn a_stamp_tells_of_what_another_process_wrote() {
        for database in TestDatabase::each() {
            let before = database.store.stamp().await.unwrap();
            let other = Store::open(database.store.options()).unwrap();
            note(&other, "elsewhere".to_owned()).await;
            assert_ne!(database.store.stamp().await, Some(before));
        }
    }

    #[tokio::test]
    async fn who_asks_at_once_is_told_no_older_state_than_their_own() {
        for database in TestDatabase::each() {
            let store = &database.store;
            for number in 0..20 {
                let before = store.stamp().await.unwrap();
                let (noise, ()) = tokio::join!(store.stamp(), note(store, format!("note {number}")));
                assert!(noise.is_some());
                assert_ne!(store.stamp().await, Some(before), "the write was answered before this was asked");
            }
        }
    }
}
