//! What groups of other software hand on and their members send: for someone here who is in the group, and where nobody is.

use corridor_app::{Remote, groups, timelines};
use corridor_domain::group::Standing;
use corridor_domain::{ActorId, Audience, Page as Part};
use corridor_store::posts::{PostKind, PostRow};
use corridor_store::{actors, follows};

use super::others::Server;
use super::*;
use crate::testing::Page;

/// What has become of the innermost object of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// A talk of this kind in the group, with this title and these words; the group's page shows it.
    Talk(PostKind, &'static str, &'static [&'static str]),
    /// An answer in the group to our post, with these words.
    Answer(&'static str),
    /// A post for the network that is in no group, with these words.
    Apart(&'static str),
    /// An article of this title that is in no group, and that the group has boosted into Anna's home.
    Boosted(&'static str, &'static [&'static str]),
    /// The post has so many favourites.
    Liked(i64),
    /// Nothing is stored under the object's id.
    Nothing,
    /// The post is deleted.
    Gone,
}

use Stands::{Answer, Apart, Boosted, Gone, Liked, Nothing, Talk};

type Step = (&'static str, Stands);

/// A server, its group's actor, what its host shows (path and document), and what is sent in this order.
struct Story {
    server: &'static str,
    group: &'static str,
    shows: &'static [(&'static str, &'static str)],
    steps: &'static [Step],
}

const PAGE: Stands = Talk(
    PostKind::Article,
    "Where are the forms?",
    &["<p>I can not find them</p>", "href=\"https://forms.example/\"", "/post/1\""],
);
const PAGE_EDITED: Stands = Talk(
    PostKind::Article,
    "Where are the new forms?",
    &["<p>I can not find them</p>", "href=\"https://forms.example/\"", "/post/1\""],
);
const VIDEO: Stands = Boosted("A talk", &["<p>What was said</p>", "/w/1\""]);
const READ: &str = "<p>Read me first</p>";
const RESTART: &str = ">Restart the service</p>";

const fn open_day(title: &'static str) -> Stands {
    Talk(PostKind::Article, title, &["2026-06-01, 09:00", "Town hall", "<p>Come and see</p>", "/events/1\""])
}

/// Anna is in the group, and our post stands in it.
const INSIDE: &[Story] = &[
    Story {
        server: "lemmy",
        group: "group",
        shows: &[],
        steps: &[
            ("announce-create-page", PAGE),
            ("create-page", PAGE),
            ("announce-page", PAGE),
            ("announce-update-page", PAGE_EDITED),
            ("announce-like", Liked(1)),
            ("announce-dislike", Liked(1)),
            ("announce-like-post", Liked(1)),
            ("announce-undo-like-post", Liked(0)),
            ("follow-community", Nothing),
            ("announce-delete-page", Gone),
        ],
    },
    Story {
        server: "lemmy",
        group: "group",
        shows: &[],
        steps: &[("create-page", PAGE), ("announce-create-page", PAGE), ("announce-remove", Gone)],
    },
    // A plain boost, by a group whose Create was not heard.
    Story {
        server: "lemmy",
        group: "group",
        shows: &[("/post/1", "create-page")],
        steps: &[("announce-page", PAGE), ("announce-create-page", PAGE)],
    },
    Story {
        server: "peertube",
        group: "channel",
        shows: &[("/videos/watch/1", "create-video")],
        steps: &[("create-video", Nothing), ("announce-video", VIDEO)],
    },
    Story {
        server: "mobilizon",
        group: "group",
        shows: &[],
        steps: &[("create-event", open_day("Open day")), ("update-event", open_day("Open days"))],
    },
    Story {
        server: "mobilizon",
        group: "group",
        shows: &[("/events/1", "create-event")],
        steps: &[("announce-event", open_day("Open day"))],
    },
    Story {
        server: "discourse",
        group: "category",
        shows: &[],
        steps: &[("create-note", Answer(READ)), ("announce-create", Answer(READ)), ("delete-note", Gone)],
    },
    Story {
        server: "discourse",
        group: "category",
        shows: &[],
        steps: &[("announce-create", Answer(READ)), ("create-note", Answer(READ)), ("delete-note", Gone)],
    },
    Story {
        server: "nodebb",
        group: "category",
        shows: &[],
        steps: &[("create-note", Answer(RESTART)), ("announce-create", Answer(RESTART)), ("delete-note", Gone)],
    },
    Story {
        server: "nodebb",
        group: "category",
        shows: &[],
        steps: &[("announce-create", Answer(RESTART)), ("create-note", Answer(RESTART)), ("delete-note", Gone)],
    },
];

/// Nobody here is in the group, and our post is in none.
const OUTSIDE: &[Story] = &[
    Story {
        server: "lemmy",
        group: "group",
        shows: &[("/post/1", "create-page")],
        steps: &[
            ("announce-create-page", Nothing),
            ("announce-update-page", Nothing),
            ("create-page", Nothing),
            ("announce-like", Nothing),
            ("announce-page", Nothing),
            ("announce-like-post", Liked(0)),
            ("announce-undo-like-post", Liked(0)),
            ("announce-dislike", Nothing),
            ("announce-delete-page", Nothing),
            ("follow-community", Nothing),
        ],
    },
    Story {
        server: "peertube",
        group: "channel",
        shows: &[("/videos/watch/1", "create-video")],
        steps: &[("create-video", Nothing), ("announce-video", Nothing)],
    },
    Story {
        server: "mobilizon",
        group: "group",
        shows: &[("/events/1", "create-event")],
        steps: &[("create-event", Nothing), ("update-event", Nothing), ("announce-event", Nothing)],
    },
    // Who answers a post of ours is heard, as anybody is.
    Story {
        server: "discourse",
        group: "category",
        shows: &[],
        steps: &[("create-note", Apart(READ)), ("announce-create", Apart(READ)), ("delete-note", Gone)],
    },
    Story { server: "discourse", group: "category", shows: &[], steps: &[("announce-create", Nothing)] },
    Story {
        server: "nodebb",
        group: "category",
        shows: &[],
        steps: &[("create-note", Apart(RESTART)), ("announce-create", Apart(RESTART)), ("delete-note", Gone)],
    },
    Story { server: "nodebb", group: "category", shows: &[], steps: &[("announce-create", Nothing)] },
];

/// The documents of a server that are sent here.
pub(super) fn documents(server: &str) -> Vec<&'static str> {
    let stories = INSIDE.iter().chain(OUTSIDE).filter(|story| story.server == server);
    stories.flat_map(|story| story.steps.iter().map(|step| step.0)).collect()
}

/// A server, and its group as it is known here.
struct Foreign {
    server: Server,
    group: ActorId,
    group_uri: String,
}

impl Foreign {
    /// Resolves the group as a client would, and where `inside`, lets Anna join it and post in it.
    async fn on(story: &Story, database: TestDatabase, inside: bool) -> Self {
        let scene = Scene::on(database).await;
        let ours = scene.local_post().await;
        let mut server = Server::with(story.server, scene, ours);
        let group_uri = server.documents[story.group]["id"].as_str().unwrap().to_owned();
        server.scene.node.node.resolve_uri(&reqwest::Url::parse(&group_uri).unwrap()).await.unwrap();
        let group = server.scene.id(group_uri.clone()).await;
        if inside {
            join(&server, group, &group_uri).await;
            let said = post_in(&server.scene, group).await;
            server = Server::with(story.server, server.scene, said);
        }
        for (path, document) in story.shows {
            server.scene.peer.put(path, Page::document(&server.documents[*document]["object"]));
        }
        Self { server, group, group_uri }
    }

    /// What the document is about, in the end.
    fn innermost(&self, name: &str) -> String {
        let mut object = &self.server.documents[name]["object"];
        while let Some(inner) = object.get("object") {
            object = inner;
        }
        object.as_str().or(object["id"].as_str()).unwrap().to_owned()
    }

    /// What has become of a post, in the terms of what was expected.
    async fn became(&self, name: &str, expected: Stands) -> String {
        let Some(row) = self.server.scene.stored(self.innermost(name)).await else { return "nothing".to_owned() };
        if expected == Nothing {
            return format!("{row:?}");
        }
        if row.is_deleted() {
            return "gone".to_owned();
        }
        let group = if row.group_id == Some(self.group.raw()) { "in the group" } else { "apart" };
        let audience = row.audience().unwrap();
        let says = self.server.scene.anna().await;
        let says = corridor_app::posts::show(&self.server.scene.node.node.ctx, &says, row.id()).await;
        let says = says.map_or_else(|error| format!("not shown: {error}"), |post| post.content);
        match expected {
            Talk(_, _, words) => {
                let shown = self.is_a_talk(&row).await;
                format!("{group} {audience:?} {} {} {shown} {}", row.kind, row.title, said(&says, words))
            }
            Answer(words) => {
                let ours = row.in_reply_to() == Some(self.server.ours.id());
                format!("{group} {audience:?} {ours} {}", said(&says, &[words]))
            }
            Apart(words) => format!("{group} {audience:?} {:?} {}", row.group_id, said(&says, &[words])),
            Boosted(_, words) => {
                let boosted = self.is_boosted_home(&row).await;
                format!("{group} {audience:?} {} {boosted} {}", row.title, said(&says, words))
            }
            Liked(_) => format!("liked {}", row.favourites_count),
            Gone | Nothing => "there".to_owned(),
        }
    }

    async fn is_a_talk(&self, row: &PostRow) -> bool {
        let (ctx, anna) = (&self.server.scene.node.node.ctx, self.server.scene.anna().await);
        let talks =
            groups::talks(ctx, &groups::as_person(&anna), self.group, false, Part::newest(10)).await.unwrap().items;
        let home = timelines::home(ctx, &anna, Part::newest(10)).await.unwrap().items;
        [talks, home].iter().all(|posts| posts.iter().filter(|post| post.id == row.id()).count() == 1)
    }

    /// Anna's home has it once, as the group's boost.
    async fn is_boosted_home(&self, row: &PostRow) -> bool {
        let (ctx, anna) = (&self.server.scene.node.node.ctx, self.server.scene.anna().await);
        let home = timelines::home(ctx, &anna, Part::newest(10)).await.unwrap().items;
        let boosts = home.iter().filter(|post| post.boost_of.as_ref().is_some_and(|boosted| boosted.id == row.id()));
        boosts.map(|post| post.author.uri.as_str()).eq([self.group_uri.as_str()])
    }
}

/// Those of the words that are said; else all that is.
fn said(says: &str, words: &[&str]) -> String {
    if words.iter().all(|words| says.contains(words)) { words.concat() } else { says.to_owned() }
}

/// The same words for what is expected.
fn wanted(expected: Stands) -> String {
    match expected {
        Talk(kind, title, words) => format!("in the group Group {} {title} true {}", kind.code(), words.concat()),
        Answer(words) => format!("in the group Group true {words}"),
        Apart(words) => format!("apart Network None {words}"),
        Boosted(title, words) => format!("apart Network {title} true {}", words.concat()),
        Liked(count) => format!("liked {count}"),
        Nothing => "nothing".to_owned(),
        Gone => "gone".to_owned(),
    }
}

/// Anna asks to join, and the group lets her in, as its software writes it: with the whole Follow, under an id of its own.
async fn join(server: &Server, group: ActorId, uri: &str) {
    let (ctx, anna) = (&server.scene.node.node.ctx, server.scene.anna().await);
    groups::join(ctx, &anna, group).await.unwrap();
    let store = &server.scene.node.database.store;
    let asked = store.read(move |tx| follows::find_pair(tx, anna.id, group)).await.unwrap().unwrap();
    assert!(!asked.accepted, "its home has the last word");
    let accept = json!({
        "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{uri}#accepts/follows/1"), "type": "Accept",
        "actor": uri, "to": [server.scene.anna_uri],
        "object": { "id": asked.uri, "type": "Follow", "actor": server.scene.anna_uri, "object": uri },
    });
    assert_eq!(server.send_this(&accept).await, (202, Value::Null));
    let standing = store.read(move |tx| corridor_store::groups::standing(tx, group, anna.id)).await.unwrap();
    assert!(matches!(standing, Standing::In(_)), "{standing:?}");
}

async fn post_in(scene: &Scene, group: ActorId) -> PostRow {
    let draft = corridor_app::posts::Draft {
        text: "Of ours".to_owned(),
        group: Some(group),
        audience: Some(Audience::Group),
        ..corridor_app::posts::Draft::default()
    };
    let uri = corridor_app::posts::publish(&scene.node.node.ctx, &scene.anna().await, draft).await.unwrap().uri;
    scene.stored(uri).await.unwrap()
}

/// All differences of one story.
async fn differences(story: &Story, database: TestDatabase, inside: bool) -> Vec<String> {
    let foreign = Foreign::on(story, database, inside).await;
    let mut differences = Vec::new();
    for (step, expected) in story.steps {
        let answer = foreign.server.send(step).await;
        let became = foreign.became(step, *expected).await;
        if answer != (202, Value::Null) || became != wanted(*expected) {
            let server = story.server;
            differences.push(format!("{server} {step} ({inside}): {answer:?} {became}, not {}", wanted(*expected)));
        }
    }
    foreign.server.scene.peer.stop().await;
    differences
}

#[actix_web::test]
async fn what_groups_hand_on_stands_in_them_where_someone_here_is_in_them() {
    let mut all = Vec::new();
    for story in INSIDE {
        for database in TestDatabase::each() {
            all.extend(differences(story, database, true).await);
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[actix_web::test]
async fn what_groups_hand_on_is_left_alone_where_nobody_here_is_in_them() {
    let mut all = Vec::new();
    for story in OUTSIDE {
        for database in TestDatabase::each() {
            all.extend(differences(story, database, false).await);
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n"));
}

#[actix_web::test]
async fn who_moves_as_mastodon_says_it_is_followed_to_the_new_account() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        let ours = scene.local_post().await;
        let server = Server::with("mastodon", scene, ours);
        let refused = server.send("move").await;
        assert_eq!(code(&refused), (403, "move_target"), "its new account is not there");
        let mut new = server.scene.peer.person("ann2");
        server.scene.peer.put("/users/ann2", Page::document(&new));
        assert_eq!(code(&server.send("move").await), (403, "move_target"), "its new account does not name it");
        new["alsoKnownAs"] = json!([server.scene.ann()]);
        server.scene.peer.put("/users/ann2", Page::document(&new));
        assert_eq!(server.send("move").await, (202, Value::Null));
        let (old, new) = (server.scene.ann(), server.scene.peer.at("/users/ann2"));
        let store = &server.scene.node.database.store;
        let of = |uri: String| store.read(move |tx| actors::find_by_uri(tx, &uri));
        let (old, new) = (of(old).await.unwrap().unwrap(), of(new).await.unwrap().unwrap());
        let old = old.actor_id();
        let current = store.read(move |tx| corridor_store::moves::current(tx, old)).await.unwrap();
        assert_eq!(current, Some(new.actor_id()));
        server.scene.peer.stop().await;
    }
}
