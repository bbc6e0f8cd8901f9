//! Making a group, changing what it says of itself, and closing it.

use corridor_domain::group::{self, Door, GroupKind, GroupRole};
use corridor_domain::text::{Username, limits, line_within, text_within};
use corridor_domain::{ActorId, ActorKind, Event, Marking};
use corridor_store::actors::{self, ActorRow};
use corridor_store::groups::{self, GroupRow};
use corridor_store::people::Profile;
use corridor_store::{Tx, outbox, people};
use serde_json::json;

use super::{GroupView, find, reader_of, standing_of, view};
use crate::keys::FreshKeys;
use crate::operator::Operator;
use crate::posts::compose;
use crate::{Ctx, Error, Result, accounts, audit};

/// The address of the group that every node starts with.
pub const NETWORK_WIDE: &str = "everyone";

/// A group that shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGroup {
    /// Its short address, in one name space with people.
    pub name: String,
    /// Its name as shown.
    pub title: String,
    /// What it is for, in Markdown.
    pub about: String,
    /// What it gathers people around.
    pub kind: GroupKind,
    /// How people come in.
    pub door: Door,
    /// No post in it is marked lower; `None`: the node's usual marking.
    pub marking: Option<Marking>,
    /// Who runs it, by username; a person who makes a group runs it themselves.
    pub facilitator: Option<String>,
}

/// What changes of a group; `None` keeps what is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GroupEdit {
    /// Its name as shown.
    pub title: Option<String>,
    /// What it is for, in Markdown.
    pub about: Option<String>,
    /// What it gathers people around.
    pub kind: Option<GroupKind>,
}

/// Makes a group.
///
/// # Errors
/// [`Error::Conflict`] when the address is taken, by a person or a group; [`Error::Invalid`] when something is too long.
pub async fn make(ctx: &Ctx, by: &Operator, new: NewGroup) -> Result<GroupView> {
    let name = Username::parse(&new.name).map_err(|error| Error::invalid(format!("Address: {error}")))?;
    let title =
        line_within(&new.title, limits::NAME_CHARS).map_err(|error| Error::invalid(format!("Name: {error}")))?;
    if title.is_empty() {
        return Err(Error::invalid("Name: say how the group is called"));
    }
    let about =
        text_within(&new.about, limits::BIO_CHARS).map_err(|error| Error::invalid(format!("About: {error}")))?;
    let scheme = &ctx.settings.scheme;
    let marking = compose::known_marking(scheme, new.marking.unwrap_or_else(|| scheme.default_marking()))?;
    let summary = compose::render_plainly(ctx, &about);
    let keys = FreshKeys::make(ctx.settings.rsa_bits).await?;
    let (shared, by) = (ctx.clone(), by.clone());
    ctx.store
        .write(move |tx| {
            if actors::find_by_handle(tx, "", &name.key())?.is_some() {
                return Err(Error::Conflict(format!("The address {} is taken", name.as_str())));
            }
            let id = ActorId::new(tx.new_id());
            let row = ActorRow {
                kind: ActorKind::Group.code(),
                display_name: title.clone(),
                summary: summary.clone(),
                summary_source: about.clone(),
                url: shared.settings.addresses.staff_url(&format!("/groups/{id}")),
                locked: new.door != Door::Open,
                discoverable: new.door != Door::Hidden,
                indexable: new.door == Door::Open,
                ..accounts::actor_row(&shared, id, &name, tx.now())
            };
            actors::insert(tx, &row)?;
            keys.store(tx, id, &row.uri, true)?;
            let group = GroupRow {
                actor_id: id.raw(),
                kind: new.kind.code(),
                door: new.door.code(),
                marking: marking.rank(),
                archived_at: None,
            };
            groups::put(tx, &group)?;
            if let Some(first) = first_facilitator(tx, &by, new.facilitator.as_deref())? {
                super::door::enter(tx, &shared.settings, &row, first, GroupRole::Facilitator)?;
            }
            let detail = json!({ "kind": new.kind.word(), "door": new.door.word(), "marking": marking.rank() });
            audit::append(tx, &by.name(), "group.make", name.as_str(), &detail)?;
            view(tx, &shared.settings, reader_of(&by), &group)
        })
        .await
}

fn first_facilitator(tx: &mut Tx<'_>, by: &Operator, named: Option<&str>) -> Result<Option<ActorId>> {
    match (by, named) {
        (Operator::Person(viewer), _) => Ok(Some(viewer.id)),
        (_, None) => Ok(None),
        (_, Some(name)) => {
            let person = actors::find_local_by_username(tx, name)?;
            let person = person.filter(|row| row.actor_kind() == ActorKind::Person && !row.is_hidden());
            person.map(|row| Some(row.actor_id())).ok_or(Error::NotFound("the facilitator"))
        }
    }
}

/// Makes the group that everyone on the network may join, on a node's first start. Once it was made it is left alone,
/// whatever became of it.
///
/// # Errors
/// When the store fails.
pub async fn ensure_network_wide(ctx: &Ctx) -> Result<()> {
    let key = NETWORK_WIDE.to_owned();
    let taken = ctx.store.read(move |tx| Ok::<_, Error>(actors::find_by_handle(tx, "", &key)?.is_some())).await?;
    if taken {
        return Ok(());
    }
    let new = NewGroup {
        name: NETWORK_WIDE.to_owned(),
        title: format!("Everyone, from {}", ctx.settings.department),
        about: "For everyone on the network: questions to anybody, help from anybody.".to_owned(),
        kind: GroupKind::Social,
        door: Door::Open,
        marking: None,
        facilitator: None,
    };
    match make(ctx, &Operator::System, new).await {
        // Another process of the same node was quicker.
        Ok(_) | Err(Error::Conflict(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

/// Changes what a group says of itself.
///
/// # Errors
/// For those who don't run the group, and when something is too long.
pub async fn change(ctx: &Ctx, by: &Operator, id: ActorId, edit: GroupEdit) -> Result<GroupView> {
    let title = edit.title.as_deref().map(|title| line_within(title, limits::NAME_CHARS));
    let title = title.transpose().map_err(|error| Error::invalid(format!("Name: {error}")))?;
    if title.as_deref() == Some("") {
        return Err(Error::invalid("Name: say how the group is called"));
    }
    let about = edit.about.as_deref().map(|about| text_within(about, limits::BIO_CHARS));
    let about = about.transpose().map_err(|error| Error::invalid(format!("About: {error}")))?;
    let about = about.map(|about| (compose::render_plainly(ctx, &about), about));
    let (settings, by) = (ctx.settings.clone(), by.clone());
    ctx.store
        .write(move |tx| {
            let (actor, mut row) = find_ours(tx, id)?;
            group::may_run(&row.facts(), standing_of(tx, &row, &by)?)?;
            row.kind = edit.kind.unwrap_or_else(|| row.kind()).code();
            groups::put(tx, &row)?;
            let (summary, source) = about.clone().unwrap_or((actor.summary.clone(), actor.summary_source.clone()));
            let profile = Profile {
                display_name: title.clone().unwrap_or_else(|| actor.display_name.clone()),
                summary,
                summary_source: source,
                role_title: actor.role_title.clone(),
                locked: actor.locked,
                discoverable: actor.discoverable,
                indexable: actor.indexable,
                fields: actor.fields.clone(),
                traits: actor.traits,
            };
            let now = tx.now();
            people::set_profile(tx, id, &profile, now)?;
            outbox::append(tx, &Event::PersonUpdated { actor: id })?;
            audit::append(tx, &by.name(), "group.change", &actor.username, &json!({}))?;
            view(tx, &settings, reader_of(&by), &row)
        })
        .await
}

/// Closes a group for good: it can be read and left, nothing more.
///
/// # Errors
/// For those who don't run the group.
pub async fn archive(ctx: &Ctx, by: &Operator, id: ActorId) -> Result<GroupView> {
    let (settings, by) = (ctx.settings.clone(), by.clone());
    ctx.store
        .write(move |tx| {
            let (actor, mut row) = find_ours(tx, id)?;
            group::may_run(&row.facts(), standing_of(tx, &row, &by)?)?;
            row.archived_at = Some(tx.now().millis());
            groups::put(tx, &row)?;
            actors::touch(tx, id)?;
            outbox::append(tx, &Event::PersonUpdated { actor: id })?;
            audit::append(tx, &by.name(), "group.archive", &actor.username, &json!({}))?;
            view(tx, &settings, reader_of(&by), &row)
        })
        .await
}

/// A group whose home is this node: another node's is run there.
pub(super) fn find_ours(tx: &mut Tx<'_>, id: ActorId) -> Result<(ActorRow, GroupRow)> {
    let (actor, row) = find(tx, id)?;
    if actor.is_local() {
        return Ok((actor, row));
    }
    Err(Error::forbidden(format!("This group is run on {}", actor.host)))
}
