//! A page of a list, with the cursors that lead on from it.

use corridor_domain::Page;

use crate::Result;

/// Reads of a list for one page at most, when much of it is left out.
const ROUNDS: usize = 5;

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

    /// A page of a list of which something is left out after it was read: read on, so that a page is full while there
    /// is more. `read` hands out the cursors of all that it met, newest first, and what is shown of it.
    pub(crate) fn fill(page: Page, mut read: impl FnMut(&Page) -> Result<(Vec<i64>, Vec<T>)>) -> Result<Self> {
        let (mut cursors, mut items): (Vec<i64>, Vec<T>) = (Vec::new(), Vec::new());
        let mut next = page;
        for _ in 0..ROUNDS {
            let (met, shown) = read(&next)?;
            let was_full = i64::try_from(met.len()).is_ok_and(|count| count >= next.limit);
            next.limit = next.limit.saturating_sub(i64::try_from(shown.len()).unwrap_or(i64::MAX));
            if page.is_ascending() {
                next.min_id = met.first().copied();
                cursors.splice(0..0, met);
                items.splice(0..0, shown);
            } else {
                next.max_id = met.last().copied();
                cursors.extend(met);
                items.extend(shown);
            }
            if !was_full || next.limit <= 0 {
                break;
            }
        }
        Ok(Slice::of(cursors, |cursor| *cursor).with(items))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// A list of the numbers below 100, of which only some are shown.
    fn read(page: &Page, shows: impl Fn(i64) -> bool) -> (Vec<i64>, Vec<i64>) {
        let inside = (page.above() + 1)..page.below().min(100);
        let count = usize::try_from(page.limit).unwrap();
        let mut met: Vec<i64> =
            if page.is_ascending() { inside.take(count).collect() } else { inside.rev().take(count).collect() };
        met.sort_unstable();
        met.reverse();
        let shown = met.iter().copied().filter(|number| shows(*number)).collect();
        (met, shown)
    }

    #[test]
    fn a_page_is_full_while_there_is_more_and_leads_on_from_all_that_was_met() {
        let even = |page: &Page| Ok(read(page, |number| number % 2 == 0));
        let newest = Slice::fill(Page::newest(4), even).unwrap();
        assert_eq!((newest.items, newest.first, newest.last), (vec![98, 96, 94, 92], Some(99), Some(92)));
        let up = Page { min_id: Some(10), ..Page::newest(3) };
        let up = Slice::fill(up, even).unwrap();
        assert_eq!((up.items, up.first, up.last), (vec![16, 14, 12], Some(16), Some(11)));
        let end = Slice::fill(Page::before(4, 9), even).unwrap();
        assert_eq!((end.items, end.last), (vec![2], Some(1)));
    }

    #[test]
    fn where_nothing_is_shown_it_stops_and_says_where() {
        let nothing = Slice::fill(Page::newest(4), |page| Ok(read(page, |_| false))).unwrap();
        assert_eq!((nothing.items.len(), nothing.first, nothing.last), (0, Some(99), Some(80)));
        let empty = Slice::fill(Page::before(1, 4), |page| Ok(read(page, |_| true))).unwrap();
        assert_eq!((empty.items.len(), empty.first, empty.last), (0, None, None));
    }
}
