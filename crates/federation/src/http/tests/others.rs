//! What other servers send, in the shapes that they document, and what becomes of it. The documents are in
//! `tests/federation/fixtures`; those of groups are sent in `foreign.rs`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use corridor_domain::{Audience, PostId};
use corridor_store::posts::{PostKind, PostRow};
use corridor_store::{actors, follows};

use super::*;
use crate::testing::Page;

/// What becomes of an activity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Became {
    /// A post of this kind and audience, with these words in its text as its reader sees it.
    Post(PostKind, Audience, &'static str),
    /// Taken, and noted without an effect: nothing is stored under the object's id.
    Nothing,
    /// The post is deleted.
    Gone,
    /// The sender follows, or does so no longer.
    Follows(bool),
    /// Our post has so many favourites and boosts.
    Counts(i64, i64),
    /// Answered with this status and code.
    Refused(u16, &'static str),
}

use Became::{Counts, Follows, Gone, Nothing, Post, Refused};

const NETWORK: Audience = Audience::Network;
const NOTE: PostKind = PostKind::Note;
const ARTICLE: PostKind = PostKind::Article;

/// A server, and its activities in the order in which they are sent.
type Story = (&'static str, &'static [(&'static str, Became)]);

const STORIES: &[Story] = &[
    (
        "mastodon",
        &[
            ("follow", Follows(true)),
            ("create-note", Post(NOTE, NETWORK, "The draft is ready")),
            ("create-question", Post(PostKind::Question, NETWORK, "<p>Which day?</p>")),
            ("create-vote", Nothing),
            ("create-direct", Post(NOTE, Audience::Named, "<p>Between us</p>")),
            ("update-note", Post(NOTE, NETWORK, "<p>The final version</p>")),
            ("like", Counts(1, 0)),
            ("announce", Counts(1, 1)),
            ("undo-like", Counts(0, 1)),
            ("undo-announce", Counts(0, 0)),
            ("delete-note", Gone),
            ("create-note", Gone),
            ("flag", Nothing),
            ("undo-follow", Follows(false)),
            ("move", Refused(403, "move_target")),
            ("delete-actor", Nothing),
        ],
    ),
    (
        "gotosocial",
        &[
            ("follow", Follows(true)),
            ("create-note", Post(NOTE, NETWORK, "<p>Minutes are <em>out</em></p>")),
            ("update-note", Post(NOTE, NETWORK, "<p>Minutes, corrected</p>")),
            ("like", Counts(1, 0)),
            ("announce", Counts(1, 1)),
            ("undo-like", Counts(0, 1)),
            ("like-request", Counts(0, 1)),
            ("delete-note", Gone),
        ],
    ),
    (
        "mitra",
        &[
            ("follow", Follows(true)),
            ("create-note", Post(NOTE, NETWORK, "<p>Plans for <code>v2</code></p>")),
            ("update-note", Post(NOTE, NETWORK, "<p>Plans for v3</p>")),
            ("emoji-react", Counts(0, 0)),
            ("like", Counts(1, 0)),
            ("undo-like", Counts(0, 0)),
            ("delete-note", Gone),
        ],
    ),
    (
        "misskey",
        &[
            ("follow", Follows(true)),
            ("create-note", Post(NOTE, NETWORK, " room 3")),
            ("create-quote", Post(NOTE, NETWORK, "quote-inline")),
            ("reaction", Counts(1, 0)),
            ("announce", Counts(1, 1)),
            ("undo-announce", Counts(1, 0)),
            ("delete-note", Gone),
            ("flag", Nothing),
        ],
    ),
    (
        "pixelfed",
        &[
            ("follow", Follows(true)),
            ("create-note", Post(NOTE, NETWORK, "Our new foyer")),
            ("story", Nothing),
            ("like", Counts(1, 0)),
            ("announce", Counts(1, 1)),
            ("delete-note", Gone),
        ],
    ),
    (
        "lemmy",
        &[
            ("follow", Follows(true)),
            ("create-comment", Post(NOTE, NETWORK, "<p>On the intranet</p>")),
            ("create-private", Post(NOTE, Audience::Named, "<p>A word</p>")),
            ("create-chat-message", Nothing),
            ("like", Counts(1, 0)),
            ("dislike", Counts(1, 0)),
            ("undo-dislike", Counts(1, 0)),
            ("flag", Counts(1, 0)),
            ("delete-comment", Gone),
            ("remove", Refused(403, "forbidden")),
            ("block-user", Nothing),
        ],
    ),
    (
        "peertube",
        &[
            ("follow", Follows(true)),
            ("create-comment", Post(NOTE, NETWORK, "<p>Well said</p>")),
            ("view", Nothing),
            ("dislike", Counts(0, 0)),
            ("cache-file", Nothing),
            ("delete-comment", Gone),
        ],
    ),
    (
        "mobilizon",
        &[
            ("follow", Follows(true)),
            ("join", Nothing),
            ("create-article", Post(ARTICLE, NETWORK, "<p>We are <strong>open</strong></p>")),
            ("create-comment", Post(NOTE, NETWORK, "<p>See you</p>")),
            ("delete-comment", Gone),
        ],
    ),
    (
        "wordpress",
        &[
            ("follow", Follows(true)),
            ("create-article", Post(ARTICLE, NETWORK, "<p>We moved house.</p><p><strong>Where</strong></p>")),
            ("update-article", Post(ARTICLE, NETWORK, "<p>We moved again.</p>")),
            ("create-comment", Post(NOTE, NETWORK, "<p>Thank you</p>")),
            ("delete-article", Gone),
        ],
    ),
    (
        "discourse",
        &[
            ("follow", Follows(true)),
            ("create-article", Post(ARTICLE, NETWORK, "<p>Be kind</p>")),
            ("like", Counts(1, 0)),
        ],
    ),
    (
        "nodebb",
        &[
            ("follow", Follows(true)),
            ("create-article", Post(ARTICLE, NETWORK, "<p>They are back</p>")),
            ("like", Counts(1, 0)),
            ("undo-like", Counts(0, 0)),
            ("flag", Counts(0, 0)),
        ],
    ),
];

fn folder(server: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/federation/fixtures").join(server)
}

/// A server's documents with the names of this test's node and peer, and the key of each of its actors.
pub(super) struct Server {
    pub(super) scene: Scene,
    pub(super) ours: PostRow,
    pub(super) documents: BTreeMap<String, Value>,
    keys: BTreeMap<String, String>,
}

impl Server {
    async fn start(name: &str, database: TestDatabase) -> Self {
        let scene = Scene::on(database).await;
        let ours = scene.local_post().await;
        Self::with(name, scene, ours)
    }

    /// The same, where our post is another one.
    pub(super) fn with(name: &str, scene: Scene, ours: PostRow) -> Self {
        let pem = scene.peer.key.public_key().unwrap().to_pem().unwrap();
        let mut documents = BTreeMap::new();
        let mut keys = BTreeMap::new();
        for entry in std::fs::read_dir(folder(name)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let text =
                text.replace("https://peer.example", &scene.peer.at("")).replace("\"PEM\"", &json!(pem).to_string());
            let text = text.replace("https://corridor.example/actors/anna", &scene.anna_uri);
            let document: Value =
                serde_json::from_str(&text.replace("https://corridor.example/posts/1", &ours.uri)).unwrap();
            if let Some(key) = document["publicKey"]["id"].as_str() {
                let id = document["id"].as_str().unwrap().to_owned();
                let path = |uri: &str| uri.strip_prefix(&scene.peer.at("")).unwrap().to_owned();
                scene.peer.put(&path(&id), Page::document(&document));
                // A key with an address of its own shows whose it is, and nothing else of them.
                if !key.contains('#') {
                    let mut stub = document.clone();
                    stub.as_object_mut().unwrap().retain(|name, _| {
                        matches!(name.as_str(), "@context" | "id" | "type" | "preferredUsername" | "publicKey")
                    });
                    scene.peer.put(&path(key), Page::document(&stub));
                }
                keys.insert(id, key.to_owned());
            }
            documents.insert(path.file_stem().unwrap().to_str().unwrap().to_owned(), document);
        }
        Self { scene, ours, documents, keys }
    }

    /// Sends a document, signed by its actor.
    pub(super) async fn send(&self, name: &str) -> (u16, Value) {
        self.send_this(&self.documents[name]).await
    }

    /// As [`Self::send`], for one that is no document of its own.
    pub(super) async fn send_this(&self, activity: &Value) -> (u16, Value) {
        let key = &self.keys[activity["actor"].as_str().unwrap()];
        let body = activity.to_string().into_bytes();
        let headers = self.scene.peer.signed(&self.scene.node, "/inbox", key, &body);
        self.scene.send("/inbox", headers, &body).await
    }

    /// What an activity has become, in the terms of what was expected.
    async fn became(&self, name: &str, answer: &(u16, Value), expected: Became) -> String {
        if answer.0 != 202 {
            return format!("refused: {:?}", code(answer));
        }
        let activity = &self.documents[name];
        let id = activity["object"]["id"].as_str().or(activity["object"].as_str()).unwrap_or_default().to_owned();
        let stored = self.scene.stored(id.clone()).await;
        match expected {
            Nothing => {
                stored.filter(|row| row.id != self.ours.id).map_or("nothing".to_owned(), |row| format!("{row:?}"))
            }
            Counts(..) => {
                let row = self.scene.stored(self.ours.uri.clone()).await.unwrap();
                format!("counts {} {}", row.favourites_count, row.boosts_count)
            }
            Follows(_) => format!("follows {}", self.follows(activity["actor"].as_str().unwrap()).await),
            Gone => stored.map_or("nothing".to_owned(), |row| format!("gone {}", row.is_deleted())),
            Post(_, _, words) => match stored {
                Some(row) => format!("{} {:?} {}", row.kind, row.audience().unwrap(), self.says(&row, words).await),
                None => "nothing".to_owned(),
            },
            Refused(..) => "taken".to_owned(),
        }
    }

    async fn follows(&self, actor: &str) -> bool {
        let (actor, anna) = (actor.to_owned(), self.scene.anna().await.id);
        let store = &self.scene.node.database.store;
        let actor = store.read(move |tx| actors::find_by_uri(tx, &actor)).await.unwrap().unwrap().actor_id();
        store.read(move |tx| follows::find_pair(tx, actor, anna)).await.unwrap().is_some()
    }

    /// The words, if its reader sees them; else all that they see.
    pub(super) async fn says(&self, row: &PostRow, words: &str) -> String {
        let viewer = self.scene.anna().await;
        let context = corridor_app::posts::show(&self.scene.node.node.ctx, &viewer, PostId::new(row.id)).await;
        let content = context.map_or_else(|error| format!("not shown: {error}"), |post| post.content);
        if content.contains(words) && !content.contains("<script") && !content.contains("wp-block") {
            words.to_owned()
        } else {
            content
        }
    }
}

/// The same words for what is expected.
fn wanted(expected: Became) -> String {
    match expected {
        Nothing => "nothing".to_owned(),
        Counts(favourites, boosts) => format!("counts {favourites} {boosts}"),
        Follows(yes) => format!("follows {yes}"),
        Gone => "gone true".to_owned(),
        Post(kind, audience, words) => format!("{} {audience:?} {words}", kind.code()),
        Refused(status, code) => format!("refused: {:?}", (status, code)),
    }
}

/// All differences of one server's story.
async fn differences((name, steps): Story, database: TestDatabase) -> Vec<String> {
    let server = Server::start(name, database).await;
    let mut differences = Vec::new();
    for (step, expected) in steps {
        let answer = server.send(step).await;
        let became = server.became(step, &answer, *expected).await;
        if became != wanted(*expected) {
            differences.push(format!("{name} {step}: {became}, not {}", wanted(*expected)));
        }
    }
    server.scene.peer.stop().await;
    differences
}

#[actix_web::test]
async fn what_other_servers_send_becomes_what_it_should() {
    let mut all = Vec::new();
    for story in STORIES {
        for database in TestDatabase::each() {
            all.extend(differences(*story, database).await);
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[actix_web::test]
async fn every_document_is_sent_or_is_an_actor() {
    for entry in std::fs::read_dir(folder("")).unwrap() {
        let server = entry.unwrap();
        if !server.path().is_dir() {
            continue;
        }
        let name = server.file_name().into_string().unwrap();
        let story =
            STORIES.iter().filter(|(story, _)| *story == name).flat_map(|(_, steps)| steps.iter().map(|step| step.0));
        let known: Vec<&str> = story
            .chain(foreign::documents(&name))
            .chain(["actor", "actor-instance", "actor-moderator", "group", "channel", "category"])
            .collect();
        for file in std::fs::read_dir(server.path()).unwrap() {
            let file = file.unwrap().path();
            let stem = file.file_stem().unwrap().to_str().unwrap();
            assert!(known.contains(&stem), "{name}/{stem} is nowhere in the table");
        }
    }
}
