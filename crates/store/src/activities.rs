//! Activities that this node sends, with the exact bytes that were rendered.

use corridor_domain::{ActivityId, ActorId, Audience, Marking, PostId, Timestamp};
use diesel::prelude::*;

use crate::schema::activities;
use crate::{Error, Result, Tx};

/// An activity and what policy needs to know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activity {
    /// Its number, the last part of its URI.
    pub id: ActivityId,
    /// Its ActivityPub id.
    pub uri: String,
    /// Who acts.
    pub actor: ActorId,
    /// Its type, such as `Create`.
    pub kind: String,
    /// The post that it speaks of.
    pub post: Option<PostId>,
    /// Whom it is for.
    pub audience: Audience,
    /// How it is marked.
    pub marking: Marking,
    /// The bytes that go out.
    pub body: String,
    /// When it was made.
    pub created_at: Timestamp,
}

type Row = (i64, String, i64, String, Option<i64>, i16, i16, String, i64);

/// Stores an activity; one of the same URI stays as it is (`false`).
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, activity: &Activity) -> Result<bool> {
    let known: i64 = activities::table.filter(activities::uri.eq(&activity.uri)).count().get_result(tx.conn)?;
    if known > 0 {
        return Ok(false);
    }
    diesel::insert_into(activities::table)
        .values((
            activities::id.eq(activity.id.raw()),
            activities::uri.eq(&activity.uri),
            activities::actor_id.eq(activity.actor.raw()),
            activities::kind.eq(&activity.kind),
            activities::post_id.eq(activity.post.map(PostId::raw)),
            activities::audience.eq(activity.audience.code()),
            activities::marking.eq(activity.marking.rank()),
            activities::body.eq(&activity.body),
            activities::created_at.eq(activity.created_at.millis()),
        ))
        .execute(tx.conn)?;
    Ok(true)
}

/// The activity of a URI.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub fn find_by_uri(tx: &mut Tx<'_>, uri: &str) -> Result<Activity> {
    activities::table.filter(activities::uri.eq(uri)).first::<Row>(tx.conn).map_err(Error::from).and_then(read)
}

/// The activity of a number.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub fn find(tx: &mut Tx<'_>, id: ActivityId) -> Result<Activity> {
    activities::table.find(id.raw()).first::<Row>(tx.conn).map_err(Error::from).and_then(read)
}

fn read(row: Row) -> Result<Activity> {
    let (id, uri, actor, kind, post, audience, marking, body, created_at) = row;
    Ok(Activity {
        id: ActivityId::new(id),
        uri,
        actor: ActorId::new(actor),
        kind,
        post: post.map(PostId::new),
        audience: Audience::from_code(audience).ok_or_else(|| Error::Corrupt(format!("audience {audience}")))?,
        marking: Marking::from_rank(marking),
        body,
        created_at: Timestamp::from_millis(created_at),
    })
}
