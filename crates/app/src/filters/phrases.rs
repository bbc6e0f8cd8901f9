//! Filters as clients of before Mastodon 4 know them: each keyword by itself, with what its filter says.

use std::time::Duration;

use corridor_domain::filter::{Action, Contexts};
use corridor_domain::{ActorId, FilterKeywordId};
use corridor_store::Tx;
use corridor_store::filters::{self, KeywordRow};

use super::{FilterEdit, FilterView, KeywordEdit, KeywordView, own_keyword, views, write_keyword_edit, write_make};
use crate::{Ctx, Error, Result, Viewer};

/// A keyword with its filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PhraseView {
    /// The keyword, under whose number the phrase is known.
    pub keyword: KeywordView,
    /// The filter that it belongs to.
    pub filter: FilterView,
}

/// What a phrase is made or changed with; `None` keeps what is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PhraseEdit {
    /// A word or several. A new one needs it.
    pub text: Option<String>,
    /// Where it counts. A new one needs at least one.
    pub contexts: Option<Contexts>,
    /// Hide what it finds, instead of warning.
    pub hides: Option<bool>,
    /// Only as a whole word; no at first.
    pub whole_word: Option<bool>,
    /// For how long from now; `Some(None)` until it is removed.
    pub lasts: Option<Option<Duration>>,
}

impl PhraseEdit {
    /// What it says of the filter, by the title that a filter of one phrase has.
    fn of_filter(&self, title: Option<String>) -> FilterEdit {
        FilterEdit {
            title,
            contexts: self.contexts,
            action: self.hides.map(|hides| if hides { Action::Hide } else { Action::Warn }),
            lasts: self.lasts,
            keywords: Vec::new(),
        }
    }
}

/// A phrase is missing in the words of that interface.
fn is_said(text: Option<&str>) -> Result<()> {
    let is_blank = text.is_some_and(|text| text.trim().is_empty());
    if is_blank { Err(Error::invalid("Validation failed: Phrase can't be blank")) } else { Ok(()) }
}

fn split(filter: FilterView) -> impl Iterator<Item = PhraseView> {
    let keywords = filter.keywords.clone();
    keywords.into_iter().map(move |keyword| PhraseView { keyword, filter: filter.clone() })
}

/// Every keyword of the viewer's filters.
///
/// # Errors
/// When the store fails.
pub async fn phrases(ctx: &Ctx, viewer: &Viewer) -> Result<Vec<PhraseView>> {
    Ok(super::all(ctx, viewer).await?.into_iter().flat_map(split).collect())
}

/// One keyword of the viewer's filters.
///
/// # Errors
/// [`Error::NotFound`] when it isn't theirs.
pub async fn phrase(ctx: &Ctx, viewer: &Viewer, id: FilterKeywordId) -> Result<PhraseView> {
    let owner = viewer.id;
    ctx.store.read(move |tx| find(tx, owner, id)).await
}

fn find(tx: &mut Tx<'_>, owner: ActorId, id: FilterKeywordId) -> Result<PhraseView> {
    let (_, filter) = own_keyword(tx, owner, id)?;
    let filter = views(tx, &[filter])?.pop();
    filter.into_iter().flat_map(split).find(|phrase| phrase.keyword.id == id).ok_or(Error::NotFound("that filter"))
}

/// Makes a filter of one keyword, which is its title too.
///
/// # Errors
/// [`Error::Invalid`] without a phrase or a context, or with too many.
pub async fn make_phrase(ctx: &Ctx, viewer: &Viewer, edit: PhraseEdit) -> Result<PhraseView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            let text = edit.text.clone().unwrap_or_default();
            is_said(Some(&text))?;
            let keyword = KeywordEdit {
                text: Some(text.clone()),
                whole_word: Some(edit.whole_word.unwrap_or(false)),
                ..KeywordEdit::default()
            };
            let title = text.chars().take(corridor_domain::text::limits::FILTER_TITLE_CHARS).collect();
            let filter = FilterEdit { keywords: vec![keyword], ..edit.of_filter(Some(title)) };
            let filter = write_make(tx, owner, &filter)?;
            views(tx, &[filter])?.into_iter().flat_map(split).next().ok_or(Error::NotFound("that filter"))
        })
        .await
}

/// Changes a phrase, and what its filter says if it is the only one there.
///
/// # Errors
/// [`Error::NotFound`] when it isn't the viewer's; [`Error::Invalid`] for a phrase that can't be, and when something would
/// change for the filter's other keywords too.
pub async fn change_phrase(ctx: &Ctx, viewer: &Viewer, id: FilterKeywordId, edit: PhraseEdit) -> Result<PhraseView> {
    let owner = viewer.id;
    ctx.store
        .write(move |tx| {
            is_said(edit.text.as_deref())?;
            let (row, filter) = own_keyword(tx, owner, id)?;
            let mates: Vec<KeywordRow> = filters::keywords(tx, &[filter.id()])?;
            let keyword = KeywordEdit { text: edit.text.clone(), whole_word: edit.whole_word, ..KeywordEdit::default() };
            write_keyword_edit(tx, row, &keyword)?;
            let changed = edit.of_filter(None).apply(filter.clone(), tx.now())?;
            if changed != filter {
                if mates.len() > 1 {
                    return Err(Error::invalid(
                        "That filter has other keywords, which this would change too: use a client that knows filters of \
                         several keywords",
                    ));
                }
                filters::update(tx, &changed)?;
            }
            find(tx, owner, id)
        })
        .await
}
