//! Workbooks of Excel 2007 and later: the first byte says which part the others are.
#![no_main]

mod common;

const NAMES: [&str; 5] = [
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
];

const PARTS: [&[u8]; 5] = [
    b"<worksheet><sheetData><row><c t=\"s\"><v>0</v></c></row></sheetData></worksheet>",
    b"<sst><si><t>Nama</t></si><si><t>JK</t></si></sst>",
    b"<styleSheet><cellXfs><xf numFmtId=\"14\"/></cellXfs></styleSheet>",
    b"<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets>\
      <sheet name=\"a\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
    b"<Relationships><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/\
      relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
];

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    let Some((which, content)) = input.split_first() else { return };
    let which = usize::from(*which) % NAMES.len();
    let parts: Vec<(&str, &[u8])> = NAMES
        .iter()
        .zip(PARTS)
        .enumerate()
        .map(|(at, (name, part))| (*name, if at == which { content } else { part }))
        .collect();
    common::try_reading(&common::archive(&parts));
});
