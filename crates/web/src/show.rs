//! From what `app` shows to the plain words of the templates.

use corridor_app::announcements::AnnouncementView;
use corridor_app::connections::{ConnectionView, Standing};
use corridor_app::polls::{PollOptionView, PollView};
use corridor_app::{
    MediaKind, MediaView, NotificationKind, NotificationView, PersonView, PostKind, PostView, RelationshipView, Slice,
};
use corridor_domain::text::{excerpt, plain_text};
use corridor_domain::{ActorId, ActorKind, Audience, FileType, Marking, Timestamp};

use crate::session::Visit;
use crate::views::{
    Announcement, AudienceWords, Boostable, Connected, Connection, Contact, Follow, MarkingWords, Moment, Notification,
    Pager, Person, Poll, PollOption, Post, PostLink, PostMedia, Profile, ProfileFact, SafeHtml, day, size,
};
use crate::words::{Key, Language, key};

/// Characters of a post that a notification shows.
const EXCERPT: usize = 140;

/// A moment in words.
pub(crate) fn moment(at: Timestamp, language: Language) -> Moment {
    Moment::new(at.date_time(), language)
}

/// What everyone on the node is told.
pub(crate) fn announcement(view: &AnnouncementView, language: Language) -> Announcement {
    let words = |at: Timestamp| {
        let words = moment(at, language).words;
        // Days are days of UTC, so that no clock moves them.
        if view.all_day { day(at.date_time().date_naive(), language) } else { words }
    };
    let when = match (view.starts_at, view.ends_at) {
        (Some(starts), Some(ends)) if view.all_day && starts == ends => words(starts),
        (Some(starts), Some(ends)) => {
            language.say("from-until").with("starts", words(starts)).with("ends", words(ends)).into()
        }
        (Some(starts), None) => language.say("from").with("starts", words(starts)).into(),
        (None, Some(ends)) => language.say("until").with("ends", words(ends)).into(),
        (None, None) => String::new(),
    };
    Announcement { id: view.id.to_string(), content: SafeHtml::sanitised(view.content.clone()), when }
}

/// A person in one line.
pub(crate) fn person(view: &PersonView, visit: &Visit) -> Person {
    let host = view.host.clone().unwrap_or_else(|| visit.ctx().settings.addresses.account_domain.to_string());
    Person {
        id: view.id.to_string(),
        name: view.display_name.clone(),
        handle: format!("@{}@{host}", view.username),
        role: view.role_title.clone(),
        department: view.department.clone(),
        url: actor_path(view),
        picture: view.avatar.as_ref().map(|avatar| avatar.path("small")),
    }
}

/// The path of a person's page here.
pub(crate) fn person_path(view: &PersonView) -> String {
    format!("/@{}", view.acct())
}

/// The path of a post's page here.
pub(crate) fn post_path(view: &PostView) -> String {
    format!("/@{}/{}", view.author.acct(), view.id)
}

/// A post as this reader sees it. A boost is shown as the boosted post, with who boosted it.
pub(crate) fn post(view: &PostView, visit: &Visit, reader: ActorId) -> Post {
    let (inner, booster) = match &view.boost_of {
        Some(boosted) => (boosted.as_ref(), Some(person(&view.author, visit))),
        None => (view, None),
    };
    let language = visit.language;
    Post {
        id: inner.id.to_string(),
        entry: view.id.to_string(),
        url: post_path(inner),
        author: person(&inner.author, visit),
        published: moment(inner.published_at, language),
        edited: inner.edited_at.map(|at| moment(at, language)),
        boosted_by: booster,
        in_reply_to: parent(inner, language),
        audience: audience_of(inner, visit),
        marking: marking(inner),
        group: inner
            .group
            .as_ref()
            .map(|group| PostLink { name: group.display_name.clone(), url: format!("/groups/{}", group.id) }),
        topic: topic(inner).map(|key| language.say_key(key).to_string()).unwrap_or_default(),
        group_acts: Vec::new(),
        title: inner.title.clone(),
        warning: inner.summary.clone(),
        content: SafeHtml::sanitised(inner.content.clone()),
        media: inner.media.iter().map(|one| media(one, language)).collect(),
        poll: inner.poll.as_ref().map(|view| poll(view, language)),
        sensitive: inner.sensitive,
        language: if Language::of_tag(&inner.language) == Some(language) {
            String::new()
        } else {
            inner.language.clone()
        },
        replies: number(inner.replies_count),
        boosts: number(inner.boosts_count),
        favourites: number(inner.favourites_count),
        favourited: inner.marks.favourited,
        boosted: inner.marks.boosted,
        bookmarked: inner.marks.bookmarked,
        boostable: boostable(inner, language),
        mine: inner.author.id == reader && inner.kind != PostKind::Boost,
        actions: true,
        here: false,
    }
}

/// What the first post of a talk is besides, in a word or two.
fn topic(view: &PostView) -> Option<Key> {
    let topic = view.topic;
    match (topic.announcement, topic.question, topic.answer) {
        (true, ..) => Some(key("topic-announcement")),
        (false, true, Some(_)) => Some(key("topic-answered")),
        (false, true, None) => Some(key("topic-question")),
        _ => None,
    }
}

/// The path of a person's or group's page here.
pub(crate) fn actor_path(view: &PersonView) -> String {
    if view.kind == ActorKind::Group { format!("/groups/{}", view.id) } else { person_path(view) }
}

/// A poll. Who may vote sees a form, and the results when they have voted.
fn poll(view: &PollView, language: Language) -> Poll {
    let base = view.voters.map_or_else(|| number(view.votes), number);
    let option = |(value, option): (usize, &PollOptionView)| PollOption {
        value,
        title: option.title.clone(),
        votes: option.votes.map(|votes| PollOption::in_words(number(votes), base, language)).unwrap_or_default(),
        chosen: view.own.contains(&value),
    };
    Poll {
        options: view.options.iter().enumerate().map(option).collect(),
        multiple: view.multiple,
        open: !view.ended && !view.voted,
        ended: view.ended,
        hidden: view.options.iter().any(|option| option.votes.is_none()),
        turnout: match view.voters {
            Some(voters) => language.say("poll-voters").count("n", number(voters)).into(),
            None => language.say("count-votes").count("n", number(view.votes)).into(),
        },
        ends: view.ends_at.map(|at| moment(at, language)),
        reset: view.reset_at.map(|at| moment(at, language)),
    }
}

/// A picture or file.
pub(crate) fn media(view: &MediaView, language: Language) -> PostMedia {
    let kind = language.say_key(file_words(&view.mime)).to_string();
    PostMedia {
        id: view.id.to_string(),
        picture: view.kind == MediaKind::Image,
        description: view.description.clone(),
        width: view.small.0,
        height: view.small.1,
        name: if view.name.is_empty() { language.say("media-file").into() } else { view.name.clone() },
        about: match u64::try_from(view.bytes).unwrap_or(0) {
            0 => kind,
            bytes => format!("{kind}, {}", size(bytes, language)),
        },
        missing: view.broken,
    }
}

fn file_words(mime: &str) -> Key {
    match FileType::from_mime(mime) {
        Some(FileType::Jpeg) => key("file-jpeg"),
        Some(FileType::Png) => key("file-png"),
        Some(FileType::Gif) => key("file-gif"),
        Some(FileType::WebP) => key("file-webp"),
        Some(FileType::Pdf) => key("file-pdf"),
        Some(FileType::Docx) => key("file-docx"),
        Some(FileType::Xlsx) => key("file-xlsx"),
        Some(FileType::Pptx) => key("file-pptx"),
        Some(FileType::Odt) => key("file-odt"),
        Some(FileType::Ods) => key("file-ods"),
        Some(FileType::Odp) => key("file-odp"),
        Some(FileType::Text) => key("file-text"),
        None => key("file-other"),
    }
}

fn parent(view: &PostView, language: Language) -> Option<PostLink> {
    let (id, author) = view.in_reply_to?;
    let known = view.mentions.iter().find(|mention| mention.id == author);
    let (name, acct) = match known {
        Some(mention) => (format!("@{}", mention.acct), mention.acct.clone()),
        None if author == view.author.id => (language.say("parent-own").into(), view.author.acct()),
        None => (language.say("parent-other").into(), view.author.acct()),
    };
    Some(PostLink { name, url: format!("/@{acct}/{id}") })
}

fn boostable(view: &PostView, language: Language) -> Boostable {
    let why_not = match view.audience {
        Audience::Network => return Boostable::Yes,
        Audience::Department => key("no-boost-department"),
        Audience::Followers => key("no-boost-followers"),
        Audience::Group => key("no-boost-group"),
        Audience::Named => key("no-boost-named"),
    };
    Boostable::No(language.say_key(why_not).into())
}

/// Who can see this post, in words: of one in a group, by the group's name and door.
fn audience_of(view: &PostView, visit: &Visit) -> AudienceWords {
    let words = audience(view.audience, visit);
    match view.group.as_ref().filter(|_| view.audience == Audience::Group) {
        Some(group) if group.locked => {
            AudienceWords { who: visit.say("who-group-named").with("group", &group.display_name).into(), ..words }
        }
        Some(_) => AudienceWords { who: visit.say("who-network").into(), closed: false, ..words },
        None => words,
    }
}

/// Who can see a post, in words.
pub(crate) fn audience(audience: Audience, visit: &Visit) -> AudienceWords {
    let (name, who) = match audience {
        Audience::Department => {
            let who = visit.say("who-department").with("department", &visit.ctx().settings.department);
            (visit.say("audience-department"), who)
        }
        Audience::Network => (visit.say("audience-network"), visit.say("who-network")),
        Audience::Followers => (visit.say("audience-followers"), visit.say("who-followers")),
        Audience::Group => (visit.say("audience-group"), visit.say("who-group")),
        Audience::Named => (visit.say("audience-named"), visit.say("who-named")),
    };
    AudienceWords { name: name.into(), who: who.into(), closed: audience != Audience::Network }
}

fn marking(view: &PostView) -> MarkingWords {
    MarkingWords {
        name: view.marking_name.clone(),
        handling: view.handling.clone(),
        raised: view.marking > Marking::LOWEST,
    }
}

/// A person's page, without the posts.
pub(crate) fn profile(
    view: &PersonView,
    visit: &Visit,
    reader: ActorId,
    relation: Option<&RelationshipView>,
) -> Profile {
    let follow = match relation {
        _ if view.id == reader => Follow::Own,
        _ if view.hidden => Follow::Impossible,
        Some(relation) if relation.following => Follow::Following,
        Some(relation) if relation.requested => Follow::Requested,
        _ => Follow::No,
    };
    let shows = !view.hides_collections || view.id == reader;
    let list = |what: &str| shows.then(|| format!("{}/{what}", person_path(view)));
    Profile {
        person: person(view, visit),
        bio: SafeHtml::sanitised(view.summary.clone()),
        facts: view
            .fields
            .iter()
            .map(|field| ProfileFact { name: field.name.clone(), value: SafeHtml::sanitised(field.value.clone()) })
            .collect(),
        posts: number(view.posts_count),
        followers: number(view.followers_count),
        following: number(view.following_count),
        follow,
        follows_you: relation.is_some_and(|relation| relation.followed_by),
        asks_to_follow: relation.is_some_and(|relation| relation.requested_by),
        connected: relation.map_or(Connected::No, |relation| connected(relation.connection)),
        approves_followers: view.locked,
        header: view.header.as_ref().map(|header| (header.path("original"), header.description.clone())),
        picture_words: view.avatar.as_ref().map(|avatar| avatar.description.clone()).unwrap_or_default(),
        followers_url: list("followers"),
        following_url: list("following"),
        moved_to: view.moved_to.as_deref().map(|target| person(target, visit)),
    }
}

const fn connected(standing: Standing) -> Connected {
    match standing {
        Standing::None => Connected::No,
        Standing::Waiting => Connected::Waiting,
        Standing::ToAnswer => Connected::ToAnswer,
        Standing::Connected => Connected::Yes,
    }
}

/// A connection of the reader, or the wish for one. What was written beside the wish is shown until it is answered.
pub(crate) fn connection(view: &ConnectionView, standing: Standing, visit: &Visit) -> Connection {
    Connection {
        person: person(&view.person, visit),
        note: if view.connected_at.is_none() { view.note.clone() } else { String::new() },
        standing: connected(standing),
        at: moment(view.connected_at.unwrap_or(view.asked_at), visit.language),
    }
}

/// Something the reader is told.
pub(crate) fn notification(view: &NotificationView, visit: &Visit) -> Notification {
    // What is marked is read on its own page, never in passing.
    let shown = view.post.as_ref().filter(|post| post.marking == Marking::LOWEST && post.summary.is_empty());
    Notification {
        from: person(&view.from, visit),
        did: visit.language.say_key(told(view.kind)).around("who"),
        excerpt: shown.map(|post| excerpt(&plain_text(&post.content), EXCERPT)).unwrap_or_default(),
        at: moment(view.created_at, visit.language),
        new: !view.read,
        url: match view.kind {
            NotificationKind::GroupInvitation => Some(actor_path(&view.from)),
            NotificationKind::GroupRequest => Some("/groups".to_owned()),
            NotificationKind::ConnectionRequest => Some("/connections".to_owned()),
            _ => view.post.as_ref().map(post_path),
        },
        link: match view.kind {
            NotificationKind::GroupInvitation => visit.say("view-group"),
            NotificationKind::GroupRequest => visit.say("view-groups"),
            NotificationKind::ConnectionRequest => visit.say("view-request"),
            _ => visit.say("view-post"),
        }
        .into(),
        asks_to_follow: view.kind == NotificationKind::FollowRequest,
    }
}

/// What somebody did.
const fn told(kind: NotificationKind) -> Key {
    match kind {
        NotificationKind::Mention => key("told-mention"),
        NotificationKind::Follow => key("told-follow"),
        NotificationKind::FollowRequest => key("told-follow-request"),
        NotificationKind::Favourite => key("told-favourite"),
        NotificationKind::Boost => key("told-boost"),
        NotificationKind::Update => key("told-update"),
        NotificationKind::Status => key("told-status"),
        NotificationKind::Poll => key("told-poll"),
        NotificationKind::GroupRequest => key("told-group-request"),
        NotificationKind::GroupInvitation => key("told-group-invitation"),
        NotificationKind::ConnectionRequest => key("told-connection-request"),
        NotificationKind::Connection => key("told-connection"),
    }
}

/// Links to newer and older entries of a list.
pub(crate) fn pager<T>(path: &str, slice: &Slice<T>, limit: i64, on_first_page: bool) -> Pager {
    let full = i64::try_from(slice.items.len()).is_ok_and(|count| count >= limit);
    let and = if path.contains('?') { '&' } else { '?' };
    Pager {
        newer: slice.first.filter(|_| !on_first_page).map(|id| format!("{path}{and}min_id={id}")),
        older: slice.last.filter(|_| full).map(|id| format!("{path}{and}max_id={id}")),
    }
}

/// Whom to write to.
pub(crate) fn contact(words: &str) -> Contact {
    let link = if words.starts_with("https://") {
        Some(words.to_owned())
    } else if words.contains('@') && !words.contains(char::is_whitespace) {
        Some(format!("mailto:{words}"))
    } else {
        None
    };
    Contact { words: words.to_owned(), link }
}

fn number(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}
