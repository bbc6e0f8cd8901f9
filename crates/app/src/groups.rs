//! Groups: found, made, joined and run. A group is an actor with a roster; its home node keeps the roster and announces
//! what is posted in it (FEP-1b12).

mod door;
mod make;
mod run;
mod talks;

use corridor_domain::group::{self, Door, GroupKind, GroupRefused, GroupRole, Standing};
use corridor_domain::{ActorId, Marking, Page, Timestamp};
use corridor_store::actors::{self, ActorRow};
use corridor_store::groups::{self, GroupRow, Wanted};
use corridor_store::{Tx, peers};

pub(crate) use self::door::{audit_roster, end_membership, enter, joined_by_peer, may_have, write_join, write_leave};
pub use self::door::{join, join_for, leave, leave_for};
pub use self::make::{GroupEdit, NETWORK_WIDE, NewGroup, archive, change, ensure_network_wide, make};
pub use self::run::{decide, give_role, invite, remove};
pub use self::talks::{TopicView, accept_answer, pinned, remove_post, set_pinned, talks};
pub(crate) use self::talks::{apply_answer, check_post, home_of};
use crate::assemble::{acct, shown_people};
use crate::operator::Operator;
use crate::people::person_view;
use crate::{Ctx, Error, PersonView, Result, Settings, Slice, Viewer};

/// Longest roster that is shown.
const ROSTER: i64 = 2_000;

/// A group as one reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupView {
    /// Its name, address and description.
    pub actor: PersonView,
    /// What it gathers people around.
    pub kind: GroupKind,
    /// How people come in.
    pub door: Door,
    /// No post in it is marked lower.
    pub marking: Marking,
    /// The marking's name in this node's scheme.
    pub marking_name: String,
    /// Closed for good.
    pub archived: bool,
    /// How the reader stands to it.
    pub standing: Standing,
    /// Members known here: all of them on its home node, our own people elsewhere.
    pub members: i64,
    /// Its home is this node.
    pub is_local: bool,
}

impl GroupView {
    /// May the reader see what is posted in it?
    #[must_use]
    pub fn is_readable(&self) -> bool {
        group::may_read(self.door, self.standing)
    }

    /// May the reader approve, invite, pin and remove? Those who run a group sit on its home node.
    #[must_use]
    pub fn is_run_by_reader(&self) -> bool {
        self.is_local && self.standing.is_facilitator() && !self.archived
    }
}

/// Someone on a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberView {
    /// Who.
    pub person: PersonView,
    /// What they may do.
    pub role: GroupRole,
    /// Since when.
    pub joined_at: Timestamp,
}

/// A peer that was asked to destroy its copies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurgeView {
    /// Its address.
    pub host: String,
    /// When it was asked.
    pub asked_at: Timestamp,
    /// When it said that they are gone.
    pub confirmed_at: Option<Timestamp>,
}

/// Which groups are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupFilter {
    /// A piece of the name or address.
    pub text: String,
    /// Only this kind.
    pub kind: Option<GroupKind>,
    /// Only the reader's own.
    pub joined: bool,
}

impl From<GroupRefused> for Error {
    fn from(refused: GroupRefused) -> Self {
        match refused {
            GroupRefused::NoSuchGroup => Self::NotFound("that group"),
            GroupRefused::AlreadyMember | GroupRefused::AlreadyAsked | GroupRefused::LastFacilitator => {
                Self::Conflict(sentence(refused))
            }
            GroupRefused::NotAsked
            | GroupRefused::OtherNotMember
            | GroupRefused::RemovesThemselves
            | GroupRefused::BelowGroup => Self::Invalid(sentence(refused)),
            _ => Self::Forbidden(sentence(refused)),
        }
    }
}

fn sentence(refused: GroupRefused) -> String {
    let text = refused.to_string();
    let mut letters = text.chars();
    letters.next().map_or(text.clone(), |first| first.to_uppercase().chain(letters).collect())
}

/// Groups that the reader may know of, newest first.
///
/// # Errors
/// When the store fails.
pub async fn list(ctx: &Ctx, by: &Operator, filter: GroupFilter, page: Page) -> Result<Slice<GroupView>> {
    let (settings, reader) = (ctx.settings.clone(), reader_of(by));
    let text = corridor_domain::text::clean_line(&filter.text).trim_start_matches('@').to_lowercase();
    let wanted = Wanted { text, kind: filter.kind, joined: filter.joined };
    ctx.store
        .read(move |tx| {
            let rows = groups::list(tx, reader, &wanted, &page)?;
            let cursors: Vec<i64> = rows.iter().map(|row| row.actor_id).collect();
            let views = rows.into_iter().map(|row| view(tx, &settings, reader, &row)).collect::<Result<_>>()?;
            Ok(Slice::of(cursors, |cursor| *cursor).with(views))
        })
        .await
}

/// One group.
///
/// # Errors
/// [`Error::NotFound`] when there is none, or the reader may not know that there is.
pub async fn show(ctx: &Ctx, by: &Operator, id: ActorId) -> Result<GroupView> {
    let (settings, reader) = (ctx.settings.clone(), reader_of(by));
    ctx.store
        .read(move |tx| {
            let (_, row) = find(tx, id)?;
            visible(tx, &row, reader)?;
            view(tx, &settings, reader, &row)
        })
        .await
}

/// The group of an address of this node.
///
/// # Errors
/// As [`show`].
pub async fn by_name(ctx: &Ctx, by: &Operator, name: &str) -> Result<GroupView> {
    let key = name.trim_start_matches(['@', '!']).to_lowercase();
    let found = ctx.store.read(move |tx| Ok::<_, Error>(actors::find_by_handle(tx, "", &key)?)).await?;
    show(ctx, by, found.ok_or(Error::NotFound("that group"))?.actor_id()).await
}

/// Who is in a group. For those alone who may read in it.
///
/// # Errors
/// [`Error::NotFound`] when the reader may not know of the group, [`Error::Forbidden`] when they may not read in it.
pub async fn members(ctx: &Ctx, by: &Operator, id: ActorId) -> Result<Vec<MemberView>> {
    let (settings, reader) = (ctx.settings.clone(), reader_of(by));
    ctx.store
        .read(move |tx| {
            let (_, row) = find(tx, id)?;
            readable(tx, &row, reader)?;
            let roster = groups::members(tx, id, ROSTER)?;
            let ids: Vec<ActorId> = roster.iter().map(|member| member.actor).collect();
            let people = shown_people(tx, &settings, &ids)?;
            let view = |person: PersonView| {
                let member = roster.iter().find(|member| member.actor == person.id)?;
                Some(MemberView { role: member.role, joined_at: member.joined_at, person })
            };
            Ok(people.into_iter().filter_map(view).collect())
        })
        .await
}

/// Who has asked to join, and whether they would be the first of their department.
///
/// # Errors
/// For those who don't run the group.
pub async fn requests(ctx: &Ctx, by: &Operator, id: ActorId) -> Result<Vec<(PersonView, bool)>> {
    let (settings, who) = (ctx.settings.clone(), by.clone());
    ctx.store
        .read(move |tx| {
            let (_, row) = find(tx, id)?;
            group::may_run(&row.facts(), standing_of(tx, &row, &who)?)?;
            let asking = groups::asking(tx, id, ROSTER)?;
            let people = shown_people(tx, &settings, &asking)?;
            people
                .into_iter()
                .map(|person| Ok((is_first_of_department(tx, id, &person)?, person)))
                .map(|one| one.map(|(first, person)| (person, first)))
                .collect()
        })
        .await
}

fn is_first_of_department(tx: &mut Tx<'_>, group: ActorId, person: &PersonView) -> Result<bool> {
    let peer = actors::find(tx, person.id)?.peer();
    Ok(groups::count_members_at(tx, group, peer)? == 0)
}

/// The peers that were asked to destroy their copies, and what they answered.
///
/// # Errors
/// For those who don't run the group.
pub async fn purges(ctx: &Ctx, by: &Operator, id: ActorId) -> Result<Vec<PurgeView>> {
    let who = by.clone();
    ctx.store
        .read(move |tx| {
            let (_, row) = find(tx, id)?;
            let standing = standing_of(tx, &row, &who)?;
            if !standing.is_facilitator() {
                return Err(GroupRefused::NotFacilitator.into());
            }
            let asked = groups::purges(tx, id)?;
            let view = |purge: groups::Purge| {
                let host = peers::find(tx, purge.peer)?.authority.to_string();
                Ok(PurgeView { host, asked_at: purge.asked_at, confirmed_at: purge.confirmed_at })
            };
            asked.into_iter().map(view).collect()
        })
        .await
}

/// Those of these people and groups that the reader may know of: a hidden group is no group to a stranger.
pub(crate) fn without_unseen(tx: &mut Tx<'_>, reader: ActorId, people: Vec<PersonView>) -> Result<Vec<PersonView>> {
    let is_group = |person: &PersonView| person.kind == corridor_domain::ActorKind::Group;
    let asked: Vec<ActorId> = people.iter().filter(|person| is_group(person)).map(|person| person.id).collect();
    if asked.is_empty() {
        return Ok(people);
    }
    let known: Vec<ActorId> = groups::find_many(tx, &asked)?.iter().map(GroupRow::id).collect();
    let seen = groups::seen_by(tx, reader, &known)?;
    let shown = |person: &PersonView| !known.contains(&person.id) || seen.contains(&person.id);
    Ok(people.into_iter().filter(shown).collect())
}

/// Whether the reader may see who is in a group; anybody may of a person's followers.
pub(crate) fn shows_roster(tx: &mut Tx<'_>, reader: ActorId, id: ActorId) -> Result<bool> {
    match groups::find(tx, id)? {
        None => Ok(true),
        Some(row) => Ok(group::may_read(row.door(), groups::standing(tx, id, reader)?)),
    }
}

fn reader_of(by: &Operator) -> Option<ActorId> {
    match by {
        Operator::Person(viewer) => Some(viewer.id),
        Operator::CommandLine(_) | Operator::System => None,
    }
}

/// An actor that is a group and is not gone.
pub(crate) fn find(tx: &mut Tx<'_>, id: ActorId) -> Result<(ActorRow, GroupRow)> {
    let absent = || Error::NotFound("that group");
    let row = groups::find(tx, id)?.ok_or_else(absent)?;
    let actor = actors::find(tx, id)?;
    if actor.is_hidden() { Err(absent()) } else { Ok((actor, row)) }
}

/// Whoever runs the command line may read the database too, and counts as a facilitator of every group at home here.
fn standing_of(tx: &mut Tx<'_>, row: &GroupRow, by: &Operator) -> Result<Standing> {
    match by {
        Operator::Person(viewer) => Ok(groups::standing(tx, row.id(), viewer.id)?),
        Operator::CommandLine(_) | Operator::System => Ok(Standing::In(GroupRole::Facilitator)),
    }
}

fn standing_of_reader(tx: &mut Tx<'_>, row: &GroupRow, reader: Option<ActorId>) -> Result<Standing> {
    match reader {
        Some(reader) => Ok(groups::standing(tx, row.id(), reader)?),
        None => Ok(Standing::In(GroupRole::Facilitator)),
    }
}

fn visible(tx: &mut Tx<'_>, row: &GroupRow, reader: Option<ActorId>) -> Result<Standing> {
    let standing = standing_of_reader(tx, row, reader)?;
    if group::may_see(row.door(), standing) { Ok(standing) } else { Err(GroupRefused::NoSuchGroup.into()) }
}

fn readable(tx: &mut Tx<'_>, row: &GroupRow, reader: Option<ActorId>) -> Result<()> {
    let standing = visible(tx, row, reader)?;
    if group::may_read(row.door(), standing) { Ok(()) } else { Err(GroupRefused::NotMember.into()) }
}

fn view(tx: &mut Tx<'_>, settings: &Settings, reader: Option<ActorId>, row: &GroupRow) -> Result<GroupView> {
    let (actor, department) =
        corridor_store::people::find_any(tx, &[row.id()])?.pop().ok_or(Error::NotFound("that group"))?;
    let facts = row.facts();
    let (members, _) = groups::count_members(tx, row.id())?;
    Ok(GroupView {
        kind: row.kind(),
        door: facts.door,
        marking: facts.marking,
        marking_name: settings.scheme.name(facts.marking).to_owned(),
        archived: facts.archived,
        standing: match reader {
            Some(reader) => groups::standing(tx, row.id(), reader)?,
            None => Standing::Stranger,
        },
        members,
        is_local: actor.is_local(),
        actor: person_view(&actor, settings, department.as_deref()),
    })
}

/// `@name@host` of someone, for the audit.
fn handle(actor: &ActorRow) -> String {
    format!("@{}", acct(&actor.username, &actor.host))
}

/// The same person, as the one who acts.
#[must_use]
pub fn as_person(viewer: &Viewer) -> Operator {
    Operator::Person(viewer.clone())
}

#[cfg(test)]
mod tests;
