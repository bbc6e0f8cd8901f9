//! The settings that the rules of use depend on; the server fills them from its configuration.

use std::time::Duration;

use corridor_domain::registry::Signer;
use corridor_domain::{AddressRange, Audience, Authority, MarkingScheme};
use url::Url;

use crate::MediaSettings;
use crate::streaming::StreamSettings;

/// The three addresses of a node. Equal by default, and hard to change once in use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The domain in handles, where WebFinger answers.
    pub account_domain: Authority,
    /// Base of every id, inbox and collection, without a trailing slash: `https://corridor.department.example`.
    pub federation: Url,
    /// Base of pages, client API and sign-in.
    pub staff: Url,
}

impl Addresses {
    /// The authority of the federation address: what peers list.
    ///
    /// # Panics
    /// Never for addresses that the configuration has checked.
    #[must_use]
    pub fn federation_authority(&self) -> Authority {
        Authority::of_url_with(&self.federation, corridor_domain::authority::Policy::loopback())
            .expect("the federation address was checked when the configuration was read")
    }

    /// A URL under the federation address.
    #[must_use]
    pub fn federation_url(&self, path: &str) -> String {
        format!("{}{path}", self.federation.as_str().trim_end_matches('/'))
    }

    /// A URL under the staff address.
    #[must_use]
    pub fn staff_url(&self, path: &str) -> String {
        format!("{}{path}", self.staff.as_str().trim_end_matches('/'))
    }
}

/// Cost of a password hash (Argon2id).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordCost {
    /// KiB of memory.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// The registry that this node follows, if any.
#[derive(Debug, Clone, Default)]
pub struct RegistrySettings {
    /// Its name; empty for none. Registries of another name are refused.
    pub name: String,
    /// Those whose signatures count.
    pub signers: Vec<Signer>,
    /// Only nodes in the registry may be allowed.
    pub required: bool,
    /// A registry that is imported counts at once; otherwise an administrator applies it.
    pub automatic: bool,
}

/// All settings that `app` uses.
#[derive(Debug, Clone)]
pub struct Settings {
    /// See [`Addresses`].
    pub addresses: Addresses,
    /// The department's name, as people say it.
    pub department: String,
    /// One or two sentences about the node.
    pub description: String,
    /// Where the source code can be had, as the licence asks; empty for none.
    pub source_url: String,
    /// Whom to write to about the node.
    pub contact: String,
    /// The house rules, one text each.
    pub rules: Vec<String>,
    /// The marking scheme.
    pub scheme: MarkingScheme,
    /// What the composer starts with.
    pub default_audience: Audience,
    /// Longest post, in characters.
    pub max_characters: usize,
    /// See [`RegistrySettings`].
    pub registry: RegistrySettings,
    /// Pictures and files.
    pub media: MediaSettings,
    /// Open streams.
    pub streaming: StreamSettings,
    /// How long a deleted post's content is kept.
    pub destroy_after: Duration,
    /// A session ends after this long without use.
    pub session_idle: Duration,
    /// A session ends after this long in any case.
    pub session_absolute: Duration,
    /// Failed sign-ins in a row before an account is locked.
    pub lock_after: i32,
    /// How long it stays locked.
    pub lock_for: Duration,
    /// Failed sign-ins from one address, under whatever names, in that time.
    pub failures_per_address: u32,
    /// Proxies in front, whose word about a visitor's address is believed.
    pub trusted_proxies: Vec<AddressRange>,
    /// See [`PasswordCost`].
    pub password_cost: PasswordCost,
    /// Bits of a person's RSA key.
    pub rsa_bits: u32,
    /// How long a key still counts after a rotation.
    pub key_overlap: Duration,
}
