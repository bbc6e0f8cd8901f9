//! Articles, pages, films and events as other programs publish them.

use corridor_store::posts::{self, PostKind, PostRow};

use super::*;

const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

impl Scene {
    /// Ann publishes something for everyone that names Anna; what is kept of it.
    async fn published(&self, name: &str, rest: Value) -> PostRow {
        let id = self.peer.at(&format!("/users/ann/things/{name}"));
        let mut object = json!({
            "id": id, "attributedTo": self.ann(), "to": [PUBLIC], "cc": [self.anna_uri],
            "published": "2026-01-05T10:00:00Z", "url": self.peer.at(&format!("/things/{name}")), "name": format!("The title of {name}"),
        });
        object.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        let create = self.activity("Create", name, json!({ "to": [PUBLIC], "object": object }));
        assert_eq!(self.post(&create).await, (202, Value::Null), "{create}");
        self.node.database.store.read(move |tx| posts::find_by_uri(tx, &id)).await.unwrap().unwrap()
    }
}

#[actix_web::test]
async fn an_article_is_whole_where_it_is_short_and_a_way_there_where_it_is_long() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        let short = scene.published("short", json!({ "type": "Article", "content": "<h2>Head</h2><p>Body</p><script>x()</script>", "summary": "Of heads" })).await;
        assert_eq!((short.kind(), short.title.as_str()), (PostKind::Article, "The title of short"));
        assert!(short.content.contains("Head") && short.content.contains("Body") && !short.content.contains("x()"));
        assert_eq!(short.summary, "", "an extract is no content warning");
        let warned = scene
            .published(
                "warned",
                json!({ "type": "Article", "content": "<p>Body</p>", "summary": "Spiders", "sensitive": true }),
            )
            .await;
        assert_eq!(warned.summary, "Spiders");
        let words = format!("<p>{}</p>", "word ".repeat(2_000));
        let long = scene
            .published("long", json!({ "type": "Article", "content": words, "summary": "What it is about" }))
            .await;
        assert!(long.content.starts_with("<p>What it is about</p>"), "{}", long.content);
        assert!(long.content.contains(&scene.peer.at("/things/long")) && !long.content.contains("word word"));
        assert_eq!(long.title, "The title of long");
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn what_is_shown_elsewhere_has_its_title_its_words_and_the_way_there() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    for kind in ["Audio", "Event", "Image", "Page", "Video"] {
        let row = scene.published(kind, json!({ "type": kind, "content": "<p>Its words</p>" })).await;
        assert_eq!((row.kind(), row.title), (PostKind::Article, format!("The title of {kind}")));
        assert!(row.content.contains("Its words") && row.content.contains(&scene.peer.at(&format!("/things/{kind}"))));
    }
    // PeerTube: two to whom it is attributed, and its words in Markdown.
    let channel =
        json!([{ "type": "Person", "id": scene.ann() }, { "type": "Group", "id": scene.peer.at("/channels/1") }]);
    let film = json!({ "type": "Video", "attributedTo": channel, "mediaType": "text/markdown", "content": "1 < 2 <b>\n\nA second paragraph" });
    let row = scene.published("film", film).await;
    assert!(
        row.content.contains("1 &lt; 2 &lt;b&gt;") && row.content.contains("A second paragraph"),
        "{}",
        row.content
    );
    let two = json!([{ "type": "Person", "id": scene.ann() }, { "type": "Person", "id": scene.peer.at("/users/bob") }]);
    let object =
        json!({ "id": scene.peer.at("/users/ann/things/two"), "type": "Video", "attributedTo": two, "to": [PUBLIC] });
    assert_eq!(
        scene.post(&scene.activity("Create", "two", json!({ "object": object }))).await.0,
        400,
        "two authors are nobody's word"
    );
    let place = json!({ "id": scene.peer.at("/users/ann/things/place"), "type": "Place", "attributedTo": scene.ann(), "to": [PUBLIC] });
    assert_eq!(
        scene.post(&scene.activity("Create", "place", json!({ "object": place }))).await.0,
        202,
        "noted, and no more"
    );
    scene.peer.stop().await;
}
