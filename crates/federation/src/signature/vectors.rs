//! The test cases of RFC 9421, appendix B.2, with the keys and messages of B.1.
//!
//! The production verifier takes two algorithms only; here the text that is signed is built by its code, and the
//! other algorithms are checked with OpenSSL directly.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use openssl::bn::BigNum;
use openssl::ecdsa::EcdsaSig;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::rsa::Padding;
use openssl::sha::sha256;
use openssl::sign::{RsaPssSaltlen, Signer, Verifier};
use sfv::Item;

use super::component::{name_of, signature_base, value_in};
use super::rfc9421::only;
use super::{PrivateKey, PublicKey, Refusal, RequestView, check_content_digest};

const RSA_PSS: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----
";
const ECC_P256: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----
";
const ED25519: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs=
-----END PUBLIC KEY-----
";
const ED25519_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF
-----END PRIVATE KEY-----
";
const SHARED_SECRET: &str = "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==";

const REQUEST_DIGEST: &str =
    "sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:";
const RESPONSE_DIGEST: &str =
    "sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:";

fn request() -> RequestView<'static> {
    RequestView::new("POST", "https", "example.com", "/foo?param=Value&Pet=dog")
        .with_header("Host", "example.com")
        .with_header("Date", "Tue, 20 Apr 2021 02:07:55 GMT")
        .with_header("Content-Type", "application/json")
        .with_header("Content-Digest", REQUEST_DIGEST)
        .with_header("Content-Length", "18")
}

/// The headers of the response; requests and responses have fields in common.
fn response() -> RequestView<'static> {
    RequestView::new("-", "-", "-", "-")
        .with_header("Date", "Tue, 20 Apr 2021 02:07:56 GMT")
        .with_header("Content-Type", "application/json")
        .with_header("Content-Digest", RESPONSE_DIGEST)
        .with_header("Content-Length", "23")
}

fn value_in_response(item: &Item) -> Result<String, Refusal> {
    if name_of(item)? == "@status" { Ok("200".to_owned()) } else { value_in(&response(), item) }
}

/// The text that is signed, and the signature.
fn read(input: &str, signature: &str) -> (String, Vec<u8>) {
    let (list, signature) = only(input, signature).unwrap();
    let base = signature_base(&list, &|item| value_in(&request(), item)).unwrap();
    (String::from_utf8(base).unwrap(), signature)
}

fn verifies_by_rsa_pss(base: &str, signature: &[u8]) -> bool {
    let key = PKey::public_key_from_pem(RSA_PSS.as_bytes()).unwrap();
    let mut verifier = Verifier::new(MessageDigest::sha512(), &key).unwrap();
    verifier.set_rsa_padding(Padding::PKCS1_PSS).unwrap();
    verifier.set_rsa_mgf1_md(MessageDigest::sha512()).unwrap();
    verifier.set_rsa_pss_saltlen(RsaPssSaltlen::custom(64)).unwrap();
    verifier.verify_oneshot(signature, base.as_bytes()).unwrap_or(false)
}

#[test]
fn the_digests_of_both_messages_match_their_bodies() {
    assert_eq!(check_content_digest(REQUEST_DIGEST, br#"{"hello": "world"}"#), Ok(()));
    assert_eq!(check_content_digest(RESPONSE_DIGEST, br#"{"message": "good dog"}"#), Ok(()));
}

#[test]
fn b_2_1_minimal_signature_using_rsa_pss_sha512() {
    let (base, signature) = read(
        r#"sig-b21=();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd""#,
        "sig-b21=:d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==:",
    );
    let expected =
        r#""@signature-params": ();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd""#;
    assert_eq!(base, expected);
    assert!(verifies_by_rsa_pss(&base, &signature));
    assert!(!verifies_by_rsa_pss(&base.replace("created=1", "created=2"), &signature));
}

#[test]
fn b_2_2_selective_covered_components_using_rsa_pss_sha512() {
    let (base, signature) = read(
        r#"sig-b22=("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example""#,
        "sig-b22=:LjbtqUbfmvjj5C5kr1Ugj4PmLYvx9wVjZvD9GsTT4F7GrcQEdJzgI9qHxICagShLRiLMlAJjtq6N4CDfKtjvuJyE5qH7KT8UCMkSowOB4+ECxCmT8rtAmj/0PIXxi0A0nxKyB09RNrCQibbUjsLS/2YyFYXEu4TRJQzRw1rLEuEfY17SARYhpTlaqwZVtR8NV7+4UKkjqpcAoFqWFQh62s7Cl+H2fjBSpqfZUJcsIk4N6wiKYd4je2U/lankenQ99PZfB4jY3I5rSV2DSBVkSFsURIjYErOs0tFTQosMTAoxk//0RoKUqiYY8Bh0aaUEb0rQl3/XaVe4bXTugEjHSw==:",
    );
    let expected = [
        "\"@authority\": example.com",
        &format!("\"content-digest\": {REQUEST_DIGEST}"),
        "\"@query-param\";name=\"Pet\": dog",
        r#""@signature-params": ("@authority" "content-digest" "@query-param";name="Pet");created=1618884473;keyid="test-key-rsa-pss";tag="header-example""#,
    ];
    assert_eq!(base, expected.join("\n"));
    assert!(verifies_by_rsa_pss(&base, &signature));
}

#[test]
fn b_2_3_full_coverage_using_rsa_pss_sha512() {
    let (base, signature) = read(
        r#"sig-b23=("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss""#,
        "sig-b23=:bbN8oArOxYoyylQQUU6QYwrTuaxLwjAC9fbY2F6SVWvh0yBiMIRGOnMYwZ/5MR6fb0Kh1rIRASVxFkeGt683+qRpRRU5p2voTp768ZrCUb38K0fUxN0O0iC59DzYx8DFll5GmydPxSmme9v6ULbMFkl+V5B1TP/yPViV7KsLNmvKiLJH1pFkh/aYA2HXXZzNBXmIkoQoLd7YfW91kE9o/CCoC1xMy7JA1ipwvKvfrs65ldmlu9bpG6A9BmzhuzF8Eim5f8ui9eH8LZH896+QIF61ka39VBrohr9iyMUJpvRX2Zbhl5ZJzSRxpJyoEZAFL2FUo5fTIztsDZKEgM4cUA==:",
    );
    let expected = [
        "\"date\": Tue, 20 Apr 2021 02:07:55 GMT",
        "\"@method\": POST",
        "\"@path\": /foo",
        "\"@query\": ?param=Value&Pet=dog",
        "\"@authority\": example.com",
        "\"content-type\": application/json",
        &format!("\"content-digest\": {REQUEST_DIGEST}"),
        "\"content-length\": 18",
        r#""@signature-params": ("date" "@method" "@path" "@query" "@authority" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-rsa-pss""#,
    ];
    assert_eq!(base, expected.join("\n"));
    assert!(verifies_by_rsa_pss(&base, &signature));
}

#[test]
fn b_2_4_signing_a_response_using_ecdsa_p256_sha256() {
    let (list, signature) = only(
        r#"sig-b24=("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256""#,
        "sig-b24=:wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==:",
    )
    .unwrap();
    let base = String::from_utf8(signature_base(&list, &value_in_response).unwrap()).unwrap();
    let expected = [
        "\"@status\": 200",
        "\"content-type\": application/json",
        &format!("\"content-digest\": {RESPONSE_DIGEST}"),
        "\"content-length\": 23",
        r#""@signature-params": ("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256""#,
    ];
    assert_eq!(base, expected.join("\n"));
    let key = PKey::public_key_from_pem(ECC_P256.as_bytes()).unwrap().ec_key().unwrap();
    let half = |bytes| BigNum::from_slice(bytes).unwrap();
    let signature = EcdsaSig::from_private_components(half(&signature[..32]), half(&signature[32..])).unwrap();
    assert!(signature.verify(&sha256(base.as_bytes()), &key).unwrap());
    assert!(!signature.verify(&sha256(b"other"), &key).unwrap());
}

#[test]
fn b_2_5_signing_a_request_using_hmac_sha256() {
    let (base, signature) = read(
        r#"sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret""#,
        "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
    );
    let expected = [
        "\"date\": Tue, 20 Apr 2021 02:07:55 GMT",
        "\"@authority\": example.com",
        "\"content-type\": application/json",
        r#""@signature-params": ("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret""#,
    ];
    assert_eq!(base, expected.join("\n"));
    let key = PKey::hmac(&openssl::base64::decode_block(SHARED_SECRET).unwrap()).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    assert_eq!(signer.sign_oneshot_to_vec(base.as_bytes()).unwrap(), signature);
}

#[test]
fn b_2_6_signing_a_request_using_ed25519() {
    let (base, signature) = read(
        r#"sig-b26=("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#,
        "sig-b26=:wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw==:",
    );
    let expected = [
        "\"date\": Tue, 20 Apr 2021 02:07:55 GMT",
        "\"@method\": POST",
        "\"@path\": /foo",
        "\"@authority\": example.com",
        "\"content-type\": application/json",
        "\"content-length\": 18",
        r#""@signature-params": ("date" "@method" "@path" "@authority" "content-type" "content-length");created=1618884473;keyid="test-key-ed25519""#,
    ];
    assert_eq!(base, expected.join("\n"));
    let key = PublicKey::from_pem(ED25519).unwrap();
    assert!(key.verify(base.as_bytes(), &signature));
    assert!(!key.verify(base.replace("/foo", "/bar").as_bytes(), &signature));
    let private = PrivateKey::from_pem(ED25519_PRIVATE).unwrap();
    assert_eq!(private.sign(base.as_bytes()).unwrap(), signature);
    assert_eq!(private.public_key().unwrap(), key);
}

#[test]
fn algorithms_of_other_vectors_are_not_accepted_in_production() {
    assert!(PublicKey::from_pem(ECC_P256).is_err());
    let key = PublicKey::from_pem(RSA_PSS).unwrap();
    let (base, signature) = read(
        r#"sig-b21=();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd""#,
        "sig-b21=:d2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVrogUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ98Xw9Q==:",
    );
    assert!(!key.verify(base.as_bytes(), &signature));
}
