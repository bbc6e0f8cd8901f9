//! Posts that go out later: kept with their uploads, and published once when they are due, if policy still lets them.

mod kept;
mod run;

use std::time::Duration;

use corridor_domain::{ActorId, Audience, MediaId, Page, ScheduledId, Timestamp};
use corridor_store::scheduled::{self, ScheduledRow};
use corridor_store::{Tx, accounts, media, posts as stored};

pub use self::run::run;

use crate::media::{MediaView, attach, media_view};
use crate::posts::compose::{self, Composed, Measure};
use crate::posts::{self, Draft, KEY_LIFE};
use crate::{Ctx, Error, PostView, Result, Settings, Slice, Viewer};

/// The least time ahead, as in Mastodon.
pub const SOONEST: Duration = Duration::from_secs(5 * 60);
/// How many of one person's wait at most, as in Mastodon.
pub const MOST: usize = 300;
/// How many of one person's go out on one day (UTC) at most, as in Mastodon.
pub const MOST_A_DAY: usize = 25;

/// A scheduled post as its author sees it.
#[derive(Debug, Clone)]
pub struct ScheduledView {
    /// Its number.
    pub id: ScheduledId,
    /// When it goes out.
    pub due_at: Timestamp,
    /// What goes out. Its audience and marking are decided.
    pub draft: Draft,
    /// Its uploads, in their order.
    pub media: Vec<MediaView>,
    /// Why it could not go out; it waits for another time.
    pub failure: Option<String>,
}

/// What came of scheduling a post.
#[derive(Debug)]
pub enum Outcome {
    /// It waits.
    Waits(Box<ScheduledView>),
    /// The same attempt was made before, and its post is out already.
    IsOut(Box<PostView>),
}

/// Schedules a post. Everything that would be refused now is refused now; the same is asked again when it is due.
///
/// # Errors
/// When the draft breaks a rule, the moment is too soon, or too many wait.
pub async fn schedule(ctx: &Ctx, viewer: &Viewer, draft: Draft, due: Timestamp) -> Result<Outcome> {
    if let Some(outcome) = scheduled_before(ctx, viewer, &draft).await? {
        return Ok(outcome);
    }
    demand_ahead(ctx.now(), due)?;
    let composed = composed(ctx, &draft).await?;
    let (settings, author, again) = (ctx.settings.clone(), viewer.clone(), draft.clone());
    let written = ctx.store.write(move |tx| write(tx, &settings, &author, &draft, &composed, due)).await;
    match written {
        Ok(view) => Ok(Outcome::Waits(Box::new(view))),
        // The same draft, handed in twice at once: the other one came first.
        Err(error) => scheduled_before(ctx, viewer, &again).await?.ok_or(error),
    }
}

async fn scheduled_before(ctx: &Ctx, viewer: &Viewer, draft: &Draft) -> Result<Option<Outcome>> {
    let Some(key) = draft.idempotency_key.clone() else { return Ok(None) };
    if let Some(post) = posts::published_before(ctx, viewer, draft).await? {
        return Ok(Some(Outcome::IsOut(Box::new(posts::show(ctx, viewer, post).await?))));
    }
    let owner = viewer.id;
    ctx.store
        .read(move |tx| {
            let since = tx.now() - KEY_LIFE;
            let row = scheduled::find_by_key(tx, owner, &key, since)?;
            Ok(row.map(|row| view(tx, row)).transpose()?.map(|view| Outcome::Waits(Box::new(view))))
        })
        .await
}

fn demand_ahead(now: Timestamp, due: Timestamp) -> Result<()> {
    if due >= now + SOONEST {
        return Ok(());
    }
    let minutes = SOONEST.as_secs() / 60;
    Err(Error::invalid(format!("Validation failed: Scheduled at must be at least {minutes} minutes in the future")))
}

/// Refuses too many in all, and on the day of `due`. Nobody else counts while this transaction holds the account.
fn demand_room(tx: &mut Tx<'_>, owner: ActorId, due: Timestamp, except: Option<ScheduledId>) -> Result<()> {
    accounts::hold(tx, owner)?;
    let waiting = scheduled::waiting(tx, owner, except)?;
    if waiting.len() >= MOST {
        return Err(Error::invalid(format!(
            "Validation failed: You have exceeded the limit of {MOST} scheduled posts"
        )));
    }
    let day = due.date_time().date_naive();
    if waiting.iter().filter(|other| other.date_time().date_naive() == day).count() >= MOST_A_DAY {
        return Err(Error::invalid(format!(
            "Validation failed: You have exceeded the limit of {MOST_A_DAY} scheduled posts for that day"
        )));
    }
    Ok(())
}

async fn composed(ctx: &Ctx, draft: &Draft) -> Result<Composed> {
    let measure = Measure { may_be_empty: !draft.media.is_empty(), is_article: draft.is_article() };
    compose::compose(ctx, &draft.text, &draft.summary, measure).await
}

fn write(
    tx: &mut Tx<'_>,
    settings: &Settings,
    author: &Viewer,
    draft: &Draft,
    composed: &Composed,
    due: Timestamp,
) -> Result<ScheduledView> {
    demand_room(tx, author.id, due, None)?;
    let attempt = Draft { idempotency_key: None, ..draft.clone() };
    // What the post would be if it were published now, which says too whether it may be.
    let post = tx.rehearse(|tx| {
        let id = posts::write_post(tx, settings, author, &attempt, composed)?;
        Ok::<_, Error>(stored::find(tx, id)?)
    })?;
    let audience = post.audience()?;
    // What the author was shown is what goes out, also when their defaults change meanwhile.
    let settled = Draft {
        audience: Some(audience),
        group: post.group_id.map(ActorId::new).filter(|_| audience == Audience::Group),
        marking: Some(post.marking()),
        handling: Some(post.handling.clone()),
        ..attempt
    };
    let row = ScheduledRow {
        id: tx.new_id(),
        owner_id: author.id.raw(),
        due_at: due.millis(),
        next_try_at: due.millis(),
        draft: kept::write(&settled)?,
        idempotency_key: draft.idempotency_key.clone(),
        failed_at: None,
        failure: None,
        created_at: tx.now().millis(),
    };
    let since = tx.now() - KEY_LIFE;
    scheduled::insert(tx, &row, since)?;
    attach::keep(tx, author.id, row.id(), &draft.media, &draft.media_edits)?;
    view(tx, row)
}

fn view(tx: &mut Tx<'_>, row: ScheduledRow) -> Result<ScheduledView> {
    let draft = kept::read(&row.draft)?;
    let mut media: Vec<MediaView> = media::find_many(tx, &draft.media)?.into_iter().map(media_view).collect();
    media.sort_by_key(|one| draft.media.iter().position(|id| *id == one.id));
    Ok(ScheduledView { id: row.id(), due_at: row.due_at(), draft, media, failure: row.failure })
}

fn own(tx: &mut Tx<'_>, owner: ActorId, id: ScheduledId) -> Result<ScheduledRow> {
    scheduled::find(tx, owner, id)?.ok_or(Error::NotFound("that scheduled post"))
}

/// The viewer's scheduled posts, those that could not go out too.
///
/// # Errors
/// When the store fails.
pub async fn list(ctx: &Ctx, viewer: &Viewer, page: Page) -> Result<Slice<ScheduledView>> {
    let owner = viewer.id;
    ctx.store
        .read(move |tx| {
            let rows = scheduled::of_owner(tx, owner, &page)?;
            let views = rows.into_iter().map(|row| view(tx, row)).collect::<Result<Vec<_>>>()?;
            Ok(Slice::of(views, |view| view.id.raw()))
        })
        .await
}

/// One of the viewer's scheduled posts.
///
/// # Errors
/// [`Error::NotFound`] when it isn't theirs.
pub async fn show(ctx: &Ctx, viewer: &Viewer, id: ScheduledId) -> Result<ScheduledView> {
    let owner = viewer.id;
    ctx.store
        .read(move |tx| {
            let row = own(tx, owner, id)?;
            view(tx, row)
        })
        .await
}

/// Lets a scheduled post go out at another time; one that could not go out is tried again then.
///
/// # Errors
/// [`Error::NotFound`] when it isn't the viewer's; [`Error::Invalid`] when that is too soon, or too many go out then.
pub async fn reschedule(ctx: &Ctx, viewer: &Viewer, id: ScheduledId, due: Timestamp) -> Result<ScheduledView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            own(tx, owner, id)?;
            demand_ahead(tx.now(), due)?;
            demand_room(tx, owner, due, Some(id))?;
            scheduled::move_to(tx, id, due)?;
            let row = own(tx, owner, id)?;
            view(tx, row)
        })
        .await
}

/// Takes a scheduled post back. Its uploads are there for another post.
///
/// # Errors
/// [`Error::NotFound`] when it isn't the viewer's, or is out already.
pub async fn cancel(ctx: &Ctx, viewer: &Viewer, id: ScheduledId) -> Result<()> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let was_there = scheduled::delete(tx, owner, id)?;
            if was_there { Ok(()) } else { Err(Error::NotFound("that scheduled post")) }
        })
        .await
}

/// The uploads that a draft names.
fn ids(raw: &[i64]) -> Vec<MediaId> {
    raw.iter().copied().map(MediaId::new).collect()
}

#[cfg(test)]
mod tests;
