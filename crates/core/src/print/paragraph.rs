//! Texts that shrink a little, then break into balanced lines, and are refused before they get unreadable.

use super::PrintError;
use super::canvas::{Child, Color, Element, Placed, Role};
use super::compose::compose;
use super::fonts::Letter;
use super::shape::{Shaped, Typesetter};
use super::words::Language;

/// Characters in one text. Nothing that is printed is longer; more would only cost time before it is refused.
const LONGEST: usize = 600;

/// How a text looks.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) letter: Letter,
    /// Type size in points.
    pub(crate) size: f32,
    pub(crate) color: Color,
    /// Extra space between letters in em.
    pub(crate) tracking: f32,
    pub(crate) language: Language,
}

/// How much room a text has and how it may use it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Room {
    /// In points.
    pub(crate) width: f32,
    pub(crate) lines: usize,
    /// The smallest type size in points.
    pub(crate) smallest: f32,
}

/// Where lines stand between the edges of their room.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Align {
    Left,
    Center,
    Right,
}

/// A text broken into lines of a size that fits.
#[derive(Debug, Clone)]
pub(crate) struct Paragraph {
    pub(crate) style: Style,
    pub(crate) lines: Vec<Shaped>,
}

/// A piece of text that is not broken, with its width in em.
struct Piece {
    text: String,
    width: f32,
    /// Whether a space follows it.
    spaced: bool,
}

impl Style {
    /// Upright Indonesian.
    pub(crate) fn indonesian(letter: Letter, size: f32, color: Color) -> Self {
        Self { letter, size, color, tracking: 0.0, language: Language::Indonesian }
    }

    pub(crate) fn english(letter: Letter, size: f32, color: Color) -> Self {
        Self { language: Language::English, ..Self::indonesian(letter, size, color) }
    }

    pub(crate) fn spaced(self, tracking: f32) -> Self {
        Self { tracking, ..self }
    }

    pub(crate) fn sized(self, size: f32) -> Self {
        Self { size, ..self }
    }

    pub(crate) fn scaled(self, scale: f32) -> Self {
        Self { size: self.size * scale, ..self }
    }
}

impl Paragraph {
    /// Sets a text in its room; an empty text gives no lines.
    ///
    /// One line may shrink to three quarters of the style's size before a second is begun.
    pub(crate) fn fit(
        typesetter: &Typesetter,
        field: &'static str,
        text: &str,
        style: Style,
        room: Room,
    ) -> Result<Self, PrintError> {
        let missing = |character| PrintError::MissingGlyph { character, field };
        let smallest = room.smallest.min(style.size);
        if text.chars().count() > LONGEST {
            return Err(PrintError::TooLong { field });
        }
        let text = compose(&text.split_whitespace().collect::<Vec<_>>().join(" "));
        if text.is_empty() {
            return Ok(Self { style, lines: Vec::new() });
        }
        let line = typesetter.set(&text, style.letter, style.tracking).map_err(missing)?;
        let tolerable = if room.lines > 1 { smallest.max(style.size * 0.75) } else { smallest };
        let size = style.size.min(room.width / line.width.max(f32::EPSILON));
        if size >= tolerable {
            return Ok(Self { style: style.sized(size), lines: vec![line] });
        }
        if room.lines > 1 {
            let pieces = pieces(typesetter, &text, style, room.width / style.size).map_err(missing)?;
            let space = typesetter.set(" ", style.letter, 0.0).map_err(missing)?.width + style.tracking * 2.0;
            let mut size = style.size;
            while size >= smallest {
                if let Some(lines) = balance(&pieces, space, room.width / size, room.lines) {
                    let lines = lines.iter().map(|line| typeset(typesetter, line, style));
                    let lines = lines.collect::<Result<_, _>>().map_err(missing)?;
                    return Ok(Self { style: style.sized(size), lines });
                }
                size *= 0.96;
            }
        }
        Err(PrintError::TooLong { field })
    }

    /// Height in points, from the top of the first line to the foot of the last.
    pub(crate) fn height(&self) -> f32 {
        self.lines.iter().map(|_| self.leading()).sum()
    }

    /// Distance between lines in points.
    fn leading(&self) -> f32 {
        self.style.size * 1.18
    }

    /// Lays the lines down below `top`, between `left` and `left + width`.
    pub(crate) fn place(&self, align: Align, left: f32, width: f32, top: f32) -> Vec<Child> {
        let mut baseline = top + self.style.size * 0.86;
        let mut children = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            let slack = width - line.width * self.style.size;
            let x = match align {
                Align::Left => left,
                Align::Center => left + slack / 2.0,
                Align::Right => left + slack,
            };
            children.push(Child::Text(Placed {
                line: line.clone(),
                x,
                baseline,
                size: self.style.size,
                color: self.style.color,
                language: self.style.language,
            }));
            baseline += self.leading();
        }
        children
    }

    /// Like [`Self::place`], as an element of its own; nothing for an empty text.
    pub(crate) fn element(&self, role: Role, align: Align, left: f32, width: f32, top: f32) -> Option<Element> {
        let children = self.place(align, left, width, top);
        (!children.is_empty()).then_some(Element { role, language: self.style.language, children })
    }
}

/// Cuts a text at its spaces, and inside a word where the word alone is wider than `width` em.
fn pieces(typesetter: &Typesetter, text: &str, style: Style, width: f32) -> Result<Vec<Piece>, char> {
    let measure = |text: &str| typesetter.set(text, style.letter, style.tracking).map(|line| line.width);
    let mut pieces: Vec<Piece> = Vec::new();
    for word in text.split(' ') {
        let whole = measure(word)?;
        if whole <= width {
            pieces.push(Piece { text: word.to_owned(), width: whole, spaced: true });
            continue;
        }
        // Scripts without spaces and unbroken codes: one piece per letter, with its marks.
        let mut letters: Vec<String> = Vec::new();
        for character in word.chars() {
            match letters.last_mut() {
                Some(letter) if Typesetter::is_mark(character) => letter.push(character),
                _ => letters.push(character.to_string()),
            }
        }
        for text in letters {
            let width = measure(&text)? + style.tracking;
            pieces.push(Piece { text, width, spaced: false });
        }
        if let Some(last) = pieces.last_mut() {
            last.spaced = true;
        }
    }
    Ok(pieces)
}

/// Breaks pieces into the fewest lines not wider than `width` em, all about as long; none if that takes too many.
fn balance(pieces: &[Piece], space: f32, width: f32, most: usize) -> Option<Vec<Vec<&Piece>>> {
    let mut best = break_lines(pieces, space, width);
    let fits = |lines: &[Vec<&Piece>]| lines.iter().all(|line| measure(line, space) <= width);
    if best.len() > most || !fits(&best) {
        return None;
    }
    let (mut narrow, mut wide) = (0.0, width);
    for _ in 0..8 {
        let middle = f32::midpoint(narrow, wide);
        let lines = break_lines(pieces, space, middle);
        if lines.len() > best.len() || !fits(&lines) {
            narrow = middle;
        } else {
            wide = middle;
            best = lines;
        }
    }
    Some(best)
}

fn break_lines(pieces: &[Piece], space: f32, width: f32) -> Vec<Vec<&Piece>> {
    let mut lines: Vec<Vec<&Piece>> = Vec::new();
    let mut reached = 0.0;
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if reached + piece.width <= width => line.push(piece),
            _ => {
                reached = 0.0;
                lines.push(vec![piece]);
            }
        }
        reached += piece.width + if piece.spaced { space } else { 0.0 };
    }
    lines
}

fn measure(line: &[&Piece], space: f32) -> f32 {
    let width: f32 = line.iter().map(|piece| piece.width + if piece.spaced { space } else { 0.0 }).sum();
    let trailing = line.last().is_some_and(|piece| piece.spaced);
    if trailing { width - space } else { width }
}

/// Sets one line, its trailing space drawn, so that readers see the word break, but not measured.
fn typeset(typesetter: &Typesetter, pieces: &[&Piece], style: Style) -> Result<Shaped, char> {
    let mut text = String::new();
    for piece in pieces {
        text.push_str(&piece.text);
        if piece.spaced {
            text.push(' ');
        }
    }
    let width = typesetter.set(text.trim_end(), style.letter, style.tracking)?.width;
    let line = typesetter.set(&text, style.letter, style.tracking)?;
    Ok(Shaped { width, ..line })
}
