//! What people have allowed applications, and the end of it.

use corridor_domain::scope::Scopes;
use corridor_domain::{AppId, Timestamp};
use corridor_store::oauth;

use crate::{Ctx, Error, Result, Viewer};

/// An application that may use a person's account.
#[derive(Debug, Clone)]
pub struct Permission {
    /// The application.
    pub app_id: AppId,
    /// As people know it.
    pub name: String,
    /// Its site, as it says.
    pub website: Option<String>,
    /// What its tokens may do, taken together.
    pub scopes: Scopes,
    /// When it got the latest of them.
    pub since: Timestamp,
}

/// The applications that may use one's account, the latest first.
///
/// # Errors
/// When the store can't answer.
pub async fn permissions(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<Permission>> {
    let id = viewer.id;
    let rows = ctx.store.read(move |tx| Ok::<_, Error>(oauth::tokens_of(tx, id)?)).await?;
    let mut permissions: Vec<Permission> = Vec::new();
    for (token, app) in rows {
        let scopes: Scopes = token.scopes.parse().unwrap_or_default();
        match permissions.iter_mut().find(|known| known.app_id.raw() == app.id) {
            Some(known) => known.scopes = known.scopes.with(&scopes),
            None => permissions.push(Permission {
                app_id: AppId::new(app.id),
                name: app.name,
                website: app.website,
                scopes,
                since: Timestamp::from_millis(token.created_at),
            }),
        }
    }
    Ok(permissions)
}

/// Ends every token that one gave to an application.
///
/// # Errors
/// [`Error::NotFound`] when it has none.
pub async fn end_permission(ctx: &Ctx, viewer: &Viewer, app: AppId) -> Result<()> {
    let actor = viewer.id;
    let ended = ctx.store.write(move |tx| Ok::<_, Error>(oauth::revoke_of_person(tx, actor, app)?)).await?;
    if ended > 0 { Ok(()) } else { Err(Error::NotFound("that application")) }
}
