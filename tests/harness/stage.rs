//! What must be there before a class can be spoken of: a school, a host, a program, an agreement, a cohort, a class.

use vokasi_core::enrollment::{self, EnrollmentState, Step};
use vokasi_core::id::Id;

use super::{App, Staff, given};

/// One province, ready for a story. The ids are those of the REST layer.
pub struct Stage<'a> {
    pub app: &'a App,
    pub office: Staff<'a>,
    pub regency: &'static str,
    pub school: String,
    pub host: String,
    pub program: String,
    pub agreement: String,
    /// Open for registration.
    pub cohort: String,
    /// Planned, with two seats; not every story needs its instructor to act.
    pub class: String,
    pub instructor: Staff<'a>,
}

impl App {
    /// Sets the stage in Lampung Timur.
    pub fn stage(&self) -> Stage<'_> {
        self.stage_in("18.07")
    }

    pub fn stage_in(&self, regency: &'static str) -> Stage<'_> {
        let office = self.office(&regency[..2]);
        let school = self.school(regency);
        let host = self.lpk(regency);
        let instructor = self.instructor(&host);
        let program = office.post("/programs", given::program(&format!("HOSP{}", self.number()))).created().id();
        let agreement = office.post("/agreements", given::agreement(&host, &program)).created().id();
        let cohort = open(&office, &program);
        let body = given::class(&cohort, &host, &agreement).with("instructor", instructor.id.clone());
        let class = office.post("/classes", body).created().id();
        Stage { app: self, office, regency, school, host, program, agreement, cohort, class, instructor }
    }
}

/// A cohort of the program that takes registrations.
pub fn open(office: &Staff<'_>, program: &str) -> String {
    let cohort = office.post("/cohorts", given::cohort(program)).created();
    let state = format!("{}/state", cohort.location());
    office.post_change(&state, &cohort.etag(), given::body(super::json!({ "to": "open" }))).ok();
    cohort.id()
}

impl Stage<'_> {
    /// A student of the school, with a guardian's consent.
    pub fn student(&self) -> String {
        let number = u32::try_from(self.app.number()).expect("a small number");
        let body = given::student(number).with("school", self.school.clone());
        let made = self.office.post("/participants", body).created();
        self.office.post(&format!("{}/consents", made.location()), given::consent()).created();
        made.id()
    }

    /// The enrollment of a person who waits for a seat.
    pub fn waiting(&self, participant: &str) -> String {
        let (cohort, person): (Id, Id) = (id(&self.cohort), id(participant));
        self.app.operator(move |tx, operator| enrollment::apply(tx, operator, cohort, person)).id.to_string()
    }

    /// The enrollment of a person who has a seat.
    pub fn seated(&self, participant: &str) -> String {
        let enrollment = self.waiting(participant);
        let (row, class): (Id, Id) = (id(&enrollment), id(&self.class));
        self.app.operator(move |tx, operator| {
            let step = Step { to: EnrollmentState::Active, class: Some(class), reason: None, confirm: Vec::new() };
            enrollment::step(tx, operator, row, 1, step)
        });
        enrollment
    }
}

/// Reads an id as the REST layer shows it.
pub fn id(text: &str) -> Id {
    text.parse().expect("an id")
}
