//! People, peers and posts for this crate's tests.

#![expect(clippy::unwrap_used, reason = "tests")]

use corridor_domain::{
    ActorId, ActorKind, Audience, Authority, FollowId, Marking, Peer, PeerId, PeerState, PostId, Role,
};

use crate::accounts::{self, AccountRow};
use crate::actors::{self, ActorRow};
use crate::follows::{self, NewFollow};
use crate::posts::NewPost;
use crate::{Tx, peers};

/// A peer of a name that nobody else has.
pub(crate) fn peer(tx: &mut Tx<'_>, state: PeerState, ceiling: Marking) -> PeerId {
    let id = PeerId::new(tx.new_id());
    let authority = Authority::parse(&format!("peer-{id}.example")).unwrap();
    let peer = Peer {
        id,
        account_domain: authority.clone(),
        authority,
        state,
        ceiling,
        default_marking: Marking::LOWEST,
        department: "Another department".to_owned(),
        note: String::new(),
        contact: String::new(),
        grant: corridor_domain::Grant::default(),
    };
    peers::insert(tx, &peer).unwrap();
    id
}

/// An actor of this node, or of a peer.
pub(crate) fn actor(tx: &mut Tx<'_>, kind: ActorKind, peer: Option<PeerId>) -> ActorRow {
    let id = tx.new_id();
    let host = peer.map_or_else(String::new, |peer| format!("peer-{peer}.example"));
    let uri = format!("https://{}/actors/{id}", if host.is_empty() { "here.example" } else { &host });
    let row = ActorRow {
        id,
        kind: kind.code(),
        peer_id: peer.map(PeerId::raw),
        username: format!("p{id}"),
        username_key: format!("p{id}"),
        host,
        display_name: format!("Person {id}"),
        summary: String::new(),
        summary_source: String::new(),
        url: uri.clone(),
        inbox_uri: format!("{uri}/inbox"),
        shared_inbox_uri: None,
        outbox_uri: None,
        followers_uri: None,
        following_uri: None,
        featured_uri: None,
        locked: false,
        discoverable: true,
        indexable: true,
        fields: "[]".to_owned(),
        created_at: tx.now().millis(),
        updated_at: tx.now().millis(),
        fetched_at: None,
        suspended_at: None,
        deleted_at: None,
        followers_count: 0,
        following_count: 0,
        posts_count: 0,
        last_post_at: None,
        role_title: String::new(),
        traits: 0,
        uri,
    };
    actors::insert(tx, &row).unwrap();
    row
}

/// A person of this node, or of a peer.
pub(crate) fn person(tx: &mut Tx<'_>, peer: Option<PeerId>) -> ActorId {
    actor(tx, ActorKind::Person, peer).actor_id()
}

/// An accepted follow, or a request.
pub(crate) fn follow(tx: &mut Tx<'_>, follower: ActorId, followed: ActorId, accepted: bool) -> FollowId {
    let id = FollowId::new(tx.new_id());
    let uri = format!("https://here.example/activities/{id}");
    let follow = NewFollow { id, follower, followed, uri, accepted, show_boosts: true, notify: false };
    follows::insert(tx, &follow).unwrap();
    id
}

/// A note for the network, of this node or of a peer, not stored yet.
pub(crate) fn note(tx: &mut Tx<'_>, author: ActorId, peer: Option<PeerId>) -> NewPost {
    let id = PostId::new(tx.new_id());
    NewPost {
        peer,
        content: "<p>Words</p>".to_owned(),
        ..NewPost::note(id, author, format!("https://any.example/posts/{id}"), tx.now())
    }
}

/// Someone of this node who can sign in.
pub(crate) fn member(tx: &mut Tx<'_>) -> ActorId {
    let id = person(tx, None);
    let row = AccountRow {
        actor_id: id.raw(),
        role: Role::Member.code(),
        email: String::new(),
        password_hash: String::new(),
        must_change_password: false,
        failed_sign_ins: 0,
        locked_until: None,
        disabled_at: None,
        default_audience: Audience::Department.code(),
        default_marking: 0,
        language: String::new(),
        created_at: tx.now().millis(),
        last_sign_in_at: None,
        notifications_read_to: 0,
        default_sensitive: false,
        attribution_domains: "[]".to_owned(),
        fields_source: "[]".to_owned(),
    };
    accounts::insert(tx, &row).unwrap();
    id
}
