//! The demonstration's closed network: a name and a listener for each node, and an authority that signs for all.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use corridor_domain::Authority;
use corridor_federation::gate::StaticHost;
use corridor_store::Clock;
use reqwest::{Certificate, Client, Identity};

use super::cast::DEPARTMENTS;
use crate::ca::{Folder, Issued, Validity};
use crate::loopback;
use crate::node::Setup;

/// The authority of a kept folder outlives many starts.
const AUTHORITY_DAYS: u32 = 3650;
/// A node's certificate is made anew at every start.
const NODE_DAYS: u32 = 90;

/// Names, listeners and certificates of the three nodes.
#[derive(Debug)]
pub struct Network {
    folder: PathBuf,
    authority: Folder,
    hosts: Vec<StaticHost>,
    files: Vec<Issued>,
}

impl Network {
    /// Makes the network in a folder, or goes on with the one that is there, and takes a port for each node.
    ///
    /// # Errors
    /// When files can't be written, or no port is free.
    pub fn open(folder: &Path) -> Result<(Self, Vec<TcpListener>)> {
        let authority = Folder::at(&folder.join("ca"));
        let now = Clock::system().now();
        if !authority.is_made() {
            authority.init("Corridor demonstration", Validity::days(now, AUTHORITY_DAYS))?;
        }
        let mut network = Self { folder: folder.to_owned(), authority, hosts: Vec::new(), files: Vec::new() };
        let mut listeners = Vec::new();
        for department in &DEPARTMENTS {
            let host = Authority::parse(&format!("{}.example", department.key))?;
            let files = network.authority.renew_or_issue(&host, Some(folder), Validity::days(now, NODE_DAYS))?;
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
            network.hosts.push(StaticHost { host, address: listener.local_addr()? });
            network.files.push(files);
            listeners.push(listener);
        }
        Ok((network, listeners))
    }

    /// Puts a node on the network.
    ///
    /// # Errors
    /// As [`loopback::close`].
    pub fn admit(&self, setup: &mut Setup, index: usize, listener: TcpListener) -> Result<()> {
        let (entry, files) = self.hosts.get(index).zip(self.files.get(index)).context("no such department")?;
        let place = loopback::Place { host: &entry.host, files, authority: &self.authority, hosts: &self.hosts };
        loopback::close(setup, listener, place)
    }

    /// Where its files are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The certificate of the authority.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.authority.certificate()
    }

    /// What a node shows to its peers.
    #[must_use]
    pub fn files(&self, index: usize) -> Option<&Issued> {
        self.files.get(index)
    }

    /// Where a node listens for peers.
    #[must_use]
    pub fn address(&self, index: usize) -> Option<SocketAddr> {
        self.hosts.get(index).map(|entry| entry.address)
    }

    /// A caller who trusts the authority, finds every node by its name, and shows these files, if any.
    ///
    /// # Errors
    /// When a file can't be read.
    pub fn caller(&self, shows: Option<&Issued>) -> Result<Client> {
        let root = Certificate::from_pem(&std::fs::read(self.authority())?)?;
        let mut builder = Client::builder().tls_backend_native().tls_certs_only([root]).no_proxy();
        for entry in &self.hosts {
            builder = builder.resolve(entry.host.host(), entry.address);
        }
        if let Some(files) = shows {
            let (certificate, key) = (std::fs::read(&files.certificate)?, std::fs::read(&files.key)?);
            builder = builder.identity(Identity::from_pkcs8_pem(&certificate, &key)?);
        }
        Ok(builder.build()?)
    }
}
