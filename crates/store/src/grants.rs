//! For what and when each peer is allowed, and how it stands to the registry.

use corridor_domain::registry::Link;
use corridor_domain::{Grant, Marking, Peer, PeerId, PeerState, Services, Timestamp};
use diesel::prelude::*;

use crate::schema::{peer_grants, peers};
use crate::{Result, Tx};

#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = peer_grants)]
pub(crate) struct GrantRow {
    services: i16,
    valid_from: Option<i64>,
    valid_until: Option<i64>,
}

impl GrantRow {
    pub(crate) fn read(self) -> Grant {
        Grant {
            services: Services::from_code(self.services),
            valid_from: self.valid_from.map(Timestamp::from_millis),
            valid_until: self.valid_until.map(Timestamp::from_millis),
        }
    }
}

type LinkRow = (Option<i16>, Option<i16>, Option<i16>, Option<i16>, bool);

/// Writes a peer's grant, leaving its link to the registry.
pub(crate) fn write(tx: &mut Tx<'_>, peer: &Peer) -> Result<()> {
    let grant = &peer.grant;
    let terms = (
        peer_grants::services.eq(grant.services.code()),
        peer_grants::valid_from.eq(grant.valid_from.map(Timestamp::millis)),
        peer_grants::valid_until.eq(grant.valid_until.map(Timestamp::millis)),
    );
    let known = diesel::update(peer_grants::table.find(peer.id.raw())).set(terms).execute(tx.conn)?;
    if known == 0 && *grant != Grant::default() {
        let new = (peer_grants::peer_id.eq(peer.id.raw()), terms, peer_grants::removed_by_registry.eq(false));
        diesel::insert_into(peer_grants::table).values(new).execute(tx.conn)?;
    }
    Ok(())
}

/// How a peer stands to the registry; `None` when none was ever applied to it.
///
/// # Errors
/// When the database fails.
pub fn link(tx: &mut Tx<'_>, peer: PeerId) -> Result<Option<Link>> {
    let row: Option<LinkRow> = peer_grants::table
        .find(peer.raw())
        .select((
            peer_grants::registry_ceiling,
            peer_grants::registry_services,
            peer_grants::own_ceiling,
            peer_grants::own_services,
            peer_grants::removed_by_registry,
        ))
        .first(tx.conn)
        .optional()?;
    let Some((Some(ceiling), Some(services), own_ceiling, own_services, removed_by_registry)) = row else {
        return Ok(None);
    };
    Ok(Some(Link {
        ceiling: Marking::from_rank(ceiling),
        services: Services::from_code(services),
        own_ceiling: own_ceiling.map(Marking::from_rank),
        own_services: own_services.map(Services::from_code),
        removed_by_registry,
    }))
}

/// Writes how a peer stands to the registry, or that it does not.
///
/// # Errors
/// When the database fails.
pub fn set_link(tx: &mut Tx<'_>, peer: &Peer, link: Option<&Link>) -> Result<()> {
    let values = (
        peer_grants::registry_ceiling.eq(link.map(|link| link.ceiling.rank())),
        peer_grants::registry_services.eq(link.map(|link| link.services.code())),
        peer_grants::own_ceiling.eq(link.and_then(|link| link.own_ceiling).map(Marking::rank)),
        peer_grants::own_services.eq(link.and_then(|link| link.own_services).map(Services::code)),
        peer_grants::removed_by_registry.eq(link.is_some_and(|link| link.removed_by_registry)),
    );
    if diesel::update(peer_grants::table.find(peer.id.raw())).set(values).execute(tx.conn)? == 0 {
        let services = peer_grants::services.eq(peer.grant.services.code());
        let new = (peer_grants::peer_id.eq(peer.id.raw()), services, values);
        diesel::insert_into(peer_grants::table).values(new).execute(tx.conn)?;
    }
    Ok(())
}

/// Stores the state of peers whose term has begun or ended since, so that queries over states see it; says which.
/// The doors do not wait for this: a peer that is read has the state of that moment.
///
/// # Errors
/// When the database fails.
pub fn settle(tx: &mut Tx<'_>) -> Result<Vec<(PeerId, PeerState)>> {
    let now = tx.now();
    let bound = [PeerState::Allowed.code(), PeerState::OutOfTerm.code()];
    let rows: Vec<(i64, i16, GrantRow)> = peers::table
        .inner_join(peer_grants::table)
        .filter(peers::state.eq_any(bound))
        .select((peers::id, peers::state, GrantRow::as_select()))
        .load(tx.conn)?;
    let mut changed = Vec::new();
    for (id, stored, grant) in rows {
        let (stored, grant) = (PeerState::from_code(stored), grant.read());
        let state = grant.state_at(stored, now);
        if state != stored {
            // Only from the state that was read: an administrator may have decided meanwhile.
            let of_then = peers::table.filter(peers::id.eq(id)).filter(peers::state.eq(stored.code()));
            if diesel::update(of_then).set(peers::state.eq(state.code())).execute(tx.conn)? > 0 {
                changed.push((PeerId::new(id), state));
            }
        }
    }
    Ok(changed)
}
