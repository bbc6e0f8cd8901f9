//! The Profile entity: the caller's own profile, as they typed it.

use corridor_app::PersonView;
use corridor_app::accounts::Preferences;
use corridor_app::media::{Links, PortraitView, Rendition};
use schemars::JsonSchema;
use serde::Serialize;

use super::FeaturedTag;
use super::account::{Field, fields_as_typed};

/// <https://docs.joinmastodon.org/entities/Profile/>
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[expect(clippy::struct_excessive_bools, reason = "the entity is Mastodon's")]
pub struct Profile {
    id: String,
    display_name: String,
    note: String,
    fields: Vec<Field>,
    avatar: Option<String>,
    avatar_static: Option<String>,
    avatar_description: String,
    header: Option<String>,
    header_static: Option<String>,
    header_description: String,
    locked: bool,
    bot: bool,
    hide_collections: bool,
    discoverable: bool,
    indexable: bool,
    show_media: bool,
    show_media_replies: bool,
    show_featured: bool,
    attribution_domains: Vec<String>,
    featured_tags: Vec<FeaturedTag>,
}

impl Profile {
    /// The caller's, with the FeaturedTag entities of what they show.
    #[must_use]
    pub fn of(person: &PersonView, preferences: &Preferences, featured_tags: Vec<FeaturedTag>, links: &Links) -> Self {
        let (avatar, header) = (person.avatar.as_ref(), person.header.as_ref());
        let words = |picture: Option<&PortraitView>| picture.map(|one| one.description.clone()).unwrap_or_default();
        let (avatar_description, header_description) = (words(avatar), words(header));
        let url = |picture: Option<&PortraitView>, rendition| picture.map(|one| links.media(one.id, rendition));
        let (avatar, header) = (url(avatar, Rendition::Small), url(header, Rendition::Original));
        Self {
            id: person.id.to_string(),
            display_name: person.display_name.clone(),
            note: person.summary_source.clone(),
            fields: fields_as_typed(person, preferences),
            avatar_static: avatar.clone(),
            avatar,
            avatar_description,
            header_static: header.clone(),
            header,
            header_description,
            locked: person.locked,
            bot: person.bot,
            hide_collections: person.hides_collections,
            discoverable: person.discoverable,
            indexable: person.indexable,
            show_media: true,
            show_media_replies: true,
            show_featured: true,
            attribution_domains: preferences.attribution_domains.clone(),
            featured_tags,
        }
    }
}
