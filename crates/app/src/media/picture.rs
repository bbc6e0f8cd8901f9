//! Pictures, decoded under strict limits and encoded anew: what leaves here is pixels and nothing else.

use std::io::Cursor;
use std::time::Duration;

use corridor_domain::FileType;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use super::MediaSettings;
use super::state::MediaState;
use crate::{Error, Result};

/// Longest side of the picture that is kept.
const FULL: u32 = 3840;
/// Longest side of the small one.
pub(super) const SMALL: u32 = 640;
/// Longest side of what the blurhash is made from.
const BLUR: u32 = 64;
const JPEG_QUALITY: u8 = 85;
/// Decoding and encoding may take this long together.
const PATIENCE: Duration = Duration::from_secs(20);

/// A picture that is nothing but a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) kind: FileType,
    pub(super) full: Vec<u8>,
    pub(super) small: Vec<u8>,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) blurhash: String,
}

/// Makes a clean picture of what was sent. Of an animation the first frame is kept.
pub(super) async fn clean(
    state: &MediaState,
    settings: &MediaSettings,
    kind: FileType,
    bytes: Vec<u8>,
) -> Result<Picture> {
    let limits = settings.clone();
    apart(state, move || clean_now(&limits, kind, &bytes)).await
}

/// Does work that may take a core, much memory, or panic, where it harms nobody.
async fn apart<T: Send + 'static>(state: &MediaState, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    let permit = state.decoding.clone().acquire_owned().await.map_err(|error| Error::Internal(Box::new(error)))?;
    let work = tokio::task::spawn_blocking(move || {
        // Held until the work ends, also when nobody waits for it any more.
        let _permit = permit;
        work()
    });
    match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(done)) => done,
        // A panic in a decoder is one more way to say that this is no picture.
        Ok(Err(_)) => Err(unreadable()),
        Err(_) => Err(Error::invalid("The picture takes too long to read: make it smaller")),
    }
}

fn unreadable() -> Error {
    Error::invalid("The picture can't be read: it is damaged, or not what it says it is")
}

fn clean_now(settings: &MediaSettings, kind: FileType, bytes: &[u8]) -> Result<Picture> {
    let picture = decode(settings, kind, bytes)?;
    let full = shrunk(picture, FULL);
    let small = shrunk(full.clone(), SMALL);
    let blurhash = blurhash_of(&small);
    // Drawings and what one can see through stay as they are; photographs become JPEG.
    let as_png = matches!(kind, FileType::Png | FileType::Gif) || full.color().has_alpha();
    let kind = if as_png { FileType::Png } else { FileType::Jpeg };
    Ok(Picture {
        kind,
        width: full.width(),
        height: full.height(),
        full: encode(&full, kind)?,
        small: encode(&small, kind)?,
        blurhash,
    })
}

/// The pixels, turned as the camera was held.
fn decode(settings: &MediaSettings, kind: FileType, bytes: &[u8]) -> Result<DynamicImage> {
    let format = match kind {
        FileType::Jpeg => ImageFormat::Jpeg,
        FileType::Png => ImageFormat::Png,
        FileType::Gif => ImageFormat::Gif,
        FileType::WebP => ImageFormat::WebP,
        _ => return Err(unreadable()),
    };
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(settings.max_side);
    limits.max_image_height = Some(settings.max_side);
    // 16 bits of four channels, and as much again to work with.
    limits.max_alloc = Some(u64::from(settings.max_pixels) * 16);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| judge(settings, &error))?;
    let (width, height) = decoder.dimensions();
    let fits = u64::from(width) * u64::from(height) <= u64::from(settings.max_pixels)
        && width.max(height) <= settings.max_side
        && width.min(height) > 0;
    if !fits {
        return Err(too_large(settings));
    }
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|error| judge(settings, &error))?;
    picture.apply_orientation(orientation);
    // Eight bits are what screens show; the profile, if any, does not come along.
    let picture = if picture.color().has_alpha() {
        DynamicImage::ImageRgba8(picture.into_rgba8())
    } else {
        DynamicImage::ImageRgb8(picture.into_rgb8())
    };
    Ok(picture)
}

fn judge(settings: &MediaSettings, error: &image::ImageError) -> Error {
    if matches!(error, image::ImageError::Limits(_)) { too_large(settings) } else { unreadable() }
}

fn too_large(settings: &MediaSettings) -> Error {
    let (pixels, side) = (settings.max_pixels / 1_000_000, settings.max_side);
    Error::invalid(format!(
        "The picture is too large: {pixels} million pixels are the most it can have, and {side} on one side"
    ))
}

fn shrunk(picture: DynamicImage, side: u32) -> DynamicImage {
    if picture.width().max(picture.height()) <= side { picture } else { picture.thumbnail(side, side) }
}

fn encode(picture: &DynamicImage, kind: FileType) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let done = if kind == FileType::Png {
        picture.write_to(Cursor::new(&mut bytes), ImageFormat::Png)
    } else {
        picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY))
    };
    done.map_err(|error| Error::Internal(Box::new(error)))?;
    Ok(bytes)
}

/// A picture's colours in a few letters, shown while it is on its way.
fn blurhash_of(picture: &DynamicImage) -> String {
    let tiny = shrunk(picture.clone(), BLUR).into_rgba8();
    let (across, down) = if tiny.width() >= tiny.height() { (4, 3) } else { (3, 4) };
    // A picture has a blurhash or it has none; that is no reason to refuse it.
    blurhash::encode(across, down, tiny.width(), tiny.height(), tiny.as_raw()).unwrap_or_default()
}

/// How large the small picture of a picture is.
pub(super) fn small_size(width: i32, height: i32) -> (i32, i32) {
    let side = i32::try_from(SMALL).unwrap_or(i32::MAX);
    let longest = width.max(height);
    if longest <= side {
        return (width, height);
    }
    // Rounded as the pixels were.
    let scaled = |part: i32| {
        let (part, side, longest) = (i64::from(part), i64::from(side), i64::from(longest));
        i32::try_from((2 * part * side + longest) / (2 * longest)).unwrap_or(i32::MAX).max(1)
    };
    (scaled(width), scaled(height))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use proptest::prelude::*;

    use super::*;

    #[tokio::test]
    async fn a_panic_in_a_decoder_is_one_unreadable_picture() {
        let state = MediaState::new(1, 1);
        let panicked: Result<()> = apart(&state, || panic!("a decoder's mistake")).await;
        assert!(matches!(panicked, Err(Error::Invalid(_))), "{panicked:?}");
        assert_eq!(apart(&state, || Ok(7)).await.unwrap(), 7, "the next one has its turn");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_bytes_are_too_odd(kind in prop::sample::select(vec![FileType::Jpeg, FileType::Png, FileType::Gif, FileType::WebP]),
                                place in 0_usize..400, byte in any::<u8>(), cut in 0_usize..600) {
            let format = match kind {
                FileType::Jpeg => ImageFormat::Jpeg,
                FileType::Gif => ImageFormat::Gif,
                FileType::WebP => ImageFormat::WebP,
                _ => ImageFormat::Png,
            };
            let mut bytes = Vec::new();
            DynamicImage::new_rgb8(9, 7).write_to(Cursor::new(&mut bytes), format).unwrap();
            if let Some(target) = bytes.get_mut(place) {
                *target = byte;
            }
            bytes.truncate(cut.max(1));
            let settings = MediaSettings { max_pixels: 1_000_000, ..MediaSettings::in_folder("unused") };
            if let Ok(picture) = clean_now(&settings, kind, &bytes) {
                prop_assert!(picture.width * picture.height <= settings.max_pixels);
            }
        }
    }

    #[test]
    fn the_small_size_is_what_the_pixels_become() {
        for (width, height) in [(1, 1), (640, 640), (641, 1), (1200, 800), (3840, 2161), (7, 3000)] {
            let small = shrunk(DynamicImage::new_rgb8(width, height), SMALL);
            let said = small_size(width.try_into().unwrap(), height.try_into().unwrap());
            assert_eq!(said, (small.width().try_into().unwrap(), small.height().try_into().unwrap()));
        }
    }
}
