//! Paper: what a class takes to the office, and what it is marked on. Whoever takes a list of people away is recorded
//! in the audit.

mod extract;
mod recap;
mod register;
mod rules;
mod sheet;
mod workbook;

use std::collections::HashMap;

use extract::Extract;
pub use register::{MonthRegister, SessionRegister, of_month, of_session};

use crate::access::{self, Actor, Operation};
use crate::agreement;
use crate::attendance::{self, Account};
use crate::audit::{self, Subject};
use crate::class::{self, Class};
use crate::cohort;
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::participant;
use crate::partner::{self, DatedName};
use crate::print::PrintError;
use crate::program::Curriculum;
use crate::session::{self, Session, SessionState};
use crate::time::Instant;
use crate::values::{Bilingual, Label, LessonHours, Mark, Percent, PersonName};

/// In the order in which offices count them.
const MARKS: [Mark; 5] = [Mark::Present, Mark::Late, Mark::Sick, Mark::Excused, Mark::Absent];

/// The attendance of a class so far, as offices file it: everyone's marks, lesson hours and rate.
#[derive(Debug)]
pub struct Recap {
    of: About,
    /// Least share of the lesson hours held, for completion.
    minimum: Percent,
    planned: LessonHours,
    delivered: LessonHours,
    /// Sessions that were held, in order of time.
    held: Vec<Session>,
    lines: Vec<RecapLine>,
    extract: Option<Extract>,
}

/// What a paper says of its class.
#[derive(Debug)]
struct About {
    class: Class,
    host: DatedName,
    program: Bilingual,
    cohort: Label,
    agreement: Label,
    instructor: Option<PersonName>,
    made_at: Instant,
}

/// One person of a recap.
#[derive(Debug)]
struct RecapLine {
    account: Account,
    /// What stands in each held session.
    cells: Vec<Standing>,
}

/// What stands of a person in a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Marked(Mark),
    /// A member without a mark.
    Unmarked,
    /// No member of the class on that day.
    Outside,
}

/// The recap of a class in the actor's scope: everyone who was one of it while a session was held. A school that does not
/// host it takes its own students along, and the paper says that it is a part.
///
/// # Errors
/// `access.denied` for an observer.
pub fn recap(tx: &mut Tx<'_>, actor: &Actor, class: Id) -> Result<Recap> {
    may_take(actor)?;
    let class = class::visible(tx, actor, class)?;
    let (of, curriculum) = about(tx, class)?;
    let mut held = session::of_class(tx, of.class.id)?;
    held.retain(|session| session.state == SessionState::Held);
    let marks = marks_of(tx, of.class.id)?;
    let credited = &curriculum.completion.credited_marks;
    let (accounts, unseen) = attendance::accounts(tx, actor, &of.class, &held, &marks, credited)?;
    let extract = Extract::of(tx, actor, &of.class, accounts.len(), unseen)?;
    let lines = accounts
        .into_iter()
        .map(|account| {
            let there = |session: &Session| account.member.counts(session, false, &of.class);
            let id = account.member.enrolled.enrollment.id;
            let cells = held.iter().map(|one| standing(one, id, there(one), &marks)).collect();
            RecapLine { account, cells }
        })
        .collect();
    let subject = Subject::class(of.class.id);
    let detail = serde_json::json!({ "sessions": held.len() });
    audit::record(tx, actor, "attendance.recap_taken", subject, Some(&of.class.province_code), &detail)?;
    let minimum = curriculum.completion.minimum_attendance;
    let delivered = held.iter().map(|session| session.lesson_hours).sum();
    Ok(Recap { of, minimum, planned: curriculum.lesson_hours(), delivered, held, lines, extract })
}

/// Lists of people are for those who work with them.
fn may_take(actor: &Actor) -> Result<()> {
    actor.may(Operation::AttendanceRead)?;
    if participant::knows_people(actor) { Ok(()) } else { Err(Error::new(&codes::ACCESS_DENIED)) }
}

/// What a paper says of a class that has been checked already, and what is taught there.
fn about(tx: &mut Tx<'_>, class: Class) -> Result<(About, Curriculum)> {
    let cohort = cohort::one(tx, class.cohort_id)?;
    let (program, curriculum) = cohort::curriculum(tx, &cohort)?;
    let about = About {
        host: partner::name_on(tx, class.partner_id, tx.today(&class.province_code))?,
        program: Bilingual::new(program.name_id, program.name_en),
        cohort: cohort.name,
        agreement: agreement::number(tx, class.agreement_id)?,
        instructor: name_of(tx, class.instructor_id)?,
        made_at: tx.now(),
        class,
    };
    Ok((about, curriculum))
}

fn name_of(tx: &mut Tx<'_>, instructor: Option<Id>) -> Result<Option<PersonName>> {
    instructor.map(|account| Ok(access::one(tx, account)?.name)).transpose()
}

fn marks_of(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<(Id, Id), Mark>> {
    Ok(attendance::of_class(tx, class)?.into_iter().map(|(at, marked)| (at, marked.mark)).collect())
}

fn standing(session: &Session, person: Id, was_there: bool, marks: &HashMap<(Id, Id), Mark>) -> Standing {
    match marks.get(&(session.id, person)) {
        Some(mark) => Standing::Marked(*mark),
        None if was_there => Standing::Unmarked,
        None => Standing::Outside,
    }
}

/// Texts are made to fit, so only the engine can refuse.
fn unprintable(error: PrintError) -> Error {
    Error::storage(error)
}
