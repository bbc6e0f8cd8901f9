//! Reports that peers' moderators send on: about people of this node.

use corridor_domain::PostId;
use corridor_store::actors::ActorRow;
use corridor_store::reports::ReportRow;
use corridor_store::{Tx, actors, posts, reports};
use serde_json::json;

use super::arrival::{Arrival, apply, lies_on};
use super::types::{Outcome, Received};
use crate::reports::{COMMENT_CHARACTERS, Category, POSTS, ids};
use crate::{Ctx, Error, Result, audit};

/// A peer reports someone of this node, and posts of theirs.
///
/// # Errors
/// [`Error::Forbidden`] when the Flag's id is not the sender's to give.
pub async fn flagged(ctx: &Ctx, received: Received, objects: Vec<String>, comment: String) -> Result<Outcome> {
    let uri = received.activity_uri.clone();
    let comment: String = comment.chars().filter(|c| !c.is_control() || *c == '\n').take(COMMENT_CHARACTERS).collect();
    apply(ctx, received, move |tx, arrival| write(tx, arrival, &uri, &objects, &comment)).await
}

fn write(tx: &mut Tx<'_>, arrival: &Arrival, uri: &str, objects: &[String], comment: &str) -> Result<Outcome> {
    let Arrival { peer, actor: reporter, .. } = arrival;
    if !lies_on(peer, uri) {
        return Err(Error::forbidden(format!("the Flag's id must lie on {}", peer.authority)));
    }
    let mut target = None;
    let mut about: Vec<PostId> = Vec::new();
    for object in objects.iter().take(POSTS + 1) {
        if let Some(actor) = actors::find_by_uri(tx, object)?.filter(ActorRow::is_local) {
            target.get_or_insert(actor.actor_id());
        } else if let Some(post) = posts::find_by_uri(tx, object)?.filter(|post| post.peer_id.is_none()) {
            about.push(post.id());
        }
    }
    // Some name posts alone; a report is about one person, and posts of others don't belong to it.
    if target.is_none()
        && let Some(first) = about.first()
    {
        target = Some(posts::find(tx, *first)?.author());
    }
    let Some(target) = target else { return Ok(Outcome::Ignored) };
    let mut theirs = Vec::with_capacity(about.len());
    for post in about {
        if posts::find(tx, post)?.author() == target {
            theirs.push(post);
        }
    }
    let id = tx.new_id();
    let row = ReportRow {
        id,
        uri: uri.to_owned(),
        peer_id: Some(peer.id.raw()),
        reporter_id: reporter.id,
        target_id: target.raw(),
        category: Category::Other.word().to_owned(),
        comment: comment.to_owned(),
        post_ids: ids(&theirs),
        forwarded: false,
        created_at: tx.now().millis(),
        resolved_at: None,
        resolved_by: String::new(),
        resolution: String::new(),
    };
    reports::insert(tx, &row)?;
    let detail = json!({ "target": target.to_string(), "from": reporter.uri });
    audit::append(tx, peer.authority.as_str(), "report.receive", &id.to_string(), &detail)?;
    tracing::warn!(report.id = id, peer = %peer.authority, "moderators of {} report someone here: corridor report show {id}", peer.authority);
    Ok(Outcome::Applied)
}
