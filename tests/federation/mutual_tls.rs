//! Nodes that show each other certificates of a private authority, and what happens with the wrong ones.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use corridor_app::peers::{self, PeerView};
use corridor_domain::{Authority, Timestamp};
use corridor_federation::gate::{Reachable, StaticHost};
use corridor_server::ca::{Folder, Issued, Validity};
use corridor_server::node::Setup;
use corridor_server::tls::{TlsFiles, TlsSetup};
use corridor_store::Clock;
use corridor_tests::{Database, TestNode, befriend, eventually};
use reqwest::{Client, Identity, StatusCode};
use url::Url;

use super::conversation::{arrives, follow, says};

/// Where each node listens, and the authority that signs for all.
struct Network {
    folder: tempfile::TempDir,
    authority: Folder,
    places: Vec<Place>,
}

/// One node's name, addresses and files.
struct Place {
    host: Authority,
    staff: SocketAddr,
    federation: SocketAddr,
    files: Issued,
}

fn now() -> Timestamp {
    Clock::system().now()
}

fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}

impl Network {
    fn new(names: &[&str]) -> Result<Self> {
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

    fn place(&self, at: usize) -> &Place {
        &self.places[at]
    }

    /// A node on a file that outlives it.
    async fn start(&self, at: usize) -> Result<TestNode> {
        let place = self.place(at);
        let folder = self.folder.path().join(place.host.as_str());
        std::fs::create_dir_all(&folder)?;
        let listener = TcpListener::bind(place.federation)?;
        let staff = TcpListener::bind(place.staff)?;
        TestNode::start_on(Database::in_folder(&folder)?, |setup| self.dress(setup, place, staff, listener)).await
    }

    fn dress(&self, setup: &mut Setup, place: &Place, staff: TcpListener, federation: TcpListener) {
        setup.settings.addresses.account_domain = place.host.clone();
        setup.settings.addresses.federation = Url::parse(&format!("https://{}", place.host)).unwrap();
        setup.settings.addresses.staff = Url::parse(&format!("http://{}", place.staff)).unwrap();
        setup.staff = staff;
        setup.federation = Some(federation);
        let hosts = self.places.iter().map(|place| StaticHost { host: place.host.clone(), address: place.federation });
        setup.client.reachable = Reachable::ranges(Vec::new()).with_hosts(hosts.collect());
        setup.tls = TlsSetup {
            peers: Some(TlsFiles { certificate: place.files.certificate.clone(), key: place.files.key.clone() }),
            client_authorities: vec![self.authority.certificate()],
            server_authorities: vec![self.authority.certificate()],
            poll: Duration::from_millis(50),
            ..TlsSetup::default()
        };
        setup.tls.load_client(&mut setup.client).unwrap();
        setup.limits.backoff_first = Duration::from_millis(100);
        setup.limits.backoff_longest = Duration::from_millis(500);
    }

    /// A client that trusts the authority, reaches the place by its name, and shows these files.
    fn client(&self, at: usize, shows: Option<(&Path, &Path)>) -> Result<Client> {
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

    fn url(&self, at: usize, path: &str) -> String {
        format!("https://{}{path}", self.place(at).host)
    }
}

async fn view(node: &TestNode, peer: &TestNode) -> Result<PeerView> {
    Ok(peers::show(&node.ctx, &peer.authority).await?)
}

/// Waits until a node says this of its deliveries to a peer.
async fn complains(node: &TestNode, peer: &TestNode, words: &str) -> Result<()> {
    let seen = std::sync::Mutex::new(String::new());
    eventually("the delivery fails", || async {
        let error = view(node, peer).await?.health.last_error.unwrap_or_default();
        *seen.lock().unwrap() = error.clone();
        Ok(error.contains(words).then_some(()))
    })
    .await
    .with_context(|| format!("“{}” instead of “{words}”", seen.lock().unwrap()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_nodes_talk_with_certificates_of_one_authority() -> Result<()> {
    let network = Network::new(&["health", "transport", "home"])?;
    let (health, transport, home) = (network.start(0).await?, network.start(1).await?, network.start(2).await?);
    befriend(&[&health, &transport, &home]).await?;
    let author = health.person("author").await?;
    for node in [&transport, &home] {
        let reader = node.person("reader").await?;
        follow(&reader, &health.handle("author")).await?;
        says(&author, &format!("For {}", node.authority)).await?;
        arrives(&reader, &format!("For {}", node.authority)).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_listener_serves_its_own_and_peers_come_with_a_certificate() -> Result<()> {
    let network = Network::new(&["health", "transport"])?;
    let health = network.start(0).await?;
    let files = &network.place(1).files;
    let shows: Option<(&Path, &Path)> = Some((&files.certificate, &files.key));
    let known = network.client(0, shows)?;
    let actor = known.get(network.url(0, "/actor")).header("accept", "application/activity+json").send().await?;
    ensure!(actor.status() == StatusCode::OK, "{}", actor.status());
    for path in ["/health", "/health/ready", "/sign-in", "/api/v1/instance"] {
        ensure!(known.get(network.url(0, path)).send().await?.status() == StatusCode::NOT_FOUND, "{path}");
    }
    let stranger = network.client(0, None)?;
    ensure!(stranger.get(network.url(0, "/actor")).send().await.is_err(), "nobody comes without a certificate");

    let others = Folder::at(&network.folder.path().join("others"));
    others.init("Another authority", Validity::days(now(), 30))?;
    let forged = others.issue(&network.place(1).host, None, Validity::days(now(), 30))?;
    let forger = network.client(0, Some((&forged.certificate, &forged.key)))?;
    ensure!(forger.get(network.url(0, "/actor")).send().await.is_err(), "nobody comes with another authority's");

    let people = Client::builder().no_proxy().build()?;
    ensure!(people.get(health.at("/health/ready")).send().await?.status() == StatusCode::OK);
    for path in ["/actor", "/inbox", "/.well-known/webfinger", "/nodeinfo/2.1"] {
        let answer = people.get(health.at(path)).header("accept", "application/activity+json").send().await?;
        ensure!(answer.status() == StatusCode::NOT_FOUND, "{path} {}", answer.status());
    }
    let ready: serde_json::Value = people.get(health.at("/health/ready")).send().await?.json().await?;
    ensure!(
        ready["certificates"][0]["listener"] == "federation" && ready["certificates"][0]["days_left"] == 29,
        "{ready}"
    );
    Ok(())
}

type Make = Box<dyn Fn(&Network) -> Result<Issued>>;

/// A certificate that won't do, and what each side says of it.
struct Wrong {
    files: Make,
    /// Said by the one that connects to it.
    of_server: &'static str,
    /// Said by the one that connects with it.
    of_client: &'static str,
}

fn wrongs() -> Vec<Wrong> {
    let folder = |network: &Network, name: &str| -> PathBuf { network.folder.path().join(name) };
    vec![
        Wrong {
            files: Box::new(move |network| {
                let past = Validity { from: 1_600_000_000, until: 1_700_000_000 };
                network.authority.issue(&network.place(1).host, Some(&folder(network, "expired")), past)
            }),
            of_server: "TLS: the peer's certificate has expired",
            of_client: "TLS: the peer says that this node's certificate has expired",
        },
        Wrong {
            files: Box::new(move |network| {
                let others = Folder::at(&folder(network, "others"));
                others.init("Another authority", Validity::days(now(), 30))?;
                others.issue(&network.place(1).host, None, Validity::days(now(), 30))
            }),
            of_server: "TLS: the peer's certificate is signed by an authority that this node does not trust",
            of_client: "TLS: the peer does not know the authority that signed this node's certificate",
        },
        Wrong {
            files: Box::new(move |network| {
                let other = Authority::parse("other.corridor.test")?;
                network.authority.issue(&other, Some(&folder(network, "other")), Validity::days(now(), 30))
            }),
            of_server: "TLS: the peer's certificate is for another host",
            of_client: "certificate_host",
        },
    ]
}

fn put(files: &Issued, place: &Place) -> Result<()> {
    std::fs::copy(&files.key, &place.files.key)?;
    std::fs::copy(&files.certificate, &place.files.certificate)?;
    Ok(())
}

/// The other node comes back with a wrong certificate: what is owed waits both ways, and goes when it has a right one.
async fn waits_for_a_right_one(wrong: Wrong) -> Result<()> {
    let network = Network::new(&["health", "transport"])?;
    let (health, mut transport) = (network.start(0).await?, network.start(1).await?);
    befriend(&[&health, &transport]).await?;
    let (author, reader) = (health.person("author").await?, transport.person("reader").await?);
    follow(&reader, &health.handle("author")).await?;
    follow(&author, &transport.handle("reader")).await?;
    transport.stop().await;

    let bad = (wrong.files)(&network)?;
    let good =
        Issued { certificate: network.folder.path().join("good.pem"), key: network.folder.path().join("good.key") };
    std::fs::copy(&network.place(1).files.certificate, &good.certificate)?;
    std::fs::copy(&network.place(1).files.key, &good.key)?;
    put(&bad, network.place(1))?;
    let transport = network.start(1).await?;
    says(&author, "To the wrong one").await?;
    says(&reader, "From the wrong one").await?;
    complains(&health, &transport, wrong.of_server).await?;
    complains(&transport, &health, wrong.of_client).await?;
    ensure!(view(&health, &transport).await?.pending > 0, "it waits, and is not set aside");
    ensure!(view(&transport, &health).await?.pending > 0, "it waits, and is not set aside");

    put(&good, network.place(1))?;
    arrives(&reader, "To the wrong one").await?;
    arrives(&author, "From the wrong one").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_wait_while_a_certificate_has_expired() -> Result<()> {
    waits_for_a_right_one(wrongs().remove(0)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_wait_while_a_certificate_is_of_another_authority() -> Result<()> {
    waits_for_a_right_one(wrongs().remove(1)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deliveries_wait_while_a_certificate_is_of_another_host() -> Result<()> {
    waits_for_a_right_one(wrongs().remove(2)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_replaced_under_load_without_a_failed_request() -> Result<()> {
    let network = Network::new(&["health", "transport"])?;
    let _health = network.start(0).await?;
    let files = &network.place(1).files;
    let client = network.client(0, Some((&files.certificate, &files.key)))?;
    let url = network.url(0, "/actor");
    let (done, answered) = (AtomicBool::new(false), AtomicUsize::new(0));
    let load = async {
        while !done.load(Ordering::Relaxed) {
            // Each request makes a connection of its own.
            let answer = client.get(&url).header("accept", "application/activity+json").send().await?;
            ensure!(answer.status() == StatusCode::OK, "{}", answer.status());
            answered.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    };
    let swaps = async {
        let mut before = shown(&network)?;
        for _ in 0..10 {
            network.authority.renew(
                &network.place(0).host,
                Some(folder_of(network.place(0))?),
                Validity::days(now(), 20),
            )?;
            before = eventually("the new certificate is shown", || async {
                let now = shown(&network)?;
                Ok((now != before).then_some(now))
            })
            .await?;
        }
        // A half-made change is refused, and what is shown stays.
        std::fs::write(&network.place(0).files.certificate, "nothing")?;
        let so_far = answered.load(Ordering::Relaxed);
        eventually("requests go on", || async { Ok((answered.load(Ordering::Relaxed) > so_far + 20).then_some(())) })
            .await?;
        ensure!(shown(&network)? == before, "the old one stays");
        done.store(true, Ordering::Relaxed);
        Ok(())
    };
    let (load, swaps) = tokio::join!(load, async {
        let swaps: Result<()> = swaps.await;
        done.store(true, Ordering::Relaxed);
        swaps
    });
    load?;
    swaps?;
    ensure!(answered.load(Ordering::Relaxed) > 20);
    Ok(())
}

fn folder_of(place: &Place) -> Result<&Path> {
    place.files.certificate.parent().context("a folder")
}

/// The certificate that the first node shows in a handshake.
fn shown(network: &Network) -> Result<Vec<u8>> {
    use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode};
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    builder.set_verify(SslVerifyMode::NONE);
    let files = &network.place(1).files;
    builder.set_certificate_chain_file(&files.certificate)?;
    builder.set_private_key_file(&files.key, openssl::ssl::SslFiletype::PEM)?;
    let place = network.place(0);
    let stream = std::net::TcpStream::connect(place.federation)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let stream = builder.build().connect(place.host.host(), stream).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(stream.ssl().peer_certificate().context("a certificate")?.to_der()?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_removed_peer_is_refused_at_its_next_request() -> Result<()> {
    let network = Network::new(&["health", "transport"])?;
    let (health, transport) = (network.start(0).await?, network.start(1).await?);
    befriend(&[&health, &transport]).await?;
    let (author, reader) = (health.person("author").await?, transport.person("reader").await?);
    follow(&reader, &health.handle("author")).await?;
    follow(&author, &transport.handle("reader")).await?;
    says(&reader, "While it may").await?;
    arrives(&author, "While it may").await?;
    health.remove(&transport.authority).await?;
    says(&reader, "When it may not").await?;
    complains(&transport, &health, "answered 403").await?;
    let home = author.home().await?;
    ensure!(home.iter().all(|status| !status["content"].as_str().unwrap_or_default().contains("may not")));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_staff_listener_speaks_tls_of_its_own() -> Result<()> {
    let network = Network::new(&["health"])?;
    let place = network.place(0);
    let (staff, federation) = (TcpListener::bind(place.staff)?, TcpListener::bind(place.federation)?);
    let folder = network.folder.path().join("health-data");
    std::fs::create_dir_all(&folder)?;
    let _node = TestNode::start_on(Database::in_folder(&folder)?, |setup| {
        network.dress(setup, place, staff, federation);
        setup.tls.staff = setup.tls.peers.clone();
    })
    .await?;
    let root = reqwest::Certificate::from_pem(&std::fs::read(network.authority.certificate())?)?;
    let people = Client::builder()
        .tls_backend_native()
        .tls_certs_only([root])
        .no_proxy()
        .resolve(place.host.as_str(), place.staff)
        .build()?;
    let url = format!("https://{}:{}/health/ready", place.host, place.staff.port());
    let answer = people.get(url).send().await?;
    ensure!(answer.status() == StatusCode::OK, "people need no certificate");
    let plain = Client::builder().no_proxy().build()?;
    ensure!(plain.get(format!("http://{}/health", place.staff)).send().await.is_err(), "and plain http is not spoken");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_names_the_step_that_fails() -> Result<()> {
    let network = Network::new(&["health", "transport"])?;
    let (health, mut transport) = (network.start(0).await?, network.start(1).await?);
    let check = |code: i32| {
        let config = configuration(&network, 0)?;
        let output = std::process::Command::new(crate::cli::program()?)
            .args(["--config".as_ref(), config.as_os_str(), "--json".as_ref(), "peer".as_ref(), "check".as_ref()])
            .arg(transport_name(&network))
            .env_remove("CORRIDOR_CONFIG")
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(
            output.status.code() == Some(code),
            "{:?}: {text}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(serde_json::from_str::<serde_json::Value>(&text)?)
    };
    let verdict = |report: &serde_json::Value, name: &str| {
        let steps = report["steps"].as_array().unwrap();
        steps.iter().find(|step| step["name"] == name).unwrap()["verdict"].as_str().unwrap().to_owned()
    };
    ensure!(verdict(&check(1)?, "allow-list") == "failed");
    health.allow(&transport.authority, health.ctx.settings.scheme.highest()).await?;
    let report = check(1)?;
    ensure!(verdict(&report, "TLS") == "good" && verdict(&report, "signature") == "failed", "{report}");
    transport.allow(&health.authority, health.ctx.settings.scheme.highest()).await?;
    let report = check(0)?;
    for step in ["DNS", "TCP", "TLS", "NodeInfo", "WebFinger", "signature", "clock"] {
        ensure!(verdict(&report, step) == "good", "{step}: {report}");
    }
    transport.stop().await;
    let report = check(1)?;
    ensure!(verdict(&report, "DNS") == "good" && verdict(&report, "TCP") == "failed", "{report}");
    ensure!(verdict(&report, "signature") == "skipped", "{report}");
    Ok(())
}

fn transport_name(network: &Network) -> String {
    network.place(1).host.to_string()
}

/// The configuration of a node that runs already, for its administrator's commands.
fn configuration(network: &Network, at: usize) -> Result<PathBuf> {
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

/// The program itself, with a configuration as an administrator writes it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_runs_by_its_configuration_alone() -> Result<()> {
    let network = Network::new(&["health", "transport"])?;
    let transport = network.start(1).await?;
    let config = configuration(&network, 0)?;
    std::fs::create_dir_all(network.folder.path().join(network.place(0).host.as_str()))?;
    let mut child = std::process::Command::new(crate::cli::program()?)
        .args(["--config".as_ref(), config.as_os_str(), "serve".as_ref()])
        .env_remove("CORRIDOR_CONFIG")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()?;
    let files = &network.place(1).files;
    let client = network.client(0, Some((&files.certificate, &files.key)))?;
    let answered = eventually("the node answers", || async {
        Ok(client.get(network.url(0, "/.well-known/nodeinfo")).send().await.ok())
    })
    .await;
    let refused = network.client(0, None)?.get(network.url(0, "/.well-known/nodeinfo")).send().await;
    child.kill()?;
    child.wait()?;
    ensure!(answered?.status() == StatusCode::OK);
    ensure!(refused.is_err());
    drop(transport);
    Ok(())
}
