//! Keyset paging: one macro, so that every list runs the same way up and down.

/// Loads one page of a boxed query, newest first, by a cursor column.
macro_rules! load_page {
    ($tx:expr, $query:expr, $cursor:expr, $page:expr) => {{
        let page: &corridor_domain::Page = $page;
        let query = $query.filter($cursor.gt(page.above())).filter($cursor.lt(page.below())).limit(page.limit.max(0));
        if page.is_ascending() {
            let mut rows: Vec<_> = diesel::RunQueryDsl::load(query.order($cursor.asc()), $tx.conn)?;
            rows.reverse();
            rows
        } else {
            diesel::RunQueryDsl::load(query.order($cursor.desc()), $tx.conn)?
        }
    }};
}

pub(crate) use load_page;
