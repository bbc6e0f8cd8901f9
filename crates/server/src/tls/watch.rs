//! Certificates that are replaced on disk are taken over, and those that end soon are spoken of in time.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;

use anyhow::{Context, Result};
use corridor_app::Ctx;
use corridor_domain::Timestamp;
use corridor_federation::client::PeerClient;
use openssl::sha::sha256;

use super::{Endpoint, TlsSetup};

const DAY_MILLIS: i64 = 86_400_000;
/// Days before its end at which a certificate is spoken of.
const WARNINGS: [i64; 4] = [1, 7, 14, 30];

/// Looks at the files from time to time. Stops when told, or when dropped.
#[derive(Debug)]
pub struct Watcher {
    orders: Sender<Order>,
    thread: Option<JoinHandle<()>>,
}

enum Order {
    Reload,
    Stop,
}

impl Watcher {
    /// Starts on a thread of its own.
    ///
    /// # Errors
    /// When the thread can't be made.
    pub(crate) fn start(
        setup: TlsSetup,
        endpoints: Vec<Endpoint>,
        client: PeerClient,
        ctx: Ctx,
    ) -> std::io::Result<Self> {
        let (orders, taken) = mpsc::channel();
        let mut watch =
            Watch { seen: HashMap::new(), warned: HashMap::new(), valid_from: None, setup, endpoints, client, ctx };
        watch.changed();
        let thread = std::thread::Builder::new().name("corridor-tls".into()).spawn(move || {
            watch.warn();
            loop {
                match taken.recv_timeout(watch.setup.poll) {
                    Ok(Order::Reload) => watch.reload(),
                    Err(RecvTimeoutError::Timeout) if watch.changed() || watch.has_come() => watch.reload(),
                    Err(RecvTimeoutError::Timeout) => {}
                    Ok(Order::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                }
                watch.warn();
            }
        })?;
        Ok(Self { orders, thread: Some(thread) })
    }

    /// Reads the files anew, whether they have changed or not.
    pub fn reload(&self) {
        // It ends before the node does only after a panic, which is told when the node ends.
        let _ = self.orders.send(Order::Reload);
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::Stop);
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the watch over the certificates ended with a panic");
        }
    }
}

struct Watch {
    /// What each file held when it was last looked at. Dates of files are too coarse for two changes in a second.
    seen: HashMap<PathBuf, Option<[u8; 32]>>,
    /// When the certificate that lies there will do, where it is not valid yet.
    valid_from: Option<Timestamp>,
    /// The warning that each listener has had.
    warned: HashMap<&'static str, Option<i64>>,
    setup: TlsSetup,
    endpoints: Vec<Endpoint>,
    client: PeerClient,
    ctx: Ctx,
}

impl Watch {
    fn changed(&mut self) -> bool {
        let setup = &self.setup;
        let pairs = [&setup.staff, &setup.peers];
        let pairs = pairs.into_iter().flatten().flat_map(|files| [&files.certificate, &files.key]);
        let files = pairs.chain(&setup.client_authorities).chain(&setup.server_authorities);
        let mut changed = false;
        for file in files {
            let holds = std::fs::read(file).ok().map(|bytes| sha256(&bytes));
            changed |= self.seen.insert(file.clone(), holds) != Some(holds);
        }
        changed
    }

    /// Whether a certificate that came too early is valid by now.
    fn has_come(&mut self) -> bool {
        self.valid_from.take_if(|from| *from <= self.ctx.now()).is_some()
    }

    fn reload(&mut self) {
        let now = self.ctx.now();
        let files = [&self.setup.staff, &self.setup.peers].into_iter().flatten();
        let begins = files.filter_map(|files| Some(super::Loaded::read(files, &[]).ok()?.valid_from));
        self.valid_from = begins.filter(|from| *from > now).min();
        for endpoint in &self.endpoints {
            let name = endpoint.name();
            match endpoint.reload(now) {
                Ok(()) => tracing::info!("the {name} listener shows its new certificate"),
                Err(error) => tracing::error!("the {name} listener keeps its old certificate: {error:#}"),
            }
        }
        match self.renew_client() {
            Ok(()) => tracing::info!("peers are shown the new certificate"),
            Err(error) => tracing::error!("peers are still shown the old certificate: {error:#}"),
        }
    }

    fn renew_client(&self) -> Result<()> {
        let (authorities, identity) = self.setup.client_files()?;
        if let Some(files) = &self.setup.peers {
            // The client would take a key of another pair and fail at the first connection.
            super::Loaded::read(files, &[])?.ensure_current(self.ctx.now())?;
        }
        self.client.renew(&authorities, identity.as_ref()).context("the client for peers")
    }

    /// Speaks up once at each of the days that are counted, and when the end has come.
    fn warn(&mut self) {
        for endpoint in &self.endpoints {
            let (name, until) = (endpoint.name(), endpoint.expires_at());
            let due = due(until, self.ctx.now());
            if self.warned.insert(name, due) == Some(due) {
                continue;
            }
            match due {
                Some(days) if days < 0 => {
                    tracing::error!("the certificate of the {name} listener ended on {}", until.to_rfc3339());
                }
                Some(days) => tracing::warn!(
                    "the certificate of the {name} listener ends on {}, within {days} days",
                    until.to_rfc3339()
                ),
                None => {}
            }
        }
    }
}

/// Within how many days a certificate ends, as far as that is worth a word; -1 when it has ended.
fn due(until: Timestamp, now: Timestamp) -> Option<i64> {
    let left = until.millis() - now.millis();
    if left < 0 {
        return Some(-1);
    }
    WARNINGS.into_iter().find(|days| left <= days * DAY_MILLIS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_079_a_certificate_is_spoken_of_at_thirty_fourteen_seven_and_one_day() {
        let now = Timestamp::from_millis(1_000_000_000_000);
        let at = |hours: i64| due(Timestamp::from_millis(now.millis() + hours * 3_600_000), now);
        assert_eq!(
            [31 * 24, 30 * 24, 15 * 24, 14 * 24, 8 * 24].map(at),
            [None, Some(30), Some(30), Some(14), Some(14)]
        );
        assert_eq!([7 * 24, 25, 24, 0, -1].map(at), [Some(7), Some(7), Some(1), Some(1), Some(-1)]);
    }
}
