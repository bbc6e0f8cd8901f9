//! What a group tells: the home node hands on to the members' nodes what is posted, and says who may hold copies.

use std::collections::BTreeMap;

use corridor_domain::group::Standing;
use corridor_domain::visibility::{PeerFacts, PostFacts, Withheld, may_leave_as};
use corridor_domain::{ActorId, Audience, Marking, Peer, PeerId, PeerState, PostId, Service, policy};
use corridor_store::groups::{self, inboxes_of_members, is_told_at};
use corridor_store::outgoing::{self as inboxes, Inbox};
use corridor_store::posts::{self, PostRow};
use corridor_store::{Error, Tx, actors, peers, visibility as facts};

use super::load;
use super::prepare::{is_served, to_one};
use super::types::{GroupRef, Prepared, Subject, Target};

type Result<T> = std::result::Result<T, Error>;

/// Where a post in a group goes: to the members' nodes when its home is here, else to its home alone.
pub(super) fn inboxes_of(tx: &mut Tx<'_>, group: ActorId) -> Result<Vec<Inbox>> {
    match inboxes::of_actor(tx, group, false)? {
        Some(home) => Ok(vec![home]),
        None => inboxes_of_members(tx, group),
    }
}

fn group_ref(tx: &mut Tx<'_>, group: ActorId) -> Result<GroupRef> {
    load::group_ref(tx, group)?.ok_or_else(|| Error::Corrupt(format!("actor {group} is no group")))
}

/// What one of our people does in a group of ours is announced by the group. A new talk is shared as a boost too, and the
/// end of a post is told by its author as well, who asks for receipts.
pub(super) fn through_home(tx: &mut Tx<'_>, home: ActorId, told: Prepared, is_new_talk: bool) -> Result<Vec<Prepared>> {
    let group = group_ref(tx, home)?;
    let by_author = matches!(told.subject, Subject::Deleted(_)).then(|| told.clone());
    let shared = match &told.subject {
        Subject::Published(post) if is_new_talk => {
            let subject =
                Subject::GroupShared { group: group.clone(), post: post.uri.clone(), author: post.author.uri.clone() };
            Some(Prepared { subject, actor: home, ..told.clone() })
        }
        _ => None,
    };
    let subject = Subject::Relayed { group, inner: Box::new(told.subject.clone()) };
    let relayed = Prepared { subject, actor: home, ..told };
    Ok([by_author, Some(relayed), shared].into_iter().flatten().collect())
}

/// What a person of a peer does in a group of ours goes on as their node sent it.
pub(super) fn relayed(tx: &mut Tx<'_>, group: ActorId, post: PostId, body: &str) -> Result<Vec<Prepared>> {
    let row = posts::find(tx, post)?;
    let kind = kind_of(body);
    let is_end = kind.as_deref() == Some("Delete");
    if row.is_deleted() && !is_end {
        return Ok(Vec::new());
    }
    let targets = relay_targets(tx, &row, group, is_end)?;
    let home = group_ref(tx, group)?;
    let subject = Subject::RelayedAsSent { group: home.clone(), body: body.to_owned() };
    let (audience, marking) = (row.audience()?, row.marking());
    let elsewhere = targets.iter().filter(|target| Some(target.peer) != row.peer()).cloned().collect();
    let whole = Prepared { subject, actor: group, post: Some(post), audience, marking, targets: elsewhere };
    let shared = if kind.as_deref() == Some("Create") && row.in_reply_to_uri.is_none() {
        let author = actors::find(tx, row.author())?.uri;
        let subject = Subject::GroupShared { group: home, post: row.uri, author };
        Some(Prepared { subject, targets, ..whole.clone() })
    } else {
        None
    };
    Ok([Some(whole), shared].into_iter().flatten().filter(|prepared| !prepared.targets.is_empty()).collect())
}

fn kind_of(body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    body.get("type")?.as_str().map(str::to_owned)
}

fn relay_targets(tx: &mut Tx<'_>, row: &PostRow, group: ActorId, is_end: bool) -> Result<Vec<Target>> {
    let mut wanted = inboxes_of_members(tx, group)?;
    if is_end {
        wanted.extend(inboxes::that_were_told(tx, row.id())?);
    }
    let post = facts::post_facts(tx, row)?;
    let mut chosen: BTreeMap<PeerId, String> = BTreeMap::new();
    for (peer, inbox) in wanted {
        let there = facts::peer_facts(tx, row, peer)?;
        let may = if is_end {
            may_leave_as(post.audience, post.marking, &PeerFacts { has_member: true, ..there })
        } else {
            may_relay(row, &post, &there).and(is_served(&peers::find(tx, peer)?, post.audience))
        };
        if may.is_ok() {
            chosen.entry(peer).or_insert(inbox);
        }
    }
    Ok(chosen.into_iter().map(|(peer, inbox)| Target { peer, inbox }).collect())
}

/// May a post of a peer's person go on from the home of its group to another peer?
pub(super) fn may_relay(row: &PostRow, post: &PostFacts, peer: &PeerFacts) -> std::result::Result<(), Withheld> {
    if row.is_deleted() || post.author_hidden {
        return Err(Withheld::Gone);
    }
    if post.origin.is_some_and(|(_, state)| state != PeerState::Allowed) {
        return Err(Withheld::NotOurs);
    }
    may_leave_as(post.audience, post.marking, peer)
}

/// As [`may_relay`], for what goes with the post.
///
/// # Errors
/// When the store fails.
pub(crate) fn may_relay_to(tx: &mut Tx<'_>, row: &PostRow, peer: &Peer) -> Result<bool> {
    let (post, there) = (facts::post_facts(tx, row)?, facts::peer_facts(tx, row, peer.id)?);
    Ok(may_relay(row, &post, &there).and(is_served(peer, post.audience)).is_ok())
}

/// The inboxes to which a group may tell its own news.
pub(super) fn that_may_be_told(tx: &mut Tx<'_>, group: ActorId, inboxes: Vec<Inbox>) -> Result<Vec<Inbox>> {
    let mut told = Vec::new();
    for (peer, inbox) in inboxes {
        let known = peers::find(tx, peer)?;
        if may_tell(tx, group, &known)?.is_ok() {
            told.push((peer, inbox));
        }
    }
    Ok(told)
}

fn may_tell(tx: &mut Tx<'_>, group: ActorId, peer: &Peer) -> Result<std::result::Result<(), Withheld>> {
    if policy::may_use(peer, Service::Groups).is_err() {
        return Ok(Err(Withheld::NotServed));
    }
    Ok(if is_told_at(tx, group, peer.id)? { Ok(()) } else { Err(Withheld::NoReaderThere) })
}

/// May what an actor says of itself and not of a post go to a peer? Of a group not where nobody has to do with it any
/// more, apart from the end.
pub(super) fn may_speak(
    tx: &mut Tx<'_>,
    actor: ActorId,
    kind: &str,
    peer: &Peer,
) -> Result<std::result::Result<(), Withheld>> {
    if groups::ENDS.contains(&kind) || groups::find(tx, actor)?.is_none() {
        return Ok(Ok(()));
    }
    may_tell(tx, actor, peer)
}

/// Asks the node of a private group's last member there to destroy its copies.
pub(super) fn copies_recalled(tx: &mut Tx<'_>, group: ActorId, member: ActorId, uri: &str) -> Result<Option<Prepared>> {
    let member_uri = actors::find(tx, member)?.uri;
    let subject =
        Subject::GroupCopiesRecalled { group: group_ref(tx, group)?, uri: uri.to_owned(), member: member_uri };
    to_one(tx, group, member, subject)
}

pub(super) fn invited(
    tx: &mut Tx<'_>,
    group: ActorId,
    whom: ActorId,
    in_place_of: Option<ActorId>,
) -> Result<Option<Prepared>> {
    // Taken back before this event's turn came.
    if groups::standing(tx, group, whom)? != Standing::Invited {
        return Ok(None);
    }
    let in_place_of = match in_place_of {
        Some(older) => Some(actors::find(tx, older)?.uri),
        None => None,
    };
    let subject =
        Subject::GroupInvited { group: group_ref(tx, group)?, whom: actors::find(tx, whom)?.uri, in_place_of };
    to_one(tx, group, whom, subject)
}

pub(super) fn invitation_declined(tx: &mut Tx<'_>, group: ActorId, whom: ActorId) -> Result<Option<Prepared>> {
    let actor = load::actor_ref(&actors::find(tx, whom)?);
    let subject = Subject::InvitationDeclined { actor, group: actors::find(tx, group)?.uri };
    to_one(tx, whom, group, subject)
}

pub(super) fn pinned(tx: &mut Tx<'_>, group: ActorId, post: PostId, pinned: bool) -> Result<Option<Prepared>> {
    let row = posts::find(tx, post)?;
    let actor = actors::find(tx, group)?;
    let featured = actor.featured_uri.clone().unwrap_or_else(|| format!("{}/featured", actor.uri));
    let subject = Subject::GroupPinned { group: group_ref(tx, group)?, featured, post: row.uri.clone(), pinned };
    about_post(tx, group, &row, subject, row.is_deleted())
}

/// Whoever was told of a post is told that it is out of the group.
pub(super) fn post_removed(tx: &mut Tx<'_>, group: ActorId, post: PostId) -> Result<Option<Prepared>> {
    let row = posts::find(tx, post)?;
    let subject = Subject::GroupPostRemoved { group: group_ref(tx, group)?, post: row.uri.clone() };
    // The post is hidden by now: policy is asked here, and not about the post once more when this is sent.
    Ok(about_post(tx, group, &row, subject, true)?.map(|prepared| Prepared { post: None, ..prepared }))
}

/// The home of a group tells its members' nodes; elsewhere, who asked tells the home.
pub(super) fn answer_accepted(
    tx: &mut Tx<'_>,
    by: ActorId,
    question: PostId,
    answer: Option<PostId>,
) -> Result<Option<Prepared>> {
    let row = posts::find(tx, question)?;
    let Some(group) = row.group_id.map(ActorId::new) else { return Ok(None) };
    let answer = match answer {
        Some(answer) => Some(posts::find(tx, answer)?.uri),
        None => None,
    };
    let home = actors::find(tx, group)?;
    let actor = if home.is_local() { load::actor_ref(&home) } else { load::actor_ref(&actors::find(tx, by)?) };
    let signer = actor.id;
    let subject = Subject::AnswerAccepted { actor, group: group_ref(tx, group)?, question: row.uri.clone(), answer };
    if home.is_local() {
        return about_post(tx, group, &row, subject, false);
    }
    to_one(tx, signer, group, subject)
}

/// Something that the group itself says of a post in it, to its members' nodes.
fn about_post(
    tx: &mut Tx<'_>,
    group: ActorId,
    row: &PostRow,
    subject: Subject,
    is_end: bool,
) -> Result<Option<Prepared>> {
    let targets = relay_targets(tx, row, group, is_end)?;
    let (audience, marking): (Audience, Marking) = (row.audience()?, row.marking());
    Ok(Some(Prepared { subject, actor: group, post: Some(row.id()), audience, marking, targets }))
}
