//! Bodies with sensible defaults. A story names what matters to it: `given::school(1).with("npsn", "10809001")`.

use serde_json::{Value, json};

use super::App;

/// The body of a request, to be varied.
#[derive(Debug, Clone)]
pub struct Body(Value);

impl Body {
    /// With this member, in place of the default.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0[name] = value.into();
        self
    }

    /// Without this member.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.as_object_mut().expect("a body is an object").remove(name);
        self
    }
}

impl From<Body> for Value {
    fn from(body: Body) -> Self {
        body.0
    }
}

/// Any body, for what has no builder.
pub fn body(value: Value) -> Body {
    Body(value)
}

/// A state vocational school in Lampung Timur.
pub fn school(number: u32) -> Body {
    Body(json!({
        "kind": "school_smk",
        "name": format!("SMKN {number} Way Harapan"),
        "regency": "18.07",
        "npsn": format!("108{number:05}"),
        "state_owned": true,
        "valid_from": "2020-07-01",
        "head": head(),
    }))
}

/// A private training institution in Bandar Lampung.
pub fn lpk(number: u32) -> Body {
    Body(json!({
        "kind": "lpk",
        "name": format!("LPK Cahaya Selatan {number}"),
        "regency": "18.71",
        "vin": format!("VIN-{number:04}"),
        "valid_from": "2019-01-01",
        "head": head(),
    }))
}

/// A service token for these operations.
pub fn service_token(operations: &[&str]) -> Body {
    Body(json!({ "name": "Papan angka", "operations": operations, "expires_on": "2026-06-30" }))
}

/// Somebody who signs.
pub fn head() -> Value {
    json!({ "name": "Rohmat Wirya", "title": "Kepala", "nip": "197805172005011003" })
}

/// What the certificates of an institution look like, apart from a logo.
pub fn template() -> Value {
    json!({
        "number_pattern": "[number:3]/LPK-CS/[month:2]/[year]",
        "heading": "Yayasan Cahaya Nusantara",
        "address": "Jl. Melati No. 7, Sukadana",
        "contact": "(0725) 555-0142 · lpk@example.org",
        "accreditation": { "id": "Terakreditasi B", "en": "Accredited B" },
        "second_signatory": { "name": "Wulan Sari", "title": "Kepala Pelatihan", "nip": "198005172005012004" },
        "back_page": "modules",
    })
}

/// A logo as a file of which each character is a byte.
pub fn logo() -> Value {
    Value::String(png([200, 40, 90]).into_iter().map(char::from).collect())
}

/// The bytes of such a file.
pub fn bytes(file: &Value) -> Vec<u8> {
    file.as_str().expect("a file").chars().map(|byte| u8::try_from(byte).expect("a byte")).collect()
}

/// A PNG of one colour, which says who made it.
pub fn png(colour: [u8; 3]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, 300, 200);
    encoder.set_color(png::ColorType::Rgb);
    encoder.add_text_chunk("Author".to_owned(), "Siti Aminah".to_owned()).expect("a text");
    let pixels = colour.repeat(300 * 200);
    encoder.write_header().expect("a header").write_image_data(&pixels).expect("pixels");
    file
}

impl App {
    /// The id of a school that was entered before the story begins.
    pub fn school(&self, regency: &str) -> String {
        self.partner(school(u32::try_from(self.number()).expect("a small number")).with("regency", regency))
    }

    /// The id of a training institution that was entered before the story begins.
    pub fn lpk(&self, regency: &str) -> String {
        self.partner(lpk(u32::try_from(self.number()).expect("a small number")).with("regency", regency))
    }

    /// The id of a partner that was entered before the story begins.
    pub fn partner(&self, body: Body) -> String {
        let province = body.0["regency"].as_str().expect("a regency")[..2].to_owned();
        self.office(&province).post("/partners", body).created().id()
    }
}

/// A program with two modules, two components and no prerequisite.
pub fn program(code: &str) -> Body {
    Body(json!({
        "code": code,
        "name": { "id": "Perhotelan", "en": "Hospitality" },
        "valid_from": "2025-01-01",
        "curriculum": curriculum(),
    }))
}

/// 16 lesson hours, so that a class of four a week meets four times.
pub fn curriculum() -> Value {
    let name = |id: &str, en: &str| json!({ "id": id, "en": en });
    json!({
        "minutes_per_lesson_hour": 45,
        "segments": [
            { "segment": "alumni", "usual_months": 3 },
            { "segment": "grade_xii", "usual_months": 12 },
            { "segment": "public", "usual_months": 3 },
        ],
        "modules": [
            { "code": "HOSP-01", "title": name("Pengantar", "Introduction"), "kind": "theory", "lesson_hours": 4 },
            { "code": "HOSP-02", "title": name("Tata Graha", "Housekeeping"), "kind": "practice", "lesson_hours": 12 },
        ],
        "completion": {
            "minimum_attendance": "80",
            "credited_marks": ["H", "T"],
            "components": [
                { "code": "theory", "name": name("Teori", "Theory"), "weight": "40", "minimum": "55" },
                { "code": "practice", "name": name("Praktik", "Practice"), "weight": "60", "minimum": "60" },
            ],
            "external_exam": null,
            "predicates": [
                { "minimum": "80", "name": name("Memuaskan", "Very good") },
                { "minimum": "60", "name": name("Cukup", "Sufficient") },
            ],
        },
        "prerequisites": [],
    })
}

/// An agreement with a partner over a program, in force for two years, without a limit of seats.
pub fn agreement(partner: &str, program: &str) -> Body {
    Body(json!({
        "partner": partner,
        "kind": "pks",
        "number": "420/118/V.01/DP.2/2025",
        "title": "Pelatihan Perhotelan bagi Siswa Kelas XII",
        "signed_on": "2025-06-16",
        "starts_on": "2025-07-01",
        "ends_on": "2027-06-30",
        "programs": [program],
    }))
}

/// A grade-XII cohort of a year that begins on the day of the story; registration is open.
pub fn cohort(program: &str) -> Body {
    Body(json!({
        "program": program,
        "segment": "grade_xii",
        "name": "2025/2026",
        "starts_on": "2025-07-21",
        "ends_on": "2026-07-20",
        "registration_opens_on": "2025-06-01",
        "registration_closes_on": "2025-07-31",
        "seats_wanted": 60,
        "class_size": 30,
    }))
}

/// A class of two seats that meets on Mondays for four lesson hours.
pub fn class(cohort: &str, partner: &str, agreement: &str) -> Body {
    Body(json!({
        "cohort": cohort,
        "partner": partner,
        "agreement": agreement,
        "name": "Perhotelan A",
        "seats": 2,
        "minimum": 1,
        "slots": [{ "weekday": 1, "starts_at": "07:30", "lesson_hours": 4 }],
    }))
}

/// A session made by hand, for four lesson hours in the afternoon.
pub fn session(held_on: &str) -> Body {
    Body(json!({ "held_on": held_on, "starts_at": "13:00", "lesson_hours": 4 }))
}

/// Weeks in which a partner's people are at an internship, Monday to Thursday.
pub fn days_off(partner: &str) -> Body {
    Body(json!({
        "partner": partner,
        "kind": "internship",
        "title": "PKL kelas XII",
        "starts_on": "2025-09-01",
        "ends_on": "2025-11-28",
        "weekdays": [1, 2, 3, 4],
    }))
}

/// A student of grade XII, 17 years old when the story begins.
pub fn student(number: u32) -> Body {
    Body(json!({
        "name": "Siti Nur'aini",
        "sex": "female",
        "birth_place": "Sukadana",
        "birth_date": "2007-08-17",
        "nik": format!("180705570807{number:04}"),
        "nisn": format!("0079{number:06}"),
        "homeroom": "XII TKJ 1",
        "phone": "081234567891",
        "guardian": { "name": "Sri Wahyuni", "relation": "mother", "phone": "081234567890" },
        "confirm": ["participant.namesake"],
    }))
}

/// A mother's consent on paper, given a few days before.
pub fn consent() -> Body {
    Body(json!({
        "purpose": "training",
        "text_version": "2025-07",
        "given_by": "mother",
        "giver_name": "Sri Wahyuni",
        "method": "paper",
        "given_on": "2025-07-18",
    }))
}

/// A BNSP competency test that was passed before the story begins.
pub fn competency(name: &str) -> Body {
    Body(json!({ "scheme": "BNSP", "level": name, "taken_on": "2025-06-02", "result": "passed" }))
}

/// A school's Dapodik file with 48 students of grade XII and nothing wrong in it.
pub fn dapodik() -> String {
    let file = crate::tidy::root().join("fixtures/workbooks/dapodik-good.csv");
    std::fs::read_to_string(file).expect("the fixture is there")
}

/// What a student's mother asks about the student's data.
pub fn person_request(kind: &str) -> Body {
    Body(json!({ "kind": kind, "asked_by": "mother", "asker_name": "Sri Wahyuni" }))
}

/// An instructor's phone is lost on the day of the story.
pub fn incident(concerned: Value) -> Body {
    Body(json!({
        "happened_at": "2025-07-20T09:00:00Z",
        "found_at": "2025-07-21T00:30:00Z",
        "what": "Ponsel pengajar hilang dalam keadaan masuk ke register.",
        "kinds": ["name", "schooling"],
        "concerned": concerned,
    }))
}

/// What is confirmed of a class that is decided on before anything else is known of it.
pub fn doubts() -> Value {
    json!([
        "completion.sessions_unreported",
        "completion.hours_to_come",
        "session.uncovered",
        "completion.unmarked",
        "completion.disputed",
        "completion.no_result",
    ])
}

/// A decision on everyone of a class, whatever is still to come.
pub fn decision() -> Value {
    json!({ "confirm": doubts() })
}
