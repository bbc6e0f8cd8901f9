//! Notifications in groups: what many did to the same thing on the same day is told as one.

use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use corridor_domain::{ActorId, NotificationId, Page, PostId, Timestamp};
use corridor_store::Tx;
use corridor_store::notifications::{self, Alike, NotificationRow, Wanted};

use super::{NotificationFilter, is_hidden, views};
use crate::assemble::person_views;
use crate::{Ctx, Error, NotificationKind, NotificationView, PersonView, PostView, Result, Settings, Slice, Viewer};

/// The kinds that are told in groups.
pub const GROUPED: [NotificationKind; 3] =
    [NotificationKind::Favourite, NotificationKind::Follow, NotificationKind::Boost];
/// People of a group who are named, the latest ones.
const SAMPLE: i64 = 8;
/// Notifications that are read at a time.
const BATCH: i64 = 200;
/// Reads for one page at most.
const ROUNDS: usize = 5;
const DAY: i64 = 86_400_000;
const MISSING: Error = Error::NotFound("that notification");

/// What a group has in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum GroupKey {
    /// It is one notification.
    One(NotificationId),
    /// A kind, the post that it is about, and the day (of UTC, counted from 1970).
    Day(NotificationKind, Option<PostId>, i64),
}

impl GroupKey {
    /// The group of a notification, where these kinds are told in groups.
    fn of(row: &NotificationRow, grouped: &[NotificationKind]) -> Self {
        let post = row.post_id.map(PostId::new);
        let kind = NotificationKind::from_code(row.kind).filter(|kind| grouped.contains(kind));
        match kind {
            Some(NotificationKind::Follow) => Self::Day(NotificationKind::Follow, None, row.created_at.div_euclid(DAY)),
            Some(kind) if post.is_some() => Self::Day(kind, post, row.created_at.div_euclid(DAY)),
            _ => Self::One(NotificationId::new(row.id)),
        }
    }

    /// The group of a notification that is shown by itself.
    #[must_use]
    pub fn of_view(view: &NotificationView) -> Self {
        let day = view.created_at.millis().div_euclid(DAY);
        match (view.kind, &view.post) {
            (NotificationKind::Follow, _) => Self::Day(view.kind, None, day),
            (NotificationKind::Favourite | NotificationKind::Boost, Some(post)) => {
                Self::Day(view.kind, Some(post.id), day)
            }
            _ => Self::One(view.id),
        }
    }

    fn alike(self) -> Option<Alike> {
        let Self::Day(kind, post, day) = self else { return None };
        let from = Timestamp::from_millis(day.saturating_mul(DAY));
        let until = Timestamp::from_millis(day.saturating_add(1).saturating_mul(DAY));
        Some(Alike { kind: kind.code(), post, from, until })
    }
}

impl fmt::Display for GroupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(id) => write!(f, "ungrouped-{id}"),
            Self::Day(kind, Some(post), day) => write!(f, "{}-{post}-{day}", kind.word()),
            Self::Day(kind, None, day) => write!(f, "{}-{day}", kind.word()),
        }
    }
}

impl FromStr for GroupKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let kind = |word: &str| GROUPED.into_iter().find(|kind| kind.word() == word);
        let day = |text: &str| text.parse::<u32>().map(i64::from).map_err(|_| MISSING);
        match parts.as_slice() {
            ["ungrouped", id] => Ok(Self::One(id.parse().map_err(|_| MISSING)?)),
            [word, text] if kind(word) == Some(NotificationKind::Follow) => {
                Ok(Self::Day(NotificationKind::Follow, None, day(text)?))
            }
            [word, post, text] => {
                let kind = kind(word).filter(|kind| *kind != NotificationKind::Follow).ok_or(MISSING)?;
                Ok(Self::Day(kind, Some(post.parse().map_err(|_| MISSING)?), day(text)?))
            }
            _ => Err(MISSING),
        }
    }
}

/// What is on the page that was asked for, of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OnPage {
    /// The oldest.
    pub oldest: NotificationId,
    /// The newest.
    pub newest: NotificationId,
    /// When that was.
    pub at: Timestamp,
}

/// What many did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// What it has in common.
    pub key: GroupKey,
    /// Why.
    pub kind: NotificationKind,
    /// How many notifications it holds.
    pub count: i64,
    /// The latest.
    pub newest: NotificationId,
    /// What is on the page; `None` where no page was asked for.
    pub on_page: Option<OnPage>,
    /// Those who did it, of the latest ones.
    pub sample: Vec<ActorId>,
    /// The post that it is about.
    pub post: Option<PostId>,
}

/// Groups, and what they speak of, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grouped {
    /// The latest first.
    pub groups: Slice<GroupView>,
    /// Everyone in a sample.
    pub people: Vec<Arc<PersonView>>,
    /// Every post.
    pub posts: Vec<PostView>,
}

/// A page of the viewer's notifications, of which these kinds are told in groups.
///
/// # Errors
/// When the store fails.
pub async fn list(
    ctx: &Ctx,
    viewer: &Viewer,
    filter: NotificationFilter,
    grouped: Vec<NotificationKind>,
    page: Page,
) -> Result<Grouped> {
    let (settings, owner, wanted) = (ctx.settings.clone(), viewer.id, filter.wanted());
    ctx.store
        .read(move |tx| {
            let (cursors, met) = meet(tx, &settings, owner, &wanted, &grouped, &page)?;
            let mut groups = Vec::new();
            for members in &met {
                groups.extend(whole(tx, owner, &grouped, members)?);
            }
            let posts = met.iter().flatten().filter_map(|view| view.post.clone());
            finish(tx, &settings, Slice::of(cursors, |cursor| *cursor).with(groups), posts.collect())
        })
        .await
}

/// What is met on a page: the cursors of all, and the notifications of each group, newest first.
fn meet(
    tx: &mut Tx<'_>,
    settings: &Settings,
    owner: ActorId,
    wanted: &Wanted,
    grouped: &[NotificationKind],
    page: &Page,
) -> Result<(Vec<i64>, Vec<Vec<NotificationView>>)> {
    let most = usize::try_from(page.limit).unwrap_or(0);
    let mut groups: HashMap<GroupKey, Vec<NotificationView>> = HashMap::new();
    let mut cursors: Vec<i64> = Vec::new();
    let mut next = Page { limit: BATCH, ..*page };
    'read: for _ in 0..ROUNDS {
        let mut rows = notifications::list(tx, owner, wanted, &next)?;
        if page.is_ascending() {
            rows.reverse();
        }
        let was_full = i64::try_from(rows.len()).is_ok_and(|count| count >= BATCH);
        let shown = views(tx, settings, owner, rows.clone())?;
        let mut shown: HashMap<i64, NotificationView> = shown.into_iter().map(|view| (view.id.raw(), view)).collect();
        for row in &rows {
            if let Some(view) = shown.remove(&row.id).filter(|view| !is_hidden(view)) {
                let key = GroupKey::of(row, grouped);
                if groups.len() >= most && !groups.contains_key(&key) {
                    break 'read;
                }
                groups.entry(key).or_default().push(view);
            }
            cursors.push(row.id);
        }
        if page.is_ascending() {
            next.min_id = cursors.last().copied().or(next.min_id);
        } else {
            next.max_id = cursors.last().copied().or(next.max_id);
        }
        if !was_full {
            break;
        }
    }
    cursors.sort_unstable_by(|one, other| other.cmp(one));
    let mut groups: Vec<Vec<NotificationView>> = groups.into_values().collect();
    for members in &mut groups {
        members.sort_by_key(|view| std::cmp::Reverse(view.id));
    }
    groups.sort_by_key(|members| std::cmp::Reverse(members.first().map(|view| view.id)));
    Ok((cursors, groups))
}

/// The group of what was met on a page, with what else belongs to it.
fn whole(
    tx: &mut Tx<'_>,
    owner: ActorId,
    grouped: &[NotificationKind],
    members: &[NotificationView],
) -> Result<Option<GroupView>> {
    let (Some(first), Some(last)) = (members.first(), members.last()) else { return Ok(None) };
    let on_page = OnPage { oldest: last.id, newest: first.id, at: first.created_at };
    let key = GroupKey::of_view(first);
    let key = if grouped.contains(&first.kind) { key } else { GroupKey::One(first.id) };
    let alone = GroupView {
        key,
        kind: first.kind,
        count: 1,
        newest: first.id,
        on_page: Some(on_page),
        sample: vec![first.from.id],
        post: first.post.as_ref().map(|post| post.id),
    };
    let Some(alike) = key.alike() else { return Ok(Some(alone)) };
    let latest = notifications::alike(tx, owner, &alike, &Page::newest(SAMPLE))?;
    let count = notifications::count_alike(tx, owner, &alike)?;
    let newest = latest.first().map_or(first.id, |row| NotificationId::new(row.id));
    let sample = latest.iter().map(|row| ActorId::new(row.actor_id)).collect();
    Ok(Some(GroupView { count, newest, sample, ..alone }))
}

/// Adds what the groups speak of.
fn finish(tx: &mut Tx<'_>, settings: &Settings, groups: Slice<GroupView>, posts: Vec<PostView>) -> Result<Grouped> {
    let mut people: Vec<ActorId> = groups.items.iter().flat_map(|group| group.sample.clone()).collect();
    people.sort_unstable();
    people.dedup();
    let found = person_views(tx, settings, &people)?;
    let mut unique: Vec<PostView> = Vec::new();
    for post in posts {
        if unique.iter().all(|other| other.id != post.id) {
            unique.push(post);
        }
    }
    Ok(Grouped { groups, people: people.iter().filter_map(|id| found.get(id).cloned()).collect(), posts: unique })
}

/// One group of the viewer's notifications.
///
/// # Errors
/// When there is nothing in it.
pub async fn show(ctx: &Ctx, viewer: &Viewer, key: GroupKey) -> Result<Grouped> {
    let (settings, owner) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let first = match key.alike() {
                Some(alike) => notifications::alike(tx, owner, &alike, &Page::newest(1))?,
                None => one(tx, owner, key)?.into_iter().collect(),
            };
            let view = views(tx, &settings, owner, first)?.pop().ok_or(MISSING)?;
            let grouped: &[NotificationKind] = if key.alike().is_some() { &GROUPED } else { &[] };
            let group = whole(tx, owner, grouped, std::slice::from_ref(&view))?.ok_or(MISSING)?;
            let group = GroupView { on_page: None, ..group };
            let alone = Slice { items: vec![group], first: None, last: None };
            finish(tx, &settings, alone, view.post.into_iter().collect())
        })
        .await
}

fn one(tx: &mut Tx<'_>, owner: ActorId, key: GroupKey) -> Result<Option<NotificationRow>> {
    let GroupKey::One(id) = key else { return Ok(None) };
    match notifications::find(tx, owner, id) {
        Ok(row) => Ok(Some(row)),
        Err(corridor_store::Error::NotFound) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Everyone in a group, the latest first; pages by the notifications' numbers.
///
/// # Errors
/// When there is nothing in it.
pub async fn accounts(ctx: &Ctx, viewer: &Viewer, key: GroupKey, page: Page) -> Result<Slice<PersonView>> {
    let (settings, owner) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let (rows, count) = match key.alike() {
                Some(alike) => {
                    (notifications::alike(tx, owner, &alike, &page)?, notifications::count_alike(tx, owner, &alike)?)
                }
                None => one(tx, owner, key)?.map_or((Vec::new(), 0), |row| (vec![row], 1)),
            };
            if count == 0 {
                return Err(MISSING);
            }
            let ids: Vec<ActorId> = rows.iter().map(|row| ActorId::new(row.actor_id)).collect();
            let found = person_views(tx, &settings, &ids)?;
            let people = ids.iter().filter_map(|id| found.get(id)).map(|person| (**person).clone()).collect();
            Ok(Slice::of(rows, |row| row.id).with(people))
        })
        .await
}

/// Removes all of a group; nothing happens when it is empty.
///
/// # Errors
/// When the store fails.
pub async fn dismiss(ctx: &Ctx, viewer: &Viewer, key: GroupKey) -> Result<()> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            match (key, key.alike()) {
                (_, Some(alike)) => notifications::dismiss_alike(tx, owner, &alike)?,
                (GroupKey::One(id), None) => notifications::dismiss(tx, owner, id).map(|_| ())?,
                (GroupKey::Day(..), None) => {}
            }
            Ok(())
        })
        .await
}

/// How many groups the viewer has not seen, as far as `most`.
///
/// # Errors
/// When the store fails.
pub async fn unread_count(
    ctx: &Ctx,
    viewer: &Viewer,
    filter: NotificationFilter,
    grouped: Vec<NotificationKind>,
    most: i64,
) -> Result<usize> {
    let (settings, owner, wanted) = (ctx.settings.clone(), viewer.id, filter.wanted());
    ctx.store
        .read(move |tx| {
            let unread = Page { since_id: Some(notifications::read_to(tx, owner)?), ..Page::newest(most) };
            Ok(meet(tx, &settings, owner, &wanted, &grouped, &unread)?.1.len())
        })
        .await
}

#[cfg(test)]
mod tests;
