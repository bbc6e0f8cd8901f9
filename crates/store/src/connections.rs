//! Connections: two people who both said that they know each other, or one who has asked.

use corridor_domain::{ActorId, Page, PeerId, Timestamp};
use diesel::prelude::*;

use crate::paging::load_page;
use crate::schema::{actors, connections};
use crate::{Error, Result, Tx};

/// How far two people have come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionState {
    /// One has asked, the other has not answered.
    Asked,
    /// Both want it.
    Connected,
    /// Turned down: kept so that nobody is asked again at once.
    TurnedDown,
}

impl ConnectionState {
    /// The number that stands for it in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Asked => 0,
            Self::Connected => 1,
            Self::TurnedDown => 2,
        }
    }

    fn from_code(code: i16) -> Result<Self> {
        [Self::Asked, Self::Connected, Self::TurnedDown]
            .into_iter()
            .find(|state| state.code() == code)
            .ok_or_else(|| Error::Corrupt(format!("a connection has the state {code}")))
    }
}

/// What two people have with each other: one row, whoever asked.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = connections)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct ConnectionRow {
    pub id: i64,
    pub low_id: i64,
    pub high_id: i64,
    pub asker_id: i64,
    pub uri: String,
    pub note: String,
    pub state: i16,
    pub created_at: i64,
    pub answered_at: Option<i64>,
}

impl ConnectionRow {
    /// Who asked.
    #[must_use]
    pub const fn asker(&self) -> ActorId {
        ActorId::new(self.asker_id)
    }

    /// Who was asked.
    #[must_use]
    pub const fn asked(&self) -> ActorId {
        ActorId::new(if self.asker_id == self.low_id { self.high_id } else { self.low_id })
    }

    /// The one of the two who is not `one`.
    #[must_use]
    pub const fn other(&self, one: ActorId) -> ActorId {
        ActorId::new(if one.raw() == self.low_id { self.high_id } else { self.low_id })
    }

    /// How far it has come.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when the column holds a number of no state.
    pub fn state(&self) -> Result<ConnectionState> {
        ConnectionState::from_code(self.state)
    }

    /// When it was answered.
    #[must_use]
    pub fn answered_at(&self) -> Option<Timestamp> {
        self.answered_at.map(Timestamp::from_millis)
    }
}

/// Someone asks someone to connect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewConnection<'a> {
    /// Its number, from [`Tx::new_id`].
    pub id: i64,
    /// Who asks.
    pub asker: ActorId,
    /// Whom.
    pub asked: ActorId,
    /// The Offer's URI.
    pub uri: &'a str,
    /// What they write beside it; plain text, empty for nothing.
    pub note: &'a str,
}

/// Stores that somebody asks.
///
/// # Errors
/// [`Error::Conflict`] when these two have something with each other already, or this URI is there.
pub fn insert(tx: &mut Tx<'_>, new: &NewConnection<'_>) -> Result<()> {
    let (one, other) = (new.asker.raw(), new.asked.raw());
    diesel::insert_into(connections::table)
        .values((
            connections::id.eq(new.id),
            connections::low_id.eq(one.min(other)),
            connections::high_id.eq(one.max(other)),
            connections::asker_id.eq(one),
            connections::uri.eq(new.uri),
            connections::note.eq(new.note),
            connections::state.eq(ConnectionState::Asked.code()),
            connections::created_at.eq(tx.now().millis()),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// The connection of this number; `None` when it is gone.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, id: i64) -> Result<Option<ConnectionRow>> {
    Ok(connections::table.find(id).select(ConnectionRow::as_select()).first(tx.conn).optional()?)
}

/// What these two have with each other, in whatever order they are named.
///
/// # Errors
/// When the database fails.
pub fn find_pair(tx: &mut Tx<'_>, one: ActorId, other: ActorId) -> Result<Option<ConnectionRow>> {
    let (low, high) = (one.raw().min(other.raw()), one.raw().max(other.raw()));
    Ok(connections::table
        .filter(connections::low_id.eq(low))
        .filter(connections::high_id.eq(high))
        .select(ConnectionRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// The connection that an Offer's URI began.
///
/// # Errors
/// When the database fails.
pub fn find_by_uri(tx: &mut Tx<'_>, uri: &str) -> Result<Option<ConnectionRow>> {
    Ok(connections::table
        .filter(connections::uri.eq(uri))
        .select(ConnectionRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// What `viewer` has with each of `others`.
///
/// # Errors
/// When the database fails.
pub fn among(tx: &mut Tx<'_>, viewer: ActorId, others: &[ActorId]) -> Result<Vec<ConnectionRow>> {
    let others: Vec<i64> = others.iter().map(|id| id.raw()).collect();
    let me = viewer.raw();
    let mut found = Vec::new();
    // SQLite bounds the variables of a statement.
    for part in others.chunks(500) {
        let pair = (connections::low_id.eq(me).and(connections::high_id.eq_any(part)))
            .or(connections::high_id.eq(me).and(connections::low_id.eq_any(part)));
        let rows = connections::table.filter(pair).select(ConnectionRow::as_select());
        found.extend(rows.load::<ConnectionRow>(tx.conn)?);
    }
    Ok(found)
}

/// Notes that it was answered.
///
/// # Errors
/// When the database fails.
pub fn answer(tx: &mut Tx<'_>, id: i64, state: ConnectionState) -> Result<()> {
    diesel::update(connections::table.find(id))
        .set((connections::state.eq(state.code()), connections::answered_at.eq(Some(tx.now().millis()))))
        .execute(tx.conn)?;
    Ok(())
}

/// Another Offer of the same two takes the place of the one that was there.
///
/// # Errors
/// [`Error::Conflict`] when this URI is another connection's.
pub fn set_offer(tx: &mut Tx<'_>, id: i64, asker: ActorId, uri: &str) -> Result<()> {
    diesel::update(connections::table.find(id))
        .set((connections::asker_id.eq(asker.raw()), connections::uri.eq(uri)))
        .execute(tx.conn)?;
    Ok(())
}

/// Removes it, whatever has become of it.
///
/// # Errors
/// When the database fails.
pub fn remove(tx: &mut Tx<'_>, id: i64) -> Result<()> {
    diesel::delete(connections::table.find(id)).execute(tx.conn)?;
    Ok(())
}

/// Which of somebody's connections are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that both want.
    Connected,
    /// They were asked and have not answered.
    ToAnswer,
    /// They have asked and wait.
    Waiting,
}

/// Somebody's connections, latest first; pages by the connection's own number.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, of: ActorId, which: Which, page: &Page) -> Result<Vec<ConnectionRow>> {
    let me = of.raw();
    let state = if which == Which::Connected { ConnectionState::Connected } else { ConnectionState::Asked };
    let mut query = connections::table
        .filter(connections::low_id.eq(me).or(connections::high_id.eq(me)))
        .filter(connections::state.eq(state.code()))
        .select(ConnectionRow::as_select())
        .into_boxed();
    match which {
        Which::Connected => {}
        Which::ToAnswer => query = query.filter(connections::asker_id.ne(me)),
        Which::Waiting => query = query.filter(connections::asker_id.eq(me)),
    }
    Ok(load_page!(tx, query, connections::id, page))
}

/// How many people somebody waits for.
///
/// # Errors
/// When the database fails.
pub fn count_waiting(tx: &mut Tx<'_>, asker: ActorId) -> Result<i64> {
    Ok(connections::table
        .filter(connections::asker_id.eq(asker.raw()))
        .filter(connections::state.eq(ConnectionState::Asked.code()))
        .count()
        .get_result(tx.conn)?)
}

/// Everything that somebody has with others.
///
/// # Errors
/// When the database fails.
pub fn all_of(tx: &mut Tx<'_>, one: ActorId) -> Result<Vec<ConnectionRow>> {
    let me = one.raw();
    Ok(connections::table
        .filter(connections::low_id.eq(me).or(connections::high_id.eq(me)))
        .order(connections::id)
        .select(ConnectionRow::as_select())
        .load(tx.conn)?)
}

/// How many connections and requests there are between this node and a peer.
///
/// # Errors
/// When the database fails.
pub fn count_with_peer(tx: &mut Tx<'_>, peer: PeerId) -> Result<i64> {
    let theirs = || actors::table.filter(actors::peer_id.eq(peer.raw())).select(actors::id);
    Ok(connections::table
        .filter(connections::low_id.eq_any(theirs()).or(connections::high_id.eq_any(theirs())))
        .filter(connections::state.ne(ConnectionState::TurnedDown.code()))
        .count()
        .get_result(tx.conn)?)
}

/// Cuts every connection and request between this node and a peer; says how many.
///
/// # Errors
/// When the database fails.
pub fn cut_with_peer(tx: &mut Tx<'_>, peer: PeerId) -> Result<usize> {
    let theirs = || actors::table.filter(actors::peer_id.eq(peer.raw())).select(actors::id);
    let cut = connections::table.filter(connections::low_id.eq_any(theirs()).or(connections::high_id.eq_any(theirs())));
    Ok(diesel::delete(cut).execute(tx.conn)?)
}
