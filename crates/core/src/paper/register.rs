//! Registers on paper: of one session, to be ticked and signed, and of a month. The QR code of a session opens its
//! page, where what stands on the paper is typed in.

use std::ops::Range;

use chrono::{Datelike, NaiveDate};

use super::recap::{day_of, legend, month, name, unwritten};
use super::sheet::{self, Code, Fact, Part, Press};
use super::{About, Extract, MARKS, Standing, about, marks_of, may_take, name_of, standing, unprintable};
use crate::access::Actor;
use crate::attendance;
use crate::audit::{self, Subject};
use crate::certificate::Printing;
use crate::class;
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::print::PrintError;
use crate::print::canvas::{self, Orientation};
use crate::print::figure::{GREY, INK, small};
use crate::print::fonts::Letter;
use crate::print::grid::{Cell, Grid, Line};
use crate::print::paragraph::{Align, Paragraph, Style};
use crate::print::words::{self, Language};
use crate::program::Curriculum;
use crate::session::{self, Session};
use crate::values::{Bilingual, Mark, PersonName};

const INDONESIAN: Language = Language::Indonesian;
/// Widths of columns in points.
const NUMBER: f32 = 22.0;
const NAME: f32 = 170.0;
const TICK: f32 = 24.0;
const MINUTES: f32 = 38.0;
const SIGNATURE: f32 = 104.0;
const REMARK: f32 = 73.0;
/// The room that a month leaves to its sessions, and how many of them a sheet takes at most.
const SESSIONS: f32 = 774.0 - NUMBER - NAME;
const ACROSS: usize = 18;
/// Height of a line that is written in by hand, in points.
const HIGH: f32 = 20.0;
const WRITTEN: f32 = 17.0;
/// Lines for people who come without being in the list yet.
const SPARE: usize = 4;
/// Width of a code among others, and the height that keeps them apart, in points.
const CODE: f32 = 62.0;
const APART: f32 = 96.0;

/// The register of one session, with what is marked already.
#[derive(Debug)]
pub struct SessionRegister {
    of: About,
    session: Session,
    module: Bilingual,
    instructor: Option<PersonName>,
    people: Vec<Attendee>,
    extract: Option<Extract>,
}

/// The registers of a class in a month.
#[derive(Debug)]
pub struct MonthRegister {
    of: About,
    first: NaiveDate,
    sessions: Vec<(Session, Bilingual)>,
    people: Vec<Attendee>,
    extract: Option<Extract>,
}

/// Somebody on a register, and what stands of them in each of its sessions.
#[derive(Debug)]
struct Attendee {
    enrollment: Id,
    name: PersonName,
    cells: Vec<Standing>,
    minutes_late: Option<i32>,
}

/// The register of a session in the actor's scope.
///
/// # Errors
/// `access.denied` for an observer, `session.cancelled`.
pub fn of_session(tx: &mut Tx<'_>, actor: &Actor, session: Id) -> Result<SessionRegister> {
    may_take(actor)?;
    let (session, lines, unseen) = attendance::register(tx, actor, session)?;
    if !session.is_live() {
        return Err(Error::new(&codes::SESSION_CANCELLED));
    }
    let (_, class) = session::with_class(tx, actor, session.id)?;
    let (of, curriculum) = about(tx, class)?;
    let extract = Extract::of(tx, actor, &of.class, lines.len(), unseen)?;
    let people = lines.into_iter().map(|line| Attendee {
        enrollment: line.enrolled.enrollment.id,
        name: line.enrolled.name,
        cells: vec![line.mark.map_or(Standing::Unmarked, |marked| Standing::Marked(marked.mark))],
        minutes_late: line.remark.minutes_late,
    });
    let people = people.collect();
    let instructor = name_of(tx, session.instructor_id.or(of.class.instructor_id))?;
    let subject = Subject::session(session.id);
    audit::record(tx, actor, "attendance.register_taken", subject, Some(&of.class.province_code), &nothing())?;
    let module = title_of(&curriculum, &session.module_code);
    Ok(SessionRegister { of, session, module, instructor, people, extract })
}

/// The registers of a class in the actor's scope, of the month in which that day is.
///
/// # Errors
/// `access.denied` for an observer.
pub fn of_month(tx: &mut Tx<'_>, actor: &Actor, class: Id, day: Option<NaiveDate>) -> Result<MonthRegister> {
    may_take(actor)?;
    let class = class::visible(tx, actor, class)?;
    let (of, curriculum) = about(tx, class)?;
    let day = day.unwrap_or_else(|| tx.today(&of.class.province_code));
    let first = day.with_day(1).unwrap_or(day);
    let month = |day: NaiveDate| (day.year(), day.month());
    let mut sessions = session::of_class(tx, of.class.id)?;
    sessions.retain(|session| session.is_live() && month(session.held_on) == month(first));
    let marks = marks_of(tx, of.class.id)?;
    let people: Vec<Attendee> = attendance::everyone(tx, actor, &of.class)?
        .into_iter()
        .filter_map(|one| {
            let enrollment = one.enrolled.enrollment.id;
            let cell = |session: &Session| standing(session, enrollment, one.was_there(session.held_on), &marks);
            let cells: Vec<Standing> = sessions.iter().map(cell).collect();
            let shown =
                if cells.is_empty() { one.is_here } else { cells.iter().any(|cell| *cell != Standing::Outside) };
            shown.then_some(Attendee { cells, enrollment, name: one.enrolled.name, minutes_late: None })
        })
        .collect();
    let days: Vec<NaiveDate> = sessions.iter().map(|session| session.held_on).collect();
    let whole = attendance::members_on(tx, of.class.id, &days, days.is_empty())?;
    let extract = Extract::of(tx, actor, &of.class, people.len(), whole.saturating_sub(people.len()))?;
    let subject = Subject::class(of.class.id);
    let detail = serde_json::json!({ "month": first.format("%Y-%m").to_string() });
    audit::record(tx, actor, "attendance.registers_taken", subject, Some(&of.class.province_code), &detail)?;
    let titled = |session: Session| {
        let title = title_of(&curriculum, &session.module_code);
        (session, title)
    };
    Ok(MonthRegister { sessions: sessions.into_iter().map(titled).collect(), people, first, of, extract })
}

/// What a module is called.
fn title_of(curriculum: &Curriculum, code: &str) -> Bilingual {
    let module = curriculum.modules.iter().find(|module| module.code == code);
    module.map_or_else(|| Bilingual::new("", ""), |module| module.title.clone())
}

fn nothing() -> serde_json::Value {
    serde_json::json!({})
}

impl SessionRegister {
    /// The sheets, Indonesian first and English smaller.
    ///
    /// # Errors
    /// `storage.failed` if the engine refuses the document.
    pub fn pdf(&self, printing: &Printing) -> Result<Vec<u8>> {
        let print = || -> Result<Vec<u8>, PrintError> {
            let press = Press::new(&printing.fonts)?;
            let part = self.part(&press, &printing.public_url)?;
            let mut head = self.of.letterhead();
            head.instructor = self.instructor.as_ref().map(|name| name.as_str().to_owned());
            let sheets = sheet::lay_out(&press, &head, vec![part])?;
            let day = words::day(self.session.held_on, INDONESIAN);
            let title = format!("Daftar hadir {day} – {}", self.of.class.name.as_str());
            let facts = self.of.document(title, format!("register {}", self.session.id));
            canvas::paint(&sheets, &facts, &printing.fonts)
        };
        print().map_err(unprintable)
    }

    fn part(&self, press: &Press, public_url: &str) -> Result<Part, PrintError> {
        let widths = [NUMBER, NAME].into_iter().chain([TICK; 5]).chain([MINUTES, SIGNATURE, REMARK]);
        let aligns = [Align::Right, Align::Left].into_iter().chain([Align::Center; 6]).chain([Align::Left; 2]);
        let columns: Vec<(f32, Align)> = widths.zip(aligns).collect();
        let labels = [("No.", ""), ("Nama peserta", "Participant")]
            .into_iter()
            .chain(MARKS.map(|mark| (mark.as_str(), "")))
            .chain([("Menit", "Late by"), ("Tanda tangan", "Signature"), ("Keterangan", "Remark")]);
        let mut head = Vec::new();
        for ((id, en), (width, _)) in labels.zip(&columns) {
            head.push(Cell::Texts(press.label(id, en, *width)?));
        }
        let mut doubtful = false;
        let mut lines = Vec::new();
        for (at, one) in self.people.iter().enumerate() {
            let (texts, replaced) = name(press, one.name.as_str(), &one.enrollment.to_string(), NAME, 9.5)?;
            doubtful |= replaced;
            let marked = one.cells.first().copied();
            lines.push(line(press, at + 1, texts, marked, one.minutes_late)?);
        }
        for at in 0..SPARE {
            lines.push(line(press, self.people.len() + at + 1, Vec::new(), None, None)?);
        }
        let summary = "Peserta pertemuan ini dengan kotak untuk tanda kehadiran dan tempat tanda tangan".to_owned();
        let grid = Grid { summary, columns, title: 1, head: Line::of(head, HIGH), lines };
        let mut notes = Extract::notes(self.extract.as_ref());
        notes.push(Bilingual::new(
            "Centang satu kotak: H hadir · T terlambat (tulis menitnya) · S sakit · I izin · A alpa. Yang tidak \
             dicentang tetap belum ditandai.",
            "Tick one box: H present · T late (write the minutes) · S sick · I excused · A absent. Whoever has no tick \
             stays unmarked.",
        ));
        if doubtful {
            notes.push(unwritten());
        }
        Ok(Part {
            orientation: Orientation::Portrait,
            title: Bilingual::new("Daftar Hadir Pertemuan", "Register of a session"),
            facts: self.facts(),
            grid,
            spare: self.people.len()..self.people.len() + SPARE,
            notes,
            code: Some(code_of(&self.session, public_url)),
            signed: Extract::is_signed(self.extract.as_ref()),
        })
    }

    fn facts(&self) -> Vec<Fact> {
        let session = &self.session;
        let mut facts = self.of.facts();
        let instructor = self.instructor.as_ref().map_or("…", |name| name.as_str());
        facts.extend([
            ("Hari, tanggal", "Day", full_day(session.held_on)),
            ("Waktu", "Time", format!("{} · {} JP", hours(session), session.lesson_hours)),
            ("Materi", "Module", format!("{} {}", session.module_code, self.module.id)),
            ("Ruang", "Room", session.room.as_ref().map_or("…", |room| room.as_str()).to_owned()),
            ("Pengajar", "Instructor", instructor.to_owned()),
        ]);
        facts
    }
}

/// A person's line with a box for each mark; the one that is given already stands in its box.
fn line(
    press: &Press,
    number: usize,
    name: Vec<Paragraph>,
    standing: Option<Standing>,
    minutes_late: Option<i32>,
) -> Result<Line, PrintError> {
    let plain = Style::indonesian(Letter::Sans, 9.0, INK);
    let mut cells = vec![Cell::text(press.cell(&number.to_string(), plain, NUMBER, 1)?), Cell::Texts(name)];
    for mark in MARKS {
        let given = standing == Some(Standing::Marked(mark));
        let bold = Style::indonesian(Letter::Bold, 9.0, INK);
        let text = if given { Some(press.fit(mark.as_str(), bold, TICK, 1)?) } else { None };
        cells.push(Cell::Box(text));
    }
    let minutes = minutes_late.map(|minutes| minutes.to_string()).unwrap_or_default();
    cells.push(Cell::text(press.cell(&minutes, plain, MINUTES, 1)?));
    cells.extend([Cell::empty(), Cell::empty()]);
    Ok(Line::of(cells, HIGH))
}

impl MonthRegister {
    /// The sheets, Indonesian first and English smaller; the codes of the sessions stand on sheets of their own, far
    /// enough from each other for a camera to see one.
    ///
    /// # Errors
    /// `storage.failed` if the engine refuses the document.
    pub fn pdf(&self, printing: &Printing) -> Result<Vec<u8>> {
        let print = || -> Result<Vec<u8>, PrintError> {
            let press = Press::new(&printing.fonts)?;
            let mut parts = Vec::new();
            let mut from = 0;
            // A month without a session is a list of names.
            while from < self.sessions.len().max(1) {
                let to = (from + ACROSS).min(self.sessions.len());
                parts.push(self.part(&press, from..to)?);
                from += ACROSS;
            }
            if !self.sessions.is_empty() {
                parts.push(self.codes(&press, &printing.public_url)?);
            }
            let sheets = sheet::lay_out(&press, &self.of.letterhead(), parts)?;
            let title = format!("Daftar hadir {} – {}", month(self.first, INDONESIAN), self.of.class.name.as_str());
            let facts = self.of.document(title, format!("registers {} {}", self.of.class.id, self.first));
            canvas::paint(&sheets, &facts, &printing.fonts)
        };
        print().map_err(unprintable)
    }

    fn part(&self, press: &Press, which: Range<usize>) -> Result<Part, PrintError> {
        let sessions = self.sessions.get(which.clone()).unwrap_or_default();
        let wide = (SESSIONS / small(sessions.len().max(1))).min(44.0);
        let mut columns = vec![(NUMBER, Align::Right), (NAME, Align::Left)];
        columns.extend(sessions.iter().map(|_| (wide, Align::Center)));
        let mut head = vec![
            Cell::Texts(press.label("No.", "", NUMBER)?),
            Cell::Texts(press.label("Nama peserta", "Participant", NAME)?),
        ];
        let time = Style::indonesian(Letter::Sans, 6.5, GREY);
        for (session, _) in sessions {
            let mut texts = day_of(press, session, wide)?;
            texts.push(press.cell(&clock(session.starts_at), time, wide, 1)?);
            head.push(Cell::Texts(texts));
        }
        let mut doubtful = false;
        let mut lines = Vec::new();
        for (at, one) in self.people.iter().enumerate() {
            let (texts, replaced) = name(press, one.name.as_str(), &one.enrollment.to_string(), NAME, 9.5)?;
            doubtful |= replaced;
            let cells = one.cells.get(which.clone()).unwrap_or_default();
            lines.push(month_line(press, Some(at + 1), texts, cells, wide)?);
        }
        // A month without a session is a list of names, with nothing to write in.
        let spare = if sessions.is_empty() { 0 } else { SPARE };
        let spare = self.people.len()..self.people.len() + spare;
        let open = vec![Standing::Unmarked; sessions.len()];
        for at in spare.clone() {
            lines.push(month_line(press, Some(at + 1), Vec::new(), &open, wide)?);
        }
        if !sessions.is_empty() {
            let initials = press.label("Paraf pengajar", "Instructor's initials", NAME)?;
            lines.push(month_line(press, None, initials, &open, wide)?);
        }
        let summary = "Peserta kelas dengan satu kolom untuk setiap pertemuan bulan ini".to_owned();
        let grid = Grid { summary, columns, title: 1, head: Line::of(head, HIGH), lines };
        let mut notes = Extract::notes(self.extract.as_ref());
        notes.push(legend());
        if sessions.is_empty() {
            notes.push(Bilingual::new("Tidak ada pertemuan pada bulan ini.", "There is no session in this month."));
        }
        if doubtful {
            notes.push(unwritten());
        }
        let title = Bilingual::new(
            format!("Daftar Hadir {}", month(self.first, INDONESIAN)),
            format!("Register, {}", month(self.first, Language::English)),
        );
        let (orientation, facts) = (Orientation::Landscape, self.of.facts());
        let signed = !sessions.is_empty() && Extract::is_signed(self.extract.as_ref());
        Ok(Part { orientation, title, facts, grid, spare, notes, code: None, signed })
    }

    /// A code for each session, left and right by turns.
    fn codes(&self, press: &Press, public_url: &str) -> Result<Part, PrintError> {
        let columns = vec![(110.0, Align::Left), (307.0, Align::Left), (110.0, Align::Right)];
        let head = vec![
            Cell::Texts(press.label("Kode QR", "QR code", 110.0)?),
            Cell::Texts(press.label("Pertemuan", "Session", 307.0)?),
            Cell::Texts(press.label("Kode QR", "QR code", 110.0)?),
        ];
        let (bold, plain) = (Style::indonesian(Letter::Bold, 11.0, INK), Style::indonesian(Letter::Sans, 9.0, INK));
        let mut lines = Vec::with_capacity(self.sessions.len());
        for (at, (session, module)) in self.sessions.iter().enumerate() {
            let Code { address, opens } = code_of(session, public_url);
            let time = format!("{} · {} JP", hours(session), session.lesson_hours);
            let module = format!("{} {}", session.module_code, module.id);
            let texts = vec![
                press.cell(&full_day(session.held_on), bold, 307.0, 1)?,
                press.cell(&time, plain, 307.0, 1)?,
                press.cell(&module, plain, 307.0, 2)?,
                press.cell(&address, plain.sized(7.5), 307.0, 2)?,
            ];
            let code = Cell::Code { address, opens: format!("Kode QR: {}", opens.id), width: CODE };
            let (left, right) = if at % 2 == 0 { (code, Cell::empty()) } else { (Cell::empty(), code) };
            lines.push(Line::of(vec![left, Cell::Texts(texts), right], APART));
        }
        let summary = "Setiap pertemuan bulan ini dengan kode QR yang membuka halaman pengisiannya".to_owned();
        let grid = Grid { summary, columns, title: 1, head: Line::of(head, HIGH), lines };
        let title = Bilingual::new(
            format!("Kode Pengisian {}", month(self.first, INDONESIAN)),
            format!("Codes for typing in, {}", month(self.first, Language::English)),
        );
        let (orientation, facts) = (Orientation::Portrait, self.of.facts());
        Ok(Part { orientation, title, facts, grid, spare: 0..0, notes: Vec::new(), code: None, signed: false })
    }
}

fn month_line(
    press: &Press,
    number: Option<usize>,
    name: Vec<Paragraph>,
    cells: &[Standing],
    wide: f32,
) -> Result<Line, PrintError> {
    let plain = Style::indonesian(Letter::Sans, 9.0, INK);
    let number = number.map(|number| number.to_string()).unwrap_or_default();
    let mut line = vec![Cell::text(press.cell(&number, plain, NUMBER, 1)?), Cell::Texts(name)];
    for cell in cells {
        let text = match cell {
            Standing::Marked(mark) => Mark::as_str(*mark),
            Standing::Unmarked => "",
            Standing::Outside => "–",
        };
        line.push(Cell::text(press.cell(text, plain, wide, 1)?));
    }
    Ok(Line::of(line, WRITTEN))
}

/// The code of a session: the address of the page on which it is marked.
fn code_of(session: &Session, public_url: &str) -> Code {
    Code {
        address: format!("{public_url}/mark/{}", session.id),
        opens: Bilingual::new("Pindai untuk mengisi pertemuan ini", "Scan to type this session in"),
    }
}

fn full_day(day: NaiveDate) -> String {
    let names = ["Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"];
    let name = names.get(day.weekday().num_days_from_monday() as usize).copied().unwrap_or_default();
    format!("{name}, {}", words::day(day, INDONESIAN))
}

fn hours(session: &Session) -> String {
    format!("{}–{}", clock(session.starts_at), clock(session.ends_at))
}

/// A time of day as Indonesian papers write it.
fn clock(minutes: i32) -> String {
    format!("{:02}.{:02}", minutes / 60, minutes % 60)
}
