//! Every limit on text, in one place. The length of a post is a setting of the node and stands elsewhere.

/// Bytes of Markdown that are read at all.
pub const SOURCE_BYTES: usize = 256 * 1024;
/// Bytes of a peer's HTML that are read at all.
pub const HTML_BYTES: usize = 256 * 1024;
/// How deep elements may lie in each other; deeper ones lose their tags and keep their text.
pub const DEPTH: usize = 32;
/// Bytes of a link's address.
pub const URL_BYTES: usize = 2048;
/// Characters of a username of this node.
pub const USERNAME_CHARS: usize = 64;
/// Characters of a peer's username.
pub const REMOTE_USERNAME_CHARS: usize = 128;
/// Characters of a hashtag, without its sign.
pub const TAG_CHARS: usize = 100;
/// Different people that one post may mention.
pub const MENTIONS: usize = 100;
/// Different hashtags that one post may have.
pub const TAGS: usize = 100;
/// What any bare link counts for, however long it is, as stock clients expect.
pub const LINK_COUNTS_AS: usize = 23;
/// Characters of a display name.
pub const NAME_CHARS: usize = 100;
/// Characters of a role, a title, a list's name, a filter's phrase.
pub const TITLE_CHARS: usize = 200;
/// Characters of a content warning.
pub const SUMMARY_CHARS: usize = 500;
/// Characters of what people write about themselves.
pub const BIO_CHARS: usize = 2000;
/// Profile fields, and characters of each one's name and value.
pub const PROFILE_FIELDS: usize = 8;
/// Characters of a profile field's name, and of its value.
pub const PROFILE_FIELD_CHARS: usize = 255;
/// Characters of an article, whatever the node allows for other posts.
pub const ARTICLE_CHARS: usize = 50_000;
/// Characters of the extract that stands for an article.
pub const EXTRACT_CHARS: usize = 500;
/// Combining marks on one character; more only pile up over the neighbouring lines.
pub const COMBINING_MARKS: usize = 8;
/// Characters of the text that stands for a picture or file.
pub const ALT_CHARS: usize = 1500;
/// Pictures and files of one post.
pub const MEDIA: usize = 4;
/// Pictures and files of a peer's post that are kept.
pub const MEDIA_RECEIVED: usize = 16;
/// Characters of a file's name.
pub const FILE_NAME_CHARS: usize = 100;
/// Characters of a list's title.
pub const LIST_TITLE_CHARS: usize = 256;
/// Characters of a note about somebody.
pub const ACCOUNT_NOTE_CHARS: usize = 2000;
/// Characters of what is written beside the wish to connect.
pub const CONNECTION_NOTE_CHARS: usize = 300;
/// Characters of a filter's title.
pub const FILTER_TITLE_CHARS: usize = 256;
/// Characters of a filter's keyword.
pub const FILTER_KEYWORD_CHARS: usize = 512;
