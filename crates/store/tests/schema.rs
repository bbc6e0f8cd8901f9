//! The two migration folders make the same tables: same columns, same kinds, same nullability, same unique indexes; and
//! those of the schema that queries are compiled against.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

use corridor_store::testing::TestDatabase;
use diesel::sql_types::{BigInt, Bool, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};

/// A table: its columns with kind and nullability, and its unique sets of columns.
#[derive(Debug, Default, PartialEq, Eq)]
struct Table {
    columns: BTreeMap<String, (String, bool)>,
    unique: Vec<String>,
}

type Tables = BTreeMap<String, Table>;

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

#[derive(QueryableByName)]
struct Index {
    #[diesel(sql_type = Text)]
    table: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    place: i64,
    #[diesel(sql_type = Text)]
    column: String,
}

fn kind(text: &str) -> String {
    match text.to_ascii_uppercase().as_str() {
        "BIGINT" | "INT8" => "bigint",
        // SQLite's row number must be called INTEGER; it holds 64 bits all the same.
        "INTEGER" | "INT4" => "integer",
        "SMALLINT" | "INT2" => "smallint",
        "TEXT" => "text",
        "BOOLEAN" | "BOOL" => "boolean",
        other => panic_kind(other),
    }
    .to_owned()
}

fn panic_kind(other: &str) -> &'static str {
    unreachable!("the kind {other} is used in a migration and not known here")
}

fn gather(columns: Vec<Column>, indexes: Vec<Index>) -> Tables {
    let mut tables = Tables::new();
    for column in columns {
        let table = tables.entry(column.table).or_default();
        table.columns.insert(column.name, (kind(&column.kind), column.nullable));
    }
    let mut sets: BTreeMap<(String, String), Vec<(i64, String)>> = BTreeMap::new();
    for index in indexes {
        sets.entry((index.table, index.name)).or_default().push((index.place, index.column));
    }
    for ((table, _), mut columns) in sets {
        columns.sort();
        let set: Vec<String> = columns.into_iter().map(|(_, column)| column).collect();
        tables.get_mut(&table).unwrap().unique.push(set.join(","));
    }
    for table in tables.values_mut() {
        table.unique.sort();
        table.unique.dedup();
    }
    tables
}

fn of_sqlite(database: &TestDatabase) -> Tables {
    let mut conn = SqliteConnection::establish(&database.options.location).unwrap();
    let names: Vec<Name> = sql_query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'",
    )
    .load(&mut conn)
    .unwrap();
    let (mut columns, mut indexes) = (Vec::new(), Vec::new());
    for Name { name: table } in names {
        columns.extend::<Vec<Column>>(
            sql_query(format!(
                "SELECT '{table}' AS \"table\", name, type AS kind, \"notnull\" = 0 AND pk = 0 AS nullable FROM pragma_table_info('{table}')"
            ))
            .load(&mut conn)
            .unwrap(),
        );
        indexes.extend::<Vec<Index>>(
            sql_query(format!(
                "SELECT '{table}' AS \"table\", list.name, CAST(info.seqno AS BIGINT) AS place, info.name AS \"column\" \
                 FROM pragma_index_list('{table}') AS list, pragma_index_info(list.name) AS info WHERE list.\"unique\" = 1"
            ))
            .load(&mut conn)
            .unwrap(),
        );
        // A row number is unique without an index.
        let keys: Vec<Name> =
            sql_query(format!("SELECT name FROM pragma_table_info('{table}') WHERE pk > 0")).load(&mut conn).unwrap();
        if keys.len() == 1 {
            let column = keys[0].name.clone();
            indexes.push(Index { table: table.clone(), name: "the key".into(), place: 0, column });
        }
    }
    gather(columns, indexes)
}

fn of_postgres(database: &TestDatabase) -> Tables {
    let mut conn = PgConnection::establish(&database.options.location).unwrap();
    let columns: Vec<Column> = sql_query(
        "SELECT table_name::text AS \"table\", column_name::text AS name, udt_name::text AS kind, is_nullable = 'YES' AS nullable \
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_\\_%'",
    )
    .load(&mut conn)
    .unwrap();
    let indexes: Vec<Index> = sql_query(
        "SELECT t.relname::text AS \"table\", i.relname::text AS name, k.place::bigint AS place, a.attname::text AS \"column\" \
         FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid \
         JOIN pg_namespace n ON n.oid = t.relnamespace \
         CROSS JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k(attnum, place) \
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum \
         WHERE n.nspname = 'public' AND x.indisunique AND t.relname NOT LIKE '\\_\\_%'",
    )
    .load(&mut conn)
    .unwrap();
    gather(columns, indexes)
}

/// The tables of `src/schema.rs`, each with its columns, by the names that the databases give their kinds.
fn of_source() -> BTreeMap<String, BTreeMap<String, (String, bool)>> {
    let mut tables = BTreeMap::new();
    for block in include_str!("../src/schema.rs").split("diesel::table! {").skip(1) {
        let block = block.split("\n}").next().unwrap();
        let (head, columns) = block.split_once('{').unwrap();
        let table = head.split('(').next().unwrap().trim().to_owned();
        let columns = columns.lines().filter_map(|line| line.trim().trim_end_matches(',').split_once(" -> "));
        let read = |(name, written): (&str, &str)| {
            let bare = written.strip_prefix("Nullable<").and_then(|inner| inner.strip_suffix('>'));
            (name.to_owned(), (kind(bare.unwrap_or(written)), bare.is_some()))
        };
        tables.insert(table, columns.map(read).collect());
    }
    tables
}

#[test]
fn both_folders_make_the_tables_that_the_queries_know() {
    let (mut sqlite, mut postgres) = (of_sqlite(&TestDatabase::sqlite()), of_postgres(&TestDatabase::postgres()));
    assert!(sqlite.len() > 20, "the introspection sees the tables");
    // SQLite's row numbers are INTEGER by its rules.
    for tables in [&mut sqlite, &mut postgres] {
        for table in tables.values_mut() {
            let keys: Vec<String> = table.unique.iter().filter(|set| !set.contains(',')).cloned().collect();
            for key in keys {
                if let Some(column) = table.columns.get_mut(&key)
                    && column.0 == "integer"
                {
                    column.0 = "bigint".to_owned();
                }
            }
        }
    }
    let names = |tables: &Tables| tables.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&sqlite), names(&postgres));
    for (name, table) in &sqlite {
        assert_eq!(table, &postgres[name], "the table {name} differs (left SQLite, right PostgreSQL)");
        assert!(table.columns.len() <= 32, "{name} has more columns than compile quickly");
    }
    let source = of_source();
    assert_eq!(names(&sqlite), source.keys().cloned().collect::<Vec<_>>());
    for (name, columns) in &source {
        assert_eq!(
            columns, &sqlite[name].columns,
            "the table {name} differs (left src/schema.rs, right the migrations)"
        );
    }
}
