//! The Mastodon entities that clients read, made from what `app` shows.
//!
//! Field names, types and nulls are those of the Mastodon documentation (4.5). Additions of our
//! own, `audience`, `marking` and `handling`, are ignored by clients that don't know them.

mod account;
mod admin;
mod announcement;
mod connection;
mod conversation;
mod filter;
mod group;
mod instance;
mod list;
mod media;
mod notification;
mod notification_group;
mod poll;
mod profile;
mod recall;
mod relationship;
mod scheduled;
mod status;

pub(crate) use account::avatar;
pub use account::{Account, CredentialAccount};
pub use admin::{AdminAccount, AdminDomainAllow, AdminDomainBlock, AdminReport};
pub use announcement::Announcement;
pub use connection::Connection;
pub use conversation::Conversation;
pub use filter::{Filter, FilterKeyword, FilterResult, FilterStatus, FilterV1};
pub use group::Group;
pub use instance::{InstanceV1, InstanceV2};
pub use list::List;
pub use media::MediaAttachment;
pub use notification::Notification;
pub use notification_group::GroupedNotifications;
pub use poll::Poll;
pub use profile::Profile;
pub use recall::Recall;
pub use relationship::Relationship;
pub use scheduled::ScheduledStatus;
pub use status::{Context, FoundTag, Mention, Revision, Source, Status, Tag, visibility_word};
