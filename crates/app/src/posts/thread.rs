//! What stands around a post: its thread, and what it said before it was edited.

use std::collections::HashMap;

use corridor_domain::filter::Context;
use corridor_domain::{PostId, Timestamp};
use corridor_store::posts::{self, PostRow};

use crate::assemble::post_views;
use crate::filters::settle;
use crate::posts::{original, readable};
use crate::{ContextView, Ctx, Result, RevisionView, Viewer};

/// The longest thread that is shown whole.
const LONGEST: i64 = 2_000;

/// What comes before and after a post in its thread.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn context(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<ContextView> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let post = original(tx, id, reader)?;
            let rows = posts::thread(tx, post.thread_id, reader, LONGEST)?;
            let (before, after) = around(&post, rows);
            let ancestors = post_views(tx, &settings, reader, before)?;
            let descendants = post_views(tx, &settings, reader, after)?;
            Ok(ContextView {
                ancestors: settle(ancestors, Context::Thread),
                descendants: settle(descendants, Context::Thread),
            })
        })
        .await
}

/// Splits a thread: from its start down to the post's parent, and the answers to the post, depth first.
fn around(post: &PostRow, thread: Vec<PostRow>) -> (Vec<PostRow>, Vec<PostRow>) {
    let mut answers: HashMap<i64, Vec<i64>> = HashMap::new();
    for row in thread.iter().rev() {
        if let Some(parent) = row.in_reply_to_id {
            answers.entry(parent).or_default().push(row.id);
        }
    }
    let mut rows: HashMap<i64, PostRow> = thread.into_iter().map(|row| (row.id, row)).collect();
    // Taken out as it is met, so that a circle among peers' posts ends.
    rows.remove(&post.id);
    let mut before = Vec::new();
    let mut parent = post.in_reply_to_id;
    while let Some(row) = parent.and_then(|id| rows.remove(&id)) {
        parent = row.in_reply_to_id;
        before.push(row);
    }
    before.reverse();
    let mut after = Vec::new();
    let mut open = answers.get(&post.id).cloned().unwrap_or_default();
    while let Some(id) = open.pop() {
        if let Some(row) = rows.remove(&id) {
            open.extend(answers.get(&id).into_iter().flatten());
            after.push(row);
        }
    }
    (before, after)
}

/// Every state of a post, the oldest first, the present one last.
///
/// # Errors
/// When the post isn't there or not for this reader.
pub async fn history(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<Vec<RevisionView>> {
    let reader = viewer.id;
    ctx.store
        .read(move |tx| {
            let post = readable(tx, id, reader)?;
            let mut states: Vec<RevisionView> = posts::revisions(tx, id)?
                .into_iter()
                .map(|row| RevisionView {
                    created_at: Timestamp::from_millis(row.created_at),
                    content: row.content,
                    summary: row.summary,
                    sensitive: row.sensitive,
                })
                .collect();
            states.push(RevisionView {
                created_at: Timestamp::from_millis(post.edited_at.unwrap_or(post.published_at)),
                content: post.content,
                summary: post.summary,
                sensitive: post.sensitive,
            });
            Ok(states)
        })
        .await
}
