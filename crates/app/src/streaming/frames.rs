//! What one reader is shown of what happened: found out with the functions that timelines use, at the time it is sent.

use std::sync::Arc;

use corridor_domain::filter::Context;
use corridor_domain::{ActorId, AnnouncementId, Audience, NotificationId, PostId, TokenId};
use corridor_store::posts::PostRow;
use corridor_store::stream_events::StreamEvent;
use corridor_store::{Tx, lists, oauth, timelines, visibility};

use super::channel::Channel;
use super::happening::{Ears, Happening};
use crate::announcements::{self, AnnouncementView};
use crate::assemble::post_views;
use crate::conversations::{self, ConversationView};
use crate::{NotificationKind, NotificationView, PostView, Result, Settings, filters, notifications};

/// What a client is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// A post or a boost is there.
    Update(Box<PostView>),
    /// A post says something else now.
    StatusUpdate(Box<PostView>),
    /// A post or a boost is gone.
    Delete(PostId),
    /// A conversation has a new last post.
    Conversation(Box<ConversationView>),
    /// A notification.
    Notification(Box<NotificationView>),
    /// What was held back is among the notifications now; ask for them anew.
    NotificationsMerged,
    /// An announcement is there, or says something else now.
    Announcement(Box<AnnouncementView>),
    /// So many people give an announcement this emoji now.
    AnnouncementReaction(AnnouncementId, String, i64),
    /// An announcement is gone.
    AnnouncementGone(AnnouncementId),
    /// The reader's filters are others now; ask for them anew.
    FiltersChanged,
}

/// Something told on one of a reader's channels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Where it is told.
    pub channel: Channel,
    /// What is told.
    pub told: Told,
}

/// Who is shown something.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reading<'a> {
    pub settings: &'a Settings,
    pub ears: Ears,
    pub token: TokenId,
}

impl Reading<'_> {
    /// What is shown of `happenings` on `channels`, in their order. `None` when the reader's token has ended.
    pub fn frames(
        self,
        tx: &mut Tx<'_>,
        happenings: &[Arc<Happening>],
        channels: &[Channel],
    ) -> Result<Option<Vec<Frame>>> {
        if !oauth::is_active(tx, self.token)? {
            return Ok(None);
        }
        let mut frames = Vec::new();
        for happening in happenings {
            let channels: Vec<&Channel> =
                channels.iter().filter(|channel| happening.may_concern(self.ears, channel)).collect();
            if !channels.is_empty() {
                self.add(tx, happening.event, &channels, &mut frames)?;
            }
        }
        Ok(Some(frames))
    }

    fn add(self, tx: &mut Tx<'_>, event: StreamEvent, channels: &[&Channel], frames: &mut Vec<Frame>) -> Result<()> {
        match event {
            StreamEvent::Published(post) => {
                let (direct, others): (Vec<&Channel>, Vec<&Channel>) =
                    channels.iter().partition(|channel| ***channel == Channel::Direct);
                self.add_post(tx, post, &others, frames, Told::Update)?;
                if direct.is_empty() { Ok(()) } else { self.add_conversation(tx, post, frames) }
            }
            StreamEvent::Edited(post) => self.add_post(tx, post, channels, frames, Told::StatusUpdate),
            StreamEvent::Deleted(post) => {
                let could_read = visibility::could_read(tx, post, self.ears.person)?;
                if could_read { self.add_deletion(tx, post, channels, frames) } else { Ok(()) }
            }
            // Clients know one word for what is shown no longer.
            StreamEvent::Hidden(post) => {
                let is_meant = visibility::is_meant_for(tx, post, self.ears.person)?;
                if is_meant { self.add_deletion(tx, post, channels, frames) } else { Ok(()) }
            }
            StreamEvent::Notified(_, id) => self.add_notification(tx, id, channels, frames),
            StreamEvent::NotificationsMerged(_) => add_to_all(Some(Told::NotificationsMerged), channels, frames),
            StreamEvent::FiltersChanged(_) => add_to_all(Some(Told::FiltersChanged), channels, frames),
            StreamEvent::Announced(id) => {
                let found = announcements::one(tx, self.settings, self.ears.person, id)?;
                add_to_all(found.map(|view| Told::Announcement(Box::new(view))), channels, frames)
            }
            StreamEvent::AnnouncementReacted(emoji) => {
                let found = announcements::reaction(tx, emoji)?;
                let told = found.map(|(id, name, count)| Told::AnnouncementReaction(id, name, count));
                add_to_all(told, channels, frames)
            }
            StreamEvent::AnnouncementGone(id) => add_to_all(Some(Told::AnnouncementGone(id)), channels, frames),
            StreamEvent::AccessEnded(_) => Ok(()),
        }
    }

    fn add_post(
        self,
        tx: &mut Tx<'_>,
        post: PostId,
        channels: &[&Channel],
        frames: &mut Vec<Frame>,
        told: impl Fn(Box<PostView>) -> Told,
    ) -> Result<()> {
        let mut view: Option<PostView> = None;
        for channel in channels {
            let Some(row) = shown_in(tx, channel, self.ears.person, post)? else { continue };
            if view.is_none() {
                view = post_views(tx, self.settings, self.ears.person, vec![row])?.pop();
            }
            let Some(view) = view.clone().filter(|view| fits(channel, view)) else { continue };
            let shown = filters::settle(vec![view], context(channel)).pop();
            frames.extend(shown.map(|view| Frame::new(channel, told(Box::new(view)))));
        }
        Ok(())
    }

    /// As Mastodon tells of posts for named people.
    fn add_conversation(self, tx: &mut Tx<'_>, post: PostId, frames: &mut Vec<Frame>) -> Result<()> {
        let Some(mut view) = conversations::told_by(tx, self.settings, self.ears.person, post)? else { return Ok(()) };
        if let Some(last) = filters::settle(vec![view.last], context(&Channel::Direct)).pop() {
            view.last = last;
            frames.push(Frame::new(&Channel::Direct, Told::Conversation(Box::new(view))));
        }
        Ok(())
    }

    /// To who could read it until then.
    fn add_deletion(self, tx: &mut Tx<'_>, post: PostId, channels: &[&Channel], frames: &mut Vec<Frame>) -> Result<()> {
        let reader = self.ears.person;
        for channel in channels {
            let was_there = match channel {
                Channel::List(id) => lists::find(tx, reader, *id)?.is_some() && lists::concerns(tx, *id, post)?,
                _ => true,
            };
            if was_there {
                frames.push(Frame::new(channel, Told::Delete(post)));
            }
        }
        Ok(())
    }

    fn add_notification(
        self,
        tx: &mut Tx<'_>,
        id: NotificationId,
        channels: &[&Channel],
        frames: &mut Vec<Frame>,
    ) -> Result<()> {
        let found = notifications::one_told(tx, self.settings, self.ears.person, id)?;
        // Stock clients don't know what groups and connections tell.
        if let Some(view) = found.filter(|view| !NotificationKind::OURS.contains(&view.kind)) {
            add_to_all(Some(Told::Notification(Box::new(view))), channels, frames)?;
        }
        Ok(())
    }
}

/// What needs no look at the channel: it is told on each of them.
fn add_to_all(told: Option<Told>, channels: &[&Channel], frames: &mut Vec<Frame>) -> Result<()> {
    if let Some(told) = told {
        frames.extend(channels.iter().map(|channel| Frame::new(channel, told.clone())));
    }
    Ok(())
}

impl Frame {
    fn new(channel: &Channel, told: Told) -> Self {
        Self { channel: channel.clone(), told }
    }
}

/// The post, if the timeline of this channel shows it to the reader now.
fn shown_in(tx: &mut Tx<'_>, channel: &Channel, reader: ActorId, post: PostId) -> Result<Option<PostRow>> {
    let page = timelines::only(post);
    let mut rows = match channel {
        Channel::UserNotification => Vec::new(),
        Channel::User | Channel::Direct => timelines::home(tx, reader, &page)?,
        Channel::Public { reach, .. } => {
            timelines::of_audience(tx, Audience::Network, reach.is_local(), reader, &page)?
        }
        Channel::Hashtag { tag, .. } => timelines::tagged(tx, tag, reader, &page)?,
        Channel::List(id) => match lists::find(tx, reader, *id)? {
            Some(list) => timelines::of_list(tx, &list, &page)?,
            None => Vec::new(),
        },
    };
    Ok(rows.pop())
}

/// What the timeline itself does not ask.
fn fits(channel: &Channel, view: &PostView) -> bool {
    match channel {
        Channel::Public { only_media: true, .. } => !view.media.is_empty(),
        Channel::Direct => view.audience == Audience::Named,
        _ => true,
    }
}

/// Where the reader's filters count.
const fn context(channel: &Channel) -> Context {
    match channel {
        Channel::Public { .. } | Channel::Hashtag { .. } => Context::Public,
        _ => Context::Home,
    }
}
