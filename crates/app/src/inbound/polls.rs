//! Polls of peers, and votes of peers' people in polls of this node.

use corridor_domain::poll::{self, MAX_OPTIONS_RECEIVED, OPTION_CHARS, Refused};
use corridor_domain::{PostId, Timestamp};
use corridor_store::polls::{self, NewPoll};
use corridor_store::posts::{PostKind, PostRow};
use corridor_store::{Tx, posts, visibility};

use super::arrival::{Arrival, apply, lies_on};
use super::articles::escaped;
use super::people::line;
use super::types::{IncomingPoll, IncomingPost, IncomingVote, Outcome, Received};
use crate::polls::{ballot, held, reset, tell_soon};
use crate::{Ctx, Error, Result};

/// More than this nobody has counted.
const MOST: i64 = 1_000_000_000;

/// What a peer's post asks; `None` where that can't be shown as a poll.
pub(super) fn readable(post: &IncomingPost, now: Timestamp) -> Option<NewPoll> {
    let poll = post.poll.as_ref().filter(|_| post.kind == PostKind::Question)?;
    let options: Vec<(String, i64)> =
        poll.options.iter().map(|(title, votes)| (line(title, OPTION_CHARS), count(votes.unwrap_or(0)))).collect();
    if !can_be_chosen(&titles(poll)) {
        return None;
    }
    let ends_at = end(poll, now);
    let ended = ends_at.is_some_and(|end| end <= now);
    Some(NewPoll {
        multiple: poll.multiple,
        hide_totals: !ended && poll.options.iter().any(|(_, votes)| votes.is_none()),
        ends_at,
        options,
        voters: poll.voters.map(count),
    })
}

fn titles(poll: &IncomingPoll) -> Vec<String> {
    poll.options.iter().map(|(title, _)| line(title, OPTION_CHARS)).collect()
}

fn can_be_chosen(titles: &[String]) -> bool {
    let fits = !titles.is_empty() && titles.len() <= MAX_OPTIONS_RECEIVED;
    fits && !titles.iter().any(String::is_empty) && poll::all_differ(titles)
}

/// The options of what can't be shown as a poll, as a list below its text: what there is to choose is not lost.
pub(super) fn as_list(post: &IncomingPost) -> String {
    let Some(poll) = post.poll.as_ref().filter(|_| post.kind == PostKind::Question) else { return String::new() };
    let titles = titles(poll);
    if can_be_chosen(&titles) {
        return String::new();
    }
    let items = titles.iter().filter(|title| !title.is_empty()).map(|title| format!("<li>{}</li>", escaped(title)));
    let items: String = items.collect();
    if items.is_empty() { items } else { format!("<ul>{items}</ul>") }
}

fn count(votes: i64) -> i64 {
    votes.clamp(0, MOST)
}

fn end(poll: &IncomingPoll, now: Timestamp) -> Option<Timestamp> {
    let closed = poll.closed_at.or(Some(now).filter(|_| poll.is_closed)).filter(|closed| *closed <= now);
    match (closed, poll.ends_at) {
        (Some(closed), Some(end)) => Some(closed.min(end)),
        (closed, end) => closed.or(end),
    }
}

/// Writes down the poll of a post that has arrived.
pub(super) fn settle(tx: &mut Tx<'_>, post: &IncomingPost, id: PostId) -> Result<()> {
    let now = tx.now();
    let Some(poll) = readable(post, now) else { return Ok(()) };
    Ok(polls::insert(tx, id, &poll)?)
}

/// Takes over the counts that the poll's author sends, without which they would stay what they were at first. A poll
/// that asks something else is an edit, and needs its date.
pub(super) fn recount(tx: &mut Tx<'_>, post: &IncomingPost, known: &PostRow) -> Result<bool> {
    let now = tx.now();
    let Some(poll) = readable(post, now) else { return Ok(false) };
    let Some(held) = held(tx, known)?.filter(|held| poll.asks_the_same(held)) else { return Ok(false) };
    // A count that was overtaken on its way does not open a poll again.
    if held.has_ended(now) && poll.ends_at.is_none_or(|end| end > now) {
        return Ok(false);
    }
    polls::recount(tx, known.id(), &poll)?;
    Ok(true)
}

/// An edit of the post: where its poll asks something else now, every vote before is void.
pub(super) fn change(tx: &mut Tx<'_>, post: &IncomingPost, known: &PostRow) -> Result<()> {
    let now = tx.now();
    let Some(poll) = readable(post, now) else { return Ok(()) };
    match held(tx, known)? {
        Some(held) if !poll.asks_the_same(&held) => reset(tx, known, &poll),
        _ => Ok(()),
    }
}

/// A person of a peer votes in a poll of this node. Each of their choices comes by itself.
///
/// # Errors
/// [`Error::Forbidden`] when the vote is not the sender's to give, or they may not vote so.
pub async fn voted(ctx: &Ctx, received: Received, vote: IncomingVote) -> Result<Outcome> {
    apply(ctx, received, move |tx, arrival| write_vote(tx, arrival, &vote)).await
}

fn write_vote(tx: &mut Tx<'_>, arrival: &Arrival, vote: &IncomingVote) -> Result<Outcome> {
    let voter = arrival.actor.actor_id();
    if vote.voter_uri != arrival.actor.uri {
        return Err(Error::forbidden("a vote must be attributed to who sends it"));
    }
    if !lies_on(&arrival.peer, &vote.uri) {
        return Err(Error::forbidden(format!("a vote's id must lie on {}", arrival.peer.authority)));
    }
    let Some(post) = posts::find_by_uri(tx, &vote.poll_uri)?.filter(|post| post.peer_id.is_none()) else {
        return Ok(Outcome::Ignored);
    };
    let Some(poll) = held(tx, &post)? else { return Ok(Outcome::Ignored) };
    // Their node may have the post for somebody else's sake.
    let is_reader =
        visibility::may_leave(tx, post.id(), arrival.peer.id)? && visibility::may_read(tx, post.id(), voter)?;
    if !is_reader {
        return Err(Error::forbidden("the poll is not for who votes"));
    }
    let cast = polls::cast(tx, voter, post.id())?;
    let name = line(&vote.name, OPTION_CHARS);
    let choice = poll.titles().iter().position(|title| *title == name);
    let choice = choice
        .ok_or(Refused::UnknownChoice)
        .and_then(|choice| poll::may_add(&ballot(&poll, &post, voter, &cast, tx.now()), choice).map(|()| choice));
    let choice = choice.map_err(|refused| Error::forbidden(format!("{refused} ({})", refused.code())))?;
    polls::add_votes(tx, post.id(), voter, &[choice], cast.is_empty())?;
    tell_soon(tx, &post, &poll)?;
    Ok(Outcome::Applied)
}
