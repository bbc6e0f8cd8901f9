//! `corridor peer`: the allow-list.

use anyhow::Result;
use clap::{Args, Subcommand};
use corridor_app::network_feed;
use corridor_app::peers::{self, PeerView};
use corridor_app::pins::{self, PinnedKey};
use corridor_app::{Ctx, Error};
use corridor_domain::{Authority, Service, Timestamp};
use serde_json::{Value, json};

use super::exit::Exit;
use super::peer_lifecycle::{PreviewCommand, RemoveArgs};
use super::{Cli, host, output, peer_check, peer_lifecycle, run};
use crate::config::Config;
use crate::wiring;

/// Manage the allow-list.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum PeerCommand {
    /// Allow a node, or change the terms on which it is allowed
    Allow(AllowArgs),
    /// Say what allowing or removing a node would do, in numbers, and do nothing
    #[command(subcommand)]
    Preview(PreviewCommand),
    /// Cut a node off: its posts are hidden here, and what waits for it is cancelled
    Remove(RemoveArgs),
    /// Hold a node: nothing goes in or out, and what waits for it keeps waiting
    Suspend(HostArgs),
    /// End a hold
    Resume(HostArgs),
    /// Turn the whole Network feed on or off for a node: its network posts come here, and ours go there, unfollowed too
    Feed(FeedArgs),
    /// List the nodes that are or were allowed
    List,
    /// Show one node: its terms, the fingerprints of its pinned keys, and how delivery to it stands
    Show(HostArgs),
    /// Fetch a node's keys and pin them in place of the pinned ones, after asking its administrators
    Repin(HostArgs),
    /// Show what was done about a node, by whom and when, newest first
    History(HostArgs),
    /// Check the way to a node step by step: address, connection, certificates, answers, signature, clock
    Check(HostArgs),
}

/// Which node, and which way.
#[derive(Debug, Args)]
pub struct FeedArgs {
    /// The node's federation address, as it stands on the allow-list
    #[arg(value_name = "HOST", value_parser = host)]
    pub host: Authority,
    /// on or off; without it the command says which it is
    #[arg(value_parser = ["on", "off"])]
    pub state: Option<String>,
}

/// Whom to allow, and on what terms.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct AllowArgs {
    /// The node's federation address: a host, and a port where it is not 443
    #[arg(value_name = "HOST", value_parser = host)]
    pub host: Authority,
    /// The domain in its people's handles [default: the host]
    #[arg(long, value_name = "HOST", value_parser = host)]
    pub account_domain: Option<Authority>,
    /// Highest marking that may be sent to it or taken from it [default: markings.default]
    #[arg(long, value_name = "MARKING")]
    pub ceiling: Option<String>,
    /// Marking that its posts have when they carry none [default: markings.default]
    #[arg(long, value_name = "MARKING")]
    pub default_marking: Option<String>,
    /// What it may be used for, of posts, directory, groups and moves [default: everything, or what the registry says]
    #[arg(long, value_name = "SERVICE,…", value_delimiter = ',')]
    pub services: Option<Vec<Service>>,
    /// The department that runs it
    #[arg(long, value_name = "TEXT")]
    pub department: Option<String>,
    /// A note for administrators, such as who agreed to it and when
    #[arg(long, value_name = "TEXT")]
    pub note: Option<String>,
    /// Whom to call about it
    #[arg(long, value_name = "TEXT")]
    pub contact: Option<String>,
}

/// Which node.
#[derive(Debug, Args)]
pub struct HostArgs {
    /// The node's federation address, as it stands on the allow-list
    #[arg(value_name = "HOST", value_parser = host)]
    pub host: Authority,
}

const EXAMPLES: &str = "\
A node is exactly one host and port: a sub-domain or another port is another node. \
Changes count from the next request; the node need not be restarted. \
To allow a node again changes the terms that are given, and leaves the others as they are. \
A node's keys are pinned when it is reached for the first time: other keys are refused, unless the node announces them \
under the pinned ones.

Examples:
  corridor peer allow corridor.transport.example --ceiling OFFICIAL-SENSITIVE --note \"agreed 3 November\"
  corridor peer allow health.example:8443 --contact \"duty desk, 020 7946 0000\"
  corridor peer list --json
  corridor peer check corridor.transport.example
  corridor peer preview remove corridor.transport.example
  corridor peer remove corridor.transport.example --purge
  corridor peer suspend corridor.transport.example
  corridor peer repin corridor.transport.example";

/// Does what was asked.
#[must_use]
pub fn run(cli: &Cli, command: &PeerCommand) -> Exit {
    run::with_database(cli, async |ctx, config| {
        let by = run::operator();
        match command {
            PeerCommand::Allow(args) => allow(cli, &ctx, &config, args).await,
            PeerCommand::Preview(command) => peer_lifecycle::preview(cli, &ctx, command).await,
            PeerCommand::Remove(args) => peer_lifecycle::remove(cli, &ctx, args).await,
            PeerCommand::History(args) => peer_lifecycle::history(cli, &ctx, &args.host).await,
            PeerCommand::Suspend(args) => {
                peers::suspend(&ctx, &by, &args.host).await?;
                Ok(done(
                    cli,
                    &args.host,
                    "suspended",
                    "is held: nothing goes in or out, and what waits for it keeps waiting",
                ))
            }
            PeerCommand::Feed(args) => feed(cli, &ctx, args).await,
            PeerCommand::Resume(args) => {
                peers::resume(&ctx, &by, &args.host).await?;
                Ok(done(cli, &args.host, "resumed", "may go on"))
            }
            PeerCommand::List => list(cli, &ctx).await,
            PeerCommand::Show(args) => show(cli, &ctx, &args.host).await,
            PeerCommand::Repin(args) => {
                wiring::connect(&ctx, &config).await?;
                let pinned = pins::pin(&ctx, &by, &args.host, true).await?;
                Ok(done_with_keys(cli, &args.host, ("repinned", "is known by new keys"), Ok(&pinned)))
            }
            PeerCommand::Check(args) => peer_check::run(cli, &ctx, &config, &args.host).await,
        }
    })
}

/// Terms that are not given stay as they are; for a new peer they start at the scheme's default.
async fn allow(cli: &Cli, ctx: &Ctx, config: &Config, args: &AllowArgs) -> Result<Exit> {
    let scheme = &ctx.settings.scheme;
    let marking = |name: &str| scheme.parse(name).map_err(Error::invalid);
    let mut allow = peers::proposal(ctx, &run::operator(), &args.host).await?.allow;
    if let Some(name) = &args.ceiling {
        allow.ceiling = marking(name)?;
    }
    if let Some(name) = &args.default_marking {
        allow.default_marking = Some(marking(name)?);
    }
    allow.account_domain = args.account_domain.clone().or(allow.account_domain);
    for (given, term) in
        [(&args.department, &mut allow.department), (&args.note, &mut allow.note), (&args.contact, &mut allow.contact)]
    {
        if let Some(text) = given {
            term.clone_from(text);
        }
    }
    let services = args.services.as_ref().map(|list| list.iter().copied().collect());
    let peer = peers::allow_for(ctx, &run::operator(), allow, services).await?;
    let words = format!("is allowed, up to {}, for {}", scheme.name(peer.ceiling), peer.grant.services);
    wiring::connect(ctx, config).await?;
    let pinned = pins::pin(ctx, &run::operator(), &peer.authority, false).await;
    let said = pinned.as_deref().map_err(ToString::to_string);
    Ok(done_with_keys(cli, &peer.authority, ("allowed", &words), said))
}

/// What was done with a node, and by which keys it is known; or why it could not be reached, which is no failure.
fn done_with_keys(
    cli: &Cli,
    host: &Authority,
    (word, words): (&str, &str),
    pinned: Result<&[PinnedKey], String>,
) -> Exit {
    if cli.json {
        let keys: Vec<String> = pinned.as_deref().unwrap_or_default().iter().map(in_words).collect();
        output::say_json(
            &json!({ "host": host.as_str(), "done": word, "pinned_keys": keys, "not_reachable": pinned.err() }),
        );
        return Exit::Done;
    }
    output::say(format_args!("{host} {words}"));
    match pinned {
        Ok(keys) => keys.iter().for_each(|key| output::say(format_args!("  pinned key: {}", in_words(key)))),
        Err(reason) => output::say(format_args!(
            "  not reachable yet ({reason}); its key is pinned at first contact, and “corridor peer show” tells it"
        )),
    }
    Exit::Done
}

fn in_words(key: &PinnedKey) -> String {
    let until = key.valid_until.map(|until| format!(" until {}", until.to_rfc3339())).unwrap_or_default();
    format!("{} {}{until}", key.algorithm, key.fingerprint)
}

fn done(cli: &Cli, host: &Authority, word: &str, words: &str) -> Exit {
    if cli.json {
        output::say_json(&json!({ "host": host.as_str(), "done": word }));
    } else {
        output::say(format_args!("{host} {words}"));
    }
    Exit::Done
}

fn describe(ctx: &Ctx, view: &PeerView) -> Value {
    let (peer, health, scheme) = (&view.peer, &view.health, &ctx.settings.scheme);
    let moment = |at: Option<i64>| at.map(|at| corridor_domain::Timestamp::from_millis(at).to_rfc3339());
    json!({
        "host": peer.authority.as_str(),
        "account_domain": peer.account_domain.as_str(),
        "state": peer.state.word(),
        "ceiling": scheme.name(peer.ceiling),
        "services": peer.grant.services.list().map(Service::word).collect::<Vec<_>>(),
        "valid_from": peer.grant.valid_from.map(Timestamp::to_rfc3339),
        "valid_until": peer.grant.valid_until.map(Timestamp::to_rfc3339),
        "default_marking": scheme.name(peer.default_marking),
        "department": peer.department,
        "note": peer.note,
        "contact": peer.contact,
        "software": health.software,
        "waiting": view.pending,
        "waiting_since": view.oldest_pending_at.map(|at| at.to_rfc3339()),
        "failures": health.failures,
        "left_alone_until": moment(health.closed_until),
        "last_success_at": moment(health.last_success_at),
        "last_failure_at": moment(health.last_failure_at),
        "last_error": health.last_error,
    })
}

async fn list(cli: &Cli, ctx: &Ctx) -> Result<Exit> {
    let views = peers::list(ctx).await?;
    if cli.json {
        output::say_json(&views.iter().map(|view| describe(ctx, view)).collect::<Vec<_>>());
        return Ok(Exit::Done);
    }
    if views.is_empty() {
        output::say("No node is allowed yet. Allow one with: corridor peer allow HOST");
        return Ok(Exit::Done);
    }
    let rows: Vec<[String; 6]> = views
        .iter()
        .map(|view| {
            [
                view.peer.authority.to_string(),
                view.peer.department.clone(),
                view.peer.state.word().to_owned(),
                ctx.settings.scheme.name(view.peer.ceiling).to_owned(),
                view.pending.to_string(),
                view.peer.note.clone(),
            ]
        })
        .collect();
    output::say(output::table(["Host", "Department", "State", "Ceiling", "Waiting", "Note"], &rows));
    Ok(Exit::Done)
}

async fn show(cli: &Cli, ctx: &Ctx, host: &Authority) -> Result<Exit> {
    let mut description = describe(ctx, &peers::show(ctx, host).await?);
    let keys: Vec<String> = pins::pinned(ctx, host).await?.iter().map(in_words).collect();
    if let Value::Object(fields) = &mut description {
        fields.insert("pinned_keys".to_owned(), json!(keys));
    }
    if cli.json {
        output::say_json(&description);
        return Ok(Exit::Done);
    }
    if let Value::Object(fields) = &description {
        let rows: Vec<[String; 2]> = fields
            .iter()
            .flat_map(|(name, value)| lines(value).into_iter().map(|line| [name.replace('_', " "), line]))
            .collect();
        output::say(output::table(["Term", "Value"], &rows));
    }
    Ok(Exit::Done)
}

/// A value as a person reads it: a list line by line, and nothing for what is not there.
fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(many) => many.iter().flat_map(lines).collect(),
        other => vec![other.to_string()],
    }
}

async fn feed(cli: &Cli, ctx: &Ctx, args: &FeedArgs) -> Result<Exit> {
    if let Some(state) = &args.state {
        network_feed::set(ctx, &run::operator(), &args.host, state == "on").await?;
    }
    let on = network_feed::is_on(ctx, &args.host).await?;
    if cli.json {
        output::say_json(&json!({ "host": args.host.as_str(), "network_feed": on }));
    } else {
        output::say(format_args!("The Network feed of {} is {}", args.host, if on { "on" } else { "off" }));
    }
    Ok(Exit::Done)
}
