//! Nodes as administrators run them: the real program with a configuration file, in a process of its own.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use corridor_domain::Authority;
use corridor_server::ca::{Issued, Validity};
use corridor_tests::{Database, Fault, FaultProxy, FrontDoor, Kind, PASSWORD};
use reqwest::{Certificate, ClientBuilder};
use serde_json::Value;
use url::Url;

use super::network::{Network, Place, now};
use crate::cli::{program, split_password};

/// One node: its files, its database, and the process while it runs.
pub struct Served {
    pub host: Authority,
    /// Where people sign in.
    staff: Url,
    staff_address: std::net::SocketAddr,
    authority: PathBuf,
    config: PathBuf,
    log: PathBuf,
    child: Option<Child>,
    // Dropped after the process.
    _database: Database,
}

/// Three nodes and the wires between them, each of which can be cut.
pub struct ServedNetwork {
    pub nodes: Vec<Served>,
    /// `wires[a][b]` is the way from a to b.
    wires: Vec<Vec<FaultProxy>>,
    pub network: Network,
}

impl ServedNetwork {
    /// Writes what each node needs, and starts them all; each allows each.
    pub async fn start(names: &[&str], kinds: &[Kind]) -> Result<Self> {
        let network = Network::new(names)?;
        let mut wires = Vec::new();
        for _ in &network.places {
            let mut row = Vec::new();
            for to in &network.places {
                row.push(FaultProxy::start(Some(to.federation), Fault::None).await?);
            }
            wires.push(row);
        }
        let mut nodes = Vec::new();
        for (at, kind) in kinds.iter().enumerate() {
            nodes.push(Served::prepare(&network, &wires[at], at, *kind)?);
        }
        for node in &mut nodes {
            node.admin("migrate", "")?;
            for peer in network.places.iter().filter(|place| place.host != node.host) {
                node.admin(&format!("peer allow {}", peer.host), "")?;
            }
            node.run().await?;
        }
        Ok(Self { nodes, wires, network })
    }

    /// Cuts the wires between two nodes, both ways, also those connections that are open.
    pub fn part(&self, one: usize, other: usize) {
        self.set(one, other, &Fault::Refuse);
    }

    /// Mends them. Connections that were open before are cut: a fault passes none by.
    pub fn mend(&self, one: usize, other: usize) {
        self.set(one, other, &Fault::None);
    }

    fn set(&self, one: usize, other: usize, fault: &Fault) {
        self.wires[one][other].set(fault.clone());
        self.wires[other][one].set(fault.clone());
    }
}

impl Served {
    fn prepare(network: &Network, wires: &[FaultProxy], at: usize, kind: Kind) -> Result<Self> {
        let place = network.place(at);
        let folder = network.folder.path().join(place.host.as_str());
        std::fs::create_dir_all(&folder)?;
        let database = match kind {
            Kind::Sqlite => Database::in_folder(&folder)?,
            Kind::Postgres => Database::new(kind)?,
        };
        let config = folder.join("corridor.toml");
        // People's listener has a certificate of its own, so that tests can spoil the one that peers see.
        let people = network.authority.issue(&place.host, Some(&folder), Validity::days(now(), 30))?;
        std::fs::write(&config, settings(network, wires, place, &people, database.url())?)?;
        Ok(Self {
            host: place.host.clone(),
            staff: staff_url(place)?,
            staff_address: place.staff,
            authority: network.authority.certificate(),
            config,
            log: folder.join("log"),
            child: None,
            _database: database,
        })
    }

    fn command(&self) -> Result<Command> {
        let mut command = Command::new(program()?);
        command.arg("--config").arg(&self.config).env_remove("CORRIDOR_CONFIG");
        Ok(command)
    }

    /// Starts the process and waits until it is ready.
    pub async fn run(&mut self) -> Result<()> {
        let log = std::fs::OpenOptions::new().create(true).append(true).open(&self.log)?;
        let child = self
            .command()?
            .arg("serve")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("corridor can't be started")?;
        self.child = Some(child);
        let http = self.client()?.no_proxy().build()?;
        let ready = self.staff.join("/health/ready")?;
        for _ in 0..1200 {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                bail!("the node ended with {status} while it started: {}", self.logged());
            }
            if http.get(ready.clone()).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bail!("the node was not ready after 30 seconds: {}", self.logged())
    }

    /// What the node wrote so far.
    pub fn logged(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// `kill -9`, by the id that was started.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Runs an administrator's command beside the node, and expects it to be done.
    pub fn admin(&self, words: &str, input: &str) -> Result<Value> {
        let mut child = self
            .command()?
            .arg("--json")
            .args(words.split_whitespace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child.stdin.take().context("an input")?.write_all(input.as_bytes())?;
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(serde_json::from_slice(&output.stdout).unwrap_or(Value::Null))
    }

    fn client(&self) -> Result<ClientBuilder> {
        let root = Certificate::from_pem(&std::fs::read(&self.authority)?)?;
        Ok(ClientBuilder::new().tls_certs_only([root]).resolve(self.host.host(), self.staff_address))
    }

    /// Adds a person and signs them in through the pages.
    pub async fn person(&self, name: &str) -> Result<FrontDoor> {
        self.admin(&format!("user add {name} --password-file -"), PASSWORD)?;
        let builder = || self.client().unwrap();
        FrontDoor::sign_in_through(&self.staff, builder, name, PASSWORD).await
    }

    /// A person's handle, as peers write it.
    pub fn handle(&self, name: &str) -> String {
        format!("{name}@{}", self.host)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

fn staff_url(place: &Place) -> Result<Url> {
    Ok(Url::parse(&format!("https://{}:{}", place.host, place.staff.port()))?)
}

/// A whole configuration: both listeners with certificates of the private authority, peers by the wires.
fn settings(network: &Network, wires: &[FaultProxy], place: &Place, people: &Issued, database: &str) -> Result<String> {
    let folder = people.key.parent().context("a folder")?;
    let (url, password) = split_password(database)?;
    let password_file = folder.join("password");
    std::fs::write(&password_file, &password)?;
    let password_file = if password.is_empty() { String::new() } else { password_file.display().to_string() };
    let hosts: Vec<String> =
        network.places.iter().zip(wires).map(|(peer, wire)| format!("\"{}={}\"", peer.host, wire.address)).collect();
    Ok(format!(
        "[node]\ndepartment = \"Department of {host}\"\n\
         [addresses]\naccount_domain = \"{host}\"\nstaff = \"{staff_url}\"\n\
         [server]\nlisten = \"{staff}\"\nfederation_listen = \"{federation}\"\nworkers = 1\n\
         tls_certificate = \"{people}\"\ntls_key = \"{people_key}\"\n\
         [database]\nurl = \"{url}\"\npassword_file = \"{password_file}\"\nconnections = 4\n\
         [media]\nfolder = \"{media}\"\n\
         [federation]\nhosts = [{hosts}]\nauthority_files = [\"{ca}\"]\n\
         retry_first_seconds = 1\nretry_longest_seconds = 3600\n\
         [federation_tls]\ncertificate = \"{certificate}\"\nkey = \"{key}\"\nclient_authority_files = [\"{ca}\"]\n\
         [api]\nrequests_per_five_minutes = 0\n\
         [security]\npassword_memory_kib = 19456\npassword_passes = 2\n",
        host = place.host,
        staff_url = staff_url(place)?.as_str().trim_end_matches('/'),
        staff = place.staff,
        federation = place.federation,
        people = people.certificate.display(),
        people_key = people.key.display(),
        certificate = place.files.certificate.display(),
        key = place.files.key.display(),
        media = folder.join("media").display(),
        hosts = hosts.join(", "),
        ca = network.authority.certificate().display(),
    ))
}
