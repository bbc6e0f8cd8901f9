//! What the handlers and workers of this crate share.

use std::sync::Arc;
use std::time::Duration;

use corridor_app::Ctx;
use corridor_domain::ActorId;

use crate::certificate::Certificates;
use crate::client::PeerClient;
use crate::guard::Guard;
use crate::sign::KeyRing;

/// Limits on what is taken from peers and how long they are waited for.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Largest body taken in or fetched, in bytes.
    pub body_bytes: usize,
    /// Deepest nesting of a JSON body.
    pub json_depth: usize,
    /// How far a peer's clock may be off.
    pub skew: Duration,
    /// How long a request to a peer may take in all.
    pub request_timeout: Duration,
    /// How long a peer may take to send a request's body.
    pub body_timeout: Duration,
    /// Fetches that one incoming activity may cause.
    pub fetches: usize,
    /// Ancestors that are fetched for a reply.
    pub ancestors: usize,
    /// Activities on their way to one peer at a time.
    pub window: usize,
    /// First wait after a failed delivery; doubles with each failure.
    pub backoff_first: Duration,
    /// Longest wait between two tries.
    pub backoff_longest: Duration,
    /// Whether WebFinger answers requests that carry no signature, as Mastodon's do.
    pub unsigned_webfinger: bool,
    /// Names that one address may ask WebFinger for in vain within an hour, unsigned.
    pub webfinger_misses_per_hour: u32,
    /// Activities one peer may send in a second, and in a burst of ten seconds ten times that.
    pub inbox_per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            json_depth: 32,
            skew: Duration::from_secs(300),
            request_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(15),
            fetches: 20,
            ancestors: 10,
            window: 8,
            backoff_first: Duration::from_secs(5),
            backoff_longest: Duration::from_secs(3600),
            unsigned_webfinger: true,
            webfinger_misses_per_hour: 120,
            inbox_per_second: 500,
        }
    }
}

/// A node as its federation side sees it. Cloned freely.
#[derive(Debug, Clone)]
pub struct Node {
    /// The use cases, the store and the settings.
    pub ctx: Ctx,
    /// The one way out to peers.
    pub client: PeerClient,
    /// See [`Limits`].
    pub limits: Arc<Limits>,
    /// The node's own actor, which signs what no person signs.
    pub instance: ActorId,
    /// Parsed keys of our own actors.
    pub keys: KeyRing,
    /// What the doors remember between requests.
    pub guard: Guard,
    /// The certificate that peers must show at the listener which this node value serves.
    pub certificates: Certificates,
}

impl Node {
    /// A node whose store is open and whose instance actor is made.
    #[must_use]
    pub fn new(ctx: Ctx, client: PeerClient, limits: Limits, instance: ActorId) -> Self {
        Self {
            ctx,
            client,
            limits: Arc::new(limits),
            instance,
            keys: KeyRing::default(),
            guard: Guard::default(),
            certificates: Certificates::NotAsked,
        }
    }

    /// The same node behind a listener that demands certificates of peers.
    #[must_use]
    pub fn with_certificates(self, certificates: Certificates) -> Self {
        Self { certificates, ..self }
    }
}
