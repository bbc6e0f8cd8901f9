//! Cases 12 to 24: what is fetched, from where, and how much of it is believed.

use std::time::Duration;

use anyhow::{Context, ensure};
use corridor_domain::Authority;
use corridor_domain::authority::Policy;
use corridor_tests::on_both;
use futures_util::future::join_all;
use serde_json::{Value, json};

use super::peer::{Peer, Who, document, page};
use super::scene::{Request, Scene};
use super::state::{changed, state};

const TYPED: &str = "Content-Type: application/activity+json";

/// Ann says that she has published what lies at this path of hers.
fn points_to(scene: &Scene, path: &str) -> anyhow::Result<Request> {
    let object = scene.peer.at(path);
    scene.signed(
        Who::Ann,
        &scene.activity(Who::Ann, "Create", path, json!({ "object": object, "cc": [scene.asha_uri] })),
    )
}

fn note(scene: &Scene, name: &str) -> Value {
    let mut note = scene.peer.note(Who::Ann, name);
    note["cc"] = json!([scene.asha_uri]);
    note
}

on_both! {
    async fn hostile_012_redirects_lead_nowhere_else(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let stranger = Peer::start().await?;
        let own = scene.node.at("/posts/1");
        scene.peer.put("/posts/real", document(&note(&scene, "real")));
        let mut tries = Vec::new();
        for (path, to) in [
            ("/host", stranger.at("/posts/1")),
            ("/address", "http://10.0.0.1/posts/1".to_owned()),
            ("/scheme", format!("https://{}/posts/1", scene.peer.authority)),
            ("/file", "file:///etc/passwd".to_owned()),
            ("/ours", own),
            ("/loop", scene.peer.at("/loop")),
            ("/chain/3", scene.peer.at("/chain/2")),
            ("/chain/2", scene.peer.at("/chain/1")),
        ] {
            scene.peer.put(path, page("302 Found", &[&format!("Location: {to}")], b""));
            let wanted = match path {
                "/host" => (403, "not-listed"),
                "/ours" => (403, "ourselves"),
                _ => (400, "object"),
            };
            tries.push((path, points_to(&scene, path)?, wanted));
        }
        scene.peer.put("/chain/1", page("302 Found", &[&format!("Location: {}", scene.peer.at("/posts/real"))], b""));
        scene.refuses(tries).await?;
        ensure!(stranger.all_hits().is_empty(), "a stranger was asked: {:?}", stranger.all_hits());
        scene.takes(&points_to(&scene, "/chain/1")?).await
    }
}

on_both! {
    async fn hostile_013_an_upload_is_no_document(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let mut tries = Vec::new();
        for (path, headers) in [
            ("/posts/html", vec!["Content-Type: text/html"]),
            ("/posts/image", vec!["Content-Type: image/png"]),
            ("/posts/plain", vec!["Content-Type: text/plain; profile=application/activity+json"]),
            ("/posts/none", vec![]),
        ] {
            let body = note(&scene, path.trim_start_matches("/posts/")).to_string();
            scene.peer.put(path, page("200 OK", &headers, body.as_bytes()));
            tries.push((path, points_to(&scene, path)?, (400, "object")));
        }
        scene.refuses(tries).await
    }
}

on_both! {
    async fn hostile_014_a_failure_with_a_good_body_is_a_failure(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let mut tries = Vec::new();
        for (path, status, wanted) in [
            ("/posts/403", "403 Forbidden", (400, "object")),
            ("/posts/206", "206 Partial Content", (400, "object")),
            // This one passes, so the sender may try again.
            ("/posts/500", "500 Internal Server Error", (503, "unavailable")),
        ] {
            let body = note(&scene, path.trim_start_matches("/posts/")).to_string();
            scene.peer.put(path, page(status, &[TYPED], body.as_bytes()));
            tries.push((path, points_to(&scene, path)?, wanted));
        }
        scene.refuses(tries).await
    }
}

on_both! {
    async fn hostile_015_a_document_is_what_lies_at_its_id(kind: Kind) {
        let scene = Scene::on(kind).await?;
        scene.peer.put("/posts/a", document(&note(&scene, "not-there")));
        scene.peer.put("/posts/b", document(&json!({ "id": "http://127.0.0.9/posts/b", "type": "Note" })));
        scene.peer.put("/posts/c", document(&note(&scene, "d")));
        scene.peer.put("/posts/d", document(&note(&scene, "c")));
        let mut tries = Vec::new();
        for path in ["/posts/a", "/posts/b", "/posts/c"] {
            tries.push((path, points_to(&scene, path)?, (400, "object")));
        }
        scene.refuses(tries).await
    }
}

on_both! {
    async fn hostile_017_what_people_type_is_asked_of_peers_alone(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let stranger = Peer::start().await?;
        for address in [
            stranger.uri(Who::Ann),
            format!("@ann@{}", stranger.authority),
            format!("http://{}@{}/users/ann", scene.peer.authority, stranger.authority),
            "http://169.254.169.254/latest/meta-data".to_owned(),
            "http://[::1]:22/".to_owned(),
        ] {
            let found = scene.looks_up(&address).await?;
            let is_empty = |name: &str| found[name].as_array().is_none_or(Vec::is_empty);
            ensure!(is_empty("accounts") && is_empty("statuses"), "{address}: {found}");
        }
        ensure!(stranger.all_hits().is_empty(), "a stranger was asked: {:?}", stranger.all_hits());
        Ok(())
    }
}

on_both! {
    async fn hostile_018_an_endless_thread_ends(kind: Kind) {
        let scene = Scene::on(kind).await?;
        for number in 0..60 {
            let mut one = note(&scene, &number.to_string());
            one["inReplyTo"] = json!(scene.peer.at(&format!("/posts/{}", number + 1)));
            scene.peer.put(&format!("/posts/{number}"), document(&one));
        }
        scene.post("0").await?;
        let asked = (0..60).filter(|number| scene.peer.hits(&format!("/posts/{number}")) > 0).count();
        ensure!(asked <= 20, "{asked} were fetched");
        let mut ring = note(&scene, "ring");
        ring["inReplyTo"] = json!(scene.peer.at("/posts/ring"));
        scene.peer.put("/posts/ring", document(&ring));
        scene.looks_up(&scene.peer.at("/posts/ring")).await?;
        ensure!(scene.peer.hits("/posts/ring") <= 2, "it was asked for in a circle");
        Ok(())
    }
}

on_both! {
    async fn hostile_019_bodies_and_heads_have_an_end(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let before = state(scene.node.database())?;
        let request = scene.signed(Who::Ann, &scene.create(Who::Ann, "said"))?;
        let mut wire = scene.wire().await?;
        wire.send(&request.head("Content-Length: 1073741824")).await?;
        ensure!(wire.answer().await?.code() == (413, "too_large"), "a gigabyte");
        let mut wire = scene.wire().await?;
        wire.send(&request.head("Transfer-Encoding: chunked")).await?;
        let chunk = [b"10000\r\n".as_slice(), &vec![b'x'; 0x10000], b"\r\n"].concat();
        for _ in 0..17 {
            wire.send(&chunk).await?;
        }
        ensure!(wire.answer().await?.code() == (413, "too_large"), "chunks without end");
        let mut wire = scene.wire().await?;
        let cut = request.body.len() - 1;
        wire.send(&[request.head(&format!("Content-Length: {cut}")), request.body[..cut].to_vec()].concat()).await?;
        ensure!(wire.answer().await?.status == 400, "a body that was cut is no JSON");
        let mut wire = scene.wire().await?;
        wire.send(&request.clone().and("x-long", &"x".repeat(200_000)).head("Content-Length: 0")).await?;
        // Closed at once, or refused first.
        let refused = wire.answer().await.map_or(true, |answer| (400..500).contains(&answer.status));
        ensure!(refused, "a head of 200 kB");
        ensure!(state(scene.node.database())? == before);
        scene.takes(&request).await
    }
}

on_both! {
    async fn hostile_020_nothing_is_unpacked(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let body = note(&scene, "packed").to_string();
        let mut tries = Vec::new();
        for packing in ["gzip", "br", "zstd", "deflate", "gzip, gzip"] {
            let request = scene.signed(Who::Ann, &scene.create(Who::Ann, "said"))?;
            tries.push((packing, request.and("content-encoding", packing), (415, "media_type")));
        }
        scene.peer.put("/posts/packed", page("200 OK", &[TYPED, "Content-Encoding: gzip"], &[&[0x1f, 0x8b], body.as_bytes()].concat()));
        tries.push(("an answer", points_to(&scene, "/posts/packed")?, (400, "object")));
        scene.refuses(tries).await
    }
}

on_both! {
    async fn hostile_021_who_is_slow_is_not_waited_for(kind: Kind) {
        let scene = Scene::with(kind, |setup| {
            setup.limits.body_timeout = Duration::from_millis(500);
            setup.client.timeout = Duration::from_secs(1);
        }).await?;
        let before = state(scene.node.database())?;
        let request = scene.signed(Who::Ann, &scene.create(Who::Ann, "said"))?;
        let mut slow = scene.wire().await?;
        slow.send(&request.head(&format!("Content-Length: {}", request.body.len()))).await?;
        slow.send(&request.body[..10]).await?;
        ensure!(slow.answer().await?.code() == (408, "too_slow"));
        let held = b"HTTP/1.1 200 OK\r\nX-Hold: 1\r\nContent-Type: application/activity+json\r\nContent-Length: 5000\r\n\r\n{";
        scene.peer.put("/posts/slow", held.to_vec());
        ensure!(scene.send(&points_to(&scene, "/posts/slow")?).await?.code() == (503, "unavailable"));
        ensure!(state(scene.node.database())? == before);
        scene.takes(&request).await
    }
}

/// How many are slow in each way.
const SLOW: usize = 50;

/// One byte a second, until the node has had enough; whatever it says then.
async fn drips(scene: &Scene, at_once: &[u8], slowly: &[u8]) -> anyhow::Result<u16> {
    let mut wire = scene.wire().await?;
    wire.send(at_once).await?;
    for byte in slowly {
        wire.send(&[*byte]).await?;
        if let Ok(answer) = tokio::time::timeout(Duration::from_secs(1), wire.answer()).await {
            // Closed without a word is an end too.
            return Ok(answer.map_or(0, |answer| answer.status));
        }
    }
    anyhow::bail!("it was waited for until the end")
}

on_both! {
    async fn hostile_021_two_hundred_slow_ones_slow_nobody(kind: Kind) {
        let scene = Scene::with(kind, |setup| {
            setup.limits.body_timeout = Duration::from_secs(6);
            setup.client.timeout = Duration::from_secs(6);
        }).await?;
        let neighbour = Peer::start().await?;
        let authority = Authority::parse_with(&neighbour.authority, Policy::loopback())?;
        scene.node.allow(&authority, scene.node.ctx.settings.scheme.highest()).await?;
        let request = scene.signed(Who::Ann, &scene.create(Who::Ann, "said"))?;
        let head = request.head(&format!("Content-Length: {}", request.body.len()));
        let mut fetches = Vec::new();
        for (number, part) in ["head", "body"].into_iter().cycle().take(2 * SLOW).enumerate() {
            let path = format!("/posts/slow-{number}");
            let name = format!("X-Drip: {part}");
            scene.peer.put(&path, page("200 OK", &[TYPED, &name], note(&scene, &format!("slow-{number}")).to_string().as_bytes()));
            fetches.push(points_to(&scene, &path)?);
        }
        scene.settles().await?;
        let before = state(scene.node.database())?;
        let slow = async {
            let heads = join_all((0..SLOW).map(|_| drips(&scene, b"", &head)));
            let bodies = join_all((0..SLOW).map(|_| drips(&scene, &head, &request.body)));
            let fetched = join_all(fetches.iter().map(|request| scene.send(request)));
            tokio::join!(heads, bodies, fetched)
        };
        let mut answered = 0;
        let busy = async {
            let (mut next, own) = (0, scene.node.authority.to_string());
            loop {
                next += 1;
                let view = json!({
                    "id": format!("{}#View/{next}", neighbour.uri(Who::Ann)), "type": "View",
                    "actor": neighbour.uri(Who::Ann), "object": scene.asha_uri,
                });
                let said = scene.signed_by(&neighbour, Who::Ann, &own, view.to_string().as_bytes())?;
                // Far longer than it takes, and far shorter than the slow ones last.
                let both = async { (scene.send(&said).await, scene.asha.get("/api/v1/timelines/home").await) };
                let (taken, home) = tokio::time::timeout(Duration::from_secs(4), both).await.context("a neighbour waits")?;
                ensure!(taken?.status == 202 && home?.is_array());
                answered += 1;
            }
        };
        let (heads, bodies, fetched) = tokio::select! {
            ended = tokio::time::timeout(Duration::from_secs(60), slow) => ended.context("they are waited for")?,
            failed = busy => return failed,
        };
        ensure!(answered > 5, "the neighbour was answered {answered} times");
        for status in heads {
            ensure!(matches!(status?, 0 | 408), "a head");
        }
        for status in bodies {
            ensure!(matches!(status?, 408), "a body");
        }
        for answer in fetched {
            let answer = answer?;
            ensure!(answer.code() == (503, "unavailable"), "{answer:?}");
        }
        let mut touched = changed(&before, &state(scene.node.database())?);
        // The neighbour became known, and what it said was noted.
        touched.retain(|table| !matches!(table.as_str(), "received_activities" | "actors" | "actor_keys" | "oauth_tokens"));
        ensure!(touched.is_empty(), "{touched:?}");
        scene.takes(&request).await
    }
}

on_both! {
    async fn hostile_022_a_name_that_is_there_twice_is_refused(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let body = scene.create(Who::Ann, "said").to_string();
        let bob = scene.peer.uri(Who::Bob);
        let mut tries = Vec::new();
        for name in ["actor", "\\u0061ctor", "id", "type", "object"] {
            let doubled = body.replacen('{', &format!("{{\"{name}\":\"{bob}\","), 1);
            tries.push((name, scene.signed_bytes(Who::Ann, doubled.as_bytes())?, (400, "json")));
        }
        let inside = body.replacen("\"attributedTo\":", &format!("\"attributedTo\":\"{bob}\",\"attributedTo\":"), 1);
        tries.push(("inside the post", scene.signed_bytes(Who::Ann, inside.as_bytes())?, (400, "json")));
        scene.refuses(tries).await
    }
}

on_both! {
    async fn hostile_023_depth_has_an_end(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let body = scene.create(Who::Ann, "said").to_string();
        let mut tries = Vec::new();
        for (what, open, close) in [("arrays", "[", "]"), ("objects", "{\"a\":", "}")] {
            let deep = format!("{{\"unknown\":{}1{},", open.repeat(100_000), close.repeat(100_000));
            tries.push((what, scene.signed_bytes(Who::Ann, body.replacen('{', &deep, 1).as_bytes())?, (400, "json")));
        }
        scene.refuses(tries).await
    }
}

on_both! {
    async fn hostile_024_odd_values_are_refused_or_cleaned(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let body = scene.create(Who::Ann, "odd").to_string();
        let with = |field: &str| body.replacen('{', &format!("{{{field},"), 1).into_bytes();
        let mut not_utf8 = with("\"x\":\"?\"");
        let place = not_utf8.iter().position(|byte| *byte == b'?').unwrap();
        not_utf8[place] = 0xff;
        let change = |name: &str, value: Value| {
            let mut activity = scene.create(Who::Ann, "odd");
            activity[name] = value;
            scene.signed(Who::Ann, &activity)
        };
        scene.refuses(vec![
            ("no UTF-8", scene.signed_bytes(Who::Ann, &not_utf8)?, (400, "json")),
            ("half a surrogate", scene.signed_bytes(Who::Ann, &with("\"x\":\"\\ud800\""))?, (400, "json")),
            ("1e400", scene.signed_bytes(Who::Ann, &with("\"x\":1e400"))?, (400, "json")),
            ("a list", scene.signed_bytes(Who::Ann, b"[]")?, (400, "json")),
            ("no object", change("object", Value::Null)?, (400, "activity")),
            ("a number for an object", change("object", json!(7))?, (400, "activity")),
            ("two types", change("type", json!(["Create", "Delete"]))?, (400, "activity")),
            ("NUL in an id", change("id", json!(format!("{}#\u{0}", scene.peer.uri(Who::Ann))))?, (400, "activity")),
        ]).await?;
        let odd = json!({ "content": "<p>a\u{0}b</p>", "summary": "c\u{0}d", "published": "99999-01-01T00:00:00Z", "tag": 0, "updated": null });
        scene.receives(Who::Ann, &scene.creates(Who::Ann, "nul", odd)).await?;
        let post = scene.post("nul").await?.to_string();
        ensure!(!post.contains("\\u0000"), "{post}");
        Ok(())
    }
}
