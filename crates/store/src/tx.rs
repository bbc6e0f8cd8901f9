//! A transaction as the rest of the crate sees it: a connection, the time, and a source of ids.

use corridor_domain::{IdMaker, Timestamp};
use diesel::connection::SimpleConnection;

use crate::conn::Conn;
use crate::{Backend, Error, Signal};

/// An open transaction. Queries take it as their first argument.
#[derive(Debug)]
pub struct Tx<'a> {
    pub(crate) conn: &'a mut Conn,
    ids: &'a IdMaker,
    now: Timestamp,
    signals: Vec<Signal>,
}

impl<'a> Tx<'a> {
    pub(crate) fn new(conn: &'a mut Conn, ids: &'a IdMaker, now: Timestamp) -> Self {
        Self { conn, ids, now, signals: Vec::new() }
    }

    /// The moment of this transaction.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// A new id, larger than all that this process gave before.
    pub fn new_id(&mut self) -> i64 {
        self.ids.next(self.now)
    }

    /// Wakes whoever waits for `signal`, once this transaction is on disk.
    pub fn signal(&mut self, signal: Signal) {
        if !self.signals.contains(&signal) {
            self.signals.push(signal);
        }
    }

    /// Does something and undoes it, to see what would come of it: whom it would tell is not told either.
    ///
    /// # Errors
    /// The closure's, or the store's.
    pub fn rehearse<T, E: From<Error>>(&mut self, work: impl FnOnce(&mut Tx<'_>) -> Result<T, E>) -> Result<T, E> {
        self.conn.batch_execute("SAVEPOINT rehearsal").map_err(Error::from)?;
        let outcome = work(&mut Tx::new(&mut *self.conn, self.ids, self.now));
        let undone = self.conn.batch_execute("ROLLBACK TO SAVEPOINT rehearsal; RELEASE SAVEPOINT rehearsal");
        let outcome = outcome?;
        undone.map_err(Error::from)?;
        Ok(outcome)
    }

    pub(crate) fn backend(&self) -> Backend {
        match self.conn {
            Conn::Pg(_) => Backend::Postgres,
            Conn::Sqlite(_) => Backend::Sqlite,
        }
    }

    pub(crate) fn into_signals(self) -> Vec<Signal> {
        self.signals
    }
}
