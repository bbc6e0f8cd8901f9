//! The allow-list as stored.

use std::collections::HashMap;

use corridor_domain::{Authority, Grant, Marking, Peer, PeerId, PeerState, Timestamp, authority};
use diesel::prelude::*;

use crate::grants::{self, GrantRow};
use crate::schema::{actors, follows, memberships, peer_grants, peers, posts};
use crate::{Backend, Error, Result, Tx};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = peers)]
struct Row {
    id: i64,
    authority: String,
    account_domain: String,
    state: i16,
    ceiling: i16,
    default_marking: i16,
    department: String,
    note: String,
    contact: String,
}

type Joined = (Row, Option<GrantRow>);

impl Row {
    /// The state is the one that counts at `now`, not the one that a chore may still have to store.
    fn read((row, grant): Joined, now: Timestamp) -> Result<Peer> {
        let grant = grant.map(GrantRow::read).unwrap_or_default();
        row.with(grant, now)
    }

    fn with(self, grant: Grant, now: Timestamp) -> Result<Peer> {
        let parse = |text: &str| {
            Authority::parse_with(text, authority::Policy::loopback())
                .map_err(|error| Error::Corrupt(format!("the peer {text}: {error}")))
        };
        Ok(Peer {
            id: PeerId::new(self.id),
            authority: parse(&self.authority)?,
            account_domain: parse(&self.account_domain)?,
            state: grant.state_at(PeerState::from_code(self.state), now),
            ceiling: Marking::from_rank(self.ceiling),
            default_marking: Marking::from_rank(self.default_marking),
            department: self.department,
            note: self.note,
            contact: self.contact,
            grant,
        })
    }
}

/// How speaking with a peer goes.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = peers)]
pub struct Health {
    /// What it says that it runs.
    pub software: Option<String>,
    /// Failures in a row.
    pub failures: i32,
    /// It is left alone until then.
    pub closed_until: Option<i64>,
    /// When it last took something.
    pub last_success_at: Option<i64>,
    /// When it last failed.
    pub last_failure_at: Option<i64>,
    /// How it last failed.
    pub last_error: Option<String>,
}

/// A peer with its grant. A macro, since the type of a selection names the connection.
macro_rules! joined {
    () => {
        peers::table.left_join(peer_grants::table).select((Row::as_select(), Option::<GrantRow>::as_select()))
    };
}

/// The peer of a number.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub fn find(tx: &mut Tx<'_>, id: PeerId) -> Result<Peer> {
    let now = tx.now();
    Row::read(joined!().filter(peers::id.eq(id.raw())).first::<Joined>(tx.conn)?, now)
}

/// The peer of exactly this federation address.
///
/// # Errors
/// When the database fails.
pub fn find_by_authority(tx: &mut Tx<'_>, authority: &Authority) -> Result<Option<Peer>> {
    let now = tx.now();
    let row: Option<Joined> = joined!().filter(peers::authority.eq(authority.as_str())).first(tx.conn).optional()?;
    row.map(|row| Row::read(row, now)).transpose()
}

/// The peer of exactly this federation address or account domain.
///
/// # Errors
/// When the database fails.
pub fn find_by_name(tx: &mut Tx<'_>, name: &Authority) -> Result<Option<Peer>> {
    if let Some(peer) = find_by_authority(tx, name)? {
        return Ok(Some(peer));
    }
    let now = tx.now();
    let row: Option<Joined> = joined!().filter(peers::account_domain.eq(name.as_str())).first(tx.conn).optional()?;
    row.map(|row| Row::read(row, now)).transpose()
}

/// Lets one transaction at a time change a peer's terms, so that a removal is not undone by what began before it.
///
/// # Errors
/// When the database fails.
pub fn hold(tx: &mut Tx<'_>, authority: &Authority) -> Result<()> {
    // SQLite has one writer anyway.
    if tx.backend() == Backend::Postgres {
        diesel::update(peers::table.filter(peers::authority.eq(authority.as_str())))
            .set(peers::state.eq(peers::state))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Every peer that was ever allowed, by name.
///
/// # Errors
/// When the database fails.
pub fn all(tx: &mut Tx<'_>) -> Result<Vec<Peer>> {
    let now = tx.now();
    let rows: Vec<Joined> = joined!().order(peers::authority).load(tx.conn)?;
    rows.into_iter().map(|row| Row::read(row, now)).collect()
}

/// When each peer was first allowed, and when its terms were last changed.
///
/// # Errors
/// When the database fails.
pub fn dates(tx: &mut Tx<'_>) -> Result<HashMap<PeerId, (Timestamp, Timestamp)>> {
    let rows: Vec<(i64, i64, i64)> =
        peers::table.select((peers::id, peers::created_at, peers::updated_at)).load(tx.conn)?;
    let moments = |(id, first, last)| (PeerId::new(id), (Timestamp::from_millis(first), Timestamp::from_millis(last)));
    Ok(rows.into_iter().map(moments).collect())
}

/// How speaking with a peer goes.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub fn health(tx: &mut Tx<'_>, id: PeerId) -> Result<Health> {
    Ok(peers::table.find(id.raw()).select(Health::as_select()).first(tx.conn)?)
}

/// Writes a new peer.
///
/// # Errors
/// [`Error::Conflict`] when its name is taken.
pub fn insert(tx: &mut Tx<'_>, peer: &Peer) -> Result<()> {
    let now = tx.now().millis();
    diesel::insert_into(peers::table)
        .values((
            peers::id.eq(peer.id.raw()),
            peers::created_at.eq(now),
            peers::authority.eq(peer.authority.as_str()),
            terms(peer, now),
        ))
        .execute(tx.conn)?;
    grants::write(tx, peer)
}

/// Writes the terms of a peer anew.
///
/// # Errors
/// [`Error::Conflict`] when its account domain is another peer's.
pub fn update(tx: &mut Tx<'_>, peer: &Peer) -> Result<()> {
    let now = tx.now().millis();
    diesel::update(peers::table.find(peer.id.raw())).set(terms(peer, now)).execute(tx.conn)?;
    grants::write(tx, peer)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn terms<'a>(peer: &'a Peer, now: i64) -> _ {
    let account_domain: &'a str = peer.account_domain.as_str();
    let state: i16 = peer.state.code();
    let ceiling: i16 = peer.ceiling.rank();
    let default_marking: i16 = peer.default_marking.rank();
    let department: &'a str = peer.department.as_str();
    let note: &'a str = peer.note.as_str();
    let contact: &'a str = peer.contact.as_str();
    (
        peers::account_domain.eq(account_domain),
        peers::state.eq(state),
        peers::ceiling.eq(ceiling),
        peers::default_marking.eq(default_marking),
        peers::department.eq(department),
        peers::note.eq(note),
        peers::contact.eq(contact),
        peers::updated_at.eq(now),
    )
}

/// Cuts every follow and membership between this node and a peer; says how many follows.
///
/// # Errors
/// When the database fails.
pub fn cut_follows(tx: &mut Tx<'_>, id: PeerId) -> Result<usize> {
    let theirs: Vec<i64> = actors::table.filter(actors::peer_id.eq(id.raw())).select(actors::id).load(tx.conn)?;
    let mut cut = 0;
    // SQLite bounds the variables of a statement.
    for part in theirs.chunks(500) {
        let of_part = follows::follower_id.eq_any(part).or(follows::followed_id.eq_any(part));
        let pairs: Vec<(i64, i64, bool)> = follows::table
            .filter(of_part)
            .select((follows::follower_id, follows::followed_id, follows::accepted))
            .load(tx.conn)?;
        for (follower, followed, accepted) in &pairs {
            if *accepted {
                diesel::update(actors::table.find(follower))
                    .set(actors::following_count.eq(actors::following_count - 1))
                    .execute(tx.conn)?;
                diesel::update(actors::table.find(followed))
                    .set(actors::followers_count.eq(actors::followers_count - 1))
                    .execute(tx.conn)?;
            }
        }
        cut += diesel::delete(
            follows::table.filter(follows::follower_id.eq_any(part).or(follows::followed_id.eq_any(part))),
        )
        .execute(tx.conn)?;
        diesel::delete(
            memberships::table.filter(memberships::actor_id.eq_any(part).or(memberships::group_id.eq_any(part))),
        )
        .execute(tx.conn)?;
    }
    Ok(cut)
}

/// How many posts of a peer are held here.
///
/// # Errors
/// When the database fails.
pub fn count_posts(tx: &mut Tx<'_>, id: PeerId) -> Result<i64> {
    Ok(posts::table
        .filter(posts::peer_id.eq(id.raw()))
        .filter(posts::deleted_at.is_null())
        .count()
        .get_result(tx.conn)?)
}

/// Remembers what a peer says that it runs.
///
/// # Errors
/// When the database fails.
pub fn set_software(tx: &mut Tx<'_>, id: PeerId, software: &str) -> Result<()> {
    diesel::update(peers::table.find(id.raw())).set(peers::software.eq(Some(software))).execute(tx.conn)?;
    Ok(())
}
