//! draft-cavage-http-signatures-12: reading its header, and the text that is signed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::moment::parse_seconds;
use super::{Algorithm, Refusal, RequestView};

/// No real signature has more parameters.
const MOST_PARAMETERS: usize = 16;
/// No real signature covers more headers.
const MOST_HEADERS: usize = 32;

/// A parsed `Signature` header.
#[derive(Debug, Clone)]
pub(super) struct Cavage {
    /// The names that are covered, lower case, in order.
    pub(super) headers: Vec<String>,
    pub(super) key_id: String,
    /// Nothing where the key decides (`hs2019`, or no name).
    pub(super) algorithm: Option<Algorithm>,
    pub(super) created: Option<i64>,
    pub(super) expires: Option<i64>,
    pub(super) signature: Vec<u8>,
}

impl Cavage {
    /// Reads the header.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let parameters = parameters(text)?;
        let find = |wanted: &str| parameters.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let seconds = |name: &'static str| find(name).map(|text| parse_seconds(text, name)).transpose();
        let signature = find("signature").ok_or(Refusal::Malformed("the parameter signature is missing"))?;
        Ok(Self {
            headers: headers(find("headers").unwrap_or("(created)"))?,
            key_id: find("keyId").ok_or(Refusal::Malformed("the parameter keyId is missing"))?.to_owned(),
            algorithm: algorithm(find("algorithm"))?,
            created: seconds("created")?,
            expires: seconds("expires")?,
            signature: STANDARD.decode(signature).map_err(|_| Refusal::Malformed("the signature is not Base64"))?,
        })
    }

    /// Whether a name is in `headers`.
    pub(super) fn covers(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header == name)
    }

    /// The text that is signed.
    pub(super) fn base(&self, request: &RequestView<'_>) -> Result<Vec<u8>, Refusal> {
        base(self.headers.iter().map(String::as_str), request, self.created, self.expires)
    }
}

/// The text that is signed, for these names in this order.
pub(super) fn base<'n>(
    names: impl Iterator<Item = &'n str>,
    request: &RequestView<'_>,
    created: Option<i64>,
    expires: Option<i64>,
) -> Result<Vec<u8>, Refusal> {
    let moment = |seconds: Option<i64>, name| seconds.map(|s| s.to_string()).ok_or(Refusal::BadTime(name));
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        let value = match name {
            "(request-target)" => request_target(request)?,
            "(created)" => moment(created, "created")?,
            "(expires)" => moment(expires, "expires")?,
            "host" => request.host()?,
            name if name.starts_with('(') => return Err(Refusal::UnsupportedComponent(name.to_owned())),
            name => request.field(name)?,
        };
        lines.push(format!("{name}: {value}"));
    }
    Ok(lines.join("\n").into_bytes())
}

fn request_target(request: &RequestView<'_>) -> Result<String, Refusal> {
    if !request.method().bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Refusal::Malformed("the method is no word"));
    }
    Ok(format!("{} {}", request.method().to_ascii_lowercase(), request.target()?))
}

fn algorithm(name: Option<&str>) -> Result<Option<Algorithm>, Refusal> {
    match name {
        None | Some("hs2019") => Ok(None),
        Some("rsa-sha256") => Ok(Some(Algorithm::RsaV15Sha256)),
        Some("ed25519") => Ok(Some(Algorithm::Ed25519)),
        Some(other) => Err(Refusal::UnknownAlgorithm(other.chars().take(40).collect())),
    }
}

fn headers(text: &str) -> Result<Vec<String>, Refusal> {
    let mut headers: Vec<String> = Vec::new();
    for name in text.split(' ').filter(|name| !name.is_empty()) {
        let name = name.to_ascii_lowercase();
        if headers.contains(&name) {
            return Err(Refusal::Malformed("it covers a header twice"));
        }
        if headers.len() == MOST_HEADERS || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Refusal::Malformed("the parameter headers is not a list of header names"));
        }
        headers.push(name);
    }
    if headers.is_empty() { Err(Refusal::Malformed("the parameter headers is empty")) } else { Ok(headers) }
}

/// `name="value",name=value`: names once each, values quoted or bare.
fn parameters(text: &str) -> Result<Vec<(String, String)>, Refusal> {
    let mut found: Vec<(String, String)> = Vec::new();
    let mut rest = text.trim();
    loop {
        let (name, after) = rest.split_once('=').ok_or(Refusal::Malformed("a parameter has no value"))?;
        let name = name.trim();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return Err(Refusal::Malformed("a parameter's name is no word"));
        }
        if found.len() == MOST_PARAMETERS || found.iter().any(|(other, _)| other.eq_ignore_ascii_case(name)) {
            return Err(Refusal::Malformed("a parameter is there twice, or there are too many"));
        }
        let (value, after) = value(after.trim_start())?;
        found.push((name.to_owned(), value));
        let after = after.trim_start();
        if after.is_empty() {
            return Ok(found);
        }
        rest = after.strip_prefix(',').ok_or(Refusal::Malformed("the parameters must be separated by commas"))?;
    }
}

/// One value and what follows it.
fn value(text: &str) -> Result<(String, &str), Refusal> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(',').unwrap_or(text.len());
        let (bare, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        return Ok((bare.trim().to_owned(), rest));
    };
    let mut value = String::with_capacity(quoted.len());
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok((value, chars.as_str())),
            '\\' => value.push(chars.next().ok_or(Refusal::Malformed("a quotation is not closed"))?),
            c => value.push(c),
        }
    }
    Err(Refusal::Malformed("a quotation is not closed"))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn the_shapes_that_servers_send_are_read() {
        let mastodon = r#"keyId="https://m.example/users/a#main-key",algorithm="rsa-sha256",headers="(request-target) host date digest content-type",signature="AAAA""#;
        let read = Cavage::parse(mastodon).unwrap();
        assert_eq!(read.key_id, "https://m.example/users/a#main-key");
        assert_eq!(read.algorithm, Some(Algorithm::RsaV15Sha256));
        assert_eq!(read.headers, ["(request-target)", "host", "date", "digest", "content-type"]);
        let loose =
            r#" keyId = "k\"1" , algorithm="hs2019", created=17,expires="18" , headers="Host  DATE", signature="" "#;
        let read = Cavage::parse(loose).unwrap();
        assert_eq!((read.key_id.as_str(), read.algorithm), ("k\"1", None));
        assert_eq!((read.created, read.expires), (Some(17), Some(18)));
        assert_eq!(read.headers, ["host", "date"]);
        assert_eq!(Cavage::parse(r#"keyId="k",signature="AAAA""#).unwrap().headers, ["(created)"]);
    }

    #[test]
    fn ambiguous_and_broken_headers_are_refused() {
        for text in [
            "",
            "keyId",
            "=",
            r#"keyId="k""#,
            r#"signature="AAAA""#,
            r#"keyId="k,signature="AAAA""#,
            r#"keyId="k" signature="AAAA""#,
            r#"keyId="k",signature="AAAA","#,
            r#"keyId="k",keyId="l",signature="AAAA""#,
            r#"keyId="k",KEYID="l",signature="AAAA""#,
            r#"keyId="k",signature="A*AA""#,
            r#"keyId="k",signature="AAAA\"#,
            r#"keyId="k",headers="",signature="AAAA""#,
            r#"keyId="k",headers="date date",signature="AAAA""#,
        ] {
            assert_eq!(Cavage::parse(text).unwrap_err().code(), "signature_malformed", "{text}");
        }
    }
}
