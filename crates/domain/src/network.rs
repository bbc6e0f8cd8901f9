//! Network addresses: ranges of them, and which one a request really comes from.

use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A block of addresses in CIDR form, such as `10.0.0.0/8` or `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange {
    base: IpAddr,
    prefix: u32,
}

/// A text that is no address range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not an address range: write it like 10.0.0.0/8 or fd00::/8")]
pub struct NotARange(String);

impl AddressRange {
    /// Whether an address lies in it. An IPv4 address written as IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                same_prefix(u128::from(base.to_bits()) << 96, u128::from(address.to_bits()) << 96, self.prefix)
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => same_prefix(base.to_bits(), address.to_bits(), self.prefix),
            _ => false,
        }
    }
}

impl std::fmt::Display for AddressRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

fn same_prefix(a: u128, b: u128, bits: u32) -> bool {
    bits == 0 || (a ^ b) >> (128 - bits.min(128)) == 0
}

impl FromStr for AddressRange {
    type Err = NotARange;
    fn from_str(text: &str) -> Result<Self, NotARange> {
        let wrong = || NotARange(text.chars().take(60).collect());
        let (base, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let base: IpAddr = base.parse().map_err(|_| wrong())?;
        let prefix: u32 = prefix.parse().map_err(|_| wrong())?;
        let widest = if base.is_ipv4() { 32 } else { 128 };
        if prefix > widest {
            return Err(wrong());
        }
        Ok(Self { base, prefix })
    }
}

/// The address that a request comes from. `forwarded` are the values of its `X-Forwarded-For` headers, in order.
///
/// Anyone can write that header, so it counts only as far as trusted proxies have written it: each of them appends
/// the address that it saw, and the rightmost one that is no proxy of ours is the visitor.
#[must_use]
pub fn client_address<'a>(
    connected: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'a [u8]>,
    trusted: &[AddressRange],
) -> IpAddr {
    let mut address = connected.to_canonical();
    let words = |value: &'a [u8]| std::str::from_utf8(value).unwrap_or("?");
    let mut entries = forwarded.map(words).flat_map(|value| value.split(',').map(str::trim)).rev();
    while trusted.iter().any(|range| range.contains(address)) {
        // What can't be read ends the chain: beyond it, nothing is known to be true.
        let Some(before) = entries.next().and_then(read_address) else { break };
        address = before;
    }
    address
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn read_address(text: &str) -> Option<IpAddr> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(bracketed) => bracketed.split_once(']')?,
        None if text.matches(':').count() == 1 => text.split_at(text.find(':')?),
        None => (text, ""),
    };
    let is_port = rest.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    let address: IpAddr = host.parse().ok().filter(|_| rest.is_empty() || is_port)?;
    Some(address.to_canonical())
}

/// The network that an address stands for where visitors are counted: itself, or under IPv6 its /64, which one
/// visitor has all of.
#[must_use]
pub fn counted_as(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn ranges(texts: &[&str]) -> Vec<AddressRange> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    fn from(connected: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        client_address(connected.parse().unwrap(), forwarded.iter().map(|value| value.as_bytes()), &ranges(trusted))
            .to_string()
    }

    #[test]
    fn ranges_are_read_strictly() {
        for wrong in ["10.0.0.0", "10.0.0.0/33", "fd00::/129", "a/8", "10.0.0.0/-1", ""] {
            assert!(wrong.parse::<AddressRange>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn without_a_trusted_proxy_the_header_says_nothing() {
        assert_eq!(from("192.0.2.7", &["10.0.0.1", "203.0.113.5"], &[]), "192.0.2.7");
        assert_eq!(from("192.0.2.7", &["203.0.113.5"], &["10.0.0.0/8"]), "192.0.2.7");
    }

    #[test]
    fn the_rightmost_address_that_is_no_proxy_counts() {
        let proxies = ["10.0.0.0/8", "fd00::/8"];
        assert_eq!(from("10.0.0.1", &["203.0.113.5"], &proxies), "203.0.113.5");
        assert_eq!(from("10.0.0.1", &["198.51.100.1, 203.0.113.5"], &proxies), "203.0.113.5", "the first is forged");
        assert_eq!(from("10.0.0.1", &["198.51.100.1", "203.0.113.5, 10.0.0.2"], &proxies), "203.0.113.5");
        assert_eq!(from("::ffff:10.0.0.1", &["::ffff:203.0.113.5"], &proxies), "203.0.113.5");
        assert_eq!(from("fd00::1", &["[2001:db8::5]:4711"], &proxies), "2001:db8::5");
        assert_eq!(from("10.0.0.1", &["203.0.113.5:4711"], &proxies), "203.0.113.5");
        assert_eq!(from("10.0.0.1", &["[2001:db8::5]"], &proxies), "2001:db8::5");
    }

    #[test]
    fn what_cannot_be_read_ends_the_chain() {
        let proxies = ["10.0.0.0/8"];
        assert_eq!(from("10.0.0.1", &[], &proxies), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &[""], &proxies), "10.0.0.1");
        assert_eq!(from("10.0.0.1", &["203.0.113.5, unknown"], &proxies), "10.0.0.1");
        for unreadable in ["203.0.113.5:", "203.0.113.5:http", "[2001:db8::5", "[2001:db8::5]x", "2001:db8::5:99999"] {
            assert_eq!(from("10.0.0.1", &[unreadable], &proxies), "10.0.0.1", "{unreadable}");
        }
        assert_eq!(from("10.0.0.1", &["203.0.113.5, evil, 10.0.0.2"], &proxies), "10.0.0.2");
        assert_eq!(from("10.0.0.1", &["10.0.0.9, 10.0.0.2"], &proxies), "10.0.0.9", "all are proxies");
    }

    #[test]
    fn a_visitor_has_all_of_a_64() {
        let counted = |text: &str| counted_as(text.parse().unwrap()).to_string();
        assert_eq!(counted("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(counted("192.0.2.7"), "192.0.2.7");
        assert_eq!(counted("::ffff:192.0.2.7"), "192.0.2.7");
    }
}
