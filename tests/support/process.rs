//! A node as a process of its own, so that it can be killed.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use url::Url;

use crate::Database;

/// Starts on a fixed port of loopback, and can be started again after a kill.
#[derive(Debug)]
pub struct NodeProcess {
    /// Where it answers.
    pub url: Url,
    binary: String,
    database_url: String,
    child: Option<Child>,
}

impl NodeProcess {
    /// Prepares a node that will listen on `port`. `binary` is the tests' own node program.
    ///
    /// # Errors
    /// Never for a port.
    pub fn new(binary: &str, database: &Database, port: u16) -> Result<Self> {
        Ok(Self {
            url: Url::parse(&format!("http://127.0.0.1:{port}"))?,
            binary: binary.to_owned(),
            database_url: database.url().to_owned(),
            child: None,
        })
    }

    /// Starts it and waits until it is ready.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start(&mut self) -> Result<()> {
        let child = Command::new(&self.binary)
            .args(["--database", &self.database_url, "--port", &self.url.port().unwrap_or(0).to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("{} can't be started", self.binary))?;
        self.child = Some(child);
        let ready = self.url.join("/health/ready")?;
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(2)).build()?;
        for _ in 0..1200 {
            if let Some(status) = self.child.as_mut().and_then(|child| child.try_wait().ok().flatten()) {
                bail!("the node ended with {status} while it started");
            }
            if http.get(ready.clone()).send().await.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        bail!("the node was not ready after 30 seconds")
    }

    /// `kill -9`, by the id that was started.
    ///
    /// # Errors
    /// When the process can't be killed.
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Its memory that stands in RAM, in KiB (Linux).
    #[must_use]
    pub fn resident_kib(&self) -> Option<u64> {
        let id = self.child.as_ref()?.id();
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?.trim().split(' ').next()?.parse().ok()
    }
}

impl Drop for NodeProcess {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
