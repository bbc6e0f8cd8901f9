//! Authorities: host and port, in the one form in which they are compared.
//!
//! The allow-list names authorities, and nothing but equality of two [`Authority`] values decides whether a host
//! is on it. So every host that comes from outside passes this normaliser first, and what is not in its output
//! can't be mistaken for a peer.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};
use url::{Host, Url};

/// Longer input is refused unread; a name of 253 letters in Unicode stays well below it.
const MAX_INPUT_BYTES: usize = 1024;
/// The default port of `https`, the scheme between nodes, which is never written.
const HTTPS_PORT: u16 = 443;

/// A host, and its port where that is not 443: lower case, ASCII, without user info or trailing dot.
///
/// `a.gov` and `a.gov:8443` are two authorities, and so are `a.gov` and `x.a.gov`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Authority(String);

/// Which hosts are taken as authorities at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// Take IP literals too, but only those of loopback: the demo and the tests run there. Elsewhere they are
    /// refused, because an IP literal never asks the resolver that guards outgoing requests.
    pub ip_literals: bool,
}

impl Policy {
    /// Names only. The policy of a served node.
    #[must_use]
    pub const fn strict() -> Self {
        Self { ip_literals: false }
    }

    /// Names, and IP literals of loopback.
    #[must_use]
    pub const fn loopback() -> Self {
        Self { ip_literals: true }
    }
}

/// Why a text or a URL has no authority that a peer could have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidAuthority {
    /// Nothing there.
    #[error("the host is missing")]
    Empty,
    /// Far longer than any host name.
    #[error("the host name is too long")]
    TooLong,
    /// `user@host`.
    #[error("a host can't have a user name in front of it")]
    UserInfo,
    /// `a%2egov`.
    #[error("a host can't have a per cent sign in it")]
    Percent,
    /// `evil\@a.gov`.
    #[error("a host can't have a backslash in it")]
    Backslash,
    /// A space, a tab, a line break or another control character.
    #[error("a host can't have spaces or control characters in it")]
    Whitespace,
    /// A path, a query or a fragment.
    #[error("give the host alone, without a scheme, a path or a query")]
    NotAlone,
    /// `a.gov.`.
    #[error("a host can't end with a full stop")]
    TrailingDot,
    /// `127.0.0.1`, `0x7f000001`, `[::1]`.
    #[error("an IP address can't be a peer: use a host name")]
    IpLiteral,
    /// Not a port number.
    #[error("the port must be a number from 1 to 65535")]
    Port,
    /// Not a name by the rules of international domain names.
    #[error("that is not a valid host name")]
    Name,
    /// Neither `https` nor `http`.
    #[error("only https and http addresses have a peer behind them")]
    Scheme,
    /// `http` on the port of `https`, whose authority would read like another one's.
    #[error("http on port 443 is not an address that a peer can have")]
    PlainOnTlsPort,
}

impl Authority {
    /// Reads `host` or `host:port`; names only.
    ///
    /// # Errors
    /// With what is wrong, see [`InvalidAuthority`].
    pub fn parse(text: &str) -> Result<Self, InvalidAuthority> {
        Self::parse_with(text, Policy::strict())
    }

    /// Reads `host` or `host:port` under a policy.
    ///
    /// # Errors
    /// With what is wrong, see [`InvalidAuthority`].
    pub fn parse_with(text: &str, policy: Policy) -> Result<Self, InvalidAuthority> {
        refuse_traps(text)?;
        let (host, port) = split_port(text)?;
        let host = normalise_host(host, policy)?;
        Ok(Self::join(&host, port.filter(|port| *port != HTTPS_PORT)))
    }

    /// The authority of an `https` or `http` URL; names only.
    ///
    /// # Errors
    /// With what is wrong, see [`InvalidAuthority`].
    pub fn of_url(url: &Url) -> Result<Self, InvalidAuthority> {
        Self::of_url_with(url, Policy::strict())
    }

    /// The authority of an `https` or `http` URL under a policy. The scheme's own default port is left out, so
    /// callers who care about the scheme look at it themselves.
    ///
    /// # Errors
    /// With what is wrong, see [`InvalidAuthority`].
    pub fn of_url_with(url: &Url, policy: Policy) -> Result<Self, InvalidAuthority> {
        if !matches!(url.scheme(), "https" | "http") {
            return Err(InvalidAuthority::Scheme);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidAuthority::UserInfo);
        }
        let port = match url.port() {
            Some(HTTPS_PORT) => return Err(InvalidAuthority::PlainOnTlsPort),
            Some(0) => return Err(InvalidAuthority::Port),
            port => port,
        };
        let host = match url.host().ok_or(InvalidAuthority::Empty)? {
            Host::Domain(name) => {
                refuse_traps(name)?;
                normalise_host(name, policy)?
            }
            Host::Ipv4(address) => ip_host(policy, address.is_loopback(), address.to_string())?,
            Host::Ipv6(address) => ip_host(policy, address.is_loopback(), format!("[{address}]"))?,
        };
        Ok(Self::join(&host, port))
    }

    /// The host alone; an IPv6 literal keeps its brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        self.split().0
    }

    /// The port, where it is not 443.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.split().1
    }

    /// The whole, as it is compared, stored and shown.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn join(host: &str, port: Option<u16>) -> Self {
        Self(port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    }

    fn split(&self) -> (&str, Option<u16>) {
        split_port(&self.0).unwrap_or((&self.0, None))
    }
}

/// Refuses what programs read differently from each other, before anything is taken apart.
fn refuse_traps(text: &str) -> Result<(), InvalidAuthority> {
    if text.is_empty() {
        return Err(InvalidAuthority::Empty);
    }
    if text.len() > MAX_INPUT_BYTES {
        return Err(InvalidAuthority::TooLong);
    }
    let trap = text.chars().find_map(|c| match c {
        '@' => Some(InvalidAuthority::UserInfo),
        '%' => Some(InvalidAuthority::Percent),
        '\\' => Some(InvalidAuthority::Backslash),
        '/' | '?' | '#' => Some(InvalidAuthority::NotAlone),
        c if c.is_whitespace() || c.is_control() => Some(InvalidAuthority::Whitespace),
        _ => None,
    });
    trap.map_or(Ok(()), Err)
}

/// Takes the port off. A colon inside brackets belongs to the address.
fn split_port(text: &str) -> Result<(&str, Option<u16>), InvalidAuthority> {
    let colon = text.rfind(':').filter(|at| text.rfind(']').is_none_or(|bracket| bracket < *at));
    let Some((host, port)) = colon.and_then(|at| text.split_at_checked(at)) else {
        return Ok((text, None));
    };
    let port = port.trim_start_matches(':');
    // The number type would take a plus sign and any run of zeros.
    if port.is_empty() || port.len() > 5 || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(InvalidAuthority::Port);
    }
    match port.parse() {
        Ok(0) | Err(_) => Err(InvalidAuthority::Port),
        Ok(port) => Ok((host, Some(port))),
    }
}

fn normalise_host(host: &str, policy: Policy) -> Result<String, InvalidAuthority> {
    if host.is_empty() {
        return Err(InvalidAuthority::Empty);
    }
    if let Some(inner) = host.strip_prefix('[') {
        let address: Ipv6Addr =
            inner.strip_suffix(']').and_then(|inner| inner.parse().ok()).ok_or(InvalidAuthority::Name)?;
        return ip_host(policy, address.is_loopback(), format!("[{address}]"));
    }
    if host.ends_with(['.', '\u{3002}', '\u{ff0e}', '\u{ff61}']) {
        return Err(InvalidAuthority::TrailingDot);
    }
    // Numbers are looked for in the output, since full-width digits become digits on the way.
    let ascii = Uts46::new()
        .to_ascii(host.as_bytes(), AsciiDenyList::STD3, Hyphens::CheckFirstLast, DnsLength::Verify)
        .map_err(|_| InvalidAuthority::Name)?;
    if ends_in_number(&ascii) {
        let address: Ipv4Addr = ascii.parse().map_err(|_| InvalidAuthority::IpLiteral)?;
        return ip_host(policy, address.is_loopback(), address.to_string());
    }
    Ok(ascii.into_owned())
}

fn ip_host(policy: Policy, is_loopback: bool, text: String) -> Result<String, InvalidAuthority> {
    if policy.ip_literals && is_loopback { Ok(text) } else { Err(InvalidAuthority::IpLiteral) }
}

/// URL parsers read a host as an IPv4 address when its last label is a number, decimal, octal or hexadecimal.
fn ends_in_number(ascii: &str) -> bool {
    let last = ascii.rsplit('.').next().unwrap_or(ascii);
    let hex = last.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    hex || (!last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit()))
}

impl fmt::Display for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Authority({})", self.0)
    }
}

impl AsRef<str> for Authority {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl From<Authority> for String {
    fn from(authority: Authority) -> Self {
        authority.0
    }
}

/// Reads what was stored: the policy was applied before it was.
impl TryFrom<String> for Authority {
    type Error = InvalidAuthority;
    fn try_from(text: String) -> Result<Self, InvalidAuthority> {
        Self::parse_with(&text, Policy::loopback())
    }
}

/// Names only, as [`Authority::parse`].
impl FromStr for Authority {
    type Err = InvalidAuthority;
    fn from_str(text: &str) -> Result<Self, InvalidAuthority> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn parse(text: &str) -> Authority {
        Authority::parse(text).unwrap()
    }

    fn of_url(text: &str) -> Result<Authority, InvalidAuthority> {
        Authority::of_url(&Url::parse(text).unwrap())
    }

    #[test]
    fn only_equal_hosts_are_equal() {
        for other in ["evil-a.gov", "a.gov.evil", "x.a.gov", "a.gov:8443", "\u{430}.gov"] {
            assert_ne!(parse(other), parse("a.gov"), "{other}");
        }
        assert_eq!(parse("a.gov:8443").port(), Some(8443));
        assert_eq!(parse("a.gov:8443").host(), "a.gov");
    }

    #[test]
    fn every_way_to_write_a_host_gives_the_same() {
        for same in ["A.GOV", "a.gov:443", "a.gov:00443", "\u{ff41}.gov", "a\u{3002}gov", "a\u{ff0e}gov"] {
            assert_eq!(parse(same).as_str(), "a.gov", "{same}");
        }
        assert_eq!(parse("b\u{fc}ro.gov"), parse("XN--BRO-hoa.gov"));
        assert_eq!(parse("b\u{fc}ro.gov").as_str(), "xn--bro-hoa.gov");
    }

    #[test]
    fn traps_are_refused_by_name() {
        use InvalidAuthority as E;
        for (text, why) in [
            ("", E::Empty),
            (":443", E::Empty),
            ("a.gov.", E::TrailingDot),
            ("a.gov\u{ff0e}", E::TrailingDot),
            ("a.gov.:8443", E::TrailingDot),
            ("a%2egov", E::Percent),
            ("a.gov@evil", E::UserInfo),
            ("evil\\@a.gov", E::Backslash),
            ("a.gov#@evil", E::NotAlone),
            ("https://a.gov", E::NotAlone),
            ("a.gov/", E::NotAlone),
            ("a .gov", E::Whitespace),
            ("a.gov\n", E::Whitespace),
            ("a.gov\0", E::Whitespace),
            ("a.gov:", E::Port),
            ("a.gov:0", E::Port),
            ("a.gov:65536", E::Port),
            ("a.gov:+443", E::Port),
            ("a.gov:44x", E::Port),
            ("a..gov", E::Name),
            ("a_b.gov", E::Name),
            ("-a.gov", E::Name),
            ("xn--a.gov", E::Name),
            ("a.gov\u{ff20}evil", E::Name),
            ("a\u{2100}.gov", E::Name),
            ("a:b.gov", E::Port),
        ] {
            assert_eq!(Authority::parse(text), Err(why), "{text:?}");
        }
        assert_eq!(Authority::parse(&"a".repeat(64)), Err(E::Name));
        assert_eq!(Authority::parse(&"a.".repeat(5000)), Err(E::TooLong));
    }

    #[test]
    fn ip_literals_in_any_form_are_refused() {
        for text in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "0177.0.0.1",
            "0x7f000001",
            "0x7f.0.0.1",
            "127.0.0.0x1",
            "0x",
            "10.0.0.1:8443",
            "\u{ff11}27.0.0.1",
            "a.gov.1",
            "[::1]",
            "[::ffff:10.0.0.1]:443",
        ] {
            assert_eq!(Authority::parse(text), Err(InvalidAuthority::IpLiteral), "{text}");
        }
        for text in ["::1", "[::1", "[::1]evil", "[v1.x]"] {
            assert!(Authority::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn loopback_policy_takes_loopback_and_nothing_else() {
        for text in ["127.0.0.1:41000", "localhost:4100", "a.localhost:4100", "127.8.8.8", "[::1]:4100"] {
            let authority = Authority::parse_with(text, Policy::loopback()).unwrap();
            assert_eq!(authority.as_str(), text);
        }
        for text in ["10.0.0.1", "169.254.169.254", "0.0.0.0", "[::]", "[::ffff:127.0.0.1]", "0x7f000001"] {
            assert_eq!(Authority::parse_with(text, Policy::loopback()), Err(InvalidAuthority::IpLiteral), "{text}");
        }
        let v6 = Authority::parse_with("[::1]:4100", Policy::loopback()).unwrap();
        assert_eq!((v6.host(), v6.port()), ("[::1]", Some(4100)));
    }

    #[test]
    fn urls_have_the_same_authorities() {
        for same in
            ["https://a.gov/x", "https://A.GOV:443/", "http://a.gov:80/", "https://a%2egov", "https:\\\\a.gov\\x"]
        {
            assert_eq!(of_url(same), Ok(parse("a.gov")), "{same}");
        }
        assert_eq!(of_url("https://a.gov:8443/inbox"), Ok(parse("a.gov:8443")));
        assert_eq!(of_url("https://a.gov#@evil"), Ok(parse("a.gov")));
        assert_eq!(of_url("https://evil\\@a.gov"), Ok(parse("evil")));
    }

    #[test]
    fn urls_are_refused_for_the_same_reasons() {
        use InvalidAuthority as E;
        for (text, why) in [
            ("https://a.gov@evil/", E::UserInfo),
            ("https://:secret@a.gov/", E::UserInfo),
            ("https://c.gov./u/bob", E::TrailingDot),
            ("https://2130706433/", E::IpLiteral),
            ("https://0x7f.1/", E::IpLiteral),
            ("https://[::1]/", E::IpLiteral),
            ("ftp://a.gov/", E::Scheme),
            ("data:text/plain,a.gov", E::Scheme),
            ("http://a.gov:443/", E::PlainOnTlsPort),
            ("https://a_b.gov/", E::Name),
        ] {
            assert_eq!(of_url(text), Err(why), "{text}");
        }
        let loopback = Url::parse("http://127.1:4100/actor").unwrap();
        assert_eq!(Authority::of_url_with(&loopback, Policy::loopback()).unwrap().as_str(), "127.0.0.1:4100");
    }

    #[test]
    fn json_is_a_checked_string() {
        let authority: Authority = serde_json::from_str("\"A.gov:443\"").unwrap();
        assert_eq!(serde_json::to_string(&authority).unwrap(), "\"a.gov\"");
        assert!(serde_json::from_str::<Authority>("\"a.gov@evil\"").is_err());
        assert!(serde_json::from_str::<Authority>("\"127.0.0.1:4100\"").is_ok());
    }

    fn anything_like_a_host() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<String>(),
            "[a-zA-Z0-9.:\\-\\[\\]@%\\\\ xü。．１]{0,40}",
            "[a-zA-Zé0-9-]{1,12}(\\.[a-z0-9x]{1,8}){0,3}(:[0-9]{1,6})?",
        ]
    }

    proptest! {
        #[test]
        fn output_is_its_own_normal_form(text in anything_like_a_host(), ip_literals: bool) {
            let policy = Policy { ip_literals };
            if let Ok(authority) = Authority::parse_with(&text, policy) {
                prop_assert_eq!(Authority::parse_with(authority.as_str(), policy), Ok(authority.clone()));
                prop_assert!(authority.as_str().is_ascii());
                prop_assert_eq!(authority.as_str(), authority.as_str().to_ascii_lowercase());
                prop_assert!(authority.port() != Some(443));
                prop_assert!(authority.as_str().starts_with(authority.host()));
            }
        }

        #[test]
        fn text_and_url_agree(text in anything_like_a_host(), ip_literals: bool) {
            let policy = Policy { ip_literals };
            let Ok(authority) = Authority::parse_with(&text, policy) else { return Ok(()) };
            let url = Url::parse(&format!("https://{authority}/x")).unwrap();
            prop_assert_eq!(Authority::of_url_with(&url, policy), Ok(authority));
        }
    }
}
