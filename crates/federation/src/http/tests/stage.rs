//! What the examples of what is taken are sent to: a node with Anna and a group, a peer with Ann, its own actor and a
//! group, and another peer with Cara.

use std::collections::BTreeMap;

use corridor_app::groups::{self, NewGroup};
use corridor_app::operator::Operator;
use corridor_app::polls::PollDraft;
use corridor_app::posts::{self as use_cases, Draft};
use corridor_domain::group::{Door, GroupKind, Standing};
use corridor_domain::{ActorId, Audience, Event, KeyId, PeerId, PostId, Timestamp};
use corridor_store::connections::ConnectionRow;
use corridor_store::deliveries::{self, State};
use corridor_store::keys::{Key, KeyAlgorithm};
use corridor_store::{Tx, actors, follows, outbox, peers, posts};
use openssl::pkey::PKey;
use std::time::Duration;

use super::*;
use crate::objects::multibase;
use crate::testing::Page;
use crate::{delivery, proof};

/// The addresses in the examples.
pub(super) const HERE: &str = "https://here.example";
pub(super) const THERE: &str = "https://there.example";
pub(super) const ELSEWHERE: &str = "https://elsewhere.example";

pub(super) struct Stage {
    pub(super) scene: Scene,
    pub(super) anna: Viewer,
    /// Ours.
    pub(super) group: ActorId,
    elsewhere: TestPeer,
    cara: Key,
    /// What an address in the examples is called on this stage.
    names: BTreeMap<String, String>,
}

impl Stage {
    pub(super) async fn on(database: TestDatabase) -> Self {
        let scene = Scene::on(database).await;
        let anna = scene.anna().await;
        let elsewhere = TestPeer::start();
        scene.node.allow(&elsewhere.authority).await;
        let cara = cara(&elsewhere);
        let new = NewGroup {
            name: "rust".to_owned(),
            title: "Rust".to_owned(),
            about: String::new(),
            kind: GroupKind::Profession,
            door: Door::ByRequest,
            marking: None,
            facilitator: None,
        };
        let group = groups::make(&scene.node.node.ctx, &Operator::Person(anna.clone()), new).await.unwrap().actor.id;
        let mut stage = Self { group, anna, elsewhere, cara, names: BTreeMap::new(), scene };
        stage.show_actors_of_the_peer();
        stage.name_what_is_there().await;
        stage
    }

    fn show_actors_of_the_peer(&self) {
        let peer = &self.scene.peer;
        for (path, more) in [
            ("/actor", json!({ "type": "Application", "preferredUsername": "there.example" })),
            (
                "/groups/rust",
                json!({ "type": "Group", "groupKind": "profession", "door": "by-request", "marking": "OFFICIAL" }),
            ),
        ] {
            let uri = peer.at(path);
            let mut document = peer.person("rust");
            let fields = document.as_object_mut().unwrap();
            fields.extend(more.as_object().unwrap().clone());
            for name in ["inbox", "outbox", "followers", "following", "featured"] {
                fields.insert(name.to_owned(), json!(format!("{uri}/{name}")));
            }
            fields["publicKey"]["id"] = json!(format!("{uri}#main-key"));
            fields["publicKey"]["owner"] = json!(uri);
            fields.insert("id".to_owned(), json!(uri));
            peer.put(path, Page::document(&document));
        }
    }

    async fn name_what_is_there(&mut self) {
        let follow = self.scene.ask().await;
        let poll = PollDraft {
            options: ["Tea", "Coffee"].map(str::to_owned).to_vec(),
            lasts: Duration::from_secs(3600),
            ..PollDraft::default()
        };
        let asked = self.says(Draft { text: "Tea or coffee".to_owned(), poll: Some(poll), ..network() }).await;
        let post = self.says(Draft { text: "Of ours".to_owned(), ..network() }).await;
        let url = |path: &str| self.scene.node.node.ctx.settings.addresses.federation_url(path);
        let known = [
            (HERE.to_owned(), url("")),
            (THERE.to_owned(), self.scene.peer.at("")),
            (ELSEWHERE.to_owned(), self.elsewhere.at("")),
            (format!("{HERE}/actors/1"), self.scene.anna_uri.clone()),
            (format!("{HERE}/actors/20"), url(&format!("/actors/{}", self.group))),
            (format!("{HERE}/activities/3"), follow),
            (format!("{HERE}/posts/7"), post),
            (format!("{HERE}/posts/8"), asked),
        ];
        self.names.extend(known.map(|(name, known)| (name, known.trim_end_matches('/').to_owned())));
    }

    /// Anna says something; its URI.
    pub(super) async fn says(&self, draft: Draft) -> String {
        use_cases::publish(&self.scene.node.node.ctx, &self.anna, draft).await.unwrap().uri
    }

    /// Anna answers a post of the examples, which bears this name in them.
    pub(super) async fn answers(&mut self, post: &str, name: &str) {
        let parent = self.post(post).await.unwrap().id();
        let draft = Draft { text: "This one".to_owned(), in_reply_to: Some(parent), ..Draft::default() };
        let uri = self.says(draft).await;
        self.call(name, uri);
    }

    /// Gives what happened on the stage the name that it has in the examples.
    pub(super) fn call(&mut self, name: &str, uri: String) {
        self.names.insert(format!("{HERE}{name}"), uri);
    }

    /// An address of the examples, on this stage.
    pub(super) fn address(&self, example: &str) -> String {
        let of = |name: &str| {
            let rest = example.strip_prefix(name)?;
            (rest.is_empty() || rest.starts_with(['/', '#'])).then(|| rest.to_owned())
        };
        let longest = self.names.iter().rev().find_map(|(name, known)| of(name).map(|rest| format!("{known}{rest}")));
        longest.unwrap_or_else(|| example.to_owned())
    }

    /// A document of the examples, on this stage. What Cara has signed is signed anew, since its addresses differ.
    pub(super) fn document(&self, example: &Value) -> Value {
        match example {
            Value::String(text) => json!(self.address(text)),
            Value::Array(items) => items.iter().map(|item| self.document(item)).collect(),
            Value::Object(fields) => {
                let mut document: Value = fields
                    .iter()
                    .filter(|(name, _)| *name != "proof")
                    .map(|(name, value)| (name.clone(), self.document(value)))
                    .collect();
                if let Some(told) = fields.get("proof") {
                    assert_eq!(self.address(told["verificationMethod"].as_str().unwrap()), self.cara.uri);
                    proof::attach(&mut document, &self.cara, Timestamp::from_millis(1_790_000_000_000));
                }
                document
            }
            other => other.clone(),
        }
    }

    /// Posts an activity, signed by its actor.
    pub(super) async fn send(&self, activity: &Value) -> (u16, Value) {
        let body = activity.to_string().into_bytes();
        let key = format!("{}#main-key", activity["actor"].as_str().unwrap());
        self.scene.send("/inbox", self.scene.peer.signed(&self.scene.node, "/inbox", &key, &body), &body).await
    }

    pub(super) async fn read<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, corridor_store::Error> + Send + 'static,
    ) -> T {
        self.scene.node.database.store.read(work).await.unwrap()
    }

    /// The post with this address in the examples.
    pub(super) async fn post(&self, name: &str) -> Option<posts::PostRow> {
        let uri = self.address(name);
        self.read(move |tx| posts::find_by_uri(tx, &uri)).await
    }

    /// The actor with this address in the examples.
    pub(super) async fn actor(&self, name: &str) -> actors::ActorRow {
        let uri = self.address(name);
        self.read(move |tx| actors::find_by_uri(tx, &uri)).await.unwrap()
    }

    /// Who follows whom, and whether they were let in.
    pub(super) async fn follows(&self, follower: ActorId, followed: ActorId) -> Option<follows::FollowRow> {
        self.read(move |tx| follows::find_pair(tx, follower, followed)).await
    }

    /// What Anna has with somebody.
    pub(super) async fn connection(&self, other: ActorId) -> Option<ConnectionRow> {
        let anna = self.anna.id;
        self.read(move |tx| corridor_store::connections::find_pair(tx, anna, other)).await
    }

    /// Anna asks Ann to connect; her Offer has this name in the examples.
    pub(super) async fn asks_to_connect(&mut self, name: &str) {
        let ann = self.actor(&format!("{THERE}/users/ann")).await.actor_id();
        corridor_app::connections::ask(&self.scene.node.node.ctx, &self.anna, ann, "").await.unwrap();
        let offer = self.connection(ann).await.unwrap();
        self.call(name, offer.uri);
    }

    pub(super) async fn standing(&self, group: ActorId, who: ActorId) -> Standing {
        self.read(move |tx| corridor_store::groups::standing(tx, group, who)).await
    }

    pub(super) async fn peer(&self) -> PeerId {
        let uri = self.scene.ann();
        let actor = self.read(move |tx| actors::find_by_uri(tx, &uri)).await.unwrap();
        let id = actor.peer().unwrap();
        self.read(move |tx| peers::find(tx, id)).await.id
    }

    /// Anna asks to join the peer's group; her Follow has this name in the examples.
    pub(super) async fn asks_to_join(&mut self, name: &str) {
        let group = self.actor(&format!("{THERE}/groups/rust")).await.actor_id();
        groups::join(&self.scene.node.node.ctx, &self.anna, group).await.unwrap();
        let follow = self.follows(self.anna.id, group).await.unwrap();
        self.call(name, follow.uri);
    }

    /// The other peer shows an account that names Ann's as an older one.
    pub(super) fn ann_has_an_account_elsewhere(&self) {
        let mut person = self.elsewhere.person("ann");
        person["alsoKnownAs"] = json!([self.scene.ann()]);
        self.elsewhere.put("/users/ann", Page::document(&person));
    }

    /// The other peer shows this.
    pub(super) fn shows_elsewhere(&self, path: &str, document: &Value) {
        self.elsewhere.put(path, Page::document(document));
    }

    /// Anna, who runs the group, lets Ann in.
    pub(super) async fn lets_in(&self) {
        let ann = self.actor(&format!("{THERE}/users/ann")).await.actor_id();
        let by = Operator::Person(self.anna.clone());
        groups::decide(&self.scene.node.node.ctx, &by, self.group, ann, true).await.unwrap();
    }

    /// Anna, who runs the group, invites Ann.
    pub(super) async fn invites(&self) {
        let ann = self.actor(&format!("{THERE}/users/ann")).await.actor_id();
        let by = Operator::Person(self.anna.clone());
        groups::invite(&self.scene.node.node.ctx, &by, self.group, ann).await.unwrap();
        assert_eq!(self.standing(self.group, ann).await, corridor_domain::group::Standing::Invited);
    }

    /// Anna deletes a post that the peer holds; the Delete has this name in the examples.
    pub(super) async fn deletes(&mut self, name: &str) -> PostId {
        let uri = self.says(Draft { text: "Not for long".to_owned(), ..network() }).await;
        let id = self.read(move |tx| posts::find_by_uri(tx, &uri)).await.unwrap().id();
        self.tells().await;
        use_cases::delete(&self.scene.node.node.ctx, &self.anna, id).await.unwrap();
        self.tells().await;
        let peer = self.peer().await;
        let queued = self.read(move |tx| deliveries::list(tx, peer, State::Pending, 50)).await;
        let delete = queued.into_iter().find(|one| one.kind == "Delete").unwrap();
        self.call(name, delete.activity_uri);
        id
    }

    /// Everything that there is to tell is put into the queue.
    async fn tells(&self) {
        while delivery::tell_next(&self.scene.node.node).await.unwrap() > 0 {}
    }

    /// What there is to tell and was not told yet.
    pub(super) async fn events(&self) -> Vec<Event> {
        let waiting = self.read(|tx| outbox::waiting(tx, 100)).await;
        waiting.into_iter().filter_map(|pending| pending.event).collect()
    }

    pub(super) async fn stop(self) {
        self.scene.peer.stop().await;
        self.elsewhere.stop().await;
    }
}

pub(super) fn network() -> Draft {
    Draft { audience: Some(Audience::Network), ..Draft::default() }
}

/// Someone whose posts others hand on: with a key for proofs.
fn cara(peer: &TestPeer) -> Key {
    let uri = peer.at("/users/cara");
    let pair = PKey::generate_ed25519().unwrap();
    let text = |pem: Vec<u8>| String::from_utf8(pem).unwrap();
    let key = Key {
        id: KeyId::new(1),
        actor: ActorId::new(1),
        uri: format!("{uri}#ed25519-key"),
        algorithm: KeyAlgorithm::Ed25519,
        public_pem: text(pair.public_key_to_pem().unwrap()),
        private_pem: Some(text(pair.private_key_to_pem_pkcs8().unwrap())),
        valid_from: Timestamp::from_millis(0),
        valid_until: None,
        fetched_at: Timestamp::from_millis(0),
        pinned: false,
    };
    let mut person = peer.person("cara");
    person["assertionMethod"] = json!([{
        "id": key.uri, "type": "Multikey", "controller": uri,
        "publicKeyMultibase": multibase::from_pem(&key.public_pem).unwrap(),
    }]);
    peer.put("/users/cara", Page::document(&person));
    key
}
