//! Activities as other programs write them.

use corridor_app::{Remote, timelines};
use corridor_domain::text::Handle;
use corridor_domain::{ActorId, Audience, Page as Part};
use corridor_store::posts::PostRow;
use corridor_store::{actors, favourites, follows, posts};

use super::*;

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

impl Scene {
    pub(super) async fn stored(&self, uri: String) -> Option<PostRow> {
        self.node.database.store.read(move |tx| posts::find_by_uri(tx, &uri)).await.unwrap()
    }

    pub(super) async fn id(&self, uri: String) -> ActorId {
        self.node.database.store.read(move |tx| actors::find_by_uri(tx, &uri)).await.unwrap().unwrap().actor_id()
    }

    async fn accepted(&self, activity: &Value) {
        assert_eq!(self.post(activity).await, (202, Value::Null), "{activity}");
    }

    /// Anna asks to follow Ann; the URI of her Follow.
    pub(super) async fn ask(&self) -> String {
        let url = reqwest::Url::parse(&self.ann()).unwrap();
        self.node.node.resolve_uri(&url).await.unwrap();
        let ctx = &self.node.node.ctx;
        let anna = corridor_app::accounts::viewer_by_username(ctx, "anna").await.unwrap();
        let ann = self.id(self.ann()).await;
        corridor_app::follows::follow(ctx, &anna, ann, Default::default()).await.unwrap();
        self.node.database.store.read(move |tx| follows::find_pair(tx, anna.id, ann)).await.unwrap().unwrap().uri
    }

    pub(super) async fn local_post(&self) -> PostRow {
        let ctx = &self.node.node.ctx;
        let anna = corridor_app::accounts::viewer_by_username(ctx, "anna").await.unwrap();
        let draft = corridor_app::posts::Draft {
            text: "Of ours".to_owned(),
            audience: Some(Audience::Network),
            ..corridor_app::posts::Draft::default()
        };
        let uri = corridor_app::posts::publish(ctx, &anna, draft).await.unwrap().uri;
        self.stored(uri).await.unwrap()
    }

    /// A Note as Mastodon writes it.
    fn mastodon_note(&self, name: &str) -> Value {
        let id = self.peer.at(&format!("/users/ann/statuses/{name}"));
        json!({
            "id": id,
            "type": "Note",
            "summary": null,
            "inReplyTo": null,
            "published": "2026-01-05T10:00:00Z",
            "url": self.peer.at(&format!("/@ann/{name}")),
            "attributedTo": self.ann(),
            "to": [PUBLIC],
            "cc": [format!("{}/followers", self.ann()), self.anna_uri],
            "sensitive": false,
            "atomUri": id,
            "inReplyToAtomUri": null,
            "conversation": "tag:there,2026-01-05:objectId=1:objectType=Conversation",
            "content": "<p><span class=\"h-card\"><a href=\"x\" class=\"u-url mention\">@<span>anna</span></a></span> hi #News</p>",
            "contentMap": { "en": "<p>hi</p>" },
            "attachment": [],
            "tag": [
                { "type": "Mention", "href": self.anna_uri, "name": "@anna@here.example" },
                { "type": "Hashtag", "href": self.peer.at("/tags/news"), "name": "#News" },
            ],
            "replies": {
                "id": format!("{id}/replies"), "type": "Collection",
                "first": { "type": "CollectionPage", "next": format!("{id}/replies?page=true"), "partOf": format!("{id}/replies"), "items": [] },
            },
        })
    }
}

#[actix_web::test]
async fn mastodon_posts_edits_and_deletes() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        let note = scene.mastodon_note("1");
        let uri = note["id"].as_str().unwrap().to_owned();
        let create = json!({
            "@context": ["https://www.w3.org/ns/activitystreams", { "ostatus": "http://ostatus.org#" }],
            "id": format!("{uri}/activity"), "type": "Create", "actor": scene.ann(), "published": note["published"],
            "to": note["to"], "cc": note["cc"], "object": note,
            "signature": { "type": "RsaSignature2017", "creator": scene.ann_key(), "created": "2026-01-05T10:00:00Z", "signatureValue": "eA==" },
        });
        scene.accepted(&create).await;
        let row = scene.stored(uri.clone()).await.unwrap();
        assert_eq!(row.audience().unwrap(), Audience::Network);
        assert_eq!((row.language.as_str(), row.url.as_str()), ("en", scene.peer.at("/@ann/1").as_str()));
        assert!(row.content.contains("hi") && !row.content.contains("<script"), "{}", row.content);
        let mut edited = scene.mastodon_note("1");
        edited["content"] = json!("<p>edited</p>");
        edited["updated"] = json!("2026-01-05T10:05:00Z");
        let update = json!({
            "@context": "https://www.w3.org/ns/activitystreams", "id": format!("{uri}#updates/1"), "type": "Update",
            "actor": scene.ann(), "published": "2026-01-05T10:05:00Z", "to": edited["to"], "cc": edited["cc"], "object": edited,
        });
        scene.accepted(&update).await;
        assert_eq!(scene.stored(uri.clone()).await.unwrap().content, "<p>edited</p>");
        let delete = json!({
            "@context": ["https://www.w3.org/ns/activitystreams", { "atomUri": "ostatus:atomUri" }], "id": format!("{uri}#delete"),
            "type": "Delete", "actor": scene.ann(), "to": [PUBLIC], "object": { "id": uri, "type": "Tombstone", "atomUri": uri },
        });
        scene.accepted(&delete).await;
        assert!(scene.stored(uri.clone()).await.unwrap().is_deleted());
        // A Create that was overtaken by its Delete, under another activity's id.
        let mut late = create.clone();
        late["id"] = json!(format!("{uri}/activity/late"));
        scene.accepted(&late).await;
        assert!(scene.stored(uri).await.unwrap().is_deleted());
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn mastodon_audiences_are_read_from_their_addresses() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let followers = format!("{}/followers", scene.ann());
    let table = [
        (json!([PUBLIC]), json!([followers]), Audience::Network),
        (json!([followers]), json!([PUBLIC, scene.anna_uri]), Audience::Network),
        (json!([followers]), json!([scene.anna_uri]), Audience::Followers),
        (json!([scene.anna_uri]), json!([]), Audience::Named),
        (json!("as:Public"), json!(scene.anna_uri), Audience::Network),
    ];
    for (number, (to, cc, audience)) in table.into_iter().enumerate() {
        let mut note = scene.mastodon_note(&format!("a{number}"));
        (note["to"], note["cc"]) = (to, cc);
        let uri = note["id"].as_str().unwrap().to_owned();
        scene.accepted(&scene.activity("Create", &number.to_string(), json!({ "object": note }))).await;
        let row = scene.stored(uri).await;
        // A public post that names nobody here and whose author nobody follows is not kept.
        match (number, row) {
            (_, Some(row)) => assert_eq!(row.audience().unwrap(), audience, "{number}"),
            (0, None) => panic!("it mentions someone here"),
            (number, None) => panic!("{number} is not there"),
        }
    }
    scene.peer.stop().await;
}

#[actix_web::test]
async fn follows_are_accepted_in_each_dialect() {
    for dialect in ["mastodon", "gotosocial", "mitra", "bare"] {
        let scene = Scene::on(TestDatabase::sqlite()).await;
        let uri = scene.ask().await;
        let object = match dialect {
            // The whole Follow.
            "mastodon" | "gotosocial" => {
                json!({ "id": uri, "type": "Follow", "actor": scene.anna_uri, "object": scene.ann() })
            }
            // Its address alone.
            "mitra" => json!(uri),
            // Not even that: only its two ends.
            _ => json!({ "type": "Follow", "actor": scene.anna_uri, "object": scene.ann() }),
        };
        let mut accept = scene.activity("Accept", "1", json!({ "object": object }));
        if dialect == "gotosocial" {
            accept["to"] = json!(scene.anna_uri);
        }
        scene.accepted(&accept).await;
        let (anna, ann) = (scene.id(scene.anna_uri.clone()).await, scene.id(scene.ann()).await);
        let row = scene.node.database.store.read(move |tx| follows::find_pair(tx, anna, ann)).await.unwrap().unwrap();
        assert!(row.accepted, "{dialect}");
        scene.accepted(&scene.activity("Reject", "1", json!({ "object": object }))).await;
        let row = scene.node.database.store.read(move |tx| follows::find_pair(tx, anna, ann)).await.unwrap();
        assert!(row.is_none(), "{dialect}");
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn likes_boosts_and_their_ends_are_understood_inline_and_by_address() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        let post = scene.local_post().await;
        let like = scene.activity("Like", "1", json!({ "object": post.uri }));
        scene.accepted(&like).await;
        let boost = scene.activity("Announce", "1", json!({
            "object": post.uri, "published": "2026-01-05T10:00:00Z", "to": [PUBLIC], "cc": [scene.anna_uri, format!("{}/followers", scene.ann())],
        }));
        scene.accepted(&boost).await;
        let row = scene.stored(post.uri.clone()).await.unwrap();
        assert_eq!((row.favourites_count, row.boosts_count), (1, 1));
        let id = post.id();
        let ann = scene.id(scene.ann()).await;
        let favourite = scene.node.database.store.read(move |tx| favourites::find(tx, ann, id)).await.unwrap().unwrap();
        assert_eq!(json!(favourite.uri), like["id"]);
        // Mastodon sends the whole activity, others only its address.
        scene.accepted(&scene.activity("Undo", "like", json!({ "object": like }))).await;
        scene.accepted(&scene.activity("Undo", "boost", json!({ "object": boost["id"] }))).await;
        let row = scene.stored(post.uri.clone()).await.unwrap();
        assert_eq!((row.favourites_count, row.boosts_count), (0, 0));
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn a_boost_of_something_unknown_is_fetched_for_a_follower_alone() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let note = scene.mastodon_note("boosted");
    let uri = note["id"].as_str().unwrap().to_owned();
    scene.peer.put("/users/ann/statuses/boosted", crate::testing::Page::document(&note));
    let boost = |name: &str| scene.activity("Announce", name, json!({ "object": uri, "to": [PUBLIC], "cc": [] }));
    scene.accepted(&boost("early")).await;
    assert!(scene.stored(uri.clone()).await.is_none(), "nobody here follows her");
    let follow = scene.ask().await;
    scene.accepted(&scene.activity("Accept", "1", json!({ "object": follow }))).await;
    scene.accepted(&boost("late")).await;
    assert_eq!(scene.stored(uri.clone()).await.unwrap().boosts_count, 1);
    let anna = corridor_app::accounts::viewer_by_username(&scene.node.node.ctx, "anna").await.unwrap();
    let home = timelines::home(&scene.node.node.ctx, &anna, Part::newest(10)).await.unwrap().items;
    assert!(home.iter().any(|post| post.boost_of.is_some()), "{home:?}");
    scene.peer.stop().await;
}

#[actix_web::test]
async fn profiles_change_and_people_leave() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    scene.accepted(&scene.follow("1")).await;
    let mut person = scene.peer.person("ann");
    person["name"] = json!("Ann the Second");
    person["preferredUsername"] = json!("ann2");
    person["updated"] = json!("2099-01-01T00:00:00Z");
    let update = scene.activity("Update", "1", json!({ "to": [PUBLIC], "object": person }));
    scene.accepted(&update).await;
    let uri = scene.ann();
    let row = scene.node.database.store.read(move |tx| actors::find_by_uri(tx, &uri)).await.unwrap().unwrap();
    assert_eq!((row.display_name.as_str(), row.username.as_str()), ("Ann the Second", "ann2"));
    let old = Handle::parse(&format!("@ann@{}", scene.peer.authority)).unwrap();
    let anna = corridor_app::accounts::viewer_by_username(&scene.node.node.ctx, "anna").await.unwrap();
    let found = corridor_app::people::lookup(&scene.node.node.ctx, &anna, &old, false).await.unwrap();
    assert_eq!(found.uri, scene.ann(), "the old handle still leads to her");
    let delete = scene.activity("Delete", "1", json!({ "to": [PUBLIC], "object": scene.ann() }));
    scene.accepted(&delete).await;
    let uri = scene.ann();
    let row = scene.node.database.store.read(move |tx| actors::find_by_uri(tx, &uri)).await.unwrap().unwrap();
    assert!(row.deleted_at.is_some());
    scene.peer.stop().await;
}

#[actix_web::test]
async fn votes_and_other_kinds_of_things_are_no_posts() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let post = scene.local_post().await;
    let vote = json!({
        "id": scene.peer.at("/votes/1"), "type": "Note", "name": "Yes", "attributedTo": scene.ann(),
        "to": scene.anna_uri, "inReplyTo": post.uri,
    });
    let place = json!({ "id": scene.peer.at("/places/1"), "type": "Place", "attributedTo": [scene.ann()], "to": scene.anna_uri });
    for (name, object) in [("vote", vote), ("place", place)] {
        let uri = object["id"].as_str().unwrap().to_owned();
        scene.accepted(&scene.activity("Create", name, json!({ "object": object }))).await;
        assert!(scene.stored(uri).await.is_none(), "{name}");
    }
    assert_eq!(scene.stored(post.uri).await.unwrap().replies_count, 0);
    scene.peer.stop().await;
}
