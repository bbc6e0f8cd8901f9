//! What a failed TLS connection means, in words for an administrator.
//!
//! With TLS 1.3 a server refuses our certificate after our side of the handshake is done, so that fault shows when
//! the answer is read. Both are told by the text that OpenSSL leaves in the chain of causes.

use std::error::Error;

/// What OpenSSL says, what it means, in the order in which they are looked for.
const MEANINGS: [(&str, &str); 16] = [
    ("alert certificate required", "the peer demands a client certificate, and this node has shown none"),
    ("alert unknown ca", "the peer does not know the authority that signed this node's certificate"),
    ("alert certificate expired", "the peer says that this node's certificate has expired"),
    ("alert certificate revoked", "the peer says that this node's certificate was revoked"),
    ("alert unsupported certificate", "this node's certificate is not made for connecting to peers"),
    ("alert bad certificate", "the peer refuses this node's certificate"),
    ("alert certificate unknown", "the peer refuses this node's certificate"),
    ("alert handshake failure", "the peer shares no way to encrypt, or refuses this node's certificate"),
    ("certificate has expired", "the peer's certificate has expired"),
    ("certificate is not yet valid", "the peer's certificate is not valid yet, or this node's clock is behind"),
    ("hostname mismatch", "the peer's certificate is for another host"),
    ("unable to get", "the peer's certificate is signed by an authority that this node does not trust"),
    ("self-signed", "the peer's certificate is signed by an authority that this node does not trust"),
    ("unsuitable certificate purpose", "the peer's certificate is not made for a server"),
    ("certificate verify failed", "the peer's certificate can't be trusted"),
    ("wrong version number", "the peer does not speak TLS there"),
];

/// All that an error says, with its causes.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text.push_str(": ");
        text.push_str(&deeper.to_string());
        cause = deeper.source();
    }
    text
}

/// The meaning of a chain of causes; nothing when TLS is not to blame.
#[must_use]
pub(crate) fn meaning(chain: &str) -> Option<String> {
    let lower = chain.to_ascii_lowercase();
    if !lower.contains("ssl routines") && !lower.contains("certificate verify failed") {
        return None;
    }
    let known = MEANINGS.iter().find(|(said, _)| lower.contains(said)).map(|(_, meaning)| (*meaning).to_owned());
    // `error:0A000410:SSL routines:ssl3_read_bytes:reason:file:line`; the reason is what helps.
    let reason = || lower.split("ssl routines:").nth(1).and_then(|rest| rest.split(':').nth(1)).map(str::to_owned);
    Some(known.or_else(reason).unwrap_or_else(|| "the handshake failed".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openssls_words_become_ours() {
        let alert = "connection error: error:0A00045C:SSL routines:ssl3_read_bytes:tlsv13 alert certificate \
                     required:ssl/record/rec_layer_s3.c:918:SSL alert number 116";
        assert!(meaning(alert).is_some_and(|text| text.contains("demands a client certificate")));
        let expired = "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify \
                       failed:ssl/statem/statem_clnt.c:2103: (certificate has expired)";
        assert_eq!(meaning(expired).as_deref(), Some("the peer's certificate has expired"));
        let rare = "error:0A000123:SSL routines:some_function:some rare reason:file.c:1";
        assert_eq!(meaning(rare).as_deref(), Some("some rare reason"));
        assert_eq!(meaning("connection refused"), None);
    }
}
