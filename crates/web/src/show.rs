//! From what `app` shows to the plain words of the templates.

use corridor_app::announcements::AnnouncementView;
use corridor_app::connections::{ConnectionView, Standing};
use corridor_app::polls::{PollOptionView, PollView};
use corridor_app::{
    Ctx, MediaKind, MediaView, NotificationKind, NotificationView, PersonView, PostKind, PostView, RelationshipView,
    Slice,
};
use corridor_domain::text::{excerpt, plain_text};
use corridor_domain::{ActorId, ActorKind, Audience, Marking, Timestamp};

use crate::views::{
    Announcement, AudienceWords, Boostable, Connected, Connection, Contact, Follow, MarkingWords, Moment, Notification,
    Pager, Person, Poll, PollOption, Post, PostLink, PostMedia, Profile, ProfileFact, SafeHtml, count, size,
};

/// Characters of a post that a notification shows.
const EXCERPT: usize = 140;

/// A moment in words.
pub(crate) fn moment(at: Timestamp) -> Moment {
    Moment::new(at.date_time())
}

/// What everyone on the node is told.
pub(crate) fn announcement(view: &AnnouncementView) -> Announcement {
    let words = |at: Timestamp| {
        let words = moment(at).words;
        // Days are days of UTC, so that no clock moves them.
        if view.all_day { at.date_time().format("%-d %B %Y").to_string() } else { words }
    };
    let when = match (view.starts_at, view.ends_at) {
        (Some(starts), Some(ends)) if view.all_day && starts == ends => words(starts),
        (Some(starts), Some(ends)) => format!("From {} until {}", words(starts), words(ends)),
        (Some(starts), None) => format!("From {}", words(starts)),
        (None, Some(ends)) => format!("Until {}", words(ends)),
        (None, None) => String::new(),
    };
    Announcement { id: view.id.to_string(), content: SafeHtml::sanitised(view.content.clone()), when }
}

/// A person in one line.
pub(crate) fn person(view: &PersonView, ctx: &Ctx) -> Person {
    let host = view.host.clone().unwrap_or_else(|| ctx.settings.addresses.account_domain.to_string());
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
pub(crate) fn post(view: &PostView, ctx: &Ctx, reader: ActorId) -> Post {
    let (inner, booster) = match &view.boost_of {
        Some(boosted) => (boosted.as_ref(), Some(person(&view.author, ctx))),
        None => (view, None),
    };
    Post {
        id: inner.id.to_string(),
        entry: view.id.to_string(),
        url: post_path(inner),
        author: person(&inner.author, ctx),
        published: moment(inner.published_at),
        edited: inner.edited_at.map(moment),
        boosted_by: booster,
        in_reply_to: parent(inner),
        audience: audience_of(inner, ctx),
        marking: marking(inner),
        group: inner
            .group
            .as_ref()
            .map(|group| PostLink { name: group.display_name.clone(), url: format!("/groups/{}", group.id) }),
        topic: topic(inner),
        group_acts: Vec::new(),
        title: inner.title.clone(),
        warning: inner.summary.clone(),
        content: SafeHtml::sanitised(inner.content.clone()),
        media: inner.media.iter().map(media).collect(),
        poll: inner.poll.as_ref().map(poll),
        sensitive: inner.sensitive,
        language: if inner.language.starts_with("en") { String::new() } else { inner.language.clone() },
        replies: number(inner.replies_count),
        boosts: number(inner.boosts_count),
        favourites: number(inner.favourites_count),
        favourited: inner.marks.favourited,
        boosted: inner.marks.boosted,
        bookmarked: inner.marks.bookmarked,
        boostable: boostable(inner),
        mine: inner.author.id == reader && inner.kind != PostKind::Boost,
        actions: true,
        here: false,
    }
}

/// What the first post of a talk is besides, in a word or two.
fn topic(view: &PostView) -> String {
    let topic = view.topic;
    match (topic.announcement, topic.question, topic.answer) {
        (true, ..) => "Announcement",
        (false, true, Some(_)) => "Answered question",
        (false, true, None) => "Question",
        _ => "",
    }
    .to_owned()
}

/// The path of a person's or group's page here.
pub(crate) fn actor_path(view: &PersonView) -> String {
    if view.kind == ActorKind::Group { format!("/groups/{}", view.id) } else { person_path(view) }
}

/// A poll. Who may vote sees a form, and the results when they have voted.
fn poll(view: &PollView) -> Poll {
    let base = view.voters.map_or_else(|| number(view.votes), number);
    let option = |(value, option): (usize, &PollOptionView)| PollOption {
        value,
        title: option.title.clone(),
        votes: option.votes.map(|votes| PollOption::in_words(number(votes), base)).unwrap_or_default(),
        chosen: view.own.contains(&value),
    };
    Poll {
        options: view.options.iter().enumerate().map(option).collect(),
        multiple: view.multiple,
        open: !view.ended && !view.voted,
        ended: view.ended,
        hidden: view.options.iter().any(|option| option.votes.is_none()),
        turnout: match view.voters {
            Some(1) => "1 person has voted".to_owned(),
            Some(voters) => format!("{} have voted", count(number(voters), "person", "people")),
            None => count(number(view.votes), "vote", "votes"),
        },
        ends: view.ends_at.map(moment),
        reset: view.reset_at.map(moment),
    }
}

/// A picture or file.
pub(crate) fn media(view: &MediaView) -> PostMedia {
    PostMedia {
        id: view.id.to_string(),
        picture: view.kind == MediaKind::Image,
        description: view.description.clone(),
        width: view.small.0,
        height: view.small.1,
        name: if view.name.is_empty() { "File".to_owned() } else { view.name.clone() },
        about: match u64::try_from(view.bytes).unwrap_or(0) {
            0 => view.words.to_owned(),
            bytes => format!("{}, {}", view.words, size(bytes)),
        },
        missing: view.broken,
    }
}

fn parent(view: &PostView) -> Option<PostLink> {
    let (id, author) = view.in_reply_to?;
    let known = view.mentions.iter().find(|mention| mention.id == author);
    let (name, acct) = match known {
        Some(mention) => (format!("@{}", mention.acct), mention.acct.clone()),
        None if author == view.author.id => ("their own post".to_owned(), view.author.acct()),
        None => ("a post".to_owned(), view.author.acct()),
    };
    Some(PostLink { name, url: format!("/@{acct}/{id}") })
}

fn boostable(view: &PostView) -> Boostable {
    match view.audience {
        Audience::Network => Boostable::Yes,
        Audience::Department => Boostable::No("Posts for one department can't be boosted.".to_owned()),
        Audience::Followers => Boostable::No("Posts for followers can't be boosted.".to_owned()),
        Audience::Group => Boostable::No("Posts for a group can't be boosted.".to_owned()),
        Audience::Named => Boostable::No("Posts for named people can't be boosted.".to_owned()),
    }
}

/// Who can see this post, in words: of one in a group, by the group's name and door.
fn audience_of(view: &PostView, ctx: &Ctx) -> AudienceWords {
    let words = audience(view.audience, ctx);
    match view.group.as_ref().filter(|_| view.audience == Audience::Group) {
        Some(group) if group.locked => AudienceWords { who: format!("members of {}", group.display_name), ..words },
        Some(_) => AudienceWords { who: "everyone in the connected departments".to_owned(), closed: false, ..words },
        None => words,
    }
}

/// Who can see a post, in words.
pub(crate) fn audience(audience: Audience, ctx: &Ctx) -> AudienceWords {
    let (name, who) = match audience {
        Audience::Department => ("Department", format!("only people in {}", ctx.settings.department)),
        Audience::Network => ("Network", "everyone in the connected departments".to_owned()),
        Audience::Followers => ("Followers", "people who follow the author, and those named".to_owned()),
        Audience::Group => ("Group", "members of the group".to_owned()),
        Audience::Named => ("Named people", "only the people named in it".to_owned()),
    };
    AudienceWords { name: name.to_owned(), who, closed: audience != Audience::Network }
}

fn marking(view: &PostView) -> MarkingWords {
    MarkingWords {
        name: view.marking_name.clone(),
        handling: view.handling.clone(),
        raised: view.marking > Marking::LOWEST,
    }
}

/// A person's page, without the posts.
pub(crate) fn profile(view: &PersonView, ctx: &Ctx, reader: ActorId, relation: Option<&RelationshipView>) -> Profile {
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
        person: person(view, ctx),
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
        moved_to: view.moved_to.as_deref().map(|target| person(target, ctx)),
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
pub(crate) fn connection(view: &ConnectionView, standing: Standing, ctx: &Ctx) -> Connection {
    Connection {
        person: person(&view.person, ctx),
        note: if view.connected_at.is_none() { view.note.clone() } else { String::new() },
        standing: connected(standing),
        at: moment(view.connected_at.unwrap_or(view.asked_at)),
    }
}

/// Something the reader is told.
pub(crate) fn notification(view: &NotificationView, ctx: &Ctx) -> Notification {
    let did = match view.kind {
        NotificationKind::Mention => "named you in a post",
        NotificationKind::Follow => "follows you",
        NotificationKind::FollowRequest => "asks to follow you",
        NotificationKind::Favourite => "favourited your post",
        NotificationKind::Boost => "boosted your post",
        NotificationKind::Update => "edited a post that you boosted or voted in",
        NotificationKind::Status => "posted",
        NotificationKind::Poll => "asked in a poll that has ended",
        NotificationKind::GroupRequest => "asks to join a group that you run",
        NotificationKind::GroupInvitation => "invites you to join",
        NotificationKind::ConnectionRequest => "asks to connect with you",
        NotificationKind::Connection => "is connected with you now",
    };
    // What is marked is read on its own page, never in passing.
    let shown = view.post.as_ref().filter(|post| post.marking == Marking::LOWEST && post.summary.is_empty());
    Notification {
        from: person(&view.from, ctx),
        did: did.to_owned(),
        excerpt: shown.map(|post| excerpt(&plain_text(&post.content), EXCERPT)).unwrap_or_default(),
        at: moment(view.created_at),
        new: !view.read,
        url: match view.kind {
            NotificationKind::GroupInvitation => Some(actor_path(&view.from)),
            NotificationKind::GroupRequest => Some("/groups".to_owned()),
            NotificationKind::ConnectionRequest => Some("/connections".to_owned()),
            _ => view.post.as_ref().map(post_path),
        },
        link: match view.kind {
            NotificationKind::GroupInvitation => "View group",
            NotificationKind::GroupRequest => "View groups",
            NotificationKind::ConnectionRequest => "View request",
            _ => "View post",
        },
        asks_to_follow: view.kind == NotificationKind::FollowRequest,
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
