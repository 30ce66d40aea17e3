//! Jobs: long work that outlives the request, is followed, ended, and done once.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use vokasi_core::id::Id;
use vokasi_core::import::{Progress, Stage};

use crate::harness::path::text;
use crate::harness::{Answer, App, Staff, Value, at_once, figures_add_up, given, id, json, soon};

const GOOD: &[u8] = include_bytes!("../fixtures/workbooks/dapodik-good.csv");
const MIXED: &[u8] = include_bytes!("../fixtures/workbooks/dapodik-mixed.xlsx");

/// Every warning of the mixed workbook.
const WARNINGS: [&str; 3] = ["nik.birth_date_differs", "nisn.padded", "phone.padded"];

/// A coordinator of the workbooks' school.
fn coordinator(app: &App) -> Staff<'_> {
    app.coordinator(&app.partner(given::school(1).with("npsn", "10809001")))
}

/// Has a file planned later.
fn bring(staff: &Staff<'_>, bytes: &[u8]) -> Answer {
    bring_to(staff, "/imports", bytes)
}

fn bring_to(staff: &Staff<'_>, path: &str, bytes: &[u8]) -> Answer {
    let call = staff.call("POST", path).header("prefer", "respond-async");
    call.header("content-type", "application/octet-stream").bytes(bytes.to_vec()).send()
}

/// Has an act on an import done later, as the import is read now.
fn ask(staff: &Staff<'_>, import: &str, act: &str, confirm: &[&str]) -> Answer {
    let import = format!("/imports/{import}");
    let etag = staff.get(&import).ok().etag();
    let call = staff.call("POST", &format!("{import}/{act}")).header("prefer", "respond-async");
    call.if_match(&etag).json(&json!({ "confirm": confirm })).send()
}

fn job(staff: &Staff<'_>, asked: &Answer) -> Value {
    staff.get(&format!("/jobs/{}", asked.id())).ok().json()
}

fn state(staff: &Staff<'_>, asked: &Answer) -> String {
    text(&job(staff, asked)["state"]).to_owned()
}

/// The plan of a file, made by a job.
fn planned(app: &App, staff: &Staff<'_>, bytes: &[u8]) -> String {
    let asked = bring(staff, bytes).status(202);
    app.work();
    text(&job(staff, &asked)["import"]).to_owned()
}

/// A place on a job's way where it stops until it may go on.
struct Halt {
    reached: Receiver<()>,
    // Dropped, it lets go.
    _go: Sender<()>,
}

impl Halt {
    /// Before this stage of this job, or of any.
    fn before(stage: Stage, of: Option<Id>) -> (impl Fn(Id, Progress) + Send + Sync + 'static, Self) {
        let ((tell, reached), (go, may_go)) = (channel(), channel::<()>());
        let may_go = Mutex::new(may_go);
        let onlooker = move |id: Id, progress: Progress| {
            if progress.stage == stage && progress.done == 0 && of.is_none_or(|of| of == id) {
                // Whoever has gone away lets it go on.
                let _ = tell.send(());
                let _ = may_go.lock().unwrap().recv();
            }
        };
        (onlooker, Self { reached, _go: go })
    }
}

/// The events of a job as they are sent.
struct Events(BufReader<TcpStream>);

impl Events {
    fn of(staff: &Staff<'_>, asked: &Answer) -> Self {
        let host = staff.app.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        write!(
            stream,
            "GET /api/v1/jobs/{}/events HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nAccept-Encoding: gzip\r\n\
             Connection: close\r\n\r\n",
            asked.id(),
            staff.access_token
        )
        .unwrap();
        Self(BufReader::new(stream))
    }

    /// The next event: its name, its id and the job.
    fn next(&mut self) -> Option<(String, String, Value)> {
        let (mut name, mut tag) = (String::new(), String::new());
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).unwrap() == 0 {
                return None;
            }
            match line.trim_end().split_once(": ") {
                Some(("event", event)) => event.clone_into(&mut name),
                Some(("id", id)) => id.clone_into(&mut tag),
                Some(("data", data)) => return Some((name, tag, serde_json::from_str(data).unwrap())),
                _ => {}
            }
        }
    }
}

both! {
    fn a_file_is_planned_written_and_taken_back_after_the_answer(app: &App) {
        let staff = coordinator(app);
        let asked = bring(&staff, GOOD).status(202);
        assert_eq!(asked.header("preference-applied"), Some("respond-async"));
        assert_eq!(asked.location(), format!("/api/v1/jobs/{}", asked.id()));
        let waiting = json!({
            "id": asked.id(), "kind": "plan", "state": "queued", "school": asked.json()["school"], "class": null,
            "import": null, "stage": null, "done": 0, "total": 48, "result": null, "problem": null, "ending": false,
            "created_at": "2025-07-21T01:00:00Z", "created_by": staff.id, "started_at": null, "ended_at": null,
            "cancelled_by": null,
        });
        assert_eq!(asked.json(), waiting);
        let seen = staff.get(&asked.location()).ok();
        assert_eq!((seen.json(), seen.header("retry-after")), (waiting, Some("1")));
        assert_eq!(app.count("imports"), 0);
        assert!(app.count_where("jobs", "file_sealed LIKE '%Siti%'") == 0 && app.count_where("jobs", "file_sealed IS NOT NULL") == 1);

        app.wait(chrono::Duration::seconds(5));
        app.work();
        let done = staff.get(&asked.location()).ok();
        assert_eq!(done.header("retry-after"), None);
        let import = text(&done.json()["import"]).to_owned();
        let made = staff.get(&format!("/imports/{import}")).ok().json();
        assert_eq!((text(&made["state"]), &made["summary"]["new"]), ("planned", &json!(48)));
        let done = done.json();
        assert_eq!((text(&done["state"]), &done["done"], &done["result"]["rows"]), ("done", &json!(48), &json!(48)));
        assert_eq!((text(&done["started_at"]), text(&done["ended_at"])), ("2025-07-21T01:00:05Z", "2025-07-21T01:00:05Z"));
        assert_eq!(app.count_where("jobs", "file_sealed IS NOT NULL"), 0);

        let asked = ask(&staff, &import, "application", &[]).status(202);
        assert_eq!((text(&asked.json()["kind"]), asked.json()["import"] == json!(import)), ("application", true));
        assert_eq!(app.count("participants"), 0);
        app.work();
        assert_eq!(job(&staff, &asked)["result"], json!({ "registered": 48, "corrected": 0, "enrolled": 0 }));
        assert_eq!((app.count("participants"), state(&staff, &asked)), (48, "done".to_owned()));
        let applied = staff.get(&format!("/imports/{import}")).ok().json();
        assert_eq!((text(&applied["state"]), text(&applied["applied_by"])), ("applied", staff.id.as_str()));

        let asked = ask(&staff, &import, "undo", &[]).status(202);
        app.work();
        assert_eq!(job(&staff, &asked)["result"], json!({ "removed": 48, "restored": 0, "withdrawn": 0 }));
        assert_eq!(app.count("participants"), 0);

        let kinds: Vec<Value> = staff.all("/jobs?limit=2").into_iter().map(|job| job["kind"].clone()).collect();
        assert_eq!(kinds, ["plan", "application", "undo"]);
        assert!(staff.get("/jobs?state=queued").ok().items().is_empty());
        staff.get("/jobs?state=lost").invalid(&[("/state", "field.unknown_value")]);
        figures_add_up(app);
    }

    fn without_the_preference_everything_is_done_before_the_answer(app: &App) {
        let staff = coordinator(app);
        for wish in ["wait=10", "return=minimal", ""] {
            let call = staff.call("POST", "/imports").header("prefer", wish).header("content-type", "text/csv");
            let made = call.bytes(GOOD.to_vec()).send().created();
            assert_eq!(made.header("preference-applied"), None);
        }
        let call = staff.call("POST", "/imports").header("prefer", "wait=1, Respond-Async;x=1");
        call.header("content-type", "text/csv").bytes(GOOD.to_vec()).send().status(202);
    }

    fn a_repeat_is_told_of_the_same_job(app: &App) {
        let staff = coordinator(app);
        let send = || {
            let call = staff.call("POST", "/imports").key("once").header("prefer", "respond-async");
            call.header("content-type", "text/csv").bytes(GOOD.to_vec()).send().status(202)
        };
        let (first, again) = (send(), send());
        assert_eq!((first.json(), first.location()), (again.json(), again.location()));
        assert_eq!(again.header("preference-applied"), Some("respond-async"));
        app.work();
        let import = text(&job(&staff, &first)["import"]).to_owned();
        let etag = staff.get(&format!("/imports/{import}")).ok().etag();
        let asked = at_once(4, |_| ask(&staff, &import, "application", &[]));
        let ids: Vec<String> = asked.into_iter().map(|answer| answer.status(202).id()).collect();
        assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
        assert_eq!(app.count_where("jobs", "kind = 'application'"), 1);
        ask(&staff, &import, "undo", &[]).status(409).refused("job.open");
        app.work();
        ask(&staff, &import, "application", &[]).status(409).refused("import.applied");
        let call = staff.call("POST", &format!("/imports/{import}/application")).header("prefer", "respond-async");
        call.if_match(&etag).json(&json!({})).send().status(412).refused("resource.stale");
        assert_eq!(app.count("participants"), 48);
        ask(&staff, &import, "undo", &[]).status(202);
        app.work();
        ask(&staff, &import, "undo", &[]).status(409).refused("import.undone");
        let other = planned(app, &staff, GOOD);
        ask(&staff, &other, "undo", &[]).status(409).refused("import.not_applied");
    }

    fn what_a_job_fails_by_is_what_the_request_would_have_been_told(app: &App) {
        let staff = coordinator(app);
        let import = planned(app, &staff, MIXED);
        let at = format!("/imports/{import}");
        let etag = staff.get(&at).ok().etag();
        let told = staff.post_change(&format!("{at}/application"), &etag, json!({})).status(409).refused("import.warnings");
        let asked = ask(&staff, &import, "application", &[]).status(202);
        app.work();
        let failed = job(&staff, &asked);
        assert_eq!((text(&failed["state"]), &failed["problem"], &failed["result"]), ("failed", &told.json(), &Value::Null));
        let english = staff.call("GET", &format!("/jobs/{}", asked.id())).language("en").send().ok().json();
        assert!(text(&english["problem"]["title"]).starts_with("There are warnings to confirm: nik.birth_date_differs"));
        assert_eq!(app.count("participants"), 0);
        // It may be asked for again.
        let asked = ask(&staff, &import, "application", &WARNINGS).status(202);
        app.work();
        assert_eq!((state(&staff, &asked), app.count("participants")), ("done".to_owned(), 27));
    }

    fn a_job_that_waits_is_ended_at_once(app: &App) {
        let staff = coordinator(app);
        let asked = bring(&staff, GOOD).status(202);
        let cancel = || staff.call("POST", &format!("/jobs/{}/cancellation", asked.id())).send();
        let ended = cancel().ok().json();
        assert_eq!((text(&ended["state"]), text(&ended["cancelled_by"])), ("cancelled", staff.id.as_str()));
        assert_eq!(cancel().ok().json(), ended, "a repeat changes nothing");
        assert_eq!(app.count_where("audit_events", "action = 'job.cancelled'"), 1);
        assert_eq!(app.count_where("jobs", "file_sealed IS NULL"), 1);
        app.work();
        assert_eq!((state(&staff, &asked), app.count("imports")), ("cancelled".to_owned(), 0));
        let done = bring(&staff, GOOD).status(202);
        app.work();
        let path = format!("/jobs/{}/cancellation", done.id());
        staff.call("POST", &path).send().status(409).refused("job.ended");
    }

    fn a_job_that_runs_ends_at_the_next_row_and_writes_nothing(app: &App) {
        let staff = coordinator(app);
        let import = planned(app, &staff, GOOD);
        let asked = ask(&staff, &import, "application", &[]).status(202);
        let (onlooker, halt) = Halt::before(Stage::Writing, None);
        thread::scope(|scope| {
            scope.spawn(|| app.work_before(onlooker));
            halt.reached.recv().unwrap();
            let running = job(&staff, &asked);
            // It stands before the last stage and has said so of the one before.
            assert_eq!((text(&running["state"]), text(&running["stage"])), ("running", "checking"));
            let cancel = || staff.call("POST", &format!("/jobs/{}/cancellation", asked.id())).send();
            let cancelling = scope.spawn(cancel);
            soon(|| job(&staff, &asked)["ending"] == true);
            drop(halt);
            cancelling.join().unwrap().ok();
        });
        let ended = job(&staff, &asked);
        assert_eq!((text(&ended["state"]), text(&ended["cancelled_by"])), ("cancelled", staff.id.as_str()));
        assert_eq!((&ended["ending"], &ended["problem"], app.count("participants")), (&json!(false), &Value::Null, 0));
        assert_eq!(app.count_where("audit_events", "action = 'job.cancelled'"), 1);
        assert_eq!(app.count_where("audit_events", "action = 'import.applied'"), 0);
        ask(&staff, &import, "application", &[]).status(202);
        app.work();
        assert_eq!(app.count("participants"), 48);
    }

    fn a_job_is_followed_to_its_end(app: &App) {
        let staff = coordinator(app);
        let asked = bring(&staff, GOOD).status(202);
        let mut events = Events::of(&staff, &asked);
        let (name, _, first) = events.next().unwrap();
        assert_eq!((name.as_str(), text(&first["state"])), ("progress", "queued"));
        let (onlooker, halt) = Halt::before(Stage::Writing, None);
        let last = thread::scope(|scope| {
            scope.spawn(|| app.work_before(onlooker));
            halt.reached.recv().unwrap();
            let running = loop {
                let (name, _, job) = events.next().unwrap();
                assert_eq!(name, "progress");
                if job["stage"] == "checking" {
                    break job;
                }
            };
            assert_eq!((text(&running["state"]), &running["total"]), ("running", &json!(48)));
            drop(halt);
            let mut last = None;
            while let Some(event) = events.next() {
                last = Some(event);
            }
            last.unwrap()
        });
        let (name, tag, ended) = last;
        assert_eq!((name.as_str(), ended), ("end", job(&staff, &asked)));
        // Whoever comes again is told what was missed, and nothing when nothing was.
        let again = |tag: &str| staff.call("GET", &format!("/jobs/{}/events", asked.id())).header("last-event-id", tag).send();
        assert_eq!(again(&tag).no_content().bytes.len(), 0);
        let missed = again("1.-.0.0").ok();
        assert_eq!(missed.header("content-type"), Some("text/event-stream"));
        assert_eq!(missed.header("content-encoding").unwrap_or("identity"), "identity");
        assert!(missed.text().starts_with(&format!("event: end\nid: {tag}\ndata: {{")), "{missed}");
    }

    fn one_who_may_no_longer_look_is_told_no_more(app: &App) {
        let staff = coordinator(app);
        let asked = bring(&staff, GOOD).status(202);
        let mut events = Events::of(&staff, &asked);
        events.next().unwrap();
        staff.delete("/logins/current").no_content();
        assert!(events.next().is_none());
        app.work();
        let mut rest = String::new();
        events.0.read_to_string(&mut rest).unwrap();
        assert_eq!(rest, "");
    }

    fn a_file_of_one_province_does_not_wait_for_that_of_another(app: &App) {
        let (here, there) = (coordinator(app), app.office("31"));
        let school = app.school("31.71");
        let held = bring(&here, GOOD).status(202);
        let (onlooker, halt) = Halt::before(Stage::Checking, Some(id(&held.id())));
        thread::scope(|scope| {
            scope.spawn(|| app.work_before(onlooker));
            halt.reached.recv().unwrap();
            let asked = bring_to(&there, &format!("/imports?school={school}"), GOOD).status(202);
            app.work();
            let import = text(&job(&there, &asked)["import"]).to_owned();
            let asked = ask(&there, &import, "application", &[]).status(202);
            app.work();
            assert_eq!((state(&there, &asked), app.count("participants")), ("done".to_owned(), 48));
            assert_eq!(state(&here, &held), "running");
            drop(halt);
        });
        assert_eq!(state(&here, &held), "done");
    }

    fn jobs_of_others_are_not_there(app: &App) {
        let staff = coordinator(app);
        let asked = bring(&staff, GOOD).status(202);
        let neighbour = app.coordinator(&app.school("18.07"));
        for stranger in [app.office("53"), neighbour] {
            stranger.get(&format!("/jobs/{}", asked.id())).not_there();
            stranger.get(&format!("/jobs/{}/events", asked.id())).not_there();
            stranger.call("POST", &format!("/jobs/{}/cancellation", asked.id())).send().not_there();
            assert!(stranger.get("/jobs").ok().items().is_empty());
        }
        assert_eq!(app.office("18").get("/jobs").ok().items().len(), 1);
        assert_eq!(state(&staff, &asked), "queued");
    }

    fn a_job_has_the_rights_of_whoever_asked_as_they_are_when_it_runs(app: &App) {
        let office = app.office("18");
        let school = app.partner(given::school(1).with("npsn", "10809001"));
        let failed = |answer: &Answer| {
            let job = job(&office, answer);
            (text(&job["state"]).to_owned(), text(&job["problem"]["code"]).to_owned())
        };
        let gone = app.coordinator(&school);
        let of_gone = bring(&gone, GOOD).status(202);
        let account = format!("/staff/{}", gone.id);
        office.patch(&account, &office.get(&account).ok().etag(), json!({ "disabled": true })).ok();
        let moved = app.coordinator(&school);
        let of_moved = bring(&moved, GOOD).status(202);
        app.run(&format!("UPDATE accounts SET role = 'observer', partner_id = NULL WHERE id = {}", id(&moved.id).as_i64()));
        let token = office.post("/service-tokens", given::service_token(&["import", "partner.read"])).ok().json();
        let path = format!("/imports?school={school}");
        let machine = app.call("POST", &path).token(text(&token["token"])).header("prefer", "respond-async");
        let by_machine = machine.header("content-type", "text/csv").bytes(GOOD.to_vec()).send().status(202);
        office.delete(&format!("/service-tokens/{}", text(&token["service_token"]["id"]))).no_content();
        app.work();
        assert_eq!(failed(&of_gone), ("failed".to_owned(), "job.asker_gone".to_owned()));
        assert_eq!(failed(&of_moved), ("failed".to_owned(), "access.denied".to_owned()));
        assert_eq!(failed(&by_machine), ("failed".to_owned(), "job.asker_gone".to_owned()));
        assert_eq!(app.count("imports"), 0);
    }

    fn a_job_whose_program_is_gone_gets_another_turn(app: &App) {
        let staff = coordinator(app);
        let asked = bring(&staff, GOOD).status(202);
        app.run("UPDATE jobs SET state = 'running', attempts = 1, version = 2");
        app.work();
        assert_eq!((state(&staff, &asked), app.count("imports")), ("done".to_owned(), 1));
        assert_eq!(app.count_where("jobs", "attempts = 2"), 1);
        // Not for ever.
        let asked = bring(&staff, GOOD).status(202);
        app.run("UPDATE jobs SET state = 'running', attempts = 10 WHERE ended_at IS NULL");
        app.work();
        let given_up = job(&staff, &asked);
        assert_eq!((text(&given_up["state"]), text(&given_up["problem"]["code"])), ("failed", "job.gave_up"));
        assert_eq!(given_up["problem"]["facts"], json!({ "attempts": "10" }));
        // One that somebody ended meanwhile is not begun again.
        let asked = bring(&staff, GOOD).status(202);
        app.run("UPDATE jobs SET state = 'running', attempts = 1 WHERE ended_at IS NULL");
        let path = format!("/jobs/{}/cancellation", asked.id());
        assert_eq!(staff.call("POST", &path).send().ok().json()["ending"], true);
        app.work();
        assert_eq!((state(&staff, &asked), app.count("imports")), ("cancelled".to_owned(), 1));
    }

    fn a_slow_program_that_was_taken_for_dead_writes_nothing(app: &App) {
        let staff = coordinator(app);
        let asked = bring(&staff, GOOD).status(202);
        let (onlooker, halt) = Halt::before(Stage::Checking, None);
        thread::scope(|scope| {
            scope.spawn(|| app.work_before(onlooker));
            halt.reached.recv().unwrap();
            // Another one has begun anew.
            app.run("UPDATE jobs SET attempts = attempts + 1");
            drop(halt);
        });
        // Nobody is there who does it, so it is found left, and done once.
        assert_eq!((state(&staff, &asked), app.count("imports")), ("done".to_owned(), 1));
        assert_eq!(app.count_where("jobs", "attempts = 3"), 1);
    }

    fn a_stop_lets_go_of_jobs_and_of_those_who_follow_them(app: &App) {
        let staff = coordinator(app);
        let import = planned(app, &staff, GOOD);
        let asked = ask(&staff, &import, "application", &[]).status(202);
        let mut events = Events::of(&staff, &asked);
        events.next().unwrap();
        let (onlooker, halt) = Halt::before(Stage::Writing, None);
        thread::scope(|scope| {
            scope.spawn(|| app.work_before(onlooker));
            halt.reached.recv().unwrap();
            app.let_go();
            while events.next().is_some() {}
            drop(halt);
        });
        assert_eq!((state(&staff, &asked), app.count("participants")), ("queued".to_owned(), 0));
    }

    fn progress_goes_through_its_stages(app: &App) {
        let staff = coordinator(app);
        let import = planned(app, &staff, GOOD);
        ask(&staff, &import, "application", &[]).status(202);
        let told = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&told);
        app.work_before(move |_, progress| seen.lock().unwrap().push((progress.stage, progress.done, progress.total)));
        let told = told.lock().unwrap().clone();
        assert_eq!(
            told,
            [(Stage::Reading, 0, 48), (Stage::Checking, 0, 48), (Stage::Writing, 0, 48), (Stage::Writing, 48, 48)]
        );
    }

    fn jobs_go_ninety_days_after_they_ended(app: &App) {
        let staff = coordinator(app);
        bring(&staff, GOOD).status(202);
        app.work();
        let waiting = bring(&staff, GOOD).status(202);
        let due = |province: &str| {
            let rules = app.office(province).get("/retention").ok().json();
            rules.as_array().unwrap().iter().find(|rule| rule["kind"] == "jobs").unwrap()["count"].clone()
        };
        app.wait(chrono::Duration::days(90));
        assert_eq!(due("18"), 0);
        app.wait(chrono::Duration::seconds(1));
        assert_eq!((due("18"), due("53")), (json!(1), json!(0)));
        crate::privacy::swept(app);
        assert_eq!(app.count("jobs"), 1);
        assert_eq!(app.count_where("jobs", &format!("id = {}", id(&waiting.id()).as_i64())), 1);
    }
}
