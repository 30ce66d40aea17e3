//! Paper that a class takes to the office.

use crate::harness::path::text;
use crate::harness::{App, json};
use crate::workbooks::grid;

/// The cells of the rows of people, as text; a number without its fraction.
fn lines(bytes: &[u8]) -> Vec<Vec<String>> {
    let sheet = grid(bytes);
    let people = sheet.iter().skip(12).take_while(|row| row[0].to_string().parse::<u32>().is_ok());
    people.map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

both! {
    fn a_recap_adds_up_to_the_marks(app: &App) {
        let stage = app.stage();
        stage.office.patch(&format!("/classes/{}", stage.class), "\"1\"", json!({ "seats": 10 })).ok();
        let members: Vec<String> = (0..2).map(|_| stage.seated(&stage.student())).collect();
        let late = stage.waiting(&stage.student());
        stage.move_class(&stage.class, "running").ok();
        let sessions = stage.timetable(&stage.class);
        stage.hold(&sessions[0], &[(&members[0], "H"), (&members[1], "S")]).ok();
        stage.hold(&sessions[1], &[(&members[0], "T"), (&members[1], "H")]).ok();
        // Somebody who came late was no member before that day, and is not marked yet.
        stage.step(&late, json!({ "to": "active", "class": stage.class, "reason": "Keputusan dinas" })).ok();
        stage.hold(&sessions[2], &[(&members[0], "A"), (&members[1], "H")]).ok();
        let path = format!("/classes/{}/attendance-recap/xlsx", stage.class);
        let office = stage.office_now();
        let answer = office.get(&path).ok();
        assert_eq!(answer.header("content-language"), Some("id"));
        let file = format!("attachment; filename=\"rekap-kehadiran-{}.xlsx\"", stage.class);
        assert_eq!(answer.header("content-disposition"), Some(file.as_str()));
        let sheet = grid(&answer.bytes);
        let facts: Vec<String> = sheet[1..9].iter().map(|row| row[2].to_string()).collect();
        assert_eq!(facts[5], "12 / 16", "{facts:?}");
        assert_eq!(facts[6], "80");
        let roster = office.get(&format!("/classes/{}/roster", stage.class)).ok().json();
        let people = roster["lines"].as_array().unwrap();
        let lines = lines(&answer.bytes);
        assert_eq!(lines.len(), people.len());
        for (line, person) in lines.iter().zip(people) {
            let marks: &[&str] = match text(&person["enrollment"]) {
                one if one == members[0] => &["H", "T", "A", "1", "1", "0", "0", "1", "0", "8", "12", "66.67"],
                one if one == members[1] => &["S", "H", "H", "2", "0", "1", "0", "0", "0", "8", "12", "66.67"],
                one => {
                    assert_eq!(one, late);
                    &["–", "", "", "0", "0", "0", "0", "0", "2", "0", "8", "0"]
                }
            };
            assert_eq!(line[1], text(&person["name"]));
            assert_eq!(line[3..], *marks, "{line:?}");
            assert_eq!(line.last().unwrap(), text(&person["rate"]["percent"]));
        }
        let english = office.call("GET", &path).language("en").send().ok();
        assert_eq!(grid(&english.bytes)[0][0].to_string(), "RECAP OF PARTICIPANTS' ATTENDANCE");
        // It was taken away twice, and once more by the school, which has its own students alone.
        let school = app.coordinator(&stage.school);
        assert_eq!(self::lines(&school.get(&path).ok().bytes).len(), 3);
        app.observer("18").get(&path).denied();
        assert_eq!(app.count_where("audit_events", "action = 'attendance.recap_taken'"), 3);
    }

    fn a_recap_of_a_class_that_has_not_begun_is_a_list_of_names(app: &App) {
        let stage = app.stage();
        stage.seated(&stage.student());
        let recap = stage.office.get(&format!("/classes/{}/attendance-recap/xlsx", stage.class)).ok();
        let lines = lines(&recap.bytes);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0][3..], ["0", "0", "0", "0", "0", "0", "0", "0", ""]);
    }
}
