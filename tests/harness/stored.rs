//! What the database holds, as a thief would find it.

use std::fs;

use diesel::prelude::*;

use super::{App, Backend};

#[derive(QueryableByName)]
struct Text {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

/// The bytes of every file of a SQLite database, its log and its copies among them; on PostgreSQL every row.
pub fn bytes(app: &App) -> Vec<u8> {
    if app.backend == Backend::Postgres {
        return rows(app).into_bytes();
    }
    let folder = app.database().file().parent().expect("the file lies in a folder");
    let files = fs::read_dir(folder).expect("the folder is there").flatten();
    files.flat_map(|file| fs::read(file.path()).expect("the file is there")).collect()
}

/// Every column of every row of every table, as text.
pub fn rows(app: &App) -> String {
    let sqlite = app.backend == Backend::Sqlite;
    let tables = if sqlite {
        "SELECT name AS text FROM sqlite_master WHERE type = 'table'"
    } else {
        "SELECT tablename::text AS text FROM pg_tables WHERE schemaname = 'public'"
    };
    let load = |query: String| -> Vec<String> {
        let rows: Vec<Text> = diesel::sql_query(query).load(&mut app.connect()).expect("the tables can be read");
        rows.into_iter().map(|row| row.text).collect()
    };
    let tables = load(tables.to_owned());
    assert!(tables.len() > 20);
    let mut all = String::new();
    for table in tables {
        let row = if sqlite {
            let columns = load(format!("SELECT name AS text FROM pragma_table_info('{table}')"));
            let texts = columns.iter().map(|column| format!("coalesce(CAST(one.{column} AS TEXT), '')"));
            texts.collect::<Vec<_>>().join(" || ' ' || ")
        } else {
            "one::text".to_owned()
        };
        for text in load(format!("SELECT {row} AS text FROM {table} AS one")) {
            all.push_str(&text);
            all.push('\n');
        }
    }
    all
}
