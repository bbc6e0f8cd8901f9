//! The words and the rules of Corridor: ids, people, posts, audiences, markings, peers, policy.
//!
//! Pure: no input or output, no async, no clock. Time and randomness are arguments.

pub mod actor;
pub mod audience;
pub mod authority;
pub mod event;
pub mod filter;
pub mod group;
pub mod id;
pub mod list;
pub mod marking;
pub mod media;
pub mod network;
pub mod notice;
pub mod page;
pub mod peer;
pub mod policy;
pub mod poll;
pub mod registry;
pub mod scope;
pub mod text;
pub mod time;
pub mod visibility;

pub use actor::{ActorKind, Role};
pub use audience::Audience;
pub use authority::Authority;
pub use event::Event;
pub use group::{GroupKind, GroupRole};
pub use id::{
    ActivityId, ActorId, AnnouncementId, AppId, ConversationId, DeliveryId, FilterId, FilterKeywordId, FilterPostId,
    FollowId, IdMaker, KeyId, ListId, MediaId, NotificationId, PeerId, PostId, ScheduledId, SessionId, TokenId,
};
pub use marking::{Marking, MarkingLevel, MarkingScheme};
pub use media::{FileGroup, FileType, Focus};
pub use network::AddressRange;
pub use page::Page;
pub use peer::{Grant, Peer, PeerState, Service, Services};
pub use time::Timestamp;
