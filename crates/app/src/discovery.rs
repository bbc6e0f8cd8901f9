//! Meeting people: suggestions, the directory, and who of those whom one follows knows somebody.

use std::collections::HashMap;

use corridor_domain::ActorId;
pub use corridor_store::discovery::{Directory, Ties};
use corridor_store::{discovery, people};

use crate::assemble::shown_people;
use crate::{Ctx, Error, PersonView, Result, Viewer, groups};

/// Familiar followers of one person that are named at most.
const MOST_FAMILIAR: usize = 40;

/// Somebody whom the viewer may like to follow, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuggestionView {
    /// Who.
    pub person: PersonView,
    /// What ties them to the viewer.
    pub ties: Ties,
}

/// People in the viewer's groups, and followed by those whom the viewer follows. Nobody who does not let themselves be
/// found, whom the viewer follows, has asked to follow, keeps away from, mutes or has dismissed, or who keeps away.
///
/// # Errors
/// When the store fails.
pub async fn suggestions(ctx: &Ctx, viewer: &Viewer, limit: usize) -> Result<Vec<SuggestionView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let found = discovery::suggestions(tx, reader, limit)?;
            let ids: Vec<ActorId> = found.iter().map(|(id, _)| *id).collect();
            let ties: HashMap<ActorId, Ties> = found.into_iter().collect();
            let people = shown_people(tx, &settings, &ids)?;
            let suggestion = |person: PersonView| {
                let ties = ties.get(&person.id).copied().unwrap_or_default();
                SuggestionView { person, ties }
            };
            Ok(people.into_iter().map(suggestion).collect())
        })
        .await
}

/// Suggests somebody no more.
///
/// # Errors
/// [`Error::NotFound`] when there is no such person.
pub async fn dismiss(ctx: &Ctx, viewer: &Viewer, whom: ActorId) -> Result<()> {
    let reader = viewer.id;
    ctx.store
        .write(move |tx| {
            people::find_shown(tx, &[whom])?.pop().ok_or(Error::NotFound("that person"))?;
            Ok(discovery::dismiss(tx, reader, whom)?)
        })
        .await
}

/// People who let themselves be found.
///
/// # Errors
/// When the store fails.
pub async fn directory(ctx: &Ctx, viewer: &Viewer, wanted: Directory) -> Result<Vec<PersonView>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let ids = discovery::directory(tx, reader, wanted)?;
            shown_people(tx, &settings, &ids)
        })
        .await
}

/// Of each of these, who follows them and is followed by the viewer, the latest follower first. Unknown ones are left out.
///
/// # Errors
/// When the store fails.
pub async fn familiar_followers(
    ctx: &Ctx,
    viewer: &Viewer,
    of: Vec<ActorId>,
) -> Result<Vec<(ActorId, Vec<PersonView>)>> {
    let (settings, reader) = (ctx.settings.clone(), viewer.id);
    ctx.store
        .read(move |tx| {
            let known = shown_people(tx, &settings, &of)?;
            let known = groups::without_unseen(tx, reader, known)?;
            let mut found = Vec::new();
            for person in known {
                // Who is in a group is for those to know who may read in it.
                let shows = groups::shows_roster(tx, reader, person.id)?;
                let mut ids: Vec<ActorId> = Vec::new();
                if shows {
                    let pairs = discovery::familiar_followers(tx, reader, &[person.id])?;
                    ids.extend(pairs.into_iter().map(|(_, follower)| follower).take(MOST_FAMILIAR));
                }
                found.push((person.id, shown_people(tx, &settings, &ids)?));
            }
            Ok(found)
        })
        .await
}
