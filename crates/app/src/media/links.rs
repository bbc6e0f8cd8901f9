//! Addresses of pictures that say themselves who may load them, and until when: for apps that load pictures without their
//! token. See `docs/decisions/0010-addresses-of-pictures.md`.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use corridor_domain::{MediaId, Timestamp, TokenId};
use corridor_store::node_settings;
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::sign::Signer;

use super::serve::{Opened, Rendition, open_for_viewer};
use crate::oauth::{self, Auth};
use crate::{Addresses, Ctx, Error, Result, secrets};

/// Under which the key is kept.
const NAME: &str = "media_link_key";
/// An address ends with a day in UTC, so that it stays the same for a day and clients can keep what it leads to.
const DAY_SECONDS: i64 = 24 * 3600;
/// It lasts to the end of the day after: for more than one day, and at most two.
const DAYS: i64 = 2;

/// What the node seals addresses with.
#[derive(Clone)]
pub(crate) struct LinkKey(PKey<Private>);

impl fmt::Debug for LinkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LinkKey")
    }
}

impl LinkKey {
    fn new(secret: &str) -> Result<Self> {
        Ok(Self(PKey::hmac(secret.as_bytes()).map_err(internal)?))
    }

    /// HMAC-SHA-256 over all that an address stands for.
    fn seal(&self, id: MediaId, rendition: Rendition, token: TokenId, until: i64) -> Result<String> {
        let text = format!("corridor media 1\n{id}\n{}\n{token}\n{until}", rendition.word());
        let mut signer = Signer::new(MessageDigest::sha256(), &self.0).map_err(internal)?;
        Ok(URL_SAFE_NO_PAD.encode(signer.sign_oneshot_to_vec(text.as_bytes()).map_err(internal)?))
    }
}

fn internal(error: openssl::error::ErrorStack) -> Error {
    Error::Internal(Box::new(error))
}

/// Reads the key, and makes it when the node starts for the first time. Without it addresses carry nothing.
///
/// # Errors
/// When the store can't answer.
pub async fn prepare_links(ctx: &Ctx) -> Result<()> {
    let known = async || ctx.store.read(|tx| Ok::<_, Error>(node_settings::get(tx, NAME)?)).await;
    let secret = match known().await? {
        Some(secret) => secret,
        None => {
            let fresh = secrets::token()?;
            let made = ctx.store.write(move |tx| {
                node_settings::insert(tx, NAME, &fresh)?;
                Ok::<_, Error>(fresh.clone())
            });
            match made.await {
                // Another process of the same node was quicker.
                Err(Error::Conflict(_)) => known().await?.ok_or(Error::NotFound("the key of addresses"))?,
                made => made?,
            }
        }
    };
    let _ = ctx.link_key.set(LinkKey::new(&secret)?);
    Ok(())
}

/// Makes addresses for whoever holds one token.
#[derive(Debug, Clone)]
pub struct Links {
    /// The node's own addresses, for all that is no picture.
    pub addresses: Addresses,
    key: Option<LinkKey>,
    token: TokenId,
    until: i64,
}

impl Links {
    /// Addresses that are handed out now. Make them anew for each answer: they do not last.
    #[must_use]
    pub fn new(ctx: &Ctx, auth: &Auth) -> Self {
        Self {
            addresses: ctx.settings.addresses.clone(),
            key: ctx.link_key.get().cloned(),
            token: auth.token_id,
            until: ends(ctx.now()),
        }
    }

    /// Where this token's holder finds a rendition of a picture or file.
    #[must_use]
    pub fn media(&self, id: MediaId, rendition: Rendition) -> String {
        let path = format!("/media/{id}/{}", rendition.word());
        let seal = self.key.as_ref().map(|key| key.seal(id, rendition, self.token, self.until));
        match seal {
            Some(Ok(seal)) => {
                let (token, until) = (self.token, self.until);
                self.addresses.staff_url(&format!("{path}?for={token}&until={until}&seal={seal}"))
            }
            Some(Err(error)) => {
                tracing::error!("an address of a picture can't be sealed: {error}");
                self.addresses.staff_url(&path)
            }
            None => self.addresses.staff_url(&path),
        }
    }
}

/// Seconds since 1970 at which an address ends that is handed out at a moment.
fn ends(now: Timestamp) -> i64 {
    (now.millis().div_euclid(1000 * DAY_SECONDS) + DAYS) * DAY_SECONDS
}

/// What an address says beside its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    token: TokenId,
    until: i64,
    seal: String,
}

impl Link {
    /// Reads what stands in an address: `for`, `until` and `seal`. `None` for what can't be one of ours.
    #[must_use]
    pub fn read(token: &str, until: &str, seal: &str) -> Option<Self> {
        Some(Self { token: token.parse().ok()?, until: until.parse().ok()?, seal: seal.to_owned() })
    }

    fn demand_sealed(&self, key: &LinkKey, id: MediaId, rendition: Rendition) -> Result<()> {
        let right = key.seal(id, rendition, self.token, self.until)?;
        let same = right.len() == self.seal.len() && openssl::memcmp::eq(right.as_bytes(), self.seal.as_bytes());
        if same { Ok(()) } else { Err(WRONG) }
    }
}

const WRONG: Error = Error::Unauthenticated("the address of this file is not right, or has ended");

/// A file for whoever has an address of it, if the token that it was given for still counts, and its person may see the
/// file now.
///
/// # Errors
/// [`Error::Unauthenticated`] for an address that was not given by this node, has ended, or whose token has;
/// [`Error::Forbidden`] where that may not read posts; else as [`open_for_viewer`].
pub async fn open_by_link(ctx: &Ctx, link: Option<&Link>, id: MediaId, rendition: Rendition) -> Result<Opened> {
    let (key, link) = ctx.link_key.get().zip(link).ok_or(WRONG)?;
    link.demand_sealed(key, id, rendition)?;
    if ctx.now().millis() >= link.until.saturating_mul(1000) {
        return Err(WRONG);
    }
    let viewer = match oauth::authenticate_by_id(ctx, link.token).await {
        Ok(auth) => auth.reader()?,
        Err(Error::Unauthenticated(_)) => return Err(WRONG),
        Err(error) => return Err(error),
    };
    Ok(open_for_viewer(ctx, &viewer, id, rendition).await?.for_any_site())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_address_stays_for_a_day_and_ends_within_two() {
        let at = |text: &str| Timestamp::parse_rfc3339(text).unwrap();
        let (morning, night, next) =
            (at("2026-11-30T00:00:00Z"), at("2026-11-30T23:59:59.999Z"), at("2026-12-01T00:00:00Z"));
        assert_eq!(ends(morning), ends(night));
        assert_eq!(ends(night) * 1000, at("2026-12-02T00:00:00Z").millis());
        assert!(ends(next) > ends(night));
    }

    proptest! {
        #[test]
        fn a_seal_opens_what_it_was_made_for_alone(id in 1_i64..9, token in 1_i64..9, until in 1_i64..9, small: bool, other_id in 1_i64..9, other_token in 1_i64..9, other_until in 1_i64..9, other_small: bool) {
            let key = LinkKey::new("secret").unwrap();
            let rendition = |small| if small { Rendition::Small } else { Rendition::Original };
            let seal = key.seal(MediaId::new(id), rendition(small), TokenId::new(token), until).unwrap();
            let link = Link { token: TokenId::new(other_token), until: other_until, seal };
            let same = (id, token, until, small) == (other_id, other_token, other_until, other_small);
            let opens = link.demand_sealed(&key, MediaId::new(other_id), rendition(other_small)).is_ok();
            prop_assert_eq!(opens, same);
            let other = LinkKey::new("another secret").unwrap();
            prop_assert!(link.demand_sealed(&other, MediaId::new(other_id), rendition(other_small)).is_err());
        }
    }
}
