//! Nodes, people and peers for this crate's tests.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use corridor_domain::{
    ActorId, ActorKind, Audience, Authority, Event, Marking, MarkingScheme, Page, Peer, PeerId, PeerState, PostId, Role,
};
use corridor_store::accounts::AccountRow;
use corridor_store::actors::ActorRow;
use corridor_store::posts::NewPost;
use corridor_store::testing::TestDatabase;
use corridor_store::{Tx, accounts, actors, outbox, peers, posts};
use url::Url;

use crate::posts::Draft;
use crate::{
    Addresses, Ctx, Error, MediaSettings, NotificationKind, PasswordCost, PostView, Settings, Viewer, notifications,
    timelines,
};

/// The marking above the lowest.
pub(crate) const SENSITIVE: Marking = Marking::from_rank(1);

/// A node of a test, with its database.
pub(crate) struct World {
    pub(crate) ctx: Ctx,
    pub(crate) database: TestDatabase,
}

/// One node on each database.
pub(crate) fn worlds() -> Vec<World> {
    TestDatabase::each()
        .into_iter()
        .map(|database| World { ctx: Ctx::new(database.store.clone(), settings(&database)), database })
        .collect()
}

fn settings(database: &TestDatabase) -> Settings {
    let address = Url::parse("https://here.example").unwrap();
    Settings {
        addresses: Addresses {
            account_domain: Authority::parse("here.example").unwrap(),
            federation: address.clone(),
            staff: address,
        },
        department: "Our department".to_owned(),
        description: String::new(),
        contact: String::new(),
        source_url: String::new(),
        rules: Vec::new(),
        scheme: MarkingScheme::official(),
        default_audience: Audience::Department,
        max_characters: 500,
        registry: crate::RegistrySettings::default(),
        media: MediaSettings::in_folder(database.folder().join("media")),
        streaming: crate::streaming::StreamSettings::default(),
        destroy_after: Duration::from_secs(60),
        session_idle: Duration::from_secs(60),
        session_absolute: Duration::from_secs(600),
        lock_after: 5,
        lock_for: Duration::from_secs(60),
        failures_per_address: 60,
        trusted_proxies: Vec::new(),
        password_cost: PasswordCost { memory_kib: 8, passes: 1, lanes: 1 },
        rsa_bits: 2048,
        key_overlap: Duration::from_secs(7 * 86_400),
    }
}

/// A network note.
pub(crate) fn note(text: &str) -> Draft {
    Draft { text: text.to_owned(), audience: Some(Audience::Network), ..Draft::default() }
}

impl World {
    /// How the node's database is opened, for another process on it.
    pub(crate) fn options(&self) -> &corridor_store::Options {
        &self.database.options
    }

    /// Does something in one write.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&mut Tx<'_>) -> Result<T, corridor_store::Error> + Send + 'static,
    ) -> T {
        self.ctx.store.write(move |tx| work(tx).map_err(Error::from)).await.unwrap()
    }

    /// Someone of this node with an account.
    pub(crate) async fn person(&self, name: &'static str) -> Viewer {
        let id = self
            .write(move |tx| {
                let id = ActorId::new(tx.new_id());
                actors::insert(tx, &actor(id, name, None, tx.now().millis()))?;
                accounts::insert(tx, &account(id, tx.now().millis()))?;
                Ok(id)
            })
            .await;
        Viewer { id, username: name.to_owned(), role: Role::Member }
    }

    /// An allowed peer.
    pub(crate) async fn peer(&self, host: &'static str, ceiling: Marking) -> PeerId {
        self.write(move |tx| {
            let authority = Authority::parse(host).unwrap();
            let peer = Peer {
                id: PeerId::new(tx.new_id()),
                account_domain: authority.clone(),
                authority,
                state: PeerState::Allowed,
                ceiling,
                default_marking: Marking::LOWEST,
                department: "Their department".to_owned(),
                note: String::new(),
                contact: String::new(),
                grant: corridor_domain::Grant::default(),
            };
            peers::insert(tx, &peer)?;
            Ok(peer.id)
        })
        .await
    }

    /// Takes a peer off the list.
    pub(crate) async fn remove_peer(&self, id: PeerId) {
        self.write(move |tx| {
            let peer = peers::find(tx, id)?;
            peers::update(tx, &Peer { state: PeerState::Removed, ..peer })
        })
        .await;
    }

    /// Someone of a peer.
    pub(crate) async fn person_of(&self, peer: PeerId, host: &'static str, name: &'static str) -> ActorId {
        self.write(move |tx| {
            let id = ActorId::new(tx.new_id());
            actors::insert(tx, &actor(id, name, Some((peer, host)), tx.now().millis()))?;
            Ok(id)
        })
        .await
    }

    /// A post that came from a peer.
    pub(crate) async fn post_of(&self, peer: PeerId, author: ActorId, audience: Audience) -> PostId {
        self.write(move |tx| {
            let id = PostId::new(tx.new_id());
            let uri = format!("https://there.example/posts/{id}");
            let note = NewPost::note(id, author, uri, tx.now());
            posts::insert(tx, &NewPost { peer: Some(peer), audience, content: "<p>From afar</p>".to_owned(), ..note })
        })
        .await
    }

    /// What peers are to be told, oldest first.
    pub(crate) async fn events(&self) -> Vec<Event> {
        let events = self.write(|tx| outbox::waiting(tx, 1000)).await;
        events.into_iter().map(|waiting| waiting.event.unwrap()).collect()
    }

    /// A person's home feed.
    pub(crate) async fn home(&self, viewer: &Viewer) -> Vec<PostView> {
        timelines::home(&self.ctx, viewer, Page::newest(40)).await.unwrap().items
    }

    /// What a person was told, newest first.
    pub(crate) async fn told(&self, viewer: &Viewer) -> Vec<(NotificationKind, ActorId, Option<PostId>)> {
        let all =
            notifications::list(&self.ctx, viewer, notifications::NotificationFilter::default(), Page::newest(80));
        let all = all.await.unwrap().items;
        all.into_iter().map(|told| (told.kind, told.from.id, told.post.map(|post| post.id))).collect()
    }
}

fn actor(id: ActorId, name: &str, peer: Option<(PeerId, &str)>, now: i64) -> ActorRow {
    let host = peer.map_or("here.example", |(_, host)| host);
    let uri = format!("https://{host}/actors/{id}");
    ActorRow {
        id: id.raw(),
        kind: ActorKind::Person.code(),
        peer_id: peer.map(|(peer, _)| peer.raw()),
        username: name.to_owned(),
        host: peer.map_or_else(String::new, |(_, host)| host.to_owned()),
        username_key: name.to_lowercase(),
        display_name: String::new(),
        summary: String::new(),
        summary_source: String::new(),
        url: format!("https://{host}/@{name}"),
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
        created_at: now,
        updated_at: now,
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
    }
}

fn account(id: ActorId, now: i64) -> AccountRow {
    AccountRow {
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
        language: "en".to_owned(),
        created_at: now,
        last_sign_in_at: None,
        notifications_read_to: 0,
        default_sensitive: false,
        attribution_domains: "[]".to_owned(),
        fields_source: "[]".to_owned(),
    }
}
