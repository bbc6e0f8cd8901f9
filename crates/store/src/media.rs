//! Pictures and files: what is known of each. The files themselves lie in a folder that `app` looks after.
//!
//! A file's row is written before the file and removed after it, so the rows are the inventory of the folder: nothing
//! has to search it for what was left behind.

use std::collections::HashMap;

use corridor_domain::{ActorId, Focus, MediaId, PeerId, PeerState, PostId, ScheduledId, Timestamp};
use diesel::dsl::{auto_type, exists, not};
use diesel::prelude::*;

use crate::dialect::load_among;
use crate::schema::{holds, media, peers, posts};
use crate::{Result, Tx};

pub use crate::processing::{
    await_processing, begin_again, begin_first, forget_raw, give_up, is_gone, made_ready, prepare, to_process, with_raw,
};

/// Whether the file is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaState {
    /// Being written, or still at its peer.
    Expected,
    /// Here.
    Here,
    /// Its peer does not give it, or it is unfit.
    Broken,
    /// To be destroyed: nobody sees it any more.
    Discarded,
    /// Uploaded, and waits to be made ready.
    Processing,
    /// Uploaded, and could not be made ready.
    Failed,
}

pub(crate) const EXPECTED: i16 = MediaState::Expected.code();
pub(crate) const BROKEN: i16 = MediaState::Broken.code();
pub(crate) const HERE: i16 = MediaState::Here.code();
pub(crate) const DISCARDED: i16 = MediaState::Discarded.code();
pub(crate) const PROCESSING: i16 = MediaState::Processing.code();
pub(crate) const FAILED: i16 = MediaState::Failed.code();
const REMOVED: i16 = PeerState::Removed.code();

impl MediaState {
    /// The number in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Expected => 0,
            Self::Here => 1,
            Self::Broken => 2,
            Self::Discarded => 3,
            Self::Processing => 4,
            Self::Failed => 5,
        }
    }

    /// The state of a stored number; an unknown one is not shown.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        match code {
            0 => Self::Expected,
            1 => Self::Here,
            2 => Self::Broken,
            4 => Self::Processing,
            5 => Self::Failed,
            _ => Self::Discarded,
        }
    }
}

/// Picture or file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaKind {
    /// Shown in its post.
    Image,
    /// Offered for download.
    File,
}

impl MediaKind {
    /// The number in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Image => 0,
            Self::File => 1,
        }
    }

    /// The kind of a stored number.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        if code == 0 { Self::Image } else { Self::File }
    }
}

/// A picture or file as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = media)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct MediaRow {
    pub id: i64,
    pub owner_id: i64,
    pub post_id: Option<i64>,
    pub position: i16,
    pub state: i16,
    pub kind: i16,
    pub mime: String,
    pub name: String,
    pub bytes: i64,
    pub width: i32,
    pub height: i32,
    pub description: String,
    pub focal_x: i16,
    pub focal_y: i16,
    pub blurhash: String,
    pub file_hash: Option<String>,
    pub small_hash: Option<String>,
    pub remote_url: Option<String>,
    pub peer_id: Option<i64>,
    pub tries: i16,
    pub next_try_at: i64,
    pub created_at: i64,
    pub removed_at: Option<i64>,
    pub scheduled_id: Option<i64>,
    pub raw_hash: Option<String>,
    pub failure: Option<String>,
    pub purpose: i16,
}

impl MediaRow {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> MediaId {
        MediaId::new(self.id)
    }

    /// Who uploaded or sent it.
    #[must_use]
    pub const fn owner(&self) -> ActorId {
        ActorId::new(self.owner_id)
    }

    /// The post that it belongs to.
    #[must_use]
    pub fn post(&self) -> Option<PostId> {
        self.post_id.map(PostId::new)
    }

    /// The peer that it came from; `None` when it was uploaded here.
    #[must_use]
    pub fn peer(&self) -> Option<PeerId> {
        self.peer_id.map(PeerId::new)
    }

    /// Whether the file is here.
    #[must_use]
    pub const fn state(&self) -> MediaState {
        MediaState::from_code(self.state)
    }

    /// Picture or file.
    #[must_use]
    pub const fn kind(&self) -> MediaKind {
        MediaKind::from_code(self.kind)
    }

    /// The point that matters.
    #[must_use]
    pub const fn focus(&self) -> Focus {
        Focus { x: self.focal_x, y: self.focal_y }
    }

    /// The names of its files.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.file_hash.iter().chain(&self.small_hash).chain(&self.raw_hash).map(String::as_str)
    }
}

/// What is known of a file's content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Picture or file.
    pub kind: MediaKind,
    /// Media type.
    pub mime: String,
    /// Under which a file is offered; empty for pictures.
    pub name: String,
    /// Bytes of both files.
    pub bytes: i64,
    /// Pixels; 0 for files.
    pub width: i32,
    /// Pixels; 0 for files.
    pub height: i32,
    /// A picture's colours in a few letters; empty for files.
    pub blurhash: String,
    /// Name in the media folder; `None` while it is still at its peer.
    pub file_hash: Option<String>,
    /// The same of the small picture.
    pub small_hash: Option<String>,
}

/// A new picture or file. It is [`MediaState::Expected`] until [`arrived`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMedia {
    /// Its number, from [`Tx::new_id`].
    pub id: MediaId,
    /// Who uploaded or sent it.
    pub owner: ActorId,
    /// What is known of it.
    pub content: Content,
    /// What people are told who can't see it.
    pub description: String,
    /// The point that matters.
    pub focus: Focus,
    /// The post and the place in it, for one that comes with its post.
    pub place: Option<(PostId, i16)>,
    /// Where a peer has it, and which peer.
    pub remote: Option<(String, PeerId)>,
}

/// Notes a picture or file whose content is not here yet.
///
/// # Errors
/// When the database fails.
pub fn insert(tx: &mut Tx<'_>, new: &NewMedia) -> Result<()> {
    let (url, peer) = new.remote.as_ref().map(|(url, peer)| (url, peer.raw())).unzip();
    let origin = (
        media::id.eq(new.id.raw()),
        media::owner_id.eq(new.owner.raw()),
        media::post_id.eq(new.place.map(|(post, _)| post.raw())),
        media::position.eq(new.place.map_or(0, |(_, position)| position)),
        media::state.eq(EXPECTED),
        media::remote_url.eq(url),
        media::peer_id.eq(peer),
        media::tries.eq(0),
        media::next_try_at.eq(0),
        media::created_at.eq(tx.now().millis()),
    );
    let told =
        (media::description.eq(&new.description), media::focal_x.eq(new.focus.x), media::focal_y.eq(new.focus.y));
    diesel::insert_into(media::table).values((origin, told, content_columns(&new.content))).execute(tx.conn)?;
    Ok(())
}

#[auto_type]
pub(crate) fn content_columns<'a>(content: &'a Content) -> _ {
    let kind: i16 = content.kind.code();
    let mime: &'a str = content.mime.as_str();
    let name: &'a str = content.name.as_str();
    let bytes: i64 = content.bytes;
    let width: i32 = content.width;
    let height: i32 = content.height;
    let blurhash: &'a str = content.blurhash.as_str();
    let file_hash: Option<&'a str> = content.file_hash.as_deref();
    let small_hash: Option<&'a str> = content.small_hash.as_deref();
    (
        media::kind.eq(kind),
        media::mime.eq(mime),
        media::name.eq(name),
        media::bytes.eq(bytes),
        media::width.eq(width),
        media::height.eq(height),
        media::blurhash.eq(blurhash),
        media::file_hash.eq(file_hash),
        media::small_hash.eq(small_hash),
    )
}

/// Notes what the content of a peer's picture is, before its files are written. `false` when it is not waited for.
///
/// # Errors
/// When the database fails.
pub fn expect(tx: &mut Tx<'_>, id: MediaId, content: &Content) -> Result<bool> {
    let waiting = media::table.find(id.raw()).filter(media::state.lt(DISCARDED)).filter(media::state.ne(HERE));
    Ok(diesel::update(waiting).set(content_columns(content)).execute(tx.conn)? > 0)
}

/// The files are on disk: from now on it can be seen. `false` when it is not waited for any more.
///
/// When it came takes the place of when it would be tried next.
///
/// # Errors
/// When the database fails.
pub fn arrived(tx: &mut Tx<'_>, id: MediaId) -> Result<bool> {
    let now = tx.now().millis();
    let waiting = media::table.find(id.raw()).filter(media::state.lt(DISCARDED));
    Ok(diesel::update(waiting).set((media::state.eq(HERE), media::next_try_at.eq(now))).execute(tx.conn)? > 0)
}

/// Notes that a peer's file could not be had, and when it is asked for again.
///
/// # Errors
/// When the database fails.
pub fn failed(tx: &mut Tx<'_>, id: MediaId, next_try: Timestamp) -> Result<()> {
    let broken = MediaState::Broken.code();
    let waiting = media::table.find(id.raw()).filter(media::state.lt(DISCARDED)).filter(media::state.ne(HERE));
    diesel::update(waiting)
        .set((media::state.eq(broken), media::tries.eq(media::tries + 1), media::next_try_at.eq(next_try.millis())))
        .execute(tx.conn)?;
    Ok(())
}

/// A picture or file by its number, whoever asks.
///
/// # Errors
/// [`crate::Error::NotFound`] when there is none.
pub fn find(tx: &mut Tx<'_>, id: MediaId) -> Result<MediaRow> {
    Ok(media::table.find(id.raw()).select(MediaRow::as_select()).first(tx.conn)?)
}

/// The pictures and files of each of these posts, in their order.
///
/// # Errors
/// When the database fails.
pub fn of_posts(tx: &mut Tx<'_>, posts: &[PostId]) -> Result<HashMap<PostId, Vec<MediaRow>>> {
    if posts.is_empty() {
        return Ok(HashMap::new());
    }
    let raw: Vec<i64> = posts.iter().map(|id| id.raw()).collect();
    let rows: Vec<MediaRow> = load_among!(
        tx,
        media::table
            .filter(media::removed_at.is_null())
            .filter(media::state.ne(DISCARDED))
            .order((media::post_id, media::position, media::id))
            .select(MediaRow::as_select()),
        media::post_id,
        &raw
    );
    let mut found: HashMap<PostId, Vec<MediaRow>> = HashMap::new();
    for row in rows {
        if let Some(post) = row.post() {
            found.entry(post).or_default().push(row);
        }
    }
    Ok(found)
}

/// The pictures and files of a post, in their order.
///
/// # Errors
/// When the database fails.
pub fn of_post(tx: &mut Tx<'_>, post: PostId) -> Result<Vec<MediaRow>> {
    Ok(of_posts(tx, &[post])?.remove(&post).unwrap_or_default())
}

/// Changes what people are told of a picture, and the point that matters.
///
/// # Errors
/// When the database fails.
pub fn describe(tx: &mut Tx<'_>, id: MediaId, description: &str, focus: Focus) -> Result<()> {
    diesel::update(media::table.find(id.raw()))
        .set((media::description.eq(description), media::focal_x.eq(focus.x), media::focal_y.eq(focus.y)))
        .execute(tx.conn)?;
    Ok(())
}

/// Puts one of `owner`'s uploads into a post; `false` when it is not theirs, not whole, or in a post already.
///
/// # Errors
/// When the database fails.
pub fn attach(tx: &mut Tx<'_>, owner: ActorId, id: MediaId, post: PostId, position: i16) -> Result<bool> {
    let free = media::table
        .find(id.raw())
        .filter(media::owner_id.eq(owner.raw()))
        .filter(media::post_id.is_null())
        .filter(media::scheduled_id.is_null())
        .filter(media::purpose.eq(0))
        .filter(media::state.eq(HERE));
    let attached = diesel::update(free).set((media::post_id.eq(post.raw()), media::position.eq(position)));
    Ok(attached.execute(tx.conn)? > 0)
}

/// Keeps one of `owner`'s uploads for a post that goes out later; `false` when it is not theirs, not whole, or kept or
/// shown elsewhere.
///
/// # Errors
/// When the database fails.
pub fn keep_for(tx: &mut Tx<'_>, owner: ActorId, id: MediaId, scheduled: ScheduledId) -> Result<bool> {
    let free = media::table
        .find(id.raw())
        .filter(media::owner_id.eq(owner.raw()))
        .filter(media::post_id.is_null())
        .filter(media::scheduled_id.is_null())
        .filter(media::purpose.eq(0))
        .filter(media::state.eq(HERE));
    Ok(diesel::update(free).set(media::scheduled_id.eq(scheduled.raw())).execute(tx.conn)? > 0)
}

/// Keeps nothing for these scheduled posts any more.
pub(crate) fn release(tx: &mut Tx<'_>, scheduled: &[i64]) -> Result<()> {
    let kept: Vec<Option<i64>> = scheduled.iter().copied().map(Some).collect();
    diesel::update(media::table.filter(media::scheduled_id.eq_any(kept)))
        .set(media::scheduled_id.eq(None::<i64>))
        .execute(tx.conn)?;
    Ok(())
}

/// The uploads of these numbers, in no order.
///
/// # Errors
/// When the database fails.
pub fn find_many(tx: &mut Tx<'_>, ids: &[MediaId]) -> Result<Vec<MediaRow>> {
    let raw: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    Ok(load_among!(tx, media::table.select(MediaRow::as_select()), media::id, &raw))
}

/// Moves what is in a post to another place in it.
///
/// # Errors
/// When the database fails.
pub fn place(tx: &mut Tx<'_>, id: MediaId, position: i16) -> Result<()> {
    diesel::update(media::table.find(id.raw())).set(media::position.eq(position)).execute(tx.conn)?;
    Ok(())
}

/// Takes these out of their post.
///
/// # Errors
/// When the database fails.
pub fn take_out(tx: &mut Tx<'_>, ids: &[MediaId]) -> Result<()> {
    let raw: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    diesel::update(media::table.filter(media::id.eq_any(raw)))
        .set(media::removed_at.eq(tx.now().millis()))
        .execute(tx.conn)?;
    Ok(())
}

/// Bytes that someone has uploaded since a moment.
///
/// # Errors
/// When the database fails.
pub fn bytes_of_owner(tx: &mut Tx<'_>, owner: ActorId, since: Timestamp) -> Result<i64> {
    let recent = media::table.filter(media::owner_id.eq(owner.raw())).filter(media::created_at.ge(since.millis()));
    let sizes: Vec<i64> = recent.select(media::bytes).load(tx.conn)?;
    Ok(sizes.into_iter().sum())
}

/// Bytes that were fetched from a peer since a moment, also for what it told of before.
///
/// # Errors
/// When the database fails.
pub fn bytes_of_peer(tx: &mut Tx<'_>, peer: PeerId, since: Timestamp) -> Result<i64> {
    let recently = media::created_at.ge(since.millis()).or(media::next_try_at.ge(since.millis()));
    let recent = media::table.filter(media::peer_id.eq(peer.raw())).filter(recently);
    let sizes: Vec<i64> = recent.select(media::bytes).load(tx.conn)?;
    Ok(sizes.into_iter().sum())
}

/// Marks what can be destroyed: uploads that nobody attached before `unattached`, and what an edit took out before
/// `removed`. What is under a hold stays.
///
/// # Errors
/// When the database fails.
pub fn discard_due(tx: &mut Tx<'_>, unattached: Timestamp, removed: Timestamp) -> Result<()> {
    // Somebody's own picture that was taken in, but never put up, is left over too.
    let not_put_up = media::state.eq(EXPECTED).and(media::peer_id.is_null());
    let for_nothing = media::purpose.eq(0).or(not_put_up);
    let in_no_post = media::post_id.is_null().and(media::scheduled_id.is_null()).and(for_nothing);
    let orphaned = in_no_post.and(media::created_at.lt(unattached.millis()));
    let taken_out = media::removed_at.lt(removed.millis());
    let due = media::table.filter(media::state.ne(DISCARDED)).filter(orphaned.or(taken_out)).filter(not(is_held()));
    diesel::update(due).set(media::state.eq(DISCARDED)).execute(tx.conn)?;
    Ok(())
}

#[auto_type]
fn is_held() -> _ {
    exists(
        holds::table
            .filter(holds::lifted_at.is_null())
            .filter(holds::post_id.eq(media::post_id).or(holds::actor_id.eq(media::owner_id.nullable()))),
    )
}

/// The posts that have pictures or files.
#[auto_type]
pub(crate) fn is_illustrated() -> _ {
    let discarded: i16 = DISCARDED;
    exists(
        media::table
            .filter(media::post_id.eq(posts::id.nullable()))
            .filter(media::removed_at.is_null())
            .filter(media::state.ne(discarded)),
    )
}

/// Marks all of these posts' pictures and files to be destroyed.
pub(crate) fn discard_of(tx: &mut Tx<'_>, posts: &[i64]) -> Result<()> {
    let posts: Vec<Option<i64>> = posts.iter().copied().map(Some).collect();
    diesel::update(media::table.filter(media::post_id.eq_any(posts)))
        .set(media::state.eq(DISCARDED))
        .execute(tx.conn)?;
    Ok(())
}

/// Marks an upload of `owner` that is in no post to be destroyed; `false` when there is none.
///
/// # Errors
/// When the database fails.
pub fn discard(tx: &mut Tx<'_>, owner: ActorId, id: MediaId) -> Result<bool> {
    let free = media::table
        .find(id.raw())
        .filter(media::owner_id.eq(owner.raw()))
        .filter(media::post_id.is_null())
        .filter(media::scheduled_id.is_null())
        .filter(media::purpose.eq(0))
        .filter(media::state.ne(DISCARDED))
        .filter(not(is_held()));
    Ok(diesel::update(free).set(media::state.eq(DISCARDED)).execute(tx.conn)? > 0)
}

/// What is to be destroyed, at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn discarded(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<MediaRow>> {
    Ok(media::table
        .filter(media::state.eq(DISCARDED))
        .order(media::id)
        .limit(limit)
        .select(MediaRow::as_select())
        .load(tx.conn)?)
}

/// Forgets rows whose files are gone.
///
/// # Errors
/// When the database fails.
pub fn forget(tx: &mut Tx<'_>, ids: &[MediaId]) -> Result<()> {
    let raw: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    let gone = media::table.filter(media::id.eq_any(raw)).filter(media::state.eq(DISCARDED));
    diesel::delete(gone).execute(tx.conn)?;
    Ok(())
}

/// What is here of peers that were removed, at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn of_removed_peers(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<MediaRow>> {
    let removed = exists(peers::table.filter(peers::id.nullable().eq(media::peer_id)).filter(peers::state.eq(REMOVED)));
    Ok(media::table
        .filter(media::peer_id.is_not_null())
        .filter(media::file_hash.is_not_null())
        .filter(removed)
        .filter(not(is_held()))
        .limit(limit)
        .select(MediaRow::as_select())
        .load(tx.conn)?)
}

/// The files of these are gone; they can be fetched again if their peer comes back.
///
/// # Errors
/// When the database fails.
pub fn withdrawn(tx: &mut Tx<'_>, ids: &[MediaId]) -> Result<()> {
    let raw: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    let none: Option<String> = None;
    diesel::update(media::table.filter(media::id.eq_any(raw)).filter(media::state.ne(DISCARDED)))
        .set((
            media::state.eq(EXPECTED),
            media::file_hash.eq(none.clone()),
            media::small_hash.eq(none),
            media::bytes.eq(0),
            media::tries.eq(0),
            media::next_try_at.eq(0),
        ))
        .execute(tx.conn)?;
    Ok(())
}
