//! Uploads, their posts, and what is taken off the disk, on both databases.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::io::Cursor;
use std::path::PathBuf;
use std::time::Duration;

use corridor_domain::{Event, Marking, MediaId};
use corridor_store::media::MediaRow;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

use super::{Rendition, Upload, discard, open_for_viewer, show, upload};
use crate::fixtures::{World, note, worlds};
use crate::media::MediaEdit;
use crate::posts::{self, Draft, EditDraft};
use crate::{Error, Viewer, chores, peers};

fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let pixels = RgbImage::from_fn(width, height, |x, y| Rgb([(x % 256) as u8, (y % 256) as u8, 90]));
    let mut bytes = Vec::new();
    DynamicImage::ImageRgb8(pixels).write_to(Cursor::new(&mut bytes), format).unwrap();
    bytes
}

fn file(bytes: Vec<u8>) -> Upload {
    Upload { bytes, name: "a.bin".to_owned(), ..Upload::default() }
}

impl World {
    async fn uploaded(&self, viewer: &Viewer) -> MediaId {
        upload(&self.ctx, viewer, file(picture(40, 30, ImageFormat::Png))).await.unwrap().id
    }

    async fn row(&self, id: MediaId) -> Option<MediaRow> {
        self.write(move |tx| match corridor_store::media::find(tx, id) {
            Err(corridor_store::Error::NotFound) => Ok(None),
            found => found.map(Some),
        })
        .await
    }

    async fn files(&self, id: MediaId) -> Vec<PathBuf> {
        let row = self.row(id).await.unwrap();
        row.files().map(|name| super::folder::path(&self.ctx.settings.media.folder, name)).collect()
    }

    async fn can_open(&self, viewer: &Viewer, id: MediaId) -> bool {
        match open_for_viewer(&self.ctx, viewer, id, Rendition::Original).await {
            Ok(_) => true,
            Err(Error::NotFound(_)) => false,
            Err(error) => panic!("{error}"),
        }
    }
}

async fn refused(world: &World, viewer: &Viewer, upload_of: Upload) -> String {
    match upload(&world.ctx, viewer, upload_of).await {
        Err(Error::Invalid(reason)) => reason,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_kind_of_picture_becomes_a_clean_one() {
    for world in worlds() {
        let ada = world.person("ada").await;
        for (format, mime) in [
            (ImageFormat::Jpeg, "image/jpeg"),
            (ImageFormat::Png, "image/png"),
            (ImageFormat::Gif, "image/png"),
            (ImageFormat::WebP, "image/jpeg"),
        ] {
            let view = upload(&world.ctx, &ada, file(picture(900, 300, format))).await.unwrap();
            assert_eq!((view.mime.as_str(), view.width, view.height), (mime, 900, 300), "{format:?}");
            assert_eq!(view.small, (640, 213));
            assert!(view.blurhash.len() > 6, "{}", view.blurhash);
            let small = std::fs::read(&world.files(view.id).await[1]).unwrap();
            let small = image::load_from_memory(&small).unwrap();
            assert_eq!((small.width(), small.height()), (640, 213), "what is said of the small picture is so");
        }
    }
}

#[tokio::test]
async fn only_its_owner_sees_an_upload_and_then_the_readers_of_its_post() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let id = world.uploaded(&ada).await;
        assert!(world.can_open(&ada, id).await && !world.can_open(&bob, id).await);
        assert!(matches!(show(&world.ctx, &bob, id).await, Err(Error::NotFound(_))));

        let named =
            Draft { audience: Some(corridor_domain::Audience::Named), media: vec![id], ..note("For @bob alone") };
        let cara = world.person("cara").await;
        let post = posts::publish(&world.ctx, &ada, named).await.unwrap();
        assert_eq!(post.media[0].id, id);
        assert!(world.can_open(&bob, id).await && !world.can_open(&cara, id).await);
        posts::delete(&world.ctx, &ada, post.id).await.unwrap();
        for reader in [&ada, &bob, &cara] {
            assert!(!world.can_open(reader, id).await, "a deleted post shows nothing");
        }
    }
}

#[tokio::test]
async fn a_post_takes_only_its_authors_own_and_free_uploads() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let (mine, theirs) = (world.uploaded(&ada).await, world.uploaded(&bob).await);
        let publish = async |media: Vec<MediaId>| posts::publish(&world.ctx, &ada, Draft { media, ..note("") }).await;
        for wrong in [vec![theirs], vec![mine, theirs], vec![mine, mine], vec![MediaId::new(7)], vec![mine; 5]] {
            assert!(matches!(publish(wrong.clone()).await, Err(Error::Invalid(_))), "{wrong:?}");
        }
        assert!(world.home(&ada).await.is_empty(), "a refused post leaves nothing");
        assert!(world.events().await.is_empty());
        let post = publish(vec![mine]).await.unwrap();
        assert!(post.content.is_empty(), "a picture needs no text");
        assert!(matches!(publish(vec![mine]).await, Err(Error::Invalid(_))), "it is in a post already");
        assert!(matches!(discard(&world.ctx, &ada, mine).await, Err(Error::Invalid(_))));
    }
}

#[tokio::test]
async fn an_edit_changes_what_a_post_shows() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let (first, second) = (world.uploaded(&ada).await, world.uploaded(&ada).await);
        let post = posts::publish(&world.ctx, &ada, Draft { media: vec![first], ..note("Look") }).await.unwrap();
        let edit = |media, media_edits| EditDraft { text: "Look".into(), media, media_edits, ..EditDraft::default() };
        let ids = |view: &crate::PostView| view.media.iter().map(|one| one.id).collect::<Vec<_>>();

        let same = posts::edit(&world.ctx, &ada, post.id, edit(None, Vec::new())).await.unwrap();
        assert!(same.edited_at.is_none() && ids(&same) == [first], "nothing was changed");
        let both = posts::edit(&world.ctx, &ada, post.id, edit(Some(vec![second, first]), Vec::new())).await.unwrap();
        assert_eq!(ids(&both), [second, first]);
        let said = MediaEdit { id: first, description: Some("A bus".into()), focus: None };
        let told = posts::edit(&world.ctx, &ada, post.id, edit(None, vec![said])).await.unwrap();
        assert_eq!(told.media[1].description, "A bus");
        let one = posts::edit(&world.ctx, &ada, post.id, edit(Some(vec![first]), Vec::new())).await.unwrap();
        assert_eq!(ids(&one), [first]);
        assert!(!world.can_open(&ada, second).await, "what was taken out is shown to nobody");
        let edits = world.events().await.into_iter().filter(|event| matches!(event, Event::PostEdited { .. })).count();
        assert_eq!(edits, 3, "peers are told of each change and of nothing else");
        let nothing = EditDraft { text: String::new(), media: Some(Vec::new()), ..EditDraft::default() };
        assert!(matches!(posts::edit(&world.ctx, &ada, post.id, nothing).await, Err(Error::Invalid(_))));
        assert!(world.can_open(&ada, first).await, "a refused edit takes nothing out");
    }
}

#[tokio::test]
async fn what_nobody_needs_is_taken_off_the_disk() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let (unused, given_up, used) =
            (world.uploaded(&ada).await, world.uploaded(&ada).await, world.uploaded(&ada).await);
        let files = [world.files(unused).await, world.files(given_up).await, world.files(used).await];
        let post = posts::publish(&world.ctx, &ada, Draft { media: vec![used], ..note("Look") }).await.unwrap();
        discard(&world.ctx, &ada, given_up).await.unwrap();
        chores::run(&world.ctx).await.unwrap();
        let there = |files: &[PathBuf]| files.iter().filter(|file| file.exists()).count();
        assert_eq!((there(&files[0]), there(&files[1]), there(&files[2])), (2, 0, 2));

        world.database.clock.advance(Duration::from_secs(25 * 3600));
        chores::run(&world.ctx).await.unwrap();
        assert_eq!((there(&files[0]), there(&files[2])), (0, 2), "a day is enough to write a post");
        assert!(world.row(unused).await.is_none());

        posts::delete(&world.ctx, &ada, post.id).await.unwrap();
        chores::run(&world.ctx).await.unwrap();
        assert_eq!(there(&files[2]), 2, "hidden, and kept as long as the post");
        world.database.clock.advance(Duration::from_secs(120));
        chores::run(&world.ctx).await.unwrap();
        assert_eq!(there(&files[2]), 0);
        assert!(world.row(used).await.is_none());
    }
}

#[tokio::test]
async fn a_peer_reads_only_what_may_leave_to_it() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let peer = world.peer("there.example", Marking::LOWEST).await;
        let host = corridor_domain::Authority::parse("there.example").unwrap();
        let asked = peers::ask(&world.ctx, corridor_domain::policy::Door::Media, &host).await.unwrap();
        assert_eq!(asked.id, peer);
        let (open, closed, loose) =
            (world.uploaded(&ada).await, world.uploaded(&ada).await, world.uploaded(&ada).await);
        let department = Some(corridor_domain::Audience::Department);
        posts::publish(&world.ctx, &ada, Draft { media: vec![open], ..note("For all") }).await.unwrap();
        let inside = Draft { media: vec![closed], audience: department, ..note("For us") };
        posts::publish(&world.ctx, &ada, inside).await.unwrap();
        let leaves = async |id| super::open_for_peer(&world.ctx, &asked, id, Rendition::Small).await;
        assert!(leaves(open).await.is_ok());
        for id in [closed, loose, MediaId::new(7)] {
            let error = leaves(id).await.unwrap_err();
            assert_eq!(error.to_string(), "that file was not found", "all look like what is not there");
        }
    }
}

#[tokio::test]
async fn a_day_has_its_limit() {
    for mut world in worlds() {
        let ada = world.person("ada").await;
        let mut settings = (*world.ctx.settings).clone();
        settings.media.daily_bytes_of_person = 1500;
        settings.media.max_bytes = 1000;
        world.ctx.settings = settings.into();
        let text = |length| file("x".repeat(length).into_bytes());
        assert!(refused(&world, &ada, text(1001)).await.contains("too large"));
        upload(&world.ctx, &ada, text(900)).await.unwrap();
        assert!(refused(&world, &ada, text(900)).await.contains("tomorrow"));
        world.database.clock.advance(Duration::from_secs(25 * 3600));
        upload(&world.ctx, &ada, text(900)).await.unwrap();
    }
}
