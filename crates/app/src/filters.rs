//! Filters: what a person does not want to meet, and what is found of it in the posts that they are shown.

mod apply;
mod phrases;

use std::time::Duration;

use corridor_domain::filter::{Action, Context, Contexts};
use corridor_domain::text::{clean_line, limits};
use corridor_domain::{ActorId, FilterId, FilterKeywordId, FilterPostId, PostId, Timestamp};
use corridor_store::filters::{self, FilterPostRow, FilterRow, KeywordRow};
use corridor_store::stream_events::{self, StreamEvent};
use corridor_store::{Tx, visibility};

use crate::{Ctx, Error, Result, Viewer};

pub use apply::{FilterMatch, narrowed};
pub(crate) use apply::{hides_notifications, is_hidden, mark, settle};
pub use phrases::{PhraseEdit, PhraseView, change_phrase, make_phrase, phrase, phrases};

/// Filters that one person has at most.
const MOST: usize = 100;
/// Keywords that all filters of one person have at most.
const MOST_KEYWORDS: i64 = 500;
/// Posts that one filter holds at most.
const MOST_POSTS: usize = 1_000;
/// Longer is for ever, and no sum of moments overflows by it.
const LONGEST: Duration = Duration::from_secs(3_153_600_000);

/// A filter as its owner sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterView {
    /// Its number.
    pub id: FilterId,
    /// What its owner calls it; shown in place of what it folds away.
    pub title: String,
    /// Where it counts.
    pub contexts: Contexts,
    /// What happens to a post in which it finds something.
    pub action: Action,
    /// Until when it counts; `None` until it is removed.
    pub ends_at: Option<Timestamp>,
    /// What it looks for.
    pub keywords: Vec<KeywordView>,
    /// The posts that it holds.
    pub posts: Vec<FilterPostView>,
}

/// A keyword of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeywordView {
    /// Its number.
    pub id: FilterKeywordId,
    /// A word or several.
    pub text: String,
    /// Only where it does not go on as part of a longer word.
    pub whole_word: bool,
}

/// A post that a filter holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilterPostView {
    /// Its number in the filter.
    pub id: FilterPostId,
    /// The post.
    pub post: PostId,
}

/// What a filter is made or changed with; `None` keeps what is, or takes what is usual.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FilterEdit {
    /// What to call it. A new one needs it.
    pub title: Option<String>,
    /// Where it counts. A new one needs at least one.
    pub contexts: Option<Contexts>,
    /// What happens to a post; a warning at first.
    pub action: Option<Action>,
    /// For how long from now; `Some(None)` until it is removed.
    pub lasts: Option<Option<Duration>>,
    /// Keywords to add, change and remove.
    pub keywords: Vec<KeywordEdit>,
}

/// What a keyword is made or changed with.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeywordEdit {
    /// The keyword to change; a new one without.
    pub id: Option<FilterKeywordId>,
    /// A word or several. A new one needs it.
    pub text: Option<String>,
    /// Only as a whole word; yes at first.
    pub whole_word: Option<bool>,
    /// Remove it.
    pub remove: bool,
}

impl FilterEdit {
    fn apply(&self, row: FilterRow, now: Timestamp) -> Result<FilterRow> {
        let title = self.title.as_deref().map_or_else(|| row.title.clone(), clean_line);
        let contexts = self.contexts.unwrap_or(row.contexts());
        let mut wrong = Vec::new();
        if title.is_empty() {
            wrong.push("Title can't be blank".to_owned());
        }
        if title.chars().count() > limits::FILTER_TITLE_CHARS {
            wrong.push(format!("Title is too long (maximum is {} characters)", limits::FILTER_TITLE_CHARS));
        }
        if contexts.is_empty() {
            wrong.push("Context can't be blank, Context None or invalid context supplied".to_owned());
        }
        if !wrong.is_empty() {
            return Err(Error::invalid(format!("Validation failed: {}", wrong.join(", "))));
        }
        let ends_at = match self.lasts {
            None => row.ends_at,
            Some(lasts) => lasts.map(|lasts| (now + lasts.min(LONGEST)).millis()),
        };
        let action = self.action.map_or(row.action, Action::code);
        Ok(FilterRow { title, contexts: contexts.code(), action, ends_at, ..row })
    }
}

fn keyword_text(text: &str) -> Result<String> {
    let text = clean_line(text);
    if text.is_empty() {
        return Err(Error::invalid("Validation failed: Keyword can't be blank"));
    }
    if text.chars().count() > limits::FILTER_KEYWORD_CHARS {
        let most = limits::FILTER_KEYWORD_CHARS;
        return Err(Error::invalid(format!("Validation failed: Keyword is too long (maximum is {most} characters)")));
    }
    Ok(text)
}

fn own(tx: &mut Tx<'_>, owner: ActorId, id: FilterId) -> Result<FilterRow> {
    filters::find(tx, owner, id)?.ok_or(Error::NotFound("that filter"))
}

fn own_keyword(tx: &mut Tx<'_>, owner: ActorId, id: FilterKeywordId) -> Result<(KeywordRow, FilterRow)> {
    filters::find_keyword(tx, owner, id)?.ok_or(Error::NotFound("that keyword"))
}

fn keyword_view(row: &KeywordRow) -> KeywordView {
    KeywordView { id: FilterKeywordId::new(row.id), text: row.keyword.clone(), whole_word: row.whole_word }
}

fn post_view(row: &FilterPostRow) -> FilterPostView {
    FilterPostView { id: FilterPostId::new(row.id), post: PostId::new(row.post_id) }
}

fn bare(row: &FilterRow) -> FilterView {
    FilterView {
        id: row.id(),
        title: row.title.clone(),
        contexts: row.contexts(),
        action: row.action(),
        ends_at: row.ends_at.map(Timestamp::from_millis),
        keywords: Vec::new(),
        posts: Vec::new(),
    }
}

fn views(tx: &mut Tx<'_>, rows: &[FilterRow]) -> Result<Vec<FilterView>> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<FilterId> = rows.iter().map(FilterRow::id).collect();
    let (keywords, posts) = (filters::keywords(tx, &ids)?, filters::posts(tx, &ids)?);
    let view = |row: &FilterRow| FilterView {
        keywords: keywords.iter().filter(|one| one.filter_id == row.id).map(keyword_view).collect(),
        posts: posts.iter().filter(|one| one.filter_id == row.id).map(post_view).collect(),
        ..bare(row)
    };
    Ok(rows.iter().map(view).collect())
}

fn one_view(tx: &mut Tx<'_>, row: FilterRow) -> Result<FilterView> {
    views(tx, &[row])?.pop().ok_or(Error::NotFound("that filter"))
}

/// Tells the owner's other clients to ask for their filters anew.
fn tell_streams(tx: &mut Tx<'_>, owner: ActorId) -> Result<()> {
    Ok(stream_events::append(tx, StreamEvent::FiltersChanged(owner))?)
}

/// The viewer's filters, oldest first, also those whose time has passed.
///
/// # Errors
/// When the store fails.
pub async fn all(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<FilterView>> {
    let owner = viewer.id;
    ctx.store
        .read(move |tx| {
            let rows = filters::of_owner(tx, owner)?;
            views(tx, &rows)
        })
        .await
}

/// One of the viewer's filters.
///
/// # Errors
/// [`Error::NotFound`] when it isn't theirs.
pub async fn show(ctx: &Ctx, viewer: &Viewer, id: FilterId) -> Result<FilterView> {
    let owner = viewer.id;
    ctx.store
        .read(move |tx| {
            let row = own(tx, owner, id)?;
            one_view(tx, row)
        })
        .await
}

/// Makes a filter.
///
/// # Errors
/// [`Error::Invalid`] without a title or a context, with a keyword that can't be, or with too many of either;
/// [`Error::NotFound`] when a keyword is said to be there already.
pub async fn make(ctx: &Ctx, viewer: &Viewer, edit: FilterEdit) -> Result<FilterView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let row = write_make(tx, owner, &edit)?;
            tell_streams(tx, owner)?;
            one_view(tx, row)
        })
        .await
}

fn write_make(tx: &mut Tx<'_>, owner: ActorId, edit: &FilterEdit) -> Result<FilterRow> {
    let blank = FilterRow {
        id: tx.new_id(),
        owner_id: owner.raw(),
        title: String::new(),
        contexts: Contexts::default().code(),
        action: Action::default().code(),
        ends_at: None,
        created_at: tx.now().millis(),
    };
    let row = edit.apply(blank, tx.now())?;
    if filters::of_owner(tx, owner)?.len() >= MOST {
        return Err(Error::invalid(format!("You can have {MOST} filters at most")));
    }
    filters::insert(tx, &row)?;
    write_keywords(tx, owner, row.id(), &edit.keywords)?;
    Ok(row)
}

/// Changes a filter and its keywords.
///
/// # Errors
/// As [`make`]; [`Error::NotFound`] when the filter isn't the viewer's or one of the keywords is not its.
pub async fn change(ctx: &Ctx, viewer: &Viewer, id: FilterId, edit: FilterEdit) -> Result<FilterView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let row = own(tx, owner, id)?;
            let row = edit.apply(row, tx.now())?;
            filters::update(tx, &row)?;
            write_keywords(tx, owner, id, &edit.keywords)?;
            tell_streams(tx, owner)?;
            one_view(tx, row)
        })
        .await
}

fn write_keywords(tx: &mut Tx<'_>, owner: ActorId, filter: FilterId, edits: &[KeywordEdit]) -> Result<()> {
    for edit in edits {
        match edit.id {
            Some(id) => {
                let (row, of) = own_keyword(tx, owner, id)?;
                if of.id() != filter {
                    return Err(Error::NotFound("that keyword"));
                }
                write_keyword_edit(tx, row, edit)?;
            }
            // Nothing is said of a new one: a form with an empty line.
            None if edit.remove
                || (edit.text.as_deref().unwrap_or_default().is_empty() && edit.whole_word.is_none()) => {}
            None => {
                write_keyword(tx, owner, filter, edit)?;
            }
        }
    }
    Ok(())
}

fn write_keyword_edit(tx: &mut Tx<'_>, row: KeywordRow, edit: &KeywordEdit) -> Result<KeywordRow> {
    if edit.remove {
        filters::delete_keyword(tx, FilterKeywordId::new(row.id))?;
        return Ok(row);
    }
    let keyword = edit.text.as_deref().map_or_else(|| Ok(row.keyword.clone()), keyword_text)?;
    let row = KeywordRow { keyword, whole_word: edit.whole_word.unwrap_or(row.whole_word), ..row };
    filters::update_keyword(tx, &row)?;
    Ok(row)
}

fn write_keyword(tx: &mut Tx<'_>, owner: ActorId, filter: FilterId, edit: &KeywordEdit) -> Result<KeywordRow> {
    let keyword = keyword_text(edit.text.as_deref().unwrap_or_default())?;
    if filters::count_keywords(tx, owner)? >= MOST_KEYWORDS {
        return Err(Error::invalid(format!("Your filters can have {MOST_KEYWORDS} keywords at most")));
    }
    let whole_word = edit.whole_word.unwrap_or(true);
    let row = KeywordRow { id: tx.new_id(), filter_id: filter.raw(), keyword, whole_word };
    filters::insert_keyword(tx, &row)?;
    Ok(row)
}

/// Removes a filter.
///
/// # Errors
/// [`Error::NotFound`] when it isn't the viewer's.
pub async fn delete(ctx: &Ctx, viewer: &Viewer, id: FilterId) -> Result<()> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            own(tx, owner, id)?;
            filters::delete(tx, id)?;
            tell_streams(tx, owner)
        })
        .await
}

/// Adds a keyword to a filter.
///
/// # Errors
/// [`Error::NotFound`] when the filter isn't the viewer's; [`Error::Invalid`] for a keyword that can't be.
pub async fn add_keyword(ctx: &Ctx, viewer: &Viewer, id: FilterId, edit: KeywordEdit) -> Result<KeywordView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            own(tx, owner, id)?;
            tell_streams(tx, owner)?;
            Ok(keyword_view(&write_keyword(tx, owner, id, &edit)?))
        })
        .await
}

/// One keyword of the viewer's filters.
///
/// # Errors
/// [`Error::NotFound`] when it isn't theirs.
pub async fn keyword(ctx: &Ctx, viewer: &Viewer, id: FilterKeywordId) -> Result<KeywordView> {
    let owner = viewer.id;
    ctx.store.read(move |tx| Ok(keyword_view(&own_keyword(tx, owner, id)?.0))).await
}

/// Changes a keyword.
///
/// # Errors
/// [`Error::NotFound`] when it isn't the viewer's; [`Error::Invalid`] for one that can't be.
pub async fn change_keyword(ctx: &Ctx, viewer: &Viewer, id: FilterKeywordId, edit: KeywordEdit) -> Result<KeywordView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let (row, _) = own_keyword(tx, owner, id)?;
            tell_streams(tx, owner)?;
            Ok(keyword_view(&write_keyword_edit(tx, row, &edit)?))
        })
        .await
}

/// Removes a keyword; its filter stays.
///
/// # Errors
/// [`Error::NotFound`] when it isn't the viewer's.
pub async fn remove_keyword(ctx: &Ctx, viewer: &Viewer, id: FilterKeywordId) -> Result<()> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            own_keyword(tx, owner, id)?;
            filters::delete_keyword(tx, id)?;
            tell_streams(tx, owner)
        })
        .await
}

/// Lets a filter hold a post.
///
/// # Errors
/// [`Error::NotFound`] when the filter isn't the viewer's or they may not read the post; [`Error::Invalid`] when it is held
/// already, or too many are.
pub async fn add_post(ctx: &Ctx, viewer: &Viewer, id: FilterId, post: PostId) -> Result<FilterPostView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            own(tx, owner, id)?;
            if !visibility::may_read(tx, post, owner)? {
                return Err(Error::NotFound("that post"));
            }
            let held = filters::posts(tx, &[id])?;
            if held.iter().any(|row| row.post_id == post.raw()) {
                return Err(Error::invalid("Validation failed: Status has already been taken"));
            }
            if held.len() >= MOST_POSTS {
                return Err(Error::invalid(format!("A filter can hold {MOST_POSTS} posts at most")));
            }
            let row = FilterPostRow { id: tx.new_id(), filter_id: id.raw(), post_id: post.raw() };
            filters::insert_post(tx, &row)?;
            tell_streams(tx, owner)?;
            Ok(post_view(&row))
        })
        .await
}

/// One post that the viewer's filters hold.
///
/// # Errors
/// [`Error::NotFound`] when it isn't theirs.
pub async fn post(ctx: &Ctx, viewer: &Viewer, id: FilterPostId) -> Result<FilterPostView> {
    let owner = viewer.id;
    ctx.store
        .read(move |tx| {
            let row = filters::find_post(tx, owner, id)?.ok_or(Error::NotFound("that post"))?;
            Ok(post_view(&row))
        })
        .await
}

/// Lets a filter hold a post no longer.
///
/// # Errors
/// [`Error::NotFound`] when it isn't the viewer's.
pub async fn remove_post(ctx: &Ctx, viewer: &Viewer, id: FilterPostId) -> Result<()> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            filters::find_post(tx, owner, id)?.ok_or(Error::NotFound("that post"))?;
            filters::delete_post(tx, id)?;
            tell_streams(tx, owner)
        })
        .await
}

/// The contexts of these words.
///
/// # Errors
/// [`Error::Invalid`] when one is no context.
pub fn contexts(words: &[String]) -> Result<Contexts> {
    let words = words.iter().map(|word| word.trim()).filter(|word| !word.is_empty());
    let known: Result<Contexts, _> = words.map(str::parse::<Context>).collect();
    known.map_err(|_| Error::invalid("Validation failed: Context None or invalid context supplied"))
}

#[cfg(test)]
mod tests;
