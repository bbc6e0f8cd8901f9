//! What moderators and administrators are shown: Admin::Account, Admin::Report, Admin::DomainAllow and Admin::DomainBlock.

use corridor_app::administration::AdministeredView;
use corridor_app::media::Links;
use corridor_app::peers::ListedPeer;
use corridor_app::reports::WholeReport;
use schemars::JsonSchema;
use serde::Serialize;

use super::account::CredentialRole;
use super::{Account, Status};

/// <https://docs.joinmastodon.org/entities/Admin_Account/>
///
/// Of people of peers nothing is known but what is in `account`: what belongs to a user is null, as in Mastodon.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AdminAccount {
    id: String,
    username: String,
    domain: Option<String>,
    created_at: String,
    email: Option<String>,
    /// Addresses on the network are not kept.
    ip: Option<String>,
    ips: [(); 0],
    locale: Option<String>,
    invite_request: Option<String>,
    role: Option<CredentialRole>,
    confirmed: Option<bool>,
    approved: Option<bool>,
    disabled: Option<bool>,
    silenced: bool,
    sensitized: bool,
    suspended: bool,
    account: Account,
}

impl AdminAccount {
    /// Somebody of this node or of a peer.
    #[must_use]
    pub fn of(view: &AdministeredView, links: &Links) -> Self {
        let (person, account) = (&view.person, view.account.as_ref());
        Self {
            id: person.id.to_string(),
            username: person.username.clone(),
            domain: person.host.clone(),
            created_at: person.created_at.to_rfc3339(),
            email: account.and_then(|account| account.email.clone()),
            ip: None,
            ips: [],
            locale: account.map(|account| account.language.clone()).filter(|language| !language.is_empty()),
            invite_request: None,
            role: account.map(|account| CredentialRole::of(account.role)),
            // Accounts are made by administrators: there is nothing to confirm or to approve.
            confirmed: account.map(|_| true),
            approved: account.map(|_| true),
            disabled: account.map(|account| account.disabled),
            silenced: false,
            sensitized: false,
            suspended: view.suspended,
            account: Account::of(person, links),
        }
    }
}

/// <https://docs.joinmastodon.org/entities/Admin_Report/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AdminReport {
    id: String,
    action_taken: bool,
    action_taken_at: Option<String>,
    category: &'static str,
    comment: String,
    forwarded: bool,
    created_at: String,
    updated_at: String,
    account: AdminAccount,
    target_account: AdminAccount,
    assigned_account: Option<AdminAccount>,
    action_taken_by_account: Option<AdminAccount>,
    /// Those that the caller may see.
    statuses: Vec<Status>,
    /// Ours: all that were reported.
    status_ids: Vec<String>,
    rules: [(); 0],
}

impl AdminReport {
    /// A report, for a moderator.
    #[must_use]
    pub fn of(report: &WholeReport, links: &Links) -> Self {
        let settled = report.resolved_at.map(|at| at.to_rfc3339());
        let created_at = report.created_at.to_rfc3339();
        Self {
            id: report.id.to_string(),
            action_taken: settled.is_some(),
            category: report.category.word(),
            comment: report.comment.clone(),
            forwarded: report.forwarded,
            updated_at: settled.clone().unwrap_or_else(|| created_at.clone()),
            created_at,
            action_taken_at: settled,
            account: AdminAccount::of(&report.reporter, links),
            target_account: AdminAccount::of(&report.target, links),
            assigned_account: None,
            action_taken_by_account: report.resolved_by.as_ref().map(|view| AdminAccount::of(view, links)),
            statuses: report.posts.iter().map(|post| Status::of(post, links)).collect(),
            status_ids: report.post_ids.iter().map(ToString::to_string).collect(),
            rules: [],
        }
    }
}

/// <https://docs.joinmastodon.org/entities/Admin_DomainAllow/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AdminDomainAllow {
    id: String,
    domain: String,
    created_at: String,
}

impl AdminDomainAllow {
    /// A peer that is allowed now.
    #[must_use]
    pub fn of(listed: &ListedPeer) -> Self {
        Self {
            id: listed.peer.id.to_string(),
            domain: listed.peer.account_domain.to_string(),
            created_at: listed.since.to_rfc3339(),
        }
    }
}

/// <https://docs.joinmastodon.org/entities/Admin_DomainBlock/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct AdminDomainBlock {
    id: String,
    domain: String,
    digest: String,
    created_at: String,
    severity: &'static str,
    reject_media: bool,
    reject_reports: bool,
    private_comment: Option<String>,
    public_comment: Option<String>,
    obfuscate: bool,
}

impl AdminDomainBlock {
    /// A peer that once was allowed: nothing is taken from it now.
    #[must_use]
    pub fn of(listed: &ListedPeer) -> Self {
        let note = Some(listed.peer.note.as_str()).filter(|note| !note.is_empty());
        let state = listed.peer.state.word();
        Self {
            id: listed.peer.id.to_string(),
            domain: listed.peer.account_domain.to_string(),
            digest: listed.digest.clone(),
            created_at: listed.changed_at.to_rfc3339(),
            severity: "suspend",
            reject_media: true,
            reject_reports: true,
            private_comment: Some(note.map_or_else(|| state.to_owned(), |note| format!("{state}: {note}"))),
            public_comment: None,
            obfuscate: false,
        }
    }
}
