//! What is told of connections: the wish, its answer and its end, to the other one's node alone.

use corridor_domain::ActorId;
use corridor_store::connections::{self, ConnectionRow, ConnectionState};
use corridor_store::{Error, Tx, actors};

use super::load;
use super::prepare::to_one;
use super::types::{Prepared, Subject};

type Result<T> = std::result::Result<T, Error>;

/// Somebody of ours asks somebody of a peer. Nothing is told of what was taken back before this event's turn came.
pub(super) fn offered(tx: &mut Tx<'_>, connection: i64) -> Result<Option<Prepared>> {
    let Some(row) = standing(tx, connection)? else { return Ok(None) };
    let (asker, asked) = (actors::find(tx, row.asker())?, actors::find(tx, row.asked())?);
    if !asker.is_local() {
        return Ok(None);
    }
    let subject = Subject::ConnectionOffered {
        actor: load::actor_ref(&asker),
        uri: row.uri.clone(),
        object: asked.uri.clone(),
        note: row.note,
    };
    to_one(tx, asker.actor_id(), asked.actor_id(), subject)
}

/// Somebody of ours connects with somebody of a peer who asked.
pub(super) fn accepted(tx: &mut Tx<'_>, connection: i64) -> Result<Option<Prepared>> {
    let Some(row) = standing(tx, connection)? else { return Ok(None) };
    let (asker, asked) = (actors::find(tx, row.asker())?, actors::find(tx, row.asked())?);
    let subject =
        Subject::ConnectionAccepted { actor: load::actor_ref(&asked), uri: row.uri.clone(), asker: asker.uri.clone() };
    to_one(tx, asked.actor_id(), asker.actor_id(), subject)
}

fn standing(tx: &mut Tx<'_>, connection: i64) -> Result<Option<ConnectionRow>> {
    let row = connections::find(tx, connection)?;
    Ok(row.filter(|row| row.state != ConnectionState::TurnedDown.code()))
}

/// Somebody of ours ends it, whichever of the two had asked.
pub(super) fn ended(
    tx: &mut Tx<'_>,
    (by, other): (ActorId, ActorId),
    uri: &str,
    asked: bool,
) -> Result<Option<Prepared>> {
    let (actor, other_uri) = (load::actor_ref(&actors::find(tx, by)?), actors::find(tx, other)?.uri);
    to_one(tx, by, other, Subject::ConnectionEnded { actor, uri: uri.to_owned(), other: other_uri, asked })
}
