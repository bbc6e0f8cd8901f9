//! Effects of peers, on both databases.
