//! Requests that must be refused, each with its reason; the numbers are those of the catalogue of hostile inputs.

#![expect(clippy::unwrap_used, reason = "tests")]

use proptest::prelude::*;

use super::roundtrip::{BODY, ED25519, KEY_ID, NOW, OURS, Owned, RSA, Signer, date};
use super::{Form, Refusal, Rules, digest, parse_signature, precheck};

const FORMS: [Form; 2] = [Form::Cavage, Form::Rfc9421];

fn code(request: &Owned) -> &'static str {
    code_at(request, NOW)
}

fn code_at(request: &Owned, now_ms: i64) -> &'static str {
    request.verified(&RSA, now_ms).map_or_else(|refusal| refusal.code(), |()| "accepted")
}

/// A POST whose headers are all there; what is covered is up to the test.
fn post() -> Owned {
    Owned::post("/inbox").with("Host", OURS).with("Date", &date(NOW)).with("Digest", &digest(BODY))
}

/// A GET likewise.
fn get() -> Owned {
    Owned::get("/u/7").with("Host", OURS).with("Date", &date(NOW))
}

/// Signs by RFC 9421 what a test wants covered.
fn signed_9421(request: Owned, components: &str, parameters: &str, signer: &Signer) -> Owned {
    let input = format!("sig1=({components}){parameters};keyid=\"{KEY_ID}\"");
    let (list, _) = super::rfc9421::only(&input, "sig1=:AAAA:").unwrap();
    let base =
        super::component::signature_base(&list, &|item| super::component::value_in(&request.view(), item)).unwrap();
    let signature = openssl::base64::encode_block(&signer.private.sign(&base).unwrap());
    request.with("Signature-Input", &input).with("Signature", &format!("sig1=:{signature}:"))
}

#[test]
fn the_requests_that_the_tests_change_are_fine_without_the_change() {
    let s = NOW / 1000;
    assert_eq!(code(&post().signed_over("(request-target) host date digest content-type", "", &RSA)), "accepted");
    assert_eq!(code(&get().signed_over("(request-target) host date", "", &RSA)), "accepted");
    let parts = signed_9421(get(), "\"@method\" \"@authority\" \"@path\"", &format!(";created={s}"), &RSA);
    assert_eq!(code(&parts), "accepted");
    let query = Owned { target: "/u/7?page=1".to_owned(), ..get() };
    let parts = "\"@method\" \"@authority\" \"@path\" \"@query\"";
    assert_eq!(code(&signed_9421(query, parts, &format!(";created={s}"), &RSA)), "accepted");
}

#[test]
fn case_2_a_second_digest_or_other_header_is_refused() {
    for form in FORMS {
        let signed = Owned::post("/inbox").signed(form, &RSA, NOW);
        assert_eq!(code(&signed), "accepted");
        for name in ["Host", "Date", "Digest", "Content-Digest", "Signature", "Signature-Input", "Content-Type"] {
            for first in [true, false] {
                let mut twice = signed.clone();
                let value = if name == "Digest" { digest(b"forged") } else { "x".to_owned() };
                let at = if first { 0 } else { twice.headers.len() };
                twice.headers.insert(at, (name.to_owned(), value.clone()));
                twice.headers.insert(at, (name.to_uppercase(), value));
                assert_eq!(code(&twice), "header_duplicate", "{form:?} {name}");
            }
        }
    }
    let signed = Owned::post("/inbox").signed(Form::Cavage, &RSA, NOW);
    let mut forged = signed.clone().with("Digest", &digest(b"forged"));
    forged.headers.rotate_right(1);
    forged.body = Some(b"forged".to_vec());
    assert_eq!(code(&forged), "header_duplicate");
}

#[test]
fn another_body_is_refused() {
    for form in FORMS {
        let mut changed = Owned::post("/inbox").signed(form, &RSA, NOW);
        for body in [Some(b"{}".to_vec()), Some(vec![]), None] {
            changed.body = body;
            assert_eq!(code(&changed), "digest_mismatch");
        }
    }
    // A digest that fits the forged body but was not signed.
    let mut forged = Owned::post("/inbox").signed(Form::Cavage, &RSA, NOW).replacing("digest", &digest(b"forged"));
    forged.body = Some(b"forged".to_vec());
    assert_eq!(code(&forged), "signature_invalid");
    // The digest of the other form fits, but it is not the one that was signed.
    let mut forged = Owned::post("/inbox").signed(Form::Rfc9421, &RSA, NOW).with("Digest", &digest(b"forged"));
    assert_eq!(code(&forged), "digest_mismatch");
    forged.body = Some(b"forged".to_vec());
    assert_eq!(code(&forged), "digest_mismatch");
    // A body under a GET that was signed without one.
    let mut smuggled = Owned::get("/u/7").signed(Form::Cavage, &RSA, NOW);
    smuggled.body = Some(b"x".to_vec());
    assert_eq!(code(&smuggled), "signature_incomplete");
}

#[test]
fn case_3_what_was_meant_for_another_server_is_refused() {
    for form in FORMS {
        for request in [Owned::get("/u/7"), Owned::post("/inbox")] {
            let meant = Owned { authority: "c.gov.test".to_owned(), ..request };
            let mut replayed = meant.signed(form, &RSA, NOW);
            assert_eq!(code(&replayed), "host_wrong");
            // The authority of the request line is ours, but the Host header that was signed is not.
            replayed.authority = OURS.to_owned();
            assert_eq!(code(&replayed), "host_wrong");
            // With our Host header the signature no longer fits.
            assert_eq!(code(&replayed.replacing("host", OURS)), "signature_invalid");
        }
    }
    let mut other_line = get().signed_over("(request-target) host date", "", &RSA);
    other_line.authority = "c.gov.test".to_owned();
    assert_eq!(code(&other_line), "host_wrong");
    for lookalike in ["b.gov.test.", "b.gov.test:443", "xb.gov.test", "b.gov.test@c", "b.gov.test, c", ""] {
        let request = get().replacing("Host", lookalike).signed_over("(request-target) host date", "", &RSA);
        assert_eq!(code(&request), "host_wrong", "{lookalike}");
    }
}

#[test]
fn another_method_path_or_query_is_refused() {
    for form in FORMS {
        let signed = Owned::get("/u/7?page=1").signed(form, &RSA, NOW);
        for target in ["/u/8?page=1", "/u/7?page=2", "/u/7", "/u/7?page=1&x=1", "/u/%37?page=1"] {
            let changed = Owned { target: target.to_owned(), ..signed.clone() };
            assert_eq!(code(&changed), "signature_invalid", "{target}");
        }
        let changed = Owned { method: "HEAD", ..signed.clone() };
        assert_eq!(code(&changed), "signature_invalid");
        let changed = Owned { target: "u/7".to_owned(), ..signed };
        assert_eq!(code(&changed), "target_invalid");
    }
}

#[test]
fn case_4_a_signature_that_covers_too_little_is_refused() {
    for covered in [
        "digest",
        "host date digest",
        "(request-target) date digest",
        "(request-target) host digest",
        "(request-target) host date",
        "(request-target) host date content-type",
    ] {
        assert_eq!(code(&post().signed_over(covered, "", &RSA)), "signature_incomplete", "{covered}");
    }
    for covered in ["host date", "(request-target) date", "(request-target) host"] {
        assert_eq!(code(&get().signed_over(covered, "", &RSA)), "signature_incomplete", "{covered}");
    }
    // What the stock library signs on a GET has no host.
    let s = NOW / 1000;
    let parameters = format!("created={s},expires={},", s + 10);
    let stock = get().signed_over("(request-target) (created) (expires)", &parameters, &RSA);
    assert_eq!(code(&stock), "signature_incomplete");
}

#[test]
fn case_4_likewise_under_rfc_9421() {
    let created = format!(";created={}", NOW / 1000);
    let digested = || Owned::post("/inbox").with("Host", OURS).with("Content-Digest", &super::content_digest(BODY));
    for components in ["", "\"content-digest\"", "\"@method\" \"@target-uri\"", "\"@target-uri\" \"content-digest\""] {
        let request = signed_9421(digested(), components, &created, &RSA);
        assert_eq!(code(&request), "signature_incomplete", "{components}");
    }
    let query = || Owned { target: "/u/7?page=1".to_owned(), ..get() };
    for components in [
        "\"@method\"",
        "\"@method\" \"@path\" \"@query\"",
        "\"@method\" \"@authority\" \"@query\"",
        "\"@method\" \"@authority\" \"@path\"",
        "\"@method\" \"@authority\" \"@path\" \"@query-param\";name=\"page\"",
        "\"@target-uri\"",
    ] {
        let request = signed_9421(query(), components, &created, &RSA);
        assert_eq!(code(&request), "signature_incomplete", "{components}");
    }
    let request = signed_9421(get(), "\"@method\" \"@target-uri\"", "", &RSA);
    assert_eq!(code(&request), "signature_incomplete");
}

#[test]
fn case_5_moments_that_are_missing_unreadable_or_far_are_refused() {
    for form in FORMS {
        let request = Owned::post("/inbox").signed(form, &RSA, NOW);
        assert_eq!(code_at(&request, NOW + 301_000), "signature_too_old");
        assert_eq!(code_at(&request, NOW - 301_000), "signature_from_future");
        assert_eq!(code_at(&request, i64::MAX), "signature_too_old");
        assert_eq!(code_at(&request, i64::MIN), "signature_from_future");
    }
    let covered = "(request-target) host date";
    for (value, expected) in [
        ("Thu, 01 Jan 2099 00:00:00 GMT", "signature_from_future"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "signature_too_old"),
        ("soon", "date_invalid"),
        ("", "date_invalid"),
        ("2026-09-21T14:13:20Z", "date_invalid"),
    ] {
        assert_eq!(code(&get().replacing("Date", value).signed_over(covered, "", &RSA)), expected, "{value}");
    }
    let mut undated = get().signed_over(covered, "", &RSA);
    undated.headers.retain(|(name, _)| name != "Date");
    assert_eq!(code(&undated), "header_missing");
    // Moments that are sent but not signed don't count.
    let s = NOW / 1000;
    let loose = Owned::get("/u/7").with("Host", OURS);
    let request = loose.signed_over("(request-target) host", &format!("created={s},expires={},", s + 60), &RSA);
    assert_eq!(code(&request), "signature_incomplete");
    // A fresh Date that is not signed does not refresh an old signature.
    let old = signed_9421(get(), "\"@method\" \"@target-uri\"", &format!(";created={}", s - 301), &RSA);
    assert_eq!(code(&old), "signature_too_old");
}

#[test]
fn case_5_expiry_is_checked() {
    let s = NOW / 1000;
    let covered = "(request-target) (created) (expires) host";
    for (created, expires, expected) in [
        (s, s + 3600, "accepted"),
        (s, s + 3601, "signature_life_too_long"),
        (s, s, "signature_expired"),
        (s - 10, s - 1, "signature_expired"),
        (s, 99_999_999_999, "signature_life_too_long"),
        (s - 301, s + 60, "signature_too_old"),
        (s + 301, s + 400, "signature_from_future"),
        (0, s + 60, "signature_too_old"),
    ] {
        let parameters = format!("created={created},expires={expires},");
        let request = get().signed_over(covered, &parameters, &RSA);
        assert_eq!(code(&request), expected, "{parameters}");
        let parameters = format!(";created={created};expires={expires}");
        let request = signed_9421(get(), "\"@method\" \"@target-uri\"", &parameters, &RSA);
        assert_eq!(code(&request), expected, "{parameters}");
    }
    // Even where only the date is signed, an expiry can but shorten.
    let request = get().signed_over("(request-target) host date", &format!("expires={},", s - 1), &RSA);
    assert_eq!(code(&request), "signature_expired");
}

#[test]
fn case_6_numbers_that_overflow_are_refused_without_a_panic() {
    for number in ["18446744073709551615", "-1", "100000000000", "9223372036854775807", "1e9", "", "1.5", "0x10"] {
        for name in ["created", "expires"] {
            let value = format!(
                "keyId=\"{KEY_ID}\",headers=\"(request-target) host (created)\",{name}={number},signature=\"\""
            );
            let refusal = parse_signature(&get().with("Signature", &value).view()).unwrap_err();
            assert_eq!(refusal.code(), "signature_time_invalid", "{value}");
            assert!(refusal.is_malformed());
            let input = format!("s=(\"@method\" \"@target-uri\");{name}={number};keyid=\"{KEY_ID}\"");
            let request = get().with("Signature-Input", &input).with("Signature", "s=:AAAA:");
            let refusal = parse_signature(&request.view()).unwrap_err();
            assert!(["signature_time_invalid", "signature_malformed"].contains(&refusal.code()), "{input}");
            assert!(refusal.is_malformed());
        }
    }
}

#[test]
fn case_8_key_ids_that_are_no_addresses_and_authorization_are_refused() {
    for key_id in ["", "7", "main-key", "ftp://a.gov.test/k", "https://", "https://u:p@a.gov.test/k", "/u/7#main-key"] {
        let value = format!("keyId=\"{key_id}\",headers=\"(request-target) host date\",signature=\"AAAA\"");
        assert_eq!(code(&get().with("Signature", &value)), "key_id_invalid", "{key_id}");
    }
    for form in FORMS {
        let request = Owned::post("/inbox").signed(form, &RSA, NOW);
        let (_, value) = request.headers.last().cloned().unwrap();
        for scheme in ["Signature", "signature", " SIGNATURE"] {
            let both = request.clone().with("Authorization", &format!("{scheme} {value}"));
            assert_eq!(code(&both), "signature_in_authorization");
        }
        assert_eq!(code(&request.clone().with("Authorization", "Bearer x")), "accepted");
        let info = parse_signature(&request.view()).unwrap();
        assert_eq!(info.key_url().host_str(), Some("a.gov.test"));
    }
    let moved = get().with("Authorization", &format!("Signature keyId=\"{KEY_ID}\",signature=\"AAAA\""));
    assert_eq!(code(&moved), "signature_in_authorization");
}

#[test]
fn algorithms_can_not_be_confused() {
    let covered = "(request-target) host date";
    for name in ["rsa-sha1", "hmac-sha256", "ecdsa-sha256", "none", "RSA-SHA256", ""] {
        let request = get().signed_over(covered, &format!("algorithm=\"{name}\","), &RSA);
        assert_eq!(code(&request), "algorithm_unsupported", "{name}");
    }
    let request = get().signed_over(covered, "algorithm=\"rsa-sha256\",", &ED25519);
    assert_eq!(request.verified(&ED25519, NOW).unwrap_err().code(), "algorithm_mismatch");
    let request = get().signed_over(covered, "algorithm=\"ed25519\",", &RSA);
    assert_eq!(code(&request), "algorithm_mismatch");
    let s = NOW / 1000;
    for name in ["rsa-pss-sha512", "hmac-sha256", "ecdsa-p256-sha256", "none"] {
        let parameters = format!(";created={s};alg=\"{name}\"");
        let request = signed_9421(get(), "\"@method\" \"@target-uri\"", &parameters, &RSA);
        assert_eq!(code(&request), "algorithm_unsupported", "{name}");
    }
    let request = signed_9421(get(), "\"@method\" \"@target-uri\"", &format!(";created={s};alg=\"ed25519\""), &RSA);
    assert_eq!(code(&request), "algorithm_mismatch");
}

#[test]
fn rfc_9421_headers_that_could_be_read_in_two_ways_are_refused() {
    let good = Owned::get("/u/7").signed(Form::Rfc9421, &RSA, NOW);
    let find = |name: &str| good.headers.iter().find(|(other, _)| other == name).unwrap().1.clone();
    let (input, signature) = (find("signature-input"), find("signature"));
    let with = |input: &str, signature: &str| {
        code(&good.clone().replacing("signature-input", input).replacing("signature", signature))
    };
    assert_eq!(with(&input, &signature), "accepted");
    assert_eq!(with(&format!("{input}, sig2=()"), &signature), "signature_several");
    assert_eq!(with(&input, &format!("{signature}, sig2=:AAAA:")), "signature_several");
    assert_eq!(with(&input, &signature.replacen("sig1", "sig2", 1)), "signature_malformed");
    assert_eq!(with("", &signature), "signature_malformed");
    assert_eq!(with("sig1", &signature), "signature_malformed");
    assert_eq!(with(&input.replace("\"@method\"", "\"@method\" \"@method\""), &signature), "signature_malformed");
    assert_eq!(with(&input.replace("\"@method\"", "\"@method\" 7"), &signature), "signature_malformed");
    for component in ["\"@status\"", "\"@method\";req", "\"Date\"", "\"date\";bs", "\"@nothing\"", "\"\""] {
        let input = input.replace("\"@method\"", &format!("\"@method\" {component}"));
        assert_eq!(with(&input, &signature), "signature_component_unsupported", "{component}");
    }
    // A draft-cavage signature beside Signature-Input is not looked at.
    let cavage = get().signed_over("(request-target) host date", "", &RSA).with("Signature-Input", &input);
    assert_eq!(code(&cavage), "signature_malformed");
    assert_eq!(code(&get().with("Signature-Input", &input)), "signature_missing");
}

#[test]
fn characters_that_could_end_a_line_are_never_signed_over() {
    for value in ["x\nhost: b.gov.test", "x\r\ny", "x\0", "é", "\u{7f}"] {
        let headers = "keyId=\"https://a.gov.test/k\",headers=\"(request-target) host date x-a\",signature=\"AAAA\"";
        let request = get().with("X-A", value).with("Signature", headers);
        assert_eq!(code(&request), "header_not_text", "{value:?}");
        assert_eq!(code(&get().with("Signature", value)), "header_not_text", "{value:?}");
    }
    let long = format!("keyId=\"https://a.gov.test/{}\"", "x".repeat(9000));
    assert_eq!(code(&get().with("Signature", &long)), "signature_too_long");
}

#[test]
fn what_needs_no_key_is_refused_before_one_is_fetched() {
    let request = post().signed_over("digest", "", &RSA);
    let info = parse_signature(&request.view()).unwrap();
    let refusal = precheck(&info, &request.view(), request.body.as_deref(), &Rules::new(OURS), NOW).unwrap_err();
    assert_eq!(refusal, Refusal::NotCovered("(request-target)"));
    assert!(!refusal.may_be_old_key());
}

/// Texts that look like parts of signature headers, and any others.
fn headerish() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "keyId=",
            "\"https://a.test/k\"",
            "headers=",
            "\"(request-target) host date\"",
            "signature=",
            "\"AAAA\"",
            ",",
            ";",
            "=",
            "\"",
            "\\",
            "(",
            ")",
            ":",
            "created=",
            "99999999999",
            "18446744073709551615",
            "-1",
            "sig1=",
            "(\"@method\" \"@target-uri\")",
            ";created=1790000000",
            ";keyid=\"https://a.test/k\"",
            "sig1=:AAAA:",
            "\"@query-param\";name=\"a\"",
            "SHA-256=",
            "sha-256=:AAAA:",
            " ",
            "\t",
            "é",
            "\n",
        ])
        .prop_map(str::to_owned),
        ".{0,8}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_header_makes_the_reader_panic(
        signature in headerish(), input in prop::option::of(headerish()), digest in headerish(),
        date in headerish(), target in "[/?&=%a-c]{0,8}", now in any::<i64>(), post in any::<bool>(),
    ) {
        let request = if post { Owned::post(&target) } else { Owned::get(&target) };
        let mut request = request.with("Signature", &signature).with("Date", &date).with("Digest", &digest);
        request = request.with("Content-Digest", &digest);
        if let Some(input) = input {
            request = request.with("Signature-Input", &input);
        }
        // Nobody's key made any of these.
        prop_assert!(request.verified(&RSA, now).is_err());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), name in "[a-zA-Z-]{0,16}") {
        let view = super::RequestView::new("GET", "https", OURS, "/").with_header(&name, &bytes);
        let view = view.with_header("signature", &bytes);
        prop_assert!(parse_signature(&view).is_err());
    }

    #[test]
    fn a_changed_byte_is_always_noticed(at in any::<prop::sample::Index>(), bit in 0_u32..8, cavage in any::<bool>()) {
        let form = if cavage { Form::Cavage } else { Form::Rfc9421 };
        let mut request = Owned::post("/inbox").signed(form, &ED25519, NOW);
        let body = request.body.as_mut().unwrap();
        let at = at.index(body.len());
        *body.get_mut(at).unwrap() ^= 1 << bit;
        let refusal = request.verified(&ED25519, NOW).unwrap_err();
        prop_assert_eq!(refusal.code(), "digest_mismatch");
    }
}
