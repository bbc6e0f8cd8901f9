//! Opening a database, and the two ways in: many readers, and writes that are on disk when they answer.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use corridor_domain::IdMaker;
use diesel::connection::SimpleConnection;
use diesel::dsl::max;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, CustomizeConnection, Pool};
use tokio::sync::{Notify, Semaphore, SemaphorePermit, oneshot};

use crate::conn::{self, Conn, Use};
use crate::schema::{activities, deliveries, notifications, posts};
use crate::stamp::Stamps;
use crate::writer::{self, Job, Write, run_guarded};
use crate::{Clock, Error, Listener, Result, Stamp, Tx};

/// Which database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// A file beside the program.
    Sqlite,
    /// A server, which several processes may share.
    Postgres,
}

/// How careful SQLite is with the disk; PostgreSQL has its own setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Synchronous {
    /// What was answered is on disk.
    #[default]
    Full,
    /// The last writes before a power cut may be lost; the file stays whole.
    Normal,
}

impl Synchronous {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Normal => "NORMAL",
        }
    }
}

/// How to open a database.
#[derive(Debug, Clone)]
pub struct Options {
    /// Which database, taken from the URL.
    pub backend: Backend,
    /// The file of SQLite, or the URL of PostgreSQL.
    pub location: String,
    /// Connections that read (SQLite), or all connections (PostgreSQL).
    pub connections: u32,
    /// How long a write waits for a lock.
    pub busy_timeout: Duration,
    /// See [`Synchronous`].
    pub synchronous: Synchronous,
    /// Page cache of each SQLite connection, in KiB.
    pub cache_kib: u32,
    /// The node's clock.
    pub clock: Clock,
}

impl Options {
    /// Reads `sqlite:FILE` or `postgres://…` and fills in the defaults.
    ///
    /// # Errors
    /// When the URL is of neither kind.
    pub fn from_url(url: &str) -> Result<Self> {
        let (backend, location) = match url.split_once(':') {
            Some(("sqlite", file)) if !file.is_empty() => {
                (Backend::Sqlite, PathBuf::from(file.strip_prefix("//").unwrap_or(file)).display().to_string())
            }
            Some(("postgres" | "postgresql", _)) => (Backend::Postgres, url.to_owned()),
            _ => {
                return Err(Error::Unavailable(
                    "the database URL must be sqlite:FILE or postgres://USER@HOST/NAME".to_owned(),
                ));
            }
        };
        Ok(Self {
            backend,
            location,
            connections: 8,
            busy_timeout: Duration::from_secs(5),
            synchronous: Synchronous::Full,
            cache_kib: 4096,
            clock: Clock::system(),
        })
    }
}

impl Options {
    /// How many use the database at a time. SQLite reads on this machine's own cores, so more would only take turns
    /// with each other; a server is waited for.
    fn at_once(&self) -> usize {
        let connections = usize::try_from(self.connections.max(1)).unwrap_or(1);
        match self.backend {
            Backend::Sqlite => std::thread::available_parallelism().map_or(2, std::num::NonZero::get).min(connections),
            Backend::Postgres => connections,
        }
    }
}

/// Something that others wait for, raised when the transaction that made it is on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// There are new outbox events.
    Outbox,
    /// There are new deliveries.
    Deliveries,
    /// There are new stream events.
    Streams,
}

/// What all connections share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub ids: IdMaker,
    pub clock: Clock,
    outbox: Notify,
    deliveries: Notify,
    streams: Notify,
}

impl Shared {
    pub(crate) fn raise(&self, signals: &[Signal]) {
        for signal in signals {
            self.bell(*signal).notify_one();
        }
    }

    fn bell(&self, signal: Signal) -> &Notify {
        match signal {
            Signal::Outbox => &self.outbox,
            Signal::Deliveries => &self.deliveries,
            Signal::Streams => &self.streams,
        }
    }
}

/// A node's database. Cloned freely.
#[derive(Clone)]
pub struct Store {
    pool: Pool<ConnectionManager<Conn>>,
    /// The SQLite writer; PostgreSQL writes through the pool.
    writer: Option<Sender<Box<dyn Job>>>,
    shared: Arc<Shared>,
    stamps: Arc<Stamps>,
    turns: Arc<Semaphore>,
    options: Arc<Options>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("backend", &self.options.backend).finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Settle(Options);

impl CustomizeConnection<Conn, diesel::r2d2::Error> for Settle {
    fn on_acquire(&self, conn: &mut Conn) -> Result<(), diesel::r2d2::Error> {
        let usage = if self.0.backend == Backend::Sqlite { Use::Read } else { Use::Write };
        conn::prepare(conn, &self.0, usage).map_err(diesel::r2d2::Error::QueryError)
    }
}

/// The clock may have been ahead when the last ids were made: what is new must not be sorted below what was there.
fn begin_above_all(options: &Options, ids: &IdMaker) {
    match conn::open(options, Use::Read).and_then(|mut conn| highest_ids(&mut conn)) {
        Ok(highest) => highest.into_iter().for_each(|id| ids.begin_above(id)),
        // A database that can't be read now, or is empty before its migrations, is opened all the same.
        Err(error) => tracing::debug!("which ids are there can't be seen: {error}"),
    }
}

/// Of the tables that are paged by id, and that grow fastest.
fn highest_ids(conn: &mut Conn) -> Result<Vec<i64>> {
    let highest: [Option<i64>; 4] = [
        posts::table.select(max(posts::id)).first(conn)?,
        notifications::table.select(max(notifications::id)).first(conn)?,
        activities::table.select(max(activities::id)).first(conn)?,
        deliveries::table.select(max(deliveries::id)).first(conn)?,
    ];
    Ok(highest.into_iter().flatten().collect())
}

impl Store {
    /// Opens the database; its migrations must have been run (see [`crate::run_migrations`]).
    ///
    /// # Errors
    /// When it can't be reached or opened.
    pub fn open(options: &Options) -> Result<Self> {
        let shared = Arc::new(Shared {
            ids: IdMaker::new(rand::random()),
            clock: options.clock.clone(),
            outbox: Notify::new(),
            deliveries: Notify::new(),
            streams: Notify::new(),
        });
        let writer = match options.backend {
            Backend::Sqlite => {
                let conn = conn::open(options, Use::Write)?;
                Some(writer::start(conn, shared.clone()).map_err(|error| Error::Unavailable(error.to_string()))?)
            }
            Backend::Postgres => None,
        };
        let pool = Pool::builder()
            .max_size(options.connections.max(1))
            // None is opened before it is needed: a command that ends while one is being opened in the background
            // would tear OpenSSL down under it.
            .min_idle(Some(0))
            .test_on_check_out(options.backend == Backend::Postgres)
            .connection_timeout(options.busy_timeout)
            .connection_customizer(Box::new(Settle(options.clone())))
            .build(ConnectionManager::new(&options.location))?;
        begin_above_all(options, &shared.ids);
        let stamps = Stamps::start(options).map_err(|error| Error::Unavailable(error.to_string()))?;
        let turns = Arc::new(Semaphore::new(options.at_once()));
        Ok(Self { pool, writer, shared, stamps: Arc::new(stamps), turns, options: Arc::new(options.clone()) })
    }

    /// Which database this is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.options.backend
    }

    /// How many may use it at a time, to read or (PostgreSQL) for anything; who comes later waits for a turn.
    #[must_use]
    pub fn at_once(&self) -> usize {
        self.options.at_once()
    }

    pub(crate) fn options(&self) -> &Options {
        &self.options
    }

    /// The node's clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.shared.clock
    }

    /// What the database holds now, as far as two such stamps can be compared; `None` when it does not say.
    pub async fn stamp(&self) -> Option<Stamp> {
        self.stamps.now().await
    }

    /// Waits until `signal` was raised since the last wait.
    pub async fn wait_for(&self, signal: Signal) {
        self.shared.bell(signal).notified().await;
    }

    /// A way to hear of stream events that other processes write; `None` on SQLite, which has none.
    #[must_use]
    pub fn listener(&self) -> Option<Listener> {
        (self.backend() == Backend::Postgres).then(|| Listener::new(self.options.clone()))
    }

    /// Raises `signal` by hand, to wake a waiting worker.
    pub fn raise(&self, signal: Signal) {
        self.shared.raise(&[signal]);
    }

    /// Runs `work` in a read transaction, away from the async threads.
    ///
    /// # Errors
    /// The closure's, or the store's when no connection could be had.
    pub async fn read<F, T, E>(&self, mut work: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let _turn = self.turn().await;
        let store = self.clone();
        blocking(move || {
            let mut conn = store.pool.get().map_err(Error::from)?;
            store.in_transaction(&mut conn, "BEGIN", &mut work)
        })
        .await
    }

    /// Runs `work` in a write transaction. When this answers `Ok`, the change is on disk; when it
    /// answers `Err`, nothing of it remains. The closure may run twice, so it must not consume what it holds.
    ///
    /// # Errors
    /// The closure's, or the store's when the change could not be written.
    pub async fn write<F, T, E>(&self, mut work: F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        if let Some(writer) = &self.writer {
            let (answer, outcome) = oneshot::channel();
            let gone = || E::from(Error::Unavailable("the writer has stopped".to_owned()));
            writer.send(Box::new(Write { work, outcome: None, answer })).map_err(|_| gone())?;
            return outcome.await.map_err(|_| gone())?;
        }
        let _turn = self.turn().await;
        let store = self.clone();
        blocking(move || store.write_postgres(&mut work)).await
    }

    /// A turn to use the database: waiting here costs less than a thread that waits for a connection.
    async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // It is never closed.
        self.turns.acquire().await.ok()
    }

    fn write_postgres<F, T, E>(&self, work: &mut F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E>,
        E: From<Error>,
    {
        let mut conn = self.pool.get().map_err(Error::from)?;
        // A deadlock shows only as the closure's own error, which may hide the store's; so the
        // transaction notes what the database last said.
        match self.in_transaction_noting(&mut conn, "BEGIN", work) {
            Err((_, true)) => self.in_transaction(&mut conn, "BEGIN", work),
            other => other.map_err(|(error, _)| error),
        }
    }

    fn in_transaction<F, T, E>(&self, conn: &mut Conn, begin: &str, work: &mut F) -> Result<T, E>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E>,
        E: From<Error>,
    {
        self.in_transaction_noting(conn, begin, work).map_err(|(error, _)| error)
    }

    /// As `in_transaction`; the error says whether a second try is worth it.
    fn in_transaction_noting<F, T, E>(&self, conn: &mut Conn, begin: &str, work: &mut F) -> Result<T, (E, bool)>
    where
        F: FnMut(&mut Tx<'_>) -> Result<T, E>,
        E: From<Error>,
    {
        let failed = |error: diesel::result::Error| {
            let error = Error::from(error);
            let again = error.is_worth_a_retry();
            (E::from(error), again)
        };
        conn.batch_execute(begin).map_err(failed)?;
        let mut tx = Tx::new(conn, &self.shared.ids, self.shared.clock.now());
        let outcome = run_guarded(work, &mut tx);
        let signals = tx.into_signals();
        match outcome {
            Ok(value) => match conn.batch_execute("COMMIT") {
                Ok(()) => {
                    self.shared.raise(&signals);
                    Ok(value)
                }
                Err(error) => {
                    let _ = conn.batch_execute("ROLLBACK");
                    Err(failed(error))
                }
            },
            Err(error) => {
                let _ = conn.batch_execute("ROLLBACK");
                Err((error, false))
            }
        }
    }
}

async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<Error> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(E::from(Error::Unavailable("the node is stopping".to_owned()))),
    }
}
