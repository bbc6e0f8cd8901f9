//! The demonstration's registry: two signers say which departments are on the network, and on what terms.

use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use corridor_app::operator::Operator;
use corridor_app::registry::{self, signing};
use corridor_app::{Ctx, RegistrySettings};
use corridor_domain::registry::{Draft, DraftNode, Signed, Signer};

use super::DemoNode;

const NAME: &str = "demonstration";
const SIGNERS: [&str; 2] = ["cabinet-office", "digital-service"];
const LASTS: Duration = Duration::from_secs(365 * 86_400);
/// The one department that is cleared for less, so that there is something to see.
const LESS_CLEARED: &str = "revenue";

/// The two who sign, with their keys in a folder.
#[derive(Debug)]
pub struct Registrar {
    folder: PathBuf,
    signers: Vec<Signer>,
}

impl Registrar {
    /// Makes the signers' keys in a folder, or goes on with those that are there.
    ///
    /// # Errors
    /// When the files can't be read or written.
    pub fn open(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder).with_context(|| format!("{} can't be made", folder.display()))?;
        let signers = SIGNERS.iter().map(|name| signer(folder, name)).collect::<Result<_>>()?;
        Ok(Self { folder: folder.to_owned(), signers })
    }

    /// What each node is set up with: it follows this registry alone, and at once.
    #[must_use]
    pub fn settings(&self) -> RegistrySettings {
        RegistrySettings { name: NAME.to_owned(), signers: self.signers.clone(), required: true, automatic: true }
    }

    /// Lists the nodes under the next number, signed by both, and has every node take it in.
    ///
    /// # Errors
    /// When a node refuses it.
    pub async fn publish(&self, nodes: &[DemoNode]) -> Result<()> {
        let first = nodes.first().context("there are three departments")?;
        let mut latest = 0;
        for node in nodes {
            latest = latest.max(registry::last_sequence(&node.ctx).await?);
        }
        let signed = self.make(&first.ctx, latest + 1, entries(nodes).await?, &SIGNERS)?;
        let file = self.folder.join(format!("registry-{}.json", latest + 1));
        fs::write(&file, serde_json::to_vec_pretty(&signed)?).with_context(|| format!("{}", file.display()))?;
        let bytes = serde_json::to_vec(&signed)?;
        for node in nodes {
            let taken = registry::import(&node.ctx, &Operator::System, &bytes).await;
            taken.with_context(|| format!("{} refuses the registry", node.department))?;
        }
        Ok(())
    }

    /// A registry with the signatures of those who are named.
    ///
    /// # Errors
    /// When it is none, or a key can't be read.
    pub fn make(&self, ctx: &Ctx, number: u64, nodes: Vec<DraftNode>, signed_by: &[&str]) -> Result<Signed> {
        let draft = Draft { registry: Some(NAME.to_owned()), nodes, ..Draft::default() };
        let document = draft.into_document(ctx.now(), number, LASTS)?;
        let mut signed = Signed { document, signatures: Vec::new() };
        for name in signed_by {
            signing::sign(&mut signed, name, &fs::read(key_file(&self.folder, name))?)?;
        }
        Ok(signed)
    }

    /// The names of those who sign.
    #[must_use]
    pub const fn names() -> [&'static str; 2] {
        SIGNERS
    }
}

/// Each node as it describes itself, keys and all.
///
/// # Errors
/// When a node can't be read.
pub async fn entries(nodes: &[DemoNode]) -> Result<Vec<DraftNode>> {
    let mut entries = Vec::new();
    for node in nodes {
        let listed = registry::from_allow_list(&node.ctx).await?;
        let own = listed.into_iter().find(|entry| entry.authority == node.authority.as_str());
        let mut own = own.context("a node that does not know itself")?;
        if node.key == LESS_CLEARED {
            let scheme = &node.ctx.settings.scheme;
            own.ceiling = scheme.name(scheme.default_marking()).to_owned();
        }
        entries.push(own);
    }
    Ok(entries)
}

fn key_file(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.pem"))
}

fn signer(folder: &Path, name: &str) -> Result<Signer> {
    let (secret, public) = (key_file(folder, name), folder.join(format!("{name}.signer")));
    // The public part is written last, so that it is there only when both are.
    if let Ok(text) = fs::read_to_string(&public) {
        return text.trim().parse().with_context(|| format!("{}", public.display()));
    }
    let (signer, pem) = signing::make_key(name)?;
    let file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&secret);
    file.with_context(|| format!("{} can't be written", secret.display()))?.write_all(pem.as_bytes())?;
    fs::write(&public, signer.to_string())?;
    Ok(signer)
}
