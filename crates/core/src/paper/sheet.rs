//! What every paper of a class has in common: who it is about above its table, signatures below, and the number of each
//! sheet.
//!
//! Nobody is left out because of a name: what no font has is shown by a question mark, and what is too long is cut.

use std::ops::Range;

use chrono::{Duration, NaiveDateTime};

use super::About;
use crate::print::canvas::{Child, Element, Facts, Orientation, Role, Shape, Sheet};
use crate::print::compose::compose;
use crate::print::figure::{self, GREY, INK, LINE, NAVY};
use crate::print::fonts::Letter;
use crate::print::grid::{Grid, PAD};
use crate::print::paragraph::{Align, Paragraph, Room, Style};
use crate::print::shape::Typesetter;
use crate::print::words::{self, Language};
use crate::print::{Fonts, PrintError};
use crate::values::Bilingual;

/// Edges of what is printed, in points.
pub(super) const MARGIN: f32 = 34.0;
/// Room of the footer in points.
const FOOTER: f32 = 20.0;
/// Width of the QR code in the corner in points.
const QR: f32 = 74.0;
/// Height of the place for signatures in points.
const SIGNATURES: f32 = 98.0;

/// A table with what stands above and below it, on as many sheets as it takes.
pub(super) struct Part {
    pub(super) orientation: Orientation,
    pub(super) title: Bilingual,
    pub(super) facts: Vec<Fact>,
    pub(super) grid: Grid,
    /// Lines of it that nobody misses.
    pub(super) spare: Range<usize>,
    pub(super) notes: Vec<Bilingual>,
    /// What the QR code in the corner opens.
    pub(super) code: Option<Code>,
    pub(super) signed: bool,
}

/// An address as a QR code, and what it opens.
pub(super) struct Code {
    pub(super) address: String,
    pub(super) opens: Bilingual,
}

/// Whose paper it is.
pub(super) struct Letterhead {
    pub(super) host: String,
    /// What a sheet that is found alone belongs to.
    pub(super) subject: String,
    /// Where the paper was made, and as of when.
    pub(super) as_of: String,
    pub(super) place: String,
    pub(super) head: Signatory,
    pub(super) instructor: Option<String>,
}

/// Who signs for the institution.
pub(super) struct Signatory {
    pub(super) name: Option<String>,
    pub(super) title: Option<String>,
    pub(super) nip: Option<String>,
}

/// Sets texts so that they fit, whatever they are.
pub(super) struct Press<'f> {
    typesetter: Typesetter<'f>,
}

/// Part of a sheet that is being put together.
struct Sketch {
    elements: Vec<Element>,
    shapes: Vec<Shape>,
}

/// A fact of a heading: its label in both languages, and what it says.
pub(super) type Fact = (&'static str, &'static str, String);

impl About {
    /// When the paper was made, by the clock of the province.
    pub(super) fn moment(&self) -> (NaiveDateTime, &'static str) {
        let (hours, zone) = match self.class.province_code.utc_offset_hours() {
            7 => (7, "WIB"),
            8 => (8, "WITA"),
            hours => (hours, "WIT"),
        };
        (self.made_at.utc().naive_utc() + Duration::hours(i64::from(hours)), zone)
    }

    pub(super) fn letterhead(&self) -> Letterhead {
        let class = &self.class;
        let regency = class.regency_code.full_name();
        let (moment, zone) = self.moment();
        let day = words::day(moment.date(), Language::Indonesian);
        Letterhead {
            host: self.host.name.as_str().to_owned(),
            subject: format!("{} · {} · {}", class.name.as_str(), self.program.id, self.cohort.as_str()),
            as_of: format!("Keadaan {day} pukul {} {zone}", moment.format("%H.%M")),
            place: regency.split_once(' ').map_or_else(|| regency.clone(), |(_, name)| name.to_owned()),
            head: Signatory {
                name: self.host.head_name.as_ref().map(|name| name.as_str().to_owned()),
                title: self.host.head_title.as_ref().map(|title| title.as_str().to_owned()),
                nip: self.host.head_nip.clone(),
            },
            instructor: self.instructor.as_ref().map(|name| name.as_str().to_owned()),
        }
    }

    /// What every paper says of the class.
    pub(super) fn facts(&self) -> Vec<Fact> {
        let class = &self.class;
        vec![
            ("Program", "Program", format!("{} / {}", self.program.id, self.program.en)),
            ("Angkatan", "Cohort", self.cohort.as_str().to_owned()),
            ("Kelas", "Class", class.name.as_str().to_owned()),
            ("Perjanjian", "Agreement", self.agreement.as_str().to_owned()),
        ]
    }

    pub(super) fn document<'a>(&self, title: String, identity: String) -> Facts<'a> {
        Facts {
            title,
            description: format!("{} / {}", self.program.id, self.program.en),
            author: self.host.name.as_str().to_owned(),
            identity: format!("{identity} {}", self.made_at),
            day: self.made_at.day_in(&self.class.province_code),
            attachment: None,
        }
    }
}

impl<'f> Press<'f> {
    pub(super) fn new(fonts: &'f Fonts) -> Result<Self, PrintError> {
        Ok(Self { typesetter: Typesetter::new(fonts)? })
    }

    /// A text with a question mark for each letter that no font has, and whether there is one.
    pub(super) fn legible(&self, text: &str, letter: Letter) -> (String, bool) {
        let mut text = compose(text);
        let mut replaced = false;
        while let Err(missing) = self.typesetter.set(&text, letter, 0.0) {
            replaced = true;
            text = if text.contains(missing) {
                text.replace(missing, "?")
            } else {
                text.chars().map(|one| if one.is_ascii_graphic() || one == ' ' { one } else { '?' }).collect()
            };
        }
        (text, replaced)
    }

    /// A text in so many lines of this width.
    pub(super) fn fit(&self, text: &str, style: Style, width: f32, lines: usize) -> Result<Paragraph, PrintError> {
        let room = Room { width, lines, smallest: 5.0 };
        let (mut text, _) = self.legible(text, style.letter);
        loop {
            match Paragraph::fit(&self.typesetter, "", &text, style, room) {
                Err(PrintError::TooLong { .. }) if text.chars().count() > 2 => {
                    let kept = text.chars().count() * 4 / 5;
                    text = text.chars().take(kept).collect::<String>() + "…";
                }
                set => return set,
            }
        }
    }

    /// The same in a column of a table.
    pub(super) fn cell(&self, text: &str, style: Style, column: f32, lines: usize) -> Result<Paragraph, PrintError> {
        self.fit(text, style, column - 2.0 * PAD, lines)
    }

    /// The heading of a column in both languages.
    pub(super) fn label(&self, id: &str, en: &str, column: f32) -> Result<Vec<Paragraph>, PrintError> {
        Ok(vec![
            self.cell(id, Style::indonesian(Letter::Bold, 8.0, NAVY), column, 2)?,
            self.cell(en, Style::english(Letter::Italic, 7.0, GREY), column, 2)?,
        ])
    }
}

/// Puts the parts of a paper on sheets that are numbered throughout.
pub(super) fn lay_out(press: &Press, head: &Letterhead, mut parts: Vec<Part>) -> Result<Vec<Sheet>, PrintError> {
    let mut drawn = Vec::new();
    for part in &mut parts {
        part.save_paper(press, head)?;
    }
    for part in &parts {
        drawn.extend(part.sheets(press, head)?);
    }
    let count = drawn.len();
    let mut sheets = Vec::with_capacity(count);
    for (at, (part, mut sketch)) in drawn.into_iter().enumerate() {
        footer(press, head, part.orientation, (at + 1, count), &mut sketch)?;
        sheets.push(Sheet {
            orientation: part.orientation,
            bookmark: format!("{} ({})", part.title.id, at + 1),
            decoration: sketch.shapes,
            elements: sketch.elements,
        });
    }
    Ok(sheets)
}

impl Part {
    fn width(&self) -> f32 {
        self.orientation.width() - 2.0 * MARGIN
    }

    fn bottom(&self) -> f32 {
        self.orientation.height() - MARGIN - FOOTER
    }

    /// Leaves out spare lines that would need a further sheet.
    fn save_paper(&mut self, press: &Press, head: &Letterhead) -> Result<(), PrintError> {
        let (_, top) = self.opening(press, head)?;
        let [first, others, below] = self.room(press, head, top)?;
        self.grid.save_sheets(&self.spare, first, others, below);
        Ok(())
    }

    /// Room for the table on the first sheet and on every other one, and what stands below it.
    fn room(&self, press: &Press, head: &Letterhead, top: f32) -> Result<[f32; 3], PrintError> {
        let (_, other_top) = self.continuation(press, head)?;
        let mut below = 6.0;
        for note in self.notes(press)?.iter().flatten() {
            below += note.height();
        }
        if self.signed {
            below += SIGNATURES;
        }
        Ok([self.bottom() - top, self.bottom() - other_top, below])
    }

    fn sheets(&self, press: &Press, head: &Letterhead) -> Result<Vec<(&Self, Sketch)>, PrintError> {
        let (first, first_top) = self.opening(press, head)?;
        let [room, others, below] = self.room(press, head, first_top)?;
        let ranges = self.grid.sheets(room, others, below);
        let last = ranges.len() - 1;
        let mut first = Some(first);
        let mut sheets = Vec::with_capacity(ranges.len());
        for (at, range) in ranges.into_iter().enumerate() {
            let (mut sketch, top) = match first.take() {
                Some(first) => (first, first_top),
                None => self.continuation(press, head)?,
            };
            let (table, foot) = self.grid.place(range, (MARGIN, top), &mut sketch.shapes)?;
            sketch.elements.push(table);
            if at == last {
                self.close(press, head, foot, &mut sketch)?;
            }
            sheets.push((self, sketch));
        }
        Ok(sheets)
    }

    /// The head of the first sheet, and where the table begins below it.
    fn opening(&self, press: &Press, head: &Letterhead) -> Result<(Sketch, f32), PrintError> {
        let mut sketch = Sketch::empty();
        let width = self.width() - if self.code.is_some() { QR + 82.0 } else { 0.0 };
        let mut top = MARGIN;
        let host = press.fit(&head.host, Style::indonesian(Letter::Bold, 11.0, NAVY), width, 2)?;
        top = sketch.put(&host, Role::Paragraph, width, top);
        let heading = Role::Heading { level: 1, title: self.title.id.clone() };
        let title = press.fit(&self.title.id, Style::indonesian(Letter::Serif, 18.0, NAVY), width, 2)?;
        top = sketch.put(&title, heading, width, top + 1.0);
        let english = press.fit(&self.title.en, Style::english(Letter::Italic, 9.5, GREY), width, 1)?;
        top = sketch.put(&english, Role::Paragraph, width, top) + 5.0;
        top = self.facts(press, width, top, &mut sketch)?;
        let corner = self.corner(press, &mut sketch)?;
        Ok((sketch, top.max(corner) + 7.0))
    }

    /// The head of every other sheet.
    fn continuation(&self, press: &Press, head: &Letterhead) -> Result<(Sketch, f32), PrintError> {
        let mut sketch = Sketch::empty();
        let width = self.width() - if self.code.is_some() { QR + 82.0 } else { 0.0 };
        let heading = Role::Heading { level: 1, title: self.title.id.clone() };
        let title = format!("{} (lanjutan)", self.title.id);
        let title = press.fit(&title, Style::indonesian(Letter::Serif, 13.0, NAVY), width, 1)?;
        let top = sketch.put(&title, heading, width, MARGIN - 6.0);
        let about = format!("{} · {}", head.subject, head.host);
        let about = press.fit(&about, Style::indonesian(Letter::Sans, 8.5, INK), width, 1)?;
        let top = sketch.put(&about, Role::Paragraph, width, top);
        let corner = self.corner(press, &mut sketch)?;
        Ok((sketch, top.max(corner) + 5.0))
    }

    /// The QR code in the corner, and where it ends.
    fn corner(&self, press: &Press, sketch: &mut Sketch) -> Result<f32, PrintError> {
        let Some(code) = &self.code else { return Ok(0.0) };
        let (left, top) = (self.orientation.width() - MARGIN - QR, MARGIN - 6.0);
        let alternative = format!("Kode QR: {}", code.opens.id);
        let figure = Element {
            role: Role::Figure { alternative: alternative.clone() },
            language: Language::Indonesian,
            children: vec![Child::Shape(figure::qr(&code.address, "address", (left, top), QR)?)],
        };
        sketch.elements.push(Element {
            role: Role::Link { address: code.address.clone(), alternative, area: [left, top, QR, QR] },
            language: Language::Indonesian,
            children: vec![Child::Element(figure)],
        });
        let width = 66.0;
        let (begin, mut line) = (left - width - 8.0, top + 6.0);
        for text in [
            press.fit(&code.opens.id, Style::indonesian(Letter::Bold, 8.5, NAVY), width, 3)?,
            press.fit(&code.opens.en, Style::english(Letter::Italic, 7.5, GREY), width, 3)?,
        ] {
            sketch.elements.extend(text.element(Role::Paragraph, Align::Right, begin, width, line));
            line += text.height();
        }
        let address = press.fit(&code.address, Style::indonesian(Letter::Sans, 6.5, INK), QR + 8.0 + width, 2)?;
        sketch.elements.extend(address.element(Role::Paragraph, Align::Right, begin, QR + 8.0 + width, top + QR + 2.0));
        Ok(top + QR + 2.0 + address.height())
    }

    /// Facts in two columns, and where they end.
    fn facts(&self, press: &Press, width: f32, top: f32, sketch: &mut Sketch) -> Result<f32, PrintError> {
        let column = width / 2.0 - 6.0;
        let half = self.facts.len().div_ceil(2);
        let mut end = top;
        for (at, facts) in self.facts.chunks(half.max(1)).enumerate() {
            let left = MARGIN + if at == 0 { 0.0 } else { column + 12.0 };
            let mut line = top;
            for (id, en, fact) in facts {
                let label = 84.0_f32.min(column * 0.4);
                let name = press.fit(id, Style::indonesian(Letter::Bold, 8.5, NAVY), label, 1)?;
                let english = press.fit(en, Style::english(Letter::Italic, 6.5, GREY), label, 1)?;
                let value = press.fit(fact, Style::indonesian(Letter::Sans, 9.5, INK), column - label - 4.0, 3)?;
                let mut children = name.place(Align::Left, left, label, line);
                children.extend(english.place(Align::Left, left, label, line + name.height() - 1.0));
                children.extend(value.place(Align::Left, left + label + 4.0, column - label - 4.0, line));
                sketch.elements.push(Element { role: Role::Paragraph, language: Language::Indonesian, children });
                line += (name.height() + english.height()).max(value.height()) + 1.5;
            }
            end = end.max(line);
        }
        Ok(end)
    }

    fn notes(&self, press: &Press) -> Result<Vec<[Paragraph; 2]>, PrintError> {
        let notes = self.notes.iter().map(|note| {
            Ok([
                press.fit(&note.id, Style::indonesian(Letter::Sans, 8.0, INK), self.width(), 3)?,
                press.fit(&note.en, Style::english(Letter::Italic, 7.0, GREY), self.width(), 3)?,
            ])
        });
        notes.collect()
    }

    /// Notes and signatures below the table.
    fn close(&self, press: &Press, head: &Letterhead, foot: f32, sketch: &mut Sketch) -> Result<(), PrintError> {
        let mut top = foot + 6.0;
        for note in self.notes(press)?.iter().flatten() {
            top = sketch.put(note, Role::Paragraph, self.width(), top);
        }
        if !self.signed {
            return Ok(());
        }
        let width = 210.0_f32.min(self.width() / 2.0 - 10.0);
        let right = MARGIN + self.width() - width;
        let signatory = &head.head;
        let title = signatory.title.as_deref().unwrap_or("Kepala lembaga");
        sign(press, ["", "Mengetahui,", "Acknowledged by"], title, signatory, (MARGIN, width), top, sketch)?;
        let place = format!("{}, ……………………………… 20……", head.place);
        let instructor = Signatory { name: head.instructor.clone(), title: None, nip: None };
        sign(press, [&place, "Pengajar,", "Instructor"], "", &instructor, (right, width), top, sketch)
    }
}

fn sign(
    press: &Press,
    above: [&str; 3],
    title: &str,
    who: &Signatory,
    (left, width): (f32, f32),
    top: f32,
    sketch: &mut Sketch,
) -> Result<(), PrintError> {
    let plain = Style::indonesian(Letter::Sans, 9.0, INK);
    let [place, role, english] = above;
    let mut line = top + 6.0;
    let spaced = if place.is_empty() { 10.6 } else { 0.0 };
    line += spaced;
    for text in [
        press.fit(place, plain, width, 1)?,
        press.fit(role, plain, width, 1)?,
        press.fit(english, Style::english(Letter::Italic, 7.0, GREY), width, 1)?,
        press.fit(title, plain, width, 1)?,
    ] {
        sketch.elements.extend(text.element(Role::Paragraph, Align::Left, left, width, line));
        line += text.height();
    }
    let name = who.name.as_deref().unwrap_or("");
    let name = press.fit(name, Style::indonesian(Letter::Bold, 9.5, INK), width, 1)?;
    let nip = who.nip.as_deref().map_or_else(|| "NIP".to_owned(), |nip| format!("NIP {nip}"));
    let nip = press.fit(&nip, plain.sized(8.0), width, 1)?;
    let base = top + SIGNATURES - 16.0;
    sketch.elements.extend(name.element(Role::Paragraph, Align::Left, left, width, base - name.height() - 1.0));
    sketch.shapes.extend(figure::rule(left, left + width, base, INK, 0.5));
    sketch.elements.extend(nip.element(Role::Paragraph, Align::Left, left, width, base + 1.0));
    Ok(())
}

fn footer(
    press: &Press,
    head: &Letterhead,
    orientation: Orientation,
    (sheet, sheets): (usize, usize),
    sketch: &mut Sketch,
) -> Result<(), PrintError> {
    let width = orientation.width() - 2.0 * MARGIN;
    let top = orientation.height() - MARGIN - 9.0;
    let style = Style::indonesian(Letter::Sans, 7.5, GREY);
    let about = format!("{} · {}", head.subject, head.as_of);
    let about = press.fit(&about, style, width * 0.7, 1)?;
    let number = format!("Halaman {sheet} dari {sheets} · Page {sheet} of {sheets}");
    let number = press.fit(&number, style, width * 0.28, 1)?;
    sketch.shapes.extend(figure::rule(MARGIN, MARGIN + width, top - 3.0, LINE, 0.5));
    sketch.elements.extend(about.element(Role::Paragraph, Align::Left, MARGIN, width * 0.7, top));
    sketch.elements.extend(number.element(Role::Paragraph, Align::Right, MARGIN + width * 0.72, width * 0.28, top));
    Ok(())
}

impl Sketch {
    fn empty() -> Self {
        Self { elements: Vec::new(), shapes: Vec::new() }
    }

    /// Puts a text at the left edge, and says where it ends.
    fn put(&mut self, text: &Paragraph, role: Role, width: f32, top: f32) -> f32 {
        self.elements.extend(text.element(role, Align::Left, MARGIN, width, top));
        top + text.height()
    }
}
