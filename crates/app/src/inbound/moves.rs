//! Moves of peers' people: believed when the account that they go to says that it is theirs.

use corridor_store::{actors, moves};
use serde_json::json;

use super::arrival::{Arrival, apply};
use super::types::{Outcome, Received};
use crate::moves::{Identity, carry_over, check, handle_of};
use crate::{Ctx, Error, Result, audit};

/// A person of a peer has moved. `target` is what the new account says of itself, asked of its own node.
///
/// # Errors
/// [`Error::Forbidden`] when the new account does not name the old one, has moved on itself, or the old one has moved
/// elsewhere within the last 30 days.
pub async fn moved(ctx: &Ctx, received: Received, target: Identity) -> Result<Outcome> {
    apply(ctx, received, move |tx, arrival| {
        let Arrival { settings, actor: old, .. } = arrival;
        let new = actors::find(tx, target.actor)?;
        check(tx, old, &new, &target).map_err(|error| match error {
            Error::Invalid(reason) | Error::Conflict(reason) => Error::Forbidden(reason),
            other => other,
        })?;
        if moves::current(tx, old.actor_id())? != Some(new.actor_id()) {
            moves::record(tx, old.actor_id(), new.actor_id())?;
        }
        carry_over(tx, settings, old, &new)?;
        audit::append(tx, arrival.peer.authority.as_str(), "person.move", &handle_of(old), &json!({ "to": new.uri }))?;
        Ok(Outcome::Applied)
    })
    .await
}
