//! Address ranges as the configuration has them: checked, and not yet a gate to anything.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A block of addresses in CIDR form, such as `10.0.0.0/8` or `fd00::/8`. Displays in the same form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressRange {
    base: IpAddr,
    prefix: u8,
}

/// A text that is no address range.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not an address range: write it like 10.0.0.0/8 or fd00::/8")]
pub struct NotARange(String);

impl FromStr for AddressRange {
    type Err = NotARange;
    fn from_str(text: &str) -> Result<Self, NotARange> {
        let range = text.split_once('/').and_then(|(base, prefix)| {
            let base: IpAddr = base.parse().ok()?;
            let prefix: u8 = prefix.parse().ok()?;
            let widest = if base.is_ipv4() { 32 } else { 128 };
            (prefix <= widest).then_some(Self { base, prefix })
        });
        range.ok_or_else(|| NotARange(text.chars().take(60).collect()))
    }
}

impl fmt::Display for AddressRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}
