//! A registry and this node: what is taken in, what is applied, and that dates bind at every door.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::time::Duration;

use corridor_domain::policy::Door;
use corridor_domain::registry::{Draft, DraftNode, Signed};
use corridor_domain::{Audience, Marking, PeerState, Service, Services};

use super::*;
use crate::fixtures::{World, worlds};
use crate::peers::{self, AllowPeer};
use crate::{RegistrySettings, follows};

const BY: Operator = Operator::System;
const HOUR: Duration = Duration::from_secs(3600);

/// Two signers with their keys.
struct Signers(Vec<(Signer, String)>);

impl Signers {
    fn make() -> Self {
        Self(["ada", "ben"].map(|name| signing::make_key(name).unwrap()).to_vec())
    }

    fn sign(&self, document: &Document) -> Vec<u8> {
        let mut signed = Signed { document: document.clone(), signatures: Vec::new() };
        for (signer, pem) in &self.0 {
            signing::sign(&mut signed, &signer.name, pem.as_bytes()).unwrap();
        }
        serde_json::to_vec(&signed).unwrap()
    }

    fn follow(&self, world: &World, automatic: bool) -> Ctx {
        let registry = RegistrySettings {
            name: "network.example".to_owned(),
            signers: self.0.iter().map(|(signer, _)| signer.clone()).collect(),
            required: false,
            automatic,
        };
        Ctx::new(world.ctx.store.clone(), Settings { registry, ..(*world.ctx.settings).clone() })
    }
}

fn document(ctx: &Ctx, sequence: u64, hosts: &[&str]) -> Document {
    let nodes = hosts
        .iter()
        .map(|host| DraftNode {
            authority: (*host).to_owned(),
            account_domain: None,
            department: "Theirs".to_owned(),
            keys: Vec::new(),
            contact: String::new(),
            ceiling: "OFFICIAL-SENSITIVE".to_owned(),
            services: None,
            valid_from: None,
            valid_until: None,
        })
        .collect();
    let draft = Draft { registry: Some("network.example".to_owned()), nodes, ..Draft::default() };
    draft.into_document(ctx.now(), sequence, HOUR).unwrap()
}

fn host(name: &str) -> Authority {
    Authority::parse(name).unwrap()
}

#[tokio::test]
async fn a_peer_that_leaves_the_registry_leaves_with_everything() {
    for world in worlds() {
        let signers = Signers::make();
        let ctx = signers.follow(&world, true);
        let ada = world.person("ada").await;
        let there = world.peer("there.example", Marking::LOWEST).await;
        let bob = world.person_of(there, "there.example", "bob").await;
        let post = world.post_of(there, bob, Audience::Network).await;
        follows::follow(&ctx, &ada, bob, follows::FollowOptions::default()).await.unwrap();
        import(&ctx, &BY, &signers.sign(&document(&ctx, 1, &["there.example"]))).await.unwrap();
        let kept = peers::show(&ctx, &host("there.example")).await.unwrap().peer;
        assert_eq!((kept.id, kept.ceiling), (there, Marking::LOWEST), "what was stricter here stays so");

        let without = signers.sign(&document(&ctx, 2, &[]));
        let ahead = difference(&ctx, &BY, Some(&without)).await.unwrap();
        let preview = ahead.first().unwrap().preview.clone().unwrap();
        assert_eq!((preview.follows, preview.posts, preview.people), (1, 1, 1));
        import(&ctx, &BY, &without).await.unwrap();
        let gone = peers::ask(&ctx, Door::Inbox, &host("there.example")).await;
        assert!(matches!(&gone, Err(Error::Refused(refusal)) if refusal.code() == "peer-removed"), "{gone:?}");

        let purged = peers::purge(&ctx, &BY, &host("there.example"), |_, _| ()).await.unwrap();
        assert_eq!((purged.posts, purged.people, purged.held), (1, 1, 0));
        let (row, person) = world
            .write(move |tx| Ok((corridor_store::posts::find(tx, post)?, corridor_store::actors::find(tx, bob)?)))
            .await;
        assert!(row.content.is_empty() && row.destroyed_at.is_some());
        assert!(!person.username.contains("bob") && person.display_name.is_empty());
        let again = peers::purge(&ctx, &BY, &host("there.example"), |_, _| ()).await.unwrap();
        assert_eq!((again.posts, again.people), (0, 0));

        import(&ctx, &BY, &signers.sign(&document(&ctx, 3, &["there.example"]))).await.unwrap();
        assert!(
            peers::ask(&ctx, Door::Inbox, &host("there.example")).await.is_ok(),
            "what it removed it may bring back"
        );
        let told = peers::purge(&ctx, &BY, &host("there.example"), |_, _| ()).await;
        assert!(matches!(told, Err(Error::Conflict(_))), "{told:?}");
    }
}

#[tokio::test]
async fn dates_bind_at_every_door_before_any_chore_has_run() {
    for world in worlds() {
        let signers = Signers::make();
        let ctx = signers.follow(&world, true);
        let mut short = document(&ctx, 1, &["there.example"]);
        for node in &mut short.nodes {
            node.valid_from = rules::Moment::of(ctx.now() - HOUR);
            node.valid_until = rules::Moment::of(ctx.now() - Duration::from_secs(1));
        }
        import(&ctx, &BY, &signers.sign(&short)).await.unwrap();
        for door in Door::ALL {
            let told = peers::ask(&ctx, door, &host("there.example")).await;
            assert!(matches!(&told, Err(Error::Refused(refusal)) if refusal.code() == "peer-out-of-term"), "{told:?}");
        }
        let open = document(&ctx, 2, &["there.example"]);
        import(&ctx, &BY, &signers.sign(&open)).await.unwrap();
        assert!(peers::ask(&ctx, Door::Inbox, &host("there.example")).await.is_ok());
    }
}

#[tokio::test]
async fn the_chore_stores_and_notes_what_the_dates_say() {
    for world in worlds() {
        let ctx = &world.ctx;
        let there = world.peer("there.example", Marking::LOWEST).await;
        world
            .write(move |tx| {
                let mut peer = corridor_store::peers::find(tx, there)?;
                peer.grant.valid_until = Some(tx.now());
                corridor_store::peers::update(tx, &peer)
            })
            .await;
        crate::peers::settle(ctx).await.unwrap();
        crate::peers::settle(ctx).await.unwrap();
        let acts = peers::history(ctx, &BY, &host("there.example")).await.unwrap();
        assert_eq!(acts.iter().map(|entry| entry.action.as_str()).collect::<Vec<_>>(), ["peer.term_end"]);
        let allow = AllowPeer {
            authority: host("there.example"),
            account_domain: None,
            ceiling: Marking::LOWEST,
            default_marking: None,
            department: String::new(),
            note: String::new(),
            contact: String::new(),
        };
        let services: Services = [Service::Groups].into_iter().collect();
        let again = peers::allow_for(ctx, &BY, allow, Some(services)).await.unwrap();
        let peer = peers::show(ctx, &again.authority).await.unwrap().peer;
        assert_eq!((peer.state, peer.grant.services), (PeerState::Allowed, services));
    }
}

#[tokio::test]
async fn a_node_is_known_by_the_keys_that_the_registry_lists() {
    for world in worlds() {
        let signers = Signers::make();
        let ctx = signers.follow(&world, true);
        let listed = format!("SHA256:{}", "A".repeat(43));
        let mut keyed = document(&ctx, 1, &["there.example", "free.example"]);
        keyed.nodes.iter_mut().filter(|node| node.authority.as_str() == "there.example").for_each(|node| {
            node.keys = vec![listed.clone()];
        });
        import(&ctx, &BY, &signers.sign(&keyed)).await.unwrap();
        let settings = ctx.settings.clone();
        let other = format!("SHA256:{}", "B".repeat(43));
        let ask = move |name: &'static str, key: String| {
            let settings = settings.clone();
            let store = ctx.store.clone();
            async move {
                store.read(move |tx| demand_listed_keys(tx, &settings, &host(name), std::slice::from_ref(&key))).await
            }
        };
        assert!(ask("there.example", listed.clone()).await.is_ok());
        assert!(matches!(ask("there.example", other.clone()).await, Err(Error::Forbidden(_))));
        assert!(ask("free.example", other).await.is_ok());
    }
}

/// The example was signed by another program, so this holds the canonical form and the signatures to the standards too.
#[test]
fn the_documented_example_is_good() {
    let text = include_str!("../../../../docs/REGISTRY.md");
    let example = text.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let signers = text.rsplit("```\n").nth(1).unwrap();
    let signers: Vec<Signer> = signers.lines().map(|line| line.parse().unwrap()).collect();
    let (signed, verdict) = verify(&signers, example.as_bytes()).unwrap();
    assert_eq!(verdict.good, ["cabinet-office", "digital-service"]);
    assert_eq!((signed.document.sequence, signed.document.nodes.len()), (7, 2));
    let changed = example.replace("\"OFFICIAL\"", "\"OFFICIAL-SENSITIVE\"");
    assert!(verify(&signers, changed.as_bytes()).unwrap().1.good.is_empty());
}
