//! Case 44: what a collection lists, counts and pages through is what the asker may see, and nothing else.

use std::collections::BTreeSet;

use anyhow::{Context, Result, ensure};
use corridor_app::operator::Operator;
use corridor_app::peers::{self, AllowPeer};
use corridor_domain::authority::Policy;
use corridor_domain::{Authority, Marking, Service, Services};
use corridor_tests::{FrontDoor, on_both, text};
use serde_json::{Value, json};

use super::peer::{Peer, Who};
use super::scene::Scene;

/// In what is not for the peer.
const CLOSED: &str = "heron";
/// Open posts: more than fit on a page of 40.
const OPEN: usize = 45;

/// A collection, as a peer gets it.
#[derive(Debug)]
struct Walked {
    /// What it says it holds, once for each of its documents.
    totals: Vec<i64>,
    items: Vec<Value>,
}

impl Walked {
    /// The count is the same on each page, and the number of what is listed; nothing is listed twice.
    fn holds(&self, wanted: usize, what: &str) -> Result<()> {
        let all: BTreeSet<String> = self.items.iter().map(Value::to_string).collect();
        let counted = self.totals.iter().all(|total| usize::try_from(*total) == Ok(wanted));
        ensure!(counted && all.len() == wanted && self.items.len() == wanted, "{what}: {wanted} wanted: {self:?}");
        Ok(())
    }
}

/// A document and all pages that it leads to.
async fn walk(scene: &Scene, path: &str) -> Result<Walked> {
    let (mut totals, mut items, mut next) = (Vec::new(), Vec::new(), Some(path.to_owned()));
    while let Some(path) = next.take() {
        let answer = scene.send(&scene.asks(Who::Ann, &path)?).await?;
        ensure!(answer.status == 200 && totals.len() < 10, "{path}: {answer:?}");
        ensure!(!answer.body.to_string().contains(CLOSED), "{path} tells of what is closed: {}", answer.body);
        totals.push(answer.body["totalItems"].as_i64().context("no count")?);
        let listed = answer.body["orderedItems"].as_array().or_else(|| answer.body["items"].as_array());
        items.extend(listed.cloned().unwrap_or_default());
        let on = answer.body["first"].as_str().or_else(|| answer.body["next"].as_str());
        next = on.map(|on| on.strip_prefix(&scene.node.at("")).unwrap_or(on).to_owned());
    }
    Ok(Walked { totals, items })
}

/// Posts, and the path of the post on the node.
async fn post(scene: &Scene, door: &FrontDoor, body: Value) -> Result<String> {
    let uri = text(&door.post("/api/v1/statuses", body).await?, "uri")?;
    Ok(uri.strip_prefix(&scene.node.at("")).unwrap_or(&uri).to_owned())
}

fn id_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

async fn terms(scene: &Scene, ceiling: Marking, services: Services) -> Result<()> {
    let allow = AllowPeer {
        authority: Authority::parse_with(&scene.peer.authority, Policy::loopback())?,
        account_domain: None,
        ceiling,
        default_marking: None,
        department: "The peer".to_owned(),
        note: String::new(),
        contact: String::new(),
    };
    peers::allow_for(&scene.node.ctx, &Operator::System, allow, Some(services)).await?;
    Ok(())
}

/// Everything that is not for a peer whose people have nothing to do with Asha.
fn closed(number: usize) -> Value {
    let words = format!("A {CLOSED} for @bryn, number {number}");
    match number % 4 {
        0 => json!({ "status": words, "visibility": "private" }),
        1 => json!({ "status": words, "visibility": "direct" }),
        2 => json!({ "status": words, "audience": "department" }),
        _ => {
            json!({ "status": words, "visibility": "public", "marking": "OFFICIAL-SENSITIVE", "handling": "Names inside" })
        }
    }
}

on_both! {
    async fn hostile_044_every_page_and_its_count_are_the_askers_own(kind: Kind) {
        let scene = Scene::on(kind).await?;
        scene.node.add("bryn").await?;
        terms(&scene, Marking::from_rank(0), Services::ALL).await?;
        let mut hidden = Vec::new();
        for number in 0..OPEN {
            post(&scene, &scene.asha, json!({ "status": format!("Open, number {number}"), "visibility": "public" })).await?;
            hidden.push(post(&scene, &scene.asha, closed(number)).await?);
        }
        let actor = scene.asha_uri.strip_prefix(&scene.node.at("")).unwrap().to_owned();
        let outbox = format!("{actor}/outbox");
        let seen = walk(&scene, &outbox).await?;
        seen.holds(OPEN, "outbox")?;
        ensure!(seen.totals.len() == 3, "the collection and two full pages: {:?}", seen.totals);
        // Each list is held against the single things in it.
        for item in &seen.items {
            let uri = item["object"]["id"].as_str().context("no post inside")?;
            let answer = scene.send(&scene.asks(Who::Ann, uri.strip_prefix(&scene.node.at("")).unwrap())?).await?;
            ensure!(answer.status == 200 && answer.body["content"] == item["object"]["content"], "{uri}: {answer:?}");
        }
        // A mark in the middle of what is closed tells no more than one beside it.
        for path in &hidden[..8] {
            let below = scene.send(&scene.asks(Who::Ann, &format!("{outbox}?page=true&max_id={}", id_of(path)))?).await?;
            ensure!(below.status == 200 && !below.body.to_string().contains(CLOSED), "{path}: {below:?}");
            ensure!(below.body["totalItems"] == OPEN, "{path}: {below:?}");
            let gone = scene.send(&scene.asks(Who::Ann, path)?).await?;
            ensure!(gone.status == 404, "{path}: {gone:?}");
        }
        for odd in ["max_id=-1", "max_id=0", "max_id=9223372036854775807", "page=false"] {
            let answer = scene.send(&scene.asks(Who::Ann, &format!("{outbox}?{odd}"))?).await?;
            ensure!(answer.status == 200 && answer.body["totalItems"] == OPEN, "{odd}: {answer:?}");
        }
        for odd in ["max_id=x", "max_id=9223372036854775808", "max_id="] {
            let answer = scene.send(&scene.asks(Who::Ann, &format!("{outbox}?{odd}"))?).await?;
            ensure!((400..500).contains(&answer.status), "{odd}: {answer:?}");
        }
        // Unsigned, there is nothing to count.
        for part in ["outbox", "outbox?page=true", "featured", "followers", "following"] {
            let answer = scene.send(&scene.asks(Who::Ann, &format!("{actor}/{part}"))?.without("signature")).await?;
            ensure!(answer.code() == (401, "signature_missing"), "{part}: {answer:?}");
        }
        // Hashtags are no collection that peers can ask for.
        for path in ["/tags/heron", "/hashtags/heron", "/tags/heron/outbox"] {
            ensure!(scene.send(&scene.asks(Who::Ann, path)?).await?.status != 200, "{path}");
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_044_replies_threads_and_pins_are_counted_after_the_filter(kind: Kind) {
        let mut scene = Scene::on(kind).await?;
        let bryn = scene.node.person("bryn").await?;
        let root = post(&scene, &scene.asha, json!({ "status": "The beginning", "visibility": "public" })).await?;
        let answer = |words: &str, rest: Value| {
            let mut body = json!({ "status": words, "in_reply_to_id": id_of(&root) });
            body.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            body
        };
        let open = post(&scene, &bryn, answer("For all", json!({ "visibility": "public" }))).await?;
        let followers = post(&scene, &scene.asha, answer(&format!("A {CLOSED}"), json!({ "visibility": "private" }))).await?;
        post(&scene, &bryn, answer(&format!("A {CLOSED} for @asha"), json!({ "visibility": "direct" }))).await?;
        post(&scene, &bryn, answer(&format!("A {CLOSED}"), json!({ "audience": "department" }))).await?;
        let marked = json!({ "status": "Marked", "visibility": "public", "marking": "OFFICIAL-SENSITIVE", "handling": "Names inside" });
        let marked = post(&scene, &scene.asha, marked).await?;
        for path in [&root, &marked] {
            scene.asha.post(&format!("/api/v1/statuses/{}/pin", id_of(path)), json!({})).await?;
        }
        // Whom Asha has to do with elsewhere is nobody's business but their own node's.
        let actor = scene.asha_uri.strip_prefix(&scene.node.at("")).unwrap().to_owned();
        let follow = scene.activity(Who::Ann, "Follow", "1", json!({ "object": scene.asha_uri }));
        let other = Peer::start().await?;
        scene.receives(Who::Ann, &follow).await?;
        scene.asha_follows_ann().await?;

        let parts = ["outbox", "featured", "followers", "following"].map(|part| format!("{actor}/{part}"));
        let threads = [format!("{root}/replies"), format!("{root}/context")];
        let paths = || parts.iter().chain(&threads);
        // The peer with a follower sees what is for followers too.
        let uris = [&root, &open].map(|path| scene.node.at(path));
        for (path, wanted) in paths().zip([3, 2, 1, 1, 2, 3]) {
            let answer = scene.send(&scene.asks(Who::Ann, path)?).await?;
            ensure!(answer.body["totalItems"] == wanted, "{path}: {wanted} wanted: {answer:?}");
        }
        let gone = scene.send(&scene.asks(Who::Ann, &followers)?).await?;
        ensure!(gone.status == 200, "what is counted is there: {gone:?}");
        let friend = std::mem::replace(&mut scene.peer, other);
        terms(&scene, Marking::from_rank(0), Services::ALL).await?;
        for (path, wanted) in paths().zip([1, 1, 0, 0, 1, 2]) {
            walk(&scene, path).await?.holds(wanted, path)?;
        }
        let listed = walk(&scene, &threads[1]).await?.items;
        ensure!(listed == [json!(uris[0]), json!(uris[1])], "{listed:?}");
        // The follower leaves, and with them what was theirs.
        scene.peer = friend;
        scene.receives(Who::Ann, &scene.activity(Who::Ann, "Undo", "2", json!({ "object": follow }))).await?;
        for (path, wanted) in paths().zip([2, 2, 0, 1, 1, 2]) {
            walk(&scene, path).await?.holds(wanted, path)?;
        }
        Ok(())
    }
}

on_both! {
    async fn hostile_044_what_a_peer_is_not_allowed_for_is_in_no_collection(kind: Kind) {
        let scene = Scene::on(kind).await?;
        let new = json!({ "name": "open", "title": "Open to all", "kind": "profession", "door": "open" });
        let group = text(&scene.asha.post("/api/v1/groups", new).await?, "id")?;
        let talk = json!({ "group_id": group, "title": "A talk", "status": "In the group" });
        let talk = post(&scene, &scene.asha, talk).await?;
        let plain = post(&scene, &scene.asha, json!({ "status": "For all", "visibility": "public" })).await?;
        let answer = json!({ "status": "To the talk", "in_reply_to_id": id_of(&talk), "audience": "group" });
        let answer = post(&scene, &scene.asha, answer).await?;
        let outbox = format!("{}/outbox", scene.asha_uri.strip_prefix(&scene.node.at("")).unwrap());
        let highest = scene.node.ctx.settings.scheme.highest();
        for services in [vec![Service::Posts], vec![Service::Groups], vec![Service::Posts, Service::Groups]] {
            terms(&scene, highest, services.iter().copied().collect()).await?;
            let mut shown = BTreeSet::new();
            for path in [&talk, &plain, &answer] {
                let alone = scene.send(&scene.asks(Who::Ann, path)?).await?;
                if alone.status == 200 {
                    shown.insert(scene.node.at(path));
                }
            }
            let wanted = services.iter().map(|service| if *service == Service::Posts { 1 } else { 2 }).sum();
            ensure!(shown.len() == wanted, "{services:?}: {shown:?}");
            let seen = walk(&scene, &outbox).await?;
            seen.holds(wanted, &format!("outbox, {services:?}"))?;
            let listed: BTreeSet<String> =
                seen.items.iter().filter_map(|item| item["object"]["id"].as_str().map(str::to_owned)).collect();
            ensure!(listed == shown, "{services:?}: {listed:?} and {shown:?}");
        }
        Ok(())
    }
}
