//! Endorsements: people whom somebody shows on their profile.

use corridor_domain::{ActorId, Page};
use corridor_store::{Tx, endorsements, follows};

use crate::follows::relationship;
use crate::posts::people_slice;
use crate::{Ctx, Error, PersonView, RelationshipView, Result, Settings, Slice, Viewer, groups, people};

/// Shows somebody on the viewer's profile whom they follow.
///
/// # Errors
/// [`Error::NotFound`] when there is no such person; [`Error::Invalid`] when they are not followed.
pub async fn endorse(ctx: &Ctx, viewer: &Viewer, whom: ActorId) -> Result<RelationshipView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            relationship(tx, owner, whom)?;
            if follows::find_pair(tx, owner, whom)?.is_none_or(|follow| !follow.accepted) {
                let reason = "Validation failed: You must be already following the person you want to endorse";
                return Err(Error::invalid(reason));
            }
            endorsements::add(tx, owner, whom)?;
            relationship(tx, owner, whom)
        })
        .await
}

/// Shows them no longer.
///
/// # Errors
/// [`Error::NotFound`] when there is no such person.
pub async fn unendorse(ctx: &Ctx, viewer: &Viewer, whom: ActorId) -> Result<RelationshipView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            endorsements::remove(tx, owner, whom)?;
            relationship(tx, owner, whom)
        })
        .await
}

/// Whom the viewer shows, latest first; pages by the endorsement's own number.
///
/// # Errors
/// When the store fails.
pub async fn own(ctx: &Ctx, viewer: &Viewer, page: Page) -> Result<Slice<PersonView>> {
    let (settings, owner) = (ctx.settings.clone(), viewer.id);
    ctx.store.read(move |tx| of_owner(tx, &settings, (owner, owner), &page)).await
}

/// Whom somebody shows. What people of peers show is not known here.
///
/// # Errors
/// [`Error::NotFound`] when there is no such person.
pub async fn of(ctx: &Ctx, viewer: &Viewer, whose: ActorId, page: Page) -> Result<Slice<PersonView>> {
    people::show(ctx, viewer, whose).await?;
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store.read(move |tx| of_owner(tx, &settings, (whose, reader), &page)).await
}

fn of_owner(
    tx: &mut Tx<'_>,
    settings: &Settings,
    (owner, reader): (ActorId, ActorId),
    page: &Page,
) -> Result<Slice<PersonView>> {
    let rows = endorsements::of_person(tx, owner, page)?;
    let mut slice = people_slice(tx, settings, rows)?;
    slice.items = groups::without_unseen(tx, reader, slice.items)?;
    Ok(slice)
}
