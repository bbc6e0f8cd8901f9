//! Nodes that show each other certificates of a private authority, and what happens with the wrong ones.

mod everyone;
mod gathering;
mod network;
mod processes;
mod proxy;
mod served;

use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use corridor_app::peers::{self, PeerView};
use corridor_app::queue;
use corridor_domain::Authority;
use corridor_federation::certificate::ProxyHeader;
use corridor_federation::gate::{Reachable, StaticHost};
use corridor_server::ca::{Folder, Issued, Validity};
use corridor_tests::{Database, TestNode, befriend, eventually};
use reqwest::{Client, StatusCode};

use super::conversation::{arrives, follow, says};
use network::{Network, Place, check, configuration, now};
use proxy::proxy;

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
        Wrong {
            files: Box::new(move |network| {
                network.authority.issue(&network.place(1).host, Some(&folder(network, "early")), in_an_hour())
            }),
            of_server: "TLS: the peer's certificate is not valid yet, or this node's clock is behind",
            of_client: "TLS: the peer refuses this node's certificate",
        },
    ]
}

fn in_an_hour() -> Validity {
    let hour = now().millis() / 1000 + 3600;
    Validity { from: hour, until: hour + 86_400 }
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
async fn hostile_079_deliveries_wait_while_a_certificate_has_expired() -> Result<()> {
    waits_for_a_right_one(wrongs().remove(0)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_079_deliveries_wait_while_a_certificate_is_of_another_authority() -> Result<()> {
    waits_for_a_right_one(wrongs().remove(1)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_001_079_deliveries_wait_while_a_certificate_is_of_another_host() -> Result<()> {
    waits_for_a_right_one(wrongs().remove(2)).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_079_deliveries_wait_while_a_certificate_is_not_valid_yet() -> Result<()> {
    waits_for_a_right_one(wrongs().remove(3)).await
}

/// What is on disk now is not shown: looked at for ten times as long as the node takes to look.
fn keeps_showing(network: &Network, old: &[u8]) -> Result<()> {
    let start = std::time::Instant::now();
    while start.elapsed() < Duration::from_millis(500) {
        ensure!(shown(network)? == old, "it is shown");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_079_what_wont_do_yet_is_not_shown() -> Result<()> {
    let network = Network::new(&["health", "transport"])?;
    let health = network.start(0).await?;
    let (place, old) = (network.place(0), shown(&network)?);
    let next = network.authority.issue(&place.host, Some(&network.folder.path().join("next")), in_an_hour())?;
    std::fs::copy(&next.certificate, &place.files.certificate)?;
    keeps_showing(&network, &old).context("a certificate without its key")?;
    put(&next, place)?;
    keeps_showing(&network, &old).context("a certificate that is not valid yet")?;
    health.clock.advance(Duration::from_secs(3700));
    eventually("it is shown when its time has come", || async { Ok((shown(&network)? != old).then_some(())) }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_076_deliveries_wait_while_a_name_has_no_address() -> Result<()> {
    let network = Network::new(&["health", "transport"])?;
    let (mut health, transport) = (network.start(0).await?, network.start(1).await?);
    befriend(&[&health, &transport]).await?;
    let (author, reader) = (health.person("author").await?, transport.person("reader").await?);
    follow(&reader, &health.handle("author")).await?;
    health.stop().await;
    // Its name is in no table and no DNS; then it is, but leads where this node may not go.
    let lost: [fn(&Network) -> Reachable; 2] = [
        |_| Reachable::ranges(vec!["10.0.0.0/8".parse().unwrap()]),
        |network| {
            let host = network.place(1).host.clone();
            Reachable::ranges(Vec::new()).with_hosts(vec![StaticHost { host, address: ([127, 0, 0, 1], 9).into() }])
        },
    ];
    for (round, reachable) in lost.into_iter().enumerate() {
        let mut health = network.start_with(0, |setup| setup.client.reachable = reachable(&network)).await?;
        says(&author, &format!("To nowhere {round}")).await?;
        eventually("the delivery fails", || async {
            let view = view(&health, &transport).await?;
            Ok((view.pending > 0 && view.health.last_error.is_some()).then_some(()))
        })
        .await?;
        let rejected = queue::overview(&health.ctx).await?.peers[0].rejected;
        ensure!(rejected == 0, "it waits, and is not set aside");
        health.stop().await;
    }
    let _health = network.start(0).await?;
    for round in 0..2 {
        arrives(&reader, &format!("To nowhere {round}")).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_079_a_certificate_is_replaced_under_load_without_a_failed_request() -> Result<()> {
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
async fn hostile_029_a_removed_peer_is_refused_at_its_next_request() -> Result<()> {
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
    let node = TestNode::start_on(Database::in_folder(&folder)?, |setup| {
        network.dress(setup, place, staff, federation);
        setup.tls.staff = setup.tls.peers.clone();
        setup.settings.addresses.account_domain = Authority::parse("people.test").unwrap();
    })
    .await?;
    node.add("amira").await?;
    let root = reqwest::Certificate::from_pem(&std::fs::read(network.authority.certificate())?)?;
    let people = Client::builder()
        .tls_backend_native()
        .tls_certs_only([root])
        .no_proxy()
        .resolve(place.host.as_str(), place.staff)
        .build()?;
    let base = format!("https://{}:{}", place.host, place.staff.port());
    let answer = people.get(format!("{base}/health/ready")).send().await?;
    ensure!(answer.status() == StatusCode::OK, "people need no certificate");
    let name = format!("{base}/.well-known/webfinger?resource=acct:amira@people.test");
    ensure!(people.get(name).send().await?.status() == StatusCode::OK, "handles' domain is where people are");
    ensure!(people.get(format!("{base}/actor")).send().await?.status() == StatusCode::NOT_FOUND, "and peers are not");
    let plain = Client::builder().no_proxy().build()?;
    ensure!(plain.get(format!("http://{}/health", place.staff)).send().await.is_err(), "and plain http is not spoken");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_check_names_the_step_that_fails() -> Result<()> {
    let network = Network::new(&["health", "transport"])?;
    let (health, mut transport) = (network.start(0).await?, network.start(1).await?);
    let verdict = |report: &serde_json::Value, name: &str| {
        let steps = report["steps"].as_array().unwrap();
        steps.iter().find(|step| step["name"] == name).unwrap()["verdict"].as_str().unwrap().to_owned()
    };
    ensure!(verdict(&check(&network, 1)?, "allow-list") == "failed");
    health.allow(&transport.authority, health.ctx.settings.scheme.highest()).await?;
    let report = check(&network, 1)?;
    ensure!(verdict(&report, "TLS") == "good" && verdict(&report, "signature") == "failed", "{report}");
    transport.allow(&health.authority, health.ctx.settings.scheme.highest()).await?;
    let report = check(&network, 0)?;
    for step in ["DNS", "TCP", "TLS", "NodeInfo", "WebFinger", "signature", "clock"] {
        ensure!(verdict(&report, step) == "good", "{step}: {report}");
    }
    transport.stop().await;
    let report = check(&network, 1)?;
    ensure!(verdict(&report, "DNS") == "good" && verdict(&report, "TCP") == "failed", "{report}");
    ensure!(verdict(&report, "signature") == "skipped", "{report}");
    Ok(())
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_079_the_authorities_that_are_demanded_are_replaced_too() -> Result<()> {
    let network = Network::new(&["health", "transport"])?;
    let _health = network.start(0).await?;
    let others = Folder::at(&network.folder.path().join("others"));
    others.init("The next authority", Validity::days(now(), 30))?;
    let next = others.issue(&network.place(1).host, None, Validity::days(now(), 30))?;
    let files = &network.place(1).files;
    let (old, new) = (
        network.client(0, Some((&files.certificate, &files.key)))?,
        network.client(0, Some((&next.certificate, &next.key)))?,
    );
    let url = network.url(0, "/.well-known/nodeinfo");
    ensure!(old.get(&url).send().await.is_ok() && new.get(&url).send().await.is_err(), "only the first one counts");
    std::fs::copy(others.certificate(), network.authority.certificate())?;
    eventually("the next authority counts", || async { Ok(new.get(&url).send().await.ok()) }).await?;
    ensure!(old.get(&url).send().await.is_err(), "and the first one no longer");
    Ok(())
}

/// Two nodes, the second behind a proxy; it believes these addresses.
async fn behind_a_proxy(network: &Network, header: &'static str, believed: &str) -> Result<(TestNode, TestNode)> {
    let health = network.start(0).await?;
    let place = network.place(1);
    proxy(network, 1, header)?;
    let folder = network.folder.path().join("behind");
    std::fs::create_dir_all(&folder)?;
    let staff = TcpListener::bind(place.staff)?;
    let unused = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let proxies = vec![believed.parse()?];
    let transport = TestNode::start_on(Database::in_folder(&folder)?, |setup| {
        network.dress(setup, place, staff, unused);
        setup.federation = None;
        setup.tls.client_authorities = Vec::new();
        setup.tls.proxy = Some(std::sync::Arc::new(ProxyHeader { name: "client-cert".parse().unwrap(), proxies }));
    })
    .await?;
    befriend(&[&health, &transport]).await?;
    Ok((health, transport))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_proxy_may_end_tls_and_tell_of_the_certificate() -> Result<()> {
    let network = Network::new(&["health", "transport"])?;
    let (health, transport) = behind_a_proxy(&network, "Client-Cert", "127.0.0.1/32").await?;
    let (author, reader) = (health.person("author").await?, transport.person("reader").await?);
    follow(&reader, &health.handle("author")).await?;
    says(&author, "Through the proxy").await?;
    arrives(&reader, "Through the proxy").await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_001_a_proxys_word_is_taken_from_nobody_else() -> Result<()> {
    for (header, believed, code) in
        [("Client-Cert", "10.1.2.3/32", "certificate_proxy"), ("X-Client-Cert", "127.0.0.1/32", "certificate_missing")]
    {
        let network = Network::new(&["health", "transport"])?;
        let _nodes = behind_a_proxy(&network, header, believed).await?;
        let report = tokio::task::spawn_blocking(move || check(&network, 1)).await??;
        let steps = report["steps"].as_array().context("steps")?;
        let signature = steps.iter().find(|step| step["name"] == "signature").context("a signature")?;
        ensure!(signature["verdict"] == "failed", "{report}");
        ensure!(signature["found"].as_str().unwrap_or_default().contains(code), "{report}");
    }
    Ok(())
}
