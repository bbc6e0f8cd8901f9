//! Pictures of peers: fetched by the node, cleaned like an upload, and served from here. No reader's browser speaks to
//! another host.

use std::time::Duration;

use corridor_domain::{ActorId, PostId};
use corridor_store::media::{self, MediaRow, MediaState};
use corridor_store::{actors, peers, posts};
use url::Url;

use super::upload::judge;
use super::{DAY, folder};
use crate::network_feed::CORRIDOR;
use crate::{Ctx, Error, Result};

/// The first wait after a file could not be had; doubles with each try.
const FIRST_WAIT: Duration = Duration::from_secs(60);
/// The wait doubles this often at most: then it is most of a day.
const DOUBLINGS: u32 = 10;

/// Fetches what a post that has just arrived brings, so that it is here when somebody reads it.
///
/// # Errors
/// When the store fails; a file that can't be had is no error.
pub async fn fetch_for_post(ctx: &Ctx, uri: String) -> Result<()> {
    let rows = ctx
        .store
        .read(move |tx| {
            let Some(post) = posts::find_by_uri(tx, &uri)? else { return Ok(Vec::new()) };
            Ok::<_, Error>(media::of_post(tx, PostId::new(post.id))?)
        })
        .await?;
    for row in rows.into_iter().filter(|row| row.state() == MediaState::Expected && row.remote_url.is_some()) {
        fetched(ctx, row).await?;
    }
    Ok(())
}

/// The row with its files here, fetched if they may be asked for now; `None` when they can't be had.
pub(super) async fn fetched(ctx: &Ctx, row: MediaRow) -> Result<Option<MediaRow>> {
    let id = row.id();
    // Many readers of one picture wait for one fetch.
    let _flight = ctx.media.flight(id).await;
    let row = match ctx.store.read(move |tx| Ok::<_, Error>(media::find(tx, id)?)).await {
        Err(Error::NotFound(_)) => return Ok(None),
        row => row?,
    };
    match row.state() {
        MediaState::Here => return Ok(Some(row)),
        MediaState::Discarded | MediaState::Processing | MediaState::Failed => return Ok(None),
        MediaState::Expected | MediaState::Broken => {}
    }
    // An upload that is still being written is nobody's to fetch.
    if row.remote_url.is_none() || row.next_try_at > ctx.now().millis() {
        return Ok(None);
    }
    match fetch(ctx, &row).await {
        Ok(row) => Ok(Some(row)),
        Err(error @ Error::Unavailable(_)) => Err(error),
        Err(error) => {
            tracing::info!(media.id = row.id, "a file of a peer can't be had: {error}");
            let waits = u32::try_from(row.tries).unwrap_or(0).min(DOUBLINGS);
            let next = ctx.now() + FIRST_WAIT * 2_u32.pow(waits);
            ctx.store.write(move |tx| Ok::<_, Error>(media::failed(tx, id, next)?)).await?;
            Ok(None)
        }
    }
}

async fn fetch(ctx: &Ctx, row: &MediaRow) -> Result<MediaRow> {
    let absent = || Error::NotFound("that file");
    let (url, peer) = row.remote_url.as_deref().zip(row.peer()).ok_or_else(absent)?;
    let url = Url::parse(url).map_err(|_| absent())?;
    let remote = ctx.remote().ok_or_else(|| Error::Peer("this program doesn't speak to peers".to_owned()))?;
    let settings = &ctx.settings.media;
    let _place = ctx.media.fetching.acquire().await.map_err(|error| Error::Internal(Box::new(error)))?;
    let daily = settings.daily_bytes_of_peer;
    ctx.store
        .read(move |tx| {
            let since = tx.now() - DAY;
            let used = media::bytes_of_peer(tx, peer, since)?;
            let enough = u64::try_from(used).is_ok_and(|used| used >= daily);
            if enough { Err(Error::Peer("the peer has sent as much as it may in a day".to_owned())) } else { Ok(()) }
        })
        .await?;
    let bytes = match through_home(ctx, row, &url).await? {
        // The author's own node may serve it where the group's home can't.
        Some(copy) => match remote.fetch_file(&copy, settings.max_bytes).await {
            Ok(bytes) => bytes,
            Err(_) => remote.fetch_file(&url, settings.max_bytes).await?,
        },
        None => remote.fetch_file(&url, settings.max_bytes).await?,
    };
    let sent_name = url.path_segments().and_then(|mut segments| segments.next_back()).unwrap_or_default();
    let fit = judge(ctx, bytes, if row.name.is_empty() { sent_name } else { &row.name }).await?;
    if row.portrait().is_some() && !fit.is_picture() {
        return Err(Error::invalid("somebody's own picture is no picture"));
    }
    let id = row.id();
    let (content, files) = fit.into_files(id);
    let names: Vec<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let expected = ctx.store.write(move |tx| Ok::<_, Error>(media::expect(tx, id, &content)?)).await?;
    if !expected {
        return Err(absent());
    }
    folder::write(&settings.folder, files).await?;
    let arrived = ctx
        .store
        .write(move |tx| if media::arrived(tx, id)? { Ok::<_, Error>(Some(media::find(tx, id)?)) } else { Ok(None) })
        .await?;
    if arrived.is_none() {
        // Its post went while it was on its way.
        folder::remove(&settings.folder, names).await?;
    }
    arrived.ok_or_else(absent)
}

/// Where the home of the group that a post is in shows its copy of a file, when the post is of a third department: that one
/// does not know whose members may see it.
async fn through_home(ctx: &Ctx, row: &MediaRow, url: &Url) -> Result<Option<Url>> {
    let (Some(post), author_at) = (row.post(), row.peer()) else { return Ok(None) };
    let found = ctx
        .store
        .read(move |tx| {
            let post = posts::find(tx, post)?;
            let Some(group) = post.group_id else { return Ok(None) };
            let home = actors::find(tx, ActorId::new(group))?;
            let Some(peer) = home.peer().filter(|peer| Some(*peer) != author_at) else { return Ok(None) };
            let software = peers::health(tx, peer)?.software;
            let may_know = software.is_none_or(|software| software == CORRIDOR);
            Ok::<_, Error>(may_know.then_some((home.uri, post.uri)))
        })
        .await?;
    let Some((group, post)) = found else { return Ok(None) };
    let copy = Url::parse_with_params(&format!("{group}/media"), [("post", post.as_str()), ("url", url.as_str())]);
    Ok(copy.ok())
}
