//! People as moderators and administrators see them, and what these may do about somebody.

use std::collections::HashMap;

use corridor_domain::text::clean_line;
use corridor_domain::{ActorId, ActorKind, Authority, Page, PeerState, Role, authority};
use corridor_store::accounts::AccountRow;
use corridor_store::actors::{self, ActorRow};
pub use corridor_store::administration::Standing;
use corridor_store::administration::{self, WantedPeople};
use corridor_store::{Tx, peers, people, reports};

use crate::media::portraits;
use crate::operator::Operator;
use crate::people::person_view;
use crate::{Ctx, Error, PersonView, Result, Settings, Slice, accounts};

/// Somebody as a moderator or an administrator sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdministeredView {
    /// Who.
    pub person: PersonView,
    /// Their account; people of peers have none here.
    pub account: Option<AccountFacts>,
    /// Someone of a peer whose node has suspended them, or whose peer is not allowed now.
    pub suspended: bool,
}

/// What is known of an account of this node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountFacts {
    /// What they may do.
    pub role: Role,
    /// Where to write; for administrators alone.
    pub email: Option<String>,
    /// BCP 47 tag; empty when nothing was chosen.
    pub language: String,
    /// They can't sign in, and what they wrote is hidden.
    pub disabled: bool,
}

/// Whom to look for; what is not said does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Of this node, or of others.
    pub is_local: Option<bool>,
    /// See [`Standing`].
    pub standing: Option<Standing>,
    /// A piece of the username.
    pub username: String,
    /// A piece of the name as shown.
    pub display_name: String,
    /// The domain of their handles, or the name of their node.
    pub domain: Option<String>,
    /// Their whole address.
    pub email: String,
    /// One of these roles.
    pub roles: Option<Vec<Role>>,
    /// Something is looked for that nobody has here, such as an address on the network: none is kept.
    pub nobody: bool,
}

/// What is done about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Nothing but settling the report.
    Nothing,
    /// Their access ends, and what they wrote is hidden.
    Disable,
}

/// People, newest first. Moderators see them without their e-mail addresses.
///
/// # Errors
/// For a person who is no moderator, or one who looks for an e-mail address and is no administrator.
pub async fn list(ctx: &Ctx, by: &Operator, filter: PeopleFilter, page: Page) -> Result<Slice<AdministeredView>> {
    by.demand_moderator()?;
    // Who is not told addresses can't find them out either, by asking for one after the other.
    if !filter.email.is_empty() {
        by.demand_administrator()?;
    }
    let (settings, by) = (ctx.settings.clone(), by.clone());
    ctx.store
        .read(move |tx| {
            let Some(wanted) = wanted(tx, &settings, filter.clone())? else { return Ok(Slice::of(Vec::new(), |_| 0)) };
            let ids = administration::find(tx, &wanted, &page)?;
            let mut views = views(tx, &settings, &by, &ids)?;
            Ok(Slice::of(ids.iter().filter_map(|id| views.remove(id)).collect(), |view| view.person.id.raw()))
        })
        .await
}

/// `None` when nobody can be meant.
fn wanted(tx: &mut Tx<'_>, settings: &Settings, filter: PeopleFilter) -> Result<Option<WantedPeople>> {
    if filter.nobody {
        return Ok(None);
    }
    let host = match filter.domain.as_deref().map(|domain| domain_of(tx, settings, domain)).transpose()? {
        Some(None) => return Ok(None),
        Some(known) => known,
        None => None,
    };
    Ok(Some(WantedPeople {
        is_local: filter.is_local,
        standing: filter.standing,
        username: clean_line(&filter.username).trim_start_matches('@').to_owned(),
        display_name: clean_line(&filter.display_name),
        host,
        email: clean_line(&filter.email),
        roles: filter.roles,
    }))
}

/// How people of a domain are stored; `None` for one that was never a peer's.
fn domain_of(tx: &mut Tx<'_>, settings: &Settings, domain: &str) -> Result<Option<String>> {
    let Ok(name) = Authority::parse_with(domain.trim(), authority::Policy::loopback()) else { return Ok(None) };
    let addresses = &settings.addresses;
    if name == addresses.account_domain || name == addresses.federation_authority() {
        return Ok(Some(String::new()));
    }
    Ok(peers::find_by_name(tx, &name)?.map(|peer| peer.account_domain.to_string()))
}

/// Somebody, of this node or of a peer.
///
/// # Errors
/// For a person who is no moderator, or when they aren't there.
pub async fn show(ctx: &Ctx, by: &Operator, id: ActorId) -> Result<AdministeredView> {
    by.demand_moderator()?;
    let (settings, by) = (ctx.settings.clone(), by.clone());
    ctx.store.read(move |tx| one(tx, &settings, &by, id)).await
}

fn one(tx: &mut Tx<'_>, settings: &Settings, by: &Operator, id: ActorId) -> Result<AdministeredView> {
    somebody(tx, id)?;
    views(tx, settings, by, &[id])?.remove(&id).ok_or(NOBODY)
}

const NOBODY: Error = Error::NotFound("that person");

/// A person who is not gone. Groups have pages of their own, on which nobody is told of hidden ones.
fn somebody(tx: &mut Tx<'_>, id: ActorId) -> Result<ActorRow> {
    let actor = actors::find_many(tx, &[id])?.pop().filter(|actor| actor.deleted_at.is_none()).ok_or(NOBODY)?;
    match actor.actor_kind() {
        ActorKind::Group => Err(NOBODY),
        ActorKind::Service if actor.traits == 0 => Err(NOBODY),
        _ => Ok(actor),
    }
}

/// These people, whoever they are.
pub(crate) fn views(
    tx: &mut Tx<'_>,
    settings: &Settings,
    by: &Operator,
    ids: &[ActorId],
) -> Result<HashMap<ActorId, AdministeredView>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let may_write = by.demand_administrator().is_ok();
    let rows = people::find_any(tx, ids)?;
    let mut persons: Vec<PersonView> =
        rows.iter().map(|(row, department)| person_view(row, settings, department.as_deref())).collect();
    portraits::give(tx, persons.iter_mut())?;
    let mut accounts: HashMap<i64, AccountRow> =
        administration::accounts_of(tx, ids)?.into_iter().map(|account| (account.actor_id, account)).collect();
    let held: HashMap<ActorId, bool> = people::whereabouts(tx, ids)?
        .into_iter()
        .filter_map(|place| Some((place.id, place.peer?.0 != PeerState::Allowed)))
        .collect();
    let view = |person: PersonView| AdministeredView {
        suspended: held.get(&person.id).is_some_and(|is_held| *is_held || person.hidden),
        account: accounts.remove(&person.id.raw()).map(|account| AccountFacts {
            role: account.role(),
            disabled: account.disabled_at.is_some(),
            email: Some(account.email).filter(|_| may_write),
            language: account.language,
        }),
        person,
    };
    Ok(persons.into_iter().map(view).map(|view| (view.person.id, view)).collect())
}

/// Does something about somebody, and settles the report that asked for it; disabling settles every report about them.
///
/// # Errors
/// [`Error::Forbidden`] for who may not, for someone of a peer, and for oneself; [`Error::NotFound`] when they aren't there
/// or the report is not about them; [`Error::Invalid`] when nothing is left to do.
pub async fn act(
    ctx: &Ctx,
    by: &Operator,
    whom: ActorId,
    measure: Measure,
    report: Option<i64>,
    note: String,
) -> Result<()> {
    match measure {
        Measure::Nothing => by.demand_moderator()?,
        Measure::Disable => by.demand_administrator()?,
    }
    let by = by.clone();
    ctx.store
        .write(move |tx| {
            let person = somebody(tx, whom)?;
            if let Some(report) = report {
                let about = crate::reports::found(reports::find(tx, report))?.target();
                if about != whom {
                    return Err(Error::NotFound("that report"));
                }
            }
            match (measure, report) {
                (Measure::Nothing, None) => Err(Error::invalid(
                    "Nobody is warned here: say which report this settles (report_id), or write to them yourself",
                )),
                (Measure::Nothing, Some(report)) => crate::reports::settle(tx, &by, report, &note),
                (Measure::Disable, _) => disable(tx, &by, &person, &note),
            }
        })
        .await
}

fn disable(tx: &mut Tx<'_>, by: &Operator, person: &ActorRow, note: &str) -> Result<()> {
    demand_local(person)?;
    if matches!(by, Operator::Person(viewer) if viewer.id == person.actor_id()) {
        return Err(Error::forbidden("You can't disable your own account: another administrator can"));
    }
    accounts::disable_in(tx, &by.name(), person)?;
    let how = if note.is_empty() { "The account was disabled" } else { note };
    for report in reports::waiting_about(tx, person.actor_id())? {
        crate::reports::settle(tx, by, report, how)?;
    }
    Ok(())
}

fn demand_local(person: &ActorRow) -> Result<()> {
    if person.is_local() { Ok(()) } else { Err(Error::forbidden("Their own department decides about their account")) }
}

/// Gives a disabled person access again; who has it keeps it.
///
/// # Errors
/// [`Error::Forbidden`] for who may not and for someone of a peer, [`Error::NotFound`] when they aren't there.
pub async fn enable(ctx: &Ctx, by: &Operator, whom: ActorId) -> Result<AdministeredView> {
    by.demand_administrator()?;
    let (settings, by) = (ctx.settings.clone(), by.clone());
    ctx.store
        .write(move |tx| {
            let person = somebody(tx, whom)?;
            demand_local(&person)?;
            let account = administration::accounts_of(tx, &[whom])?.pop().ok_or(NOBODY)?;
            if account.disabled_at.is_some() {
                accounts::enable_in(tx, &by.name(), &person)?;
            }
            one(tx, &settings, &by, whom)
        })
        .await
}

#[cfg(test)]
mod tests;
