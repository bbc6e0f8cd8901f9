//! `corridor peer`: the allow-list.

use clap::{Args, Subcommand};
use corridor_domain::Authority;

use super::host;

/// Manage the allow-list.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub enum PeerCommand {
    /// Allow a node, or change the terms on which it is allowed
    Allow(AllowArgs),
    /// Cut a node off: its posts are hidden here, and what waits for it is cancelled
    Remove(HostArgs),
    /// Hold a node: nothing goes in or out, and what waits for it keeps waiting
    Suspend(HostArgs),
    /// End a hold
    Resume(HostArgs),
    /// List the nodes that are or were allowed
    List,
    /// Show one node: its terms, and how delivery to it stands
    Show(HostArgs),
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
To allow a node again changes the terms that are given, and leaves the others as they are.

Examples:
  corridor peer allow corridor.transport.example --ceiling OFFICIAL-SENSITIVE --note \"agreed 3 November\"
  corridor peer allow health.example:8443 --contact \"duty desk, 020 7946 0000\"
  corridor peer list --json
  corridor peer suspend corridor.transport.example";
