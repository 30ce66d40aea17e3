//! What must be unique is held by the tables themselves, whatever the program thinks; and refusals of single values.

use diesel::RunQueryDsl;
use vokasi_core::error::Error;

use crate::harness::{App, given, id, json};

/// Puts a changed copy of the only row of a table beside it; the code of what the table says to that.
fn copy(app: &App, table: &str, condition: &str, change: &str) -> &'static str {
    let mut connection = app.connect();
    let mut run = |sql: &str| diesel::sql_query(sql).execute(&mut connection).map(drop);
    run(&format!("CREATE TEMPORARY TABLE copied AS SELECT * FROM {table} WHERE {condition} LIMIT 1")).unwrap();
    run(&format!("UPDATE copied SET id = id + 1000000, {change}")).unwrap();
    let refused = run(&format!("INSERT INTO {table} SELECT * FROM copied"));
    run("DROP TABLE copied").unwrap();
    Error::from(refused.expect_err("the table has taken it")).code.name
}

both! {
    fn a_second_row_in_the_same_place_is_refused(app: &App) {
        let stage = app.stage();
        let other = format!("class_id = {}", id(&stage.class_of(2)).as_i64());
        let members = vec![stage.seated(&stage.student())];
        stage.teach(&members);
        stage.score(&stage.class, &members, "75").ok();
        let office = stage.office_now();
        office.post(&format!("/classes/{}/completions", stage.class), given::decision()).ok();
        office.post(&format!("/classes/{}/certificates", stage.class), json!({})).ok();
        let here = "1 = 1";
        assert_eq!(copy(app, "sessions", here, "instructor_id = NULL"), "session.taken");
        assert_eq!(copy(app, "sessions", here, &other), "session.taken");
        assert_eq!(copy(app, "scores", here, "score = 9900"), "assessment.attempt_taken");
        assert_eq!(copy(app, "completions", here, "outcome = 'completed'"), "completion.already_recorded");
        let another = "code = 'ANOTHERCODEANOTHERCODEANOT', sequence = sequence + 1";
        let other_number = format!("{another}, number = 'lain'");
        assert_eq!(copy(app, "certificates", here, &other_number), "certificate.already_issued");
        let revoked = "code = 'ANOTHERCODEANOTHERCODEANOT', sequence = sequence + 1, revoked_on = '2025-08-12'";
        assert_eq!(copy(app, "certificates", here, revoked), "certificate.number_taken");
        assert_eq!(copy(app, "issuer_keys", here, "kid = 'another'"), "resource.stale");
        assert_eq!(copy(app, "status_lists", here, "taken = 0"), "resource.stale");
    }

    fn nobody_is_registered_for_another_province(app: &App) {
        let stage = app.stage();
        let elsewhere = app.stage_in("53.01");
        let (cohort, student) = (id(&stage.cohort), id(&elsewhere.student()));
        let refused = app.db().write(app.now(), move |tx| {
            let operator = vokasi_core::access::Actor::operator();
            vokasi_core::enrollment::apply(tx, &operator, cohort, student)
        });
        assert_eq!(refused.unwrap_err().code.name, "cohort.other_province");
        assert_eq!(app.count("enrollments"), 0);
    }

    fn a_curriculum_says_what_it_cannot_mean(app: &App) {
        let office = app.office("18");
        let mut curriculum = given::curriculum();
        curriculum["completion"]["minimum_attendance"] = json!("100.01");
        curriculum["completion"]["components"][0]["weight"] = json!("40.005");
        curriculum["prerequisites"] = json!([{ "any_of": [{ "program": "JPN-N5", "level": "N5" }] }]);
        let refused = office.post("/programs", given::program("JPN-N4").with("curriculum", curriculum));
        refused.invalid(&[
            ("/curriculum/completion/minimum_attendance", "percent.range"),
            ("/curriculum/completion/components/0/weight", "percent.range"),
            ("/curriculum/prerequisites/0/any_of/0", "program.need"),
        ]);
        // Nobody passes an exam that there is not, and a predicate has nothing to be worked out from.
        let mut impossible = given::curriculum();
        impossible["completion"]["external_exam"] = json!({ "exam": "JLPT", "level": "N6" });
        impossible["completion"]["components"] = json!([]);
        impossible["prerequisites"] = json!([
            { "any_of": [{ "exam": "JLPT", "level": "N5" }, { "exam": "jft", "level": "A2" }] },
            { "any_of": [{ "exam": "BNSP", "level": "Barista" }, { "exam": "JFT-Basic", "level": "A2.1" }] },
        ]);
        let refused = office.post("/programs", given::program("JPN-N4").with("curriculum", impossible)).invalid(&[
            ("/curriculum/completion/external_exam/level", "field.unknown_value"),
            ("/curriculum/completion/predicates", "program.predicates_alone"),
            ("/curriculum/prerequisites/0/any_of/1/exam", "field.unknown_value"),
        ]);
        let refused = refused.json();
        let allowed = |at: usize| refused["errors"][at]["facts"]["allowed"].clone();
        assert!(refused["errors"].as_array().unwrap().iter().any(|one| one["facts"]["allowed"] == "N5, N4, N3, N2, N1"));
        assert_eq!(allowed(2), "JLPT, JFT-Basic, HSK, TOCFL, CEFR-EN, BNSP");
        let program = office.post("/programs", given::program("HOSP")).created().id();
        let early = given::cohort(&program)
            .with("starts_on", "2024-07-22")
            .with("ends_on", "2025-07-21")
            .with("registration_opens_on", "2024-06-01")
            .with("registration_closes_on", "2024-07-31");
        office.post("/cohorts", early).refused("program.not_valid_yet");
    }

    fn a_mark_is_credited_once(app: &App) {
        let mut curriculum = given::curriculum();
        curriculum["completion"]["credited_marks"] = json!(["H", "H"]);
        let refused = app.office("18").post("/programs", given::program("JPN-N4").with("curriculum", curriculum));
        refused.invalid(&[("/curriculum/completion/credited_marks", "field.duplicate")]);
        assert_eq!(app.count("programs"), 0);
    }

    fn a_formula_that_failed_is_named_by_its_cell(app: &App) {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (column, header) in ["Nama", "JK", "Tanggal Lahir", "NIK", "NISN", "Rombel Saat Ini"].iter().enumerate() {
            sheet.write(0, u16::try_from(column).unwrap(), *header).unwrap();
        }
        sheet.write_formula(1, 0, rust_xlsxwriter::Formula::new("=Z1/0").set_result("#DIV/0!")).unwrap();
        let cells = ["P", "2007-08-17", "1807055708070001", "0079000001", "XII TKJ 1"];
        for (column, cell) in (1..).zip(cells) {
            sheet.write(1, column, cell).unwrap();
        }
        let coordinator = app.coordinator(&app.school("18.07"));
        let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
        let planned = coordinator.upload("/imports", xlsx, &book.save_to_buffer().unwrap()).created();
        let rows = coordinator.get(&format!("{}/rows", planned.location())).ok().items();
        let findings: Vec<_> = rows[0]["findings"].as_array().unwrap().iter().map(|one| (&one["cell"], &one["code"])).collect();
        assert_eq!(findings, [(&json!("A2"), &json!("cell.fault"))]);
    }
}
