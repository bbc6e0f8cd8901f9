//! The demonstration: three departments on a closed network on this machine, with people who talk.

mod cast;
mod check;
mod check_groups;
mod check_network;
mod fill;
pub mod front_door;
mod groups;
mod network;
mod registry;

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use corridor_app::Ctx;
use corridor_domain::Authority;
use indicatif::{ProgressBar, ProgressStyle};
use url::Url;

use self::network::Network;
use self::registry::Registrar;
use crate::loopback;
use crate::node::{RunningNode, Setup};

/// The password of everybody in the demonstration, which answers on loopback alone.
pub const PASSWORD: &str = "lantern-harbour-42";

/// What to demonstrate, and where.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Keeps the databases here; a temporary folder otherwise.
    pub folder: Option<PathBuf>,
    /// The three nodes take this port and the two after it; any free ones when it is 0.
    pub base_port: u16,
    /// Hides the progress bar.
    pub quiet: bool,
}

/// A node of the demonstration.
#[derive(Debug)]
pub struct DemoNode {
    /// Short name.
    pub key: &'static str,
    /// The department's name.
    pub department: &'static str,
    /// Where to point a browser or a client.
    pub url: Url,
    /// What its peers list.
    pub authority: Authority,
    /// The domain in its people's handles.
    pub account_domain: Authority,
    /// Its use cases, for the administrator.
    pub ctx: Ctx,
    running: RunningNode,
}

/// Three running nodes.
#[derive(Debug)]
pub struct Demo {
    /// Health, Transport, Revenue.
    pub nodes: [DemoNode; 3],
    /// Everybody's password.
    pub password: String,
    network: Network,
    registrar: Registrar,
    // Removed when the demonstration ends.
    _temporary: Option<tempfile::TempDir>,
}

impl Demo {
    /// Starts the nodes and fills them, unless their folder holds them filled already.
    ///
    /// # Errors
    /// With what could not be started, in words.
    pub async fn start(options: &Options) -> Result<Self> {
        let temporary = match options.folder {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("corridor-demo-").tempdir()?),
        };
        let folder = match (&options.folder, &temporary) {
            (Some(folder), _) => folder.clone(),
            (None, Some(temporary)) => temporary.path().to_owned(),
            (None, None) => unreachable!("one of the two is always there"),
        };
        std::fs::create_dir_all(&folder).with_context(|| format!("{} can't be made", folder.display()))?;
        let (network, listeners) = Network::open(&folder.join("network"))?;
        let registrar = Registrar::open(&network.folder().join("registry"))?;
        let mut nodes = Vec::new();
        for (index, listener) in listeners.into_iter().enumerate() {
            let setup = set_up(options, &folder, index)?;
            nodes.push(start_node(setup, index, &network, &registrar, listener).await?);
        }
        let nodes = <[DemoNode; 3]>::try_from(nodes).ok().context("there are three departments")?;
        registrar.publish(&nodes).await?;
        let demo = Self { nodes, password: PASSWORD.to_owned(), network, registrar, _temporary: temporary };
        fill::fill(&demo, &progress(options.quiet)).await?;
        Ok(demo)
    }

    /// Stops the nodes.
    pub async fn stop(self) {
        for node in self.nodes {
            node.running.stop().await;
        }
    }

    /// The table of addresses and sign-ins, and what to try.
    #[must_use]
    pub fn guide(&self) -> String {
        let mut text = String::from("\nThree departments are running on this machine:\n\n");
        text += &format!("  {:<26} {:<24} {}\n", "Department", "Address", "Sign in as (administrator first)");
        for (node, department) in self.nodes.iter().zip(&cast::DEPARTMENTS) {
            let names: Vec<&str> = department.people.iter().take(4).map(|person| person.username).collect();
            text += &format!(
                "  {:<26} {:<24} {}, …\n",
                node.department,
                node.url.as_str().trim_end_matches('/'),
                names.join(", ")
            );
        }
        let [health, transport, _] = &self.nodes;
        text += &format!("\n  Everybody's password: {}\n\nWhat to try:\n", self.password);
        text += &format!("  1. Open {} and sign in as amira.\n", health.url);
        text += &format!("  2. Find @lucy@{} and follow her.\n", transport.account_domain);
        text += "  3. Write a post for the network, and one for your department only.\n";
        text +=
            &format!("  4. Sign in at {} as priya, in a private window, and see which one arrived.\n", transport.url);
        text += &format!("  5. Ask to join @rail-data@{}, and let amira in as hannah.\n", transport.account_domain);
        text += &format!(
            "  6. Or with a client: toot login_cli --base-url {}\n",
            health.url.as_str().trim_end_matches('/')
        );
        text += &self.network_in_words();
        text += "\nPress Ctrl-C to stop.\n";
        text
    }

    /// How a peer comes in, and what happens to somebody who is none.
    fn network_in_words(&self) -> String {
        let [health, transport, _] = &self.nodes;
        let (Some(address), Some(files)) = (self.network.address(0), self.network.files(1)) else {
            return String::new();
        };
        let (host, authority) = (&health.authority, self.network.authority());
        let reach = format!(
            "curl --cacert {} --connect-to {host}:443:{address} https://{host}/.well-known/nodeinfo",
            authority.display()
        );
        format!(
            "\nBetween the departments is a closed network, with certificates of an authority of its own and a \
             registry\nthat two have signed: {}\n  7. Knock as a stranger, who is turned away in the handshake:\n     \
             {reach}\n  8. Knock as {}, who is let in:\n     {reach} \\\n       --cert {} --key {}\n",
            self.network.folder().display(),
            transport.department,
            files.certificate.display(),
            files.key.display(),
        )
    }
}

/// Runs the scripted conversation and prints each step.
///
/// # Errors
/// With the first step that failed.
pub async fn check(demo: &Demo) -> Result<()> {
    check::run(demo, &mut std::io::stdout()).await
}

fn set_up(options: &Options, folder: &Path, index: usize) -> Result<Setup> {
    let department = cast::DEPARTMENTS.get(index).context("there are three departments")?;
    let offset = u16::try_from(index)?;
    let port = if options.base_port == 0 { 0 } else { options.base_port.saturating_add(offset) };
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .with_context(|| format!("port {port} is taken: name others with --base-port, or 0 for any free ones"))?;
    let file = folder.join(format!("{}.sqlite3", department.key));
    let database = corridor_store::Options::from_url(&format!("sqlite:{}", file.display()))?;
    loopback::setup(listener, department.name, department.description, database)
}

async fn start_node(
    mut setup: Setup,
    index: usize,
    network: &Network,
    registrar: &Registrar,
    listener: TcpListener,
) -> Result<DemoNode> {
    let department = cast::DEPARTMENTS.get(index).context("there are three departments")?;
    network.admit(&mut setup, index, listener)?;
    setup.settings.registry = registrar.settings();
    let addresses = setup.settings.addresses.clone();
    let running = RunningNode::start(setup).await.with_context(|| format!("{} can't start", department.name))?;
    Ok(DemoNode {
        key: department.key,
        department: department.name,
        url: addresses.staff.clone(),
        authority: addresses.federation_authority(),
        account_domain: addresses.account_domain,
        ctx: running.ctx.clone(),
        running,
    })
}

fn progress(quiet: bool) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{bar:32} {pos:>3}/{len:<3} {msg}")
        .unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}
