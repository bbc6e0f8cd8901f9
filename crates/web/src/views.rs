//! What pages show: plain values in words, ready for the templates. They know no domain types.
//!
//! Addresses that the templates use, and that the routes must therefore answer:
//! `/` `/department` `/network` `/groups` `/notifications` `/search` `/write` `/about` `/rules` `/accessibility` `/sign-in`
//! `/new-password` `/moving` `/signed-in` `/connections` `/administration/peers`, `/people/{id}/connect`
//! `/groups/new`, under `/groups/{id}`: `/members`, and under `/posts/{id}/`: `reply` `edit` `delete` `history`. Changed by `POST` with the field `csrf`:
//! `/language` `/signed-in/browser` `/signed-in/app` `/sign-in` `/sign-out` `/new-password` `/notifications/read` `/write`; `/posts/{id}/` followed by `reply` `edit` `delete`
//! `vote` `favourite` `unfavourite` `boost` `unboost` `bookmark` `unbookmark`; `/people/{id}/` followed by `follow`
//! `unfollow` `accept` `reject` `connect`, or by `connection/` and `accept` `turn-down` `end`; `/groups/{id}/` followed by `join` `leave` `archive` `invite`, or by `members/{account}/` and
//! `approve` `decline` `remove` `promote` `demote`, or by `posts/{post}/` and `pin` `unpin` `remove` `answer`
//! `unanswer`; `/administration/new-peer`, and `/administration/peers/{host}/` followed by `terms` `suspend` `resume`
//! `remove` `purge`. Small buttons also send `next`, the local path to go back to.

mod account;
mod connections;
mod form;
mod frame;
mod groups;
mod html;
mod media;
mod moment;
mod pages;
mod peers;
mod person;
mod poll;
mod post;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub use account::{AllowedApp, MovingPage, OlderAccount, SignedInBrowser, SignedInPage};
pub use connections::{ConnectPage, Connected, Connection, ConnectionsPage};
pub use form::{Choice, Errors, FieldError, Hidden, Message};
pub use frame::{Frame, FrameViewer, Nav, Notice, Pager};
pub use groups::{AskingLine, AtDoor, GroupLine, GroupMembersPage, GroupPage, GroupsPage, MemberLine, NewGroupPage};
pub use html::SafeHtml;
pub use media::{PostMedia, size};
pub use moment::{Moment, day};
pub use pages::{
    AboutPage, AccessibilityPage, Announcement, ComposeForm, ComposeKind, ComposePage, ConfirmDeletePage, Contact,
    ErrorPage, Feed, FeedPage, FeedTag, HistoryPage, NewPasswordPage, Notification, NotificationsPage,
    OauthAuthorizePage, OauthCodePage, PeoplePage, ProfilePage, RecallPage, RecallPlace, Revision, RulesPage,
    SearchPage, SignInPage, ThreadPage,
};
pub use peers::{
    NewPeerPage, PeerAct, PeerButton, PeerConfirmPage, PeerLine, PeerPage, PeerPreviewPage, PeerTermsPage, PeersPage,
};
pub use person::{Follow, Person, Profile, ProfileFact};
pub use poll::{ComposePoll, Poll, PollOption};
pub use post::{AudienceWords, Boostable, MarkingWords, Post, PostLink};
