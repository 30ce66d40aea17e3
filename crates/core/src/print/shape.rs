//! From text to placed glyphs: font fallback, ligatures, kerning and marks.

use std::ops::{Range, RangeInclusive};

use krilla::text::{GlyphId as EngineGlyph, KrillaGlyph};
use ttf_parser::gpos::{AnchorMatrix, MarkArray, PairAdjustment, PositioningSubtable};
use ttf_parser::gsub::SubstitutionSubtable;
use ttf_parser::opentype_layout::{Coverage, LayoutTable, LookupSubtable};
use ttf_parser::{Face, GlyphId, Tag};

use super::PrintError;
use super::fonts::{EMBEDDED, Fonts, Letter};
use crate::values::is_invisible;

/// Code points that are seen and still not printed by placing a glyph, whatever the font says.
const UNSETTABLE: [RangeInclusive<u32>; 13] = [
    // Right to left, Indic, and the scripts of the mainland and the islands that reorder or stack.
    0x0590..=0x109F,
    0x1780..=0x18AF,
    0x1900..=0x1AAF,
    0x1B00..=0x1C4F,
    0x1CD0..=0x1CFF,
    0xA800..=0xABFF,
    0xFB1D..=0xFDFF,
    0xFE70..=0xFEFE,
    0x1_0800..=0x1_1FFF,
    0x1_E800..=0x1_EFFF,
    // Loose Hangul letters, which would have to be joined into blocks.
    0x1100..=0x11FF,
    0xA960..=0xA97F,
    0xD7B0..=0xD7FF,
];

/// What a character lacks that is not printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lack {
    /// A font that has it.
    Font,
    /// A script that is set by placing one glyph after the other.
    Script,
    /// Anything to be seen.
    Sight,
}

impl Lack {
    pub(crate) fn of(character: char) -> Self {
        match character {
            _ if is_invisible(character) => Self::Sight,
            _ if is_settable(character) => Self::Font,
            _ => Self::Script,
        }
    }
}

/// Sets text in the given fonts. Measures are in em: multiply by the type size.
pub(crate) struct Typesetter<'f> {
    fonts: Vec<Shaper<'f>>,
}

/// One line of text, ready to be drawn at any size.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shaped {
    /// The text; a line that continues on the next one ends in a space, which is drawn but not measured.
    pub(crate) text: String,
    /// Stretches of one font each.
    pub(crate) runs: Vec<Run>,
    /// Width in em.
    pub(crate) width: f32,
}

/// A stretch of glyphs of one font.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// Position in [`Fonts::loaded`].
    pub(crate) font: usize,
    /// Glyphs with advances in em.
    pub(crate) glyphs: Vec<KrillaGlyph>,
    /// Width in em.
    pub(crate) width: f32,
}

/// One font with the layout rules it brings.
struct Shaper<'f> {
    face: Face<'f>,
    em: f32,
    ligatures: Vec<SubstitutionSubtable<'f>>,
    kerning: Vec<PositioningSubtable<'f>>,
    marks: Vec<PositioningSubtable<'f>>,
}

/// A glyph while its line is being set. Lengths are in font units.
struct Setting {
    font: usize,
    glyph: GlyphId,
    text: Range<usize>,
    advance: f32,
    x: f32,
    y: f32,
    mark: bool,
}

impl<'f> Typesetter<'f> {
    pub(crate) fn new(fonts: &'f Fonts) -> Result<Self, PrintError> {
        let shapers = fonts.loaded.iter().map(|loaded| {
            let face = Face::parse(loaded.data.as_ref(), 0).map_err(|_| PrintError::UnusableFont)?;
            Ok(Shaper::new(face))
        });
        Ok(Self { fonts: shapers.collect::<Result<_, _>>()? })
    }

    /// Sets one line. `tracking` is extra space after each letter, in em; spaced letters form no ligatures.
    ///
    /// Readers of the file take a gap of a tenth of an em for a space, so tracking stays below that.
    /// Gives the offending character back if no font can print it.
    pub(crate) fn set(&self, text: &str, letter: Letter, tracking: f32) -> Result<Shaped, char> {
        let mut line = Vec::with_capacity(text.len());
        for (start, character) in text.char_indices() {
            let (font, glyph) = self.find(character, letter)?;
            let text = start..start + character.len_utf8();
            line.push(Setting { font, glyph, text, advance: 0.0, x: 0.0, y: 0.0, mark: Self::is_mark(character) });
        }
        if tracking == 0.0 {
            self.form_ligatures(&mut line);
        }
        self.place(&mut line, text)?;
        join_clusters(&mut line);
        let mut shaped = self.gather(&line, tracking);
        text.clone_into(&mut shaped.text);
        Ok(shaped)
    }

    /// Whether a character sits on the one before it.
    pub(crate) fn is_mark(character: char) -> bool {
        matches!(u32::from(character), 0x0300..=0x036F | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF)
    }

    /// The asked font, then the upright serif, which has the most letters, then the caller's font.
    fn find(&self, character: char, letter: Letter) -> Result<(usize, GlyphId), char> {
        if !is_settable(character) {
            return Err(character);
        }
        for index in [letter.index(), Letter::Serif.index()].into_iter().chain(EMBEDDED..self.fonts.len()) {
            if let Some(glyph) = self.fonts.get(index).and_then(|font| font.face.glyph_index(character))
                && glyph.0 != 0
            {
                return Ok((index, glyph));
            }
        }
        Err(character)
    }

    fn form_ligatures(&self, line: &mut Vec<Setting>) {
        let mut at = 0;
        while at < line.len() {
            let font = line[at].font;
            let stretch = line[at..].iter().take_while(|setting| setting.font == font).map(|setting| setting.glyph);
            let found = self.fonts.get(font).and_then(|shaper| shaper.ligature(stretch));
            if let Some((ligature, count)) = found {
                line[at].glyph = ligature;
                line[at].text.end = line[at + count - 1].text.end;
                line.drain(at + 1..at + count);
            }
            at += 1;
        }
    }

    /// Advances with kerning, and marks on their letters; gives a mark back that the font has no place for.
    fn place(&self, line: &mut [Setting], text: &str) -> Result<(), char> {
        let mut base = 0;
        for at in 0..line.len() {
            let Some(shaper) = self.fonts.get(line[at].font) else { continue };
            let glyph = line[at].glyph;
            let neighbours = at > 0 && line[at - 1].font == line[at].font;
            if line[at].mark {
                let anchor = if neighbours { shaper.anchor(line[at - 1].glyph, glyph) } else { None };
                let Some((dx, dy)) = anchor else {
                    return Err(text.get(line[at].text.clone()).and_then(|mark| mark.chars().next()).unwrap_or('\0'));
                };
                // The pen stands after the previous glyph, whose origin is one advance back.
                line[at].x = dx + line[at - 1].x - line[at - 1].advance;
                line[at].y = dy + line[at - 1].y;
                continue;
            }
            line[at].advance = f32::from(shaper.face.glyph_hor_advance(glyph).unwrap_or(0));
            if neighbours && line[base].font == line[at].font {
                line[at - 1].advance += shaper.kern(line[base].glyph, glyph);
            }
            base = at;
        }
        Ok(())
    }

    fn gather(&self, line: &[Setting], tracking: f32) -> Shaped {
        let mut shaped = Shaped::default();
        for (at, setting) in line.iter().enumerate() {
            let em = self.fonts.get(setting.font).map_or(1000.0, |shaper| shaper.em);
            let last = line.get(at + 1).is_none_or(|next| next.mark);
            let space = if last || setting.mark { 0.0 } else { tracking };
            let advance = setting.advance / em + space;
            let glyph = KrillaGlyph::new(
                EngineGlyph::new(u32::from(setting.glyph.0)),
                advance,
                setting.x / em,
                setting.y / em,
                0.0,
                setting.text.clone(),
                None,
            );
            match shaped.runs.last_mut() {
                Some(run) if run.font == setting.font => {
                    run.glyphs.push(glyph);
                    run.width += advance;
                }
                _ => shaped.runs.push(Run { font: setting.font, glyphs: vec![glyph], width: advance }),
            }
            shaped.width += advance;
        }
        shaped
    }
}

impl<'f> Shaper<'f> {
    fn new(face: Face<'f>) -> Self {
        let em = f32::from(face.units_per_em());
        let (gsub, gpos) = (face.tables().gsub, face.tables().gpos);
        Self {
            ligatures: tables(gsub, *b"liga"),
            kerning: tables(gpos, *b"kern"),
            marks: [tables(gpos, *b"mark"), tables(gpos, *b"mkmk")].concat(),
            face,
            em,
        }
    }

    /// The first ligature, in the font's order, at the start of the glyphs, and how many of them it replaces.
    fn ligature(&self, mut glyphs: impl Iterator<Item = GlyphId> + Clone) -> Option<(GlyphId, usize)> {
        let first = glyphs.next()?;
        for subtable in &self.ligatures {
            let SubstitutionSubtable::Ligature(table) = subtable else { continue };
            let Some(set) = table.coverage.get(first).and_then(|index| table.ligature_sets.get(index)) else {
                continue;
            };
            for ligature in set {
                let count = usize::from(ligature.components.len());
                if ligature.components.into_iter().eq(glyphs.clone().take(count)) {
                    return Some((ligature.glyph, count + 1));
                }
            }
        }
        None
    }

    /// How much closer (negative) or further two neighbours stand, in font units.
    fn kern(&self, left: GlyphId, right: GlyphId) -> f32 {
        for subtable in &self.kerning {
            let PositioningSubtable::Pair(pair) = subtable else { continue };
            let Some(index) = pair.coverage().get(left) else { continue };
            let found = match pair {
                PairAdjustment::Format1 { sets, .. } => sets.get(index).and_then(|set| set.get(right)),
                PairAdjustment::Format2 { classes, matrix, .. } => {
                    matrix.get((classes.0.get(left), classes.1.get(right)))
                }
            };
            if let Some((first, _)) = found {
                return f32::from(first.x_advance);
            }
        }
        0.0
    }

    /// Where a mark's origin goes, from the origin of the glyph it sits on, in font units.
    fn anchor(&self, base: GlyphId, mark: GlyphId) -> Option<(f32, f32)> {
        self.marks.iter().find_map(|subtable| match subtable {
            PositioningSubtable::MarkToBase(t) => {
                offset(t.base_coverage, t.anchors, base, t.mark_coverage, t.marks, mark)
            }
            PositioningSubtable::MarkToMark(t) => {
                offset(t.mark2_coverage, t.mark2_matrix, base, t.mark1_coverage, t.marks, mark)
            }
            _ => None,
        })
    }
}

/// Gives letters and the marks on them one stretch of text, so that readers of the file see them as one.
fn join_clusters(line: &mut [Setting]) {
    let mut start = 0;
    for at in 1..line.len() {
        if !line[at].mark || line[at].font != line[start].font {
            start = at;
            continue;
        }
        let text = line[start].text.start..line[at].text.end;
        for setting in &mut line[start..=at] {
            setting.text.clone_from(&text);
        }
    }
}

fn offset(
    bases: Coverage,
    anchors: AnchorMatrix,
    base: GlyphId,
    marks: Coverage,
    mark_anchors: MarkArray,
    mark: GlyphId,
) -> Option<(f32, f32)> {
    let (class, on_mark) = mark_anchors.get(marks.get(mark)?)?;
    let on_base = anchors.get(bases.get(base)?, class)?;
    Some((f32::from(on_base.x) - f32::from(on_mark.x), f32::from(on_base.y) - f32::from(on_mark.y)))
}

/// The tables of a feature, each once. Scripts are not told apart: the fonts' features are the same for all of Latin.
fn tables<'f, T: LookupSubtable<'f>>(table: Option<LayoutTable<'f>>, feature: [u8; 4]) -> Vec<T> {
    let Some(table) = table else { return Vec::new() };
    let mut indices = Vec::new();
    for feature in table.features.into_iter().filter(|entry| entry.tag == Tag::from_bytes(&feature)) {
        for index in feature.lookup_indices {
            if !indices.contains(&index) {
                indices.push(index);
            }
        }
    }
    indices.sort_unstable();
    let lookups = indices.into_iter().filter_map(|index| table.lookups.get(index));
    lookups.flat_map(|lookup| lookup.subtables.into_iter()).collect()
}

/// Whether a character can be set by placing one glyph after the other, left to right.
fn is_settable(character: char) -> bool {
    let stacked = || UNSETTABLE.iter().any(|range| range.contains(&u32::from(character)));
    matches!(character, ' '..='~') || !(is_invisible(character) || stacked())
}
