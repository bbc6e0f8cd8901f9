//! Hosts: one form for each, no address in disguise, and never two readings of one text.

use corridor_domain::Authority;
use corridor_domain::authority::Policy;
use url::Url;

use super::{Target, gist, hold};
use crate::chance::Chance;
use crate::{corpus, mutate};

/// The normaliser that the allow-list rests on.
pub struct Hosts;

const WORDS: [&str; 48] = [
    ".",
    ":",
    "@",
    "%",
    "\\",
    "/",
    "?",
    "#",
    "[",
    "]",
    "-",
    "_",
    " ",
    "\t",
    "\0",
    "\r\n",
    "%2e",
    "%00",
    "443",
    ":443",
    ":0443",
    ":80",
    ":65536",
    ":+1",
    "xn--",
    "xn--a",
    "a.gov",
    "evil",
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f",
    "0177",
    "::1",
    "[::ffff:10.0.0.1]",
    "localhost",
    "\u{3002}",
    "\u{ff0e}",
    "\u{ff61}",
    "\u{ad}",
    "\u{200d}",
    "\u{ff11}",
    "\u{2100}",
    "\u{df}",
    "\u{130}",
    "\u{212a}",
    "\u{430}",
    "\u{feff}",
];

impl Target for Hosts {
    fn name(&self) -> &'static str {
        "host"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let lines = corpus::of("host").concat();
        lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
    }

    fn change(&self, chance: &mut Chance, pool: &[Vec<u8>]) -> Vec<u8> {
        mutate::bytes(chance, pool, &WORDS)
    }

    fn check(&self, input: &[u8]) -> Result<String, String> {
        let text = String::from_utf8_lossy(input);
        let strict = under(&text, Policy::strict())?;
        let loopback = under(&text, Policy::loopback())?;
        if let Some(strict) = &strict {
            hold(loopback.as_ref() == Some(strict), || format!("the looser policy reads {strict} differently"))?;
        }
        let behaviour = match Authority::parse_with(&text, Policy::loopback()) {
            Ok(authority) => format!("{} {} {}", strict.is_some(), authority.port().is_some(), kind(authority.host())),
            Err(error) => gist(&error),
        };
        Ok(format!("{behaviour} {:?}", Url::parse(&format!("https://{text}/")).err()))
    }
}

fn kind(host: &str) -> String {
    let labels = host.split('.').count().min(6);
    format!("{labels} {} {}", host.contains("xn--"), host.len() / 24)
}

/// All that must hold under one policy; the authority, if it is one.
fn under(text: &str, policy: Policy) -> Result<Option<Authority>, String> {
    let parsed = Authority::parse_with(text, policy).ok();
    let url = Url::parse(&format!("https://{text}/")).ok();
    let by_url = url.as_ref().and_then(|url| Authority::of_url_with(url, policy).ok());
    if let Some(by_url) = &by_url {
        well_formed(by_url, policy)?;
    }
    let Some(authority) = parsed else { return Ok(None) };
    well_formed(&authority, policy)?;
    // Where a URL parser reads it at all, it reads the same host.
    hold(url.is_none() || by_url.as_ref() == Some(&authority), || {
        format!("{text:?} is {authority}, and in a URL {by_url:?}")
    })?;
    Ok(Some(authority))
}

fn well_formed(authority: &Authority, policy: Policy) -> Result<(), String> {
    let text = authority.as_str();
    let again = Authority::parse_with(text, policy);
    hold(again.as_ref() == Ok(authority), || format!("{text} is read again as {again:?}"))?;
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-' | ':' | '[' | ']');
    hold(text.chars().all(plain), || format!("{text:?} has other signs"))?;
    hold(!matches!(authority.port(), Some(443 | 0)), || format!("{text} names a port that is none"))?;
    let host = authority.host();
    let is_address = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
    if is_address {
        let inner = host.trim_matches(['[', ']']);
        let is_loopback = inner.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback());
        return hold(policy.ip_literals && is_loopback, || format!("{text} is an address"));
    }
    let label = |label: &str| {
        let fine = label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        fine && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    };
    hold(host.len() <= 253 && host.split('.').all(label), || format!("{text} is no name"))?;
    let last = host.rsplit('.').next().unwrap_or_default();
    hold(!last.bytes().all(|byte| byte.is_ascii_digit()), || format!("{text} ends in a number"))?;
    // What the client will connect to is what was compared.
    let url = Url::parse(&format!("https://{text}/inbox")).map_err(|error| format!("{text} fits no URL: {error}"))?;
    hold(url.host_str() == Some(host), || format!("{text} becomes {url}"))
}
