//! Attendance: registers by session, corrections, and the roster of a class with everyone's rate.

use actix_web::{Responder, get, put, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};
use vokasi_core::attendance::{
    self, Earlier, NewMark, Recent, Record, RecordLine, RegisterLine, Remark, Roster, RosterLine, Sheet, SheetLine,
    Stored, Tally,
};
use vokasi_core::enrollment::EnrollmentState;
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, LessonHours, Mark, PersonName, Rate, RateBasis};

use super::classes::clock;
use super::sessions::SessionView;
use crate::body::{Body, is_id, names_no_number, one_of, read, read_id, read_some, short};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Tagged, private};

/// One mark to set.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"enrollment": "0CZ5V9K3M7Q2H", "mark": "H"}))]
pub(crate) struct MarkBody {
    /// Whose.
    #[validate(custom(function = "is_id"))]
    #[schema(required = true)]
    enrollment: String,
    /// `H` present, `T` late, `S` sick, `I` excused or `A` absent.
    #[validate(custom(function = "one_of::<Mark>"))]
    #[schema(required = true)]
    mark: String,
    /// With `T`: minutes after the beginning, at most as long as the session.
    minutes_late: Option<i32>,
    /// A short text for those who mark the class; an empty one takes away what was there. What is not said stays as long
    /// as the mark does.
    #[validate(custom(function = "is_note"))]
    note: Option<String>,
}

/// Characters of a note at most.
const NOTE: usize = 200;

/// A note, or nothing in its place.
pub(super) fn is_note(text: &str) -> std::result::Result<(), ValidationError> {
    if text.trim().is_empty() {
        return Ok(());
    }
    names_no_number(text)?;
    short::<Label, NOTE>(text)
}

/// What is said beside a mark, if anything is.
pub(super) fn remark(minutes_late: Option<i32>, note: Option<&String>) -> Result<Option<Remark>> {
    if minutes_late.is_none() && note.is_none() {
        return Ok(None);
    }
    Ok(Some(Remark { minutes_late, note: read_some(note.filter(|note| !note.trim().is_empty()))? }))
}

impl MarkBody {
    fn mark(&self) -> Result<NewMark> {
        let remark = remark(self.minutes_late, self.note.as_ref())?;
        Ok(NewMark { enrollment: read_id(&self.enrollment)?, mark: read(&self.mark)?, remark })
    }
}

/// The register of a session. Whoever is not in it stays unmarked.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"marks": [
    {"enrollment": "0CZ5V9K3M7Q2H", "mark": "H"}, {"enrollment": "0CZ5V9K3M7Q2J", "mark": "S"}
]}))]
pub(crate) struct RegisterBody {
    /// 1 to 200 marks; all of them are saved or none.
    #[validate(length(min = 1, max = 200), nested)]
    #[schema(required = true)]
    marks: Vec<MarkBody>,
}

/// What became of one mark.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedMarkView {
    #[schema(value_type = String)]
    enrollment: Id,
    #[schema(value_type = String, example = "H")]
    mark: Mark,
    /// `new`, `corrected` (the earlier value is kept) or `same`.
    #[schema(example = "new")]
    result: &'static str,
}

impl From<(NewMark, Stored)> for SavedMarkView {
    fn from((mark, stored): (NewMark, Stored)) -> Self {
        let result = match stored {
            Stored::New => "new",
            Stored::Corrected => "corrected",
            Stored::Same => "same",
        };
        Self { enrollment: mark.enrollment, mark: mark.mark, result }
    }
}

/// What became of a register.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SavedRegisterView {
    session: SessionView,
    /// The clock of the register: what a mark made offline says it has seen.
    register_at: Option<i64>,
    /// One result per mark, in the order they came.
    results: Vec<SavedMarkView>,
}

/// A person on a register.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisterLineView {
    #[schema(value_type = String)]
    enrollment: Id,
    #[schema(value_type = String, example = "Siti Nur'aini")]
    name: PersonName,
    /// Absent while the person is unmarked.
    #[schema(value_type = Option<String>, example = "H")]
    mark: Option<Mark>,
    #[schema(value_type = Option<String>, format = DateTime)]
    marked_at: Option<Instant>,
    /// The account that set the mark.
    #[schema(value_type = Option<String>)]
    marked_by: Option<Id>,
    /// Minutes after the beginning, if they are known.
    minutes_late: Option<i32>,
    /// Only for those who mark the class.
    #[schema(value_type = Option<String>)]
    note: Option<Label>,
}

impl From<RegisterLine> for RegisterLineView {
    fn from(line: RegisterLine) -> Self {
        Self {
            enrollment: line.enrolled.enrollment.id,
            name: line.enrolled.name,
            mark: line.mark.as_ref().map(|mark| mark.mark),
            marked_at: line.mark.as_ref().and_then(|mark| Instant::from_micros(mark.marked_at)),
            marked_by: line.mark.map(|mark| mark.marked_by),
            minutes_late: line.remark.minutes_late,
            note: line.remark.note,
        }
    }
}

/// The register of a session: everyone who was a member that day, by name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegisterView {
    session: SessionView,
    /// The clock of the register: what a mark made offline says it has seen. It is absent until there is a register.
    register_at: Option<i64>,
    lines: Vec<RegisterLineView>,
    /// Members of that day whom the caller does not see.
    not_shown: usize,
}

/// A value that a correction replaced.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CorrectionView {
    /// The value that was replaced.
    #[schema(value_type = String, example = "A")]
    mark: Mark,
    /// When that value was set.
    #[schema(value_type = Option<String>, format = DateTime)]
    marked_at: Option<Instant>,
    /// By whose account.
    #[schema(value_type = String)]
    marked_by: Id,
    /// What its holder is called; absent for the operator at the machine.
    #[schema(value_type = Option<String>)]
    marked_by_name: Option<PersonName>,
    /// On which device it was made, where that was done without a network.
    made_on: Option<String>,
    /// What that device's clock said.
    #[schema(value_type = Option<String>, format = DateTime)]
    made_at: Option<Instant>,
    /// When it was replaced.
    #[schema(value_type = String, format = DateTime)]
    replaced_at: Instant,
    /// By whose account.
    #[schema(value_type = String)]
    replaced_by: Id,
    /// What its holder is called; absent for the operator at the machine.
    #[schema(value_type = Option<String>)]
    replaced_by_name: Option<PersonName>,
    /// From which device it was replaced.
    device: String,
    /// Minutes after the beginning, if they were known.
    minutes_late: Option<i32>,
    /// Only for those who mark the class.
    #[schema(value_type = Option<String>)]
    note: Option<Label>,
}

impl From<Earlier> for CorrectionView {
    fn from(earlier: Earlier) -> Self {
        let Earlier { correction, remark, .. } = earlier;
        Self {
            minutes_late: remark.minutes_late,
            note: remark.note,
            mark: correction.mark,
            marked_at: Instant::from_micros(correction.marked_at),
            marked_by: correction.marked_by,
            marked_by_name: earlier.marked_by_name,
            made_on: earlier.made_on,
            made_at: earlier.made_at,
            replaced_at: correction.replaced_at,
            replaced_by: correction.replaced_by,
            replaced_by_name: earlier.replaced_by_name,
            device: correction.device,
        }
    }
}

/// A rate with its two numbers, so that anyone can recompute it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"basis": "lesson_hours_held", "credited": 38, "held": 40, "percent": "95"}))]
pub(crate) struct RateView {
    /// `lesson_hours_held`: lesson hours credited of lesson hours held while the person was a member.
    #[schema(value_type = String)]
    basis: RateBasis,
    credited: i64,
    held: i64,
    /// In per cent with two decimals at most; absent while nothing was held.
    percent: Option<String>,
}

impl From<Rate> for RateView {
    fn from(rate: Rate) -> Self {
        Self {
            basis: rate.basis,
            credited: rate.credited,
            held: rate.held,
            percent: rate.percent().map(|percent| percent.to_string()),
        }
    }
}

/// Sessions by mark.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct TallyView {
    present: i64,
    late: i64,
    sick: i64,
    excused: i64,
    absent: i64,
}

impl From<Tally> for TallyView {
    fn from(tally: Tally) -> Self {
        Self {
            present: tally.sessions(Mark::Present),
            late: tally.sessions(Mark::Late),
            sick: tally.sessions(Mark::Sick),
            excused: tally.sessions(Mark::Excused),
            absent: tally.sessions(Mark::Absent),
        }
    }
}

/// A member of a class with the rate of attendance.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterLineView {
    #[schema(value_type = String)]
    enrollment: Id,
    #[schema(value_type = String, example = "Siti Nur'aini")]
    name: PersonName,
    #[schema(value_type = String, example = "active")]
    state: EnrollmentState,
    /// The first day as a member.
    seated_on: Option<NaiveDate>,
    /// The day the class was left.
    left_on: Option<NaiveDate>,
    tally: TallyView,
    rate: RateView,
    /// Sessions that were held for this person and have no mark; their lesson hours are in the rate.
    #[schema(example = 0)]
    unmarked: i64,
}

impl From<RosterLine> for RosterLineView {
    fn from(line: RosterLine) -> Self {
        let row = line.enrolled.enrollment;
        Self {
            enrollment: row.id,
            name: line.enrolled.name,
            state: row.state,
            seated_on: row.seated_on,
            left_on: row.left_on,
            tally: line.tally.into(),
            rate: line.rate.into(),
            unmarked: line.unmarked,
        }
    }
}

/// A session that counts for a person.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordLineView {
    #[schema(value_type = String)]
    session: Id,
    /// Of which class: whoever was transferred has lines of several.
    #[schema(value_type = String)]
    class: Id,
    held_on: NaiveDate,
    /// Local time.
    #[schema(example = "07:30")]
    starts_at: String,
    #[schema(example = "HTL.01")]
    module_code: String,
    lesson_hours: LessonHours,
    /// Absent while the person is unmarked, or once marks of that time are no longer kept.
    #[schema(value_type = Option<String>, example = "H")]
    mark: Option<Mark>,
    /// Lesson hours that count as attended.
    lesson_hours_credited: LessonHours,
}

/// What a person's rate of attendance is made of.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecordView {
    #[schema(value_type = String)]
    enrollment: Id,
    #[schema(value_type = String, example = "Siti Nur'aini")]
    name: PersonName,
    /// Marks that credit their lesson hours.
    #[schema(value_type = Vec<String>, example = json!(["H", "T"]))]
    credited_marks: Vec<Mark>,
    tally: TallyView,
    rate: RateView,
    /// Sessions below that have no mark.
    #[schema(example = 0)]
    unmarked: i64,
    /// Every session that counts for the person, in order of time.
    sessions: Vec<RecordLineView>,
}

impl From<Record> for RecordView {
    fn from(read: Record) -> Self {
        let Record { enrolled, credited, tally, rate, unmarked, lines } = read;
        let line = |line: RecordLine| RecordLineView {
            session: line.session,
            class: line.class,
            held_on: line.held_on,
            starts_at: clock(line.starts_at),
            module_code: line.module_code,
            lesson_hours: line.lesson_hours,
            mark: line.mark,
            lesson_hours_credited: line.mark.filter(|mark| credited.contains(mark)).map_or(0, |_| line.lesson_hours),
        };
        Self {
            enrollment: enrolled.enrollment.id,
            name: enrolled.name,
            sessions: lines.into_iter().map(line).collect(),
            credited_marks: credited,
            tally: tally.into(),
            rate: rate.into(),
            unmarked,
        }
    }
}

/// A class with its members and what has been delivered.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RosterView {
    #[schema(value_type = String)]
    class: Id,
    /// Lesson hours (JP) of the program.
    #[schema(example = 320)]
    lesson_hours_planned: LessonHours,
    /// Lesson hours (JP) held so far.
    #[schema(example = 40)]
    lesson_hours_delivered: LessonHours,
    /// Its members by name, past ones included.
    lines: Vec<RosterLineView>,
}

impl From<Roster> for RosterView {
    fn from(roster_read: Roster) -> Self {
        Self {
            class: roster_read.class.id,
            lesson_hours_planned: roster_read.planned,
            lesson_hours_delivered: roster_read.progress.delivered,
            lines: roster_read.lines.into_iter().map(RosterLineView::from).collect(),
        }
    }
}

/// A session before this one.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RecentView {
    #[schema(value_type = String)]
    session: Id,
    held_on: NaiveDate,
}

/// A person on the sheet of a session.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SheetLineView {
    #[serde(flatten)]
    line: RegisterLineView,
    /// The marks in the sessions before, in their order; null where the person was not marked.
    #[schema(value_type = Vec<Option<String>>, example = json!(["H", null, "T"]))]
    recent: Vec<Option<Mark>>,
    rate: RateView,
    /// Whether the minimum of the certificate can still be reached.
    reachable: bool,
    /// Lesson hours that can still be missed; below zero when the minimum is out of reach.
    lesson_hours_to_spare: i64,
    /// The clash about this mark that waits for somebody.
    #[schema(value_type = Option<String>)]
    clash: Option<Id>,
}

impl From<SheetLine> for SheetLineView {
    fn from(one: SheetLine) -> Self {
        Self {
            line: one.line.into(),
            recent: one.recent,
            rate: one.rate.into(),
            reachable: one.to_spare >= 0,
            lesson_hours_to_spare: one.to_spare,
            clash: one.clash,
        }
    }
}

/// Everything that marking a session needs.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SheetView {
    session: SessionView,
    /// The clock of the register: what a mark made offline says it has seen. It is absent until there is a register.
    register_at: Option<i64>,
    /// The name of the class.
    #[schema(value_type = String)]
    class_name: Label,
    /// Per cent of the lesson hours held that the certificate needs.
    #[schema(value_type = String, example = "80")]
    minimum_attendance: String,
    /// Marks that credit their lesson hours.
    #[schema(value_type = Vec<String>)]
    credited_marks: Vec<Mark>,
    lesson_hours_planned: LessonHours,
    lesson_hours_delivered: LessonHours,
    /// The last five sessions before this one that were held, the oldest first.
    recent: Vec<RecentView>,
    lines: Vec<SheetLineView>,
    /// Members of that day whom the caller does not see.
    not_shown: usize,
}

impl From<Sheet> for SheetView {
    fn from(whole: Sheet) -> Self {
        let recent = |one: Recent| RecentView { session: one.session, held_on: one.held_on };
        Self {
            register_at: whole.session.register_at,
            session: whole.session.into(),
            class_name: whole.class.name,
            minimum_attendance: whole.minimum.value().normalize().to_string(),
            credited_marks: whole.credited,
            lesson_hours_planned: whole.planned,
            lesson_hours_delivered: whole.delivered,
            recent: whole.recent.into_iter().map(recent).collect(),
            lines: whole.lines.into_iter().map(SheetLineView::from).collect(),
            not_shown: whole.unseen,
        }
    }
}

/// Saves the register of a session: all of it or nothing of it. Saving it again changes nothing, so no If-Match is asked
/// for; a mark that differs is a correction, and the earlier value stays.
#[utoipa::path(tag = "attendance", params(("id" = String, Path)), request_body = RegisterBody,
    responses((status = 200, body = SavedRegisterView)))]
#[put("/sessions/{id}/attendance")]
pub(crate) async fn save(call: Call, id: web::Path<Id>, body: Body<RegisterBody>) -> Result<impl Responder, Problem> {
    let saved = call
        .write(move |tx, actor| {
            let marks = body.value.marks.iter().map(MarkBody::mark).collect::<Result<Vec<_>>>()?;
            attendance::save(tx, actor, *id, &marks)
        })
        .await?;
    let results = saved.results.into_iter().map(SavedMarkView::from).collect();
    let register_at = saved.session.register_at;
    Ok(Tagged::new(saved.session.version, SavedRegisterView { session: saved.session.into(), register_at, results }))
}

/// The register of a session: everyone who was a member that day, by name, with the mark if there is one.
#[utoipa::path(tag = "attendance", params(("id" = String, Path)), responses((status = 200, body = RegisterView)))]
#[get("/sessions/{id}/attendance")]
pub(crate) async fn register(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let (session, lines, not_shown) = call.snapshot(move |tx, actor| attendance::register(tx, actor, *id)).await?;
    let lines = lines.into_iter().map(RegisterLineView::from).collect();
    let (version, register_at) = (session.version, session.register_at);
    Ok(Tagged::new(version, RegisterView { session: session.into(), register_at, lines, not_shown }))
}

/// Everything that marking a session needs: people in order, their marks, the last five before, the rate so far, and how
/// much of it can be missed.
#[utoipa::path(tag = "attendance", params(("id" = String, Path)), responses((status = 200, body = SheetView)))]
#[get("/sessions/{id}/sheet")]
pub(crate) async fn sheet(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let read = call.snapshot(move |tx, actor| attendance::sheet(tx, actor, *id)).await?;
    Ok(Tagged::new(read.session.version, SheetView::from(read)))
}

/// Every value a person's mark has had before, oldest first.
#[utoipa::path(tag = "attendance", params(("id" = String, Path), ("enrollment" = String, Path)),
    responses((status = 200, body = Vec<CorrectionView>)))]
#[get("/sessions/{id}/attendance/{enrollment}/corrections")]
pub(crate) async fn corrections(call: Call, path: web::Path<(Id, Id)>) -> Result<impl Responder, Problem> {
    let (session, enrollment) = path.into_inner();
    let earlier = call.snapshot(move |tx, actor| attendance::corrections(tx, actor, session, enrollment)).await?;
    Ok(private(&earlier.into_iter().map(CorrectionView::from).collect::<Vec<_>>()))
}

/// What an enrollment's rate of attendance is made of: every session that counts, with its mark.
#[utoipa::path(tag = "attendance", params(("id" = String, Path)), responses((status = 200, body = RecordView)))]
#[get("/enrollments/{id}/attendance")]
pub(crate) async fn record(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let read = call.snapshot(move |tx, actor| attendance::record(tx, actor, *id)).await?;
    Ok(private(&RecordView::from(read)))
}

/// The members of a class with everyone's rate of attendance, and the hours delivered against those planned.
#[utoipa::path(tag = "attendance", params(("id" = String, Path)), responses((status = 200, body = RosterView)))]
#[get("/classes/{id}/roster")]
pub(crate) async fn roster(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let read = call.snapshot(move |tx, actor| attendance::roster(tx, actor, *id)).await?;
    Ok(private(&RosterView::from(read)))
}
