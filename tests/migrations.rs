//! The schema: the same on both databases, the way down and up again, and what a start does to an old file.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use vokasi_core::db::{self, AnyConnection, DatabaseUrl};
use vokasi_core::error::codes;

use crate::harness::{Backend, TestDatabase};
use crate::tidy::root;

const BOTH: [Backend; 2] = [Backend::Sqlite, Backend::Postgres];

#[test]
fn down_and_up_again_gives_the_same_schema() {
    for backend in BOTH {
        let database = TestDatabase::empty(backend);
        let done = db::up(&database.url).unwrap();
        assert_eq!(done.applied.len(), fs::read_dir(root().join("migrations")).unwrap().count());
        assert_eq!(done.copy, None, "there was nothing to copy");
        let first = shape(&mut database.connect());
        assert!(first.len() > 20, "{first:#?}");
        assert_eq!(db::up(&database.url).unwrap().applied, Vec::<String>::new());
        db::down(&database.url).unwrap();
        assert_eq!(shape(&mut database.connect()), BTreeMap::new());
        db::up(&database.url).unwrap();
        assert_eq!(shape(&mut database.connect()), first);
    }
}

#[test]
fn both_databases_have_the_same_schema() {
    let [sqlite, postgres] = BOTH.map(|backend| shape(&mut TestDatabase::migrated(backend).connect()));
    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
    for (name, table) in postgres {
        assert_eq!(sqlite[&name], as_sqlite_keeps_it(table), "{name}: SQLite left, PostgreSQL right");
    }
}

/// SQLite calls every whole number INTEGER, and a table with one for its key has no further index for it.
fn as_sqlite_keeps_it(mut table: Table) -> Table {
    let whole = |column: &Column| column.kind == "BigInt" || column.kind == "Integer";
    if let [key] = table.key.as_slice()
        && table.columns.iter().any(|column| column.name == *key && whole(column))
    {
        table.indexes.retain(|index| index.columns != table.key || index.name.is_some());
    }
    for column in table.columns.iter_mut().filter(|column| column.kind == "BigInt") {
        "Integer".clone_into(&mut column.kind);
    }
    table
}

#[test]
fn the_schema_file_describes_the_tables() {
    let found = shape(&mut TestDatabase::migrated(Backend::Postgres).connect());
    let text = fs::read_to_string(root().join("crates/core/src/db/schema.rs")).unwrap();
    let mut described = BTreeMap::new();
    for table in text.split("diesel::table! {").skip(1) {
        let mut lines = table.lines().map(str::trim).filter(|line| !line.is_empty());
        let head = lines.next().unwrap();
        let (name, key) = head.strip_suffix(") {").unwrap().split_once(" (").unwrap();
        let columns: Vec<Column> = lines
            .take_while(|line| *line != "}")
            .map(|line| {
                let (name, kind) = line.strip_suffix(',').unwrap().split_once(" -> ").unwrap();
                let inner = kind.strip_prefix("Nullable<").and_then(|rest| rest.strip_suffix('>'));
                Column { name: name.to_owned(), kind: inner.unwrap_or(kind).to_owned(), nullable: inner.is_some() }
            })
            .collect();
        let key: Vec<String> = key.split(", ").map(str::to_owned).collect();
        described.insert(name.to_owned(), (columns, key));
    }
    for (name, table) in &found {
        let (columns, key) = described.remove(name).unwrap_or_else(|| panic!("schema.rs has no {name}"));
        assert_eq!((&columns, &key), (&table.columns, &table.key), "{name}: schema.rs left, the table right");
    }
    assert!(described.is_empty(), "schema.rs has tables that are not there: {described:?}");
    for (name, table) in &found {
        for key in table.foreign_keys.iter().filter(|key| key.from.len() == 1) {
            let joined = format!("joinable!({name} -> {} ({}));", key.table, key.from[0]);
            let twice = table.foreign_keys.iter().filter(|other| other.table == key.table).count() > 1;
            assert!(twice || text.contains(&joined), "schema.rs lacks {joined}");
        }
    }
}

#[test]
fn a_newer_database_is_refused_untouched() {
    for backend in BOTH {
        let database = TestDatabase::migrated(backend);
        let before = shape(&mut database.connect());
        let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('99991231000000')";
        database.connect().batch_execute(newer).unwrap();
        let error = db::up(&database.url).unwrap_err();
        assert!(error.is(&codes::STORAGE_NEWER), "{error}");
        assert_eq!(error.facts.iter().map(|fact| fact.value.as_str()).collect::<Vec<_>>(), ["99991231000000"]);
        assert_eq!(shape(&mut database.connect()), before);
    }
}

#[test]
fn a_file_is_copied_before_it_changes() {
    let database = TestDatabase::migrated(Backend::Sqlite);
    let mut migrations: Vec<_> = fs::read_dir(root().join("migrations")).unwrap().flatten().collect();
    migrations.sort_by_key(fs::DirEntry::file_name);
    let newest = shape(&mut database.connect());
    let mut undone = Vec::new();
    // Some steps change nothing in a file.
    while shape(&mut database.connect()) == newest {
        let last = migrations.pop().unwrap();
        let version = last.file_name().to_string_lossy().split('_').next().unwrap().replace('-', "");
        let mut connection = database.connect();
        let own = fs::read_to_string(last.path().join("down.sqlite.sql")).unwrap_or_default();
        connection.batch_execute(&own).unwrap();
        connection.batch_execute(&fs::read_to_string(last.path().join("down.sql")).unwrap()).unwrap();
        let forget = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'");
        connection.batch_execute(&forget).unwrap();
        undone.insert(0, version);
    }
    let older = shape(&mut database.connect());
    let done = db::up(&database.url).unwrap();
    assert_eq!(done.applied, undone);
    let copy = done.copy.expect("a copy was taken");
    assert_eq!(copy, database.file().with_file_name(format!("vokasi.db.before-{}", undone[0])));
    let mut kept = AnyConnection::Sqlite(SqliteConnection::establish(&copy.to_string_lossy()).unwrap());
    assert_eq!(shape(&mut kept), older);
    assert_eq!(shape(&mut database.connect()), newest);
}

#[test]
fn of_several_starts_at_once_one_migrates() {
    for backend in BOTH {
        let database = TestDatabase::empty(backend);
        let applied: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..3).map(|_| scope.spawn(|| db::up(&database.url).unwrap().applied.len())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(applied.iter().filter(|count| **count > 0).count(), 1, "{applied:?}");
    }
}

#[test]
fn an_address_of_an_unknown_kind_is_refused() {
    for url in ["mysql://localhost/vokasi", "sqlite://", "", "postgresqls://localhost/vokasi"] {
        assert!(DatabaseUrl::parse(url).unwrap_err().is(&codes::STORAGE_UNKNOWN_SCHEME), "{url}");
    }
    let url = DatabaseUrl::parse("postgresql://vokasi:rahasia@db.example/vokasi").unwrap();
    assert_eq!(format!("{url:?}"), "postgres://db.example/vokasi");
}

type Shape = BTreeMap<String, Table>;

#[derive(Debug, PartialEq, Eq)]
struct Table {
    columns: Vec<Column>,
    key: Vec<String>,
    indexes: BTreeSet<Index>,
    foreign_keys: BTreeSet<ForeignKey>,
    constraints: BTreeSet<(String, String)>,
}

#[derive(Debug, PartialEq, Eq)]
struct Column {
    name: String,
    kind: String,
    nullable: bool,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Index {
    /// Of those made by CREATE INDEX; a constraint's own index is named by each database its own way.
    name: Option<String>,
    columns: Vec<String>,
    unique: bool,
    condition: Option<String>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct ForeignKey {
    from: Vec<String>,
    table: String,
    to: Vec<String>,
}

/// What both databases can say about a table, in rows of up to five texts.
#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    a: String,
    #[diesel(sql_type = Text)]
    b: String,
    #[diesel(sql_type = Nullable<Text>)]
    c: Option<String>,
    #[diesel(sql_type = Bool)]
    d: bool,
    #[diesel(sql_type = BigInt)]
    e: i64,
}

fn rows(connection: &mut AnyConnection, query: &str) -> Vec<Row> {
    diesel::sql_query(query).load(connection).unwrap_or_else(|error| panic!("{error}: {query}"))
}

fn shape(connection: &mut AnyConnection) -> Shape {
    let sqlite = matches!(connection, AnyConnection::Sqlite(_));
    let tables = if sqlite {
        "SELECT name AS a, sql AS b, NULL AS c, true AS d, 0 AS e FROM sqlite_master \
         WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_\\_%' ESCAPE '\\'"
    } else {
        "SELECT relname::text AS a, '' AS b, NULL AS c, true AS d, 0::bigint AS e FROM pg_class \
         WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT LIKE '\\_\\_%'"
    };
    rows(connection, tables)
        .into_iter()
        .map(|table| {
            let described = if sqlite {
                sqlite_table(connection, &table.a, &table.b)
            } else {
                postgres_table(connection, &table.a)
            };
            (table.a, described)
        })
        .collect()
}

fn sqlite_table(connection: &mut AnyConnection, name: &str, sql: &str) -> Table {
    let columns = rows(
        connection,
        &format!(
            "SELECT name AS a, type AS b, NULL AS c, \"notnull\" = 0 AS d, pk AS e FROM pragma_table_info('{name}')"
        ),
    );
    let mut key: Vec<&Row> = columns.iter().filter(|column| column.e > 0).collect();
    key.sort_by_key(|column| column.e);
    let key = key.into_iter().map(|column| column.a.clone()).collect();
    let indexes = rows(
        connection,
        &format!(
            "SELECT i.name AS a, i.origin AS b, m.sql AS c, i.\"unique\" = 1 AS d, 0 AS e \
             FROM pragma_index_list('{name}') i LEFT JOIN sqlite_master m ON m.type = 'index' AND m.name = i.name"
        ),
    );
    let indexes = indexes
        .into_iter()
        .map(|index| {
            let columns = rows(
                connection,
                &format!(
                    "SELECT name AS a, '' AS b, NULL AS c, true AS d, seqno AS e FROM pragma_index_info('{}')",
                    index.a
                ),
            );
            let condition = index.c.as_deref().and_then(|sql| sql.split_once(" WHERE ")).map(|(_, text)| plain(text));
            Index {
                name: (index.b == "c").then_some(index.a),
                columns: columns.into_iter().map(|column| column.a).collect(),
                unique: index.d,
                condition,
            }
        })
        .collect();
    let references = rows(
        connection,
        &format!(
            "SELECT \"from\" AS a, \"table\" AS b, \"to\" AS c, true AS d, id AS e \
             FROM pragma_foreign_key_list('{name}') ORDER BY id, seq"
        ),
    );
    let constraints = sql
        .split("CONSTRAINT ")
        .skip(1)
        .map(|rest| {
            let mut words = rest.split_whitespace();
            let name = words.next().unwrap_or_default().to_owned();
            let kind = match words.next().unwrap_or_default() {
                "PRIMARY" => "p",
                "UNIQUE" => "u",
                "FOREIGN" => "f",
                "CHECK" => "c",
                other => other,
            };
            (name, kind.to_owned())
        })
        .collect();
    Table { columns: columns_of(columns), key, indexes, foreign_keys: foreign_keys(references), constraints }
}

fn postgres_table(connection: &mut AnyConnection, name: &str) -> Table {
    let columns = rows(
        connection,
        &format!(
            "SELECT attname::text AS a, format_type(atttypid, atttypmod) AS b, NULL AS c, NOT attnotnull AS d, \
             0::bigint AS e FROM pg_attribute WHERE attrelid = '{name}'::regclass AND attnum > 0 AND NOT attisdropped \
             ORDER BY attnum"
        ),
    );
    let key = rows(
        connection,
        &format!(
            "SELECT a.attname::text AS a, '' AS b, NULL AS c, true AS d, k.at AS e FROM pg_constraint c, \
             unnest(c.conkey) WITH ORDINALITY k(number, at), pg_attribute a WHERE c.conrelid = '{name}'::regclass \
             AND c.contype = 'p' AND a.attrelid = c.conrelid AND a.attnum = k.number ORDER BY k.at"
        ),
    );
    let indexes = rows(
        connection,
        &format!(
            "SELECT i.indexrelid::regclass::text AS a, \
             (SELECT string_agg(a.attname::text, ',' ORDER BY k.at) FROM unnest(i.indkey::int[]) WITH ORDINALITY \
             k(number, at), pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = k.number) AS b, \
             pg_get_expr(i.indpred, i.indrelid) AS c, i.indisunique AS d, \
             (SELECT count(*) FROM pg_constraint c WHERE c.conindid = i.indexrelid AND c.contype IN ('p', 'u')) AS e \
             FROM pg_index i WHERE i.indrelid = '{name}'::regclass"
        ),
    );
    let indexes = indexes
        .into_iter()
        .map(|index| Index {
            name: (index.e == 0).then_some(index.a),
            columns: index.b.split(',').map(str::to_owned).collect(),
            unique: index.d,
            condition: index.c.as_deref().map(plain),
        })
        .collect();
    let references = rows(
        connection,
        &format!(
            "SELECT a.attname::text AS a, c.confrelid::regclass::text AS b, f.attname::text AS c, true AS d, \
             c.oid::bigint AS e FROM pg_constraint c, unnest(c.conkey, c.confkey) WITH ORDINALITY k(mine, theirs, at), \
             pg_attribute a, pg_attribute f WHERE c.conrelid = '{name}'::regclass AND c.contype = 'f' \
             AND a.attrelid = c.conrelid AND a.attnum = k.mine AND f.attrelid = c.confrelid AND f.attnum = k.theirs \
             ORDER BY c.oid, k.at"
        ),
    );
    let constraints = rows(
        connection,
        &format!(
            "SELECT conname::text AS a, contype::text AS b, NULL AS c, true AS d, 0::bigint AS e FROM pg_constraint \
             WHERE conrelid = '{name}'::regclass AND contype IN ('p', 'u', 'f', 'c')"
        ),
    );
    Table {
        columns: columns_of(columns),
        key: key.into_iter().map(|row| row.a).collect(),
        indexes,
        foreign_keys: foreign_keys(references),
        constraints: constraints.into_iter().map(|row| (row.a, row.b)).collect(),
    }
}

/// Types under Diesel's names.
fn columns_of(rows: Vec<Row>) -> Vec<Column> {
    let kind = |declared: &str| match declared.to_lowercase().as_str() {
        "bigint" => "BigInt".to_owned(),
        "integer" => "Integer".to_owned(),
        "text" => "Text".to_owned(),
        "boolean" => "Bool".to_owned(),
        "date" => "Date".to_owned(),
        "timestamp" | "timestamp without time zone" => "Timestamp".to_owned(),
        other => other.to_owned(),
    };
    rows.into_iter().map(|row| Column { kind: kind(&row.b), name: row.a, nullable: row.d }).collect()
}

fn foreign_keys(rows: Vec<Row>) -> BTreeSet<ForeignKey> {
    let mut by_number: BTreeMap<i64, ForeignKey> = BTreeMap::new();
    for row in rows {
        let key =
            by_number.entry(row.e).or_insert_with(|| ForeignKey { from: Vec::new(), table: row.b, to: Vec::new() });
        key.from.push(row.a);
        key.to.push(row.c.unwrap_or_default());
    }
    by_number.into_values().collect()
}

/// A condition without what each database adds when it says it back.
fn plain(condition: &str) -> String {
    condition.replace("::text", "").chars().filter(|letter| !"() \n".contains(*letter)).collect()
}
