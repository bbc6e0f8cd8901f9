//! What people write and read: Markdown in, sanitised HTML out, handles, hashtags, and plain text.

mod clean;
mod handle;
pub mod limits;

pub use clean::{TooLong, clean_line, clean_text, excerpt, line_within, text_within};
pub use handle::{Handle, InvalidHandle, InvalidUsername, Username};
