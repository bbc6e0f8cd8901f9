//! Three departments as processes with a private authority: a private group, a certificate that runs out, a partition.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use corridor_domain::Timestamp;
use corridor_server::ca::Validity;
use corridor_tests::{FrontDoor, Kind, eventually, text};
use serde_json::{Value, json};

use super::network::now;
use super::served::{Served, ServedNetwork};
use crate::federation::conversation::{arrives, follow, says};

const HEALTH: usize = 0;
const TRANSPORT: usize = 1;
const REVENUE: usize = 2;

async fn three() -> Result<ServedNetwork> {
    ServedNetwork::start(&["health", "transport", "revenue"], &[Kind::Sqlite, Kind::Postgres, Kind::Sqlite]).await
}

/// A member of the group, and the group's id where they are.
struct Member {
    door: FrontDoor,
    group: String,
}

impl Member {
    async fn writes(&self, words: &str) -> Result<Value> {
        self.door.post("/api/v1/statuses", json!({ "group_id": self.group, "title": words, "status": words })).await
    }

    /// How often each text stands in the group's feed here.
    async fn reads(&self) -> Result<BTreeMap<String, usize>> {
        let path = format!("/api/v1/timelines/group/{}", self.group);
        counted(&self.door, &path).await
    }
}

/// How often each text stands in a feed, from its newest post to its oldest.
async fn counted(door: &FrontDoor, path: &str) -> Result<BTreeMap<String, usize>> {
    let mut count = BTreeMap::new();
    let mut before = String::new();
    loop {
        let page = door.get(&format!("{path}?limit=40{before}")).await?;
        let page = page.as_array().context("a page of posts")?;
        let Some(last) = page.last() else { return Ok(count) };
        before = format!("&max_id={}", text(last, "id")?);
        for status in page {
            *count.entry(words_of(status)).or_default() += 1;
        }
    }
}

fn words_of(status: &Value) -> String {
    status["content"].as_str().unwrap_or_default().replace("<p>", "").replace("</p>", "")
}

/// A group by request, run at the first node, with a member on each.
async fn winter(nodes: &[Served]) -> Result<Vec<Member>> {
    let fay = nodes[HEALTH].person("fay").await?;
    let new = json!({ "name": "winter", "title": "Winter plan", "kind": "business-area", "door": "by-request" });
    let group = text(&fay.post("/api/v1/groups", new).await?, "id")?;
    let requests = format!("/api/v1/groups/{group}/membership_requests");
    let mut members = vec![Member { door: fay.clone(), group }];
    for node in [&nodes[TRANSPORT], &nodes[REVENUE]] {
        let door = node.person("member").await?;
        let group = door.resolve(&nodes[HEALTH].handle("winter")).await?;
        door.post(&format!("/api/v1/accounts/{group}/follow"), json!({})).await?;
        let asking = eventually("the request arrives", || async {
            Ok(fay.get(&requests).await?[0]["id"].as_str().map(str::to_owned))
        })
        .await?;
        fay.post(&format!("{requests}/{asking}/authorize"), json!({})).await?;
        eventually("they are in", || async {
            Ok((door.get(&format!("/api/v1/groups/{group}")).await?["standing"] == "member").then_some(()))
        })
        .await?;
        members.push(Member { door, group });
    }
    Ok(members)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_private_group_lives_on_three_processes_and_survives_a_kill() -> Result<()> {
    let mut net = three().await?;
    let members = winter(&net.nodes).await?;
    members[TRANSPORT].writes("Which roads come first").await?;
    let seen = arrives(&members[REVENUE].door, "Which roads come first").await?;
    ensure!(seen["audience"] == "group", "{seen}");
    let reply = json!({ "status": "Those to clinics", "in_reply_to_id": seen["id"], "visibility": "private" });
    members[REVENUE].door.post("/api/v1/statuses", reply).await?;
    for member in &members {
        arrives(&member.door, "Those to clinics").await?;
    }
    // Whoever is no member, on a node with members, sees nothing of it.
    let stranger = net.nodes[TRANSPORT].person("stranger").await?;
    let id = arrives(&members[TRANSPORT].door, "Those to clinics").await?;
    let (status, _) =
        stranger.try_call(reqwest::Method::GET, &format!("/api/v1/statuses/{}", text(&id, "id")?), None).await?;
    ensure!(status == 404, "{status}");

    // The home node dies in the middle; what members say meanwhile waits for it.
    net.nodes[HEALTH].kill()?;
    members[TRANSPORT].writes("Said while the home was dead").await?;
    net.nodes[HEALTH].run().await?;
    net.nodes[TRANSPORT].admin(&format!("queue retry {}", net.nodes[HEALTH].host), "").ok();
    arrives(&members[REVENUE].door, "Said while the home was dead").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_runs_out_on_a_running_process_and_is_replaced() -> Result<()> {
    let net = three().await?;
    let (health, transport) = (&net.nodes[HEALTH], &net.nodes[TRANSPORT]);
    let author = health.person("author").await?;
    let reader = transport.person("reader").await?;
    let back = health.person("back").await?;
    follow(&reader, &health.handle("author")).await?;
    follow(&back, &transport.handle("reader")).await?;
    says(&author, "While it lasts").await?;
    arrives(&reader, "While it lasts").await?;

    let place = net.network.place(TRANSPORT);
    let files = place.files.certificate.parent().context("a folder")?;
    let now_seconds = now().millis() / 1000;
    let brief = Validity { from: now_seconds - 60, until: now_seconds + 15 };
    net.network.authority.renew(&place.host, Some(files), brief)?;
    eventually("the brief certificate is taken over", || async {
        Ok(transport.logged().contains("peers are shown the new certificate").then_some(()))
    })
    .await?;
    tokio::time::sleep(Duration::from_secs(until(brief.until))).await;
    // Connections that are open outlive the certificate that they were opened with.
    net.mend(HEALTH, TRANSPORT);
    says(&author, "To the one whose certificate is out").await?;
    says(&reader, "From the one whose certificate is out").await?;
    for (from, to, words) in [
        (health, transport, "the peer's certificate has expired"),
        (transport, health, "this node's certificate has expired"),
    ] {
        eventually("the delivery fails, and says why", || async {
            let shown = from.admin(&format!("peer show {}", to.host), "")?.to_string();
            Ok(shown.contains(words).then_some(()))
        })
        .await?;
    }
    let refusal =
        format!("refused in the handshake: the certificate of {} won't do: certificate has expired", transport.host);
    eventually("the one that refuses says it in its log", || async {
        Ok(health.logged().contains(&refusal).then_some(()))
    })
    .await?;

    net.network.authority.renew(&place.host, Some(files), Validity::days(now(), 30))?;
    eventually("both get through", || async {
        health.admin(&format!("queue retry {}", transport.host), "").ok();
        transport.admin(&format!("queue retry {}", health.host), "").ok();
        let (there, here) = (reader.home().await?, back.home().await?);
        let has = |home: &[Value], words: &str| home.iter().any(|status| words_of(status) == words);
        Ok((has(&there, "To the one whose certificate is out") && has(&here, "From the one whose certificate is out"))
            .then_some(()))
    })
    .await
}

/// Seconds until a moment is past.
fn until(moment: i64) -> u64 {
    u64::try_from(moment + 1 - Timestamp::millis(now()) / 1000).unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_of_three_are_parted_during_a_hundred_posts_and_all_converge() -> Result<()> {
    let net = three().await?;
    let members = winter(&net.nodes).await?;
    net.part(HEALTH, TRANSPORT);
    let mut expected = BTreeMap::new();
    for number in 0..100 {
        let words = format!("Post {number} of the parted");
        members[number % 3].writes(&words).await?;
        expected.insert(words, 1);
    }
    // The home and the third are together; the second one has its own alone.
    let together: BTreeMap<String, usize> = expected
        .iter()
        .filter(|(words, _)| number_in(words) % 3 != TRANSPORT)
        .map(|(words, count)| (words.clone(), *count))
        .collect();
    for at in [HEALTH, REVENUE] {
        converges(&members[at], &together).await?;
    }
    ensure!(members[TRANSPORT].reads().await?.len() == 33, "the parted one has its own alone");

    net.mend(HEALTH, TRANSPORT);
    for (from, to) in [(HEALTH, TRANSPORT), (TRANSPORT, HEALTH)] {
        net.nodes[from].admin(&format!("queue retry {}", net.nodes[to].host), "").ok();
    }
    for member in &members {
        converges(member, &expected).await?;
    }
    for node in &net.nodes {
        eventually("nothing is owed any more", || async {
            let queue = node.admin("queue list", "")?;
            let peers = queue["peers"].as_array().context("the peers")?;
            ensure!(peers.iter().all(|peer| peer["set_aside"] == 0), "{queue}");
            Ok(peers.iter().all(|peer| peer["waiting"] == 0).then_some(()))
        })
        .await?;
    }
    for member in &members {
        ensure!(member.reads().await? == expected, "what came late changed what was there");
    }
    Ok(())
}

fn number_in(words: &str) -> usize {
    words.split(' ').nth(1).and_then(|number| number.parse().ok()).unwrap()
}

/// Waits until a member reads each of these once, and nothing else.
async fn converges(member: &Member, expected: &BTreeMap<String, usize>) -> Result<()> {
    let seen = std::sync::Mutex::new(0);
    eventually("the group's feed is whole", || async {
        let feed = member.reads().await?;
        *seen.lock().unwrap() = feed.len();
        Ok((&feed == expected).then_some(()))
    })
    .await
    .with_context(|| format!("{} of {} posts", seen.lock().unwrap(), expected.len()))
}
