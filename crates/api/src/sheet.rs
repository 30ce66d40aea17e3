//! Rows of text for a spreadsheet: CSV (RFC 4180) in which no cell is a formula.

use std::borrow::Cow;

use vokasi_core::error::{Error, Result};

/// The rows as lines of CSV.
pub(crate) fn lines<const N: usize>(rows: impl IntoIterator<Item = [String; N]>) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| safe(cell).into_owned())).map_err(Error::storage)?;
    }
    writer.into_inner().map_err(|error| Error::storage(error.to_string()))
}

/// A spreadsheet computes a cell that begins like a formula, whoever wrote it; behind an apostrophe it is text.
fn safe(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let row = ["=1+1", "+62", "-1", "@SUM(A1)", "\t=1", "plain", "a=b", ""].map(str::to_owned);
        let text = String::from_utf8(lines([row]).unwrap()).unwrap();
        assert_eq!(text, "'=1+1,'+62,'-1,'@SUM(A1),'\t=1,plain,a=b,\r\n");
    }

    #[test]
    fn a_cell_may_hold_anything() {
        let row = ["a,b", "a \"b\"", "a\r\nb"].map(str::to_owned);
        let text = String::from_utf8(lines([row]).unwrap()).unwrap();
        assert_eq!(text, "\"a,b\",\"a \"\"b\"\"\",\"a\r\nb\"\r\n");
    }
}
