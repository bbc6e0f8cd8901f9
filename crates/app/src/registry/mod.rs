//! The registry in use: verified, compared with the allow-list, taken in, and applied by hand or at once.

mod limits;
pub mod signing;
#[cfg(test)]
mod tests;

use corridor_domain::registry::{self as rules, Act, Change, Document, Held, Signed, Signer, Verdict};
use corridor_domain::{Authority, Peer, PeerId, PeerState};
use corridor_store::registry::{self as store, Kept};
use corridor_store::{Tx, deliveries, grants, peers};
use serde_json::json;

use crate::operator::Operator;
use crate::peers::{self as allow_list, Preview};
use crate::{Ctx, Error, Result, Settings, audit};

pub use limits::entry;
pub(crate) use limits::{demand_listed_keys, limits_in};

/// What taking a registry in did.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Its number.
    pub sequence: u64,
    /// Whose signatures were good.
    pub signers: Vec<String>,
    /// What it changes.
    pub changes: Vec<Planned>,
    /// Whether the changes are made, or wait for an administrator.
    pub applied: bool,
}

/// A change, and what it would touch.
#[derive(Debug, Clone)]
pub struct Planned {
    /// The change.
    pub change: Change,
    /// What is held of the peer, for a known one.
    pub preview: Option<Preview>,
}

/// Reads a registry and finds out whose signatures on it are good.
///
/// # Errors
/// [`Error::Invalid`] for what is no registry.
pub fn verify(signers: &[Signer], bytes: &[u8]) -> Result<(Signed, Verdict)> {
    let signed = rules::parse(bytes).map_err(Error::invalid)?;
    let verdict = rules::verify(&signed, signers, signing::is_valid).map_err(Error::invalid)?;
    Ok((signed, verdict))
}

/// As [`verify`], and refuses what this node would not take in, whatever its number.
///
/// # Errors
/// [`Error::Forbidden`] with the reason.
pub fn demand_good(ctx: &Ctx, bytes: &[u8]) -> Result<(Signed, Verdict)> {
    let settings = &ctx.settings.registry;
    if settings.name.is_empty() {
        return Err(Error::invalid("this node follows no registry: set registry.name and registry.signers"));
    }
    let (signed, verdict) = verify(&settings.signers, bytes)?;
    if signed.document.registry != settings.name {
        let other = &signed.document.registry;
        return Err(Error::forbidden(format!("that is the registry {other}, but this node follows {}", settings.name)));
    }
    if !verdict.is_enough() {
        return Err(Error::forbidden(format!("the registry is not believed: {}", verdict.words())));
    }
    signed.document.check_dates(ctx.now()).map_err(Error::forbidden)?;
    Ok((signed, verdict))
}

/// Takes in a registry: newer than every one before, signed by two, inside its dates. Applies it where the settings say so.
///
/// # Errors
/// [`Error::Forbidden`] or [`Error::Conflict`] with the reason; then nothing has changed.
pub async fn import(ctx: &Ctx, by: &Operator, bytes: &[u8]) -> Result<Imported> {
    by.demand_administrator()?;
    let (signed, verdict) = demand_good(ctx, bytes)?;
    let hash = signing::hash(&signed.document)?;
    let body = String::from_utf8(bytes.to_vec()).map_err(Error::invalid)?;
    let (who, settings) = (by.name(), ctx.settings.clone());
    let applied = settings.registry.automatic;
    let (document, signers) = (signed.document, verdict.good);
    let sequence = document.sequence;
    let names = signers.clone();
    let changes = ctx
        .store
        .write(move |tx| {
            store::hold(tx)?;
            demand_newer(tx, &document, &hash)?;
            let kept = Kept {
                sequence,
                hash: hash.clone(),
                body: body.clone(),
                signers: names.join(" "),
                imported_at: tx.now(),
            };
            store::keep(tx, &document.registry, &kept, &who)?;
            let detail = json!({ "sequence": sequence, "hash": hash, "signers": names, "applied": applied });
            audit::append(tx, &who, "registry.import", &document.registry, &detail)?;
            let changes = planned(tx, &settings, &document)?;
            if applied {
                apply_all(tx, &settings, &who, &document, &changes)?;
            }
            Ok::<_, Error>(changes)
        })
        .await?;
    Ok(Imported { sequence, signers, changes, applied })
}

/// An older number may hold again what was taken back since; the same one with other content is two truths.
fn demand_newer(tx: &mut Tx<'_>, document: &Document, hash: &str) -> Result<()> {
    let Some(last) = store::latest(tx, &document.registry)? else { return Ok(()) };
    let (number, known) = (document.sequence, last.sequence);
    if number > known {
        return Ok(());
    }
    Err(Error::Conflict(if number < known {
        format!("a rollback: that is number {number}, and number {known} was taken in already")
    } else if last.hash == hash {
        format!("a replay: number {number} was taken in already")
    } else {
        format!("two registries have the number {number}, with other content: ask the signers which one holds")
    }))
}

/// What a registry would change: the one in `bytes`, or the one that was taken in last.
///
/// # Errors
/// [`Error::NotFound`] when none was taken in; for `bytes`, what [`import`] would refuse.
pub async fn difference(ctx: &Ctx, by: &Operator, bytes: Option<&[u8]>) -> Result<Vec<Planned>> {
    by.demand_administrator()?;
    let given = bytes.map(|bytes| demand_good(ctx, bytes)).transpose()?.map(|(signed, _)| signed.document);
    let settings = ctx.settings.clone();
    ctx.store
        .read(move |tx| match &given {
            Some(document) => {
                demand_newer(tx, document, &signing::hash(document)?)?;
                planned(tx, &settings, document)
            }
            None => {
                let document = current_in(tx, &settings)?.ok_or(Error::NotFound("a registry that was taken in"))?;
                planned(tx, &settings, &document)
            }
        })
        .await
}

/// Applies the registry that was taken in last: all of it, or what concerns these hosts.
///
/// # Errors
/// [`Error::NotFound`] when none was taken in, [`Error::Forbidden`] when it counts no longer.
pub async fn apply(ctx: &Ctx, by: &Operator, only: &[Authority]) -> Result<Vec<Planned>> {
    by.demand_administrator()?;
    let (who, settings, only) = (by.name(), ctx.settings.clone(), only.to_vec());
    ctx.store
        .write(move |tx| {
            store::hold(tx)?;
            let document = current_in(tx, &settings)?.ok_or(Error::NotFound("a registry that was taken in"))?;
            document.check_dates(tx.now()).map_err(Error::forbidden)?;
            let mut changes = planned(tx, &settings, &document)?;
            changes.retain(|planned| only.is_empty() || only.contains(&planned.change.after.authority));
            apply_all(tx, &settings, &who, &document, &changes)?;
            Ok(changes)
        })
        .await
}

/// The registry that counts here: the last that was taken in of the name in the settings.
pub(crate) fn current_in(tx: &mut Tx<'_>, settings: &Settings) -> Result<Option<Document>> {
    if settings.registry.name.is_empty() {
        return Ok(None);
    }
    let Some(kept) = store::latest(tx, &settings.registry.name)? else { return Ok(None) };
    let signed = rules::parse(kept.body.as_bytes()).map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(Some(signed.document))
}

/// The number of the registry that was taken in last; 0 for none.
///
/// # Errors
/// When the store can't answer.
pub async fn last_sequence(ctx: &Ctx) -> Result<u64> {
    let name = ctx.settings.registry.name.clone();
    let last = ctx.store.read(move |tx| Ok::<_, Error>(store::latest(tx, &name)?)).await?;
    Ok(last.map_or(0, |kept| kept.sequence))
}

fn planned(tx: &mut Tx<'_>, settings: &Settings, document: &Document) -> Result<Vec<Planned>> {
    let mut held = Vec::new();
    for peer in peers::all(tx)? {
        let link = grants::link(tx, peer.id)?;
        held.push(Held { peer, link });
    }
    let own = settings.addresses.federation_authority();
    let changes = rules::plan(document, &held, &own, &settings.scheme, settings.registry.required, tx.now())
        .map_err(Error::invalid)?;
    changes
        .into_iter()
        .map(|change| {
            let known = change.before.is_some();
            let preview =
                known.then(|| allow_list::preview_in(tx, &change.after.authority, Some(change.after.ceiling)));
            Ok(Planned { preview: preview.transpose()?, change })
        })
        .collect()
}

fn apply_all(tx: &mut Tx<'_>, settings: &Settings, who: &str, document: &Document, changes: &[Planned]) -> Result<()> {
    for Planned { change, .. } in changes {
        apply_one(tx, settings, who, document, change)?;
    }
    let detail = json!({ "sequence": document.sequence, "changes": changes.len() });
    audit::append(tx, who, "registry.apply", &document.registry, &detail)
}

fn apply_one(tx: &mut Tx<'_>, settings: &Settings, who: &str, document: &Document, change: &Change) -> Result<()> {
    let host = &change.after.authority;
    peers::hold(tx, host)?;
    let mut peer = Peer { id: change.after.id, ..change.after.clone() };
    let source = format!("{} {}", document.registry, document.sequence);
    let action = match change.act {
        Act::Remove => {
            let report = allow_list::remove_in(tx, &mut peer)?;
            let detail = json!({ "registry": source, "report": report });
            audit::append(tx, who, "peer.remove", host.as_str(), &detail)?;
            return Ok(grants::set_link(tx, &peer, change.link.as_ref())?);
        }
        Act::Allow => "peer.allow",
        Act::Readmit => "peer.readmit",
        Act::Change => "peer.change",
    };
    allow_list::demand_other_node(settings, [host, &peer.account_domain])?;
    if change.before.is_none() {
        peer.id = PeerId::new(tx.new_id());
    }
    allow_list::put(tx, &peer, change.before.is_some())?;
    grants::set_link(tx, &peer, change.link.as_ref())?;
    if peer.state == PeerState::Allowed {
        deliveries::retry_now(tx, peer.id)?;
    }
    let mut detail = allow_list::terms(&peer);
    if let Some(fields) = detail.as_object_mut() {
        fields.insert("registry".to_owned(), json!(source));
        fields.insert("stricter".to_owned(), json!(change.stricter));
    }
    audit::append(tx, who, action, host.as_str(), &detail)
}

/// The peers of this node that are allowed now, and the node itself, as nodes of a registry.
///
/// # Errors
/// When the store can't answer.
pub async fn from_allow_list(ctx: &Ctx) -> Result<Vec<rules::DraftNode>> {
    let own_keys = crate::keys::own_fingerprints(ctx).await?;
    let settings = ctx.settings.clone();
    let mut nodes = ctx
        .store
        .read(|tx| {
            let allowed = peers::all(tx)?.into_iter().filter(|peer| peer.state == PeerState::Allowed);
            let mut nodes = Vec::new();
            for peer in allowed {
                let keys = crate::pins::fingerprints_in(tx, peer.id)?;
                nodes.push((peer, keys));
            }
            Ok::<_, Error>(nodes)
        })
        .await?
        .into_iter()
        .map(|(peer, keys)| rules::DraftNode {
            authority: peer.authority.to_string(),
            account_domain: Some(peer.account_domain.to_string()),
            department: named(peer.department, &peer.authority),
            keys,
            contact: peer.contact,
            ceiling: settings.scheme.name(peer.ceiling).to_owned(),
            services: Some(peer.grant.services.list().collect()),
            valid_from: None,
            valid_until: peer.grant.valid_until.map(|until| rules::Moment::of(until).to_string()),
        })
        .collect::<Vec<_>>();
    let own = settings.addresses.federation_authority();
    nodes.push(rules::DraftNode {
        department: named(settings.department.clone(), &own),
        authority: own.to_string(),
        account_domain: Some(settings.addresses.account_domain.to_string()),
        keys: own_keys,
        contact: settings.contact.clone(),
        ceiling: settings.scheme.name(settings.scheme.highest()).to_owned(),
        services: None,
        valid_from: None,
        valid_until: None,
    });
    Ok(nodes)
}

/// A registry names every department; who has no name here goes by the host.
fn named(department: String, authority: &Authority) -> String {
    if department.is_empty() { authority.to_string() } else { department }
}
