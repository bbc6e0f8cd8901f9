//! Signature headers: what passes was signed, all of it, for us, now.

use corridor_federation::signature::{
    Form, KeyKind, PrivateKey, PublicKey, RequestView, Rules, digest, parse_signature, precheck, sign,
};
use url::Url;

use super::{Target, hold};
use crate::chance::Chance;
use crate::{corpus, mutate};

const OURS: &str = "b.gov.test";
const NOW: i64 = 1_790_000_000_000;
const BODY: &str = r#"{"type":"Follow"}"#;
/// Headers that may stand once.
const ONCE: [&str; 7] = ["host", "date", "digest", "content-digest", "signature", "signature-input", "content-type"];

const WORDS: [&str; 52] = [
    "\n",
    ": ",
    ", ",
    "=",
    "\"",
    "'",
    "\\",
    ";",
    ":",
    "(",
    ")",
    " ",
    "\t",
    "Host: b.gov.test\n",
    "Host: c.gov.test\n",
    "Digest: ",
    "SHA-256=",
    "sha-256=:",
    "Content-Digest: ",
    "Signature: ",
    "Signature-Input: ",
    "Authorization: Signature ",
    "Date: Mon, 21 Sep 2026 14:13:20 GMT\n",
    "Date: ",
    "keyId=\"https://a.gov.test/u/1#key\"",
    "keyid=\"k\"",
    "headers=\"",
    "algorithm=\"rsa-sha256\"",
    "algorithm=\"hs2019\"",
    "algorithm=\"none\"",
    "created=",
    "expires=",
    "1790000000",
    "99999999999999999999",
    "-1",
    "(request-target)",
    "(created)",
    "(expires)",
    "host",
    "date",
    "digest",
    "\"@method\"",
    "\"@target-uri\"",
    "\"@authority\"",
    "\"@path\"",
    "\"content-digest\"",
    ";bs",
    ";req",
    ";key=\"a\"",
    "sig1=(",
    "sig2=",
    "\u{e9}",
];

/// Requests with a signature, real ones among them.
pub struct Signatures {
    /// Whole requests as text, each properly signed.
    signed: Vec<Request>,
    keys: Vec<PublicKey>,
}

/// A request as text: a line with method, target and authority; headers; an empty line; the body.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Request {
    method: String,
    target: String,
    authority: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Request {
    fn read(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.split('\n');
        let mut first = lines.next()?.splitn(3, ' ');
        let mut word = || first.next().unwrap_or_default().to_owned();
        let (method, target, authority) = (word(), word(), word());
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).take(64).collect();
        Some(Self { method, target, authority, headers, body: body.to_owned() })
    }

    fn written(&self) -> Vec<u8> {
        let headers: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        format!("{} {} {}\n{headers}\n{}", self.method, self.target, self.authority, self.body).into_bytes()
    }

    fn view(&self) -> RequestView<'_> {
        let headers = self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
        RequestView::new(&self.method, "https", &self.authority, &self.target).with_headers(headers)
    }

    fn values(&self, wanted: &str) -> Vec<&str> {
        let named = self.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        named.map(|(_, value)| value.trim_matches([' ', '\t'])).collect()
    }

    /// What it asks for: of two requests that differ in this, one signature can't be good for both.
    fn meaning(&self) -> (String, &str, &str) {
        (self.method.to_ascii_lowercase(), &self.target, &self.body)
    }
}

impl Signatures {
    /// With fresh keys.
    pub fn new() -> Self {
        let key = |kind| PrivateKey::generate(kind).expect("OpenSSL makes keys");
        let privates = [key(KeyKind::Rsa2048), key(KeyKind::Ed25519)];
        let keys = privates.iter().map(|key| key.public_key().expect("it has a public half")).collect();
        let mut signed = Vec::new();
        for private in &privates {
            for form in [Form::Cavage, Form::Rfc9421] {
                signed.push(made(form, "POST", "/inbox", BODY, private));
                signed.push(made(form, "GET", "/u/7?page=1", "", private));
            }
        }
        Self { signed, keys }
    }
}

fn made(form: Form, method: &str, target: &str, body: &str, key: &PrivateKey) -> Request {
    let url = Url::parse(&format!("https://{OURS}{target}")).expect("it is an address");
    let view = RequestView::to_url(method, &url).with_header("content-type", "application/activity+json");
    let sent = (method == "POST").then_some(body.as_bytes());
    let mut headers: Vec<(String, String)> = sign(form, &view, sent, "https://a.gov.test/u/1#key", key, NOW)
        .expect("it can be signed")
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    headers.push(("content-type".to_owned(), "application/activity+json".to_owned()));
    let owned = |text: &str| text.to_owned();
    Request { method: owned(method), target: owned(target), authority: owned(OURS), headers, body: owned(body) }
}

impl Target for Signatures {
    fn name(&self) -> &'static str {
        "signature"
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        let mut seeds = corpus::of("signature");
        // Twice, since most changes of them come closest.
        seeds.extend(self.signed.iter().chain(&self.signed).map(Request::written));
        seeds
    }

    fn change(&self, chance: &mut Chance, pool: &[Vec<u8>]) -> Vec<u8> {
        mutate::bytes(chance, pool, &WORDS)
    }

    fn check(&self, input: &[u8]) -> Result<String, String> {
        let Some(request) = Request::read(&String::from_utf8_lossy(input)) else { return Ok("empty".to_owned()) };
        let info = match parse_signature(&request.view()) {
            Ok(info) => info,
            Err(refusal) => return Ok(format!("{refusal:?}").chars().take(40).collect()),
        };
        let body = (!request.body.is_empty()).then_some(request.body.as_bytes());
        let checked = match precheck(&info, &request.view(), body, &Rules::new(OURS), NOW) {
            Ok(checked) => checked,
            Err(refusal) => return Ok(format!("{:?} {}", info.form(), refusal.code())),
        };
        admissible(&request)?;
        let proven = self.keys.iter().any(|key| checked.verify(key).is_ok());
        let known = self.signed.iter().any(|signed| signed.meaning() == request.meaning());
        hold(!proven || known, || "a request counts as signed that nobody signed".to_owned())?;
        Ok(format!("{:?} admitted, proven: {proven}", info.form()))
    }
}

/// What must be true of a request before its key is even looked for.
fn admissible(request: &Request) -> Result<(), String> {
    for name in ONCE {
        hold(request.values(name).len() <= 1, || format!("{name} stands more than once"))?;
    }
    let authorization = request.values("authorization");
    let signs = |value: &&str| value.to_ascii_lowercase().starts_with("signature");
    hold(!authorization.iter().any(signs), || "a signature in Authorization".to_owned())?;
    hold(request.authority.eq_ignore_ascii_case(OURS), || format!("it was meant for {}", request.authority))?;
    let hosts = request.values("host");
    hold(hosts.iter().all(|host| host.eq_ignore_ascii_case(OURS)), || format!("its host is {hosts:?}"))?;
    hold(request.target.starts_with('/'), || "its target is no path".to_owned())?;
    if request.body.is_empty() {
        return Ok(());
    }
    let digests = [request.values("digest"), request.values("content-digest")].concat();
    let ours = digest(request.body.as_bytes());
    let sum = ours.split_once('=').map_or("", |(_, sum)| sum);
    hold(digests.iter().any(|value| value.contains(sum)) || digests.iter().any(|value| value.contains("512")), || {
        format!("no digest of its body among {digests:?}")
    })
}
