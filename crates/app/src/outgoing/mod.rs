//! What leaves: what happened here as peers may be told it, to whom, and what they may read when they ask.

mod connections;
mod groups;
mod load;
mod prepare;
mod serve;
mod types;

pub(crate) use groups::may_relay_to;
pub(crate) use prepare::recall;
pub use prepare::{prepare, still_allowed};
pub use serve::{
    Collection, activity_for_peer, actor_for_peer, actor_id_of_handle, featured_of, followers_at, followers_page,
    following_page, group_for_peer, group_outbox_page, instance_actor, moderators_of, outbox_page, post_for_peer,
    replies_of, thread_page,
};
pub use types::{
    ActorRef, BoostedRef, GroupRef, OutgoingActor, OutgoingGroup, OutgoingMention, OutgoingPicture, OutgoingPoll,
    OutgoingPost, Prepared, PublicKeyView, Queued, Subject, Target,
};
