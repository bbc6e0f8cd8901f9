//! Everything that a database holds, as text, to see that a refusal has changed nothing.

use std::collections::BTreeMap;

use anyhow::Result;
use corridor_tests::Database;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

/// The audit tells of refusals, and the other two of how sending goes, which is not what a request of a peer changes.
const APART: [&str; 3] = ["audit_entries", "peers", "deliveries"];

/// A signature that does not fit makes the node ask once for a newer key: that it asked is no change.
const ASKED: [(&str, &str); 5] = [
    ("actors", "fetched_at"),
    ("actors", "updated_at"),
    ("actor_keys", "id"),
    ("actor_keys", "valid_from"),
    ("actor_keys", "fetched_at"),
];

/// What each table holds.
pub type State = BTreeMap<String, String>;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    value: String,
}

/// Reads all tables but those that live on their own.
pub fn state(database: &Database) -> Result<State> {
    tokio::task::block_in_place(|| match database.url().strip_prefix("sqlite:") {
        Some(file) => of_sqlite(&mut SqliteConnection::establish(file)?),
        None => of_postgres(&mut PgConnection::establish(database.url())?),
    })
}

/// The tables that differ.
pub fn changed(before: &State, after: &State) -> Vec<String> {
    after.iter().filter(|(table, rows)| before.get(*table) != Some(*rows)).map(|(table, _)| table.clone()).collect()
}

fn of_sqlite(conn: &mut SqliteConnection) -> Result<State> {
    sql_query("PRAGMA busy_timeout = 5000").execute(conn)?;
    let tables = "SELECT name AS value FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' \
                  AND sql NOT LIKE 'CREATE VIRTUAL%'";
    let mut state = State::new();
    for Row { value: table } in sql_query(tables).load::<Row>(conn)? {
        let columns = format!("SELECT name AS value FROM pragma_table_info('{table}')");
        let row = row_of(&table, sql_query(columns).load::<Row>(conn)?, |column| format!("quote(\"{column}\")"));
        let rows = format!("SELECT {row} AS value FROM \"{table}\" ORDER BY 1");
        keep(&mut state, table, sql_query(rows).load::<Row>(conn)?);
    }
    Ok(state)
}

fn of_postgres(conn: &mut PgConnection) -> Result<State> {
    let tables = "SELECT tablename::text AS value FROM pg_tables WHERE schemaname = 'public'";
    let mut state = State::new();
    for Row { value: table } in sql_query(tables).load::<Row>(conn)? {
        let columns = format!(
            "SELECT column_name::text AS value FROM information_schema.columns \
             WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
        );
        let quoted = |column: &str| format!("coalesce(\"{column}\"::text, 'NULL')");
        let row = row_of(&table, sql_query(columns).load::<Row>(conn)?, quoted);
        let rows = format!("SELECT {row} AS value FROM \"{table}\" ORDER BY 1");
        keep(&mut state, table, sql_query(rows).load::<Row>(conn)?);
    }
    Ok(state)
}

/// All columns of a table as one text.
fn row_of(table: &str, columns: Vec<Row>, quoted: impl Fn(&str) -> String) -> String {
    let kept = columns.iter().map(|column| column.value.as_str()).filter(|column| !ASKED.contains(&(table, column)));
    kept.map(quoted).collect::<Vec<_>>().join(" || ',' || ")
}

fn keep(state: &mut State, table: String, rows: Vec<Row>) {
    if !APART.contains(&table.as_str()) {
        state.insert(table, rows.into_iter().map(|row| row.value).collect::<Vec<_>>().join("\n"));
    }
}
