//! A request as signatures see it, whoever holds it: the server that got it or the client that will send it.

use std::fmt;

use url::{Position, Url};

use super::Refusal;

/// A borrowed view of a request: method, address parts and headers in order, with repeats.
#[derive(Clone)]
pub struct RequestView<'a> {
    method: &'a str,
    scheme: &'a str,
    authority: &'a str,
    target: &'a str,
    headers: Vec<(&'a str, &'a [u8])>,
}

impl<'a> RequestView<'a> {
    /// A request without headers. The authority is the one that was sent (`:authority`, or `Host`), the target the
    /// path and query exactly as they are on the wire, and the scheme the one of this server's own address.
    #[must_use]
    pub const fn new(method: &'a str, scheme: &'a str, authority: &'a str, target: &'a str) -> Self {
        Self { method, scheme, authority, target, headers: Vec::new() }
    }

    /// The view of a request that will be sent to an address.
    #[must_use]
    pub fn to_url(method: &'a str, url: &'a Url) -> Self {
        let part = |range: std::ops::Range<Position>| &url[range];
        let authority = part(Position::BeforeHost..Position::AfterPort);
        Self::new(method, url.scheme(), authority, part(Position::BeforePath..Position::AfterQuery))
    }

    /// With one more header. A name may be added many times; that is how repeats are seen.
    #[must_use]
    pub fn with_header<V: AsRef<[u8]> + ?Sized>(mut self, name: &'a str, value: &'a V) -> Self {
        self.headers.push((name, value.as_ref()));
        self
    }

    /// With many more headers.
    #[must_use]
    pub fn with_headers(mut self, headers: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Self {
        self.headers.extend(headers);
        self
    }

    /// Without the headers of these names.
    pub(super) fn without(mut self, names: &[&str]) -> Self {
        self.headers.retain(|(name, _)| !names.iter().any(|other| name.eq_ignore_ascii_case(other)));
        self
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &'a str {
        self.method
    }

    /// The authority that was sent.
    pub(super) const fn authority(&self) -> &'a str {
        self.authority
    }

    /// The scheme.
    pub(super) const fn scheme(&self) -> &'a str {
        self.scheme
    }

    /// Path and query, which must begin with a slash.
    pub(super) fn target(&self) -> Result<&'a str, Refusal> {
        let printable = self.target.bytes().all(|byte| byte.is_ascii_graphic());
        if printable && self.target.starts_with('/') { Ok(self.target) } else { Err(Refusal::BadTarget) }
    }

    /// The path alone, and the query with its question mark if there is one.
    pub(super) fn path_and_query(&self) -> Result<(&'a str, Option<&'a str>), Refusal> {
        let target = self.target()?;
        Ok(match target.find('?') {
            Some(at) => target.split_at_checked(at).map_or((target, None), |(path, query)| (path, Some(query))),
            None => (target, None),
        })
    }

    /// How often a header is there.
    pub(super) fn count(&self, name: &str) -> usize {
        self.values(name).count()
    }

    /// The values of a header, in order.
    pub(super) fn values<'v>(&'v self, name: &'v str) -> impl Iterator<Item = &'a [u8]> + 'v {
        self.headers.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| *value)
    }

    /// A header's value as it is signed: each line trimmed, several joined by a comma. Refused if it is not there.
    pub(super) fn field(&self, name: &str) -> Result<String, Refusal> {
        let mut joined: Option<String> = None;
        for value in self.values(name) {
            let text = printable(value).ok_or_else(|| Refusal::NotText(name.to_owned()))?;
            match &mut joined {
                None => joined = Some(text.to_owned()),
                Some(joined) => {
                    joined.push_str(", ");
                    joined.push_str(text);
                }
            }
        }
        joined.ok_or_else(|| Refusal::MissingHeader(name.to_owned()))
    }

    /// A header's value if it is there.
    pub(super) fn optional(&self, name: &str) -> Result<Option<String>, Refusal> {
        if self.count(name) == 0 { Ok(None) } else { self.field(name).map(Some) }
    }

    /// The `Host` header, or the authority where there is none (HTTP/2).
    pub(super) fn host(&self) -> Result<String, Refusal> {
        match self.optional("host")? {
            Some(host) => Ok(host),
            None => printable(self.authority.as_bytes()).map(str::to_owned).ok_or(Refusal::NotText("host".to_owned())),
        }
    }
}

/// The value as text without space around it, if it is printable ASCII: nothing in it can then end a line of the
/// text that is signed.
fn printable(value: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(value).ok()?;
    let fine = text.bytes().all(|byte| byte == b'\t' || byte == b' ' || byte.is_ascii_graphic());
    fine.then(|| text.trim_matches([' ', '\t']))
}

impl fmt::Debug for RequestView<'_> {
    /// Leaves values out: cookies and tokens don't belong in logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.headers.iter().map(|(name, _)| *name).collect();
        write!(f, "{} {}://{}{} {names:?}", self.method, self.scheme, self.authority, self.target)
    }
}
