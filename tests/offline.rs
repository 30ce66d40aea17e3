//! Marks that were made without a network: late, twice, out of order, from two phones and the office.

use crate::harness::path::{save, text};
use crate::harness::{Answer, App, Staff, Stage, Value, at_once, given, json};

const RINA: &str = "ponsel-rina";
const BUDI: &str = "ponsel-budi";

/// A stage whose class runs, with these members and its four sessions.
fn running(app: &App, members: usize) -> (Stage<'_>, Vec<String>, Vec<Value>) {
    let stage = app.stage();
    let members: Vec<String> = (0..members).map(|_| stage.seated(&stage.student())).collect();
    stage.move_class(&stage.class, "running").ok();
    let sessions = stage.timetable(&stage.class);
    (stage, members, sessions)
}

/// The identity that a device gives its mark.
fn uuid(number: u32) -> String {
    format!("0198f2a4-7c1e-7000-8000-{number:012}")
}

/// A mark that a device has made, of somebody who was unmarked there.
fn made(number: u32, session: &Value, enrollment: &str, mark: &str) -> Value {
    json!({
        "id": uuid(number), "session": session["id"], "enrollment": enrollment, "mark": mark, "place": number,
        "made_at": "2025-07-21T01:00:00Z",
    })
}

/// The same by somebody who had seen the register.
fn seeing(seen: &Value, mut mark: Value) -> Value {
    mark["seen"] = seen.clone();
    mark
}

#[track_caller]
fn send(staff: &Staff<'_>, device: &str, marks: &[Value]) -> Answer {
    staff.call("POST", "/attendance-batches").json(&json!({ "device": device, "marks": marks })).send().ok()
}

/// The result of each mark: its word, or the code of its refusal.
fn results(answer: &Answer) -> Vec<String> {
    let told = |one: &Value| text(one["code"].as_str().map_or(&one["result"], |_| &one["code"])).to_owned();
    answer.json()["results"].as_array().unwrap().iter().map(told).collect()
}

fn register(stage: &Stage<'_>, session: &Value) -> Value {
    stage.instructor_now().get(&format!("/sessions/{}/attendance", text(&session["id"]))).ok().json()
}

/// What the register says of a person.
fn mark(stage: &Stage<'_>, session: &Value, enrollment: &str) -> Value {
    let register = register(stage, session);
    let line = register["lines"].as_array().unwrap().iter().find(|line| line["enrollment"] == enrollment).cloned();
    line.unwrap()["mark"].clone()
}

fn clashes(stage: &Stage<'_>) -> Vec<Value> {
    stage.instructor_now().all("/attendance-clashes?open=true")
}

/// The values of a clash, in the order of their letters.
fn values(clash: &Value) -> Vec<String> {
    let mut marks: Vec<String> =
        clash["values"].as_array().unwrap().iter().map(|one| text(&one["mark"]).to_owned()).collect();
    marks.sort();
    marks
}

/// The names of an answer's members, however much is in its lists.
fn form(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut members: Vec<String> =
                members.iter().map(|(name, value)| format!("{name}:{}", form(value))).collect();
            members.sort();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => {
            let mut forms: Vec<String> = items.iter().map(form).collect();
            forms.sort();
            forms.dedup();
            format!("[{}]", forms.join("|"))
        }
        _ => String::new(),
    }
}

both! {
    fn a_batch_is_taken_once_and_answers_mark_by_mark(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        let stranger = stage.waiting(&stage.student());
        app.set_clock("2025-07-28T09:00:00Z");
        let instructor = stage.instructor_now();
        let marks = [
            made(1, &sessions[0], &members[0], "H"),
            made(2, &sessions[1], &members[0], "A"),
            made(3, &sessions[0], &stranger, "H"),
            made(4, &sessions[2], &members[0], "H"),
            made(5, &json!({ "id": "0CZ5V9K3M7Q2J" }), &members[0], "H"),
            made(6, &sessions[0], &members[1], "X"),
        ];
        let first = send(&instructor, RINA, &marks);
        let refused = ["attendance.not_a_member", "session.future", "resource.not_found", "field.unknown_value"];
        let expected = [["stored", "stored"].as_slice(), &refused].concat();
        assert_eq!(results(&first), expected);
        assert_eq!(
            first.json()["results"][0],
            json!({ "id": uuid(1), "result": "stored", "code": null, "detail": null })
        );
        assert_eq!(first.json()["results"][2]["result"], "refused");
        assert_eq!(register(&stage, &sessions[0])["session"]["state"], "held");
        // Sent again, whole or in parts, it says the same and does nothing.
        let before = (app.count("audit_events"), register(&stage, &sessions[0]));
        assert_eq!(results(&send(&instructor, RINA, &marks)), expected);
        assert_eq!(results(&send(&instructor, RINA, &[marks[1].clone()])), ["stored"]);
        assert_eq!((app.count("audit_events"), register(&stage, &sessions[0])), before);
        assert_eq!((app.count("attendance"), app.count("attendance_entries")), (2, 2));
        assert_eq!(app.count("attendance_corrections"), 0);
    }

    fn an_identity_is_of_one_mark(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        stage.morning_of(&sessions[0]);
        let instructor = stage.instructor_now();
        let first = made(1, &sessions[0], &members[0], "H");
        send(&instructor, RINA, std::slice::from_ref(&first));
        let reused = "attendance.entry_reused";
        assert_eq!(results(&send(&instructor, RINA, &[made(1, &sessions[0], &members[0], "A")])), [reused]);
        assert_eq!(results(&send(&instructor, BUDI, std::slice::from_ref(&first))), [reused]);
        assert_eq!(results(&send(&app.manager(&stage.host), RINA, std::slice::from_ref(&first))), [reused]);
        let mut wrong = first.clone();
        wrong["id"] = json!("satu");
        assert_eq!(results(&send(&instructor, RINA, &[wrong])), ["attendance.entry_id"]);
        let future = seeing(&json!(i64::MAX), made(2, &sessions[0], &members[0], "A"));
        assert_eq!(results(&send(&instructor, RINA, &[future])), ["attendance.seen"]);
        assert_eq!(mark(&stage, &sessions[0], &members[0]), "H");
        let whole = |body: Value| instructor.call("POST", "/attendance-batches").json(&body).send();
        whole(json!({ "device": "x", "marks": [first] })).invalid(&[("/device", "field.text")]);
        whole(json!({ "device": RINA, "marks": [] })).invalid(&[("/marks", "field.length")]);
    }

    fn a_disputed_mark_is_confirmed_before_a_decision_and_is_the_provinces_after(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        for session in &sessions {
            stage.hold(session, &[(&members[0], "H")]).ok();
        }
        stage.score(&stage.class, &members, "80").ok();
        let manager = app.manager(&stage.host);
        assert_eq!(results(&send(&manager, BUDI, &[made(1, &sessions[3], &members[0], "A")])), ["clash"]);
        let path = format!("/classes/{}/completions", stage.class);
        let refused = manager.post(&path, json!({})).refused("input.confirmation_required").json();
        assert_eq!(refused["facts"]["warnings"], "completion.disputed");
        manager.post(&path, json!({ "confirm": ["completion.disputed"] })).ok();
        // What says the same is taken, and anything else is for the province.
        assert_eq!(results(&send(&manager, BUDI, &[made(2, &sessions[2], &members[0], "H")])), ["same"]);
        assert_eq!(results(&send(&manager, BUDI, &[made(3, &sessions[2], &members[0], "A")])), ["attendance.decided"]);
        let clash = stage.office_now().get("/attendance-clashes").ok().items().remove(0);
        let clash = format!("/attendance-clashes/{}", text(&clash["id"]));
        let etag = stage.office_now().get(&clash).ok().etag();
        let resolution = format!("{clash}/resolution");
        let choose = json!({ "choose": uuid(1) });
        manager.post_change(&resolution, &etag, choose.clone()).status(409).refused("attendance.decided");
        stage.office_now().post_change(&resolution, &etag, choose).ok();
        assert_eq!(mark(&stage, &sessions[3], &members[0]), "A");
    }

    fn what_agrees_is_stored_once_and_what_was_seen_is_corrected(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        stage.morning_of(&sessions[0]);
        let instructor = stage.instructor_now();
        assert_eq!(results(&send(&instructor, RINA, &[made(1, &sessions[0], &members[0], "A")])), ["stored"]);
        assert_eq!(results(&send(&instructor, BUDI, &[made(2, &sessions[0], &members[0], "A")])), ["same"]);
        let seen = register(&stage, &sessions[0])["register_at"].clone();
        let late = seeing(&seen, made(3, &sessions[0], &members[0], "T"));
        assert_eq!(results(&send(&instructor, BUDI, &[late])), ["stored"]);
        assert_eq!((mark(&stage, &sessions[0], &members[0]), clashes(&stage)), (json!("T"), vec![]));
        // A phone corrects itself without having heard from anybody, and out of order.
        let marks = [made(5, &sessions[0], &members[0], "S"), made(4, &sessions[0], &members[0], "H")];
        assert_eq!(results(&send(&instructor, BUDI, &marks)), ["stored", "superseded"]);
        assert_eq!((mark(&stage, &sessions[0], &members[0]), clashes(&stage)), (json!("S"), vec![]));
        let earlier = format!("/sessions/{}/attendance/{}/corrections", text(&sessions[0]["id"]), members[0]);
        let earlier = stage.instructor_now().get(&earlier).ok().json();
        let earlier: Vec<&Value> = earlier.as_array().unwrap().iter().map(|one| &one["mark"]).collect();
        assert_eq!(earlier, [&json!("A"), &json!("T")]);
    }

    fn two_who_had_not_seen_one_another_are_asked_of_a_person(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        app.set_clock("2025-07-21T08:00:00Z");
        let instructor = stage.instructor_now();
        let who = |at: usize| members[at].as_str();
        for (first, second) in [(0, 1), (1, 0)] {
            // Of one person Rina's phone comes first, of the other Budi's.
            let phones = [(RINA, "H"), (BUDI, "A")];
            let (device, letter) = phones[first];
            send(&instructor, device, &[made(u32::try_from(first).unwrap() + 10, &sessions[0], who(first), letter)]);
            let (device, letter) = phones[second];
            let number = u32::try_from(first).unwrap() + 20;
            let sent = send(&instructor, device, &[made(number, &sessions[0], who(first), letter)]);
            assert_eq!(results(&sent), ["clash"]);
            assert_eq!(mark(&stage, &sessions[0], who(first)), phones[first].1, "what was there stays");
        }
        let open = clashes(&stage);
        assert_eq!(open.iter().map(values).collect::<Vec<_>>(), [["A", "H"], ["A", "H"]]);
        let clash = open.iter().find(|clash| clash["enrollment"] == members[0]).unwrap().clone();
        assert_eq!(
            clash,
            json!({
                "id": clash["id"], "class": stage.class, "session": sessions[0]["id"], "held_on": "2025-07-21",
                "starts_at": "07:30", "enrollment": members[0], "name": clash["name"], "state": "open",
                "opened_at": "2025-07-21T08:00:00Z", "closed_at": null, "closed_by": null, "closed_by_name": null, "holds": null,
                "values": [
                    {
                        "choose": "register", "mark": "H", "minutes_late": null, "note": null,
                        "marked_by": stage.instructor.id, "marked_by_name": "Wulan Sari", "device": RINA,
                        "made_at": "2025-07-21T01:00:00Z", "received_at": "2025-07-21T08:00:00Z",
                    },
                    {
                        "choose": uuid(20), "mark": "A", "minutes_late": null, "note": null,
                        "marked_by": stage.instructor.id, "marked_by_name": "Wulan Sari", "device": BUDI,
                        "made_at": "2025-07-21T01:00:00Z", "received_at": "2025-07-21T08:00:00Z",
                    },
                ],
            })
        );
        // The sheet says of whom there is one.
        let sheet = stage.instructor_now().get(&format!("/sessions/{}/sheet", text(&sessions[0]["id"]))).ok().json();
        assert!(sheet["lines"].as_array().unwrap().iter().all(|line| line["clash"].is_string()), "{sheet}");
        let path = format!("/attendance-clashes/{}", text(&clash["id"]));
        let resolution = format!("{path}/resolution");
        let office = stage.office_now();
        let etag = office.get(&path).ok().etag();
        let choose = |what: &str| json!({ "choose": what });
        office.post_change(&resolution, &etag, choose(&uuid(99))).invalid(&[("/choose", "reference.unknown")]);
        office.post_change(&resolution, &etag, choose("satu")).invalid(&[("/choose", "attendance.entry_id")]);
        app.set_clock("2025-07-21T09:00:00Z");
        let office = stage.office_now();
        let resolved = office.post_change(&resolution, &etag, choose(&uuid(20))).ok();
        let body = resolved.json();
        assert_eq!((&body["state"], &body["holds"]), (&json!("resolved"), &json!("A")));
        assert_eq!((&body["closed_by"], &body["closed_by_name"]), (&json!(office.id), &json!("Wulan Sari")));
        // What was said stays said by whom it was said, also after another change.
        assert_eq!(body["values"], clash["values"]);
        save(&office, &sessions[0], &[(who(0), "I")]).ok();
        assert_eq!(office.get(&path).ok().json()["values"], clash["values"]);
        save(&office, &sessions[0], &[(who(0), "A")]).ok();
        let earlier = office.get(&format!("/sessions/{}/attendance/{}/corrections", text(&sessions[0]["id"]), who(0)));
        let earlier = earlier.ok().json();
        let first = ["mark", "marked_by_name", "made_on", "made_at", "replaced_by_name"].map(|name| earlier[0][name].clone());
        assert_eq!(first, [json!("H"), json!("Wulan Sari"), json!(RINA), json!("2025-07-21T01:00:00Z"), json!("Wulan Sari")]);
        assert_eq!(mark(&stage, &sessions[0], who(0)), "A");
        office.post_change(&resolution, &resolved.etag(), choose("register")).refused("attendance.clash_closed");
        assert_eq!(clashes(&stage).len(), 1);
        // The other keeps what the register says.
        let other = office.all("/attendance-clashes?open=true").remove(0);
        office.acts(&format!("/attendance-clashes/{}", text(&other["id"])), "resolution", choose("register"));
        assert_eq!((mark(&stage, &sessions[0], who(1)), clashes(&stage)), (json!("A"), vec![]));
        // What comes of that time once more is still known; what is new and knew nothing is asked again.
        let instructor = stage.instructor_now();
        assert_eq!(results(&send(&instructor, BUDI, &[made(20, &sessions[0], who(0), "A")])), ["clash"]);
        assert_eq!(results(&send(&instructor, "ponsel-cici", &[made(30, &sessions[0], who(0), "T")])), ["clash"]);
    }

    fn what_its_own_writer_took_back_is_no_longer_offered(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        app.set_clock("2025-07-21T08:00:00Z");
        let (instructor, who) = (stage.instructor_now(), members[0].as_str());
        send(&instructor, RINA, &[made(10, &sessions[0], who, "H")]);
        assert_eq!(results(&send(&instructor, BUDI, &[made(20, &sessions[0], who, "A")])), ["clash"]);
        assert_eq!(results(&send(&instructor, BUDI, &[made(21, &sessions[0], who, "S")])), ["clash"]);
        let clash = clashes(&stage).remove(0);
        assert_eq!(values(&clash), ["H", "S"]);
        let path = format!("/attendance-clashes/{}", text(&clash["id"]));
        let office = stage.office_now();
        let (etag, resolution) = (office.get(&path).ok().etag(), format!("{path}/resolution"));
        let choose = |number| json!({ "choose": uuid(number) });
        office.post_change(&resolution, &etag, choose(20)).invalid(&[("/choose", "reference.unknown")]);
        let resolved = office.post_change(&resolution, &etag, choose(21)).ok().json();
        // Once it is over, everything that was ever said in it is shown.
        assert_eq!((&resolved["holds"], values(&resolved)), (&json!("S"), ["A", "H", "S"].map(str::to_owned).to_vec()));
    }

    fn late_marks_of_somebody_who_went_to_another_partner_are_taken(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        let other = stage.class_at(&app.lpk(stage.regency));
        app.set_clock("2025-07-22T03:00:00Z");
        for who in &members {
            let body = json!({ "class": other, "reason": "Keluarga pindah rumah" });
            stage.office_now().acts(&format!("/enrollments/{who}"), "transfers", body);
        }
        // The phone was without a network since the day before.
        let late = [made(1, &sessions[0], &members[0], "H"), made(2, &sessions[1], &members[0], "H")];
        app.set_clock("2025-07-28T08:00:00Z");
        let instructor = stage.instructor_now();
        assert_eq!(results(&send(&instructor, RINA, &late)), ["stored", "attendance.not_a_member"]);
        let saved = save(&instructor, &sessions[0], &[(&members[0], "S"), (&members[1], "H")]).ok().json();
        assert_eq!([&saved["results"][0]["result"], &saved["results"][1]["result"]], ["corrected", "new"]);
        save(&instructor, &sessions[1], &[(&members[0], "H")]).invalid(&[("/marks/0/enrollment", "attendance.not_a_member")]);
        let path = format!("/sessions/{}/attendance", text(&sessions[0]["id"]));
        let register = stage.office_now().get(&path).ok().json();
        let marks = register["lines"].as_array().unwrap().iter().map(|line| text(&line["mark"]));
        assert_eq!(marks.collect::<std::collections::BTreeSet<_>>(), ["H", "S"].into());
        // What the instructor sees is as before.
        let seen = instructor.get(&path).ok().json();
        assert_eq!((seen["lines"].as_array().unwrap().len(), &seen["not_shown"]), (0, &json!(2)));
    }

    fn a_clash_from_before_a_transfer_is_asked_about_and_ends_where_it_arose(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        let host = app.lpk(stage.regency);
        let other = stage.class_at(&host);
        stage.hold(&sessions[0], &[(&members[0], "H")]).ok();
        send(&stage.instructor_now(), BUDI, &[made(1, &sessions[0], &members[0], "A")]);
        app.set_clock("2025-07-22T03:00:00Z");
        let transfer = json!({ "class": other, "reason": "Keluarga pindah rumah" });
        stage.office_now().acts(&format!("/enrollments/{}", members[0]), "transfers", transfer);
        stage.move_class(&other, "running").ok();
        // Whoever decides at the new partner is asked for it: the mark counts there too.
        let doubted = || {
            let preview = app.manager(&host).get(&format!("/classes/{other}/completions")).ok().json();
            preview[0]["doubts"].to_string().contains("completion.disputed")
        };
        assert!(doubted());
        // The instructor whose register it is sees it and decides, though the person is elsewhere by now.
        let [clash] = &clashes(&stage)[..] else { panic!("one clash") };
        assert_eq!((values(clash), &clash["enrollment"]), (vec!["A".to_owned(), "H".to_owned()], &json!(members[0])));
        let path = format!("/attendance-clashes/{}", text(&clash["id"]));
        let etag = stage.instructor_now().get(&path).ok().etag();
        let choose = json!({ "choose": uuid(1) });
        let resolved = stage.instructor_now().post_change(&format!("{path}/resolution"), &etag, choose).ok().json();
        assert_eq!((&resolved["holds"], &resolved["state"]), (&json!("A"), &json!("resolved")));
        assert!(!doubted());
        app.manager(&host).get(&path).not_there();
    }

    fn the_office_at_its_desk_has_seen_what_it_changes(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        app.set_clock("2025-07-21T08:00:00Z");
        let who = members[0].as_str();
        send(&stage.instructor_now(), RINA, &[made(1, &sessions[0], who, "H")]);
        save(&stage.office_now(), &sessions[0], &[(who, "S")]).ok();
        assert_eq!(clashes(&stage), Vec::<Value>::new());
        // The phone goes on from what it knew: it had not seen the office.
        assert_eq!(results(&send(&stage.instructor_now(), RINA, &[made(2, &sessions[0], who, "A")])), ["clash"]);
        assert_eq!(values(&clashes(&stage)[0]), ["A", "S"]);
        // Another change by hand does not end it, unless it is what the other said.
        save(&stage.office_now(), &sessions[0], &[(who, "I")]).ok();
        assert_eq!(values(&clashes(&stage)[0]), ["A", "I"]);
        save(&stage.office_now(), &sessions[0], &[(who, "A")]).ok();
        assert_eq!(clashes(&stage), Vec::<Value>::new());
        let all = stage.office_now().all("/attendance-clashes");
        assert_eq!((&all[0]["state"], &all[0]["holds"]), (&json!("agreed"), &json!("A")));
    }

    fn a_clock_that_is_wrong_decides_nothing(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        stage.morning_of(&sessions[0]);
        let who = members[0].as_str();
        let at = |moment: &str, mut mark: Value| {
            mark["made_at"] = json!(moment);
            mark
        };
        let ahead = at("2031-01-01T00:00:00Z", made(1, &sessions[0], who, "A"));
        let behind = at("2001-01-01T00:00:00Z", made(2, &sessions[0], who, "H"));
        assert_eq!(results(&send(&stage.instructor_now(), RINA, &[ahead, behind])), ["stored", "stored"]);
        assert_eq!(mark(&stage, &sessions[0], who), "H");
        assert_eq!(app.count_where("attendance_entries", "made_at > '2030-01-01'"), 1);
    }

    fn a_batch_that_comes_eight_times_at_once_is_one(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        app.set_clock("2025-08-12T03:00:00Z");
        let instructor = stage.instructor_now();
        let mut marks = Vec::new();
        for (session, first) in sessions.iter().zip([1, 11, 21, 31]) {
            marks.push(made(first, session, &members[0], "H"));
            marks.push(made(first + 1, session, &members[1], "T"));
        }
        for answer in at_once(8, |_| send(&instructor, RINA, &marks)) {
            assert_eq!(results(&answer), vec!["stored"; 8]);
        }
        assert_eq!((app.count("attendance"), app.count("attendance_entries")), (8, 8));
        assert_eq!((app.count("attendance_corrections"), app.count("attendance_clashes")), (0, 0));
    }

    fn a_phone_keeps_two_weeks_and_hears_what_changes(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        let body = stage.instructor_now().get("/registers/bundle").ok().json();
        assert_eq!((&body["from"], &body["until"]), (&json!("2025-07-07"), &json!("2025-08-04")));
        assert_eq!(
            body["classes"],
            json!([{
                "id": stage.class, "name": "Perhotelan A", "state": "running", "instructor": stage.instructor.id,
            }])
        );
        let ids = |list: &Value, member: &str| -> Vec<String> {
            list.as_array().unwrap().iter().map(|one| text(&one[member]).to_owned()).collect()
        };
        let mut people = ids(&body["people"], "enrollment");
        people.sort();
        let mut wanted = members.clone();
        wanted.sort();
        assert_eq!(people, wanted);
        let session_ids = |body: &Value| -> Vec<Value> {
            body["sessions"].as_array().unwrap().iter().map(|one| one["session"]["id"].clone()).collect()
        };
        assert_eq!(session_ids(&body), [0, 1, 2].map(|at: usize| sessions[at]["id"].clone()), "the fourth is too far");
        assert_eq!((&body["more"], &body["gone_classes"]), (&json!(false), &json!([])));
        let since = |cursor: &Value| {
            stage.instructor_now().get(&format!("/registers/bundle?since={}", text(cursor))).ok().json()
        };
        let nothing = since(&body["cursor"]);
        for list in ["classes", "people", "sessions", "gone_classes", "gone_people", "gone_sessions"] {
            assert_eq!(nothing[list], json!([]), "{list}");
        }
        assert_eq!(nothing["cursor"], body["cursor"]);
        // A register, a session called off, somebody who leaves: each is told as it is now, and once.
        save(&stage.office_now(), &sessions[0], &[(&members[0], "H")]).ok();
        let cancelled = format!("/sessions/{}", text(&sessions[1]["id"]));
        stage.office_now().acts(&cancelled, "cancellation", json!({ "reason": "Banjir" }));
        stage.step(&members[1], json!({ "to": "withdrawn", "reason": "Bekerja" })).ok();
        let told = since(&body["cursor"]);
        assert_eq!(session_ids(&told), [sessions[0]["id"].clone()]);
        assert_eq!(told["gone_sessions"], json!([sessions[1]["id"]]));
        let register = &told["sessions"][0];
        assert_eq!(register["marks"].as_array().unwrap().len(), 1);
        assert_eq!(register["marks"][0]["enrollment"], json!(members[0]));
        assert_eq!(register["marks"][0]["mark"], "H");
        assert!(register["register_at"].is_i64(), "{register}");
        let left = &told["people"][0];
        assert_eq!((&left["state"], &left["left_on"]), (&json!("withdrawn"), &json!("2025-07-21")));
        assert_eq!(since(&told["cursor"])["sessions"], json!([]));
        // The old cursor gives the same again; a day later the window has moved on.
        assert_eq!(since(&body["cursor"])["sessions"], told["sessions"]);
        app.set_clock("2025-07-28T03:00:00Z");
        assert_eq!(session_ids(&since(&told["cursor"])), [sessions[3]["id"].clone()]);
        // Another takes the class over; of a session alone only that one is given.
        let substitute = app.instructor(&stage.host);
        let nothing_yet = substitute.get("/registers/bundle").ok().json();
        assert_eq!(nothing_yet["classes"], json!([]));
        let moved = json!({ "instructor": substitute.id, "reason": "Pengajar sakit" });
        stage.office_now().acts(&format!("/sessions/{}", text(&sessions[2]["id"])), "moves", moved);
        let one = substitute.get(&format!("/registers/bundle?since={}", text(&nothing_yet["cursor"]))).ok().json();
        assert_eq!(session_ids(&one), [sessions[2]["id"].clone()]);
        stage.step(&members[0], json!({ "to": "withdrawn", "reason": "Bekerja" })).ok();
        stage.move_class(&stage.class, "cancelled").ok();
        let over = since(&told["cursor"]);
        assert_eq!(over["gone_classes"], json!([stage.class]));
        substitute.get("/registers/bundle?since=x").status(400).refused("query.cursor");
    }

    fn a_corrected_name_reaches_the_phone(app: &App) {
        let (stage, _, _) = running(app, 0);
        let person = stage.student();
        let enrollment = stage.seated(&person);
        let bundle = |since: &str| stage.instructor_now().get(&format!("/registers/bundle{since}")).ok().json();
        let whole = bundle("");
        let since = format!("?since={}", text(&whole["cursor"]));
        let at = format!("/participants/{person}");
        let name = |name: &str| {
            let etag = stage.office_now().get(&at).ok().etag();
            let body = given::student(9500).with("name", name).without("confirm");
            stage.office_now().put(&at, &etag, body).ok();
        };
        name("Siti Aminah");
        let told = bundle(&since);
        assert_eq!((&told["people"][0]["enrollment"], &told["people"][0]["name"]), (&json!(enrollment), &json!("Siti Aminah")));
        assert_eq!((told["people"].as_array().unwrap().len(), &told["sessions"]), (1, &json!([])));
        // What leaves the name as it is, is not told.
        name("Siti Aminah");
        assert_eq!(bundle(&format!("?since={}", text(&told["cursor"])))["people"], json!([]));
    }

    fn an_erasure_reaches_the_phone(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        let who = &members[0];
        let mut sick = made(1, &sessions[0], who, "S");
        sick["note"] = json!("Demam berdarah");
        send(&stage.instructor_now(), RINA, &[sick]);
        stage.step(who, json!({ "to": "withdrawn", "reason": "Bekerja" })).ok();
        let bundle = |since: &str| stage.instructor_now().get(&format!("/registers/bundle{since}")).ok().json();
        let whole = bundle("");
        assert_eq!(whole["sessions"][0]["marks"][0]["note"], "Demam berdarah");
        let person = stage.office_now().get(&format!("/enrollments/{who}")).ok().field("participant");
        stage.granted(&stage.asked(&person, "erasure")).ok();
        // The name and what was said of the person's health go from what the phone keeps; the mark stays.
        let told = bundle(&format!("?since={}", text(&whole["cursor"])));
        let mark = &told["sessions"][0]["marks"][0];
        assert_eq!((&mark["enrollment"], &mark["mark"], &mark["note"]), (&json!(who), &json!("S"), &Value::Null));
        let shown = told.to_string();
        assert!(!shown.contains("Siti") && !shown.contains("Demam"), "{shown}");
        assert_eq!(told["people"][0]["enrollment"], json!(who));
    }

    fn whoever_stands_in_hears_of_the_class_that_becomes_theirs(app: &App) {
        let (stage, _, sessions) = running(app, 1);
        let substitute = app.instructor(&stage.host);
        let session_ids = |body: &Value| -> Vec<Value> {
            body["sessions"].as_array().unwrap().iter().map(|one| one["session"]["id"].clone()).collect()
        };
        let ids = |places: &[usize]| -> Vec<Value> { places.iter().map(|at| sessions[*at]["id"].clone()).collect() };
        let of = |staff: &Staff<'_>, since: &Value| {
            app.signed_in_again(staff).get(&format!("/registers/bundle?since={}", text(since))).ok().json()
        };
        let moved = json!({ "instructor": substitute.id, "reason": "Pengajar sakit" });
        stage.office_now().acts(&format!("/sessions/{}", text(&sessions[1]["id"])), "moves", moved);
        let own = stage.instructor_now().get("/registers/bundle").ok().json();
        let one = substitute.get("/registers/bundle").ok().json();
        assert_eq!(session_ids(&one), ids(&[1]));
        // Long after, the one that nobody reported is still theirs to mark.
        app.set_clock("2025-08-20T03:00:00Z");
        let late = app.signed_in_again(&substitute).get("/registers/bundle").ok().json();
        assert_eq!(session_ids(&late), ids(&[1]));
        let class = format!("/classes/{}", stage.class);
        let give = |who: &str| {
            let etag = stage.office_now().get(&class).ok().etag();
            stage.office_now().patch(&class, &etag, json!({ "instructor": who })).ok();
        };
        give(&substitute.id);
        assert_eq!(session_ids(&of(&substitute, &late["cursor"])), ids(&[0, 1, 2, 3]));
        // What its instructor has not reported stays with them, and nothing else of it.
        let left = of(&stage.instructor, &own["cursor"]);
        assert_eq!((session_ids(&left), &left["gone_sessions"]), (ids(&[0, 2, 3]), &json!([sessions[1]["id"]])));
        let all = app.signed_in_again(&substitute).get("/registers/bundle").ok().json();
        give(&stage.instructor.id);
        assert_eq!(session_ids(&of(&stage.instructor, &left["cursor"])), ids(&[0, 1, 2, 3]));
        let less = of(&substitute, &all["cursor"]);
        assert_eq!(session_ids(&less), ids(&[1]));
        let gone = |at: usize| less["gone_sessions"].as_array().unwrap().contains(&sessions[at]["id"]);
        assert_eq!([0, 1, 2, 3].map(gone), [true, false, true, true]);
    }

    fn a_register_that_is_not_finished_stays_on_the_phone(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        app.set_clock("2025-08-20T03:00:00Z");
        let bundle = |since: &str| stage.instructor_now().get(&format!("/registers/bundle{since}")).ok().json();
        let told = |body: &Value, at: usize| {
            let found = body["sessions"].as_array().unwrap().iter().find(|one| one["session"]["id"] == sessions[at]["id"]);
            found.map(|one| one["marks"].as_array().unwrap().len())
        };
        let whole = bundle("");
        assert_eq!([0, 1].map(|at| told(&whole, at)), [Some(0), Some(0)]);
        let since = format!("?since={}", text(&whole["cursor"]));
        // Half of an old register is sent: the rest of it is still to be marked.
        send(&stage.instructor_now(), RINA, &[made(1, &sessions[0], &members[0], "H")]);
        for body in [bundle(&since), bundle("")] {
            assert_eq!((told(&body, 0), &body["gone_sessions"]), (Some(1), &json!([])));
        }
        send(&stage.instructor_now(), RINA, &[made(2, &sessions[0], &members[1], "H")]);
        let finished = bundle(&since);
        assert_eq!((told(&finished, 0), &finished["gone_sessions"]), (None, &json!([sessions[0]["id"]])));
        assert_eq!(told(&bundle(""), 0), None);
        // Everybody is marked, and one of them twice.
        let both = [made(3, &sessions[1], &members[0], "H"), made(4, &sessions[1], &members[1], "H")];
        send(&stage.instructor_now(), RINA, &both);
        assert_eq!(told(&bundle(""), 1), None);
        send(&stage.instructor_now(), BUDI, &[made(5, &sessions[1], &members[0], "A")]);
        for body in [bundle(&since), bundle("")] {
            assert_eq!(told(&body, 1), Some(2));
        }
        app.set_clock("2025-09-27T03:00:00Z");
        assert_eq!(told(&bundle(""), 1), None, "sixty days are over");
    }

    fn whoever_went_to_another_class_stays_on_the_phone_for_their_days(app: &App) {
        let (stage, members, _) = running(app, 2);
        let body = given::class(&stage.cohort, &stage.host, &stage.agreement).with("name", "Sore");
        let slots = json!([{ "weekday": 2, "starts_at": "13:30", "lesson_hours": 4 }]);
        let other = stage.office.post("/classes", body.with("slots", slots)).created().id();
        let manager = app.manager(&stage.host);
        let cursor = manager.get("/registers/bundle").ok().json()["cursor"].clone();
        let go = |day: &str, who: &str, class: &str| {
            app.set_clock(&format!("{day}T03:00:00Z"));
            let body = json!({ "class": class, "reason": "Keluarga pindah rumah" });
            stage.office_now().acts(&format!("/enrollments/{who}"), "transfers", body);
        };
        go("2025-07-23", &members[0], &other);
        go("2025-07-23", &members[1], &other);
        go("2025-08-01", &members[1], &stage.class);
        let manager = app.signed_in_again(&manager);
        let whole = manager.get("/registers/bundle").ok().json();
        let changed = manager.get(&format!("/registers/bundle?since={}", text(&cursor))).ok().json();
        for body in [whole, changed] {
            assert_eq!(body["gone_people"], json!([]));
            let of = |class: &str, who: &str| -> Value {
                let people = body["people"].as_array().unwrap();
                let one = people.iter().find(|one| one["class"] == class && one["enrollment"] == who).expect("somebody");
                json!([one["seated_on"], one["left_on"], one["earlier"]])
            };
            let first = json!({ "seated_on": "2025-07-21", "left_on": "2025-07-23" });
            assert_eq!(of(&stage.class, &members[0]), json!(["2025-07-21", "2025-07-23", []]));
            assert_eq!(of(&other, &members[0]), json!(["2025-07-23", null, []]));
            assert_eq!(of(&stage.class, &members[1]), json!(["2025-08-01", null, [first]]));
            assert_eq!(of(&other, &members[1]), json!(["2025-07-23", "2025-08-01", []]));
        }
        // The instructor of the first class no longer sees who went to where nobody is theirs.
        let own = stage.instructor_now().get("/registers/bundle").ok().json();
        assert_eq!(own["people"].as_array().unwrap().len(), 1);
    }

    fn the_protocol_shows_what_the_server_sends(app: &App) {
        let (stage, members, sessions) = running(app, 2);
        stage.morning_of(&sessions[0]);
        let refresh = json!({ "refresh_token": stage.instructor_now().refresh_token });
        let login = app.call("POST", "/logins/refresh").json(&refresh).send().ok().json();
        let sent = send(&stage.instructor_now(), RINA, &[
            made(1, &sessions[0], &members[0], "T"), made(2, &sessions[0], &members[0], "X"),
        ]);
        let whole = stage.instructor_now().get("/registers/bundle").ok().json();
        send(&stage.instructor_now(), RINA, &[made(3, &sessions[0], &members[1], "H")]);
        let since = format!("/registers/bundle?since={}", text(&whole["cursor"]));
        let changed = stage.instructor_now().get(&since).ok().json();
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/offline.md")).unwrap();
        let shown: Vec<Value> = page
            .split("```json\n")
            .skip(1)
            .filter_map(|block| serde_json::from_str(block.split("```").next().unwrap()).ok())
            .collect();
        let mut bad = false;
        for (what, answer) in [("sign-in", login), ("bundle", whole), ("changes", changed), ("results", sent.json())] {
            let form = form(&answer);
            if !shown.iter().any(|one| self::form(one) == form) { eprintln!("{what}: {form}\n{answer:#}"); bad = true; }
        }
        assert!(!bad);
    }

    fn a_refusal_names_its_facts(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        app.set_clock("2025-07-21T08:00:00Z");
        let with = |number: u32, name: &str, value: Value| {
            let mut mark = made(number, &sessions[0], &members[0], "T");
            mark[name] = value;
            mark
        };
        let wrong = [
            (with(1, "mark", json!("X")), "field.unknown_value", "H, T, S, I, A"),
            (with(2, "note", json!("a".repeat(201))), "field.length", "200"),
            (with(3, "minutes_late", json!(999)), "field.range", "180"),
            (with(5, "minutes_late", json!(2_147_483_648_u64)), "field.range", "180"),
            (with(6, "minutes_late", json!(-2_147_483_649_i64)), "field.range", "180"),
            (with(7, "minutes_late", json!(u64::MAX)), "field.range", "180"),
            (with(8, "minutes_late", json!(12.5)), "field.type", "REST"),
            (with(9, "minutes_late", json!("12")), "field.type", "REST"),
        ];
        let marks: Vec<Value> = wrong.iter().map(|(mark, ..)| mark.clone()).collect();
        let body = json!({ "device": RINA, "marks": marks });
        for language in ["id", "en"] {
            let answer = stage.instructor_now().call("POST", "/attendance-batches").language(language).json(&body).send().ok().json();
            for (result, (_, code, fact)) in answer["results"].as_array().unwrap().iter().zip(&wrong) {
                let detail = text(&result["detail"]);
                assert_eq!(&result["code"], code);
                assert!(detail.contains(fact) && !detail.contains('{'), "{detail}");
            }
        }
        // None of them keeps another from being taken, and a note of nothing but space is none.
        let marks = [marks[3].clone(), with(4, "note", json!("  "))];
        assert_eq!(results(&send(&stage.instructor_now(), RINA, &marks)), ["field.range", "stored"]);
    }

    fn no_change_is_missed_however_many_write_at_once(app: &App) {
        let (stage, members, mut sessions) = running(app, 1);
        app.set_clock("2025-08-04T08:00:00Z");
        sessions.truncate(3);
        let instructor = stage.instructor_now();
        let mut cursor = text(&instructor.get("/registers/bundle").ok().json()["cursor"]).to_owned();
        let mut known = std::collections::BTreeMap::new();
        for letter in ["H", "A", "S", "I"] {
            // Three registers, and a phone that asks meanwhile.
            let answers = at_once(4, |turn| match sessions.get(turn) {
                Some(session) => save(&instructor, session, &[(&members[0], letter)]),
                None => instructor.get(&format!("/registers/bundle?since={cursor}")),
            });
            let told = answers.into_iter().map(Answer::ok).last().unwrap().json();
            let after = instructor.get(&format!("/registers/bundle?since={}", text(&told["cursor"]))).ok().json();
            for one in told["sessions"].as_array().unwrap().iter().chain(after["sessions"].as_array().unwrap()) {
                known.insert(text(&one["session"]["id"]).to_owned(), one["marks"][0]["mark"].clone());
            }
            assert_eq!(known.values().collect::<Vec<_>>(), vec![&json!(letter); 3]);
            text(&after["cursor"]).clone_into(&mut cursor);
        }
    }

    fn others_have_no_part_in_it(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        stage.morning_of(&sessions[0]);
        let who = members[0].as_str();
        send(&stage.instructor_now(), RINA, &[made(1, &sessions[0], who, "H")]);
        send(&stage.instructor_now(), BUDI, &[made(2, &sessions[0], who, "A")]);
        let path = format!("/attendance-clashes/{}", text(&clashes(&stage)[0]["id"]));
        let elsewhere = app.lpk("18.07");
        for staff in [app.manager(&elsewhere), app.instructor(&elsewhere), app.office("53")] {
            assert_eq!(results(&send(&staff, RINA, &[made(3, &sessions[0], who, "S")])), ["resource.not_found"]);
            assert_eq!(staff.all("/attendance-clashes"), Vec::<Value>::new());
            staff.get(&path).not_there();
            staff.post_change(&format!("{path}/resolution"), "\"1\"", json!({ "choose": "register" })).not_there();
        }
        for staff in [app.coordinator(&stage.school), app.regency_officer("18.07"), app.observer("18")] {
            staff.get("/attendance-clashes").denied();
        }
        assert_eq!(mark(&stage, &sessions[0], who), "H");
    }

    fn everything_that_was_said_of_a_person_is_in_the_dossier(app: &App) {
        let (stage, members, sessions) = running(app, 1);
        let (person, first) = (&members[0], &sessions[0]);
        let mut late = made(1, first, person, "T");
        late["minutes_late"] = json!(10);
        late["note"] = json!("Ban bocor");
        send(&stage.instructor_now(), RINA, &[late]);
        let corrected = json!({ "marks": [{ "enrollment": person, "mark": "H", "minutes_late": null, "note": null }] });
        let path = format!("/sessions/{}/attendance", text(&first["id"]));
        stage.office_now().call("PUT", &path).json(&corrected).send().ok();
        let participant = stage.office_now().get(&format!("/enrollments/{person}")).ok().field("participant");
        let request = stage.asked(&participant, "access");
        let dossier = stage.office_now().post(&format!("/person-requests/{request}/dossier"), json!({})).ok().json();
        let chapter = &dossier["enrollments"][0];
        let (day, now) = (&first["held_on"], "2025-07-21T01:00:00Z");
        assert_eq!(chapter["marks"][0]["mark"], "H");
        let replaced = json!([{
            "held_on": day, "mark": "T", "minutes_late": 10, "note": "Ban bocor", "marked_at": now, "replaced_at": now,
        }]);
        assert_eq!(chapter["replaced_marks"], replaced);
        let sent = json!([{
            "held_on": day, "mark": "T", "minutes_late": 10, "note": "Ban bocor", "made_at": now, "received_at": now,
        }]);
        assert_eq!(chapter["device_marks"], sent);
        let page = stage.office_now().get(&format!("/dossiers/{request}")).ok().text();
        assert!(page.contains("Nilai presensi yang diganti") && page.contains("Dikirim dari gawai"), "{page}");
        assert!(page.contains("T (10 menit) “Ban bocor”"), "{page}");
    }
}
