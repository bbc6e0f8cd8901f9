//! The instance actor: the node itself, which signs what no person signs.

use corridor_domain::{ActorId, ActorKind};
use corridor_store::actors::{self, ActorRow};
use corridor_store::{Tx, node_settings};

use crate::keys::FreshKeys;
use crate::{Ctx, Error, Result};

const NAME: &str = "instance_actor";
/// The path of its id, which never changes.
pub const PATH: &str = "/actor";

/// The node's own actor, made at the first start.
///
/// # Errors
/// When the store can't answer.
pub async fn ensure(ctx: &Ctx) -> Result<ActorId> {
    if let Some(known) = known(ctx).await? {
        return Ok(known);
    }
    let fresh = FreshKeys::make(ctx.settings.rsa_bits).await?;
    let shared = ctx.clone();
    let made = ctx
        .store
        .write(move |tx| {
            let id = ActorId::new(tx.new_id());
            let row = row(&shared, id, tx.now().millis());
            actors::insert(tx, &row)?;
            fresh.store(tx, id, &row.uri, true)?;
            node_settings::insert(tx, NAME, &id.to_string())?;
            Ok(id)
        })
        .await;
    match made {
        // Another process of the same node was quicker.
        Err(Error::Conflict(_)) => known(ctx).await?.ok_or(Error::NotFound("the node's own actor")),
        made => made,
    }
}

async fn known(ctx: &Ctx) -> Result<Option<ActorId>> {
    ctx.store.read(|tx| Ok(find_in(tx)?)).await
}

/// The node's own actor, if it was made already.
pub(crate) fn find_in(tx: &mut Tx<'_>) -> corridor_store::Result<Option<ActorId>> {
    Ok(node_settings::get(tx, NAME)?.and_then(|id| id.parse().ok()))
}

fn row(ctx: &Ctx, id: ActorId, now: i64) -> ActorRow {
    let addresses = &ctx.settings.addresses;
    let uri = addresses.federation_url(PATH);
    // The account domain as a username is what others use for their instance actors too.
    let username: String = addresses.account_domain.host().to_owned();
    ActorRow {
        id: id.raw(),
        kind: ActorKind::Service.code(),
        peer_id: None,
        username_key: username.to_lowercase(),
        username,
        host: String::new(),
        display_name: ctx.settings.department.clone(),
        summary: String::new(),
        summary_source: String::new(),
        url: addresses.staff_url("/about"),
        inbox_uri: format!("{uri}/inbox"),
        shared_inbox_uri: Some(addresses.federation_url("/inbox")),
        outbox_uri: Some(format!("{uri}/outbox")),
        followers_uri: Some(format!("{uri}/followers")),
        following_uri: Some(format!("{uri}/following")),
        featured_uri: None,
        locked: true,
        discoverable: false,
        indexable: false,
        fields: "[]".to_owned(),
        created_at: now,
        updated_at: now,
        fetched_at: None,
        suspended_at: None,
        deleted_at: None,
        followers_count: 0,
        following_count: 0,
        posts_count: 0,
        last_post_at: None,
        role_title: String::new(),
        traits: 0,
        uri,
    }
}
