//! A network on loopback addresses: names, places to listen, and certificates of one authority.

use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Result, ensure};
use corridor_domain::{Authority, Timestamp};
use corridor_federation::gate::StaticHost;
use corridor_server::ca::{Folder, Issued, Validity};
use corridor_server::loopback;
use corridor_server::node::Setup;
use corridor_store::Clock;
use corridor_tests::{Database, TestNode, free_address};
use reqwest::{Client, Identity};
use url::Url;

/// Where each node listens, and the authority that signs for all.
pub struct Network {
    pub folder: tempfile::TempDir,
    pub authority: Folder,
    pub places: Vec<Place>,
}

/// One node's name, addresses and files.
pub struct Place {
    pub host: Authority,
    pub staff: SocketAddr,
    pub federation: SocketAddr,
    pub files: Issued,
}

pub fn now() -> Timestamp {
    Clock::system().now()
}

impl Network {
    pub fn new(names: &[&str]) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let authority = Folder::at(&folder.path().join("ca"));
        authority.init("The tests' authority", Validity::days(now(), 30))?;
        let place = |name: &&str| {
            let host = Authority::parse(&format!("{name}.corridor.test"))?;
            let files = authority.issue(&host, Some(&folder.path().join(name)), Validity::days(now(), 30))?;
            Ok(Place { host, staff: free_address()?, federation: free_address()?, files })
        };
        let places = names.iter().map(place).collect::<Result<_>>()?;
        Ok(Self { folder, authority, places })
    }

    pub fn place(&self, at: usize) -> &Place {
        &self.places[at]
    }

    /// A node on a file that outlives it.
    pub async fn start(&self, at: usize) -> Result<TestNode> {
        self.start_with(at, |_| {}).await
    }

    /// The same, with its setup changed.
    pub async fn start_with(&self, at: usize, change: impl FnOnce(&mut Setup)) -> Result<TestNode> {
        let place = self.place(at);
        let folder = self.folder.path().join(place.host.as_str());
        std::fs::create_dir_all(&folder)?;
        let listener = TcpListener::bind(place.federation)?;
        let staff = TcpListener::bind(place.staff)?;
        TestNode::start_on(Database::in_folder(&folder)?, |setup| {
            self.dress(setup, place, staff, listener);
            change(setup);
        })
        .await
    }

    pub fn dress(&self, setup: &mut Setup, place: &Place, staff: TcpListener, federation: TcpListener) {
        setup.settings.addresses.staff = Url::parse(&format!("http://{}", place.staff)).unwrap();
        setup.staff = staff;
        let hosts: Vec<StaticHost> = self
            .places
            .iter()
            .map(|place| StaticHost { host: place.host.clone(), address: place.federation })
            .collect();
        let (authority, files) = (&self.authority, &place.files);
        let closed = loopback::Place { host: &place.host, files, authority, hosts: &hosts };
        loopback::close(setup, federation, closed).unwrap();
        setup.tls.poll = Duration::from_millis(50);
        setup.limits.backoff_first = Duration::from_millis(100);
        setup.limits.backoff_longest = Duration::from_millis(500);
    }

    /// A client that trusts the authority, reaches the place by its name, and shows these files.
    pub fn client(&self, at: usize, shows: Option<(&Path, &Path)>) -> Result<Client> {
        let place = self.place(at);
        let root = reqwest::Certificate::from_pem(&std::fs::read(self.authority.certificate())?)?;
        let mut builder = Client::builder()
            .tls_backend_native()
            .tls_certs_only([root])
            .no_proxy()
            .timeout(Duration::from_secs(20))
            .pool_max_idle_per_host(0)
            .resolve(place.host.as_str(), place.federation);
        if let Some((certificate, key)) = shows {
            builder = builder.identity(Identity::from_pkcs8_pem(&std::fs::read(certificate)?, &std::fs::read(key)?)?);
        }
        Ok(builder.build()?)
    }

    pub fn url(&self, at: usize, path: &str) -> String {
        format!("https://{}{path}", self.place(at).host)
    }
}

/// What the first node's administrator sees of the second one.
pub fn check(network: &Network, code: i32) -> Result<serde_json::Value> {
    let config = configuration(network, 0)?;
    let output = std::process::Command::new(crate::cli::program()?)
        .args(["--config".as_ref(), config.as_os_str(), "--json".as_ref(), "peer".as_ref(), "check".as_ref()])
        .arg(network.place(1).host.as_str())
        .env_remove("CORRIDOR_CONFIG")
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.code() == Some(code), "{:?}: {text}{complaint}", output.status);
    Ok(serde_json::from_str(&text)?)
}

/// The configuration of a node that runs already, for its administrator's commands.
pub fn configuration(network: &Network, at: usize) -> Result<PathBuf> {
    let place = network.place(at);
    let hosts: Vec<String> =
        network.places.iter().map(|place| format!("\"{}={}\"", place.host, place.federation)).collect();
    let (ca, folder) = (network.authority.certificate(), network.folder.path());
    let text = format!(
        "[node]\ndepartment = \"Department of Tests\"\n[addresses]\naccount_domain = \"{host}\"\n\
         [server]\nlisten = \"{staff}\"\nfederation_listen = \"{federation}\"\n\
         [database]\nurl = \"sqlite:{database}\"\n\
         [federation]\nhosts = [{hosts}]\nauthority_files = [\"{ca}\"]\n\
         [federation_tls]\ncertificate = \"{certificate}\"\nkey = \"{key}\"\nclient_authority_files = [\"{ca}\"]\n",
        host = place.host,
        staff = place.staff,
        federation = place.federation,
        database = folder.join(place.host.as_str()).join("node.sqlite3").display(),
        hosts = hosts.join(", "),
        ca = ca.display(),
        certificate = place.files.certificate.display(),
        key = place.files.key.display(),
    );
    let file = folder.join("corridor.toml");
    std::fs::write(&file, text)?;
    Ok(file)
}
