//! Polls: options and counts, votes, and what falls due.

use std::collections::HashMap;

use corridor_domain::{ActorId, PostId, Timestamp};
use diesel::prelude::*;

use crate::dialect::load_among;
use crate::schema::{actors, poll_options, poll_votes, polls};
use crate::{Result, Tx};

/// A poll as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = polls)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct PollRow {
    pub post_id: i64,
    pub multiple: bool,
    pub hide_totals: bool,
    pub ends_at: Option<i64>,
    pub closed_at: Option<i64>,
    pub voters_count: Option<i64>,
    pub told_at: Option<i64>,
    pub tell_at: Option<i64>,
    pub reset_at: Option<i64>,
}

/// An option as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = poll_options)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct OptionRow {
    pub post_id: i64,
    pub position: i16,
    pub title: String,
    pub votes_count: i64,
}

/// A vote as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = poll_votes)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct VoteRow {
    pub id: i64,
    pub post_id: i64,
    pub voter_id: i64,
    pub choice: i16,
}

/// A poll with its options, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Poll {
    /// The poll itself.
    pub row: PollRow,
    /// What can be chosen.
    pub options: Vec<OptionRow>,
}

impl Poll {
    /// Whether nobody can vote any more.
    #[must_use]
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.row.ends_at.is_some_and(|end| end <= now.millis())
    }

    /// The options' words.
    #[must_use]
    pub fn titles(&self) -> Vec<&str> {
        self.options.iter().map(|option| option.title.as_str()).collect()
    }
}

/// A poll as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPoll {
    /// Several options may be chosen.
    pub multiple: bool,
    /// Nobody sees how many chose what before the end.
    pub hide_totals: bool,
    /// When it ends.
    pub ends_at: Option<Timestamp>,
    /// The options' words, and how many have chosen each.
    pub options: Vec<(String, i64)>,
    /// How many people voted, where that is known.
    pub voters: Option<i64>,
}

impl NewPoll {
    /// Whether it asks the same as `poll`.
    #[must_use]
    pub fn asks_the_same(&self, poll: &Poll) -> bool {
        self.multiple == poll.row.multiple && self.options.iter().map(|(title, _)| title.as_str()).eq(poll.titles())
    }
}

fn place(position: usize) -> i16 {
    i16::try_from(position).unwrap_or(i16::MAX)
}

/// Writes the poll of a new post.
///
/// # Errors
/// [`crate::Error::Conflict`] when the post has one.
pub fn insert(tx: &mut Tx<'_>, post: PostId, poll: &NewPoll) -> Result<()> {
    diesel::insert_into(polls::table)
        .values((
            polls::post_id.eq(post.raw()),
            polls::multiple.eq(poll.multiple),
            polls::hide_totals.eq(poll.hide_totals),
            polls::ends_at.eq(poll.ends_at.map(Timestamp::millis)),
            polls::voters_count.eq(poll.voters),
        ))
        .execute(tx.conn)?;
    insert_options(tx, post, &poll.options)
}

fn insert_options(tx: &mut Tx<'_>, post: PostId, options: &[(String, i64)]) -> Result<()> {
    for (position, (title, votes)) in options.iter().enumerate() {
        diesel::insert_into(poll_options::table)
            .values((
                poll_options::post_id.eq(post.raw()),
                poll_options::position.eq(place(position)),
                poll_options::title.eq(title),
                poll_options::votes_count.eq(votes),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// The poll of a post.
///
/// # Errors
/// When the database fails.
pub fn find(tx: &mut Tx<'_>, post: PostId) -> Result<Option<Poll>> {
    Ok(of_posts(tx, &[post])?.remove(&post))
}

/// The polls of these posts.
///
/// # Errors
/// When the database fails.
pub fn of_posts(tx: &mut Tx<'_>, posts: &[PostId]) -> Result<HashMap<PostId, Poll>> {
    if posts.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<i64> = posts.iter().map(|id| id.raw()).collect();
    let rows: Vec<PollRow> = load_among!(tx, polls::table.select(PollRow::as_select()), polls::post_id, &ids);
    let options: Vec<OptionRow> = load_among!(
        tx,
        poll_options::table.order((poll_options::post_id, poll_options::position)).select(OptionRow::as_select()),
        poll_options::post_id,
        &ids
    );
    let mut found: HashMap<PostId, Poll> =
        rows.into_iter().map(|row| (PostId::new(row.post_id), Poll { row, options: Vec::new() })).collect();
    for option in options {
        if let Some(poll) = found.get_mut(&PostId::new(option.post_id)) {
            poll.options.push(option);
        }
    }
    Ok(found)
}

/// What somebody has chosen in the polls of these posts.
///
/// # Errors
/// When the database fails.
pub fn cast_in(tx: &mut Tx<'_>, voter: ActorId, posts: &[PostId]) -> Result<HashMap<PostId, Vec<usize>>> {
    if posts.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<i64> = posts.iter().map(|id| id.raw()).collect();
    let rows: Vec<(i64, i16)> = load_among!(
        tx,
        poll_votes::table
            .filter(poll_votes::voter_id.eq(voter.raw()))
            .order((poll_votes::post_id, poll_votes::choice))
            .select((poll_votes::post_id, poll_votes::choice)),
        poll_votes::post_id,
        &ids
    );
    let mut cast: HashMap<PostId, Vec<usize>> = HashMap::new();
    for (post, choice) in rows {
        cast.entry(PostId::new(post)).or_default().extend(usize::try_from(choice).ok());
    }
    Ok(cast)
}

/// What somebody has chosen in one poll.
///
/// # Errors
/// When the database fails.
pub fn cast(tx: &mut Tx<'_>, voter: ActorId, post: PostId) -> Result<Vec<usize>> {
    Ok(cast_in(tx, voter, &[post])?.remove(&post).unwrap_or_default())
}

/// Writes down what somebody has chosen and counts it; answers with the votes' numbers. `is_first`: they have not voted
/// in this poll before. Hold the post ([`crate::posts::lock`]) from before it was asked what they chose.
///
/// # Errors
/// [`crate::Error::Conflict`] when one of the choices is there already.
pub fn add_votes(tx: &mut Tx<'_>, post: PostId, voter: ActorId, choices: &[usize], is_first: bool) -> Result<Vec<i64>> {
    let now = tx.now().millis();
    let mut votes = Vec::new();
    for choice in choices {
        let id = tx.new_id();
        diesel::insert_into(poll_votes::table)
            .values((
                poll_votes::id.eq(id),
                poll_votes::post_id.eq(post.raw()),
                poll_votes::voter_id.eq(voter.raw()),
                poll_votes::choice.eq(place(*choice)),
                poll_votes::created_at.eq(now),
            ))
            .execute(tx.conn)?;
        diesel::update(poll_options::table.find((post.raw(), place(*choice))))
            .set(poll_options::votes_count.eq(poll_options::votes_count + 1))
            .execute(tx.conn)?;
        votes.push(id);
    }
    if is_first {
        diesel::update(polls::table.find(post.raw()))
            .set(polls::voters_count.eq(polls::voters_count + 1))
            .execute(tx.conn)?;
    }
    Ok(votes)
}

/// A vote by its number, unless it was voided since.
///
/// # Errors
/// When the database fails.
pub fn vote(tx: &mut Tx<'_>, id: i64) -> Result<Option<VoteRow>> {
    Ok(poll_votes::table.find(id).select(VoteRow::as_select()).first(tx.conn).optional()?)
}

/// The people of this node who voted in a poll.
///
/// # Errors
/// When the database fails.
pub fn local_voters(tx: &mut Tx<'_>, post: PostId) -> Result<Vec<ActorId>> {
    let voters: Vec<i64> = poll_votes::table
        .inner_join(actors::table.on(actors::id.eq(poll_votes::voter_id)))
        .filter(poll_votes::post_id.eq(post.raw()))
        .filter(actors::peer_id.is_null())
        .select(poll_votes::voter_id)
        .distinct()
        .load(tx.conn)?;
    Ok(voters.into_iter().map(ActorId::new).collect())
}

/// Takes over what the poll's own node has counted, and its end. What is asked must be the same.
///
/// # Errors
/// When the database fails.
pub fn recount(tx: &mut Tx<'_>, post: PostId, poll: &NewPoll) -> Result<()> {
    for (position, (_, votes)) in poll.options.iter().enumerate() {
        diesel::update(poll_options::table.find((post.raw(), place(position))))
            .set(poll_options::votes_count.eq(votes))
            .execute(tx.conn)?;
    }
    set_terms(tx, post, poll)?;
    diesel::update(polls::table.find(post.raw())).set(polls::voters_count.eq(poll.voters)).execute(tx.conn)?;
    Ok(())
}

/// Changes when a poll ends, and whether totals are hidden until then.
///
/// # Errors
/// When the database fails.
pub fn set_terms(tx: &mut Tx<'_>, post: PostId, poll: &NewPoll) -> Result<()> {
    diesel::update(polls::table.find(post.raw()))
        .set((polls::hide_totals.eq(poll.hide_totals), polls::ends_at.eq(poll.ends_at.map(Timestamp::millis))))
        .execute(tx.conn)?;
    Ok(())
}

/// Asks something else: every vote before is void.
///
/// # Errors
/// When the database fails.
pub fn reset(tx: &mut Tx<'_>, post: PostId, poll: &NewPoll) -> Result<()> {
    diesel::delete(poll_votes::table.filter(poll_votes::post_id.eq(post.raw()))).execute(tx.conn)?;
    diesel::delete(poll_options::table.filter(poll_options::post_id.eq(post.raw()))).execute(tx.conn)?;
    insert_options(tx, post, &poll.options)?;
    set_terms(tx, post, poll)?;
    let now = tx.now().millis();
    diesel::update(polls::table.find(post.raw()))
        .set((polls::multiple.eq(poll.multiple), polls::voters_count.eq(poll.voters), polls::reset_at.eq(Some(now))))
        .execute(tx.conn)?;
    Ok(())
}

/// Whether a poll is over whose end was not noted, or counts are to be told.
///
/// # Errors
/// When the database fails.
pub fn is_anything_due(tx: &mut Tx<'_>) -> Result<bool> {
    Ok(!to_close(tx, 1)?.is_empty() || !to_tell(tx, 1)?.is_empty())
}

/// Polls that are over and whose end was not noted, at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn to_close(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<PostId>> {
    let now = tx.now().millis();
    let due: Vec<i64> = polls::table
        .filter(polls::closed_at.is_null())
        .filter(polls::ends_at.le(now))
        .order(polls::ends_at)
        .limit(limit)
        .select(polls::post_id)
        .load(tx.conn)?;
    Ok(due.into_iter().map(PostId::new).collect())
}

/// Notes the end of a poll; `false` when that was done before.
///
/// # Errors
/// When the database fails.
pub fn close(tx: &mut Tx<'_>, post: PostId) -> Result<bool> {
    let now = tx.now().millis();
    let open = polls::table.find(post.raw()).filter(polls::closed_at.is_null());
    let none: Option<i64> = None;
    Ok(diesel::update(open).set((polls::closed_at.eq(Some(now)), polls::tell_at.eq(none))).execute(tx.conn)? > 0)
}

/// Polls whose counts are to be told now, at most `limit`.
///
/// # Errors
/// When the database fails.
pub fn to_tell(tx: &mut Tx<'_>, limit: i64) -> Result<Vec<PostId>> {
    let now = tx.now().millis();
    let due: Vec<i64> = polls::table
        .filter(polls::tell_at.le(now))
        .order(polls::tell_at)
        .limit(limit)
        .select(polls::post_id)
        .load(tx.conn)?;
    Ok(due.into_iter().map(PostId::new).collect())
}

/// Notes that the counts of a poll are being told; `false` when another process does.
///
/// # Errors
/// When the database fails.
pub fn told(tx: &mut Tx<'_>, post: PostId) -> Result<bool> {
    let now = tx.now().millis();
    let due = polls::table.find(post.raw()).filter(polls::tell_at.is_not_null());
    let none: Option<i64> = None;
    Ok(diesel::update(due).set((polls::told_at.eq(Some(now)), polls::tell_at.eq(none))).execute(tx.conn)? > 0)
}

/// Has the counts of a poll told at `at`, unless that is to happen already.
///
/// # Errors
/// When the database fails.
pub fn tell_at(tx: &mut Tx<'_>, post: PostId, at: Timestamp) -> Result<()> {
    diesel::update(polls::table.find(post.raw()).filter(polls::tell_at.is_null()))
        .set(polls::tell_at.eq(Some(at.millis())))
        .execute(tx.conn)?;
    Ok(())
}

/// Destroys the polls of these posts, and who chose what in them.
pub(crate) fn discard_of(tx: &mut Tx<'_>, posts: &[i64]) -> Result<()> {
    diesel::delete(poll_votes::table.filter(poll_votes::post_id.eq_any(posts.to_vec()))).execute(tx.conn)?;
    diesel::delete(poll_options::table.filter(poll_options::post_id.eq_any(posts.to_vec()))).execute(tx.conn)?;
    diesel::delete(polls::table.filter(polls::post_id.eq_any(posts.to_vec()))).execute(tx.conn)?;
    Ok(())
}
