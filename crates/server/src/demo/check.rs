//! `demo --check`: a scripted conversation across the three nodes, through their front doors alone.

use std::future::Future;
use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use corridor_app::operator::Operator;
use corridor_app::peers::{self, AllowPeer};
use corridor_app::queue::{self, Which};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::front_door::{FrontDoor, text};
use super::{Demo, DemoNode, check_groups, check_network};

/// How long a step waits for something to arrive at another node.
const PATIENCE: Duration = Duration::from_secs(20);

/// The three people who talk, signed in.
pub(super) struct Cast {
    /// Of Health, the author.
    pub(super) callum: FrontDoor,
    /// Of Transport, cleared for the highest marking.
    pub(super) lucy: FrontDoor,
    /// Of the Revenue Office, which is cleared for OFFICIAL alone.
    pub(super) chloe: FrontDoor,
    /// What this run's words end with: a folder that is kept may be checked again.
    run: String,
}

impl Cast {
    /// Words that no earlier run has written.
    pub(super) fn words(&self, words: &str) -> String {
        format!("{words} ({})", self.run)
    }

    /// The name of a group that no earlier run has made.
    pub(super) fn group_name(&self, name: &str) -> String {
        format!("{name}-{}", self.run)
    }
}

/// Runs the conversation and prints each step with its time.
///
/// # Errors
/// With the first step that failed; the ones before it were printed.
pub async fn run(demo: &Demo, out: &mut impl Write) -> Result<()> {
    let [health, transport, revenue] = &demo.nodes;
    let mut steps = Steps { out, number: 0 };
    network(&mut steps, demo).await?;
    let cast = steps.step("three people sign in and their client gets a token", sign_in(demo)).await?;
    let handle = format!("callum@{}", health.account_domain);
    steps.step("Chloe (Revenue) and Lucy (Transport) follow Callum (Health)", follow(&cast, &handle)).await?;
    let post = steps.step("Callum posts; both read it at home", post(&cast)).await?;
    steps.step("Callum edits; both see the new words and the history", edit(&cast, &post)).await?;
    steps.step("Chloe boosts; Callum is told", boost(&cast, &post)).await?;
    steps.step("Lucy favourites; Callum is told, then takes it back", favourite(&cast, &post)).await?;
    steps.step("Chloe replies; Callum finds it in the thread", reply(&cast, &post)).await?;
    steps.step("Callum deletes; it vanishes at both nodes", delete(&cast, &post)).await?;
    steps.step("a department-only post reaches nobody elsewhere", department(&cast)).await?;
    steps.step("an OFFICIAL-SENSITIVE post reaches Transport and not Revenue", marked(&cast)).await?;
    let gathered = steps
        .step("Callum starts a private group; Lucy and Chloe are let in", check_groups::gather(&cast, health))
        .await?;
    let seen = steps
        .step("Lucy's talk in it reaches Chloe, through Health and proven", check_groups::talk(&cast, &gathered))
        .await?;
    let parted = check_groups::part(&cast, health, &gathered, &seen);
    steps.step("Chloe is removed; Revenue's copies are destroyed, and it says so", parted).await?;
    steps.step("strangers are refused at every door", strangers(demo, &cast)).await?;
    steps.step("Health removes Revenue, which is refused at every door", removed(&cast, health, revenue)).await?;
    steps.step("Transport is not disturbed by that", undisturbed(&cast, transport)).await?;
    steps.step("Health takes Revenue back, and Chloe reads Callum again", taken_back(&cast, health, revenue)).await
}

async fn network<W: Write>(steps: &mut Steps<'_, W>, demo: &Demo) -> Result<()> {
    steps.step("every department reaches both others, step by step", check_network::reach(demo)).await?;
    let certificates = check_network::certificates(demo);
    steps.step("callers without a certificate of the network are refused in the handshake", certificates).await?;
    steps.step("all three follow the same signed registry, and its terms hold", check_network::followed(demo)).await?;
    let rejected = check_network::rejected(demo);
    steps.step("a registry with one signature, and a second one of the same number, are refused", rejected).await?;
    steps.step("a department outside the registry can't be allowed", check_network::unlisted(demo)).await
}

struct Steps<'a, W> {
    out: &'a mut W,
    number: usize,
}

impl<W: Write> Steps<'_, W> {
    async fn step<T>(&mut self, name: &str, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.number += 1;
        let start = Instant::now();
        let outcome = work.await;
        let verdict = if outcome.is_ok() { "ok    " } else { "FAILED" };
        let millis = start.elapsed().as_millis();
        writeln!(self.out, "{verdict} {:>2}  {millis:>6} ms  {name}", self.number)?;
        outcome.with_context(|| format!("step {}: {name}", self.number))
    }
}

/// Asks again and again until the answer is there.
pub(super) async fn eventually<T, F: Future<Output = Result<Option<T>>>>(
    what: &str,
    mut ask: impl FnMut() -> F,
) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = ask().await? {
            return Ok(found);
        }
        if start.elapsed() > PATIENCE {
            bail!("{what}: nothing after {} seconds", PATIENCE.as_secs());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn sign_in(demo: &Demo) -> Result<Cast> {
    let [health, transport, revenue] = &demo.nodes;
    let door = |node: &DemoNode, name: &'static str| {
        let (url, password) = (node.url.clone(), demo.password.clone());
        async move { FrontDoor::sign_in(&url, name, &password).await }
    };
    Ok(Cast {
        callum: door(health, "callum").await?,
        lucy: door(transport, "lucy").await?,
        chloe: door(revenue, "chloe").await?,
        run: health.ctx.now().millis().to_string(),
    })
}

async fn follow(cast: &Cast, handle: &str) -> Result<()> {
    for door in [&cast.chloe, &cast.lucy] {
        let id = door.resolve(handle).await?;
        door.post(&format!("/api/v1/accounts/{id}/follow"), json!({})).await?;
        eventually("the follow is accepted", || async {
            let relations = door.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await?;
            Ok(relations
                .get(0)
                .and_then(|relation| relation.get("following"))
                .and_then(Value::as_bool)
                .filter(|yes| *yes))
        })
        .await?;
    }
    Ok(())
}

/// Waits until a post with these words is in the home feed; its id there.
pub(super) async fn arrives(door: &FrontDoor, words: &str) -> Result<String> {
    eventually(&format!("“{words}” arrives at {}", door.base()), || async {
        let home = door.home().await?;
        let found = home.iter().find(|status| says(status, words));
        found.map(|status| text(status, "id")).transpose()
    })
    .await
}

fn says(status: &Value, words: &str) -> bool {
    status.get("content").and_then(Value::as_str).is_some_and(|content| content.contains(words))
}

/// A post and its ids at the three nodes.
struct Posted {
    at_health: String,
    at_transport: String,
    at_revenue: String,
}

async fn post(cast: &Cast) -> Result<Posted> {
    let words = &cast.words("The clinic timetable is on the network now");
    let made = cast.callum.post("/api/v1/statuses", json!({ "status": words, "visibility": "public" })).await?;
    Ok(Posted {
        at_health: text(&made, "id")?,
        at_revenue: arrives(&cast.chloe, words).await?,
        at_transport: arrives(&cast.lucy, words).await?,
    })
}

async fn edit(cast: &Cast, post: &Posted) -> Result<()> {
    let path = format!("/api/v1/statuses/{}", post.at_health);
    let words = &cast.words("The clinic timetable is on the network, with Saturdays");
    cast.callum.call(Method::PUT, &path, Some(json!({ "status": words }))).await?;
    for (door, id) in [(&cast.chloe, &post.at_revenue), (&cast.lucy, &post.at_transport)] {
        let path = format!("/api/v1/statuses/{id}");
        eventually("the edit arrives", || async {
            let status = door.get(&path).await?;
            Ok(says(&status, words).then_some(()))
        })
        .await?;
        let history = door.get(&format!("{path}/history")).await?;
        ensure!(history.as_array().map(Vec::len) == Some(2), "the history has not two states: {history}");
    }
    Ok(())
}

async fn told(door: &FrontDoor, kind: &str, by: &str) -> Result<()> {
    let path = format!("/api/v1/notifications?types[]={kind}");
    eventually(&format!("a notification of a {kind} by {by}"), || async {
        let list = door.get(&path).await?;
        let from = |item: &Value| item.pointer("/account/username").and_then(Value::as_str) == Some(by);
        Ok(list.as_array().is_some_and(|list| list.iter().any(from)).then_some(()))
    })
    .await
}

async fn boost(cast: &Cast, post: &Posted) -> Result<()> {
    cast.chloe.post(&format!("/api/v1/statuses/{}/reblog", post.at_revenue), json!({})).await?;
    told(&cast.callum, "reblog", "chloe").await
}

async fn count(door: &FrontDoor, id: &str, field: &str, wanted: i64) -> Result<()> {
    let path = format!("/api/v1/statuses/{id}");
    eventually(&format!("{field} is {wanted}"), || async {
        let status = door.get(&path).await?;
        Ok((status.get(field).and_then(Value::as_i64) == Some(wanted)).then_some(()))
    })
    .await
}

async fn favourite(cast: &Cast, post: &Posted) -> Result<()> {
    let path = |act: &str| format!("/api/v1/statuses/{}/{act}", post.at_transport);
    cast.lucy.post(&path("favourite"), json!({})).await?;
    told(&cast.callum, "favourite", "lucy").await?;
    count(&cast.callum, &post.at_health, "favourites_count", 1).await?;
    cast.lucy.post(&path("unfavourite"), json!({})).await?;
    count(&cast.callum, &post.at_health, "favourites_count", 0).await
}

async fn reply(cast: &Cast, post: &Posted) -> Result<()> {
    let author = cast.chloe.get(&format!("/api/v1/statuses/{}", post.at_revenue)).await?;
    let acct = text(author.get("account").context("no account")?, "acct")?;
    let words = &cast.words("Thank you, that saves me a telephone call");
    let body =
        json!({ "status": format!("@{acct} {words}"), "in_reply_to_id": post.at_revenue, "visibility": "public" });
    cast.chloe.post("/api/v1/statuses", body).await?;
    told(&cast.callum, "mention", "chloe").await?;
    let thread = format!("/api/v1/statuses/{}/context", post.at_health);
    eventually("the reply is in the thread", || async {
        let context = cast.callum.get(&thread).await?;
        let below = context.get("descendants").and_then(Value::as_array).context("no descendants")?;
        Ok(below.iter().any(|status| says(status, words)).then_some(()))
    })
    .await
}

async fn gone(door: &FrontDoor, id: &str) -> Result<()> {
    let path = format!("/api/v1/statuses/{id}");
    eventually("the deleted post vanishes", || async {
        let (status, _) = door.try_call(Method::GET, &path, None).await?;
        Ok((status == StatusCode::NOT_FOUND).then_some(()))
    })
    .await
}

async fn delete(cast: &Cast, post: &Posted) -> Result<()> {
    cast.callum.call(Method::DELETE, &format!("/api/v1/statuses/{}", post.at_health), None).await?;
    gone(&cast.callum, &post.at_health).await?;
    gone(&cast.chloe, &post.at_revenue).await?;
    gone(&cast.lucy, &post.at_transport).await
}

/// Publishes something that must not arrive and then something that must: when the second is there,
/// the first would have been too, since an author's posts go in order.
async fn publish_then_marker(cast: &Cast, secret: Value, marker: &str) -> Result<String> {
    let made = cast.callum.post("/api/v1/statuses", secret).await?;
    cast.callum.post("/api/v1/statuses", json!({ "status": marker, "visibility": "public" })).await?;
    text(&made, "uri")
}

/// Neither in the home feed nor to be fetched by its address.
async fn absent(door: &FrontDoor, words: &str, uri: &str) -> Result<()> {
    ensure!(!door.home().await?.iter().any(|status| says(status, words)), "“{words}” arrived at {}", door.base());
    let query: String = url::form_urlencoded::byte_serialize(uri.as_bytes()).collect();
    let found = door.get(&format!("/api/v2/search?resolve=true&type=statuses&q={query}")).await?;
    let statuses = found.get("statuses").and_then(Value::as_array).map_or(0, Vec::len);
    ensure!(statuses == 0, "{} could fetch {uri}", door.base());
    Ok(())
}

async fn department(cast: &Cast) -> Result<()> {
    let words = &cast.words("The fire drill is at eleven, use the north stairs");
    let marker = &cast.words("Department news is told; this one is for everyone");
    let uri = publish_then_marker(cast, json!({ "status": words, "audience": "department" }), marker).await?;
    for door in [&cast.chloe, &cast.lucy] {
        arrives(door, marker).await?;
        absent(door, words, &uri).await?;
    }
    Ok(())
}

async fn marked(cast: &Cast) -> Result<()> {
    let words = &cast.words("The draft figures stay with the named teams");
    let marker = &cast.words("The published figures are out");
    let secret = json!({
        "status": words, "visibility": "public",
        "marking": "OFFICIAL-SENSITIVE", "handling": "Do not forward",
    });
    let uri = publish_then_marker(cast, secret, marker).await?;
    arrives(&cast.chloe, marker).await?;
    absent(&cast.chloe, words, &uri).await?;
    arrives(&cast.lucy, words).await?;
    let home = cast.lucy.home().await?;
    let seen = home.iter().find(|status| says(status, words)).context("it is gone again")?;
    ensure!(text(seen, "marking")? == "OFFICIAL-SENSITIVE", "the marking was lost on the way");
    Ok(())
}

/// What somebody gets who has a certificate of the network, but signs nothing; and one who has no token.
async fn strangers(demo: &Demo, cast: &Cast) -> Result<()> {
    let [health, ..] = &demo.nodes;
    let caller = demo.network.caller(demo.network.files(1))?;
    let home = cast.callum.home().await?;
    let base = format!("https://{}/", health.authority);
    let uris = home.iter().filter_map(|status| status.get("uri").and_then(Value::as_str));
    let uri = uris.into_iter().find(|uri| uri.starts_with(&base)).context("none of Health's posts is in the feed")?;
    let get = caller.get(uri).header("accept", "application/activity+json").send().await?;
    ensure!(get.status() == StatusCode::UNAUTHORIZED, "an unsigned GET was answered {}", get.status());
    let like = json!({
        "type": "Like", "id": "https://elsewhere.example/1", "actor": "https://elsewhere.example/a", "object": uri,
    });
    let inbox = caller.post(format!("{base}inbox")).header("content-type", "application/activity+json");
    let post = inbox.body(like.to_string()).send().await?;
    ensure!(post.status() == StatusCode::UNAUTHORIZED, "an unsigned activity was answered {}", post.status());
    let http = reqwest::Client::builder().no_proxy().build()?;
    let api = http.get(health.url.join("/api/v1/timelines/home")?).send().await?;
    ensure!(api.status() == StatusCode::UNAUTHORIZED, "a feed without a token was answered {}", api.status());
    Ok(())
}

async fn removed(cast: &Cast, health: &DemoNode, revenue: &DemoNode) -> Result<()> {
    let authority = revenue.authority.clone();
    peers::remove(&health.ctx, &Operator::System, &authority).await?;
    // What came from there is hidden here, and nobody there can be found or named.
    let (status, answer) = cast
        .callum
        .try_call(
            Method::POST,
            "/api/v1/statuses",
            Some(json!({ "status": format!("@chloe@{} hello", revenue.account_domain) })),
        )
        .await?;
    ensure!(status == StatusCode::UNPROCESSABLE_ENTITY, "a mention of a removed peer was answered {status}: {answer}");
    let query: String =
        url::form_urlencoded::byte_serialize(format!("@joel@{}", revenue.account_domain).as_bytes()).collect();
    let found = cast.callum.get(&format!("/api/v2/search?resolve=true&type=accounts&q={query}")).await?;
    ensure!(
        found.get("accounts").and_then(Value::as_array).is_some_and(Vec::is_empty),
        "a removed peer's people are found"
    );
    let home = cast.callum.home().await?;
    let theirs = |status: &Value| {
        status
            .pointer("/account/acct")
            .and_then(Value::as_str)
            .is_some_and(|acct| acct.contains(revenue.account_domain.as_str()))
    };
    ensure!(!home.iter().any(theirs), "posts of a removed peer are still shown");
    // What Health says now does not reach Revenue, and Revenue can't fetch it.
    let words = &cast.words("Only those who are still with us read this");
    let made = cast.callum.post("/api/v1/statuses", json!({ "status": words, "visibility": "public" })).await?;
    arrives(&cast.lucy, words).await?;
    absent(&cast.chloe, words, &text(&made, "uri")?).await?;
    turned_away(cast, health, revenue).await
}

/// What a removed peer sends is refused at the inbox, though it is signed as well as ever: its own queue shows the
/// answer, and the act has no effect.
async fn turned_away(cast: &Cast, health: &DemoNode, revenue: &DemoNode) -> Result<()> {
    let rejected = || async {
        let rows = queue::rows(&revenue.ctx, &health.authority, Which::Rejected, 1000).await?;
        Ok::<_, anyhow::Error>(rows.into_iter().filter(|row| row.kind == "Like").collect::<Vec<_>>())
    };
    let before: Vec<_> = rejected().await?.iter().map(|row| row.id).collect();
    let home = cast.chloe.home().await?;
    let by_callum = |status: &&Value| status.pointer("/account/username").and_then(Value::as_str) == Some("callum");
    let liked = home.iter().find(by_callum).context("Chloe has none of Callum's posts")?;
    cast.chloe.post(&format!("/api/v1/statuses/{}/favourite", text(liked, "id")?), json!({})).await?;
    let row = eventually("Health refuses what Revenue sends", || async {
        Ok(rejected().await?.into_iter().find(|row| !before.contains(&row.id)))
    })
    .await?;
    ensure!(row.last_status == Some(403), "a removed peer's activity was answered {:?}", row.last_status);
    let uri: String = url::form_urlencoded::byte_serialize(text(liked, "uri")?.as_bytes()).collect();
    let found = cast.callum.get(&format!("/api/v2/search?resolve=true&type=statuses&q={uri}")).await?;
    let count = found.pointer("/statuses/0/favourites_count").and_then(Value::as_i64);
    ensure!(count == Some(0), "a removed peer's Like was counted: {count:?}");
    Ok(())
}

async fn undisturbed(cast: &Cast, transport: &DemoNode) -> Result<()> {
    let words = &cast.words("Transport and Health go on talking");
    cast.callum.post("/api/v1/statuses", json!({ "status": words, "visibility": "public" })).await?;
    arrives(&cast.lucy, words).await.with_context(|| format!("at {}", transport.url))?;
    Ok(())
}

/// Leaves the network as it was found: a folder that is kept is shown again.
async fn taken_back(cast: &Cast, health: &DemoNode, revenue: &DemoNode) -> Result<()> {
    let before = peers::show(&health.ctx, &revenue.authority).await?.peer;
    let terms = AllowPeer {
        authority: before.authority,
        account_domain: Some(before.account_domain),
        ceiling: before.ceiling,
        default_marking: Some(before.default_marking),
        department: before.department,
        note: before.note,
        contact: before.contact,
    };
    peers::allow(&health.ctx, &Operator::System, terms).await?;
    // Health cut the follow when it cut Revenue off; Chloe's node does not know that yet.
    let handle = format!("callum@{}", health.account_domain);
    let callum = cast.chloe.resolve(&handle).await?;
    cast.chloe.post(&format!("/api/v1/accounts/{callum}/unfollow"), json!({})).await?;
    follow(cast, &handle).await?;
    let words = &cast.words("Welcome back, Revenue");
    let made = cast.callum.post("/api/v1/statuses", json!({ "status": words, "visibility": "public" })).await?;
    let uri = text(&made, "uri")?;
    eventually("Chloe reads it", || async {
        let home = cast.chloe.home().await?;
        Ok(home.iter().any(|status| text(status, "uri").is_ok_and(|found| found == uri)).then_some(()))
    })
    .await
}
