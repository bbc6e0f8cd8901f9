//! `corridor registry`: the signed list of a network's nodes, made, signed, verified, taken in and handed on.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{Args, Subcommand, ValueEnum};
use corridor_app::registry::{self, Planned, signing};
use corridor_app::{Ctx, Error, peers};
use corridor_domain::registry::{Act, Draft, Signed, Signer};
use corridor_domain::{Authority, MarkingScheme, Timestamp};
use corridor_store::Clock;
use serde_json::{Value, json};

use super::exit::Exit;
use super::peer_lifecycle::confirmed;
use super::registry_files as files;
use super::{Cli, config, host, output, run};

const DAY: Duration = Duration::from_secs(86_400);

/// Manage the registry.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum RegistryCommand {
    /// Make a signer's key; prints what nodes put into registry.signers
    Keygen(KeygenArgs),
    /// Make a registry to be signed, from a draft or from this node's allow-list
    Make(MakeArgs),
    /// Add a signature
    Sign(SignArgs),
    /// Say who signed a registry and what is wrong with it
    Verify(VerifyArgs),
    /// Take a registry in, and apply it if registry.automatic says so
    Import(ImportArgs),
    /// Show what a registry would change, and what would follow
    Diff(DiffArgs),
    /// Apply the registry that was taken in last
    Apply(ApplyArgs),
    /// Write this node's allow-list for other programs
    Export(ExportArgs),
}

/// Whose key.
#[derive(Debug, Args)]
pub struct KeygenArgs {
    /// The signer's name, as registries and nodes write it
    #[arg(value_name = "NAME")]
    pub name: String,
    /// File for the private key; it must not be there yet
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// From what, and how it is called.
#[derive(Debug, Args)]
pub struct MakeArgs {
    /// The draft, in TOML or JSON; this node's allow-list when it is left out
    #[arg(value_name = "DRAFT")]
    pub draft: Option<PathBuf>,
    /// The registry's name [default: the draft's, or registry.name]
    #[arg(long, value_name = "NAME")]
    pub registry: Option<String>,
    /// Its number [default: the draft's, or one more than the last that was taken in here]
    #[arg(long, value_name = "NUMBER")]
    pub sequence: Option<u64>,
    /// Days that it counts, where the draft gives no end
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: u32,
    /// File to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// What to sign, and as whom.
#[derive(Debug, Args)]
pub struct SignArgs {
    /// The registry; the signature is added to it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The signer's name
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// The signer's private key
    #[arg(long, value_name = "FILE")]
    pub key: PathBuf,
}

/// What to verify.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The registry
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// A signer that counts, as name=KEY; may be given more than once [default: registry.signers]
    #[arg(long = "signer", value_name = "NAME=KEY")]
    pub signers: Vec<Signer>,
}

/// What to take in.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The registry
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Where it counts at once: do not ask
    #[arg(long)]
    pub yes: bool,
}

/// What to compare.
#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The registry [default: the one that was taken in last]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

/// What to apply.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// Only what concerns these nodes
    #[arg(value_name = "HOST", value_parser = host)]
    pub hosts: Vec<Authority>,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// For whom.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// In which form
    #[arg(long = "as", value_name = "FORM", value_enum)]
    pub form: Form,
}

/// The forms of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Mastodon's list of allowed domains, CSV
    Mastodon,
    /// One domain a line, as GoToSocial subscribes to
    Gotosocial,
    /// A registry without signatures, with this node in it
    Registry,
}

const EXAMPLES: &str = "\
A registry needs two different signers, and a number above every one before.

Examples:
  corridor registry keygen cabinet-office --out cabinet-office.pem
  corridor registry make network.toml --out registry-7.json
  corridor registry sign registry-7.json --name cabinet-office --key cabinet-office.pem
  corridor registry verify registry-7.json
  corridor registry diff registry-7.json
  corridor registry import registry-7.json
  corridor registry apply
  corridor registry export --as mastodon > allowed.csv";

/// Does what was asked.
#[must_use]
pub fn run(cli: &Cli, command: &RegistryCommand) -> Exit {
    match command {
        RegistryCommand::Keygen(args) => run::in_runtime(async { keygen(cli, args) }),
        RegistryCommand::Sign(args) => run::in_runtime(async { sign(cli, args) }),
        RegistryCommand::Verify(args) => verify(cli, args),
        RegistryCommand::Make(args) => run::with_database(cli, async |ctx, _| make(cli, &ctx, args).await),
        RegistryCommand::Import(args) => run::with_database(cli, async |ctx, _| import(cli, &ctx, args).await),
        RegistryCommand::Diff(args) => run::with_database(cli, async |ctx, _| diff(cli, &ctx, args).await),
        RegistryCommand::Apply(args) => run::with_database(cli, async |ctx, _| apply(cli, &ctx, args).await),
        RegistryCommand::Export(args) => run::with_database(cli, async |ctx, _| export(&ctx, args.form).await),
    }
}

fn keygen(cli: &Cli, args: &KeygenArgs) -> Result<Exit> {
    let (signer, pem) = signing::make_key(&args.name)?;
    files::write_secret(&args.out, &pem)?;
    if cli.json {
        output::say_json(&json!({ "signer": signer.to_string(), "key": args.out }));
    } else {
        output::say(format_args!("{signer}"));
        output::complain(format_args!(
            "The line above goes into registry.signers of each node; {} is the signer's alone",
            args.out.display()
        ));
    }
    Ok(Exit::Done)
}

async fn make(cli: &Cli, ctx: &Ctx, args: &MakeArgs) -> Result<Exit> {
    let mut draft = match &args.draft {
        Some(file) => files::read_draft(file)?,
        None => Draft { nodes: registry::from_allow_list(ctx).await?, ..Draft::default() },
    };
    draft.registry = args.registry.clone().or(draft.registry).or_else(|| Some(ctx.settings.registry.name.clone()));
    draft.sequence = args.sequence.or(draft.sequence);
    let next = registry::last_sequence(ctx).await? + 1;
    let document = draft.into_document(ctx.now(), next, DAY * args.days).map_err(Error::invalid)?;
    let (name, sequence, nodes) = (document.registry.clone(), document.sequence, document.nodes.len());
    files::write(&args.out, &files::pretty(&Signed { document, signatures: Vec::new() })?)?;
    if cli.json {
        output::say_json(&json!({ "registry": name, "sequence": sequence, "nodes": nodes, "file": args.out }));
    } else {
        output::say(format_args!("{}: {name} number {sequence}, {nodes} nodes, not signed yet", args.out.display()));
    }
    Ok(Exit::Done)
}

fn sign(cli: &Cli, args: &SignArgs) -> Result<Exit> {
    let mut signed = files::read_signed(&args.file)?;
    let signer = signing::sign(&mut signed, &args.name, &files::read(&args.key)?)?;
    files::write(&args.file, &files::pretty(&signed)?)?;
    if cli.json {
        output::say_json(&json!({ "signer": signer.to_string(), "signatures": signed.signatures.len() }));
    } else {
        let count = signed.signatures.len();
        output::say(format_args!("{} is signed by {}, {count} signatures in all", args.file.display(), signer.name));
    }
    Ok(Exit::Done)
}

/// Needs no database, and with `--signer` no configuration: signers verify what they made where no node is.
fn verify(cli: &Cli, args: &VerifyArgs) -> Exit {
    let signers = if args.signers.is_empty() {
        match cli.load() {
            Ok(config) => config.registry.signers,
            Err(problems) => {
                config::tell(&problems, cli.json);
                return Exit::Usage;
            }
        }
    } else {
        args.signers.clone()
    };
    run::in_runtime(async { verdict(cli, args, &signers) })
}

fn verdict(cli: &Cli, args: &VerifyArgs, signers: &[Signer]) -> Result<Exit> {
    let (signed, verdict) = registry::verify(signers, &files::read(&args.file)?)?;
    let document = &signed.document;
    let dates = document.check_dates(Clock::system().now());
    let is_good = verdict.is_enough() && dates.is_ok();
    let mut wrong: Vec<String> = verdict.faults.iter().map(ToString::to_string).collect();
    wrong.extend(dates.err().map(|error| error.to_string()));
    if cli.json {
        output::say_json(&json!({
            "registry": document.registry, "sequence": document.sequence, "nodes": document.nodes.len(),
            "good": is_good, "signed_by": verdict.good, "wrong": wrong,
        }));
    } else {
        output::say(format_args!("{} number {}, {} nodes", document.registry, document.sequence, document.nodes.len()));
        output::say(format_args!("from {} until {}", document.valid_from, document.valid_until));
        output::say(format_args!("good signatures: {}", joined(&verdict.good)));
        wrong.iter().for_each(|fault| output::say(format_args!("wrong: {fault}")));
        output::say(if is_good { "This registry is good" } else { "This registry is not to be believed" });
    }
    Ok(if is_good { Exit::Done } else { Exit::Refused })
}

fn joined(names: &[String]) -> String {
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

async fn import(cli: &Cli, ctx: &Ctx, args: &ImportArgs) -> Result<Exit> {
    let bytes = files::read(&args.file)?;
    let by = run::operator();
    let ahead = registry::difference(ctx, &by, Some(&bytes)).await?;
    if ctx.settings.registry.automatic && !ahead.is_empty() {
        let words = in_words(&ctx.settings.scheme, &ahead);
        if !confirmed(cli, args.yes, &words) {
            return Ok(Exit::Refused);
        }
    }
    let imported = registry::import(ctx, &by, &bytes).await?;
    let state = if imported.applied { "applied" } else { "waiting" };
    if cli.json {
        output::say_json(&json!({
            "sequence": imported.sequence, "signed_by": imported.signers, "state": state,
            "changes": as_json(&ctx.settings.scheme, &imported.changes),
        }));
        return Ok(Exit::Done);
    }
    output::say(format_args!("Number {} is taken in, signed by {}", imported.sequence, imported.signers.join(" and ")));
    output::say(in_words(&ctx.settings.scheme, &imported.changes));
    if !imported.applied && !imported.changes.is_empty() {
        output::say("Nothing is changed yet: “corridor registry apply” applies it");
    }
    Ok(Exit::Done)
}

async fn diff(cli: &Cli, ctx: &Ctx, args: &DiffArgs) -> Result<Exit> {
    let bytes = args.file.as_deref().map(files::read).transpose()?;
    let changes = registry::difference(ctx, &run::operator(), bytes.as_deref()).await?;
    tell(cli, &ctx.settings.scheme, &changes);
    Ok(Exit::Done)
}

async fn apply(cli: &Cli, ctx: &Ctx, args: &ApplyArgs) -> Result<Exit> {
    let by = run::operator();
    let mut ahead = registry::difference(ctx, &by, None).await?;
    ahead.retain(|planned| args.hosts.is_empty() || args.hosts.contains(&planned.change.after.authority));
    if !ahead.is_empty() && !confirmed(cli, args.yes, &in_words(&ctx.settings.scheme, &ahead)) {
        return Ok(Exit::Refused);
    }
    let changes = registry::apply(ctx, &by, &args.hosts).await?;
    tell(cli, &ctx.settings.scheme, &changes);
    Ok(Exit::Done)
}

fn tell(cli: &Cli, scheme: &MarkingScheme, changes: &[Planned]) {
    if cli.json {
        output::say_json(&json!({ "changes": as_json(scheme, changes) }));
    } else {
        output::say(in_words(scheme, changes));
    }
}

fn in_words(scheme: &MarkingScheme, changes: &[Planned]) -> String {
    if changes.is_empty() {
        return "The allow-list is what the registry says: nothing to change".to_owned();
    }
    changes.iter().map(|planned| one_in_words(scheme, planned)).collect::<Vec<_>>().join("\n")
}

fn one_in_words(scheme: &MarkingScheme, Planned { change, preview }: &Planned) -> String {
    let after = &change.after;
    let mut line = format!("{} {}", change.act.word(), after.authority);
    if change.act == Act::Remove {
        if let Some(preview) = preview {
            line = format!("{line}. {}", preview.of_removal());
        }
        return line;
    }
    let until = after.grant.valid_until.map(|until| format!(", until {until}")).unwrap_or_default();
    line = format!(
        "{line}: {}, up to {}, for {}{until}",
        after.department,
        scheme.name(after.ceiling),
        after.grant.services
    );
    if let Some(before) = &change.before
        && (before.ceiling != after.ceiling || before.grant.services != after.grant.services)
    {
        let (ceiling, services) = (scheme.name(before.ceiling), before.grant.services);
        line = format!("{line} (before: up to {ceiling}, for {services})");
    }
    if let Some(preview) = preview.as_ref().filter(|_| change.act == Act::Readmit) {
        line = format!("{line}. {}", preview.of_allowance());
    }
    if change.stricter.is_empty() { line } else { format!("{line}; {}", change.stricter.join("; ")) }
}

fn as_json(scheme: &MarkingScheme, changes: &[Planned]) -> Vec<Value> {
    changes
        .iter()
        .map(|Planned { change, preview }| {
            let after = &change.after;
            json!({
                "act": change.act.word(),
                "host": after.authority.as_str(),
                "state": after.state.word(),
                "ceiling": scheme.name(after.ceiling),
                "services": after.grant.services.list().map(|service| service.word()).collect::<Vec<_>>(),
                "valid_from": after.grant.valid_from.map(Timestamp::to_rfc3339),
                "valid_until": after.grant.valid_until.map(Timestamp::to_rfc3339),
                "stricter": change.stricter,
                "preview": preview,
            })
        })
        .collect()
}

async fn export(ctx: &Ctx, form: Form) -> Result<Exit> {
    if form == Form::Registry {
        let name = Some(ctx.settings.registry.name.clone()).filter(|name| !name.is_empty());
        let own = ctx.settings.addresses.federation_authority().host().to_owned();
        let draft =
            Draft { registry: name.or(Some(own)), nodes: registry::from_allow_list(ctx).await?, ..Draft::default() };
        let next = registry::last_sequence(ctx).await? + 1;
        let document = draft.into_document(ctx.now(), next, DAY * 365).map_err(Error::invalid)?;
        output::say(files::pretty(&Signed { document, signatures: Vec::new() })?.trim_end());
        return Ok(Exit::Done);
    }
    let mut domains: Vec<String> = peers::allowed(ctx)
        .await?
        .into_iter()
        .flat_map(|peer| [peer.authority.to_string(), peer.account_domain.to_string()])
        .collect();
    domains.sort_unstable();
    domains.dedup();
    if form == Form::Mastodon {
        output::say("#domain");
    }
    domains.iter().for_each(output::say);
    Ok(Exit::Done)
}
