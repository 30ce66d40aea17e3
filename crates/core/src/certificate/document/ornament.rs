//! The certificate's colours and drawn ornaments: frame, rosette, rules and the QR code.

use krilla::geom::{Path, PathBuilder, Rect};
use qrcode::{Color as Module, EcLevel, QrCode};

use super::DocumentError;
use super::canvas::{Color, HEIGHT, Ink, Shape, WIDTH};

/// Text.
pub(super) const INK: Color = Color(0x1C, 0x25, 0x33);
/// Titles and names.
pub(super) const NAVY: Color = Color(0x16, 0x2B, 0x4D);
/// English and other secondary text; about 6 to 1 on white.
pub(super) const GREY: Color = Color(0x5A, 0x62, 0x6E);
/// Labels and rules; about 5 to 1 on white.
pub(super) const BRONZE: Color = Color(0x8A, 0x6A, 0x2C);
/// Lines between rows.
pub(super) const LINE: Color = Color(0xDD, 0xD5, 0xC3);
/// Bands of tables.
pub(super) const PAPER: Color = Color(0xF8, 0xF5, 0xEE);
/// Ornament that stands back.
const GOLD: Color = Color(0xC2, 0xA3, 0x66);
/// Ornament under text.
const TINT: Color = Color(0xF4, 0xEE, 0xE2);
const WHITE: Color = Color(0xFF, 0xFF, 0xFF);

/// Distance of the outer line of the frame from the page's edge, in points.
const MARGIN: f32 = 22.0;
/// Width of the frame's band, in points.
const BAND: f32 = 11.0;

/// Ornaments stand on a grid this fine, in points: its numbers are short, which makes the file small and quick to pack.
const GRID: f32 = 0.0625;

/// A band of woven diamonds between two lines, with a larger one at each corner, as on a *tapis* hem.
pub(super) fn frame() -> Vec<Shape> {
    let near = MARGIN + BAND / 2.0;
    let (far_x, far_y) = (WIDTH - near, HEIGHT - near);
    let mut weave = PathBuilder::new();
    for offset in steps(far_x - near, 100) {
        diamond(&mut weave, near + offset, near, 2.125);
        diamond(&mut weave, near + offset, far_y, 2.125);
    }
    for offset in steps(far_y - near, 68) {
        diamond(&mut weave, near, near + offset, 2.125);
        diamond(&mut weave, far_x, near + offset, 2.125);
    }
    let mut corners = PathBuilder::new();
    let mut hearts = PathBuilder::new();
    for (x, y) in [(near, near), (far_x, near), (near, far_y), (far_x, far_y)] {
        diamond(&mut corners, x, y, 12.0);
        diamond(&mut hearts, x, y, 6.0);
    }
    let mut shapes = Vec::new();
    shapes.extend(shape(outline(MARGIN), Ink::Line(NAVY, 1.3)));
    shapes.extend(shape(outline(MARGIN + BAND), Ink::Line(BRONZE, 0.6)));
    shapes.extend(shape(outline(MARGIN + BAND + 4.0), Ink::Line(GOLD, 0.35)));
    shapes.extend(shape(weave.finish(), Ink::Fill(GOLD)));
    shapes.extend(shape(corners.finish(), Ink::Both(WHITE, NAVY, 1.0)));
    shapes.extend(shape(hearts.finish(), Ink::Fill(BRONZE)));
    shapes
}

/// A plain frame for the pages that are read rather than looked at.
pub(super) fn plain_frame() -> Vec<Shape> {
    let mut shapes = Vec::new();
    shapes.extend(shape(outline(MARGIN), Ink::Line(NAVY, 1.0)));
    shapes.extend(shape(outline(MARGIN + 3.5), Ink::Line(GOLD, 0.4)));
    shapes
}

/// Ellipses turned about their centre, in a tint that text can stand on.
pub(super) fn rosette(x: f32, y: f32, radius: f32) -> Option<Shape> {
    // Cosine and sine of 7.5°, written out: the library's functions may differ in the last bit between machines, and
    // the document must not.
    const TURN: (f32, f32) = (0.991_444_9, 0.130_526_2);
    let mut path = PathBuilder::new();
    let mut axis = (1.0, 0.0);
    for _ in 0..24 {
        ellipse(&mut path, (x, y), axis, radius, radius * 0.62);
        axis = (axis.0 * TURN.0 - axis.1 * TURN.1, axis.0 * TURN.1 + axis.1 * TURN.0);
    }
    shape(path.finish(), Ink::Line(TINT, 0.5))
}

/// A thin line with a diamond in its middle.
pub(super) fn divider(x: f32, y: f32, width: f32) -> Vec<Shape> {
    let mut line = PathBuilder::new();
    line.move_to(x - width / 2.0, y);
    line.line_to(x - 8.0, y);
    line.move_to(x + 8.0, y);
    line.line_to(x + width / 2.0, y);
    let mut stone = PathBuilder::new();
    diamond(&mut stone, x, y, 3.0);
    let mut shapes = Vec::new();
    shapes.extend(shape(line.finish(), Ink::Line(GOLD, 0.7)));
    shapes.extend(shape(stone.finish(), Ink::Fill(BRONZE)));
    shapes
}

/// A thin line from left to right.
pub(super) fn rule(left: f32, right: f32, y: f32, color: Color, width: f32) -> Option<Shape> {
    let mut line = PathBuilder::new();
    line.move_to(left, y);
    line.line_to(right, y);
    shape(line.finish(), Ink::Line(color, width))
}

/// A filled rectangle.
pub(super) fn block(left: f32, top: f32, width: f32, height: f32, color: Color) -> Option<Shape> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(left, top, width, height)?);
    shape(path.finish(), Ink::Fill(color))
}

/// The address as a QR code (ISO/IEC 18004) of about this width in points, without its quiet zone.
pub(super) fn qr(address: &str, left: f32, top: f32, width: f32) -> Result<Shape, DocumentError> {
    let too_long = || DocumentError::TooLong { field: "verification_url" };
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

fn outline(inset: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(inset, inset, WIDTH - 2.0 * inset, HEIGHT - 2.0 * inset)?);
    path.finish()
}

fn shape(path: Option<Path>, ink: Ink) -> Option<Shape> {
    path.map(|path| Shape { path, ink })
}

fn diamond(path: &mut PathBuilder, x: f32, y: f32, reach: f32) {
    let (x, y) = (snap(x), snap(y));
    path.move_to(x, y - reach);
    path.line_to(x + reach, y);
    path.line_to(x, y + reach);
    path.line_to(x - reach, y);
    path.close();
}

/// An ellipse with its long axis along `axis`, a vector of length one.
fn ellipse(path: &mut PathBuilder, center: (f32, f32), axis: (f32, f32), long: f32, short: f32) {
    // The usual four cubic arcs: control points at this part of the radius miss the ellipse by 0.03 %.
    const ARC: f32 = 0.552_284_8;
    let at = |along: f32, across: f32| {
        let (along, across) = (along * long, across * short);
        let (x, y) = (along * axis.0 - across * axis.1, along * axis.1 + across * axis.0);
        (snap(center.0 + x), snap(center.1 + y))
    };
    let start = at(1.0, 0.0);
    path.move_to(start.0, start.1);
    for (first, second, end) in [
        ((1.0, ARC), (ARC, 1.0), (0.0, 1.0)),
        ((-ARC, 1.0), (-1.0, ARC), (-1.0, 0.0)),
        ((-1.0, -ARC), (-ARC, -1.0), (0.0, -1.0)),
        ((ARC, -1.0), (1.0, -ARC), (1.0, 0.0)),
    ] {
        let (first, second, end) = (at(first.0, first.1), at(second.0, second.1), at(end.0, end.1));
        path.cubic_to(first.0, first.1, second.0, second.1, end.0, end.1);
    }
    path.close();
}

/// The inner ends of so many equal steps along a length.
fn steps(length: f32, count: usize) -> impl Iterator<Item = f32> {
    let step = length / small(count);
    (1..count).map(move |index| step * small(index))
}

fn snap(length: f32) -> f32 {
    (length / GRID).round() * GRID
}

/// A small count as a length.
#[expect(clippy::cast_precision_loss, reason = "counts here stay far below 2^24")]
fn small(count: usize) -> f32 {
    count as f32
}
