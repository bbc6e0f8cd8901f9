//! What comes in: one function for each effect that a peer's activity can have, each one transaction.
//!
//! The activity's id, its effect, feeds, notifications and events are written together: a failed effect leaves no
//! trace of the activity, so that the sender's next try works; a second arrival finds the id and does nothing.
//! Who sent it is proven before any of this is called.

mod types;

pub use types::{AnsweredFollow, IncomingPerson, IncomingPost, Outcome, Received, Undone};
