//! The readers, and the archives that an input is packed into.

#[path = "../../src/import/source/mod.rs"]
#[expect(dead_code, unused_imports, reason = "a target uses only what reads")]
pub mod source;

use std::io::{Cursor, Write};

use source::{Limits, date, digits};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Reads a file as the program does, and looks at every cell. Small bounds are reached soon.
pub fn try_reading(bytes: &[u8]) {
    let limits = Limits { rows: 500, columns: 80, expanded_bytes: 4_000_000, ..Limits::default() };
    if let Ok(table) = source::read(bytes, &limits) {
        assert!(!table.rows.is_empty() && table.rows.len() <= limits.rows);
        for row in &table.rows {
            for field in row.fields() {
                let cell = row.cell(field);
                let _ = (row.address(field), cell.shown(), date(cell), digits(cell));
            }
        }
    }
}

/// An archive of these parts, unpacked: its checksums are right, so that every change reaches the reader of the part.
#[allow(dead_code, reason = "only for formats that are archives")]
pub fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, part) in parts {
        let written = zip.start_file(*name, options).is_ok() && zip.write_all(part).is_ok();
        assert!(written, "an archive in memory takes every part");
    }
    zip.finish().map(Cursor::into_inner).unwrap_or_default()
}
