//! The readers, and the archives that an input is packed into.

use std::io::{Cursor, Write};

use vokasi_core::import::ImportKind;
use vokasi_core::import::source::{self, Limits, date, digits};
use vokasi_core::values::Words;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Reads a file of each kind as the program does, and looks at every cell. Small bounds are reached soon.
pub fn try_reading(bytes: &[u8]) {
    let limits = Limits { rows: 500, columns: 80, expanded_bytes: 4_000_000, ..Limits::default() };
    for table in ImportKind::ALL.iter().filter_map(|kind| source::read_as(*kind, bytes, &limits).ok()) {
        assert!(!table.rows.is_empty() && table.rows.len() <= limits.rows);
        for row in table.rows.values() {
            let row = row.expect("what is packed comes out again");
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
