//! Plants violations and checks that each is found, and that what is allowed is let through.

use super::*;

fn room(name: &str) -> &'static Room {
    ROOMS.iter().find(|room| room.name == name).expect("the tests name rooms of the table")
}

fn in_manifest(name: &str, dependency: &str) -> Vec<String> {
    let text = format!("[package]\nname = \"corridor-{name}\"\n\n[dependencies]\n{dependency}.workspace = true\n");
    messages(check_manifest(room(name), Path::new("Cargo.toml"), &text))
}

fn in_source(name: &str, text: &str) -> Vec<String> {
    messages(check_source(room(name), Path::new("lib.rs"), text))
}

fn messages(findings: Vec<Finding>) -> Vec<String> {
    findings.into_iter().map(|f| f.message).collect()
}

#[test]
fn every_pair_of_rooms_is_judged_by_the_table() {
    for from in ROOMS.iter().filter(|room| room.name != CHORES) {
        for to in ROOMS.iter().filter(|room| room.name != from.name) {
            let allowed = from.may_know.contains(&to.name);
            let package = match to.name {
                CHORES => CHORES.to_owned(),
                name => format!("corridor-{name}"),
            };
            let pair = format!("{} names {}", from.name, to.name);
            assert_eq!(in_manifest(from.name, &package).is_empty(), allowed, "{pair} in its manifest");
            // What federation may use of store is narrower, and has a test of its own.
            if (from.name, to.name) != ("federation", "store") {
                let text = format!("fn f() {{ corridor_{}::g() }}", to.name);
                assert_eq!(in_source(from.name, &text).is_empty(), allowed, "{pair} in its source");
            }
        }
    }
}

#[test]
fn the_three_fronts_never_name_each_other() {
    for from in ["api", "web", "federation"] {
        for to in ["api", "web", "federation"] {
            if from != to {
                let text = format!("use corridor_{to}::thing;");
                assert_eq!(in_source(from, &text).len(), 1, "{from} names {to}");
            }
        }
    }
}

#[test]
fn sql_stays_in_store() {
    for name in ["domain", "app", "federation", "api", "web", "server"] {
        assert_eq!(in_source(name, "use diesel::prelude::*;").len(), 1, "{name}");
        assert_eq!(in_manifest(name, "diesel").len(), 1, "{name}");
    }
    assert!(in_source("store", "use diesel::prelude::*;").is_empty());
    assert!(in_manifest("store", "libsqlite3-sys").is_empty());
}

#[test]
fn activitypub_and_requests_stay_in_federation() {
    let source = "type A = activitypub_federation::config::Data<()>;";
    assert_eq!(in_source("app", source).len(), 1);
    assert_eq!(in_source("server", source).len(), 1);
    assert!(in_source("federation", source).is_empty());
    assert_eq!(in_source("api", "use reqwest::Client;").len(), 1);
    assert!(in_source("federation", "use reqwest::Client;").is_empty());
    assert!(in_source("server", "use reqwest::Client;").is_empty());
}

#[test]
fn federation_sees_only_its_own_tables() {
    assert!(in_source("federation", "use corridor_store::{Store, deliveries::Row};").is_empty());
    for text in [
        "use corridor_store::posts;",
        "use corridor_store::{Store, people::Person};",
        "fn f() { corridor_store::posts::insert() }",
        "use corridor_store::*;",
        "use corridor_store as s;",
    ] {
        assert_eq!(in_source("federation", text).len(), 1, "{text}");
    }
}

#[test]
fn domain_is_pure() {
    for text in [
        "use tokio::sync::Mutex;",
        "use std::net::TcpStream;",
        "use std::{collections::HashMap, fs};",
        "fn f() { std::fs::read(\"x\") }",
        "fn f() { SystemTime::now() }",
        "fn f() { std::time::Instant::now() }",
        "pub async fn f() {}",
        "fn f() -> u64 { rand::random() }",
    ] {
        assert_eq!(in_source("domain", text).len(), 1, "{text}");
    }
    assert_eq!(in_manifest("domain", "tokio").len(), 1);
    assert!(in_source("domain", "use std::net::IpAddr; use std::time::Duration;").is_empty());
    assert!(in_source("app", "pub async fn f() {}").is_empty());
}

#[test]
fn chores_depend_on_nothing() {
    assert_eq!(in_manifest(CHORES, "serde").len(), 1);
}

#[test]
fn a_comment_or_a_string_may_name_anyone() {
    let text = "//! Unlike diesel::x.\n/// See [`corridor_web::y`].\nconst A: &str = \"reqwest::Client\";";
    assert!(in_source("api", text).is_empty());
}

#[test]
fn a_whole_tree_is_walked_and_a_stranger_told() {
    let root = std::env::temp_dir().join(format!("corridor-layers-{}", std::process::id()));
    for room in ROOMS {
        let source = root.join("crates").join(room.name).join("src");
        fs::create_dir_all(&source).expect("the temporary folder can be written");
        fs::write(source.with_file_name("Cargo.toml"), "[package]\n").expect("a manifest can be written");
    }
    let clean = check(&root).expect("a clean tree can be read");
    let deep = root.join("crates/web/src/pages");
    fs::create_dir_all(&deep).expect("a folder can be made");
    fs::write(deep.join("home.rs"), "//! A page.\nuse corridor_store::posts;\n").expect("a source can be written");
    fs::create_dir_all(root.join("crates/attic")).expect("a folder can be made");
    fs::write(root.join("crates/attic/Cargo.toml"), "[package]\n").expect("a manifest can be written");
    let planted = check(&root).expect("a planted tree can be read");
    fs::remove_dir_all(&root).expect("the temporary folder can be removed");

    assert!(clean.is_empty(), "{clean:?}");
    let places: Vec<_> = planted.iter().map(|f| (f.file.clone(), f.line)).collect();
    assert_eq!(
        places,
        [(PathBuf::from("crates/attic/Cargo.toml"), 1), (PathBuf::from("crates/web/src/pages/home.rs"), 2)]
    );
}
