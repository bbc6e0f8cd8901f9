//! What is held back: whom somebody wants to be notified by, and those who wait to be accepted.

use corridor_domain::notice::{NEW_FOR, NoticePolicy, Sender, Verdict};
use corridor_domain::{ActorId, Audience, Page, PostId, Timestamp};
use corridor_store::notification_policies::{self as store, Held};
use corridor_store::{Tx, actors, follows, posts};

use crate::assemble::{post_views, shown_people};
use crate::{Ctx, Error, NotificationKind, PersonView, PostView, Result, Settings, Slice, Viewer};

/// Notifications that are looked through for who waits.
const LOOKED_THROUGH: i64 = 1000;
const MISSING: Error = Error::NotFound("that request");

/// What becomes of a notification.
pub(super) fn judge(
    tx: &mut Tx<'_>,
    owner: ActorId,
    kind: NotificationKind,
    from: ActorId,
    post: Option<PostId>,
) -> Result<Verdict> {
    use NotificationKind as Kind;
    // What somebody asked for themselves, by voting, boosting or joining, is not held back.
    if matches!(kind, Kind::Poll | Kind::Update | Kind::GroupRequest | Kind::GroupInvitation) {
        return Ok(Verdict::Accept);
    }
    let policy = store::find(tx, owner)?;
    if policy == NoticePolicy::default() {
        return Ok(Verdict::Accept);
    }
    let stands = |follow: Option<follows::FollowRow>| follow.is_some_and(|follow| follow.accepted);
    let sender = Sender {
        is_accepted: store::is_accepted(tx, owner, from)?,
        is_followed: stands(follows::find_pair(tx, owner, from)?),
        is_follower: stands(follows::find_pair(tx, from, owner)?),
        is_new: Timestamp::from_millis(actors::find(tx, from)?.created_at) + NEW_FOR > tx.now(),
        names_privately: kind == Kind::Mention && names_privately(tx, owner, post)?,
    };
    Ok(policy.judge(sender))
}

/// Whether a post is for named people, and no answer to one of the owner's own.
fn names_privately(tx: &mut Tx<'_>, owner: ActorId, post: Option<PostId>) -> Result<bool> {
    let Some(post) = post else { return Ok(false) };
    let row = posts::find(tx, post)?;
    if row.audience()? != Audience::Named {
        return Ok(false);
    }
    Ok(match row.in_reply_to() {
        Some(parent) => posts::find(tx, parent)?.author() != owner,
        None => true,
    })
}

/// What somebody has decided, and how much waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyView {
    /// What they have decided.
    pub policy: NoticePolicy,
    /// People who wait.
    pub waiting_people: usize,
    /// Notifications that are held back.
    pub waiting: usize,
}

/// What the viewer has decided.
///
/// # Errors
/// When the store fails.
pub async fn policy(ctx: &Ctx, viewer: &Viewer) -> Result<PolicyView> {
    let owner = viewer.id;
    ctx.store.read(move |tx| policy_view(tx, owner)).await
}

fn policy_view(tx: &mut Tx<'_>, owner: ActorId) -> Result<PolicyView> {
    let held = store::held(tx, owner, LOOKED_THROUGH)?;
    Ok(PolicyView { policy: store::find(tx, owner)?, waiting_people: by_sender(&held).len(), waiting: held.len() })
}

/// Decides anew. What is held back already stays so.
///
/// # Errors
/// When the store fails.
pub async fn decide(
    ctx: &Ctx,
    viewer: &Viewer,
    change: impl Fn(NoticePolicy) -> NoticePolicy + Send + 'static,
) -> Result<PolicyView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let policy = change(store::find(tx, owner)?);
            store::set(tx, owner, &policy)?;
            policy_view(tx, owner)
        })
        .await
}

/// Someone who waits to be accepted. Its number is that of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestView {
    /// Who waits.
    pub person: PersonView,
    /// How many notifications are held back.
    pub count: usize,
    /// When the first of them was made.
    pub first_at: Timestamp,
    /// When the last was.
    pub last_at: Timestamp,
    /// The latest post that one of them is about.
    pub last_post: Option<PostView>,
}

/// What is held back of each sender, the latest first.
fn by_sender(held: &[Held]) -> Vec<Vec<Held>> {
    let mut senders: Vec<Vec<Held>> = Vec::new();
    for one in held {
        match senders.iter_mut().find(|of| of.first().is_some_and(|first| first.sender() == one.sender())) {
            Some(of) => of.push(*one),
            None => senders.push(vec![*one]),
        }
    }
    senders
}

/// Those who wait for the viewer, the latest first; pages by the number of the latest that each was held back for.
///
/// # Errors
/// When the store fails.
pub async fn requests(ctx: &Ctx, viewer: &Viewer, page: Page) -> Result<Slice<RequestView>> {
    let (settings, owner) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let held = store::held(tx, owner, LOOKED_THROUGH)?;
            let newest = |of: &Vec<Held>| of.first().map_or(0, Held::id);
            let mut all = by_sender(&held);
            all.retain(|of| newest(of) > page.above() && newest(of) < page.below());
            let most = usize::try_from(page.limit).unwrap_or(0);
            let skipped = if page.is_ascending() { all.len().saturating_sub(most) } else { 0 };
            let all: Vec<Vec<Held>> = all.into_iter().skip(skipped).take(most).collect();
            let views = request_views(tx, &settings, owner, &all)?;
            Ok(Slice::of(all, newest).with(views))
        })
        .await
}

fn request_views(tx: &mut Tx<'_>, settings: &Settings, owner: ActorId, all: &[Vec<Held>]) -> Result<Vec<RequestView>> {
    let senders: Vec<ActorId> = all.iter().filter_map(|of| of.first()).map(Held::sender).collect();
    let people = shown_people(tx, settings, &senders)?;
    let last_of = |of: &Vec<Held>| of.iter().find_map(Held::post);
    let ids: Vec<PostId> = all.iter().filter_map(last_of).collect();
    let rows = posts::find_many_readable(tx, &ids, owner)?;
    let found = post_views(tx, settings, owner, rows)?;
    let view = |of: &Vec<Held>| {
        let (last, first) = (of.first()?, of.last()?);
        Some(RequestView {
            person: people.iter().find(|person| person.id == last.sender())?.clone(),
            count: of.len(),
            first_at: first.at(),
            last_at: last.at(),
            last_post: last_of(of).and_then(|id| found.iter().find(|post| post.id == id)).cloned(),
        })
    };
    Ok(all.iter().filter_map(view).collect())
}

/// One who waits for the viewer.
///
/// # Errors
/// When nothing of theirs is held back.
pub async fn request(ctx: &Ctx, viewer: &Viewer, from: ActorId) -> Result<RequestView> {
    let (settings, owner) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let held = store::held(tx, owner, LOOKED_THROUGH)?;
            let of: Vec<Vec<Held>> = vec![held.into_iter().filter(|one| one.sender() == from).collect()];
            request_views(tx, &settings, owner, &of)?.pop().ok_or(MISSING)
        })
        .await
}

/// What a viewer decides about those who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Everything of theirs is told, now and later.
    Accept,
    /// What is held back of theirs is removed.
    Dismiss,
}

/// Decides about one who waits.
///
/// # Errors
/// When nothing of theirs is held back.
pub async fn answer(ctx: &Ctx, viewer: &Viewer, from: ActorId, answer: Answer) -> Result<()> {
    let owner = viewer.id;
    ctx.store.write(move |tx| if settle(tx, owner, from, answer)? { Ok(()) } else { Err(MISSING) }).await
}

/// Decides about several; of whom nothing is held back is passed over.
///
/// # Errors
/// When the store fails.
pub async fn answer_all(ctx: &Ctx, viewer: &Viewer, from: Vec<ActorId>, answer: Answer) -> Result<()> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            for sender in &from {
                settle(tx, owner, *sender, answer)?;
            }
            Ok(())
        })
        .await
}

fn settle(tx: &mut Tx<'_>, owner: ActorId, from: ActorId, answer: Answer) -> Result<bool> {
    if !store::holds_back(tx, owner, from)? {
        return Ok(false);
    }
    match answer {
        Answer::Accept => store::accept(tx, owner, from)?,
        Answer::Dismiss => store::dismiss(tx, owner, from)?,
    }
    Ok(true)
}
