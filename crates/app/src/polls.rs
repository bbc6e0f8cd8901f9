//! Polls: asking, voting, and the end, which comes by itself.

use std::collections::HashMap;
use std::time::Duration;

use corridor_domain::poll::{self, Ballot, Refused};
use corridor_domain::{ActorId, Audience, Event, PostId, Timestamp};
use corridor_store::polls::{self, NewPoll, Poll};
use corridor_store::posts::{PostKind, PostRow};
use corridor_store::{Tx, notifications as told, outbox, posts};

use crate::posts::{original, show};
use crate::{Ctx, Error, NotificationKind, PostView, Result, Viewer, notifications};

/// Peers are told of the first votes after so long.
const SOON: Duration = Duration::from_secs(2);
/// And of further votes so long after that, all together.
const REST: Duration = Duration::from_secs(30);
/// Polls that are closed or told in one transaction at most.
const BATCH: i64 = 200;

/// A poll as its author hands it in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PollDraft {
    /// What can be chosen; empty ones are left out.
    pub options: Vec<String>,
    /// From now on.
    pub lasts: Duration,
    /// Several may be chosen.
    pub multiple: bool,
    /// Nobody sees how many chose what before the end.
    pub hide_totals: bool,
}

impl PollDraft {
    fn checked(&self, now: Timestamp) -> Result<NewPoll> {
        let options = poll::check(&self.options, self.lasts)?;
        Ok(NewPoll {
            multiple: self.multiple,
            hide_totals: self.hide_totals,
            ends_at: Some(now + self.lasts),
            options: options.into_iter().map(|option| (option, 0)).collect(),
            voters: Some(0),
        })
    }
}

/// A poll as one reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollView {
    /// When it ends; `None` for a peer's without an end.
    pub ends_at: Option<Timestamp>,
    /// It is over.
    pub ended: bool,
    /// Several may be chosen.
    pub multiple: bool,
    /// Votes for all options together.
    pub votes: i64,
    /// People who voted, where that is known.
    pub voters: Option<i64>,
    /// What can be chosen.
    pub options: Vec<PollOptionView>,
    /// The reader has voted, or has written the poll.
    pub voted: bool,
    /// What the reader has chosen.
    pub own: Vec<usize>,
    /// When its options were last changed, which made every vote before that void.
    pub reset_at: Option<Timestamp>,
}

/// An option of a poll.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PollOptionView {
    /// Plain text.
    pub title: String,
    /// How many have chosen it; `None` while that is hidden.
    pub votes: Option<i64>,
}

/// The polls of these posts as `reader` sees them.
pub(crate) fn views<'a>(
    tx: &mut Tx<'_>,
    reader: ActorId,
    rows: impl Iterator<Item = &'a PostRow>,
) -> Result<HashMap<PostId, PollView>> {
    let authors: HashMap<PostId, ActorId> =
        rows.filter(|row| row.kind() == PostKind::Question).map(|row| (row.id(), row.author())).collect();
    let ids: Vec<PostId> = authors.keys().copied().collect();
    let found = polls::of_posts(tx, &ids)?;
    let mut cast = polls::cast_in(tx, reader, &ids)?;
    let now = tx.now();
    let view = |(id, poll): (PostId, Poll)| {
        let is_author = authors.get(&id) == Some(&reader);
        (id, view(&poll, now, is_author, cast.remove(&id).unwrap_or_default()))
    };
    Ok(found.into_iter().map(view).collect())
}

fn view(poll: &Poll, now: Timestamp, is_author: bool, own: Vec<usize>) -> PollView {
    let ended = poll.has_ended(now);
    let shown = ended || !poll.row.hide_totals;
    PollView {
        ends_at: poll.row.ends_at.map(Timestamp::from_millis),
        ended,
        multiple: poll.row.multiple,
        votes: poll.options.iter().map(|option| option.votes_count).sum(),
        voters: poll.row.voters_count,
        options: poll
            .options
            .iter()
            .map(|option| PollOptionView {
                title: option.title.clone(),
                votes: Some(option.votes_count).filter(|_| shown),
            })
            .collect(),
        voted: is_author || !own.is_empty(),
        own,
        reset_at: poll.row.reset_at.map(Timestamp::from_millis),
    }
}

/// Writes the poll of a new post.
pub(crate) fn write_new(tx: &mut Tx<'_>, post: PostId, draft: &PollDraft) -> Result<()> {
    let new = draft.checked(tx.now())?;
    Ok(polls::insert(tx, post, &new)?)
}

/// Changes the poll of a post of this node. Where it asks something else then, every vote before is void.
pub(crate) fn change(tx: &mut Tx<'_>, post: &PostRow, draft: &PollDraft) -> Result<()> {
    posts::lock(tx, post.id())?;
    let Some(known) = polls::find(tx, post.id())? else {
        return Err(Error::invalid("A poll can't be added to a post that is out already: write a new post"));
    };
    if known.has_ended(tx.now()) {
        return Err(Refused::Ended.into());
    }
    let new = draft.checked(tx.now())?;
    if new.asks_the_same(&known) {
        return Ok(polls::set_terms(tx, post.id(), &new)?);
    }
    reset(tx, post, &new)
}

/// Asks something else, and tells those whose votes are void.
pub(crate) fn reset(tx: &mut Tx<'_>, post: &PostRow, new: &NewPoll) -> Result<()> {
    let voters = polls::local_voters(tx, post.id())?;
    polls::reset(tx, post.id(), new)?;
    for voter in voters {
        notifications::add(tx, voter, NotificationKind::Update, post.author(), Some(post.id()))?;
    }
    Ok(())
}

/// A post with a poll.
///
/// # Errors
/// When the post isn't there, not for this reader, or has none.
pub async fn find(ctx: &Ctx, viewer: &Viewer, id: PostId) -> Result<PostView> {
    let post = show(ctx, viewer, id).await?;
    if post.poll.is_some() { Ok(post) } else { Err(Error::NotFound("that poll")) }
}

/// Votes for options, counted from 0. Once, before the end, and not in one's own poll.
///
/// # Errors
/// [`Error::NotFound`] when there is no such poll for this reader, [`Error::Poll`] when they may not vote so.
pub async fn vote(ctx: &Ctx, viewer: &Viewer, id: PostId, choices: Vec<usize>) -> Result<PostView> {
    let voter = viewer.id;
    let post = ctx.store.write(move |tx| write_vote(tx, voter, id, &choices)).await?;
    show(ctx, viewer, post).await
}

fn write_vote(tx: &mut Tx<'_>, voter: ActorId, id: PostId, choices: &[usize]) -> Result<PostId> {
    let post = original(tx, id, voter)?;
    let poll = held(tx, &post)?.ok_or(Error::NotFound("that poll"))?;
    let cast = polls::cast(tx, voter, post.id())?;
    let choices = poll::may_vote(&ballot(&poll, &post, voter, &cast, tx.now()), choices)?;
    let votes = polls::add_votes(tx, post.id(), voter, &choices, cast.is_empty())?;
    if post.peer_id.is_none() {
        tell_soon(tx, &post, &poll)?;
    } else {
        for vote in votes {
            outbox::append(tx, &Event::Voted { vote })?;
        }
    }
    Ok(post.id())
}

/// The poll of a post, in which nobody else votes before this transaction ends.
pub(crate) fn held(tx: &mut Tx<'_>, post: &PostRow) -> Result<Option<Poll>> {
    posts::lock(tx, post.id())?;
    Ok(polls::find(tx, post.id())?)
}

/// How somebody stands to a poll.
pub(crate) fn ballot<'a>(poll: &Poll, post: &PostRow, voter: ActorId, cast: &'a [usize], now: Timestamp) -> Ballot<'a> {
    Ballot {
        options: poll.options.len(),
        multiple: poll.row.multiple,
        ended: poll.has_ended(now),
        is_author: post.author() == voter,
        cast,
    }
}

/// Has peers told of the counts of a poll of ours: of the first votes soon, of those that follow together.
pub(crate) fn tell_soon(tx: &mut Tx<'_>, post: &PostRow, poll: &Poll) -> Result<()> {
    if post.audience()? == Audience::Department {
        return Ok(());
    }
    let soon = tx.now() + SOON;
    let rested = poll.row.told_at.map(|told| Timestamp::from_millis(told) + REST);
    Ok(polls::tell_at(tx, post.id(), rested.map_or(soon, |rested| rested.max(soon)))?)
}

/// Does what has fallen due: ends polls, tells people so, and tells peers of counts.
///
/// # Errors
/// When the store fails; what was due is due still.
pub async fn run(ctx: &Ctx) -> Result<()> {
    if !ctx.store.read(|tx| polls::is_anything_due(tx).map_err(Error::from)).await? {
        return Ok(());
    }
    ctx.store
        .write(|tx| {
            for post in polls::to_close(tx, BATCH)? {
                close(tx, post)?;
            }
            for post in polls::to_tell(tx, BATCH)? {
                if polls::told(tx, post)? {
                    outbox::append(tx, &Event::PollCounted { post })?;
                }
            }
            Ok(())
        })
        .await
}

fn close(tx: &mut Tx<'_>, id: PostId) -> Result<()> {
    // Another process of this node may have been quicker.
    if !polls::close(tx, id)? {
        return Ok(());
    }
    let post = posts::find(tx, id)?;
    if post.is_deleted() {
        return Ok(());
    }
    for voter in polls::local_voters(tx, id)? {
        notifications::add(tx, voter, NotificationKind::Poll, post.author(), Some(id))?;
    }
    if post.peer_id.is_some() {
        return Ok(());
    }
    // Nobody else did anything: authors are told by their own poll.
    told::add(tx, post.author(), NotificationKind::Poll.code(), post.author(), Some(id))?;
    if post.audience()? != Audience::Department {
        outbox::append(tx, &Event::PollCounted { post: id })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
