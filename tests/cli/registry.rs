//! The registry and the life of a peer on the allow-list, through the command line.

use anyhow::{Context, Result, ensure};
use corridor_tests::{Kind, on_both};
use serde_json::{Value, json};

use super::Admin;

/// A node that follows the registry of two signers, whose keys lie beside its configuration.
fn follower(kind: Kind, automatic: bool, required: bool) -> Result<Admin> {
    let admin = Admin::new(kind)?;
    let mut signers = Vec::new();
    for name in ["ada", "ben", "eve"] {
        let made = admin.json(&format!("registry keygen {name} --out {name}.pem"))?;
        signers.push(made["signer"].as_str().context("a signer")?.to_owned());
    }
    let file = admin.folder.path().join("corridor.toml");
    let mut text = std::fs::read_to_string(&file)?;
    text.push_str(&format!(
        "[registry]\nname = \"network.example\"\nsigners = [\"{}\", \"{}\"]\nautomatic = {automatic}\nrequired = {required}\n",
        signers[0], signers[1]
    ));
    std::fs::write(&file, text)?;
    admin.expect(0, "migrate")?;
    Ok(admin)
}

fn node(host: &str, ceiling: &str) -> Value {
    json!({ "authority": host, "department": format!("Department at {host}"), "ceiling": ceiling })
}

/// Makes a registry and has it signed; says in which file it lies.
fn made(admin: &Admin, sequence: u64, nodes: &[Value], signers: &[&str]) -> Result<String> {
    let name = format!("registry-{sequence}-{}-{}.json", nodes.len(), signers.join("-"));
    let draft = json!({ "registry": "network.example", "sequence": sequence, "nodes": nodes });
    std::fs::write(admin.folder.path().join("draft.json"), draft.to_string())?;
    admin.expect(0, &format!("registry make draft.json --out {name}"))?;
    for signer in signers {
        admin.expect(0, &format!("registry sign {name} --name {signer} --key {signer}.pem"))?;
    }
    Ok(name)
}

fn change(admin: &Admin, name: &str, from: &str, to: &str) -> Result<()> {
    let file = admin.folder.path().join(name);
    let text = std::fs::read_to_string(&file)?;
    ensure!(text.contains(from), "{from} is not in {text}");
    Ok(std::fs::write(file, text.replacen(from, to, 1))?)
}

fn states(admin: &Admin) -> Result<Vec<(String, String, String)>> {
    let peers = admin.json("peer list")?;
    let text = |peer: &Value, field: &str| peer[field].as_str().unwrap().to_owned();
    Ok(peers
        .as_array()
        .unwrap()
        .iter()
        .map(|peer| (text(peer, "host"), text(peer, "state"), text(peer, "ceiling")))
        .collect())
}

fn stand(host: &str, state: &str, ceiling: &str) -> (String, String, String) {
    (host.to_owned(), state.to_owned(), ceiling.to_owned())
}

on_both! {
    async fn a_registry_is_believed_only_with_two_signers_and_never_backwards(kind: Kind) {
        let admin = follower(kind, true, false)?;
        let one = [node("a.example", "OFFICIAL")];
        let good = made(&admin, 7, &one, &["ada", "ben"])?;
        ensure!(admin.expect(0, &format!("registry verify {good}"))?.contains("good signatures: ada, ben"));
        for (signers, words) in [(vec![], "nobody"), (vec!["ada"], "1 of 2"), (vec!["ada", "eve"], "eve is not a signer")] {
            let bad = made(&admin, 8, &one, &signers)?;
            ensure!(admin.expect(4, &format!("registry import {bad} --yes"))?.contains(words), "{words}");
            admin.expect(4, &format!("registry verify {bad}"))?;
        }
        ensure!(admin.expect(4, &format!("registry sign {good} --name ada --key ada.pem"))?.contains("signed already"));
        let tampered = made(&admin, 9, &one, &["ada", "ben"])?;
        change(&admin, &tampered, "\"OFFICIAL\"", "\"OFFICIAL-SENSITIVE\"")?;
        ensure!(admin.expect(4, &format!("registry import {tampered} --yes"))?.contains("it was changed"));
        let twice = made(&admin, 10, &one, &["ada", "ben"])?;
        change(&admin, &twice, "\"sequence\": 10", "\"sequence\": 11, \"sequence\": 10")?;
        ensure!(admin.expect(2, &format!("registry import {twice} --yes"))?.contains("duplicate field"));
        ensure!(states(&admin)?.is_empty(), "what is refused changes nothing");

        ensure!(admin.expect(4, &format!("registry import {good}"))?.contains("--yes"), "nobody was there to be asked");
        admin.expect(0, &format!("registry import {good} --yes"))?;
        ensure!(states(&admin)? == [stand("a.example", "allowed", "OFFICIAL")]);
        ensure!(admin.expect(4, &format!("registry import {good} --yes"))?.contains("a replay"));
        let other = made(&admin, 7, &[], &["ada", "ben"])?;
        ensure!(admin.expect(4, &format!("registry import {other} --yes"))?.contains("with other content"));
        let older = made(&admin, 6, &[], &["ada", "ben"])?;
        ensure!(admin.expect(4, &format!("registry import {older} --yes"))?.contains("a rollback"));
        ensure!(states(&admin)? == [stand("a.example", "allowed", "OFFICIAL")]);
        let gone = made(&admin, 8, &[], &["ada", "ben"])?;
        ensure!(admin.expect(0, &format!("registry diff {gone}"))?.contains("remove a.example"));
        admin.expect(0, &format!("registry import {gone} --yes"))?;
        ensure!(states(&admin)? == [stand("a.example", "removed", "OFFICIAL")]);
        let history = admin.json("peer history a.example")?;
        let acts: Vec<&str> = history.as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
        ensure!(acts == ["peer.remove", "peer.allow"], "{history}");
        Ok(())
    }
}

on_both! {
    async fn a_draft_waits_and_an_administrator_is_stricter_never_looser(kind: Kind) {
        let admin = follower(kind, false, true)?;
        ensure!(admin.expect(4, "peer allow a.example")?.contains("not in the registry"));
        let nodes = ["a.example", "b.example", "c.example"].map(|host| node(host, "OFFICIAL-SENSITIVE"));
        let first = made(&admin, 1, &nodes, &["ada", "ben"])?;
        ensure!(admin.expect(0, &format!("registry import {first}"))?.contains("registry apply"));
        ensure!(states(&admin)?.is_empty(), "a draft changes nothing");
        admin.expect(0, "peer allow a.example --ceiling OFFICIAL --services posts")?;
        ensure!(admin.expect(4, "peer allow x.example")?.contains("not in the registry"));
        admin.expect(4, "registry apply b.example")?;
        admin.expect(0, "registry apply b.example --yes")?;
        admin.expect(0, "registry apply --yes")?;
        admin.expect(0, "peer suspend b.example")?;
        admin.expect(0, "peer remove c.example --yes")?;
        let strict = [
            stand("a.example", "allowed", "OFFICIAL"),
            stand("b.example", "suspended", "OFFICIAL-SENSITIVE"),
            stand("c.example", "removed", "OFFICIAL-SENSITIVE"),
        ];
        ensure!(states(&admin)? == strict, "{:?}", states(&admin)?);
        ensure!(admin.json("peer show a.example")?["services"] == json!(["posts"]));

        // A lower registry binds; a higher one loosens nothing that was decided here.
        let lower = ["a.example", "b.example", "c.example"].map(|host| node(host, "OFFICIAL"));
        let second = made(&admin, 2, &lower, &["ada", "ben"])?;
        admin.expect(0, &format!("registry import {second}"))?;
        admin.expect(0, "registry apply --yes")?;
        ensure!(admin.expect(4, "peer allow a.example --ceiling OFFICIAL-SENSITIVE")?.contains("never looser"));
        let third = made(&admin, 3, &nodes, &["ada", "ben"])?;
        admin.expect(0, &format!("registry import {third}"))?;
        let said = admin.expect(0, "registry apply --yes")?;
        ensure!(said.contains("stays suspended here") && said.contains("stays removed here"), "{said}");
        ensure!(states(&admin)? == strict, "{:?}", states(&admin)?);
        ensure!(admin.expect(0, "registry diff")?.contains("nothing to change"));
        Ok(())
    }
}

on_both! {
    async fn dates_are_kept(kind: Kind) {
        let admin = follower(kind, true, false)?;
        let mut over = node("over.example", "OFFICIAL");
        over["valid_from"] = json!("2020-01-01T00:00:00Z");
        over["valid_until"] = json!("2021-01-01T00:00:00Z");
        let mut coming = node("coming.example", "OFFICIAL");
        coming["valid_from"] = json!("2090-01-01T00:00:00Z");
        coming["valid_until"] = json!("2091-01-01T00:00:00Z");
        let dated = made(&admin, 1, &[over, coming, node("now.example", "OFFICIAL")], &["ada", "ben"])?;
        admin.expect(0, &format!("registry import {dated} --yes"))?;
        let all: Vec<String> = states(&admin)?.into_iter().map(|(host, state, _)| format!("{host} {state}")).collect();
        ensure!(all == ["coming.example out of term", "now.example allowed", "over.example out of term"], "{all:?}");
        ensure!(admin.expect(4, "peer allow over.example")?.contains("a newer registry is needed"));
        ensure!(admin.expect(4, "peer resume over.example")?.contains("outside the dates"));
        let expired = made(&admin, 2, &[], &[])?;
        let until = std::fs::read_to_string(admin.folder.path().join(&expired))?;
        let until: Value = serde_json::from_str(&until)?;
        let ends = until["document"]["valid_until"].as_str().context("an end")?.to_owned();
        let begins = until["document"]["valid_from"].as_str().context("a beginning")?.to_owned();
        change(&admin, &expired, &ends, "2021-01-01T00:00:00Z")?;
        change(&admin, &expired, &format!("\"valid_from\": \"{begins}\""), "\"valid_from\": \"2020-01-01T00:00:00Z\"")?;
        for signer in ["ada", "ben"] {
            admin.expect(0, &format!("registry sign {expired} --name {signer} --key {signer}.pem"))?;
        }
        ensure!(admin.expect(4, &format!("registry import {expired} --yes"))?.contains("a newer one is needed"));
        Ok(())
    }
}

on_both! {
    async fn the_allow_list_is_handed_on(kind: Kind) {
        let admin = follower(kind, false, false)?;
        admin.expect(0, "peer allow node.a.example --account-domain a.example --department Health --contact desk")?;
        admin.expect(0, "peer allow b.example:8443")?;
        admin.expect(0, "peer allow gone.example")?;
        admin.expect(0, "peer remove gone.example --yes --purge")?;
        ensure!(admin.expect(0, "registry export --as mastodon")? == "#domain\na.example\nb.example:8443\nnode.a.example\n");
        ensure!(admin.expect(0, "registry export --as gotosocial")? == "a.example\nb.example:8443\nnode.a.example\n");
        let own: Value = serde_json::from_str(&admin.expect(0, "registry export --as registry")?)?;
        let hosts: Vec<&str> =
            own["document"]["nodes"].as_array().unwrap().iter().map(|node| node["authority"].as_str().unwrap()).collect();
        ensure!(hosts == ["b.example:8443", "node.a.example", "tests.example"], "{own}");
        admin.expect(0, "registry make --out own.json")?;
        ensure!(admin.expect(4, "registry verify own.json")?.contains("good signatures: none"));
        let preview = admin.json("peer preview remove b.example:8443")?;
        ensure!(preview["state"] == "allowed" && preview["posts"] == 0, "{preview}");
        ensure!(admin.json("peer preview allow new.example")?["state"].is_null());
        admin.expect(3, "peer history nobody.example")?;
        Ok(())
    }
}

#[test]
fn keys_are_their_owners_alone_and_one_key_is_one_signer() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let admin = follower(Kind::Sqlite, false, false)?;
    let mode = std::fs::metadata(admin.folder.path().join("ada.pem"))?.permissions().mode();
    ensure!(mode & 0o077 == 0, "{mode:o}");
    admin.expect(1, "registry keygen ada --out ada.pem")?;
    admin.expect(2, "registry keygen Ada --out other.pem")?;
    let file = admin.folder.path().join("corridor.toml");
    let text = std::fs::read_to_string(&file)?;
    let key = text.split("\"ada=").nth(1).and_then(|rest| rest.split('"').next()).context("a key")?.to_owned();
    let twin = text.replace("\"ben=", &format!("\"twin={key}\", \"ben="));
    std::fs::write(&file, twin)?;
    ensure!(admin.expect(1, "config check")?.contains("their key twice"));
    Ok(())
}
