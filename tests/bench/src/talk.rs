//! Filling a database with posts that differ: threads, tags, notifications, long profiles, and posts that not everyone
//! may read.

use anyhow::Result;

use crate::filling::{Database, FOLLOWED, Filled, Size};

/// Posts of a thread; the answers make a tree, two to each post.
const THREAD: i64 = 20;
/// Threads that are talked in at the same time, one post after the other.
const AT_A_TIME: i64 = 100;
/// Words that occur in one post of so many, and in as many names.
const RARE: i64 = 1000;
/// One post of so many is by the person whose profile is read.
const LONG_PROFILE: i64 = 100;
/// One post of so many is by the reader.
const OWN: i64 = 1000;
/// Of so many posts, one is for its author's followers and one for named people.
const MIXED: i64 = 19;

/// Fills a database whose first two people, `person0` and `person1`, have published and follow each other.
///
/// # Errors
/// When the database refuses.
pub fn fill(backend: &str, url: &str, size: Size) -> Result<Filled> {
    let mut database = Database::open(backend, url)?;
    let filled = Filled::of(&mut database, size)?;
    database.begin()?;
    let name = format!("'Officer ' || n.i || ' of ' || {}", rare_word());
    filled.people(&mut database, &[("display_name", name)])?;
    filled.posts(&mut database, &posts(&filled))?;
    // Nobody but those who are named finds at home what is for named people.
    filled.homes(&mut database, &format!("n.i % {MIXED} <> 13"))?;
    follows(&mut database, &filled)?;
    mentions(&mut database, &filled)?;
    favourites(&mut database, &filled)?;
    tags(&mut database, &filled)?;
    database.run("COMMIT")?;
    database.run("ANALYZE")?;
    Ok(filled)
}

/// Whether the `i`-th post starts a thread.
#[must_use]
pub const fn starts_thread(i: i64) -> bool {
    (i - 1) % (THREAD * AT_A_TIME) < AT_A_TIME
}

/// A word to search for: one of those that stand in one of a thousand posts.
#[must_use]
pub fn rare_word_of(number: usize) -> String {
    format!("desk{}", 1000 + number % 1000)
}

/// Whether anybody may read the `i`-th post.
#[must_use]
pub const fn is_open(i: i64) -> bool {
    !matches!(i % MIXED, 7 | 13)
}

/// The numbers of the posts of the person with the long profile.
pub fn of_long_profile(filled: &Filled) -> impl Iterator<Item = i64> {
    let first = filled.post + 3;
    (0..filled.size.posts / LONG_PROFILE).map(move |number| first + number * LONG_PROFILE)
}

fn rare_word() -> String {
    format!("'desk' || ({RARE} + n.i % {RARE})")
}

/// What differs from post to post.
fn posts(filled: &Filled) -> Vec<(&'static str, String)> {
    let Filled { reader, author, post, .. } = filled;
    let block = THREAD * AT_A_TIME;
    let place = format!("((n.i - 1) % {block} / {AT_A_TIME})");
    let start = format!("1 + (n.i - 1) / {block} * {block} + (n.i - 1) % {AT_A_TIME}");
    let parent = format!("{start} + ({place} - 1) / 2 * {AT_A_TIME}");
    let answers = |given: String| format!("CASE WHEN {place} = 0 THEN NULL ELSE {given} END");
    let words = |open: &str, close: &str| {
        let desk = rare_word();
        format!("'{open}Minute ' || n.i || ' of ' || {desk} || ', who ask for what was agreed.{close}' || t.")
    };
    let last = THREAD - 1;
    vec![
        ("thread_id", format!("{post} + {start}")),
        ("in_reply_to_id", answers(format!("{post} + {parent}"))),
        ("in_reply_to_uri", answers(format!("'http://filler.example/posts/' || ({parent})"))),
        (
            "author_id",
            format!(
                "CASE WHEN n.i % {LONG_PROFILE} = 3 THEN {author} WHEN n.i % {OWN} = 501 THEN {reader} ELSE {} END",
                filled.somebody()
            ),
        ),
        // 2: for followers. 4: for named people.
        ("audience", format!("CASE n.i % {MIXED} WHEN 7 THEN 2 WHEN 13 THEN 4 ELSE t.audience END")),
        ("content", words("<p>", "</p>") + "content"),
        ("source", words("", " ") + "source"),
        (
            "replies_count",
            format!("CASE WHEN 2 * {place} + 2 <= {last} THEN 2 WHEN 2 * {place} + 1 <= {last} THEN 1 ELSE 0 END"),
        ),
        ("favourites_count", "1 - n.i % 2".to_owned()),
    ]
}

/// The reader follows those whose posts come home to them.
fn follows(database: &mut Database, filled: &Filled) -> Result<()> {
    let Filled { reader, author, .. } = filled;
    let one = format!("SELECT id AS number FROM follows WHERE follower_id = {reader} AND followed_id = {author}");
    let one = database.number(&one)?;
    let changed = [
        ("id", format!("{one} + n.i")),
        ("uri", "'http://filler.example/follows/' || n.i".to_owned()),
        ("followed_id", format!("{author} + 1 + (n.i - 1) * {}", filled.every())),
    ];
    database.copy("follows", one, FOLLOWED, &changed)
}

/// One post of two hundred names the reader, who is told.
fn mentions(database: &mut Database, filled: &Filled) -> Result<()> {
    let Filled { reader, post, .. } = filled;
    let named = format!("SELECT {post} + n.i, {reader}, TRUE FROM n WHERE n.i % 200 = 50");
    database.each("post_recipients (post_id, actor_id, mentioned)", filled, &named)?;
    let who = filled.somebody();
    notify(database, filled, &format!("{reader}, 0, {who}, {post} + n.i"), "n.i % 200 = 50")
}

/// Every second post is somebody's favourite, and so are the reader's, by many; each author is told.
fn favourites(database: &mut Database, filled: &Filled) -> Result<()> {
    let Filled { reader, author, post, size: Size { posts, people }, .. } = filled;
    let somebody = format!("{author} + 1 + (n.i * 7919) % {people}");
    let whose = filled.somebody();
    let other = "n.i % 2 = 0 AND n.i % 200 <> 50";
    notify(database, filled, &format!("{whose}, 3, {somebody}, {post} + n.i"), other)?;
    favour(database, filled, &format!("{somebody}, {post} + n.i"), other)?;
    let anybody = format!("{author} + 1 + n.i / 100 % {people}");
    let own = format!("{post} + 501 + {OWN} * ((n.i * 7919) % {})", posts / OWN);
    notify(database, filled, &format!("{reader}, 3, {anybody}, {own}"), "n.i % 100 = 51")?;
    favour(database, filled, &format!("{anybody}, {own}"), "n.i % 100 = 51")
}

fn notify(database: &mut Database, filled: &Filled, what: &str, which: &str) -> Result<()> {
    let columns = "notifications (id, owner_id, kind, actor_id, post_id, created_at, filtered)";
    let post = filled.post;
    let when = format!("(SELECT published_at FROM posts WHERE id = {post})");
    let rows = format!("SELECT {post} + n.i, {what}, {when}, FALSE FROM n WHERE {which} ON CONFLICT DO NOTHING");
    database.each(columns, filled, &rows)
}

fn favour(database: &mut Database, filled: &Filled, what: &str, which: &str) -> Result<()> {
    let (uri, post) = ("'http://filler.example/likes/' || n.i", filled.post);
    let rows = format!("SELECT {post} + n.i, {what}, {uri}, 0 FROM n WHERE {which} ON CONFLICT DO NOTHING");
    database.each("favourites (id, actor_id, post_id, uri, created_at)", filled, &rows)
}

/// One post of four has one of five hundred tags, and one of twenty the tag that everybody uses.
fn tags(database: &mut Database, filled: &Filled) -> Result<()> {
    let post = filled.post;
    for (tag, which) in [("'topic' || n.i / 4 % 500", "n.i % 4 = 0"), ("'figures'", "n.i % 20 = 1")] {
        let rows = format!("SELECT {tag}, {post} + n.i FROM n WHERE {which}");
        database.each("post_tags (tag, post_id)", filled, &rows)?;
    }
    Ok(())
}
