//! A node of the bench: a process of its own on loopback, with people and posts made through the use cases.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use corridor_app::accounts::{self, NewUser};
use corridor_app::follows::{self, FollowOptions};
use corridor_app::operator::Operator;
use corridor_app::posts::{self, Draft};
use corridor_app::{Ctx, Viewer};
use corridor_domain::Audience;
use corridor_server::demo::front_door::FrontDoor;
use corridor_server::loopback;
use corridor_server::node::RunningNode;
use corridor_store::{Options, Store, run_migrations};
use url::Url;

use crate::process::Process;

/// Everybody's password.
const PASSWORD: &str = "correct-horse-battery";
/// Worker threads of the node, and of the bare servers that it is compared with.
pub const WORKERS: usize = 2;

/// A database and the process that serves it.
pub struct Node {
    /// Where it answers.
    pub address: SocketAddr,
    database: String,
    process: Option<Process>,
    // Keeps the folder of a SQLite file.
    _folder: Option<tempfile::TempDir>,
}

impl Node {
    /// An empty database on this backend; the process is not started yet.
    ///
    /// # Errors
    /// When the database can't be made.
    pub fn new(backend: &str) -> Result<Self> {
        let (database, folder) = match backend {
            "sqlite" => {
                let folder = tempfile::tempdir()?;
                (format!("sqlite:{}", folder.path().join("bench.sqlite3").display()), Some(folder))
            }
            _ => (make_database()?, None),
        };
        run_migrations(&Options::from_url(&database)?)?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        Ok(Self { address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)), database, process: None, _folder: folder })
    }

    /// The URL of its database.
    #[must_use]
    pub fn database(&self) -> &str {
        &self.database
    }

    /// The use cases on the node's database, as an administrator has them.
    ///
    /// # Errors
    /// When the database can't be opened.
    pub fn admin(&self) -> Result<Ctx> {
        let setup = setup(&self.database, self.address.port())?;
        let settings = setup.settings.clone();
        drop(setup);
        Ok(Ctx::new(Store::open(&Options::from_url(&self.database)?)?, settings))
    }

    /// Starts the process and waits until it is ready; how long that took.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start(&mut self) -> Result<Duration> {
        let (begin, port) = (Instant::now(), self.address.port().to_string());
        let words = ["node", "--database", &self.database, "--port", &port];
        self.process = Some(Process::start(&words, self.address).await?);
        Ok(begin.elapsed())
    }

    /// Ends the process.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// Its memory that stands in RAM, in KiB (Linux).
    #[must_use]
    pub fn resident_kib(&self) -> Option<f64> {
        self.process.as_ref()?.resident_kib()
    }

    /// The same in MiB.
    #[must_use]
    pub fn resident_mib(&self) -> Option<f64> {
        self.resident_kib().map(|kib| kib / 1024.0)
    }

    /// A bearer token of one of its people.
    ///
    /// # Errors
    /// When a door does not open.
    pub async fn token(&self, username: &str) -> Result<String> {
        let base = Url::parse(&format!("http://{}", self.address))?;
        Ok(FrontDoor::sign_in(&base, username, PASSWORD).await?.token().to_owned())
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.stop();
        // A database of the bench may hold gigabytes, on a server that lives on.
        if !self.database.starts_with("sqlite:")
            && let Err(error) = remove_database(&self.database)
        {
            eprintln!("a database of the bench is still there: {error:#}");
        }
    }
}

fn make_database() -> Result<String> {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection};
    let server = server()?;
    let mut bytes = [0_u8; 8];
    openssl::rand::rand_bytes(&mut bytes)?;
    let name = format!("bench_{:016x}", u64::from_be_bytes(bytes));
    PgConnection::establish(&server)?.batch_execute(&format!("CREATE DATABASE {name}"))?;
    let (base, _) = server.rsplit_once('/').context("TEST_POSTGRES_URL names no database")?;
    Ok(format!("{base}/{name}"))
}

fn remove_database(url: &str) -> Result<()> {
    use diesel::connection::SimpleConnection;
    use diesel::{Connection, PgConnection};
    let (_, name) = url.rsplit_once('/').context("the URL names no database")?;
    Ok(PgConnection::establish(&server()?)?.batch_execute(&format!("DROP DATABASE {name} WITH (FORCE)"))?)
}

fn server() -> Result<String> {
    std::env::var("TEST_POSTGRES_URL").context("TEST_POSTGRES_URL is not set")
}

fn setup(database: &str, port: u16) -> Result<corridor_server::node::Setup> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    let mut setup =
        loopback::setup(listener, "Department of Figures", "A node of the bench", Options::from_url(database)?)?;
    setup.settings.password_cost.memory_kib = 64;
    setup.settings.password_cost.passes = 1;
    setup.workers = WORKERS;
    // What one peer may send is bounded; here one sends for all.
    setup.limits.inbox_per_second = 1_000_000;
    // The usual limit is for departments that run more than one process.
    setup.settings.streaming.most = 2 * crate::streams::STREAMS;
    Ok(setup)
}

/// The process: serves until it is killed.
///
/// # Errors
/// When it can't start.
pub async fn serve(database: &str, port: u16) -> Result<()> {
    let _running = RunningNode::start(setup(database, port)?).await?;
    std::future::pending().await
}

/// Makes people, the first of whom everyone else follows, and whom follows everyone.
///
/// # Errors
/// When a use case refuses.
pub async fn people(ctx: &Ctx, count: usize) -> Result<Vec<Viewer>> {
    let mut viewers = Vec::with_capacity(count);
    for number in 0..count {
        let user = NewUser {
            username: format!("person{number}"),
            display_name: format!("Person {number}"),
            role_title: "Analyst".to_owned(),
            password: Some(PASSWORD.to_owned()),
            ..NewUser::default()
        };
        accounts::create_user(ctx, &Operator::System, user).await?;
        viewers.push(accounts::viewer_by_username(ctx, &format!("person{number}")).await?);
    }
    if let Some((first, others)) = viewers.split_first() {
        for other in others {
            follows::follow(ctx, other, first.id, FollowOptions::default()).await?;
            follows::follow(ctx, first, other.id, FollowOptions::default()).await?;
        }
    }
    Ok(viewers)
}

/// Publishes posts, by each in turn.
///
/// # Errors
/// When a use case refuses.
pub async fn talk(ctx: &Ctx, viewers: &[Viewer], count: usize) -> Result<()> {
    for (number, viewer) in (0..count).zip(viewers.iter().cycle()) {
        let text = format!(
            "Post {number}: the figures of the quarter are on the network, with the **method** and what is not known. \
             Ask here before you quote them. #Figures"
        );
        let draft = Draft { text, audience: Some(Audience::Network), ..Draft::default() };
        posts::publish(ctx, viewer, draft).await?;
    }
    Ok(())
}
