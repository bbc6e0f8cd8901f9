//! What happened, with the few facts that tell whom it could concern: a quick first choice, before anything is read for
//! each reader.

use std::collections::HashSet;

use corridor_domain::visibility::PostFacts;
use corridor_domain::{ActorId, Audience, PeerState};
use corridor_store::posts::{PostKind, PostRow};
use corridor_store::stream_events::{self, StreamEvent};
use corridor_store::{Tx, posts, visibility};

use super::channel::Channel;
use crate::Result;
use crate::timelines::Reach;

/// An event and what is known of its post.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Happening {
    pub event: StreamEvent,
    facts: Option<Facts>,
}

#[derive(Debug, PartialEq, Eq)]
struct Facts {
    audience: Audience,
    /// Where the public timeline shows it, if it does.
    is_first: bool,
    is_local: bool,
    tags: Vec<String>,
    /// Those among the connected readers who have it in their home feeds.
    at_home: HashSet<ActorId>,
}

/// Who reads, and what they may be told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ears {
    pub person: ActorId,
    /// Their token lets them read notifications.
    pub notifications: bool,
}

impl Happening {
    /// `None` when it can concern nobody.
    pub fn look_up(tx: &mut Tx<'_>, event: StreamEvent, home_readers: &[ActorId]) -> Result<Option<Self>> {
        let (StreamEvent::Published(post)
        | StreamEvent::Edited(post)
        | StreamEvent::Deleted(post)
        | StreamEvent::Hidden(post)) = event
        else {
            return Ok(Some(Self { event, facts: None }));
        };
        let Some(row) = posts::find_many(tx, &[post])?.pop() else { return Ok(None) };
        // A newer version wrote it: nobody here can say whom it is for, and what comes after must not wait for it.
        let Ok(audience) = row.audience() else { return Ok(None) };
        let is_deletion = matches!(event, StreamEvent::Deleted(_));
        // What was deleted meanwhile is told as deleted; all that somebody wrote who is gone is not told one by one.
        if row.is_deleted() != is_deletion || (is_deletion && visibility::post_facts(tx, &row)?.author_hidden) {
            return Ok(None);
        }
        // Who was let in again meanwhile is shown again.
        if matches!(event, StreamEvent::Hidden(_)) && !is_hidden(&visibility::post_facts(tx, &row)?) {
            return Ok(None);
        }
        let facts = Facts::of(tx, &row, audience, home_readers)?;
        Ok(Some(Self { event, facts: Some(facts) }))
    }

    /// Whether one of a reader's channels could have to tell this. Whether it may is asked when it is sent.
    pub fn may_concern(&self, ears: Ears, channel: &Channel) -> bool {
        match self.event {
            // Home feeds keep what is hidden.
            StreamEvent::Published(_) | StreamEvent::Edited(_) | StreamEvent::Hidden(_) => {
                self.facts.as_ref().is_some_and(|facts| facts.may_be_shown(ears.person, channel))
            }
            StreamEvent::Deleted(_) => self.facts.as_ref().is_some_and(|facts| facts.may_have_been_shown(channel)),
            StreamEvent::Notified(owner, _) | StreamEvent::NotificationsMerged(owner) => {
                let tells = matches!(channel, Channel::User | Channel::UserNotification);
                tells && ears.notifications && owner == ears.person
            }
            StreamEvent::FiltersChanged(owner) => *channel == Channel::User && owner == ears.person,
            StreamEvent::Announced(_) | StreamEvent::AnnouncementReacted(_) | StreamEvent::AnnouncementGone(_) => {
                *channel == Channel::User
            }
            StreamEvent::AccessEnded(_) => false,
        }
    }

    /// Whether it ends some of this person's streams.
    pub fn ends_access_of(&self, person: ActorId) -> bool {
        self.event == StreamEvent::AccessEnded(person)
    }
}

fn is_hidden(facts: &PostFacts) -> bool {
    facts.author_hidden || facts.origin.is_some_and(|(_, state)| state != PeerState::Allowed)
}

impl Facts {
    fn of(tx: &mut Tx<'_>, row: &PostRow, audience: Audience, home_readers: &[ActorId]) -> Result<Self> {
        let post = row.id();
        Ok(Self {
            audience,
            is_first: row.kind() != PostKind::Boost && row.in_reply_to_id.is_none() && row.in_reply_to_uri.is_none(),
            is_local: row.peer_id.is_none(),
            tags: posts::tags(tx, post)?,
            at_home: match home_readers {
                [] => HashSet::new(),
                readers => stream_events::has_at_home(tx, post, readers)?.into_iter().collect(),
            },
        })
    }

    fn may_be_shown(&self, person: ActorId, channel: &Channel) -> bool {
        if channel.is_of_home() {
            let fits = *channel != Channel::Direct || self.audience == Audience::Named;
            return fits && self.at_home.contains(&person);
        }
        self.may_be_public_in(channel)
    }

    /// Home feeds have forgotten a deleted post, so it is told to whoever could read it.
    fn may_have_been_shown(&self, channel: &Channel) -> bool {
        match channel {
            Channel::User | Channel::List(_) => true,
            Channel::Direct => self.audience == Audience::Named,
            _ => self.may_be_public_in(channel),
        }
    }

    fn may_be_public_in(&self, channel: &Channel) -> bool {
        match channel {
            Channel::Public { reach, .. } => {
                let is_near = match reach {
                    Reach::All => true,
                    Reach::Local => self.is_local,
                    Reach::Remote => !self.is_local,
                };
                self.audience == Audience::Network && self.is_first && is_near
            }
            Channel::Hashtag { tag, local } => self.tags.contains(tag) && (self.is_local || !local),
            _ => false,
        }
    }
}
