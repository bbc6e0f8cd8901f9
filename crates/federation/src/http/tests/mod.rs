//! The doors as peers find them, with real signatures and a peer that really answers.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod articles;
mod boosts;
mod dialects;
mod examples;
mod fetching;
mod foreign;
mod inbox;
mod keys;
mod media;
mod members;
mod others;
mod relayed;
mod serving;
mod stage;

use actix_web::App;
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use corridor_app::{Viewer, accounts};
use corridor_store::testing::TestDatabase;
use serde_json::{Value, json};

use crate::testing::{TestNode, TestPeer};
use crate::{Limits, configure};

/// A node, a peer with Ann on it, and someone here.
struct Scene {
    node: TestNode,
    peer: TestPeer,
    anna_uri: String,
}

impl Scene {
    async fn on(database: TestDatabase) -> Self {
        Self::with(database, Limits::default()).await
    }

    async fn with(database: TestDatabase, limits: Limits) -> Self {
        let node = TestNode::on(database, limits).await;
        let peer = TestPeer::start();
        node.allow(&peer.authority).await;
        let anna = node.person("anna").await;
        let anna_uri = node.node.ctx.settings.addresses.federation_url(&format!("/actors/{}", anna.id));
        Self { node, peer, anna_uri }
    }

    /// Who is here.
    async fn anna(&self) -> Viewer {
        accounts::viewer_by_username(&self.node.node.ctx, "anna").await.unwrap()
    }

    fn ann(&self) -> String {
        self.peer.at("/users/ann")
    }

    fn ann_key(&self) -> String {
        format!("{}#main-key", self.ann())
    }

    /// An activity of Ann.
    fn activity(&self, kind: &str, name: &str, rest: Value) -> Value {
        let mut activity = json!({
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": self.peer.at(&format!("/users/ann#{kind}/{name}")),
            "type": kind,
            "actor": self.ann(),
        });
        activity.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        activity
    }

    fn follow(&self, name: &str) -> Value {
        self.activity("Follow", name, json!({ "object": self.anna_uri }))
    }

    /// Posts an activity signed by Ann; status and body.
    async fn post(&self, activity: &Value) -> (u16, Value) {
        self.post_bytes(activity.to_string().as_bytes()).await
    }

    async fn post_bytes(&self, body: &[u8]) -> (u16, Value) {
        self.send("/inbox", self.peer.signed(&self.node, "/inbox", &self.ann_key(), body), body).await
    }

    async fn send(&self, path: &str, headers: Vec<(&'static str, String)>, body: &[u8]) -> (u16, Value) {
        let request =
            headers.into_iter().fold(TestRequest::post().uri(path), |request, header| request.insert_header(header));
        self.call(request.set_payload(body.to_vec())).await
    }

    async fn call(&self, request: TestRequest) -> (u16, Value) {
        let node = self.node.node.clone();
        let app = init_service(App::new().configure(move |config| configure(config, node))).await;
        let response = call_service(&app, request.to_request()).await;
        let status = response.status().as_u16();
        let body = read_body(response).await;
        (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
    }
}

/// A refusal's status and code.
fn code((status, body): &(u16, Value)) -> (u16, &str) {
    (*status, body["code"].as_str().unwrap_or_default())
}
