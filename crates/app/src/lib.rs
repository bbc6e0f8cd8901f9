//! What people, peers and administrators can do: one function for each thing.
//!
//! Each function checks who asks, decides by `domain`'s rules, and writes the change and the event
//! that tells peers of it in one transaction.

mod ctx;
mod error;
mod settings;
mod views;

pub use ctx::{Ctx, Found, Remote};
pub use error::{Error, Result};
pub use settings::{Addresses, PasswordCost, Settings};
pub use views::{
    AppView, ContextView, Marks, MentionView, NotificationKind, NotificationView, PersonView, PostKind, PostView,
    ProfileField, RelationshipView, RevisionView, Viewer,
};
