//! What is signed here is accepted here, in each form, with each key, for each method; and what other servers sign.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use super::{
    Form, KeyKind, PrivateKey, PublicKey, Refusal, RequestView, Rules, SignError, http_date, parse_signature, sign,
    verify,
};

pub(super) const NOW: i64 = 1_790_000_000_000;
pub(super) const OURS: &str = "b.gov.test";
pub(super) const KEY_ID: &str = "https://a.gov.test/u/7#main-key";
pub(super) const BODY: &[u8] = br#"{"type":"Create"}"#;

/// A signer of the tests.
pub(super) struct Signer {
    pub(super) private: PrivateKey,
    pub(super) public: PublicKey,
}

pub(super) static RSA: LazyLock<Signer> = LazyLock::new(|| signer(KeyKind::Rsa2048));
pub(super) static ED25519: LazyLock<Signer> = LazyLock::new(|| signer(KeyKind::Ed25519));

fn signer(kind: KeyKind) -> Signer {
    let private = PrivateKey::generate(kind).unwrap();
    let public = private.public_key().unwrap();
    Signer { private, public }
}

/// A request that owns its headers, so that tests can change them.
#[derive(Clone)]
pub(super) struct Owned {
    pub(super) method: &'static str,
    pub(super) authority: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Option<Vec<u8>>,
}

impl Owned {
    pub(super) fn get(target: &str) -> Self {
        Self { method: "GET", authority: OURS.to_owned(), target: target.to_owned(), headers: vec![], body: None }
    }

    pub(super) fn post(target: &str) -> Self {
        let typed = ("content-type".to_owned(), "application/activity+json".to_owned());
        Self { method: "POST", headers: vec![typed], body: Some(BODY.to_vec()), ..Self::get(target) }
    }

    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(super) fn replacing(mut self, name: &str, value: &str) -> Self {
        self.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
        self.with(name, value)
    }

    pub(super) fn view(&self) -> RequestView<'_> {
        RequestView::new(self.method, "https", &self.authority, &self.target)
            .with_headers(self.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())))
    }

    pub(super) fn signed(mut self, form: Form, signer: &Signer, now_ms: i64) -> Self {
        let headers = sign(form, &self.view(), self.body.as_deref(), KEY_ID, &signer.private, now_ms).unwrap();
        self.headers.extend(headers.into_iter().map(|(name, value)| (name.to_owned(), value)));
        self
    }

    /// Signs by draft-cavage what a test wants covered, as a careless or hostile peer would.
    pub(super) fn signed_over(self, covered: &str, parameters: &str, signer: &Signer) -> Self {
        let find = |name: &str| {
            let after = parameters.split_once(&format!("{name}=")).map(|(_, after)| after);
            after.and_then(|after| after.split(',').next()).and_then(|text| text.parse().ok())
        };
        let base = super::cavage::base(covered.split(' '), &self.view(), find("created"), find("expires")).unwrap();
        let signature = STANDARD.encode(signer.private.sign(&base).unwrap());
        let value = format!("keyId=\"{KEY_ID}\",{parameters}headers=\"{covered}\",signature=\"{signature}\"");
        self.with("Signature", &value)
    }

    pub(super) fn verified(&self, signer: &Signer, now_ms: i64) -> Result<(), Refusal> {
        let info = parse_signature(&self.view())?;
        verify(&info, &self.view(), self.body.as_deref(), &signer.public, &Rules::new(OURS), now_ms)
    }
}

pub(super) fn date(now_ms: i64) -> String {
    http_date(now_ms).unwrap()
}

#[test]
fn every_form_key_and_method_is_accepted() {
    for form in [Form::Cavage, Form::Rfc9421] {
        for signer in [&*RSA, &*ED25519] {
            for request in [Owned::get("/u/7?page=true&min=1"), Owned::get("/"), Owned::post("/inbox")] {
                let request = request.signed(form, signer, NOW);
                let info = parse_signature(&request.view()).unwrap();
                assert_eq!((info.form(), info.key_id(), info.key_url().as_str()), (form, KEY_ID, KEY_ID));
                assert_eq!(request.verified(signer, NOW), Ok(()));
                for off in [-300_000, 300_000] {
                    assert_eq!(request.verified(signer, NOW + off), Ok(()), "{form:?} {off}");
                }
                let stranger = if signer.public == RSA.public { &ED25519 } else { &RSA };
                assert!(request.verified(stranger, NOW).unwrap_err().may_be_old_key());
            }
        }
    }
}

#[test]
fn an_empty_body_is_signed_too() {
    for form in [Form::Cavage, Form::Rfc9421] {
        let mut request = Owned::post("/inbox");
        request.body = Some(vec![]);
        let request = request.signed(form, &RSA, NOW);
        assert_eq!(request.verified(&RSA, NOW), Ok(()));
    }
}

#[test]
fn our_own_rules_accept_a_host_of_any_case_and_a_port() {
    let mut request = Owned::get("/u/7");
    request.authority = "B.Gov.Test:8443".to_owned();
    for form in [Form::Cavage, Form::Rfc9421] {
        let request = request.clone().signed(form, &RSA, NOW);
        let info = parse_signature(&request.view()).unwrap();
        let check = |ours| verify(&info, &request.view(), None, &RSA.public, &Rules::new(ours), NOW);
        assert_eq!(check("b.gov.test:8443"), Ok(()));
        assert_eq!(check("b.gov.test").unwrap_err().code(), "host_wrong");
    }
}

#[test]
fn a_request_to_an_address_is_seen_as_it_is_sent() {
    let url = Url::parse("https://u:p@b.gov.test:8443/a%20b/?q=1#f").unwrap();
    let view = RequestView::to_url("GET", &url);
    let headers = sign(Form::Rfc9421, &view, None, KEY_ID, &ED25519.private, NOW).unwrap();
    let owned = Owned {
        authority: "b.gov.test:8443".to_owned(),
        headers: headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        ..Owned::get("/a%20b/?q=1")
    };
    let info = parse_signature(&owned.view()).unwrap();
    let rules = Rules::new("b.gov.test:8443");
    assert_eq!(verify(&info, &owned.view(), None, &ED25519.public, &rules, NOW), Ok(()));
}

#[test]
fn http_2_has_no_host_header() {
    let mut request = Owned::get("/u/7").signed(Form::Cavage, &RSA, NOW);
    request.headers.retain(|(name, _)| name != "host");
    assert_eq!(request.verified(&RSA, NOW), Ok(()));
}

#[test]
fn mastodons_gets_and_gotosocials_key_ids_are_accepted() {
    let get = Owned::get("/u/7").with("Host", OURS).with("Date", &date(NOW)).with("Accept", "application/ld+json");
    for covered in ["(request-target) host date", "(request-target) host date accept"] {
        let request = get.clone().signed_over(covered, "algorithm=\"rsa-sha256\",", &RSA);
        assert_eq!(request.verified(&RSA, NOW), Ok(()), "{covered}");
    }
    let request = get.signed_over("(request-target) host date", "algorithm=\"hs2019\",", &RSA);
    let value = request.headers.last().unwrap().1.replace("/u/7#main-key", "/users/a/main-key");
    let request = request.replacing("Signature", &value);
    assert_eq!(parse_signature(&request.view()).unwrap().key_id(), "https://a.gov.test/users/a/main-key");
    assert_eq!(request.verified(&RSA, NOW), Ok(()));
}

#[test]
fn created_and_expires_stand_in_for_a_date() {
    let get = Owned::get("/u/7").with("Host", OURS);
    let s = NOW / 1000;
    let covered = "(request-target) (created) (expires) host";
    let parameters = format!("algorithm=\"hs2019\",created={s},expires={},", s + 3600);
    assert_eq!(get.clone().signed_over(covered, &parameters, &RSA).verified(&RSA, NOW), Ok(()));
    let covered = "(request-target) (created) host";
    assert_eq!(get.signed_over(covered, &format!("created={s},"), &RSA).verified(&RSA, NOW), Ok(()));
}

#[test]
fn both_digest_headers_and_several_algorithms_are_accepted() {
    let sha512 = STANDARD.encode(openssl::sha::sha512(BODY));
    let post = Owned::post("/inbox").with("Host", OURS).with("Date", &date(NOW));
    let covered = "(request-target) host date digest content-type";
    let several = format!("SHA-512={sha512},{}", super::digest(BODY));
    let request = post.clone().with("Digest", &several).signed_over(covered, "", &RSA);
    assert_eq!(request.verified(&RSA, NOW), Ok(()));
    let request = post.with("Content-Digest", &format!("sha-512=:{sha512}:")).signed_over(
        "(request-target) host date content-digest",
        "",
        &RSA,
    );
    assert_eq!(request.verified(&RSA, NOW), Ok(()));
}

#[test]
fn rules_can_be_set() {
    let request = Owned::get("/u/7").signed(Form::Rfc9421, &RSA, NOW);
    let info = parse_signature(&request.view()).unwrap();
    let check = |rules: &Rules, now| verify(&info, &request.view(), None, &RSA.public, rules, now);
    let strict = Rules::new(OURS).with_skew(Duration::from_secs(10));
    assert_eq!(check(&strict, NOW + 11_000), Err(Refusal::TooOld(11)));
    let short = Rules::new(OURS).with_longest_life(Duration::from_secs(60));
    assert_eq!(check(&short, NOW), Err(Refusal::LifeTooLong));
}

#[test]
fn what_can_not_be_signed_is_an_error() {
    let post = Owned::post("/inbox");
    let untyped = Owned { headers: vec![], ..post.clone() };
    let try_sign = |request: &Owned, key_id: &str, now| {
        let body = request.body.as_deref();
        sign(Form::Cavage, &request.view(), body, key_id, &RSA.private, now).map(|_| ())
    };
    assert!(matches!(try_sign(&untyped, KEY_ID, NOW), Err(SignError::NoContentType)));
    assert!(matches!(try_sign(&post, "https://a/\"x", NOW), Err(SignError::Request(Refusal::BadKeyId))));
    assert!(matches!(try_sign(&post, KEY_ID, i64::MAX), Err(SignError::Clock)));
    let relative = Owned::get("inbox");
    assert!(matches!(try_sign(&relative, KEY_ID, NOW), Err(SignError::Request(Refusal::BadTarget))));
}
