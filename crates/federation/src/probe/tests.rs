//! What a check says, and whom it leaves alone.

#![expect(clippy::unwrap_used, reason = "tests")]
use super::*;
use crate::Limits;
use crate::testing::{TestNode, TestPeer};
use corridor_domain::authority::Policy;
use corridor_store::testing::TestDatabase;

fn verdicts(steps: &[Step]) -> Vec<(&'static str, Verdict)> {
    steps.iter().map(|step| (step.name, step.verdict)).collect()
}

#[actix_web::test]
async fn a_node_that_is_not_allowed_is_neither_looked_up_nor_connected_to() {
    let here = TestNode::on(TestDatabase::sqlite(), Limits::default()).await;
    let peer = TestPeer::start();
    let host = Authority::parse_with(&peer.authority, Policy::loopback()).unwrap();
    let steps = check(&here.node, &host).await;
    assert_eq!(steps.len(), 9);
    assert_eq!(steps.first().unwrap().verdict, Verdict::Failed);
    assert!(steps.iter().skip(1).all(|step| step.verdict == Verdict::Skipped), "{:?}", verdicts(&steps));
}

#[actix_web::test]
async fn each_step_has_its_own_verdict() {
    let here = TestNode::on(TestDatabase::sqlite(), Limits::default()).await;
    let peer = TestPeer::start();
    here.allow(&peer.authority).await;
    let host = Authority::parse_with(&peer.authority, Policy::loopback()).unwrap();
    let steps = check(&here.node, &host).await;
    let of = |name: &str| steps.iter().find(|step| step.name == name).unwrap().verdict;
    assert_eq!((of("allow-list"), of("DNS"), of("TCP")), (Verdict::Good, Verdict::Good, Verdict::Good));
    assert_eq!(of("NodeInfo"), Verdict::Failed, "the peer of the tests serves no NodeInfo");
}

#[test]
fn each_refusal_says_whom_to_ask() {
    assert!(refused(401).contains("key"));
    assert!(refused(403).contains("allow"));
}
