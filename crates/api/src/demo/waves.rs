//! What goes on on the day the demo is made: a wave of alumni that is being taught, and the next one, for whom classes
//! are still to be opened.

use std::collections::BTreeMap;

use chrono::{Days, Duration, Months, NaiveDate, Weekday};
use vokasi_core::access::Actor;
use vokasi_core::attendance::{self, NewMark};
use vokasi_core::class::{self, ClassState};
use vokasi_core::cohort::{self, Cohort, CohortState};
use vokasi_core::db::Db;
use vokasi_core::enrollment::seating;
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::opening::Proposal;
use vokasi_core::partner::PartnerKind;
use vokasi_core::session::{self, Session};
use vokasi_core::time::long_date;
use vokasi_core::values::Segment;
use vokasi_fixtures::intake;

use super::main_job::{look, mark};
use super::people::Invented;
use super::places::{Place, Places};
use super::plan::{self, Intake, Turns};
use super::{Progress, day, morning};

/// What is taught at the moment: the program, at partners of which kind, in how many classes.
const RUNNING: [(&str, PartnerKind, usize); 3] =
    [("JPN-N5", PartnerKind::Lpk, 4), ("MAND", PartnerKind::UniversityUnit, 2), ("CANT", PartnerKind::Blk, 2)];
/// Those classes together.
const CLASSES: usize = 8;
/// Seats of each of these classes.
const SEATS: i32 = 20;
/// Who has registered for the next wave of Japanese, and the classes that are planned for them.
const NEXT: (usize, usize) = (420, 2);
/// People of both waves.
pub(super) const PEOPLE: u64 = 8 * 20 + NEXT.0 as u64;

/// What the waves came to.
pub struct Waves {
    /// The day.
    pub as_of: NaiveDate,
    /// Classes that are being taught.
    pub classes: usize,
    /// Their sessions that were held.
    pub held: usize,
    /// Those that are to come.
    pub coming: usize,
    /// Where classes could be opened for the next wave.
    pub openings: Proposal,
}

/// The days on which the waves make sense: after the first year, and while its agreements are in force.
pub(super) fn within_agreements(today: NaiveDate) -> NaiveDate {
    today.clamp(day(2026, 9, 14), day(2027, 3, 1))
}

pub(super) fn make(
    db: &Db,
    actor: &Actor,
    places: &Places,
    invented: &mut Invented,
    today: NaiveDate,
    progress: &dyn Progress,
) -> Result<Waves> {
    let monday = today.week(Weekday::Mon).first_day();
    let (running_from, next_from) = (monday - Days::new(28), monday + Days::new(21));
    let mut turns = Turns::default();
    let mut running = Vec::new();
    for (program, kind, classes) in RUNNING {
        let hosts = places.of_kind(kind);
        let (cohort, classes) = planned(db, actor, places, (program, running_from), &hosts, classes, &mut turns)?;
        let seats = classes.len() * usize::try_from(SEATS).unwrap_or_default();
        register(db, actor, places, invented, &cohort, (seats, running_from - Days::new(10)), progress)?;
        running.extend(start(db, actor, &cohort, classes)?);
    }
    let (held, coming) = teach(db, actor, &running, today)?;
    let hosts = places.of_kind(PartnerKind::Lpk);
    let (next, _) = planned(db, actor, places, ("JPN-N5", next_from), &hosts, NEXT.1, &mut turns)?;
    register(db, actor, places, invented, &next, (NEXT.0, today - Days::new(3)), progress)?;
    let openings = look(db, actor, next.id, today)?;
    progress.advance(100);
    Ok(Waves { as_of: today, classes: running.len(), held, coming, openings })
}

/// A cohort of three months with its classes, planned four weeks before it begins.
fn planned(
    db: &Db,
    actor: &Actor,
    places: &Places,
    (program, starts_on): (&'static str, NaiveDate),
    hosts: &[Place],
    classes: usize,
    turns: &mut Turns,
) -> Result<(Cohort, Vec<Id>)> {
    let arranged = hosts.iter().cycle().take(classes).enumerate();
    let arranged: Vec<_> = arranged.map(|(index, host)| (host.clone(), turns.next(host, index + 1, SEATS))).collect();
    let (actor, places) = (actor.clone(), places.clone());
    db.write(morning(starts_on - Days::new(28)), move |tx| {
        let date = long_date(starts_on);
        let month = date.split_once(' ').map_or(date.as_str(), |(_, month)| month);
        let intake = Intake {
            program,
            segment: Segment::Alumni,
            name: &format!("Gelombang {month}"),
            period: (starts_on, starts_on + Months::new(3) - Days::new(1)),
            registration: (starts_on - Days::new(28), starts_on - Days::new(4)),
            seats_wanted: 400,
        };
        let cohort = plan::cohort(tx, &actor, &places, &intake)?;
        let made = arranged.into_iter().map(|(host, class)| plan::class(tx, &actor, &cohort, &host, class));
        let classes = made.collect::<Result<_>>()?;
        Ok((cohort, classes))
    })
}

fn register(
    db: &Db,
    actor: &Actor,
    places: &Places,
    invented: &mut Invented,
    cohort: &Cohort,
    (people, on): (usize, NaiveDate),
    progress: &dyn Progress,
) -> Result<()> {
    for share in intake::shared(people).into_iter().enumerate() {
        let made = invented.register(db, actor, places, cohort, share, on)?;
        progress.advance(u64::try_from(made).unwrap_or_default());
    }
    Ok(())
}

/// Seats everyone, and starts the classes with their timetables on the Friday before.
fn start(db: &Db, actor: &Actor, cohort: &Cohort, classes: Vec<Id>) -> Result<Vec<Vec<Session>>> {
    let (actor, cohort) = (actor.clone(), cohort.clone());
    db.write(morning(cohort.starts_on - Days::new(3)), move |tx| {
        let seating = seating::make(tx, &actor, cohort.id)?;
        seating::apply(tx, &actor, seating.id, seating.version)?.applied()?;
        cohort::move_to(tx, &actor, cohort.id, cohort.version, CohortState::Running, None)?;
        let mut timetables = Vec::new();
        for id in classes {
            let (class, _) = class::get(tx, &actor, id)?;
            class::move_to(tx, &actor, id, class.version, ClassState::Running, None, &[])?;
            timetables.push(session::generate(tx, &actor, id)?.sessions);
        }
        Ok(timetables)
    })
}

/// Registers of every day before today, but for the last class: that one has not sent those of the last week.
fn teach(db: &Db, actor: &Actor, sessions: &[Vec<Session>], today: NaiveDate) -> Result<(usize, usize)> {
    let mut days: BTreeMap<NaiveDate, Vec<(Id, Vec<NewMark>)>> = BTreeMap::new();
    let mut coming = 0;
    for (index, sessions) in sessions.iter().enumerate() {
        let Some(class) = sessions.first().map(|session| session.class_id) else { continue };
        let reader = actor.clone();
        let members = db.read(morning(today), move |tx| Ok(attendance::roster(tx, &reader, class)?.lines))?;
        let late = if index + 1 == CLASSES { Days::new(7) } else { Days::new(0) };
        for (number, session) in sessions.iter().enumerate() {
            if session.held_on >= today {
                coming += 1;
            } else if session.held_on < today - late {
                let marks = members.iter().enumerate().map(|(person, line)| {
                    NewMark::plain(line.enrolled.enrollment.id, mark(person + index, number + index))
                });
                days.entry(session.held_on).or_default().push((session.id, marks.collect()));
            }
        }
    }
    let held = days.values().map(Vec::len).sum();
    for (day, registers) in days {
        let actor = actor.clone();
        let evening = morning(day).plus(Duration::hours(8));
        db.write(evening, move |tx| {
            registers.iter().try_for_each(|(session, marks)| attendance::save(tx, &actor, *session, marks).map(drop))
        })?;
    }
    Ok((held, coming))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_share_all_classes() {
        assert_eq!(RUNNING.iter().map(|(.., classes)| classes).sum::<usize>(), CLASSES);
    }
}
