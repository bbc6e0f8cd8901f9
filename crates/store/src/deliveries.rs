//! Deliveries: one row for each activity and inbox, in order for each author, kept until it ends well or is set aside.

use corridor_domain::{ActivityId, ActorId, Audience, DeliveryId, Marking, PeerId, PostId, Timestamp};
use diesel::dsl::{count_star, min};
use diesel::prelude::*;

use crate::conn::{self, Conn, Use};
use crate::schema::{activities, deliveries, peers};
use crate::{Error, Result, Signal, Store, Tx};

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// To be sent.
    Pending,
    /// The peer said 2xx.
    Delivered,
    /// Set aside: it can't succeed as it is. Kept with the peer's answer.
    Rejected,
    /// Not sent: its post was deleted, its peer removed, or an administrator dropped it.
    Cancelled,
}

impl State {
    /// The number in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Pending => 0,
            Self::Delivered => 1,
            Self::Rejected => 2,
            Self::Cancelled => 3,
        }
    }
}

/// A delivery that waits, with all that sending and asking policy needs.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// Its number.
    pub id: DeliveryId,
    /// Rows of one order key go one after the other.
    pub order_key: i64,
    /// Where to.
    pub inbox: String,
    /// How often it was tried.
    pub attempts: i32,
    /// Not before.
    pub next_try_at: Timestamp,
    /// When it was queued.
    pub created_at: Timestamp,
    /// Who signs.
    pub actor: ActorId,
    /// Whose bytes.
    pub activity: ActivityId,
    /// The post it speaks of.
    pub post: Option<PostId>,
    /// Whom it is for.
    pub audience: Audience,
    /// How it is marked.
    pub marking: Marking,
    /// The activity's type.
    pub kind: String,
    /// The bytes that go out.
    pub body: String,
}

/// How a try ended.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// Which delivery.
    pub id: DeliveryId,
    /// Where it stands now.
    pub state: State,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// What went wrong, with the head of the answer's body.
    pub error: Option<String>,
    /// When to try again, for a row that stays pending.
    pub next_try_at: Timestamp,
}

/// Queues an activity for inboxes of peers, each inbox once.
///
/// # Errors
/// When the database fails.
pub fn enqueue(tx: &mut Tx<'_>, activity: ActivityId, order_key: i64, targets: &[(PeerId, String)]) -> Result<()> {
    let now = tx.now().millis();
    for (peer, inbox) in targets {
        let id = tx.new_id();
        diesel::insert_into(deliveries::table)
            .values((
                deliveries::id.eq(id),
                deliveries::activity_id.eq(activity.raw()),
                deliveries::peer_id.eq(peer.raw()),
                deliveries::inbox_uri.eq(inbox),
                deliveries::order_key.eq(order_key),
                deliveries::state.eq(State::Pending.code()),
                deliveries::attempts.eq(0),
                deliveries::next_try_at.eq(now),
                deliveries::created_at.eq(now),
            ))
            .execute(tx.conn)?;
    }
    if !targets.is_empty() {
        tx.signal(Signal::Deliveries);
    }
    Ok(())
}

/// The peers that have something waiting, allowed or not.
///
/// # Errors
/// When the database fails.
pub fn peers_with_waiting(tx: &mut Tx<'_>) -> Result<Vec<PeerId>> {
    // One probe for each peer beats a scan of a long queue.
    let all: Vec<i64> = peers::table.select(peers::id).load(tx.conn)?;
    let mut waiting = Vec::new();
    for peer in all {
        let first: Option<i64> = pending_of(PeerId::new(peer)).select(deliveries::id).first(tx.conn).optional()?;
        if first.is_some() {
            waiting.push(PeerId::new(peer));
        }
    }
    Ok(waiting)
}

#[diesel::dsl::auto_type(no_type_alias)]
fn pending_of(peer: PeerId) -> _ {
    let raw: i64 = peer.raw();
    deliveries::table.filter(deliveries::state.eq(0_i16)).filter(deliveries::peer_id.eq(raw))
}

/// The oldest waiting deliveries of a peer, oldest first.
///
/// # Errors
/// When the database fails.
pub fn waiting(tx: &mut Tx<'_>, peer: PeerId, limit: i64) -> Result<Vec<Waiting>> {
    type Row = ((i64, i64, String, i32, i64, i64), (i64, i64, Option<i64>, i16, i16, String, String));
    let rows: Vec<Row> = pending_of(peer)
        .inner_join(activities::table.on(activities::id.eq(deliveries::activity_id)))
        .order(deliveries::id)
        .limit(limit)
        .select((
            (
                deliveries::id,
                deliveries::order_key,
                deliveries::inbox_uri,
                deliveries::attempts,
                deliveries::next_try_at,
                deliveries::created_at,
            ),
            (
                activities::actor_id,
                activities::id,
                activities::post_id,
                activities::audience,
                activities::marking,
                activities::kind,
                activities::body,
            ),
        ))
        .load(tx.conn)?;
    rows.into_iter()
        .map(
            |(
                (id, order_key, inbox, attempts, next, created),
                (actor, activity, post, audience, marking, kind, body),
            )| {
                Ok(Waiting {
                    id: DeliveryId::new(id),
                    order_key,
                    inbox,
                    attempts,
                    next_try_at: Timestamp::from_millis(next),
                    created_at: Timestamp::from_millis(created),
                    actor: ActorId::new(actor),
                    activity: ActivityId::new(activity),
                    post: post.map(PostId::new),
                    audience: Audience::from_code(audience)
                        .ok_or_else(|| Error::Corrupt(format!("audience {audience}")))?,
                    marking: Marking::from_rank(marking),
                    kind,
                    body,
                })
            },
        )
        .collect()
}

/// Writes down how tries ended. A row that was cancelled meanwhile stays cancelled.
///
/// # Errors
/// When the database fails.
pub fn record(tx: &mut Tx<'_>, outcomes: &[Outcome]) -> Result<()> {
    let now = tx.now().millis();
    for outcome in outcomes {
        let finished = (outcome.state != State::Pending).then_some(now);
        diesel::update(deliveries::table.find(outcome.id.raw()).filter(deliveries::state.eq(State::Pending.code())))
            .set((
                deliveries::state.eq(outcome.state.code()),
                deliveries::attempts.eq(deliveries::attempts + 1),
                deliveries::next_try_at.eq(outcome.next_try_at.millis()),
                deliveries::last_status.eq(outcome.status.map(i32::from)),
                deliveries::last_error.eq(outcome.error.as_deref()),
                deliveries::finished_at.eq(finished),
            ))
            .execute(tx.conn)?;
    }
    Ok(())
}

/// Cancels what waits for a peer; says how many rows.
///
/// # Errors
/// When the database fails.
pub fn cancel_for_peer(tx: &mut Tx<'_>, peer: PeerId, reason: &str) -> Result<usize> {
    let now = tx.now().millis();
    let count = diesel::update(
        deliveries::table
            .filter(deliveries::peer_id.eq(peer.raw()))
            .filter(deliveries::state.eq(State::Pending.code())),
    )
    .set((
        deliveries::state.eq(State::Cancelled.code()),
        deliveries::last_error.eq(Some(reason)),
        deliveries::finished_at.eq(Some(now)),
    ))
    .execute(tx.conn)?;
    Ok(count)
}

/// What waits for a peer: how many rows, and since when the oldest.
///
/// # Errors
/// When the database fails.
pub fn lag(tx: &mut Tx<'_>, peer: PeerId) -> Result<(i64, Option<Timestamp>)> {
    let (count, oldest): (i64, Option<i64>) =
        pending_of(peer).select((count_star(), min(deliveries::created_at))).first(tx.conn)?;
    Ok((count, oldest.map(Timestamp::from_millis)))
}

/// A delivery as an administrator sees it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// Its number.
    pub id: DeliveryId,
    /// The activity's type.
    pub kind: String,
    /// The activity's URI.
    pub activity_uri: String,
    /// Where to.
    pub inbox: String,
    /// How often it was tried.
    pub attempts: i32,
    /// The last HTTP status.
    pub last_status: Option<i32>,
    /// What went wrong last.
    pub last_error: Option<String>,
    /// When it was queued.
    pub created_at: Timestamp,
    /// When it is tried next, if it waits.
    pub next_try_at: Timestamp,
}

/// Deliveries of a peer in one state, oldest first.
///
/// # Errors
/// When the database fails.
pub fn list(tx: &mut Tx<'_>, peer: PeerId, state: State, limit: i64) -> Result<Vec<Listed>> {
    type Row = (i64, String, String, String, i32, Option<i32>, Option<String>, i64, i64);
    let rows: Vec<Row> = deliveries::table
        .inner_join(activities::table.on(activities::id.eq(deliveries::activity_id)))
        .filter(deliveries::state.eq(state.code()))
        .filter(deliveries::peer_id.eq(peer.raw()))
        .order(deliveries::id)
        .limit(limit)
        .select((
            deliveries::id,
            activities::kind,
            activities::uri,
            deliveries::inbox_uri,
            deliveries::attempts,
            deliveries::last_status,
            deliveries::last_error,
            deliveries::created_at,
            deliveries::next_try_at,
        ))
        .load(tx.conn)?;
    Ok(rows
        .into_iter()
        .map(|(id, kind, activity_uri, inbox, attempts, last_status, last_error, created, next)| Listed {
            id: DeliveryId::new(id),
            kind,
            activity_uri,
            inbox,
            attempts,
            last_status,
            last_error,
            created_at: Timestamp::from_millis(created),
            next_try_at: Timestamp::from_millis(next),
        })
        .collect())
}

/// How many deliveries of a peer were set aside.
///
/// # Errors
/// When the database fails.
pub fn count_rejected(tx: &mut Tx<'_>, peer: PeerId) -> Result<i64> {
    Ok(deliveries::table
        .filter(deliveries::state.eq(State::Rejected.code()))
        .filter(deliveries::peer_id.eq(peer.raw()))
        .count()
        .get_result(tx.conn)?)
}

/// Puts rejected rows back in line, and lets waiting ones go at once; says how many.
///
/// # Errors
/// When the database fails.
pub fn retry(tx: &mut Tx<'_>, peer: PeerId, only: Option<DeliveryId>) -> Result<usize> {
    let now = tx.now().millis();
    let mut target = deliveries::table
        .filter(deliveries::peer_id.eq(peer.raw()))
        .filter(deliveries::state.eq_any([State::Pending.code(), State::Rejected.code()]))
        .select(deliveries::id)
        .into_boxed();
    if let Some(only) = only {
        target = target.filter(deliveries::id.eq(only.raw()));
    }
    let ids: Vec<i64> = target.load(tx.conn)?;
    for id in &ids {
        diesel::update(deliveries::table.find(id))
            .set((
                deliveries::state.eq(State::Pending.code()),
                deliveries::next_try_at.eq(now),
                deliveries::finished_at.eq(None::<i64>),
            ))
            .execute(tx.conn)?;
    }
    diesel::update(peers::table.find(peer.raw())).set(peers::closed_until.eq(None::<i64>)).execute(tx.conn)?;
    tx.signal(Signal::Deliveries);
    Ok(ids.len())
}

/// Gives up rejected rows (or one row, waiting or rejected); says how many.
///
/// # Errors
/// When the database fails.
pub fn drop_rows(tx: &mut Tx<'_>, peer: PeerId, only: Option<DeliveryId>) -> Result<usize> {
    let now = tx.now().millis();
    let cancelled = (
        deliveries::state.eq(State::Cancelled.code()),
        deliveries::last_error.eq(Some("dropped by an administrator")),
        deliveries::finished_at.eq(Some(now)),
    );
    let of_peer = deliveries::table.filter(deliveries::peer_id.eq(peer.raw()));
    let count = match only {
        Some(only) => diesel::update(
            of_peer
                .filter(deliveries::id.eq(only.raw()))
                .filter(deliveries::state.eq_any([State::Pending.code(), State::Rejected.code()])),
        )
        .set(cancelled)
        .execute(tx.conn)?,
        None => diesel::update(of_peer.filter(deliveries::state.eq(State::Rejected.code())))
            .set(cancelled)
            .execute(tx.conn)?,
    };
    Ok(count)
}

/// The breaker of a peer, as stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Breaker {
    /// Failures in a row.
    pub failures: i32,
    /// It is left alone until then.
    pub closed_until: Option<Timestamp>,
    /// When it last said 2xx.
    pub last_success_at: Option<Timestamp>,
    /// The number of the form of signature that it takes (see the migrations).
    pub signature_form: i16,
}

/// Reads the breaker of a peer.
///
/// # Errors
/// When the database fails, or there is no such peer.
pub fn breaker(tx: &mut Tx<'_>, peer: PeerId) -> Result<Breaker> {
    let (failures, closed_until, last_success_at, signature_form): (i32, Option<i64>, Option<i64>, i16) = peers::table
        .find(peer.raw())
        .select((peers::failures, peers::closed_until, peers::last_success_at, peers::signature_form))
        .first(tx.conn)?;
    Ok(Breaker {
        failures,
        closed_until: closed_until.map(Timestamp::from_millis),
        last_success_at: last_success_at.map(Timestamp::from_millis),
        signature_form,
    })
}

/// Writes the breaker of a peer, apart from its form of signature; `error` is what the peer did last, `None` after a success.
///
/// # Errors
/// When the database fails.
pub fn set_breaker(tx: &mut Tx<'_>, peer: PeerId, breaker: &Breaker, error: Option<&str>) -> Result<()> {
    let now = tx.now().millis();
    let row = diesel::update(peers::table.find(peer.raw()));
    let health =
        (peers::failures.eq(breaker.failures), peers::closed_until.eq(breaker.closed_until.map(Timestamp::millis)));
    match error {
        Some(error) => row
            .set((health, peers::last_failure_at.eq(Some(now)), peers::last_error.eq(Some(error))))
            .execute(tx.conn)?,
        None => row.set((health, peers::last_success_at.eq(Some(now)))).execute(tx.conn)?,
    };
    Ok(())
}

/// The right to send for this node, held by one process at a time.
///
/// On PostgreSQL it is an advisory lock, gone at once when the process dies; a SQLite file has one serving process.
#[derive(Debug)]
pub struct Lease {
    conn: Option<Conn>,
}

/// The number of the advisory lock under which the queue is worked.
const LOCK: i64 = 4_207_282;

impl Lease {
    /// Tries to become the process that sends.
    ///
    /// # Errors
    /// When the database fails.
    pub fn take(store: &Store) -> Result<Option<Self>> {
        let options = store.options();
        if options.backend == crate::Backend::Sqlite {
            return Ok(Some(Self { conn: None }));
        }
        let mut conn = conn::open(options, Use::Write)?;
        let held: bool = diesel::select(pg_try_advisory_lock(LOCK)).get_result(&mut conn)?;
        Ok(held.then_some(Self { conn: Some(conn) }))
    }

    /// Whether it is still held: the connection that holds it is alive.
    #[must_use]
    pub fn is_held(&mut self) -> bool {
        use diesel::connection::SimpleConnection;
        self.conn.as_mut().is_none_or(|conn| conn.batch_execute("SELECT 1").is_ok())
    }
}

#[diesel::declare_sql_function]
extern "SQL" {
    /// PostgreSQL's session-level advisory lock.
    fn pg_try_advisory_lock(key: diesel::sql_types::BigInt) -> diesel::sql_types::Bool;
}

/// Opens a peer's breaker and lets what waits for it go at once: it has just shown that it is there.
///
/// # Errors
/// When the database fails.
pub fn retry_now(tx: &mut Tx<'_>, peer: PeerId) -> Result<()> {
    let now = tx.now().millis();
    diesel::update(peers::table.find(peer.raw())).set(peers::closed_until.eq(None::<i64>)).execute(tx.conn)?;
    diesel::update(
        deliveries::table
            .filter(deliveries::peer_id.eq(peer.raw()))
            .filter(deliveries::state.eq(State::Pending.code()))
            .filter(deliveries::next_try_at.gt(now)),
    )
    .set(deliveries::next_try_at.eq(now))
    .execute(tx.conn)?;
    tx.signal(Signal::Deliveries);
    Ok(())
}

/// Remembers which form of signature a peer understands (see the numbers beside `peers.signature_form`).
///
/// # Errors
/// When the database fails.
pub fn set_signature_form(tx: &mut Tx<'_>, peer: PeerId, form: i16) -> Result<()> {
    diesel::update(peers::table.find(peer.raw())).set(peers::signature_form.eq(form)).execute(tx.conn)?;
    Ok(())
}
