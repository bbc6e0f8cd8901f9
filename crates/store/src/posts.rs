//! Posts and boosts: rows, what belongs to their arrival, and finding them.

use corridor_domain::{ActorId, AppId, Audience, Marking, PeerId, PostId, Timestamp};
use diesel::dsl::not;
use diesel::prelude::*;

use crate::arrival;
use crate::dialect::load_among;
use crate::domain_blocks::is_from_blocked_domain;
use crate::schema::{idempotency_keys, post_recipients, post_tags, posts};
use crate::stream_events::{self, StreamEvent};
use crate::visibility::readable_by;
use crate::{Error, Result, Tx, dialect};

pub use crate::removal::{destroy_due, hide};
pub use crate::revisions::{Revision, RevisionRow, replace, revisions};

/// What a post is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostKind {
    /// A short post.
    Note,
    /// A long post with a title.
    Article,
    /// A poll.
    Question,
    /// A boost of another post.
    Boost,
}

impl PostKind {
    /// The number in the database.
    #[must_use]
    pub const fn code(self) -> i16 {
        match self {
            Self::Note => 0,
            Self::Article => 1,
            Self::Question => 2,
            Self::Boost => 3,
        }
    }

    /// The kind of a stored number; an unknown one is shown as a note.
    #[must_use]
    pub const fn from_code(code: i16) -> Self {
        match code {
            1 => Self::Article,
            2 => Self::Question,
            3 => Self::Boost,
            _ => Self::Note,
        }
    }
}

/// A post as stored.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = posts)]
#[expect(missing_docs, reason = "the migration explains the columns")]
pub struct PostRow {
    pub id: i64,
    pub uri: String,
    pub url: String,
    pub author_id: i64,
    pub peer_id: Option<i64>,
    pub kind: i16,
    pub audience: i16,
    pub marking: i16,
    pub handling: String,
    pub group_id: Option<i64>,
    pub in_reply_to_id: Option<i64>,
    pub in_reply_to_uri: Option<String>,
    pub thread_id: i64,
    pub boost_of_id: Option<i64>,
    pub title: String,
    pub content: String,
    pub source: String,
    pub summary: String,
    pub sensitive: bool,
    pub language: String,
    pub app_id: Option<i64>,
    pub published_at: i64,
    pub edited_at: Option<i64>,
    pub deleted_at: Option<i64>,
    pub destroy_after: Option<i64>,
    pub destroyed_at: Option<i64>,
    pub replies_count: i64,
    pub boosts_count: i64,
    pub favourites_count: i64,
}

impl PostRow {
    /// Its number.
    #[must_use]
    pub const fn id(&self) -> PostId {
        PostId::new(self.id)
    }

    /// Who wrote it (or boosted, for a boost).
    #[must_use]
    pub const fn author(&self) -> ActorId {
        ActorId::new(self.author_id)
    }

    /// The peer it came from; `None` when it was written here.
    #[must_use]
    pub fn peer(&self) -> Option<PeerId> {
        self.peer_id.map(PeerId::new)
    }

    /// Note, article, question or boost.
    #[must_use]
    pub const fn kind(&self) -> PostKind {
        PostKind::from_code(self.kind)
    }

    /// Whom it is for.
    ///
    /// # Errors
    /// When a newer version wrote an audience that this one doesn't know.
    pub fn audience(&self) -> Result<Audience> {
        Audience::from_code(self.audience).ok_or_else(|| Error::Corrupt(format!("audience {}", self.audience)))
    }

    /// How it is marked.
    #[must_use]
    pub const fn marking(&self) -> Marking {
        Marking::from_rank(self.marking)
    }

    /// What it boosts.
    #[must_use]
    pub fn boost_of(&self) -> Option<PostId> {
        self.boost_of_id.map(PostId::new)
    }

    /// The post it answers, when that is here.
    #[must_use]
    pub fn in_reply_to(&self) -> Option<PostId> {
        self.in_reply_to_id.map(PostId::new)
    }

    /// Whether it was deleted.
    #[must_use]
    pub const fn is_deleted(&self) -> bool {
        self.deleted_at.is_some()
    }
}

/// A post that arrives, from a person here or from a peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPost {
    /// Its number, from [`Tx::new_id`].
    pub id: PostId,
    /// ActivityPub id.
    pub uri: String,
    /// Page for people.
    pub url: String,
    /// Who wrote it (or boosts).
    pub author: ActorId,
    /// The peer it came from; `None` when it was written here.
    pub peer: Option<PeerId>,
    /// Note, article, question or boost.
    pub kind: PostKind,
    /// Whom it is for.
    pub audience: Audience,
    /// How it is marked; a boost has the marking of what it boosts.
    pub marking: Marking,
    /// How it is to be handled.
    pub handling: String,
    /// The group it is posted in.
    pub group: Option<ActorId>,
    /// The post it answers, when that is here.
    pub in_reply_to: Option<PostId>,
    /// The URI of the post it answers, here or not.
    pub in_reply_to_uri: Option<String>,
    /// What it boosts.
    pub boost_of: Option<PostId>,
    /// Title of an article.
    pub title: String,
    /// Sanitised HTML.
    pub content: String,
    /// What the author typed; empty for posts of peers.
    pub source: String,
    /// Content warning.
    pub summary: String,
    /// Media hidden behind a warning.
    pub sensitive: bool,
    /// BCP 47 tag; empty when unknown.
    pub language: String,
    /// The program it was written with.
    pub app: Option<AppId>,
    /// By its author's clock.
    pub published_at: Timestamp,
    /// When it was last edited, for one that arrives edited.
    pub edited_at: Option<Timestamp>,
    /// The people it is for or names, and whether it names them.
    pub recipients: Vec<(ActorId, bool)>,
    /// Hashtags in the form in which they are compared.
    pub tags: Vec<String>,
}

impl NewPost {
    /// A plain note for the network; the rest is filled in by name.
    #[must_use]
    pub fn note(id: PostId, author: ActorId, uri: String, published_at: Timestamp) -> Self {
        Self {
            id,
            url: uri.clone(),
            uri,
            author,
            peer: None,
            kind: PostKind::Note,
            audience: Audience::Network,
            marking: Marking::LOWEST,
            handling: String::new(),
            group: None,
            in_reply_to: None,
            in_reply_to_uri: None,
            boost_of: None,
            title: String::new(),
            content: String::new(),
            source: String::new(),
            summary: String::new(),
            sensitive: false,
            language: String::new(),
            app: None,
            published_at,
            edited_at: None,
            recipients: Vec::new(),
            tags: Vec::new(),
        }
    }
}

/// Stores a post with everything that belongs to its arrival: thread, replies that waited for it, counts, tags,
/// recipients, and the home feeds and open streams of its readers here. Notifications are the caller's.
///
/// # Errors
/// [`Error::Conflict`] when its URI is known already; [`Error::NotFound`] when its parent or what it boosts is not
/// here.
pub fn insert(tx: &mut Tx<'_>, post: &NewPost) -> Result<PostId> {
    let thread = match post.in_reply_to {
        Some(parent) => posts::table.find(parent.raw()).select(posts::thread_id).first(tx.conn)?,
        None => post.id.raw(),
    };
    insert_row(tx, post, thread)?;
    let people: Vec<(i64, bool)> = post.recipients.iter().map(|(id, mentioned)| (id.raw(), *mentioned)).collect();
    dialect::insert_recipients(tx, post.id.raw(), &people)?;
    dialect::insert_tags(tx, post.id.raw(), &post.tags)?;
    arrival::settle(tx, post, thread)?;
    stream_events::append(tx, StreamEvent::Published(post.id))?;
    Ok(post.id)
}

fn insert_row(tx: &mut Tx<'_>, post: &NewPost, thread: i64) -> Result<()> {
    let identity = (
        posts::id.eq(post.id.raw()),
        posts::uri.eq(&post.uri),
        posts::url.eq(&post.url),
        posts::author_id.eq(post.author.raw()),
        posts::peer_id.eq(post.peer.map(PeerId::raw)),
        posts::kind.eq(post.kind.code()),
        posts::app_id.eq(post.app.map(AppId::raw)),
        posts::published_at.eq(post.published_at.millis()),
        posts::edited_at.eq(post.edited_at.map(Timestamp::millis)),
    );
    let terms = (
        posts::audience.eq(post.audience.code()),
        posts::marking.eq(post.marking.rank()),
        posts::handling.eq(&post.handling),
        posts::group_id.eq(post.group.map(ActorId::raw)),
    );
    let place = (
        posts::in_reply_to_id.eq(post.in_reply_to.map(PostId::raw)),
        posts::in_reply_to_uri.eq(&post.in_reply_to_uri),
        posts::thread_id.eq(thread),
        posts::boost_of_id.eq(post.boost_of.map(PostId::raw)),
    );
    let text = (
        posts::title.eq(&post.title),
        posts::content.eq(&post.content),
        posts::source.eq(&post.source),
        posts::summary.eq(&post.summary),
        posts::sensitive.eq(post.sensitive),
        posts::language.eq(&post.language),
    );
    diesel::insert_into(posts::table).values((identity, terms, place, text)).execute(tx.conn)?;
    Ok(())
}

/// A post by its number, deleted or not, whoever asks.
///
/// # Errors
/// [`Error::NotFound`] when there is none.
pub fn find(tx: &mut Tx<'_>, id: PostId) -> Result<PostRow> {
    Ok(posts::table.find(id.raw()).select(PostRow::as_select()).first(tx.conn)?)
}

/// A post by its ActivityPub id, deleted or not, whoever asks.
///
/// # Errors
/// When the database fails.
pub fn find_by_uri(tx: &mut Tx<'_>, uri: &str) -> Result<Option<PostRow>> {
    Ok(posts::table.filter(posts::uri.eq(uri)).select(PostRow::as_select()).first(tx.conn).optional()?)
}

/// A post that `reader`, a person of this node, may read.
///
/// # Errors
/// [`Error::NotFound`] when there is none that they may read.
pub fn find_readable(tx: &mut Tx<'_>, id: PostId, reader: ActorId) -> Result<PostRow> {
    Ok(posts::table
        .filter(posts::id.eq(id.raw()))
        .filter(readable_by(reader.raw()))
        .select(PostRow::as_select())
        .first(tx.conn)?)
}

/// Those of `ids` that `reader` may read, in no order.
///
/// # Errors
/// When the database fails.
pub fn find_many_readable(tx: &mut Tx<'_>, ids: &[PostId], reader: ActorId) -> Result<Vec<PostRow>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    Ok(posts::table
        .filter(posts::id.eq_any(ids))
        .filter(readable_by(reader.raw()))
        .select(PostRow::as_select())
        .load(tx.conn)?)
}

/// The posts of these numbers, in no order, whoever asks.
///
/// # Errors
/// When the database fails.
pub fn find_many(tx: &mut Tx<'_>, ids: &[PostId]) -> Result<Vec<PostRow>> {
    let ids: Vec<i64> = ids.iter().map(|id| id.raw()).collect();
    Ok(load_among!(tx, posts::table.select(PostRow::as_select()), posts::id, &ids))
}

/// Holds a post against changes by others until the transaction ends.
///
/// # Errors
/// When the database fails.
pub fn lock(tx: &mut Tx<'_>, id: PostId) -> Result<()> {
    diesel::update(posts::table.find(id.raw())).set(posts::boosts_count.eq(posts::boosts_count)).execute(tx.conn)?;
    Ok(())
}

/// A person's boost of a post, unless it was taken back.
///
/// # Errors
/// When the database fails.
pub fn find_boost(tx: &mut Tx<'_>, of: PostId, by: ActorId) -> Result<Option<PostRow>> {
    Ok(posts::table
        .filter(posts::boost_of_id.eq(of.raw()))
        .filter(posts::author_id.eq(by.raw()))
        .filter(posts::deleted_at.is_null())
        .select(PostRow::as_select())
        .first(tx.conn)
        .optional()?)
}

/// The people a post is for or names, and whether it names them. Kept for deleted posts.
///
/// # Errors
/// When the database fails.
pub fn recipients(tx: &mut Tx<'_>, id: PostId) -> Result<Vec<(ActorId, bool)>> {
    let rows: Vec<(i64, bool)> = post_recipients::table
        .filter(post_recipients::post_id.eq(id.raw()))
        .order(post_recipients::actor_id)
        .select((post_recipients::actor_id, post_recipients::mentioned))
        .load(tx.conn)?;
    Ok(rows.into_iter().map(|(actor, mentioned)| (ActorId::new(actor), mentioned)).collect())
}

/// A post's hashtags.
///
/// # Errors
/// When the database fails.
pub fn tags(tx: &mut Tx<'_>, id: PostId) -> Result<Vec<String>> {
    let tags = post_tags::table.filter(post_tags::post_id.eq(id.raw())).order(post_tags::tag).select(post_tags::tag);
    Ok(tags.load(tx.conn)?)
}

/// Every readable post of a thread, oldest first, at most `limit`; nothing from a domain that the reader keeps away from.
///
/// # Errors
/// When the database fails.
pub fn thread(tx: &mut Tx<'_>, thread: i64, reader: ActorId, limit: i64) -> Result<Vec<PostRow>> {
    Ok(posts::table
        .filter(posts::thread_id.eq(thread))
        .filter(readable_by(reader.raw()))
        .filter(not(is_from_blocked_domain(reader.raw())))
        .order(posts::id)
        .limit(limit)
        .select(PostRow::as_select())
        .load(tx.conn)?)
}

/// The post of an idempotency key that was used since `since`.
///
/// # Errors
/// When the database fails.
pub fn find_by_idempotency_key(
    tx: &mut Tx<'_>,
    author: ActorId,
    key: &str,
    since: Timestamp,
) -> Result<Option<PostId>> {
    let post: Option<i64> = idempotency_keys::table
        .find((author.raw(), key))
        .filter(idempotency_keys::created_at.ge(since.millis()))
        .select(idempotency_keys::post_id)
        .first(tx.conn)
        .optional()?;
    Ok(post.map(PostId::new))
}

/// Remembers an idempotency key, and forgets the author's keys from before `since`.
///
/// # Errors
/// [`Error::Conflict`] when the key is in use: another write came first, and this one must not stand.
pub fn remember_idempotency_key(
    tx: &mut Tx<'_>,
    author: ActorId,
    key: &str,
    post: PostId,
    since: Timestamp,
) -> Result<()> {
    let old = idempotency_keys::table
        .filter(idempotency_keys::actor_id.eq(author.raw()))
        .filter(idempotency_keys::created_at.lt(since.millis()));
    diesel::delete(old).execute(tx.conn)?;
    if dialect::insert_idempotency_key(tx, author.raw(), key, post.raw())? {
        return Ok(());
    }
    Err(Error::Conflict("this Idempotency-Key is in use".to_owned()))
}

#[cfg(test)]
mod tests;
