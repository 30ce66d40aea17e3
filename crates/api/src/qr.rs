//! A QR code as an image in the text of an answer.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};
use vokasi_core::error::{Error, Result};

/// The quiet zone the standard asks for, in modules.
const MARGIN: usize = 4;

/// The text as a QR code, black on white, in SVG.
///
/// # Errors
/// `storage.failed` when the text is longer than any QR code holds.
pub(crate) fn svg(text: &str) -> Result<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(Error::storage)?;
    let (width, side) = (code.width(), code.width() + 2 * MARGIN);
    let dark = code.into_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
    let path = dark.fold(String::new(), |mut path, (at, _)| {
        let _ = write!(path, "M{} {}h1v1h-1z", at % width + MARGIN, at / width + MARGIN);
        path
    });
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path d=\"{path}\"/></svg>"
    ))
}
