//! The talks of a group: their first posts, what is announced, asked and answered.

use std::collections::HashMap;

use corridor_domain::{ActorId, Marking, Page, PeerState, PostId};
use diesel::dsl::exists;
use diesel::prelude::*;

use crate::paging::load_page;
use crate::posts::PostRow;
use crate::schema::{actors, group_originals, peers, posts, topics};
use crate::visibility::readable_by;
use crate::{Result, Tx, pins};

diesel::alias!(crate::schema::posts as answers: Answers);

/// What the first post of a talk is besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Topic {
    /// The facilitators announce it.
    pub announcement: bool,
    /// It asks for an answer.
    pub question: bool,
    /// The reply that is the answer.
    pub answer: Option<PostId>,
}

/// Says what a post is besides.
///
/// # Errors
/// When the database fails.
pub fn set_topic(tx: &mut Tx<'_>, post: PostId, topic: &Topic) -> Result<()> {
    diesel::delete(topics::table.find(post.raw())).execute(tx.conn)?;
    if *topic == Topic::default() {
        return Ok(());
    }
    diesel::insert_into(topics::table)
        .values((
            topics::post_id.eq(post.raw()),
            topics::announcement.eq(topic.announcement),
            topics::question.eq(topic.question),
            topics::answer_id.eq(topic.answer.map(PostId::raw)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// What these posts are besides; plain ones are left out.
///
/// # Errors
/// When the database fails.
pub fn topics_of(tx: &mut Tx<'_>, ids: &[PostId]) -> Result<HashMap<PostId, Topic>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    let rows: Vec<(i64, bool, bool, Option<i64>)> = topics::table
        .filter(topics::post_id.eq_any(ids))
        .select((topics::post_id, topics::announcement, topics::question, topics::answer_id))
        .load(tx.conn)?;
    let topic = |(post, announcement, question, answer): (i64, bool, bool, Option<i64>)| {
        (PostId::new(post), Topic { announcement, question, answer: answer.map(PostId::new) })
    };
    Ok(rows.into_iter().map(topic).collect())
}

/// Says which reply answers a question; `None` takes that back. `false` when the post is no question.
///
/// # Errors
/// When the database fails.
pub fn accept_answer(tx: &mut Tx<'_>, question: PostId, answer: Option<PostId>) -> Result<bool> {
    let row = topics::table.filter(topics::post_id.eq(question.raw())).filter(topics::question.eq(true));
    Ok(diesel::update(row).set(topics::answer_id.eq(answer.map(PostId::raw))).execute(tx.conn)? > 0)
}

/// Takes a post that is gone out of its group: its pin, and what was kept of it as it was sent.
///
/// # Errors
/// When the database fails.
pub fn forget_post(tx: &mut Tx<'_>, post: PostId) -> Result<()> {
    pins::forget_post(tx, post.raw())?;
    forget_original(tx, post)
}

/// Which talks are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WantedTalks {
    /// Those that a person of this node may read; `None` for whoever may read all.
    pub reader: Option<ActorId>,
    /// Only questions that have no answer, or whose answer is gone.
    pub unanswered: bool,
}

/// The talks of a group: first posts, newest first.
///
/// # Errors
/// When the database fails.
pub fn talks(tx: &mut Tx<'_>, group: ActorId, wanted: &WantedTalks, page: &Page) -> Result<Vec<PostRow>> {
    let mut query = posts::table
        .filter(posts::group_id.eq(group.raw()))
        .filter(posts::in_reply_to_id.is_null())
        .filter(posts::in_reply_to_uri.is_null())
        .filter(posts::deleted_at.is_null())
        .select(PostRow::as_select())
        .into_boxed();
    if let Some(reader) = wanted.reader {
        query = query.filter(readable_by(reader.raw()));
    }
    if wanted.unanswered {
        let is_unanswered = topics::table
            .left_join(answers.on(answers.field(posts::id).nullable().eq(topics::answer_id)))
            .filter(topics::post_id.eq(posts::id))
            .filter(topics::question.eq(true))
            .filter(answers.field(posts::id).nullable().is_null().or(answers.field(posts::deleted_at).is_not_null()));
        query = query.filter(exists(is_unanswered));
    }
    Ok(load_page!(tx, query, posts::id, page))
}

/// What is posted in a group of ours, newest first, for a peer that may read in it; up to the peer's ceiling.
///
/// # Errors
/// When the database fails.
pub fn posts_for(tx: &mut Tx<'_>, group: ActorId, ceiling: Marking, page: &Page) -> Result<(i64, Vec<PostRow>)> {
    let shown = || {
        posts::table
            .inner_join(actors::table.on(actors::id.eq(posts::author_id)))
            .left_join(peers::table.on(peers::id.nullable().eq(posts::peer_id)))
            .filter(posts::group_id.eq(group.raw()))
            .filter(posts::deleted_at.is_null())
            .filter(posts::marking.le(ceiling.rank()))
            .filter(actors::suspended_at.is_null())
            .filter(actors::deleted_at.is_null())
            .filter(posts::peer_id.is_null().or(peers::state.nullable().eq(PeerState::Allowed.code())))
    };
    let total = shown().count().get_result(tx.conn)?;
    let rows = shown()
        .filter(posts::id.lt(page.below()))
        .order(posts::id.desc())
        .limit(page.limit)
        .select(PostRow::as_select())
        .load(tx.conn)?;
    Ok((total, rows))
}

/// Keeps what another node's person posted in a group of ours as it was sent; an edit takes the place of what was there.
///
/// # Errors
/// When the database fails.
pub fn keep_original(tx: &mut Tx<'_>, post: PostId, body: &str) -> Result<()> {
    forget_original(tx, post)?;
    diesel::insert_into(group_originals::table)
        .values((group_originals::post_id.eq(post.raw()), group_originals::body.eq(body)))
        .execute(tx.conn)?;
    Ok(())
}

/// Forgets it: the post is gone.
///
/// # Errors
/// When the database fails.
pub fn forget_original(tx: &mut Tx<'_>, post: PostId) -> Result<()> {
    diesel::delete(group_originals::table.find(post.raw())).execute(tx.conn)?;
    Ok(())
}

/// What was kept of a post.
///
/// # Errors
/// When the database fails.
pub fn original(tx: &mut Tx<'_>, post: PostId) -> Result<Option<String>> {
    Ok(group_originals::table.find(post.raw()).select(group_originals::body).first(tx.conn).optional()?)
}
