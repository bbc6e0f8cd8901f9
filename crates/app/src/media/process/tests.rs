//! Uploads that are made ready later: also after a restart, never without end, and with nothing left on disk.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::io::Cursor;
use std::path::Path;
use std::time::Instant;

use corridor_store::Store;
use image::{DynamicImage, ImageFormat};

use super::*;
use crate::fixtures::{World, note, worlds};
use crate::media::{discard, show};
use crate::posts::{self, Draft};
use crate::{Settings, chores};

fn picture(side: u32) -> Upload {
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::new_rgb8(side, side).write_to(&mut bytes, ImageFormat::Png).unwrap();
    Upload { bytes: bytes.into_inner(), name: "a.png".to_owned(), ..Upload::default() }
}

/// A picture whose header can't be told from a good one.
fn broken() -> Upload {
    let mut upload = picture(64);
    upload.bytes.truncate(60);
    upload
}

impl World {
    /// A process of this node that makes so many uploads ready at a time, and lets nobody wait.
    fn process(&self, processors: usize) -> Ctx {
        let mut settings: Settings = (*self.ctx.settings).clone();
        settings.media.processors = processors;
        settings.media.patience = Duration::ZERO;
        Ctx::new(Store::open(self.options()).unwrap(), settings)
    }

    fn on_disk(&self) -> usize {
        fn count(folder: &Path) -> usize {
            let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
            entries.flatten().map(|entry| if entry.path().is_dir() { count(&entry.path()) } else { 1 }).sum()
        }
        count(&self.ctx.settings.media.folder)
    }
}

/// Looks until the upload is ready or could not be made so, and its upload is off the disk.
async fn settled(ctx: &Ctx, viewer: &Viewer, id: MediaId) -> Result<MediaView> {
    let start = Instant::now();
    loop {
        let raw = ctx.store.read(move |tx| Ok::<_, Error>(media::find(tx, id)?.raw_hash)).await?;
        let seen = show(ctx, viewer, id).await;
        if raw.is_none() || seen.as_ref().is_err_and(|error| !matches!(error, Error::Invalid(_))) {
            return seen;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{seen:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn who_waits_gets_a_ready_picture_or_the_reason() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let patient = Ctx::new(world.ctx.store.clone(), {
            let mut settings = (*world.ctx.settings).clone();
            settings.media.patience = Duration::from_secs(60);
            settings
        });
        let made = upload_soon(&patient, &ada, picture(900)).await.unwrap();
        assert!(!made.processing && made.width == 900 && made.small == (640, 640));
        assert_eq!(world.on_disk(), 2, "what was uploaded is gone");
        let refused = upload_soon(&patient, &ada, broken()).await.unwrap_err();
        assert!(matches!(&refused, Error::Invalid(reason) if reason.contains("damaged")), "{refused:?}");
        let plain = Upload { bytes: b"Some words".to_vec(), name: "a.txt".to_owned(), ..Upload::default() };
        assert!(!upload_soon(&patient, &ada, plain).await.unwrap().processing, "a file takes no time");
        chores::run(&world.ctx).await.unwrap();
        assert_eq!(world.on_disk(), 3);
    }
}

#[tokio::test]
async fn what_waits_is_made_ready_by_another_process() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let (busy, other) = (world.process(0), world.process(2));
        let mut waiting = Vec::new();
        for _ in 0..5 {
            let made = upload_soon(&busy, &ada, picture(700)).await.unwrap();
            assert!(made.processing && show(&busy, &ada, made.id).await.unwrap().processing);
            waiting.push(made.id);
        }
        let first = *waiting.first().unwrap();
        let draft = Draft { media: vec![first], ..note("Look") };
        let refused = posts::publish(&busy, &ada, draft.clone()).await.unwrap_err();
        assert!(refused.to_string().contains("not finished processing"), "{refused}");
        resume(&other).await.unwrap();
        assert!(show(&other, &ada, first).await.unwrap().processing, "somebody may have begun with it");
        world.ctx.store.clock().advance(LEASE);
        for id in &waiting {
            // Two at a time.
            while show(&other, &ada, *id).await.unwrap().processing {
                resume(&other).await.unwrap();
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            let ready = settled(&other, &ada, *id).await.unwrap();
            assert_eq!((ready.width, ready.small), (700, (640, 640)));
        }
        assert_eq!(world.on_disk(), 10);
        posts::publish(&busy, &ada, draft).await.unwrap();
    }
}

#[tokio::test]
async fn what_can_not_be_made_ready_says_why_and_is_not_tried_for_ever() {
    for world in worlds() {
        let ada = world.person("ada").await;
        let (busy, other) = (world.process(0), world.process(2));
        let bad = upload_soon(&busy, &ada, broken()).await.unwrap().id;
        let lost = upload_soon(&busy, &ada, picture(10)).await.unwrap().id;
        let deadly = upload_soon(&busy, &ada, picture(11)).await.unwrap().id;
        let raw = world.write(move |tx| Ok(media::find(tx, lost)?.raw_hash.unwrap())).await;
        std::fs::remove_file(folder::path(&world.ctx.settings.media.folder, &raw)).unwrap();
        // Whoever began with it was never heard of again.
        for _ in 0..TRIES {
            world.ctx.store.clock().advance(LEASE);
            let begun = world.write(move |tx| {
                let lease = tx.now();
                media::begin_again(tx, deadly, lease)
            });
            assert!(begun.await.is_some());
        }
        world.ctx.store.clock().advance(LEASE);
        for (id, words) in [(bad, "damaged"), (lost, "interrupted"), (deadly, "could not be made ready")] {
            let refused = loop {
                resume(&other).await.unwrap();
                match settled_now(&other, &ada, id).await {
                    Some(refused) => break refused,
                    None => tokio::time::sleep(Duration::from_millis(5)).await,
                }
            };
            assert!(refused.contains(words), "{refused}");
            let post = posts::publish(&other, &ada, Draft { media: vec![id], ..note("Look") }).await.unwrap_err();
            assert!(post.to_string().contains(words), "{post}");
            discard(&other, &ada, id).await.unwrap();
        }
        chores::run(&world.ctx).await.unwrap();
        assert_eq!(world.on_disk(), 0);
    }
}

/// Why an upload could not be made ready, once that is known.
async fn settled_now(ctx: &Ctx, viewer: &Viewer, id: MediaId) -> Option<String> {
    match show(ctx, viewer, id).await {
        Err(Error::Invalid(reason)) => Some(reason),
        Ok(view) if view.processing => None,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn what_is_given_up_while_it_waits_leaves_nothing() {
    for world in worlds() {
        let (ada, bob) = (world.person("ada").await, world.person("bob").await);
        let (busy, other) = (world.process(0), world.process(1));
        let id = upload_soon(&busy, &ada, picture(300)).await.unwrap().id;
        assert!(matches!(show(&busy, &bob, id).await, Err(Error::NotFound(_))));
        assert!(matches!(discard(&busy, &bob, id).await, Err(Error::NotFound(_))));
        discard(&busy, &ada, id).await.unwrap();
        world.ctx.store.clock().advance(LEASE);
        resume(&other).await.unwrap();
        chores::run(&world.ctx).await.unwrap();
        assert_eq!(world.on_disk(), 0);
        assert!(matches!(show(&busy, &ada, id).await, Err(Error::NotFound(_))));
    }
}
