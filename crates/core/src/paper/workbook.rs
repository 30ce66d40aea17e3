//! The recap of a class as a workbook: a column for each session, and the sums that the rate rests on.

use rust_decimal::prelude::ToPrimitive;
use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Worksheet, XlsxError};

use super::{Extract, MARKS, Recap, RecapLine, Standing, rules};
use crate::error::{Language, Result};
use crate::spreadsheet::{HEADER_FILL, TEXT, book, day, header, unwritable, write};
use crate::values::{Mark, Nisn};

/// Columns before those of the sessions: number, name, NISN.
const BEFORE: u16 = 3;
/// The row of the double header, counted from 0.
const HEAD: u32 = 9;

/// What stands on the sheet in one language.
struct Wording {
    sheet: &'static str,
    title: &'static str,
    facts: [&'static str; 6],
    before: [&'static str; 3],
    sessions: &'static str,
    sums: [&'static str; 7],
    days: [&'static str; 3],
    legend: &'static str,
    basis: &'static str,
    minimum: &'static str,
    made: &'static str,
}

const INDONESIAN: Wording = Wording {
    sheet: "Rekap kehadiran",
    title: "REKAPITULASI KEHADIRAN PESERTA PELATIHAN",
    facts: ["Lembaga", "Program", "Angkatan", "Kelas", "Masa pelatihan", "Jam pelajaran (JP) terlaksana / rencana"],
    before: ["No.", "Nama peserta", "NISN"],
    sessions: "Pertemuan (tanggal dan JP)",
    sums: [
        "Belum ditandai",
        "JP diakui",
        "JP terlaksana",
        "Kelas lain: JP diakui",
        "Kelas lain: JP terlaksana",
        "Kehadiran (%)",
        "Keterangan",
    ],
    days: ["dari", "sampai", "sejak"],
    legend: "H hadir · T terlambat · S sakit · I izin · A alpa · kosong: belum ditandai · – bukan peserta pada hari itu",
    basis: "Kehadiran = JP diakui ÷ JP yang terlaksana selama menjadi peserta, termasuk di kelas sebelum pindah.",
    minimum: "Kehadiran paling sedikit untuk lulus (%)",
    made: "Keadaan pada",
};

const ENGLISH: Wording = Wording {
    sheet: "Attendance recap",
    title: "RECAP OF PARTICIPANTS' ATTENDANCE",
    facts: ["Institution", "Program", "Cohort", "Class", "Training period", "Lesson hours (JP) held / planned"],
    before: ["No.", "Participant's name", "NISN"],
    sessions: "Sessions (day and lesson hours)",
    sums: [
        "Not marked yet",
        "Hours credited",
        "Hours held",
        "Other class: hours credited",
        "Other class: hours held",
        "Attendance (%)",
        "Remark",
    ],
    days: ["from", "until", "since"],
    legend: "H present · T late · S sick · I excused · A absent · empty: not marked yet · – no member on that day",
    basis: "Attendance = lesson hours credited ÷ lesson hours held while a member, those of an earlier class included.",
    minimum: "Least attendance for completion (%)",
    made: "As of",
};

impl Recap {
    /// The workbook, in one language.
    pub fn workbook(&self, language: Language) -> Result<Vec<u8>> {
        self.written(language).map_err(unwritable)
    }

    fn written(&self, language: Language) -> Result<Vec<u8>, XlsxError> {
        let wording = match language {
            Language::Indonesian => &INDONESIAN,
            Language::English => &ENGLISH,
        };
        let mut book = book(self.of.made_at)?;
        let sheet = book.add_worksheet();
        sheet.set_name(wording.sheet)?.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
        sheet.set_repeat_rows(HEAD, HEAD + 2)?;
        self.write_facts(sheet, wording, language)?;
        self.write_head(sheet, wording)?;
        for (number, line) in (1_u32..).zip(&self.lines) {
            self.write_line(sheet, wording, number, line)?;
        }
        sheet.set_freeze_panes(HEAD + 3, BEFORE)?;
        let below = HEAD + 4 + u32::try_from(self.lines.len()).unwrap_or_default();
        let small = Format::new().set_italic().set_font_size(9);
        let extract = self.extract.as_ref().map(Extract::sentence);
        let extract = extract.map(|said| if language == Language::Indonesian { said.id } else { said.en });
        let notes = [wording.legend, wording.basis].into_iter().chain(extract.as_deref());
        for (row, text) in (below..).zip(notes) {
            write(sheet, row, 1, text, &small)?;
        }
        // A part says so at its head as well.
        write(sheet, 0, BEFORE, extract.as_deref().unwrap_or_default(), &Format::new().set_bold())?;
        book.save_to_buffer()
    }

    fn write_facts(&self, sheet: &mut Worksheet, wording: &Wording, language: Language) -> Result<(), XlsxError> {
        let title = Format::new().set_bold().set_font_size(14);
        write(sheet, 0, 0, wording.title, &title)?;
        let program = match language {
            Language::Indonesian => &self.of.program.id,
            Language::English => &self.of.program.en,
        };
        let (from, to) = (self.of.class.starts_on.format("%d/%m/%Y"), self.of.class.ends_on.format("%d/%m/%Y"));
        let facts = [
            self.of.host.name.as_str().to_owned(),
            program.clone(),
            self.of.cohort.as_str().to_owned(),
            self.of.class.name.as_str().to_owned(),
            format!("{from} – {to}"),
            format!("{} / {}", self.delivered, self.planned),
        ];
        let (bold, plain) = (Format::new().set_bold(), Format::new());
        for (row, (label, fact)) in (1_u32..).zip(wording.facts.iter().zip(&facts)) {
            write(sheet, row, 0, label, &bold)?;
            write(sheet, row, 2, fact, &plain)?;
        }
        write(sheet, 7, 0, wording.minimum, &bold)?;
        sheet.write_number(7, 2, self.minimum.value().to_f64().unwrap_or_default())?;
        write(sheet, 8, 0, wording.made, &bold)?;
        let (moment, zone) = self.of.moment();
        write(sheet, 8, 2, &format!("{} {zone}", moment.format("%d/%m/%Y %H.%M")), &plain)?;
        Ok(())
    }

    /// Three rows: what a group of columns is, the day, the lesson hours.
    fn write_head(&self, sheet: &mut Worksheet, wording: &Wording) -> Result<(), XlsxError> {
        let style = header(HEADER_FILL);
        let turned = header(HEADER_FILL).set_num_format("dd/mm").set_rotation(90);
        for (column, text) in (0_u16..).zip(wording.before) {
            sheet.merge_range(HEAD, column, HEAD + 2, column, text, &style)?;
        }
        for (column, width) in [(0, 5.0), (1, 32.0), (2, 13.0)] {
            sheet.set_column_width(column, width)?;
        }
        let after = self.after();
        match after - BEFORE {
            0 => {}
            1 => {
                write(sheet, HEAD, BEFORE, wording.sessions, &style)?;
            }
            _ => {
                sheet.merge_range(HEAD, BEFORE, HEAD, after - 1, wording.sessions, &style)?;
            }
        }
        for (column, session) in (BEFORE..).zip(&self.held) {
            sheet.write_datetime_with_format(HEAD + 1, column, day(session.held_on)?, &turned)?;
            sheet.write_number_with_format(HEAD + 2, column, session.lesson_hours, &style)?;
            sheet.set_column_width(column, 4.0)?;
        }
        let marks = MARKS.map(Mark::as_str);
        for (column, text) in (after..).zip(marks.into_iter().chain(wording.sums)) {
            sheet.merge_range(HEAD, column, HEAD + 2, column, text, &style)?;
            sheet.set_column_width(column, if text.len() == 1 { 4.0 } else { 11.0 })?;
        }
        sheet.set_column_width(after + 11, 40.0)?;
        Ok(())
    }

    fn write_line(
        &self,
        sheet: &mut Worksheet,
        wording: &Wording,
        number: u32,
        line: &RecapLine,
    ) -> Result<(), XlsxError> {
        let row = HEAD + 2 + number;
        let plain = Format::new().set_border(FormatBorder::Thin);
        let (text, center) = (plain.clone().set_num_format(TEXT), plain.clone().set_align(FormatAlign::Center));
        let percent = plain.clone().set_num_format("0.00");
        let (account, enrolled) = (&line.account, &line.account.member.enrolled);
        sheet.write_number_with_format(row, 0, number, &plain)?;
        write(sheet, row, 1, enrolled.name.as_str(), &plain)?;
        write(sheet, row, 2, enrolled.nisn.as_ref().map(Nisn::as_str).unwrap_or_default(), &text)?;
        for (column, cell) in (BEFORE..).zip(&line.cells) {
            match cell {
                Standing::Marked(mark) => write(sheet, row, column, mark.as_str(), &center)?,
                Standing::Unmarked => sheet.write_blank(row, column, &center)?,
                Standing::Outside => write(sheet, row, column, "–", &center)?,
            };
        }
        let after = self.after();
        let whole = |number: i64| number.to_f64().unwrap_or_default();
        for (column, mark) in (after..).zip(MARKS) {
            sheet.write_number_with_format(row, column, whole(account.tally.sessions(mark)), &plain)?;
        }
        let (here, before) = (account.here, account.before);
        for (column, sum) in (after + 5..).zip([account.unmarked, here.credited, here.held]) {
            sheet.write_number_with_format(row, column, whole(sum), &plain)?;
        }
        for (column, sum) in (after + 8..).zip([before.credited, before.held]) {
            if before.held > 0 {
                sheet.write_number_with_format(row, column, whole(sum), &plain)?;
            } else {
                sheet.write_blank(row, column, &plain)?;
            }
        }
        match account.rate().percent_beside(self.minimum).and_then(|percent| percent.to_f64()) {
            Some(share) => sheet.write_number_with_format(row, after + 10, share, &percent)?,
            None => sheet.write_blank(row, after + 10, &percent)?,
        };
        write(sheet, row, after + 11, &rules::days(&account.member.days(), wording.days), &plain)?;
        Ok(())
    }

    /// The first column behind the sessions. A class has a few hundred of them at most.
    fn after(&self) -> u16 {
        BEFORE + u16::try_from(self.held.len()).unwrap_or_default()
    }
}
