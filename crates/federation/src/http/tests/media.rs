//! Pictures that a peer sends: judged by what they are, from its own address alone, and never a reason to lose a post.

use corridor_app::media::{Rendition, open_for_viewer};
use corridor_app::{Error as AppError, MediaView, posts};
use corridor_domain::PostId;

use super::*;
use crate::testing::Page;

/// One pixel.
const PNG: &[u8] = b"\x89\x50\x4e\x47\x0d\x0a\x1a\x0a\x00\x00\x00\x0d\x49\x48\x44\x52\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89\x00\x00\x00\x0d\x49\x44\x41\x54\x78\x9c\x63\xf8\xcf\xc0\xf0\x1f\x00\x05\x00\x01\xff\x89\x99\x3d\x1d\x00\x00\x00\x00\x49\x45\x4e\x44\xae\x42\x60\x82";

impl Scene {
    fn serve(&self, path: &str, kind: &'static str, body: &[u8]) {
        self.peer.put(path, Page { status: 200, kind, body: body.to_vec(), location: None });
    }

    /// Takes in a post of Ann with these attachments; what is shown of them.
    async fn shown(&self, name: &str, attachments: Value) -> Vec<MediaView> {
        let note = json!({
            "id": self.peer.at(&format!("/posts/{name}")),
            "type": "Note",
            "attributedTo": self.ann(),
            "to": ["https://www.w3.org/ns/activitystreams#Public", self.anna_uri.clone()],
            "content": "<p>Look</p>",
            "attachment": attachments,
        });
        let (status, body) = self.post(&self.activity("Create", name, json!({ "object": note.clone() }))).await;
        assert_eq!(status, 202, "a picture is never a reason to refuse a post: {body}");
        let uri = note["id"].as_str().unwrap().to_owned();
        let row = self.node.database.store.read(move |tx| corridor_store::posts::find_by_uri(tx, &uri)).await;
        let id = PostId::new(row.unwrap().expect("the post is here").id);
        posts::show(&self.node.node.ctx, &self.anna().await, id).await.unwrap().media
    }

    /// Whether a reader here gets to see it.
    async fn opens(&self, view: &MediaView) -> bool {
        match open_for_viewer(&self.node.node.ctx, &self.anna().await, view.id, Rendition::Original).await {
            Ok(_) => true,
            Err(AppError::NotFound(_)) => false,
            Err(other) => panic!("{other}"),
        }
    }

    fn image(&self, path: &str) -> Value {
        json!({ "type": "Document", "mediaType": "image/png", "url": self.peer.at(path), "name": "Alt" })
    }
}

#[actix_web::test]
async fn a_peers_picture_is_fetched_once_and_signed() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        scene.serve("/media/a.png", "application/octet-stream", PNG);
        let shown = scene.shown("a", json!([scene.image("/media/a.png")])).await;
        assert_eq!((shown.len(), shown[0].description.as_str()), (1, "Alt"));
        for _ in 0..3 {
            assert!(scene.opens(&shown[0]).await, "the type that the peer says counts for nothing");
        }
        assert_eq!(scene.peer.hits("/media/a.png"), 1);
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn hostile_032_pictures_that_lie_elsewhere_are_left_out() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let other = TestPeer::start();
    scene.node.allow(&other.authority).await;
    scene.serve("/media/own.png", "image/png", PNG);
    let elsewhere = |url: String| json!({ "type": "Image", "url": url });
    let shown = scene
        .shown(
            "a",
            json!([
                elsewhere(other.at("/media/a.png")),
                elsewhere("http://127.0.0.1:9/a.png".to_owned()),
                elsewhere("file:///etc/passwd".to_owned()),
                elsewhere(format!("http://x@{}/a.png", scene.peer.authority)),
                elsewhere(format!("http://{}@127.0.0.1:9/a.png", scene.peer.authority)),
                elsewhere(scene.node.node.ctx.settings.addresses.federation_url("/media/1/original")),
                scene.image("/media/own.png"),
                scene.image("/media/own.png"),
            ]),
        )
        .await;
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert!(shown[0].remote_url.as_ref().unwrap().ends_with("/media/own.png"));
    assert!(scene.opens(&shown[0]).await);
    assert_eq!(other.hits("/media/a.png"), 0);
    let many: Vec<Value> = (0..100).map(|number| scene.image(&format!("/media/{number}.png"))).collect();
    assert_eq!(scene.shown("b", json!(many)).await.len(), 16, "as many as are kept");
    scene.peer.stop().await;
    other.stop().await;
}

#[actix_web::test]
async fn hostile_056_what_is_no_picture_shows_its_words_alone() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let huge = vec![b'x'; scene.node.node.ctx.settings.media.max_bytes + 1];
    let mut bomb = PNG.to_vec();
    bomb.splice(16..24, [0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30]);
    for (name, kind, body) in [
        ("svg", "image/svg+xml", &b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"[..]),
        ("html", "image/png", b"<!doctype html><script>alert(1)</script>"),
        ("actor", "image/png", br#"{"type":"Person"}"#),
        ("cut", "image/png", &PNG[..50]),
        ("bomb", "image/png", &bomb),
        ("huge", "image/png", &huge),
        ("empty", "image/png", b""),
    ] {
        let path = format!("/media/{name}.png");
        scene.serve(&path, kind, body);
        let shown = scene.shown(name, json!([scene.image(&path)])).await;
        let opened = scene.opens(&shown[0]).await;
        // JSON is plain text, which may be handed out for download, as text and nothing else.
        assert_eq!(opened, name == "actor", "{name}");
        let hits = scene.peer.hits(&path);
        scene.opens(&shown[0]).await;
        assert_eq!(scene.peer.hits(&path), hits, "{name} is not asked for again at once");
    }
    let shown = scene.shown("missing", json!([scene.image("/media/none.png")])).await;
    assert!(!scene.opens(&shown[0]).await);
    scene.peer.stop().await;
}

#[actix_web::test]
async fn hostile_012_a_picture_is_not_followed_to_another_host() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let other = TestPeer::start();
    scene.node.allow(&other.authority).await;
    other.put("/a.png", Page { status: 200, kind: "image/png", body: PNG.to_vec(), location: None });
    scene.serve("/media/near.png", "image/png", PNG);
    let redirect = |to: String| Page { status: 302, kind: "", body: Vec::new(), location: Some(to) };
    scene.peer.put("/media/away.png", redirect(other.at("/a.png")));
    scene.peer.put("/media/moved.png", redirect("/media/near.png".to_owned()));
    scene.peer.put("/media/round.png", redirect("/media/round.png".to_owned()));
    for (path, opens) in [("/media/away.png", false), ("/media/round.png", false), ("/media/moved.png", true)] {
        let shown = scene.shown(&path[7..], json!([scene.image(path)])).await;
        assert_eq!(scene.opens(&shown[0]).await, opens, "{path}");
    }
    assert_eq!(other.hits("/a.png"), 0);
    scene.peer.stop().await;
    other.stop().await;
}

#[actix_web::test]
async fn odd_attachments_do_not_keep_a_post_out() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    for (number, odd) in [
        json!("text"),
        json!(7),
        json!(null),
        json!({ "type": "Image" }),
        json!([{ "type": "Image", "url": { "type": "Link" } }, [], { "url": "x" }]),
        json!([{ "type": "PropertyValue", "name": "a", "value": "b" }]),
    ]
    .into_iter()
    .enumerate()
    {
        assert!(scene.shown(&format!("odd{number}"), odd).await.is_empty());
    }
    let told = json!([{ "type": "Image", "url": scene.peer.at("/x.png"), "name": "a\u{0}b\u{202e}c <script>".repeat(500),
        "blurhash": "<script>\u{0}".repeat(300), "mediaType": "image/\u{0}png", "width": 4_000_000_000_u64, "height": 1 }]);
    let shown = scene.shown("told", told).await;
    assert!(shown[0].description.chars().count() <= 1500 && !shown[0].description.contains(['\0', '\u{202e}']));
    assert!(shown[0].blurhash.len() <= 100 && !shown[0].mime.contains('\0'));
    assert_eq!((shown[0].width, shown[0].height), (0, 0));
    scene.peer.stop().await;
}
