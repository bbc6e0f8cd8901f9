//! The one writer of a SQLite database: waiting writes are committed together, each in its savepoint.
//!
//! Syncing a commit to disk costs far more than the write itself, so with `synchronous=FULL`
//! this is what makes many small writes affordable.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};

use diesel::connection::SimpleConnection;
use tokio::sync::oneshot;

use crate::conn::Conn;
use crate::pool::Shared;
use crate::{Error, Result, Signal, Tx};

/// How many writes share one commit at most: bounds how long the first of them waits.
const BATCH: usize = 128;

/// A write that waits for its turn.
pub(crate) trait Job: Send {
    /// Runs the work; `Err` asks for its changes to be rolled back.
    fn attempt(&mut self, tx: &mut Tx<'_>) -> Result<(), ()>;
    /// Tells the waiting caller, with the store's error if the commit failed.
    fn finish(self: Box<Self>, committed: Result<()>);
}

/// A closure, its outcome, and who waits for it.
pub(crate) struct Write<F, T, E> {
    pub work: F,
    pub outcome: Option<Result<T, E>>,
    pub answer: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Write<F, T, E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn attempt(&mut self, tx: &mut Tx<'_>) -> Result<(), ()> {
        let outcome = run_guarded(&mut self.work, tx);
        let verdict = outcome.as_ref().map(|_| ()).map_err(|_| ());
        self.outcome = Some(outcome);
        verdict
    }

    fn finish(self: Box<Self>, committed: Result<()>) {
        let outcome = match (committed, self.outcome) {
            // What the work itself said comes first: its changes are gone either way.
            (_, Some(Err(error))) => Err(error),
            (Err(error), _) => Err(E::from(error)),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Ok(()), None) => Err(E::from(Error::Unavailable("the write was not run".to_owned()))),
        };
        // A caller that went away needs no answer.
        let _ = self.answer.send(outcome);
    }
}

/// Runs `work`, turning a panic into an error: one bad write must not end the writer.
pub(crate) fn run_guarded<F, T, E>(work: &mut F, tx: &mut Tx<'_>) -> Result<T, E>
where
    F: FnMut(&mut Tx<'_>) -> Result<T, E>,
    E: From<Error>,
{
    catch_unwind(AssertUnwindSafe(|| work(tx))).unwrap_or_else(|_| {
        tracing::error!("a write panicked; its changes are rolled back");
        Err(E::from(Error::Corrupt("a write failed unexpectedly".to_owned())))
    })
}

/// Starts the writer thread; it ends when every sender is gone.
pub(crate) fn start(mut conn: Conn, shared: std::sync::Arc<Shared>) -> std::io::Result<Sender<Box<dyn Job>>> {
    let (send, receive) = channel();
    std::thread::Builder::new().name("corridor-writer".into()).spawn(move || {
        while let Some(batch) = next_batch(&receive) {
            commit_together(&mut conn, &shared, batch);
        }
        // Leaves a compact file behind; on failure the next start does it.
        let _ = conn.batch_execute("PRAGMA wal_checkpoint(TRUNCATE)");
    })?;
    Ok(send)
}

fn next_batch(receive: &Receiver<Box<dyn Job>>) -> Option<Vec<Box<dyn Job>>> {
    let mut batch = vec![receive.recv().ok()?];
    while batch.len() < BATCH {
        match receive.try_recv() {
            Ok(job) => batch.push(job),
            Err(_) => break,
        }
    }
    Some(batch)
}

fn commit_together(conn: &mut Conn, shared: &Shared, mut batch: Vec<Box<dyn Job>>) {
    match run_batch(conn, shared, &mut batch) {
        Ok(signals) => {
            batch.into_iter().for_each(|job| job.finish(Ok(())));
            shared.raise(&signals);
        }
        // The whole transaction is lost (disk full, say): each write gets one more try of its own,
        // so that one that can't be written does not fail its neighbours.
        Err(_) if batch.len() > 1 => {
            for job in batch {
                commit_together(conn, shared, vec![job]);
            }
        }
        Err(error) => batch.into_iter().for_each(|job| job.finish(Err(copy(&error)))),
    }
}

fn run_batch(conn: &mut Conn, shared: &Shared, batch: &mut [Box<dyn Job>]) -> Result<Vec<Signal>> {
    let result = attempt_batch(conn, shared, batch);
    if result.is_err() {
        // Fails when SQLite has rolled back by itself, which is as good.
        let _ = conn.batch_execute("ROLLBACK");
    }
    result
}

fn attempt_batch(conn: &mut Conn, shared: &Shared, batch: &mut [Box<dyn Job>]) -> Result<Vec<Signal>> {
    let alone = batch.len() == 1;
    let mut signals = Vec::new();
    conn.batch_execute("BEGIN IMMEDIATE")?;
    for job in batch {
        if !alone {
            conn.batch_execute("SAVEPOINT job")?;
        }
        let mut tx = Tx::new(conn, &shared.ids, shared.clock.now());
        let verdict = job.attempt(&mut tx);
        let wanted = tx.into_signals();
        match (verdict, alone) {
            (Ok(()), true) => signals.extend(wanted),
            (Ok(()), false) => {
                conn.batch_execute("RELEASE job")?;
                signals.extend(wanted);
            }
            (Err(()), true) => {
                conn.batch_execute("ROLLBACK")?;
                return Ok(signals);
            }
            (Err(()), false) => conn.batch_execute("ROLLBACK TO job; RELEASE job")?,
        }
    }
    conn.batch_execute("COMMIT")?;
    Ok(signals)
}

fn copy(error: &Error) -> Error {
    match error {
        Error::Unavailable(reason) => Error::Unavailable(reason.clone()),
        other => Error::Unavailable(other.to_string()),
    }
}
