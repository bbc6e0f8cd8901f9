//! A database that can't be written for a while: errors that say so, nothing half done, and recovery by itself.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use corridor_tests::{Database, FrontDoor, Kind, TestNode, eventually};
use diesel::connection::SimpleConnection;
use diesel::{Connection, RunQueryDsl, SqliteConnection};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn try_post(door: &FrontDoor, words: &str) -> Result<(StatusCode, Value)> {
    let body = json!({ "status": words, "visibility": "public" });
    door.try_call(Method::POST, "/api/v1/statuses", Some(body)).await
}

/// Posts until the node takes one again.
async fn recovers(door: &FrontDoor, words: &str) -> Result<()> {
    eventually("the node takes posts again", || async {
        let (status, _) = try_post(door, words).await?;
        Ok(status.is_success().then_some(()))
    })
    .await
}

async fn home(door: &FrontDoor) -> Result<Vec<String>> {
    let home = door.home().await?;
    Ok(home.iter().filter_map(|status| status["content"].as_str().map(str::to_owned)).collect())
}

/// A small file system in memory, unmounted when dropped.
pub(super) struct SmallDisk {
    pub(super) folder: tempfile::TempDir,
}

impl SmallDisk {
    pub(super) fn mount(size: &str) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        run_as_root("mount", &["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs", path(folder.path())?])
            .context("a small disk needs the right to mount: run the tests as root, or with sudo without a password")?;
        Ok(Self { folder })
    }

    /// Leaves no byte free.
    pub(super) fn fill(&self) -> Result<()> {
        let mut file = std::fs::File::create(self.folder.path().join("filler"))?;
        let block = [0_u8; 4096];
        while std::io::Write::write_all(&mut file, &block).is_ok() {}
        Ok(())
    }

    pub(super) fn free(&self) -> Result<()> {
        Ok(std::fs::remove_file(self.folder.path().join("filler"))?)
    }

    /// The same files at another place, where nothing can be written.
    pub(super) fn read_only(&self) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let (from, to) = (path(self.folder.path())?, path(folder.path())?);
        run_as_root("mount", &["--bind", from, to])?;
        // Unmounted when dropped, also where the next step fails.
        let view = Self { folder };
        run_as_root("mount", &["-o", "remount,bind,ro", path(view.folder.path())?])?;
        Ok(view)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        if let Ok(path) = path(self.folder.path()) {
            let _ = run_as_root("umount", &["-l", path]);
        }
    }
}

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("a temporary path in UTF-8")
}

fn run_as_root(program: &str, words: &[&str]) -> Result<()> {
    let plain = Command::new(program).args(words).output();
    if plain.is_ok_and(|output| output.status.success()) {
        return Ok(());
    }
    let output = Command::new("sudo").arg("-n").arg(program).args(words).output()?;
    ensure!(output.status.success(), "{program}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_077_a_full_disk_is_said_survived_and_forgotten() -> Result<()> {
    let disk = SmallDisk::mount("24m")?;
    let database = Database::in_folder(disk.folder.path())?;
    let node = TestNode::start_on(database, |_| {}).await?;
    let author = node.person("author").await?;
    ensure!(try_post(&author, "before").await?.0.is_success());
    disk.fill()?;
    let mut refused = Vec::new();
    // The log in front of the database may still have room for some.
    for number in 0..200 {
        let words = format!("during {number}");
        let (status, body) = try_post(&author, &words).await?;
        if status.is_success() {
            continue;
        }
        ensure!(status == StatusCode::SERVICE_UNAVAILABLE, "answered {status}: {body}");
        ensure!(body["error"].as_str().is_some_and(|text| !text.contains("disk")), "the inside is told: {body}");
        refused.push(words);
        if refused.len() == 3 {
            break;
        }
    }
    ensure!(refused.len() == 3, "the disk was never full");
    ensure!(home(&author).await?.iter().any(|text| text.contains("before")), "reading goes on");
    disk.free()?;
    recovers(&author, "after").await?;
    let seen = home(&author).await?;
    for words in &refused {
        ensure!(!seen.iter().any(|text| text.contains(&format!("{words}<"))), "“{words}” was refused and is there");
    }
    is_sound(&disk)
}

#[derive(diesel::QueryableByName)]
struct Found {
    #[diesel(sql_type = diesel::sql_types::Text)]
    integrity_check: String,
}

/// The database itself finds nothing wrong with its file.
pub(super) fn is_sound(disk: &SmallDisk) -> Result<()> {
    let mut conn = SqliteConnection::establish(path(&disk.folder.path().join("node.sqlite3"))?)?;
    let found: Vec<Found> = diesel::sql_query("PRAGMA integrity_check").load(&mut conn)?;
    let found: Vec<String> = found.into_iter().map(|row| row.integrity_check).collect();
    ensure!(found == ["ok"], "{found:?}");
    let broken: Vec<Key> = diesel::sql_query("PRAGMA foreign_key_check").load(&mut conn)?;
    ensure!(broken.is_empty(), "{} rows point to nothing", broken.len());
    Ok(())
}

#[derive(diesel::QueryableByName)]
struct Key {
    #[diesel(sql_type = diesel::sql_types::Text)]
    #[expect(dead_code, reason = "only how many there are is asked")]
    table: String,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_078_a_locked_sqlite_file_is_waited_for_and_then_said() -> Result<()> {
    let node = TestNode::start_with(Kind::Sqlite, |setup| {
        setup.database.busy_timeout = Duration::from_millis(500);
    })
    .await?;
    let author = node.person("author").await?;
    let file = node.database().folder().context("a folder")?.join("node.sqlite3");
    let mut other = SqliteConnection::establish(path(&file)?)?;
    other.batch_execute("BEGIN IMMEDIATE")?;
    let (status, body) = try_post(&author, "during").await?;
    ensure!(status == StatusCode::SERVICE_UNAVAILABLE, "answered {status}: {body}");
    ensure!(author.try_call(Method::GET, "/api/v1/timelines/home", None).await?.0.is_success(), "reading goes on");
    other.batch_execute("ROLLBACK")?;
    recovers(&author, "after").await?;
    ensure!(home(&author).await?.len() == 1);
    Ok(())
}

/// A PostgreSQL of this test alone, so that it can be killed.
struct OwnPostgres {
    folder: tempfile::TempDir,
    url: String,
}

fn postgres(word: &str, folder: &Path) -> Result<String> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/postgres");
    let output = Command::new(script).arg(word).arg(folder).output()?;
    ensure!(output.status.success(), "{word}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

impl OwnPostgres {
    fn start() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let url = postgres("start", &folder.path().join("cluster"))?;
        Ok(Self { folder, url })
    }

    fn word(&self, word: &str) -> Result<String> {
        postgres(word, &self.folder.path().join("cluster"))
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        let _ = self.word("remove");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_078_a_postgres_that_crashes_and_restarts_loses_nothing_answered() -> Result<()> {
    let server = OwnPostgres::start()?;
    let node = TestNode::start_on(Database::on_server(&server.url)?, |setup| {
        setup.database.busy_timeout = Duration::from_secs(2);
    })
    .await?;
    let author = node.person("author").await?;
    let mut taken = vec!["first".to_owned()];
    ensure!(try_post(&author, "first").await?.0.is_success());
    for round in 0..3 {
        server.word("crash")?;
        let (status, body) = try_post(&author, &format!("during {round}")).await?;
        ensure!(status == StatusCode::SERVICE_UNAVAILABLE, "answered {status}: {body}");
        server.word("again")?;
        let words = format!("after {round}");
        recovers(&author, &words).await?;
        taken.push(words);
    }
    let seen = home(&author).await?;
    for words in taken {
        ensure!(seen.iter().any(|text| text.contains(&words)), "“{words}” is lost: {seen:?}");
    }
    ensure!(!seen.iter().any(|text| text.contains("during")), "what was refused is there: {seen:?}");
    Ok(())
}
