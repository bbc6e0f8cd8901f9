//! Everything that a database holds, as text, to see that a refusal has changed nothing.

use std::collections::BTreeMap;

use anyhow::Result;
use corridor_tests::Database;
use diesel::sql_types::Text;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

/// The audit tells of refusals, and the other two of how sending goes, which is not what a request of a peer changes.
const APART: [&str; 3] = ["audit_entries", "peers", "deliveries"];

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
        let columns = sql_query(columns).load::<Row>(conn)?;
        let columns: Vec<String> = columns.iter().map(|column| format!("quote(\"{}\")", column.value)).collect();
        let row = columns.join(" || ',' || ");
        let rows = format!("SELECT {row} AS value FROM \"{table}\" ORDER BY 1");
        keep(&mut state, table, sql_query(rows).load::<Row>(conn)?);
    }
    Ok(state)
}

fn of_postgres(conn: &mut PgConnection) -> Result<State> {
    let tables = "SELECT tablename::text AS value FROM pg_tables WHERE schemaname = 'public'";
    let mut state = State::new();
    for Row { value: table } in sql_query(tables).load::<Row>(conn)? {
        let rows = format!("SELECT t::text AS value FROM \"{table}\" t ORDER BY 1");
        keep(&mut state, table, sql_query(rows).load::<Row>(conn)?);
    }
    Ok(state)
}

fn keep(state: &mut State, table: String, rows: Vec<Row>) {
    if !APART.contains(&table.as_str()) {
        state.insert(table, rows.into_iter().map(|row| row.value).collect::<Vec<_>>().join("\n"));
    }
}
