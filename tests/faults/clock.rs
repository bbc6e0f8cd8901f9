//! Case 80: clocks that go wrong and are set right, and databases that are put back to what they were.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use corridor_app::Addresses;
use corridor_app::queue::{self, PeerQueue, Which};
use corridor_domain::Authority;
use corridor_domain::authority::Policy;
use corridor_tests::{Database, Fault, FrontDoor, TestNode, befriend, eventually, free_address, on_both, text};
use serde_json::{Value, json};
use url::Url;

use super::bad_peers::behind;
use crate::federation::conversation::{arrives, follow, says};
use crate::web::pages::Pages;

const YEAR: Duration = Duration::from_secs(365 * 86_400);
const HOUR: Duration = Duration::from_secs(3600);

/// A node's place, which it keeps while it is down.
struct Place(SocketAddr);

impl Place {
    async fn start(&self, database: &Database) -> Result<TestNode> {
        let listener = TcpListener::bind(self.0)?;
        let base = Url::parse(&format!("http://{}", self.0))?;
        let account_domain = Authority::parse_with(&self.0.to_string(), Policy::loopback())?;
        TestNode::start_on(Database::shared(database.url()), |setup| {
            setup.settings.addresses = Addresses { account_domain, federation: base.clone(), staff: base };
            setup.staff = listener;
            setup.limits.backoff_first = Duration::from_millis(100);
            setup.limits.backoff_longest = Duration::from_millis(500);
        })
        .await
    }
}

async fn stand(node: &TestNode, peer: &TestNode) -> Result<PeerQueue> {
    let peers = queue::overview(&node.ctx).await?.peers;
    peers.into_iter().find(|stand| stand.peer.authority == peer.authority).context("no such peer")
}

/// Waits until something waits for a peer that does not take it.
async fn waits(node: &TestNode, peer: &TestNode) -> Result<()> {
    eventually("the delivery fails", || async {
        let stand = stand(node, peer).await?;
        ensure!(stand.rejected == 0, "it is set aside");
        Ok((stand.failures > 1 && stand.pending > 0).then_some(()))
    })
    .await
}

/// The words of the home feed, newest first.
async fn home(door: &FrontDoor) -> Result<Vec<String>> {
    let home = door.home().await?;
    let words = |status: &Value| status["content"].as_str().map(|text| text.replace("<p>", "").replace("</p>", ""));
    Ok(home.iter().filter_map(words).collect())
}

on_both! {
    async fn hostile_080_what_a_wrong_clock_wrote_holds_nothing_back(kind: Kind) {
        let (database, place) = (Database::new(kind)?, Place(free_address()?));
        let mut here = place.start(&database).await?;
        let there = TestNode::start(kind).await?;
        befriend(&[&here, &there]).await?;
        let (author, reader) = (here.person("author").await?, there.person("reader").await?);
        follow(&reader, &here.handle("author")).await?;
        says(&author, "In time").await?;
        arrives(&reader, "In time").await?;

        // An hour behind: nobody believes its signatures, and what it says waits until they do.
        here.clock.set_back(HOUR);
        says(&author, "An hour ago").await?;
        waits(&here, &there).await?;
        here.clock.advance(HOUR);
        arrives(&reader, "An hour ago").await?;

        // A year ahead, with somebody who signs in meanwhile.
        here.clock.advance(YEAR);
        let mut tab = Pages::signed_in(&here.url, "author").await?;
        ensure!(tab.get("/").await?.status.is_success(), "they are signed in");
        says(&author, "In a year").await?;
        waits(&here, &there).await?;
        let rows = queue::rows(&here.ctx, &there.authority, Which::Waiting, 10).await?;
        ensure!(rows.iter().all(|row| row.attempts < 100), "it is tried without a pause: {rows:?}");
        here.clock.set_back(YEAR);
        ensure!(!tab.get("/").await?.status.is_success(), "a session of the future lives for a year");
        ensure!(Pages::signed_in(&here.url, "author").await?.get("/").await?.status.is_success());
        arrives(&reader, "In a year").await?;
        says(&author, "Now").await?;
        arrives(&reader, "Now").await?;

        // Started again, it has forgotten how far it was ahead, and still what is new stands above what was there.
        here.stop().await;
        drop(here);
        let here = place.start(&database).await?;
        says(&author, "After a restart").await?;
        arrives(&reader, "After a restart").await?;
        let wanted = ["After a restart", "Now", "In a year", "An hour ago", "In time"];
        ensure!(home(&author).await? == wanted, "{:?}", home(&author).await?);
        ensure!(home(&reader).await? == wanted, "{:?}", home(&reader).await?);
        ensure!(stand(&here, &there).await?.pending == 0);
        Ok(())
    }
}

on_both! {
    async fn hostile_080_a_restored_backup_repeats_nothing_and_reuses_nothing(kind: Kind) {
        let (database, place) = (Database::new(kind)?, Place(free_address()?));
        let mut here = place.start(&database).await?;
        let mut proxy = None;
        let there = behind(kind, &mut proxy).await?;
        let proxy = proxy.context("the proxy is up")?;
        befriend(&[&here, &there]).await?;
        let author = here.person("author").await?;
        let (reader, late) = (there.person("reader").await?, there.person("late").await?);
        follow(&reader, &here.handle("author")).await?;
        says(&author, "Before the cut").await?;
        arrives(&reader, "Before the cut").await?;
        proxy.set(Fault::Refuse);
        says(&author, "Owed at the cut").await?;
        waits(&here, &there).await?;
        let backup = database.backup()?;
        proxy.set(Fault::None);
        arrives(&reader, "Owed at the cut").await?;
        let lost = says(&author, "After the cut").await?;
        arrives(&reader, "After the cut").await?;
        let followed = follow(&late, &here.handle("author")).await?;
        here.stop().await;
        drop(here);

        // What it owed then it sends again, and what it says now is something new.
        let here = place.start(&backup).await?;
        let next = says(&author, "After the restore").await?;
        let id = |status: &Value| Ok::<i64, anyhow::Error>(text(status, "id")?.parse()?);
        ensure!(next["uri"] != lost["uri"] && id(&next)? > id(&lost)?, "{next} after {lost}");
        arrives(&reader, "After the restore").await?;
        eventually("all is sent", || async { Ok((stand(&here, &there).await?.pending == 0).then_some(())) }).await?;
        let wanted = ["After the restore", "After the cut", "Owed at the cut", "Before the cut"];
        ensure!(home(&reader).await? == wanted, "{:?}", home(&reader).await?);

        // Who follows whom is compared with the next post for followers: of the late one the backup knows nothing.
        let post = json!({ "status": "For followers", "visibility": "private" });
        author.post("/api/v1/statuses", post).await?;
        arrives(&reader, "For followers").await?;
        eventually("both nodes agree on who follows", || async {
            let relation = late.get(&format!("/api/v1/accounts/relationships?id[]={followed}")).await?;
            Ok((relation[0]["following"] == false).then_some(()))
        })
        .await?;
        Ok(())
    }
}
