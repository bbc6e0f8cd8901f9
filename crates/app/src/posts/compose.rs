//! What a person typed, made ready to be stored: cleaned, measured, rendered, its mentions resolved.

use std::collections::HashMap;

use corridor_domain::policy::Door;
use corridor_domain::text::{self, Handle, ResolvedMention, limits};
use corridor_domain::{ActorId, Audience, Authority, Marking, MarkingScheme, PeerState};
use corridor_store::actors;
use corridor_store::people::{Defaults, Whereabouts};
use corridor_store::posts::PostRow;

use crate::assemble::acct;
use crate::{Ctx, Error, Result, peers};

/// What stands at the end of a text to see whether the end is reached.
const END: &str = "the-end-of-the-text";
/// Bytes of a text whose HTML can't reach its limit.
const SURELY_WHOLE: usize = 2 * 1024;

/// A text made ready.
#[derive(Debug, Clone)]
pub(crate) struct Composed {
    pub(crate) source: String,
    pub(crate) html: String,
    pub(crate) summary: String,
    /// In the form in which tags are compared.
    pub(crate) tags: Vec<String>,
    pub(crate) mentions: Vec<ActorId>,
}

/// What a text is measured by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measure {
    /// There is something else to show.
    pub(crate) may_be_empty: bool,
    /// It is that of an article.
    pub(crate) is_article: bool,
}

/// Cleans, measures and renders a text. Peers may be asked about the people whom it mentions.
pub(crate) async fn compose(ctx: &Ctx, source: &str, summary: &str, measure: Measure) -> Result<Composed> {
    if source.len() > limits::SOURCE_BYTES {
        return Err(Error::invalid("The text is too long to be read"));
    }
    let source = text::clean_text(source);
    if source.is_empty() && !measure.may_be_empty {
        return Err(Error::invalid("The text can't be empty"));
    }
    let summary = text::line_within(summary, limits::SUMMARY_CHARS)
        .map_err(|error| Error::invalid(format!("Content warning: {error}")))?;
    let length = text::count_characters(&source).saturating_add(summary.chars().count());
    let usual = ctx.settings.max_characters;
    let limit = if measure.is_article { usual.max(limits::ARTICLE_CHARS) } else { usual };
    if length > limit {
        return Err(Error::invalid(format!("The post has {length} characters, and {limit} is the most it can have")));
    }
    let scan = text::scan(&source);
    if scan.mentions.len() > limits::MENTIONS {
        return Err(Error::invalid(format!("A post can name at most {} people", limits::MENTIONS)));
    }
    if scan.tags.len() > limits::TAGS {
        return Err(Error::invalid(format!("A post can have at most {} hashtags", limits::TAGS)));
    }
    let people = resolve(ctx, &scan.mentions).await?;
    let html = render(ctx, &source, &people);
    // HTML ends at its limit, and what comes behind is lost: then the author must know.
    let is_cut = || !render(ctx, &format!("{source}\n\n{END}"), &people).contains(END);
    if source.len() > SURELY_WHOLE && is_cut() {
        return Err(Error::invalid("The post is too long once its links and lists are written out"));
    }
    let mut mentions: Vec<ActorId> = people.values().map(|person| person.id).collect();
    mentions.sort_unstable();
    mentions.dedup();
    let tags = scan.tags.iter().map(|tag| text::tag_key(tag)).collect();
    Ok(Composed { source, html, summary, tags, mentions })
}

/// Someone mentioned, and where a link to them leads.
#[derive(Debug, Clone)]
struct Mentioned {
    id: ActorId,
    url: String,
    acct: String,
}

fn render(ctx: &Ctx, source: &str, people: &HashMap<Handle, Mentioned>) -> String {
    let resolve = |handle: &Handle| {
        let person = people.get(&local_form(ctx, handle.clone()))?;
        Some(ResolvedMention { url: person.url.clone(), handle: person.acct.clone() })
    };
    let tag_url = |tag: &str| {
        let mut url = ctx.settings.addresses.staff.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["tags", tag]);
        }
        url.to_string()
    };
    text::render(source, &resolve, &tag_url).html
}

/// Renders a text that mentions only people of this node: about oneself, a profile field.
pub(crate) fn render_plainly(ctx: &Ctx, source: &str) -> String {
    render(ctx, source, &HashMap::new())
}

/// Both ways to write someone of this node are one.
pub(crate) fn local_form(ctx: &Ctx, handle: Handle) -> Handle {
    let addresses = &ctx.settings.addresses;
    handle.localised(&addresses.account_domain).localised(&addresses.federation_authority())
}

/// Finds the people of these handles. A name that nobody of this node has stays plain text; a name on another
/// host must lead to someone, because its author counts on their reading it.
async fn resolve(ctx: &Ctx, handles: &[Handle]) -> Result<HashMap<Handle, Mentioned>> {
    let mut people = HashMap::new();
    for handle in handles {
        let handle = local_form(ctx, handle.clone());
        if people.contains_key(&handle) {
            continue;
        }
        let found = match &handle.host {
            None => find_local(ctx, &handle).await?,
            Some(host) => Some(find_remote(ctx, &handle, host).await?),
        };
        if let Some(id) = found {
            let person = person_of(ctx, id).await?;
            people.insert(handle, person);
        }
    }
    Ok(people)
}

async fn find_local(ctx: &Ctx, handle: &Handle) -> Result<Option<ActorId>> {
    let key = handle.username.key();
    ctx.store
        .read(move |tx| {
            let found = actors::find_by_handle(tx, "", &key)?.map(|row| ActorId::new(row.id));
            let shown = corridor_store::people::find_shown(tx, found.as_slice())?;
            Ok(found.filter(|_| !shown.is_empty()))
        })
        .await
}

async fn find_remote(ctx: &Ctx, handle: &Handle, host: &Authority) -> Result<ActorId> {
    let peer = peers::ask(ctx, Door::Mention, host).await.map_err(|error| match error {
        Error::Refused(refusal) => {
            Error::invalid(format!("{handle} can't be named: {refusal}. Take the name out, or write it without the @"))
        }
        other => other,
    })?;
    let (key, domain) = (handle.username.key(), peer.account_domain.as_str().to_owned());
    let known = ctx.store.read(move |tx| actors::find_by_handle(tx, &domain, &key).map_err(Error::from)).await?;
    if let Some(row) = known.filter(|row| row.deleted_at.is_none()) {
        return Ok(ActorId::new(row.id));
    }
    let remote = ctx
        .remote()
        .ok_or_else(|| Error::Peer(format!("{handle} can't be looked up: this program doesn't speak to peers")))?;
    remote.resolve_handle(handle, host).await.map_err(|error| match error {
        Error::NotFound(_) => Error::invalid(format!("{handle} was not found: take the name out, or correct it")),
        other => other,
    })
}

async fn person_of(ctx: &Ctx, id: ActorId) -> Result<Mentioned> {
    let found = ctx
        .store
        .read(move |tx| corridor_store::people::find_any(tx, &[id]).map_err(Error::from))
        .await?
        .into_iter()
        .next();
    let (row, _) = found.ok_or(Error::NotFound("someone named in the post"))?;
    Ok(Mentioned { id, acct: acct(&row.username, &row.host), url: row.url })
}

/// Audience, marking and handling of a post, once every rule is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) audience: Audience,
    pub(crate) marking: Marking,
    pub(crate) handling: String,
}

/// Decides a new post's terms from what was asked, the author's defaults, the post that it answers, and the `floor` that
/// a group sets.
pub(crate) fn terms(
    scheme: &MarkingScheme,
    defaults: &Defaults,
    parent: Option<&PostRow>,
    floor: Option<Marking>,
    asked: (Option<Audience>, Option<Marking>, Option<&str>),
) -> Result<Terms> {
    let (audience, marking, handling) = asked;
    let parent = match parent {
        None => None,
        Some(parent) => Some((parent.audience()?, parent.marking(), parent.handling.as_str())),
    };
    let audience = audience.or(parent.map(|(audience, ..)| audience)).unwrap_or(defaults.audience);
    let usual = parent.map_or(defaults.marking, |(_, marking, _)| marking.max(defaults.marking));
    let usual = floor.map_or(usual, |floor| usual.max(floor));
    let marking = known_marking(scheme, marking.unwrap_or(usual))?;
    if let Some((parent_audience, parent_marking, _)) = parent {
        corridor_domain::visibility::may_reply((parent_audience, parent_marking), (audience, marking))?;
    }
    // An answer is handled like the post that it answers, unless its author says otherwise.
    let inherited = parent.filter(|(_, parent_marking, _)| *parent_marking == marking).map(|(.., handling)| handling);
    let handling = known_handling(scheme, marking, handling.or(inherited).unwrap_or_default())?;
    Ok(Terms { audience, marking, handling })
}

pub(crate) fn known_marking(scheme: &MarkingScheme, marking: Marking) -> Result<Marking> {
    if marking < Marking::LOWEST || marking > scheme.highest() {
        return Err(Error::invalid("That marking is not in this node's scheme"));
    }
    Ok(marking)
}

pub(crate) fn known_handling(scheme: &MarkingScheme, marking: Marking, handling: &str) -> Result<String> {
    let handling = text::line_within(handling, limits::SUMMARY_CHARS)
        .map_err(|error| Error::invalid(format!("Handling instruction: {error}")))?;
    let level = scheme.level(marking);
    if level.handling_required && handling.is_empty() {
        return Err(Error::invalid(format!("A post marked {} must say how it is to be handled", level.name)));
    }
    Ok(handling)
}

/// Whether each of these people may be sent the post: nobody is left out without a word.
pub(crate) fn everyone_is_reached(scheme: &MarkingScheme, terms: &Terms, people: &[Whereabouts]) -> Result<()> {
    for person in people {
        let acct = acct(&person.username, &person.host);
        if person.hidden {
            return Err(Error::invalid(format!("@{acct} is not here any more")));
        }
        let Some((state, ceiling)) = person.peer else {
            continue;
        };
        if terms.audience == Audience::Department {
            return Err(Error::invalid(format!("This post is for your department, and @{acct} is in another one")));
        }
        if state != PeerState::Allowed {
            return Err(Error::invalid(format!("@{acct} can't be reached: {} is not an allowed peer", person.host)));
        }
        if terms.marking > ceiling {
            let marking = scheme.name(terms.marking);
            return Err(Error::invalid(format!("@{acct} can't be sent what is marked {marking}")));
        }
    }
    Ok(())
}

/// A language tag, checked for its form; `usual` when nothing was said.
pub(crate) fn language(tag: &str, usual: &str) -> Result<String> {
    let tag = tag.trim();
    if tag.is_empty() {
        return Ok(usual.to_owned());
    }
    let first = tag.split('-').next().unwrap_or_default();
    let is_tag = tag.len() <= 35
        && (2..=8).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && tag.split('-').all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
    if is_tag {
        return Ok(tag.to_owned());
    }
    let shown: String = tag.chars().take(40).collect();
    Err(Error::invalid(format!("“{shown}” is not a language: use a tag such as en or cy")))
}
