//! `kill -9` of the sender or the receiver at random moments while posts flow: each arrives once, in order.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use corridor_app::Ctx;
use corridor_app::accounts::{self, NewUser};
use corridor_app::operator::Operator;
use corridor_app::peers::{self, AllowPeer};
use corridor_domain::{Authority, Marking, Role};
use corridor_server::loopback;
use corridor_store::{Clock, Store};
use corridor_tests::{Database, FrontDoor, Kind, NodeProcess, PASSWORD, eventually, on_both, text};
use serde_json::{Value, json};

/// Posts that flow, and kills while they do; `CORRIDOR_TEST_KILLS` asks for more.
const POSTS: usize = 500;
const KILLS: usize = 50;

fn kills() -> usize {
    std::env::var("CORRIDOR_TEST_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS)
}

/// A process, its database, and the administrator's way in (what the command line does).
struct Side {
    process: NodeProcess,
    admin: Ctx,
    authority: Authority,
    _database: Database,
}

async fn side(kind: Kind) -> Result<Side> {
    let database = Database::new(kind)?;
    let options = database.options(Clock::system())?;
    corridor_store::run_migrations(&options)?;
    // The port is free again when the listener is dropped; the node takes it at once.
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let port = listener.local_addr()?.port();
    let setup = loopback::setup(listener, "Department of Tests", "A node of the tests", options.clone())?;
    let mut settings = setup.settings.clone();
    drop(setup);
    settings.password_cost.memory_kib = 64;
    settings.password_cost.passes = 1;
    let authority = settings.addresses.federation_authority();
    let admin = Ctx::new(Store::open(&options)?, settings);
    let process = NodeProcess::new(env!("CARGO_BIN_EXE_corridor-test-node"), &database, port)?;
    Ok(Side { process, admin, authority, _database: database })
}

async fn add(side: &Side, username: &str) -> Result<()> {
    let user = NewUser {
        username: username.to_owned(),
        display_name: username.to_owned(),
        email: String::new(),
        role: Role::Member,
        role_title: String::new(),
        password: Some(PASSWORD.to_owned()),
    };
    accounts::create_user(&side.admin, &Operator::System, user).await?;
    Ok(())
}

async fn allow(side: &Side, peer: &Side) -> Result<()> {
    let allow = AllowPeer {
        authority: peer.authority.clone(),
        account_domain: None,
        ceiling: Marking::from_rank(1),
        default_marking: None,
        department: "The other one".to_owned(),
        note: String::new(),
        contact: String::new(),
    };
    peers::allow(&side.admin, &Operator::System, allow).await?;
    Ok(())
}

/// Publishes until the node has said yes: a client that got no answer tries again with the same key.
async fn publish(author: &FrontDoor, number: usize) -> Result<()> {
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build()?;
    let url = author.base().join("/api/v1/statuses")?;
    let start = Instant::now();
    loop {
        let answer = http
            .post(url.clone())
            .bearer_auth(author.token())
            .header("idempotency-key", format!("post-{number}"))
            .json(&json!({ "status": format!("number {number:05}"), "visibility": "public" }))
            .send()
            .await;
        match answer {
            Ok(answer) if answer.status().is_success() => return Ok(()),
            Ok(answer) if answer.status().is_client_error() => {
                anyhow::bail!("post {number} was refused: {} {}", answer.status(), answer.text().await?)
            }
            _ => ensure!(start.elapsed() < Duration::from_secs(60), "post {number} was never taken"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// All numbers in the reader's home feed, newest first, page by page.
async fn read_all(reader: &FrontDoor) -> Result<Vec<usize>> {
    let mut numbers = Vec::new();
    let mut before = String::new();
    loop {
        let page = reader.get(&format!("/api/v1/timelines/home?limit=40{before}")).await?;
        let page = page.as_array().context("not a list")?;
        let Some(last) = page.last() else { return Ok(numbers) };
        before = format!("&max_id={}", text(last, "id")?);
        numbers.extend(page.iter().filter_map(number_of));
    }
}

fn number_of(status: &Value) -> Option<usize> {
    let content = status.get("content")?.as_str()?;
    content.split("number ").nth(1)?.get(..5)?.parse().ok()
}

on_both! {
    /// 500 posts, 50 kills; nothing lost, nothing doubled, the author's order kept.
    async fn hostile_080_posts_survive_kills_of_either_side(kind: Kind) {
        let (mut sender, mut receiver) = (side(kind).await?, side(kind).await?);
        add(&sender, "author").await?;
        add(&receiver, "reader").await?;
        allow(&sender, &receiver).await?;
        allow(&receiver, &sender).await?;
        sender.process.start().await?;
        receiver.process.start().await?;
        let author = FrontDoor::sign_in(&sender.process.url, "author", PASSWORD).await?;
        let reader = FrontDoor::sign_in(&receiver.process.url, "reader", PASSWORD).await?;
        let id = reader.resolve(&format!("author@{}", sender.authority)).await?;
        reader.post(&format!("/api/v1/accounts/{id}/follow"), json!({})).await?;
        eventually("the follow is accepted", || async {
            let relations = reader.get(&format!("/api/v1/accounts/relationships?id[]={id}")).await?;
            Ok(relations[0]["following"].as_bool().filter(|yes| *yes))
        })
        .await?;
        let flow = async {
            for number in 0..POSTS {
                publish(&author, number).await?;
            }
            Ok::<_, anyhow::Error>(())
        };
        let killing = async {
            for kill in 0..kills() {
                tokio::time::sleep(Duration::from_millis(50 + u64::from(rand::random::<u8>()))).await;
                let victim = if kill % 2 == 0 { &mut sender.process } else { &mut receiver.process };
                victim.kill()?;
                victim.start().await?;
            }
            Ok::<_, anyhow::Error>(())
        };
        tokio::try_join!(flow, killing)?;
        eventually("every post arrives", || async {
            let numbers = read_all(&reader).await?;
            Ok((numbers.len() >= POSTS).then_some(()))
        })
        .await?;
        let mut numbers = read_all(&reader).await?;
        numbers.reverse();
        let expected: Vec<usize> = (0..POSTS).collect();
        ensure!(numbers == expected, "arrived: {numbers:?}");
        Ok(())
    }
}
