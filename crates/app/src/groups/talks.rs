//! What is talked about in a group: its talks, announcements, questions and their answers, and what is pinned.

use corridor_domain::filter::Context;
use corridor_domain::group::{self, GroupRefused};
use corridor_domain::{ActorId, Event, Marking, Page, PostId};
use corridor_store::actors::{self, ActorRow};
use corridor_store::groups::{self, GroupRow, WantedTalks};
use corridor_store::posts::{self, PostRow};
use corridor_store::{Tx, outbox};
use serde_json::json;

use super::make::find_ours;
use super::{find, readable, reader_of, standing_of};
use crate::assemble::post_views;
use crate::filters::settle;
use crate::operator::Operator;
use crate::posts::readable as readable_post;
use crate::{Ctx, Error, PostView, Result, Slice, Viewer, audit};

/// What the first post of a talk is besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TopicView {
    /// The facilitators announce it.
    pub announcement: bool,
    /// It asks for an answer.
    pub question: bool,
    /// The reply that is the answer.
    pub answer: Option<PostId>,
}

/// The talks of a group: their first posts, newest first; with `unanswered` only the questions that wait for an answer.
/// That the command line read them is kept in the audit.
///
/// # Errors
/// [`Error::NotFound`] when the reader may not know of the group, [`Error::Forbidden`] when they may not read in it.
pub async fn talks(ctx: &Ctx, by: &Operator, id: ActorId, unanswered: bool, page: Page) -> Result<Slice<PostView>> {
    if let Operator::CommandLine(_) = by {
        note_reading(ctx, by, id).await?;
    }
    let (settings, wanted) = (ctx.settings.clone(), WantedTalks { reader: reader_of(by), unanswered });
    ctx.store
        .read(move |tx| {
            let (_, row) = find(tx, id)?;
            readable(tx, &row, wanted.reader)?;
            let rows = groups::talks(tx, id, &wanted, &page)?;
            let cursors: Vec<i64> = rows.iter().map(|row| row.id).collect();
            // Nobody has this number.
            let reader = wanted.reader.unwrap_or(ActorId::new(0));
            let views = settle(post_views(tx, &settings, reader, rows)?, Context::Public);
            Ok(Slice::of(cursors, |cursor| *cursor).with(views))
        })
        .await
}

async fn note_reading(ctx: &Ctx, by: &Operator, id: ActorId) -> Result<()> {
    let who = by.name();
    ctx.store
        .write(move |tx| {
            let (actor, _) = find(tx, id)?;
            audit::append(tx, &who, "group.read", &super::handle(&actor), &json!({}))
        })
        .await
}

/// The posts at the top of a group's page.
///
/// # Errors
/// As [`talks`].
pub async fn pinned(ctx: &Ctx, viewer: &Viewer, id: ActorId) -> Result<Vec<PostView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let (_, row) = find(tx, id)?;
            readable(tx, &row, Some(reader))?;
            let rows = groups::pinned(tx, id, reader)?;
            post_views(tx, &settings, reader, rows)
        })
        .await
}

/// Pins a post to the top of its group's page, or takes it down.
///
/// # Errors
/// For those who don't run the group; [`Error::NotFound`] for a post that is not in it.
pub async fn set_pinned(ctx: &Ctx, by: &Operator, id: ActorId, post: PostId, pinned: bool) -> Result<()> {
    let by = by.clone();
    ctx.store
        .write(move |tx| {
            let (actor, row) = find_ours(tx, id)?;
            group::may_run(&row.facts(), standing_of(tx, &row, &by)?)?;
            in_group(tx, id, post)?;
            let changed = if pinned { groups::pin(tx, id, post)? } else { groups::unpin(tx, id, post)? };
            if changed {
                outbox::append(tx, &Event::GroupPinned { group: id, post, pinned })?;
                let action = if pinned { "group.pin" } else { "group.unpin" };
                audit::append(tx, &by.name(), action, &super::handle(&actor), &json!({ "post": post.to_string() }))?;
            }
            Ok(())
        })
        .await
}

fn in_group(tx: &mut Tx<'_>, id: ActorId, post: PostId) -> Result<PostRow> {
    let missing = || Error::NotFound("that post in the group");
    let row = posts::find(tx, post).map_err(|_| missing())?;
    if row.group_id == Some(id.raw()) && !row.is_deleted() { Ok(row) } else { Err(missing()) }
}

/// Takes a post out of a group of this node: gone for every member, here and at peers. Its author's own node keeps it.
///
/// # Errors
/// For those who don't run the group; [`Error::NotFound`] for a post that is not in it.
pub async fn remove_post(ctx: &Ctx, by: &Operator, id: ActorId, post: PostId) -> Result<()> {
    let (settings, by) = (ctx.settings.clone(), by.clone());
    ctx.store
        .write(move |tx| {
            let (actor, row) = find_ours(tx, id)?;
            group::may_run(&row.facts(), standing_of(tx, &row, &by)?)?;
            in_group(tx, id, post)?;
            let destroy_after = tx.now() + settings.destroy_after;
            posts::hide(tx, post, destroy_after)?;
            groups::forget_post(tx, post)?;
            outbox::append(tx, &Event::GroupPostRemoved { group: id, post })?;
            let detail = json!({ "post": post.to_string() });
            audit::append(tx, &by.name(), "group.remove-post", &super::handle(&actor), &detail)
        })
        .await
}

/// Says which reply answers a question; `None` takes that back. Its author may, and who runs the group.
///
/// # Errors
/// [`Error::Invalid`] when the post is no question, or the reply is none of its own.
pub async fn accept_answer(ctx: &Ctx, viewer: &Viewer, question: PostId, answer: Option<PostId>) -> Result<()> {
    let by = Operator::Person(viewer.clone());
    let reader = viewer.id;
    ctx.store
        .write(move |tx| {
            let row = readable_post(tx, question, reader)?;
            let group = row.group_id.map(ActorId::new).ok_or_else(|| Error::invalid("This post is not in a group"))?;
            let (_, group_row) = find(tx, group)?;
            if row.author() != reader {
                group::may_run(&group_row.facts(), standing_of(tx, &group_row, &by)?)?;
            }
            apply_answer(tx, &row, answer)?;
            outbox::append(tx, &Event::AnswerAccepted { by: reader, question, answer })?;
            Ok(())
        })
        .await
}

/// Writes down which reply answers a question.
pub(crate) fn apply_answer(tx: &mut Tx<'_>, question: &PostRow, answer: Option<PostId>) -> Result<()> {
    if let Some(answer) = answer {
        let reply = posts::find(tx, answer).map_err(|_| Error::NotFound("that answer"))?;
        if reply.thread_id != question.thread_id || reply.id == question.id || reply.is_deleted() {
            return Err(Error::invalid("Only a reply in the same talk can be the answer"));
        }
    }
    if groups::accept_answer(tx, question.id(), answer)? {
        return Ok(());
    }
    Err(Error::invalid("This post asks no question"))
}

/// May somebody write this in a group? Answers with the group.
pub(crate) fn check_post(
    tx: &mut Tx<'_>,
    id: ActorId,
    author: ActorId,
    (marking, announcement): (Marking, bool),
) -> Result<(ActorRow, GroupRow)> {
    let (actor, row) = find(tx, id)?;
    let standing = groups::standing(tx, id, author)?;
    group::may_post(&row.facts(), standing, marking, announcement)?;
    if announcement && !actor.is_local() {
        return Err(GroupRefused::NotFacilitator.into());
    }
    Ok((actor, row))
}

/// The group of a post, when its home is this node.
pub(crate) fn home_of(tx: &mut Tx<'_>, row: &PostRow) -> corridor_store::Result<Option<ActorRow>> {
    let Some(id) = row.group_id else { return Ok(None) };
    let actor = actors::find(tx, ActorId::new(id))?;
    Ok(Some(actor).filter(ActorRow::is_local))
}
