//! Sending what is due: each post once, by whichever process is first, and only if it may still be sent.

use std::time::Duration;

use corridor_domain::ActorId;
use corridor_store::scheduled::{self, ScheduledRow};
use corridor_store::{Tx, accounts, people, posts as stored};

use super::{composed, kept};
use crate::posts::{self, KEY_LIFE};
use crate::{Ctx, Error, Result, Viewer};

/// Posts that are looked at in one go.
const BATCH: i64 = 50;
/// The wait after a peer whose people are named could not be asked.
const WAIT: Duration = Duration::from_secs(60);
/// It is tried so long.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Publishes what is due. What may not be published any more is kept, with the reason, for its author.
///
/// # Errors
/// When the store fails; what was due is due still.
pub async fn run(ctx: &Ctx) -> Result<()> {
    let due = ctx.store.read(|tx| Ok::<_, Error>(scheduled::due(tx, BATCH)?)).await?;
    for row in due {
        match publish(ctx, &row).await {
            Ok(()) => {}
            Err(error @ Error::Unavailable(_)) => return Err(error),
            Err(error) => set_aside(ctx, row, &error).await?,
        }
    }
    Ok(())
}

async fn publish(ctx: &Ctx, row: &ScheduledRow) -> Result<()> {
    let owner = row.owner();
    // A post of somebody who is gone is not even looked at: peers would be asked about whom it names.
    ctx.store.read(move |tx| author(tx, owner).map(|_| ())).await?;
    let mut draft = kept::read(&row.draft)?;
    draft.idempotency_key.clone_from(&row.idempotency_key);
    let composed = composed(ctx, &draft).await?;
    let (settings, row) = (ctx.settings.clone(), row.clone());
    ctx.store
        .write(move |tx| {
            if !scheduled::take(tx, &row)? {
                return Ok(());
            }
            let author = author(tx, owner)?;
            let mut draft = draft.clone();
            // The same key was used for another post meanwhile: this one is no repetition of that.
            if let Some(key) = &draft.idempotency_key {
                let since = tx.now() - KEY_LIFE;
                if stored::find_by_idempotency_key(tx, owner, key, since)?.is_some() {
                    draft.idempotency_key = None;
                }
            }
            posts::write_post(tx, &settings, &author, &draft, &composed).map(|_| ())
        })
        .await
}

/// Whose post it is, if they may write now.
fn author(tx: &mut Tx<'_>, owner: ActorId) -> Result<Viewer> {
    let gone = || Error::forbidden("This account is disabled");
    let account = accounts::hold(tx, owner)?;
    let (actor, _) = people::find_shown(tx, &[owner])?.pop().ok_or_else(gone)?;
    if account.disabled_at.is_some() || actor.suspended_at.is_some() {
        return Err(gone());
    }
    Ok(Viewer { id: owner, role: account.role(), username: actor.username })
}

async fn set_aside(ctx: &Ctx, row: ScheduledRow, error: &Error) -> Result<()> {
    let passes = matches!(error, Error::Peer(_) | Error::Internal(_) | Error::TooMany(_));
    if matches!(error, Error::Internal(_)) {
        let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
        tracing::error!(scheduled.id = row.id, "a scheduled post can't be published: {cause}");
    }
    let reason = error.to_string();
    ctx.store
        .write(move |tx| {
            if passes && tx.now() < row.due_at() + PATIENCE {
                let next = tx.now() + WAIT;
                return Ok(scheduled::postpone(tx, &row, next)?);
            }
            Ok(scheduled::fail(tx, &row, &reason)?)
        })
        .await
}
