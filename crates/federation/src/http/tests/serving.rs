//! What a peer may read: single things, collections, names; who must sign, and what nobody may tell apart.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use actix_web::HttpServer;
use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use corridor_app::PostView;
use corridor_app::posts::{Draft, delete, publish};
use corridor_domain::{ActivityId, Audience, Marking, PostId};
use corridor_store::activities::Activity;
use corridor_store::{activities, actors};
use url::Url;

use super::*;
use crate::signature::{Form, KeyKind, PrivateKey, RequestView, sign};
use crate::testing::OWN;

const ACTIVITY: &str = "application/activity+json";
const PUBLIC: &str = "https://www.w3.org/ns/activitystreams#Public";

struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Value,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// All that someone outside can tell.
    fn seen(&self) -> (u16, String, String) {
        (self.status, self.header("location").to_owned(), self.body.to_string())
    }
}

fn signed_by(key: &PrivateKey, key_id: &str, method: &Method, path: &str, now: i64) -> Vec<(&'static str, String)> {
    let url = Url::parse(&format!("http://{OWN}{path}")).unwrap();
    sign(Form::Cavage, &RequestView::to_url(method.as_str(), &url), None, key_id, key, now).unwrap()
}

impl Scene {
    async fn answer(&self, request: TestRequest) -> Answer {
        let node = self.node.node.clone();
        let app = init_service(App::new().configure(move |config| configure(config, node))).await;
        let response = call_service(&app, request.to_request()).await;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = serde_json::from_slice(&read_body(response).await).unwrap_or(Value::Null);
        Answer { status, headers, body }
    }

    fn signed_request(&self, method: Method, path: &str) -> TestRequest {
        let now = self.node.node.ctx.now().millis();
        let headers = signed_by(&self.peer.key, &self.ann_key(), &method, path, now);
        let request = TestRequest::default().method(method).uri(path).insert_header(("accept", ACTIVITY));
        headers.into_iter().fold(request, |request, header| request.insert_header(header))
    }

    /// What the peer gets.
    async fn get(&self, path: &str) -> Answer {
        self.answer(self.signed_request(Method::GET, path)).await
    }

    /// What someone gets who does not sign.
    async fn get_unsigned(&self, path: &str, accept: &str) -> Answer {
        self.answer(TestRequest::get().uri(path).insert_header(("host", OWN)).insert_header(("accept", accept))).await
    }

    async fn publish(&self, audience: Audience, marking: Marking, reply_to: Option<PostId>) -> PostView {
        let draft = Draft {
            text: "Said **here**".to_owned(),
            audience: Some(audience),
            marking: Some(marking),
            handling: Some("Do not forward".to_owned()),
            in_reply_to: reply_to,
            ..Draft::default()
        };
        publish(&self.node.node.ctx, &self.anna().await, draft).await.unwrap()
    }

    async fn delete(&self, post: PostId) {
        delete(&self.node.node.ctx, &self.anna().await, post).await.unwrap();
    }

    /// One post of each kind that must stay hidden from a peer with no follower and the lowest ceiling.
    async fn hidden(&self) -> [PostId; 3] {
        [
            self.publish(Audience::Department, Marking::LOWEST, None).await.id,
            self.publish(Audience::Followers, Marking::LOWEST, None).await.id,
            self.publish(Audience::Network, Marking::from_rank(1), None).await.id,
        ]
    }

    fn anna_path(&self) -> String {
        path(&self.anna_uri)
    }

    async fn change_anna(&self, change: fn(&mut actors::ActorRow)) {
        let id = self.anna().await.id;
        let store = &self.node.database.store;
        let changed = store.write(move |tx| {
            let mut row = actors::find(tx, id)?;
            change(&mut row);
            actors::update(tx, &row)
        });
        changed.await.unwrap();
    }
}

fn path(uri: &str) -> String {
    Url::parse(uri).unwrap().path().to_owned()
}

#[actix_web::test]
async fn every_door_but_those_that_say_so_wants_a_signature() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let post = scene.publish(Audience::Network, Marking::LOWEST, None).await;
    let (person, post) = (scene.anna_path(), path(&post.uri));
    let mut shut: Vec<String> =
        ["", "/outbox", "/outbox?page=true", "/followers", "/following", "/featured", "/nothing"]
            .iter()
            .map(|name| format!("{person}{name}"))
            .collect();
    shut.extend([post.clone(), format!("{post}/replies"), "/posts/1".to_owned(), "/activities/1".to_owned()]);
    shut.extend(["/actor/outbox".to_owned(), "/actor/followers".to_owned()]);
    for path in shut {
        let answer = scene.get_unsigned(&path, ACTIVITY).await;
        assert_eq!((answer.status, answer.body["code"].as_str()), (401, Some("signature_missing")), "{path}");
    }
    let finger = format!("/.well-known/webfinger?resource=acct:anna@{OWN}");
    for path in ["/actor", &finger, "/.well-known/nodeinfo", "/nodeinfo/2.1", "/.well-known/host-meta"] {
        assert_eq!(scene.get_unsigned(path, ACTIVITY).await.status, 200, "{path}");
    }
    scene.peer.stop().await;
}

#[actix_web::test]
async fn a_peer_reads_what_is_for_it_and_nothing_else_is_there() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        let open = scene.publish(Audience::Network, Marking::LOWEST, None).await;
        let reply = scene.publish(Audience::Network, Marking::LOWEST, Some(open.id)).await;
        let secret = scene.publish(Audience::Department, Marking::LOWEST, Some(open.id)).await;
        let note = scene.get(&path(&open.uri)).await;
        assert_eq!(note.status, 200);
        assert_eq!((note.header("content-type"), note.header("cache-control")), (ACTIVITY, "private, no-store"));
        assert!(note.header("vary").contains("Accept"));
        assert_eq!((&note.body["id"], &note.body["to"]), (&json!(open.uri), &json!([PUBLIC])));
        let replies = scene.get(&format!("{}/replies", path(&open.uri))).await.body;
        assert_eq!((&replies["type"], &replies["totalItems"]), (&json!("Collection"), &json!(1)), "{replies}");
        assert_eq!(replies["items"], json!([reply.uri]), "the department's answer is not among them: {}", secret.uri);
        let absent = scene.get("/posts/1").await.seen();
        assert_eq!(absent.0, 404);
        for post in scene.hidden().await {
            assert_eq!(scene.get(&format!("/posts/{post}")).await.seen(), absent, "what is hidden looks absent");
            assert_eq!(scene.get(&format!("/posts/{post}/replies")).await.seen(), absent);
        }
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn a_deleted_post_leaves_a_tombstone_for_those_who_could_read_it() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        let open = scene.publish(Audience::Network, Marking::LOWEST, None).await;
        let hidden = scene.hidden().await;
        scene.delete(open.id).await;
        let gone = scene.get(&path(&open.uri)).await;
        assert_eq!(gone.status, 410, "nobody was told of it, but this peer may have fetched it: {}", gone.body);
        assert_eq!((&gone.body["type"], &gone.body["id"]), (&json!("Tombstone"), &json!(open.uri)));
        assert!(gone.body["deleted"].is_string() && !gone.body.to_string().contains("Said"), "{}", gone.body);
        for post in hidden {
            scene.delete(post).await;
            assert_eq!(scene.get(&format!("/posts/{post}")).await.status, 404, "it never was this peer's to read");
        }
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn someone_who_left_is_a_tombstone_and_has_no_name_any_more() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    assert_eq!(scene.get(&scene.anna_path()).await.body["preferredUsername"], json!("anna"));
    scene.change_anna(|row| row.deleted_at = Some(1)).await;
    let gone = scene.get(&scene.anna_path()).await;
    assert_eq!((gone.status, &gone.body["type"]), (410, &json!("Tombstone")));
    assert!(!gone.body.to_string().contains("anna"), "{}", gone.body);
    assert_eq!(scene.get(&format!("{}/outbox", scene.anna_path())).await.status, 404);
    scene.peer.stop().await;
}

#[actix_web::test]
async fn collections_are_filtered_for_the_peer_before_they_are_counted() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        let open = scene.publish(Audience::Network, Marking::LOWEST, None).await;
        scene.hidden().await;
        let here = scene.node.person("ben").await;
        let options = corridor_app::follows::FollowOptions::default();
        let anna = scene.anna().await.id;
        corridor_app::follows::follow(&scene.node.node.ctx, &here, anna, options).await.unwrap();
        let of = |name: &str| format!("{}/{name}", scene.anna_path());
        let whole = scene.get(&of("outbox")).await.body;
        let uri = format!("{}/outbox", scene.anna_uri);
        assert_eq!(
            without_context(&whole),
            json!({
                "id": uri, "type": "OrderedCollection", "totalItems": 1, "first": format!("{uri}?page=true"),
            })
        );
        let page = scene.get(&of("outbox?page=true")).await.body;
        assert_eq!((&page["partOf"], &page["totalItems"]), (&json!(uri), &json!(1)));
        assert_eq!(page["orderedItems"].as_array().map(Vec::len), Some(1), "{page}");
        assert_eq!(page["orderedItems"][0]["object"]["id"], json!(open.uri));
        assert!(page["orderedItems"][0].get("@context").is_none() && page.get("next").is_none(), "{page}");
        assert_eq!(scene.get(&of("followers")).await.body["totalItems"], 0, "Ben is none of this peer's people");
        assert_eq!(scene.post(&scene.follow("1")).await.0, 202);
        let page = scene.get(&of("followers?page=true")).await.body;
        assert_eq!((&page["totalItems"], &page["orderedItems"]), (&json!(1), &json!([scene.ann()])));
        assert_eq!(scene.get(&of("outbox")).await.body["totalItems"], 2, "now that Ann follows, one more is for them");
        assert_eq!(scene.get(&of("following")).await.body["totalItems"], 0);
        assert_eq!(scene.get(&of("featured")).await.body["totalItems"], 0);
        assert_eq!(scene.get(&of("likes")).await.status, 404);
        scene.peer.stop().await;
    }
}

fn without_context(document: &Value) -> Value {
    let mut bare = document.clone();
    assert!(bare.as_object_mut().unwrap().remove("@context").is_some(), "{document}");
    bare
}

#[actix_web::test]
async fn an_activity_is_shown_with_its_bytes_to_whom_its_post_is_shown() {
    for database in TestDatabase::each() {
        let scene = Scene::on(database).await;
        let open = scene.publish(Audience::Network, Marking::LOWEST, None).await;
        let [department, ..] = scene.hidden().await;
        let author = scene.anna().await.id;
        for (number, post, status) in [(91, Some(open.id), 200), (92, Some(department), 404), (93, None, 404)] {
            let here = format!("/activities/{number}");
            let activity = Activity {
                id: ActivityId::new(number),
                uri: format!("http://{OWN}{here}"),
                actor: author,
                kind: "Create".to_owned(),
                post,
                audience: Audience::Network,
                marking: Marking::LOWEST,
                body: format!("{{ \"number\":{number} }}"),
                created_at: scene.node.node.ctx.now(),
            };
            let store = &scene.node.database.store;
            store.write(move |tx| activities::insert(tx, &activity)).await.unwrap();
            let answer = scene.get(&here).await;
            assert_eq!(answer.status, status, "{here}");
            if status == 200 {
                assert_eq!((answer.header("content-type"), &answer.body), (ACTIVITY, &json!({ "number": number })));
            }
        }
        scene.peer.stop().await;
    }
}

#[actix_web::test]
async fn people_are_sent_to_the_page_and_other_types_are_not_served() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let post = scene.publish(Audience::Network, Marking::LOWEST, None).await;
    let html = "text/html,application/xhtml+xml,*/*;q=0.8";
    let page = scene.get_unsigned(&scene.anna_path(), html).await;
    let anna = scene.anna().await.id;
    assert_eq!((page.status, page.header("location")), (303, &*format!("http://{OWN}/people/{anna}")));
    assert_eq!(page.header("vary"), "Accept");
    let hidden = scene.hidden().await[0];
    for id in [post.id, hidden, PostId::new(1)] {
        let page = scene.get_unsigned(&format!("/posts/{id}"), html).await;
        assert_eq!(page.status, 303);
        assert!(page.header("location").ends_with(&id.to_string()), "there or not, the answer is the same");
    }
    for accept in ["*/*", "application/json", "application/ld+json", "image/png"] {
        for path in [scene.anna_path(), path(&post.uri), "/actor".to_owned()] {
            let refused = scene.get_unsigned(&path, accept).await;
            assert_eq!((refused.status, refused.header("vary")), (406, "Accept"), "{accept} {path}");
        }
    }
    scene.peer.stop().await;
}

#[actix_web::test]
async fn the_way_to_a_page_tells_neither_a_name_nor_whether_there_is_one() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let anna = scene.anna().await.id.to_string();
    let leads = async |id: &str| {
        let (status, location, body) = scene.get_unsigned(&format!("/actors/{id}"), "text/html").await.seen();
        (status, location.replace(id, "{id}"), body)
    };
    let absent = leads("123456789").await;
    assert_eq!((absent.0, &*absent.1), (303, &*format!("http://{OWN}/people/{{id}}")));
    assert_eq!(leads(&anna).await, absent, "someone who is here");
    scene.change_anna(|row| row.suspended_at = Some(1)).await;
    assert_eq!(leads(&anna).await, absent, "someone suspended");
    scene.change_anna(|row| row.deleted_at = Some(1)).await;
    assert_eq!(leads(&anna).await, absent, "someone who left");
    scene.peer.stop().await;
}

#[actix_web::test]
async fn a_name_leads_to_its_actor() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let ask = |resource: String| format!("/.well-known/webfinger?resource={resource}");
    let found = scene.get_unsigned(&ask(format!("acct:anna@{OWN}")), "*/*").await;
    assert_eq!((found.status, found.header("content-type")), (200, "application/jrd+json; charset=utf-8"));
    let page = format!("http://{OWN}/@anna");
    let links = json!([
        { "rel": "self", "type": ACTIVITY, "href": scene.anna_uri },
        { "rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": page },
    ]);
    let link = |number: usize, name: &str| found.body["links"][number][name].clone();
    for (number, expected) in links.as_array().unwrap().iter().enumerate() {
        for name in ["rel", "type", "href"] {
            assert_eq!(link(number, name), expected[name], "{}", found.body);
        }
    }
    assert_eq!(found.body["subject"], json!(format!("acct:anna@{OWN}")));
    assert_eq!(found.body["aliases"], json!([scene.anna_uri, page]));
    // The node itself loops back too: Mastodon asks for its name before it believes the actor.
    let instance = scene.get_unsigned("/actor", ACTIVITY).await.body;
    let name = instance["preferredUsername"].as_str().unwrap().to_owned();
    let found = scene.get_unsigned(&ask(format!("acct:{name}@{OWN}")), "*/*").await;
    assert_eq!(found.body["links"][0]["href"], instance["id"]);
    assert_eq!(scene.get_unsigned(&ask(String::new()), "*/*").await.status, 400);
    scene.peer.stop().await;
}

#[actix_web::test]
async fn a_name_that_may_not_be_told_looks_like_none() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let ask = |resource: &str| format!("/.well-known/webfinger?resource={resource}");
    scene.change_anna(|row| row.suspended_at = Some(1)).await;
    let absent = scene.get_unsigned(&ask(&format!("acct:nobody@{OWN}")), "*/*").await.seen();
    assert_eq!(absent.0, 404);
    for resource in [&*format!("acct:anna@{OWN}"), "acct:anna@elsewhere.example", "acct:anna", &scene.anna_uri, "%00"] {
        assert_eq!(scene.get_unsigned(&ask(resource), "*/*").await.seen(), absent, "{resource}");
    }
    scene.peer.stop().await;
}

#[actix_web::test]
async fn who_signs_for_a_name_must_be_a_peer() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let path = format!("/.well-known/webfinger?resource=acct:anna@{OWN}");
    assert_eq!(scene.get(&path).await.status, 200);
    let stranger = PrivateKey::generate(KeyKind::Rsa2048).unwrap();
    let now = scene.node.node.ctx.now().millis();
    let headers = signed_by(&stranger, "http://127.0.0.9/users/eve#main-key", &Method::GET, &path, now);
    let request =
        headers.into_iter().fold(TestRequest::get().uri(&path), |request, header| request.insert_header(header));
    assert_eq!(scene.answer(request).await.status, 403);
    scene.peer.stop().await;
    let limits = Limits { unsigned_webfinger: false, ..Limits::default() };
    let scene = Scene::with(TestDatabase::sqlite(), limits).await;
    assert_eq!(scene.get_unsigned(&path, "*/*").await.status, 401);
    assert_eq!(scene.get(&path).await.status, 200);
    scene.peer.stop().await;
}

#[actix_web::test]
async fn whoever_guesses_names_is_stopped_and_peers_who_sign_are_not() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let node = scene.node.node.clone();
    let app = init_service(App::new().configure(move |config| configure(config, node))).await;
    let address = |text: &str| text.parse::<SocketAddr>().unwrap();
    let ask = async |from: &str, name: &str| {
        let path = format!("/.well-known/webfinger?resource=acct:{name}@{OWN}");
        let response = call_service(&app, TestRequest::get().uri(&path).peer_addr(address(from)).to_request()).await;
        (response.status().as_u16(), response.headers().contains_key("retry-after"))
    };
    let mut missed = 0;
    while ask("192.0.2.1:5000", &format!("guess{missed}")).await.0 == 404 {
        missed += 1;
        assert!(missed < 1000, "nobody stops it");
    }
    assert!(missed >= 30, "an honest server mistypes too: {missed}");
    assert_eq!(ask("192.0.2.1:6000", "anna").await, (429, true), "a hit would tell as much as a miss");
    for _ in 0..200 {
        assert_eq!(ask("192.0.2.2:5000", "anna").await.0, 200, "names that exist cost nothing, from elsewhere");
    }
    let path = format!("/.well-known/webfinger?resource=acct:anna@{OWN}");
    let signed = scene.signed_request(Method::GET, &path).peer_addr(address("192.0.2.1:5000"));
    assert_eq!(call_service(&app, signed.to_request()).await.status().as_u16(), 200);
    let forged = TestRequest::get().uri(&path).peer_addr(address("192.0.2.1:5000"));
    let forged = forged.insert_header(("x-forwarded-for", "192.0.2.9"));
    assert_eq!(call_service(&app, forged.to_request()).await.status().as_u16(), 429, "nobody vouches for that header");
    scene.peer.stop().await;
}

#[actix_web::test]
async fn node_info_says_what_this_is_and_counts_nobody() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let found = scene.get_unsigned("/.well-known/nodeinfo", "application/json").await.body;
    let schema = "http://nodeinfo.diaspora.software/ns/schema/2.1";
    assert_eq!(found, json!({ "links": [{ "rel": schema, "href": format!("http://{OWN}/nodeinfo/2.1") }] }));
    let info = scene.get_unsigned("/nodeinfo/2.1", "application/json").await;
    assert!(info.header("content-type").contains(schema), "{}", info.header("content-type"));
    let (software, usage) = (&info.body["software"], &info.body["usage"]);
    assert_eq!((&info.body["version"], &software["name"]), (&json!("2.1"), &json!("corridor")));
    assert_eq!(usage, &json!({ "users": {} }));
    assert_eq!((&info.body["protocols"], &info.body["openRegistrations"]), (&json!(["activitypub"]), &json!(false)));
    scene.peer.stop().await;
}

#[actix_web::test]
async fn head_is_answered_as_get_is() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let post = scene.publish(Audience::Network, Marking::LOWEST, None).await;
    let hidden = scene.hidden().await[0];
    let finger = format!("/.well-known/webfinger?resource=acct:anna@{OWN}");
    let paths = [
        scene.anna_path(),
        format!("{}/outbox?page=true", scene.anna_path()),
        path(&post.uri),
        format!("{}/replies", path(&post.uri)),
        format!("/posts/{hidden}"),
        "/activities/1".to_owned(),
        "/actor".to_owned(),
        "/actor/outbox".to_owned(),
        finger,
        "/.well-known/nodeinfo".to_owned(),
        "/nodeinfo/2.1".to_owned(),
        "/.well-known/host-meta".to_owned(),
    ];
    for path in paths {
        let get = scene.get(&path).await;
        let head = scene.answer(scene.signed_request(Method::HEAD, &path)).await;
        assert_eq!((head.status, head.header("content-type")), (get.status, get.header("content-type")), "{path}");
    }
    assert_eq!(scene.answer(TestRequest::with_uri(&path(&post.uri)).method(Method::HEAD)).await.status, 406);
    let accept = ("accept", ACTIVITY);
    let unsigned = TestRequest::with_uri(&path(&post.uri)).method(Method::HEAD).insert_header(accept);
    assert_eq!(scene.answer(unsigned).await.status, 401, "no body is no reason to tell what is there");
    scene.peer.stop().await;
}

#[actix_web::test]
async fn a_method_that_is_not_taken_is_answered_with_those_that_are() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let person = scene.anna_path();
    let read = ["/actor", "/actor/outbox", &person, &format!("{person}/outbox"), "/posts/1", "/posts/1/replies"];
    let open = ["/activities/1", "/.well-known/webfinger", "/.well-known/nodeinfo", "/nodeinfo/2.1"];
    for path in read.into_iter().chain(open) {
        for method in [Method::POST, Method::PUT, Method::DELETE, Method::OPTIONS] {
            let answer = scene.answer(TestRequest::with_uri(path).method(method.clone())).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "GET, HEAD"), "{method} {path}");
        }
    }
    for path in ["/inbox", "/actor/inbox", &format!("{person}/inbox")] {
        for method in [Method::GET, Method::HEAD, Method::PUT] {
            let answer = scene.answer(TestRequest::with_uri(path).method(method.clone())).await;
            assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{method} {path}");
        }
    }
    scene.peer.stop().await;
}

/// The test service writes bodies that a real server leaves out.
#[actix_web::test]
async fn an_answer_to_head_has_no_body_on_the_wire() {
    let scene = Scene::on(TestDatabase::sqlite()).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let node = scene.node.node.clone();
    let server = HttpServer::new(move || {
        let node = node.clone();
        App::new().configure(move |config| configure(config, node))
    });
    let server = server.workers(1).disable_signals().listen(listener).unwrap().run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    let asked = format!("HEAD /actor HTTP/1.1\r\nHost: {OWN}\r\nAccept: {ACTIVITY}\r\nConnection: close\r\n\r\n");
    let answer = actix_web::rt::task::spawn_blocking(move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(asked.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    });
    let answer = answer.await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200") && head.to_lowercase().contains("content-length: "), "{head}");
    assert_eq!(body, "");
    handle.stop(false).await;
    scene.peer.stop().await;
}
