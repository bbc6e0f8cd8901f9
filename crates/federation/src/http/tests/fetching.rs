//! People and posts that are looked up: believed only from their own host, and never without end.

use corridor_app::{Error as AppError, Found, Remote};
use corridor_domain::text::Handle;
use corridor_domain::{ActorId, Authority, PostId};
use corridor_store::{actors, posts};
use reqwest::Url;

use super::*;
use crate::testing::Page;

impl Scene {
    fn jrd(&self, name: &str, href: &str) {
        let resource = format!("acct:{name}@{}", self.peer.authority);
        let query: String = url::form_urlencoded::byte_serialize(resource.as_bytes()).collect();
        let jrd = json!({
            "subject": resource,
            "links": [
                { "rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": self.peer.at("/@ann") },
                { "rel": "self", "type": "application/activity+json", "href": href },
            ],
        });
        let page = Page { kind: "application/jrd+json; charset=utf-8", ..Page::document(&jrd) };
        self.peer.put(&format!("/.well-known/webfinger?resource={query}"), page);
    }

    async fn resolve(&self, name: &str) -> Result<ActorId, AppError> {
        let handle = Handle::parse(&format!("@{name}@{}", self.peer.authority)).unwrap();
        let host: Authority = handle.host.clone().unwrap();
        self.node.node.resolve_handle(&handle, &host).await
    }

    async fn look_up(&self, path: &str) -> Result<Found, AppError> {
        self.node.node.resolve_uri(&Url::parse(&self.peer.at(path)).unwrap()).await
    }

    fn note(&self, name: &str, parent: Option<&str>) -> Value {
        json!({
            "id": self.peer.at(&format!("/posts/{name}")),
            "type": "Note",
            "attributedTo": self.ann(),
            "to": ["https://www.w3.org/ns/activitystreams#Public"],
            "cc": [format!("{}/followers", self.ann())],
            "content": format!("<p>{name}</p>"),
            "published": "2026-01-01T00:00:00Z",
            "inReplyTo": parent.map(|parent| self.peer.at(&format!("/posts/{parent}"))),
        })
    }

    fn put_note(&self, name: &str, parent: Option<&str>) {
        self.peer.put(&format!("/posts/{name}"), Page::document(&self.note(name, parent)));
    }

    async fn row(&self, id: PostId) -> corridor_store::posts::PostRow {
        self.node.database.store.read(move |tx| posts::find(tx, id)).await.unwrap()
    }
}

#[actix_web::test]
async fn a_handle_leads_to_a_person_and_back() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        scene.jrd("ann", &scene.ann());
        let id = scene.resolve("ann").await.unwrap();
        let row = scene.node.database.store.read(move |tx| actors::find(tx, id)).await.unwrap();
        assert_eq!((row.username.as_str(), row.host.as_str()), ("ann", scene.peer.authority.as_str()));
        assert_eq!((row.display_name.as_str(), row.summary.as_str()), ("Ann of Elsewhere", "<p>Hello</p>"));
        assert!(row.fields.contains("Building") && row.fields.contains("North"), "{}", row.fields);
        // A former name leads to the same person, because the present one does.
        scene.jrd("annie", &scene.ann());
        assert_eq!(scene.resolve("annie").await.unwrap(), id);
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn a_handle_that_leads_astray_is_not_followed() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    assert!(matches!(scene.resolve("nobody").await, Err(AppError::NotFound(_))));
    scene.jrd("ann", "http://127.0.0.9/users/ann");
    assert!(matches!(scene.resolve("ann").await, Err(AppError::Peer(_))));
    scene.jrd("ann", "javascript:alert(1)");
    assert!(scene.resolve("ann").await.is_err());
    // Bob's handle leads to Ann, whose own name leads elsewhere.
    scene.jrd("bob", &scene.ann());
    scene.jrd("ann", &scene.peer.at("/users/eve"));
    assert!(matches!(scene.resolve("bob").await, Err(AppError::Peer(_))));
    let stranger = Handle::parse("@ann@127.0.0.9").unwrap();
    let refused = scene.node.node.resolve_handle(&stranger, stranger.host.as_ref().unwrap()).await;
    assert!(matches!(refused, Err(AppError::Refused(_))), "{refused:?}");
    let uri = scene.ann();
    assert!(scene.node.database.store.read(move |tx| actors::find_by_uri(tx, &uri)).await.unwrap().is_none());
    scene.peer.stop().await;
}

#[actix_web::test]
async fn a_post_comes_with_its_author_and_the_thread_above_it() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        scene.put_note("top", None);
        scene.put_note("middle", Some("top"));
        scene.put_note("low", Some("middle"));
        let Found::Post(id) = scene.look_up("/posts/low").await.unwrap() else { panic!("no post") };
        let (low, uri) = (scene.row(id).await, scene.peer.at("/posts/top"));
        let top = scene.node.database.store.read(move |tx| posts::find_by_uri(tx, &uri)).await.unwrap().unwrap();
        assert_eq!(low.thread_id, top.id, "replies found their parents");
        assert_eq!(top.replies_count, 1);
        // A second time nothing is fetched.
        let before = scene.peer.hits("/posts/low");
        assert_eq!(scene.look_up("/posts/low").await.unwrap(), Found::Post(id));
        assert_eq!(scene.peer.hits("/posts/low"), before);
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn an_endless_thread_ends() {
    let limits = Limits { fetches: 12, ancestors: 5, ..Limits::default() };
    let scene = Scene::with(TestDatabase::sqlite(), limits).await;
    for number in 0..30 {
        scene.put_note(&number.to_string(), Some(&(number + 1).to_string()));
    }
    assert!(matches!(scene.look_up("/posts/0").await, Ok(Found::Post(_))));
    let fetched = (0..30).filter(|number| scene.peer.hits(&format!("/posts/{number}")) > 0).count();
    assert_eq!(fetched, 6, "itself and five above");
    // A ring.
    scene.put_note("a", Some("b"));
    scene.put_note("b", Some("a"));
    assert!(matches!(scene.look_up("/posts/a").await, Ok(Found::Post(_))));
    assert_eq!((scene.peer.hits("/posts/a"), scene.peer.hits("/posts/b")), (1, 1));
    scene.peer.stop().await;
}

#[actix_web::test]
async fn a_page_for_people_leads_to_what_it_shows_and_nothing_else() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    scene.put_note("real", None);
    scene.peer.put("/@ann/real", Page::document(&scene.note("real", None)));
    assert!(matches!(scene.look_up("/@ann/real").await, Ok(Found::Post(_))));
    assert_eq!(scene.peer.hits("/posts/real"), 1, "it was asked for under its own address");
    scene.put_note("other", None);
    let mut foreign = scene.note("foreign", None);
    foreign["id"] = json!("http://127.0.0.9/posts/foreign");
    scene.peer.put("/posts/foreign", Page::document(&foreign));
    assert!(scene.look_up("/posts/foreign").await.is_err());
    let mut of_another_host = scene.note("stolen", None);
    of_another_host["attributedTo"] = json!("http://127.0.0.9/users/ann");
    scene.peer.put("/posts/stolen", Page::document(&of_another_host));
    assert!(scene.look_up("/posts/stolen").await.is_err());
    // One hop on the same host is fine; a second one is not.
    let hop = |to: &str| Page { status: 302, kind: "", body: Vec::new(), location: Some(to.to_owned()) };
    scene.peer.put("/short/1", hop("/posts/real"));
    scene.peer.put("/short/2", hop("/short/1"));
    assert!(matches!(scene.look_up("/short/1").await, Ok(Found::Post(_))));
    assert!(scene.look_up("/short/2").await.is_err());
    scene.peer.stop().await;
}

#[actix_web::test]
async fn a_reply_that_arrives_brings_its_thread() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        scene.put_note("question", None);
        let mut reply = scene.note("answer", Some("question"));
        reply["to"] = json!([scene.anna_uri]);
        let create = scene.activity("Create", "1", json!({ "object": reply }));
        assert_eq!(scene.post(&create).await, (202, Value::Null));
        let until = std::time::Instant::now() + std::time::Duration::from_secs(10);
        loop {
            let uri = scene.peer.at("/posts/answer");
            let answer = scene.node.database.store.read(move |tx| posts::find_by_uri(tx, &uri)).await.unwrap().unwrap();
            if answer.in_reply_to_id.is_some() {
                break;
            }
            assert!(std::time::Instant::now() < until, "the parent was never fetched");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn the_domain_of_handles_says_where_its_people_are_and_speaks_for_nobody() {
    for database in TestDatabase::each() {
        let (node, peer, domain) =
            (TestNode::on(database, Limits::default()).await, TestPeer::start(), TestPeer::start());
        node.allow_with_domain(&peer.authority, &domain.authority).await;
        let handle = Handle::parse(&format!("@ann@{}", domain.authority)).unwrap();
        let query: String =
            url::form_urlencoded::byte_serialize(format!("acct:ann@{}", domain.authority).as_bytes()).collect();
        let link = json!({ "rel": "self", "type": "application/activity+json", "href": peer.at("/users/ann") });
        let jrd = json!({ "subject": format!("acct:ann@{}", domain.authority), "links": [link] });
        let page = Page { kind: "application/jrd+json", ..Page::document(&jrd) };
        domain.put(&format!("/.well-known/webfinger?resource={query}"), page);
        let host = handle.host.clone().unwrap();
        node.node.resolve_handle(&handle, &host).await.unwrap();

        // It has an actor of its own, with a key; neither is looked at.
        let there = domain.at("/users/ann");
        let looked_up = node.node.resolve_uri(&Url::parse(&there).unwrap()).await;
        assert!(matches!(looked_up, Err(AppError::Refused(_))), "{looked_up:?}");
        let activity = json!({
            "id": format!("{there}#likes/1"), "type": "Like", "actor": there, "object": node.node.ctx.settings.addresses.federation_url("/posts/1"),
        });
        let body = activity.to_string().into_bytes();
        let headers = domain.signed(&node, "/inbox", &format!("{there}#main-key"), &body);
        let scene = Scene { anna_uri: String::new(), node, peer };
        let refused = scene.send("/inbox", headers, &body).await;
        assert_eq!(code(&refused), (403, "not-listed"), "{refused:?}");
        assert_eq!(domain.hits("/users/ann"), 0, "nothing but WebFinger is asked of it");
        domain.stop().await;
        scene.peer.stop().await;
    }
}
