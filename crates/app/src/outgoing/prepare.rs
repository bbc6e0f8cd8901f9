//! From an event to what is told and to whom: recipients are frozen here, and policy is asked for each.

use std::collections::BTreeMap;

use corridor_domain::policy;
use corridor_domain::visibility::{self, PeerFacts, Withheld};
use corridor_domain::{ActorId, ActorKind, Audience, Event, Marking, Peer, PeerId, PeerState, PostId};
use corridor_store::outgoing::{self as inboxes, Inbox};
use corridor_store::posts::{self, PostRow};
use corridor_store::{Error, Tx, actors, follows, network_feed, peers, polls, recalls, reports, visibility as facts};

use super::types::{Prepared, Queued, Subject, Target};
use super::{connections, groups, load};
use crate::{Settings, instance};

type Result<T> = std::result::Result<T, Error>;

/// What an event has to tell and to whom; nothing when nobody is owed it. More than one thing where a change must be
/// told to some as an end.
///
/// # Errors
/// When the store fails.
pub fn prepare(tx: &mut Tx<'_>, settings: &Settings, event: &Event) -> Result<Vec<Prepared>> {
    let prepared = match event {
        Event::PostPublished { post } => return of_post(tx, settings, *post, PostNews::Published),
        Event::PostEdited { post } => return of_post(tx, settings, *post, PostNews::Edited),
        Event::PostDeleted { post } => return of_post(tx, settings, *post, PostNews::Deleted),
        Event::PollCounted { post } => return of_post(tx, settings, *post, PostNews::Counted),
        Event::PostPinned { post, pinned } => of_pin(tx, *post, *pinned)?,
        Event::Voted { vote } => of_vote(tx, settings, *vote)?,
        Event::Boosted { boost } => return of_post(tx, settings, *boost, PostNews::Boosted),
        Event::BoostUndone { boost } => return of_post(tx, settings, *boost, PostNews::BoostUndone),
        Event::Favourited { actor, post, uri } => of_favourite(tx, *actor, *post, uri, false)?,
        Event::FavouriteUndone { actor, post, uri } => of_favourite(tx, *actor, *post, uri, true)?,
        Event::FollowRequested { follow } => of_request(tx, *follow)?,
        Event::FollowUndone { follower, followed, uri } => {
            let (actor, object) = (load::actor_ref(&actors::find(tx, *follower)?), actors::find(tx, *followed)?.uri);
            to_one(tx, *follower, *followed, Subject::FollowUndone { actor, uri: uri.clone(), object })?
        }
        Event::FollowAccepted { follow } => of_acceptance(tx, *follow)?,
        Event::FollowRejected { follower, followed, uri } => {
            let (actor, follower_uri) =
                (load::actor_ref(&actors::find(tx, *followed)?), actors::find(tx, *follower)?.uri);
            let subject = Subject::FollowRejected { actor, follow_uri: uri.clone(), follower_uri };
            to_one(tx, *followed, *follower, subject)?
        }
        Event::ConnectionOffered { connection } => connections::offered(tx, *connection)?,
        Event::ConnectionAccepted { connection } => connections::accepted(tx, *connection)?,
        Event::ConnectionEnded { by, other, uri, asked } => connections::ended(tx, (*by, *other), uri, *asked)?,
        Event::Blocked { blocker, blocked, uri } => of_block(tx, *blocker, *blocked, uri, false)?,
        Event::Unblocked { blocker, blocked, uri } => of_block(tx, *blocker, *blocked, uri, true)?,
        Event::Reported { report } => of_report(tx, *report)?,
        Event::DeletionConfirmed { actor, uri } => of_receipt(tx, *actor, uri)?,
        Event::GroupRelayed { group, post, body } => return groups::relayed(tx, *group, *post, body),
        Event::GroupCopiesRecalled { group, member, uri } => groups::copies_recalled(tx, *group, *member, uri)?,
        Event::GroupInvited { group, whom, in_place_of } => groups::invited(tx, *group, *whom, *in_place_of)?,
        Event::InvitationDeclined { group, whom } => groups::invitation_declined(tx, *group, *whom)?,
        Event::GroupPinned { group, post, pinned } => groups::pinned(tx, *group, *post, *pinned)?,
        Event::GroupPostRemoved { group, post } => groups::post_removed(tx, *group, *post)?,
        Event::AnswerAccepted { by, question, answer } => groups::answer_accepted(tx, *by, *question, *answer)?,
        Event::PersonUpdated { actor } => of_person(tx, settings, *actor)?,
        Event::PersonMoved { actor, target, uri } => of_move(tx, *actor, *target, uri)?,
        Event::PersonDeleted { actor } => {
            let subject = Subject::PersonDeleted(load::actor_ref(&actors::find(tx, *actor)?));
            to_all_who_know(tx, *actor, subject)?
        }
    };
    Ok(prepared.into_iter().filter(|prepared| !prepared.targets.is_empty()).collect())
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum PostNews {
    Published,
    Edited,
    Counted,
    Deleted,
    Boosted,
    BoostUndone,
}

impl PostNews {
    const fn is_end(self) -> bool {
        matches!(self, Self::Deleted | Self::BoostUndone)
    }
}

fn of_post(tx: &mut Tx<'_>, settings: &Settings, id: PostId, news: PostNews) -> Result<Vec<Prepared>> {
    let row = posts::find(tx, id)?;
    // Published or edited, and deleted before this event's turn came: its deletion tells all there is.
    if row.is_deleted() && !news.is_end() {
        return Ok(Vec::new());
    }
    let (targets, barred) = whom(tx, &row, news)?;
    let withdrawn = match news {
        PostNews::Edited | PostNews::Deleted => withdrawal(tx, &row, barred)?,
        PostNews::Published | PostNews::Counted | PostNews::Boosted | PostNews::BoostUndone => None,
    };
    let (actor, audience, marking) = (row.author(), row.audience()?, row.marking());
    let home = crate::groups::home_of(tx, &row)?;
    let is_talk = row.in_reply_to_uri.is_none();
    let post = load::post(tx, settings, row)?;
    let subject = match news {
        PostNews::Published => Subject::Published(post),
        PostNews::Edited | PostNews::Counted => Subject::Edited(post),
        PostNews::Deleted => Subject::Deleted(post),
        PostNews::Boosted => Subject::Boosted(post),
        PostNews::BoostUndone => Subject::BoostUndone(post),
    };
    if news == PostNews::Deleted {
        let peers: Vec<PeerId> = targets.iter().map(|target| target.peer).collect();
        recalls::ask(tx, id, &peers)?;
    }
    let told = Prepared { subject, actor, post: Some(id), audience, marking, targets };
    let told = match home {
        Some(home) => groups::through_home(tx, home.actor_id(), told, is_talk && news == PostNews::Published)?,
        None => vec![told],
    };
    Ok(told.into_iter().chain(withdrawn).filter(|prepared| !prepared.targets.is_empty()).collect())
}

/// Whom something about a post concerns: who may have it, and who holds it and may not any more.
fn whom(tx: &mut Tx<'_>, row: &PostRow, news: PostNews) -> Result<(Vec<Target>, Vec<Target>)> {
    let mut wanted = match row.group_id.map(ActorId::new) {
        Some(group) => groups::inboxes_of(tx, group)?,
        // Counts are for who holds the poll, and make it news for nobody.
        None if news == PostNews::Counted => Vec::new(),
        None => inboxes::of_followers(tx, row.author())?,
    };
    // Whom a post in a group names gets it as a member, through the group.
    if row.group_id.is_none() && news != PostNews::Counted {
        wanted.extend(inboxes::of_recipients(tx, row.id())?);
    }
    // Peers whose nodes follow ours get what everyone on the network may read.
    let is_for_all = matches!(news, PostNews::Published | PostNews::Edited) && row.audience()? == Audience::Network;
    if is_for_all && let Some(node) = instance::find_in(tx)? {
        wanted.extend(network_feed::subscribers(tx, node)?);
    }
    if let Some(boosted) = row.boost_of() {
        let author = posts::find(tx, boosted)?.author();
        wanted.extend(inboxes::of_actor(tx, author, false)?);
    }
    let told = if news == PostNews::Published { Vec::new() } else { inboxes::that_were_told(tx, row.id())? };
    post_targets(tx, row, wanted, told, news.is_end())
}

/// Notes, when a post of ours is deleted, which peers are asked to say that it is gone there.
///
/// # Errors
/// When the store fails.
pub(crate) fn recall(tx: &mut Tx<'_>, row: &PostRow) -> Result<()> {
    let (targets, barred) = whom(tx, row, PostNews::Deleted)?;
    let peers: Vec<PeerId> = targets.iter().chain(&barred).map(|target| target.peer).collect();
    recalls::ask(tx, row.id(), &peers)
}

/// What peers are told that hold a copy and may not have the post as it is now: that it is gone, and nothing else.
fn withdrawal(tx: &mut Tx<'_>, row: &PostRow, barred: Vec<Target>) -> Result<Option<Prepared>> {
    if barred.is_empty() {
        return Ok(None);
    }
    let told_of_end = inboxes::that_were_told_of_the_end(tx, row.id())?;
    let targets: Vec<Target> = barred.into_iter().filter(|target| !told_of_end.contains(&target.peer)).collect();
    let peers: Vec<PeerId> = targets.iter().map(|target| target.peer).collect();
    recalls::ask(tx, row.id(), &peers)?;
    let actor = load::actor_ref(&actors::find(tx, row.author())?);
    Ok(Some(Prepared {
        subject: Subject::Withdrawn { actor, uri: row.uri.clone() },
        actor: row.author(),
        post: Some(row.id()),
        // An address that the peer has already is no more than anyone on the network may know.
        audience: Audience::Network,
        marking: Marking::LOWEST,
        targets,
    }))
}

/// One inbox for each peer that may have it, and one for each allowed peer that was told of the post and may not have it
/// as it is now. A peer that was told of the post is told of its end whatever has become of its readers.
pub(super) fn post_targets(
    tx: &mut Tx<'_>,
    row: &PostRow,
    wanted: Vec<Inbox>,
    told: Vec<Inbox>,
    gone: bool,
) -> Result<(Vec<Target>, Vec<Target>)> {
    let post = facts::post_facts(tx, row)?;
    let (mut chosen, mut barred): (BTreeMap<PeerId, String>, BTreeMap<PeerId, String>) = Default::default();
    for (peer, inbox) in wanted.into_iter().chain(told.iter().cloned()) {
        if chosen.contains_key(&peer) || barred.contains_key(&peer) {
            continue;
        }
        let mut peer_facts = facts::peer_facts(tx, row, peer)?;
        let holds_copy = told.iter().any(|(known, _)| *known == peer);
        if gone && holds_copy {
            peer_facts = PeerFacts { has_follower: true, has_recipient: true, has_member: true, ..peer_facts };
        }
        let verdict = if gone {
            visibility::may_leave_as(post.audience, post.marking, &peer_facts)
        } else {
            visibility::may_leave(&post, &peer_facts).and(is_served(&peers::find(tx, peer)?, post.audience))
        };
        match verdict {
            Ok(()) => {
                chosen.insert(peer, inbox);
            }
            Err(withheld) => {
                tracing::debug!(post.id = %row.id(), peer.id = %peer, reason = withheld.code(), "withheld: {withheld}");
                if holds_copy && withheld != Withheld::PeerNotAllowed {
                    barred.insert(peer, inbox);
                }
            }
        }
    }
    let targets = |inboxes: BTreeMap<PeerId, String>| {
        inboxes.into_iter().map(|(peer, inbox)| Target { peer, inbox }).collect::<Vec<_>>()
    };
    Ok((targets(chosen), targets(barred)))
}

/// Whoever may have the post is told that it is at the top of its author's page, or no more. Peers take a deleted one down by
/// themselves.
fn of_pin(tx: &mut Tx<'_>, post: PostId, pinned: bool) -> Result<Option<Prepared>> {
    let row = posts::find(tx, post)?;
    if row.is_deleted() {
        return Ok(None);
    }
    let wanted = inboxes::of_followers(tx, row.author())?;
    let told = inboxes::that_were_told(tx, post)?;
    let (targets, _) = post_targets(tx, &row, wanted, told, false)?;
    let owner = actors::find(tx, row.author())?;
    let featured = owner.featured_uri.clone().unwrap_or_else(|| format!("{}/featured", owner.uri));
    let subject = Subject::PostPinned { actor: load::actor_ref(&owner), featured, post: row.uri.clone(), pinned };
    let (actor, audience, marking) = (row.author(), row.audience()?, row.marking());
    Ok(Some(Prepared { subject, actor, post: Some(post), audience, marking, targets }))
}

fn of_favourite(tx: &mut Tx<'_>, actor: ActorId, post: PostId, uri: &str, undone: bool) -> Result<Option<Prepared>> {
    let row = posts::find(tx, post)?;
    let author = actors::find(tx, row.author())?;
    if author.is_local() {
        return Ok(None);
    }
    let (by, object, object_author) = (load::actor_ref(&actors::find(tx, actor)?), row.uri, author.uri.clone());
    let uri = uri.to_owned();
    let subject = if undone {
        Subject::FavouriteUndone { actor: by, uri, object, object_author }
    } else {
        Subject::Favourited { actor: by, uri, object, object_author }
    };
    to_one(tx, actor, author.actor_id(), subject)
}

/// Whoever has asked is told; each choice is told by itself, as Mastodon does.
fn of_vote(tx: &mut Tx<'_>, settings: &Settings, vote: i64) -> Result<Option<Prepared>> {
    // The poll's options were changed since, or it is gone.
    let Some(vote) = polls::vote(tx, vote)? else { return Ok(None) };
    let (post, voter) = (PostId::new(vote.post_id), ActorId::new(vote.voter_id));
    let row = posts::find(tx, post)?;
    let Some(poll) = polls::find(tx, post)?.filter(|_| !row.is_deleted()) else { return Ok(None) };
    let Some(option) = poll.options.into_iter().find(|option| option.position == vote.choice) else {
        return Ok(None);
    };
    let subject = Subject::Voted {
        actor: load::actor_ref(&actors::find(tx, voter)?),
        uri: settings.addresses.federation_url(&format!("/activities/{}", vote.id)),
        name: option.title,
        poll_author: actors::find(tx, row.author())?.uri,
        poll: row.uri.clone(),
    };
    to_one(tx, voter, row.author(), subject)
}

fn of_block(tx: &mut Tx<'_>, blocker: ActorId, blocked: ActorId, uri: &str, undone: bool) -> Result<Option<Prepared>> {
    let (actor, object) = (load::actor_ref(&actors::find(tx, blocker)?), actors::find(tx, blocked)?.uri);
    let uri = uri.to_owned();
    let subject =
        if undone { Subject::Unblocked { actor, uri, object } } else { Subject::Blocked { actor, uri, object } };
    to_one(tx, blocker, blocked, subject)
}

/// The node itself speaks, so that the reported do not learn who reports.
fn of_report(tx: &mut Tx<'_>, report: i64) -> Result<Option<Prepared>> {
    let report = reports::find(tx, report)?;
    let Some(instance) = crate::instance::find_in(tx)? else { return Ok(None) };
    let numbers: Vec<i64> = serde_json::from_str(&report.post_ids).unwrap_or_default();
    let ids: Vec<PostId> = numbers.into_iter().map(PostId::new).collect();
    let subject = Subject::Reported {
        node: load::actor_ref(&actors::find(tx, instance)?),
        target: actors::find(tx, report.target())?.uri,
        posts: posts::find_many(tx, &ids)?.into_iter().map(|post| post.uri).collect(),
        uri: report.uri,
        comment: report.comment,
    };
    to_one(tx, instance, ActorId::new(report.target_id), subject)
}

fn of_request(tx: &mut Tx<'_>, follow: corridor_domain::FollowId) -> Result<Option<Prepared>> {
    let follow = match follows::find(tx, follow) {
        // Taken back before this event's turn came.
        Err(Error::NotFound) => return Ok(None),
        follow => follow?,
    };
    let (actor, object) =
        (load::actor_ref(&actors::find(tx, follow.follower())?), actors::find(tx, follow.followed())?.uri);
    let subject = Subject::FollowRequested { actor, uri: follow.uri.clone(), object };
    to_one(tx, follow.follower(), follow.followed(), subject)
}

fn of_acceptance(tx: &mut Tx<'_>, follow: corridor_domain::FollowId) -> Result<Option<Prepared>> {
    let follow = match follows::find(tx, follow) {
        Err(Error::NotFound) => return Ok(None),
        follow => follow?,
    };
    let (actor, follower_uri) =
        (load::actor_ref(&actors::find(tx, follow.followed())?), actors::find(tx, follow.follower())?.uri);
    let subject = Subject::FollowAccepted { actor, follow_uri: follow.uri.clone(), follower_uri };
    to_one(tx, follow.followed(), follow.follower(), subject)
}

fn of_receipt(tx: &mut Tx<'_>, author: ActorId, uri: &str) -> Result<Option<Prepared>> {
    let Some(node) = instance::find_in(tx)? else { return Ok(None) };
    let (actor, to) = (load::actor_ref(&actors::find(tx, node)?), actors::find(tx, author)?.uri);
    to_one(tx, node, author, Subject::DeletionConfirmed { actor, uri: uri.to_owned(), to })
}

fn of_person(tx: &mut Tx<'_>, settings: &Settings, actor: ActorId) -> Result<Option<Prepared>> {
    let Some(person) = load::actor(tx, settings, actor)? else { return Ok(None) };
    if person.kind == ActorKind::Service {
        // The node itself signs what it asks of every peer, whether or not it ever told it anything.
        let everyone = inboxes::of_every_peer(tx)?;
        return about_people(tx, actor, Subject::PersonUpdated(person), everyone);
    }
    if person.kind == ActorKind::Group {
        let mut known = inboxes::of_followers(tx, actor)?;
        known.extend(inboxes::that_know(tx, actor)?);
        let told = groups::that_may_be_told(tx, actor, known)?;
        return about_people(tx, actor, Subject::PersonUpdated(person), told);
    }
    to_all_who_know(tx, actor, Subject::PersonUpdated(person))
}

/// Told to whoever knows them, to the homes of their groups, and where they go.
fn of_move(tx: &mut Tx<'_>, actor: ActorId, target: ActorId, uri: &str) -> Result<Option<Prepared>> {
    let mut told = inboxes::of_followers(tx, actor)?;
    told.extend(inboxes::that_know(tx, actor)?);
    for group in corridor_store::groups::of_member(tx, actor)? {
        told.extend(inboxes::of_actor(tx, group, false)?);
    }
    told.extend(inboxes::of_actor(tx, target, false)?);
    let (by, target) = (load::actor_ref(&actors::find(tx, actor)?), actors::find(tx, target)?.uri);
    about_people(tx, actor, Subject::PersonMoved { actor: by, uri: uri.to_owned(), target }, told)
}

pub(super) fn to_one(tx: &mut Tx<'_>, signer: ActorId, whom: ActorId, subject: Subject) -> Result<Option<Prepared>> {
    let inboxes: Vec<Inbox> = inboxes::of_actor(tx, whom, true)?.into_iter().collect();
    about_people(tx, signer, subject, inboxes)
}

fn to_all_who_know(tx: &mut Tx<'_>, actor: ActorId, subject: Subject) -> Result<Option<Prepared>> {
    let mut inboxes = inboxes::of_followers(tx, actor)?;
    inboxes.extend(inboxes::that_know(tx, actor)?);
    about_people(tx, actor, subject, inboxes)
}

/// What is about people, not posts, goes to every allowed peer that it concerns; it carries no marking.
fn about_people(tx: &mut Tx<'_>, signer: ActorId, subject: Subject, inboxes: Vec<Inbox>) -> Result<Option<Prepared>> {
    let mut chosen: BTreeMap<PeerId, String> = BTreeMap::new();
    for (peer, inbox) in inboxes {
        if peers::find(tx, peer)?.state == PeerState::Allowed {
            chosen.entry(peer).or_insert(inbox);
        }
    }
    Ok(Some(Prepared {
        subject,
        actor: signer,
        post: None,
        audience: Audience::Network,
        marking: Marking::LOWEST,
        targets: chosen.into_iter().map(|(peer, inbox)| Target { peer, inbox }).collect(),
    }))
}

/// Asked once more at the moment of delivery: what was fine when it was queued may not be now.
///
/// # Errors
/// When the store fails; inside, the reason for which it must not go.
pub fn still_allowed(tx: &mut Tx<'_>, queued: &Queued, peer: PeerId) -> Result<std::result::Result<(), Withheld>> {
    let Queued { kind, audience, marking, .. } = queued;
    let (audience, marking) = (*audience, *marking);
    let known = peers::find(tx, peer)?;
    if known.state != PeerState::Allowed {
        return Ok(Err(Withheld::PeerNotAllowed));
    }
    let Some(post) = queued.post else {
        if policy::service_of(kind).is_some_and(|service| policy::may_use(&known, service).is_err()) {
            return Ok(Err(Withheld::NotServed));
        }
        return groups::may_speak(tx, queued.actor, kind, &known);
    };
    if matches!(kind.as_str(), "Delete" | "Undo") {
        // The end of a post is told to whoever was told of the post, as long as it never was theirs to miss.
        let facts = PeerFacts {
            peer,
            state: known.state,
            ceiling: known.ceiling,
            has_follower: true,
            has_recipient: true,
            has_member: true,
        };
        return Ok(visibility::may_leave_as(audience, marking, &facts));
    }
    let row = posts::find(tx, post)?;
    let post_facts = facts::post_facts(tx, &row)?;
    let peer_facts = facts::peer_facts(tx, &row, peer)?;
    if row.peer_id.is_some() && crate::groups::home_of(tx, &row)?.is_some() {
        return Ok(groups::may_relay(&row, &post_facts, &peer_facts).and(is_served(&known, post_facts.audience)));
    }
    // A boost is addressed to the author of the post too, who need not follow the booster.
    Ok(visibility::may_leave(&post_facts, &peer_facts).and(is_served(&known, post_facts.audience)))
}

/// Whether a peer is allowed for the service that a post of this audience belongs to.
pub(super) fn is_served(peer: &Peer, audience: Audience) -> std::result::Result<(), Withheld> {
    policy::may_use(peer, policy::service_of_post(audience)).map_err(|_| Withheld::NotServed)
}
