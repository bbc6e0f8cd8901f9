//! Who sends a request: the peer by policy, the actor by a signature, before anything is fetched or shown.

use actix_web::HttpRequest;
use actix_web::http::header::HOST;
use corridor_app::unchanged::{self, Weigh};
use corridor_app::{inbound, peers};
use corridor_domain::policy::Door;
use corridor_domain::{ActorId, Authority, Peer, Timestamp};
use corridor_store::{Tx, keys};
use reqwest::Url;

use super::client_address;
use crate::error::Error;
use crate::fetch::{self, Budget, FetchError};
use crate::node::Node;
use crate::objects::read;
use crate::pinning;
use crate::remote;
use crate::signature::{self, Checked, RequestView, Rules, SignatureInfo};

/// The peer that has signed a GET, if it may pass this door.
///
/// # Errors
/// When the request is not signed, not by an allowed peer, or not meant for this node.
pub async fn authorise(request: &HttpRequest, node: &Node, door: Door) -> Result<Peer, Error> {
    let claim = Claim::read(request, node, door).await.inspect_err(|error| log(request, node, None, error))?;
    let proven = claim.prove(request, node, None).await;
    proven.map(|signer| signer.peer).inspect_err(|error| log(request, node, Some(&claim), error))
}

/// One line for each request that a door is shut to.
pub(super) fn log(request: &HttpRequest, node: &Node, claim: Option<&Claim>, error: &Error) {
    let key = claim.map_or("", |claim| claim.info.key_id());
    let address = client_address(request, node).map(|address| address.to_string()).unwrap_or_default();
    tracing::warn!(
        reason = error.code(),
        key.id = key,
        client.address = address,
        url.path = request.path(),
        "a request of a peer was refused: {error}"
    );
}

/// Who has signed.
#[derive(Debug, Clone)]
pub(super) struct Signer {
    pub(super) peer: Peer,
    pub(super) actor: ActorId,
    pub(super) actor_uri: String,
}

/// Who says that they have signed: their host is an allowed peer, nothing else is proven.
#[derive(Debug)]
pub(super) struct Claim {
    info: SignatureInfo,
    door: Door,
    pub(super) peer: Peer,
    known: Option<KnownKey>,
}

/// A stored key and whose it is.
#[derive(Debug, Clone)]
struct KnownKey {
    pem: String,
    valid_until: Option<Timestamp>,
    actor: ActorId,
    actor_uri: String,
}

impl KnownKey {
    fn counts_at(&self, now: Timestamp) -> bool {
        self.valid_until.is_none_or(|until| now < until)
    }
}

/// The peer behind a host, and the key of that id, as far as they are known here.
#[derive(Debug, Clone)]
struct Sender {
    peer: Peer,
    known: Option<KnownKey>,
}

impl Weigh for Sender {
    fn bytes(&self) -> usize {
        let key = self.known.as_ref().map_or(0, |known| known.pem.len() + known.actor_uri.len());
        key + self.peer.note.len() + size_of::<Self>()
    }
}

async fn sender(node: &Node, door: Door, host: &Authority, key_id: &str) -> Result<Sender, corridor_app::Error> {
    let (shared, host, key_id) = (node.ctx.clone(), host.clone(), key_id.to_owned());
    let read = node.ctx.store.read(move |tx| {
        let peer = peers::ask_in(tx, &shared, door, &host)?;
        Ok(Sender { peer, known: find_key(tx, &key_id)? })
    });
    read.await
}

impl Claim {
    /// Reads the signature and asks policy about the host of its key. No fetch comes before this.
    pub(super) async fn read(request: &HttpRequest, node: &Node, door: Door) -> Result<Self, Error> {
        check_host(request, node)?;
        let info = signature::parse_signature(&view(request, node))?;
        let host = node.client.authority_of(info.key_url()).map_err(|_| signature::Refusal::BadKeyId)?;
        node.certificates.check(request, &host, node.ctx.now())?;
        let Sender { peer, known } = match door {
            // Every activity that is taken in changes the database, so nothing would be unchanged at the next.
            Door::Inbox => sender(node, door, &host, info.key_id()).await?,
            _ => {
                let key = format!("sender {} {host} {}", door.word(), info.key_id());
                Sender::clone(&*unchanged::value(&node.ctx, key, || sender(node, door, &host, info.key_id())).await?)
            }
        };
        if host != peer.authority {
            return Err(Error::forbidden("key_elsewhere", format!("keys of this peer lie on {}", peer.authority)));
        }
        Ok(Self { info, door, peer, known })
    }

    /// Checks the signature, fetching the key where it is not known or may have changed.
    pub(super) async fn prove(&self, request: &HttpRequest, node: &Node, body: Option<&[u8]>) -> Result<Signer, Error> {
        let own = node.ctx.settings.addresses.federation_authority();
        let rules = Rules::new(own.as_str()).with_skew(node.limits.skew);
        let now = node.ctx.now().millis();
        let checked = signature::precheck(&self.info, &view(request, node), body, &rules, now)?;
        let known = match &self.known {
            Some(known) if known.counts_at(node.ctx.now()) => known.clone(),
            // A key that has ended is as good as unknown: its owner may show another of that name.
            _ => self.fetch_unknown(node).await?,
        };
        let known = match check(node, &checked, &known) {
            Ok(()) => known,
            Err(refusal) if refusal.may_be_old_key() => self.try_newer(node, &checked, &known, refusal).await?,
            Err(refusal) => return Err(refusal.into()),
        };
        pinning::met(node, &self.peer);
        Ok(Signer { peer: self.peer.clone(), actor: known.actor, actor_uri: known.actor_uri })
    }

    /// The key of someone new. Who asks has proven nothing, so it is bounded, and one fetch serves all who wait.
    async fn fetch_unknown(&self, node: &Node) -> Result<KnownKey, Error> {
        let key_id = self.info.key_id();
        let _flight = node.guard.flight(key_id).await;
        if let Some(known) = self.stored(node).await? {
            return Ok(known);
        }
        if node.guard.missed(key_id) {
            return Err(Error::NoKey(key_id.to_owned()));
        }
        node.guard.fetch_unproven(self.peer.id, node.ctx.now()).map_err(Error::TooMany)?;
        self.fetch(node).await?;
        self.stored(node).await?.ok_or_else(|| Error::NoKey(key_id.to_owned()))
    }

    /// The signature may be by a newer key than the one that is known.
    async fn try_newer(
        &self,
        node: &Node,
        checked: &Checked,
        old: &KnownKey,
        refusal: signature::Refusal,
    ) -> Result<KnownKey, Error> {
        let _flight = node.guard.flight(&old.actor_uri).await;
        let stored = self.stored(node).await?;
        let changed = stored.filter(|stored| stored.pem != old.pem);
        let newer = match changed {
            Some(newer) => newer,
            None if !node.guard.may_refetch(&old.actor_uri) => return Err(refusal.into()),
            None => {
                self.fetch(node).await?;
                self.stored(node).await?.ok_or_else(|| Error::NoKey(self.info.key_id().to_owned()))?
            }
        };
        check(node, checked, &newer)?;
        Ok(newer)
    }

    async fn stored(&self, node: &Node) -> Result<Option<KnownKey>, Error> {
        let key_id = self.info.key_id().to_owned();
        let found = node.ctx.store.read(move |tx| find_key(tx, &key_id)).await?;
        Ok(found.filter(|known| known.counts_at(node.ctx.now())))
    }

    async fn fetch(&self, node: &Node) -> Result<(), Error> {
        let key_id = self.info.key_id();
        match fetch_owner(node, self.info.key_url(), key_id, &mut Budget::new(node)).await {
            Ok(()) => Ok(()),
            Err(FetchError::App(error @ (corridor_app::Error::Unavailable(_) | corridor_app::Error::Internal(_)))) => {
                Err(error.into())
            }
            Err(error) => {
                tracing::info!(key.id = key_id, door = self.door.word(), "a key can't be had: {error}");
                // Their node may not have allowed ours yet, and do so at any moment.
                let shut = matches!(error, FetchError::Status { status: 401 | 403, .. });
                if !shut && !error.is_passing() {
                    node.guard.miss(key_id);
                }
                Err(Error::NoKey(key_id.to_owned()))
            }
        }
    }
}

/// Fetches the actor that a key belongs to. The actor must list the key: a key that only names an owner is not theirs.
async fn fetch_owner(node: &Node, key_url: &Url, key_id: &str, budget: &mut Budget) -> Result<(), FetchError> {
    let first = fetch::once(node, key_url, budget).await?;
    let owner = owner_of(&first.value).ok_or_else(|| FetchError::unfit(key_url, "it names no owner of the key"))?;
    let owner = Url::parse(owner).map_err(|_| FetchError::unfit(key_url, "the owner of the key has no address"))?;
    if node.client.authority_of(&owner)? != first.peer.authority {
        return Err(FetchError::unfit(key_url, "the owner of the key is of another host"));
    }
    let mut address = key_url.clone();
    address.set_fragment(None);
    let document = if owner == address && read::person(&first.value).is_ok() {
        first
    } else {
        fetch::document(node, &owner, budget).await?
    };
    let person = read::person(&document.value).map_err(|error| FetchError::unfit(&owner, error.to_string()))?;
    if person.uri != owner.as_str() || !person.keys.iter().any(|key| key.uri == key_id) {
        return Err(FetchError::unfit(&owner, "the actor does not list this key"));
    }
    remote::store(node, &document.peer, &document.value, person, budget).await?;
    Ok(())
}

/// A key document names its owner; an actor is its own; an actor's stub names it in its key.
fn owner_of(document: &serde_json::Value) -> Option<&str> {
    let in_key = document.get("publicKey").and_then(|key| read::id_of(key, "owner"));
    let of_key = read::id_of(document, "owner").or_else(|| read::id_of(document, "controller"));
    in_key.or(of_key).or_else(|| read::text(document, "id"))
}

fn find_key(tx: &mut Tx<'_>, key_id: &str) -> corridor_store::Result<Option<KnownKey>> {
    let Some(key) = keys::find_by_uri(tx, key_id)? else { return Ok(None) };
    let actor = inbound::actor_in(tx, key.actor)?;
    // A key of ours, or of someone who is gone, is nobody's who could knock.
    let knocks = !actor.is_local && !actor.is_gone;
    Ok(knocks.then_some(KnownKey {
        pem: key.public_pem,
        valid_until: key.valid_until,
        actor: key.actor,
        actor_uri: actor.uri,
    }))
}

fn check(node: &Node, checked: &Checked, known: &KnownKey) -> Result<(), signature::Refusal> {
    match node.guard.key(&known.pem) {
        Ok(key) => checked.verify(&key),
        // Only usable keys are stored; one that is not can't have made the signature.
        Err(_) => Err(signature::Refusal::BadSignature),
    }
}

/// The request is for this node under its own name: what one peer was sent can't be replayed to another.
fn check_host(request: &HttpRequest, node: &Node) -> Result<(), Error> {
    let own = node.ctx.settings.addresses.federation_authority();
    let sent = sent_authority(request);
    if sent.eq_ignore_ascii_case(own.as_str()) {
        return Ok(());
    }
    Err(signature::Refusal::WrongHost(sent.chars().take(100).collect()).into())
}

/// `:authority`, or `Host` where there is none.
fn sent_authority(request: &HttpRequest) -> &str {
    let in_target = request.uri().authority().map(actix_web::http::uri::Authority::as_str);
    let in_header = || request.headers().get(HOST).and_then(|host| host.to_str().ok());
    in_target.or_else(in_header).unwrap_or_default()
}

fn view<'a>(request: &'a HttpRequest, node: &'a Node) -> RequestView<'a> {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let headers = request.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    let (method, scheme) = (request.method().as_str(), node.client.scheme());
    RequestView::new(method, scheme, sent_authority(request), target).with_headers(headers)
}
