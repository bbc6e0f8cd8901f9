//! Pictures of people themselves, kept among the media: each has one avatar and one header at most.

use corridor_domain::{ActorId, MediaId};
use diesel::prelude::*;

use crate::dialect::load_among;
use crate::media::{BROKEN, DISCARDED, EXPECTED, HERE, MediaRow};
use crate::schema::media;
use crate::{Result, Tx};

/// Which of somebody's own pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Portrait {
    /// The small one beside their name.
    Avatar,
    /// The wide one on their page.
    Header,
}

impl Portrait {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Avatar, Self::Header];

    /// The number in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Avatar => 1,
            Self::Header => 2,
        }
    }

    /// The word of the Mastodon API.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Avatar => "avatar",
            Self::Header => "header",
        }
    }
}

impl MediaRow {
    /// Which of its owner's own pictures it is, if it is one.
    #[must_use]
    pub fn portrait(&self) -> Option<Portrait> {
        Portrait::ALL.into_iter().find(|which| which.code() == self.purpose)
    }
}

/// Says of a row that was just written that it is its owner's own picture, to be put up.
///
/// # Errors
/// When the database fails.
pub fn mark(tx: &mut Tx<'_>, id: MediaId, which: Portrait) -> Result<()> {
    diesel::update(media::table.find(id.raw())).set(media::purpose.eq(which.code())).execute(tx.conn)?;
    Ok(())
}

/// The pictures that these people have up: those that are here, or can be asked for at their peer now.
///
/// # Errors
/// When the database fails.
pub fn of_people(tx: &mut Tx<'_>, people: &[ActorId]) -> Result<Vec<MediaRow>> {
    if people.is_empty() {
        return Ok(Vec::new());
    }
    let raw: Vec<i64> = people.iter().map(|id| id.raw()).collect();
    // One that could not be had is asked for again when its time has come: somebody must be led to it then.
    let expected = media::state.eq(EXPECTED).or(media::state.eq(BROKEN).and(media::next_try_at.le(tx.now().millis())));
    let at_peer = media::peer_id.is_not_null().and(expected);
    Ok(load_among!(
        tx,
        media::table
            .filter(media::purpose.ne(0))
            .filter(media::removed_at.is_null())
            .filter(media::state.eq(HERE).or(at_peer))
            .select(MediaRow::as_select()),
        media::owner_id,
        &raw
    ))
}

/// The picture that somebody has up or, of a peer, that could not be had.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, owner: ActorId, which: Portrait) -> Result<Option<MediaRow>> {
    let not_put_up = media::state.eq(EXPECTED).and(media::peer_id.is_null());
    Ok(media::table
        .filter(media::owner_id.eq(owner.raw()))
        .filter(media::purpose.eq(which.code()))
        .filter(media::removed_at.is_null())
        .filter(media::state.lt(DISCARDED))
        .filter(diesel::dsl::not(not_put_up))
        .order(media::id.desc())
        .select(MediaRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// Puts up a picture that `owner` has handed in, in place of the one that was up; `false` when it is not there.
///
/// # Errors
/// When the database fails.
pub fn put_up(tx: &mut Tx<'_>, owner: ActorId, which: Portrait, id: MediaId) -> Result<bool> {
    take_down(tx, owner, which)?;
    let handed_in = media::table
        .find(id.raw())
        .filter(media::owner_id.eq(owner.raw()))
        .filter(media::purpose.eq(which.code()))
        .filter(media::state.eq(EXPECTED));
    Ok(diesel::update(handed_in).set(media::state.eq(HERE)).execute(tx.conn)? > 0)
}

/// Takes down the picture that somebody has up; `false` when there is none. It is destroyed like a deleted post.
///
/// # Errors
/// When the database fails.
pub fn take_down(tx: &mut Tx<'_>, owner: ActorId, which: Portrait) -> Result<bool> {
    let Some(up) = find(tx, owner, which)? else { return Ok(false) };
    crate::media::take_out(tx, &[up.id()])?;
    Ok(true)
}

/// Marks all of somebody's own pictures to be destroyed.
///
/// # Errors
/// When the database fails.
pub fn discard_of(tx: &mut Tx<'_>, owner: ActorId) -> Result<()> {
    let own = media::table.filter(media::owner_id.eq(owner.raw())).filter(media::purpose.ne(0));
    diesel::update(own).set(media::state.eq(DISCARDED)).execute(tx.conn)?;
    Ok(())
}
