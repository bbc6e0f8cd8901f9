//! A page of a list, with the cursors that lead on from it.

/// A page of a list that is ordered newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice<T> {
    /// The entries, newest first. May be fewer than the cursors span.
    pub items: Vec<T>,
    /// The cursor of the newest entry: what `min_id` and `since_id` take. `None` when the page is empty.
    pub first: Option<i64>,
    /// The cursor of the oldest entry: what `max_id` takes.
    pub last: Option<i64>,
}

impl<T> Slice<T> {
    /// A page whose cursors are read off each entry.
    pub(crate) fn of(items: Vec<T>, cursor: impl Fn(&T) -> i64) -> Self {
        let (first, last) = (items.first().map(&cursor), items.last().map(&cursor));
        Self { items, first, last }
    }

    /// Other entries under the same cursors.
    pub(crate) fn with<U>(&self, items: Vec<U>) -> Slice<U> {
        Slice { items, first: self.first, last: self.last }
    }
}
