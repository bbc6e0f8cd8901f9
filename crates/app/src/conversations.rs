//! Conversations: threads of posts to named people, as one of them has them.

use std::collections::HashMap;

use corridor_domain::{ActorId, ConversationId, Page, PostId};
use corridor_store::conversations::{self, ConversationRow};
use corridor_store::{Tx, posts};

use crate::assemble::{post_views, shown_people};
use crate::{Ctx, Error, PersonView, PostView, Result, Settings, Slice, Viewer};

const MISSING: Error = Error::NotFound("that conversation");

/// A thread of posts to named people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationView {
    /// Its number.
    pub id: ConversationId,
    /// Whether its last post has not been read.
    pub unread: bool,
    /// The others in it who are still there.
    pub others: Vec<PersonView>,
    /// The last post that the viewer may see.
    pub last: PostView,
}

/// The viewer's conversations, the latest talk first; pages by the number of the last post.
///
/// # Errors
/// When the store fails.
pub async fn list(ctx: &Ctx, viewer: &Viewer, page: Page) -> Result<Slice<ConversationView>> {
    let (settings, owner) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            Slice::fill(page, |page| {
                let rows = conversations::list(tx, owner, page)?;
                let cursors = rows.iter().map(|row| row.last_id).collect();
                Ok((cursors, views(tx, &settings, owner, &rows)?))
            })
        })
        .await
}

/// Those of these of which the viewer may see something now, in this order.
fn views(
    tx: &mut Tx<'_>,
    settings: &Settings,
    owner: ActorId,
    rows: &[ConversationRow],
) -> Result<Vec<ConversationView>> {
    let last = conversations::last_shown(tx, owner, rows)?;
    let threads: Vec<i64> = rows.iter().map(|row| row.thread_id).collect();
    let mut others = conversations::others(tx, owner, &threads)?;
    let people: Vec<ActorId> = others.values().flatten().copied().collect();
    let people: HashMap<ActorId, PersonView> =
        shown_people(tx, settings, &people)?.into_iter().map(|person| (person.id, person)).collect();
    let of_row: HashMap<i64, PostId> = last.iter().map(|(row, post)| (*row, post.id())).collect();
    let posts = post_views(tx, settings, owner, last.into_values().collect())?;
    let posts: HashMap<PostId, PostView> = posts.into_iter().map(|post| (post.id, post)).collect();
    let view = |row: &ConversationRow| {
        let last = posts.get(of_row.get(&row.id)?)?.clone();
        let others = others.remove(&row.thread_id).unwrap_or_default();
        Some(ConversationView {
            id: row.id(),
            unread: last.id.raw() > row.read_to,
            others: others.iter().filter_map(|person| people.get(person)).cloned().collect(),
            last,
        })
    };
    Ok(rows.iter().filter_map(view).collect())
}

/// Marks one as read, up to its last post.
///
/// # Errors
/// When it isn't the viewer's, or nothing of it is left to see.
pub async fn read(ctx: &Ctx, viewer: &Viewer, id: ConversationId) -> Result<ConversationView> {
    let (settings, owner) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .write(move |tx| {
            let row = own(tx, owner, id)?;
            conversations::mark_read(tx, &row)?;
            let row = own(tx, owner, id)?;
            views(tx, &settings, owner, &[row])?.pop().ok_or(MISSING)
        })
        .await
}

/// Marks the last post of one as not read.
///
/// # Errors
/// When it isn't the viewer's, or nothing of it is left to see.
pub async fn unread(ctx: &Ctx, viewer: &Viewer, id: ConversationId) -> Result<ConversationView> {
    let (settings, owner) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .write(move |tx| {
            let row = own(tx, owner, id)?;
            let view = views(tx, &settings, owner, &[row])?.pop().ok_or(MISSING)?;
            conversations::mark_unread(tx, &row, view.last.id)?;
            Ok(ConversationView { unread: true, ..view })
        })
        .await
}

/// Takes one out of the viewer's list, for them alone. What is said in it later brings it back.
///
/// # Errors
/// When it isn't the viewer's.
pub async fn remove(ctx: &Ctx, viewer: &Viewer, id: ConversationId) -> Result<()> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let row = own(tx, owner, id)?;
            Ok(conversations::hide(tx, &row)?)
        })
        .await
}

fn own(tx: &mut Tx<'_>, owner: ActorId, id: ConversationId) -> Result<ConversationRow> {
    conversations::find(tx, owner, id).map_err(|error| match error {
        corridor_store::Error::NotFound => MISSING,
        other => other.into(),
    })
}

/// The conversation that a new post is in, as `owner` is told of it: only if it is the post's to tell, which they may see.
pub(crate) fn told_by(
    tx: &mut Tx<'_>,
    settings: &Settings,
    owner: ActorId,
    post: PostId,
) -> Result<Option<ConversationView>> {
    let Some(row) = conversations::of_post(tx, owner, post)? else { return Ok(None) };
    let is_named = posts::find(tx, post)?.audience()? == corridor_domain::Audience::Named;
    // What came later tells of itself, in its own event.
    let view = views(tx, settings, owner, &[row])?.pop();
    Ok(view.filter(|view| is_named && view.last.id >= post))
}

#[cfg(test)]
mod tests;
