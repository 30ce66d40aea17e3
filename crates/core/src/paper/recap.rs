//! The recap of a class as a PDF: what everyone comes to, to be signed, and a sheet for each month with every mark.

use std::ops::Range;

use chrono::{Datelike, NaiveDate};

use super::rules;
use super::sheet::{self, Fact, Part, Press};
use super::{Extract, MARKS, Recap, RecapLine, Standing, unprintable};
use crate::certificate::Printing;
use crate::error::Result;
use crate::print::PrintError;
use crate::print::canvas::{self, Orientation};
use crate::print::figure::{GREY, INK, small};
use crate::print::fonts::Letter;
use crate::print::grid::{Cell, Grid, Line};
use crate::print::paragraph::{Align, Paragraph, Style};
use crate::print::words::{self, Language};
use crate::session::Session;
use crate::values::{Bilingual, Nisn};

const INDONESIAN: Language = Language::Indonesian;
/// Widths of columns in points.
const NUMBER: f32 = 22.0;
const NAME: f32 = 202.0;
const NISN: f32 = 66.0;
const COUNT: f32 = 28.0;
const SUM: f32 = 56.5;
/// The same on the sheet of a month, which leaves so much to its sessions.
const SHORT_NAME: f32 = 172.0;
const SHORT_COUNT: f32 = 17.0;
const SESSIONS: f32 = 495.0;
/// Sessions on a sheet at most, so that a mark can still be read.
const ACROSS: usize = 31;
/// Height of a line in points: 36 people and the head of a month go on one sheet.
const LOW: f32 = 10.8;

impl Recap {
    /// The sheets, Indonesian first and English smaller.
    ///
    /// # Errors
    /// `storage.failed` if the engine refuses the document.
    pub fn pdf(&self, printing: &Printing) -> Result<Vec<u8>> {
        let print = || -> Result<Vec<u8>, PrintError> {
            let press = Press::new(&printing.fonts)?;
            let mut parts = vec![self.totals(&press)?];
            let days: Vec<NaiveDate> = self.held.iter().map(|session| session.held_on).collect();
            for month in rules::months(&days, ACROSS) {
                parts.push(self.month(&press, month)?);
            }
            let sheets = sheet::lay_out(&press, &self.of.letterhead(), parts)?;
            let title = format!("Rekapitulasi kehadiran – {}", self.of.class.name.as_str());
            let facts = self.of.document(title, format!("recap {}", self.of.class.id));
            canvas::paint(&sheets, &facts, &printing.fonts)
        };
        print().map_err(unprintable)
    }

    /// What everyone comes to.
    fn totals(&self, press: &Press) -> Result<Part, PrintError> {
        let widths = [NUMBER, NAME, NISN].into_iter().chain([COUNT; 5]).chain([SUM; 6]);
        let aligns = [Align::Right, Align::Left, Align::Left].into_iter().chain([Align::Right; 11]);
        let columns: Vec<(f32, Align)> = widths.zip(aligns).collect();
        let labels = [("No.", ""), ("Nama peserta", "Participant"), ("NISN", "Student number")]
            .into_iter()
            .chain(MARKS.map(|mark| (mark.as_str(), "")))
            .chain([
                ("Belum ditandai", "Not marked"),
                ("JP diakui", "Hours credited"),
                ("JP terlaksana", "Hours held"),
                ("Kelas lain", "Other class"),
                ("Kehadiran", "Attendance"),
                ("Batas lulus", "Minimum"),
            ]);
        let mut head = Vec::new();
        for ((id, en), (width, _)) in labels.zip(&columns) {
            head.push(Cell::Texts(press.label(id, en, *width)?));
        }
        let mut doubtful = false;
        let mut lines = Vec::with_capacity(self.lines.len());
        for (at, line) in self.lines.iter().enumerate() {
            let (cells, replaced) = self.sums(press, at + 1, line)?;
            doubtful |= replaced;
            lines.push(Line::of(cells, LOW));
        }
        let summary = "Jumlah kehadiran, jam pelajaran dan persentase setiap peserta".to_owned();
        let grid = Grid { summary, columns, title: 1, head: Line::of(head, LOW), lines };
        Ok(Part {
            orientation: Orientation::Landscape,
            title: Bilingual::new("Rekapitulasi Kehadiran Peserta Pelatihan", "Recap of participants' attendance"),
            facts: self.facts(),
            grid,
            spare: 0..0,
            notes: self.notes(doubtful),
            code: None,
            signed: Extract::is_signed(self.extract.as_ref()),
        })
    }

    fn facts(&self) -> Vec<Fact> {
        let class = &self.of.class;
        let mut facts = self.of.facts();
        let period = words::period(class.starts_on, class.ends_on, INDONESIAN);
        facts.push(("Masa pelatihan", "Training period", period));
        let hours = format!("{} dari {} JP · {} pertemuan", self.delivered, self.planned, self.held.len());
        facts.push(("Terlaksana", "Held", hours));
        facts
    }

    /// A person's line of the totals, and whether the name could not be written as it is.
    fn sums(&self, press: &Press, number: usize, line: &RecapLine) -> Result<(Vec<Cell>, bool), PrintError> {
        let (name, replaced) = named(press, line, NAME, 9.5)?;
        let plain = Style::indonesian(Letter::Sans, 9.0, INK);
        let nisn = line.account.member.enrolled.nisn.as_ref().map(Nisn::as_str).unwrap_or_default();
        let mut cells = vec![
            Cell::text(press.cell(&number.to_string(), plain, NUMBER, 1)?),
            name,
            Cell::text(press.cell(nisn, plain, NISN, 1)?),
        ];
        for mark in MARKS {
            let sessions = line.account.tally.sessions(mark).to_string();
            cells.push(Cell::text(press.cell(&sessions, plain, COUNT, 1)?));
        }
        let (here, before, rate) = (line.account.here, line.account.before, line.account.rate());
        let percent = rate.percent_beside(self.minimum);
        let reached = percent.map(|_| if rate.reaches(self.minimum) { "tercapai" } else { "belum" });
        let percent = percent.map(|percent| format!("{} %", words::quantity(percent, INDONESIAN)));
        let sums = [
            line.account.unmarked.to_string(),
            here.credited.to_string(),
            here.held.to_string(),
            if before.held > 0 { format!("{}/{}", before.credited, before.held) } else { String::new() },
            percent.unwrap_or_else(|| "–".to_owned()),
            reached.unwrap_or("–").to_owned(),
        ];
        for sum in sums {
            cells.push(Cell::text(press.cell(&sum, plain, SUM, 1)?));
        }
        Ok((cells, replaced))
    }

    fn notes(&self, doubtful: bool) -> Vec<Bilingual> {
        let minimum = self.minimum.value();
        let mut notes = Extract::notes(self.extract.as_ref());
        notes.extend([
            legend(),
            Bilingual::new(
                format!(
                    "Kehadiran = JP diakui ÷ JP yang terlaksana selama menjadi peserta, termasuk di kelas sebelum \
                     pindah (kelas lain: diakui/terlaksana). Batas untuk lulus: {} %.",
                    words::quantity(minimum, INDONESIAN)
                ),
                format!(
                    "Attendance = lesson hours credited ÷ lesson hours held while a member, those of an earlier class \
                     (other class: credited/held) included. Minimum for completion: {} %.",
                    words::quantity(minimum, Language::English)
                ),
            ),
        ]);
        if doubtful {
            notes.push(unwritten());
        }
        notes
    }

    /// Every mark of some sessions.
    fn month(&self, press: &Press, which: Range<usize>) -> Result<Part, PrintError> {
        let sessions = self.held.get(which.clone()).unwrap_or_default();
        let wide = (SESSIONS / small(sessions.len().max(1))).min(28.0);
        let mut columns = vec![(NUMBER, Align::Right), (SHORT_NAME, Align::Left)];
        columns.extend(sessions.iter().map(|_| (wide, Align::Center)));
        columns.extend(MARKS.map(|_| (SHORT_COUNT, Align::Right)));
        let mut head = vec![
            Cell::Texts(press.label("No.", "", NUMBER)?),
            Cell::Texts(press.label("Nama peserta", "Participant", SHORT_NAME)?),
        ];
        for session in sessions {
            head.push(Cell::Texts(day_of(press, session, wide)?));
        }
        for mark in MARKS {
            head.push(Cell::Texts(press.label(mark.as_str(), "", SHORT_COUNT)?));
        }
        let mut lines = Vec::with_capacity(self.lines.len());
        let plain = Style::indonesian(Letter::Sans, 8.0, INK);
        for (at, line) in self.lines.iter().enumerate() {
            let cells = line.cells.get(which.clone()).unwrap_or_default();
            // Somebody who was never one of the class in these days is not on their sheet.
            if cells.iter().all(|cell| *cell == Standing::Outside) {
                continue;
            }
            let mut row = vec![
                Cell::text(press.cell(&(at + 1).to_string(), plain, NUMBER, 1)?),
                named(press, line, SHORT_NAME, 8.0)?.0,
            ];
            for cell in cells {
                let text = match cell {
                    Standing::Marked(mark) => mark.as_str(),
                    Standing::Unmarked => "",
                    Standing::Outside => "–",
                };
                row.push(Cell::text(press.cell(text, plain, wide, 1)?));
            }
            for mark in MARKS {
                let count = cells.iter().filter(|cell| **cell == Standing::Marked(mark)).count();
                row.push(Cell::text(press.cell(&count.to_string(), plain, SHORT_COUNT, 1)?));
            }
            lines.push(Line::of(row, LOW));
        }
        let day = sessions.first().map_or(self.of.class.starts_on, |session| session.held_on);
        let title = Bilingual::new(
            format!("Daftar Hadir {}", month(day, INDONESIAN)),
            format!("Attendance, {}", month(day, Language::English)),
        );
        let hours: i32 = sessions.iter().map(|session| session.lesson_hours).sum();
        let facts = vec![
            ("Kelas", "Class", self.of.class.name.as_str().to_owned()),
            ("Terlaksana", "Held", format!("{} pertemuan, {hours} JP", sessions.len())),
        ];
        let summary = "Tanda kehadiran setiap peserta per pertemuan".to_owned();
        let grid = Grid { summary, columns, title: 1, head: Line::of(head, LOW), lines };
        // What the letters mean stands on the sheets before.
        let (orientation, notes) = (Orientation::Landscape, Extract::notes(self.extract.as_ref()));
        Ok(Part { orientation, title, facts, grid, spare: 0..0, notes, code: None, signed: false })
    }
}

/// The name of a person; with the number of the enrollment if some of its letters cannot be written.
fn named(press: &Press, line: &RecapLine, width: f32, size: f32) -> Result<(Cell, bool), PrintError> {
    let enrolled = &line.account.member.enrolled;
    let (mut texts, replaced) = name(press, enrolled.name.as_str(), &enrolled.enrollment.id.to_string(), width, size)?;
    let days = rules::days(&line.account.member.days(), ["dari", "sampai", "sejak"]);
    if !days.is_empty() {
        texts.push(press.cell(&days, Style::indonesian(Letter::Sans, 6.5, GREY), width, 2)?);
    }
    Ok((Cell::Texts(texts), replaced))
}

/// A name, and whether some of its letters stand as question marks; the number then says who it is.
pub(super) fn name(
    press: &Press,
    name: &str,
    number: &str,
    width: f32,
    size: f32,
) -> Result<(Vec<Paragraph>, bool), PrintError> {
    let style = Style::indonesian(Letter::Sans, size, INK);
    let (legible, replaced) = press.legible(name, style.letter);
    let mut texts = vec![press.cell(&legible, style, width, 4)?];
    if replaced {
        texts.push(press.cell(&format!("* {number}"), style.sized(6.5), width, 1)?);
    }
    Ok((texts, replaced))
}

/// The head of a session's column: day, weekday, lesson hours.
pub(super) fn day_of(press: &Press, session: &Session, width: f32) -> Result<Vec<Paragraph>, PrintError> {
    let bold = Style::indonesian(Letter::Bold, 8.5, INK);
    let plain = Style::indonesian(Letter::Sans, 7.0, GREY);
    Ok(vec![
        press.cell(&session.held_on.day().to_string(), bold, width, 1)?,
        press.cell(weekday(session.held_on), plain, width, 1)?,
        press.cell(&format!("{} JP", session.lesson_hours), plain.sized(6.0), width, 1)?,
    ])
}

/// The first two letters of a weekday's name.
fn weekday(day: NaiveDate) -> &'static str {
    let names = ["Sn", "Sl", "Rb", "Km", "Jm", "Sb", "Mg"];
    names.get(day.weekday().num_days_from_monday() as usize).copied().unwrap_or_default()
}

/// A month in words: `November 2026`.
pub(super) fn month(day: NaiveDate, language: Language) -> String {
    let long = words::day(day, language);
    long.split_once(' ').map_or(long.clone(), |(_, month)| month.to_owned())
}

pub(super) fn legend() -> Bilingual {
    Bilingual::new(
        "H hadir · T terlambat · S sakit · I izin · A alpa · kosong: belum ditandai · – bukan peserta pada hari itu",
        "H present · T late · S sick · I excused · A absent · empty: not marked yet · – no member on that day",
    )
}

/// What is said where a name could not be written.
pub(super) fn unwritten() -> Bilingual {
    Bilingual::new(
        "* Ada huruf dalam nama ini yang tidak dapat dicetak (?); nomor di bawahnya adalah nomor kepesertaan.",
        "* Some letters of this name cannot be printed (?); the number below it is that of the enrollment.",
    )
}
