//! Open documents (ODS): the input is the part with the sheets.
#![no_main]

mod common;

const KIND: &[u8] = b"application/vnd.oasis.opendocument.spreadsheet";

libfuzzer_sys::fuzz_target!(|content: &[u8]| {
    common::try_reading(&common::archive(&[("mimetype", KIND), ("content.xml", content)]));
});
