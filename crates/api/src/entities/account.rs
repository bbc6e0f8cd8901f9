//! The Account entity: a person, group or service.

use corridor_app::PersonView;
use corridor_app::accounts::Preferences;
use corridor_app::media::{Links, PortraitView, Rendition};
use corridor_domain::text::plain_text;
use corridor_domain::{ActorKind, Role};
use schemars::JsonSchema;
use serde::Serialize;

use super::visibility_word;
use crate::pictures;

/// <https://docs.joinmastodon.org/entities/Account/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the entity is Mastodon's")]
pub struct Account {
    id: String,
    username: String,
    acct: String,
    display_name: String,
    locked: bool,
    bot: bool,
    discoverable: bool,
    indexable: bool,
    group: bool,
    created_at: String,
    note: String,
    url: String,
    uri: String,
    avatar: String,
    avatar_static: String,
    header: String,
    header_static: String,
    avatar_description: String,
    header_description: String,
    followers_count: i64,
    following_count: i64,
    statuses_count: i64,
    last_status_at: Option<String>,
    hide_collections: bool,
    noindex: bool,
    emojis: [(); 0],
    roles: [(); 0],
    fields: Vec<Field>,
    /// Ours: the department that the account belongs to.
    department: String,
    /// Ours: the job title.
    role_title: String,
    /// Where they have moved; left out for who has not.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved: Option<Box<Account>>,
}

/// A row of the table on a profile.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(rename = "AccountField")]
pub(super) struct Field {
    name: String,
    value: String,
    verified_at: Option<String>,
}

impl Account {
    /// The account of a person.
    #[must_use]
    pub fn of(person: &PersonView, links: &Links) -> Self {
        let (avatar, header) = (person.avatar.as_ref(), person.header.as_ref());
        let words = |picture: Option<&PortraitView>| picture.map(|one| one.description.clone()).unwrap_or_default();
        let (avatar_description, header_description) = (words(avatar), words(header));
        let avatar = self::avatar(person, links);
        let header = match header {
            Some(picture) => links.media(picture.id, Rendition::Original),
            None => links.addresses.staff_url(pictures::HEADER),
        };
        Self {
            id: person.id.to_string(),
            username: person.username.clone(),
            acct: person.acct(),
            display_name: person.display_name.clone(),
            locked: person.locked,
            bot: person.bot,
            discoverable: person.discoverable,
            indexable: person.indexable,
            group: person.kind == ActorKind::Group,
            created_at: midnight(&person.created_at.to_rfc3339()),
            note: person.summary.clone(),
            url: person.url.clone(),
            uri: person.uri.clone(),
            avatar_static: avatar.clone(),
            avatar,
            header_static: header.clone(),
            header,
            avatar_description,
            header_description,
            followers_count: person.followers_count,
            following_count: person.following_count,
            statuses_count: person.posts_count,
            last_status_at: person.last_post_at.map(|at| at.to_rfc3339().chars().take(10).collect()),
            hide_collections: person.hides_collections,
            noindex: !person.indexable,
            emojis: [],
            roles: [],
            fields: person
                .fields
                .iter()
                .map(|field| Field { name: field.name.clone(), value: field.value.clone(), verified_at: None })
                .collect(),
            department: person.department.clone(),
            role_title: person.role_title.clone(),
            moved: person.moved_to.as_deref().map(|target| Box::new(Self::of(target, links))),
        }
    }
}

/// The address of a person's picture, or of that of those who have none.
pub(crate) fn avatar(person: &PersonView, links: &Links) -> String {
    match &person.avatar {
        Some(picture) => links.media(picture.id, Rendition::Small),
        None => links.addresses.staff_url(pictures::AVATAR),
    }
}

/// Mastodon gives the day of joining only.
fn midnight(moment: &str) -> String {
    let day: String = moment.chars().take(10).collect();
    format!("{day}T00:00:00.000Z")
}

/// <https://docs.joinmastodon.org/entities/Account/#CredentialAccount>
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct CredentialAccount {
    #[serde(flatten)]
    account: Account,
    source: CredentialSource,
    role: CredentialRole,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
struct CredentialSource {
    privacy: &'static str,
    /// Ours: the audience that a new post starts with.
    audience: &'static str,
    sensitive: bool,
    language: Option<String>,
    note: String,
    fields: Vec<Field>,
    follow_requests_count: i64,
    discoverable: bool,
    indexable: bool,
    hide_collections: bool,
    attribution_domains: Vec<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct CredentialRole {
    id: String,
    name: &'static str,
    permissions: String,
    color: &'static str,
    highlighted: bool,
}

impl CredentialRole {
    /// A role of this node.
    pub(super) fn of(role: Role) -> Self {
        Self {
            id: role.code().to_string(),
            name: role.word(),
            permissions: "0".to_owned(),
            color: "",
            highlighted: role != Role::Member,
        }
    }
}

/// The names and values as they were typed. Of older ones only what they became is known.
pub(super) fn fields_as_typed(person: &PersonView, preferences: &Preferences) -> Vec<Field> {
    let field = |name: &str, value: String| Field { name: name.to_owned(), value, verified_at: None };
    if preferences.fields.is_empty() {
        return person.fields.iter().map(|one| field(&one.name, plain_text(&one.value))).collect();
    }
    preferences.fields.iter().map(|one| field(&one.name, one.value.clone())).collect()
}

impl CredentialAccount {
    /// The caller's own account.
    #[must_use]
    pub fn of(person: &PersonView, preferences: &Preferences, role: Role, requests: i64, links: &Links) -> Self {
        let account = Account::of(person, links);
        Self {
            source: CredentialSource {
                privacy: visibility_word(preferences.default_audience),
                audience: preferences.default_audience.word(),
                sensitive: preferences.default_sensitive,
                language: Some(preferences.language.clone()).filter(|language| !language.is_empty()),
                note: person.summary_source.clone(),
                fields: fields_as_typed(person, preferences),
                follow_requests_count: requests,
                discoverable: person.discoverable,
                indexable: person.indexable,
                hide_collections: person.hides_collections,
                attribution_domains: preferences.attribution_domains.clone(),
            },
            role: CredentialRole::of(role),
            account,
        }
    }
}
