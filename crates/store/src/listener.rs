//! Hearing of stream events that other processes wrote to the same PostgreSQL.

use std::sync::Arc;

use diesel::{PgConnection, RunQueryDsl};

use crate::Result;
use crate::conn::{self, Conn, Use};
use crate::pool::Options;

/// A connection of its own that listens. It is opened when it is first asked, and again after it broke.
#[derive(Debug)]
pub struct Listener {
    options: Arc<Options>,
    conn: Option<Conn>,
}

impl Listener {
    pub(crate) fn new(options: Arc<Options>) -> Self {
        Self { options, conn: None }
    }

    /// Whether anything was written since this was last asked. Does not wait, unless it has to connect: then the answer
    /// is yes, because nobody listened until now.
    ///
    /// # Errors
    /// When the database can't be reached; the next call tries again.
    pub fn heard(&mut self) -> Result<bool> {
        let Some(Conn::Pg(conn)) = &mut self.conn else {
            let mut conn = conn::open(&self.options, Use::Read)?;
            if let Conn::Pg(conn) = &mut conn {
                diesel::sql_query("LISTEN corridor_streams").execute(conn)?;
            }
            self.conn = Some(conn);
            return Ok(true);
        };
        match drain(conn) {
            Ok(heard) => Ok(heard),
            Err(error) => {
                self.conn = None;
                Err(error.into())
            }
        }
    }

    /// Gives the connection back: nobody needs to hear for now.
    pub fn rest(&mut self) {
        self.conn = None;
    }
}

fn drain(conn: &mut PgConnection) -> diesel::QueryResult<bool> {
    let mut heard = false;
    for notification in conn.notifications_iter() {
        notification?;
        heard = true;
    }
    Ok(heard)
}
