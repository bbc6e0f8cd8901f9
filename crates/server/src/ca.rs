//! A private certificate authority in a folder, for pilots: a root, and certificates for nodes.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use corridor_domain::{Authority, Timestamp};
use corridor_federation::certificate::{self, names};
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::x509::extension::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAlternativeName, SubjectKeyIdentifier,
};
use openssl::x509::{X509, X509Builder, X509Name, X509Ref};

use crate::tls;

const DAY_SECONDS: i64 = 86_400;
/// A node whose clock is a little behind takes a new certificate all the same.
const HEAD_START_SECONDS: i64 = 300;

/// From when until when a certificate counts, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// First second.
    pub from: i64,
    /// Last second.
    pub until: i64,
}

impl Validity {
    /// So many days from now.
    #[must_use]
    pub fn days(now: Timestamp, days: u32) -> Self {
        let now = now.millis() / 1000;
        Self { from: now - HEAD_START_SECONDS, until: now + i64::from(days) * DAY_SECONDS }
    }
}

/// An authority's folder: `ca.pem` for everyone, `ca.key` for nobody else.
#[derive(Debug, Clone)]
pub struct Folder(PathBuf);

/// The files of a certificate that was made.
#[derive(Debug, Clone)]
pub struct Issued {
    /// The certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

/// What a certificate says, for people.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Description {
    /// Whose it is.
    pub subject: String,
    /// The hosts that it is for.
    pub hosts: Vec<String>,
    /// Who signed it.
    pub issuer: String,
    /// From when it counts.
    pub not_before: String,
    /// Until when it counts.
    pub not_after: String,
    /// Whole days until then; below nought when that is past.
    pub days_left: i64,
    /// Its number.
    pub serial: String,
    /// SHA-256 of the whole.
    pub sha256: String,
}

impl Folder {
    /// The folder of an authority that is there or will be made.
    #[must_use]
    pub fn at(folder: &Path) -> Self {
        Self(folder.to_owned())
    }

    /// The certificate of the authority, which nodes are given.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.0.join("ca.pem")
    }

    fn key(&self) -> PathBuf {
        self.0.join("ca.key")
    }

    /// Makes a new authority.
    ///
    /// # Errors
    /// When one is there already, or the files can't be written.
    pub fn init(&self, name: &str, validity: Validity) -> Result<()> {
        ensure!(!self.key().exists(), "{} holds an authority already", self.0.display());
        ensure!(name.len() <= 64, "the authority's name is longer than 64 letters");
        DirBuilder::new().recursive(true).mode(0o700).create(&self.0)?;
        let (key, subject) = (new_key()?, common_name(name)?);
        let mut builder = start(&key, &subject, &subject, validity)?;
        builder.append_extension(BasicConstraints::new().critical().ca().build()?)?;
        builder.append_extension(KeyUsage::new().critical().key_cert_sign().crl_sign().build()?)?;
        let id = SubjectKeyIdentifier::new().build(&builder.x509v3_context(None, None))?;
        builder.append_extension(id)?;
        builder.sign(&key, MessageDigest::sha256())?;
        write_new(&self.key(), &key.private_key_to_pem_pkcs8()?)?;
        write_new(&self.certificate(), &builder.build().to_pem()?)
    }

    /// Makes a certificate and a key for a node.
    ///
    /// # Errors
    /// When the files are there already, or the authority can't be read.
    pub fn issue(&self, host: &Authority, out: Option<&Path>, validity: Validity) -> Result<Issued> {
        let issued = self.files(host, out);
        for file in [&issued.certificate, &issued.key] {
            ensure!(!file.exists(), "{} is there already: use “corridor ca renew”", file.display());
        }
        let key = new_key()?;
        let certificate = self.sign(host, &key, validity)?;
        if let Some(folder) = issued.key.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        write_new(&issued.key, &key.private_key_to_pem_pkcs8()?)?;
        write_new(&issued.certificate, &certificate)?;
        Ok(issued)
    }

    /// Makes a new certificate for the key that a node has. Only one file changes, so at no moment do the two not fit.
    ///
    /// # Errors
    /// When there is no such key, or the authority can't be read.
    pub fn renew(&self, host: &Authority, out: Option<&Path>, validity: Validity) -> Result<Issued> {
        let issued = self.files(host, out);
        ensure!(issued.key.exists(), "{} is not there: use “corridor ca issue”", issued.key.display());
        let key = read_key(&issued.key)?;
        replace(&issued.certificate, &self.sign(host, &key, validity)?)?;
        Ok(issued)
    }

    /// Makes a new certificate for the key that a node has, and a key as well where it has none.
    ///
    /// # Errors
    /// As [`Folder::issue`] and [`Folder::renew`].
    pub fn renew_or_issue(&self, host: &Authority, out: Option<&Path>, validity: Validity) -> Result<Issued> {
        if self.files(host, out).key.exists() {
            self.renew(host, out, validity)
        } else {
            self.issue(host, out, validity)
        }
    }

    /// Whether an authority is there already.
    #[must_use]
    pub fn is_made(&self) -> bool {
        self.key().exists()
    }

    fn files(&self, host: &Authority, out: Option<&Path>) -> Issued {
        let folder = out.unwrap_or(&self.0);
        let file = |ending| folder.join(format!("{}.{ending}", host.host()));
        Issued { certificate: file("pem"), key: file("key") }
    }

    fn sign(&self, host: &Authority, key: &PKey<Private>, validity: Validity) -> Result<Vec<u8>> {
        let authority = tls::certificates(&self.certificate())?;
        let authority = authority.first().context("the authority has no certificate")?;
        let authority_key = read_key(&self.key())?;
        // A common name is at most 64 letters; the alternative name is what counts.
        let subject = common_name(host.host().get(..64).unwrap_or(host.host()))?;
        let mut builder = start(key, &subject, authority.subject_name(), validity)?;
        builder.append_extension(BasicConstraints::new().critical().build()?)?;
        builder.append_extension(KeyUsage::new().critical().digital_signature().build()?)?;
        builder.append_extension(ExtendedKeyUsage::new().server_auth().client_auth().build()?)?;
        let context = builder.x509v3_context(Some(authority), None);
        let extensions = [
            SubjectAlternativeName::new().dns(host.host()).build(&context)?,
            SubjectKeyIdentifier::new().build(&context)?,
            AuthorityKeyIdentifier::new().keyid(true).build(&context)?,
        ];
        extensions.into_iter().try_for_each(|extension| builder.append_extension(extension))?;
        builder.sign(&authority_key, MessageDigest::sha256())?;
        Ok(builder.build().to_pem()?)
    }
}

/// What the first certificate of a PEM file says.
///
/// # Errors
/// When the file holds none.
pub fn show(file: &Path, now: Timestamp) -> Result<Description> {
    let certificates = tls::certificates(file)?;
    describe(certificates.first().context("no certificate")?, now)
}

fn describe(certificate: &X509Ref, now: Timestamp) -> Result<Description> {
    let (from, until) = (certificate::moment(certificate.not_before())?, certificate::moment(certificate.not_after())?);
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":");
    Ok(Description {
        subject: in_words(certificate.subject_name()),
        hosts: names(certificate),
        issuer: in_words(certificate.issuer_name()),
        not_before: from.to_rfc3339(),
        not_after: until.to_rfc3339(),
        days_left: (until.millis() - now.millis()).div_euclid(DAY_SECONDS * 1000),
        serial: certificate.serial_number().to_bn()?.to_hex_str()?.to_string(),
        sha256: hex(&certificate.digest(MessageDigest::sha256())?),
    })
}

fn in_words(name: &openssl::x509::X509NameRef) -> String {
    let part = |entry: &openssl::x509::X509NameEntryRef| {
        let value = entry.data().to_string().unwrap_or_default();
        Some(format!("{}={value}", entry.object().nid().short_name().ok()?))
    };
    name.entries().filter_map(part).collect::<Vec<_>>().join(", ")
}

fn new_key() -> Result<PKey<Private>> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    Ok(PKey::from_ec_key(EcKey::generate(&group)?)?)
}

fn read_key(file: &Path) -> Result<PKey<Private>> {
    let pem = fs::read(file).with_context(|| format!("{} can't be read", file.display()))?;
    PKey::private_key_from_pem(&pem).with_context(|| format!("{} holds no private key in PEM", file.display()))
}

fn common_name(text: &str) -> Result<X509Name> {
    let mut name = X509Name::builder()?;
    name.append_entry_by_nid(Nid::COMMONNAME, text)?;
    Ok(name.build())
}

fn start(
    key: &PKey<Private>,
    subject: &openssl::x509::X509NameRef,
    issuer: &openssl::x509::X509NameRef,
    validity: Validity,
) -> Result<X509Builder> {
    ensure!(validity.from < validity.until, "a certificate must count for some time");
    let mut serial = BigNum::new()?;
    serial.rand(159, MsbOption::MAYBE_ZERO, false)?;
    let mut builder = X509::builder()?;
    builder.set_version(2)?;
    builder.set_serial_number(&*serial.to_asn1_integer()?)?;
    builder.set_subject_name(subject)?;
    builder.set_issuer_name(issuer)?;
    builder.set_pubkey(key)?;
    builder.set_not_before(&*Asn1Time::from_unix(validity.from)?)?;
    builder.set_not_after(&*Asn1Time::from_unix(validity.until)?)?;
    Ok(builder)
}

/// Writes a file that must not be there yet, readable for its owner alone.
fn write_new(file: &Path, bytes: &[u8]) -> Result<()> {
    let written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file);
    let mut handle = written.with_context(|| format!("{} can't be written", file.display()))?;
    handle.write_all(bytes)?;
    Ok(handle.sync_all()?)
}

/// Puts a new file in the place of an old one in one step, so that nobody reads half of it.
fn replace(file: &Path, bytes: &[u8]) -> Result<()> {
    let Some(name) = file.file_name() else { bail!("{} is not a file", file.display()) };
    let mut beside = name.to_owned();
    beside.push(".new");
    let beside = file.with_file_name(beside);
    // One that was left behind by a crash is of no use.
    if beside.exists() {
        fs::remove_file(&beside)?;
    }
    write_new(&beside, bytes)?;
    fs::rename(&beside, file).with_context(|| format!("{} can't be replaced", file.display()))
}
