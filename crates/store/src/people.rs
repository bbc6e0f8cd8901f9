//! People as readers meet them: with their department, only while they are shown, and found by name.

use corridor_domain::{ActorId, Audience, Marking, PeerState, Timestamp};
use diesel::dsl::{auto_type, exists, not};
use diesel::prelude::*;

use crate::actors::ActorRow;
use crate::dialect::{literal, load_among, lower};
use crate::domain_blocks::is_of_blocked_domain;
use crate::schema::{accounts, actors, follows, peers};
use crate::{Result, Tx};

/// A person and, for one of a peer, the department's name as the administrator wrote it.
pub type WithDepartment = (ActorRow, Option<String>);

#[auto_type]
pub(crate) fn origin_is_allowed() -> _ {
    let allowed: i16 = PeerState::Allowed.code();
    exists(peers::table.filter(peers::id.nullable().eq(actors::peer_id)).filter(peers::state.eq(allowed)))
}

/// Neither gone nor of a peer that is not allowed now. A suspended person is shown, as a name without posts.
#[auto_type]
fn is_shown() -> _ {
    actors::deleted_at.is_null().and(actors::peer_id.is_null().or(origin_is_allowed()))
}

/// The people of these numbers, whoever they are, in no order.
///
/// # Errors
/// When the database fails.
pub fn find_any(tx: &mut Tx<'_>, ids: &[ActorId]) -> Result<Vec<WithDepartment>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    Ok(load_among!(
        tx,
        actors::table
            .left_join(peers::table.on(peers::id.nullable().eq(actors::peer_id)))
            .select((ActorRow::as_select(), peers::department.nullable())),
        actors::id,
        &ids
    ))
}

/// Those of these numbers who are shown, in no order.
///
/// # Errors
/// When the database fails.
pub fn find_shown(tx: &mut Tx<'_>, ids: &[ActorId]) -> Result<Vec<WithDepartment>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    Ok(actors::table
        .left_join(peers::table.on(peers::id.nullable().eq(actors::peer_id)))
        .filter(actors::id.eq_any(ids))
        .filter(actors::deleted_at.is_null())
        .filter(actors::peer_id.is_null().or(peers::state.nullable().eq(PeerState::Allowed.code())))
        .select((ActorRow::as_select(), peers::department.nullable()))
        .load(tx.conn)?)
}

/// Whether this is someone of this node who is not gone.
///
/// # Errors
/// When the database fails.
pub fn is_local(tx: &mut Tx<'_>, person: ActorId) -> Result<bool> {
    let found = actors::table
        .filter(actors::id.eq(person.raw()))
        .filter(actors::peer_id.is_null())
        .filter(actors::deleted_at.is_null())
        .count();
    Ok(found.get_result::<i64>(tx.conn)? > 0)
}

/// Where a person is, and what may be sent there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Whereabouts {
    /// Who.
    pub id: ActorId,
    /// Without the host.
    pub username: String,
    /// The account domain; empty for this node.
    pub host: String,
    /// The state and the ceiling of their peer; `None` for this node.
    pub peer: Option<(PeerState, Marking)>,
    /// Suspended or gone.
    pub hidden: bool,
}

/// Where each of these people is; unknown ones are left out.
///
/// # Errors
/// When the database fails.
pub fn whereabouts(tx: &mut Tx<'_>, ids: &[ActorId]) -> Result<Vec<Whereabouts>> {
    type Row = (i64, String, String, Option<i64>, Option<i64>, Option<i16>, Option<i16>);
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    let rows: Vec<Row> = actors::table
        .left_join(peers::table.on(peers::id.nullable().eq(actors::peer_id)))
        .filter(actors::id.eq_any(ids))
        .select((
            actors::id,
            actors::username,
            actors::host,
            actors::suspended_at,
            actors::deleted_at,
            peers::state.nullable(),
            peers::ceiling.nullable(),
        ))
        .load(tx.conn)?;
    let read = |(id, username, host, suspended, gone, state, ceiling): Row| Whereabouts {
        id: ActorId::new(id),
        username,
        host,
        peer: state.map(PeerState::from_code).zip(ceiling.map(Marking::from_rank)),
        hidden: suspended.is_some() || gone.is_some(),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// What is looked for among people.
#[derive(Debug, Clone, Default)]
pub struct PeopleSearch {
    /// A piece of a username, name or job title.
    pub text: String,
    /// Who searches: nobody of a domain that they keep away from, and nobody else who does not want to be found.
    pub reader: Option<ActorId>,
    /// Only those whom this person follows.
    pub followed_by: Option<ActorId>,
    /// How many, at most.
    pub limit: i64,
    /// How many to skip.
    pub offset: i64,
}

/// People whose username, name or job title has `text` in it, those whose username starts with it first. Who does not want
/// to be found is found by the whole username, by themselves, and by those whom they let follow them.
///
/// # Errors
/// When the database fails.
pub fn search(tx: &mut Tx<'_>, wanted: &PeopleSearch) -> Result<Vec<ActorId>> {
    let text = wanted.text.to_lowercase();
    let reader = wanted.reader.map_or(0, ActorId::raw);
    let (anywhere, front) = (format!("%{}%", literal(&text)), format!("{}%", literal(&text)));
    let mut query = actors::table
        .filter(is_shown())
        .filter(actors::suspended_at.is_null())
        .filter(actors::kind.ne(corridor_domain::ActorKind::Service.code()).or(actors::traits.ne(0)))
        .filter(
            actors::username_key
                .like(anywhere.clone())
                .escape('\\')
                .or(lower(actors::display_name).like(anywhere.clone()).escape('\\'))
                .or(lower(actors::role_title).like(anywhere).escape('\\')),
        )
        .filter(
            actors::discoverable
                .eq(true)
                .or(actors::kind.eq(corridor_domain::ActorKind::Group.code()))
                .or(actors::username_key.eq(text))
                .or(actors::id.eq(reader))
                .or(exists(is_followed(reader))),
        )
        .select(actors::id)
        .into_boxed();
    if let Some(reader) = wanted.reader {
        query = query.filter(not(is_of_blocked_domain(reader.raw())));
    }
    if let Some(follower) = wanted.followed_by {
        query = query.filter(exists(is_followed(follower.raw())));
    }
    let ids: Vec<i64> = query
        .order((actors::username_key.like(front).escape('\\').desc(), actors::followers_count.desc(), actors::id))
        .limit(wanted.limit)
        .offset(wanted.offset)
        .load(tx.conn)?;
    Ok(ids.into_iter().map(ActorId::new).collect())
}

#[diesel::dsl::auto_type(no_type_alias)]
fn is_followed(follower: i64) -> _ {
    follows::table
        .filter(follows::follower_id.eq(follower))
        .filter(follows::followed_id.eq(actors::id))
        .filter(follows::accepted.eq(true))
}

/// What a new post of a person starts with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defaults {
    /// Whom it is for.
    pub audience: Audience,
    /// How it is marked.
    pub marking: Marking,
    /// BCP 47 tag.
    pub language: String,
}

/// What a new post of a local person starts with; `None` for one without an account.
///
/// # Errors
/// When the database fails.
pub fn defaults(tx: &mut Tx<'_>, person: ActorId) -> Result<Option<Defaults>> {
    let row: Option<(i16, i16, String)> = accounts::table
        .find(person.raw())
        .select((accounts::default_audience, accounts::default_marking, accounts::language))
        .first(tx.conn)
        .optional()?;
    Ok(row.map(|(audience, marking, language)| Defaults {
        audience: Audience::from_code(audience).unwrap_or(Audience::Department),
        marking: Marking::from_rank(marking),
        language,
    }))
}

/// The part of a profile that its owner writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Name as shown.
    pub display_name: String,
    /// Sanitised HTML.
    pub summary: String,
    /// What was typed.
    pub summary_source: String,
    /// Job title.
    pub role_title: String,
    /// Approve followers.
    pub locked: bool,
    /// May be suggested.
    pub discoverable: bool,
    /// May be found by search.
    pub indexable: bool,
    /// JSON list of names and values.
    pub fields: String,
    /// See [`ActorRow::traits`].
    pub traits: i16,
}

/// Changes a local person's profile.
///
/// # Errors
/// When the database fails.
pub fn set_profile(tx: &mut Tx<'_>, person: ActorId, profile: &Profile, now: Timestamp) -> Result<()> {
    diesel::update(actors::table.find(person.raw()))
        .set((
            actors::display_name.eq(&profile.display_name),
            actors::summary.eq(&profile.summary),
            actors::summary_source.eq(&profile.summary_source),
            actors::role_title.eq(&profile.role_title),
            actors::locked.eq(profile.locked),
            actors::discoverable.eq(profile.discoverable),
            actors::indexable.eq(profile.indexable),
            actors::fields.eq(&profile.fields),
            actors::traits.eq(profile.traits),
            actors::updated_at.eq(now.millis()),
        ))
        .execute(tx.conn)?;
    Ok(())
}
