//! Effects of peers, on both databases.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod blocks;
mod connections;
mod convergence;
mod effects;
mod pins;
mod polls;
mod portraits;
mod refusals;
mod reports;

use corridor_domain::{ActorId, Marking, Peer, PeerId};
use corridor_store::posts::PostRow;
use corridor_store::{audit, peers, posts};

use super::samples;
use super::{IncomingPost, Outcome, Received};
use crate::fixtures::{World, worlds};
use crate::{Viewer, follows, inbound, posts as writing};

/// A node with someone on it, an allowed peer, and someone there.
struct Stage {
    world: World,
    peer: PeerId,
    reader: Viewer,
    author: ActorId,
    author_uri: String,
}

/// One on each database; the ceiling of the peer is the scheme's lowest marking.
async fn stages() -> Vec<Stage> {
    let mut stages = Vec::new();
    for world in worlds() {
        let peer = world.peer("there.example", Marking::LOWEST).await;
        let reader = world.person("reader").await;
        let author = inbound::store_person(&world.ctx, peer, samples::person("author"), false).await.unwrap();
        let author_uri = samples::person("author").uri;
        stages.push(Stage { world, peer, reader, author, author_uri });
    }
    stages
}

impl Stage {
    /// An activity of the author.
    fn by_author(&self, kind: &str, name: &str) -> Received {
        self.by(self.author, &self.author_uri, kind, name)
    }

    fn by(&self, actor: ActorId, actor_uri: &str, kind: &str, name: &str) -> Received {
        Received {
            activity_uri: format!("https://there.example/activities/{kind}-{name}"),
            peer: self.peer,
            actor,
            actor_uri: actor_uri.to_owned(),
            kind: kind.to_owned(),
            raw: None,
        }
    }

    /// Another person of the same peer.
    async fn another(&self, name: &str) -> (ActorId, String) {
        let person = samples::person(name);
        let uri = person.uri.clone();
        (inbound::store_person(&self.world.ctx, self.peer, person, false).await.unwrap(), uri)
    }

    fn post(&self, name: &str) -> IncomingPost {
        samples::post(name, &self.author_uri)
    }

    /// The reader follows the author, who has accepted.
    async fn befriend(&self) {
        let ctx = &self.world.ctx;
        follows::follow(ctx, &self.reader, self.author, follows::FollowOptions::default()).await.unwrap();
        let (follower, followed) = (self.reader.id, self.author);
        let follow =
            self.world.write(move |tx| corridor_store::follows::find_pair(tx, follower, followed)).await.unwrap();
        let answered = inbound::AnsweredFollow { uri: Some(follow.uri), ..inbound::AnsweredFollow::default() };
        let outcome = inbound::accept(ctx, self.by_author("Accept", "first"), answered).await.unwrap();
        assert_eq!(outcome, Outcome::Applied);
    }

    async fn stored(&self, uri: &str) -> Option<PostRow> {
        let uri = uri.to_owned();
        self.world.write(move |tx| posts::find_by_uri(tx, &uri)).await
    }

    async fn local_post(&self, text: &str) -> PostRow {
        let view = writing::publish(&self.world.ctx, &self.reader, crate::fixtures::note(text)).await.unwrap();
        self.world.write(move |tx| posts::find(tx, view.id)).await
    }

    /// Changes the terms of the peer.
    async fn terms(&self, change: impl Fn(&mut Peer) + Send + 'static) {
        let id = self.peer;
        self.world
            .write(move |tx| {
                let mut peer = peers::find(tx, id)?;
                change(&mut peer);
                peers::update(tx, &peer)
            })
            .await;
    }

    /// The objects and reasons of refusals in the audit, oldest first.
    async fn refusals(&self) -> Vec<(String, String)> {
        let entries = self.world.write(|tx| audit::after(tx, 0, 1000)).await;
        let refused = entries.into_iter().filter(|entry| entry.action == "inbox.refuse");
        refused.map(|entry| (entry.object, entry.detail)).collect()
    }
}
