//! Edits: the present state of a post is replaced, what it said before is kept.

use corridor_domain::{ActorId, Audience, Marking, PostId, Timestamp};
use diesel::dsl::max;
use diesel::prelude::*;

use crate::posts::{PostRow, find};
use crate::schema::{post_recipients, post_tags, posts, revisions};
use crate::stream_events::{self, StreamEvent};
use crate::{Result, Tx, arrival, conversations, dialect};

/// The new state of an edited post. Its audience never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Title of an article.
    pub title: String,
    /// Sanitised HTML.
    pub content: String,
    /// What the author typed; empty for posts of peers.
    pub source: String,
    /// Content warning.
    pub summary: String,
    /// Media hidden behind a warning.
    pub sensitive: bool,
    /// BCP 47 tag; empty when unknown.
    pub language: String,
    /// How it is marked; boosts of it follow.
    pub marking: Marking,
    /// How it is to be handled.
    pub handling: String,
    /// By its author's clock.
    pub edited_at: Timestamp,
    /// The people it is for or names now, and whether it names them. Those it was for before stay.
    pub recipients: Vec<(ActorId, bool)>,
    /// Hashtags in the form in which they are compared.
    pub tags: Vec<String>,
}

/// A former state of a post.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = revisions)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct RevisionRow {
    pub post_id: i64,
    pub number: i32,
    pub title: String,
    pub content: String,
    pub source: String,
    pub summary: String,
    pub sensitive: bool,
    pub marking: i16,
    pub created_at: i64,
}

/// Replaces what a post says, keeping what it said before; open streams are told.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is no such post.
pub fn replace(tx: &mut Tx<'_>, id: PostId, revision: &Revision) -> Result<()> {
    // Two edits at once must not take the same number.
    crate::posts::lock(tx, id)?;
    let old = find(tx, id)?;
    keep(tx, &old)?;
    diesel::update(posts::table.find(id.raw()))
        .set((
            posts::title.eq(&revision.title),
            posts::content.eq(&revision.content),
            posts::source.eq(&revision.source),
            posts::summary.eq(&revision.summary),
            posts::sensitive.eq(revision.sensitive),
            posts::language.eq(&revision.language),
            posts::marking.eq(revision.marking.rank()),
            posts::handling.eq(&revision.handling),
            posts::edited_at.eq(revision.edited_at.millis()),
        ))
        .execute(tx.conn)?;
    if old.marking != revision.marking.rank() {
        diesel::update(posts::table.filter(posts::boost_of_id.eq(id.raw())))
            .set((posts::marking.eq(revision.marking.rank()), posts::handling.eq(&revision.handling)))
            .execute(tx.conn)?;
    }
    readdress(tx, &old, &revision.recipients)?;
    diesel::delete(post_tags::table.filter(post_tags::post_id.eq(id.raw()))).execute(tx.conn)?;
    dialect::insert_tags(tx, id.raw(), &revision.tags)?;
    stream_events::append(tx, StreamEvent::Edited(id))
}

fn keep(tx: &mut Tx<'_>, old: &PostRow) -> Result<()> {
    let last: Option<i32> =
        revisions::table.filter(revisions::post_id.eq(old.id)).select(max(revisions::number)).first(tx.conn)?;
    diesel::insert_into(revisions::table)
        .values((
            revisions::post_id.eq(old.id),
            revisions::number.eq(last.unwrap_or(0) + 1),
            revisions::title.eq(&old.title),
            revisions::content.eq(&old.content),
            revisions::source.eq(&old.source),
            revisions::summary.eq(&old.summary),
            revisions::sensitive.eq(old.sensitive),
            revisions::marking.eq(old.marking),
            revisions::created_at.eq(old.edited_at.unwrap_or(old.published_at)),
        ))
        .execute(tx.conn)?;
    Ok(())
}

/// Names the people of the new state. Whoever could read the post before still can, named or not.
fn readdress(tx: &mut Tx<'_>, post: &PostRow, people: &[(ActorId, bool)]) -> Result<()> {
    let id = post.id();
    diesel::update(post_recipients::table.filter(post_recipients::post_id.eq(id.raw())))
        .set(post_recipients::mentioned.eq(false))
        .execute(tx.conn)?;
    let named: Vec<i64> = people.iter().filter(|(_, named)| *named).map(|(actor, _)| actor.raw()).collect();
    let of_post = post_recipients::table.filter(post_recipients::post_id.eq(id.raw()));
    diesel::update(of_post.filter(post_recipients::actor_id.eq_any(named)))
        .set(post_recipients::mentioned.eq(true))
        .execute(tx.conn)?;
    let rows: Vec<(i64, bool)> = people.iter().map(|(actor, named)| (actor.raw(), *named)).collect();
    dialect::insert_recipients(tx, id.raw(), &rows)?;
    let people: Vec<ActorId> = people.iter().map(|(actor, _)| *actor).collect();
    let local = arrival::local_ones(tx, &people)?;
    dialect::insert_home_entries(tx, id.raw(), &local)?;
    if post.audience == Audience::Named.code() {
        conversations::enter(tx, id.raw(), post.author_id, &local)?;
    }
    Ok(())
}

/// The former states of a post, the oldest first.
///
/// # Errors
/// When the database fails.
pub fn revisions(tx: &mut Tx<'_>, id: PostId) -> Result<Vec<RevisionRow>> {
    Ok(revisions::table
        .filter(revisions::post_id.eq(id.raw()))
        .order(revisions::number)
        .select(RevisionRow::as_select())
        .load(tx.conn)?)
}
