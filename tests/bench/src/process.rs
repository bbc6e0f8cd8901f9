//! A process of the bench's own executable, which ends with the value that stands for it.

use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::load;

/// The process.
pub struct Process(Child);

impl Process {
    /// Starts one with these arguments, and waits until it answers at `/health/ready`.
    ///
    /// # Errors
    /// When it does not become ready.
    pub async fn start(arguments: &[&str], address: SocketAddr) -> Result<Self> {
        let begin = Instant::now();
        let child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        let process = Self(child);
        let request = load::request("GET", address, "/health/ready", &[], b"");
        while begin.elapsed() < Duration::from_secs(30) {
            if load::fetch(address, &request).await.is_ok() {
                return Ok(process);
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        bail!("{} was not ready after 30 seconds", arguments.first().unwrap_or(&"the process"))
    }

    /// Its memory that stands in RAM, in KiB (Linux).
    #[must_use]
    pub fn resident_kib(&self) -> Option<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.trim().split(' ').next()?.parse().ok()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
