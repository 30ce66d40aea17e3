//! The certificate's drawn ornaments: frames, rosette and divider.

use krilla::geom::{Path, PathBuilder, Rect};

use super::{HEIGHT, WIDTH};
use crate::print::canvas::{Color, Ink, Shape};
use crate::print::figure::{BRONZE, NAVY, shape, small, snap};

/// Ornament that stands back.
const GOLD: Color = Color(0xC2, 0xA3, 0x66);
/// Ornament under text.
const SHADE: Color = Color(0xF4, 0xEE, 0xE2);
const WHITE: Color = Color(0xFF, 0xFF, 0xFF);

/// Distance of the outer line of the frame from the page's edge, in points.
const MARGIN: f32 = 22.0;
/// Width of the frame's band, in points.
const BAND: f32 = 11.0;

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
    shape(path.finish(), Ink::Line(SHADE, 0.5))
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

fn outline(inset: f32) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(inset, inset, WIDTH - 2.0 * inset, HEIGHT - 2.0 * inset)?);
    path.finish()
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
