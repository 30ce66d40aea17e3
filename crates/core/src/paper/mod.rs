//! Paper: what a class takes to the office. Whoever takes a list of people away is recorded in the audit.

mod workbook;

use std::collections::HashMap;

use crate::access::{Actor, Operation};
use crate::attendance::{self, RosterLine};
use crate::audit::{self, Subject};
use crate::class::{self, Class};
use crate::cohort;
use crate::db::Tx;
use crate::enrollment;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::participant;
use crate::partner;
use crate::program::Bilingual;
use crate::session::{self, Session, SessionState};
use crate::time::Instant;
use crate::values::{Label, LessonHours, Mark, Percent};

/// The attendance of a class so far, as offices file it: everyone's marks, lesson hours and rate.
#[derive(Debug)]
pub struct Recap {
    class: Class,
    host: Label,
    program: Bilingual,
    cohort: Label,
    /// Least share of the lesson hours held, for completion.
    minimum: Percent,
    planned: LessonHours,
    delivered: LessonHours,
    /// Sessions that were held, in order of time.
    held: Vec<Session>,
    lines: Vec<RecapLine>,
    made_at: Instant,
}

/// One person of a recap.
#[derive(Debug)]
struct RecapLine {
    person: RosterLine,
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

/// The recap of a class in the actor's scope; a school that does not host it takes its own students along.
///
/// # Errors
/// `access.denied` for an observer.
pub fn recap(tx: &mut Tx<'_>, actor: &Actor, class: Id) -> Result<Recap> {
    actor.may(Operation::AttendanceRead)?;
    if !participant::knows_people(actor) {
        return Err(Error::new(&codes::ACCESS_DENIED));
    }
    let class = class::visible(tx, actor, class)?;
    let cohort = cohort::one(tx, class.cohort_id)?;
    let (program, curriculum) = cohort::curriculum(tx, &cohort)?;
    let host = partner::name_on(tx, class.partner_id, tx.today(&class.province_code))?.name;
    let mut held = session::of_class(tx, class.id)?;
    held.retain(|session| session.state == SessionState::Held);
    let marks: HashMap<(Id, Id), Mark> =
        attendance::of_class(tx, class.id)?.into_iter().map(|(at, marked)| (at, marked.mark)).collect();
    let roster = attendance::roster_of(tx, class)?;
    let class = roster.class;
    let lines = roster
        .lines
        .into_iter()
        .filter(|person| enrollment::follows(actor, &person.enrolled.enrollment, class.partner_id))
        .map(|person| RecapLine { cells: held.iter().map(|one| standing(one, &person, &marks)).collect(), person })
        .collect();
    let subject = Subject::class(class.id);
    let detail = serde_json::json!({ "sessions": held.len() });
    audit::record(tx, actor, "attendance.recap_taken", subject, Some(&class.province_code), &detail)?;
    Ok(Recap {
        host,
        program: Bilingual { id: program.name_id, en: program.name_en },
        cohort: cohort.name,
        minimum: curriculum.completion.minimum_attendance,
        planned: roster.planned,
        delivered: roster.delivered,
        held,
        lines,
        made_at: tx.now(),
        class,
    })
}

fn standing(session: &Session, person: &RosterLine, marks: &HashMap<(Id, Id), Mark>) -> Standing {
    let row = &person.enrolled.enrollment;
    match marks.get(&(session.id, row.id)) {
        Some(mark) => Standing::Marked(*mark),
        None if attendance::was_member(row, session.held_on) => Standing::Unmarked,
        None => Standing::Outside,
    }
}
