//! What must be there before a class can be spoken of: a school, a host, a program, an agreement, a cohort, a class;
//! and the steps from there to a certificate, each as the people of a province would take it.

use serde_json::{Value, json};
use vokasi_core::enrollment::{self, EnrollmentState, Step};
use vokasi_core::id::Id;
use vokasi_core::values::Label;

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
    /// Planned, with two seats.
    pub class: String,
    /// Assigned to the class.
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

impl Staff<'_> {
    /// Reads a thing and posts a change of it to one of its sub-resources.
    #[track_caller]
    pub fn acts(&self, thing: &str, act: &str, body: impl Into<Value>) -> super::Answer {
        let etag = self.get(thing).ok().etag();
        self.post_change(&format!("{thing}/{act}"), &etag, body).ok()
    }
}

impl Stage<'_> {
    /// A student of the school, with a guardian's consent.
    pub fn student(&self) -> String {
        self.student_named("Siti Nur'aini")
    }

    /// The same under another name.
    pub fn student_named(&self, name: &str) -> String {
        let number = u32::try_from(self.app.number()).expect("a small number");
        let body = given::student(number).with("school", self.school.clone()).with("name", name);
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
            let reason = Label::parse("Keputusan dinas").ok();
            let (to, confirm) = (EnrollmentState::Active, Vec::new());
            let step = Step { to, class: Some(class), reason, until: None, confirm };
            enrollment::step(tx, operator, row, 1, step)
        });
        enrollment
    }

    /// A further class of the cohort at another host, by an agreement of its own.
    pub fn class_at(&self, host: &str) -> String {
        let office = self.office_now();
        let agreement = given::agreement(host, &self.program).with("number", "PKS/9");
        let agreement = office.post("/agreements", agreement).created().id();
        office.post("/classes", given::class(&self.cohort, host, &agreement)).created().id()
    }

    /// Starts the class.
    pub fn start(&self) {
        self.office.acts(&format!("/classes/{}", self.class), "state", json!({ "to": "running" }));
    }

    /// The sessions of the class, made from its pattern: four Mondays, the first of them today.
    pub fn sessions(&self) -> Vec<String> {
        let made = self.office.post(&format!("/classes/{}/timetable", self.class), json!({})).ok().json();
        let sessions = made["sessions"].as_array().expect("sessions");
        sessions.iter().map(|session| session["id"].as_str().expect("an id").to_owned()).collect()
    }

    /// Marks one person of a session.
    pub fn mark(&self, session: &str, enrollment: &str, mark: &str) {
        let body = json!({ "marks": [{ "enrollment": enrollment, "mark": mark }] });
        self.office.call("PUT", &format!("/sessions/{session}/attendance")).json(&body).send().ok();
    }

    /// Scores both components of one person with the same points.
    pub fn score_one(&self, enrollment: &str, points: &str) {
        let score = |component: &str| json!({ "enrollment": enrollment, "component": component, "score": points });
        let body = json!({ "scores": [score("theory"), score("practice")] });
        self.office.post(&format!("/classes/{}/scores", self.class), body).ok();
    }

    /// Decides on everyone of the class.
    pub fn decide(&self) {
        self.office.post(&format!("/classes/{}/completions", self.class), given::decision()).ok();
    }

    /// Issues the class's certificates; the answer's first one.
    pub fn issue_first(&self) -> Value {
        let issued = self.office.post(&format!("/classes/{}/certificates", self.class), json!({})).ok().json();
        issued[0]["certificate"].clone()
    }
}

/// A cohort of the program that takes registrations.
pub fn open(office: &Staff<'_>, program: &str) -> String {
    let cohort = office.post("/cohorts", given::cohort(program)).created().id();
    office.acts(&format!("/cohorts/{cohort}"), "state", json!({ "to": "open" }));
    cohort
}

/// Reads an id as the REST layer shows it.
pub fn id(text: &str) -> Id {
    text.parse().expect("an id")
}
