//! Files of every kind, made here: nothing is read from disk.

use std::io::Cursor;

use anyhow::{Context, Result, ensure};
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::api::caller::{Caller, Said, said};

/// A picture with something in it.
pub fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let pixels = RgbImage::from_fn(width, height, |x, y| Rgb([(x % 256) as u8, (y % 256) as u8, 90]));
    let mut bytes = Vec::new();
    DynamicImage::ImageRgb8(pixels).write_to(Cursor::new(&mut bytes), format).expect("a picture in memory");
    bytes
}

/// A PNG of a usual size.
pub fn png() -> Vec<u8> {
    picture(60, 40, ImageFormat::Png)
}

/// The smallest PDF that is one.
pub fn pdf() -> Vec<u8> {
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n".to_vec()
}

/// A JPEG as a telephone makes it: where it was taken, by whom, which way up, and a comment.
pub fn telling_jpeg(orientation: u8) -> Vec<u8> {
    let plain = picture(80, 20, ImageFormat::Jpeg);
    let entry = |tag: u16, kind: u16, count: u32, value: [u8; 4]| {
        [&tag.to_le_bytes()[..], &kind.to_le_bytes(), &count.to_le_bytes(), &value].concat()
    };
    let artist = b"Secret Agent\0";
    let directory = [
        &3_u16.to_le_bytes()[..],
        &entry(0x0112, 3, 1, [orientation, 0, 0, 0]),
        &entry(0x013b, 2, artist.len() as u32, 50_u32.to_le_bytes()),
        &entry(0x8825, 4, 1, 63_u32.to_le_bytes()),
        &0_u32.to_le_bytes(),
    ]
    .concat();
    let gps = [&1_u16.to_le_bytes()[..], &entry(1, 2, 2, *b"N\0\0\0"), &0_u32.to_le_bytes()].concat();
    let tiff = [&b"II*\0\x08\0\0\0"[..], &directory, artist, &gps, b"GPS 51.5034 -0.1276"].concat();
    let segment =
        |marker: u8, body: &[u8]| [&[0xff, marker][..], &((body.len() + 2) as u16).to_be_bytes(), body].concat();
    let exif = segment(0xe1, &[b"Exif\0\0", &tiff[..]].concat());
    let xmp = segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>Secret Agent</x:xmpmeta>");
    let comment = segment(0xfe, b"Secret Agent was here");
    [&plain[..2], &exif, &xmp, &comment, &plain[2..]].concat()
}

/// A PNG whose header says this size, and which holds next to nothing.
pub fn bomb(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = png();
    bytes.splice(16..24, [width.to_be_bytes(), height.to_be_bytes()].concat());
    let sum = crc(&bytes[12..29]);
    bytes.splice(29..33, sum.to_be_bytes());
    bytes
}

/// A GIF of so many frames, all the same.
pub fn gif_of(frames: usize) -> Vec<u8> {
    let one = picture(20, 20, ImageFormat::Gif);
    let colours = if one[10] & 0x80 == 0 { 0 } else { 3 << ((one[10] & 7) + 1) };
    let (head, rest) = one.split_at(13 + colours);
    let frame = &rest[..rest.len() - 1];
    [head, &frame.repeat(frames), b";"].concat()
}

/// A PNG that moves: so many frames, all the same.
pub fn apng_of(frames: u32) -> Vec<u8> {
    let one = picture(20, 20, ImageFormat::Png);
    let chunk = |kind: &[u8], data: &[u8]| {
        let body = [kind, data].concat();
        [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], &body, &crc(&body).to_be_bytes()].concat()
    };
    let start = one.windows(4).position(|part| part == b"IDAT").expect("a PNG has pixels");
    let length = u32::from_be_bytes(one[start - 4..start].try_into().unwrap()) as usize;
    let pixels = &one[start + 4..start + 4 + length];
    let control = |number: u32| {
        let size = [20_u32.to_be_bytes(), 20_u32.to_be_bytes(), [0; 4], [0; 4]].concat();
        chunk(b"fcTL", &[&number.to_be_bytes()[..], &size, &[0, 1, 0, 25, 0, 0]].concat())
    };
    let mut bytes = one[..start - 4].to_vec();
    bytes.extend(chunk(b"acTL", &[frames.to_be_bytes(), [0; 4]].concat()));
    bytes.extend(control(0));
    bytes.extend(chunk(b"IDAT", pixels));
    for frame in 1..frames {
        bytes.extend(control(2 * frame - 1));
        bytes.extend(chunk(b"fdAT", &[&(2 * frame).to_be_bytes()[..], pixels].concat()));
    }
    bytes.extend(chunk(b"IEND", b""));
    bytes
}

/// A grey JPEG of 2048 pixels on each side that comes in so many steps. Each takes a few bytes, and sends a decoder over all
/// its blocks once more.
pub fn jpeg_of(scans: usize) -> Vec<u8> {
    // One code for each table: no difference, and “nothing in the next 16384 blocks”.
    let table = |class: u8, symbol: u8| [&[0xff, 0xc4, 0, 20, class, 1][..], &[0; 15], &[symbol]].concat();
    let scan = |first: u8, last: u8, bytes: usize| {
        [&[0xff, 0xda, 0, 8, 1, 1, 0, first, last, 0][..], &vec![0; bytes]].concat()
    };
    let head = [&[0xff, 0xd8, 0xff, 0xdb, 0, 67, 0][..], &[1; 64], &[0xff, 0xc2, 0, 11, 8, 8, 0, 8, 0, 1, 1, 0x11, 0]];
    let blocks = 256 * 256;
    let deep = scan(1, 63, 8).repeat(scans.saturating_sub(1));
    [&head.concat()[..], &table(0, 0), &table(0x10, 0xe0), &scan(0, 0, blocks / 8), &deep, &[0xff, 0xd9]].concat()
}

/// The check sum of a PNG chunk.
fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| if sum & 1 == 1 { (sum >> 1) ^ 0xedb8_8320 } else { sum >> 1 })
    })
}

/// A form with files, and its content type, as browsers and clients send it.
pub fn multipart(fields: &[(&str, &str)], files: &[(&str, &str, &str, &[u8])]) -> (String, Vec<u8>) {
    const BOUNDARY: &str = "----corridor-test-boundary";
    let mut body = Vec::new();
    for (field, value) in fields {
        body.extend(
            format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n").bytes(),
        );
    }
    for (field, name, mime, bytes) in files {
        let name = name.replace('"', "%22").replace(['\r', '\n'], "");
        body.extend(
            format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\nContent-Type: {mime}\r\n\r\n"
            )
            .bytes(),
        );
        body.extend(*bytes);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").bytes());
    (format!("multipart/form-data; boundary={BOUNDARY}"), body)
}

/// Sends a file to the client API.
pub async fn upload(caller: &Caller, bytes: Vec<u8>, name: &str, mime: &str, description: &str) -> Result<Said> {
    let fields = [("description", description)];
    let (kind, body) = multipart(&fields, &[("file", name, mime, &bytes)]);
    said(caller.request(Method::POST, "/api/v2/media").header("content-type", kind).body(body)).await
}

/// Uploads a picture and expects it to be taken.
pub async fn uploaded(caller: &Caller, bytes: Vec<u8>, description: &str) -> Result<Value> {
    upload(caller, bytes, "picture.png", "image/png", description).await?.ok()
}

/// What an address serves: status, headers and bytes.
#[derive(Debug)]
pub struct Served {
    pub status: StatusCode,
    pub headers: reqwest::header::HeaderMap,
    pub bytes: Vec<u8>,
}

impl Served {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// An address without what opens it by itself: the same for every reader, and from day to day.
pub fn plain(address: &Value) -> Value {
    address.as_str().and_then(|address| address.split('?').next()).into()
}

pub async fn serve(caller: &Caller, address: &Value, headers: &[(&str, &str)]) -> Result<Served> {
    let mut request = caller.request(Method::GET, address.as_str().context("no address")?);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    Ok(Served { status, headers, bytes: answer.bytes().await?.to_vec() })
}

/// A served picture holds nothing of what a camera wrote into it.
pub fn tells_nothing(bytes: &[u8]) -> Result<()> {
    for secret in [&b"Exif"[..], b"Secret", b"GPS", b"xmp", b"ICC", b"<script", b"PK\x03\x04"] {
        ensure!(
            !bytes.windows(secret.len()).any(|part| part == secret),
            "it still says {:?}",
            String::from_utf8_lossy(secret)
        );
    }
    Ok(())
}
