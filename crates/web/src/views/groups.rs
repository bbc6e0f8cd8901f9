//! Groups as pages show them.

use askama::Template;

use super::{Boostable, Choice, Errors, Frame, Nav, Pager, Person, Post, SafeHtml};
use crate::assets;
use crate::words::Language;

/// A group in one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GroupLine {
    /// Its number here.
    pub id: String,
    /// Its name.
    pub name: String,
    /// `@name@department.example`.
    pub handle: String,
    /// `Profession, by request, 12 members`.
    pub about: String,
    /// `You run it`, `You are a member`; empty for strangers.
    pub standing: String,
    /// Its page's path here.
    pub url: String,
}

/// Finding groups: `q` and `kind` are sent.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "groups.html")]
pub struct GroupsPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// What was looked for.
    pub query: String,
    /// The kinds, the first one for all.
    pub kinds: Vec<Choice>,
    /// The reader's own.
    pub own: Vec<GroupLine>,
    /// Those that were found.
    pub found: Vec<GroupLine>,
    /// Newer and older groups.
    pub pager: Pager,
}

/// Making a group: `name`, `title`, `about`, `kind`, `door` and `marking` are sent.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "new_group.html")]
pub struct NewGroupPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// Its address as typed.
    pub name: String,
    /// Its name as typed.
    pub title: String,
    /// What it is for as typed.
    pub about: String,
    /// What it gathers people around.
    pub kinds: Vec<Choice>,
    /// How people come in.
    pub doors: Vec<Choice>,
    /// The lowest marking of its posts.
    pub markings: Vec<Choice>,
    /// What was wrong: fields `name`, `title`, `about`, `kind`, `door`.
    pub errors: Errors,
}

/// What the reader can do at a group's door.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AtDoor {
    /// Join at once.
    Join,
    /// Ask to join.
    Ask,
    /// They have asked, and may take that back.
    Asked,
    /// Take an invitation up, or turn it down.
    Invited,
    /// Leave.
    In,
    /// Nothing.
    #[default]
    Nothing,
}

/// A group's own page.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "group.html")]
pub struct GroupPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// See [`GroupLine`].
    pub group: GroupLine,
    /// What it is for.
    pub about: SafeHtml,
    /// Kind, door, marking, home and what else is told of it: names and words.
    pub facts: Vec<(String, String)>,
    /// See [`AtDoor`].
    pub at_door: AtDoor,
    /// The reader may start a talk.
    pub may_post: bool,
    /// The reader may see who is in it.
    pub shows_members: bool,
    /// The reader runs it.
    pub runs: bool,
    /// Why the posts are not shown; empty when they are.
    pub closed_words: String,
    /// Only questions without an answer are shown.
    pub unanswered: bool,
    /// Posts at the top.
    pub pinned: Vec<Post>,
    /// First posts, newest first.
    pub talks: Vec<Post>,
    /// Newer and older talks.
    pub pager: Pager,
}

/// Someone on a roster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberLine {
    /// Who.
    pub person: Person,
    /// `Facilitator` or `Member`.
    pub role: String,
    /// They run the group.
    pub runs: bool,
    /// It is the reader.
    pub own: bool,
    /// They are of this node, and may be made a facilitator.
    pub here: bool,
}

/// Someone who asks to join.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AskingLine {
    /// Who.
    pub person: Person,
    /// Nobody of their department is in the group yet.
    pub first: bool,
}

/// Who is in a group, and for those who run it, who asks; `handle` is sent to invite somebody.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "group_members.html")]
pub struct GroupMembersPage {
    /// See [`Frame`].
    pub frame: Frame,
    /// See [`GroupLine`].
    pub group: GroupLine,
    /// The roster.
    pub members: Vec<MemberLine>,
    /// Who asks to join.
    pub asking: Vec<AskingLine>,
    /// The reader runs the group.
    pub runs: bool,
    /// The reader may invite.
    pub invites: bool,
    /// Whom to invite, as typed.
    pub handle: String,
    /// Departments whose last member left: what became of their copies.
    pub copies: Vec<String>,
    /// What was wrong: field `handle`.
    pub errors: Errors,
}

impl GroupMembersPage {
    fn members_words(&self) -> String {
        let members = u64::try_from(self.members.len()).unwrap_or(u64::MAX);
        self.frame.language.say("count-members").count("n", members).into()
    }
}
