//! Notes that people write down about others, for themselves alone.

use corridor_domain::ActorId;
use corridor_domain::text::{limits, text_within};
use corridor_store::account_notes;

use crate::follows::relationship;
use crate::{Ctx, Error, RelationshipView, Result, Viewer};

/// Writes down a note about somebody, in place of an earlier one; an empty one takes it away. Nobody else sees it.
///
/// # Errors
/// [`Error::NotFound`] when there is no such person, [`Error::Invalid`] when it is too long.
pub async fn write(ctx: &Ctx, viewer: &Viewer, about: ActorId, note: &str) -> Result<RelationshipView> {
    let owner = viewer.id;
    let most = limits::ACCOUNT_NOTE_CHARS;
    let note = text_within(note, most).map_err(|_| {
        Error::invalid(format!("Validation failed: Comment is too long (maximum is {most} characters)"))
    })?;
    ctx.store
        .write(move |tx| {
            // Whom the viewer may not know of is refused here, before anything is written.
            relationship(tx, owner, about)?;
            account_notes::set(tx, owner, about, note.trim())?;
            relationship(tx, owner, about)
        })
        .await
}
