//! One of everything that is sent, for the examples in the documentation.

use corridor_app::outgoing::{GroupRef, OutgoingGroup, OutgoingPicture, PublicKeyView};
use corridor_app::{Addresses, MediaKind, MediaView, ProfileField, Settings};
use corridor_domain::group::{Door, GroupKind};
use corridor_domain::{Authority, Focus, MediaId};
use corridor_store::keys::KeyAlgorithm;
use url::Url;

use super::*;

const GROUP: &str = "https://here.example/actors/20";
const THEIR_POST: &str = "https://there.example/posts/1";
const NODE: &str = "https://here.example/actor";

/// Makes a list of the ways in which there is something to tell, and says which one a subject is. A new one does not
/// compile until it stands here, and has no example until there is a sample of it below.
macro_rules! subjects {
    ($($name:ident)*) => {
        pub(super) const SUBJECTS: &[&str] = &[$(stringify!($name)),*];

        pub(super) fn name_of(subject: &Subject) -> &'static str {
            match subject { $(Subject::$name { .. } => stringify!($name)),* }
        }
    };
}

subjects! {
    Published Edited Deleted Withdrawn PostPinned Boosted BoostUndone Favourited FavouriteUndone Voted FollowRequested FollowUndone
    FollowAccepted FollowRejected ConnectionOffered ConnectionAccepted ConnectionEnded Blocked Unblocked Reported DeletionConfirmed Relayed RelayedAsSent GroupShared
    GroupCopiesRecalled GroupInvited InvitationDeclined GroupPinned GroupPostRemoved AnswerAccepted PersonUpdated PersonMoved
    PersonDeleted
}

/// What is told, by the name of its example.
pub(super) fn sent() -> Vec<(&'static str, Subject)> {
    [posts(), acts(), ties(), of_groups(), people()].into_iter().flatten().collect()
}

/// Settings of the node that speaks in the examples.
pub(super) fn here() -> Settings {
    let base = Url::parse("https://here.example").unwrap();
    let account_domain = Authority::parse("here.example").unwrap();
    Settings { addresses: Addresses { account_domain, federation: base.clone(), staff: base }, ..settings() }
}

fn uri(number: u32) -> String {
    format!("https://here.example/activities/{number}")
}

fn plain() -> OutgoingPost {
    OutgoingPost { edited_at: None, ..post(Audience::Network) }
}

fn poll(votes: [i64; 2], ended: bool) -> OutgoingPost {
    let asked = OutgoingPoll {
        multiple: false,
        options: vec![("Tea".to_owned(), Some(votes[0])), ("Coffee".to_owned(), Some(votes[1]))],
        voters: votes.iter().sum(),
        ends_at: Some(Timestamp::from_millis(1_790_086_400_000)),
        ended,
    };
    OutgoingPost { kind: PostKind::Question, poll: Some(asked), mentions: Vec::new(), addressed: Vec::new(), ..plain() }
}

fn media() -> Vec<MediaView> {
    let picture = MediaView {
        id: MediaId::new(40),
        kind: MediaKind::Image,
        mime: "image/jpeg".to_owned(),
        name: String::new(),
        words: "picture",
        bytes: 120_000,
        width: 1600,
        height: 900,
        small: (640, 360),
        description: "A red bus".to_owned(),
        focus: Focus::new(0.5, -0.25),
        blurhash: "UBL_:rOpGG".to_owned(),
        remote_url: None,
        broken: false,
        processing: false,
    };
    let file = MediaView {
        id: MediaId::new(41),
        kind: MediaKind::File,
        mime: "application/pdf".to_owned(),
        name: "timetable.pdf".to_owned(),
        description: String::new(),
        blurhash: String::new(),
        ..picture.clone()
    };
    vec![picture, file]
}

fn posts() -> Vec<(&'static str, Subject)> {
    let article = OutgoingPost { kind: PostKind::Article, title: "A longer text".to_owned(), ..plain() };
    let gone = OutgoingPost { deleted: true, deleted_at: Some(Timestamp::from_millis(1_790_000_120_000)), ..plain() };
    vec![
        ("Create of a Note", Subject::Published(plain())),
        ("Create of a Note with pictures", Subject::Published(OutgoingPost { media: media(), ..plain() })),
        ("Create of an Article", Subject::Published(article)),
        ("Create of a Question", Subject::Published(poll([0, 0], false))),
        ("Update of a Note", Subject::Edited(post(Audience::Followers))),
        ("Update of a Question's counts", Subject::Edited(poll([2, 1], false))),
        ("Update of a Question that is over", Subject::Edited(poll([2, 1], true))),
        ("Add of a person's pin", pin(true)),
        ("Remove of a person's pin", pin(false)),
        ("Delete of a Note", Subject::Deleted(gone)),
        (
            "Delete of a Note for a peer that may have it no longer",
            Subject::Withdrawn { actor: author(), uri: plain().uri },
        ),
    ]
}

fn pin(pinned: bool) -> Subject {
    Subject::PostPinned { actor: author(), featured: format!("{AUTHOR}/featured"), post: plain().uri, pinned }
}

fn acts() -> Vec<(&'static str, Subject)> {
    let like = |undo: bool| {
        let (actor, uri) = (author(), uri(5));
        let (object, object_author) = (THEIR_POST.to_owned(), NAMED.to_owned());
        if undo {
            Subject::FavouriteUndone { actor, uri, object, object_author }
        } else {
            Subject::Favourited { actor, uri, object, object_author }
        }
    };
    let vote = Subject::Voted {
        actor: author(),
        uri: "https://here.example/votes/4".to_owned(),
        name: "Tea".to_owned(),
        poll: THEIR_POST.to_owned(),
        poll_author: NAMED.to_owned(),
    };
    vec![
        ("Create of a vote", vote),
        ("Announce", Subject::Boosted(boost())),
        ("Undo of Announce", Subject::BoostUndone(boost())),
        ("Like", like(false)),
        ("Undo of Like", like(true)),
    ]
}

fn node() -> ActorRef {
    ActorRef { id: ActorId::new(2), uri: NODE.to_owned(), followers_uri: format!("{NODE}/followers") }
}

fn ties() -> Vec<(&'static str, Subject)> {
    let (object, follow) = (NAMED.to_owned(), "https://there.example/follows/1".to_owned());
    let their_node = "https://there.example/actor".to_owned();
    let offer = "https://there.example/offers/1".to_owned();
    vec![
        ("Follow", Subject::FollowRequested { actor: author(), uri: uri(3), object: object.clone() }),
        (
            "Follow of a group",
            Subject::FollowRequested {
                actor: author(),
                uri: uri(4),
                object: "https://there.example/groups/rust".to_owned(),
            },
        ),
        (
            "Follow of a node's Network feed",
            Subject::FollowRequested { actor: node(), uri: uri(3), object: their_node.clone() },
        ),
        ("Undo of Follow", Subject::FollowUndone { actor: author(), uri: uri(3), object: object.clone() }),
        (
            "Accept of Follow",
            Subject::FollowAccepted { actor: author(), follow_uri: follow.clone(), follower_uri: object.clone() },
        ),
        (
            "Reject of Follow",
            Subject::FollowRejected { actor: author(), follow_uri: follow.clone(), follower_uri: object.clone() },
        ),
        (
            "Accept of Follow of a group",
            Subject::FollowAccepted {
                actor: group(false).actor,
                follow_uri: follow.clone(),
                follower_uri: object.clone(),
            },
        ),
        (
            "Reject of Follow of a group",
            Subject::FollowRejected {
                actor: group(false).actor,
                follow_uri: follow.clone(),
                follower_uri: object.clone(),
            },
        ),
        (
            "Accept of Follow of the Network feed",
            Subject::FollowAccepted { actor: node(), follow_uri: follow, follower_uri: their_node },
        ),
        (
            "Offer of a connection",
            Subject::ConnectionOffered {
                actor: author(),
                uri: uri(15),
                object: object.clone(),
                note: "We met at the data meeting.".to_owned(),
            },
        ),
        ("Accept of Offer", Subject::ConnectionAccepted { actor: author(), uri: offer.clone(), asker: object.clone() }),
        (
            "Reject of Offer",
            Subject::ConnectionEnded { actor: author(), uri: offer.clone(), other: object.clone(), asked: false },
        ),
        (
            "Undo of Offer",
            Subject::ConnectionEnded { actor: author(), uri: uri(15), other: object.clone(), asked: true },
        ),
        ("Block", Subject::Blocked { actor: author(), uri: uri(6), object: object.clone() }),
        ("Undo of Block", Subject::Unblocked { actor: author(), uri: uri(6), object: object.clone() }),
        (
            "Flag",
            Subject::Reported {
                node: node(),
                uri: uri(7),
                target: object.clone(),
                posts: vec![THEIR_POST.to_owned()],
                comment: "This is not kind".to_owned(),
            },
        ),
        (
            "Accept of Delete",
            Subject::DeletionConfirmed { actor: node(), uri: "https://there.example/deletes/1".to_owned(), to: object },
        ),
        (
            "Accept of Remove",
            Subject::DeletionConfirmed {
                actor: node(),
                uri: "https://there.example/removes/1".to_owned(),
                to: "https://there.example/groups/rust".to_owned(),
            },
        ),
    ]
}

fn group(open: bool) -> GroupRef {
    let followers_uri = format!("{GROUP}/followers");
    GroupRef { actor: ActorRef { id: ActorId::new(20), uri: GROUP.to_owned(), followers_uri }, open }
}

/// A talk in a group of ours, or in one of a peer.
fn talk(group: GroupRef) -> OutgoingPost {
    OutgoingPost {
        group: Some(group),
        title: "Which forms library?".to_owned(),
        question: true,
        mentions: Vec::new(),
        addressed: Vec::new(),
        tags: Vec::new(),
        audience: Audience::Group,
        ..plain()
    }
}

/// What a member elsewhere has sent, as its proof shows it to the others.
fn as_sent() -> String {
    json!({
        "@context": "https://www.w3.org/ns/activitystreams",
        "id": "https://there.example/creates/1",
        "type": "Create",
        "actor": NAMED,
        "to": [GROUP],
        "object": {
            "id": "https://there.example/posts/1",
            "type": "Note",
            "attributedTo": NAMED,
            "audience": GROUP,
            "to": [GROUP],
            "content": "<p>We use this one</p>",
            "inReplyTo": "https://here.example/posts/7",
        },
        "proof": {
            "type": "DataIntegrityProof",
            "cryptosuite": "eddsa-jcs-2022",
            "verificationMethod": "https://there.example/users/bob#ed25519-key",
            "proofPurpose": "assertionMethod",
            "created": "2026-09-21T14:13:20.000Z",
            "proofValue": "z3FXQjecWufY46yg5abdVZsXqLhxhueuSoZgNSARiKBk9czhSePTFehP8c3PGfb6a22gkfUKods5D2UAUL5n2Brbx",
        },
    })
    .to_string()
}

fn of_groups() -> Vec<(&'static str, Subject)> {
    let theirs = "https://there.example/groups/rust".to_owned();
    let at_peer = GroupRef {
        actor: ActorRef { id: ActorId::new(21), followers_uri: format!("{theirs}/followers"), uri: theirs },
        open: false,
    };
    let (ours, post) = (group(false), "https://here.example/posts/7".to_owned());
    let answer = |actor: ActorRef, group: &GroupRef| Subject::AnswerAccepted {
        actor,
        group: group.clone(),
        question: post.clone(),
        answer: Some(THEIR_POST.to_owned()),
    };
    let pinned = |pinned: bool| Subject::GroupPinned {
        group: ours.clone(),
        featured: format!("{GROUP}/featured"),
        post: post.clone(),
        pinned,
    };
    let inner = |inner: Subject| Subject::Relayed { group: ours.clone(), inner: Box::new(inner) };
    let gone = OutgoingPost {
        deleted: true,
        deleted_at: Some(Timestamp::from_millis(1_790_000_120_000)),
        ..talk(ours.clone())
    };
    vec![
        ("Invite", Subject::GroupInvited { group: ours.clone(), whom: NAMED.to_owned(), in_place_of: None }),
        (
            "Invite of who has moved",
            Subject::GroupInvited {
                group: ours.clone(),
                whom: NAMED.to_owned(),
                in_place_of: Some("https://there.example/users/bob-before".to_owned()),
            },
        ),
        ("Reject of Invite", Subject::InvitationDeclined { actor: author(), group: at_peer.actor.uri.clone() }),
        ("Create of a Note in a group", Subject::Published(talk(at_peer.clone()))),
        ("Create of a Note in an open group", Subject::Published(talk(GroupRef { open: true, ..at_peer.clone() }))),
        ("Announce of a Create by a group", inner(Subject::Published(talk(ours.clone())))),
        ("Announce of a Delete by a group", inner(Subject::Deleted(gone))),
        (
            "Announce of a Create with a proof by a group",
            Subject::RelayedAsSent { group: ours.clone(), body: as_sent() },
        ),
        (
            "Announce of a talk",
            Subject::GroupShared { group: ours.clone(), post: post.clone(), author: AUTHOR.to_owned() },
        ),
        ("Add of a pin", pinned(true)),
        ("Remove of a pin", pinned(false)),
        ("Add of an answer by who asked", answer(author(), &at_peer)),
        ("Add of an answer", answer(ours.actor.clone(), &ours)),
        (
            "Remove of an answer",
            Subject::AnswerAccepted {
                actor: ours.actor.clone(),
                group: ours.clone(),
                question: post.clone(),
                answer: None,
            },
        ),
        ("Remove of a post from a group", Subject::GroupPostRemoved { group: ours.clone(), post: post.clone() }),
        (
            "Remove of a department's last member",
            Subject::GroupCopiesRecalled { group: ours.clone(), uri: uri(12), member: NAMED.to_owned() },
        ),
    ]
}

fn people() -> Vec<(&'static str, Subject)> {
    let person = OutgoingActor { suspended: false, ..person() };
    vec![
        ("Update of a Person", Subject::PersonUpdated(person)),
        (
            "Move",
            Subject::PersonMoved {
                actor: author(),
                uri: "https://here.example/activities/11".to_owned(),
                target: NAMED.to_owned(),
            },
        ),
        ("Delete of a Person", Subject::PersonDeleted(author())),
    ]
}

/// What is shown of actors, by the name of its example.
pub(super) fn shown() -> Vec<(&'static str, Value)> {
    let of = |actor: &OutgoingActor| crate::objects::person::render(actor);
    let picture = |path: &str, words: &str| {
        Some(OutgoingPicture {
            url: format!("https://here.example/media/{path}"),
            mime: "image/jpeg".to_owned(),
            description: words.to_owned(),
        })
    };
    let anna = OutgoingActor {
        suspended: false,
        avatar: picture("50/small", "Anna, smiling"),
        header: picture("51/original", ""),
        summary: "<p>I count things</p>".to_owned(),
        fields: vec![ProfileField { name: "Building".to_owned(), value: "North".to_owned() }],
        keys: keys_of(AUTHOR),
        ..person()
    };
    let at = |uri: &str, rest: &str| format!("{uri}/{rest}");
    let rust = OutgoingActor {
        id: ActorId::new(20),
        kind: ActorKind::Group,
        uri: GROUP.to_owned(),
        username: "rust".to_owned(),
        display_name: "Rust".to_owned(),
        role_title: String::new(),
        summary: "<p>For those who write it</p>".to_owned(),
        url: "https://here.example/groups/20".to_owned(),
        inbox: at(GROUP, "inbox"),
        outbox: at(GROUP, "outbox"),
        followers: at(GROUP, "followers"),
        following: at(GROUP, "following"),
        featured: Some(at(GROUP, "featured")),
        avatar: None,
        header: None,
        group: Some(OutgoingGroup {
            kind: GroupKind::Profession,
            door: Door::ByRequest,
            marking_name: "OFFICIAL".to_owned(),
            archived: false,
        }),
        locked: true,
        fields: Vec::new(),
        keys: keys_of(GROUP),
        ..anna.clone()
    };
    let node = OutgoingActor {
        id: ActorId::new(2),
        kind: ActorKind::Service,
        uri: NODE.to_owned(),
        username: "here.example".to_owned(),
        display_name: "Department of Examples".to_owned(),
        summary: String::new(),
        url: "https://here.example/about".to_owned(),
        inbox: at(NODE, "inbox"),
        outbox: at(NODE, "outbox"),
        followers: at(NODE, "followers"),
        following: at(NODE, "following"),
        featured: None,
        group: None,
        locked: false,
        discoverable: false,
        indexable: false,
        keys: keys_of(NODE),
        ..rust.clone()
    };
    let left = OutgoingActor { deleted: true, ..anna.clone() };
    let stopped = OutgoingActor { suspended: true, ..anna.clone() };
    vec![
        ("@context", json!({ "@context": crate::objects::context() })),
        ("Person", of(&anna)),
        ("Group", of(&rust)),
        ("Application", of(&node)),
        ("Person who is suspended", of(&stopped)),
        ("Person who has left", of(&left)),
    ]
}

/// The two keys of an actor, and one that is in its overlap. The Ed25519 key is the one of RFC 8410.
fn keys_of(uri: &str) -> Vec<PublicKeyView> {
    let key = |name: &str, algorithm, pem: &str, until: Option<i64>| PublicKeyView {
        uri: format!("{uri}#{name}"),
        pem: pem.to_owned(),
        algorithm,
        valid_until: until.map(Timestamp::from_millis),
    };
    let edwards = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
    let rsa = "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkq…\n-----END PUBLIC KEY-----\n";
    vec![
        key("main-key", KeyAlgorithm::Rsa, rsa, None),
        key("ed25519-key", KeyAlgorithm::Ed25519, edwards, None),
        key("ed25519-key-1", KeyAlgorithm::Ed25519, edwards, Some(1_790_604_800_000)),
    ]
}
