//! Notifications: what a person is told, once.

pub mod grouped;
pub mod held;

use std::collections::HashMap;

use corridor_domain::filter::Context;
use corridor_domain::notice::Verdict;
use corridor_domain::{ActorId, NotificationId, Page, PostId, Timestamp};
use corridor_store::notifications::{NotificationRow, Wanted};
use corridor_store::{Tx, blocks, notifications, people, posts, thread_mutes, visibility};

use crate::assemble::{person_views, post_views};
use crate::{Ctx, Error, NotificationKind, NotificationView, PostView, Result, Settings, Slice, Viewer, filters};

/// How many of the unread are looked through for what filters hide.
const LOOKED_THROUGH: i64 = 200;

/// Which notifications are wanted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NotificationFilter {
    /// Only these kinds; all when empty.
    pub only: Vec<NotificationKind>,
    /// Not these kinds.
    pub except: Vec<NotificationKind>,
    /// Only what this person did.
    pub from: Option<ActorId>,
    /// Also what is held back.
    pub with_held: bool,
}

impl NotificationFilter {
    fn wanted(&self) -> Wanted {
        let codes = |kinds: &[NotificationKind]| kinds.iter().map(|kind| kind.code()).collect();
        Wanted { only: codes(&self.only), except: codes(&self.except), from: self.from, with_held: self.with_held }
    }
}

/// The viewer's notifications.
///
/// # Errors
/// When the store fails.
pub async fn list(
    ctx: &Ctx,
    viewer: &Viewer,
    filter: NotificationFilter,
    page: Page,
) -> Result<Slice<NotificationView>> {
    let (settings, owner) = (ctx.settings.clone(), viewer.id);
    let wanted = filter.wanted();
    ctx.store
        .read(move |tx| {
            Slice::fill(page, |page| {
                let rows = notifications::list(tx, owner, &wanted, page)?;
                let cursors = rows.iter().map(|row| row.id).collect();
                let mut shown = views(tx, &settings, owner, rows)?;
                shown.retain(|one| !is_hidden(one));
                Ok((cursors, shown))
            })
        })
        .await
}

fn views(
    tx: &mut Tx<'_>,
    settings: &Settings,
    owner: ActorId,
    rows: Vec<NotificationRow>,
) -> Result<Vec<NotificationView>> {
    let read_to = notifications::read_to(tx, owner)?;
    let mut people: Vec<ActorId> = rows.iter().map(|row| ActorId::new(row.actor_id)).collect();
    people.sort_unstable();
    people.dedup();
    let people = person_views(tx, settings, &people)?;
    let mut about: Vec<PostId> = rows.iter().filter_map(|row| row.post_id.map(PostId::new)).collect();
    about.sort_unstable();
    about.dedup();
    let about = posts::find_many_readable(tx, &about, owner)?;
    let about = post_views(tx, settings, owner, about)?;
    let about = about.into_iter().map(|post| filters::narrowed(post, Context::Notifications));
    let about: HashMap<PostId, PostView> = about.map(|post| (post.id, post)).collect();
    let view = |row: NotificationRow| {
        Some(NotificationView {
            id: NotificationId::new(row.id),
            kind: NotificationKind::from_code(row.kind)?,
            from: people.get(&ActorId::new(row.actor_id))?.clone(),
            post: row.post_id.and_then(|post| about.get(&PostId::new(post))).cloned(),
            created_at: Timestamp::from_millis(row.created_at),
            read: row.id <= read_to,
        })
    };
    Ok(rows.into_iter().filter_map(view).collect())
}

fn is_hidden(notification: &NotificationView) -> bool {
    notification.post.as_ref().is_some_and(filters::is_hidden)
}

/// One of the viewer's notifications.
///
/// # Errors
/// When it isn't there.
pub async fn show(ctx: &Ctx, viewer: &Viewer, id: NotificationId) -> Result<NotificationView> {
    let (settings, owner) = (ctx.settings.clone(), viewer.id);
    ctx.store.read(move |tx| one(tx, &settings, owner, id)?.ok_or(Error::NotFound("that notification"))).await
}

/// One of a person's notifications, unless it is gone or about something that they may not read any more.
fn one(tx: &mut Tx<'_>, settings: &Settings, owner: ActorId, id: NotificationId) -> Result<Option<NotificationView>> {
    match notifications::find(tx, owner, id) {
        Ok(row) => Ok(views(tx, settings, owner, vec![row])?.pop()),
        Err(corridor_store::Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// As `one`, where it is told by itself: not what a filter hides.
pub(crate) fn one_told(
    tx: &mut Tx<'_>,
    settings: &Settings,
    owner: ActorId,
    id: NotificationId,
) -> Result<Option<NotificationView>> {
    Ok(one(tx, settings, owner, id)?.filter(|one| !is_hidden(one)))
}

/// Removes one notification.
///
/// # Errors
/// When it isn't there.
pub async fn dismiss(ctx: &Ctx, viewer: &Viewer, id: NotificationId) -> Result<()> {
    let owner = viewer.id;
    let was_there = ctx.store.write(move |tx| notifications::dismiss(tx, owner, id).map_err(Error::from)).await?;
    if was_there { Ok(()) } else { Err(Error::NotFound("that notification")) }
}

/// Removes all of them.
///
/// # Errors
/// When the store fails.
pub async fn clear(ctx: &Ctx, viewer: &Viewer) -> Result<()> {
    let owner = viewer.id;
    ctx.store.write(move |tx| notifications::clear(tx, owner).map_err(Error::from)).await
}

/// How many the viewer has not seen yet. What their filters hide is not counted, as far as the newest go.
///
/// # Errors
/// When the store fails.
pub async fn unread_count(ctx: &Ctx, viewer: &Viewer) -> Result<i64> {
    let (settings, owner) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let unread = notifications::unread(tx, owner)?;
            if unread == 0 || !filters::hides_notifications(tx, owner)? {
                return Ok(unread);
            }
            let newest = Page { since_id: Some(notifications::read_to(tx, owner)?), ..Page::newest(LOOKED_THROUGH) };
            let rows = notifications::list(tx, owner, &Wanted::default(), &newest)?;
            let hidden = views(tx, &settings, owner, rows)?.iter().filter(|one| is_hidden(one)).count();
            Ok(unread.saturating_sub(i64::try_from(hidden).unwrap_or(0)))
        })
        .await
}

/// Notes that the viewer has seen everything up to this one.
///
/// # Errors
/// When the store fails.
pub async fn mark_read(ctx: &Ctx, viewer: &Viewer, up_to: NotificationId) -> Result<()> {
    let owner = viewer.id;
    ctx.store.write(move |tx| notifications::mark_read(tx, owner, up_to).map_err(Error::from)).await
}

/// Tells `owner` what `from` did: only someone of this node, of others' doing, and of a post that they may read in a
/// thread that they have not muted, from someone by whom they want to be notified.
/// Each thing once; says whether they were told now.
pub(crate) fn add(
    tx: &mut Tx<'_>,
    owner: ActorId,
    kind: NotificationKind,
    from: ActorId,
    post: Option<PostId>,
) -> Result<bool> {
    if owner == from || !people::is_local(tx, owner)? {
        return Ok(false);
    }
    let distance = blocks::between(tx, owner, from)?;
    if distance.is_blocked() || distance.muting_notifications || distance.domain_blocking {
        return Ok(false);
    }
    if let Some(post) = post
        && (!visibility::may_read(tx, post, owner)? || thread_mutes::is_muted(tx, owner, post)?)
    {
        return Ok(false);
    }
    match held::judge(tx, owner, kind, from, post)? {
        Verdict::Accept => Ok(notifications::add(tx, owner, kind.code(), from, post)?),
        Verdict::Filter => notifications::hold_back(tx, owner, kind.code(), from, post).map(|()| Ok(false))?,
        Verdict::Drop => Ok(false),
    }
}

/// Takes back what `from` did: these kinds, about this post or (`None`) about the owner.
pub(crate) fn take_back(
    tx: &mut Tx<'_>,
    owner: ActorId,
    kinds: &[NotificationKind],
    from: ActorId,
    post: Option<PostId>,
) -> Result<()> {
    let kinds: Vec<i16> = kinds.iter().map(|kind| kind.code()).collect();
    Ok(notifications::take_back(tx, owner, &kinds, from, post)?)
}
