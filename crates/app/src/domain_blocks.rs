//! Keeping away from a whole domain: nothing from there is met, and nobody there follows or is followed.

use corridor_domain::authority::Policy;
use corridor_domain::{ActorId, Authority, Page};
use corridor_store::{Tx, domain_blocks, peers};

use crate::follows::{turn_away, write_unfollow};
use crate::{Ctx, Error, Result, Settings, Slice, Viewer, groups};

/// Domains from which one person keeps away at most.
const MOST: i64 = 1_000;

/// The domain as it was typed, in the form in which domains are compared.
fn read(typed: &str) -> Result<Authority> {
    let typed = typed.trim().trim_start_matches('@');
    if typed.is_empty() {
        return Err(Error::invalid("Validation failed: Domain can't be blank"));
    }
    // The demonstration and the tests run on addresses of loopback; anywhere else nobody is of one.
    Authority::parse_with(typed, Policy::loopback())
        .map_err(|_| Error::invalid("Validation failed: Domain is not a valid domain name"))
}

/// The account domain of the peer of this name, and the name itself for who is no peer.
fn account_domain(tx: &mut Tx<'_>, name: &Authority) -> Result<String> {
    Ok(peers::find_by_name(tx, name)?.map_or_else(|| name.to_string(), |peer| peer.account_domain.to_string()))
}

/// Keeps the viewer away from a domain: posts, notifications and people from there are not met any more, who follows the
/// viewer from there is turned away, and who is followed there is followed no longer. Nobody there is told why.
///
/// # Errors
/// [`Error::Invalid`] for what is no domain, for this node's own, and with too many of them.
pub async fn block(ctx: &Ctx, viewer: &Viewer, domain: &str) -> Result<()> {
    let (settings, owner, name) = (ctx.settings.clone(), viewer.id, read(domain)?);
    let addresses = &settings.addresses;
    if name == addresses.account_domain || name == addresses.federation_authority() {
        return Err(Error::invalid("Validation failed: Domain is this node's own"));
    }
    ctx.store
        .write(move |tx| {
            if domain_blocks::of_person(tx, owner, &Page::newest(MOST))?.len() >= usize::try_from(MOST).unwrap_or(0) {
                return Err(Error::invalid(format!("You can block {MOST} domains at most")));
            }
            let domain = account_domain(tx, &name)?;
            domain_blocks::block(tx, owner, &domain)?;
            part(tx, &settings, owner, &domain)
        })
        .await
}

/// Ends what somebody has with a domain.
fn part(tx: &mut Tx<'_>, settings: &Settings, owner: ActorId, domain: &str) -> Result<()> {
    for follower in domain_blocks::followers_from(tx, owner, domain)? {
        turn_away(tx, follower, owner)?;
    }
    for followed in domain_blocks::followed_in(tx, owner, domain)? {
        if corridor_store::groups::find(tx, followed)?.is_some() {
            groups::write_leave(tx, settings, owner, followed)?;
        } else {
            write_unfollow(tx, owner, followed)?;
        }
    }
    Ok(())
}

/// Takes that back. What it ended stays ended.
///
/// # Errors
/// [`Error::Invalid`] for what is no domain.
pub async fn unblock(ctx: &Ctx, viewer: &Viewer, domain: &str) -> Result<()> {
    let (owner, name) = (viewer.id, read(domain)?);
    ctx.store
        .write(move |tx| {
            let domain = account_domain(tx, &name)?;
            domain_blocks::unblock(tx, owner, &domain)?;
            // It may have been blocked before the peer was one, under its other name.
            domain_blocks::unblock(tx, owner, name.as_str())?;
            Ok(())
        })
        .await
}

/// The domains from which the viewer keeps away, latest first; pages by the block's own number.
///
/// # Errors
/// When the store fails.
pub async fn blocked(ctx: &Ctx, viewer: &Viewer, page: Page) -> Result<Slice<String>> {
    let owner = viewer.id;
    ctx.store
        .read(move |tx| {
            let rows = domain_blocks::of_person(tx, owner, &page)?;
            let (cursors, domains): (Vec<i64>, Vec<String>) = rows.into_iter().unzip();
            Ok(Slice::of(cursors, |cursor| *cursor).with(domains))
        })
        .await
}
