//! One activity to one inbox: policy asked again, signed, sent, and the answer judged by one table.

use std::time::Duration;

use corridor_app::outgoing;
use corridor_domain::{Audience, Peer};
use corridor_store::Error;
use corridor_store::deliveries::Waiting;
use reqwest::{Method, Url};

use crate::client::{Answer, ClientError};
use crate::node::Node;
use crate::sign::{self, Form, Which};
use crate::synchronise;

/// Longest head of a peer's answer that is kept.
const HEAD: usize = 300;
/// Rotated keys that a new key is announced under, to peers that missed some rotations.
const EARLIER: usize = 3;
/// Longest wait that a peer may ask for.
pub(super) const LONGEST_RETRY_AFTER: u64 = 3600;

/// How a try ended.
#[derive(Debug)]
pub(super) enum Verdict {
    /// 2xx.
    Delivered {
        /// The status.
        status: u16,
        /// The signature form that it took.
        form: i16,
    },
    /// It can't succeed as it is.
    Rejected {
        /// The status, if there was an answer.
        status: Option<u16>,
        /// Why.
        reason: String,
    },
    /// Worth trying again later.
    Failed {
        /// The status, if there was an answer.
        status: Option<u16>,
        /// Why.
        reason: String,
        /// What the peer asked for.
        retry_after: Option<Duration>,
        /// The peer could not be reached at all.
        hard: bool,
    },
    /// Policy says no now.
    Withheld(String),
    /// Our own database or keys failed; nothing was sent.
    OwnTrouble,
}

/// Sends one row.
pub(super) async fn deliver(node: &Node, peer: &Peer, known_form: i16, row: &Waiting) -> Verdict {
    match may_go(node, peer, row).await {
        Ok(Ok(())) => {}
        Ok(Err(reason)) => return Verdict::Withheld(reason),
        Err(error) => {
            tracing::warn!(delivery.id = %row.id, "policy can't be asked now: {error}");
            tokio::time::sleep(Duration::from_secs(1)).await;
            return Verdict::OwnTrouble;
        }
    }
    let Ok(url) = Url::parse(&row.inbox) else {
        return Verdict::Rejected { status: None, reason: format!("{} is not an inbox address", row.inbox) };
    };
    let first = Form::from_code(known_form);
    let mut verdict = Verdict::OwnTrouble;
    for (form, which) in tries(node, row, first).await {
        verdict = attempt(node, peer, &url, row, form, which).await;
        if !matches!(verdict, Verdict::Failed { status: Some(401), .. }) {
            break;
        }
    }
    verdict
}

/// What to try for as long as the peer answers 401: it may understand only the other form of signature. A new key is
/// announced under the ones before, which whoever pinned them demands; and under itself to those who have it already.
async fn tries(node: &Node, row: &Waiting, first: Form) -> Vec<(Form, Which)> {
    let both = |which| [(first, which), (first.other(), which)];
    let announces = row.kind == "Update" && row.post.is_none();
    // Where the keys can't be read, signing says so.
    let earlier = if announces { sign::earlier_keys(node, row.actor).await.unwrap_or(0) } else { 0 };
    let under_earlier = (1..=earlier.min(EARLIER)).map(Which::Earlier);
    under_earlier.chain([Which::Newest]).flat_map(both).collect()
}

async fn may_go(node: &Node, peer: &Peer, row: &Waiting) -> Result<Result<(), String>, Error> {
    let queued = outgoing::Queued {
        actor: row.actor,
        kind: row.kind.clone(),
        post: row.post,
        audience: row.audience,
        marking: row.marking,
    };
    let peer = peer.id;
    let verdict = node.ctx.store.read(move |tx| outgoing::still_allowed(tx, &queued, peer)).await?;
    Ok(verdict.map_err(|withheld| withheld.to_string()))
}

async fn attempt(node: &Node, peer: &Peer, url: &Url, row: &Waiting, form: Form, which: Which) -> Verdict {
    let body = row.body.clone().into_bytes();
    let followers = if is_for_followers(row) { synchronise::header(node, peer, row.actor).await } else { None };
    let beside = followers.as_deref().map(|value| (synchronise::HEADER, value));
    let headers = match sign::post(node, row.actor, url, &body, form, which, beside).await {
        Ok(headers) => headers,
        Err(error) => {
            tracing::error!(actor.id = %row.actor, "an activity can't be signed: {error}");
            return Verdict::Rejected { status: None, reason: format!("it can't be signed: {error}") };
        }
    };
    match node.client.send(peer, Method::POST, url, &headers, Some(body)).await {
        Ok(answer) => judge(&answer, form),
        Err(error @ (ClientError::OtherHost { .. } | ClientError::BadUrl(_))) => {
            Verdict::Rejected { status: None, reason: error.to_string() }
        }
        Err(ClientError::TooLarge(limit)) => soft(None, format!("answered with more than {limit} bytes"), None),
        Err(error) => Verdict::Failed { status: None, reason: error.to_string(), retry_after: None, hard: true },
    }
}

/// What goes to an author's followers says who they are at the peer, as far as we know (FEP-8fcf).
fn is_for_followers(row: &Waiting) -> bool {
    let audience = matches!(row.audience, Audience::Network | Audience::Followers);
    audience && row.post.is_some() && matches!(row.kind.as_str(), "Create" | "Update" | "Announce")
}

/// The one table of what a status means.
fn judge(answer: &Answer, form: Form) -> Verdict {
    let status = Some(answer.status);
    let reason = format!("answered {}: {}", answer.status, head(&answer.body));
    match answer.status {
        200..=299 => Verdict::Delivered { status: answer.status, form: form.code() },
        401 | 408 | 425 | 429 | 500..=599 => soft(status, reason, answer.retry_after),
        _ => Verdict::Rejected { status, reason },
    }
}

fn soft(status: Option<u16>, reason: String, retry_after: Option<u64>) -> Verdict {
    let retry_after = retry_after.map(|seconds| Duration::from_secs(seconds.clamp(1, LONGEST_RETRY_AFTER)));
    Verdict::Failed { status, reason, retry_after, hard: false }
}

fn head(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    text.chars().filter(|c| !c.is_control()).take(HEAD).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(status: u16) -> &'static str {
        let answer = Answer {
            status,
            content_type: None,
            retry_after: Some(7),
            location: None,
            date: None,
            body: b"because\0 of this".to_vec(),
        };
        match judge(&answer, Form::Cavage) {
            Verdict::Delivered { .. } => "delivered",
            Verdict::Rejected { .. } => "rejected",
            Verdict::Failed { retry_after, .. } => {
                assert_eq!(retry_after, Some(Duration::from_secs(7)));
                "again"
            }
            Verdict::Withheld(_) | Verdict::OwnTrouble => "other",
        }
    }

    #[test]
    fn only_2xx_counts_as_delivered() {
        for status in [200, 201, 202, 204] {
            assert_eq!(verdict(status), "delivered", "{status}");
        }
        for status in [401, 408, 425, 429, 500, 502, 503, 504] {
            assert_eq!(verdict(status), "again", "{status}");
        }
        for status in [301, 302, 304, 400, 403, 404, 405, 406, 410, 413, 415, 422] {
            assert_eq!(verdict(status), "rejected", "{status}");
        }
    }
}
