//! The gate to the network: which addresses may be connected to, and that only allowed peers are resolved.
//!
//! Policy is asked before a request is made; this is the second wall, inside the client, where names
//! become addresses. A block-list of bad addresses has failed in other software three times; this is an allow-list.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

use corridor_domain::{AddressRange, Authority};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The address of one peer as the operator wrote it, such as `corridor.transport.example=10.1.2.3:8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticHost {
    /// The peer.
    pub host: Authority,
    /// Where it is connected to, port and all.
    pub address: SocketAddr,
}

/// A text that gives no peer an address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAStaticHost {
    /// No `=`, or no address behind it.
    #[error("“{0}” gives no host an address: write it like corridor.transport.example=10.1.2.3:443")]
    Form(String),
    /// The host is none.
    #[error("“{0}”: {1}")]
    Host(String, corridor_domain::authority::InvalidAuthority),
    /// A port in the host's own name is the one that is connected to.
    #[error("“{0}” names two ports: a peer that is called by a port is connected to at that port")]
    Port(String),
    /// An address that belongs to no machine.
    #[error("“{0}”: nothing can be connected to at that address")]
    Address(String),
}

impl FromStr for StaticHost {
    type Err = NotAStaticHost;
    fn from_str(text: &str) -> Result<Self, NotAStaticHost> {
        let shown = || text.chars().take(100).collect::<String>();
        let (host, address) = text.split_once('=').ok_or_else(|| NotAStaticHost::Form(shown()))?;
        let host = Authority::parse(host.trim()).map_err(|error| NotAStaticHost::Host(shown(), error))?;
        let address: SocketAddr = address.trim().parse().map_err(|_| NotAStaticHost::Form(shown()))?;
        if host.port().is_some_and(|port| port != address.port()) {
            return Err(NotAStaticHost::Port(shown()));
        }
        if address.ip().is_unspecified() || address.ip().is_multicast() || address.port() == 0 {
            return Err(NotAStaticHost::Address(shown()));
        }
        Ok(Self { host, address })
    }
}

/// Which addresses this node may connect to.
#[derive(Debug, Clone)]
pub struct Reachable {
    ranges: Vec<AddressRange>,
    loopback: bool,
    hosts: Arc<HashMap<String, SocketAddr>>,
    names: Names,
}

/// Whoever says which addresses a name has.
#[derive(Clone)]
struct Names(Arc<dyn Resolve>);

impl std::fmt::Debug for Names {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Names")
    }
}

impl Default for Names {
    fn default() -> Self {
        Self(Arc::new(SystemNames))
    }
}

/// What this machine is set to ask: its own table, DNS.
struct SystemNames;

impl Resolve for SystemNames {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

impl Reachable {
    /// Only these ranges; loopback and link-local addresses never, even if a range holds them.
    #[must_use]
    pub fn ranges(ranges: Vec<AddressRange>) -> Self {
        Self { ranges, loopback: false, hosts: Arc::default(), names: Names::default() }
    }

    /// Only this machine: for the demonstration and tests.
    #[must_use]
    pub fn loopback_only() -> Self {
        Self { ranges: Vec::new(), loopback: true, hosts: Arc::default(), names: Names::default() }
    }

    /// These peers are connected to at these addresses, and DNS is not asked for them. The operator wrote them, so they
    /// need not lie in a range.
    #[must_use]
    pub fn with_hosts(self, hosts: Vec<StaticHost>) -> Self {
        let hosts = hosts.into_iter().map(|entry| (entry.host.host().to_owned(), entry.address));
        Self { hosts: Arc::new(hosts.collect()), ..self }
    }

    /// Names are asked of this one instead of this machine's DNS. What it says is judged as DNS is.
    #[must_use]
    pub fn asking(self, names: Arc<dyn Resolve>) -> Self {
        Self { names: Names(names), ..self }
    }

    /// The address of a host that the operator wrote, if they did.
    #[must_use]
    pub fn written(&self, host: &str) -> Option<SocketAddr> {
        self.hosts.get(host).copied()
    }

    /// The addresses of a host that may be connected to: the one that the operator wrote, or what DNS says that lies
    /// in the ranges. Whatever DNS says next time, the address that was judged here is the one that is used.
    ///
    /// # Errors
    /// When the name can't be resolved.
    pub async fn addresses(&self, host: &str) -> std::io::Result<Vec<SocketAddr>> {
        if let Some(address) = self.written(host) {
            return Ok(vec![address]);
        }
        let name = host.parse::<Name>().map_err(std::io::Error::other)?;
        let found = self.names.0.resolve(name).await.map_err(std::io::Error::other)?;
        Ok(found.filter(|address| self.allows(address.ip())).collect())
    }

    /// Whether this is the loopback-only gate, where plain `http` is spoken.
    #[must_use]
    pub fn is_loopback_only(&self) -> bool {
        self.loopback
    }

    /// Whether an address may be connected to.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if self.loopback {
            return address.is_loopback();
        }
        let inner = if let IpAddr::V6(address) = address { embedded(address).map(IpAddr::V4) } else { None };
        let never = is_never_a_peer(address) || inner.is_some_and(is_never_a_peer);
        !never && self.ranges.iter().any(|range| range.contains(address))
    }
}

fn is_never_a_peer(address: IpAddr) -> bool {
    address.is_loopback() || address.is_unspecified() || address.is_multicast() || is_link_local(address)
}

/// The IPv4 address that a gateway on the way makes of an IPv6 one: NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056), and the
/// old way of writing one as the other (RFC 4291).
fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let last = |[.., high, low]: [u16; 8]| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match address.segments() {
        all @ ([0x64, 0xff9b, 0, 0, 0, 0, _, _] | [0x64, 0xff9b, 1, ..] | [0, 0, 0, 0, 0, 0, _, _]) => Some(last(all)),
        [0x2002, high, low, ..] => Some(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))),
        _ => None,
    }
}

fn is_link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.is_unicast_link_local(),
    }
}

/// Resolves names of hosts that policy has let through, to addresses that may be reached, and nothing else.
#[derive(Debug, Clone)]
pub struct GuardedResolver {
    permitted: Arc<RwLock<HashSet<String>>>,
    reachable: Reachable,
}

impl GuardedResolver {
    /// A resolver that knows nobody yet.
    #[must_use]
    pub fn new(reachable: Reachable) -> Self {
        Self { permitted: Arc::default(), reachable }
    }

    /// Lets a host be resolved: policy has just said yes.
    pub fn permit(&self, host: &str) {
        let known = self.permitted.read().unwrap_or_else(PoisonError::into_inner).contains(host);
        if !known {
            self.permitted.write().unwrap_or_else(PoisonError::into_inner).insert(host.to_owned());
        }
    }

    /// Which addresses may be reached.
    #[must_use]
    pub fn reachable(&self) -> &Reachable {
        &self.reachable
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let host = name.as_str().to_owned();
        let permitted = self.permitted.read().unwrap_or_else(PoisonError::into_inner).contains(&host);
        let reachable = self.reachable.clone();
        Box::pin(async move {
            if !permitted {
                return Err(format!("{host} is not an allowed peer").into());
            }
            let found = reachable.addresses(&host).await?;
            if found.is_empty() {
                return Err(format!("{host} has no address inside the ranges that may be reached").into());
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn allows(reachable: &Reachable, address: &str) -> bool {
        reachable.allows(address.parse().unwrap())
    }

    #[test]
    fn hostile_016_only_the_operators_ranges_are_reached() {
        let reachable = Reachable::ranges(vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()]);
        assert!(allows(&reachable, "10.200.3.4"));
        assert!(allows(&reachable, "::ffff:10.0.0.1"));
        assert!(allows(&reachable, "fd12::1"));
        for outside in ["11.0.0.1", "127.0.0.1", "::1", "0.0.0.0", "169.254.169.254", "64:ff9b::a00:1", "2001:db8::1"] {
            assert!(!allows(&reachable, outside), "{outside}");
        }
    }

    #[test]
    fn dangerous_addresses_stay_closed_whatever_is_configured() {
        let open = Reachable::ranges(vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()]);
        assert!(allows(&open, "203.0.113.9"));
        for closed in ["127.0.0.1", "169.254.169.254", "::1", "fe80::1", "0.0.0.0", "224.0.0.1"] {
            assert!(!allows(&open, closed), "{closed}");
        }
        // The same ones behind a gateway that makes IPv4 of IPv6.
        for closed in ["64:ff9b::7f00:1", "64:ff9b::", "64:ff9b:1::a9fe:a9fe", "2002:a9fe:a9fe::1", "::127.0.0.1"] {
            assert!(!allows(&open, closed), "{closed}");
        }
        for inside in ["64:ff9b::a00:1", "2002:a00:1::1", "2001:db8::7f00:1"] {
            assert!(allows(&open, inside), "{inside}");
        }
    }

    #[test]
    fn the_demonstration_reaches_only_this_machine() {
        let demo = Reachable::loopback_only();
        assert!(allows(&demo, "127.0.0.3"));
        assert!(!allows(&demo, "10.0.0.1"));
    }

    #[test]
    fn a_written_address_is_one_host_and_one_place() {
        let read = |text: &str| text.parse::<StaticHost>();
        let entry = read("A.gov = 127.0.0.9:8443").unwrap();
        assert_eq!((entry.host.as_str(), entry.address.port()), ("a.gov", 8443));
        assert!(read("a.gov:8443=[fd00::1]:8443").is_ok());
        assert_eq!(read("a.gov:8443=10.0.0.1:443"), Err(NotAStaticHost::Port("a.gov:8443=10.0.0.1:443".into())));
        for wrong in ["a.gov", "a.gov=", "a.gov=10.0.0.1", "a.gov=b.gov:443", "10.0.0.1=10.0.0.1:443", "=10.0.0.1:443"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        for nowhere in ["a.gov=0.0.0.0:443", "a.gov=224.0.0.1:443", "a.gov=10.0.0.1:0"] {
            assert!(matches!(read(nowhere), Err(NotAStaticHost::Address(_))), "{nowhere}");
        }
    }

    #[tokio::test]
    async fn a_written_address_is_used_and_dns_is_not_asked() {
        let hosts = vec!["a.gov.invalid=127.0.0.9:8443".parse().unwrap(), "localhost=10.0.0.1:443".parse().unwrap()];
        let resolver = GuardedResolver::new(Reachable::ranges(Vec::new()).with_hosts(hosts));
        assert!(resolver.resolve("a.gov.invalid".parse().unwrap()).await.is_err(), "policy comes first");
        for (host, address) in [("a.gov.invalid", "127.0.0.9:8443"), ("localhost", "10.0.0.1:443")] {
            resolver.permit(host);
            let found: Vec<SocketAddr> = resolver.resolve(host.parse().unwrap()).await.unwrap().collect();
            assert_eq!(found, [address.parse().unwrap()]);
        }
    }

    #[tokio::test]
    async fn hostile_016_a_name_that_leads_out_of_the_ranges_leads_nowhere() {
        let resolver = GuardedResolver::new(Reachable::ranges(vec!["0.0.0.0/0".parse().unwrap()]));
        resolver.permit("localhost");
        let error = resolver.resolve("localhost".parse().unwrap()).await.err().unwrap();
        assert!(error.to_string().contains("no address inside the ranges"), "{error}");
    }

    #[tokio::test]
    async fn a_name_that_policy_did_not_pass_is_not_resolved() {
        let resolver = GuardedResolver::new(Reachable::loopback_only());
        assert!(resolver.resolve("localhost".parse().unwrap()).await.is_err());
        resolver.permit("localhost");
        assert!(resolver.resolve("localhost".parse().unwrap()).await.is_ok());
    }
}
