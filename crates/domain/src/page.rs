//! Keyset paging: which slice of an id-ordered list a reader asks for.

/// A slice of a list that is ordered by id, newest first. Bounds are exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// Only ids below this one.
    pub max_id: Option<i64>,
    /// Only ids above this one, newest first: there may be a gap towards it.
    pub since_id: Option<i64>,
    /// Only ids above this one, the ones next to it: no gap. The answer is still newest first.
    pub min_id: Option<i64>,
    /// How many, at most.
    pub limit: i64,
}

impl Page {
    /// The newest `limit` entries.
    #[must_use]
    pub const fn newest(limit: i64) -> Self {
        Self { max_id: None, since_id: None, min_id: None, limit }
    }

    /// The `limit` entries before `max_id`.
    #[must_use]
    pub const fn before(max_id: i64, limit: i64) -> Self {
        Self { max_id: Some(max_id), since_id: None, min_id: None, limit }
    }

    /// Whether the query must run upwards from `min_id` and be turned round.
    #[must_use]
    pub const fn is_ascending(&self) -> bool {
        self.min_id.is_some()
    }

    /// The lower bound, exclusive, whichever of the two was given.
    #[must_use]
    pub fn above(&self) -> i64 {
        self.min_id.or(self.since_id).unwrap_or(0)
    }

    /// The upper bound, exclusive.
    #[must_use]
    pub fn below(&self) -> i64 {
        self.max_id.unwrap_or(i64::MAX)
    }
}
