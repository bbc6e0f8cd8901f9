//! The pictures and files of a form: those that are there already, and those that come with it.

use corridor_app::media::{self, MediaEdit, Upload};
use corridor_app::{Error, MediaSettings, PostView};
use corridor_domain::text::limits;
use corridor_domain::{FileGroup, FileType, MediaId};

use crate::error::{PageError, sentence};
use crate::posted::{Posted, PostedFile};
use crate::session::Member;
use crate::show;
use crate::views::{Errors, Message, PostMedia};
use crate::words::{Language, key};

/// What a post is to have.
#[derive(Debug, Clone, Default)]
pub(super) struct Attached {
    /// Uploaded already, each with what is said of it.
    there: Vec<(MediaId, String)>,
    /// Chosen just now, each with what is said of it.
    new: Vec<(PostedFile, String)>,
}

impl Attached {
    pub(super) fn read(mut posted: Posted) -> Self {
        let files = std::mem::take(&mut posted.files);
        let removed: Vec<&str> = posted.all("remove").collect();
        let there = posted
            .all("media")
            .filter(|id| !removed.contains(id))
            .filter_map(|id| Some((id.parse().ok()?, posted.one(&format!("alt-{id}")).to_owned())));
        let new = files.into_iter().map(|file| {
            let number = file.field.strip_prefix("file-").unwrap_or_default();
            let words = posted.one(&format!("file-alt-{number}")).to_owned();
            (file, words)
        });
        Self { there: there.take(limits::MEDIA).collect(), new: new.collect() }
    }

    pub(super) fn of(post: &PostView) -> Self {
        Self { there: post.media.iter().map(|one| (one.id, one.description.clone())).collect(), new: Vec::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.there.is_empty() && self.new.is_empty()
    }

    /// Takes in what was chosen. What is fit stays uploaded, so that nobody has to choose it again when another
    /// answer is wrong.
    pub(super) async fn upload(&mut self, member: &Member, errors: &mut Errors) -> Result<(), PageError> {
        for (file, description) in std::mem::take(&mut self.new) {
            if self.there.len() >= limits::MEDIA {
                errors.add(&file.field, member.say("too-many-files").with("most", limits::MEDIA));
                continue;
            }
            let upload =
                Upload { bytes: file.bytes, name: file.name, description: description.clone(), ..Upload::default() };
            match media::upload(member.ctx(), &member.viewer, upload).await {
                Ok(view) => self.there.push((view.id, description)),
                Err(Error::Invalid(reason)) => {
                    errors.add(&file.field, Message::english(sentence(&reason)).without_stop());
                }
                Err(other) => return Err(other.into()),
            }
        }
        Ok(())
    }

    pub(super) fn ids(&self) -> Vec<MediaId> {
        self.there.iter().map(|(id, _)| *id).collect()
    }

    pub(super) fn edits(&self) -> Vec<MediaEdit> {
        let edit =
            |(id, words): &(MediaId, String)| MediaEdit { id: *id, description: Some(words.clone()), focus: None };
        self.there.iter().map(edit).collect()
    }

    /// What is there, as the form shows it once more.
    pub(super) async fn show(&self, member: &Member) -> Result<Vec<PostMedia>, PageError> {
        let mut shown = Vec::new();
        for (id, description) in &self.there {
            match media::show(member.ctx(), &member.viewer, *id).await {
                Ok(view) => shown
                    .push(PostMedia { description: description.clone(), ..show::media(&view, member.visit.language) }),
                Err(Error::NotFound(_)) => {}
                Err(other) => return Err(other.into()),
            }
        }
        Ok(shown)
    }
}

/// What may be attached, in words.
pub(super) fn hint(settings: &MediaSettings, language: Language) -> String {
    let mut kinds = vec![language.say("files-pictures").to_string()];
    let others = [
        (FileGroup::Pdf, key("files-pdf")),
        (FileGroup::Office, key("files-office")),
        (FileGroup::Text, key("files-text")),
    ];
    kinds.extend(
        others
            .into_iter()
            .filter(|(group, _)| settings.takes(*group))
            .map(|(_, words)| language.say_key(words).to_string()),
    );
    language
        .say("files-hint")
        .with("kinds", language.list(&kinds))
        .with("size", settings.max_bytes / 1024 / 1024)
        .with("most", limits::MEDIA)
        .into()
}

/// The same for the browser.
pub(super) fn accept(settings: &MediaSettings) -> String {
    let taken = FileType::ALL.into_iter().filter(|kind| settings.takes(kind.group()));
    taken.map(FileType::mime).collect::<Vec<_>>().join(",")
}
