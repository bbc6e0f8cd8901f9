//! A whole node in this process, on a loopback port of its own.

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use corridor_app::Ctx;
use corridor_app::accounts::{self, NewUser};
use corridor_app::operator::Operator;
use corridor_app::peers::{self, AllowPeer};
use corridor_domain::{Authority, Marking, Role};
use corridor_server::loopback;
use corridor_server::node::{RunningNode, Setup};
use corridor_store::Clock;
use url::Url;

use crate::{Database, FrontDoor, Kind};

/// Everybody's password in the tests.
pub const PASSWORD: &str = "correct-horse-battery";

/// A node and its database.
#[derive(Debug)]
pub struct TestNode {
    /// Where it answers.
    pub url: Url,
    /// What its peers list.
    pub authority: Authority,
    /// Its use cases, for what an administrator does on the command line.
    pub ctx: Ctx,
    /// Its clock.
    pub clock: Clock,
    running: Option<RunningNode>,
    _media: tempfile::TempDir,
    // Dropped after the node.
    database: Database,
}

impl TestNode {
    /// Starts a node on a fresh database.
    ///
    /// # Errors
    /// When it can't start.
    pub async fn start(kind: Kind) -> Result<Self> {
        Self::start_with(kind, |_| {}).await
    }

    /// As [`TestNode::start`], with settings changed first.
    ///
    /// # Errors
    /// When it can't start.
    pub async fn start_with(kind: Kind, change: impl FnOnce(&mut Setup)) -> Result<Self> {
        Self::start_on(Database::migrated(kind)?, change).await
    }

    /// Starts a node on a database.
    ///
    /// # Errors
    /// When it can't start.
    pub async fn start_on(database: Database, change: impl FnOnce(&mut Setup)) -> Result<Self> {
        crate::calls::watch();
        let clock = Clock::system();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let mut setup =
            loopback::setup(listener, "Department of Tests", "A node of the tests", database.options(clock.clone())?)?;
        // Hashing well would be most of the time that the tests take.
        setup.settings.password_cost.memory_kib = 64;
        setup.settings.password_cost.passes = 1;
        // A busy machine must not turn a ready picture into one that is waited for.
        setup.settings.media.patience = Duration::from_secs(30);
        let media = tempfile::tempdir()?;
        // Beside a file the folder of the file does, also for a node that is started again on it.
        if database.folder().is_none() {
            setup.settings.media.folder = media.path().to_owned();
        }
        change(&mut setup);
        let addresses = setup.settings.addresses.clone();
        let running = RunningNode::start(setup).await?;
        Ok(Self {
            url: addresses.staff.clone(),
            authority: addresses.federation_authority(),
            ctx: running.ctx.clone(),
            clock,
            running: Some(running),
            _media: media,
            database,
        })
    }

    /// The node's database.
    #[must_use]
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// A URL on this node.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_str().trim_end_matches('/'))
    }

    /// Makes a member, as `corridor user add` does.
    ///
    /// # Errors
    /// When the name is taken or wrong.
    pub async fn add(&self, username: &str) -> Result<()> {
        let user = NewUser {
            username: username.to_owned(),
            display_name: format!("{username} of the tests"),
            email: format!("{username}@department.example"),
            role: Role::Member,
            role_title: "Tester".to_owned(),
            password: Some(PASSWORD.to_owned()),
        };
        accounts::create_user(&self.ctx, &Operator::System, user).await?;
        Ok(())
    }

    /// Makes a member and signs them in through the pages and OAuth.
    ///
    /// # Errors
    /// When a door does not open.
    pub async fn person(&self, username: &str) -> Result<FrontDoor> {
        self.add(username).await?;
        self.sign_in(username).await
    }

    /// Signs a member in through the pages and OAuth.
    ///
    /// # Errors
    /// When a door does not open.
    pub async fn sign_in(&self, username: &str) -> Result<FrontDoor> {
        FrontDoor::sign_in(&self.url, username, PASSWORD).await
    }

    /// The handle of one of its people, as peers write it.
    #[must_use]
    pub fn handle(&self, username: &str) -> String {
        format!("{username}@{}", self.ctx.settings.addresses.account_domain)
    }

    /// Allows a peer, as `corridor peer allow` does.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn allow(&self, peer: &Authority, ceiling: Marking) -> Result<()> {
        let allow = AllowPeer {
            authority: peer.clone(),
            account_domain: None,
            ceiling,
            default_marking: None,
            department: format!("Department at {peer}"),
            note: String::new(),
            contact: String::new(),
        };
        peers::allow(&self.ctx, &Operator::System, allow).await?;
        Ok(())
    }

    /// Takes a peer off the list, as `corridor peer remove` does.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn remove(&self, peer: &Authority) -> Result<()> {
        peers::remove(&self.ctx, &Operator::System, peer).await?;
        Ok(())
    }

    /// Stops serving; the database stays for looking at it.
    pub async fn stop(&mut self) {
        if let Some(running) = self.running.take() {
            running.stop().await;
        }
    }
}

/// A place on loopback where nothing listens, below the ports that outgoing connections get: nobody takes it while its
/// node is down.
///
/// # Errors
/// When an address can't be read.
pub fn free_address() -> Result<SocketAddr> {
    loop {
        let port = 12_000 + rand::random::<u16>() % 20_000;
        if let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
            return Ok(listener.local_addr()?);
        }
    }
}

/// Lets nodes federate with each other, at the highest ceiling.
///
/// # Errors
/// When a store fails.
pub async fn befriend(nodes: &[&TestNode]) -> Result<()> {
    for node in nodes {
        let ceiling = node.ctx.settings.scheme.highest();
        for peer in nodes.iter().filter(|peer| peer.authority != node.authority) {
            node.allow(&peer.authority, ceiling).await?;
        }
    }
    Ok(())
}

/// Asks again and again until the answer is there, for at most half a minute.
///
/// # Errors
/// When it does not come, or asking fails.
pub async fn eventually<T, F: Future<Output = Result<Option<T>>>>(what: &str, mut ask: impl FnMut() -> F) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = ask().await? {
            return Ok(found);
        }
        if start.elapsed() > Duration::from_secs(30) {
            bail!("{what}: nothing after 30 seconds");
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
}
