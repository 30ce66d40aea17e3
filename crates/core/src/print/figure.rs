//! Colours of all documents, lines, areas and QR codes.

use krilla::geom::{Path, PathBuilder, Rect};
use qrcode::{Color as Module, EcLevel, QrCode};

use super::PrintError;
use super::canvas::{Color, Ink, Shape};

/// Text.
pub(crate) const INK: Color = Color(0x1C, 0x25, 0x33);
/// Titles and names.
pub(crate) const NAVY: Color = Color(0x16, 0x2B, 0x4D);
/// English and other secondary text; about 6 to 1 on white.
pub(crate) const GREY: Color = Color(0x5A, 0x62, 0x6E);
/// Labels and rules; about 5 to 1 on white.
pub(crate) const BRONZE: Color = Color(0x8A, 0x6A, 0x2C);
/// Lines between rows.
pub(crate) const LINE: Color = Color(0xDD, 0xD5, 0xC3);
/// Bands of tables.
pub(crate) const TINT: Color = Color(0xF8, 0xF5, 0xEE);

/// Figures stand on a grid this fine, in points: its numbers are short, which makes the file small and quick to pack.
const GRID: f32 = 0.0625;

/// A thin line from left to right.
pub(crate) fn rule(left: f32, right: f32, y: f32, color: Color, width: f32) -> Option<Shape> {
    let mut line = PathBuilder::new();
    line.move_to(left, y);
    line.line_to(right, y);
    shape(line.finish(), Ink::Line(color, width))
}

/// A filled rectangle.
pub(crate) fn block(left: f32, top: f32, width: f32, height: f32, color: Color) -> Option<Shape> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(left, top, width, height)?);
    shape(path.finish(), Ink::Fill(color))
}

/// The address as a QR code (ISO/IEC 18004) of about this width in points, without its quiet zone.
///
/// # Errors
/// [`PrintError::TooLong`] with the field's name for an address that no QR code holds.
pub(crate) fn qr(address: &str, field: &'static str, place: (f32, f32), width: f32) -> Result<Shape, PrintError> {
    let too_long = || PrintError::TooLong { field };
    let (left, top) = place;
    let code = QrCode::with_error_correction_level(address, EcLevel::M).map_err(|_| too_long())?;
    let count = code.width();
    let colors = code.to_colors();
    let dark = |x: usize, y: usize| colors.get(y * count + x) == Some(&Module::Dark);
    let module = (width / small(count) / GRID).floor() * GRID;
    let inset = snap((width - module * small(count)) / 2.0);
    let mut path = PathBuilder::new();
    for line in 0..count {
        for (start, length) in stretches(count, |at| dark(at, line)) {
            let (x, y) = (left + inset + small(start) * module, top + inset + small(line) * module);
            // A touch higher than the row: viewers leave hairlines between bars that only meet.
            if let Some(bar) = Rect::from_xywh(x, y, small(length) * module, module + GRID) {
                path.push_rect(bar);
            }
        }
    }
    shape(path.finish(), Ink::Fill(INK)).ok_or_else(too_long)
}

/// Where stretches of dark modules begin and how long they are.
fn stretches(count: usize, dark: impl Fn(usize) -> bool) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for at in (0..count).filter(|&at| dark(at)) {
        match found.last_mut() {
            Some((start, length)) if *start + *length == at => *length += 1,
            _ => found.push((at, 1)),
        }
    }
    found
}

/// The path inked this way, if it is one.
pub(crate) fn shape(path: Option<Path>, ink: Ink) -> Option<Shape> {
    path.map(|path| Shape { path, ink })
}

/// The nearest place on the grid, in points.
pub(crate) fn snap(length: f32) -> f32 {
    (length / GRID).round() * GRID
}

/// A small count as a length.
#[expect(clippy::cast_precision_loss, reason = "counts here stay far below 2^24")]
pub(crate) fn small(count: usize) -> f32 {
    count as f32
}
