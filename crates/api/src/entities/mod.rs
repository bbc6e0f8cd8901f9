//! The Mastodon entities that clients read, made from what `app` shows.
//!
//! Field names, types and nulls are those of the Mastodon documentation (4.5). Additions of our
//! own, `audience`, `marking` and `handling`, are ignored by clients that don't know them.

mod about;
mod account;
mod admin;
mod announcement;
mod connection;
mod conversation;
mod discovery;
mod featured_tag;
mod filter;
mod group;
mod instance;
mod list;
mod marker;
mod media;
mod notification;
mod notification_group;
mod notification_policy;
mod oauth;
mod plain;
mod poll;
mod preferences;
mod profile;
mod recall;
mod relationship;
mod scheduled;
mod search;
mod status;

pub use about::{About, DomainBlock, Language, Week};
pub(crate) use account::avatar;
pub use account::{Account, CredentialAccount};
pub use admin::{AdminAccount, AdminDomainAllow, AdminDomainBlock, AdminReport};
pub use announcement::Announcement;
pub use connection::Connection;
pub use conversation::Conversation;
pub use discovery::{FamiliarFollowers, Suggestion};
pub use featured_tag::FeaturedTag;
pub use filter::{Filter, FilterKeyword, FilterResult, FilterStatus, FilterV1};
pub use group::{Group, GroupMember};
pub use instance::{InstanceV1, InstanceV2, Rule};
pub use list::List;
pub use marker::{Marker, Markers};
pub use media::MediaAttachment;
pub use notification::Notification;
pub use notification_group::GroupedNotifications;
pub use notification_policy::{Merged, NotificationPolicy, NotificationRequest};
pub use oauth::{Application, CredentialApplication, ServerMetadata, Token, UserInfo};
pub use plain::{Count, Empty, Failure};
pub use poll::Poll;
pub use preferences::Preferences;
pub use profile::Profile;
pub use recall::Recall;
pub use relationship::Relationship;
pub use scheduled::{PublishedOrScheduled, ScheduledStatus};
pub use search::Search;
pub use status::{Context, FoundTag, Mention, Revision, Source, Status, Tag, visibility_word};
