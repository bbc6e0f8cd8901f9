//! Whether a peer can be reached, step by step, for an administrator: what was found, how long it took, what to do.

#[cfg(test)]
mod tests;
mod tls;

use std::time::{Duration, Instant};

use chrono::DateTime;
use corridor_app::peers;
use corridor_domain::policy::Door;
use corridor_domain::{Authority, Peer};
use reqwest::{Method, Url};
use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpStream;

use crate::client::{Answer, ClientError};
use crate::node::Node;
use crate::sign::{self, Form};

/// A clock that is off by more than this is worth a word, even where signatures still pass.
const NOTABLE_SKEW: Duration = Duration::from_secs(30);
/// Days before a certificate's end at which it is worth a word.
const NOTABLE_DAYS: i64 = 30;
const DAY_MILLIS: i64 = 86_400_000;

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// As it should be.
    Good,
    /// It works, and something should be looked at.
    Doubtful,
    /// It does not work.
    Failed,
    /// Not tried: a step before it failed, or there is nothing to try.
    Skipped,
}

/// One step of a check.
#[derive(Debug, Clone, Serialize)]
pub struct Step {
    /// What was checked.
    pub name: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// How long it took.
    pub milliseconds: u64,
    /// What was found.
    pub found: String,
    /// What to do about it; empty where nothing is to be done.
    pub advice: String,
}

/// What a step came to, before it is timed and named.
struct Finding {
    verdict: Verdict,
    found: String,
    advice: String,
}

impl Finding {
    fn good(found: impl Into<String>) -> Self {
        Self { verdict: Verdict::Good, found: found.into(), advice: String::new() }
    }

    fn doubtful(found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { verdict: Verdict::Doubtful, found: found.into(), advice: advice.into() }
    }

    fn failed(found: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { verdict: Verdict::Failed, found: found.into(), advice: advice.into() }
    }

    fn skipped(found: impl Into<String>) -> Self {
        Self { verdict: Verdict::Skipped, found: found.into(), advice: String::new() }
    }
}

/// Checks a peer. Only a node on the allow-list is looked up and connected to, here as everywhere.
pub async fn check(node: &Node, host: &Authority) -> Vec<Step> {
    let mut check = Check { node, host, steps: Vec::new() };
    check.run().await;
    check.steps
}

struct Check<'a> {
    node: &'a Node,
    host: &'a Authority,
    steps: Vec<Step>,
}

impl Check<'_> {
    async fn run(&mut self) {
        let start = Instant::now();
        let peer = match peers::ask(&self.node.ctx, Door::Fetch, self.host).await {
            Ok(peer) => peer,
            Err(error) => {
                let advice = format!("Allow it first: corridor peer allow {}", self.host);
                self.note("allow-list", start, Finding::failed(error.to_string(), advice));
                return self.skip(&[
                    "DNS",
                    "TCP",
                    "TLS",
                    "certificates",
                    "NodeInfo",
                    "WebFinger",
                    "signature",
                    "clock",
                ]);
            }
        };
        self.note("allow-list", start, Finding::good("the node is allowed"));
        if !self.connection().await {
            return self.skip(&["NodeInfo", "WebFinger", "signature", "clock"]);
        }
        let date = self.nodeinfo(&peer).await;
        self.webfinger(&peer).await;
        self.signature(&peer).await;
        let finding = clock(date.as_deref(), self.node);
        self.note("clock", Instant::now(), finding);
    }

    /// DNS, TCP, TLS and certificates; whether it makes sense to go on.
    async fn connection(&mut self) -> bool {
        let start = Instant::now();
        let reachable = self.node.client.reachable();
        let addresses = reachable.addresses(self.host.host()).await;
        let written = reachable.written(self.host.host()).is_some();
        let default_port = if reachable.is_loopback_only() { 80 } else { 443 };
        let Some(mut address) = addresses.as_ref().ok().and_then(|found| found.first().copied()) else {
            let found = addresses.map_or_else(
                |error| error.to_string(),
                |_| "none of its addresses lies in federation.allowed_ranges".to_owned(),
            );
            let advice =
                "Check the name in DNS and federation.allowed_ranges, or write its address in federation.hosts";
            self.note("DNS", start, Finding::failed(found, advice));
            self.skip(&["TCP", "TLS", "certificates"]);
            return false;
        };
        if !written {
            address.set_port(self.host.port().unwrap_or(default_port));
        }
        let how = if written { "as written in federation.hosts" } else { "inside federation.allowed_ranges" };
        self.note("DNS", start, Finding::good(format!("{}, {how}", address.ip())));

        let start = Instant::now();
        let connected = tokio::time::timeout(Duration::from_secs(5), TcpStream::connect(address)).await;
        let trouble = match connected {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("no answer within 5 seconds".to_owned()),
        };
        if let Some(found) = trouble {
            let advice = "Ask whether the node runs, and whether a firewall between you lets this port through";
            self.note("TCP", start, Finding::failed(format!("{address}: {found}"), advice));
            self.skip(&["TLS", "certificates"]);
            return false;
        }
        self.note("TCP", start, Finding::good(format!("{address} answers")));
        if reachable.is_loopback_only() {
            self.skip(&["TLS", "certificates"]);
            return true;
        }
        let start = Instant::now();
        let (tls, certificates) = tls::check(&self.node.client, self.host, address, self.node.ctx.now()).await;
        let goes_on = tls.verdict != Verdict::Failed;
        self.note("TLS", start, tls);
        self.note("certificates", Instant::now(), certificates);
        goes_on
    }

    /// The `Date` of the answer, for the clock.
    async fn nodeinfo(&mut self, peer: &Peer) -> Option<String> {
        let start = Instant::now();
        let discovery = match self.plain(peer, "/.well-known/nodeinfo").await {
            Ok(answer) => answer,
            Err(finding) => {
                self.note("NodeInfo", start, finding);
                return None;
            }
        };
        let date = discovery.date.clone();
        let finding = match self.software(peer, &discovery).await {
            Some(software) => Finding::good(software),
            None => Finding::doubtful("it does not say what software it runs", "It may federate all the same"),
        };
        self.note("NodeInfo", start, finding);
        date
    }

    async fn software(&self, peer: &Peer, discovery: &Answer) -> Option<String> {
        let links: Value = serde_json::from_slice(&discovery.body).ok()?;
        let href = links.get("links")?.as_array()?.last()?.get("href")?.as_str()?;
        let url = Url::parse(href).ok()?;
        let answer = self.node.client.send(peer, Method::GET, &url, &[], None).await.ok()?;
        let document: Value = serde_json::from_slice(&answer.body).ok()?;
        let software = document.get("software")?;
        Some(format!("{} {}", software.get("name")?.as_str()?, software.get("version")?.as_str()?))
    }

    async fn plain(&self, peer: &Peer, path: &str) -> Result<Answer, Finding> {
        let url = self.url(self.host, path).map_err(|finding| *finding)?;
        match self.node.client.send(peer, Method::GET, &url, &[], None).await {
            Ok(answer) if answer.status == 200 => Ok(answer),
            Ok(answer) => Err(answered(&answer, "Ask its administrator whether it serves this address")),
            Err(error) => Err(no_answer(&error)),
        }
    }

    async fn webfinger(&mut self, peer: &Peer) {
        let start = Instant::now();
        let resource = format!("{}://{}/actor", self.node.client.scheme(), self.host);
        let query: String = url::form_urlencoded::byte_serialize(resource.as_bytes()).collect();
        let path = format!("/.well-known/webfinger?resource={query}");
        let finding = match self.signed(peer, &peer.account_domain, &path).await {
            Ok(answer) if answer.status == 200 => Finding::good(format!("{} answers", peer.account_domain)),
            Ok(answer) if answer.status == 404 => Finding::doubtful(
                format!("{} answers, and does not know its own actor", peer.account_domain),
                "It may be other software than Corridor; see that its handles' domain is right",
            ),
            Ok(answer) => answered(&answer, "See that the domain of its handles is right: corridor peer show"),
            Err(finding) => finding,
        };
        self.note("WebFinger", start, finding);
    }

    async fn signature(&mut self, peer: &Peer) {
        let start = Instant::now();
        let finding = match self.signed(peer, self.host, "/actor/outbox").await {
            Ok(answer) if answer.status == 200 => Finding::good("it takes this node's signature"),
            Ok(answer) if answer.status == 404 => {
                Finding::doubtful("it has no outbox of its own to try it on", "Follow somebody there to see")
            }
            Ok(answer) => answered(&answer, refused(answer.status)),
            Err(finding) => finding,
        };
        self.note("signature", start, finding);
    }

    async fn signed(&self, peer: &Peer, host: &Authority, path: &str) -> Result<Answer, Finding> {
        let url = self.url(host, path).map_err(|finding| *finding)?;
        let mut form = Form::Cavage;
        loop {
            let headers = sign::get(self.node, self.node.instance, &url, form).await.map_err(|error| {
                Finding::failed(error.to_string(), "This node's own keys can't be used: corridor keys rotate")
            })?;
            let answer = self.node.client.send(peer, Method::GET, &url, &headers, None).await;
            let answer = answer.map_err(|error| no_answer(&error))?;
            if answer.status != 401 || form != Form::Cavage {
                return Ok(answer);
            }
            form = form.other();
        }
    }

    fn url(&self, host: &Authority, path: &str) -> Result<Url, Box<Finding>> {
        let text = format!("{}://{host}{path}", self.node.client.scheme());
        Url::parse(&text).map_err(|error| Box::new(Finding::failed(error.to_string(), "")))
    }

    fn note(&mut self, name: &'static str, start: Instant, finding: Finding) {
        let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let Finding { verdict, found, advice } = finding;
        self.steps.push(Step { name, verdict, milliseconds, found, advice });
    }

    fn skip(&mut self, names: &[&'static str]) {
        for name in names {
            self.note(name, Instant::now(), Finding::skipped("not tried"));
        }
    }
}

const fn refused(status: u16) -> &'static str {
    match status {
        401 => {
            "The peer must be able to fetch this node's key: see that this node runs, that it is reached from there, \
             and that the clocks agree"
        }
        403 => "Ask its administrator to allow this node: corridor peer allow, there",
        _ => "Ask its administrator; their log names the request",
    }
}

fn answered(answer: &Answer, advice: &str) -> Finding {
    let body = String::from_utf8_lossy(&answer.body);
    let head: String = body.chars().filter(|letter| !letter.is_control()).take(200).collect();
    Finding::failed(format!("answered {}: {head}", answer.status), advice)
}

fn no_answer(error: &ClientError) -> Finding {
    Finding::failed(error.to_string(), "The steps above say where it ends; try again if they are all good")
}

fn clock(date: Option<&str>, node: &Node) -> Finding {
    let theirs = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    let Some(theirs) = theirs else { return Finding::skipped("its answers carry no date") };
    let apart = theirs.timestamp_millis() - node.ctx.now().millis();
    let by = Duration::from_millis(apart.unsigned_abs());
    let way = if apart < 0 { "behind" } else { "ahead" };
    // The header counts whole seconds.
    let found = format!("theirs is {} s {way}", by.as_secs());
    if by > node.limits.skew {
        return Finding::failed(found, "Signatures are refused: set both clocks by NTP");
    }
    if by > NOTABLE_SKEW { Finding::doubtful(found, "Set both clocks by NTP") } else { Finding::good(found) }
}
