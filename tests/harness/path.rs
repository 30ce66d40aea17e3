//! The steps from a plan to a certificate, as the people of a stage take them.

use super::{Answer, Staff, Stage, Value, given, json};

impl<'a> Stage<'a> {
    /// The office, once the clock has been turned and its old tokens have ended.
    pub fn office_now(&self) -> Staff<'a> {
        self.app.signed_in_again(&self.office)
    }

    /// The instructor, likewise.
    pub fn instructor_now(&self) -> Staff<'a> {
        self.app.signed_in_again(&self.instructor)
    }

    /// A further class of the cohort at the host, with so many seats and no instructor.
    pub fn class_of(&self, seats: i32) -> String {
        let body = given::class(&self.cohort, &self.host, &self.agreement)
            .with("name", format!("Kelas {}", self.app.number()))
            .with("seats", seats);
        self.office.post("/classes", body).created().id()
    }

    /// A further class, in which so many people completed by the province's word.
    pub fn completed_class(&self, members: usize) -> String {
        let class = self.class_of(40);
        let people = self.queue(members);
        for enrollment in &people {
            self.seat(enrollment, &class).ok();
        }
        self.move_class(&class, "running").ok();
        let body =
            json!({ "enrollments": people, "override_reason": "Uji ulang di lapangan", "confirm": given::doubts() });
        self.office_now().post(&format!("/classes/{class}/completions"), body).ok();
        class
    }

    /// Puts a logo on the certificates of the host.
    pub fn put_logo(&self) {
        let template = format!("/partners/{}/certificate-template", self.host);
        let etag = self.office.get(&template).ok().etag();
        let call = self.office.call("PUT", &format!("{template}/logo")).if_match(&etag);
        call.bytes(given::bytes(&given::logo())).send().ok();
    }

    /// Enrollments of so many new students, in the order of the waiting list.
    pub fn queue(&self, people: usize) -> Vec<String> {
        (0..people).map(|_| self.waiting(&self.student())).collect()
    }

    /// Takes a step of an enrollment as the office, as it stands at this moment.
    #[track_caller]
    pub fn step(&self, enrollment: &str, body: Value) -> Answer {
        step(&self.office_now(), enrollment, body)
    }

    /// Gives a waiting person a seat, whoever else waits.
    #[track_caller]
    pub fn seat(&self, enrollment: &str, class: &str) -> Answer {
        self.step(enrollment, json!({ "to": "active", "class": class, "reason": "Keputusan dinas" }))
    }

    /// Works out who would sit where in the stage's cohort.
    #[track_caller]
    pub fn seating_plan(&self) -> Answer {
        seating_plan(&self.office_now(), &self.cohort)
    }

    /// Gives the seats as they come out at this moment; the plan of it.
    #[track_caller]
    pub fn fill(&self) -> String {
        fill(&self.office_now(), &self.cohort)
    }

    /// An offer of a seat in a class of its own, to the first who waits.
    #[track_caller]
    pub fn offer(&self) -> Value {
        let class = self.class_of(1);
        let leaving = self.waiting(&self.student());
        self.waiting(&self.student());
        self.seat(&leaving, &class).ok();
        self.step(&leaving, json!({ "to": "dropped_out", "reason": "Bekerja" })).ok();
        self.office_now().all(&format!("/seat-offers?open=true&class={class}")).remove(0)
    }

    /// Moves a class on as the office, whoever is missing.
    #[track_caller]
    pub fn move_class(&self, class: &str, to: &str) -> Answer {
        let office = self.office_now();
        let path = format!("/classes/{class}");
        let etag = office.get(&path).ok().etag();
        let body = json!({ "to": to, "confirm": ["class.below_minimum"], "reason": "Pengajar pindah tugas" });
        office.post_change(&format!("{path}/state"), &etag, body)
    }

    /// Makes the timetable of a class and gives its sessions in order of time.
    #[track_caller]
    pub fn timetable(&self, class: &str) -> Vec<Value> {
        let made = self.office_now().call("POST", &format!("/classes/{class}/timetable")).send().ok();
        made.json()["sessions"].as_array().expect("a list").clone()
    }

    /// Turns the clock to the morning of a session.
    pub fn morning_of(&self, session: &Value) {
        self.app.set_clock(&format!("{}T03:00:00Z", text(&session["held_on"])));
    }

    /// Turns the clock to the morning of a session and saves its register as the office.
    #[track_caller]
    pub fn hold(&self, session: &Value, marks: &[(&str, &str)]) -> Answer {
        self.morning_of(session);
        save(&self.office_now(), session, marks)
    }

    /// Teaches the stage's own class to its end: everyone is always there.
    #[track_caller]
    pub fn teach(&self, members: &[String]) {
        self.move_class(&self.class, "running").ok();
        let marks: Vec<(&str, &str)> = members.iter().map(|member| (member.as_str(), "H")).collect();
        for session in self.timetable(&self.class) {
            self.hold(&session, &marks).ok();
        }
    }

    /// Records the same score of every component for these people.
    #[track_caller]
    pub fn score(&self, class: &str, members: &[String], points: &str) -> Answer {
        let scores: Vec<Value> = members
            .iter()
            .flat_map(|member| ["theory", "practice"].map(|component| score(member, component, points)))
            .collect();
        self.office_now().post(&format!("/classes/{class}/scores"), json!({ "scores": scores }))
    }

    /// Everyone of the stage's class comes to the end of it and completes.
    #[track_caller]
    pub fn graduate(&self, members: &[String]) {
        self.teach(members);
        self.score(&self.class, members, "82.5").ok();
        self.office_now().post(&format!("/classes/{}/completions", self.class), given::decision()).ok();
    }

    /// Issues what is missing for a class.
    #[track_caller]
    pub fn issue(&self, class: &str) -> Answer {
        self.office_now().call("POST", &format!("/classes/{class}/certificates")).send()
    }
}

/// Takes a step of an enrollment as it stands at this moment.
#[track_caller]
pub fn step(staff: &Staff<'_>, enrollment: &str, body: Value) -> Answer {
    let path = format!("/enrollments/{enrollment}");
    let etag = staff.get(&path).ok().etag();
    staff.post_change(&format!("{path}/transitions"), &etag, body)
}

/// Works out who would sit where in a cohort.
#[track_caller]
pub fn seating_plan(staff: &Staff<'_>, cohort: &str) -> Answer {
    staff.call("POST", &format!("/cohorts/{cohort}/seating-plans")).send().created()
}

/// Gives the seats of a cohort as they come out at this moment; the plan of it.
#[track_caller]
pub fn fill(staff: &Staff<'_>, cohort: &str) -> String {
    let plan = seating_plan(staff, cohort);
    apply_plan(staff, &plan.id(), &plan.etag()).ok();
    plan.id()
}

/// Gives the seats of a plan as it was read.
#[track_caller]
pub fn apply_plan(staff: &Staff<'_>, plan: &str, etag: &str) -> Answer {
    staff.call("POST", &format!("/seating-plans/{plan}/application")).if_match(etag).send()
}

/// People of a plan who get no seat, and why.
#[track_caller]
pub fn left(staff: &Staff<'_>, plan: &str) -> Vec<(String, String)> {
    let rows = staff.all(&format!("/seating-plans/{plan}/rows"));
    let rows = rows.iter().filter(|row| row["outcome"] != "seat");
    rows.map(|row| (text(&row["enrollment"]).to_owned(), text(&row["why_not"]).to_owned())).collect()
}

/// Saves the register of a session.
#[track_caller]
pub fn save(staff: &Staff<'_>, session: &Value, marks: &[(&str, &str)]) -> Answer {
    let marks: Vec<Value> =
        marks.iter().map(|(enrollment, mark)| json!({ "enrollment": enrollment, "mark": mark })).collect();
    let path = format!("/sessions/{}/attendance", text(&session["id"]));
    staff.call("PUT", &path).json(&json!({ "marks": marks })).send()
}

/// One score to record.
pub fn score(enrollment: &str, component: &str, points: &str) -> Value {
    json!({ "enrollment": enrollment, "component": component, "score": points })
}

/// A text that must be there.
#[track_caller]
pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// Counts rows of a list by the text of a member.
pub fn tally(rows: &[Value], member: &str) -> std::collections::BTreeMap<String, usize> {
    let mut counts = std::collections::BTreeMap::new();
    for row in rows {
        *counts.entry(text(&row[member]).to_owned()).or_default() += 1;
    }
    counts
}
