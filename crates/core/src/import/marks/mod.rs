//! The marks on the paper lists of a class against its registers: what each row would do, and doing it.
//!
//! A row is a member of the class and a column a session. Registers are saved as if by hand, and their rules decide.

mod effects;
mod rules;

use std::collections::{BTreeMap, HashMap};

use super::packed::Packed;
use super::plan::{Chosen, FieldChange, Finding, Plan, PlannedRow};
use super::progress::{Progress, Stage, Watch, tell};
use super::severity::Settings;
use super::source::{Cell, Day, Field, SourceRow, Table};
use super::{Action, Applied, Severity};
use crate::access::Actor;
use crate::attendance::{self, Marked, Member, NewMark, Stored};
use crate::class::Class;
use crate::db::Tx;
use crate::enrollment::{self, Enrolled};
use crate::error::{Error, Fact, Result, codes};
use crate::id::Id;
use crate::participant;
use crate::session::{self, Session, SessionState};
use crate::values::Mark;
pub(in crate::import) use effects::Effects;
use effects::Written;
use rules::Members;
pub(super) use rules::is_of;

/// What the rows mean: the marks that each would set.
pub(super) struct Meant {
    rows: Vec<Vec<Meaning>>,
    /// Sessions whose first register this is.
    unreported: Vec<Id>,
}

/// A mark that a row would set.
#[derive(Clone)]
struct Meaning {
    session: Id,
    participant: Id,
    mark: NewMark,
    before: Option<Mark>,
}

/// What the register says of the class.
struct Registers<'r> {
    members: &'r [Member],
    marks: HashMap<(Id, Id), Marked>,
    /// The session of each column, or why it cannot be marked there.
    columns: BTreeMap<Day, Result<(&'r Session, String)>>,
    /// Whether the marks of whoever is decided on may still change.
    is_for_province: bool,
}

/// Checks every row, against itself, against the file and against the registers, in a handful of queries.
pub(super) fn check(
    tx: &mut Tx<'_>,
    actor: &Actor,
    class: &Class,
    settings: &Settings,
    table: &Table,
    watch: &mut Watch<'_>,
) -> Result<(Plan, Meant)> {
    let sessions = session::of_class(tx, class.id)?;
    let members = attendance::everyone(tx, actor, class)?;
    let enrolled: Vec<Enrolled> = members.iter().map(|member| member.enrolled.clone()).collect();
    let numbers = numbers_of(tx, &enrolled)?;
    let who = Members::of(&enrolled, &numbers);
    let marks = attendance::of_class(tx, class.id)?;
    let source = table.rows.all()?;
    let columns = columns(tx, actor, class, &sessions, source.first());
    let registers = Registers { members: &members, marks, columns, is_for_province: actor.is_province() };
    let mut seen = HashMap::new();
    let (mut plan, mut meant) = (Plan::default(), Vec::with_capacity(source.len()));
    for (behind, row) in source.iter().enumerate() {
        tell(watch, Stage::Checking, behind, source.len())?;
        let (mut planned, meaning) = settle(row, &who, &registers, &mut seen);
        settings.weigh(&mut planned.findings);
        plan.push(planned)?;
        meant.push(meaning);
    }
    let unreported = sessions.iter().filter(|session| session.state == SessionState::Planned);
    Ok((plan, Meant { rows: meant, unreported: unreported.map(|session| session.id).collect() }))
}

/// The numbers that their schools have given to the members.
fn numbers_of(tx: &mut Tx<'_>, members: &[Enrolled]) -> Result<HashMap<Id, String>> {
    let people: Vec<Id> = members.iter().map(|member| member.enrollment.participant_id).collect();
    let people = participant::all_of(tx, &people)?;
    Ok(people.into_iter().filter_map(|one| Some((one.id, one.student_number?))).collect())
}

fn columns<'s>(
    tx: &Tx<'_>,
    actor: &Actor,
    class: &Class,
    sessions: &'s [Session],
    first: Option<&SourceRow>,
) -> BTreeMap<Day, Result<(&'s Session, String)>> {
    let fields = first.into_iter().flat_map(SourceRow::fields);
    let days: Vec<Day> = fields.filter_map(Field::day).collect();
    let found = rules::columns(&days, sessions, class).into_iter().map(|(day, session)| {
        let session = session.map_err(Error::new).and_then(|session| {
            attendance::may_mark(tx, actor, session, class)?;
            Ok((session, label(session, sessions)))
        });
        (day, session)
    });
    found.collect()
}

/// A session in people's words: its day, and its time where the class meets twice that day.
fn label(session: &Session, sessions: &[Session]) -> String {
    let day = session.held_on.format("%d/%m/%Y");
    if sessions.iter().filter(|other| other.held_on == session.held_on).count() < 2 {
        return day.to_string();
    }
    format!("{day} {:02}:{:02}", session.starts_at / 60, session.starts_at % 60)
}

/// A paper list as it begins: who is in the class, and the days on which it has met or should have.
#[derive(Debug, Default)]
pub(super) struct Begun {
    /// Name, and the NISN where the name alone would not tell who it is.
    pub(super) members: Vec<(String, Option<String>)>,
    pub(super) days: Vec<String>,
}

/// The list of a class that the actor may mark.
pub(super) fn begun(tx: &mut Tx<'_>, class: &Class) -> Result<Begun> {
    let today = tx.today(&class.province_code);
    let sessions = session::of_class(tx, class.id)?;
    let past = sessions.iter().filter(|session| session.held_on <= today && session.state != SessionState::Cancelled);
    let members = enrollment::members(tx, class.id)?;
    let here = || members.iter().filter(|member| attendance::was_member(&member.enrollment, today));
    let alike = |member: &Enrolled| here().filter(|other| rules::are_named_alike(member, other)).count() > 1;
    let line = |member: &Enrolled| {
        let nisn = member.nisn.as_ref().filter(|_| alike(member)).map(|nisn| nisn.as_str().to_owned());
        (member.name.as_str().to_owned(), nisn)
    };
    Ok(Begun { members: here().map(line).collect(), days: past.map(|session| label(session, &sessions)).collect() })
}

/// Decides what a row is.
fn settle(
    row: &SourceRow,
    who: &Members<'_>,
    registers: &Registers<'_>,
    seen: &mut HashMap<Id, u32>,
) -> (PlannedRow, Vec<Meaning>) {
    let mut planned = PlannedRow::blank(row.number, rules::text(row, Field::Name), Action::Problem);
    let marked = |field: &Field| field.day().is_some() && !matches!(rules::mark(row.cell(*field)), Ok(None));
    let person = match who.who(row) {
        Ok(person) => person,
        // Under a list stand sums and signatures.
        Err((_, code)) if code == &codes::MARK_NOT_IN_CLASS && !row.fields().any(|field| marked(&field)) => {
            planned.action = Action::Skipped;
            return (planned, Vec::new());
        }
        Err((field, code)) => {
            planned.findings.push(Finding::at(row, field, code, Severity::Error));
            return (planned, Vec::new());
        }
    };
    if let Some(earlier) = seen.get(&person) {
        let finding = Finding::at(row, Field::Name, &codes::ROW_DUPLICATE, Severity::Error);
        planned.findings.push(Finding { facts: vec![Fact::new("row", earlier)], ..finding });
        return (planned, Vec::new());
    }
    seen.insert(person, row.number);
    planned.against = Some((person, 0));
    let mut meaning = Vec::new();
    for field in row.fields() {
        let Some(day) = field.day() else { continue };
        match read(row.cell(field), day, person, registers) {
            Ok(Some((what, session))) if what.before != Some(what.mark.mark) => {
                let word = |mark: Mark| mark.as_str().to_owned();
                let (before, after) = (what.before.map(word), Some(word(what.mark.mark)));
                planned.changes.push(FieldChange { field: session.to_owned(), before, after });
                meaning.push(what);
            }
            Ok(_) => {}
            Err(error) => {
                let finding = Finding::at(row, field, error.code, Severity::Error);
                planned.findings.push(Finding { facts: error.facts, ..finding });
            }
        }
    }
    if planned.is_refused() {
        planned.changes.clear();
        return (planned, Vec::new());
    }
    planned.action = match meaning.as_slice() {
        [] => Action::Same,
        meaning if meaning.iter().any(|what| what.before.is_some()) => Action::Changed,
        _ => Action::New,
    };
    (planned, meaning)
}

/// What a cell would set, if it says anything, and in which session.
fn read<'r>(cell: &Cell, day: Day, person: Id, registers: &'r Registers<'_>) -> Result<Option<(Meaning, &'r str)>> {
    let Some(mark) = rules::mark(cell).map_err(Error::new)? else { return Ok(None) };
    let (session, label) = match registers.columns.get(&day) {
        Some(Ok((session, label))) => (*session, label),
        Some(Err(error)) => return Err(Error { facts: error.facts.clone(), ..Error::new(error.code) }),
        None => return Err(Error::new(&codes::MARK_NO_SESSION)),
    };
    // Somebody who left and came again has more than one enrollment.
    let mut theirs = registers.members.iter().filter(|member| member.enrolled.enrollment.participant_id == person);
    let member = theirs.find(|member| member.was_there(session.held_on));
    let row = member.map(|member| &member.enrolled.enrollment);
    let row = row.ok_or_else(|| Error::new(&codes::ATTENDANCE_NOT_A_MEMBER))?;
    let before = registers.marks.get(&(session.id, row.id)).map(|marked| marked.mark);
    if row.state.is_decided() && before != Some(mark) && !registers.is_for_province {
        return Err(Error::new(&codes::ATTENDANCE_DECIDED));
    }
    let mark = NewMark::plain(row.id, mark);
    Ok(Some((Meaning { session: session.id, participant: person, mark, before }, label)))
}

/// Saves the registers with the marks of the chosen rows that have no problem.
pub(super) fn write(
    tx: &mut Tx<'_>,
    actor: &Actor,
    rows: &Packed<PlannedRow>,
    meant: Meant,
    chosen: &Chosen,
    watch: &mut Watch<'_>,
) -> Result<(Applied, Effects)> {
    let mut by_session: BTreeMap<Id, Vec<(u32, Meaning)>> = BTreeMap::new();
    for (planned, meaning) in rows.values().zip(meant.rows) {
        let planned = planned?;
        for what in meaning.into_iter().filter(|_| chosen.has(planned.number)) {
            by_session.entry(what.session).or_default().push((planned.number, what));
        }
    }
    let mut effects = Effects { marked_at: tx.now().micros(), ..Effects::default() };
    let (mut registered, mut corrected) = (0, 0);
    let total = by_session.len();
    for (behind, (session, meaning)) in by_session.into_iter().enumerate() {
        watch(Progress { stage: Stage::Writing, done: rows.len() * behind / total, total: rows.len() })?;
        let marks: Vec<NewMark> = meaning.iter().map(|(_, what)| what.mark.clone()).collect();
        let saved = attendance::save(tx, actor, session, &marks)?;
        let count = |of: Stored| saved.results.iter().filter(|(_, stored)| *stored == of).count();
        registered += count(Stored::New);
        corrected += count(Stored::Corrected);
        if meant.unreported.contains(&session) {
            effects.reported.push(session);
        }
        let marked_at = saved.session.register_at;
        effects.written.extend(meaning.into_iter().map(|(row, what)| {
            let (participant, enrollment) = (what.participant, what.mark.enrollment);
            Written { row, session, enrollment, participant, before: what.before, marked_at }
        }));
    }
    watch(Progress { stage: Stage::Writing, done: rows.len(), total: rows.len() })?;
    Ok((Applied { registered, corrected, enrolled: 0, seated: 0 }, effects))
}
