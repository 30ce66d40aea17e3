use chrono::{Datelike, NaiveDate, Weekday};

use super::{Place, Session, Skipped};
use crate::calendar::{Calendar, weekday};
use crate::class::{Class, MIDNIGHT, Slot};
use crate::error::{Code, Error, FieldProblem, Result, codes};
use crate::id::Id;
use crate::program::Curriculum;
use crate::values::{Label, LessonHours, words};

words! {
    /// Where a session stands.
    pub enum SessionState {
        /// In the timetable.
        Planned = "planned",
        /// Held: its register is in.
        Held = "held",
        /// Called off, with a reason.
        Cancelled = "cancelled",
    }
}

/// When so many lesson hours end, in minutes after midnight.
///
/// # Errors
/// `session.past_midnight`.
pub(super) fn end(starts_at: i32, lesson_hours: LessonHours, curriculum: &Curriculum) -> Result<i32> {
    let minutes = i32::try_from(curriculum.minutes_per_lesson_hour).map_err(Error::storage)?;
    let ends_at = starts_at + lesson_hours * minutes;
    if ends_at <= MIDNIGHT { Ok(ends_at) } else { Err(Error::new(&codes::SESSION_PAST_MIDNIGHT)) }
}

/// Time of day for a person.
pub(super) fn clock(minutes: i32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Whether a session stays as it is when the timetable is made again: what was held or cancelled, what a person has put
/// where it is, and what took place and waits for its register, which may still lie on a phone.
pub(super) fn stays(session: &Session, (today, minute): (NaiveDate, i32)) -> bool {
    let is_over = session.held_on < today || (session.held_on == today && session.ends_at <= minute);
    session.state != SessionState::Planned || session.by_hand || is_over
}

/// A meeting to plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meeting {
    pub(super) place: Place,
    pub(super) lesson_hours: LessonHours,
    pub(super) module_code: String,
}

/// Meetings until the lesson hours are covered, and what of the pattern fell on a day off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) meetings: Vec<Meeting>,
    pub(super) skipped: Vec<Skipped>,
}

/// What a plan has to go round.
pub(super) struct Around<'a> {
    /// Sessions that stay; the time of a cancelled one is not used again.
    pub(super) staying: &'a [Session],
    /// Places that sessions were moved away from; they are not used again either.
    pub(super) left: &'a [Place],
    pub(super) calendar: &'a Calendar,
    /// The day and the minute it is where the class is.
    pub(super) moment: (NaiveDate, i32),
}

/// Walks the class period day by day. Once something of the class has been, what is past is settled.
pub(super) fn timetable(class: &Class, slots: &[Slot], curriculum: &Curriculum, around: &Around<'_>) -> Result<Plan> {
    let live: Vec<&Session> = around.staying.iter().filter(|session| session.is_live()).collect();
    let (today, minute) = around.moment;
    let begun = live.iter().any(|session| session.held_on < today);
    let first = if begun { class.starts_on.max(today) } else { class.starts_on };
    let total = curriculum.lesson_hours();
    let mut covered: LessonHours = live.iter().map(|session| session.lesson_hours).sum();
    let mut plan = Plan { meetings: Vec::new(), skipped: Vec::new() };
    let mut planned = 0;
    for day in first.iter_days().take_while(|day| *day <= class.ends_on) {
        let off = around.calendar.off(day);
        for slot in slots.iter().filter(|slot| slot.weekday == weekday(day)) {
            if covered >= total {
                return Ok(plan);
            }
            let lesson_hours = slot.lesson_hours.min(total - covered);
            let ends_at = end(slot.starts_at, lesson_hours, curriculum)?;
            let place = Place { held_on: day, starts_at: slot.starts_at, ends_at };
            if begun && day == today && ends_at <= minute {
                continue;
            }
            let mut taken = around.staying.iter().map(Session::place).chain(around.left.iter().copied());
            if taken.any(|other| other.overlaps(place)) {
                continue;
            }
            if let Some(off) = &off {
                plan.skipped.push(Skipped { held_on: day, starts_at: slot.starts_at, off: off.clone() });
                continue;
            }
            let before = live.iter().filter(|session| session.place() < place).map(|session| session.lesson_hours);
            let module_code = module_at(curriculum, before.sum::<LessonHours>() + planned);
            plan.meetings.push(Meeting { place, lesson_hours, module_code });
            planned += lesson_hours;
            covered += lesson_hours;
        }
    }
    Ok(plan)
}

/// The module that is taught once so many lesson hours have passed.
pub(super) fn module_at(curriculum: &Curriculum, hours: LessonHours) -> String {
    let mut end = 0;
    for module in &curriculum.modules {
        end += module.lesson_hours;
        if hours < end {
            return module.code.clone();
        }
    }
    curriculum.modules.last().map(|module| module.code.clone()).unwrap_or_default()
}

/// Lesson hours of a class, held against those of its program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hours {
    /// Of the program.
    pub program: LessonHours,
    /// Of sessions that were held.
    pub held: LessonHours,
    /// Of sessions that are planned.
    pub planned: LessonHours,
}

impl Hours {
    pub(super) fn of(curriculum: &Curriculum, sessions: &[Session]) -> Self {
        let sum = |state| sessions.iter().filter(|one| one.state == state).map(|one| one.lesson_hours).sum();
        Self { program: curriculum.lesson_hours(), held: sum(SessionState::Held), planned: sum(SessionState::Planned) }
    }

    /// Those that no session covers.
    pub fn uncovered(self) -> LessonHours {
        (self.program - self.held - self.planned).max(0)
    }

    /// What a person should know of them.
    pub fn warnings(self) -> Vec<FieldProblem> {
        let missing = (self.uncovered() > 0)
            .then(|| FieldProblem::new("", &codes::SESSION_UNCOVERED).fact("lesson_hours", self.uncovered()));
        missing.into_iter().collect()
    }
}

/// A week (ISO 8601) of an instructor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Week {
    /// The year it belongs to.
    pub year: i32,
    /// Its number in that year.
    pub number: u32,
    /// Its Monday.
    pub starts_on: NaiveDate,
    /// Sessions that were held or are planned.
    pub sessions: usize,
    /// Lesson hours of those that were held.
    pub held: LessonHours,
    /// Lesson hours of those that are planned.
    pub planned: LessonHours,
}

/// The weeks from one day to another, with nothing in them.
pub(super) fn weeks(from: NaiveDate, to: NaiveDate) -> Vec<Week> {
    let monday = from.week(Weekday::Mon).first_day();
    let week = |starts_on: NaiveDate| Week {
        year: starts_on.iso_week().year(),
        number: starts_on.iso_week().week(),
        starts_on,
        sessions: 0,
        held: 0,
        planned: 0,
    };
    monday.iter_weeks().take_while(|starts_on| *starts_on <= to).map(week).collect()
}

/// Counts sessions into their weeks.
pub(super) fn fill(weeks: &mut [Week], taught: &[(NaiveDate, SessionState, LessonHours)]) {
    for (day, state, lesson_hours) in taught {
        let monday = day.week(Weekday::Mon).first_day();
        let Some(week) = weeks.iter_mut().find(|week| week.starts_on == monday) else { continue };
        week.sessions += 1;
        if *state == SessionState::Held { week.held += lesson_hours } else { week.planned += lesson_hours }
    }
}

/// A session that is in the way of others: of the same class, instructor or room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Busy {
    pub(super) session: Id,
    pub(super) class: Id,
    pub(super) class_name: Label,
    pub(super) instructor: Option<Id>,
    pub(super) room: Option<Id>,
    pub(super) place: Place,
}

/// Refuses sessions of a class that overlap each other or one that is there already, with the first clash by name.
///
/// # Errors
/// `session.class_busy`, `session.instructor_busy`, `session.room_busy`.
pub(super) fn check_free(class: &Class, wanted: &[Session], there: &[Busy]) -> Result<()> {
    let mut by_time: Vec<&Session> = wanted.iter().collect();
    by_time.sort_by_key(|session| session.place());
    for pair in by_time.windows(2) {
        if let [first, second] = pair
            && first.place().overlaps(second.place())
        {
            return Err(clash(&codes::SESSION_CLASS_BUSY, first.id, &class.name, first.place()));
        }
    }
    for session in by_time {
        let mut in_the_way =
            there.iter().filter(|busy| busy.place.overlaps(session.place()) && busy.session != session.id);
        if let Some(busy) = in_the_way.next() {
            let same = |one: Option<Id>, other: Option<Id>| one.is_some() && one == other;
            let code = if busy.class == session.class_id {
                &codes::SESSION_CLASS_BUSY
            } else if same(busy.instructor, session.instructor_id) {
                &codes::SESSION_INSTRUCTOR_BUSY
            } else {
                &codes::SESSION_ROOM_BUSY
            };
            return Err(clash(code, busy.session, &busy.class_name, busy.place));
        }
    }
    Ok(())
}

fn clash(code: &'static Code, session: Id, class: &Label, place: Place) -> Error {
    Error::new(code)
        .fact("class", class)
        .fact("session", session)
        .fact("held_on", place.held_on)
        .fact("time", format!("{}-{}", clock(place.starts_at), clock(place.ends_at)))
}

/// A session lies in the period of its class.
///
/// # Errors
/// `session.outside_class`.
pub(super) fn check_period(class: &Class, day: NaiveDate) -> Result<()> {
    if (class.starts_on..=class.ends_on).contains(&day) {
        return Ok(());
    }
    let (starts_on, ends_on) = (class.starts_on, class.ends_on);
    Err(Error::new(&codes::SESSION_OUTSIDE_CLASS).fact("starts_on", starts_on).fact("ends_on", ends_on))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn weeks_are_whole_and_belong_to_their_iso_year() {
        let mut found = weeks(day("2025-12-31"), day("2026-01-05"));
        fill(
            &mut found,
            &[
                (day("2025-12-29"), SessionState::Held, 4),
                (day("2026-01-04"), SessionState::Planned, 3),
                (day("2026-01-12"), SessionState::Planned, 9),
            ],
        );
        let told: Vec<_> =
            found.iter().map(|week| (week.year, week.number, week.sessions, week.held, week.planned)).collect();
        assert_eq!(told, [(2026, 1, 2, 4, 3), (2026, 2, 0, 0, 0)]);
    }

    #[test]
    fn places_that_touch_do_not_overlap() {
        let place = |starts_at, ends_at| Place { held_on: day("2025-07-21"), starts_at, ends_at };
        assert!(place(450, 630).overlaps(place(629, 700)));
        assert!(place(450, 630).overlaps(place(500, 510)));
        assert!(!place(450, 630).overlaps(place(630, 700)));
        assert!(!place(450, 630).overlaps(Place { held_on: day("2025-07-22"), ..place(450, 630) }));
    }
}
