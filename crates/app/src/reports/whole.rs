//! Reports with the people and posts that they are about, each kind looked up once for a whole page.

use std::collections::HashMap;

use corridor_domain::{ActorId, Page, PostId, Timestamp};
pub use corridor_store::reports::WantedReports as ReportFilter;
use corridor_store::reports::{self, ReportRow};
use corridor_store::{Tx, administration, posts};

use super::{Category, found, posts_of};
use crate::administration::{AdministeredView, views};
use crate::assemble::post_views;
use crate::operator::Operator;
use crate::{Ctx, Error, PostView, Result, Settings, Slice, Viewer};

/// How the audit begins the name of a signed-in person.
const PERSON: &str = "person:";

/// A report with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WholeReport {
    /// Its number.
    pub id: i64,
    /// Who made it: a person, or the node of the peer whose moderators sent it.
    pub reporter: AdministeredView,
    /// Whom it is about.
    pub target: AdministeredView,
    /// What is wrong.
    pub category: Category,
    /// In the reporter's words.
    pub comment: String,
    /// Posts that it is about.
    pub post_ids: Vec<PostId>,
    /// Those of them that the reader may see.
    pub posts: Vec<PostView>,
    /// Sent on to the target's node.
    pub forwarded: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was dealt with.
    pub resolved_at: Option<Timestamp>,
    /// Who dealt with it, if that was a signed-in person.
    pub resolved_by: Option<AdministeredView>,
}

/// Reports for a moderator, latest first. A report opens no post that its reader may not see.
///
/// # Errors
/// For a person who is no moderator.
pub async fn list_whole(ctx: &Ctx, viewer: &Viewer, filter: ReportFilter, page: Page) -> Result<Slice<WholeReport>> {
    Operator::Person(viewer.clone()).demand_moderator()?;
    let (settings, viewer) = (ctx.settings.clone(), viewer.clone());
    ctx.store
        .read(move |tx| {
            let rows = reports::list(tx, &filter, &page)?;
            Ok(Slice::of(whole(tx, &settings, &viewer, rows)?, |report| report.id))
        })
        .await
}

/// One report.
///
/// # Errors
/// For a person who is no moderator, or when it isn't there.
pub async fn show_whole(ctx: &Ctx, viewer: &Viewer, id: i64) -> Result<WholeReport> {
    Operator::Person(viewer.clone()).demand_moderator()?;
    let (settings, viewer) = (ctx.settings.clone(), viewer.clone());
    ctx.store
        .read(move |tx| {
            let row = found(reports::find(tx, id))?;
            whole(tx, &settings, &viewer, vec![row])?.pop().ok_or(Error::NotFound("that report"))
        })
        .await
}

fn whole(tx: &mut Tx<'_>, settings: &Settings, viewer: &Viewer, rows: Vec<ReportRow>) -> Result<Vec<WholeReport>> {
    let resolvers = resolvers(tx, &rows)?;
    let mut ids: Vec<ActorId> = rows.iter().flat_map(|row| [row.reporter(), row.target()]).collect();
    ids.extend(resolvers.values());
    ids.sort_unstable();
    ids.dedup();
    let people = views(tx, settings, &Operator::Person(viewer.clone()), &ids)?;
    let posts = readable(tx, settings, viewer, &rows)?;
    let report = |row: ReportRow| {
        let post_ids = posts_of(&row);
        Some(WholeReport {
            id: row.id,
            reporter: people.get(&row.reporter())?.clone(),
            target: people.get(&row.target())?.clone(),
            category: Category::of_word(&row.category),
            posts: post_ids.iter().filter_map(|id| posts.get(id).cloned()).collect(),
            post_ids,
            forwarded: row.forwarded,
            created_at: Timestamp::from_millis(row.created_at),
            resolved_at: row.resolved_at.map(Timestamp::from_millis),
            resolved_by: resolvers.get(&row.resolved_by).and_then(|id| people.get(id)).cloned(),
            comment: row.comment,
        })
    };
    Ok(rows.into_iter().filter_map(report).collect())
}

/// The people behind the audit's names of those who settled these reports.
fn resolvers(tx: &mut Tx<'_>, rows: &[ReportRow]) -> Result<HashMap<String, ActorId>> {
    let mut names: Vec<String> =
        rows.iter().filter_map(|row| row.resolved_by.strip_prefix(PERSON)).map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    if names.is_empty() {
        return Ok(HashMap::new());
    }
    let found = administration::of_names(tx, &names)?;
    Ok(found.into_iter().map(|actor| (format!("{PERSON}{}", actor.username), actor.actor_id())).collect())
}

fn readable(
    tx: &mut Tx<'_>,
    settings: &Settings,
    viewer: &Viewer,
    rows: &[ReportRow],
) -> Result<HashMap<PostId, PostView>> {
    let mut ids: Vec<PostId> = rows.iter().flat_map(posts_of).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = posts::find_many_readable(tx, &ids, viewer.id)?;
    Ok(post_views(tx, settings, viewer.id, found)?.into_iter().map(|post| (post.id, post)).collect())
}
