//! Figures of many peers: one group post to five hundred of them, and a steady flow to fifty of which one is dead.

use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::{Context, Result, bail, ensure};
use corridor_app::groups::{self, NewGroup, as_person};
use corridor_app::inbound::{self, IncomingPerson, Received};
use corridor_app::operator::Operator;
use corridor_app::peers::{self, AllowPeer};
use corridor_app::{Ctx, Viewer};
use corridor_domain::authority::Policy;
use corridor_domain::group::{Door, GroupKind};
use corridor_domain::{ActorKind, Authority, Marking};

use crate::node::{self, Node, WORKERS};
use crate::table::Row;
use crate::{filling, load, millis, peer};

/// Peers that a group post goes to.
const CROWD: usize = 500;
/// Peers of the steady flow.
const FLOW_PEERS: usize = 50;
/// Activities a second, over all of them.
const FLOW: u32 = 100;
/// Longest wait for everything to arrive.
const PATIENCE: Duration = Duration::from_secs(120);

/// Peers that take everything, each on a port of its own, in one server.
struct Crowd {
    authorities: Vec<String>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    /// By the number that a post carries: when it arrived. And how many bodies came, with how many bytes.
    arrivals: Mutex<(HashMap<usize, Instant>, usize, usize)>,
    /// Takes what is sent and never answers.
    dead: Mutex<Option<String>>,
}

async fn take(state: web::Data<Arc<State>>, request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let host = request.headers().get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    if state.dead.lock().unwrap_or_else(PoisonError::into_inner).as_deref() == Some(host) {
        std::future::pending::<()>().await;
    }
    let text = String::from_utf8_lossy(&body);
    let number = text.split_once("figure-").and_then(|(_, rest)| {
        rest.split(|letter: char| !letter.is_ascii_digit()).next().and_then(|digits| digits.parse().ok())
    });
    let mut arrivals = state.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(number) = number {
        arrivals.0.entry(number).or_insert_with(Instant::now);
    }
    arrivals.1 += 1;
    arrivals.2 += body.len();
    HttpResponse::Accepted().finish()
}

impl Crowd {
    fn start(count: usize) -> Result<Self> {
        let listeners = (0..count).map(|_| TcpListener::bind("127.0.0.1:0")).collect::<std::io::Result<Vec<_>>>()?;
        let authorities =
            listeners.iter().map(|one| Ok(one.local_addr()?.to_string())).collect::<std::io::Result<Vec<_>>>()?;
        let state = Arc::new(State::default());
        let shared = state.clone();
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let mut server = HttpServer::new(move || {
                    App::new()
                        .app_data(web::Data::new(shared.clone()))
                        .app_data(web::PayloadConfig::new(1024 * 1024))
                        .route("/inbox", web::post().to(take))
                })
                .workers(1)
                .disable_signals();
                for listener in listeners {
                    server = server.listen(listener)?;
                }
                server.run().await
            })
        });
        Ok(Self { authorities, state })
    }

    /// How many bodies came since the last time, and how many bytes they had.
    fn forget(&self) -> (usize, usize) {
        let mut arrivals = self.state.arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        arrivals.0.clear();
        (std::mem::take(&mut arrivals.1), std::mem::take(&mut arrivals.2))
    }

    fn bodies(&self) -> usize {
        self.state.arrivals.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    fn arrived(&self, number: usize) -> Option<Instant> {
        self.state.arrivals.lock().unwrap_or_else(PoisonError::into_inner).0.get(&number).copied()
    }

    async fn wait(&self, bodies: usize) -> Result<()> {
        let start = Instant::now();
        while self.bodies() < bodies {
            if start.elapsed() > PATIENCE {
                bail!("{} of {bodies} arrived within two minutes", self.bodies());
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    /// Allows each peer, and lets one person of each follow who `followed` names for it.
    async fn settle(&self, admin: &Ctx, followed: impl Fn(usize) -> String) -> Result<()> {
        for (number, authority) in self.authorities.iter().enumerate() {
            let parsed = Authority::parse_with(authority, Policy::loopback())?;
            let allow = AllowPeer {
                authority: parsed.clone(),
                account_domain: None,
                ceiling: Marking::LOWEST,
                default_marking: None,
                department: format!("Department {number}"),
                note: String::new(),
                contact: String::new(),
            };
            peers::allow(admin, &Operator::System, allow).await?;
            let peer = peers::ask(admin, corridor_domain::policy::Door::Inbox, &parsed).await?;
            let person = person(authority);
            let actor = inbound::store_person(admin, peer.id, person.clone(), true).await?;
            let received = Received {
                activity_uri: format!("{}/follow", person.uri),
                peer: peer.id,
                actor,
                actor_uri: person.uri,
                kind: "Follow".to_owned(),
                raw: None,
            };
            inbound::follow(admin, received, followed(number)).await?;
        }
        Ok(())
    }
}

fn person(authority: &str) -> IncomingPerson {
    let at = |path: &str| format!("http://{authority}/{path}");
    IncomingPerson {
        uri: at("ann"),
        kind: ActorKind::Person,
        username: "ann".to_owned(),
        display_name: "Ann of Elsewhere".to_owned(),
        summary: String::new(),
        url: None,
        inbox: at("inbox"),
        shared_inbox: Some(at("inbox")),
        outbox: None,
        followers: Some(at("ann/followers")),
        following: None,
        featured: None,
        group: None,
        locked: false,
        discoverable: true,
        indexable: true,
        fields: Vec::new(),
        role_title: String::new(),
        bot: false,
        avatar: None,
        header: None,
        published: None,
        updated: None,
        keys: Vec::new(),
    }
}

/// Measures both.
///
/// # Errors
/// When something does not arrive.
pub async fn measure(backend: &str, span: Duration, rows: &mut Vec<Row>) -> Result<()> {
    group_post(backend, rows).await.context("the group post")?;
    flow(backend, span.max(Duration::from_secs(3)), rows).await.context("the steady flow")
}

/// One post in a group with a member at each of five hundred peers.
async fn group_post(backend: &str, rows: &mut Vec<Row>) -> Result<()> {
    let crowd = Crowd::start(CROWD)?;
    let mut node = Node::new(backend)?;
    let group = {
        let admin = node.admin()?;
        let viewers = node::people(&admin, 1).await?;
        let made = groups::make(&admin, &as_person(viewers.first().context("a person")?), group()).await?;
        crowd.settle(&admin, |_| made.actor.uri.clone()).await?;
        made.actor.id.to_string()
    };
    filling::count(backend, node.database())?;
    node.start().await?;
    // Each Follow is accepted by a delivery of its own.
    crowd.wait(CROWD).await?;
    crowd.forget();
    let count =
        |what: &str| filling::number(backend, node.database(), &format!("SELECT COUNT(*) AS number FROM {what}"));
    let before = count("activities")? + count("deliveries")?;
    let headers = [
        ("authorization".to_owned(), format!("Bearer {}", node.token("person0").await?)),
        ("content-type".to_owned(), "application/json".to_owned()),
    ];
    let body = format!(r#"{{"status":"The figures of the quarter.","title":"Figures","group_id":"{group}"}}"#);
    let request = load::request("POST", node.address, "/api/v1/statuses", &headers, body.as_bytes());
    let start = Instant::now();
    load::fetch(node.address, &request).await?;
    // The whole activity for those who understand groups, and a boost for the others.
    crowd.wait(2 * CROWD).await?;
    let elapsed = start.elapsed();
    let (bodies, bytes) = crowd.forget();
    let written = count("activities")? + count("deliveries")? - before;
    ensure!(bodies == 2 * CROWD, "{bodies} bodies for {CROWD} peers");
    let signing = peer::Peer::start()?.signatures_per_second(WORKERS, Duration::from_millis(500))?;
    let bare = bodies as f64 / signing * 1000.0;
    let name = "group post to 500 peers";
    rows.push(Row::cost(&format!("{name}, to the last"), backend, millis(elapsed), "ms", Some(bare), None));
    rows.push(Row::cost(&format!("{name}, rows written"), backend, written as f64, "rows", None, None));
    rows.push(Row::cost(&format!("{name}, bodies sent"), backend, bytes as f64 / 1024.0, "KiB", None, None));
    node.stop();
    Ok(())
}

fn group() -> NewGroup {
    NewGroup {
        name: "figures".to_owned(),
        title: "Figures".to_owned(),
        about: String::new(),
        kind: GroupKind::Profession,
        door: Door::Open,
        marking: None,
        facilitator: None,
    }
}

/// A hundred activities a second to fifty peers: how late they come to the forty-nine others when one is dead.
async fn flow(backend: &str, span: Duration, rows: &mut Vec<Row>) -> Result<()> {
    let crowd = Crowd::start(FLOW_PEERS)?;
    let mut node = Node::new(backend)?;
    {
        let admin = node.admin()?;
        let viewers: Vec<Viewer> = node::people(&admin, FLOW_PEERS).await?;
        let uris: Vec<String> = {
            let mut uris = Vec::new();
            for viewer in &viewers {
                uris.push(corridor_app::people::show(&admin, viewer, viewer.id).await?.uri);
            }
            uris
        };
        crowd.settle(&admin, |number| uris.get(number).cloned().unwrap_or_default()).await?;
    }
    node.start().await?;
    crowd.wait(FLOW_PEERS).await?;
    let mut tokens = Vec::new();
    for number in 0..FLOW_PEERS {
        tokens.push(node.token(&format!("person{number}")).await?);
    }
    let alive = lags(&crowd, &node, &tokens, span).await?;
    *crowd.state.dead.lock().unwrap_or_else(PoisonError::into_inner) = crowd.authorities.first().cloned();
    let with_dead = lags(&crowd, &node, &tokens, span).await?;
    for (part, name) in [(50, "p50"), (99, "p99")] {
        let at = |lags: &[Duration]| lags.get(lags.len().saturating_sub(1) * part / 100).copied().map(millis);
        let name = format!("100/s over 50 peers, one dead: lag, {name}");
        rows.push(Row::cost(&name, backend, at(&with_dead).unwrap_or(0.0), "ms", at(&alive), None));
    }
    node.stop();
    Ok(())
}

/// How late each post came to its peer, sorted; the first peer's are left out, dead or not.
async fn lags(crowd: &Crowd, node: &Node, tokens: &[String], span: Duration) -> Result<Vec<Duration>> {
    crowd.forget();
    let mut sent: Vec<(usize, Instant)> = Vec::new();
    let mut pace = tokio::time::interval(Duration::from_secs(1) / FLOW);
    let (start, mut number) = (Instant::now(), 0);
    let mut sending = tokio::task::JoinSet::new();
    while start.elapsed() < span {
        pace.tick().await;
        let author = number % tokens.len();
        let token = tokens.get(author).context("a token")?;
        let headers = [
            ("authorization".to_owned(), format!("Bearer {token}")),
            ("content-type".to_owned(), "application/json".to_owned()),
        ];
        let body = format!(r#"{{"status":"figure-{number}","visibility":"public"}}"#);
        let request = load::request("POST", node.address, "/api/v1/statuses", &headers, body.as_bytes());
        let to = node.address;
        sending.spawn(async move { load::fetch(to, &request).await });
        if author > 0 {
            sent.push((number, Instant::now()));
        }
        number += 1;
    }
    while let Some(done) = sending.join_next().await {
        done??;
    }
    let patience = Instant::now();
    loop {
        let missing = sent.iter().filter(|(number, _)| crowd.arrived(*number).is_none()).count();
        if missing == 0 {
            break;
        }
        if patience.elapsed() > PATIENCE {
            bail!("{missing} posts did not arrive at peers that are alive");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let lag = |(number, at): &(usize, Instant)| Some(crowd.arrived(*number)?.saturating_duration_since(*at));
    let mut lags: Vec<Duration> = sent.iter().filter_map(lag).collect();
    lags.sort_unstable();
    Ok(lags)
}
