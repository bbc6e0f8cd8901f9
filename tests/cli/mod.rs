//! The command line as an administrator uses it: the real program, its words and its exit codes.

mod announcements;
mod demo;
mod groups;
mod moves;
mod registry;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, Result, ensure};
use corridor_tests::{Database, Kind, on_both};
use serde_json::Value;

/// A node's configuration in a folder of its own.
struct Admin {
    folder: tempfile::TempDir,
    _database: Database,
}

pub fn program() -> Result<PathBuf> {
    if let Some(program) = std::env::var_os("CORRIDOR_TEST_BIN") {
        return Ok(program.into());
    }
    // Beside the test program's folder, where cargo puts it.
    let tests = std::env::current_exe()?;
    let program = tests.parent().and_then(Path::parent).context("a target folder")?.join("corridor");
    ensure!(program.exists(), "corridor is not built: run the tests with tests/run, or cargo build first");
    Ok(program)
}

impl Admin {
    fn new(kind: Kind) -> Result<Self> {
        let (folder, database) = (tempfile::tempdir()?, Database::new(kind)?);
        let (url, password) = split_password(database.url())?;
        let password_file = folder.path().join("password");
        std::fs::write(&password_file, password)?;
        let file = if kind == Kind::Postgres { password_file.display().to_string() } else { String::new() };
        let config = format!(
            "[node]\ndepartment = \"Department of Tests\"\n[addresses]\naccount_domain = \"tests.example\"\n\
             [database]\nurl = \"{url}\"\npassword_file = \"{file}\"\n\
             [security]\npassword_memory_kib = 19456\npassword_passes = 2\n",
        );
        std::fs::write(folder.path().join("corridor.toml"), config)?;
        Ok(Self { folder, _database: database })
    }

    fn run_with(&self, words: &str, input: &str) -> Result<Output> {
        let mut child = Command::new(program()?)
            .current_dir(self.folder.path())
            .args(words.split_whitespace())
            .env_remove("CORRIDOR_CONFIG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        child.stdin.take().context("an input")?.write_all(input.as_bytes())?;
        Ok(child.wait_with_output()?)
    }

    /// Runs a command and demands an exit code; what it wrote, on either side.
    fn expect(&self, code: i32, words: &str) -> Result<String> {
        let output = self.run_with(words, "")?;
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.code() == Some(code), "{words}: {:?} instead of {code}: {text}", output.status.code());
        Ok(text)
    }

    fn json(&self, words: &str) -> Result<Value> {
        let output = self.run_with(&format!("{words} --json"), "")?;
        ensure!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

/// A URL may hold no password in the configuration; it stands in a file of its own.
pub fn split_password(url: &str) -> Result<(String, String)> {
    let mut url = url::Url::parse(url)?;
    let password = url.password().unwrap_or_default().to_owned();
    if !password.is_empty() {
        url.set_password(None).ok().context("a URL with a password")?;
    }
    Ok((url.to_string(), password))
}

on_both! {
    async fn people_are_added_listed_and_disabled(kind: Kind) {
        let admin = Admin::new(kind)?;
        let early = admin.expect(1, "user list")?;
        ensure!(early.contains("corridor migrate"), "{early}");
        admin.expect(1, "migrate --check")?;
        admin.expect(0, "migrate")?;
        admin.expect(0, "migrate --check")?;

        let made = admin.json("user add amira --role administrator")?;
        ensure!(made["password"].as_str().is_some_and(|password| password.len() > 15), "{made}");
        let given = admin.run_with("user add sam --password-file -", "a long enough password\n")?;
        ensure!(given.status.success() && !String::from_utf8_lossy(&given.stdout).contains("long enough"));
        let short = admin.run_with("user add kim --password-file -", "short\n")?;
        ensure!(short.status.code() == Some(2), "{short:?}");
        ensure!(admin.expect(4, "user add Amira")?.contains("taken"));
        admin.expect(2, "user add -- a/b")?;
        admin.expect(3, "user disable nobody")?;

        admin.expect(0, "user disable sam")?;
        admin.expect(0, "user role amira moderator")?;
        let users = admin.json("user list")?;
        let stand = |name: &str| {
            let user = users.as_array().unwrap().iter().find(|user| user["username"] == name).unwrap();
            (user["role"].as_str().unwrap().to_owned(), user["state"].as_str().unwrap().to_owned())
        };
        ensure!(stand("sam") == ("member".to_owned(), "disabled".to_owned()));
        ensure!(stand("amira") == ("moderator".to_owned(), "active".to_owned()));
        admin.expect(0, "user enable sam")?;
        ensure!(admin.json("user reset-password sam")?["password"].is_string());
        admin.expect(0, "keys rotate --user amira")?;
        admin.expect(0, "keys rotate --at-once")?;
        Ok(())
    }
}

on_both! {
    async fn peers_are_allowed_changed_held_and_removed(kind: Kind) {
        let admin = Admin::new(kind)?;
        admin.expect(0, "migrate")?;
        // No node is there: it is allowed all the same, and its key is pinned later.
        let said = admin.expect(0, "peer allow A.Example --ceiling OFFICIAL-SENSITIVE --note agreed")?;
        ensure!(said.contains("a.example is allowed") && said.contains("not reachable yet"), "{said}");
        ensure!(admin.json("peer show a.example")?["pinned_keys"] == serde_json::json!([]));
        admin.expect(1, "peer repin a.example")?;
        admin.expect(3, "peer repin x.a.example")?;
        admin.expect(0, "peer allow a.example:8443")?;
        ensure!(admin.expect(2, "peer allow b.example --ceiling SECRET")?.contains("OFFICIAL, OFFICIAL-SENSITIVE"));
        for wrong in ["https://b.example", "b.example.", "10.0.0.1", "user@b.example"] {
            admin.expect(2, &format!("peer allow {wrong}"))?;
        }
        ensure!(admin.expect(2, "peer allow tests.example")?.contains("this node itself"));
        // A term that is not named again stays.
        admin.expect(0, "peer allow a.example --contact desk")?;
        let peer = admin.json("peer show a.example")?;
        ensure!(peer["ceiling"] == "OFFICIAL-SENSITIVE" && peer["note"] == "agreed" && peer["contact"] == "desk", "{peer}");
        let other = admin.json("peer show a.example:8443")?;
        ensure!(other["ceiling"] == "OFFICIAL", "{other}");

        admin.expect(0, "peer suspend a.example")?;
        ensure!(admin.json("peer show a.example")?["state"] == "suspended");
        admin.expect(0, "peer resume a.example")?;
        ensure!(admin.expect(4, "peer remove a.example")?.contains("--yes"), "nobody was there to be asked");
        admin.expect(0, "peer remove a.example --yes")?;
        admin.expect(2, "peer resume a.example")?;
        admin.expect(3, "peer show x.a.example")?;
        ensure!(admin.json("peer list")?.as_array().unwrap().len() == 2);
        ensure!(admin.json("queue")?["peers"].as_array().unwrap().len() == 2);
        admin.expect(4, "queue retry a.example")?;
        Ok(())
    }
}

#[test]
fn a_wrong_or_unknown_setting_is_named_with_its_line() -> Result<()> {
    let admin = Admin::new(Kind::Sqlite)?;
    admin.expect(0, "config check")?;
    ensure!(admin.json("config print")?.to_string().contains("tests.example"));
    let file = admin.folder.path().join("corridor.toml");
    let mut text = std::fs::read_to_string(&file)?;
    text.push_str("\n[server]\nworkers = \"many\"\nlisten_on = 3\n");
    std::fs::write(&file, &text)?;
    let said = admin.expect(2, "config check").or_else(|_| admin.expect(1, "config check"))?;
    let line = |what: &str| text.lines().position(|line| line.starts_with(what)).map(|at| at + 1).unwrap();
    for what in ["workers", "listen_on"] {
        let place = format!("corridor.toml:{}", line(what));
        ensure!(said.contains(&place) && said.contains(what), "{what} at {place} is not named in: {said}");
    }
    admin.expect(2, "user list")?;
    Ok(())
}

#[test]
fn help_is_there_and_nonsense_is_a_usage_error() -> Result<()> {
    let admin = Admin::new(Kind::Sqlite)?;
    for command in
        ["", "serve", "demo", "user", "user add", "peer", "peer allow", "queue", "keys rotate", "config", "migrate"]
    {
        let help = admin.expect(0, &format!("{command} --help"))?;
        ensure!(help.contains("Usage:"), "{command}: {help}");
    }
    admin.expect(2, "nonsense")?;
    admin.expect(2, "peer allow")?;
    Ok(())
}

/// Needs no configuration and no database: an authority is made on another machine than a node's.
#[test]
fn an_authority_for_pilots_makes_and_renews_certificates() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir()?;
    let corridor = |words: &str| -> Result<(i32, String)> {
        let output = Command::new(program()?)
            .current_dir(folder.path())
            .args(words.split_whitespace())
            .env_remove("CORRIDOR_CONFIG")
            .output()?;
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        Ok((output.status.code().context("an exit code")?, text))
    };
    let show =
        |file: &str| -> Result<Value> { Ok(serde_json::from_str(&corridor(&format!("ca show {file} --json"))?.1)?) };
    ensure!(corridor("ca init ca")?.0 == 0);
    ensure!(corridor("ca init ca")?.0 == 1, "an authority is not overwritten");
    ensure!(corridor("ca issue ca Health.example --out health --days 10")?.0 == 0);
    ensure!(corridor("ca issue ca health.example --out health")?.0 == 1, "a key is not overwritten");
    for file in ["ca/ca.key", "health/health.example.key", "health/health.example.pem"] {
        let mode = std::fs::metadata(folder.path().join(file))?.permissions().mode();
        ensure!(mode & 0o777 == 0o600, "{file}: {mode:o}");
    }
    let first = show("health/health.example.pem")?;
    ensure!(first["hosts"] == serde_json::json!(["health.example"]) && first["days_left"] == 9, "{first}");
    let key = std::fs::read(folder.path().join("health/health.example.key"))?;
    ensure!(corridor("ca renew ca health.example --out health --days 30")?.0 == 0);
    let second = show("health/health.example.pem")?;
    ensure!(second["days_left"] == 29 && second["serial"] != first["serial"], "{second}");
    ensure!(key == std::fs::read(folder.path().join("health/health.example.key"))?, "the key stays");
    ensure!(corridor("ca renew ca transport.example")?.1.contains("corridor ca issue"));
    ensure!(corridor("ca show nothing.pem")?.0 == 1);
    Ok(())
}
