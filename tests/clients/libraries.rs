//! Libraries from npm that read what a node serves to peers: Fedify and activitypub-testing.
//!
//! They sign as an actor that a small server of theirs serves, which the node lists as a peer.

use anyhow::{Context, Result, ensure};
use corridor_domain::Authority;
use corridor_domain::authority::Policy;
use corridor_tests::{TestNode, on_both, text};
use serde_json::{Value, json};
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

use super::{AT_MOST, node, script};

/// Starts the program, allows the peer that it says to be, and hands out its last line.
async fn ask(mut command: Command, asked: &TestNode) -> Result<Value> {
    command
        .current_dir(script(""))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
    let mut complaints = child.stderr.take().context("its complaints")?;
    let complaining = tokio::spawn(async move {
        let mut text = String::new();
        complaints.read_to_string(&mut text).await.map(|_| text)
    });
    let talk = async {
        let mut last = Value::Null;
        while let Some(line) = lines.next_line().await? {
            last = serde_json::from_str(&line).with_context(|| format!("it said: {line}"))?;
            if let Some(peer) = last["peer"].as_str() {
                let peer = Authority::parse_with(peer, Policy::loopback())?;
                asked.allow(&peer, asked.ctx.settings.scheme.highest()).await?;
                child.stdin.as_mut().context("its input")?.write_all(b"allowed\n").await?;
            }
        }
        anyhow::Ok((child.wait().await?, last))
    };
    let (status, last) = tokio::time::timeout(AT_MOST, talk).await.context("it did not end")??;
    ensure!(status.success(), "it ended with {status}: {}", complaining.await??);
    Ok(last)
}

on_both! {
    async fn fedify_reads_a_node(kind: Kind) {
        let here = TestNode::start(kind).await?;
        let author = here.person("asha").await?;
        let made = author.post("/api/v1/statuses", json!({ "status": "For **everyone** in #Procurement", "visibility": "public" })).await?;
        author.post("/api/v1/statuses", json!({ "status": "For us alone", "audience": "department" })).await?;
        let mut command = node("fedify.mjs")?;
        command.args([here.at("").as_str(), "asha", &text(&made, "uri")?]);
        let read = ask(command, &here).await?;

        let base = here.at("");
        let me = author.get("/api/v1/accounts/verify_credentials").await?;
        let uri = text(&me, "uri")?;
        ensure!(read["subject"] == json!(format!("acct:{}", here.handle("asha"))), "{read}");
        ensure!(read["self"] == json!(uri), "{read}");
        ensure!(read["software"] == "corridor" && read["protocols"] == json!(["activitypub"]), "{read}");
        ensure!(read["openRegistrations"] == false, "{read}");
        let person = &read["person"];
        ensure!(person["preferredUsername"] == "asha" && person["name"] == "asha of the tests", "{person}");
        ensure!(person["inbox"] == json!(format!("{uri}/inbox")), "{person}");
        ensure!(person["sharedInbox"] == json!(format!("{base}/inbox")), "{person}");
        ensure!(person["url"] == me["url"] && person["locked"] == false, "{person}");
        let key = &person["key"];
        ensure!(key["owner"] == json!(uri) && key["algorithm"] == "RSASSA-PKCS1-v1_5", "{key}");
        ensure!(person["assertions"].as_array().unwrap().iter().any(|key| key["algorithm"] == "Ed25519"), "{person}");
        ensure!(read["instance"]["id"] == json!(format!("{base}/actor")), "{read}");
        let note = &read["note"];
        ensure!(note["content"].as_str().unwrap().contains("<strong>everyone</strong>"), "{note}");
        ensure!(note["attributedTo"] == json!(uri), "{note}");
        ensure!(note["to"] == json!(["https://www.w3.org/ns/activitystreams#Public"]), "{note}");
        ensure!(note["tag"].as_array().unwrap().iter().any(|tag| tag.as_str().is_some_and(|tag| tag.eq_ignore_ascii_case("#procurement"))), "{note}");
        // The department's post is nothing that a peer may count.
        ensure!(read["outbox"] == 1, "the outbox counts {}", read["outbox"]);
        for list in ["followers", "following"] {
            ensure!(read[list].as_str().unwrap().ends_with("Collection"), "{read}");
        }
        ensure!(read["asked"].as_array().unwrap().iter().any(|path| path == "/actor"), "the node did not ask for the key: {read}");
        Ok(())
    }
}

on_both! {
    async fn activitypub_testing_finds_what_it_should(kind: Kind) {
        let here = TestNode::start(kind).await?;
        let author = here.person("asha").await?;
        author.post("/api/v1/statuses", json!({ "status": "For everyone", "visibility": "public" })).await?;
        let me = author.get("/api/v1/accounts/verify_credentials").await?;
        let mut command = node("activitypub_testing.mjs")?;
        command.arg(text(&me, "uri")?);
        let outcomes = ask(command, &here).await?;
        let of = |outcome: &str| -> Vec<&str> {
            let all = outcomes.as_object().unwrap().iter();
            let mut rules: Vec<&str> =
                all.filter(|(_, said)| said["outcome"] == outcome).map(|(rule, _)| rule.as_str()).collect();
            rules.sort_unstable();
            rules
        };
        let passed = [
            "actor-must-serve-as2-object-to-get",
            "actor-objects-must-have-inbox-outbox-properties",
            "followers-collection-must-be-a-collection",
            "following-collection-must-be-a-collection",
            "outbox-must-be-an-orderedcollection",
        ];
        ensure!(of("passed") == passed, "{:?} passed: {outcomes}", of("passed"));
        // What is left asks for the half of ActivityPub that is not offered, clients that post to an outbox and
        // read an inbox, or for collections that actors needn't have. It applies to nothing here, and nothing fails.
        let left = of("inapplicable");
        ensure!(left.len() == 10 && left.contains(&"inbox-must-be-an-orderedcollection"), "{left:?}: {outcomes}");
        ensure!(outcomes.as_object().unwrap().len() == passed.len() + left.len(), "something failed: {outcomes}");
        Ok(())
    }
}
