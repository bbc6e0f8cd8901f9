//! What every function here gets first: the store, the settings, and the way to peers.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use corridor_domain::text::Handle;
use corridor_domain::{ActorId, Authority, Peer, PostId, Timestamp};
use corridor_store::Store;
use corridor_store::keys::NewKey;
use tokio::sync::Semaphore;
use url::Url;

use crate::media::{LinkKey, MediaState};
use crate::moves::Identity;
use crate::peers::Refused;
use crate::strangers::Strangers;
use crate::streaming::Hub;
use crate::throttle::Throttle;
use crate::unchanged::Unchanged;
use crate::{Result, Settings};

/// What was found behind a URI of a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// An actor, now stored.
    Actor(ActorId),
    /// A post, now stored.
    Post(PostId),
}

/// Finds people and posts of allowed peers. Implemented by `federation`, which alone speaks to peers;
/// every call asks policy before any request is made.
#[async_trait]
pub trait Remote: Send + Sync + std::fmt::Debug {
    /// Resolves `@name@host` by WebFinger, and stores the actor.
    async fn resolve_handle(&self, handle: &Handle, host: &Authority) -> Result<ActorId>;
    /// Fetches what a URI names, and stores it.
    async fn resolve_uri(&self, uri: &Url) -> Result<Found>;
    /// Fetches a file of at most so many bytes; nothing is known of what is in it.
    async fn fetch_file(&self, url: &Url, limit: usize) -> Result<Vec<u8>>;
    /// What a peer says that it runs: the name of its software, in lower case.
    async fn software(&self, peer: &Peer) -> Result<String>;
    /// Asks an account's own node, anew, what it says of itself that a move hangs on.
    async fn identity(&self, account: &Url) -> Result<Identity>;
    /// Fetches the peer's own actor, stores it, and answers with the keys that it shows.
    async fn instance_actor(&self, peer: &Peer) -> Result<(ActorId, Vec<NewKey>)>;
}

/// Everything a use case needs. Cloned freely.
#[derive(Debug, Clone)]
pub struct Ctx {
    /// The node's database.
    pub store: Store,
    /// See [`Settings`].
    pub settings: Arc<Settings>,
    remote: Arc<OnceLock<Arc<dyn Remote>>>,
    /// Password hashes take much memory and a whole core: only so many at once.
    pub(crate) hashing: Arc<Semaphore>,
    /// Failed sign-ins with names that nobody has.
    pub(crate) strangers: Arc<Strangers>,
    /// Passwords that were tried, by the address that they came from.
    pub(crate) attempts: Throttle<IpAddr>,
    /// How often policy turned someone away.
    pub(crate) refused: Arc<Refused>,
    /// Answers that can be given again.
    pub(crate) unchanged: Arc<Unchanged>,
    /// Pictures that are decoded and fetched.
    pub(crate) media: Arc<MediaState>,
    /// What addresses of pictures are sealed with.
    pub(crate) link_key: Arc<OnceLock<LinkKey>>,
    /// Open streams.
    pub(crate) streams: Arc<Hub>,
}

impl Ctx {
    /// A context on an open store. Give it the way to peers with [`Ctx::connect`].
    #[must_use]
    pub fn new(store: Store, settings: Settings) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let processors = settings.media.processors;
        Self {
            streams: Arc::new(Hub::new(store.at_once())),
            store,
            settings: Arc::new(settings),
            remote: Arc::default(),
            hashing: Arc::new(Semaphore::new(cores)),
            strangers: Arc::default(),
            attempts: Throttle::default(),
            refused: Arc::default(),
            unchanged: Arc::default(),
            media: Arc::new(MediaState::new(cores, processors)),
            link_key: Arc::default(),
        }
    }

    /// Sets the way to peers; the first call counts.
    pub fn connect(&self, remote: Arc<dyn Remote>) {
        let _ = self.remote.set(remote);
    }

    /// The way to peers; none on a command line that does not serve.
    #[must_use]
    pub fn remote(&self) -> Option<&Arc<dyn Remote>> {
        self.remote.get()
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.store.clock().now()
    }
}
