//! Reports: a person asks the moderators to look at someone, and their node's moderators too.

use corridor_domain::text::text_within;
use corridor_domain::{ActorId, Event, Page, PostId, Timestamp};
use corridor_store::reports::{self, ReportRow, WantedReports};
use corridor_store::{Tx, actors, outbox, people, posts};
use serde_json::json;

use crate::operator::Operator;
use crate::{Ctx, Error, Result, Viewer, audit};

mod whole;

pub use whole::{ReportFilter, WholeReport, list_whole, show_whole};

/// Longest comment, in characters, as in Mastodon.
pub const COMMENT_CHARACTERS: usize = 1000;
/// Posts that one report may name.
pub const POSTS: usize = 20;

/// A report as it is handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewReport {
    /// Whom it is about.
    pub target: ActorId,
    /// Posts of theirs that it is about.
    pub posts: Vec<PostId>,
    /// In the reporter's words.
    pub comment: String,
    /// See [`Category`].
    pub category: Category,
    /// Their node's moderators are to see it too. It does not tell them who reports.
    pub forward: bool,
}

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Category {
    /// Unwanted advertising.
    Spam,
    /// Against the law.
    Legal,
    /// Against the house rules.
    Violation,
    /// Something else.
    #[default]
    Other,
}

impl Category {
    /// The word of Mastodon's Report entity.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Spam => "spam",
            Self::Legal => "legal",
            Self::Violation => "violation",
            Self::Other => "other",
        }
    }

    /// The category of a word; an unknown one is something else.
    #[must_use]
    pub fn of_word(word: &str) -> Self {
        match word {
            "spam" => Self::Spam,
            "legal" => Self::Legal,
            "violation" => Self::Violation,
            _ => Self::Other,
        }
    }
}

/// A report as moderators, and whoever made it, see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportView {
    /// Its number.
    pub id: i64,
    /// Whom it is about.
    pub target: ActorId,
    /// Their handle, `@name@host` for someone of a peer.
    pub target_handle: String,
    /// Who made it: a handle, or the peer whose moderators sent it.
    pub reporter: String,
    /// What is wrong.
    pub category: Category,
    /// In the reporter's words.
    pub comment: String,
    /// Posts that it is about.
    pub posts: Vec<PostId>,
    /// Sent on to the target's node.
    pub forwarded: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was dealt with, by whom, and how.
    pub resolved: Option<(Timestamp, String, String)>,
}

/// Hands a report in.
///
/// # Errors
/// When the target or a post is not there for the viewer, a post is not the target's, or the comment is too long.
pub async fn report(ctx: &Ctx, viewer: &Viewer, new: NewReport) -> Result<ReportView> {
    if new.comment.chars().count() > COMMENT_CHARACTERS {
        return Err(Error::invalid(format!("the comment is longer than {COMMENT_CHARACTERS} characters")));
    }
    if new.posts.len() > POSTS {
        return Err(Error::invalid(format!("a report may name {POSTS} posts at most")));
    }
    let (settings, reporter) = (ctx.settings.clone(), viewer.clone());
    ctx.store
        .write(move |tx| {
            let target = check(tx, reporter.id, &new)?;
            let id = tx.new_id();
            let forwarded = new.forward && !people::is_local(tx, target)?;
            let row = ReportRow {
                id,
                uri: settings.addresses.federation_url(&format!("/activities/{id}")),
                peer_id: None,
                reporter_id: reporter.id.raw(),
                target_id: target.raw(),
                category: new.category.word().to_owned(),
                comment: new.comment.clone(),
                post_ids: ids(&new.posts),
                forwarded,
                created_at: tx.now().millis(),
                resolved_at: None,
                resolved_by: String::new(),
                resolution: String::new(),
            };
            reports::insert(tx, &row)?;
            let detail = json!({ "target": target.to_string(), "category": row.category, "forwarded": forwarded });
            audit::append(tx, &format!("person:{}", reporter.username), "report.make", &id.to_string(), &detail)?;
            if forwarded {
                outbox::append(tx, &Event::Reported { report: id })?;
            }
            view(tx, row)
        })
        .await
}

fn check(tx: &mut Tx<'_>, reporter: ActorId, new: &NewReport) -> Result<ActorId> {
    if new.target == reporter {
        return Err(Error::invalid("You can't report yourself"));
    }
    people::find_shown(tx, &[new.target])?.pop().ok_or(Error::NotFound("that person"))?;
    let readable = posts::find_many_readable(tx, &new.posts, reporter)?;
    let theirs = |id: &PostId| readable.iter().any(|post| post.id() == *id && post.author() == new.target);
    if new.posts.iter().all(theirs) { Ok(new.target) } else { Err(Error::NotFound("that post")) }
}

pub(crate) fn ids(posts: &[PostId]) -> String {
    json!(posts.iter().map(|post| post.raw()).collect::<Vec<_>>()).to_string()
}

/// What can't be read names no post.
fn posts_of(row: &ReportRow) -> Vec<PostId> {
    let numbers: Vec<i64> = serde_json::from_str(&row.post_ids).unwrap_or_default();
    numbers.into_iter().map(PostId::new).collect()
}

fn view(tx: &mut Tx<'_>, row: ReportRow) -> Result<ReportView> {
    let handle = |tx: &mut Tx<'_>, id| {
        let actor = actors::find(tx, id)?;
        let at = if actor.host.is_empty() { String::new() } else { format!("@{}", actor.host) };
        Ok::<_, Error>(format!("@{}{at}", actor.username))
    };
    let resolved =
        row.resolved_at.map(|at| (Timestamp::from_millis(at), row.resolved_by.clone(), row.resolution.clone()));
    Ok(ReportView {
        id: row.id,
        target: row.target(),
        target_handle: handle(tx, row.target())?,
        reporter: handle(tx, row.reporter())?,
        category: Category::of_word(&row.category),
        posts: posts_of(&row),
        forwarded: row.forwarded,
        created_at: Timestamp::from_millis(row.created_at),
        comment: row.comment,
        resolved,
    })
}

/// Reports for moderators, latest first: those that wait, or (`resolved`) those that were dealt with.
///
/// # Errors
/// For a person who is no moderator.
pub async fn list(ctx: &Ctx, by: &Operator, resolved: bool, page: Page) -> Result<Vec<ReportView>> {
    by.demand_moderator()?;
    let wanted = WantedReports { resolved: Some(resolved), ..WantedReports::default() };
    ctx.store.read(move |tx| reports::list(tx, &wanted, &page)?.into_iter().map(|row| view(tx, row)).collect()).await
}

/// One report.
///
/// # Errors
/// For a person who is no moderator, or when it isn't there.
pub async fn show(ctx: &Ctx, by: &Operator, id: i64) -> Result<ReportView> {
    by.demand_moderator()?;
    ctx.store
        .read(move |tx| {
            let row = found(reports::find(tx, id))?;
            view(tx, row)
        })
        .await
}

/// Notes that a report was dealt with, and how.
///
/// # Errors
/// For a person who is no moderator, when it isn't there, or was dealt with before.
pub async fn resolve(ctx: &Ctx, by: &Operator, id: i64, resolution: String) -> Result<()> {
    by.demand_moderator()?;
    let by = by.clone();
    ctx.store.write(move |tx| settle(tx, &by, id, &resolution)).await
}

/// As [`resolve`], inside a transaction; who may is the caller's to ask.
pub(crate) fn settle(tx: &mut Tx<'_>, by: &Operator, id: i64, resolution: &str) -> Result<()> {
    let resolution = text_within(resolution, COMMENT_CHARACTERS)
        .map_err(|error| Error::invalid(format!("what was done about it: {error}")))?;
    found(reports::find(tx, id))?;
    let (name, now) = (by.name(), tx.now());
    if !reports::resolve(tx, id, &name, &resolution, now)? {
        return Err(Error::invalid("that report was dealt with before"));
    }
    audit::append(tx, &name, "report.resolve", &id.to_string(), &json!({ "resolution": resolution }))
}

/// Takes back that a report was dealt with: it waits again. Who had settled it, and how, stays in the audit.
///
/// # Errors
/// For a person who is no moderator, when it isn't there, or waits.
pub async fn reopen(ctx: &Ctx, by: &Operator, id: i64) -> Result<()> {
    by.demand_moderator()?;
    let name = by.name();
    ctx.store
        .write(move |tx| {
            let row = found(reports::find(tx, id))?;
            if !reports::reopen(tx, id)? {
                return Err(Error::invalid("that report was not dealt with yet"));
            }
            let detail = json!({ "resolved_by": row.resolved_by, "resolution": row.resolution });
            audit::append(tx, &name, "report.reopen", &id.to_string(), &detail)
        })
        .await
}

pub(crate) fn found(row: corridor_store::Result<ReportRow>) -> Result<ReportRow> {
    row.map_err(|error| match error {
        corridor_store::Error::NotFound => Error::NotFound("that report"),
        other => other.into(),
    })
}

#[cfg(test)]
mod tests;
