//! What people write and read: Markdown in, sanitised HTML out, handles, hashtags, and plain text.

mod clean;
mod emoji;
mod find;
mod handle;
mod href;
pub mod limits;
mod markdown;
mod sanitise;
mod shape;
mod tokens;

#[cfg(test)]
mod hostile;

pub use clean::{TooLong, clean_line, clean_text, excerpt, line_within, text_within};
pub use emoji::{emoji_key, is_emoji};
pub use find::tag_key;
pub use handle::{Handle, InvalidHandle, InvalidUsername, Username};
pub use markdown::{Rendered, ResolvedMention, Scan, count_characters, render, scan};
pub use sanitise::{plain_text, sanitise_html};
