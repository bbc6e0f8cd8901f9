//! What comes in: one function for each effect that a peer's activity can have, each one transaction.
//!
//! The activity's id, its effect, feeds, notifications and events are written together: a failed effect leaves no
//! trace of the activity, so that the sender's next try works; a second arrival finds the id and does nothing.
//! Who sent it is proven before any of this is called.

mod acts;
mod arrival;
mod articles;
mod blocks;
mod connections;
mod follows;
mod groups;
mod known;
mod moves;
mod people;
mod pinned;
mod placed;
mod polls;
mod posts;
mod receipts;
mod reports;
#[cfg(test)]
pub(crate) mod samples;
mod synchronise;
mod terms;
#[cfg(test)]
mod tests;
mod types;

pub use acts::{Boost, boosted, like_relayed, liked, undone};
pub use blocks::blocked;
pub use connections::{AnsweredOffer, connection_accepted, connection_offered, connection_rejected};
pub use follows::{accept, follow, reject};
pub use groups::{Listed, group_of, invitation_declined, invited, is_anothers_in, is_in_group, listed, outbox_of};
pub use known::{KnownActor, actor_in, found_in, is_known_post};
pub use moves::moved;
pub(crate) use people::own_keys;
pub use people::{person_deleted, person_updated, store_person};
pub use pinned::is_own_pin;
pub use polls::voted;
pub use posts::{deleted, post_created, post_fetched, post_relayed, post_updated, update_relayed};
pub use receipts::{deletion_confirmed, is_deletion};
pub use reports::flagged;
pub use synchronise::{FollowersHere, agree, followers_here};
pub use types::{
    AnsweredFollow, IncomingGroup, IncomingMedia, IncomingPerson, IncomingPoll, IncomingPost, IncomingVote, Outcome,
    Received, Undone,
};

use corridor_domain::ActorId;

use crate::{Ctx, Error, Result};

/// Notes an activity that has no effect here: of a type that is not known, or about what concerns nobody.
///
/// # Errors
/// When the store fails, or the peer is not allowed any more.
pub async fn ignored(ctx: &Ctx, received: Received) -> Result<Outcome> {
    arrival::apply(ctx, received, |_, _| Ok(Outcome::Ignored)).await
}

/// Writes into the audit that an activity was refused before it had a chance of an effect.
///
/// # Errors
/// When the store fails.
pub async fn refused(ctx: &Ctx, received: &Received, reason: &str) -> Result<()> {
    arrival::note_refusal(ctx, received, reason).await
}

/// Whether someone of this node follows this actor of a peer.
///
/// # Errors
/// When the store fails.
pub async fn is_followed_here(ctx: &Ctx, actor: ActorId) -> Result<bool> {
    ctx.store.read(move |tx| corridor_store::received::has_local_follower(tx, actor).map_err(Error::from)).await
}
