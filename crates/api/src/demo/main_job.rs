//! The main job on one school: its Dapodik workbook goes in, certificates come out.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use vokasi_core::access::Actor;
use vokasi_core::assessment::{self, NewScore};
use vokasi_core::attendance::{self, NewMark};
use vokasi_core::certificate::{self, Issued, Printing};
use vokasi_core::class::{self, ClassFilter, ClassState};
use vokasi_core::cohort::{self, CohortState};
use vokasi_core::completion::{self, Evidence, Outcome};
use vokasi_core::consent;
use vokasi_core::db::Db;
use vokasi_core::enrollment::{self, EnrollmentFilter, EnrollmentState, seating};
use vokasi_core::error::{Error, Result};
use vokasi_core::id::Id;
use vokasi_core::import::{self, Application, Limits, NewImport, Place, Summary};
use vokasi_core::opening::{self, Proposal, Wish};
use vokasi_core::page::PageRequest;
use vokasi_core::participant::{self, ParticipantFilter};
use vokasi_core::print::Fonts;
use vokasi_core::session::{self, Session};
use vokasi_core::values::{Mark, Score};

use super::people::consents;
use super::places::Places;
use super::plan::IntakePlan;
use super::{Progress, day, instant, morning};

const GOOD: &[u8] = include_bytes!("../../../../fixtures/workbooks/dapodik-good.xlsx");
const MIXED: &[u8] = include_bytes!("../../../../fixtures/workbooks/dapodik-mixed.xlsx");

/// What was done, step by step.
pub struct MainJob {
    /// The plan of the school's workbook.
    pub planned: Summary,
    /// The plan of a workbook with mistakes in it, which is not applied.
    pub with_mistakes: Summary,
    /// People put on the list by it.
    pub enrolled: usize,
    /// Of those, seated.
    pub seated: usize,
    /// Of those, still waiting.
    pub waiting: usize,
    /// Where the province could open classes for the rest of it.
    pub openings: Proposal,
    /// Sessions held.
    pub sessions: usize,
    /// Marks set.
    pub marks: usize,
    /// Who completed.
    pub completed: usize,
    /// Who did not.
    pub not_completed: usize,
    /// What they were missing, and how often.
    pub unmet: BTreeMap<String, usize>,
    /// Certificates: file name, document, address where it is checked.
    pub certificates: Vec<(String, Vec<u8>, String)>,
}

pub(super) fn run(
    db: &Db,
    actor: &Actor,
    places: &Places,
    plan: &IntakePlan,
    fonts: &Fonts,
    public_url: &str,
    progress: &dyn Progress,
) -> Result<MainJob> {
    let (planned, with_mistakes, enrolled) = bring_workbook(db, actor, places, plan)?;
    progress.advance(u64::try_from(enrolled).unwrap_or_default());
    let (seated, waiting) = seat(db, actor, places, plan)?;
    progress.advance(100);
    let openings = look(db, actor, plan.demo_cohort.id, day(2025, 7, 21))?;
    let (sessions, marks) = teach(db, actor, plan.demo_class)?;
    progress.advance(200);
    let (completed, not_completed, unmet) = decide(db, actor, plan.demo_class)?;
    let certificates = certify(db, actor, plan.demo_class, fonts, public_url)?;
    progress.advance(300);
    Ok(MainJob {
        planned,
        with_mistakes,
        enrolled,
        seated,
        waiting,
        openings,
        sessions,
        marks,
        completed,
        not_completed,
        unmet,
        certificates,
    })
}

fn bring_workbook(db: &Db, actor: &Actor, places: &Places, plan: &IntakePlan) -> Result<(Summary, Summary, usize)> {
    let (actor, school, cohort) = (actor.clone(), places.demo_school.id, plan.demo_cohort.id);
    let file = |bytes: &[u8], name: &str| -> Result<NewImport> {
        let (table, file_sha256) = import::read(bytes, &Limits::default())?;
        let place = Place::of_people(Some(school), Some(cohort));
        Ok(NewImport { place, file_name: name.to_owned(), file_sha256, table })
    };
    let good = file(GOOD, "dapodik-good.xlsx")?;
    let mixed = file(MIXED, "dapodik-mixed.xlsx")?;
    db.write(instant(2025, 7, 17), move |tx| {
        let (import, planned) = import::create(tx, &actor, good)?;
        let asked = Application { version: import.version, ..Application::default() };
        let (_, applied) = import::apply(tx, &actor, import.id, &asked)?.applied()?;
        let (_, with_mistakes) = import::create(tx, &actor, mixed)?;
        let page = PageRequest { after: None, size: 200 };
        let filter = ParticipantFilter { school: Some(school), ..ParticipantFilter::default() };
        let students = participant::list(tx, &actor, &filter, page)?.rows;
        // Two guardians have not signed yet: their children wait, and everyone can see why.
        let signed = students.get(2..).unwrap_or_default();
        consent::give_many(tx, &actor, &consents(signed, day(2025, 7, 18))?)?;
        Ok((planned.summary, with_mistakes.summary, applied.enrolled))
    })
}

fn seat(db: &Db, actor: &Actor, places: &Places, plan: &IntakePlan) -> Result<(usize, usize)> {
    let (actor, school) = (actor.clone(), places.demo_school.id);
    let (cohorts, demo_cohort) = (plan.cohorts.clone(), plan.demo_cohort.id);
    db.write(instant(2025, 7, 21), move |tx| {
        for cohort in cohorts {
            let seating = seating::make(tx, &actor, cohort.id)?;
            seating::apply(tx, &actor, seating.id, seating.version)?.applied()?;
            cohort::move_to(tx, &actor, cohort.id, cohort.version, CohortState::Running, None)?;
            let mut page = PageRequest { after: None, size: 200 };
            loop {
                let filter = ClassFilter { cohort: Some(cohort.id), ..ClassFilter::default() };
                let classes = class::list(tx, &actor, &filter, page)?;
                for class in &classes.rows {
                    let confirm = ["class.below_minimum".to_owned()];
                    class::move_to(tx, &actor, class.id, class.version, ClassState::Running, None, &confirm)?;
                }
                let Some(cursor) = classes.next else { break };
                page = PageRequest::parse(Some(&cursor), Some(200))?;
            }
        }
        let count = |tx: &mut _, state| -> Result<usize> {
            let filter = EnrollmentFilter {
                cohort: Some(demo_cohort),
                school: Some(school),
                state: Some(state),
                ..EnrollmentFilter::default()
            };
            Ok(enrollment::list(tx, &actor, &filter, PageRequest { after: None, size: 200 })?.rows.len())
        };
        Ok((count(tx, EnrollmentState::Active)?, count(tx, EnrollmentState::Waitlisted)?))
    })
}

/// Where to open classes next for a cohort, on a day.
pub(super) fn look(db: &Db, actor: &Actor, cohort: Id, on: NaiveDate) -> Result<Proposal> {
    let actor = actor.clone();
    db.snapshot(morning(on), move |tx| opening::propose(tx, &actor, cohort, &Wish::default()))
}

fn teach(db: &Db, actor: &Actor, class: Id) -> Result<(usize, usize)> {
    let teacher = actor.clone();
    let sessions: Vec<Session> =
        db.write(instant(2025, 7, 22), move |tx| Ok(session::generate(tx, &teacher, class)?.sessions))?;
    let reader = actor.clone();
    let members = db.read(instant(2025, 7, 22), move |tx| Ok(attendance::roster(tx, &reader, class)?.lines))?;
    let members: Vec<Id> = members.into_iter().map(|line| line.enrolled.enrollment.id).collect();
    let mut saved = 0;
    for (index, session) in sessions.iter().enumerate() {
        let marks: Vec<NewMark> = members
            .iter()
            .enumerate()
            .map(|(person, enrollment)| NewMark::plain(*enrollment, mark(person, index)))
            .collect();
        saved += marks.len();
        let (actor, id) = (actor.clone(), session.id);
        db.write(morning(session.held_on), move |tx| attendance::save(tx, &actor, id, &marks).map(drop))?;
    }
    Ok((sessions.len(), saved))
}

/// Who is how often where: most people nearly always, the third one too seldom.
pub(super) fn mark(person: usize, session: usize) -> Mark {
    match (person, session % 10) {
        (2, 0..=3) => Mark::Absent,
        (person, 7) if person % 5 == 1 => Mark::Sick,
        (person, 3) if person % 6 == 2 => Mark::Late,
        (person, 5) if person % 9 == 4 => Mark::Excused,
        _ => Mark::Present,
    }
}

fn last_day() -> NaiveDate {
    day(2026, 7, 18)
}

fn decide(db: &Db, actor: &Actor, class: Id) -> Result<(usize, usize, BTreeMap<String, usize>)> {
    let actor = actor.clone();
    db.write(morning(last_day()), move |tx| {
        let people = completion::preview(tx, &actor, class)?;
        let mut scores = Vec::new();
        for (person, prospect) in people.iter().enumerate() {
            let components = prospect.evidence.requirements.iter().filter_map(|one| one.subject.clone());
            for (part, component) in components.enumerate() {
                // The sixth one falls short in the first component.
                let points = if (person, part) == (5, 0) { 41 } else { 68 + (person * 7 + part * 11) % 29 };
                let score = Score::new(rust_decimal::Decimal::from(points)).map_err(Error::new)?;
                scores.push(NewScore {
                    enrollment: prospect.enrolled.enrollment.id,
                    component,
                    score,
                    assessed_on: None,
                });
            }
        }
        assessment::record(tx, &actor, class, &scores)?;
        let decided = completion::decide(tx, &actor, class, None, None, &[])?;
        let (now, _) = class::get(tx, &actor, class)?;
        class::move_to(tx, &actor, class, now.version, ClassState::Completed, None, &[])?;
        let completed = decided
            .iter()
            .filter(|one| one.decided.as_ref().is_some_and(|decision| decision.outcome == Outcome::Completed))
            .count();
        let mut unmet: BTreeMap<String, usize> = BTreeMap::new();
        for evidence in decided.iter().map(|one| &one.evidence) {
            for requirement in evidence.unmet() {
                *unmet.entry(in_words(evidence, requirement)).or_default() += 1;
            }
        }
        Ok((completed, decided.len() - completed, unmet))
    })
}

fn certify(
    db: &Db,
    actor: &Actor,
    class: Id,
    fonts: &Fonts,
    public_url: &str,
) -> Result<Vec<(String, Vec<u8>, String)>> {
    let actor = actor.clone();
    let printing = Printing { fonts: fonts.clone(), public_url: public_url.to_owned() };
    let issued = db.write(morning(last_day()), move |tx| certificate::issue(tx, &actor, class, &printing))?;
    let mut documents = Vec::new();
    for (_, result) in issued {
        if let Issued::New(made) | Issued::Before(made) = result {
            let printable = db.read(morning(last_day()), |tx| certificate::to_compare(tx, &made.code, fonts))?;
            let pdf = printable.pdf()?;
            let file = format!("{}.pdf", made.number.replace('/', "-"));
            documents.push((file, pdf, format!("{public_url}/verify/{}", made.code)));
        }
    }
    Ok(documents)
}

/// A requirement as people call it.
fn in_words(evidence: &Evidence, requirement: &str) -> String {
    let component = evidence.scores.iter().find(|score| score.code == requirement);
    match requirement {
        "attendance" => "kehadiran".to_owned(),
        "final_score" => "nilai akhir".to_owned(),
        other => component.map_or_else(|| other.to_owned(), |score| score.name.id.to_lowercase()),
    }
}
